"""Losses over preferences and rewards, as functions of log probabilities, scores and values.

    bradley_terry    scores of the two sides of a pair                       (preference model)
    dpo              log probabilities of the two sides, policy and reference
    ppo_policy, squared_value_error, advantages_over_time                    (PPO)
    group_advantages, ppo_policy, kl_to_reference                            (GRPO)

Every loss is elementwise, one number a pair or a token: whoever calls it sums, since the loop divides by the whole
batch's count and a batch may be computed in parts. Not here: models, batches, and how replies are sampled.
"""

from __future__ import annotations

from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor

KLEstimator = Literal["k1", "k3"]
"""k1: the plain log ratio, unbiased and sometimes negative. k3: ratio - 1 - log ratio, unbiased and never negative."""

STD_FLOOR = 1e-4
"""Added to a group's standard deviation: a group of equal rewards has no advantages, not infinite ones."""


def bradley_terry(chosen: Tensor, rejected: Tensor, margins: Tensor | None = None) -> Tensor:
    """-log p(chosen is better) of each pair, p = sigmoid(chosen - rejected) (Bradley and Terry 1952).

    Scores (pairs,) or (pairs, heads). `margins`, shaped alike, are how much better the chosen side should at least
    score (Touvron et al. 2023, LLaMA-2).
    """
    lead = chosen - rejected
    return -F.logsigmoid(lead if margins is None else lead - margins)


def dpo(
    chosen: Tensor,
    rejected: Tensor,
    reference_chosen: Tensor,
    reference_rejected: Tensor,
    beta: float = 0.1,
    label_smoothing: float = 0.0,
) -> tuple[Tensor, Tensor, Tensor]:
    """(loss, chosen reward, rejected reward) of each pair; arguments (pairs,) are log p of whole replies, in nats.

    Direct preference optimisation (Rafailov et al. 2023): Bradley-Terry over the implicit rewards
    beta * (log p - log p of the reference). `label_smoothing` is the share of labels taken to be wrong (Mitchell 2023).
    The rewards carry no gradient.
    """
    chosen_reward, rejected_reward = beta * (chosen - reference_chosen), beta * (rejected - reference_rejected)
    loss = (1 - label_smoothing) * bradley_terry(chosen_reward, rejected_reward)
    if label_smoothing:
        loss = loss + label_smoothing * bradley_terry(rejected_reward, chosen_reward)
    return loss, chosen_reward.detach(), rejected_reward.detach()


def kl_to_reference(log_probs: Tensor, reference: Tensor, estimator: KLEstimator = "k3") -> Tensor:
    """An estimate, at each sampled token, of KL(policy || reference), in nats (Schulman 2020)."""
    log_ratio = reference - log_probs
    return -log_ratio if estimator == "k1" else torch.expm1(log_ratio) - log_ratio


def ppo_policy(
    log_probs: Tensor, old: Tensor, advantages: Tensor, clip: float = 0.2, clip_high: float | None = None
) -> Tensor:
    """The clipped policy loss of each token (Schulman et al. 2017): -min(ratio * A, clipped ratio * A).

    ratio = p / old p is kept in 1 - clip ... 1 + clip; a `clip_high` of its own above (Yu et al. 2025, DAPO) lets
    unlikely tokens become likelier.
    """
    ratio = (log_probs - old).exp()
    clipped = ratio.clamp(1 - clip, 1 + (clip if clip_high is None else clip_high))
    return -torch.minimum(ratio * advantages, clipped * advantages)


def squared_value_error(values: Tensor, old: Tensor, returns: Tensor, clip: float = 0.2) -> Tensor:
    """Half the squared error of each value, the worse of the value and of one at most `clip` from the old value."""
    clipped = old + (values - old).clamp(-clip, clip)
    return 0.5 * torch.maximum((values - returns).square(), (clipped - returns).square())


def advantages_over_time(
    rewards: Tensor, values: Tensor, discount: float = 1.0, decay: float = 0.95
) -> tuple[Tensor, Tensor]:
    """(advantages, returns) of the tokens of replies, (..., tokens): generalised advantage estimation.

    `rewards` come with each token, `values` are what was expected before it; `discount` is gamma, `decay` lambda
    (Schulman et al. 2016). Shorter replies end in zeros of both, which stay zeros and change nothing before them.
    """
    following = torch.cat((values[..., 1:], torch.zeros_like(values[..., :1])), -1)
    surprises = rewards + discount * following - values
    advantages = torch.empty_like(surprises)
    running = torch.zeros_like(surprises[..., 0])
    for time in reversed(range(surprises.shape[-1])):
        running = surprises[..., time] + discount * decay * running
        advantages[..., time] = running
    return advantages, advantages + values


def group_advantages(rewards: Tensor, scale: bool = True) -> Tensor:
    """(groups, replies) rewards -> how much better each reply is than its group's mean, in the group's deviations.

    Shao et al. 2024 (GRPO); with `scale` off the deviations stay in the reward's unit, which does not favour prompts
    that are nearly always, or nearly never, answered well (Liu et al. 2025, Dr. GRPO).
    """
    centred = rewards - rewards.mean(1, keepdim=True)
    return centred / (rewards.std(1, keepdim=True) + STD_FLOOR) if scale else centred
