"""The benchmarks of speed run; what they print is for people to judge."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parent.parent / "benchmarks"


@pytest.mark.parametrize(
    ("script", "options", "last_line"),
    [
        ("decode.py", ["--tokens", "1", "--prompt", "4", "--rounds", "1"], "prefill  768 tokens: "),
        ("tool_turn.py", ["--prompt", "4", "--rounds", "1"], "second prompt / cache: first token "),
    ],
)
def test_a_checkpoint_is_measured(script: str, options: list[str], last_line: str, tiny_checkpoint: Path) -> None:
    command = [sys.executable, str(FOLDER / script), str(tiny_checkpoint), *options]
    ran = subprocess.run(command, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    assert " M parameters, torch " in ran.stdout.splitlines()[0]
    assert ran.stdout.splitlines()[-1].startswith(last_line)


def test_a_server_is_put_under_load() -> None:
    command = [sys.executable, str(FOLDER / "serving_load.py"), "--scale", "0.01", "L5"]
    ran = subprocess.run(command, capture_output=True, text=True)
    assert ran.returncode in (0, 1), ran.stderr
    assert [line[:2] for line in ran.stdout.splitlines()[1:-1]] == ["L5", "L5"]
    assert ran.stdout.splitlines()[-1].endswith("of 2 figures met")
