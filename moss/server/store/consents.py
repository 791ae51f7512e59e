"""Who agreed to be collected, to which version of the question. Not here: what is exported of it (`flywheel/`)."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from .schema import Chat, Consent


class Standing(NamedTuple):
    """How things stand for a message that is written now."""

    version: str | None
    """Of the question that was answered last; None where none was."""
    granted: bool


async def record(session: AsyncSession, user_id: str, version: str, granted: bool) -> Consent:
    """Adds an answer; earlier ones stay, as proof of what was allowed when."""
    answer = Consent(user_id=user_id, version=version, granted=granted)
    session.add(answer)
    await session.flush()
    return answer


async def latest(session: AsyncSession, user_id: str) -> Consent | None:
    """The user's last answer, which is the one that counts."""
    newest = select(Consent).where(Consent.user_id == user_id).order_by(Consent.created_at.desc(), Consent.id.desc())
    return await session.scalar(newest.limit(1))


async def standing(session: AsyncSession, chat: Chat) -> Standing:
    """Whether a message of this chat may be collected: its owner has agreed, and has not taken this chat out."""
    answer = await latest(session, chat.user_id)
    if answer is None:
        return Standing(None, False)
    return Standing(answer.version, answer.granted and chat.collect is not False)
