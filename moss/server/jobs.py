"""Replies as jobs: a queue with places, slots, and for each job the way from its order to the end of its log.

    submit ──► queue ──slot──► thread with the assistant ──► draft ──► event log ──► end, message

A job belongs to nobody's connection: it goes on when the page is closed, and ends by itself, by `stop`, or with the
server. However it ends, its slot is free afterwards, its message holds what was shown, and its log has an `end`. What a
killed server left behind is ended by the next one (`orphans.py`). Not here: HTTP, and who may ask for a reply.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Literal

from .api_errors import ApiError
from .drafts import Draft, Ending, KeepFiles, Order, refused
from .event_log import END, Along, EventLog, Gone, LiveLog, entry, rows_of
from .feed import Feed
from .liveness import Liveness
from .orphans import Orphans
from .replies import INTERNAL, PROBLEMS, Line, Problem, problem_of
from .reply_records import beat, began, ended
from .store.errors import StoreError
from .views import reply_view

if TYPE_CHECKING:
    from ..assistant import Assistant
    from .moderation import Moderator
    from .settings import ServerSettings
    from .store.database import Database

logger = logging.getLogger(__name__)

ENDING_SECONDS = 5.0
"""How long jobs that were told to end may take to write that down."""

WantedEnd = Literal["stopped", "interrupted"]


@dataclass
class _Job:
    """One reply, from the queue to its end."""

    order: Order
    log: LiveLog
    draft: Draft
    leave: Callable[[], None]
    """To be called when nothing of it runs any more."""
    woken: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when there is something to do: a slot, events, an end."""
    wanted_end: WantedEnd | None = None
    feed: Feed | None = None
    task: asyncio.Task[None] = field(init=False)

    def end(self, status: WantedEnd) -> None:
        """Asks it to end with what is shown; the first who asks decides how that is called."""
        self.wanted_end = self.wanted_end or status
        self.woken.set()


