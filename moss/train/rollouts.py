"""Learning from what the model itself answers: rounds of sampled replies, rewarded, turned into batches.

    contexts of the round --answer--> turns --reward--> numbers --method--> batches of the next steps

The model that answers is the one that learns, as it is when the round begins. A method (rejection sampling here, GRPO
and PPO in policy.py) says which batches a round makes and with which loss; the loop is the same as ever.

Replies are learned as the renderer spells them. Now and then a model samples a text by other tokens than the tokenizer
would; then the tokens that are learned, and whose probabilities are compared, are the tokenizer's. Not here: how
replies are sampled (the engine and the agent, which are handed in), and what makes a good one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from torch import Tensor

from ..chat_format import ChatFormat
from ..conversation import AssistantTurn, Conversation
from ..data.batches import Batch, make_batch
from ..data.documents import Documents
from ..data.packing import pack
from ..data.pairs import turn_documents
from ..errors import UserError
from ..tokenizer.bpe import Tokenizer
from .loop import Evaluate, Loss, Model, TrainConfig, TrainResult, cross_entropy, train_batches
from .optim import OptimConfig

Answer = Callable[[Sequence[Conversation], int], Sequence[AssistantTurn | None]]
"""(contexts, seed) -> a turn sampled for each of them; None where the model came to no end."""
Reward = Callable[[Sequence[tuple[Conversation, AssistantTurn]]], Sequence[float]]
"""How good each turn is in its context: a preference model, a judge, a rule."""

FRUITLESS_ROUNDS = 5
"""So many rounds one after the other that teach nothing end the run."""


@dataclass(frozen=True)
class RolloutConfig(TrainConfig):
    """A run that learns from its own answers."""

    optim: OptimConfig = field(default_factory=lambda: OptimConfig(lr=1e-4, matrix_lr=5e-4, warmup_steps=10))
    """Optimizer and learning rate."""
    prompts: int = 32
    """Contexts that are answered in a round."""
    replies: int = 4
    """Answers to each of them."""
    passes: int = 1
    """How many times a round's batches are learned from, before the next round."""

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("prompts", "replies", "passes"):
            if getattr(self, name) < 1:
                raise UserError(f"{name} must be at least 1, not {getattr(self, name)}")


@dataclass(frozen=True)
class Rollouts:
    """The replies of a round that came to an end, and what they are worth."""

    documents: Documents
    """Each context with its reply; only the reply is learned."""
    groups: NDArray[np.int64]
    """(replies,) ascending: which context of the round each of them answers."""
    rewards: NDArray[np.float64]
    """(replies,)."""
    failed: int
    """Replies that came to no end, or are longer than a row."""


@dataclass(frozen=True)
class Method:
    """What a round is good for."""

    name: str
    batches: Callable[[Rollouts], Sequence[Batch]]
    """The batches of a round; none where it teaches nothing."""
    loss: Loss


@dataclass(frozen=True)
class PolicyBatch(Batch):
    """Packed replies with what was known of each token when it was sampled; all tensors are (rows, seq) float32, at
    the position that predicts the token, and zero where nothing is learned."""

    old: Tensor
    """log p under the model that sampled it."""
    reference: Tensor
    """log p under the model that training started from."""
    advantages: Tensor
    """How much better than expected it turned out."""
    values: Tensor
    """What was expected, where there is a value head."""
    returns: Tensor
    """What came, where there is a value head."""
    shares: Tensor
    """Its weight in the loss; they add up to the batch's number of replies."""

    @property
    def weight(self) -> int:
        """How many replies there are."""
        return int((self.document_ids.amax(1) + 1).sum())


