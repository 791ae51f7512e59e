"""Answers whose events come by themselves, and threads for those whose events have to be waited for.

An engine in another process tells of hundreds of answers over one line, and one thread reads it. Were there a thread
more for each answer, most of a server's time would go into waking them, once for each token. Not here: what becomes of
the events (`feed.py`, `streams.py`).
"""

from __future__ import annotations

import asyncio
import contextvars
import threading
from abc import abstractmethod
from collections.abc import Callable, Generator
from contextlib import closing
from queue import SimpleQueue
from types import TracebackType

from ..events import Event

Hear = Callable[[Event], None]
"""Called with each event as it comes, one after the other, from threads of whoever makes them; it must not wait."""
Ended = Callable[[BaseException | None], None]
"""Called once after the last event, with what was raised, if anything; it must not wait."""


class PushedAnswer(Generator[Event, None, None]):
    """An answer that hands its events over as they come. Who would rather wait for them iterates."""

    def __init__(self) -> None:
        self._come: SimpleQueue[Event | None] | None = None
        self._error: BaseException | None = None
        self._given_up = False

    @abstractmethod
    def push(self, hear: Hear, ended: Ended) -> None:
        """Begins the answer where that was not done, and returns; raises where it cannot be begun. Call it once."""

    @abstractmethod
    def give_up(self) -> None:
        """Ends the answer where it has not ended. From any thread; may be repeated."""

    def close(self) -> None:
        """As `give_up`; who iterates gets no event any more."""
        self._given_up = True
        self.give_up()

    def send(self, value: None) -> Event:
        """The next event; waits for it."""
        if self._come is None:
            come = self._come = SimpleQueue()
            self.push(come.put, self._note_end)
        event = self._come.get()
        if event is not None and not self._given_up:
            return event
        self._come.put(None)
        error, self._error = self._error, None
        raise error or StopIteration

    def throw(
        self,
        typ: type[BaseException] | BaseException,
        val: BaseException | object = None,
        tb: TracebackType | None = None,
    ) -> Event:
        """Ends the answer, and raises."""
        self.close()
        raise typ

    def _note_end(self, error: BaseException | None) -> None:
        self._error = error
        assert self._come is not None
        self._come.put(None)


class Made:
    """One answer, pushed or not, from its beginning on. `ended` is called once when nothing of it runs any more."""

    def __init__(self, begin: Callable[[], Generator[Event, None, None]], hear: Hear, ended: Ended) -> None:
        """`begin` makes the answer, in a thread of its own, since it may take a while."""
        self._begin, self._hear, self._ended = begin, hear, ended
        self._answer: Generator[Event, None, None] | None = None
        self._stopped = threading.Event()
        # With the context of who asked, so that what is logged down there has the id of the request.
        run = contextvars.copy_context().run
        threading.Thread(target=run, args=(self._make,), name="moss-answer", daemon=True).start()

    def stop(self) -> None:
        """Ends the answer at its next event, or at once where it is pushed. May be repeated, also when it has ended."""
        self._stopped.set()
        if isinstance(self._answer, PushedAnswer):
            self._answer.close()

    def _make(self) -> None:
        try:
            answer = self._answer = self._begin()
            if isinstance(answer, PushedAnswer):
                answer.push(self._hear, self._ended)
                if self._stopped.is_set():  # before there was something to close
                    answer.close()
                return
            with closing(answer):
                for event in answer:
                    if self._stopped.is_set():
                        break
                    self._hear(event)
        except BaseException as error:  # it belongs to whoever listens
            self._ended(error)
        else:
            self._ended(None)


def post(loop: asyncio.AbstractEventLoop, function: Callable[[], object]) -> None:
    """Has the event loop call the function soon, from any thread; nothing where the loop has ended."""
    try:
        loop.call_soon_threadsafe(function)
    except RuntimeError:
        if not loop.is_closed():
            raise
