"""The assistant over another server: a small real one that answers as told, and one of our own."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from moss.conversation import Citation, Conversation, Message, ToolCall
from moss.engine.params import SamplingParams
from moss.engine.remote_chat import RemoteChat, RemoteError
from moss.engine.upstream import ThinkTags, Upstream
from moss.errors import UserError
from moss.events import Calling, Event, Failed, Finished, TextDelta, ThoughtDelta, ToolCalled, fold
from moss.terms import Function, Terms
from moss.tools.base import Tool, Toolbox, ToolResult

Answer = Sequence[Any]
"""Chunks of a stream; an int is a status instead, a float a pause in seconds, a text a raw line."""


@dataclass
class Remote:
    """What it was asked, and what it answers."""

    url: str = ""
    answers: list[Answer] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)
    left: threading.Event = field(default_factory=threading.Event)
    """Set when a client went away in the middle of an answer."""


@pytest.fixture(scope="module")
def server() -> Iterator[Remote]:
    with serving() as remote:
        yield remote


@contextmanager
def serving() -> Iterator[Remote]:
    remote = Remote()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/v1/models" else 404)
            self.end_headers()
            self.wfile.write(json.dumps({"data": [{"id": "far"}]}).encode())

        def do_POST(self) -> None:
            remote.asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            answer = remote.answers.pop(0)
            status = answer[0] if isinstance(answer[0], int) else 200
            self.send_response(status)
            self.send_header("retry-after-ms", "1")
            self.end_headers()
            try:
                for item in answer if status == 200 else []:
                    self._tell(item)
                if status != 200:
                    self.wfile.write(b'{"error": {"message": "too many tokens"}}')
            except OSError:
                remote.left.set()

        def _tell(self, item: Any) -> None:
            if isinstance(item, float):
                time.sleep(item)
            else:
                line = item if isinstance(item, str) else f"data: {json.dumps(item)}"
                self.wfile.write(f"{line}\n\n".encode())

        def log_message(self, format: str, *arguments: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        remote.url = f"http://127.0.0.1:{http.server_port}/v1"
        threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        try:
            yield remote
        finally:
            http.shutdown()


def delta(finish_reason: str | None = None, **fields: Any) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": fields, "finish_reason": finish_reason}]}


def call(index: int, name: str, arguments: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A call in three pieces, as servers send it."""
    text = json.dumps(arguments, ensure_ascii=False)
    head = {"index": index, "id": f"c{index}", "type": "function", "function": {"name": name, "arguments": ""}}
    rest = [{"index": index, "function": {"arguments": part}} for part in (text[:5], text[5:])]
    return [delta(tool_calls=[piece]) for piece in (head, *rest)]


USAGE = {"choices": [], "usage": {"prompt_tokens": 10, "completion_tokens": 3}}
HELLO = Conversation((Message("user", "Hello"),), tools=("Search", "Calculate"))


class Search(Tool):
    name, title, parameter, description = "Search", "Web search", "query", "Finds."

    def run(self, argument: str) -> ToolResult:
        return ToolResult("", citations=(Citation(0, argument, "source", f"about {argument}"),))


class Calculate(Tool):
    name, title, parameter, description = "Calculate", "Calculator", "expression", "Adds."

    def run(self, argument: str) -> ToolResult:
        return ToolResult(str(sum(int(part) for part in argument.split("+"))))


Ask = Callable[..., list[Event]]


@pytest.fixture
def ask(server: Remote) -> Iterator[Ask]:
    """Asks with these answers of the server; the events without signs of life."""
    remote = RemoteChat(server.url, "secret", wait_seconds=0.001)
    upstream = Upstream(remote, "far", Toolbox([Search(), Calculate()]))
    server.asked.clear()
    server.left.clear()

    def ask(*answers: Answer, conversation: Conversation = HELLO, **more: Any) -> list[Event]:
        server.answers[:] = answers
        return [event for event in upstream.run(conversation, **more) if event != TextDelta("")]

    yield ask
    upstream.shutdown()


