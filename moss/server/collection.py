"""Collection on this server's store: reads consented chats for `flywheel/`, and keeps what was exported and withdrawn.

Not here: what may be exported and how it is cleaned (`flywheel/export.py`), the command line (`cli/collect.py`).
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Select, func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from ..conversation import Message as Said
from ..data.statistics import language_of
from ..errors import unknown_name
from ..flywheel.collected import CollectedChat, CollectedChoice, CollectedFeedback, CollectedMessage, hashed
from ..flywheel.export import Exporter, ExportSettings
from ..flywheel.export import Tombstone as Buried
from ..flywheel.intents import intent_of
from .store import accounts, consents
from .store.database import Database
from .store.schema import Chat, Choice, Consent, Export, ExportItem, Feedback, Generation, Message, Tombstone, User

AT_A_TIME = 100
"""Chats that are read together."""

REFUSED = "refused"
"""What a message's `moderation` says where moderation did not let it through."""


async def export_collected(
    database: Database, folder: Path, settings: ExportSettings, since: str | None = None
) -> dict[str, Any]:
    """Exports what may be exported into a folder and notes it; returns the manifest.

    With `since`, the id of an export, only conversations with messages that neither it nor one before it holds.
    UserError where there is no such export or the folder holds one already.
    """
    async with database.reading() as session:
        held = await _held(session)
        earlier = await _held(session, until=since) if since is not None else set()
        tombstones = [Buried(row.kind, row.target_hash, row.deleted_at) for row in await session.scalars(_tombstones())]
        with Exporter(folder, settings, frozenset(earlier)) as exporter:
            async for chat in collected_chats(session):
                await asyncio.to_thread(exporter.add, chat)
            manifest = exporter.finish(since=since, held=held, tombstones=tombstones)
    async with database.session() as session:
        session.add(Export(id=manifest["id"], manifest=manifest, created_at=manifest["created_at"]))
        await session.flush()
        items = [{"export_id": manifest["id"], "message_id": id} for id in sorted(exporter.exported)]
        if items:
            await session.execute(insert(ExportItem), items)
    return manifest


async def withdrawn_hashes(database: Database) -> set[str]:
    """Hashes of all that an export may hold and must not any more: deleted, taken out, or consent withdrawn."""
    async with database.reading() as session:
        held = await _held(session)
        allowed = {
            message.id
            async for chat in collected_chats(session)
            for message in chat.messages
            if chat.may_be_held(message)
        }
        buried = {row.target_hash for row in await session.scalars(_tombstones())}
    return buried | {hashed(id) for id in held - allowed}


async def withdraw(database: Database, name: str) -> int:
    """Takes back a user's consent for all of their chats; returns how many messages earlier exports hold of them.

    UserError where there is no such user.
    """
    async with database.session() as session:
        user = await accounts.user_named(session, name)
        if user is None:
            raise unknown_name("user", name, await session.scalars(select(User.name).limit(1000)))
        answer = await consents.latest(session, user.id)
        await consents.record(session, user.id, answer.version if answer else "", granted=False)
        theirs = select(Message.id).join(Chat, Chat.id == Message.chat_id).where(Chat.user_id == user.id)
        exported = select(func.count(ExportItem.message_id.distinct())).where(ExportItem.message_id.in_(theirs))
        return await session.scalar(exported) or 0


@dataclass
class CollectionStatistics:
    """What was said and what of it may be exported."""

    users: int = 0
    consenting_users: int = 0
    chats: int = 0
    messages: int = 0
    exportable_messages: int = 0
    by_language: Counter[str] = field(default_factory=Counter)
    """Users' messages that may be exported, as the following."""
    by_intent: Counter[str] = field(default_factory=Counter)
    by_day: Counter[str] = field(default_factory=Counter)
    """`2026-11-21`, UTC."""
    by_rating: Counter[int] = field(default_factory=Counter)
    """Replies that may be exported, by thumb."""
    by_verdict: Counter[str] = field(default_factory=Counter)
    """Side-by-side choices in chats that may be exported."""


async def statistics(database: Database) -> CollectionStatistics:
    """Counts over all chats; of what was said only kinds are counted, and only where it may be collected."""
    found = CollectionStatistics()
    async with database.reading() as session:
        answers = await _answers(session)
        found.users = await session.scalar(select(func.count()).select_from(User)) or 0
        found.consenting_users = sum(answers.values())
        async for chat in collected_chats(session):
            _count(found, chat)
    return found