class RolloutBatches:
    """Batches made in rounds, with the model as it is when the last round's batches are used up."""

    def __init__(
        self,
        contexts: Sequence[Conversation],
        chat_format: ChatFormat,
        answer: Answer,
        reward: Reward,
        method: Method,
        config: RolloutConfig,
    ) -> None:
        """Raises UserError when there is no context."""
        if not contexts:
            raise UserError("there is no context to answer: give dialogues that end with a user's message")
        self.contexts, self.format, self.config = list(contexts), chat_format, config
        self.answer, self.reward, self.method = answer, reward, method
        self._round = -1  # the one at hand
        self._first = 0  # the step that its first batch is for
        self._batches: list[Batch] = []
        self._figures: dict[str, float] = {}

    @cached_property
    def name(self) -> str:
        """What decides the sequence, together with the model, the way it answers, and the reward."""
        digest = hashlib.blake2b(digest_size=8)
        for context in self.contexts:
            digest.update(json.dumps(context.to_dict(), sort_keys=True).encode())
        config = self.config
        sizes = f"{config.prompts} {config.replies} {config.passes} {config.row_length} {config.batch_tokens}"
        return f"{self.method.name} {digest.hexdigest()} {sizes} {config.seed}"

    def __getitem__(self, step: int) -> Batch:
        """The batch of `step`; where it begins a round, the model answers first. UserError when nothing comes of it."""
        rounds = 0
        while step - self._first >= len(self._batches):
            if rounds == FRUITLESS_ROUNDS:
                raise UserError(
                    f"{rounds} rounds of {self.config.prompts} contexts gave nothing to learn from: the replies come "
                    "to no end, are longer than row_length, or all have the same reward"
                )
            rounds += 1
            self._round, self._first = self._round + 1, step
            rollouts = self._rollouts()
            self._figures = _figures(rollouts)
            self._batches = list(self.method.batches(rollouts)) * self.config.passes
        return self._batches[step - self._first]

    def _rollouts(self) -> Rollouts:
        """The answers of the round at hand, rewarded."""
        config, count = self.config, len(self.contexts)
        places = range(self._round * config.prompts, (self._round + 1) * config.prompts)
        chosen = [self.contexts[_order(count, config.seed, place // count)[place % count]] for place in places]
        asked = [(group, context) for group, context in enumerate(chosen) for _ in range(config.replies)]
        seed = int(np.random.default_rng((config.seed, self._round)).integers(2**31))
        turns = self.answer([context for _, context in asked], seed)
        ended = [(group, context, turn) for (group, context), turn in zip(asked, turns, strict=True) if turn]
        rendered = turn_documents([(context, turn) for _, context, turn in ended], self.format) if ended else []
        kept = [
            (*item, document)
            for item, document in zip(ended, rendered, strict=True)
            if len(document.tokens) <= config.row_length
        ]
        rewards = self.reward([(context, turn) for _, context, turn, _ in kept]) if kept else []
        return Rollouts(
            documents=Documents.build((document.tokens, document.loss_mask) for *_, document in kept),
            groups=np.array([group for group, *_ in kept], np.int64),
            rewards=np.array(rewards, np.float64),
            failed=len(asked) - len(kept),
        )

    def figures(self) -> dict[str, float]:
        """Mean reward of the round at hand, its deviation, tokens of a reply, and the share that came to no end."""
        return self._figures

    def state_dict(self) -> dict[str, Any]:
        """The round at hand with its batches."""
        once = self._batches[: len(self._batches) // self.config.passes]
        return {
            "round": self._round,
            "first": self._first,
            "figures": self._figures,
            "batches": [dict(vars(batch)) for batch in once],
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Takes what `state_dict` gave."""
        self._round, self._first, self._figures = state["round"], state["first"], state["figures"]
        policy = {field.name for field in fields(PolicyBatch)}
        found = [(PolicyBatch if held.keys() == policy else Batch)(**held) for held in state["batches"]]
        self._batches = found * self.config.passes


@lru_cache(maxsize=2)
def _order(count: int, seed: int, epoch: int) -> list[int]:
    """In which order so many contexts are answered in an epoch."""
    order: list[int] = np.random.default_rng((seed, epoch)).permutation(count).tolist()
    return order


def _figures(rollouts: Rollouts) -> dict[str, float]:
    count = len(rollouts.rewards)
    learned = int(rollouts.documents.loss_mask.sum())
    return {
        "reward": float(rollouts.rewards.mean()) if count else 0.0,
        "reward_deviation": float(rollouts.rewards.std()) if count else 0.0,
        "reply_tokens": learned / max(1, count),
        "failed": rollouts.failed / (rollouts.failed + count),
    }


def train_on_rollouts(
    model: Model,
    tokenizer: Tokenizer,
    contexts: Sequence[Conversation],
    answer: Answer,
    reward: Reward,
    method: Method,
    config: RolloutConfig,
    out: str | Path,
    *,
    evaluate: Evaluate | None = None,
    recipe: Mapping[str, Any] | None = None,
    console: Console | None = None,
    resume: bool = False,
) -> TrainResult:
    """Trains `model` (in place) on the rewarded answers that `answer` makes with it; else as `train_batches`.

    Raises UserError also when the rows are longer than what the model covers.
    """
    if config.row_length > model.config.max_seq_len:
        raise UserError(f"row_length ({config.row_length}) is more than the model covers ({model.config.max_seq_len})")
    batches = RolloutBatches(contexts, ChatFormat(tokenizer), answer, reward, method, config)
    return train_batches(
        model,
        tokenizer,
        batches,
        method.loss,
        config,
        out,
        evaluate=evaluate,
        recipe=recipe,
        title=method.name,
        console=console,
        resume=resume,
    )


def rejection_sampling(config: RolloutConfig) -> Method:
    """Fine-tuning on the best of several replies, round after round (Touvron et al. 2023, LLaMA-2).

    A context whose replies all have the same reward has no best one and is left out.
    """

    def batches(rollouts: Rollouts) -> list[Batch]:
        best = []
        for group in np.unique(rollouts.groups):
            members = np.flatnonzero(rollouts.groups == group)
            rewards = rollouts.rewards[members]
            if rewards.max() > rewards.min():
                best.append(int(members[rewards.argmax()]))
        lengths = rollouts.documents.lengths[best].tolist()
        rows = [[best[i] for i in row] for row in pack(lengths, config.row_length)]
        return [make_batch(rollouts.documents, part, config.row_length) for part in in_batches(rows, config)]

    return Method("rejection-sampling", batches, cross_entropy)


def in_batches(rows: list[list[int]], config: TrainConfig) -> list[list[list[int]]]:
    """Rows of documents, so many together as a batch may hold."""
    at_a_time = max(1, config.batch_tokens // config.row_length)
    return [rows[first : first + at_a_time] for first in range(0, len(rows), at_a_time)]
