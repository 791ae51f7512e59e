"""`moss train rejection`, `grpo` and `ppo`: stages that learn from the model's own replies, rewarded by a scorer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..counts import counted
from .bad_records import BadRecords, questions
from .train_options import Data, Out, Overrides, Resume, Show, print_settings, recipe_of, say

if TYPE_CHECKING:
    from ..checkpoint import Checkpoint
    from ..conversation import Conversation
    from ..model.transformer import Transformer
    from ..train.loop import Model, TrainResult
    from ..train.rollouts import Method, RolloutConfig

ASSISTANT = "assistant"
"""In the folder of a PPO run: the assistant without the value head."""

Start = Annotated[Path, typer.Option("--from", help="Checkpoint to go on from; it is the reference, too.")]
Scored = Annotated[Path, typer.Option("--scorer", help="Folder of the preference model whose scores are the rewards.")]
Index = Annotated[Path | None, typer.Option(help="Search index for its searches; the packaged one by default.")]


@dataclass(frozen=True)
class Wanted:
    """What was asked for on the command line."""

    data: Sequence[Path]
    start: Path
    scorer: Path
    out: Path
    index: Path | None
    overrides: Sequence[str]
    show: bool
    resume: bool


def rejection(
    data: Data,
    start: Start,
    scorer: Scored,
    out: Out,
    index: Index = None,
    overrides: Overrides = None,
    show: Show = False,
    resume: Resume = False,
) -> None:
    """Learn from the best of several own replies, round after round: rejection sampling (LLaMA-2)."""
    from ..train.rollouts import RolloutConfig, rejection_sampling

    wanted = Wanted(data, start, scorer, out, index, overrides or (), show, resume)
    _run("rejection", wanted, RolloutConfig, lambda begun, config: (begun.model, rejection_sampling(config)))


def grpo(
    data: Data,
    start: Start,
    scorer: Scored,
    out: Out,
    index: Index = None,
    overrides: Overrides = None,
    show: Show = False,
    resume: Resume = False,
) -> None:
    """Learn from own replies, each compared with the others to its context: group relative policy optimisation."""
    from ..train.policy import GRPOConfig
    from ..train.policy import grpo as method

    wanted = Wanted(data, start, scorer, out, index, overrides or (), show, resume)
    _run("grpo", wanted, GRPOConfig, lambda begun, config: (begun.model, method(begun.model, config)))


def ppo(
    data: Data,
    start: Start,
    scorer: Scored,
    out: Out,
    index: Index = None,
    overrides: Overrides = None,
    show: Show = False,
    resume: Resume = False,
) -> None:
    """Learn from own replies with a value head: proximal policy optimisation. The assistant is in OUT/assistant."""
    import torch

    from ..model.preference import PreferenceModel
    from ..train.policy import VALUE, PPOConfig
    from ..train.policy import ppo as method

    def with_value_head(begun: Checkpoint[Transformer], config: Any) -> tuple[Model, Method]:
        torch.manual_seed(config.seed)
        model = PreferenceModel(begun.model, (VALUE,))
        return model, method(model, config)

    wanted = Wanted(data, start, scorer, out, index, overrides or (), show, resume)
    _run("ppo", wanted, PPOConfig, with_value_head, keep_policy=True)


def _run(
    stage: str,
    wanted: Wanted,
    settings: type[RolloutConfig],
    make: Callable[[Checkpoint[Transformer], Any], tuple[Model, Method]],
    keep_policy: bool = False,
) -> None:
    """Trains what `make` makes of the starting checkpoint on its answers to the contexts of the dialogues."""
    from ..assistant import TAGS_TRAINED
    from ..checkpoint import load, save
    from ..config import override

    begun = load(wanted.start)
    config = override(settings(row_length=min(1024, begun.config.max_seq_len)), wanted.overrides)
    if wanted.show:
        print_settings(config)
        return
    contexts = _contexts(wanted.data)
    typer.echo(f"{counted(len(contexts), 'context')}; {counted(config.replies, 'reply', 'replies')} to each")
    about = {TAGS_TRAINED: bool(begun.recipe.get(TAGS_TRAINED, False)), "scorer": str(wanted.scorer)}
    recipe = recipe_of(stage, wanted.data, config, about)
    model, method = make(begun, config)
    say(_trained(wanted, begun, model, method, config, contexts, recipe))
    if keep_policy:
        save(wanted.out / ASSISTANT, begun.model, begun.tokenizer, recipe)
        typer.echo(f"{wanted.out / ASSISTANT}: the assistant, without the value head")


def _trained(
    wanted: Wanted,
    begun: Checkpoint[Transformer],
    model: Model,
    method: Method,
    config: RolloutConfig,
    contexts: Sequence[Conversation],
    recipe: dict[str, Any],
) -> TrainResult:
    from ..agent import Agent
    from ..chat_format import ChatFormat
    from ..engine.engine import Engine
    from ..scoring.scorer import load_scorer, reward_of
    from ..synth.rollouts import agent_answers
    from ..tools import default_toolbox
    from ..train.rollouts import train_on_rollouts

    reward = reward_of(load_scorer(wanted.scorer, precision="auto").scorer)
    # Nobody looks at the pictures that are drawn while it learns.
    with TemporaryDirectory(prefix="moss-rollouts-") as images:
        toolbox = default_toolbox(wanted.index, images)
        with closing(toolbox), Engine(begun.model, begun.tokenizer) as engine:
            answer = agent_answers(Agent(engine, ChatFormat(begun.tokenizer), toolbox))
            return train_on_rollouts(
                model,
                begun.tokenizer,
                contexts,
                answer,
                reward,
                method,
                config,
                wanted.out,
                recipe=recipe,
                resume=wanted.resume,
            )


def _contexts(paths: Sequence[Path]) -> list[Conversation]:
    """The questions, with the system text that an agent would add."""
    from ..synth.rollouts import as_answered

    with BadRecords() as bad:
        return [as_answered(question) for question in questions(paths, bad)]
