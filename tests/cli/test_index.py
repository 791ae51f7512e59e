"""`moss index`."""

from __future__ import annotations

from pathlib import Path

from typer.testing import CliRunner

from moss.cli.main import app
from moss.tools.search import SearchIndex


def test_makes_an_index_and_names_what_it_skipped(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a.md").write_text("# 山\n\n玉山很高。", encoding="utf-8")
    (tmp_path / "docs" / "b.txt").write_bytes(b"\0")
    result = CliRunner().invoke(app, ["index", str(tmp_path / "docs"), "--out", str(tmp_path / "x.sqlite")])
    assert result.exit_code == 0, result.output
    assert ": 1 passage\n" in result.output
    assert "skipped b.txt: not text" in result.output
    assert SearchIndex(tmp_path / "x.sqlite").search("玉山")[0].snippet == "玉山很高。"


def test_a_missing_folder_is_one_line(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["index", str(tmp_path / "none"), "--out", str(tmp_path / "x.sqlite")])
    assert result.exit_code == 2
    assert "no folder of documents" in result.output
    assert "Traceback" not in result.output
