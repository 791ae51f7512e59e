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


def test_the_folder_of_the_index_is_made_and_a_folder_is_no_index(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a.txt").write_text("Mount Jade is high.", encoding="utf-8")
    out = tmp_path / "new" / "x.sqlite"
    assert CliRunner().invoke(app, ["index", str(tmp_path / "docs"), "--out", str(out)]).exit_code == 0
    assert SearchIndex(out).size == 1
    told = CliRunner().invoke(app, ["index", str(tmp_path / "docs"), "--out", str(tmp_path / "new")])
    assert told.stderr == f"moss: cannot write the index {tmp_path / 'new'}: this is a folder, not a file\n"
