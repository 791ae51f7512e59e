"""Learning from sampled replies: every method makes what is rewarded likelier, and its numbers are those by hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from rich.console import Console

from moss import checkpoint
from moss.chat_format import ChatFormat
from moss.conversation import AssistantTurn, Conversation, Message
from moss.data.documents import Documents
from moss.data.pairs import turn_documents
from moss.errors import UserError
from moss.model.preference import PreferenceModel
from moss.model.transformer import Transformer
from moss.train.dpo import all_log_probs
from moss.train.loop import Model, TrainResult, computing
from moss.train.metrics import read_metrics
from moss.train.optim import OptimConfig
from moss.train.policy import VALUE, GRPOConfig, PPOConfig, grpo, log_prob_rows, log_probs_and_values, ppo
from moss.train.preference_losses import STD_FLOOR, advantages_over_time, kl_to_reference
from moss.train.rollouts import (
    FRUITLESS_ROUNDS,
    Method,
    PolicyBatch,
    RolloutBatches,
    RolloutConfig,
    Rollouts,
    rejection_sampling,
    train_on_rollouts,
)
from tests.train.replies import ROW, break_at_step, make_transformer

REPLIES = ("red red", "tree fine", "blue", "lamp five red")
CONTEXTS = [Conversation((Message("user", f"{number}?"),)) for number in range(6)]
SETTINGS: dict[str, Any] = {
    "max_steps": 12,
    "batch_tokens": 4 * ROW,
    "row_length": ROW,
    "precision": "fp32",
    "device": "cpu",
    "log_every": 1,
    "save_every": 4,
    "prompts": 4,
    "replies": 4,
    "optim": OptimConfig(warmup_steps=1, lr=2e-3, matrix_lr=0.01),
}


def turn(text: str) -> AssistantTurn:
    return (Message("assistant", text),)


def replies_of(model: Model, chat_format: ChatFormat) -> Callable[..., list[AssistantTurn]]:
    """Samples among REPLIES as the model, as it is then, finds them likely: an engine with four things to say."""
    decoder = model.transformer if isinstance(model, PreferenceModel) else model

    def answer(contexts: Sequence[Conversation], seed: int) -> list[AssistantTurn]:
        draw = np.random.default_rng(seed)
        chances = [probabilities(decoder, chat_format, context) for context in contexts]
        return [turn(REPLIES[draw.choice(len(REPLIES), p=chance)]) for chance in chances]

    return answer


def probabilities(model: Transformer, chat_format: ChatFormat, context: Conversation) -> np.ndarray:
    """Of REPLIES, tempered, so that the short one is not the only one that a new model says."""
    rendered = turn_documents([(context, turn(reply)) for reply in REPLIES], chat_format)
    documents = Documents.build((document.tokens, document.loss_mask) for document in rendered)
    compute = computing(model, model, torch.device("cpu"), torch.float32)
    logits = all_log_probs(compute, documents, ROW, 4 * ROW).astype(float) / 8
    chances = np.exp(logits - logits.max())
    return chances / chances.sum()


def reward(turns: Sequence[tuple[Conversation, AssistantTurn]]) -> list[float]:
    return [float((messages[-1].content or "").endswith("fine")) for _, messages in turns]


def make(name: str, chat_format: ChatFormat, **changes: Any) -> tuple[Model, Method, RolloutConfig]:
    transformer = make_transformer(chat_format)
    if name == "rejection":
        config = RolloutConfig(**{**SETTINGS, **changes})
        return transformer, rejection_sampling(config), config
    if name == "grpo":
        settings = GRPOConfig(**{**SETTINGS, **changes})
        return transformer, grpo(transformer, settings), settings
    model = PreferenceModel(transformer, (VALUE,))
    ppo_settings = PPOConfig(**{**SETTINGS, **changes})
    return model, ppo(model, ppo_settings), ppo_settings


def run(
    name: str, chat_format: ChatFormat, out: Path, *, resume: bool = False, **changes: Any
) -> tuple[Model, TrainResult]:
    model, method, config = make(name, chat_format, **changes)
    tokenizer: Any = chat_format.tokenizer
    answer = replies_of(model, chat_format)
    result = train_on_rollouts(
        model, tokenizer, CONTEXTS, answer, reward, method, config, out, console=Console(quiet=True), resume=resume
    )
    return model, result


@pytest.mark.parametrize("name", ["rejection", "grpo", "ppo"])
def test_what_is_rewarded_becomes_likelier(name: str, chat_format: ChatFormat, tmp_path: Path) -> None:
    before = probabilities(make_transformer(chat_format), chat_format, CONTEXTS[0])[1]
    model, _ = run(name, chat_format, tmp_path, max_steps=16, optim=OptimConfig(warmup_steps=1, matrix_lr=0.03))
    decoder = model.transformer if isinstance(model, PreferenceModel) else model
    after = probabilities(decoder, chat_format, CONTEXTS[0])[1]
    assert after > 1.5 * before
    lines = [line for line in read_metrics(tmp_path) if "reward" in line]
    assert len(lines) == 16
    assert all(0 <= line["reward"] <= 1 and line["failed"] == 0 for line in lines)


@pytest.mark.parametrize("name", ["rejection", "grpo", "ppo"])
def test_a_resumed_run_is_the_unbroken_one(
    name: str, chat_format: ChatFormat, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also in the middle of a round, whose batches no later model could make again."""
    changes = {"passes": 3, "save_every": 1, "max_steps": 7}
    run(name, chat_format, tmp_path / "unbroken", **changes)
    with monkeypatch.context() as patch:
        break_at_step(patch, 4)
        with pytest.raises(ZeroDivisionError):
            run(name, chat_format, tmp_path / "broken", **changes)
    run(name, chat_format, tmp_path / "broken", resume=True, **changes)
    load = checkpoint.load_preference_model if name == "ppo" else checkpoint.load
    one, other = (load(tmp_path / folder).model.state_dict() for folder in ("unbroken", "broken"))
    assert all(torch.equal(tensor, other[key]) for key, tensor in one.items())
    rewards = [[line["reward"] for line in read_metrics(tmp_path / name)] for name in ("unbroken", "broken")]
    assert rewards[0] == rewards[1]


