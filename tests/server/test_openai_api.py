"""The HTTP API without a model, through the real openai client and a real server."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx2
import openai
import pytest
from PIL import Image

from moss.conversation import Message, ToolCall
from moss.engine.scheduler import EngineBusy
from moss.errors import UserError
from moss.events import Event, Failed, Finished, TextDelta, ToolReturned
from moss.server.openai_api import merge
from tests.fake_agent import FakeAgent, assistant_that_says, plain, with_tools
from tests.server.live import serving

# One client for all: each would read the system's certificates again, for which nothing here has a use.
http = httpx2.Client(verify=False, timeout=60)

HELLO = [{"role": "user", "content": "Hello"}]


class Server:
    """A server with a fake assistant behind it, and clients of it."""

    def __init__(self, url: str, agent: FakeAgent):
        self.url = url
        self.agent = agent
        self.client = openai.OpenAI(base_url=f"{url}/v1", api_key="any", max_retries=0, http_client=http)

    def post(self, body: Any, **arguments: Any) -> httpx2.Response:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"content-type": "application/json"}
        return http.post(f"{self.url}/v1/chat/completions", content=content, headers=headers, **arguments)

    def ask(self, **fields: Any) -> httpx2.Response:
        return self.post({"model": "fake", "messages": HELLO, **fields})


Start = Callable[..., Server]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts servers that end with the test."""
    with ExitStack() as stack:

        def start(*answers: Iterable[Event] | BaseException, api_key: str | None = None, **settings: Any) -> Server:
            assistant, agent = assistant_that_says(*answers, **settings)
            return Server(stack.enter_context(serving(assistant, tmp_path, api_key)), agent)

        yield start


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server that always says "ok", for tests of what never gets that far."""
    assistant, agent = assistant_that_says(plain("ok"))
    with serving(assistant, tmp_path_factory.mktemp("images")) as url:
        yield Server(url, agent)


def moss_of(thing: Any) -> dict[str, Any]:
    return thing.model_extra["moss"]


# --- answers --------------------------------------------------------------------------------------------------------


def test_a_whole_answer(start: Start) -> None:
    answer = start(with_tools()).client.chat.completions.create(model="fake", messages=HELLO)
    choice = answer.choices[0]
    assert answer.object == "chat.completion"
    assert choice.finish_reason == "stop"
    assert choice.message.role == "assistant"
    assert choice.message.content == "It is 1781, in 巴黎<sup><|1|></sup>."
    assert choice.message.reasoning_content == "I compute and look up."
    assert choice.message.tool_calls is None
    assert moss_of(choice.message) == {
        "tool_calls": [
            {"name": "Calculate", "argument": "37*48+5", "result": "1781", "status": "ok"},
            {"name": "Search", "argument": "capital of France", "result": "<|1|>: 'Paris'", "status": "ok"},
        ],
        "citations": [{"index": 1, "title": "France", "source": "facts/france.md", "snippet": "Paris"}],
        "files": [],
        "quality": None,
    }
    assert answer.usage is not None
    assert (answer.usage.prompt_tokens, answer.usage.completion_tokens, answer.usage.total_tokens) == (20, 30, 50)


def test_a_stream_amounts_to_the_whole_answer(start: Start) -> None:
    server = start(with_tools())
    whole = server.client.chat.completions.create(model="fake", messages=HELLO).choices[0].message
    chunks = list(server.client.chat.completions.create(model="fake", messages=HELLO, stream=True))
    deltas = [chunk.choices[0].delta.model_dump(exclude_unset=True) for chunk in chunks]
    assert merge(deltas) == {"refusal": None, **whole.model_dump(exclude_unset=True)}
    assert len({(chunk.id, chunk.created, chunk.model) for chunk in chunks}) == 1
    assert deltas[0]["role"] == "assistant"
    assert deltas[-1] == {}
    assert [chunk.choices[0].finish_reason for chunk in chunks] == [None] * (len(chunks) - 1) + ["stop"]


def test_a_stream_as_bytes(start: Start) -> None:
    body = start(plain("好")).ask(stream=True, stream_options={"include_usage": True}).text
    events = body.removesuffix("\n\n").split("\n\n")
    assert all(event.startswith("data: ") for event in events)
    assert events[-1] == "data: [DONE]"
    chunks = [json.loads(event.removeprefix("data: ")) for event in events[:-1]]
    assert [chunk["usage"] for chunk in chunks[:-1]] == [None] * (len(chunks) - 1)
    assert chunks[-1]["choices"] == []
    assert chunks[-1]["usage"] == {
        "prompt_tokens": 10,
        "completion_tokens": 1,
        "total_tokens": 11,
        "completion_tokens_details": {"reasoning_tokens": 0},
    }
    assert "好" in body


def test_no_usage_in_a_stream_that_did_not_ask_for_it(server: Server) -> None:
    assert "usage" not in server.ask(stream=True).text


@pytest.mark.parametrize("stream", [False, True])
def test_several_answers(start: Start, stream: bool) -> None:
    server = start(plain("same"))
    found: dict[int, str] = {0: "", 1: "", 2: ""}
    reasons: dict[int, str] = {}
    if stream:
        for chunk in server.client.chat.completions.create(model="fake", messages=HELLO, n=3, seed=7, stream=True):
            choice = chunk.choices[0]
            found[choice.index] += choice.delta.content or ""
            if choice.finish_reason:
                reasons[choice.index] = choice.finish_reason
    else:
        answer = server.client.chat.completions.create(model="fake", messages=HELLO, n=3, seed=7)
        found = {choice.index: choice.message.content or "" for choice in answer.choices}
        reasons = {choice.index: choice.finish_reason for choice in answer.choices}
        assert answer.usage is not None
        assert (answer.usage.prompt_tokens, answer.usage.completion_tokens) == (10, 12)
    assert found == {0: "same", 1: "same", 2: "same"}
    assert reasons == {0: "stop", 1: "stop", 2: "stop"}
    assert {asked[1].seed for asked in server.agent.asked} == {7, 8, 9}


def test_length_is_told(start: Start) -> None:
    answer = start([TextDelta("and"), Finished("and", "length", 1, 1)]).ask().json()
    assert answer["choices"][0]["finish_reason"] == "length"


# --- what the assistant is asked --------------------------------------------------------------------------------------


def test_settings_reach_the_engine(start: Start) -> None:
    server = start(plain("ok"))
    server.ask(temperature=0.2, top_p=0.5, max_tokens=9, max_completion_tokens=8, stop=["\n", "。"], seed=3, user="u")
    sampling = server.agent.asked[0][1]
    assert (sampling.temperature, sampling.top_p, sampling.max_tokens) == (0.2, 0.5, 8)
    assert (sampling.stop, sampling.seed) == (("\n", "。"), 3)


def test_messages_become_a_conversation(start: Start) -> None:
    server = start(plain("ok"))
    parts = [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]
    messages = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": parts},
        {"role": "assistant", "content": "c", "name": "x"},
        {"role": "user", "content": "d"},
        {"role": "developer", "content": "In French."},
        {"role": "user", "content": "e"},
    ]
    assert server.ask(messages=messages).status_code == 200
    assert server.agent.asked[0][0].messages == (
        Message("system", "Be brief.\nIn French."),
        Message("user", "ab"),
        Message("assistant", "c"),
        Message("user", "d\n\ne"),
    )


def test_an_answer_given_back_keeps_its_trace(start: Start) -> None:
    server = start(with_tools("1781"))
    first = server.client.chat.completions.create(model="fake", messages=HELLO).choices[0].message
    server.ask(messages=[*HELLO, first.model_dump(exclude_none=True), *HELLO])
    _, assistant, _ = server.agent.asked[1][0].messages
    assert assistant.thought == "I compute and look up."
    assert [(call.name, call.argument, call.result) for call in assistant.tool_calls] == [
        ("Calculate", "37*48+5", "1781"),
        ("Search", "capital of France", "<|1|>: 'Paris'"),
    ]
    assert assistant.content == "1781"


def test_a_client_with_tools_of_its_own_is_understood(start: Start) -> None:
    server = start(plain("ok"))
    call = {"id": "c1", "type": "function", "function": {"name": "Add", "arguments": '{"text": "1+1"}'}}
    messages = [
        *HELLO,
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c1", "content": "2"},
        {"role": "assistant", "content": "2"},
        *HELLO,
    ]
    assert server.ask(messages=messages, tools=[], tool_choice="auto").status_code == 200
    assert server.agent.asked[0][0].messages[1].tool_calls == (ToolCall("Add", "1+1", "2", "ok"),)


@pytest.mark.parametrize(
    ("moss", "tools"),
    [(None, ("Search", "Calculate")), ({"tools": ["Calculate"]}, ("Calculate",)), ({"tools": []}, ())],
)
def test_switches(start: Start, moss: dict[str, Any] | None, tools: tuple[str, ...]) -> None:
    server = start(plain("ok"))
    server.ask(moss=moss)
    assert server.agent.asked[0][0].tools == tools
    assert server.agent.asked[0][2] == tools


@pytest.mark.parametrize(
    ("moss", "knows_quality", "applied"),
    [
        ({"quality": 83}, True, 80),
        ({"quality": 0}, True, 0),
        ({"quality": "off"}, True, None),
        ({"quality": None}, True, 100),
        (None, True, 100),
        (None, False, None),
        ({"quality": 83}, False, None),
        ({"quality": "off"}, False, None),
    ],
)
def test_quality_is_applied_and_told(
    start: Start, moss: dict[str, Any] | None, knows_quality: bool, applied: int | None
) -> None:
    server = start(plain("ok"), knows_quality=knows_quality)
    answer = server.ask(moss=moss).json()
    assert server.agent.asked[0][3] == applied
    assert answer["choices"][0]["message"]["moss"]["quality"] == applied


def test_guidance_reaches_the_engine(start: Start) -> None:
    server = start(plain("ok"), knows_quality=True)
    server.ask(moss={"guidance": 1.5})
    assert (server.agent.asked[0][1].guidance, server.agent.asked[0][3]) == (1.5, 100)


def test_a_model_without_tags_cannot_be_guided(server: Server) -> None:
    error = server.ask(moss={"guidance": 2}).json()["error"]
    assert (error["code"], error["param"]) == ("no_quality_tags", "moss.guidance")
    assert error["type"] == "invalid_request_error"
    assert "trained without quality tags" in error["message"]


# --- errors -----------------------------------------------------------------------------------------------------------


def user(content: Any) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": content}]}


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"messages": []}, "messages"),
        ({"messages": "Hello"}, "messages"),
        ({"messages": [{"role": "robot", "content": "x"}]}, "messages.0.role"),
        ({"messages": [{"role": "assistant", "content": "x"}]}, "messages"),
        ({"messages": [{"role": "system", "content": "x"}]}, "messages"),
        ({"messages": [{"role": "assistant", "content": "x"}, *HELLO]}, "messages"),
        ({"messages": [{"role": "tool", "content": "x"}, *HELLO]}, "messages"),
        (user(7), "messages.0.content"),
        (user([{"type": "image_url", "image_url": {"url": "x"}}]), "messages.0.content"),
        ({"temperature": "hot"}, "temperature"),
        ({"temperature": 3}, "temperature"),
        ({"top_p": 0}, "top_p"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"n": 99}, "n"),
        ({"n": True}, "n"),
        ({"stream": "yes"}, "stream"),
        ({"moss": {"quality": 101}}, "moss.quality"),
        ({"moss": {"quality": "high"}}, "moss.quality"),
        ({"moss": {"guidance": -1}}, "moss.guidance"),
        ({"moss": {"tools": ["Calculat"]}}, "moss.tools"),
        ({"moss": []}, "moss"),
    ],
)
def test_a_wrong_field_is_named(server: Server, fields: dict[str, Any], param: str) -> None:
    answer = server.ask(**fields)
    assert answer.status_code == 400
    assert set(answer.json()["error"]) == {"message", "type", "param", "code"}
    assert answer.json()["error"]["type"] == "invalid_request_error"
    assert answer.json()["error"]["param"] == param


def test_an_unknown_tool_has_near_names(server: Server) -> None:
    with pytest.raises(openai.BadRequestError, match="Did you mean Calculate"):
        server.client.chat.completions.create(
            model="fake", messages=HELLO, extra_body={"moss": {"tools": ["Calculat"]}}
        )


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        b"null",
        b'"x"',
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"messages": [{"role": "user", "content": "\\ud800"}]}',
        b'{"messages": [{"role": "user", "content": "x"}], "temperature": NaN}',
        b'{"messages": [{"role": "user", "content": "x"}], "seed": ' + b"9" * 5000 + b"}",
    ],
)
def test_hostile_bodies_are_refused(server: Server, body: bytes) -> None:
    answer = server.post(body)
    assert answer.status_code == 400, answer.text
    assert answer.json()["error"]["type"] == "invalid_request_error"


@pytest.mark.parametrize("announced", [True, False])
def test_a_body_too_large_is_413(server: Server, announced: bool) -> None:
    body = json.dumps({"messages": [{"role": "user", "content": "x" * 3_000_000}]}).encode()
    pieces = (body[at : at + 100_000] for at in range(0, len(body), 100_000))
    answer = http.post(
        f"{server.url}/v1/chat/completions",
        content=body if announced else pieces,
        headers={"content-type": "application/json"},
    )
    assert answer.status_code == 413
    assert answer.json()["error"]["code"] == "body_too_large"


def test_unknown_model_and_route(server: Server) -> None:
    with pytest.raises(openai.NotFoundError) as missing:
        server.client.chat.completions.create(model="gpt", messages=HELLO)
    assert missing.value.code == "model_not_found"
    assert http.get(f"{server.url}/v1/nothing").json()["error"]["code"] == "not_found"
    assert http.get(f"{server.url}/v1/chat/completions").status_code == 405


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (EngineBusy("full"), 503, "overloaded"),
        (UserError("too long"), 400, None),
        (ZeroDivisionError("secret"), 500, "internal_error"),
    ],
)
def test_a_failure_before_the_answer_has_a_status(
    start: Start, error: Exception, status: int, code: str | None, stream: bool
) -> None:
    answer = start(error).ask(stream=stream)
    assert answer.status_code == status
    assert answer.json()["error"]["code"] == code
    assert "secret" not in answer.text
    assert ("retry-after" in answer.headers) == (status == 503)


@pytest.mark.parametrize("error", [[Failed("the engine stopped")], "raise"])
def test_a_failure_in_a_stream_is_told_in_the_stream(start: Start, error: Any) -> None:
    def breaks() -> Iterator[Event]:
        yield TextDelta("I was")
        if error == "raise":
            raise RuntimeError("the engine stopped")
        yield from error

    server = start(breaks())
    with pytest.raises(openai.APIError):
        list(server.client.chat.completions.create(model="fake", messages=HELLO, stream=True))


# --- the rest ---------------------------------------------------------------------------------------------------------


def test_models_and_health(server: Server) -> None:
    assert [model.id for model in server.client.models.list()] == ["fake"]
    assert server.client.models.retrieve("fake").owned_by == "moss"
    with pytest.raises(openai.NotFoundError):
        server.client.models.retrieve("a/b")
    assert http.get(f"{server.url}/health").json()["status"] == "ok"


def test_a_key_guards_the_api(start: Start) -> None:
    server = start(plain("ok"), api_key="schlüssel")
    assert server.ask().status_code == 401
    assert server.ask().json()["error"]["code"] == "invalid_api_key"
    assert http.get(f"{server.url}/v1/models").status_code == 401
    assert http.get(f"{server.url}/files/a.png").status_code == 404  # the page on this machine needs no key
    assert http.get(f"{server.url}/health").status_code == 200
    headers = {"authorization": "Bearer schlüssel".encode()}
    assert http.get(f"{server.url}/v1/models", headers=headers).status_code == 200


def test_generated_images_are_served_and_nothing_else(start: Start, tmp_path: Path) -> None:
    drawn = ToolCall("Search", "a cat", "done", "ok", files=(str(tmp_path / "cat-1.png"),))
    server = start([ToolReturned(0, drawn), *plain("Here.")])
    Image.new("RGB", (2, 2), "red").save(tmp_path / "cat-1.png")
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "link.png").symlink_to(tmp_path / "notes.txt")
    (file,) = server.ask().json()["choices"][0]["message"]["moss"]["files"]
    found = http.get(server.url + file)
    assert found.headers["content-type"] == "image/webp"
    assert Image.open(BytesIO(found.content)).size == (2, 2)
    for name in ("notes.txt", "link.png", "no.png", "..%2fsecret.png", "%2e%2e/x.png", ".hidden.png", "a%00.png"):
        assert http.get(f"{server.url}/files/{name}").status_code in (400, 404), name


@pytest.mark.parametrize("stream", [False, True])
def test_C1_who_leaves_ends_the_answer(start: Start, stream: bool) -> None:
    class Endless:
        def __iter__(self) -> Iterator[Event]:
            while True:
                time.sleep(0.01)
                yield TextDelta("x")

    server = start(Endless())
    if stream:
        with http.stream("POST", f"{server.url}/v1/chat/completions", json={"messages": HELLO, "stream": True}) as body:
            next(body.iter_bytes())
    else:
        with pytest.raises(httpx2.TimeoutException):
            server.post({"messages": HELLO}, timeout=0.3)
    deadline = time.monotonic() + 5
    while not server.agent.closed and time.monotonic() < deadline:
        time.sleep(0.02)
    assert server.agent.closed == 1
