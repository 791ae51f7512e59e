"""What a text may cost: the clock that rules look at, and the reason why a text is shown as it was written."""

from __future__ import annotations

import time

_LOOK_EVERY = 8
"""Checks for one look at the clock, which is a system call."""


class TooCostly(Exception):
    """This text is not worth rendering: it nests too deep or takes too long."""


class Budget:
    """Seconds of processor time that the thread which made it may still spend.

    The processor's time and not the clock's: on a busy machine an honest text must not lose its form.
    """

    def __init__(self, seconds: float) -> None:
        self._end = time.thread_time() + seconds
        self._checks = 0

    def check(self) -> None:
        """Raises TooCostly when the time is used up. It is asked a hundred times a KB, and looks now and then."""
        if self._checks % _LOOK_EVERY == 0 and time.thread_time() > self._end:
            raise TooCostly("the text takes too long to render")
        self._checks += 1
