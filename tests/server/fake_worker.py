"""Assistants for a worker process of the tests: `Worker("tests.server.fake_worker:slow", {...})`."""

from __future__ import annotations

import os
import time
from collections.abc import Generator, Sequence

from moss.assistant import Assistant
from moss.conversation import Conversation
from moss.engine.params import SamplingParams
from moss.errors import EngineBusy, UserError
from moss.events import Event, Finished, TextDelta
from moss.terms import Terms
from moss.tools import Toolbox
from tests.fake_agent import assistant_that_says, with_tools


class Slow:
    """Counts up, a number each `seconds`, as many as `max_tokens`; what the user says can make it do worse."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self.running = 0

    def run(
        self,
        conversation: Conversation,
        sampling: SamplingParams | None = None,
        tools: Sequence[str] | None = None,
        quality: int | None = None,
        terms: Terms | None = None,
    ) -> Generator[Event, None, None]:
        match asked := conversation.messages[-1].content:
            case "refuse":
                raise UserError("this cannot be answered")
            case "busy":
                raise EngineBusy("too much to do")
            case "fail":
                raise RuntimeError(f"a secret that was asked for: {asked}")
            case "how many":
                return self._count(str(self.running), 1)
        return self._count("", (sampling or SamplingParams()).max_tokens)

    def _count(self, text: str, tokens: int) -> Generator[Event, None, None]:
        if text:
            yield from (TextDelta(text), Finished(text, "stop"))
            return
        self.running += 1
        try:
            for number in range(tokens):
                time.sleep(self._seconds)
                text += f"{number} "
                yield TextDelta(f"{number} ")
            yield Finished(text, "stop", 3, tokens)
        finally:
            self.running -= 1


def slow(seconds: float = 0.01, gate: str | None = None) -> Assistant:
    """An assistant that answers slowly, and is loaded when there is a file at `gate`."""
    while gate is not None and not os.path.exists(gate):
        time.sleep(0.05)
    return Assistant(name="slow", agent=Slow(seconds), toolbox=Toolbox([]))


def scripted() -> Assistant:
    """An assistant that thinks, calls two tools and replies."""
    return assistant_that_says(with_tools())[0]


def damaged() -> Assistant:
    """No assistant, for a reason that the user can mend."""
    raise UserError("the weights are damaged: copy them again")


def crashing() -> Assistant:
    """No assistant: the process ends while it loads."""
    os._exit(3)
