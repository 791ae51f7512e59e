"""Ctrl-C as an event that code can look at between two steps, beside the exception or in place of it."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def interrupts(*, at_once: bool) -> Iterator[threading.Event]:
    """An event that Ctrl-C sets while the block runs.

    With `at_once` it raises KeyboardInterrupt, too, as ever: what runs just then may swallow that. Without, only a
    second one does. Outside of the main thread, which alone may handle signals, nothing sets it.
    """
    pressed = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield pressed
        return

    def press(signum: int, frame: object) -> None:
        again = pressed.is_set()
        pressed.set()
        if at_once or again:
            raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, press)
    try:
        yield pressed
    finally:
        signal.signal(signal.SIGINT, before)
