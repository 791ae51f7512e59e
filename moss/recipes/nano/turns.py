"""What one exchange of the nano world is: the user's words, the right behaviour, and how to check it.

An intent is a function that makes a `Turn`. The turn holds the calls that should be made, not what they return: the
composer runs them with the real tools and only then asks the turn for its reply. This file knows nothing of rendering
or of tools.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from moss.conversation import ToolCall

Split = Literal["train", "eval"]
Language = Literal["en", "zh"]
Outcome = Literal["answer", "chat", "refusal", "unknown", "tool_off", "tool_failed"]
"""How a right reply ends: with the asked-for result, as talk, declining, admitting that it does not know,
saying that the needed tool is off, or admitting that the tool found nothing."""

Reply = Callable[[list[ToolCall]], str]
"""Writes the reply from all executed calls of the turn, in order (an empty list when there were none)."""


@dataclass(frozen=True, slots=True)
class Step:
    """One round of tool use: a thought and the calls it leads to (without results)."""

    thought: str
    calls: tuple[ToolCall, ...]


@dataclass(frozen=True, slots=True)
class Turn:
    """A user's message and the assistant's right behaviour."""

    user: str
    language: Language
    """The language of the reply."""
    intent: str
    reply: Reply
    steps: tuple[Step, ...] = ()
    thought: str | None = None
    """The thought when no step is needed; left out where no tool is on."""
    answer: tuple[str, ...] = ()
    """Every one must occur in a right reply."""
    outcome: Outcome = "chat"
    memory: Mapping[str, Any] = field(default_factory=dict)
    """What a following turn may lean on: `value`, `expression`, `entity`, ..."""


class Intent(Protocol):
    """Makes one turn for the tools that are on, or None where it does not apply (as a follow-up to nothing)."""

    def __call__(
        self, rng: random.Random, language: Language, split: Split, tools: frozenset[str], previous: Turn | None
    ) -> Turn | None: ...


def fixed(text: str) -> Reply:
    """A reply that does not depend on results."""
    return lambda calls: text