def test_thought_reply_and_counts(ask: Ask) -> None:
    said = [delta(reasoning="I greet."), delta(content="Hi "), delta("stop", content="好")]
    events = ask([delta(role="assistant"), *said, USAGE])
    assert events[:-1] == [ThoughtDelta("I greet."), TextDelta("Hi "), TextDelta("好")]
    assert events[-1] == Finished("Hi 好", "stop", 10, 3)


def test_our_tools_run_here_and_their_sources_are_numbered_on(ask: Ask, server: Remote) -> None:
    looks_up, adds = call(0, "Search", {"query": "Paris"}), call(1, "Calculate", {"expression": "1+2"})
    first = [*looks_up, *adds, delta("tool_calls"), USAGE]
    second = [*call(0, "Search", {"query": "Rome"}), delta("tool_calls"), USAGE]
    events = ask(first, second, [delta("stop", content="Both."), USAGE])
    one, two = fold(events)
    assert [(c.name, c.argument, c.result) for c in one.tool_calls] == [
        ("Search", "Paris", "<|1|>: 'about Paris'"),
        ("Calculate", "1+2", "3"),
    ]
    assert [(c.argument, [citation.index for citation in c.citations]) for c in two.tool_calls] == [("Rome", [2])]
    assert two.content == "Both."
    assert [event.index for event in events if isinstance(event, ToolCalled)] == [0, 1, 2]
    assert events[-1] == Finished("Both.", "stop", 30, 9)
    *_, called, found, summed = server.asked[1]["messages"]
    assert [c["function"]["name"] for c in called["tool_calls"]] == ["Search", "Calculate"]
    assert (found["tool_call_id"], summed["content"]) == ("c0", "3")


def test_a_model_that_never_stops_calling_is_made_to_answer(ask: Ask, server: Remote) -> None:
    again = [*call(0, "Calculate", {"expression": "1+1"}), delta("tool_calls")]
    events = ask(again, again, again, again, [delta("stop", content="2")])
    assert [asked["tool_choice"] for asked in server.asked] == ["auto"] * 4 + ["none"]
    assert isinstance(events[-1], Finished)


WEATHER = Function("get-weather", "Tells.", {"type": "object", "properties": {"city": {"type": "string"}}})


def test_functions_of_the_askers_end_the_answer_and_go_on_after_it(ask: Ask, server: Remote) -> None:
    terms = Terms((WEATHER,), ("get-weather",), must_call=True, parallel=False)
    arguments = {"city": "Paris"}
    events = ask([*call(0, "get-weather", arguments), delta("tool_calls")], terms=terms)
    assert events[-2:] == [ToolCalled(0, ToolCall("get-weather", json.dumps(arguments))), Finished("", "tool_calls")]
    # The arguments are told when they are whole; until then, that they are being written.
    assert set(events[:-2]) == {Calling()}
    assert server.asked[0]["tool_choice"] == {"type": "function", "function": {"name": "get-weather"}}
    assert server.asked[0]["parallel_tool_calls"] is False
    back = Message("assistant", None, tool_calls=(ToolCall("get_weather", "Paris", "sunny", "ok"),))
    ask([delta("stop", content="Sunny.")], conversation=Conversation((*HELLO.messages, back)), terms=terms)
    *_, called, returned = server.asked[1]["messages"]
    assert called["tool_calls"][0]["function"] == {"name": "get-weather", "arguments": json.dumps(arguments)}
    assert returned == {"role": "tool", "tool_call_id": called["tool_calls"][0]["id"], "content": "sunny"}


