"""Brings a database's tables up to date, in place and after a copy. Not here: what changed (`migrations/versions/`).

There is no way down: whoever wants an older version back takes the copy.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, create_engine, event, inspect, pool, text

from ...errors import UserError
from .backup import copy_database
from .refusals import told_to_user
from .schema import Base
from .url import shown, sqlite_file, synchronous

FOLDER = Path(__file__).parent / "migrations"

_LOCK = 0x6D6F7373
"""PostgreSQL's advisory lock: two servers that start at once do not both migrate. "moss" in ASCII."""


class Migrated(NamedTuple):
    """What was done."""

    before: str | None
    """The revision that was found; None where there were no tables."""
    after: str
    copy: Path | None
    """Where a SQLite file lies as it was before."""


def migrate(url: URL) -> Migrated:
    """Brings the tables to the newest revision, or makes them: all of it or nothing.

    UserError for a database that cannot be opened, or whose revision this version of the code does not know: a newer
    one has made it.
    """
    with told_to_user(url), _connection(url) as connection:
        config = configuration(connection)
        scripts = ScriptDirectory.from_config(config)
        found = MigrationContext.configure(connection).get_current_revision()
        newest = scripts.get_current_head()
        assert newest is not None
        if found == newest:
            return Migrated(found, newest, None)
        if found is None:
            _check_empty(connection)
        elif found not in {script.revision for script in scripts.walk_revisions()}:
            raise UserError(
                f"the database {shown(url)} was made by a newer version of MOSS (revision {found}): install that "
                "version, or restore a backup from before"
            )
        file = sqlite_file(url)
        copy = None if file is None or found is None else _copy(file, found)
        command.upgrade(config, "head")
        return Migrated(found, newest, copy)


def configuration(connection: Connection) -> Config:
    """What Alembic's commands need to work on this connection."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


@contextmanager
def _connection(url: URL) -> Iterator[Connection]:
    """A connection in one transaction that keeps out every other migration, and, on SQLite, every other writer."""
    engine = create_engine(synchronous(url), poolclass=pool.NullPool, hide_parameters=True)
    if engine.dialect.name == "sqlite":
        # Foreign keys stay off, as SQLite has it: a table that is changed is dropped and made again under them.
        event.listen(engine, "connect", lambda raw, _: setattr(raw, "isolation_level", None))
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        yield connection


def _check_empty(connection: Connection) -> None:
    """Raises UserError where tables of something else stand in the way of ours."""
    foreign = sorted(set(inspect(connection).get_table_names()) & set(Base.metadata.tables))
    if foreign:
        where = shown(connection.engine.url)
        raise UserError(f"the database {where} holds tables of something else: {', '.join(foreign)}; give MOSS its own")


def _copy(file: Path, revision: str) -> Path:
    """The database as it was before, beside it: `moss.db.0001-20261121T083000Z`."""
    copy = file.with_name(f"{file.name}.{revision}-{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}")
    copy_database(file, copy)
    return copy
