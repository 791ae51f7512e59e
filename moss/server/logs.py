"""What the server writes down of itself: a JSON object a line, the request's id in each, and nobody's words in any.

Messages name what happened, where and how long it took. Texts of dialogues, addresses with secrets in them and the
messages of exceptions (which quote what they failed on) are for level `debug` alone. JSON in ASCII cannot be forged
by a line break, a bidirectional mark or a terminal's escape sequence in a value.
"""

from __future__ import annotations

import json
import logging
import re
import secrets
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..errors import UserError

logger = logging.getLogger(__name__)

HEADER = "x-request-id"
SANE = re.compile(r"[A-Za-z0-9._-]{1,64}")
"""An id that a client or a proxy may give its request; any other is replaced."""
LONGEST_VALUE = 1000
"""Characters of one value of a line."""
FRAMES = 12
"""The innermost calls of a traceback that are told."""

_request_id: ContextVar[str | None] = ContextVar("request_id", default=None)


def request_id() -> str | None:
    """The id of the request that is being answered here, also in the threads and tasks that it started."""
    return _request_id.get()


@contextmanager
def with_request_id(value: str | None) -> Iterator[None]:
    """What the block does belongs to this request."""
    token = _request_id.set(value)
    try:
        yield
    finally:
        _request_id.reset(token)


def configure_logs(level: int | str) -> None:
    """Writes what we log at this level or above to standard error, as lines of JSON; of libraries warnings and worse.

    UserError where there is no such level.
    """
    if isinstance(level, str) and level not in logging.getLevelNamesMapping():
        raise UserError(f"there is no log level '{level.lower()}'; take debug, info, warning or error")
    ours, root = logging.getLogger("moss"), logging.getLogger()
    ours.setLevel(level)
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines(told_in_full=ours.level <= logging.DEBUG))
    root.handlers[:] = [handler]
    # Libraries tell every address that they ask.
    root.setLevel(ours.level if ours.level <= logging.DEBUG else max(ours.level, logging.WARNING))


class JsonLines(logging.Formatter):
    """A record as one line; `extra={"fields": {...}}` of a logging call become keys of it."""

    def __init__(self, told_in_full: bool = False) -> None:
        super().__init__()
        self._told_in_full = told_in_full

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage()[:LONGEST_VALUE],
        }
        if (request := request_id()) is not None:
            line["request_id"] = request
        for name, value in getattr(record, "fields", {}).items():
            line[name] = value[:LONGEST_VALUE] if isinstance(value, str) else value
        if record.exc_info and record.exc_info[1] is not None:
            line["exception"] = self._exception(record.exc_info[1])
        return json.dumps(line)

    def _exception(self, error: BaseException) -> dict[str, Any]:
        frames = traceback.extract_tb(error.__traceback__)[-FRAMES:]
        told: dict[str, Any] = {
            "type": f"{type(error).__module__}.{type(error).__qualname__}",
            "at": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
        }
        if self._told_in_full:
            told["message"] = str(error)[:LONGEST_VALUE]
        cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        if cause is not None and cause is not error:
            told["cause"] = self._exception(cause)
        return told


class RequestLog:
    """Gives every request its id, sends it back, and writes a line when the request has been answered.

    The line has the pattern of the route and not its address: a link to a shared chat is a secret. `note` is told of
    each request, too: method, pattern, status (0 where the client left before there was one) and seconds.
    """

    def __init__(self, app: ASGIApp, note: Callable[[str, str, int, float], None]) -> None:
        self._app = app
        self._note = note

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get(HEADER, "")
        id_ = given if SANE.fullmatch(given) else f"req-{secrets.token_hex(12)}"
        status, started = 0, time.perf_counter()

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[HEADER] = id_
            await send(message)

        with with_request_id(id_):
            try:
                await self._app(scope, receive, noted)
            finally:
                seconds, route = time.perf_counter() - started, _route_of(scope)
                self._note(scope["method"], route, status, seconds)
                fields = {"method": scope["method"], "route": route, "status": status, "seconds": round(seconds, 4)}
                logger.info("request", extra={"fields": fields})


def _route_of(scope: Scope) -> str:
    """The pattern of the route that a request came to, such as /api/chats/{id}; empty where there is none."""
    path: str = getattr(scope.get("route"), "path", "")
    return path
