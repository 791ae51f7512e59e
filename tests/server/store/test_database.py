"""Transactions: what survives cancelling, locks, full disks and a server that is restarted."""

from __future__ import annotations

import asyncio
import random
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from moss.errors import UserError
from moss.server.store import database as opening
from moss.server.store.database import Database
from moss.server.store.errors import Busy, StoreError
from moss.server.store.schema import User, new_id
from tests.server.postgres import Cluster
from tests.server.store.people import somebody

LOCK_FOR_SECONDS = """
import sqlite3, sys, time
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
time.sleep(float(sys.argv[2]))
connection.execute("COMMIT")
"""

WRITE_UNTIL_FULL = """
import asyncio, resource, sys
from pathlib import Path
from moss.server.store.database import Database
from moss.server.store.errors import Full
from moss.server.store.schema import User, new_id

def limit(size):
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

async def add(database):
    user = User(name=new_id(), name_key=new_id(), settings={"padding": "x" * 20_000})
    async with database.session() as session:
        session.add(user)
    print(user.id)

async def main():
    database = Database(sys.argv[1])
    await add(database)
    limit(Path(sys.argv[1]).stat().st_size + 200_000)
    try:
        while True:
            await add(database)
    except Full:
        print("full")
    async with database.reading() as session:
        await session.get(User, "nobody")
    limit(resource.RLIM_INFINITY)
    await add(database)
    await database.close()

asyncio.run(main())
"""


async def count(database: Database) -> int:
    async with database.reading() as session:
        return await session.scalar(select(func.count()).select_from(User)) or 0


async def add(database: Database) -> None:
    async with database.session() as session:
        await somebody(session)


async def test_what_raises_is_not_kept_and_what_reads_writes_nothing(database: Database) -> None:
    async def fail() -> None:
        async with database.session() as session:
            await somebody(session)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    with pytest.raises((StoreError, DBAPIError)):
        async with database.reading() as session:
            await somebody(session)
    assert await count(database) == 0
    await add(database)
    assert await count(database) == 1


