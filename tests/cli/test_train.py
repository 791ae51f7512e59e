"""`moss train`: from files to a checkpoint, settings on the command line, and mistakes in one line."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from typer.testing import CliRunner, Result

from moss import checkpoint
from moss.assistant import load_assistant
from moss.cli.main import app
from moss.conversation import Conversation, Message, PreferencePair, ToolCall, write_jsonl, write_pairs

SMALL = [
    f"--set={setting}" for setting in ("max_steps=2", "batch_tokens=512", "row_length=256", "optim.warmup_steps=1")
]
SHAPE = [f"--set=model.{setting}" for setting in ("num_layers=1", "hidden_size=16", "intermediate_size=24")]


def moss(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["train", *map(str, arguments)])


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    path = tmp_path / "texts.jsonl"
    lines = [json.dumps({"text": text}) for i in range(20) for text in (f"Sentence {i}.", f"第{i}句话。")]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


@pytest.fixture
def dialogues(tmp_path: Path) -> Path:
    path = tmp_path / "dialogues.jsonl"
    write_jsonl(
        path, [Conversation((Message("user", f"What is {i}?"), Message("assistant", f"It is {i}."))) for i in range(20)]
    )
    return path


def test_pretrain_then_sft(texts: Path, dialogues: Path, tiny_checkpoint: Path, tmp_path: Path) -> None:
    base, assistant = tmp_path / "base", tmp_path / "assistant"
    result = moss(
        "pretrain", "--data", texts, "--tokenizer", tiny_checkpoint, "--out", base, "--validation", texts, *SMALL,
        *SHAPE,
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    assert "40 documents" in result.output
    assert "en " in result.output
    assert "zh " in result.output
    result = moss("sft", "--data", dialogues, "--from", base, "--out", assistant, *SMALL)
    assert result.exit_code == 0, result.output
    loaded = checkpoint.load(assistant)
    assert loaded.config == checkpoint.load(base).config
    assert loaded.config.hidden_size == 16
    assert loaded.recipe["config"]["optim"]["warmup_steps"] == 1
    result = moss("sft", "--data", dialogues, "--from", base, "--out", assistant, *SMALL)
    assert result.exit_code == 2
    assert "already holds a training run" in result.output


@pytest.mark.parametrize(("settings", "known"), [([], True), (["--set=tag_dropout=1"], False)])
def test_a_model_that_read_quality_tags_is_known_to(
    tiny_checkpoint: Path, tmp_path: Path, settings: list[str], known: bool
) -> None:
    tagged = tmp_path / "tagged.jsonl"
    said = [(Message("user", f"{i}?"), Message("assistant", f"{i}.", quality=10 * (i % 11))) for i in range(20)]
    write_jsonl(tagged, [Conversation(turn) for turn in said])
    out = tmp_path / "out"
    result = moss("sft", "--data", tagged, "--from", tiny_checkpoint, "--out", out, *SMALL, *settings)
    assert result.exit_code == 0, result.output
    assert ("replies with a quality tag" in result.output) is known
    assert checkpoint.load(out).recipe["quality_tags"] is known
    with load_assistant(out) as assistant:
        assert assistant.quality(None) == (100 if known else None)


def test_print_shows_the_settings_and_trains_nothing(texts: Path, tiny_checkpoint: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = moss(
        "pretrain", "--data", texts, "--tokenizer", tiny_checkpoint, "--out", out, "--print", "--set", "optim.lr=1e-5"
    )
    assert json.loads(result.output)["optim"]["lr"] == 1e-5
    assert not out.exists()


def test_bad_lines_are_named_and_the_rest_is_learned(dialogues: Path, tiny_checkpoint: Path, tmp_path: Path) -> None:
    with open(dialogues, "a", encoding="utf-8") as file:
        file.write('{"messages": [\n')
        file.write('{"messages": [{"role": "assistant", "content": "first"}]}\n')
    result = moss("sft", "--data", dialogues, "--from", tiny_checkpoint, "--out", tmp_path / "out", *SMALL)
    assert result.exit_code == 0, result.output
    assert "line 21: not JSON" in result.output
    assert "conversation 21: message 1" in result.output
    assert "2 bad records left out" in result.output
    assert "20 documents" in result.output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["sft", "--from", "{model}", "--data", "{empty}"], "the training data is empty"),
        (["sft", "--from", "{model}", "--data", "nothing.jsonl"], "nothing.jsonl: no such file"),
        (["sft", "--from", "nowhere", "--data", "{data}"], "no checkpoint at nowhere"),
        (["sft", "--from", "{model}", "--data", "{data}", "--set", "optim.rl=3"], "Did you mean optim.lr"),
        (["sft", "--from", "{model}", "--data", "{data}", "--set", "optim.lr=x"], "optim.lr: must be a number"),
        (["sft", "--from", "{model}", "--data", "{data}", "--set", "tag_dropout=2"], "tag_dropout must be between"),
        (["pretrain", "--data", "{data}"], "either --tokenizer DIR (a new model) or --from CHECKPOINT"),
        (["pretrain", "--from", "{model}", "--data", "{data}", "--set", "model.num_layers=9"], "leave out --set model"),
    ],
)
def test_mistakes_are_one_line_and_exit_code_2(
    arguments: list[str], message: str, dialogues: Path, tiny_checkpoint: Path, tmp_path: Path
) -> None:
    empty = tmp_path / "empty.jsonl"
    empty.touch()
    names = {"{model}": str(tiny_checkpoint), "{data}": str(dialogues), "{empty}": str(empty)}
    result = moss(*(names.get(argument, argument) for argument in arguments), "--out", tmp_path / "out")
    assert result.exit_code == 2
    assert message in " ".join(result.output.split())
    assert "Traceback" not in result.output
    assert not (tmp_path / "out").exists()


@pytest.fixture
def pairs(tmp_path: Path) -> Path:
    path = tmp_path / "pairs.jsonl"
    found = [
        PreferencePair(
            Conversation((Message("user", f"What is {i}?"),)),
            (Message("assistant", f"It is {i}."),),
            (Message("assistant", "I do not know."),),
        )
        for i in range(12)
    ]
    unspeakable = (Message("assistant", "5", tool_calls=(ToolCall("Calculate", 'say "5"', "5", "ok"),)),)
    write_pairs(path, [*found, found[0], replace(found[1], rejected=unspeakable)])
    with path.open("a", encoding="utf-8") as file:
        broken = {"context": {"messages": [{"role": "user", "content": "?"}]}, "chosen": [], "rejected": []}
        file.write(json.dumps(broken) + "\n")
    return path


def test_a_preference_model_is_trained_and_measured(pairs: Path, tiny_checkpoint: Path, tmp_path: Path) -> None:
    out = tmp_path / "scores"
    arguments = ("preference", "--data", pairs, "--from", tiny_checkpoint, "--out", out, "--validation", pairs, *SMALL)
    result = moss(*arguments)
    assert result.exit_code == 0, result.output
    assert "12 pairs of 24 replies to 12 contexts" in result.output
    assert "1 x repeated pair: left out" in result.output
    assert "pair 14: the argument of Calculate must be one non-empty line" in result.output
    assert "2 bad records left out" in result.output
    assert "of the held-out pairs" in result.output
    assert checkpoint.load_preference_model(out).model.distributions["score"].std > 0
    assert json.loads((out / "report.json").read_text())["overall"]["pairs"] == 12
    assert moss(*arguments, "--resume").exit_code == 0


def test_dpo_makes_an_assistant(pairs: Path, tiny_checkpoint: Path, tmp_path: Path) -> None:
    out = tmp_path / "assistant"
    result = moss("dpo", "--data", pairs, "--from", tiny_checkpoint, "--out", out, *SMALL, "--set", "beta=0.2")
    assert result.exit_code == 0, result.output
    found = checkpoint.load(out)
    assert found.recipe["stage"] == "dpo"
    assert found.recipe["config"]["beta"] == 0.2


@pytest.mark.parametrize("stage", ["preference", "dpo"])
def test_files_without_a_pair_are_refused(stage: str, tiny_checkpoint: Path, tmp_path: Path) -> None:
    (tmp_path / "none.jsonl").touch()
    result = moss(
        stage, "--data", tmp_path / "none.jsonl", "--from", tiny_checkpoint, "--out", tmp_path / "out", *SMALL
    )
    assert result.exit_code == 2
    assert "there is no pair to learn from" in result.output


@pytest.fixture
def scorer(pairs: Path, tiny_checkpoint: Path, tmp_path: Path) -> Path:
    out = tmp_path / "scorer"
    assert moss("preference", "--data", pairs, "--from", tiny_checkpoint, "--out", out, *SMALL).exit_code == 0
    return out


ROLLOUTS = [*SMALL, "--set=prompts=2", "--set=replies=2", "--set=max_steps=1"]


@pytest.mark.parametrize("stage", ["rejection", "grpo", "ppo"])
def test_the_model_learns_from_its_own_replies(
    stage: str, dialogues: Path, scorer: Path, tiny_checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What a random model says comes to no end, so its replies are drawn from a hat; all else is as it is.
    hat = itertools.count()
    monkeypatch.setattr(
        "moss.synth.rollouts.agent_answers",
        lambda agent: (
            lambda contexts, seed: [
                (Message("assistant", ("Yes.", "No, 5.")[next(hat) % 2], thought="Hm." if c.tools else None),)
                for c in contexts
            ]
        ),
    )
    out = tmp_path / stage
    result = moss(
        stage, "--data", dialogues, "--from", tiny_checkpoint, "--scorer", scorer, "--out", out, *ROLLOUTS
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    assert "20 contexts; 2 replies to each" in result.output
    found = checkpoint.load(out / "assistant" if stage == "ppo" else out)
    assert found.recipe["stage"] == stage
    assert found.recipe["scorer"] == str(scorer)
    begun = checkpoint.load(tiny_checkpoint)
    assert any(
        not torch.equal(a, b) for a, b in zip(found.model.parameters(), begun.model.parameters(), strict=True)
    ), "it has learned"


def test_settings_are_shown_and_a_scorer_that_is_none_is_told(
    dialogues: Path, scorer: Path, tiny_checkpoint: Path, tmp_path: Path
) -> None:
    out, shown = tmp_path / "out", ("--set", "clip=0.1", "--print")
    arguments = ("grpo", "--data", dialogues, "--from", tiny_checkpoint, "--scorer", scorer, "--out", out)
    assert json.loads(moss(*arguments, *shown).output)["clip"] == 0.1
    result = moss(*arguments[:-3], tmp_path / "nowhere", "--out", out, *ROLLOUTS)
    assert result.exit_code == 2
    assert "nowhere" in result.output
