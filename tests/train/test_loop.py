"""The loop: interrupted = unbroken, in parts = at once, and nothing that can happen to a run costs its checkpoint."""

from __future__ import annotations

import math
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from moss import checkpoint
from moss.errors import UserError
from moss.train import loop
from moss.train import losses as loss_functions
from moss.train.losses import masked_cross_entropy
from moss.train.metrics import read_metrics
from moss.train.optim import OptimConfig
from moss.train.precision import bf16_speedup

Run = Callable[..., loop.TrainResult]

TIMES = ("tokens_per_second", "seconds")


def losses(folder: Path) -> list[float]:
    return [line["loss"] for line in read_metrics(folder) if "loss" in line]


def figures(folder: Path) -> list[dict[str, Any]]:
    """The metrics without what depends on the clock."""
    return [{key: value for key, value in line.items() if key not in TIMES} for line in read_metrics(folder)]


def weights(folder: Path) -> dict[str, torch.Tensor]:
    return checkpoint.load(folder).model.state_dict()


def assert_same_run(one: Path, other: Path) -> None:
    assert figures(one) == figures(other)
    for name, tensor in weights(one).items():
        assert torch.equal(tensor, weights(other)[name]), name


def test_loss_of_the_first_twenty_steps(run: Run, tmp_path: Path) -> None:
    """Golden: a change of model, initialisation, data order or optimizer that was not meant shows here."""
    run(tmp_path)
    found = losses(tmp_path)
    assert found[0] == pytest.approx(GOLDEN[0], abs=2e-3)
    assert found[9] == pytest.approx(GOLDEN[1], abs=2e-2)
    assert found[19] == pytest.approx(GOLDEN[2], abs=5e-2)


GOLDEN = (5.5354, 4.2980, 3.5608)


