"""Replies whose server is gone: each is ended as interrupted, with the text of what was committed of it.

At the start of a server these are the replies of one that was killed on this machine; from then on also those of other
machines whose heartbeat has stopped. Not here: replies of this process (`jobs.py`).
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from ..conversation import Message
from .drafts import Ending
from .event_log import END, EVENTS, Gone, rows_of
from .liveness import Liveness
from .replies import PROBLEMS, Line, Problem, Reply, events_of
from .reply_records import ended
from .settings import ServerSettings
from .store import generations
from .store.database import Database
from .store.errors import StoreError
from .store.messages import Entry
from .store.schema import Generation, now
from .store.schema import Message as MessageRow
from .views import message_view

logger = logging.getLogger(__name__)

INTERRUPTED = Problem("interrupted", PROBLEMS["interrupted"])

FORGET_EVERY_SECONDS = 60 * 60.0

LOGS_KEPT_MS = 24 * 60 * 60 * 1000
"""How long the log of a reply is kept after its end; the message has all of it."""


class Orphans:
    """Finds and ends them. `is_ours` says whether this process makes a reply."""

    def __init__(
        self, settings: ServerSettings, database: Database, liveness: Liveness, is_ours: Callable[[str], bool]
    ) -> None:
        self._settings = settings
        self._database = database
        self._liveness = liveness
        self._is_ours = is_ours

    async def watch(self) -> None:
        """Looks for them again and again, and forgets old logs."""
        forget_at = 0.0
        while True:
            await asyncio.sleep(self._settings.stale_seconds / 2)
            try:
                await self.end_all()
                if time.monotonic() > forget_at:
                    forget_at = time.monotonic() + FORGET_EVERY_SECONDS
                    async with self._database.session() as session:
                        await generations.forget_logs(session, now() - LOGS_KEPT_MS)
            except StoreError as error:
                logger.warning("replies of dead servers could not be looked for: %s", error)

    async def end_all(self) -> None:
        """Ends all that are there."""
        unfinished = select(Generation).where(Generation.status.in_(generations.UNFINISHED))
        async with self._database.reading() as session:
            found = list(await session.scalars(unfinished.order_by(Generation.created_at, Generation.id)))
        orphans = [generation for generation in found if self._is_orphan(generation)]
        for generation in orphans:
            try:
                async with self._database.session() as session:
                    await _interrupt(session, generation.id)
            except Gone:
                continue  # another server was faster
        if orphans:
            logger.warning("%d replies of a server that is gone were ended", len(orphans))
        for worker in {generation.worker for generation in orphans if generation.worker} - {self._liveness.worker}:
            self._liveness.forget(worker)

    def _is_orphan(self, generation: Generation) -> bool:
        if self._is_ours(generation.id):
            return False
        alive = self._liveness.is_alive(generation.worker or "")
        if alive is False:
            return True
        # The reply of a process that lives but does not know it any more could not be ended when it should have been;
        # of a process that cannot be seen from here, the heartbeat tells.
        is_silent = now() - generation.heartbeat_at > self._settings.stale_seconds * 1000
        return is_silent and (alive is None or generation.worker == self._liveness.worker)


async def _interrupt(session: AsyncSession, generation_id: str) -> None:
    """Ends one, in one transaction: the message from the log, the log's end, the records."""
    log = await generations.log_of(session, generation_id)
    generation = await session.get_one(Generation, generation_id)
    row = await session.get_one(MessageRow, generation.message_id)
    reply = Reply(row.settings.get("quality"))
    for event in events_of((line.type, line.payload) for line in log):
        reply.take(event)
    stopped = reply.close()
    said = reply.messages() if log else [Message.from_dict(part) for part in row.body]
    ending = Ending("interrupted", "aborted", problem=INTERRUPTED)
    await ended(session, generation_id, ending, said)
    view = await message_view(Entry(row, generation, None))
    end = {"status": ending.status, "finish_reason": ending.finish_reason, "message": view.model_dump()}
    lines = [*stopped, Line("error", INTERRUPTED.to_dict()), Line(END, end)]
    await session.execute(insert(EVENTS), rows_of(generation_id, lines, after=len(log)))