def _count(found: CollectionStatistics, chat: CollectedChat) -> None:
    found.chats += 1
    found.messages += len(chat.messages)
    if chat.allowed:
        found.by_verdict.update(choice.verdict for choice in chat.choices)
    for message in chat.messages:
        if chat.refusal(message) is not None:
            continue
        found.exportable_messages += 1
        if message.author == "user":
            text = message.turn[0].content or ""
            found.by_language[message.language or language_of(text)] += 1
            found.by_intent[message.intent or intent_of(text)] += 1
            found.by_day[f"{datetime.fromtimestamp(message.created_at / 1000, UTC):%Y-%m-%d}"] += 1
        elif message.feedback is not None:
            found.by_rating[message.feedback.rating] += 1


async def collected_chats(session: AsyncSession) -> AsyncIterator[CollectedChat]:
    """All chats that have messages, the oldest ids first, as plain values."""
    answers = await _answers(session)
    last = ""
    while True:
        chats = list(await session.scalars(select(Chat).where(Chat.id > last).order_by(Chat.id).limit(AT_A_TIME)))
        if not chats:
            return
        last = chats[-1].id
        for chat in await _read(session, chats, answers):
            if chat.messages:
                yield chat
        session.expunge_all()  # or every chat that was ever written would stay in memory until the end


async def _read(session: AsyncSession, chats: Sequence[Chat], answers: Mapping[str, bool]) -> list[CollectedChat]:
    """Chats with all that belongs to them, one query a table."""
    ids = [chat.id for chat in chats]
    messages = select(Message).where(Message.chat_id.in_(ids)).order_by(Message.chat_id, Message.created_at, Message.id)
    made = select(Generation).where(Generation.chat_id.in_(ids)).order_by(Generation.created_at, Generation.id)
    rated = select(Feedback).join(Message, Message.id == Feedback.message_id).where(Message.chat_id.in_(ids))
    chosen = (
        select(Choice).where(Choice.chat_id.in_(ids), Choice.verdict.is_not(None)).order_by(Choice.chat_id, Choice.id)
    )
    generations = {generation.message_id: generation for generation in await session.scalars(made)}
    feedback = {row.message_id: row for row in await session.scalars(rated)}
    said = _by_chat(await session.scalars(messages))
    choices = _by_chat(await session.scalars(chosen))
    return [
        CollectedChat(
            id=chat.id,
            user_id=chat.user_id,
            allowed=answers.get(chat.user_id, False) and chat.collect is not False,
            messages=tuple(
                _message(row, generations.get(row.id), feedback.get(row.id)) for row in said.get(chat.id, ())
            ),
            title=chat.title,
            tools=_tools(said.get(chat.id, ()), chat),
            choices=tuple(
                CollectedChoice(row.first_id, row.second_id, row.verdict)
                for row in choices.get(chat.id, ())
                if row.verdict is not None
            ),
        )
        for chat in chats
    ]


_Row = TypeVar("_Row", Message, Choice)


def _by_chat(rows: Iterable[_Row]) -> dict[str, list[_Row]]:
    """The rows of each chat; they come sorted by it."""
    return {chat_id: list(group) for chat_id, group in groupby(rows, key=lambda row: row.chat_id)}


def _message(row: Message, generation: Generation | None, feedback: Feedback | None) -> CollectedMessage:
    turn = tuple(Said.from_dict(part) for part in row.body)
    return CollectedMessage(
        id=row.id,
        parent_id=row.parent_id,
        author=row.role,
        turn=turn,
        created_at=row.created_at,
        consented=row.consented,
        consent_version=row.consent_version,
        complete=bool(turn) and (generation is None or generation.status == "complete"),
        blocked=row.moderation == REFUSED or (generation is not None and generation.status == "blocked"),
        language=row.language,
        intent=row.intent,
        model=row.model,
        feedback=CollectedFeedback(feedback.rating, tuple(feedback.labels), feedback.text) if feedback else None,
    )


def _tools(messages: Iterable[Message], chat: Chat) -> tuple[str, ...]:
    """The tools that the last reply was made with; else those that the chat switches on."""
    for message in reversed(list(messages)):
        if message.role == "assistant" and isinstance(tools := message.settings.get("tools"), list):
            return tuple(tools)
    return tuple(chat.tools or ())


async def _answers(session: AsyncSession) -> dict[str, bool]:
    """Each user's last answer to the question of consent."""
    rows = await session.scalars(select(Consent).order_by(Consent.created_at, Consent.id))
    return {row.user_id: row.granted for row in rows}


async def _held(session: AsyncSession, until: str | None = None) -> set[str]:
    """Ids of the messages that exports hold: all of them, or those up to one export."""
    held = select(ExportItem.message_id)
    if until is not None:
        export = await session.get(Export, until)
        if export is None:
            raise unknown_name("export", until, await session.scalars(select(Export.id)))
        upto = select(Export.id).where(Export.created_at <= export.created_at)
        held = held.where(ExportItem.export_id.in_(upto))
    return set(await session.scalars(held))


def _tombstones() -> Select[Tombstone]:
    return select(Tombstone).order_by(Tombstone.deleted_at, Tombstone.id)