@pytest.mark.parametrize("name", ["muon", "adamw"])
def test_a_resumed_run_is_the_unbroken_one(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    optim = OptimConfig(name=name, warmup_steps=4)  # type: ignore[arg-type]
    run(tmp_path / "unbroken", optim=optim)
    with monkeypatch.context() as patch:
        break_at_step(patch, 13)
        with pytest.raises(ZeroDivisionError):
            run(tmp_path / "broken", optim=optim)
    assert (tmp_path / "broken" / "latest").read_text().strip() == "step-00000010"
    assert losses(tmp_path / "broken")[-1] == losses(tmp_path / "unbroken")[12]
    torch.manual_seed(99)
    run(tmp_path / "broken", optim=optim, resume=True)
    assert_same_run(tmp_path / "unbroken", tmp_path / "broken")


def break_at_step(patch: pytest.MonkeyPatch, step: int) -> None:
    """The run fails in the step after `step`, which no checkpoint holds."""
    train_step = loop.Trainer.train_step

    def failing(trainer: loop.Trainer) -> Any:
        if trainer.step == step:
            raise ZeroDivisionError
        return train_step(trainer)

    patch.setattr(loop.Trainer, "train_step", failing)


def test_a_step_in_parts_is_the_step_at_once(run: Run, tmp_path: Path) -> None:
    run(tmp_path / "whole", max_steps=5)
    run(tmp_path / "parts", max_steps=5, accumulation_steps=4)
    assert losses(tmp_path / "parts") == pytest.approx(losses(tmp_path / "whole"), abs=1e-4)
    for name, tensor in weights(tmp_path / "whole").items():
        assert torch.allclose(weights(tmp_path / "parts")[name], tensor, atol=2e-4), name


@pytest.mark.skipif(bf16_speedup() < 1, reason="bf16 is slower than fp32 on this CPU, so it is never chosen")
def test_bf16_learns_like_fp32(run: Run, tmp_path: Path) -> None:
    run(tmp_path / "fp32")
    run(tmp_path / "bf16", precision="bf16")
    assert losses(tmp_path / "bf16") == pytest.approx(losses(tmp_path / "fp32"), abs=0.06)
    assert weights(tmp_path / "bf16")["norm.weight"].dtype == torch.float32


def test_result_and_metrics(run: Run, tmp_path: Path) -> None:
    result = run(tmp_path)
    assert result.steps == 20
    assert result.checkpoint == tmp_path / "step-00000020"
    assert result.loss == losses(tmp_path)[-1]
    assert 0 < result.bits_per_byte["en"] < 8
    assert [line["step"] for line in read_metrics(tmp_path) if "bits_per_byte/en" in line] == [10, 20]
    assert sorted(path.name for path in tmp_path.glob("step-*")) == ["step-00000015", "step-00000020"]


def test_bits_per_byte_is_nats_over_the_bytes_of_what_was_predicted(
    run: Run, tmp_path: Path, documents: Any, tokenizer: Any
) -> None:
    result = run(tmp_path)
    model = checkpoint.load(tmp_path).model
    nats = size = 0.0
    for i in range(len(documents)):
        tokens = torch.tensor(documents[i][0].astype("int64"))
        logits = model.logits(loop_hidden(model, tokens))
        nats += torch.nn.functional.cross_entropy(logits[:-1], tokens[1:], reduction="sum").item()
        size += sum(len(tokenizer.token_bytes(token)) for token in tokens[1:].tolist())
    assert result.bits_per_byte["en"] == pytest.approx(nats / math.log(2) / size, rel=1e-4)


def loop_hidden(model: Any, tokens: torch.Tensor) -> torch.Tensor:
    attend = loop.PackedAttention(torch.zeros(1, len(tokens), dtype=torch.int64))
    with torch.no_grad():
        return model(tokens[None], torch.arange(len(tokens))[None], attend)[0]


def test_a_finished_run_is_not_trained_again(run: Run, tmp_path: Path) -> None:
    first = run(tmp_path)
    assert run(tmp_path, resume=True) == first


def test_a_run_can_be_made_longer(run: Run, tmp_path: Path) -> None:
    run(tmp_path, max_steps=5)
    assert run(tmp_path, max_steps=8, resume=True).steps == 8
    assert [line["step"] for line in read_metrics(tmp_path) if "loss" in line] == list(range(1, 9))


def test_a_folder_with_a_run_is_not_overwritten(run: Run, tmp_path: Path) -> None:
    run(tmp_path, max_steps=5)
    with pytest.raises(UserError, match="already holds a training run: continue it with --resume"):
        run(tmp_path, max_steps=5)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"seed": 1}, "trained on other data"),
        ({"row_length": 128}, "trained on other data"),
        ({"optim": OptimConfig(name="adamw")}, "begun with another optim.name"),
    ],
)
def test_a_run_goes_on_only_as_it_began(run: Run, tmp_path: Path, changes: dict[str, Any], message: str) -> None:
    run(tmp_path, max_steps=5)
    with pytest.raises(UserError, match=message):
        run(tmp_path, max_steps=10, resume=True, **changes)


def test_a_resumed_run_takes_its_new_learning_rate(run: Run, tmp_path: Path) -> None:
    run(tmp_path, max_steps=5)
    before = weights(tmp_path)
    still = OptimConfig(warmup_steps=0, lr=1e-12, matrix_lr=1e-12, weight_decay=0.0)
    run(tmp_path, max_steps=6, resume=True, optim=still)
    assert all(torch.allclose(tensor, before[name], atol=1e-9) for name, tensor in weights(tmp_path).items())


