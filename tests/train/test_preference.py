"""The preference model: packed = separate, learned from pairs, measured on held-out ones, resumed = unbroken."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from rich.console import Console

from moss import checkpoint
from moss.chat_format import ChatFormat
from moss.conversation import Conversation, Message
from moss.data.pairs import PairBatches
from moss.errors import UserError
from moss.model.config import ModelConfig
from moss.model.preference import PreferenceModel
from moss.train import loop
from moss.train.loop import TrainResult, computing
from moss.train.metrics import read_metrics
from moss.train.optim import OptimConfig
from moss.train.preference import (
    REPORT,
    PreferenceConfig,
    PreferenceScorer,
    all_scores,
    pairwise_loss,
    preference_config,
    train_preference_model,
)
from moss.train.preference_losses import bradley_terry
from tests.train.replies import break_at_step, make_pairs, make_transformer

CONFIG = PreferenceConfig(
    max_steps=30,
    batch_tokens=512,
    row_length=128,
    precision="fp32",
    device="cpu",
    log_every=5,
    eval_every=15,
    save_every=10,
    optim=OptimConfig(warmup_steps=4, lr=3e-3, matrix_lr=0.02),
)


def run(chat_format: ChatFormat, out: Path, *, resume: bool = False, **changes: Any) -> TrainResult:
    return train_preference_model(
        make_transformer(chat_format),
        chat_format.tokenizer,  # type: ignore[arg-type]
        make_pairs(chat_format, 40, seed=0),
        replace(CONFIG, **changes),
        out,
        validation=make_pairs(chat_format, 15, seed=1),
        console=Console(quiet=True),
        resume=resume,
    )


def compute_with(model: PreferenceModel) -> Any:
    return computing(model, model, torch.device("cpu"), torch.float32)


def test_packed_scores_are_separate_scores(chat_format: ChatFormat) -> None:
    model = PreferenceModel(make_transformer(chat_format), ("one", "two")).double()
    data = make_pairs(chat_format, 40, seed=0)
    with torch.no_grad():
        compute = computing(model, model, torch.device("cpu"), torch.float32)
        packed = all_scores(compute, data.documents, 2, 128, 1024)
        for number in range(0, len(data.documents), 7):
            tokens = torch.from_numpy(data.documents[number][0].astype(np.int64))[None]
            attend = loop.PackedAttention(torch.zeros_like(tokens))
            hidden = model(tokens, torch.arange(tokens.shape[1])[None], attend)
            assert np.allclose(packed[number], model.scores(hidden)[0, -1].numpy(), atol=1e-12)


def test_a_score_counts_how_likely_the_reply_is_to_the_decoder(chat_format: ChatFormat) -> None:
    model = PreferenceModel(make_transformer(chat_format), likelihood=3.0).double()
    data = make_pairs(chat_format, 40, seed=0)
    with torch.no_grad():
        packed = all_scores(compute_with(model), data.documents, 1, 128, 1024)
        for number in range(0, len(data.documents), 7):
            ids, mask = data.documents[number]
            tokens = torch.from_numpy(ids.astype(np.int64))[None]
            attend = loop.PackedAttention(torch.zeros_like(tokens))
            hidden = model(tokens, torch.arange(tokens.shape[1])[None], attend)
            nats = model.transformer.logits(hidden[0, :-1]).log_softmax(-1).gather(1, tokens[0, 1:, None])[:, 0]
            reply = nats[torch.from_numpy(mask[1:])]  # alone, without what was asked
            expected = model.scores(hidden)[0, -1, 0] + 3.0 * (reply.mean() + reply.min())
            assert packed[number, 0] == pytest.approx(expected.item(), abs=1e-9)


def test_the_loss_of_a_batch_is_that_of_its_pairs_and_of_its_parts(chat_format: ChatFormat) -> None:
    model = PreferenceModel(make_transformer(chat_format))
    data = make_pairs(chat_format, 40, seed=0)
    data = replace(data, margins=np.linspace(0, 2, len(data), dtype=np.float32))
    batch = PairBatches(data, 128, 1024, seed=0)[0]
    compute, loss = compute_with(model), pairwise_loss(margins=True, centering=0.1)
    with torch.no_grad():
        scores = torch.from_numpy(all_scores(compute, data.documents, 1, 128, 1024))[:, 0]
        chosen, rejected = scores[batch.numbers[batch.pairs].T]
        expected = bradley_terry(chosen, rejected, batch.margins) + 0.1 * (chosen + rejected) ** 2
        sums = compute(loss, batch)
        assert sums["loss"].item() == pytest.approx(expected.sum().item(), rel=1e-5)
        assert sums["accuracy"].item() == (chosen > rejected).sum()
        parts = [compute(loss, part) for part in batch.split(3)]
    assert len(parts) == 3
    for name, total in sums.items():
        assert sum(part[name].item() for part in parts) == pytest.approx(total.item(), rel=1e-5)


def test_it_learns_which_replies_are_better_and_says_how_well(chat_format: ChatFormat, tmp_path: Path) -> None:
    result = run(chat_format, tmp_path)
    assert result.evaluation["accuracy/held_out"] > 0.9
    report = json.loads((tmp_path / REPORT).read_text())
    assert report["overall"]["accuracy"] == result.evaluation["accuracy/held_out"]
    assert set(report["by_source"]) == {"a", "b"}
    assert report["calibration"]
    training = [line for line in read_metrics(tmp_path) if "loss" in line]
    assert training[-1]["loss"] < 0.5 * training[0]["loss"]
    assert training[-1]["accuracy"] > training[0]["accuracy"]


def test_the_model_on_disk_scores_dialogues_and_knows_where_scores_lie(chat_format: ChatFormat, tmp_path: Path) -> None:
    run(chat_format, tmp_path)
    found = checkpoint.load_preference_model(tmp_path)
    scorer = PreferenceScorer(found.model, ChatFormat(found.tokenizer))
    context = Conversation((Message("user", "lamp?"),))
    replies = ["tree lamp fine", "tree lamp red", "blue fine", "blue blue"]
    dialogues = [replace(context, messages=(*context.messages, Message("assistant", reply))) for reply in replies]
    scores = scorer(dialogues)
    assert min(scores[0], scores[2]) > max(scores[1], scores[3])
    assert [scorer([dialogue])[0] for dialogue in dialogues] == pytest.approx(scores, abs=1e-5)
    assert scorer.distribution is not None
    # Two replies of three are bad ones.
    assert scorer.distribution.percentile(scores[0]) > 67 > scorer.distribution.percentile(scores[1])
    assert scorer([]) == []
    tagged = replace(dialogues[1], messages=(context.messages[0], Message("assistant", replies[1], quality=100)))
    assert scorer([tagged])[0] == pytest.approx(scores[1], abs=1e-6)


def test_a_resumed_run_is_the_unbroken_one(
    chat_format: ChatFormat, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(chat_format, tmp_path / "unbroken")
    with monkeypatch.context() as patch:
        break_at_step(patch, 13)
        with pytest.raises(ZeroDivisionError):
            run(chat_format, tmp_path / "broken")
    run(chat_format, tmp_path / "broken", resume=True)
    one, other = (checkpoint.load_preference_model(tmp_path / name).model for name in ("unbroken", "broken"))
    assert one.distributions == other.distributions
    for name, tensor in one.state_dict().items():
        assert torch.equal(tensor, other.state_dict()[name]), name


def test_a_head_learns_from_its_own_pairs_only(chat_format: ChatFormat) -> None:
    model = PreferenceModel(make_transformer(chat_format), ("helpful", "harmless"))
    data = make_pairs(chat_format, 40, seed=0)
    batch = PairBatches(replace(data, heads=np.ones_like(data.heads)), 128, 1024, seed=0)[0]
    compute_with(model)(pairwise_loss(margins=True, centering=0.0), batch)["loss"].backward()
    assert model.heads.weight.grad is not None
    assert not model.heads.weight.grad[0].any()
    assert model.heads.weight.grad[1].any()


def test_unknown_and_unnamed_heads_are_refused(chat_format: ChatFormat) -> None:
    model = PreferenceModel(make_transformer(chat_format), ("helpful", "harmless"))
    with pytest.raises(UserError, match="several heads, choose one of helpful, harmless"):
        PreferenceScorer(model, chat_format)
    with pytest.raises(UserError, match="has no head 'kind'"):
        PreferenceScorer(model, chat_format, "kind")
    assert PreferenceScorer(model, chat_format, "harmless").head == "harmless"


def test_rows_are_as_long_as_the_model_allows() -> None:
    assert preference_config(ModelConfig(vocab_size=10, max_seq_len=300)).row_length == 300
