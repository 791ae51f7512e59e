"""Losses over preferences and rewards: by hand, by finite differences, and, where TRL is installed, as TRL has them."""

from __future__ import annotations

from collections import defaultdict
from math import exp, log
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import Tensor

from moss.train.preference_losses import (
    STD_FLOOR,
    advantages_over_time,
    bradley_terry,
    dpo,
    group_advantages,
    kl_to_reference,
    ppo_policy,
    squared_value_error,
)


def exact(*values: float) -> Tensor:
    return torch.tensor(values, dtype=torch.float64)


def random(*shape: int, seed: int = 0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, generator=generator, dtype=torch.float64)


def sigmoid(x: float) -> float:
    return 1 / (1 + exp(-x))


def test_bradley_terry_by_hand() -> None:
    loss = bradley_terry(exact(2.0, -1.0, 0.5), exact(1.0, 1.0, 0.5))
    assert loss.tolist() == pytest.approx([-log(sigmoid(1)), -log(sigmoid(-2)), log(2)])
    with_margin = bradley_terry(exact(2.0), exact(1.0), exact(3.0))
    assert with_margin.item() == pytest.approx(-log(sigmoid(-2)))


def test_bradley_terry_of_far_apart_scores_stays_finite() -> None:
    chosen = torch.tensor([-1e4], requires_grad=True)
    loss = bradley_terry(chosen, torch.tensor([1e4]))
    loss.sum().backward()
    assert loss.item() == pytest.approx(2e4)
    assert chosen.grad is not None
    assert chosen.grad.item() == pytest.approx(-1.0)


def test_all_pairs_of_a_ranking_prefer_it_to_its_reverse() -> None:
    scores, pairs = exact(3.0, 2.0, 0.0), torch.tensor([[0, 1], [0, 2], [1, 2]])
    right = bradley_terry(scores[pairs[:, 0]], scores[pairs[:, 1]]).sum()
    assert right.item() == pytest.approx(sum(-log(sigmoid(lead)) for lead in (1, 3, 2)))


def test_dpo_by_hand() -> None:
    loss, chosen, rejected = dpo(exact(-10.0), exact(-12.0), exact(-11.0), exact(-10.0), beta=0.2)
    assert chosen.item() == pytest.approx(0.2)
    assert rejected.item() == pytest.approx(-0.4)
    assert loss.item() == pytest.approx(-log(sigmoid(0.6)))
    smoothed, _, _ = dpo(exact(-10.0), exact(-12.0), exact(-11.0), exact(-10.0), beta=0.2, label_smoothing=0.1)
    assert smoothed.item() == pytest.approx(-0.9 * log(sigmoid(0.6)) - 0.1 * log(sigmoid(-0.6)))


def test_dpo_begins_at_log_two_and_its_rewards_carry_no_gradient() -> None:
    chosen, rejected = random(3).requires_grad_(), random(3, seed=1).requires_grad_()
    loss, *rewards = dpo(chosen, rejected, chosen.detach(), rejected.detach())
    assert loss.tolist() == pytest.approx([log(2)] * 3)
    assert not any(reward.requires_grad for reward in rewards)


def test_kl_estimators_by_hand() -> None:
    log_probs, reference = exact(-1.0, -2.0), exact(-1.5, -2.0)
    assert kl_to_reference(log_probs, reference, "k1").tolist() == pytest.approx([0.5, 0.0])
    assert kl_to_reference(log_probs, reference, "k3").tolist() == pytest.approx([exp(-0.5) - 1 + 0.5, 0.0])


@pytest.mark.parametrize("estimator", ["k1", "k3"])
def test_both_kl_estimators_have_the_divergence_as_their_mean(estimator: Any) -> None:
    policy, reference = random(7).log_softmax(0), random(7, seed=1).log_softmax(0)
    expected = (policy.exp() * (policy - reference)).sum()
    mean = (policy.exp() * kl_to_reference(policy, reference, estimator)).sum()
    assert mean.item() == pytest.approx(expected.item())


def test_ppo_policy_by_hand() -> None:
    """Ratios 2 and 1/2 with gains and losses: what would go on beyond the clip is clipped, what comes back is not."""
    log_probs = exact(log(2), log(2), -log(2), -log(2))
    loss = ppo_policy(log_probs, torch.zeros(4), exact(1.0, -1.0, 1.0, -1.0), clip=0.2)
    assert loss.tolist() == pytest.approx([-1.2, 2.0, -0.5, 0.8])
    higher = ppo_policy(log_probs[:1], torch.zeros(1), exact(1.0), clip=0.2, clip_high=0.5)
    assert higher.item() == pytest.approx(-1.5)


