"""`moss tag`, and the best of several replies in `moss chat`, with a tiny preference model."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from typer.testing import CliRunner, Result

from moss.checkpoint import load, save
from moss.cli.main import USER_ERROR, app
from moss.conversation import Conversation, Message, read_jsonl, write_jsonl
from moss.model.preference import PreferenceModel


def moss(*words: object) -> Result:
    return CliRunner(env={"COLUMNS": "200"}).invoke(app, list(map(str, words)))


@pytest.fixture(scope="module")
def preference_model(tiny_checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = load(tiny_checkpoint)
    torch.manual_seed(1)
    folder = tmp_path_factory.mktemp("scorer") / "judge"
    save(folder, PreferenceModel(found.model), found.tokenizer, {})
    return folder


@pytest.fixture
def dialogues(tmp_path: Path) -> Path:
    path = tmp_path / "dialogues.jsonl"
    write_jsonl(path, [Conversation((Message("user", f"{i}?"), Message("assistant", "yes " * i))) for i in range(30)])
    with open(path, "a", encoding="utf-8") as file:
        file.write("{\n")
        file.write('{"messages": [{"role": "assistant", "content": "first"}]}\n')
    return path


def test_dialogues_are_tagged_and_reported(preference_model: Path, dialogues: Path, tmp_path: Path) -> None:
    out = tmp_path / "tagged.jsonl"
    ran = moss("tag", dialogues, "--model", preference_model, "--out", out)
    assert ran.exit_code == 0, ran.output
    tags = [conversation.messages[1].quality for conversation in read_jsonl(out)]
    assert (len(tags), min(tags), max(tags)) == (30, 0, 100)  # type: ignore[type-var]
    report = json.loads((tmp_path / "tagged.jsonl.report.json").read_text(encoding="utf-8"))
    assert (report["scorer"], report["replies"]) == ("judge/score", 30)
    assert "Quality by judge/score" in ran.stdout
    # What is wrong with the data is told once, though it is read twice.
    assert ran.stderr.count("line 31: not JSON") == 1
    assert "2 bad records left out" in ran.stderr


def test_mistakes_are_one_line(preference_model: Path, tiny_checkpoint: Path, dialogues: Path, tmp_path: Path) -> None:
    equal = tmp_path / "equal.jsonl"
    write_jsonl(equal, [Conversation((Message("user", "?"), Message("assistant", "yes")))] * 3)
    for data, model, message in (
        (dialogues, tiny_checkpoint, "holds no preference model"),
        (equal, preference_model, "all 3 replies have the same score"),
        (tmp_path / "none.jsonl", preference_model, "no such file"),
    ):
        ran = moss("tag", data, "--model", model, "--out", tmp_path / "out.jsonl")
        assert ran.exit_code == USER_ERROR
        assert message in ran.stderr
        assert not (tmp_path / "out.jsonl").exists()


def test_the_best_of_several_replies(preference_model: Path, tiny_checkpoint: Path) -> None:
    options = ["--once", "hi", "--tools", "", "--json", "--max-tokens", 5, "--seed", 1, "--temperature", 1]
    best = ["--best-of", 3, "--scorer", preference_model]
    ran = moss("chat", tiny_checkpoint, *options, *best)
    assert ran.exit_code == 0, ran.output
    last = json.loads(ran.stdout.splitlines()[-1])
    assert last["type"] == "finished"
    assert 5 < last["usage"]["completion_tokens"] <= 15


@pytest.mark.parametrize("options", [["--best-of", "3"], ["--scorer", "folder"]])
def test_best_of_needs_a_scorer(tiny_checkpoint: Path, options: list[str]) -> None:
    ran = moss("chat", tiny_checkpoint, "--once", "hi", *options)
    assert ran.exit_code == USER_ERROR
    assert "--best-of N and --scorer FOLDER go together" in ran.stderr
