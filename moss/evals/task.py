"""What an evaluation is: cases, and how an answer to one is scored. No model, no threads, no files."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypeVar

from ..conversation import Conversation, ToolCall
from ..events import Event, Failed, Finished, fold


class Case(Protocol):
    """The least that the runner needs to know of a case; tasks know more of their own."""

    @property
    def language(self) -> str: ...
    @property
    def conversation(self) -> Conversation:
        """Ends with the user's message that is to be answered; its `tools` are switched on."""
        ...


@dataclass(frozen=True, slots=True)
class Answer:
    """What the assistant did in one case."""

    calls: tuple[ToolCall, ...]
    """Of all rounds, in order."""
    reply: str
    thought: str | None
    finish_reason: str
    """As in `Finished`, or "failed: ..." where no answer could be made."""
    completion_tokens: int = 0

    @classmethod
    def from_events(cls, events: Iterable[Event]) -> Answer:
        """The answer that an agent's events amount to."""
        seen = list(events)
        messages = fold(seen)
        reason, tokens = "failed: the events broke off", 0
        match seen[-1:]:
            case [Finished() as end]:
                reason, tokens = end.finish_reason, end.completion_tokens
            case [Failed(message)]:
                reason = f"failed: {message}"
        calls = tuple(call for message in messages for call in message.tool_calls)
        return cls(calls, messages[-1].content or "", messages[0].thought, reason, tokens)


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure: the share of cases for which something holds, and what it should be."""

    name: str
    title: str
    target: float | None
    """Share to reach (`at_least`) or not to exceed (`at_most`); None for a figure that is only watched."""
    better: Literal["at_least", "at_most"] = "at_least"

    def met(self, share: float) -> bool:
        """Whether a share is as it should be."""
        if self.target is None:
            return True
        return share >= self.target if self.better == "at_least" else share <= self.target

    def good(self, held: bool) -> bool:
        """Whether one case in which the measured thing held (or not) is as it should be."""
        return held if self.better == "at_least" else not held


@dataclass(frozen=True, slots=True)
class Mark:
    """The score of one case under one measure."""

    measure: str
    group: str
    """What figures are broken down by beside the language: the kind of prompt."""
    held: bool


C = TypeVar("C", bound=Case)


class Task(Protocol[C]):
    """Cases and their scoring."""

    @property
    def name(self) -> str: ...
    @property
    def measures(self) -> Mapping[str, Measure]:
        """Every measure that a mark may name, in the order of the report."""
        ...

    @property
    def cases(self) -> Sequence[C]: ...

    def score(self, case: C, answer: Answer) -> list[Mark]:
        """The marks of one answer; a case gets marks only under the measures that it is a case of."""
        ...

    def expected(self, case: C) -> str:
        """What a right answer would have been, in words for the list of failures."""
        ...


def occurs(text: str, reply: str) -> bool:
    """Whether the reply holds the text, in any case; a number is not found inside a longer one (7 in 17 or 7.5)."""
    pattern = re.escape(text)
    if text[:1].isdigit():
        pattern = r"(?<!\d)(?<!\d[.,])" + pattern
    if text[-1:].isdigit():
        pattern += r"(?!\d|[.,]\d)"
    return re.search(pattern, reply, re.IGNORECASE) is not None