def some_rollouts(chat_format: ChatFormat) -> Rollouts:
    """Two contexts, one with a reply that failed; and rewards of no particular kind."""
    groups = [0, 0, 0, 1, 1]
    turns = [(CONTEXTS[group], turn(REPLIES[number % 4])) for number, group in enumerate(groups)]
    rendered = turn_documents(turns, chat_format)
    documents = Documents.build((document.tokens, document.loss_mask) for document in rendered)
    return Rollouts(documents, np.array(groups), np.array([1.0, 0.0, 0.5, 2.0, 3.0]), failed=1)


def moved(model: Model) -> Model:
    """A little away from where it was."""
    torch.manual_seed(1)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter += 0.02 * torch.randn_like(parameter)
    return model


def documents_of(batch: PolicyBatch) -> list[torch.Tensor]:
    """The places of what each document learns, as a mask over the rows."""
    return [
        (batch.document_ids == number) & (torch.arange(len(batch.tokens)) == row)[:, None] & batch.loss_mask
        for row in range(len(batch.tokens))
        for number in range(int(batch.document_ids[row].max()) + 1)
    ]


@pytest.mark.parametrize("share", ["reply", "token"])
def test_grpo_by_hand(chat_format: ChatFormat, share: str) -> None:
    model, method, config = make("grpo", chat_format, share=share, kl_weight=0.1, batch_tokens=8 * ROW)
    assert isinstance(config, GRPOConfig)
    moved(model)  # the reference is the model as it was
    (batch,) = method.batches(some_rollouts(chat_format))
    assert isinstance(batch, PolicyBatch)
    rewards = torch.tensor([1.0, 0.0, 0.5])
    first = (rewards - 0.5) / (0.5 + STD_FLOOR)
    second = torch.tensor([-0.5, 0.5]) / (0.5**0.5 + STD_FLOOR)
    replies = documents_of(batch)
    found = sorted(float(batch.advantages[reply][0]) for reply in replies)
    assert found == pytest.approx(sorted([*first.tolist(), *second.tolist()]), abs=1e-5)
    assert batch.weight == 5
    old = computing(model, model, torch.device("cpu"), torch.float32)(log_prob_rows, batch)
    assert torch.allclose(batch.old, old.detach())
    assert not torch.allclose(batch.old, batch.reference)
    compute = computing(moved(model), model, torch.device("cpu"), torch.float32)
    with torch.no_grad():
        new = compute(log_prob_rows, batch)
        ratio = (new - batch.old).exp()
        gain = torch.minimum(ratio * batch.advantages, ratio.clamp(0.8, 1.2) * batch.advantages)
        each = -gain + 0.1 * kl_to_reference(new, batch.reference)
        if share == "reply":
            expected = sum(each[reply].mean() for reply in replies) / 5
        else:
            expected = each[batch.loss_mask].mean()
        sums = compute(method.loss, batch)
        parts = [compute(method.loss, part)["loss"].item() for part in batch.split(2)]
    assert sums["loss"].item() / batch.weight == pytest.approx(float(expected), rel=1e-4)
    assert sum(parts) == pytest.approx(sums["loss"].item(), rel=1e-4)
    assert 0 <= sums["clipped"].item() <= 5


