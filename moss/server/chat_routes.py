"""The routes of the chat API: models, and completions whole or as a stream that stops when its reader is gone."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import AsyncGenerator
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from starlette.concurrency import run_in_threadpool

from ..assistant import Assistant
from .answers import Answers, begun
from .api_errors import ApiError, error_responses
from .chat_request import ChatRequest, plan
from .openai_api import Completion, Delta
from .quota import MayGenerate
from .responses_routes import responses_routes
from .sse import ANSWERED, DONE, streamed, while_awaited


def chat_routes(assistant: Assistant) -> APIRouter:
    """The routes under /v1 of one assistant."""
    router = APIRouter(prefix="/v1", tags=["openai"])
    model = {"id": assistant.name, "object": "model", "created": int(time.time()), "owned_by": "moss"}

    @router.get("/models")
    async def list_models() -> dict[str, Any]:
        return {"object": "list", "data": [model]}

    @router.get("/models/{name:path}", responses=error_responses(404))
    async def retrieve_model(name: str) -> dict[str, Any]:
        if name != assistant.name:
            raise ApiError(404, f"there is no model '{name}', only '{assistant.name}'", "model_not_found", "model")
        return model

    @router.post("/chat/completions", response_model=None, responses=ANSWERED)
    async def create_chat_completion(request: Request, body: ChatRequest, caller: MayGenerate) -> Response:
        # In a thread: a prompt of megabytes takes a while to read, and everybody else's streams run in this one.
        wanted = await run_in_threadpool(plan, body, assistant)
        completion = Completion(
            assistant.name,
            len(wanted.sampling),
            wanted.quality,
            functions=[tool.function.name for tool in body.tools or ()],
            logprobs=bool(body.logprobs),
            include_usage=bool(body.stream and body.stream_options and body.stream_options.include_usage),
        )
        answering = begun(request, caller, wanted)
        if body.stream:
            return await streamed(answering, lambda answers: _chunks(completion, answers), ending=DONE)
        return await while_awaited(request, answering, lambda answers: _whole(completion, answers))

    router.include_router(responses_routes(assistant))
    return router


async def _whole(completion: Completion, answers: Answers) -> Response:
    deltas: dict[int, list[Delta]] = defaultdict(list)
    async for number, event in answers:
        deltas[number] += completion.read(number, event)
    return JSONResponse(completion.whole(deltas))


async def _chunks(completion: Completion, answers: Answers) -> AsyncGenerator[dict[str, Any], None]:
    """The chunks of a stream, in order."""
    opened = False
    async for number, event in answers:
        deltas = completion.read(number, event)
        if not opened:
            opened = True
            for chunk in completion.opening():
                yield chunk
        for delta in deltas:
            yield completion.chunk(number, delta)
        if completion.has_ended(number):
            yield completion.closing(number)
    if completion.include_usage:
        yield completion.usage_chunk()
