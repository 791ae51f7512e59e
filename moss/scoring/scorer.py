"""What a reply is worth, as a number: the interface, and a preference model behind it.

Not here: how such a model is trained and computes (`train/preference.py`), and what is done with the numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from ..chat_format import ChatFormat, tagged
from ..checkpoint import load_preference_model
from ..conversation import Conversation
from ..data.pairs import answered
from ..errors import UserError
from ..train.loop import TrainConfig
from ..train.precision import Precision
from ..train.preference import PreferenceScorer
from ..train.rollouts import Reward

Scorer = Callable[[Sequence[Conversation]], Sequence[float | None]]
"""Scores dialogues that end with a turn of the assistant, by that turn, in their order: higher is better, also across
dialogues. None: this one is too long to be scored."""


class FittingScorer:
    """A preference model that is shown as much of a dialogue as it can read: a long one loses its oldest turns."""

    def __init__(self, scorer: PreferenceScorer, name: str) -> None:
        self.scorer = scorer
        self.name = name
        """What to remember its scores by."""

    def __call__(self, dialogues: Sequence[Conversation]) -> list[float | None]:
        """Scores as a `Scorer`."""
        scores: list[float | None] = [None] * len(dialogues)
        fitting = {number: shown for number, d in enumerate(dialogues) if (shown := self._fitting(d)) is not None}
        for number, score in zip(fitting, self.scorer(list(fitting.values())), strict=True):
            scores[number] = score
        return scores

    def _fitting(self, dialogue: Conversation) -> Conversation | None:
        """The dialogue or its newest turns; None where even the last turn alone is too long."""
        room, render = self.scorer.model.config.max_seq_len, self.scorer.format.render
        return next((shown for shown in _shorter(dialogue) if len(render(shown).tokens) <= room), None)


def _shorter(dialogue: Conversation) -> Iterator[Conversation]:
    """The dialogue without quality tags, then without its first turn, ..., down to the last turn."""
    messages = tagged(dialogue, None).messages
    system = messages[:1] if messages[0].role == "system" else ()
    asked = [number for number, message in enumerate(messages) if message.role == "user"]
    if not asked or asked[-1] == len(messages) - 1:
        raise UserError("a dialogue that is scored ends with a turn of the assistant that answers somebody")
    yield replace(dialogue, messages=messages)
    for first in asked[1:]:
        yield replace(dialogue, messages=(*system, *messages[first:]))


def load_scorer(folder: str | Path, head: str | None = None, precision: Precision = "fp32") -> FittingScorer:
    """The scorer of a preference model's folder.

    In bf16 ("auto" where it is fast) a score changes with what it is computed beside: near equals change places, which
    rewards and means can bear and tags cannot. Raises UserError where it is none, or is damaged, or has several heads
    of which `head` names none.
    """
    found = load_preference_model(folder)
    config = TrainConfig(precision=precision)
    scorer = PreferenceScorer(found.model, ChatFormat(found.tokenizer), head, config=config)
    return FittingScorer(scorer, f"{found.folder.name}/{scorer.head}")


def reward_of(scorer: PreferenceScorer) -> Reward:
    """What a sampled turn is worth: its score, as `train_on_rollouts` wants it."""
    return lambda turns: scorer([answered(context, turn) for context, turn in turns])
