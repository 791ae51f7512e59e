"""Consent, end to end on a database: what an export holds, what it never holds, and what goes again."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from moss.conversation import Message as Said
from moss.conversation import read_jsonl, read_pairs
from moss.flywheel import withdrawal
from moss.flywheel.export import ExportSettings
from moss.server import collection
from moss.server.store import accounts, chats, consents, feedback, messages
from moss.server.store.database import Database
from moss.server.store.schema import Chat, Choice, Message, User


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(f"sqlite:///{tmp_path / 'moss.db'}")
    await database.create()
    yield database
    await database.close()


async def person(database: Database, name: str, granted: bool | None = True) -> User:
    async with database.session() as session:
        user = await accounts.add_user(session, name=name, password_hash="x")
        if granted is not None:
            await consents.record(session, user.id, "2026-11", granted)
    return user


async def chat_of(database: Database, user: User) -> str:
    async with database.session() as session:
        return (await chats.create(session, user.id)).id


async def say(database: Database, user: User, chat_id: str, text: str, reply: str, parent_id: str | None = None) -> str:
    """Posts a message and its reply, as the chat routes do; returns the reply's id."""
    async with database.session() as session:
        posted = await messages.post(session, user.id, chat_id, client_msg_id=text, parent_id=parent_id, text=text)
        return await answer(session, posted.message, reply)


async def answer(session: object, question: Message, reply: str) -> str:
    message = Message(
        chat_id=question.chat_id,
        parent_id=question.id,
        role="assistant",
        consented=question.consented,
        consent_version=question.consent_version,
        model="moss-nano",
        created_at=messages.after(question),
    )
    messages.set_body(message, [Said("assistant", reply, quality=100).to_dict()])
    session.add(message)  # type: ignore[attr-defined]
    await session.flush()  # type: ignore[attr-defined]
    return message.id


def said(folder: Path, name: str = "conversations.jsonl") -> list[list[str | None]]:
    return [[message.content for message in talk.messages] for talk in read_jsonl(folder / name)]


async def test_U9_an_export_holds_what_was_and_is_consented_and_nothing_else(
    database: Database, tmp_path: Path
) -> None:
    answers = {"yes": True, "no": False, "never": None, "out": True}
    yes, no, never, out = [await person(database, name, granted) for name, granted in answers.items()]
    for user in (yes, no, never):
        await say(database, user, await chat_of(database, user), f"Hello from {user.name}", "Hi.")
    taken_out = await chat_of(database, out)
    await say(database, out, taken_out, "Secret plan", "Fine.")
    async with database.session() as session:
        (await chats.get(session, out.id, taken_out)).collect = False
        await consents.record(session, never.id, "2026-11", True)  # after the message: it stays out

    manifest = await collection.export_collected(database, tmp_path / "export", ExportSettings())

    assert said(tmp_path / "export") == [["Hello from yes", "Hi."]]
    assert manifest["counts"] == {"chats_read": 4, "conversations": 1, "messages": 2, "users": 1}
    assert manifest["left_out"] == {"not_consented": 4, "consent_withdrawn": 2}
    assert manifest["consent_versions"] == {"2026-11": 2}


async def test_U9_a_deleted_chat_is_in_no_later_export_and_goes_out_of_the_earlier(
    database: Database, tmp_path: Path
) -> None:
    user = await person(database, "ann")
    first, second = await chat_of(database, user), await chat_of(database, user)
    await say(database, user, first, "Keep me", "Yes.")
    await say(database, user, second, "Delete me", "Gone.")
    await collection.export_collected(database, tmp_path / "1", ExportSettings())
    async with database.session() as session:
        await chats.remove(session, user.id, second)

    manifest = await collection.export_collected(database, tmp_path / "2", ExportSettings())
    hashes = withdrawal.withdrawn_in(tmp_path / "2" / "manifest.json")
    dropped = withdrawal.drop(tmp_path / "1" / "conversations.jsonl", tmp_path / "mended.jsonl", hashes)

    assert said(tmp_path / "2") == [["Keep me", "Yes."]]
    assert len(manifest["withdrawn"]) == 2
    assert {row["kind"] for row in manifest["tombstones"]} == {"message", "chat"}
    assert (dropped.kept, dropped.dropped) == (1, 1)
    assert "Delete me" not in (tmp_path / "mended.jsonl").read_text(encoding="utf-8")
    assert await collection.withdrawn_hashes(database) == hashes


