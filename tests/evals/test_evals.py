"""Scores, counts and intervals, on answers whose right score is known."""

from __future__ import annotations

import json
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from io import StringIO

import pytest
from rich.console import Console

from moss.agent import UNPARSEABLE
from moss.conversation import Conversation, Message, ToolCall
from moss.engine.sampling import SamplingParams
from moss.evals.report import table, to_dict, wilson
from moss.evals.runner import MAX_EXAMPLES, run_task
from moss.evals.task import Answer
from moss.evals.tasks.assistant import AssistantTask, occurs
from moss.events import Event, Failed, Finished, TextDelta, ToolCalled, ToolReturned
from moss.terms import Terms


@dataclass(frozen=True)
class Case:
    conversation: Conversation
    task: str = "arithmetic"
    language: str = "en"
    tools: tuple[str, ...] = ("Calculate",)
    expected_calls: tuple[tuple[str, str], ...] = ()
    answer: tuple[str, ...] = ()
    outcome: str = "answer"


def case(prompt: str = "1+2", **fields: object) -> Case:
    tools = fields.get("tools", ("Calculate",))
    return Case(Conversation((Message("user", prompt),), tools=tools), **fields)  # type: ignore[arg-type]


def answer(reply: str, *calls: tuple[str, str], finish_reason: str = "stop") -> Answer:
    return Answer(tuple(ToolCall(name, argument, "3", "ok") for name, argument in calls), reply, None, finish_reason)


def classify(reply: str) -> str | None:
    kinds = {"No.": "refusal", "I don't know.": "unknown", "It is off.": "tool_off", "Nothing found.": "tool_failed"}
    return kinds.get(reply)


def marks(asked: Case, given: Answer) -> dict[str, bool]:
    return {mark.measure: mark.held for mark in AssistantTask([asked], classify).score(asked, given)}


SUM = case(expected_calls=(("Calculate", "1+2"),), answer=("3",))


@pytest.mark.parametrize(
    ("given", "call", "final"),
    [
        (answer("It is 3.", ("Calculate", "1+2")), True, True),
        (answer("It is 33.", ("Calculate", "1+2")), True, False),
        (answer("It is 3.", ("Calculate", "2+1")), False, True),
        (answer("It is 3."), False, True),
        (answer("It is 3.", ("Calculate", "1+2"), ("Calculate", "1+2")), False, True),
    ],
)
def test_call_and_answer_are_scored_apart(given: Answer, call: bool, final: bool) -> None:
    assert marks(SUM, given) == {"exact_call": call, "final_answer": final, "unparseable_commands": False}


def test_several_calls_in_any_order() -> None:
    asked = case(expected_calls=(("Calculate", "1+2"), ("Search", "x")), answer=("3",))
    assert marks(asked, answer("3", ("Search", "x"), ("Calculate", "1+2")))["exact_call"]
    assert not marks(asked, answer("3", ("Search", "x")))["exact_call"]


def test_knowledge_from_memory_and_honesty() -> None:
    known = case(task="known_facts", tools=(), answer=("Paris",))
    assert marks(known, answer("It is paris."))["known_facts"]
    assert marks(case(tools=(), outcome="unknown"), answer("I don't know.")) == {"unknown_honest": True}
    assert marks(case(tools=(), outcome="unknown"), answer("Paris.")) == {"unknown_honest": False}


def test_switches() -> None:
    off = case(outcome="tool_off", tools=("Search",))
    good, bad = answer("It is off."), answer("3", ("Calculate", "1+2"))
    assert marks(off, good)["disabled_tool_called"] is False
    assert marks(off, good)["tool_off_told"] is True
    assert marks(off, bad)["disabled_tool_called"] is True
    assert marks(off, bad)["tool_off_told"] is False


def test_refusal_and_over_refusal() -> None:
    assert marks(case(outcome="refusal", tools=()), answer("No.")) == {"refusal": True}
    look_alike = case(task="benign", outcome="chat", tools=())
    assert marks(look_alike, answer("No.")) == {"over_refusal": True}
    assert marks(look_alike, answer("Like so.")) == {"over_refusal": False}


def test_needless_calls_and_commands_that_do_not_parse() -> None:
    chat = case(outcome="chat", task="small_talk")
    assert marks(chat, answer("Hi.", ("Calculate", "1")))["needless_call"]
    assert not marks(chat, answer("", finish_reason="length"))["unparseable_commands"]
    assert marks(chat, answer("", finish_reason=f"failed: {UNPARSEABLE}: Calc"))["unparseable_commands"]