class Jobs:
    """All replies that this process makes. `start` and `close` it inside the event loop."""

    def __init__(
        self,
        settings: ServerSettings,
        database: Database,
        assistant: Assistant,
        moderator: Moderator,
        keep_files: KeepFiles,
    ) -> None:
        self.log = EventLog(database, settings.flush_milliseconds / 1000)
        self.worker = ""
        """The name of this process in the records of its replies, from `start` on."""
        self.draining = False
        """Whether the server was told to stop: what is there is finished, nothing new is taken."""
        self.note_wait: Callable[[float], None] = lambda seconds: None
        """Called with the seconds that a reply waited for its slot, when it has it."""
        self._settings = settings
        self._database = database
        self._assistant = assistant
        self._moderator = moderator
        self._keep_files = keep_files
        self._jobs: dict[str, _Job] = {}
        self._waiting: OrderedDict[str, _Job] = OrderedDict()
        self._taken: set[str] = set()
        self._reserved = 0
        self._liveness: Liveness | None = None
        self._tasks: list[asyncio.Task[None]] = []

    # --- life ---------------------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Ends what dead servers left behind, and begins to take orders."""
        self._liveness = Liveness(self._settings.data / "servers")
        self.worker = self._liveness.worker
        self.log.start()
        orphans = Orphans(self._settings, self._database, self._liveness, self.makes)
        await orphans.end_all()
        self._tasks = [
            asyncio.create_task(self._beat(), name="heartbeat"),
            asyncio.create_task(orphans.watch(), name="orphans"),
        ]

    async def drain(self, seconds: float) -> None:
        """Takes nothing new, gives what is there so long to end by itself, and interrupts the rest."""
        self.draining = True
        if tasks := [job.task for job in self._jobs.values()]:
            await asyncio.wait(tasks, timeout=seconds)
        await self.interrupt()

    async def interrupt(self) -> None:
        """Ends every job now, each with what was shown of it."""
        self.draining = self.log.leaving = True
        for job in self._jobs.values():
            job.end("interrupted")
        if tasks := [job.task for job in self._jobs.values()]:
            _, late = await asyncio.wait(tasks, timeout=ENDING_SECONDS)
            for task in late:  # the database does not answer; the next server finds what is not written down
                task.cancel()

    async def close(self) -> None:
        """Ends what still runs, and everything else."""
        await self.interrupt()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.log.close()
        if self._liveness is not None:
            self._liveness.close()

    # --- what others see ----------------------------------------------------------------------------------------------

    @property
    def slots(self) -> int:
        """Replies that may be made at once."""
        return self._settings.slots

    @property
    def slots_taken(self) -> int:
        """Replies that are being made."""
        return len(self._taken)

    @property
    def waiting(self) -> int:
        """Replies that wait for a slot."""
        return len(self._waiting)

    def makes(self, generation_id: str) -> bool:
        """Whether this process makes that reply, or will."""
        return generation_id in self._jobs

    # --- orders -------------------------------------------------------------------------------------------------------

    @contextmanager
    def places(self, count: int) -> Iterator[None]:
        """Keeps so many places in the queue while orders are written down. ApiError(503) where there are none left."""
        if self.draining:
            raise ApiError(503, "the server is stopping; try again in a moment", "stopping", retry_after=5)
        room = self.slots + self._settings.queue_length
        if len(self._jobs) + self._reserved + count > room:
            waiting = f"{self.waiting} replies wait already"
            raise ApiError(503, f"{waiting}; try again in a moment", "overloaded", retry_after=2)
        self._reserved += count
        try:
            yield
        finally:
            self._reserved -= count

    def submit(self, order: Order, leave: Callable[[], None] = lambda: None) -> None:
        """Makes the reply, whose records are written. `leave` is called when nothing of it runs any more."""
        whole_clauses = self._settings.moderation_url is not None
        draft = Draft(order, self._moderator, self._keep_files, whole_clauses=whole_clauses)
        job = _Job(order, self.log.open(order.generation_id), draft, leave)
        self._jobs[order.generation_id] = job
        job.task = asyncio.create_task(self._perform(job), name=f"reply {order.generation_id}")

    async def stop(self, generation_id: str) -> None:
        """Ends the reply with what is shown of it, and returns when that is written down."""
        job = self._jobs.get(generation_id)
        if job is not None:
            job.end("stopped")
            await asyncio.wait([job.task])

    async def stop_all_of(self, user_id: str) -> None:
        """Ends every reply of a user, as `stop` does."""
        theirs = [job.order.generation_id for job in self._jobs.values() if job.order.user_id == user_id]
        await asyncio.gather(*map(self.stop, theirs))

    # --- the work -----------------------------------------------------------------------------------------------------

    async def _perform(self, job: _Job) -> None:
        """One job from the queue to its end. Whatever happens, its log has ended then."""
        try:
            await self._finish(job, await self._ending(job))
        except Gone:
            pass  # its chat was deleted, or another process took it for dead: there is nobody to tell
        finally:
            self.log.release(job.log)
            del self._jobs[job.order.generation_id]
            if job.feed is None:
                self._free(job)

    async def _ending(self, job: _Job) -> Ending:
        """How the reply ended, also where making it failed."""
        try:
            return await self._make(job)
        except Gone:
            raise
        except Exception as error:
            return _failure(job, error)

    async def _make(self, job: _Job) -> Ending:
        """Queue, slot, reply: how it ended. What is not written down by then is in the draft."""
        order = job.order
        verdict = await self._moderator.check(order.prompt, "prompt", order.language)
        if not verdict.allowed:
            return refused(verdict, "prompt")
        await self._slot(job)
        if job.wanted_end is not None:
            return _early(job, job.wanted_end)
        await job.draft.open()
        await self._write(job, partial(began, generation_id=order.generation_id, worker=self.worker))
        answer = partial(self._assistant.reply, order.conversation, order.sampling, order.quality)
        job.feed = Feed(answer, job.woken.set, partial(self._free, job))
        try:
            return await self._follow(job, job.feed)
        finally:
            job.feed.stop()

    async def _follow(self, job: _Job, feed: Feed) -> Ending:
        """Writes down what the assistant does, until it ends or is to end."""
        while True:
            await job.woken.wait()
            job.woken.clear()
            if job.wanted_end is not None:
                return _early(job, job.wanted_end)
            is_last = feed.ended  # looked at before the last events are taken, not after
            ending = await job.draft.take(feed.take())
            if ending is not None:
                return ending
            if is_last:
                raise feed.error or RuntimeError("the assistant's events have no end")
            if job.draft.lines:
                await self._write(job)

    async def _write(self, job: _Job, along: Along | None = None) -> None:
        """Commits the lines of the draft; they stay in it where that fails."""
        lines = list(job.draft.lines)
        await self.log.append(job.log, lines, along)
        del job.draft.lines[: len(lines)]

    async def _finish(self, job: _Job, ending: Ending) -> None:
        """Writes down the end, or tells the readers that it could not be."""
        await job.draft.close()
        job.draft.lines += _last_lines(job, ending)
        order = job.order
        record = partial(ended, generation_id=order.generation_id, ending=ending, said=job.draft.messages)
        try:
            await self._write(job, record)
        except StoreError as error:
            logger.error("the end of reply %s could not be stored: %s", order.generation_id, error)
            lines = _last_lines(job, Ending("failed", problem=problem_of(error)))
            rows = rows_of(order.generation_id, lines, after=len(job.log.entries))
            job.log.publish([entry(row["seq"], row["type"], row["payload"]) for row in rows])

    # --- slots --------------------------------------------------------------------------------------------------------

    async def _slot(self, job: _Job) -> None:
        """Waits until the job has a slot, or is to end."""
        since = time.monotonic()
        self._waiting[job.order.generation_id] = job
        self._admit()
        while job.wanted_end is None and job.order.generation_id not in self._taken:
            await job.woken.wait()
            job.woken.clear()
        if job.wanted_end is None:
            self.note_wait(time.monotonic() - since)

    def _admit(self) -> None:
        """Gives free slots to those who wait longest, and tells the others their places."""
        while self._waiting and len(self._taken) < self.slots:
            generation_id, job = self._waiting.popitem(last=False)
            self._taken.add(generation_id)
            job.woken.set()
        for position, job in enumerate(self._waiting.values(), start=1):
            job.log.tell(entry(0, "queued", {"position": position, "waiting": len(self._waiting)}))

    def _free(self, job: _Job) -> None:
        """Nothing of the job runs any more: the next may begin."""
        self._taken.discard(job.order.generation_id)
        self._waiting.pop(job.order.generation_id, None)
        job.leave()
        self._admit()

    async def _beat(self) -> None:
        """Says again and again that this process's replies are alive."""
        while True:
            await asyncio.sleep(self._settings.heartbeat_seconds)
            try:
                async with self._database.session() as session:
                    await beat(session, self.worker)
            except StoreError as error:
                logger.warning("no heartbeat could be stored: %s", error)


def _failure(job: _Job, error: Exception) -> Ending:
    """The ending of a reply that could not be made; a defect of ours is logged."""
    problem = problem_of(error)
    if problem.code == INTERNAL:
        logger.error("reply %s failed", job.order.generation_id, exc_info=error)
    return Ending("failed", completion_tokens=job.draft.tokens, problem=problem)


def _early(job: _Job, status: WantedEnd) -> Ending:
    """The ending of a reply that was told to end."""
    problem = Problem(status, PROBLEMS[status]) if status == "interrupted" else None
    return Ending(status, "aborted", completion_tokens=job.draft.tokens, problem=problem)


def _last_lines(job: _Job, ending: Ending) -> list[Line]:
    """The lines that close the log: why it failed, and the end with the whole message."""
    message = reply_view(job.order, ending, job.draft.messages, job.draft.html)
    end = {"status": ending.status, "finish_reason": ending.finish_reason, "message": message.model_dump()}
    problem = [] if ending.problem is None else [Line("error", ending.problem.to_dict())]
    return [*problem, Line(END, end)]
