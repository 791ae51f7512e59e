"""The messages of a chat, a tree: an edit is a sibling of what it edits, a new reply a sibling of the old one.

Each function takes who asks, and knows only what is theirs. Not here: how a reply comes to be (`generations.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ...conversation import Message as Said
from . import chats, consents
from .errors import Conflict, NotFound
from .schema import Chat, Choice, Feedback, Generation, Json, Message, Moderation, Stage, now
from .text import searchable


@dataclass(frozen=True, slots=True)
class Posted:
    """A user's message in the store."""

    message: Message
    is_new: bool
    """False where the same `client_msg_id` was posted before: nothing was added, and nothing is to be started."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A message, and what belongs to it, for whoever shows the chat."""

    message: Message
    generation: Generation | None
    """The last one that wrote on this reply; None for a user's message."""
    feedback: Feedback | None
    choice_id: str | None = None
    """The choice between this reply and its sibling, as long as nobody has chosen."""


async def post(
    session: AsyncSession,
    user_id: str,
    chat_id: str,
    *,
    client_msg_id: str,
    parent_id: str | None,
    text: str,
    language: str | None = None,
    intent: str | None = None,
    settings: Mapping[str, Any] | None = None,
) -> Posted:
    """Adds what a user wrote after the reply `parent_id` (None: at the beginning), once for each `client_msg_id`.

    The first message gives an untitled chat its title. NotFound for a chat or a parent that is not theirs; Conflict
    where the parent is no reply.
    """
    chat = await chats.lock(session, user_id, chat_id)
    earlier = await by_client_id(session, chat, client_msg_id)
    if earlier is not None:
        return Posted(earlier, is_new=False)
    parent = None if parent_id is None else await _in(session, chat, parent_id)
    if parent is not None and parent.role != "assistant":
        raise Conflict("a message follows a reply, not another message")
    standing = await consents.standing(session, chat)
    message = Message(
        chat_id=chat.id,
        parent_id=parent_id,
        role="user",
        body=[Said("user", text).to_dict()],
        text=searchable(text),
        client_msg_id=client_msg_id,
        consent_version=standing.version,
        consented=standing.granted,
        language=language,
        intent=intent,
        settings=dict(settings or {}),
        created_at=after(parent),
    )
    session.add(message)
    if not chat.title:
        chats.rename(chat, chats.title_of(text))
    chat.leaf_id, chat.updated_at = message.id, now()
    await session.flush()
    return Posted(message, is_new=True)


def after(parent: Message | None) -> int:
    """Now, or a millisecond after the parent, by whose clock ever: times are in the order of the tree."""
    return now() if parent is None else max(now(), parent.created_at + 1)


async def by_client_id(session: AsyncSession, chat: Chat, client_msg_id: str) -> Message | None:
    """The message or reply that was asked for under this id, if it was."""
    return await session.scalar(
        select(Message).where(Message.chat_id == chat.id, Message.client_msg_id == client_msg_id)
    )


async def get(session: AsyncSession, user_id: str, message_id: str) -> Message:
    """The message. NotFound where there is none, or it is in somebody else's chat."""
    message = await session.scalar(
        select(Message).join(Chat, Chat.id == Message.chat_id).where(Message.id == message_id, Chat.user_id == user_id)
    )
    if message is None:
        raise NotFound("message")
    return message


async def tree(session: AsyncSession, user_id: str, chat_id: str) -> list[Entry]:
    """All messages of the chat in the order they were written, so that a parent comes before what follows it."""
    chat = await chats.get(session, user_id, chat_id)
    in_order = select(Message).where(Message.chat_id == chat.id).order_by(Message.created_at, Message.id)
    # Of several generations of one reply the last one overwrites the others.
    made = select(Generation).where(Generation.chat_id == chat.id).order_by(Generation.created_at, Generation.id)
    rated = (
        select(Feedback)
        .join(Message, Message.id == Feedback.message_id)
        .where(Message.chat_id == chat.id, Feedback.user_id == user_id)
    )
    open_choices = select(Choice).where(Choice.chat_id == chat.id, Choice.verdict.is_(None))
    generations = {generation.message_id: generation for generation in await session.scalars(made)}
    feedback = {row.message_id: row for row in await session.scalars(rated)}
    choices = {reply: row.id for row in await session.scalars(open_choices) for reply in (row.first_id, row.second_id)}
    return [
        Entry(message, generations.get(message.id), feedback.get(message.id), choices.get(message.id))
        for message in await session.scalars(in_order)
    ]


def up_to(entries: Sequence[Entry], leaf_id: str | None) -> list[Entry]:
    """The branch of a tree that ends with this message; an empty one where it is not in the tree."""
    found = {entry.message.id: entry for entry in entries}
    path: list[Entry] = []
    at = leaf_id
    while at in found:
        path.append(found[at])
        at = found[at].message.parent_id
    return path[::-1]


async def branch(session: AsyncSession, user_id: str, message_id: str) -> list[Message]:
    """The messages from the first one of the chat down to this one. NotFound as in `get`."""
    last = await get(session, user_id, message_id)
    above = select(Message.id, Message.parent_id).where(Message.id == last.id).cte("above", recursive=True)
    above = above.union_all(select(Message.id, Message.parent_id).join(above, Message.id == above.c.parent_id))
    found = {row.id: row for row in await session.scalars(select(Message).join(above, Message.id == above.c.id))}
    path = [last]
    while (parent := path[-1].parent_id) is not None:
        path.append(found[parent])
    return path[::-1]


def set_body(message: Message, body: Sequence[Json]) -> None:
    """Gives a reply its content: what the assistant did, a `conversation.Message.to_dict()` for each round."""
    message.body = list(body)
    message.text = searchable("\n".join(part["content"] for part in body if part["content"]))


def moderated(
    session: AsyncSession, message: Message, stage: Stage, verdict: str, moderator: str, categories: Sequence[str] = ()
) -> None:
    """Notes what a moderator said of the message, or of the reply."""
    message.moderation = verdict
    session.add(
        Moderation(
            message_id=message.id, stage=stage, verdict=verdict, moderator=moderator, categories=list(categories)
        )
    )


async def _in(session: AsyncSession, chat: Chat, message_id: str) -> Message:
    message = await session.scalar(select(Message).where(Message.id == message_id, Message.chat_id == chat.id))
    if message is None:
        raise NotFound("message")
    return message