def test_ppo_policy_begins_as_the_policy_gradient() -> None:
    log_probs, advantages = random(5).requires_grad_(), random(5, seed=1)
    ppo_policy(log_probs, log_probs.detach(), advantages).sum().backward()
    assert log_probs.grad is not None
    assert torch.allclose(log_probs.grad, -advantages)


def test_value_error_by_hand() -> None:
    """Old value 0, return 1: a value that has come to 0.9 counts as one at 0.2; one that went astray counts in full."""
    loss = squared_value_error(exact(0.9, -0.5, 0.1), torch.zeros(3), torch.ones(3), clip=0.2)
    assert loss.tolist() == pytest.approx([0.5 * 0.8**2, 0.5 * 1.5**2, 0.5 * 0.9**2])


def test_advantages_by_hand() -> None:
    rewards, values = exact(0.0, 0.0, 1.0), exact(0.2, 0.4, 0.5)
    surprises = [0.9 * 0.4 - 0.2, 0.9 * 0.5 - 0.4, 1 - 0.5]
    last = surprises[2]
    middle = surprises[1] + 0.9 * 0.8 * last
    first = surprises[0] + 0.9 * 0.8 * middle
    advantages, returns = advantages_over_time(rewards, values, discount=0.9, decay=0.8)
    assert advantages.tolist() == pytest.approx([first, middle, last])
    assert returns.tolist() == pytest.approx([first + 0.2, middle + 0.4, last + 0.5])


def test_without_decay_a_return_is_all_that_is_still_to_come() -> None:
    rewards = random(2, 6)
    _, returns = advantages_over_time(rewards, random(2, 6, seed=1), discount=1.0, decay=1.0)
    assert torch.allclose(returns, rewards.flip(1).cumsum(1).flip(1))


def test_advantages_of_a_shorter_reply_are_those_it_has_alone() -> None:
    rewards, values = random(4), random(4, seed=1)
    alone, _ = advantages_over_time(rewards, values)
    padded, _ = advantages_over_time(*(torch.cat((x, torch.zeros(3, dtype=x.dtype)))[None] for x in (rewards, values)))
    assert torch.allclose(padded[0, :4], alone)
    assert not padded[0, 4:].any()


def test_group_advantages_by_hand() -> None:
    rewards = exact(1.0, 0.0, 0.0, 1.0).view(2, 2)
    deviation = 0.5**0.5  # of 0 and 1 around 1/2, with n - 1
    found = group_advantages(rewards)
    assert found.flatten().tolist() == pytest.approx([x * 0.5 / (deviation + STD_FLOOR) for x in (1, -1, -1, 1)])
    assert group_advantages(rewards, scale=False).flatten().tolist() == [0.5, -0.5, -0.5, 0.5]


def test_a_group_of_equal_rewards_teaches_nothing() -> None:
    assert not group_advantages(torch.full((2, 4), 0.7)).any()


def test_gradients_are_those_of_finite_differences() -> None:
    a, b, c, d = (random(6, seed=seed).requires_grad_() for seed in range(4))
    check = torch.autograd.gradcheck
    assert check(lambda x, y: bradley_terry(x, y, c.detach()), (a, b))
    assert check(lambda x, y: dpo(x, y, c.detach(), d.detach(), 0.3, 0.1)[0], (a, b))
    assert check(lambda x: kl_to_reference(x, b.detach(), "k3"), (a,))
    assert check(lambda x: ppo_policy(x, b.detach(), c.detach()), (a,))
    assert check(lambda x: squared_value_error(x, b.detach(), c.detach()), (a,))


# Against TRL: its losses are methods of trainers, so each is called with a trainer that has just what it reads.


def trl_accelerator() -> SimpleNamespace:
    def same(x: Any, **_: Any) -> Any:
        return x

    return SimpleNamespace(
        device=torch.device("cpu"), num_processes=1, gather=same, gather_for_metrics=same, reduce=same
    )


def trl_metrics() -> dict[str, Any]:
    return {"train": defaultdict(list), "eval": defaultdict(list)}


@pytest.mark.parametrize("with_margin", [False, True])
def test_bradley_terry_is_trl_s(with_margin: bool) -> None:
    trainers = pytest.importorskip("trl.trainer.reward_trainer")
    chosen, rejected, margins = random(5), random(5, seed=1), random(5, seed=2).abs()
    trainer = SimpleNamespace(
        model=SimpleNamespace(training=False),
        args=SimpleNamespace(center_rewards_coefficient=None),
        accelerator=trl_accelerator(),
        _metrics=trl_metrics(),
        _total_train_tokens=0,
    )
    inputs = {"attention_mask": torch.ones(10, 1), **({"margin": margins} if with_margin else {})}
    theirs = trainers.RewardTrainer.compute_loss(
        trainer, lambda **_: SimpleNamespace(logits=torch.cat((chosen, rejected))[:, None]), inputs
    )
    ours = bradley_terry(chosen, rejected, margins if with_margin else None).mean()
    assert ours.item() == pytest.approx(theirs.item())