async def test_a_withdrawal_takes_everything_of_one_person_back(database: Database, tmp_path: Path) -> None:
    ann, bob = await person(database, "ann"), await person(database, "bob")
    for user in (ann, bob):
        await say(database, user, await chat_of(database, user), f"I am {user.name}, hello", "Hi.")
    await collection.export_collected(database, tmp_path / "1", ExportSettings())

    assert await collection.withdraw(database, "ann") == 2
    await collection.export_collected(database, tmp_path / "2", ExportSettings())

    assert said(tmp_path / "2") == [["I am bob, hello", "Hi."]]
    hashes = await collection.withdrawn_hashes(database)
    assert withdrawal.drop(tmp_path / "1" / "conversations.jsonl", tmp_path / "mended.jsonl", hashes).dropped == 1


async def test_an_incremental_export_holds_only_what_is_new(database: Database, tmp_path: Path) -> None:
    user = await person(database, "ann")
    chat = await chat_of(database, user)
    reply = await say(database, user, chat, "One", "1")
    await say(database, user, await chat_of(database, user), "Old", "o")
    first = await collection.export_collected(database, tmp_path / "1", ExportSettings())
    await say(database, user, chat, "Two", "2", parent_id=reply)

    second = await collection.export_collected(database, tmp_path / "2", ExportSettings(), since=first["id"])
    third = await collection.export_collected(database, tmp_path / "3", ExportSettings(), since=second["id"])

    assert said(tmp_path / "2") == [["One", "1", "Two", "2"]]
    assert said(tmp_path / "3") == []
    assert (second["withdrawn"], third["since"]) == ([], second["id"])


async def test_U8_thumbs_and_choices_are_exported_as_pairs(database: Database, tmp_path: Path) -> None:
    user = await person(database, "ann")
    chat = await chat_of(database, user)
    first = await say(database, user, chat, "Tell me a joke", "Knock knock.")
    async with database.session() as session:
        question = await session.get_one(Message, (await session.get_one(Message, first)).parent_id)
        second = await answer(session, question, "A horse walks into a bar.")
        third = await answer(session, question, "No.")
        session.add(
            Choice(
                chat_id=chat, user_id=user.id, parent_id=question.id, first_id=first, second_id=second, verdict="second"
            )
        )
        await feedback.rate(session, user.id, second, rating=1, labels=["creative"], text="write to ann@example.org")
        await feedback.rate(session, user.id, third, rating=-1, labels=[], text="")

    await collection.export_collected(database, tmp_path / "1", ExportSettings(tags=True))

    pairs = list(read_pairs(tmp_path / "1" / "pairs.jsonl"))
    assert {(p.meta["kind"], p.chosen[0].content, p.rejected[0].content) for p in pairs} == {
        ("choice", "A horse walks into a bar.", "Knock knock."),
        ("rating", "A horse walks into a bar.", "No."),
    }
    tags = {
        talk.messages[1].content: talk.messages[1].quality
        for talk in read_jsonl(tmp_path / "1" / "conversations.jsonl")
    }
    assert tags == {"Knock knock.": None, "A horse walks into a bar.": 100, "No.": 0}
    lines = (tmp_path / "1" / "conversations.jsonl").read_text(encoding="utf-8")
    assert "write to [EMAIL_1]" in lines
    assert "ann@example.org" not in lines


async def test_what_is_exported_is_deidentified_and_says_where(database: Database, tmp_path: Path) -> None:
    user = await person(database, "ann")
    chat = await chat_of(database, user)
    await say(database, user, chat, "我叫张伟，电话13812345678。37*48+5等于多少？", "张伟你好，是1781。")

    manifest = await collection.export_collected(database, tmp_path / "1", ExportSettings())

    assert said(tmp_path / "1") == [["我叫[NAME_1]，电话[PHONE_1]。37*48+5等于多少？", "[NAME_1]你好，是1781。"]]
    (line,) = (tmp_path / "1" / "conversations.jsonl").read_text(encoding="utf-8").splitlines()
    meta = json.loads(line)["meta"]
    assert ["messages.0.content", "PHONE", 7, 18] in meta["replaced"]
    assert manifest["personal_data"]["PHONE"] >= 1
    for secret in ("13812345678", "张伟", user.id, chat):
        assert secret not in line + json.dumps(manifest, ensure_ascii=False)


async def test_moderated_and_unfinished_messages_are_left_out_and_counted(database: Database, tmp_path: Path) -> None:
    user = await person(database, "ann")
    chat = await chat_of(database, user)
    good = await say(database, user, chat, "Fine question", "Fine answer")
    refused = await say(database, user, chat, "Refused question", "", parent_id=good)
    async with database.session() as session:
        reply = await session.get_one(Message, refused)
        question = await session.get_one(Message, reply.parent_id)
        messages.moderated(session, question, "prompt", "refused", "rules", ["weapons"])
        assert isinstance(await session.get_one(Chat, chat), Chat)

    manifest = await collection.export_collected(database, tmp_path / "1", ExportSettings())

    assert said(tmp_path / "1") == [["Fine question", "Fine answer"]]
    assert manifest["left_out"] == {"moderated": 1, "unfinished": 1}
