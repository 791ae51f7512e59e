"""Figures for administrators: who is here, what was asked, what people thought of the replies.

Not here: one's own chats (`chats.py`), what is exported (`collection.py`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Function, Integer, cast, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute, aliased

from .schema import ApiKey, Chat, Choice, Feedback, LoginSession, Message, Report, Usage, User, Verdict
from .usage import today

DAY_MS = 24 * 60 * 60 * 1000


class Activity(NamedTuple):
    """How much a user is here."""

    last_seen_at: int | None
    """By a browser or a key; None where neither is left."""
    chats: int
    tokens_today: int


@dataclass(frozen=True, slots=True)
class Prompts:
    """Users' messages of one day, language and intent."""

    day: int
    """Number of the day since 1970, UTC."""
    language: str | None
    intent: str | None
    count: int
    collected: int
    """How many of them may be collected."""


@dataclass(frozen=True, slots=True)
class Ratings:
    """Thumbs for the replies of one model."""

    model: str | None
    rating: int
    count: int


@dataclass(frozen=True, slots=True)
class Verdicts:
    """Choices between replies of two models."""

    first_model: str | None
    second_model: str | None
    verdict: Verdict | None
    """None: not decided."""
    count: int


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


async def prompts(session: AsyncSession, since: int) -> list[Prompts]:
    """Users' messages since a time, day by day."""
    counted = select(
        (Message.created_at // DAY_MS).label("day"),
        Message.language.label("language"),
        Message.intent.label("intent"),
        func.count().label("count"),
        func.sum(cast(Message.consented, Integer)).label("collected"),
    ).where(Message.role == "user", Message.created_at >= since)
    found = await session.execute(counted.group_by("day", "language", "intent").order_by("day"))
    return [Prompts(*row) for row in found]


async def ratings(session: AsyncSession, since: int) -> list[Ratings]:
    """Thumbs since a time."""
    counted = (
        select(Message.model, Feedback.rating, func.count())
        .join(Message, Message.id == Feedback.message_id)
        .where(Feedback.updated_at >= since)
    )
    return [Ratings(*row) for row in await session.execute(counted.group_by(Message.model, Feedback.rating))]


async def labels(session: AsyncSession, since: int) -> Counter[str]:
    """How often each label was given since a time."""
    given = select(Feedback.labels).where(Feedback.updated_at >= since)
    return Counter(label for labels in await session.scalars(given) for label in labels)


async def comments(session: AsyncSession, since: int, limit: int) -> Sequence[Feedback]:
    """What people wrote about replies since a time, the newest first."""
    written = select(Feedback).where(Feedback.text != "", Feedback.updated_at >= since)
    return (await session.scalars(written.order_by(Feedback.updated_at.desc()).limit(limit))).all()


async def verdicts(session: AsyncSession, since: int) -> list[Verdicts]:
    """Choices since a time."""
    first, second = aliased(Message), aliased(Message)
    counted = (
        select(first.model, second.model, Choice.verdict, func.count())
        .join(first, first.id == Choice.first_id)
        .join(second, second.id == Choice.second_id)
        .where(Choice.created_at >= since)
    )
    found = await session.execute(counted.group_by(first.model, second.model, Choice.verdict))
    return [Verdicts(*row) for row in found]


async def _by_user(
    session: AsyncSession, owner: InstrumentedAttribute[str], figure: Function[Any], owners: Sequence[str]
) -> dict[str, int]:
    counted = select(owner, figure).where(owner.in_(owners)).group_by(owner)
    return {row[0]: row[1] for row in await session.execute(counted)}
