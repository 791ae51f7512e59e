"""The study of preference-aware training, from a checkpoint to a report.

    start       the checkpoint that all methods begin with
    replies     replies of several sources to nano cases, judged by who knows the truth
    pairs       two halves for the two preference models, and held-out ones
    preference  the preference model, and the held-out judge: another seed, the other half
    tags        places by the preference model's scores as quality tags
    trainings   rejection, ppo, grpo, dpo, sft, sft-best, tag-sft, each with every seed in a folder of its own
    comparison  all of them, best-of-n and guidance on held-out cases
    dial        the tagged model at every quality

`moss report preference OUT` makes the report of what is there; the run ends with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from ...config import override
from ...model.config import ModelConfig
from ...train.dpo import DPOConfig
from ...train.loop import TrainConfig
from ...train.optim import OptimConfig
from ...train.policy import GRPOConfig, PPOConfig
from ...train.preference import PreferenceConfig
from ...train.rollouts import RolloutConfig
from ...train.stages import SftConfig
from ..recipe import Recipe, Stage
from .config import PreferenceStudy, StartConfig
from .data import (
    PAIRS,
    PREFERENCE,
    REPLIES,
    START,
    TAGS,
    make_pairs,
    make_replies,
    make_start,
    make_tags,
    train_preferences,
)
from .measurement import DIAL, SYSTEMS, measure
from .methods import TRAININGS, train_methods
from .report import write_report

STAGES = (
    Stage(START, "the checkpoint that all begin with", make_start),
    Stage(REPLIES, "replies of several sources, judged", make_replies),
    Stage(PAIRS, "preference pairs", make_pairs),
    Stage(PREFERENCE, "preference model and held-out judge", train_preferences),
    Stage(TAGS, "quality tags", make_tags),
    Stage(TRAININGS, "every method with every seed", train_methods),
    Stage("comparison", "all systems on held-out cases", partial(measure, systems=SYSTEMS)),
    Stage("dial", "every quality on held-out cases", partial(measure, systems=DIAL)),
)


def preference(overrides: Sequence[str] = ()) -> Recipe:
    """The study from the assistant in the package, from `checkpoint`, or from a small assistant made for it."""
    return Recipe("preference", override(PreferenceStudy(), overrides), STAGES, write_report)


def preference_smoke(overrides: Sequence[str] = ()) -> Recipe:
    """The whole study in minutes with one seed and a model made on the way, for tests; its figures mean nothing."""
    quick: dict[str, Any] = {
        "log_every": 5,
        "optim": OptimConfig(lr=1e-3, matrix_lr=5e-3, warmup_steps=1),
    }
    rollouts: dict[str, Any] = {"prompts": 4, "replies": 2, **quick}
    small = PreferenceStudy(
        seeds=(1,),
        fresh_start=True,
        processes=1,  # its pieces are shorter than a process takes to begin
        start=StartConfig(
            dialogues=200,
            model=ModelConfig(
                vocab_size=2048,
                num_layers=2,
                hidden_size=64,
                num_heads=2,
                num_kv_heads=1,
                head_dim=32,
                rotary_dim=32,
                intermediate_size=176,
                max_seq_len=512,
            ),
            # So fast that in seconds it learns at least to come to an end, without which there are no rollouts.
            train=TrainConfig(
                max_steps=40,
                batch_tokens=2048,
                row_length=512,
                optim=OptimConfig(lr=1e-2, matrix_lr=0.03, warmup_steps=3),
            ),
            early=(20,),
        ),
        tasks=("calculate", "identity", "refusal"),
        cases=2,
        made_cases=2,
        own_cases=1,
        held_out_cases=1,
        temperatures=(0.8,),
        preference=PreferenceConfig(max_steps=5, batch_tokens=2048, row_length=512, **quick),
        sft=SftConfig(max_steps=3, batch_tokens=1024, row_length=512, **quick),
        rejection=RolloutConfig(**rollouts),
        dpo=DPOConfig(**quick),
        ppo=PPOConfig(**rollouts),
        grpo=GRPOConfig(**rollouts),
        best_of=2,
        max_tokens=64,
        draws=100,
    )
    return Recipe("preference_smoke", override(small, overrides), STAGES, write_report)
