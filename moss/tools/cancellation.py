"""Calls of tools that nobody waits for any more, and how whoever works for one hears of it.

    cancellation = Cancellation()
    with cancellation.current():        # the toolbox, in the thread of the call
        tool.run(argument)
    with when_cancelled(process.kill):  # inside of the tool: whoever waits for what can be ended
        process.wait()
    cancellation.cancel()               # whoever does not want the result any more, in any thread

Not here: what cannot be ended, such as a function in its thread. It goes on, and its result is thrown away.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from ..errors import UserError


class Cancelled(UserError):
    """Nobody wants the result of this call any more."""

    def __init__(self) -> None:
        super().__init__("the call was cancelled")


class Cancellation:
    """Whether one call is still wanted."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ends: list[Callable[[], None]] = []
        self.cancelled = False

    def cancel(self) -> None:
        """Ends what the call waits for. May be repeated, also when the call has come back."""
        # Under the lock, so that whoever waited goes on to other work only when its end is over.
        with self._lock:
            self.cancelled = True
            for end in self._ends:
                end()
            self._ends.clear()

    @contextmanager
    def current(self) -> Iterator[None]:
        """What runs in this block, in this thread, works for this call."""
        token = _current.set(self)
        try:
            yield
        finally:
            _current.reset(token)

    @contextmanager
    def ending(self, end: Callable[[], None]) -> Iterator[None]:
        """As `when_cancelled`, for this call."""
        with self._lock:
            if self.cancelled:
                raise Cancelled
            self._ends.append(end)
        try:
            yield
        finally:
            with self._lock:
                if end in self._ends:
                    self._ends.remove(end)


_current: ContextVar[Cancellation | None] = ContextVar("moss_call", default=None)


@contextmanager
def when_cancelled(end: Callable[[], None]) -> Iterator[None]:
    """Where the call that this block works for is cancelled, another thread calls `end`, which must take no time.

    Raises Cancelled at once where that has happened before. Outside of any call nothing is ever cancelled.
    """
    cancellation = _current.get()
    if cancellation is None:
        yield
        return
    with cancellation.ending(end):
        yield


def raise_if_cancelled() -> None:
    """Raises Cancelled where nobody wants the result of the call that this thread works for."""
    cancellation = _current.get()
    if cancellation is not None and cancellation.cancelled:
        raise Cancelled
