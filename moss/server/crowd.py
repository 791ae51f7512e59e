"""What a crowd at the door does not do to those who are inside: so many requests are worked on at once, others wait.

Without it a thousand requests that come together all take ten seconds; with it the first are answered at once, and who
would wait too long is told within a second to come again. Not here: how many replies are made at once (`jobs.py`), and
what one client may ask for (`limits.py`).
"""

from __future__ import annotations

import asyncio
from contextlib import ExitStack

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .api_errors import ApiError
from .bodies import WITH_BODY

AT_ONCE = 32
"""Requests that are worked on at once; each takes milliseconds of the one processor that the server has."""
PATIENCE_SECONDS = 0.5
"""How long others wait for their turn."""
WORK_SECONDS = 1.0
"""A request that has not begun to answer by then waits for somebody else (the model, a service) and is not counted."""


class Crowd:
    """Middleware: 503 for what is asked to be done and whose turn does not come in time. Who only reads passes by."""

    def __init__(self, app: ASGIApp):
        self._app = app
        self._places = asyncio.Semaphore(AT_ONCE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] not in WITH_BODY:
            await self._app(scope, receive, send)
            return
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self._places.acquire()
        except TimeoutError:
            crowd = ApiError(503, "too many requests at once; try again in a moment", "overloaded", retry_after=1)
            await crowd.response()(scope, receive, send)
            return
        with ExitStack() as place:
            place.callback(self._places.release)
            place.callback(asyncio.get_running_loop().call_later(WORK_SECONDS, place.close).cancel)

            async def send_begun(message: Message) -> None:
                place.close()  # a stream may go on for minutes, and costs little
                await send(message)

            await self._app(scope, receive, send_begun)
