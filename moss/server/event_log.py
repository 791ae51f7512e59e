"""The logs of all replies in the making: one writer that commits them together, and readers that miss nothing.

    append ──► pending ──every 60 ms, one transaction for all replies──► events ──► readers wake

A log is only ever appended to, its entries are numbered 1, 2, 3, ... without gaps, and a reader sees an entry only when
it is committed: what somebody has seen survives a crash. A reader is a position in a list, so one that stalls costs
nothing and slows nobody. Not here: what the entries mean (`replies.py`), and when they are written (`jobs.py`).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from .replies import Line
from .store.database import Database
from .store.errors import Busy, Full, Unreachable
from .store.schema import Event, Generation, now
from .store.text import storable_json

logger = logging.getLogger(__name__)

END = "end"
"""The type of the entry that closes a log."""

DATABASE_FAILED = (Busy, Unreachable, Full)
"""The database itself does not work; anything else is the fault of what was written."""

PAUSES = (0.5, 2.0)
"""Seconds until a commit is tried again that the database refused; it has waited for locks before that, too."""

SHOWN_AT_ONCE = 32
"""Logs whose readers are woken together; then others have their turn, who may have come with a question."""

EVENTS = Event.metadata.tables["events"]
"""The bare table: thousands of rows a second need no objects."""

POLL_SECONDS = 1.0
"""How often a log is looked at that another process writes."""


class Gone(Exception):
    """The reply has ended already, or was deleted: whoever still makes it works for nobody."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a log as its readers get it. `seq` 0 marks a note that is no part of the log."""

    seq: int
    type: str
    data: str
    """The payload as JSON, encoded once for all readers."""


def entry(seq: int, kind: str, payload: dict[str, Any]) -> Entry:
    """The line as its readers get it."""
    return Entry(seq, kind, storable_json(payload))


def rows_of(generation_id: str, lines: Sequence[Line], after: int) -> list[dict[str, Any]]:
    """The lines as rows of the table, numbered on from `after`."""
    common = {"generation_id": generation_id, "created_at": now()}
    return [
        {**common, "seq": seq, "type": line.type, "payload": line.payload} for seq, line in enumerate(lines, after + 1)
    ]


Along = Callable[[AsyncSession], Awaitable[None]]
"""What else is to be written in the transaction that commits some lines."""


class LiveLog:
    """A log that this process writes. Only its owner appends, one append after the other."""

    def __init__(self, generation_id: str) -> None:
        self.generation_id = generation_id
        self.entries: list[Entry] = []
        """All that is committed; entry `seq` stands at `seq - 1`."""
        self.note: Entry | None = None
        """What readers are told that is not kept: the place in the queue."""
        self.ended = False
        self._changed = asyncio.Event()

    def tell(self, note: Entry | None) -> None:
        """Replaces the note; readers that have not seen the one before never will."""
        self.note = note
        self._wake()

    def publish(self, entries: Sequence[Entry]) -> None:
        """Shows what was committed."""
        self.entries += entries
        self.note = None
        self.ended = self.ended or any(entry.type == END for entry in entries)
        self._wake()

    def close(self) -> None:
        """Lets the readers go, also where the log has no end."""
        self.ended = True
        self._wake()

    def _wake(self) -> None:
        # Each event wakes the readers of one change; a reader that comes later waits for the next.
        self._changed.set()
        self._changed = asyncio.Event()

    async def read(self, after: int, idle_seconds: float) -> AsyncIterator[list[Entry]]:
        """The entries with numbers above `after`, those that are there first; ends with the log.

        After so many seconds without any, an empty list.
        """
        seen_note: Entry | None = None
        while True:
            if found := self.entries[after:]:
                after = found[-1].seq
                yield found
            elif self.note is not None and self.note is not seen_note:
                seen_note = self.note
                yield [seen_note]
            elif self.ended:
                return
            else:
                try:
                    async with asyncio.timeout(idle_seconds):
                        await self._changed.wait()
                except TimeoutError:
                    yield []


@dataclass
class _Append:
    """Lines that wait for the next commit."""

    log: LiveLog
    entries: list[Entry]
    rows: list[dict[str, Any]]
    along: Along | None
    done: asyncio.Future[None]


