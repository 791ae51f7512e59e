"""The route of the Responses API."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from starlette.concurrency import run_in_threadpool

from ..assistant import Assistant
from .answers import Answers, begun
from .api_errors import INTERNAL, api_error
from .chat_request import plan
from .quota import MayGenerate
from .responses_api import ResponseEvents
from .responses_request import ResponsesRequest
from .sse import ANSWERED, streamed, while_awaited

logger = logging.getLogger(__name__)


def responses_routes(assistant: Assistant) -> APIRouter:
    """The route of one assistant."""
    router = APIRouter()

    @router.post("/responses", response_model=None, responses=ANSWERED)
    async def create_response(request: Request, body: ResponsesRequest, caller: MayGenerate) -> Response:
        wanted = await run_in_threadpool(plan, body.chat(), assistant)
        events = ResponseEvents(body, assistant.name, wanted)
        answering = begun(request, caller, wanted)
        if body.stream:
            return await streamed(answering, lambda answers: _parts(events, answers))
        return await while_awaited(request, answering, lambda answers: _whole(events, answers))

    return router


async def _whole(events: ResponseEvents, answers: Answers) -> Response:
    async for _, event in answers:
        for _ in events.read(event):
            pass
    return JSONResponse(events.response)


async def _parts(events: ResponseEvents, answers: Answers) -> AsyncGenerator[dict[str, Any], None]:
    """The events of the stream. What fails after the first one ends the response as failed."""
    opened = False
    try:
        async for _, event in answers:
            # All of them before the first is sent: an answer that cannot even begin gets a status of its own.
            for part in [*([] if opened else events.opening()), *events.read(event)]:
                opened = True
                yield part
    except Exception as error:
        if not opened:
            raise
        told = api_error(error)
        if told.code == INTERNAL:
            logger.error("an answer failed", exc_info=error)
        yield events.failed(told)
