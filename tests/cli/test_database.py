"""`moss migrate` and `moss backup`, on a SQLite file."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from typer.testing import CliRunner

from moss.cli.main import app
from moss.server.store.database import Database
from moss.server.store.schema import REVISION


@pytest.fixture(autouse=True)
def _in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MOSS_DATABASE", raising=False)
    monkeypatch.setenv("MOSS_DATA", "kept")


def moss(*arguments: str, code: int = 0) -> str:
    done = CliRunner().invoke(app, list(arguments))
    assert done.exit_code == code, done.output
    return " ".join(done.output.split())


def test_a_database_is_made_kept_up_to_date_and_backed_up() -> None:
    assert moss("migrate") == f"kept/moss.db has its tables now (revision {REVISION})"
    assert moss("migrate") == f"kept/moss.db is up to date (revision {REVISION})"
    Path("kept/images").mkdir()
    Path("kept/images/a.webp").write_bytes(b"picture")
    assert "bytes of database and 1 picture -> copies/today" in moss("backup", "copies/today")
    assert asyncio.run(Database("copies/today/moss.db").revision()) == REVISION
    assert moss("migrate", "--set", "data=copies/today").startswith("copies/today/moss.db is up to date")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["backup", "new"], "there is no database at kept/moss.db"),
        (["backup", "new", "--set", "database=postgresql://u@host/name"], "back it up with pg_dump"),
        (["migrate", "--set", "database=mysql://host/name"], "must be a file, sqlite:///FILE, or postgresql"),
        (["migrate", "--set", "databse=x"], "Did you mean"),
        (["migrate", "--set", "database=postgresql://u@localhost:1/name"], "no answer"),
    ],
)
def test_mistakes_are_told_in_one_line(arguments: list[str], words: str) -> None:
    told = moss(*arguments, code=2)
    assert told.startswith("moss: ")
    assert words in told
