"""The HTTP application: the API key, a limit to bodies, errors in OpenAI's form, images; the chat is `chat_routes.py`.

What stands around the routes is plain ASGI: other middleware hides a disconnect from them and costs more than they.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Awaitable, Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, JSONResponse, Response
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .. import __version__
from ..assistant import Assistant
from ..errors import UserError
from .chat_routes import chat_routes
from .openai_api import ApiError, api_error

MAX_BODY_BYTES = 2 * 1024 * 1024
"""The longest request that is read; longer ones get 413."""

TOO_LARGE = f"the body is longer than {MAX_BODY_BYTES} bytes"

FILE_NAME = re.compile(r"[A-Za-z0-9_-]+\.(png|webp)")
"""What a generated image may be called; nothing else is looked for on the disk."""


def create_app(assistant: Assistant, image_folder: Path, api_key: str | None = None) -> FastAPI:
    """The application that serves this assistant; the caller closes the assistant afterwards.

    With an `api_key` every route but /health asks for `Authorization: Bearer KEY`.
    """
    app = FastAPI(title="MOSS", version=__version__)
    app.add_middleware(BodyLimit)
    app.add_exception_handler(RequestValidationError, _tell_validation_error)
    app.add_exception_handler(HTTPException, _tell_http_error)
    for kind in (ApiError, UserError, Exception):
        app.add_exception_handler(kind, _tell_error)
    guarded = [] if api_key is None else [Depends(_key_check(api_key))]
    app.include_router(chat_routes(assistant), dependencies=guarded)
    app.include_router(_file_routes(image_folder), dependencies=guarded)

    @app.get("/health")
    async def health() -> dict[str, str]:
        return {"status": "ok", "model": assistant.name, "version": __version__}

    return app


class BodyLimit:
    """Answers 413 to a request with a longer body, whether its length is announced or found out while reading.

    FastAPI's own limit answers in plain text, which OpenAI clients cannot read.
    """

    def __init__(self, app: ASGIApp):
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        announced = Headers(scope=scope).get("content-length", "") if scope["type"] == "http" else ""
        if announced.isdecimal() and int(announced) > MAX_BODY_BYTES:
            await _told(ApiError(413, TOO_LARGE, "body_too_large"))(scope, receive, send)
            return
        read = 0

        async def counted() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > MAX_BODY_BYTES:
                raise HTTPException(413, TOO_LARGE)
            return message

        await self._app(scope, counted, send)


def _file_routes(folder: Path) -> APIRouter:
    router = APIRouter()

    @router.get("/files/{name}")
    async def get_file(name: str) -> Response:
        path = folder / name
        if not FILE_NAME.fullmatch(name) or path.is_symlink() or not path.is_file():
            raise ApiError(404, f"there is no file '{name}'", "not_found")
        return FileResponse(path, headers={"X-Content-Type-Options": "nosniff"})

    return router


def _key_check(api_key: str) -> Callable[[Request], Awaitable[None]]:
    expected = api_key.encode()

    async def check(request: Request) -> None:
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not secrets.compare_digest(given.strip().encode("latin-1"), expected):
            raise ApiError(401, "this server needs its API key: Authorization: Bearer KEY", "invalid_api_key")

    return check


async def _tell_validation_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    if first["type"] == "json_invalid":
        return _told(ApiError(400, f"the body is no JSON: {first['ctx']['error']}", "invalid_json"))
    field = ".".join(map(str, _steps_in(error.body, first["loc"][1:])))
    where = f"{field}: " if field else "the body: "
    return _told(ApiError(400, where + first["msg"], "invalid_value", field or None))


def _steps_in(body: Any, steps: Sequence[int | str]) -> Iterator[int | str]:
    """The steps of a field's place that are the client's; pydantic adds some for the kinds of value it tried."""
    for step in steps:
        match body, step:
            case list(), int():
                body = body[step]
            case dict(), str():
                body = body.get(step)
            case _:
                return
        yield step


async def _tell_http_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    codes = {400: "invalid_body", 404: "not_found", 405: "method_not_allowed", 413: "body_too_large"}
    return _told(ApiError(error.status_code, str(error.detail), codes.get(error.status_code)))


async def _tell_error(request: Request, error: Exception) -> JSONResponse:
    return _told(api_error(error))


def _told(error: ApiError) -> JSONResponse:
    headers = {"retry-after": "1"} if error.status == 503 else None
    return JSONResponse(error.to_dict(), status_code=error.status, headers=headers)