def test_ppo_by_hand(chat_format: ChatFormat) -> None:
    model, method, _ = make("ppo", chat_format, kl_weight=0.1, decay=0.9, discount=0.99, batch_tokens=8 * ROW)
    assert isinstance(model, PreferenceModel)
    moved(model)
    rollouts = some_rollouts(chat_format)
    (batch,) = method.batches(rollouts)
    assert isinstance(batch, PolicyBatch)
    compute = computing(model, model, torch.device("cpu"), torch.float32)
    with torch.no_grad():
        old, values = compute(log_probs_and_values, batch)
    assert torch.allclose(batch.old, old)
    assert torch.allclose(batch.values, values)
    by_reply = {tuple(batch.tokens[:, 1:][reply[:, :-1]].tolist()): reply for reply in documents_of(batch)}
    assert len(by_reply) == 4  # one text was said in both contexts
    raw = []
    for number, final in enumerate(rollouts.rewards):
        tokens, mask = rollouts.documents[number]
        reply = by_reply[tuple(int(token) for token in tokens[np.array(mask)])]
        if tokens[mask].tolist() == rollouts.documents[0][0][rollouts.documents[0][1]].tolist():
            continue  # cannot be told from its twin
        rewards = -0.1 * (batch.old - batch.reference)[reply]
        rewards[-1] += final
        advantages, returns = advantages_over_time(rewards, batch.values[reply], 0.99, 0.9)
        assert torch.allclose(batch.returns[reply], returns, atol=1e-5)
        raw.append((batch.advantages[reply], advantages))
    every = batch.advantages[batch.loss_mask]
    assert every.mean().item() == pytest.approx(0, abs=1e-5)
    assert every.std(correction=0).item() == pytest.approx(1, abs=1e-4)
    whitened, plain = (torch.cat(parts) for parts in zip(*raw, strict=True))
    assert torch.corrcoef(torch.stack((whitened, plain)))[0, 1].item() == pytest.approx(1, abs=1e-4)


def test_rejection_sampling_keeps_the_best_of_each_context(chat_format: ChatFormat) -> None:
    _, method, _ = make("rejection", chat_format, batch_tokens=8 * ROW)
    rollouts = some_rollouts(chat_format)
    (batch,) = method.batches(rollouts)
    learned = sorted(batch.tokens[:, 1:][batch.loss_mask[:, :-1]].tolist())
    best = [rollouts.documents[number] for number in (0, 4)]
    assert learned == sorted(int(token) for tokens, mask in best for token in tokens[np.array(mask)])
    assert method.batches(replace(rollouts, rewards=np.ones(5))) == []


def source(chat_format: ChatFormat, name: str = "rejection", **changes: Any) -> RolloutBatches:
    model, method, config = make(name, chat_format)
    parts: dict[str, Any] = {"answer": replies_of(model, chat_format), "reward": reward, "contexts": CONTEXTS}
    parts |= changes
    return RolloutBatches(parts["contexts"], chat_format, parts["answer"], parts["reward"], method, config)


def test_every_context_is_answered_before_any_is_again(chat_format: ChatFormat) -> None:
    asked: list[str] = []

    def answer(contexts: Sequence[Conversation], seed: int) -> list[AssistantTurn]:
        asked.extend(context.messages[0].content or "" for context in contexts)
        return [turn(REPLIES[number % 4]) for number in range(len(contexts))]

    batches = source(chat_format, answer=answer)
    for step in range(3):
        assert batches[step].weight
    assert len(asked) == 3 * 4 * 4
    assert sorted(asked[:24:4]) == sorted(asked[24::4]) == sorted(context.messages[0].content for context in CONTEXTS)


def test_replies_without_an_end_or_too_long_are_counted(chat_format: ChatFormat) -> None:
    def answer(contexts: Sequence[Conversation], seed: int) -> list[AssistantTurn | None]:
        return [(None, turn("red " * 200), turn("fine"), turn("red"))[number % 4] for number in range(len(contexts))]

    batches = source(chat_format, answer=answer)
    assert batches[0].weight
    assert batches.figures()["failed"] == 0.5
    assert batches.figures()["reward"] == 0.5


@pytest.mark.parametrize("name", ["rejection", "grpo"])
def test_rounds_that_teach_nothing_end_the_run(chat_format: ChatFormat, name: str) -> None:
    batches = source(chat_format, name, reward=lambda turns: [0.5] * len(turns))
    with pytest.raises(UserError, match=f"{FRUITLESS_ROUNDS} rounds of 4 contexts gave nothing"):
        batches[0]


def test_no_context_is_refused(chat_format: ChatFormat) -> None:
    with pytest.raises(UserError, match="no context to answer"):
        source(chat_format, contexts=[])


@pytest.mark.parametrize(("kind", "changes"), [(RolloutConfig, {"prompts": 0}), (GRPOConfig, {"replies": 1})])
def test_impossible_settings_are_refused(kind: type[RolloutConfig], changes: dict[str, int]) -> None:
    with pytest.raises(UserError, match="must be at least"):
        kind(**changes)  # type: ignore[arg-type]


def test_ppo_needs_a_value_head(chat_format: ChatFormat) -> None:
    with pytest.raises(UserError, match="needs a value head"):
        ppo(PreferenceModel(make_transformer(chat_format)), PPOConfig())
