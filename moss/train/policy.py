"""Policy gradients over rounds of rollouts: GRPO and PPO, as methods of rollouts.py.

    GRPO    a reply's advantage is how much better it is than the other replies to its context; the same for each token
    PPO     a value head expects what is to come, token by token; advantages are what came beyond it

Both keep the ratio to the probabilities under which the replies were sampled within bounds, and pay for leaving the
model that training started from: GRPO in the loss, PPO in the reward, as each was published. Probabilities old and new
come from the same forward, at temperature 1: sample with that, without top_p, top_k or repetition penalty.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, Literal

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from ..data.batches import IGNORE_INDEX, Batch
from ..data.branches import Branches
from ..data.pairs import PairBatch, document_batch
from ..errors import UserError
from ..model.preference import PreferenceModel
from .loop import Compute, Forward, Model, Sums, TrainConfig, computing, hidden_states
from .losses import token_log_probs
from .precision import compute_dtype
from .preference_losses import (
    KLEstimator,
    advantages_over_time,
    group_advantages,
    kl_to_reference,
    ppo_policy,
    squared_value_error,
)
from .rollouts import Method, PolicyBatch, RolloutConfig, Rollouts, in_batches

Share = Literal["reply", "token"]
"""reply: every reply weighs the same, its tokens share that. token: every token of a batch weighs the same."""

VALUE = "value"
"""Name of the value head."""


@dataclass(frozen=True)
class GRPOConfig(RolloutConfig):
    """Group relative policy optimisation (Shao et al. 2024)."""

    clip: float = 0.2
    """How far below 1 the ratio of new to old probability still counts."""
    clip_high: float | None = None
    """How far above 1; None: as far as below."""
    kl_weight: float = 0.04
    """Price of a nat of divergence from the model that training started from."""
    scale: bool = True
    """Whether advantages are in standard deviations of their group."""
    share: Share = "token"
    """What weighs the same in the loss. With "reply", long bad replies are punished less for each token."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.replies < 2:
            raise UserError(f"GRPO compares the replies to a context: replies must be at least 2, not {self.replies}")


@dataclass(frozen=True)
class PPOConfig(RolloutConfig):
    """Proximal policy optimisation with a value head (Schulman et al. 2017; Ouyang et al. 2022)."""

    clip: float = 0.2
    """How far from 1 the ratio of new to old probability still counts."""
    value_clip: float = 0.2
    """How far a value may move from what it was."""
    value_weight: float = 0.1
    """Of the value head's error in the loss."""
    kl_weight: float = 0.05
    """Price of a nat of divergence from the model that training started from, taken off each token's reward."""
    kl_estimator: KLEstimator = "k1"
    """How that divergence is estimated."""
    discount: float = 1.0
    """Worth of a reward one token later (gamma)."""
    decay: float = 0.95
    """How far advantages look ahead before they trust the values (lambda)."""


def grpo(model: Model, config: GRPOConfig) -> Method:
    """GRPO for `model`, which as it is given is the reference."""
    policy, reference = _computing(model, config), _computing(_frozen(model), config)

    def batches(rollouts: Rollouts) -> list[Batch]:
        advantages = _group_advantages(rollouts, config.scale)
        if not advantages.any():
            return []
        return [
            _grpo_batch(documents, advantages, config.share, policy, reference)
            for documents in _packed(rollouts, config)
        ]

    def loss(forward: Forward, model: Model, batch: PolicyBatch) -> Sums:
        log_probs = log_prob_rows(forward, model, batch)
        clipped = ppo_policy(log_probs, batch.old, batch.advantages, config.clip, config.clip_high)
        kl = kl_to_reference(log_probs, batch.reference)
        total = ((clipped + config.kl_weight * kl) * batch.shares).sum()
        return {"loss": total, "kl": (kl.detach() * batch.shares).sum(), "clipped": _clipped(log_probs, batch, config)}

    return Method("grpo", batches, loss)


def ppo(model: PreferenceModel, config: PPOConfig) -> Method:
    """PPO for `model`, whose decoder as it is given is the reference and whose head VALUE learns what to expect."""
    if VALUE not in model.head_names:
        raise UserError(f"PPO needs a value head: make the model with heads=({VALUE!r},)")
    policy, reference = _computing(model, config), _computing(_frozen(model.transformer), config)

    def batches(rollouts: Rollouts) -> list[Batch]:
        if not len(rollouts.rewards):
            return []
        found = [
            _ppo_batch(documents, torch.from_numpy(rollouts.rewards).float(), config, policy, reference)
            for documents in _packed(rollouts, config)
        ]
        return list(_whitened(found))

    def loss(forward: Forward, model: PreferenceModel, batch: PolicyBatch) -> Sums:
        log_probs, values = log_probs_and_values(forward, model, batch)
        clipped = ppo_policy(log_probs, batch.old, batch.advantages, config.clip)
        error = squared_value_error(values, batch.values, batch.returns, config.value_clip)
        kl = kl_to_reference(log_probs.detach(), batch.reference)
        return {
            "loss": ((clipped + config.value_weight * error) * batch.shares).sum(),
            "kl": (kl * batch.shares).sum(),
            "value_error": (error.detach() * batch.shares).sum(),
            "clipped": _clipped(log_probs, batch, config),
        }

    return Method("ppo", batches, loss)