class EventLog:
    """Writes and reads the logs. `start` it inside the event loop, `close` it there."""

    def __init__(self, database: Database, flush_seconds: float) -> None:
        self._database = database
        self._flush_seconds = flush_seconds
        self._live: dict[str, LiveLog] = {}
        self._appends: list[_Append] = []
        self._wanted = asyncio.Event()
        self._writer: asyncio.Task[None] | None = None
        self.leaving = False
        """Whether the server stops: nobody waits any longer for what other processes write."""

    def start(self) -> None:
        """Starts the writer."""
        self._writer = asyncio.create_task(self._write(), name="event-log")

    async def close(self) -> None:
        """Stops the writer and lets all readers go. Whoever still appends has to be gone before."""
        if self._writer is not None:
            self._writer.cancel()
            with suppress(asyncio.CancelledError):
                await self._writer
        for log in self._live.values():
            log.close()
        self._live.clear()

    def open(self, generation_id: str) -> LiveLog:
        """A new, empty log; it is kept in memory until `release`."""
        log = self._live[generation_id] = LiveLog(generation_id)
        return log

    def release(self, log: LiveLog) -> None:
        """Nothing more will be appended: readers that come now find the log in the database."""
        log.close()
        self._live.pop(log.generation_id, None)

    async def append(self, log: LiveLog, lines: Sequence[Line], along: Along | None = None) -> None:
        """Appends the lines, and what `along` writes, in one transaction; returns when it is committed.

        Nothing of it is written where it raises: Gone, what `along` raises, or why the database does not work.
        """
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        rows = rows_of(log.generation_id, lines, after=len(log.entries))
        entries = [entry(row["seq"], row["type"], row["payload"]) for row in rows]
        self._appends.append(_Append(log, entries, rows, along, done))
        self._wanted.set()
        await done

    async def read(self, generation_id: str, after: int, idle_seconds: float) -> AsyncIterator[list[Entry]]:
        """The entries of a generation with numbers above `after`, as they come, until the log ends.

        After so many seconds without any, an empty list. What another process writes is looked up every second, until
        it has ended, or this server stops.
        """
        log = self._live.get(generation_id)
        if log is not None:
            async for entries in log.read(after, idle_seconds):
                yield entries
            return
        while True:
            # The status first: a log that ended between the two questions is then read once more.
            running = await self._is_running(generation_id)
            entries = await self.stored(generation_id, after)
            yield entries
            if not running or self.leaving:
                return
            after = entries[-1].seq if entries else after
            await asyncio.sleep(POLL_SECONDS)

    async def _is_running(self, generation_id: str) -> bool:
        async with self._database.reading() as session:
            status = await session.scalar(select(Generation.status).where(Generation.id == generation_id))
        return status in ("queued", "running")

    async def stored(self, generation_id: str, after: int) -> list[Entry]:
        """The committed entries with numbers above `after`."""
        wanted = (
            select(Event.seq, Event.type, Event.payload)
            .where(Event.generation_id == generation_id, Event.seq > after)
            .order_by(Event.seq)
        )
        async with self._database.reading() as session:
            rows = (await session.execute(wanted)).all()
        return [entry(seq, kind, payload) for seq, kind, payload in rows]

    async def _write(self) -> None:
        while True:
            await self._wanted.wait()
            await asyncio.sleep(self._flush_seconds)
            self._wanted.clear()
            appends, self._appends = self._appends, []
            await self._commit(appends)

    async def _commit(self, appends: list[_Append]) -> None:
        """Commits all of them together, or, where one of them is refused, each by itself."""
        error: Exception | None = None
        try:
            await self._tried(appends)
        except IntegrityError:
            error = Gone()
        except Exception as refused:
            error = refused
        if error is not None and len(appends) > 1 and not isinstance(error, DATABASE_FAILED):
            for append in appends:
                await self._commit([append])
            return
        for number, append in enumerate(appends, start=1):
            if number % SHOWN_AT_ONCE == 0:
                await asyncio.sleep(0)
            if error is None:
                append.log.publish(append.entries)
            if append.done.done():
                continue  # nobody waits any more
            if error is None:
                append.done.set_result(None)
            else:
                append.done.set_exception(error)

    async def _tried(self, appends: list[_Append]) -> None:
        """One transaction, tried again for a while where the database does not work."""
        for pause in PAUSES:
            try:
                return await self._transaction(appends)
            except DATABASE_FAILED as error:
                logger.warning("%d appends could not be committed: %s", len(appends), error)
                await asyncio.sleep(pause)
        await self._transaction(appends)

    async def _transaction(self, appends: list[_Append]) -> None:
        rows = [row for append in appends for row in append.rows]
        async with self._database.session() as session:
            if rows:
                await session.execute(insert(EVENTS), rows)
            for append in appends:
                if append.along is not None:
                    await append.along(session)
