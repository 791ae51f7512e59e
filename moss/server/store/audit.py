"""Who did what: one row for each thing that an administrator, or the safety of accounts, wants to look up later."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from .page import Page, page
from .schema import Audit


def note(session: AsyncSession, actor_id: str | None, action: str, target: str = "", **detail: Any) -> None:
    """Adds a row to the transaction: `note(session, admin.id, "user.ban", user.id)`. Never anybody's words."""
    session.add(Audit(actor_id=actor_id, action=action, target=target, detail=detail))


async def noted(session: AsyncSession, before: str | None = None, limit: int = 50) -> Page[Audit]:
    """The rows, newest first."""
    return await page(session, select(Audit), Audit.created_at, Audit.id, before, limit)