def test_dpo_is_trl_s() -> None:
    trainers = pytest.importorskip("trl.trainer.dpo_trainer")
    log_probs = -random(8, 6).abs()
    ref_chosen, ref_rejected = -random(4, seed=1).abs(), -random(4, seed=2).abs()
    outputs = SimpleNamespace(log_probs=log_probs, entropy=torch.zeros(8, 6), mean_logits=torch.zeros(8, 6))
    outputs.is_top1 = torch.zeros(8, 6, dtype=torch.bool)
    trainer = SimpleNamespace(
        model=SimpleNamespace(training=False),
        accelerator=trl_accelerator(),
        aux_loss_enabled=False,
        ld_alpha=None,
        precompute_ref_logps=True,
        f_divergence_type="reverse_kl",
        loss_types=["sigmoid"],
        loss_weights=[1.0],
        beta=0.3,
        use_weighting=False,
        _metrics=trl_metrics(),
        _total_train_tokens=0,
    )
    inputs = {
        "input_ids": torch.ones(8, 7, dtype=torch.int64),
        "attention_mask": torch.ones(8, 7),
        "completion_mask": torch.ones(8, 7, dtype=torch.int64),
        "ref_chosen_logps": ref_chosen,
        "ref_rejected_logps": ref_rejected,
    }
    theirs = trainers.DPOTrainer._compute_loss(trainer, lambda **_: outputs, inputs, return_outputs=False)
    chosen, rejected = log_probs.sum(1).chunk(2)
    loss, chosen_rewards, rejected_rewards = dpo(chosen, rejected, ref_chosen, ref_rejected, beta=0.3)
    assert loss.mean().item() == pytest.approx(theirs.item())
    logged = trainer._metrics["eval"]
    assert logged["rewards/chosen"] == pytest.approx([chosen_rewards.mean().item()])
    assert logged["rewards/rejected"] == pytest.approx([rejected_rewards.mean().item()])


def trl_grpo_loss(loss_type: str, tensors: dict[str, Tensor], clip: float, clip_high: float, beta: float) -> Tensor:
    """TRL's loss over replies of (replies, tokens) with a mask."""
    trainers = pytest.importorskip("trl.trainer.grpo_trainer")
    replies, length = tensors["log_probs"].shape
    settings = SimpleNamespace(use_bias_correction_kl=False, delta=None, steps_per_generation=1)
    trainer = SimpleNamespace(
        model=SimpleNamespace(training=False),
        accelerator=trl_accelerator(),
        args=settings,
        beta=beta,
        epsilon_low=clip,
        epsilon_high=clip_high,
        loss_type=loss_type,
        importance_sampling_level="token",
        top_entropy_quantile=1.0,
        off_policy_mask_threshold=None,
        use_vllm=False,
        aux_loss_enabled=False,
        _entropy_bonus_enabled=False,
        max_completion_length=length,
        _metrics=trl_metrics(),
        _total_train_tokens=0,
        _get_per_token_logps_and_entropies=lambda *_, **__: (
            tensors["log_probs"],
            torch.zeros(replies, length),
            None,
        ),
    )
    ids = torch.ones(replies, length, dtype=torch.int64)
    inputs = {
        "prompt_ids": ids,
        "prompt_mask": ids,
        "completion_ids": ids,
        "completion_mask": tensors["mask"],
        "advantages": tensors["advantages"],
        "old_per_token_logps": tensors["old"],
        "ref_per_token_logps": tensors["reference"],
        "num_items_in_batch": tensors["mask"].sum(),
    }
    found: Tensor = trainers.GRPOTrainer._compute_loss(trainer, None, inputs)
    return found


@pytest.mark.parametrize("loss_type", ["grpo", "bnpo", "dapo"])
def test_grpo_is_trl_s(loss_type: str) -> None:
    tensors = {name: -random(4, 6, seed=seed).abs() for seed, name in enumerate(("log_probs", "old", "reference"))}
    tensors["mask"] = (torch.arange(6) < torch.tensor([6, 2, 4, 1])[:, None]).double()
    tensors["advantages"] = group_advantages(random(2, 2, seed=5)).flatten()
    theirs = trl_grpo_loss(loss_type, tensors, clip=0.2, clip_high=0.28, beta=0.04)
    log_probs, old, mask = tensors["log_probs"], tensors["old"], tensors["mask"]
    loss = ppo_policy(log_probs, old, tensors["advantages"][:, None], 0.2, 0.28)
    loss = (loss + 0.04 * kl_to_reference(log_probs, tensors["reference"])) * mask
    ours = (loss.sum(1) / mask.sum(1)).mean() if loss_type == "grpo" else loss.sum() / mask.sum()
    assert ours.item() == pytest.approx(theirs.item())
