"""Messages as a tree: once for each request, edits and new replies as siblings, consent as it stood."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import func, select

from moss.conversation import Message as Said
from moss.server.store import chats, consents, generations, messages
from moss.server.store.database import Database
from moss.server.store.errors import Conflict, NotFound
from moss.server.store.messages import Posted
from moss.server.store.schema import Chat, Generation, Message, User
from tests.server.store.people import chat_of, said, somebody


async def asked(database: Database, user: User, chat: Chat, client_msg_id: str) -> Posted:
    """What a route does: post, and order a reply where that is new."""
    async with database.session() as session:
        posted = await messages.post(
            session, user.id, chat.id, client_msg_id=client_msg_id, parent_id=None, text="Hello"
        )
        if posted.is_new:
            await generations.start(session, user.id, posted.message, model="moss", worker="w")
    return posted


async def test_D3_same_client_msg_id_sent_20_times_at_once_is_one_message_and_one_generation(
    database: Database,
) -> None:
    async with database.session() as session:
        user = await somebody(session)
        chat = await chat_of(session, user)
    answers = await asyncio.gather(*(asked(database, user, chat, "same") for _ in range(20)))
    assert len({posted.message.id for posted in answers}) == 1
    assert [posted.is_new for posted in answers].count(True) == 1
    async with database.reading() as session:
        assert await session.scalar(select(func.count()).select_from(Message)) == 2  # and its reply
        assert await session.scalar(select(func.count()).select_from(Generation)) == 1
        ordered = await generations.ordered_by(session, user.id, answers[0].message)
    assert [generation.parent_id for generation in ordered] == [answers[0].message.id]


async def test_the_same_client_msg_id_in_another_chat_is_another_message(database: Database) -> None:
    async with database.session() as session:
        user = await somebody(session)
        first, second = await chat_of(session, user), await chat_of(session, user)
    assert (await asked(database, user, first, "same")).is_new
    assert (await asked(database, user, second, "same")).is_new


async def test_edits_and_new_replies_are_siblings_and_a_branch_is_one_way_through(database: Database) -> None:
    async with database.session() as session:
        user = await somebody(session)
        chat = await chat_of(session, user)
        first = await said(session, chat, "one", "ONE")
        second = await said(session, chat, "two", "TWO", parent=first.reply)
        edited = await said(session, chat, "two, edited", "EDITED", parent=first.reply)
        (again,) = await generations.start(session, user.id, second.question, model="moss", worker="w")
        assert chat.leaf_id == again.message_id
        assert chat.title == "one"

        def ids(*found: Message) -> list[str]:
            return [message.id for message in found]

        branch = await messages.branch(session, user.id, edited.reply.id)
        assert ids(*branch) == ids(first.question, first.reply, edited.question, edited.reply)
        entries = await messages.tree(session, user.id, chat.id)
        seen: set[str | None] = {None}
        for entry in entries:
            assert entry.message.parent_id in seen
            seen.add(entry.message.id)
        siblings = [entry.message.text for entry in entries if entry.message.parent_id == first.reply.id]
        assert siblings == ["two", "two, edited"]
        replies = [entry.generation for entry in entries if entry.message.parent_id == second.question.id]
        assert [reply and reply.status for reply in replies] == ["complete", "queued"]


async def test_a_message_follows_a_reply_of_its_own_chat(database: Database) -> None:
    async with database.session() as session:
        user = await somebody(session)
        chat, another = await chat_of(session, user), await chat_of(session, user)
        turn, foreign = await said(session, chat, "one"), await said(session, another, "one")
        for parent, refusal in ((turn.question, Conflict), (foreign.reply, NotFound)):
            with pytest.raises(refusal):
                await said(session, chat, "two", parent=parent)
        with pytest.raises(Conflict, match="not another reply"):
            await generations.start(session, user.id, turn.reply, model="moss", worker="w")


async def test_A2_messages_and_generations_are_nobody_elses(database: Database) -> None:
    async with database.session() as session:
        owner, other = await somebody(session), await somebody(session)
        turn = await said(session, await chat_of(session, owner), "one")
        for ask in (messages.get, messages.branch):
            with pytest.raises(NotFound, match="no such message"):
                await ask(session, other.id, turn.reply.id)
        with pytest.raises(NotFound, match="no such chat"):
            await generations.start(session, other.id, turn.question, model="moss", worker="w")
        with pytest.raises(NotFound, match="no such chat"):
            await generations.resume(session, other.id, turn.reply, model="moss", worker="w")
        with pytest.raises(NotFound, match="no such generation"):
            await generations.get(session, other.id, turn.generation.id)
        assert not await generations.ordered_by(session, other.id, turn.question)
        assert (await generations.get(session, owner.id, turn.generation.id)) is turn.generation


async def test_the_clock_going_back_does_not_turn_the_tree_over(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    times = iter(range(10**12, 0, -1000))
    monkeypatch.setattr(messages, "now", lambda: next(times))
    async with database.session() as session:
        user = await somebody(session)
        chat = await chat_of(session, user)
        first = await said(session, chat, "one")
        second = await said(session, chat, "two", parent=first.reply)
        shown = [entry.message for entry in await messages.tree(session, user.id, chat.id)]
    assert shown == [first.question, first.reply, second.question, second.reply]


@pytest.mark.parametrize(
    ("answer", "collect", "standing"),
    [
        (None, True, (None, False)),
        (True, None, ("2", True)),
        (True, False, ("2", False)),
        (False, True, ("2", False)),
    ],
)
async def test_a_message_remembers_consent_as_it_stood(
    database: Database, answer: bool | None, collect: bool | None, standing: tuple[str | None, bool]
) -> None:
    async with database.session() as session:
        user = await somebody(session)
        chat = await chat_of(session, user)
        chat.collect = collect
        if answer is not None:
            await consents.record(session, user.id, "2", answer)
        turn = await said(session, chat, "one")
        await consents.record(session, user.id, "3", not answer)
    async with database.reading() as session:
        for message in (turn.question, turn.reply):
            kept = await messages.get(session, user.id, message.id)
            assert (kept.consent_version, kept.consented) == standing


async def test_what_no_database_takes_is_replaced_and_all_else_comes_back(database: Database) -> None:
    text = "a\x00b\ud800c" + chr(0x1F600) + "\\u0000 ＜eoh＞ \r\n"
    mended = text.replace("\x00", "\ufffd").replace("\ud800", "\ufffd")
    async with database.session() as session:
        user = await somebody(session)
        chat = await chat_of(session, user)
        posted = await messages.post(
            session, user.id, chat.id, client_msg_id="\x00", parent_id=None, text=text, settings={text: [text, 1.5]}
        )
        assert await messages.by_client_id(session, chat, "\x00") is posted.message
    async with database.reading() as session:
        message = await messages.get(session, user.id, posted.message.id)
        assert message.body == [Said("user", mended).to_dict()]
        assert message.settings == {mended: [mended, 1.5]}


async def test_a_title_of_ones_own_stays_and_a_deleted_chat_does_not_come_back(database: Database) -> None:
    async with database.session() as session:
        user = await somebody(session)
        chat = await chat_of(session, user, "my title")
        turn = await said(session, chat, "one")
        assert chat.title == "my title"
        await chats.remove(session, user.id, chat.id)
    with pytest.raises(NotFound):
        await asked(database, user, chat, "late")
    async with database.reading() as session:
        with pytest.raises(NotFound):
            await messages.get(session, user.id, turn.reply.id)
