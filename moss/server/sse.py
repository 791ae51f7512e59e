"""Answers as responses of HTTP: whole, given up when nobody waits any more, or as a stream of server-sent events.

Not here: what is in them (`openai_api.py`, `responses_api.py`).
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import Any

from fastapi import Request
from fastapi.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from .answers import Answers
from .api_errors import INTERNAL, api_error, error_responses

logger = logging.getLogger(__name__)

CLIENT_LEFT = 499
"""Status that only the log sees: the client did not wait for the answer."""
DONE = "data: [DONE]\n\n"
"""How a stream of the chat API ends."""

ANSWERED: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/json": {}, "text/event-stream": {}}},
    **error_responses(404),
}
"""What the routes of answers are documented to answer, besides what any route may."""

Answering = AbstractAsyncContextManager[Answers]
Parts = AsyncGenerator[dict[str, Any], None]


async def while_awaited(
    request: Request, answering: Answering, make: Callable[[Answers], Awaitable[Response]]
) -> Response:
    """What `make` makes of the answers; given up as soon as nobody waits for it any more."""
    async with answering as answers:
        making = asyncio.ensure_future(make(answers))
        leaving = asyncio.create_task(_disconnect(request))
        try:
            await asyncio.wait([making, leaving], return_when=asyncio.FIRST_COMPLETED)
            return making.result() if making.done() else Response(status_code=CLIENT_LEFT)
        finally:
            making.cancel()
            leaving.cancel()


async def streamed(answering: Answering, parts: Callable[[Answers], Parts], ending: str = "") -> Response:
    """The stream of what `parts` makes of the answers, each part an event of the name in its `type` where it has one.

    What fails before the first part is raised, and still gets a status of its own.
    """
    async with AsyncExitStack() as held:
        coming = parts(await held.enter_async_context(answering))
        held.push_async_callback(coming.aclose)
        first = await anext(coming)
        return _Stream(_events(first, coming, ending), held.pop_all())


class _Stream(StreamingResponse):
    """A response that lets go of what it holds, also when its first event is never asked for."""

    def __init__(self, events: AsyncIterator[str], held: AsyncExitStack) -> None:
        # What stands between must not keep an event back.
        super().__init__(events, media_type="text/event-stream", headers={"x-accel-buffering": "no"})
        self._held = held

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with self._held:
            await super().__call__(scope, receive, send)


async def _events(first: dict[str, Any], rest: Parts, ending: str) -> AsyncIterator[str]:
    """Server-sent events. A failure becomes an event, too: a stream that just ends looks like a success."""
    try:
        yield event_text(first)
        async for part in rest:
            yield event_text(part)
    except Exception as error:
        told = api_error(error)
        if told.code == INTERNAL:
            logger.error("an answer failed", exc_info=error)
        yield event_text(told.to_dict())
    else:
        if ending:
            yield ending


def event_text(data: Mapping[str, Any]) -> str:
    """One event. Those of the Responses API carry their name in the data; clients read it from both places."""
    name = f"event: {data['type']}\n" if "type" in data else ""
    return f"{name}data: {json.dumps(data, ensure_ascii=False, separators=(',', ':'))}\n\n"


async def _disconnect(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
