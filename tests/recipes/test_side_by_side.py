"""Pieces side by side: each is done once, in other processes, and what one raises arrives."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import torch
from rich.console import Console

from moss.errors import UserError
from moss.recipes.recipe import Run
from moss.recipes.side_by_side import side_by_side


def leave_a_note(run: Run, piece: int) -> None:
    """What is done: in real use, a training."""
    run.console.print("heard by nobody")
    (run.folder("notes") / str(piece)).write_text(f"{os.getpid()} {torch.get_num_threads()}")


def fail_at_two(run: Run, piece: int) -> None:
    """Likewise, until somebody's mistake is found."""
    if piece == 2:
        raise UserError("two is too many")
    leave_a_note(run, piece)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run("a recipe", tmp_path, None, Console(quiet=True))


def test_each_piece_is_done_in_a_process_with_its_share_of_the_cores(run: Run) -> None:
    side_by_side(run, leave_a_note, range(3), processes=2)
    notes = {path.name: path.read_text().split() for path in (run.out / "notes").iterdir()}
    assert set(notes) == {"0", "1", "2"}
    assert str(os.getpid()) not in {pid for pid, _ in notes.values()}
    assert {int(threads) for _, threads in notes.values()} == {max(1, torch.get_num_threads() // 2)}


def test_one_process_is_this_one(run: Run) -> None:
    side_by_side(run, leave_a_note, range(2), processes=1)
    assert {path.read_text().split()[0] for path in (run.out / "notes").iterdir()} == {str(os.getpid())}


@pytest.mark.parametrize("processes", [1, 2])
def test_what_one_raises_arrives(run: Run, processes: int) -> None:
    with pytest.raises(UserError, match="two is too many"):
        side_by_side(run, fail_at_two, range(4), processes=processes)
