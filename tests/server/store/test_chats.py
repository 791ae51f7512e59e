"""Chats: whose they are, in which order, what a search finds, what deleting leaves."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import func, select

from moss.errors import UserError
from moss.server.store import accounts, chats, files, messages, tombstones
from moss.server.store.database import Database
from moss.server.store.errors import NotFound
from moss.server.store.schema import Base, Chat, Event, Message, Tombstone, new_id
from tests.server.store.people import chat_of, said, somebody


async def titles(database: Database, user_id: str, query: str) -> list[str]:
    async with database.reading() as session:
        return [chat.title for chat in (await chats.listed(session, user_id, query=query)).rows]


async def test_A2_a_chat_is_nobody_elses(database: Database) -> None:
    async with database.session() as session:
        owner, other = await somebody(session), await somebody(session)
        chat = await chat_of(session, owner)
        for ask in (chats.get, chats.lock, chats.remove, chats.share, chats.unshare, messages.tree):
            with pytest.raises(NotFound, match="no such chat"):
                await ask(session, other.id, chat.id)
        assert (await chats.get(session, owner.id, chat.id)) is chat
        assert not (await chats.listed(session, other.id)).rows


async def test_pages_hold_each_chat_once_also_those_of_one_millisecond(database: Database) -> None:
    async with database.session() as session:
        owner = await somebody(session)
        made = [Chat(user_id=owner.id, updated_at=1000 + number // 4) for number in range(10)]
        session.add_all(made)
        await session.flush()
        listed: list[Chat] = []
        before: str | None = None
        while not listed or before:
            page = await chats.listed(session, owner.id, before=before, limit=3)
            listed, before = [*listed, *page.rows], page.before
        assert listed == sorted(made, key=lambda chat: (chat.updated_at, chat.id), reverse=True)


@pytest.mark.parametrize("before", ["", "x.y", "-1.x", "1e3.x", "99999999999999999999.x", "٣.x", "1\x00.x"])
async def test_a_place_that_no_page_gave_is_a_mistake_of_the_caller(database: Database, before: str) -> None:
    async with database.reading() as session:
        with pytest.raises(UserError, match="before: not a place"):
            await chats.listed(session, "nobody", before=before)


async def test_T3_search_knows_no_case_width_or_composition(database: Database) -> None:
    async with database.session() as session:
        owner = await somebody(session)
        await said(
            session, await chat_of(session, owner, "Straße nach ÉVIAN"), "ｆｕｌｌ－ｗｉｄｔｈ", "100% _sure_ \\o/"
        )
        await said(session, await chat_of(session, owner, "天气"), "上海的天气怎么样？", "晴。")
        await chat_of(session, owner, "empty")
    for query in ("STRASSE", "e\u0301vian", "full-width", "FULL", "100%", "_sure_", "\\O/"):
        assert await titles(database, owner.id, query) == ["Straße nach ÉVIAN"], query
    for query in ("天气怎么样", "晴", " 天气 "):
        assert await titles(database, owner.id, query) == ["天气"], query
    for query in ("1000%", "%", "sunny", "\x00", "\ud800"):
        assert await titles(database, owner.id, query) == (["Straße nach ÉVIAN"] if query == "%" else []), query
    assert len(await titles(database, owner.id, "  ")) == 3


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("\n  How  are you?\nFine", "How are you?"),
        ("word " * 40, "word " * 15 + "word…"),
        ("字" * 200, "字" * 79 + "…"),
        ("   ", ""),
    ],
)
def test_a_title_is_the_first_line_of_what_was_said(text: str, title: str) -> None:
    assert chats.title_of(text) == title
    assert len(title) <= chats.TITLE_LENGTH


async def test_shared_chats_are_found_until_they_are_not(database: Database) -> None:
    async with database.session() as session:
        owner = await somebody(session)
        chat = await chat_of(session, owner)
        first = await chats.share(session, owner.id, chat.id)
        assert await chats.share(session, owner.id, chat.id) == first
        assert (await chats.shared(session, first)).id == chat.id
        await chats.unshare(session, owner.id, chat.id)
        with pytest.raises(NotFound):
            await chats.shared(session, first)
        assert await chats.share(session, owner.id, chat.id) != first


async def rows(database: Database) -> dict[str, int]:
    """How many rows each table has that has any."""
    async with database.reading() as session:
        counts = {
            table.name: await session.scalar(select(func.count()).select_from(table))
            for table in Base.metadata.sorted_tables
        }
    return {name: count for name, count in counts.items() if count}


async def test_U9_a_deleted_chat_leaves_hashes_and_nothing_else(database: Database) -> None:
    async with database.session() as session:
        owner = await somebody(session)
        kept, gone = await chat_of(session, owner), await chat_of(session, owner)
        await said(session, kept, "keep", "kept")
        turn = await said(session, gone, "one", "two")
        session.add(Event(generation_id=turn.generation.id, seq=1, type="text", payload={"text": "two"}))
        await files.add(session, owner.id, turn.reply, media_type="image/png", path="a/b.png", size=1)
    before = await rows(database)
    async with database.session() as session:
        assert await chats.remove(session, owner.id, gone.id) == ["a/b.png"]
    after = await rows(database)
    assert after == {"users": 1, "chats": 1, "messages": 2, "generations": 1, "tombstones": 3}
    assert before == {"users": 1, "chats": 2, "messages": 4, "generations": 2, "events": 1, "files": 1}
    async with database.reading() as session:
        asked = [turn.question.id, turn.reply.id, "another"]
        assert await tombstones.buried(session, "message", asked) == set(asked[:2])
        assert turn.reply.id not in set(await session.scalars(select(Tombstone.target_hash)))


async def test_a_chat_of_two_thousand_messages_in_a_row_can_be_deleted(database: Database) -> None:
    """Deeper than SQLite cascades; with an account, also deeper than the chat's own cascade."""
    async with database.session() as session:
        owner = await somebody(session)
        for _ in range(2):
            chat = await chat_of(session, owner)
            ids = [None, *(new_id() for _ in range(2000))]
            session.add_all(
                Message(id=here, chat_id=chat.id, parent_id=above, role="user") for above, here in pairwise(ids) if here
            )
    async with database.session() as session:
        await chats.remove(session, owner.id, chat.id)
    async with database.session() as session:
        await accounts.remove_user(session, owner.id)
    assert set(await rows(database)) == {"tombstones"}


async def test_what_was_deleted_is_not_in_the_files_of_sqlite(sqlite_url: str, tmp_path: Path) -> None:
    """Neither in free pages of the database nor in its WAL, although the server still runs."""
    secret = "my very own secret"
    database = Database(sqlite_url)
    async with database.session() as session:
        owner = await somebody(session)
        chat = await chat_of(session, owner)
        await said(session, chat, secret, secret)

    def held() -> bool:
        return any(secret.encode() in path.read_bytes() for path in tmp_path.iterdir())

    assert held()
    async with database.reading() as reader:  # who reads keeps the WAL as it was, and the deletion does not wait
        assert len((await chats.listed(reader, owner.id)).rows) == 1
        async with database.session() as session:
            await chats.remove(session, owner.id, chat.id)
        assert held()
    async with database.session() as session:
        await somebody(session)
    assert not held()
    await database.close()
