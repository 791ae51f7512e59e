"""The bodies of requests: read whole, up to a limit, and JSON in the strict sense or refused, for every route alike.

Python's decoder takes what is no JSON (NaN), keeps one of two equal keys without a word, and makes text and numbers
that no database stores. Here each of these is a 400 in OpenAI's form. A body is decoded twice, here and by the route;
of megabytes that costs tens of milliseconds, so such a one is decoded in a thread. Not here: slow clients
(`http_protocol.py`), what a route makes of a body.
"""

from __future__ import annotations

import asyncio
import json
import math
import re
from typing import Any, NoReturn

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .api_errors import ApiError

WITH_BODY = frozenset({"POST", "PUT", "PATCH", "DELETE"})

MAX_DEPTH = 64
"""Objects and lists within each other."""

LARGEST = 2**63 - 1
"""The largest whole number either way: what a database's column holds."""

LONG_BODY = 64 * 1024
"""Bodies of more bytes are decoded in a thread, so that nobody else's stream waits."""

_NO_TEXT = re.compile("[\x00\ud800-\udfff]")


class Bodies:
    """Reads each request's body before its route does. 413: longer than `max_bytes`; 415: compressed, or no JSON."""

    def __init__(self, app: ASGIApp, max_bytes: int):
        self._app = app
        self._max_bytes = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] not in WITH_BODY:
            await self._app(scope, receive, send)
            return
        try:
            body = await self._checked(Headers(scope=scope), receive)
        except ApiError as error:
            await error.response()(scope, receive, send)
            return
        if body is None:  # the client left while it was sending
            return
        waiting = [{"type": "http.request", "body": body, "more_body": False}]

        async def replay() -> Message:
            return waiting.pop() if waiting else await receive()

        await self._app(scope, replay, send)

    async def _checked(self, headers: Headers, receive: Receive) -> bytes | None:
        if headers.get("content-encoding", "identity").lower() != "identity":
            raise ApiError(415, "bodies are not taken compressed", "unsupported_encoding")
        length = headers.get("content-length", "")
        if length.isdecimal() and (len(length) > 18 or int(length) > self._max_bytes):
            raise self._too_long()
        body = await self._read(receive)
        if body:
            if not _says_json(headers.get("content-type", "")):
                raise ApiError(415, "the body must be JSON: Content-Type: application/json", "unsupported_media_type")
            if len(body) > LONG_BODY:
                await asyncio.to_thread(decode, body)
            else:
                decode(body)
        return body

    async def _read(self, receive: Receive) -> bytes | None:
        parts, length = [], 0
        while (message := await receive())["type"] == "http.request":
            parts.append(message.get("body", b""))
            length += len(parts[-1])
            if length > self._max_bytes:
                raise self._too_long()
            if not message.get("more_body"):
                return b"".join(parts)
        return None

    def _too_long(self) -> ApiError:
        return ApiError(413, f"the body is longer than {self._max_bytes} bytes", "body_too_large")


def _says_json(content_type: str) -> bool:
    kind = content_type.partition(";")[0].strip().lower()
    return kind == "application/json" or (kind.startswith("application/") and kind.endswith("+json"))


def decode(body: bytes) -> dict[str, Any]:
    """The object that a body is. Raises ApiError(400) saying what is wrong with it."""
    try:
        found = json.loads(
            body.decode(),
            object_pairs_hook=_object,
            parse_int=_whole,
            parse_float=_finite,
            parse_constant=_no_number,
        )
    except UnicodeDecodeError as error:
        raise _refused(f"is not UTF-8 from byte {error.start} on") from None
    except json.JSONDecodeError as error:
        raise _refused(f"is no JSON: {error.msg} at line {error.lineno}, column {error.colno}") from None
    except RecursionError:
        raise _too_deep() from None
    if not isinstance(found, dict):
        raise _refused("must be an object, { ... }")
    if b"\\u" in body or b"\x00" in body or body.count(b"[") + body.count(b"{") > MAX_DEPTH:
        _check(found)
    return found


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        for name, _ in pairs:
            if name in seen:
                raise _refused(f"names {name[:40]!r} twice in one object")
            seen.add(name)
    return found


def _whole(digits: str) -> int:
    if len(digits) > 20 or abs(int(digits)) > LARGEST:
        raise _refused(f"holds a whole number beyond {LARGEST}")
    return int(digits)


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise _refused("holds a number that is too large")
    return number


def _no_number(name: str) -> NoReturn:
    raise _refused(f"holds {name}, which JSON does not have")


def _check(found: Any) -> None:
    """Raises ApiError for what is nested too deep, and for text that is none: half characters, U+0000."""
    waiting = [(found, 1)]
    while waiting:
        value, depth = waiting.pop()
        if depth > MAX_DEPTH and isinstance(value, dict | list):
            raise _too_deep()
        if isinstance(value, str) and _NO_TEXT.search(value):
            raise _refused("holds half a character (a lone surrogate), or U+0000")
        if isinstance(value, dict):
            waiting += [(name, depth) for name in value]
            value = list(value.values())
        if isinstance(value, list):
            waiting += [(inner, depth + 1) for inner in value]


def _too_deep() -> ApiError:
    return _refused(f"is nested more than {MAX_DEPTH} deep")


def _refused(what: str) -> ApiError:
    return ApiError(400, f"the body {what}", "invalid_json")
