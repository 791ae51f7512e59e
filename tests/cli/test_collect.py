"""`moss collect`: export, counts, withdrawal and dropping, as one walks through them."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from moss.cli.main import app
from moss.conversation import read_jsonl
from moss.server.store.database import Database
from tests.server.test_collection import chat_of, person, say


async def fill(folder: Path) -> None:
    database = Database(f"sqlite:///{folder / 'moss.db'}")
    await database.create()
    try:
        for name in ("ann", "bob"):
            user = await person(database, name)
            await say(database, user, await chat_of(database, user), f"I like {name}@example.org", "Good.")
    finally:
        await database.close()


@pytest.fixture
def data(tmp_path: Path) -> Path:
    asyncio.run(fill(tmp_path))
    return tmp_path


def collect(data: Path, *arguments: object) -> Result:
    return CliRunner().invoke(app, ["collect", *map(str, arguments), "--set", f"data={data}"])


def test_from_export_to_a_file_without_what_was_withdrawn(data: Path) -> None:
    lines = data / "out" / "conversations.jsonl"
    told = collect(data, "export", data / "out")
    assert told.exit_code == 0, told.output
    assert "1 conversation of 1 user" in told.output
    assert "Left out: 1 duplicates" in told.output
    # In the message and in the title, which is made of it.
    assert "Replaced: 2 EMAIL" in told.output
    assert [talk.messages[0].content for talk in read_jsonl(lines)] == ["I like [EMAIL_1]"]

    for name in ("ann", "bob"):
        assert f"{name} has no consent any more." in collect(data, "withdraw", name).output
    told = collect(data, "drop", lines, "--out", lines)
    assert told.output.startswith("0 lines kept, 1 dropped")
    assert lines.read_text(encoding="utf-8") == ""


def test_an_export_is_trained_on_as_it_is(data: Path, tiny_checkpoint: Path) -> None:
    assert collect(data, "export", data / "out").exit_code == 0
    asked = ["--data", data / "out" / "conversations.jsonl", "--from", tiny_checkpoint, "--out", data / "trained"]
    small = ["--set=max_steps=2", "--set=batch_tokens=256", "--set=row_length=128", "--set=optim.warmup_steps=1"]
    told = CliRunner().invoke(app, ["train", "sft", *map(str, asked), *small])
    assert told.exit_code == 0, told.output
    assert "1 document" in told.output
    assert (data / "trained" / "latest").exists()


def test_stats_count_what_may_be_exported(data: Path) -> None:
    told = collect(data, "stats")
    assert told.exit_code == 0, told.output
    assert "2, 2 with consent" in told.output
    assert "4, 4 may be exported" in told.output
    assert "en 2" in told.output


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("withdraw", "carl"), "unknown user 'carl'"),
        (("export", "OUT", "--since", "1"), "unknown export '1'"),
        (("drop", "OUT/none.jsonl", "--out", "OUT/x"), "no such file"),
    ],
)
def test_mistakes_are_one_line(data: Path, arguments: tuple[str, ...], reason: str) -> None:
    told = collect(data, *(argument.replace("OUT", str(data / "out")) for argument in arguments))
    assert told.exit_code == 2
    assert reason in told.stderr
    assert len(told.stderr.strip().splitlines()) == 1


def test_a_folder_without_a_database_is_told(tmp_path: Path) -> None:
    told = collect(tmp_path, "stats")
    assert told.exit_code == 2
    assert "there is no database at" in told.stderr