def log_prob_rows(forward: Forward, model: Model, batch: Batch) -> Tensor:
    """(rows, seq) log p of what each position learns; zero elsewhere."""
    hidden = hidden_states(forward, batch)
    return token_log_probs(hidden, model.head_weight, batch.targets)


def log_probs_and_values(forward: Forward, model: PreferenceModel, batch: Batch) -> tuple[Tensor, Tensor]:
    """(rows, seq) each: log p of what a position learns, and what it expects to come; zero elsewhere."""
    hidden = hidden_states(forward, batch)
    values = model.scores(hidden)[..., model.head_names.index(VALUE)] * batch.loss_mask
    return token_log_probs(hidden, model.head_weight, batch.targets), values


def _computing(model: Model, config: TrainConfig) -> Callable[..., Any]:
    """How a model computes where the run does, without gradients."""
    device = config.torch_device()
    compute = computing(model.to(device), model, device, compute_dtype(config.precision, device))
    return torch.no_grad()(compute)


def _frozen(model: Model) -> Model:
    """The model as it is now, for good."""
    return copy.deepcopy(model).requires_grad_(False)


def _packed(rollouts: Rollouts, config: TrainConfig) -> list[PairBatch]:
    """The replies of a round in batches of packed rows."""
    documents, branches = rollouts.documents, Branches(rollouts.documents)
    rows = branches.rows(range(len(documents)), config.row_length)
    return [document_batch(documents, part, config.row_length, branches) for part in in_batches(rows, config)]


def _group_advantages(rollouts: Rollouts, scale: bool) -> Tensor:
    """(replies,) advantages; groups may differ in size where replies failed, and one left alone has none."""
    rewards = torch.from_numpy(rollouts.rewards).float()
    found = torch.zeros_like(rewards)
    for group in sorted(set(rollouts.groups.tolist())):
        members = torch.from_numpy(rollouts.groups == group)
        if members.sum() > 1:
            found[members] = group_advantages(rewards[members][None], scale)[0]
    return found


def _grpo_batch(
    documents: PairBatch, advantages: Tensor, share: Share, policy: Compute, reference: Compute
) -> PolicyBatch:
    learned = documents.loss_mask
    empty = torch.zeros(documents.tokens.shape)
    return PolicyBatch(
        **_rows_of(documents),
        old=policy(log_prob_rows, documents).cpu(),
        reference=reference(log_prob_rows, documents).cpu(),
        advantages=advantages[documents.numbers][documents.document_of()] * learned,
        values=empty,
        returns=empty,
        shares=_shares(documents, share),
    )


def _ppo_batch(
    documents: PairBatch, rewards: Tensor, config: PPOConfig, policy: Compute, reference: Compute
) -> PolicyBatch:
    old, values = (found.cpu() for found in policy(log_probs_and_values, documents))
    start = reference(log_prob_rows, documents).cpu()
    learned = documents.loss_mask
    # Replies lie one after the other in the flattened rows, so what is learned of each is one stretch of this list.
    lengths = documents.document_sums(learned.float()).int().tolist()
    paid = -config.kl_weight * kl_to_reference(old, start, config.kl_estimator)[learned]
    paid[torch.tensor(lengths).cumsum(0) - 1] += rewards[documents.numbers]
    due, expected = (pad_sequence(x.split(lengths), batch_first=True) for x in (paid, values[learned]))
    advantages, returns = advantages_over_time(due, expected, config.discount, config.decay)
    inside = torch.arange(advantages.shape[1]) < torch.tensor(lengths)[:, None]

    def placed(found: Tensor) -> Tensor:
        return torch.zeros(learned.shape).masked_scatter(learned, found[inside])

    return PolicyBatch(
        **_rows_of(documents),
        old=old,
        reference=start,
        advantages=placed(advantages),
        values=values,
        returns=placed(returns),
        shares=_shares(documents, "token"),
    )


def _whitened(batches: list[PolicyBatch]) -> list[PolicyBatch]:
    """The batches with advantages of mean 0 and deviation 1 over the round, so that the step does not depend on the
    reward's unit."""
    every = torch.cat([batch.advantages[batch.loss_mask] for batch in batches])
    mean, deviation = every.mean(), every.std(correction=0) + 1e-8
    found = []
    for batch in batches:
        columns = dict(vars(batch))
        columns["advantages"] = (batch.advantages - mean) / deviation * batch.loss_mask
        found.append(PolicyBatch(**columns))
    return found


def _rows_of(documents: PairBatch) -> dict[str, Tensor]:
    return {field.name: getattr(documents, field.name) for field in fields(Batch)}


def _shares(documents: PairBatch, share: Share) -> Tensor:
    """(rows, seq) weights of the learned tokens, which add up to the number of replies."""
    learned = (documents.targets != IGNORE_INDEX).float()
    if share == "token":
        return learned * len(documents.ends) / learned.sum()
    return learned / documents.document_sums(learned)[documents.document_of()]


def _clipped(log_probs: Tensor, batch: PolicyBatch, config: GRPOConfig | PPOConfig) -> Tensor:
    """The tokens, by their shares, whose ratio is out of bounds on the side where the advantage pushes it."""
    ratio = (log_probs.detach() - batch.old).exp()
    high = config.clip if isinstance(config, PPOConfig) or config.clip_high is None else config.clip_high
    out = torch.where(batch.advantages > 0, ratio > 1 + high, ratio < 1 - config.clip)
    return (out * (batch.advantages != 0) * batch.shares).sum()
