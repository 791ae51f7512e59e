"""`moss eval`: who cannot be answered is told at once."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from moss.cli.main import app
from moss.recipes.nano import evaluation


def test_a_place_for_the_figures_that_cannot_be_is_told_before_the_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evaluation, "evaluate", lambda *_: pytest.fail("measured"))
    told = CliRunner().invoke(app, ["eval", "--json", str(tmp_path)])
    assert (told.exit_code, told.stderr) == (2, f"moss: {tmp_path}: this is a folder, not a file\n")


def test_a_missing_checkpoint_is_one_line(tmp_path: Path) -> None:
    told = CliRunner().invoke(app, ["eval", str(tmp_path / "none")])
    assert (told.exit_code, told.stdout) == (2, "")
    assert told.stderr == f"moss: no checkpoint at {tmp_path / 'none'}: the folder does not exist\n"
