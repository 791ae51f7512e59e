"""What is left of what was deleted: hashes of ids, by which the next training drops what an export still holds."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from ...flywheel.collected import hashed
from .schema import Tombstone, new_id, now


async def bury(session: AsyncSession, kind: str, ids: Iterable[str]) -> None:
    """Notes that things of one kind (`chat`, `message`, `user`) are deleted."""
    moment = now()
    rows = [{"id": new_id(), "kind": kind, "target_hash": hashed(id), "deleted_at": moment} for id in ids]
    if rows:
        await session.execute(insert(Tombstone), rows)


async def buried(session: AsyncSession, kind: str, ids: Iterable[str]) -> set[str]:
    """Those of the ids that are noted as deleted."""
    by_hash = {hashed(id): id for id in ids}
    found = await session.scalars(
        select(Tombstone.target_hash).where(Tombstone.kind == kind, Tombstone.target_hash.in_(by_hash))
    )
    return {by_hash[target_hash] for target_hash in found}
