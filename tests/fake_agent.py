"""A small honest agent for the doors' tests: it answers with the events it was given, and notes what it was asked."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass, field

from moss.assistant import Assistant
from moss.conversation import Citation, Conversation, ToolCall
from moss.engine.params import SamplingParams
from moss.events import Calling, Event, Finished, TextDelta, ThoughtDelta, ToolCalled, ToolReturned
from moss.terms import Terms
from moss.tools import Tool, Toolbox, ToolResult


class Named(Tool):
    """A tool that is never run: only its name counts."""

    parameter = "text"

    def __init__(self, name: str):
        self.name = self.title = name
        self.description = f"The tool {name}."

    def run(self, argument: str) -> ToolResult:
        raise AssertionError(f"{self.name} was run")


@dataclass
class FakeAgent:
    """Answers call after call with the next of `answers` (the last one again and again)."""

    answers: list[Iterable[Event] | BaseException]
    asked: list[tuple[Conversation, SamplingParams, tuple[str, ...] | None, int | None]] = field(default_factory=list)
    terms: list[Terms | None] = field(default_factory=list)
    """What each of them had to keep to, as asked."""
    closed: int = 0
    """How many answers have been left or have ended."""

    def run(
        self,
        conversation: Conversation,
        sampling: SamplingParams | None = None,
        tools: Sequence[str] | None = None,
        quality: int | None = None,
        terms: Terms | None = None,
    ) -> Generator[Event, None, None]:
        self.asked.append(
            (conversation, sampling or SamplingParams(), None if tools is None else tuple(tools), quality)
        )
        self.terms.append(terms)
        answer = self.answers[min(len(self.asked), len(self.answers)) - 1]
        try:
            if isinstance(answer, BaseException):
                raise answer
            yield from answer
        finally:
            self.closed += 1


def assistant_that_says(
    *answers: Iterable[Event] | BaseException, knows_quality: bool = False
) -> tuple[Assistant, FakeAgent]:
    """An assistant with the tools Search and Calculate, and the fake agent in it."""
    agent = FakeAgent(list(answers))
    toolbox = Toolbox([Named("Search"), Named("Calculate")])
    return Assistant(name="fake", agent=agent, toolbox=toolbox, knows_quality=knows_quality), agent


SUM = ToolCall("Calculate", "37*48+5")
LOOK_UP = ToolCall("Search", "capital of France")
SUM_DONE = ToolCall("Calculate", "37*48+5", "1781", "ok")
LOOK_UP_DONE = ToolCall(
    "Search", "capital of France", "<|1|>: 'Paris'", "ok", (Citation(1, "France", "facts/france.md", "Paris"),)
)


def plain(text: str) -> list[Event]:
    """A reply without tools, a character at a time."""
    return [*map(TextDelta, text), Finished(text, "stop", 10, len(text))]


def with_tools(text: str = "It is 1781, in 巴黎<sup><|1|></sup>.") -> list[Event]:
    """A thought, two calls at once, and the reply, a character at a time."""
    return [
        ThoughtDelta("I compute "),
        ThoughtDelta("and look up."),
        Calling(),
        Calling(),
        ToolCalled(0, SUM),
        ToolCalled(1, LOOK_UP),
        ToolReturned(0, SUM_DONE),
        ToolReturned(1, LOOK_UP_DONE),
        *map(TextDelta, text),
        Finished(text, "stop", 20, 30),
    ]
