"""A server whose assistant says what it is told to, and the real openai client of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import openai

from moss.conversation import ToolCall
from moss.events import Event, Finished, TextDelta, ThoughtDelta, TokenChance, ToolCalled, ToolReturned
from tests.fake_agent import SUM, SUM_DONE, FakeAgent, assistant_that_says, plain
from tests.server.live import serving

# One client for all: each would read the system's certificates again, for which nothing here has a use.
http = httpx2.Client(verify=False, timeout=60)

HELLO = [{"role": "user", "content": "Hello"}]
WEATHER_SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}, "days": {"type": "integer"}}}

CALLED: list[Event] = [
    ThoughtDelta("The weather, and a sum."),
    ToolCalled(0, SUM),
    ToolCalled(1, ToolCall("get-weather", '{"city": "巴黎"}')),
    ToolCalled(2, ToolCall("get-weather", '{"city": "Rome"}')),
    ToolReturned(0, SUM_DONE),
    Finished("", "tool_calls", 5, 7, thought_tokens=3),
]
"""A sum of ours, and two calls of a function of the client's."""
CHANCES: list[Event] = [
    TextDelta("巴", (TokenChance(b"\xe5", -0.5, ((b"\xe5", -0.5),)), TokenChance(b"\xb7\xb4", float("-inf"), ()))),
    Finished("巴", "stop", 1, 2),
]
"""A character of two tokens."""


class Server:
    """A server and its client."""

    def __init__(self, url: str, agent: FakeAgent):
        self.url, self.agent = url, agent
        self.client = openai.OpenAI(base_url=f"{url}/v1", api_key="any", max_retries=0, http_client=http)

    def says(self, *events: Event) -> None:
        """What its assistant answers from now on."""
        self.agent.answers = [events]
        self.agent.asked.clear()
        self.agent.terms.clear()

    def ask(self, **fields: Any) -> Any:
        """A completion, by the client."""
        return self.client.chat.completions.create(**{"model": "fake", "messages": HELLO, **fields})

    def post(self, route: str, **fields: Any) -> httpx2.Response:
        """The bare response of a route under /v1."""
        return http.post(f"{self.url}/v1/{route}", json=fields)


@contextmanager
def talking(folder: Path) -> Iterator[Server]:
    """A server while the block runs."""
    assistant, agent = assistant_that_says(plain("ok"))
    with serving(assistant, folder) as url:
        yield Server(url, agent)
