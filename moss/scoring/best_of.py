"""The best of several replies: an agent that lets another answer n times and gives the answer that scores highest.

It has the agent's own interface, so chat, server and evaluation can use it in the agent's place. The answers are made
at the same time and share the engine's batches; tools run for each of them. Nothing is told before all are there.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Generator, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace

from ..agent import Answering
from ..chat_format import system_text
from ..conversation import AssistantTurn, Conversation, Message
from ..engine.params import SamplingParams
from ..errors import UserError
from ..events import Event, Finished, fold
from ..terms import Terms
from .scorer import Scorer

SEEDS = 2**31
"""Random seeds are below this."""


@dataclass(frozen=True)
class Answer:
    """One of the n answers."""

    events: tuple[Event, ...]
    score: float | None = None
    """None where there is nothing to score: it failed, it says nothing, or it is too long for the scorer."""

    @property
    def turn(self) -> AssistantTurn:
        """Its messages."""
        return tuple(fold(self.events))

    @property
    def is_whole(self) -> bool:
        """Whether it came to an end and says something."""
        return isinstance(self.events[-1], Finished) and bool(self.turn[-1].content)


class BestOf:
    """Answers with the best of `n`: the one with the highest score, the first of those where several have it."""

    def __init__(self, agent: Answering, scorer: Scorer, n: int) -> None:
        if n < 1:
            raise UserError(f"the best of {n} replies cannot be chosen: ask for 1 or more")
        self.agent, self.scorer, self.n = agent, scorer, n

    def run(
        self,
        conversation: Conversation,
        sampling: SamplingParams | None = None,
        tools: Sequence[str] | None = None,
        quality: int | None = None,
        terms: Terms | None = None,
    ) -> Generator[Event, None, None]:
        """The events of the best answer; its `Finished` counts the tokens of all."""
        answers = self.answers(conversation, sampling, tools, quality, terms)
        scored = [answer for answer in answers if answer.score is not None]
        best = max(scored, key=lambda answer: answer.score or 0.0) if scored else answers[0]
        written = sum(event.completion_tokens for a in answers for event in a.events if isinstance(event, Finished))
        for event in best.events:
            yield replace(event, completion_tokens=written) if isinstance(event, Finished) else event

    def answers(
        self,
        conversation: Conversation,
        sampling: SamplingParams | None = None,
        tools: Sequence[str] | None = None,
        quality: int | None = None,
        terms: Terms | None = None,
    ) -> list[Answer]:
        """All n answers with their scores, drawn with the seed, the seed + 1, ...

        Raises UserError at temperature 0, where they would all be the same, and whatever the agent raises.
        """
        sampling = sampling or SamplingParams()
        if self.n > 1 and sampling.temperature == 0:
            raise UserError("at temperature 0 all replies are the same: to choose the best of several, raise it")
        first = random.randrange(SEEDS) if sampling.seed is None else sampling.seed
        streams = [
            self.agent.run(conversation, replace(sampling, seed=first + number), tools, quality, terms)
            for number in range(self.n)
        ]
        answers = [Answer(tuple(events)) for events in _drive(streams)]
        whole = [number for number, answer in enumerate(answers) if answer.is_whole]
        context = _with_system_text(conversation, conversation.tools if tools is None else tools)
        asked = [replace(context, messages=(*context.messages, *answers[number].turn)) for number in whole]
        for number, score in zip(whole, self.scorer(asked) if asked else (), strict=True):
            answers[number] = replace(answers[number], score=score)
        return answers


def _with_system_text(conversation: Conversation, tools: Iterable[str]) -> Conversation:
    """As the agent shows a conversation without one to its model: scorers learned from dialogues that have it."""
    if conversation.messages[0].role == "system":
        return conversation
    system = Message("system", system_text(tools))
    return Conversation((system, *conversation.messages), tuple(tools), conversation.meta)


def _drive(streams: Sequence[Generator[Event, None, None]]) -> list[list[Event]]:
    """The events of all streams, each read by a thread of its own. Where one raises, or Ctrl-C comes, all are ended."""
    stopped = threading.Event()

    def read(stream: Generator[Event, None, None]) -> list[Event]:
        events: list[Event] = []
        with closing(stream):
            for event in stream:
                if stopped.is_set():
                    break
                events.append(event)
        return events

    with ThreadPoolExecutor(len(streams), thread_name_prefix="best-of") as pool:
        reading = [pool.submit(read, stream) for stream in streams]
        try:
            return [future.result() for future in reading]
        finally:
            stopped.set()
