"""The HTTP application: the API key, a limit to bodies, errors in OpenAI's form, images; the chat is `chat_routes.py`.

What stands around the routes is plain ASGI: other middleware hides a disconnect from them and costs more than they.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Awaitable, Callable
from pathlib import Path

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.responses import FileResponse, Response
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .. import __version__
from ..assistant import Assistant
from .api_errors import ApiError, tell_errors
from .chat_routes import chat_routes

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
    tell_errors(app)
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
            await ApiError(413, TOO_LARGE, "body_too_large").response()(scope, receive, send)
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
