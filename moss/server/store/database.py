"""The open database: transactions on SQLite (WAL) or PostgreSQL, told in one way. Not here: what is read and written.

SQLite has one writer. Its connection is a pool of one, so those who write wait for it in the order they came, and each
transaction takes the lock when it begins (BEGIN IMMEDIATE): once it has begun, nobody else's lock can make it fail.
Readers have connections of their own and wait for nobody.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import URL, Connection, event, inspect, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from ...errors import UserError
from .errors import Busy, StoreError, Unreachable
from .refusals import refusals_told, told_to_user
from .schema import REVISION
from .text import storable_json
from .url import database_url, make_private, shown, sqlite_file

logger = logging.getLogger(__name__)

Synchronous = Literal["normal", "full"]

BUSY_MS = 5000
"""How long SQLite waits for another process's lock before it says so."""

OPENING_S = 10.0
"""How long a transaction may take to begin, while the database is locked, restarting or out of connections."""

_PAUSE_S = 0.2
"""Between two tries to begin."""

_SCRUB_MS = 100
"""How long a scrub waits for readers; where they are slower, the next transaction scrubs."""

_SCRUB = "moss_scrub"


async def _revision(session: AsyncSession) -> str | None:
    connection = await session.connection()
    if not await connection.run_sync(lambda opened: inspect(opened).has_table("alembic_version")):
        return None
    return (await connection.execute(text("SELECT version_num FROM alembic_version"))).scalar_one_or_none()


def scrub_after(session: AsyncSession) -> None:
    """Says that the transaction deletes what must not be found in the database's files afterwards."""
    session.info[_SCRUB] = True


