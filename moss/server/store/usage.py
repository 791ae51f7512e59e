"""How much each user asked for on each day (UTC), for quotas. Not here: what a quota is."""

from __future__ import annotations

import time

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from .schema import Usage


def today() -> str:
    """The day of now, `2026-11-21`, UTC."""
    return time.strftime("%Y-%m-%d", time.gmtime())


async def count(session: AsyncSession, user_id: str, *, requests: int = 0, tokens: int = 0) -> None:
    """Adds to what the user has used today; two that count at once lose nothing."""
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    row = insert(Usage).values(user_id=user_id, day=today(), requests=requests, tokens=tokens)
    await session.execute(
        row.on_conflict_do_update(
            index_elements=["user_id", "day"],
            set_={"requests": Usage.requests + requests, "tokens": Usage.tokens + tokens},
        )
    )


async def used(session: AsyncSession, user_id: str) -> Usage:
    """What the user has used today."""
    found = await session.get(Usage, (user_id, today()), populate_existing=True)
    return found or Usage(user_id=user_id, day=today())
