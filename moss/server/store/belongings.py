"""Everything that is kept of one user besides their chats, for their own copy. Not here: the files it is written to.

Hashes of passwords, cookies and keys are left out: they tell nothing and could be stolen from the copy.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from .accounts import user
from .schema import ApiKey, Base, Choice, Consent, Feedback, LoginSession, Report, Usage, User

_COLUMNS: dict[type[Base], Sequence[str]] = {
    ApiKey: ("name", "prefix", "created_at", "last_used_at", "revoked_at"),
    LoginSession: ("user_agent", "created_at", "last_seen_at", "expires_at"),
    Consent: ("version", "granted", "created_at"),
    Usage: ("day", "requests", "tokens"),
    Feedback: ("message_id", "rating", "labels", "text", "created_at", "updated_at"),
    Choice: ("chat_id", "parent_id", "first_id", "second_id", "verdict", "created_at", "decided_at"),
    Report: ("message_id", "reason", "text", "status", "created_at"),
}
_PROFILE = ("id", "name", "role", "language", "settings", "created_at", "banned_at")


async def belongings(session: AsyncSession, user_id: str) -> dict[str, Any]:
    """The user's profile and rows by table, as JSON. NotFound where there is no such user."""
    owner: User = await user(session, user_id)
    found: dict[str, Any] = {"profile": {name: getattr(owner, name) for name in _PROFILE}}
    for table, names in _COLUMNS.items():
        rows = await session.scalars(select(table).filter_by(user_id=user_id))
        found[str(table.__tablename__)] = [{name: getattr(row, name) for name in names} for row in rows]
    return found
