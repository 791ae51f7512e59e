"""The code in docs/tour.md runs, and prints what it says it prints."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TOUR = Path(__file__).parents[1] / "docs" / "tour.md"
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_the_tour(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    blocks = BLOCK.findall(TOUR.read_text(encoding="utf-8"))
    names: dict[str, object] = {}
    for language, text in blocks:
        if language == "python":
            exec(compile(text, str(TOUR), "exec"), names)
    printed = capsys.readouterr().out
    assert printed.startswith(next(text for language, text in blocks if not language))
    assert printed.rstrip().endswith("It is 1776.")
