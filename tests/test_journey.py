"""One journey: from nothing to an assistant that is talked to in the terminal and over the API, by its own commands."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from openai import OpenAI

from moss.assistant import load_assistant
from moss.chat_format import ChatFormat
from moss.checkpoint import load
from moss.conversation import read_jsonl
from tests.server.live import serving

MOSS = [sys.executable, "-m", "moss.cli.main"]


def moss(*arguments: str) -> str:
    """What the command printed; fails with everything it said when it fails."""
    done = subprocess.run([*MOSS, *arguments], capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("journey") / "run"
    moss("run", "smoke", "--out", str(folder))
    return folder


@pytest.mark.timeout(600)
def test_the_recipe_makes_everything_it_says(run_folder: Path) -> None:
    for stage in ("data", "tokenizer", "pretrain", "sft", "anneal", "evaluate", "package"):
        assert json.loads((run_folder / stage / "done.json").read_text())["seconds"] >= 0
    report = (run_folder / "report.html").read_text(encoding="utf-8")
    assert report.count("<polyline") >= 6
    card = (run_folder / "package" / "moss-smoke" / "README.md").read_text(encoding="utf-8")
    assert "moss run smoke" in card
    assert "dialogues.jsonl" in card
    assert "done before" in moss("run", "smoke", "--out", str(run_folder))


def test_training_learnt_something(run_folder: Path) -> None:
    losses = [json.loads(line) for line in (run_folder / "pretrain" / "metrics.jsonl").read_text().splitlines()]
    losses = [line["loss"] for line in losses if "loss" in line]
    assert losses[-1] < 0.9 * losses[0]


def test_its_dialogues_are_rendered_and_read_back(run_folder: Path) -> None:
    chat_format = ChatFormat(load(run_folder / "package" / "moss-smoke").tokenizer)
    for conversation in read_jsonl(run_folder / "data" / "dialogues_validation.jsonl"):
        parsed = chat_format.parse(chat_format.render(conversation).tokens)
        assert [m.content for m in parsed.messages] == [m.content for m in conversation.messages]


def test_its_assistant_answers_in_the_terminal(run_folder: Path) -> None:
    package = str(run_folder / "package" / "moss-smoke")
    lines = moss("chat", package, "--once", "37*48+5等于多少？", "--json", "--max-tokens", "60").splitlines()
    last = json.loads(lines[-1])
    assert last["type"] == "finished"
    assert isinstance(last["content"], str)


def test_its_assistant_answers_the_openai_client(run_folder: Path, tmp_path: Path) -> None:
    with (
        load_assistant(run_folder / "package" / "moss-smoke", image_folder=tmp_path) as assistant,
        serving(assistant, tmp_path) as address,
    ):
        client = OpenAI(base_url=f"{address}/v1", api_key="none")
        answer = client.chat.completions.create(
            model="moss-smoke", messages=[{"role": "user", "content": "Hello"}], max_tokens=30
        )
    assert answer.usage is not None
    assert answer.usage.completion_tokens > 0
