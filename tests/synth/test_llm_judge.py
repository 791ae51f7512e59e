"""The judge that asks a model, over real HTTP: both orders, the place's part in it, what is kept, what goes wrong."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from moss.conversation import AssistantTurn, Candidate, Conversation, Message, Ranking, ToolCall
from moss.errors import UserError
from moss.synth.endpoint import ChatEndpoint
from moss.synth.judges import judged
from moss.synth.llm_judge import MAX_FAILURES_IN_A_ROW, JudgeReport, LlmJudge
from tests.synth.chat_server import Answer, ChatServer, chat_server, said

ASKED = Conversation((Message("system", "Be kind."), Message("user", "Which is best?")))


def turn(text: str, *calls: ToolCall) -> AssistantTurn:
    return (Message("assistant", text, "Hm.", calls),)


SHORT, LONGER, LONGEST = turn("a"), turn("bb"), turn("cccc")


def replies_in(body: dict[str, Any]) -> tuple[str, str]:
    question = body["messages"][-1]["content"]
    a, b = (re.search(f"<reply {name}>\n(.*)\n</reply {name}>", question, re.DOTALL) for name in "AB")
    assert a
    assert b
    return a[1], b[1]


def longer(body: dict[str, Any]) -> Answer:
    """Prefers the longer reply, whatever its place."""
    a, b = map(len, replies_in(body))
    return f"Longer is better.\n[[{'A' if a > b else 'B' if b > a else 'C'}]]"


def judge_by(
    answer: Callable[[dict[str, Any]], Answer], *replies: AssistantTurn, cache: Path | None = None, **options: Any
) -> tuple[list[float | None], JudgeReport, ChatServer]:
    with (
        chat_server(answer) as server,
        ChatEndpoint(server.url, "judge", retries=0, **options) as endpoint,
        LlmJudge(endpoint, cache) as judge,
    ):
        return [verdict.score for verdict in judge.judge(ASKED, replies)], judge.report, server


def test_an_honest_judge_ranks_the_replies() -> None:
    scores, report, server = judge_by(longer, LONGER, LONGEST, SHORT)
    assert scores == [0.5, 1.0, 0.0]
    assert len(server.asked) == report.asked == 6
    assert (report.first, report.second, report.draws) == (3, 3, 0)
    assert (report.position_bias, report.consistency) == (0.5, 1.0)
    assert not report.failures


def test_what_the_judge_reads() -> None:
    called = turn("42.", ToolCall("Calculate", "6*7", "42", "ok"))
    _, _, server = judge_by(longer, called, SHORT)
    assert server.asked[0]["temperature"] == 0
    assert "[[A]]" in server.asked[0]["messages"][0]["content"]
    # The two orders are asked at the same time, so either may come first.
    questions = [body["messages"][1]["content"] for body in server.asked]
    assert (
        "<conversation>\nuser: Which is best?\n</conversation>\n\n"
        '<reply A>\n(called Calculate("6*7"), result: 42)\n42.\n</reply A>\n\n<reply B>\na\n</reply B>'
    ) in questions


def test_a_judge_that_looks_at_the_place_only_ranks_nothing() -> None:
    scores, report, _ = judge_by(lambda body: "[[A]]", SHORT, LONGER, LONGEST)
    assert scores == [0.5, 0.5, 0.5]
    assert (report.position_bias, report.consistency, report.turned) == (1.0, 0.0, 3)


def test_draws_and_half_draws() -> None:
    def half(body: dict[str, Any]) -> Answer:
        return "[[A]]" if replies_in(body)[0] == "bb" else "[[C]]"

    scores, report, _ = judge_by(half, SHORT, LONGER)
    assert scores == [0.25, 0.75]
    assert (report.half, report.draws, report.first) == (1, 1, 1)


def test_equal_replies_are_a_draw_without_a_question() -> None:
    scores, _, server = judge_by(longer, SHORT, SHORT)
    assert scores == [0.5, 0.5]
    assert server.asked == []


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("Both are fine.", "no verdict in the answer"),
        ("[[A]] or [[B]]", "no verdict in the answer"),
        ("[[D]]", "no verdict in the answer"),
        ((200, said(None, refusal="No.")), "refused"),
        ((500, {}), "error 500"),
    ],
)
def test_what_is_no_verdict_is_counted_and_leaves_no_score(answer: Answer, reason: str) -> None:
    scores, report, _ = judge_by(lambda body: answer, SHORT, LONGER)
    assert scores == [None, None]
    assert report.failures == {reason: 2}
    assert (report.left_out, report.position_bias, report.consistency) == (1, None, None)


def test_a_judge_that_takes_too_long() -> None:
    release = threading.Event()

    def late(body: dict[str, Any]) -> Answer:
        if "cccc" in replies_in(body):
            release.wait(20)
        return longer(body)

    scores, report, _ = judge_by(late, SHORT, LONGER, LONGEST, timeout_seconds=0.5)
    release.set()
    assert scores == [0.0, 1.0, None]
    assert report.failures == {"timeout": 4}
    assert report.left_out == 2


def test_one_order_alone_decides_nothing() -> None:
    def once(body: dict[str, Any]) -> Answer:
        return "[[A]]" if replies_in(body)[0] == "a" else "Hm."

    scores, report, _ = judge_by(once, SHORT, LONGER)
    assert scores == [None, None]
    assert (report.first, report.left_out) == (1, 1)


def test_a_judge_that_is_not_there_ends_the_run() -> None:
    replies = [turn("x" * length) for length in range(1, 7)]
    with pytest.raises(UserError, match=f"no verdict {MAX_FAILURES_IN_A_ROW} times in a row, the last time: error 500"):
        judge_by(lambda body: (500, {}), *replies)


def test_verdicts_are_kept_and_what_failed_is_asked_again(tmp_path: Path) -> None:
    cache = tmp_path / "cache" / "verdicts.jsonl"

    def not_the_longest(body: dict[str, Any]) -> Answer:
        return "Hm." if "cccc" in replies_in(body) else longer(body)

    judge_by(not_the_longest, SHORT, LONGER, LONGEST, cache=cache)
    cache.write_bytes(cache.read_bytes() + b'{"key": "half a li')  # killed while writing
    scores, report, server = judge_by(longer, SHORT, LONGER, LONGEST, cache=cache)
    assert scores == [0.0, 0.5, 1.0]
    assert (report.cached, report.asked) == (2, 4)
    assert all("cccc" in replies_in(body) for body in server.asked)
    scores, report, server = judge_by(lambda body: "[[A]]", SHORT, LONGER, LONGEST, cache=cache)
    assert (scores, server.asked) == ([0.0, 0.5, 1.0], [])


def test_another_judge_does_not_take_over_the_verdicts(tmp_path: Path) -> None:
    cache = tmp_path / "verdicts.jsonl"
    judge_by(longer, SHORT, LONGER, cache=cache)
    with chat_server(longer) as server, ChatEndpoint(server.url, "another") as endpoint:
        with LlmJudge(endpoint, cache) as judge:
            judge.judge(ASKED, [SHORT, LONGER])
        assert judge.report.cached == 0
    other = tmp_path / "other.jsonl"
    other.write_text('{"a": 1}\n', encoding="utf-8")
    with pytest.raises(UserError, match="line 1: not a verdict of a judge"):
        LlmJudge(endpoint, other)


def test_a_ranking_takes_the_scores() -> None:
    ranking = Ranking(ASKED, (Candidate(SHORT, "small"), Candidate(LONGER, "large", meta={"seed": 1})))
    with chat_server(longer) as server, ChatEndpoint(server.url, "m") as endpoint, LlmJudge(endpoint) as judge:
        found = judged(ranking, judge)
    parts = {"won": 1.0, "consistent": 1.0}
    reason = "wins 1 of 1 comparisons"
    assert found.candidates[1] == Candidate(LONGER, "large", 1.0, {"seed": 1, "parts": parts, "reason": reason})


def test_the_report_as_a_dict() -> None:
    _, report, _ = judge_by(longer, SHORT, LONGER)
    found = report.to_dict()
    assert (found["asked"], found["position_bias"], found["failures"]) == (2, 0.5, {})
