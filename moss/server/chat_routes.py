"""The routes of the chat API: models, and completions whole or as a stream that stops when its reader is gone."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections import defaultdict
from collections.abc import AsyncGenerator, Generator
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse
from starlette.concurrency import run_in_threadpool

from ..assistant import Assistant
from ..events import Event
from .api_errors import INTERNAL, ApiError, api_error
from .openai_api import ChatRequest, Completion, Plan, plan
from .streams import MergedAnswers

logger = logging.getLogger(__name__)

CLIENT_LEFT = 499
"""Status that only the log sees: the client did not wait for the answer."""


def chat_routes(assistant: Assistant) -> APIRouter:
    """The routes under /v1 of one assistant."""
    router = APIRouter(prefix="/v1")
    model = {"id": assistant.name, "object": "model", "created": int(time.time()), "owned_by": "moss"}

    @router.get("/models")
    async def list_models() -> dict[str, Any]:
        return {"object": "list", "data": [model]}

    @router.get("/models/{name:path}")
    async def retrieve_model(name: str) -> dict[str, Any]:
        if name != assistant.name:
            raise ApiError(404, f"there is no model '{name}', only '{assistant.name}'", "model_not_found", "model")
        return model

    @router.post("/chat/completions", response_model=None)
    async def create_chat_completion(request: Request, body: ChatRequest) -> Response:
        # In a thread: a prompt of megabytes takes a while to encode, and everybody else's streams run in this one.
        wanted, replies = await run_in_threadpool(_begin, body, assistant)
        include_usage = bool(body.stream and body.stream_options and body.stream_options.include_usage)
        completion = Completion(assistant.name, len(replies), wanted.quality, include_usage)
        answers = MergedAnswers(replies)
        headers = {"x-request-id": completion.id}
        if not body.stream:
            return await _whole(request, completion, answers, headers)
        chunks = _chunks(completion, answers)
        # What fails before the first event still gets a status of its own.
        first = await anext(chunks)
        return StreamingResponse(_sse(first, chunks), media_type="text/event-stream", headers=headers)

    return router


def _begin(body: ChatRequest, assistant: Assistant) -> tuple[Plan, list[Generator[Event, None, None]]]:
    wanted = plan(body, assistant)
    return wanted, [assistant.reply(wanted.conversation, sampling, wanted.quality) for sampling in wanted.sampling]


async def _whole(request: Request, completion: Completion, answers: MergedAnswers, headers: dict[str, str]) -> Response:
    """The whole answer; given up as soon as nobody waits for it any more."""
    deltas: dict[int, list[dict[str, Any]]] = defaultdict(list)

    async def collect() -> None:
        async for number, event in answers:
            if delta := completion.read(number, event):
                deltas[number].append(delta)

    collecting = asyncio.create_task(collect())
    leaving = asyncio.create_task(_disconnect(request))
    try:
        await asyncio.wait([collecting, leaving], return_when=asyncio.FIRST_COMPLETED)
        if not collecting.done():
            return Response(status_code=CLIENT_LEFT)
        collecting.result()
        return JSONResponse(completion.whole(deltas), headers=headers)
    finally:
        answers.stop()
        collecting.cancel()
        leaving.cancel()


async def _disconnect(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def _chunks(completion: Completion, answers: MergedAnswers) -> AsyncGenerator[dict[str, Any], None]:
    """The chunks of a stream, in order; the answers are stopped when it is left early."""
    try:
        opened = False
        async for number, event in answers:
            delta = completion.read(number, event)
            if not opened:
                opened = True
                for chunk in completion.opening():
                    yield chunk
            if delta is not None:
                yield completion.chunk(number, delta)
            if completion.has_ended(number):
                yield completion.closing(number)
        if completion.include_usage:
            yield completion.usage_chunk()
    finally:
        answers.stop()


async def _sse(first: dict[str, Any], rest: AsyncGenerator[dict[str, Any], None]) -> AsyncGenerator[str, None]:
    """Server-sent events. A failure becomes an event, too: a stream that just ends looks like a success."""
    try:
        yield _sse_event(first)
        async for chunk in rest:
            yield _sse_event(chunk)
    except Exception as error:
        told = api_error(error)
        if told.code == INTERNAL:
            logger.error("an answer failed", exc_info=error)
        yield _sse_event(told.to_dict())
    else:
        yield "data: [DONE]\n\n"
    finally:
        await rest.aclose()


def _sse_event(data: dict[str, Any]) -> str:
    return f"data: {json.dumps(data, ensure_ascii=False, separators=(',', ':'))}\n\n"
