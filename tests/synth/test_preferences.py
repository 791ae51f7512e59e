"""Replies gathered from several sources: order, failures, going on after a kill."""

from __future__ import annotations

import threading
from collections.abc import Callable
from itertools import islice
from pathlib import Path

import pytest

from moss.conversation import AssistantTurn, Candidate, Conversation, Message, ToolCall, read_rankings
from moss.engine.sampling import SamplingParams
from moss.errors import UserError
from moss.events import Failed, Finished, TextDelta, ToolCalled, ToolReturned
from moss.synth.endpoint import ChatEndpoint, NoAnswer
from moss.synth.preferences import Source, agent_source, endpoint_source, gather
from tests.fake_agent import FakeAgent
from tests.synth.chat_server import chat_server


def context(text: str) -> Conversation:
    return Conversation((Message("user", text),), ("Calculate",), {"id": text})


CONTEXTS = [context(f"question {number}") for number in range(12)]


def asked(of: Conversation) -> str:
    return of.messages[-1].content or ""


def source(name: str, reply: Callable[[str], str]) -> Source:
    return Source(name, lambda of: (Message("assistant", reply(asked(of))),))


def upper(text: str) -> str:
    return text.upper()


def no_sevens(text: str) -> str:
    if "7" in text:
        raise NoAnswer("timeout")
    return text + "!"


def test_one_line_a_context_in_their_order(tmp_path: Path) -> None:
    out = tmp_path / "replies.jsonl"
    done: list[int] = []
    found = gather(CONTEXTS, [source("upper", upper), source("loud", no_sevens)], out, progress=done.append)
    rankings = list(read_rankings(out))
    assert [ranking.context for ranking in rankings] == CONTEXTS
    turns = [(candidate.source, candidate.turn[0].content) for candidate in rankings[3].candidates]
    assert turns == [("upper", "QUESTION 3"), ("loud", "question 3!")]
    assert rankings[7].meta == {"id": "question 7", "failed": {"loud": "timeout"}}
    assert [candidate.source for candidate in rankings[7].candidates] == ["upper"]
    assert (found.contexts, found.resumed, found.repeated) == (12, 0, 0)
    assert found.replies == {"upper": 12, "loud": 11}
    assert found.failed == {("loud", "timeout"): 1}
    assert done == list(range(1, 13))


def test_replies_are_asked_for_at_the_same_time(tmp_path: Path) -> None:
    together = threading.Barrier(4, timeout=20)

    def wait(text: str) -> str:
        together.wait()
        return text

    gather(CONTEXTS, [source("a", wait)], tmp_path / "replies.jsonl", concurrent=4)
    assert not together.broken


def test_it_reads_contexts_as_it_needs_them(tmp_path: Path) -> None:
    read: list[int] = []

    def endless() -> object:
        for number in range(10**9):
            read.append(number)
            yield context(str(number))

    class Enough(Exception):
        pass

    def stop(done: int) -> None:
        if done == 3:
            raise Enough

    with pytest.raises(Enough):
        gather(endless(), [source("a", upper)], tmp_path / "replies.jsonl", concurrent=2, progress=stop)  # type: ignore[arg-type]
    assert len(read) < 20


def test_a_killed_run_goes_on(tmp_path: Path) -> None:
    whole, out = tmp_path / "whole.jsonl", tmp_path / "replies.jsonl"
    sources = [source("upper", upper), source("loud", no_sevens)]
    expected = gather(CONTEXTS, sources, whole)
    lines = whole.read_bytes().splitlines(keepends=True)
    out.write_bytes(b"".join(islice(lines, 9)) + lines[9][:50])
    seen: list[str] = []
    watched = [source("upper", lambda text: seen.append(text) or text.upper()), sources[1]]  # type: ignore[func-returns-value]
    found = gather(CONTEXTS, watched, out)
    assert out.read_bytes() == whole.read_bytes()
    assert sorted(seen) == sorted(asked(of) for of in CONTEXTS[9:])
    assert (found.resumed, found.replies, found.failed) == (9, expected.replies, expected.failed)
    assert gather(CONTEXTS, sources, out).resumed == 12


def test_a_context_that_comes_twice_is_answered_once(tmp_path: Path) -> None:
    found = gather([*CONTEXTS, CONTEXTS[0]], [source("a", upper)], tmp_path / "replies.jsonl")
    assert (found.contexts, found.repeated) == (12, 1)


def test_a_file_of_other_sources_is_not_mixed_with_these(tmp_path: Path) -> None:
    out = tmp_path / "replies.jsonl"
    gather(CONTEXTS[:1], [source("a", upper)], out)
    with pytest.raises(UserError, match="line 1: has replies of a, not of a, b; name another file"):
        gather(CONTEXTS, [source("a", upper), source("b", upper)], out)
    out.write_text("[]\n", encoding="utf-8")
    with pytest.raises(UserError, match="line 1: expected an object, found list"):
        gather(CONTEXTS, [source("a", upper)], out)


def test_sources_need_names_of_their_own(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="two sources are called 'a'"):
        gather(CONTEXTS, [source("a", upper), source("a", upper)], tmp_path / "replies.jsonl")
    with pytest.raises(UserError, match="no source"):
        gather(CONTEXTS, [], tmp_path / "replies.jsonl")


def test_a_defect_of_a_source_is_not_hidden(tmp_path: Path) -> None:
    def broken(text: str) -> str:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        gather(CONTEXTS, [source("a", broken)], tmp_path / "replies.jsonl")


def test_an_agent_as_a_source(tmp_path: Path) -> None:
    waiting, call = ToolCall("Calculate", "1+1"), ToolCall("Calculate", "1+1", "2", "ok")
    agent = FakeAgent(
        [
            [ToolCalled(0, waiting), ToolReturned(0, call), TextDelta("Two."), Finished("Two.", "stop", 1, 1)],
            [Failed("the engine stopped")],
            [Finished("", "stop", 1, 0)],
            UserError("the message is too long"),
        ]
    )
    hot = SamplingParams(temperature=1.0)
    out = tmp_path / "replies.jsonl"
    gather(CONTEXTS[:4], [agent_source("warm", agent, hot, 70)], out, concurrent=1)
    assert agent.asked[0] == (CONTEXTS[0], hot, ("Calculate",), 70)
    first, *others = read_rankings(out)
    turn: AssistantTurn = (Message("assistant", "Two.", None, (call,)),)
    assert first.candidates == (Candidate(turn, "warm"),)
    assert [ranking.meta["failed"]["warm"] for ranking in others] == [
        "failed: the engine stopped",
        "the reply side is empty",
        "the message is too long",
    ]


def test_an_endpoint_as_a_source(tmp_path: Path) -> None:
    out = tmp_path / "replies.jsonl"
    with chat_server(lambda body: "Hello.") as server, ChatEndpoint(server.url, "m") as endpoint:
        gather(CONTEXTS[:1], [endpoint_source("other", endpoint, temperature=0.3)], out)
    assert server.asked[0]["messages"] == [{"role": "user", "content": "question 0"}]
    assert server.asked[0]["temperature"] == 0.3
    assert next(read_rankings(out)).candidates == (Candidate((Message("assistant", "Hello."),), "other"),)
