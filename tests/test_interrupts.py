"""Ctrl-C: an event between two steps, nothing to the deaf, an exception to those that listen."""

from __future__ import annotations

import os
import signal

import pytest

from moss.interrupts import deaf, interrupts, listening


def press() -> None:
    """Ctrl-C, as the terminal sends it."""
    os.kill(os.getpid(), signal.SIGINT)


def test_the_first_one_is_an_event_and_the_second_one_is_meant() -> None:
    with interrupts(at_once=False) as pressed:
        press()
        assert pressed.is_set()
        with pytest.raises(KeyboardInterrupt):
            press()


def test_at_once_it_is_both() -> None:
    with interrupts(at_once=True) as pressed:
        with pytest.raises(KeyboardInterrupt):
            press()
        assert pressed.is_set()


def test_who_is_deaf_hears_it_while_listening() -> None:
    before = signal.getsignal(signal.SIGINT)
    with deaf():
        press()
        with listening(), pytest.raises(KeyboardInterrupt):
            press()
        press()
    assert signal.getsignal(signal.SIGINT) is before
