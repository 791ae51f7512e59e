"""D10: a backup that is taken while others write is one moment's state, and serves as a database."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import func, select

from moss.errors import UserError
from moss.server.store.backup import Backup, back_up
from moss.server.store.database import Database
from moss.server.store.schema import Chat, User
from tests.server.store.people import chat_of, somebody


async def counts(database: Database) -> tuple[int, int]:
    async with database.reading() as session:
        users = await session.scalar(select(func.count()).select_from(User))
        chats = await session.scalar(select(func.count()).select_from(Chat))
    return users or 0, chats or 0


async def test_D10_a_backup_while_writing_restores_to_a_consistent_state(sqlite_url: str, tmp_path: Path) -> None:
    database = Database(sqlite_url)
    pictures = tmp_path / "drawn"
    pictures.mkdir()
    (pictures / "a.webp").write_bytes(b"picture")
    stopped = asyncio.Event()

    async def write() -> None:
        while not stopped.is_set():
            async with database.session() as session:
                user = await somebody(session)
                await asyncio.sleep(0)
                await chat_of(session, user)

    writer = asyncio.create_task(write())
    kept = []
    for number in range(5):
        before = await counts(database)
        folder = tmp_path / f"backup-{number}"
        made = await asyncio.to_thread(back_up, database.url, pictures, folder)
        assert made == Backup((folder / "moss.db").stat().st_size, 1)
        kept.append((folder, before, await counts(database)))
    stopped.set()
    await writer
    await database.close()

    for folder, before, after in kept:
        assert {path.name for path in folder.iterdir()} == {"moss.db", "images"}
        assert (folder / "images" / "a.webp").read_bytes() == b"picture"
        with closing(sqlite3.connect(folder / "moss.db")) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            assert not connection.execute("PRAGMA foreign_key_check").fetchall()
        restored = Database(folder / "moss.db")
        await restored.create()
        users, chats = await counts(restored)
        assert users == chats
        assert before[0] <= users <= after[0]
        async with restored.session() as session:
            await somebody(session)
        await restored.close()


def test_a_backup_never_stands_where_something_is_and_leaves_nothing_when_it_fails(
    sqlite_url: str, tmp_path: Path
) -> None:
    url = Database(sqlite_url).url
    (tmp_path / "there").mkdir()
    with pytest.raises(UserError, match="is there already; name a new folder"):
        back_up(url, tmp_path / "none", tmp_path / "there")
    damaged = tmp_path / "damaged.db"
    damaged.write_text("no database" * 1000)
    with pytest.raises(UserError, match="is no SQLite database"):
        back_up(Database(damaged).url, tmp_path / "none", tmp_path / "new")
    with pytest.raises(UserError, match="there is no database at"):
        back_up(Database(tmp_path / "none.db").url, tmp_path / "none", tmp_path / "new")
    assert {path.name for path in tmp_path.iterdir()} == {"moss.db", "there", "damaged.db"}


def test_postgresql_is_backed_up_by_its_own_tool(tmp_path: Path) -> None:
    url = Database("postgresql://u:my-password@host/name").url
    with pytest.raises(UserError, match="back it up with pg_dump, and copy") as refusal:
        back_up(url, tmp_path, tmp_path / "new")
    assert "my-password" not in str(refusal.value)