def test_what_is_asked_for_reaches_the_server_and_the_rest_is_left_to_it(ask: Ask, server: Remote) -> None:
    sampling = SamplingParams(
        temperature=0.5, top_p=1.0, repetition_penalty=1.0, max_tokens=9, stop=("END",), logprobs=2
    )
    token = {"token": "好", "bytes": None, "logprob": -1.0, "top_logprobs": []}
    answer = delta("stop", content="好")
    answer["choices"][0]["logprobs"] = {"content": [token]}
    events = ask([answer], sampling=sampling, terms=Terms(reply={"type": "object", "properties": {}}))
    asked = server.asked[0]
    assert (asked["temperature"], asked["max_tokens"], asked["stop"], asked["top_logprobs"]) == (0.5, 9, ["END"], 2)
    assert not {"top_p", "top_k", "repetition_penalty", "seed"} & set(asked)
    assert asked["response_format"]["json_schema"]["schema"] == {"type": "object", "properties": {}}
    (text,) = [event for event in events if isinstance(event, TextDelta)]
    assert [(chance.data.decode(), chance.log_probability) for chance in text.tokens] == [("好", -1.0)]


@pytest.mark.parametrize("size", [1, 3, 100])
@pytest.mark.parametrize(
    ("text", "thought", "reply"),
    [
        ("<think>I think</think>\n\nYes.", "I think", "Yes."),
        ("  <think></think>Yes.", "", "Yes."),
        ("<think>never ends </thin", "never ends </thin", ""),
        ("No <think>here</think>", "", "No <think>here</think>"),
        ("<thi", "", "<thi"),
    ],
)
def test_thoughts_in_tags(text: str, thought: str, reply: str, size: int) -> None:
    tags = ThinkTags()
    events = [event for at in range(0, len(text), size) for event in tags.push(text[at : at + size])]
    events += tags.flush()
    assert "".join(event.text for event in events if isinstance(event, ThoughtDelta)) == thought
    assert "".join(event.text for event in events if isinstance(event, TextDelta)) == reply


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        ([[400]], "answers 400: too many tokens"),
        ([[503], [503], [503]], "answers 503"),
        ([[delta(content="I was")]], "cut off"),
        ([["data: {"]], "no JSON"),
        ([[{"error": {"message": "out of memory"}}]], "out of memory"),
        ([[{"choices": 7}]], "another form"),
    ],
)
def test_what_goes_wrong_there_is_told(ask: Ask, answers: list[Answer], told: str) -> None:
    *_, failed = ask(*answers)
    assert isinstance(failed, Failed)
    assert told in failed.message
    assert "secret" not in failed.message


def test_passing_errors_are_tried_again(ask: Ask, server: Remote) -> None:
    events = ask([503], [429], [delta("stop", content="ok")])
    assert events[-1] == Finished("ok", "stop")
    assert len(server.asked) == 3


def test_who_leaves_closes_the_connection(server: Remote) -> None:
    remote = RemoteChat(server.url)
    server.left.clear()
    server.answers[:] = [[delta(content="x"), *[0.05, delta(content="y")] * 200]]
    events = Upstream(remote, "far", Toolbox([])).run(Conversation((Message("user", "Hello"),)))
    assert next(event for event in events if event != TextDelta("")) == TextDelta("x")
    events.close()
    assert server.left.wait(10)
    remote.close()


def test_a_silent_server_gives_signs_of_life_to_leave_at(server: Remote) -> None:
    remote = RemoteChat(server.url)
    server.answers[:] = [[3.0, delta("stop", content="late")]]
    events = Upstream(remote, "far", Toolbox([])).run(Conversation((Message("user", "Hello"),)))
    assert next(events) == TextDelta("")
    events.close()
    remote.close()


def test_models_are_listed_and_a_wrong_address_is_told(server: Remote) -> None:
    remote = RemoteChat(server.url)
    assert remote.models() == ["far"]
    remote.close()
    with pytest.raises(UserError, match="must be http"):
        RemoteChat("example.org")
    nobody = RemoteChat("http://127.0.0.1:9/v1", retries=0)
    with pytest.raises(UserError, match="cannot be reached"):
        nobody.models()
    with pytest.raises(RemoteError, match="cannot be reached"):
        list(nobody.stream({}))
    nobody.close()
    elsewhere = RemoteChat(server.url.removesuffix("/v1"))
    with pytest.raises(UserError, match=r"answers 404.*; most such addresses end in /v1"):
        elsewhere.models()
    elsewhere.close()
