"""The toolbox: concurrency, limits, failures, citations; and tools from functions."""

from __future__ import annotations

import re
import threading
import time
from pathlib import Path
from typing import Literal

import pytest

from moss.conversation import Citation, ToolCall
from moss.errors import UserError
from moss.tools.base import FAILURE, NO_RESULT, Tool, Toolbox, ToolResult, tool_from_function
from moss.tools.cancellation import Cancellation, Cancelled, raise_if_cancelled, when_cancelled


class Fake(Tool):
    """Waits, fails or cites as its argument says."""

    name = "Fake"
    title = "Fake"
    parameter = "what"
    description = "A fake."
    closed = False

    def run(self, argument: str) -> ToolResult:
        verb, _, value = argument.partition(" ")
        if verb == "sleep":
            time.sleep(float(value))
        elif verb == "user":
            raise UserError("a reason")
        elif verb == "crash":
            raise RuntimeError("a defect")
        elif verb == "fail":
            return FAILURE
        elif verb == "cite":
            found = tuple(Citation(0, f"title {n}", "source", f"it's {n}") for n in range(int(value)))
            return ToolResult("ignored", citations=found)
        return ToolResult(f"done {argument}", files=("picture.png",) if verb == "draw" else ())

    def close(self) -> None:
        self.closed = True


def run(toolbox: Toolbox, *arguments: str) -> list[ToolCall]:
    finished = list(toolbox.run([ToolCall("Fake", argument) for argument in arguments]))
    assert [index for index, _ in finished] == list(range(len(arguments)))
    return [call for _, call in finished]


def test_results_come_in_call_order_and_calls_run_at_the_same_time() -> None:
    barrier = threading.Barrier(3, timeout=10)

    def meet(who: str) -> str:
        """Meets the others."""
        barrier.wait()
        return who

    toolbox = Toolbox([tool_from_function(meet)])
    calls = [ToolCall("Meet", who) for who in "abc"]
    assert [call.result for _, call in toolbox.run(calls)] == ["a", "b", "c"]


def test_a_result_is_yielded_before_later_ones_are_there() -> None:
    later = threading.Event()

    def wait(which: str) -> str:
        """Waits when it is the second."""
        if which == "second":
            assert later.wait(10)
        return which

    results = Toolbox([tool_from_function(wait)]).run([ToolCall("Wait", "first"), ToolCall("Wait", "second")])
    assert next(results)[1].result == "first"
    later.set()
    assert next(results)[1].result == "second"


def test_no_failure_of_a_tool_raises() -> None:
    calls = run(Toolbox([Fake()]), "user", "crash", "fail", "work")
    assert [call.status for call in calls] == ["failed", "failed", "failed", "ok"]
    assert [call.result for call in calls] == [NO_RESULT, NO_RESULT, NO_RESULT, "done work"]


def test_K6_a_slow_tool_times_out_and_does_not_hold_up_the_others() -> None:
    start = time.perf_counter()
    calls = run(Toolbox([Fake()], timeout_seconds=0.3), "sleep 5", "work")
    assert time.perf_counter() - start < 3
    assert [(call.status, call.result) for call in calls] == [("timeout", NO_RESULT), ("ok", "done work")]


def test_calls_beyond_the_limit_and_unknown_tools_are_not_run() -> None:
    calls = run(Toolbox([Fake()], max_calls=2), "draw a", "b", "c")
    assert [call.status for call in calls] == ["ok", "ok", "failed"]
    assert calls[0].files == ("picture.png",)
    assert [call.status for _, call in Toolbox([Fake()]).run([ToolCall("Count", "1")])] == ["failed"]


class Endless(Tool):
    """Waits until it is cancelled, or for ever where it cannot be."""

    name, title, parameter, description = "Endless", "Endless", "how", "Waits."

    def __init__(self) -> None:
        self.ended = threading.Event()

    def run(self, argument: str) -> ToolResult:
        woken = threading.Event()
        with when_cancelled(woken.set):
            woken.wait()
        self.ended.set()
        return ToolResult("too late")


def test_C1_who_leaves_cancels_what_still_runs() -> None:
    endless = Endless()
    running = Toolbox([endless, Fake()]).run_watched([ToolCall("Fake", "work"), ToolCall("Endless", "")])
    came = [next(running)]
    while came[-1] is not None:
        came.append(next(running))
    assert [found[1].status for found in came if found] == ["ok"]
    running.close()
    assert endless.ended.wait(10)


def test_a_call_that_takes_too_long_is_cancelled() -> None:
    endless = Endless()
    ((_, call),) = Toolbox([endless], timeout_seconds=0.05).run([ToolCall("Endless", "")])
    assert (call.result, call.status) == (NO_RESULT, "timeout")
    assert endless.ended.wait(10)


