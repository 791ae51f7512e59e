"""`moss eval` from end to end, on an assistant that knows nothing: wrong in all but what the grammar ensures."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from typer.testing import CliRunner

from moss.assistant import TAGS_TRAINED
from moss.chat_format import SPECIAL_TOKENS
from moss.checkpoint import load, save
from moss.cli.main import app
from moss.model.config import ModelConfig
from moss.model.transformer import Transformer
from moss.tokenizer.training import train


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(4)
    corpus = [
        "MOSS is a bilingual assistant: helpful, honest and harmless. Calculator, Search(query)",
        "请问，你好吗？",
    ]
    tokenizer = train(corpus * 3, vocab_size=400, special_tokens=SPECIAL_TOKENS)
    config = ModelConfig(tokenizer.vocab_size, 1, 16, 2, 1, 8, 24, 8, max_seq_len=900)
    folder = tmp_path_factory.mktemp("run") / "know-nothing"
    save(folder, Transformer(config), tokenizer, {})
    return folder


def test_what_a_random_assistant_cannot_do_wrong(checkpoint: Path, tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    ran = CliRunner().invoke(app, ["eval", str(checkpoint), "--cases", "1", "--json", str(file)])
    assert ran.exit_code == 0, ran.output
    assert "call of a disabled tool" in ran.stdout
    assert max(map(len, ran.stdout.splitlines())) <= 80
    report = json.loads(file.read_text(encoding="utf-8"))
    assert report["assistant"] == "know-nothing"
    assert report["cases"] == 33  # one of each task and language, two where the needed tool is off
    for never in ("disabled_tool_called", "unparseable_commands"):
        assert report["summary"][never]["held"] == 0
        assert report["summary"][never]["n"] > 0
    assert not report["summary"]["exact_call"]["met"]
    failure = next(failure for failure in report["failures"] if failure["measure"] == "exact_call")
    assert failure["prompt"]
    assert failure["expected"] != failure["got"]


def test_a_missing_checkpoint_is_told_before_anything_is_made(tmp_path: Path) -> None:
    ran = CliRunner().invoke(app, ["eval", str(tmp_path / "nowhere")])
    assert ran.exit_code == 2
    assert "no checkpoint at" in ran.stderr


def test_a_model_without_tags_is_not_measured_at_a_quality(checkpoint: Path) -> None:
    ran = CliRunner().invoke(app, ["eval", str(checkpoint), "--cases", "1", "--quality", "80"])
    assert ran.exit_code == 2
    assert ran.stderr.splitlines()[-1].endswith("it cannot be asked for quality 80")


def test_a_dial_is_shown_quality_by_quality(checkpoint: Path, tmp_path: Path) -> None:
    ran = CliRunner().invoke(app, ["eval", str(checkpoint), "--dial"])
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert "trained without quality tags" in ran.stderr
    known = load(checkpoint)
    save(tmp_path / "tagged", known.model, known.tokenizer, {TAGS_TRAINED: True})
    file = tmp_path / "dial.json"
    ran = CliRunner().invoke(app, ["eval", str(tmp_path / "tagged"), "--dial", "--cases", "1", "--json", str(file)])
    assert ran.exit_code == 0, ran.output
    assert [report["quality"] for report in json.loads(file.read_text(encoding="utf-8")).values()] == [100, 50, 0, None]
    assert ran.stdout.splitlines()[1].split() == ["measure", "100", "50", "0", "no", "tag", "n", "target"]
    ran = CliRunner().invoke(app, ["eval", "--dial", "--quality", "50"])
    assert (ran.exit_code, ran.stderr) == (
        2,
        "moss: --dial asks at qualities of its own: leave out --quality and --guidance\n",
    )
