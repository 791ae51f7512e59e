"""The best of several replies: which is chosen, with which seeds, and what becomes of failures."""

from __future__ import annotations

import threading
from collections.abc import Generator, Sequence

import pytest

from moss.chat_format import system_text
from moss.conversation import Conversation, Message
from moss.engine.sampling import SamplingParams
from moss.errors import UserError
from moss.events import Event, Failed, Finished, TextDelta
from moss.scoring.best_of import BestOf
from moss.terms import Terms
from tests.fake_agent import with_tools

ASKED = Conversation((Message("user", "hi"),), tools=("Search",))


class SeededAgent:
    """Says its seed; fails on some. All answers have to be under way before any of them ends."""

    def __init__(self, n: int, fails: Sequence[int] = (), silent: Sequence[int] = ()) -> None:
        self.fails, self.silent = fails, silent
        self.together = threading.Barrier(n)
        self.asked: list[tuple[int | None, int | None]] = []

    def run(
        self,
        conversation: Conversation,
        sampling: SamplingParams | None = None,
        tools: Sequence[str] | None = None,
        quality: int | None = None,
        terms: Terms | None = None,
    ) -> Generator[Event, None, None]:
        assert sampling is not None
        assert sampling.seed is not None
        self.asked.append((sampling.seed, quality))
        return self._events(sampling.seed)

    def _events(self, seed: int) -> Generator[Event, None, None]:
        self.together.wait(10)
        if seed in self.fails:
            yield Failed("the engine was shut down")
            return
        text = "" if seed in self.silent else str(seed)
        yield TextDelta(text)
        yield Finished(text, "stop", 7, 2)


def by_number(dialogues: Sequence[Conversation]) -> list[float | None]:
    """Prefers 12, then 13, then 11, then 10."""
    return [{"12": 3.0, "13": 2.0, "11": 1.0, "10": 0.0}[c.messages[-1].content or ""] for c in dialogues]


def said(agent: SeededAgent, n: int) -> str:
    events = list(BestOf(agent, by_number, n).run(ASKED, SamplingParams(seed=10), quality=90))
    assert isinstance(events[-1], Finished)
    return events[-1].content


def test_the_highest_score_is_given_and_all_tokens_are_counted() -> None:
    agent = SeededAgent(4)
    events = list(BestOf(agent, by_number, 4).run(ASKED, SamplingParams(seed=10), quality=90))
    assert events == [TextDelta("12"), Finished("12", "stop", 7, 8)]
    assert agent.asked == [(10, 90), (11, 90), (12, 90), (13, 90)]


def test_failed_and_empty_replies_are_not_chosen() -> None:
    assert said(SeededAgent(4, fails=[12], silent=[13]), 4) == "11"


def test_where_all_fail_the_failure_is_told() -> None:
    events = list(BestOf(SeededAgent(2, fails=[10, 11]), by_number, 2).run(ASKED, SamplingParams(seed=10)))
    assert events == [Failed("the engine was shut down")]


def test_the_first_of_equals_and_of_what_cannot_be_scored() -> None:
    for score in (1.0, None):
        best = BestOf(SeededAgent(3), lambda asked, score=score: [score] * len(asked), 3)  # type: ignore[misc]
        events = list(best.run(ASKED, SamplingParams(seed=10)))
        assert events[0] == TextDelta("10")


def test_without_a_seed_the_replies_differ() -> None:
    agent = SeededAgent(3)
    list(BestOf(agent, lambda asked: [0.0] * len(asked), 3).run(ASKED))
    assert len({seed for seed, _ in agent.asked}) == 3


def test_what_the_scorer_reads() -> None:
    """The dialogue as the model has it: with the system text and its switches, and whole turns with tool results."""

    class Tools:
        def run(self, *_: object) -> Generator[Event, None, None]:
            yield from with_tools("1781.")

    read: list[Conversation] = []

    def note(dialogues: Sequence[Conversation]) -> list[float | None]:
        read.extend(dialogues)
        return [0.0] * len(dialogues)

    list(BestOf(Tools(), note, 1).run(ASKED, tools=("Calculate",)))  # type: ignore[arg-type]
    (dialogue,) = read
    assert dialogue.messages[:2] == (Message("system", system_text(["Calculate"])), *ASKED.messages)
    assert dialogue.tools == ("Calculate",)
    assert [call.result for call in dialogue.messages[2].tool_calls] == ["1781", "<|1|>: 'Paris'"]
    own = Conversation((Message("system", "mine"), *ASKED.messages))
    list(BestOf(Tools(), note, 1).run(own))  # type: ignore[arg-type]
    assert read[1].messages[0].content == "mine"


def test_mistakes() -> None:
    with pytest.raises(UserError, match="at temperature 0"):
        list(BestOf(SeededAgent(2), by_number, 2).run(ASKED, SamplingParams(temperature=0)))
    with pytest.raises(UserError, match="best of 0"):
        BestOf(SeededAgent(1), by_number, 0)


def test_what_one_raises_is_raised_and_ends_the_others() -> None:
    class Half(SeededAgent):
        def _events(self, seed: int) -> Generator[Event, None, None]:
            if seed == 10:
                raise UserError("no room")
            while True:
                yield TextDelta("endless ")

    with pytest.raises(UserError, match="no room"):
        list(BestOf(Half(2), by_number, 2).run(ASKED, SamplingParams(seed=10)))
