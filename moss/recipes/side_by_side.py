"""Pieces of a stage that do not depend on each other, several at once, each in a process with its share of the cores.

Small models leave cores waiting for each other: several trainings of few threads are done sooner than one after another
with all threads (two of moss-nano on two cores 1.2 times, docs/log.md). On a GPU they go one after another, which fills
it better than many processes would.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import replace
from multiprocessing import get_context
from typing import TypeVar

import torch
from rich.console import Console

from ..interrupts import deaf, listening
from .recipe import Run

T = TypeVar("T")


def side_by_side(run: Run, work: Callable[[Run, T], None], pieces: Sequence[T], processes: int) -> None:
    """Calls `work(run, piece)` for every piece, in no order; `work` and the pieces must be picklable.

    What one raises ends the others that have not begun, and is raised here.
    """
    at_once = 1 if torch.cuda.is_available() else min(processes, len(pieces))
    if at_once <= 1:
        for piece in pieces:
            work(run, piece)
        return
    threads = max(1, torch.get_num_threads() // at_once)
    # A console holds locks, which do not go to another process; there, plain lines do not draw over each other.
    sent, quiet = replace(run, console=None), run.console.quiet  # type: ignore[arg-type]
    with ProcessPoolExecutor(at_once, get_context("spawn"), torch.set_num_threads, (threads,)) as pool:
        with deaf():
            waiting = [pool.submit(_apart, work, sent, quiet, piece) for piece in pieces]
        try:
            for done in as_completed(waiting):
                done.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _apart(work: Callable[[Run, T], None], run: Run, quiet: bool, piece: T) -> None:
    with listening():
        work(replace(run, console=Console(quiet=quiet, force_terminal=False)), piece)
