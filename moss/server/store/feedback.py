"""What users think of replies: ratings with labels, choices between two replies, reports to the administrators.

Each function takes who says it, and refuses what is not theirs to judge. Not here: which labels there are.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from . import chats, messages
from .errors import Conflict, NotFound
from .page import Page, page
from .schema import Choice, Feedback, Message, Report, ReportStatus, Verdict, now


async def rate(
    session: AsyncSession, user_id: str, message_id: str, *, rating: int, labels: Sequence[str] = (), text: str = ""
) -> Feedback:
    """Sets what the user thinks of a reply (-1, 0 or 1), in place of what they thought before.

    NotFound for a reply in somebody else's chat; Conflict where it is a user's message.
    """
    await _reply(session, user_id, message_id)
    feedback = await session.get(Feedback, (message_id, user_id), with_for_update=True)
    if feedback is None:
        feedback = Feedback(message_id=message_id, user_id=user_id)
        session.add(feedback)
    feedback.rating, feedback.labels, feedback.text, feedback.updated_at = rating, list(labels), text, now()
    await session.flush()
    return feedback


async def choose(session: AsyncSession, user_id: str, choice_id: str, verdict: Verdict) -> Choice:
    """Sets which of two replies the user prefers; it may be changed. NotFound for a choice that is not theirs."""
    choice = await session.scalar(
        select(Choice).where(Choice.id == choice_id, Choice.user_id == user_id).with_for_update()
    )
    if choice is None:
        raise NotFound("choice")
    choice.verdict, choice.decided_at = verdict, now()
    return choice


async def report(session: AsyncSession, user_id: str, message_id: str, *, reason: str, text: str = "") -> Report:
    """Reports a reply; said again, it is the same report with other words, open again."""
    await _reply(session, user_id, message_id)
    earlier = select(Report).where(Report.message_id == message_id, Report.user_id == user_id).with_for_update()
    found = await session.scalar(earlier)
    if found is None:
        found = Report(message_id=message_id, user_id=user_id, reason=reason)
        session.add(found)
    found.reason, found.text, found.status = reason, text, "open"
    await session.flush()
    return found


async def reported(
    session: AsyncSession, status: ReportStatus | None = "open", before: str | None = None, limit: int = 50
) -> Page[Report]:
    """Reports of everybody, for administrators, the newest first; None for those of every status."""
    query = select(Report) if status is None else select(Report).where(Report.status == status)
    return await page(session, query, Report.created_at, Report.id, before, limit)


async def settle(session: AsyncSession, report_id: str, status: ReportStatus) -> Report:
    """Sets what became of a report, for administrators. NotFound where there is none."""
    found = await session.get(Report, report_id, with_for_update=True)
    if found is None:
        raise NotFound("report")
    found.status = status
    return found


async def _reply(session: AsyncSession, user_id: str, message_id: str) -> Message:
    """The reply, whose chat nobody else changes before this transaction ends: two clicks at once make one row."""
    message = await messages.get(session, user_id, message_id)
    await chats.lock(session, user_id, message.chat_id)
    if message.role != "assistant":
        raise Conflict("only a reply can be judged")
    return message
