"""Replies in the making: their records, from the order to the end, and the log of what happened in between.

A generation is `queued`, then `running`, then one of the states it ends in, and never leaves that again. Not here: the
queue itself and who writes the log when (`jobs.py`, `event_log.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, get_args

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from . import chats, consents, messages
from .errors import Conflict, NotFound
from .schema import Choice, Event, Generation, GenerationStatus, Message, now

UNFINISHED: tuple[GenerationStatus, ...] = ("queued", "running")
FINISHED: tuple[GenerationStatus, ...] = tuple(s for s in get_args(GenerationStatus) if s not in UNFINISHED)


async def start(
    session: AsyncSession,
    user_id: str,
    question: Message,
    *,
    model: str,
    worker: str,
    replies: int = 1,
    client_msg_id: str | None = None,
    settings: Mapping[str, Any] | None = None,
) -> list[Generation]:
    """Orders replies to a user's message: for each an empty message beside the replies that are there, and its job.

    Two are a choice between them. The chat shows the first one. Conflict where the message is a reply; NotFound where
    its chat is somebody else's.
    """
    chat = await chats.lock(session, user_id, question.chat_id)
    if question.role != "user":
        raise Conflict("a reply answers a user's message, not another reply")
    standing = await consents.standing(session, chat)
    at = messages.after(question)
    made = [
        Message(
            chat_id=chat.id,
            parent_id=question.id,
            role="assistant",
            client_msg_id=client_msg_id if number == 0 else None,
            consent_version=standing.version,
            consented=standing.granted,
            language=question.language,
            model=model,
            settings=dict(settings or {}),
            created_at=at + number,
        )
        for number in range(replies)
    ]
    session.add_all(made)
    chat.leaf_id, chat.updated_at = made[0].id, now()
    await session.flush()
    choice_id = await _choice(session, user_id, question, made) if replies == 2 else None
    return await _enqueue(session, user_id, question, made, model, worker, choice_id)


async def resume(session: AsyncSession, user_id: str, reply: Message, *, model: str, worker: str) -> Generation:
    """Orders that a reply that has ended goes on. Conflict where it is being written, or is no reply."""
    await chats.lock(session, user_id, reply.chat_id)
    if reply.role != "assistant" or reply.parent_id is None:
        raise Conflict("only a reply can go on")
    writing = select(Generation.id).where(Generation.message_id == reply.id, Generation.status.in_(UNFINISHED))
    if await session.scalar(writing.limit(1)):
        raise Conflict("this reply is being written")
    question = await session.get_one(Message, reply.parent_id)
    (generation,) = await _enqueue(session, user_id, question, [reply], model, worker, None)
    return generation


async def get(session: AsyncSession, user_id: str, generation_id: str) -> Generation:
    """The generation. NotFound where there is none, or it is somebody else's."""
    generation = await session.scalar(
        select(Generation).where(Generation.id == generation_id, Generation.user_id == user_id)
    )
    if generation is None:
        raise NotFound("generation")
    return generation


async def ordered_by(session: AsyncSession, user_id: str, message: Message) -> list[Generation]:
    """The generations that a message led to, or that wrote on a reply: what a repeated request is answered with."""
    column = Generation.parent_id if message.role == "user" else Generation.message_id
    found = select(Generation).where(column == message.id, Generation.user_id == user_id)
    return list(await session.scalars(found.order_by(Generation.created_at, Generation.id)))


async def unfinished_of(session: AsyncSession, user_id: str) -> int:
    """How many replies of this user wait or are being made."""
    count = select(func.count()).select_from(Generation)
    return await session.scalar(count.where(Generation.user_id == user_id, Generation.status.in_(UNFINISHED))) or 0


async def stale(session: AsyncSession, before: int, limit: int = 100) -> list[Generation]:
    """Unfinished replies without a heartbeat since `before`: their server is gone.

    They are locked until the transaction ends: where two servers look at once, each gets its own.
    """
    gone = select(Generation).where(Generation.status.in_(UNFINISHED), Generation.heartbeat_at < before)
    return list(
        await session.scalars(
            gone.order_by(Generation.created_at, Generation.id).limit(limit).with_for_update(skip_locked=True)
        )
    )


async def log_of(session: AsyncSession, generation_id: str, after: int = 0) -> list[Event]:
    """The events with numbers above `after`, in order; the caller has checked whose they are."""
    events = select(Event).where(Event.generation_id == generation_id, Event.seq > after)
    return list(await session.scalars(events.order_by(Event.seq)))


async def forget_logs(session: AsyncSession, finished_before: int) -> None:
    """Deletes the logs of replies that ended before this time: the messages have it all."""
    ended = select(Generation.id).where(Generation.status.in_(FINISHED), Generation.finished_at < finished_before)
    await session.execute(delete(Event).where(Event.generation_id.in_(ended)))


async def _choice(session: AsyncSession, user_id: str, question: Message, replies: Sequence[Message]) -> str:
    first, second = replies
    choice = Choice(
        chat_id=question.chat_id, user_id=user_id, parent_id=question.id, first_id=first.id, second_id=second.id
    )
    session.add(choice)
    await session.flush()
    return choice.id


async def _enqueue(
    session: AsyncSession,
    user_id: str,
    question: Message,
    replies: Sequence[Message],
    model: str,
    worker: str,
    choice_id: str | None,
) -> list[Generation]:
    at = now()
    made = [
        Generation(
            chat_id=question.chat_id,
            message_id=reply.id,
            parent_id=question.id,
            user_id=user_id,
            worker=worker,
            model=model,
            settings=reply.settings,
            choice_id=choice_id,
            created_at=at + number,
        )
        for number, reply in enumerate(replies)
    ]
    session.add_all(made)
    await session.flush()
    return made
