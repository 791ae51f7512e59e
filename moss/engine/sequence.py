"""One sequence: its tokens, where its cache lies, and the request it is working on. No model, no threads of its own."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, Literal, Protocol

import torch
from torch import Tensor

from .params import SamplingParams

if TYPE_CHECKING:
    from .sampling import Chance

FinishReason = Literal["stop", "length", "aborted"]


class EngineStopped(RuntimeError):
    """The engine was shut down, or its worker failed (then the cause is attached)."""


class Constraint(Protocol):
    """Which tokens may come next. States are immutable, so one constraint serves many sequences at once."""

    def start(self, max_tokens: int) -> Any:
        """The state before the first token, when there may be at most so many."""
        ...

    def allowed(self, state: Any) -> Tensor:
        """Bool mask (vocab,) of the tokens that may come next; the same tensor for the same state."""
        ...

    def advance(self, state: Any, token: int) -> Any:
        """The state after an allowed token."""
        ...


@dataclass(frozen=True, slots=True)
class Contrast:
    """What a guided sequence is moved away from: itself, with another token in one place."""

    position: int
    """Where the two differ; nowhere else, since what is chosen goes on both."""
    token: int
    scale: float
    """How far: the logits become logits + scale * (logits - those of the contrast)."""


class Sequence:
    """Tokens that grow, by generation and by `extend`, over one stretch of cache, or two where it is guided."""

    def __init__(self, tokens: Iterable[int], params: SamplingParams, guided: bool = False) -> None:
        self.tokens = list(tokens)
        self.params = params
        self.cached = 0
        """How many of `tokens` the cache holds; the rest is read by the next steps."""
        self.slot: int | None = None
        """The row of the cache; None before the first generation and after the end."""
        self.guided = guided
        """Whether it keeps a second row, for a contrast that it may get."""
        self.second_slot: int | None = None
        """The row of the contrast; None whenever `slot` is, and without guidance."""
        self.contrast: Contrast | None = None
        self.request: Request | None = None
        """The generation in progress."""
        self.closed = False
        self.finish_reason: FinishReason | None = None
        """Why the last generation ended."""
        self.chances: deque[Chance] = deque()
        """How likely the tokens were, in their order, where that was asked for; whoever reads them takes them out."""
        self.random = random.Random(params.seed)
        self._seen: Tensor | None = None
        self._noted = 0

    @property
    def pending(self) -> int:
        """How many tokens the model has not read yet."""
        return len(self.tokens) - self.cached

    @property
    def places(self) -> int:
        """How many rows of the cache it takes."""
        return 2 if self.guided else 1

    @property
    def parted(self) -> bool:
        """Whether the next token to read belongs to it or to its contrast, no longer to both."""
        return self.contrast is not None and self.cached >= self.contrast.position

    @property
    def readable(self) -> int:
        """How many of the pending tokens may be read in one step: what it shares with its contrast is read once."""
        if self.contrast is None or self.parted:
            return self.pending
        return self.contrast.position - self.cached

    def seen(self, vocab_size: int) -> Tensor:
        """Mask (vocab,) of the tokens that occurred so far; brought up to date, never built again."""
        if self._seen is None:
            self._seen = torch.zeros(vocab_size, dtype=torch.bool)
        if self._noted < len(self.tokens):
            self._seen[self.tokens[self._noted :]] = True
            self._noted = len(self.tokens)
        return self._seen


@dataclass(slots=True, eq=False)
class Request:
    """One call of `generate`: when to stop, what is allowed, and where the tokens go."""

    sequence: Sequence
    stop: frozenset[int]
    left: int
    """How many tokens it may still produce."""
    sampling: SamplingParams
    constraint: Constraint | None = None
    state: Any = None
    posted: SimpleQueue[int | FinishReason | EngineStopped] = field(default_factory=SimpleQueue)
    """Token ids, then the finish reason, or the error that ended it."""

    def allowed(self) -> Tensor | None:
        """Mask (vocab,) of what may come next; None is everything."""
        return self.constraint.allowed(self.state) if self.constraint is not None else None

    def take(self, token: int, chance: Chance | None = None) -> None:
        """Appends a chosen token to the sequence and posts it."""
        self.sequence.tokens.append(token)
        if chance is not None:
            self.sequence.chances.append(chance)
        self.left -= 1
        # The end of a section is not the constraint's to follow: a stop token may lie outside its states.
        if self.constraint is not None and token not in self.stop:
            self.state = self.constraint.advance(self.state, token)
        self.posted.put(token)