@pytest.mark.parametrize(
    ("text", "reply", "found"),
    [
        ("7", "It is 7.", True),
        ("7", "It is 17.", False),
        ("7", "It is 7.5.", False),
        ("7", "It is 0.7", False),
        ("7", "a=7, b=8", True),
        ("x = 7", "so x = 7", True),
        ("x = 7", "so x = 71", False),
        ("-7", "it is -7", True),
        ("1234.5", "1234.5。", True),
        ("巴黎", "是巴黎。", True),
        ("Paris", "PARIS", True),
        ("C++", "in C++.", True),
    ],
)
def test_an_answer_is_found_whole(text: str, reply: str, found: bool) -> None:
    assert occurs(text, reply) is found


@pytest.mark.parametrize(
    ("held", "n", "low", "high"), [(0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (95, 100, 0.8882, 0.9785)]
)
def test_wilson_against_published_values(held: int, n: int, low: float, high: float) -> None:
    assert wilson(held, n) == pytest.approx((low, high), abs=1e-4)


class Fake:
    """Answers sums of the form a+b with a call, everything else with "No."; fails on "break"."""

    def __init__(self) -> None:
        self.qualities: set[int | None] = set()

    def run(
        self,
        conversation: Conversation,
        sampling: SamplingParams | None = None,
        tools: Sequence[str] | None = None,
        quality: int | None = None,
        terms: Terms | None = None,
    ) -> Generator[Event, None, None]:
        self.qualities.add(quality)
        prompt = conversation.messages[-1].content or ""
        if prompt == "break":
            yield Failed("broken")
            return
        if "+" in prompt:
            call = ToolCall("Calculate", prompt)
            yield ToolCalled(0, call)
            yield ToolReturned(0, ToolCall("Calculate", prompt, str(sum(map(int, prompt.split("+")))), "ok"))
        yield TextDelta("No.")
        yield Finished("No.", "stop", completion_tokens=2)


def test_runner_counts_by_tool_and_language_and_keeps_failures() -> None:
    sums = [case(f"{n}+1", expected_calls=(("Calculate", f"{n}+1"),), answer=(str(n + 1),)) for n in range(40)]
    harm = [case("harm", task="harm", outcome="refusal", language="zh", tools=())] * 3
    task = AssistantTask([*sums, *harm, case("break", outcome="refusal", task="harm")], classify)
    done: list[int] = []
    results = run_task(task, Fake(), threads=4, progress=done.append)
    assert done == list(range(1, 45))
    tallies = {key: (tally.held, tally.n) for key, tally in results.tallies.items()}
    assert tallies["exact_call", "arithmetic", "en"] == (40, 40)
    assert tallies["final_answer", "all", "all"] == (0, 40)
    assert tallies["refusal", "harm", "zh"] == (3, 3)
    assert tallies["refusal", "all", "all"] == (3, 4)
    assert len([example for example in results.examples if example.measure == "final_answer"]) == MAX_EXAMPLES
    broken = next(example for example in results.examples if example.measure == "refusal")
    assert "failed: broken" in broken.got
    assert results.completion_tokens == 2 * 43


def test_every_case_is_asked_for_the_same_quality() -> None:
    fake = Fake()
    run_task(AssistantTask([SUM, SUM], classify), fake, quality=80)
    assert fake.qualities == {80}


def test_report_as_json_and_as_table() -> None:
    task = AssistantTask([SUM, case("harm", outcome="refusal", language="zh", tools=())], classify)
    report = to_dict(run_task(task, Fake()), task.measures, {"assistant": "fake"})
    assert json.loads(json.dumps(report)) == report
    assert report["summary"]["refusal"]["met"] is True
    assert report["summary"]["refusal"]["value"] == 1.0
    assert report["summary"]["final_answer"]["value"] == 0.0
    figure = next(f for f in report["figures"] if (f["metric"], f["task"], f["language"]) == ("refusal", "all", "zh"))
    assert (figure["value"], figure["n"], figure["high"]) == (1.0, 1, 1.0)
    screen = Console(width=160, file=StringIO())
    screen.print(table(report, task.measures))
    shown = screen.file.getvalue()  # type: ignore[attr-defined]
    assert "declines what is harmful" in shown
    assert "100.0%" in shown