class Database:
    """One database for the whole process. `create` before the first transaction, `close` after the last."""

    def __init__(self, url: str | Path | URL, *, synchronous: Synchronous = "normal") -> None:
        """Opens nothing yet. `synchronous`: SQLite's commits survive a crash (normal), a loss of power, too (full).

        UserError for a URL that is neither SQLite's nor PostgreSQL's, or where the driver is not installed.
        """
        self.url = database_url(url)
        self.file = sqlite_file(self.url)
        self._synchronous = synchronous
        self._unscrubbed = False
        if self.file is not None:
            self._writers = self._sqlite_engine(writes=True, pool_size=1, max_overflow=0, pool_timeout=OPENING_S)
            self._readers = self._sqlite_engine(writes=False, pool_size=4, max_overflow=4, pool_timeout=OPENING_S)
        else:
            self._writers = self._postgres_engine()
            self._readers = self._writers.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        self._write = async_sessionmaker(self._writers, expire_on_commit=False)
        self._read = async_sessionmaker(self._readers, expire_on_commit=False)

    @property
    def engines(self) -> tuple[AsyncEngine, ...]:
        """What has connections: of SQLite one for writers and one for readers."""
        return (self._writers,) if self.file is None else (self._writers, self._readers)

    async def create(self) -> None:
        """Makes the tables where there are none, and brings older ones up to date (SQLite: after a copy of the file).

        UserError where it cannot be opened, and for a database that a newer version of the code has made.
        """
        if self.file is not None:
            make_private(self.file)
        with told_to_user(self.url):
            # As a writer, who turns the WAL on: that needs the file alone, and nobody reads yet.
            async with self.session() as session:
                revision = await _revision(session)
        if revision != REVISION:
            from .migration import migrate  # Alembic is worth its memory only when there is something to do

            done = await asyncio.to_thread(migrate, self.url)
            kept = "" if done.copy is None else f"; as it was before: {done.copy}"
            logger.info("database %s: revision %s -> %s%s", shown(self.url), done.before, done.after, kept)

    async def revision(self) -> str | None:
        """Which migration the tables come from; None for a database without tables."""
        async with self.reading() as session:
            return await _revision(session)

    async def close(self) -> None:
        """Closes every connection; SQLite folds its WAL into the file."""
        for engine in self.engines:
            await engine.dispose()

    @asynccontextmanager
    async def session(self) -> AsyncIterator[AsyncSession]:
        """One transaction that may write: committed at the end of the block, and nothing of it kept where it raises.

        Beginning is tried again for up to OPENING_S; after that nothing is repeated, since the block may have done more
        than write. Raises Busy, Unreachable or Full (`errors.py`).
        """
        async with self._transaction(self._write) as session:
            yield session
        if self.file is not None and (self._unscrubbed or _SCRUB in session.info):
            await self._scrub()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """One transaction that only reads, one moment's state, and waits for nobody who writes."""
        async with self._transaction(self._read) as session:
            yield session

    @asynccontextmanager
    async def _transaction(self, sessions: async_sessionmaker[AsyncSession]) -> AsyncIterator[AsyncSession]:
        with refusals_told():
            async with sessions() as session:
                await self._begin(session)
                yield session
                await session.commit()

    async def _begin(self, session: AsyncSession) -> None:
        """Takes a connection and, where it writes to SQLite, the lock."""
        deadline = asyncio.get_running_loop().time() + OPENING_S
        while True:
            try:
                with refusals_told():
                    await session.connection()
                return
            except (Busy, Unreachable) as refusal:
                await session.rollback()
                # A server comes back; a file that cannot be opened stays so.
                lasting = self.file is not None and isinstance(refusal, Unreachable)
                if lasting or asyncio.get_running_loop().time() + _PAUSE_S > deadline:
                    raise
                await asyncio.sleep(_PAUSE_S)

    async def _scrub(self) -> None:
        """Folds the WAL into the file, where deleted content is overwritten (`secure_delete`), and empties it."""
        self._unscrubbed = True
        try:
            with refusals_told():
                self._unscrubbed = not await self._checkpoint()
        except StoreError as refusal:
            # What was asked for is committed; the next transaction tries this again.
            logger.warning("deleted content may still be in the database's WAL: %s", refusal)

    async def _checkpoint(self) -> bool:
        """Whether the whole WAL could be folded in; not where somebody still reads from it."""
        async with self._writers.connect() as connection:
            # Past SQLAlchemy, which would begin a transaction: a checkpoint cannot be part of one.
            driver = (await connection.get_raw_connection()).driver_connection
            assert driver is not None
            await driver.execute(f"PRAGMA busy_timeout={_SCRUB_MS}")
            try:
                (row,) = await driver.execute_fetchall("PRAGMA wal_checkpoint(TRUNCATE)")
            finally:
                await driver.execute(f"PRAGMA busy_timeout={BUSY_MS}")
            return not row[0]

    def _sqlite_engine(self, *, writes: bool, **pool: Any) -> AsyncEngine:
        engine = create_async_engine(self.url, json_serializer=storable_json, hide_parameters=True, **pool)

        @event.listens_for(engine.sync_engine, "connect")
        def prepare(connection: Any, _record: Any) -> None:
            connection.isolation_level = None  # the driver would begin by itself, later and without the lock
            cursor = connection.cursor()
            for pragma in self._pragmas(writes):
                cursor.execute(f"PRAGMA {pragma}")
            cursor.close()

        @event.listens_for(engine.sync_engine, "begin")
        def begin(connection: Connection) -> None:
            connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

        return engine

    def _pragmas(self, writes: bool) -> list[str]:
        shared = [f"busy_timeout={BUSY_MS}", "foreign_keys=ON"]
        if not writes:
            return [*shared, "query_only=ON"]
        return [*shared, "journal_mode=WAL", f"synchronous={self._synchronous}", "secure_delete=ON"]

    def _postgres_engine(self) -> AsyncEngine:
        try:
            return create_async_engine(
                self.url,
                json_serializer=storable_json,
                pool_pre_ping=True,
                pool_timeout=OPENING_S,
                hide_parameters=True,
            )
        except ModuleNotFoundError:
            raise UserError("a PostgreSQL database needs its driver: pip install 'moss-lm[postgres]'") from None
