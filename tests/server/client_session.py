"""A client program: what people do with the openai package, against the server at the address in the argument.

A script and no test module, so that other versions of the package than the installed one can run it. The server's
assistant answers in the order of `ANSWERS`; `test_clients.py` sees to that.
"""

from __future__ import annotations

import sys
from typing import Any

import openai
from pydantic import BaseModel

HELLO = [{"role": "user", "content": "Hello"}]
WEATHER = {"type": "object", "properties": {"city": {"type": "string"}}}
ANSWERS = ("busy", "tools", "tools", "tools", "call", "json", "tools", "tools", "call")
"""What the assistant answers, question after question."""


class Place(BaseModel):
    name: str


def refusal(client: openai.OpenAI, **asked: Any) -> str | None:
    """The code of the error that these fields come to, which has an id to look for in the log."""
    try:
        client.chat.completions.create(**asked)
    except openai.APIStatusError as error:
        return error.code if error.request_id else "no request id"
    return None


def main(url: str) -> None:
    client = openai.OpenAI(base_url=f"{url}/v1", api_key="any", max_retries=1, timeout=120)
    assert [model.id for model in client.models.list()] == ["fake"]
    # The first answer is "busy"; the client tries again when it is told to.
    whole = client.chat.completions.create(model="fake", messages=HELLO)
    text = whole.choices[0].message.content
    assert text, whole
    chunks = client.chat.completions.create(model="fake", messages=HELLO, stream=True)
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == text
    with client.chat.completions.stream(model="fake", messages=HELLO) as stream:
        stream.until_done()
        assert stream.get_final_completion().choices[0].message.content == text
    tool = {"type": "function", "function": {"name": "get-weather", "parameters": WEATHER}}
    called = client.chat.completions.create(model="fake", messages=HELLO, tools=[tool])
    assert called.choices[0].finish_reason == "tool_calls"
    assert [call.function.name for call in called.choices[0].message.tool_calls] == ["get-weather"]
    parsed = client.chat.completions.parse(model="fake", messages=HELLO, response_format=Place)
    assert parsed.choices[0].message.parsed == Place(name="Paris")
    assert client.responses.create(model="fake", input="Hello").output_text == text
    with client.responses.stream(model="fake", input="Hello") as events:
        kinds = [event.type for event in events]
        assert events.get_final_response().output_text == text
    assert (kinds[0], kinds[-1]) == ("response.created", "response.completed")
    flat = {"type": "function", "name": "get-weather", "parameters": WEATHER}
    output = client.responses.create(model="fake", input="Hello", tools=[flat]).output
    assert [item.type for item in output] == ["function_call"]
    assert refusal(client, model="gpt", messages=HELLO) == "model_not_found"
    print(f"openai {openai.__version__} is served")


if __name__ == "__main__":
    main(sys.argv[1])
