"""Middleware around every route: refuses what no route should see, and adds the headers of security to every answer.

`protect` puts it around an application. Not here: who asks (`security.py`), slow clients (`http_protocol.py`).
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from urllib.parse import urlsplit

from fastapi import FastAPI
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from .addresses import host_name, is_loopback
from .api_errors import ApiError, api_error
from .bodies import Bodies
from .crowd import Crowd
from .limits import AddressLimit, Limits
from .settings import ServerSettings

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; script-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; "
    "form-action 'self'; img-src 'self' data:"
)

HEADERS = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), clipboard-write=(self)",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
"""What every answer carries, unless its route says something else."""

MAX_HEADERS = 100
MAX_HEADER_BYTES = 16 * 1024
"""The most headers of one request, and their length together; more get 431."""

OPEN_PATHS = ("/health", "/ready")
"""What probes ask by address, under any host name."""


def protect(app: FastAPI, settings: ServerSettings, limits: Limits) -> None:
    """Puts the middleware of this file, the limit of requests and the check of bodies around the application."""
    # The one that is added last stands outside of the others. Bodies have arrived before a request takes a place.
    app.add_middleware(Crowd)
    app.add_middleware(Bodies, max_bytes=settings.body_bytes)
    if settings.public:
        app.add_middleware(AddressLimit, limits=limits)
    app.add_middleware(Guard, settings=settings)
    if settings.trusted_proxies:
        app.add_middleware(ProxyHeadersMiddleware, trusted_hosts=list(settings.trusted_proxies))


class Guard:
    """Refuses what no route should see, and adds the headers of security to every answer.

    421 for a foreign host name (a page that rebinds its name to this machine), 403 for writes of foreign pages, 431 for
    too many headers, 400 for U+0000 in the address.
    """

    def __init__(self, app: ASGIApp, settings: ServerSettings):
        self._app = app
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def send_guarded(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                self._add_headers(MutableHeaders(scope=message), scope)
            await send(message)

        refusal = self._refusal(scope)
        handler: ASGIApp = self._app if refusal is None else refusal.response()
        try:
            await handler(scope, receive, send_guarded)
        except Exception as error:
            # Here and not further out, where the answer would go without these headers.
            if not started:
                await api_error(error).response()(scope, receive, send_guarded)
            raise

    def _add_headers(self, headers: MutableHeaders, scope: Scope) -> None:
        more = {**HEADERS, **scope.get("state", {}).get("answer_headers", {})}
        if scope["scheme"] == "https" and self._settings.public:
            more["strict-transport-security"] = "max-age=31536000"
        if scope["path"].startswith(("/api/", "/v1/")):
            more["cache-control"] = "no-store"
        for name, value in more.items():
            headers.setdefault(name, value)

    def _refusal(self, scope: Scope) -> ApiError | None:
        raw = scope["headers"]
        if len(raw) > MAX_HEADERS or sum(len(name) + len(value) for name, value in raw) > MAX_HEADER_BYTES:
            return ApiError(431, f"more than {MAX_HEADERS} headers, or {MAX_HEADER_BYTES} bytes of them", "headers")
        if "\0" in scope["path"] or b"%00" in scope.get("query_string", b""):
            return ApiError(400, "the address holds the character U+0000", "invalid_address")
        headers = Headers(scope=scope)
        if scope["path"] not in OPEN_PATHS and not self._knows_host(headers):
            return ApiError(421, "this server is not known by that host name", "unknown_host")
        if scope["method"] not in SAFE_METHODS and "authorization" not in headers and from_own_page(headers) is False:
            return ApiError(403, "another site's page may not write here", "foreign_origin")
        return None

    def _knows_host(self, headers: Headers) -> bool:
        settings = self._settings
        name = host_name(headers.get("host", ""))
        if settings.api_key is not None and same_secret(headers.get("authorization", ""), f"Bearer {settings.api_key}"):
            return True  # no page that rebinds its name knows the key
        if name is None or name in settings.hosts:
            return name is not None
        return not settings.hosts if settings.public else is_loopback(name)


def from_own_page(headers: Mapping[str, str]) -> bool | None:
    """Whether the browser says that our own page sends this; None where no browser says anything.

    As Go's `http.CrossOriginProtection` does it: `Sec-Fetch-Site` first, which browsers send over HTTPS and to this
    machine; the host of `Origin` where it is missing. The scheme is not compared: a proxy may have changed it.
    """
    match headers.get("sec-fetch-site"):
        case "same-origin":
            return True
        case "cross-site" | "same-site":
            return False
    origin = headers.get("origin")
    return None if origin is None else _authority(origin) == headers.get("host", "").lower()


def _authority(origin: str) -> str:
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:  # such as http://[
        return ""


def same_secret(given: str, expected: str) -> bool:
    """Whether a header holds this secret, compared in a time that says nothing about where they differ."""
    # Headers are decoded byte by byte; what the client meant were the bytes.
    return secrets.compare_digest(given.encode("latin-1"), expected.encode())
