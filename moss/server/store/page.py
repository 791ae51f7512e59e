"""Long lists, newest first, a page at a time. Not here: what is listed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from sqlalchemy import Select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from ...errors import UserError

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Some rows, and where the next ones begin."""

    rows: Sequence[Row]
    before: str | None
    """What to ask for next; None where there is no more."""


async def page(
    session: AsyncSession,
    query: Select[Row],
    time: InstrumentedAttribute[int],
    key: InstrumentedAttribute[str],
    before: str | None,
    limit: int,
) -> Page[Row]:
    """The rows before a place, by time and then by key, so that rows of one millisecond are not lost between pages.

    A row that is added or deleted meanwhile shifts nothing. UserError where `before` is not from an earlier page.
    """
    if before is not None:
        query = query.where(tuple_(time, key) < _place(before))
    rows = list(await session.scalars(query.order_by(time.desc(), key.desc()).limit(limit + 1)))
    shown = rows[:limit]
    rest = len(rows) > limit
    return Page(shown, f"{getattr(shown[-1], time.key)}.{getattr(shown[-1], key.key)}" if rest and shown else None)


def _place(before: str) -> tuple[int, str]:
    moment, _, key = before.partition(".")
    # No time has more digits for the next 200 years, and a larger number is none for the database.
    if not (moment.isascii() and moment.isdigit() and len(moment) <= 13):
        raise UserError("before: not a place that an earlier page gave")
    return int(moment), key