def test_a_full_disk_stops_the_run_with_its_last_checkpoint_intact(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(tmp_path, max_steps=5)

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(checkpoint, "save_file", full)
    with pytest.raises(UserError, match="the disk is full"):
        run(tmp_path, max_steps=10, resume=True)
    monkeypatch.undo()
    assert run(tmp_path, max_steps=10, resume=True).steps == 10


def test_ctrl_c_saves_and_stops(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    train_step = loop.Trainer.train_step

    def interrupted(trainer: loop.Trainer) -> Any:
        if trainer.step == 6:
            os.kill(os.getpid(), signal.SIGINT)
        return train_step(trainer)

    monkeypatch.setattr(loop.Trainer, "train_step", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "stopped")
    assert (tmp_path / "stopped" / "latest").read_text().strip() == "step-00000007"
    monkeypatch.undo()
    run(tmp_path / "stopped", resume=True)
    run(tmp_path / "unbroken")
    assert_same_run(tmp_path / "unbroken", tmp_path / "stopped")


KILLED = """
import sys
from pathlib import Path
sys.path[:0] = [sys.argv[2], sys.argv[3]]
import conftest
from moss.train import loop
conftest.CONFIG = conftest.replace(conftest.CONFIG, max_steps=10_000, save_every=1, log_every=1, eval_every=10_000)
tokenizer = conftest.train_tokenizer(conftest.TEXTS, 300, ["<|endoftext|>"])
documents, _ = conftest.pretrain_documents(conftest.TEXTS, tokenizer, 64)
loop.train(conftest.make_model(tokenizer.vocab_size), tokenizer, documents, conftest.CONFIG, sys.argv[1], resume=True)
"""


def test_kill_9_at_any_moment_leaves_a_checkpoint_that_goes_on(tmp_path: Path) -> None:
    """A run that saves every step is killed again and again; each time the latest checkpoint loads, and is newer."""
    here = Path(__file__).parent
    command = [sys.executable, "-c", KILLED, str(tmp_path / "run"), str(here), str(here.parent.parent)]
    latest = tmp_path / "run" / "latest"
    reached = 0
    for delay in (0.0, 0.013):
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
            wait_for(lambda reached=reached: latest.exists() and step_of(latest) >= reached + 2, process)
            time.sleep(delay)  # somewhere within a step or a save
            process.kill()
        found = checkpoint.load(tmp_path / "run")
        state = found.trainer_state()
        assert state["step"] == int(found.folder.name.removeprefix("step-")) > reached
        assert read_metrics(tmp_path / "run")[-1]["step"] - state["step"] <= 1
        reached = state["step"]


def step_of(latest: Path) -> int:
    return int(latest.read_text().strip().removeprefix("step-"))


def wait_for(condition: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    while not condition():
        assert process.poll() is None, "the run ended by itself"
        time.sleep(0.02)


@pytest.mark.parametrize("chunk", [1, 3, 512])
def test_loss_equals_the_library_s_with_its_gradients(monkeypatch: pytest.MonkeyPatch, chunk: int) -> None:
    monkeypatch.setitem(loss_functions.CHUNK_ROWS, "cpu", chunk)
    hidden = torch.randn(2, 5, 8, requires_grad=True)
    head = torch.randn(11, 8, requires_grad=True)
    targets = torch.tensor([[1, 2, -100, 10, -100], [-100, 0, 5, -100, 7]])
    ours = masked_cross_entropy(hidden, head, targets)
    logits = (hidden @ head.T).flatten(0, 1)
    theirs = torch.nn.functional.cross_entropy(logits, targets.flatten(), ignore_index=-100, reduction="sum")
    assert torch.allclose(ours, theirs, atol=1e-4)
    for one, other in zip(
        torch.autograd.grad(3 * ours, (hidden, head)), torch.autograd.grad(3 * theirs, (hidden, head)), strict=True
    ):
        assert torch.allclose(one, other, atol=1e-4)
    with torch.no_grad():
        assert torch.allclose(masked_cross_entropy(hidden, head, targets), theirs, atol=1e-4)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"max_steps": 0}, "max_steps must be at least 1"),
        ({"batch_tokens": 8}, "must be at least row_length"),
        ({"seed": -1}, "seed must be from 0"),
    ],
)
def test_impossible_settings_are_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(UserError, match=message):
        loop.TrainConfig(**changes)


@pytest.mark.parametrize("device", ["gpu", "cuda:99"])
def test_a_device_that_is_not_there_is_told(device: str) -> None:
    with pytest.raises(UserError, match=f"device {device} cannot be used"):
        loop.TrainConfig(device=device).torch_device()
