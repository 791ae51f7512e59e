"""The Responses API, through the real openai client and its helper, which insists on the order of the events."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

import openai
import pytest
from pydantic import BaseModel

from moss.events import Event, Failed, Finished, TextDelta, ThoughtDelta, ToolCalled, ToolReturned
from tests.fake_agent import LOOK_UP, LOOK_UP_DONE, plain, with_tools
from tests.server.openai_server import CALLED, CHANCES, WEATHER_SCHEMA, Server, talking

WEATHER = {"type": "function", "name": "get-weather", "parameters": WEATHER_SCHEMA}
CITES = "巴黎<sup><|1|></sup>."


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with talking(tmp_path_factory.mktemp("data")) as server:
        yield server


def respond(server: Server, **fields: Any) -> Any:
    return server.client.responses.create(**{"model": "fake", "input": "Hello", **fields})


def test_a_whole_response(server: Server) -> None:
    server.says(*with_tools(CITES))
    response = respond(server, instructions="Be brief.", metadata={"a": "b"}, temperature=0.5)
    reasoning, message = response.output
    assert (response.object, response.status, response.output_text) == ("response", "completed", CITES)
    assert (reasoning.type, reasoning.content[0].text) == ("reasoning", "I compute and look up.")
    (annotation,) = message.content[0].annotations
    assert CITES[annotation.start_index : annotation.end_index] == "<sup><|1|></sup>"
    assert (annotation.type, annotation.url) == ("url_citation", "facts/france.md")
    assert [call["name"] for call in response.model_extra["moss"]["tool_calls"]] == ["Calculate", "Search"]
    assert (response.usage.input_tokens, response.usage.output_tokens, response.usage.total_tokens) == (20, 30, 50)
    assert (response.instructions, response.metadata, response.temperature) == ("Be brief.", {"a": "b"}, 0.5)
    assert server.agent.asked[0][0].messages[0].content == "Be brief."


EVERY = [plain("ok"), with_tools(CITES), CALLED, CHANCES, [*plain("cut")[:-1], Finished("cut", "length", 1, 1)]]


def bare(response: Any) -> Any:
    """A response without what is new each time."""
    if isinstance(response, dict):
        return {key: bare(value) for key, value in response.items() if key not in ("id", "call_id", "created_at")}
    return [bare(item) for item in response] if isinstance(response, list) else response


@pytest.mark.parametrize("events", EVERY, ids=["plain", "tools", "calls", "chances", "length"])
def test_the_stream_comes_to_the_whole_response(server: Server, events: Iterable[Event]) -> None:
    server.says(*events)
    fields = {"tools": [WEATHER], "top_logprobs": 1}
    whole = server.post("responses", input="Hello", **fields).json()
    stream = list(respond(server, stream=True, **fields))
    assert [event.sequence_number for event in stream] == list(range(len(stream)))
    assert [event.type for event in stream[:2]] == ["response.created", "response.in_progress"]
    assert stream[-1].type == f"response.{whole['status']}"
    assert bare(stream[-1].response.model_dump(exclude_unset=True)) == bare(whole)
    texts = "".join(event.delta for event in stream if event.type == "response.output_text.delta")
    assert texts == "".join(
        part["text"] for item in whole["output"] for part in item.get("content", ()) if part["type"] == "output_text"
    )


@pytest.mark.parametrize("events", EVERY[:3], ids=["plain", "tools", "calls"])
def test_the_clients_helper_accepts_the_order_of_the_events(server: Server, events: Iterable[Event]) -> None:
    server.says(*events)
    with server.client.responses.stream(model="fake", input="Hello", tools=[WEATHER]) as stream:
        kinds = [event.type for event in stream]
        final = stream.get_final_response()
    assert kinds[-1] == "response.completed"
    assert final.output_text == "".join(event.text for event in events if isinstance(event, TextDelta))
    added, done = kinds.count("response.output_item.added"), kinds.count("response.output_item.done")
    assert added == done == len(final.output)


def test_a_function_is_called_and_its_output_goes_back(server: Server) -> None:
    server.says(*CALLED)
    first = respond(server, tools=[WEATHER], tool_choice={"type": "function", "name": "get-weather"})
    calls = [item for item in first.output if item.type == "function_call"]
    assert [json.loads(call.arguments)["city"] for call in calls] == ["巴黎", "Rome"]
    (terms,) = server.agent.terms
    assert terms is not None
    assert terms.must_call
    server.says(*plain("Sunny."))
    outputs = [{"type": "function_call_output", "call_id": call.call_id, "output": "sunny"} for call in calls]
    said = [item.model_dump(exclude_none=True) for item in first.output]
    respond(server, input=[{"role": "user", "content": "Hello"}, *said, *outputs], tools=[WEATHER])
    user, assistant = server.agent.asked[0][0].messages
    assert (user.content, assistant.thought, assistant.content) == ("Hello", "The weather, and a sum.", None)
    assert [(call.argument, call.result) for call in assistant.tool_calls] == [("巴黎", "sunny"), ("Rome", "sunny")]


def test_the_output_of_an_answer_is_input_again(server: Server) -> None:
    server.says(*with_tools("1781"))
    said = [item.model_dump(exclude_none=True) for item in respond(server).output]
    respond(server, input=[{"role": "user", "content": "a"}, *said, {"role": "user", "content": "b"}])
    _, before, _ = server.agent.asked[1][0].messages
    assert (before.thought, before.content) == ("I compute and look up.", "1781")
    assert [call.result for call in before.tool_calls] == ["1781", "<|1|>: 'Paris'"]


class Place(BaseModel):
    name: str


def test_the_shape_of_the_text(server: Server) -> None:
    server.says(*plain('{"name": "Paris"}'))
    parsed = server.client.responses.parse(model="fake", input="Hello", text_format=Place)
    assert parsed.output_parsed == Place(name="Paris")
    (terms,) = server.agent.terms
    assert terms is not None
    assert terms.reply is not None
    assert list(terms.reply["properties"]) == ["name"]


@pytest.mark.parametrize("text", [None, {}, {"format": None}, {"format": {"type": "text"}}])
def test_every_way_to_ask_for_plain_text(server: Server, text: Any) -> None:
    server.says(*plain("Hello."))
    answer = server.client.responses.create(model="fake", input="Hello", text=text)
    assert answer.output_text == "Hello."
    assert answer.text is not None
    assert answer.text.format is not None
    assert answer.text.format.type == "text"


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"previous_response_id": "resp_1"}, "previous_response_id"),
        ({"conversation": "conv_1"}, "conversation"),
        ({"background": True}, "background"),
        ({"input": []}, "input"),
        ({"input": [{"role": "user", "content": [{"type": "input_image", "image_url": "x"}]}]}, "input"),
        ({"input": [{"type": "item_reference", "id": "x"}]}, "input"),
        ({"input": [{"content": "x"}]}, "input.0.role"),
        ({"input": [{"type": "function_call_output", "output": "x"}]}, "input.0.call_id"),
        ({"tools": [{"type": "web_search", "name": "x"}]}, "tools.0.type"),
        ({"model": "gpt"}, "model"),
    ],
)
def test_what_cannot_be_asked_for_is_named(server: Server, fields: dict[str, Any], param: str) -> None:
    server.says(*plain("ok"))
    answer = server.post("responses", **{"input": "Hello", **fields})
    assert answer.status_code in (400, 404)
    assert answer.json()["error"]["param"] == param, answer.text


def test_failures_before_and_after_the_first_event(server: Server) -> None:
    server.says(Failed("the engine stopped"))
    with pytest.raises(openai.InternalServerError):
        respond(server, stream=True)
    server.says(TextDelta("I was"), Failed("the engine stopped"))
    *_, last = respond(server, stream=True)
    assert (last.type, last.response.status) == ("response.failed", "failed")
    assert last.response.error.message == "the engine stopped"


def test_thoughts_between_tools_are_items_in_order(server: Server) -> None:
    server.says(
        ThoughtDelta("a"),
        ToolCalled(0, LOOK_UP),
        ToolReturned(0, LOOK_UP_DONE),
        ThoughtDelta("b"),
        *plain("c"),
    )
    reasoning, message = respond(server).output
    assert (reasoning.content[0].text, message.content[0].text) == ("a\nb", "c")
