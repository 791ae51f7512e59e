"""What is written down of a reply besides its log: that it began, that it lives, how it ended.

`began` and `ended` go into the transaction that commits lines of the log, so that records and log say the same; they
raise `Gone` where the reply has ended before (its chat was deleted, or another process took it for dead), and nothing
of the transaction is kept. Not here: orders (`store/generations.py`), and when any of this happens (`jobs.py`).
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from ..conversation import Message
from .drafts import Ending
from .event_log import Gone
from .store import messages, usage
from .store.generations import UNFINISHED
from .store.schema import Chat, Generation, now
from .store.schema import Message as MessageRow

PROBLEM = "problem"
"""The key of a generation's settings that holds why it failed, in the user's words."""


async def began(session: AsyncSession, generation_id: str, worker: str) -> None:
    """The reply has a slot."""
    generation = await _unfinished(session, generation_id)
    generation.status, generation.worker = "running", worker
    generation.started_at = generation.heartbeat_at = now()


async def beat(session: AsyncSession, worker: str) -> None:
    """All unfinished replies of this process are alive."""
    mine = (Generation.worker == worker) & Generation.status.in_(UNFINISHED)
    await session.execute(update(Generation).where(mine).values(heartbeat_at=now()))


async def ended(session: AsyncSession, generation_id: str, ending: Ending, said: Sequence[Message]) -> None:
    """The reply has ended with these messages: generation, message, chat, use and verdict together."""
    generation = await _unfinished(session, generation_id)
    generation.status, generation.finished_at = ending.status, now()
    generation.finish_reason = ending.finish_reason
    generation.prompt_tokens, generation.completion_tokens = ending.prompt_tokens, ending.completion_tokens
    if ending.problem is not None:
        generation.error = ending.problem.code
        generation.settings = {**generation.settings, PROBLEM: ending.problem.to_dict()}
    reply = await session.get_one(MessageRow, generation.message_id)
    messages.set_body(reply, [message.to_dict() for message in said])
    await session.execute(update(Chat).where(Chat.id == generation.chat_id).values(updated_at=now()))
    tokens = ending.prompt_tokens + ending.completion_tokens
    await usage.count(session, generation.user_id, requests=1, tokens=tokens)
    if ending.refusal is not None:
        stage, verdict = ending.refusal
        judged = reply if stage == "reply" else await session.get_one(MessageRow, generation.parent_id)
        messages.moderated(session, judged, stage, "refused", verdict.moderator, verdict.categories)


async def _unfinished(session: AsyncSession, generation_id: str) -> Generation:
    """The generation, which nobody else changes before this transaction ends."""
    found = select(Generation).where(Generation.id == generation_id, Generation.status.in_(UNFINISHED))
    generation = await session.scalar(found.with_for_update())
    if generation is None:
        raise Gone
    return generation
