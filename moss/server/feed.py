"""From threads to the event loop: the events of one answer, taken in batches by one consumer.

The loop is woken once for each batch and not for each token. Not here: what the events mean.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Generator

from ..events import Event
from .pushed import Made, post


class Feed:
    """The events of the answer that `begin` makes. Make it and call it in the event loop.

    `wake` is called there when there is something to take, and at the end; `freed` once, after that.
    """

    def __init__(
        self, begin: Callable[[], Generator[Event, None, None]], wake: Callable[[], None], freed: Callable[[], None]
    ) -> None:
        self._wake = wake
        self._freed = freed
        self._loop = asyncio.get_running_loop()
        self._events: list[Event] = []
        self._exchange = threading.Lock()
        self.error: BaseException | None = None
        """What the answer raised."""
        self.ended = False
        """Whether the last event has been made; there may be some left to take."""
        self._made = Made(begin, self._hear, self._end)

    def take(self) -> list[Event]:
        """What has come since the last time."""
        with self._exchange:
            taken, self._events = self._events, []
        return taken

    def stop(self) -> None:
        """Ends the answer. May be repeated, also when it has ended."""
        self._made.stop()

    def _hear(self, event: Event) -> None:
        with self._exchange:
            self._events.append(event)
            first = len(self._events) == 1
        if first:
            post(self._loop, self._wake)

    def _end(self, error: BaseException | None) -> None:
        self.error = error
        post(self._loop, self._leave)

    def _leave(self) -> None:
        self.ended = True
        self._wake()
        self._freed()
