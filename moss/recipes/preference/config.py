"""Settings of the preference study."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from ...engine.sampling import SamplingParams
from ...errors import UserError, unknown_name
from ...model.config import ModelConfig
from ...train.dpo import DPOConfig
from ...train.loop import TrainConfig
from ...train.optim import OptimConfig
from ...train.policy import GRPOConfig, PPOConfig
from ...train.preference import PreferenceConfig
from ...train.rollouts import RolloutConfig
from ...train.stages import SftConfig
from ..nano.cases import TASKS

C = TypeVar("C", bound=TrainConfig)

BUDGET = ("max_steps", "batch_tokens", "row_length")
"""What every method has from `sft`: so many steps on so many tokens."""


@dataclass(frozen=True)
class StartConfig:
    """A small assistant made for the study from nothing, by fine-tuning alone."""

    dialogues: int = 6000
    """Dialogues of the nano world that it learns."""
    vocab_size: int = 2048
    """Tokens of its vocabulary."""
    model: ModelConfig = field(default_factory=lambda: ModelConfig(vocab_size=2048, num_layers=4, num_kv_heads=4))
    """Its shape; its vocabulary is the tokenizer's."""
    train: TrainConfig = field(
        default_factory=lambda: TrainConfig(max_steps=900, batch_tokens=6144, row_length=1024, save_every=100)
    )
    """Its training."""
    early: tuple[int, ...] = (100, 300)
    """Steps after which it is kept as it is then, as a source of worse replies."""


@dataclass(frozen=True)
class PreferenceStudy:
    """Everything that decides what the study finds."""

    seeds: tuple[int, ...] = (1, 2, 3)
    """Every method is trained, and every system asked, once with each."""
    processes: int = 2
    """Trainings, and systems that are asked, at once, each with its share of the cores."""
    data_seed: int = 7
    """Of the cases, of the worse replies made without a model, and of what the preference models begin with."""
    checkpoint: Path | None = None
    """What all methods begin with; where nothing is named, the assistant in the package. What quality tags may mean to
    it is taken from it."""
    fresh_start: bool = False
    """Whether they begin with a small assistant made here instead. It knows so little that tags teach it less still."""
    start: StartConfig = field(default_factory=StartConfig)
    """How that one is made."""
    other_sources: tuple[Path, ...] = ()
    """Checkpoints that answer, too: earlier or smaller ones, whose replies are worse in other ways."""
    tasks: tuple[str, ...] = tuple(TASKS)
    """Tasks of the nano world that contexts are of."""
    cases: int = 25
    """Contexts to learn from, of each task in each of the two languages."""
    held_out_cases: int = 8
    """Contexts of the held-out pairs, and as many others that the systems are measured on; likewise of each."""
    made_replies: int = 6
    """Replies to a context that need no model: the right one and corrupted ones."""
    made_cases: int = 400
    """More contexts, likewise of each, that have these replies alone, for the preference models: they cost no time."""
    own_cases: int = 100
    """And more, likewise of each, that the starting checkpoint answers, too, at the last of `temperatures`: its own
    wrong replies are the hardest to tell from right ones, and few."""
    temperatures: tuple[float, ...] = (0.0, 0.8, 1.3)
    """The starting checkpoint answers each context once at each of these."""
    least_margin: float = 0.02
    """Verdicts that differ by this or less make no pair."""
    preference: PreferenceConfig = field(
        default_factory=lambda: PreferenceConfig(
            max_steps=700,
            batch_tokens=12_288,
            row_length=1024,
            likelihood=0.15,
            optim=OptimConfig(lr=5e-4, matrix_lr=2e-3, final_lr_ratio=0.02),
        )
    )
    """The preference model, and the judge. Likelihood counts less than elsewhere: faults come in words unknown to the
    decoder, which finds all of these unlikely, small faults and large ones (docs/log.md)."""
    sft: SftConfig = field(
        default_factory=lambda: SftConfig(
            max_steps=120,
            batch_tokens=6144,
            row_length=1024,
            optim=OptimConfig(lr=1e-3, matrix_lr=5e-3, warmup_steps=10, final_lr_ratio=0.02),
        )
    )
    """Plain and tagged fine-tuning. Its steps, batches and rows are the budget of all methods."""
    rejection: RolloutConfig = field(
        default_factory=lambda: RolloutConfig(
            prompts=128, passes=2, optim=OptimConfig(lr=2e-4, matrix_lr=1e-3, warmup_steps=10, final_lr_ratio=0.02)
        )
    )
    """Rejection sampling, in a few large rounds. A fifth of fine-tuning's rate: at the whole of it, with four passes,
    what the model says anyway was learned by heart (docs/log.md)."""
    dpo: DPOConfig = field(default_factory=DPOConfig)
    """DPO."""
    ppo: PPOConfig = field(default_factory=lambda: PPOConfig(passes=2))
    """PPO."""
    grpo: GRPOConfig = field(default_factory=lambda: GRPOConfig(passes=2))
    """GRPO."""
    guidance: float = 1.0
    """Strength of guidance where it is on."""
    best_of: int = 4
    """Replies that best-of-n chooses among."""
    samples: int = 2
    """Replies of a system to each held-out case; diversity is measured between them."""
    temperature: float = 0.7
    """At which systems are asked."""
    max_tokens: int = 160
    """The longest reply."""
    draws: int = 1000
    """Bootstrap samples behind each interval."""

    def __post_init__(self) -> None:
        for name in ("rejection", "dpo", "ppo", "grpo"):
            for setting in BUDGET:
                if getattr(getattr(self, name), setting) != getattr(TrainConfig(), setting):
                    raise UserError(f"all methods have one budget: set sft.{setting}, not {name}.{setting}")
        if unknown := [task for task in self.tasks if task not in TASKS]:
            raise unknown_name("task", unknown[0], TASKS)
        if not self.seeds or len(set(self.seeds)) < len(self.seeds):
            raise UserError("seeds must be one or more different numbers")
        if self.samples < 2:
            raise UserError(f"samples must be at least 2, not {self.samples}: diversity is measured between them")
        if self.fresh_start and self.checkpoint is not None:
            raise UserError("a study begins with one checkpoint: set checkpoint or fresh_start, not both")
        if any(step >= self.start.train.max_steps for step in self.start.early):
            raise UserError("start.early names steps before the last, start.train.max_steps")

    def within_budget(self, method: C, seed: int) -> C:
        """The settings of a method with the budget of all and this seed."""
        return replace(method, seed=seed, **{name: getattr(self.sft, name) for name in BUDGET})

    def sampling(self, seed: int | None = None, guidance: float = 0.0) -> SamplingParams:
        """How systems are asked."""
        return SamplingParams(
            temperature=self.temperature,
            top_p=1.0,
            repetition_penalty=1.0,
            max_tokens=self.max_tokens,
            seed=seed,
            guidance=guidance,
        )
