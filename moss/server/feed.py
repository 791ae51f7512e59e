"""From a thread to the event loop: the events of one answer, taken in batches by one consumer.

The thread waits while more than `LIMIT` events are not taken, so an engine that is faster than the database does not
fill the memory. The loop is woken once for each batch and not for each token. Not here: what the events mean.
"""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import Callable, Generator
from contextlib import closing

from ..events import Event

LIMIT = 512
"""Events that may wait to be taken."""


class Feed:
    """Runs the generator that `begin` makes in a thread of its own. Make it and call it in the event loop.

    `wake` is called there when there is something to take, and when the thread has ended; `freed` once, after that.
    """

    def __init__(
        self, begin: Callable[[], Generator[Event, None, None]], wake: Callable[[], None], freed: Callable[[], None]
    ) -> None:
        self._begin = begin
        self._wake = wake
        self._freed = freed
        self._loop = asyncio.get_running_loop()
        self._events: list[Event] = []
        self._room = threading.Condition()
        self._stopped = False
        self.error: BaseException | None = None
        """What the generator raised."""
        self.ended = False
        """Whether the thread has made its last event; there may be some left to take."""
        # With the context of who asked, so that what is logged down there has the id of the request.
        run = contextvars.copy_context().run
        threading.Thread(target=run, args=(self._drive,), name="moss-reply", daemon=True).start()

    def take(self) -> list[Event]:
        """What has come since the last time."""
        with self._room:
            taken, self._events = self._events, []
            self._room.notify()
        return taken

    def stop(self) -> None:
        """Ends the answer at its next event. May be repeated, also when it has ended."""
        with self._room:
            self._stopped = True
            self._room.notify()

    def _drive(self) -> None:
        try:
            with closing(self._begin()) as events:
                for event in events:
                    if not self._put(event):
                        break
        except BaseException as error:  # it belongs to the consumer, in the event loop
            self.error = error
        finally:
            self._call(self._leave)

    def _leave(self) -> None:
        self.ended = True
        self._wake()
        self._freed()

    def _put(self, event: Event) -> bool:
        """Whether more is wanted."""
        with self._room:
            self._room.wait_for(lambda: self._stopped or len(self._events) < LIMIT)
            if self._stopped:
                return False
            self._events.append(event)
            first = len(self._events) == 1
        if first:
            self._call(self._wake)
        return True

    def _call(self, function: Callable[[], None]) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(function)