async def test_of_60_writers_at_once_half_are_cancelled_and_the_others_commit(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A connection that a cancelled writer kept would block all others: SQLite has one."""
    monkeypatch.setattr(opening, "OPENING_S", 120.0)  # nobody gives up, however slow the machine
    database = Database(database_url)
    committed: list[str] = []

    async def write() -> None:
        async with database.session() as session:
            user = await somebody(session)
            await asyncio.sleep(0)
        committed.append(user.id)

    tasks = [asyncio.create_task(write()) for _ in range(60)]
    for task in random.Random(0).sample(tasks, 30):
        await asyncio.sleep(0.001)
        task.cancel()
    ended = await asyncio.gather(*tasks, return_exceptions=True)
    assert {type(end) for end in ended} <= {type(None), asyncio.CancelledError}
    async with database.reading() as session:
        assert set(committed) <= set(await session.scalars(select(User.id)))
    assert len(committed) >= 30
    assert [engine.pool.checkedout() for engine in database.engines] == [0] * len(database.engines)  # type: ignore[attr-defined]
    await database.close()


async def test_readers_do_not_wait_for_a_writer(database: Database) -> None:
    async with database.session() as session:
        await somebody(session)
        assert await asyncio.wait_for(count(database), 5) == 0
    assert await count(database) == 1


async def locked(file: Path, seconds: float) -> asyncio.subprocess.Process:
    """Another process, which has locked the database for that long."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", LOCK_FOR_SECONDS, str(file), str(seconds), stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"locked\n"
    return process


async def test_D7_a_writer_waits_for_another_process_and_readers_do_not(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    assert database.file is not None
    process = await locked(database.file, 3)
    begun = time.monotonic()
    writers = [asyncio.create_task(add(database)) for _ in range(5)]
    assert await count(database) == 0
    assert not any(writer.done() for writer in writers)
    await asyncio.gather(*writers)
    assert time.monotonic() - begun > 1
    assert await count(database) == 5
    await process.wait()
    await database.close()


async def test_a_lock_that_is_held_for_too_long_is_told(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "BUSY_MS", 50)
    monkeypatch.setattr(opening, "OPENING_S", 0.3)
    database = Database(sqlite_url)
    assert database.file is not None
    with closing(sqlite3.connect(database.file, isolation_level=None)) as other:
        await add(database)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Busy, match="another process holds the database"):
            await add(database)
        other.execute("COMMIT")
        await add(database)
    await database.close()


def test_D6_a_full_disk_is_told_loses_nothing_and_recovers(sqlite_url: str, tmp_path: Path) -> None:
    file = tmp_path / "moss.db"
    child = subprocess.run(
        [sys.executable, "-c", WRITE_UNTIL_FULL, str(file)], capture_output=True, text=True, check=True, timeout=120
    )
    *acknowledged, last, after = child.stdout.split()[:-2] + child.stdout.split()[-2:]
    assert last == "full"
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert {row[0] for row in connection.execute("SELECT id FROM users")} == {*acknowledged, after}
    assert len(acknowledged) > 1


async def test_D8_what_is_asked_while_postgresql_restarts_is_done_when_it_is_back(
    postgres: Cluster, postgres_url: str
) -> None:
    database = Database(postgres_url)
    await asyncio.gather(*(add(database) for _ in range(5)))  # connections that the restart breaks
    await asyncio.to_thread(postgres.stop)
    writers = [asyncio.create_task(add(database)) for _ in range(5)]
    await asyncio.sleep(0.1)
    await asyncio.to_thread(postgres.start)
    begun = time.monotonic()
    await asyncio.gather(*writers)
    assert time.monotonic() - begun < 5
    assert await count(database) == 10
    await database.close()


async def test_a_postgresql_that_is_not_there_is_told_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "OPENING_S", 0.1)
    with pytest.raises(UserError, match=r"no answer: .*No such file") as refusal:
        await Database(f"postgresql://u:my-password@/name?host={tmp_path}").create()
    assert "my-password" not in str(refusal.value)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("mysql://u:my-password@host/name", "must be a file, sqlite:///FILE, or postgresql://USER@HOST/NAME"),
        ("sqlite://", "must be a file"),
        ("sqlite:///:memory:", "must be a file"),
        ("://", "cannot be read"),
    ],
)
def test_other_databases_are_refused_in_one_line(url: str, words: str) -> None:
    with pytest.raises(UserError, match=words) as refusal:
        Database(url)
    assert "my-password" not in str(refusal.value)


async def test_the_files_of_a_database_are_for_its_owner_alone(tmp_path: Path) -> None:
    database = Database(tmp_path / "new" / "moss.db")
    await database.create()
    await add(database)
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "new").iterdir()} == {0o600}
    await database.close()


async def test_a_reader_sees_one_moment(database: Database) -> None:
    async with database.reading() as session:
        counted = select(func.count()).select_from(User)
        assert await session.scalar(counted) == 0
        await add(database)
        assert await session.scalar(counted) == 0
    assert await count(database) == 1


async def test_a_file_that_is_no_database_is_told_in_one_line(tmp_path: Path) -> None:
    for file, reason in ((tmp_path / "text.db", "is no SQLite database"), (tmp_path, "cannot be opened")):
        if file != tmp_path:
            file.write_text("This is no database, but long enough to look at. " * 100)
        database = Database(file)
        with pytest.raises(UserError, match=reason):
            await database.create()
        await database.close()


async def test_errors_never_repeat_what_was_written(database: Database) -> None:
    words = "what somebody wrote"
    with pytest.raises(DBAPIError) as refusal:
        async with database.session() as session:
            session.add_all([User(name=words, name_key=words, id=new_id()) for _ in range(2)])
    assert words not in str(refusal.value) or database.file is None