def test_outside_of_a_call_nothing_is_cancelled() -> None:
    raise_if_cancelled()
    with when_cancelled(lambda: pytest.fail("there is no call")):
        pass
    cancellation = Cancellation()
    cancellation.cancel()
    with cancellation.current():
        with pytest.raises(Cancelled):
            raise_if_cancelled()
        with pytest.raises(Cancelled), when_cancelled(lambda: pytest.fail("the block was not begun")):
            pytest.fail("it is cancelled already")
    raise_if_cancelled()


def test_citations_are_numbered_on_through_the_turn() -> None:
    calls = run(Toolbox([Fake()]), "cite 2", "work", "cite 1")
    assert calls[0].result == '<|1|>: "it\'s 0"\n<|2|>: "it\'s 1"'
    assert calls[2].result == '<|3|>: "it\'s 0"'
    assert [c.index for call in calls for c in call.citations] == [1, 2, 3]
    second_round = list(Toolbox([Fake()]).run([ToolCall("Fake", "cite 1")], first_citation=4))
    assert second_round[0][1].citations[0].index == 4


def test_tools_by_name_and_closing() -> None:
    fake = Fake()
    toolbox = Toolbox([fake])
    assert toolbox.names == ("Fake",)
    assert toolbox["Fake"] is fake
    with pytest.raises(UserError, match="Did you mean Fake"):
        toolbox["fake"]
    toolbox.close()
    assert fake.closed
    with pytest.raises(UserError, match="same name"):
        Toolbox([fake, Fake()])


def exchange_rate(amount: float, currency: Literal["EUR", "USD"] = "EUR", digits: int | None = None) -> str:
    """Says what an amount is worth. Everything after the first sentence is for programmers.

    More.
    """
    return f"{amount} {currency} {digits}"


def test_a_typed_function_is_a_tool() -> None:
    tool = tool_from_function(exchange_rate)
    assert (tool.name, tool.title) == ("ExchangeRate", "Exchange rate")
    assert (tool.parameter, tool.description) == ("amount, currency, digits", "Says what an amount is worth.")
    assert tool.run("12.5").text == "12.5 EUR None"
    assert tool.run("12.5, usd, 2").text == "12.5 USD 2"
    assert tool.run("digits=3, amount=1").text == "1.0 EUR 3"


@pytest.mark.parametrize(
    ("argument", "reason"),
    [
        ("much", "ExchangeRate: amount: needs a number, not 'much'"),
        ("1, GBP", "unknown ExchangeRate: currency 'GBP'"),
        ("1, EUR, x", "digits: needs an integer"),
        ("", "missing a required argument: 'amount'"),
        ("1, EUR, 2, 3", "too many positional arguments"),
        ("currency=EUR", "missing a required argument: 'amount'"),
    ],
)
def test_an_argument_that_does_not_fit_is_refused_with_the_reason(argument: str, reason: str) -> None:
    with pytest.raises(UserError, match=reason):
        tool_from_function(exchange_rate).run(argument)


def test_one_parameter_gets_the_whole_argument_and_quotes_protect_commas() -> None:
    def echo(text: str) -> str:
        """Echoes."""
        return text

    def join(left: str, right: str, loud: bool = False) -> str:
        """Joins."""
        return f"{left}|{right}|{loud}"

    assert tool_from_function(echo).run('a, b="c"').text == 'a, b="c"'
    assert tool_from_function(join).run('"a, b", c, yes').text == "a, b|c|True"


def test_functions_that_cannot_be_tools_are_refused() -> None:
    def no_types(x):  # type: ignore[no-untyped-def]
        """Has no types."""

    def no_parameters() -> str:
        """Takes nothing."""
        return ""

    def no_docstring(x: str) -> str:
        return x

    def lists(x: list[int]) -> str:
        """Takes a list."""
        return str(x)

    def stars(*x: str) -> str:
        """Takes many."""
        return str(x)

    for function in (no_types, no_parameters, no_docstring, lists, stars, lambda x: x):
        with pytest.raises(UserError):
            tool_from_function(function)


def test_the_example_of_the_guide_does_what_it_says(capsys: pytest.CaptureFixture[str]) -> None:
    guide = (Path(__file__).parents[2] / "docs" / "guides" / "tools.md").read_text(encoding="utf-8")
    example = re.findall(r"```python\n(.*?)```", guide, re.DOTALL)[0]
    exec(compile(example, "docs/guides/tools.md", "exec"), {"__name__": "example"})
    said = [comment.strip() for comment in re.findall(r"^print.*# (.*)$", example, re.MULTILINE)]
    assert capsys.readouterr().out.splitlines() == said
