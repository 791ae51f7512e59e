"""Ctrl-C as an event that code can look at between two steps, beside the exception or in place of it.

And not at all in processes that are made to help: it reaches them as it reaches the one that waits for them, and while
they begin, or have nothing to do, all they could say of it is a traceback.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def interrupts(*, at_once: bool) -> Iterator[threading.Event]:
    """An event that Ctrl-C sets while the block runs.

    With `at_once` it raises KeyboardInterrupt, too, as ever: what runs just then may swallow that. Without, only a
    second one does. Outside of the main thread, which alone may handle signals, nothing sets it.
    """
    pressed = threading.Event()

    def press(signum: int, frame: object) -> None:
        again = pressed.is_set()
        pressed.set()
        if at_once or again:
            raise KeyboardInterrupt

    with _handled_by(press):
        yield pressed


@contextmanager
def deaf() -> Iterator[None]:
    """Ctrl-C does nothing while the block runs, and in processes begun in it only while they are `listening`."""
    with _handled_by(signal.SIG_IGN):
        yield


@contextmanager
def listening() -> Iterator[None]:
    """Ctrl-C raises KeyboardInterrupt while the block runs, also in a process that was begun deaf."""
    with _handled_by(signal.default_int_handler):
        yield


@contextmanager
def _handled_by(handler: Any) -> Iterator[None]:
    """Outside of the main thread, nothing is changed."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
