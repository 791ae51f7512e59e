"""Errors as OpenAI's clients read them, for every route of the server. Not here: who raises them, and when."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from ..errors import EngineBusy, UserError
from .store.errors import Conflict, Full, NotFound, StoreError

INTERNAL = "internal_error"
"""Code of an error that is ours."""

ALWAYS = (400, 401, 403, 413, 415, 421, 429, 431, 500, 503, 507)
"""What any route may answer, since all of them stand behind the same guard and read the same store."""

KINDS = {401: "authentication_error", 403: "permission_error", 429: "rate_limit_error"}
"""Status -> `type` of the error; the other ones below 500 are invalid requests, those above are ours."""


class ErrorDetail(BaseModel):
    """What went wrong."""

    message: str
    type: str
    param: str | None = Field(description="the field that is wrong")
    code: str | None = Field(description="the same in every language, for programs")


class ErrorBody(BaseModel):
    """The answer to what could not be done, as OpenAI's clients read it."""

    error: ErrorDetail


def error_responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """What a route documents of its errors; those that any route may answer with (`ALWAYS`) need not be named."""
    return {status: {"model": ErrorBody, "description": HTTPStatus(status).phrase} for status in statuses}


class ApiError(Exception):
    """An answer in OpenAI's form of an error; `retry_after` (seconds) tells the client when to try again."""

    def __init__(
        self,
        status: int,
        message: str,
        code: str | None = None,
        param: str | None = None,
        *,
        retry_after: float | None = None,
        headers: Mapping[str, str] | None = None,
    ):
        super().__init__(message)
        self.status = status
        self.code = code
        self.param = param
        self.retry_after = retry_after
        self.headers = dict(headers or {})
        if retry_after is not None:
            # Whole seconds are what the standard knows; OpenAI's clients also read the milliseconds.
            self.headers |= {
                "retry-after": str(math.ceil(retry_after)),
                "retry-after-ms": str(round(retry_after * 1000)),
            }
            self.headers.setdefault("x-should-retry", "true")

    def to_dict(self) -> dict[str, Any]:
        """The body: `{"error": {"message", "type", "param", "code"}}`."""
        kind = KINDS.get(self.status, "invalid_request_error" if self.status < 500 else "server_error")
        return {"error": {"message": str(self), "type": kind, "param": self.param, "code": self.code}}

    def response(self) -> JSONResponse:
        """The whole answer, with its headers."""
        return JSONResponse(self.to_dict(), status_code=self.status, headers=self.headers)


def api_error(error: Exception) -> ApiError:
    """What the client is told of an exception: its own mistakes in full, of ours only that there was one."""
    match error:
        case ApiError():
            return error
        case NotFound():
            return ApiError(404, str(error), "not_found")
        case Conflict():
            return ApiError(409, str(error), "conflict")
        case StoreError():
            status = 507 if isinstance(error, Full) else 503
            return ApiError(status, str(error), "store_unavailable", retry_after=error.retry_after_s)
        case EngineBusy():
            return ApiError(503, str(error), "overloaded", retry_after=1)
        case UserError():
            return ApiError(400, str(error))
        case _:
            return ApiError(500, "the server failed to make this answer; its log says why", INTERNAL)


def tell_errors(app: FastAPI) -> None:
    """Whatever a route of the app raises is answered in this form, and documented so. Before routes are included."""
    app.router.responses.update(error_responses(*ALWAYS))
    app.openapi = _without_422(app.openapi)  # type: ignore[method-assign]
    app.add_exception_handler(RequestValidationError, _tell_validation_error)
    app.add_exception_handler(HTTPException, tell_http_error)
    for kind in (ApiError, UserError, StoreError, Exception):
        app.add_exception_handler(kind, _tell_error)


def _without_422(describe: Callable[[], dict[str, Any]]) -> Callable[[], dict[str, Any]]:
    """FastAPI documents its own form of a validation error for each route; here it is a 400 like others."""

    def described() -> dict[str, Any]:
        schema = describe()
        for operations in schema["paths"].values():
            for operation in operations.values():
                operation["responses"].pop("422", None)
        for name in ("HTTPValidationError", "ValidationError"):
            schema["components"]["schemas"].pop(name, None)
        return schema

    return described


async def _tell_validation_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    if first["type"] == "json_invalid":
        return ApiError(400, f"the body is no JSON: {first['ctx']['error']}", "invalid_json").response()
    field = ".".join(map(str, _steps_in(error.body, first["loc"][1:])))
    where = f"{field}: " if field else "the body: "
    return ApiError(400, where + first["msg"], "invalid_value", field or None).response()


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


async def tell_http_error(request: Request, error: Exception) -> JSONResponse:
    """The handler of what Starlette raises by itself: no such address, no such method."""
    assert isinstance(error, HTTPException)
    codes = {400: "invalid_body", 404: "not_found", 405: "method_not_allowed", 413: "body_too_large"}
    code = codes.get(error.status_code)
    return ApiError(error.status_code, str(error.detail), code, headers=error.headers).response()


async def _tell_error(request: Request, error: Exception) -> JSONResponse:
    return api_error(error).response()
