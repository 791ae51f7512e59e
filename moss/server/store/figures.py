"""Figures for administrators: who is here, what was asked, what people thought of the replies.

Not here: one's own chats (`chats.py`), what is exported (`collection.py`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Function, Integer, Row, cast, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute, aliased

from .schema import ApiKey, Chat, Choice, Feedback, LoginSession, Message, Report, Usage, User
from .usage import today

DAY_MS = 24 * 60 * 60 * 1000


class Activity(NamedTuple):
    """How much a user is here."""

    last_seen_at: int | None
    """By a browser or a key; None where neither is left."""
    chats: int
    tokens_today: int


async def activity(session: AsyncSession, user_ids: Sequence[str]) -> dict[str, Activity]:
    """The activity of each of these users."""
    browsers = await _by_user(session, LoginSession.user_id, func.max(LoginSession.last_seen_at), user_ids)
    keys = await _by_user(session, ApiKey.user_id, func.max(ApiKey.last_used_at), user_ids)
    chats = await _by_user(session, Chat.user_id, func.count(), user_ids)
    used = select(Usage.user_id, Usage.tokens).where(Usage.user_id.in_(user_ids), Usage.day == today())
    tokens = {row.user_id: row.tokens for row in await session.execute(used)}
    return {
        user_id: Activity(
            max(browsers.get(user_id) or 0, keys.get(user_id) or 0) or None,
            chats.get(user_id, 0),
            tokens.get(user_id, 0),
        )
        for user_id in user_ids
    }


async def totals(session: AsyncSession) -> Mapping[str, int]:
    """How many users, chats, messages of users, and open reports there are."""
    counts = {
        "users": select(func.count()).select_from(User),
        "chats": select(func.count()).select_from(Chat),
        "messages": select(func.count()).select_from(Message).where(Message.role == "user"),
        "open_reports": select(func.count()).select_from(Report).where(Report.status == "open"),
    }
    return {name: await session.scalar(count) or 0 for name, count in counts.items()}


async def prompts(session: AsyncSession, since: int) -> Sequence[Row[tuple[int, str | None, str | None, int, int]]]:
    """Users' messages since a time: (day, language, intent, how many, how many of them may be collected).

    A day is its number since 1970, UTC.
    """
    counted = select(
        (Message.created_at // DAY_MS).label("day"),
        Message.language.label("language"),
        Message.intent.label("intent"),
        func.count().label("count"),
        func.sum(cast(Message.consented, Integer)).label("collected"),
    ).where(Message.role == "user", Message.created_at >= since)
    return (await session.execute(counted.group_by("day", "language", "intent").order_by("day"))).all()


async def ratings(session: AsyncSession, since: int) -> Sequence[Row[tuple[str | None, int, int]]]:
    """Thumbs since a time: (model, rating, how many)."""
    counted = (
        select(Message.model, Feedback.rating, func.count())
        .join(Message, Message.id == Feedback.message_id)
        .where(Feedback.updated_at >= since)
    )
    return (await session.execute(counted.group_by(Message.model, Feedback.rating))).all()


async def labels(session: AsyncSession, since: int) -> Counter[str]:
    """How often each label was given since a time."""
    given = select(Feedback.labels).where(Feedback.updated_at >= since)
    return Counter(label for labels in await session.scalars(given) for label in labels)


async def comments(session: AsyncSession, since: int, limit: int) -> Sequence[Feedback]:
    """What people wrote about replies since a time, the newest first."""
    written = select(Feedback).where(Feedback.text != "", Feedback.updated_at >= since)
    return (await session.scalars(written.order_by(Feedback.updated_at.desc()).limit(limit))).all()


async def verdicts(session: AsyncSession, since: int) -> Sequence[Row[tuple[str | None, str | None, str | None, int]]]:
    """Choices since a time: (model of the first reply, of the second, verdict, how many); no verdict: not decided."""
    first, second = aliased(Message), aliased(Message)
    counted = (
        select(first.model, second.model, Choice.verdict, func.count())
        .join(first, first.id == Choice.first_id)
        .join(second, second.id == Choice.second_id)
        .where(Choice.created_at >= since)
    )
    return (await session.execute(counted.group_by(first.model, second.model, Choice.verdict))).all()


async def _by_user(
    session: AsyncSession, owner: InstrumentedAttribute[str], figure: Function[Any], owners: Sequence[str]
) -> dict[str, int]:
    counted = select(owner, figure).where(owner.in_(owners)).group_by(owner)
    return {row[0]: row[1] for row in await session.execute(counted)}
