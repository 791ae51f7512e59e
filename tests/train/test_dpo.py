"""DPO: it begins where the reference is, learns what is preferred, and a batch in parts is the batch."""

from __future__ import annotations

from dataclasses import replace
from math import log
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from rich.console import Console

from moss import checkpoint
from moss.chat_format import ChatFormat
from moss.data.pairs import PairBatches, PairDocuments
from moss.errors import UserError
from moss.model.config import ModelConfig
from moss.model.transformer import Transformer
from moss.train import loop
from moss.train.dpo import DPOConfig, all_log_probs, dpo_config, dpo_loss, train_dpo, with_reference
from moss.train.loop import TrainResult, computing
from moss.train.metrics import read_metrics
from moss.train.optim import OptimConfig
from moss.train.preference_losses import dpo
from tests.train.replies import break_at_step, make_pairs, make_transformer

CONFIG = DPOConfig(
    max_steps=15,
    batch_tokens=512,
    row_length=128,
    precision="fp32",
    device="cpu",
    log_every=1,
    eval_every=15,
    save_every=5,
    optim=OptimConfig(warmup_steps=2, lr=1e-3, matrix_lr=5e-3),
)


def run(chat_format: ChatFormat, out: Path, *, resume: bool = False, **changes: Any) -> TrainResult:
    return train_dpo(
        make_transformer(chat_format),
        chat_format.tokenizer,  # type: ignore[arg-type]
        make_pairs(chat_format, 40, seed=0),
        replace(CONFIG, **changes),
        out,
        validation=make_pairs(chat_format, 15, seed=1),
        console=Console(quiet=True),
        resume=resume,
    )


def compute_with(model: Transformer) -> Any:
    return computing(model, model, torch.device("cpu"), torch.float32)


def log_prob_alone(model: Transformer, data: PairDocuments, document: int) -> torch.Tensor:
    """Of what a document learns, by the library, with nothing else in the batch."""
    tokens, mask = data.documents[document]
    ids = torch.from_numpy(tokens.astype(np.int64))[None]
    hidden = model(ids, torch.arange(ids.shape[1])[None], loop.PackedAttention(torch.zeros_like(ids)))
    found = model.logits(hidden)[0, :-1].log_softmax(-1).gather(1, ids[0, 1:, None])[:, 0]
    return found[torch.from_numpy(np.array(mask[1:]))].sum()


def test_packed_log_probs_are_separate_ones(chat_format: ChatFormat) -> None:
    model, data = make_transformer(chat_format), make_pairs(chat_format, 10, seed=0)
    found = all_log_probs(compute_with(model), data.documents, 128, 1024)
    with torch.no_grad():
        alone = [log_prob_alone(model, data, document).item() for document in range(len(data.documents))]
    assert found.tolist() == pytest.approx(alone, rel=1e-4)


def test_the_loss_of_a_batch_is_that_of_its_pairs_and_of_its_parts(chat_format: ChatFormat, tmp_path: Path) -> None:
    reference, model = make_transformer(chat_format), make_transformer(chat_format)
    with torch.no_grad():
        model.embedding.weight += 0.02 * torch.randn_like(model.embedding.weight)
    data = with_reference(make_pairs(chat_format, 20, seed=0), reference, CONFIG, tmp_path)
    batch = PairBatches(data, 128, 1024, seed=0)[0]
    with torch.no_grad():
        pairs = batch.numbers[batch.pairs].tolist()
        sides = [
            torch.stack([log_prob_alone(one, data, pair[side]) for pair in pairs])
            for one in (model, reference)
            for side in (0, 1)
        ]
        expected, chosen, rejected = dpo(*sides, beta=0.3, label_smoothing=0.1)
        sums = compute_with(model)(dpo_loss(0.3, 0.1), batch)
        parts = [compute_with(model)(dpo_loss(0.3, 0.1), part) for part in batch.split(2)]
    assert sums["loss"].item() == pytest.approx(expected.sum().item(), rel=1e-3)
    assert sums["chosen_reward"].item() == pytest.approx(chosen.sum().item(), rel=1e-2, abs=1e-3)
    assert sums["accuracy"].item() == (chosen > rejected).sum()
    assert len(parts) == 2
    assert sum(part["loss"].item() for part in parts) == pytest.approx(sums["loss"].item(), rel=1e-5)


def test_it_begins_at_log_two_and_learns_what_is_preferred(chat_format: ChatFormat, tmp_path: Path) -> None:
    result = run(chat_format, tmp_path)
    training = [line for line in read_metrics(tmp_path) if "loss" in line]
    assert training[0]["loss"] == pytest.approx(log(2), abs=1e-5)
    assert training[0]["chosen_reward"] == pytest.approx(0, abs=1e-4)
    assert result.loss < 0.68
    assert result.evaluation["accuracy/held_out"] > 0.8
    assert training[-1]["chosen_reward"] > training[-1]["rejected_reward"]
    assert checkpoint.load(tmp_path).config.vocab_size == make_transformer(chat_format).config.vocab_size


def test_a_resumed_run_is_the_unbroken_one(
    chat_format: ChatFormat, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(chat_format, tmp_path / "unbroken")
    with monkeypatch.context() as patch:
        break_at_step(patch, 8)
        with pytest.raises(ZeroDivisionError):
            run(chat_format, tmp_path / "broken")
    run(chat_format, tmp_path / "broken", resume=True)
    one, other = (checkpoint.load(tmp_path / name).model.state_dict() for name in ("unbroken", "broken"))
    assert all(torch.equal(tensor, other[name]) for name, tensor in one.items())


def test_a_reference_is_computed_once(chat_format: ChatFormat, tmp_path: Path) -> None:
    data = make_pairs(chat_format, 5, seed=0)
    first = with_reference(data, make_transformer(chat_format), CONFIG, tmp_path)
    changed = make_transformer(chat_format)
    with torch.no_grad():
        changed.embedding.weight.zero_()
    again = with_reference(data, changed, CONFIG, tmp_path)
    assert again.reference is not None
    assert first.reference is not None
    assert np.array_equal(again.reference, first.reference)


def test_impossible_settings_are_refused() -> None:
    with pytest.raises(UserError, match="beta must be positive"):
        DPOConfig(beta=0)
    assert dpo_config(ModelConfig(vocab_size=10, max_seq_len=300)).row_length == 300
