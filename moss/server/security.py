"""Who asks, and whether a browser may ask this on somebody's behalf: dependencies for routes, middleware for all of them.

    CurrentUser   a route's parameter: whoever is logged in, else 401
    AdminUser     the same, else 403 for others than administrators
    OptionalUser  the same, or None

A caller is known by `Authorization: Bearer KEY`, by the cookie of a session, or on a local server by being on this
machine. Writes that a browser would send by itself (by cookie, or by nothing on a local server) must prove that they
come from our own page. Not here: passwords, keys and sessions themselves (`accounts.py`), how often (`limits.py`).
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import Depends, Request, Security
from fastapi.security import APIKeyCookie, HTTPBearer
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .api_errors import ApiError
from .services import services
from .settings import ServerSettings
from .store.schema import Json, UserRole

COOKIE = "moss_session"
"""The cookie that holds the token of a session."""

CSRF_HEADER = "X-CSRF-Token"
"""Repeats the token that `GET /api/session` told the page."""

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


@dataclass(frozen=True)
class Caller:
    """Who asks: a user, and by what right."""

    id: str
    name: str
    role: UserRole
    language: str | None
    settings: Json
    csrf: str | None = None
    """The token that proves that a write comes from our page; None for a caller with a key."""
    session: str | None = None
    """Hash of the session's token, for a caller with a cookie."""
    key_id: str | None = None
    """The API key, for a caller with one."""


# --- dependencies ---------------------------------------------------------------------------------------------------

_KEY = HTTPBearer(auto_error=False, scheme_name="key", description="An API key of the user.")
_SESSION = APIKeyCookie(name=COOKIE, auto_error=False, scheme_name="session", description="A logged-in browser.")


async def optional_user(
    request: Request, _key: Annotated[Any, Security(_KEY)], _session: Annotated[Any, Security(_SESSION)]
) -> Caller | None:
    """The caller, or None where nobody is logged in.

    Raises ApiError: 401 for a wrong key, 403 for a write that need not come from our own page or for a caller who is
    not on this machine.
    """
    found = await (_by_key(request) if "authorization" in request.headers else _by_browser(request))
    if found is not None and found.key_id is None:
        _check_write(request, found)
    return found


async def current_user(caller: Annotated[Caller | None, Depends(optional_user)]) -> Caller:
    """The caller. Raises ApiError(401) where nobody is logged in."""
    if caller is None:
        raise unauthorized("log in, or send an API key: Authorization: Bearer KEY", "not_logged_in")
    return caller


async def admin_user(caller: Annotated[Caller, Depends(current_user)]) -> Caller:
    """The caller, an administrator. Raises ApiError(403) for other users."""
    if caller.role != "admin":
        raise ApiError(403, "only administrators may do this", "not_admin")
    return caller


OptionalUser = Annotated[Caller | None, Depends(optional_user)]
CurrentUser = Annotated[Caller, Depends(current_user)]
AdminUser = Annotated[Caller, Depends(admin_user)]


def unauthorized(message: str, code: str) -> ApiError:
    """The error for a caller who is not known."""
    return ApiError(401, message, code, headers={"www-authenticate": "Bearer"})


async def _by_key(request: Request) -> Caller | None:
    settings, accounts = services(request).settings, services(request).accounts
    scheme, _, given = request.headers["authorization"].partition(" ")
    if scheme.lower() != "bearer":
        raise unauthorized("keys are sent as Authorization: Bearer KEY", "invalid_api_key")
    if settings.public:
        return await accounts.caller_with_key(given.strip(), address_of(request))
    if settings.api_key is None:
        # OpenAI's clients always send a key; a server without one does not mind.
        return await _on_this_machine(request)
    if not _same(given.strip(), settings.api_key):
        raise unauthorized("this server needs its API key: Authorization: Bearer KEY", "invalid_api_key")
    return await accounts.local_caller()


async def _by_browser(request: Request) -> Caller | None:
    settings = services(request).settings
    if settings.public:
        token = request.cookies.get(COOKIE)
        return None if token is None else await services(request).accounts.caller_with_session(token)
    if settings.api_key is not None and request.url.path.startswith("/v1/"):
        raise unauthorized("this server needs its API key: Authorization: Bearer KEY", "invalid_api_key")
    return await _on_this_machine(request)


async def _on_this_machine(request: Request) -> Caller:
    address = _address(request.client.host if request.client else None)
    # What is no address is no network either: a socket in a file, a client in the same process.
    if address is not None and not address.is_loopback:
        raise ApiError(
            403, "this server is for the machine it runs on; `moss serve --public` is for others, too", "not_local"
        )
    return await services(request).accounts.local_caller()


def _check_write(request: Request, caller: Caller) -> None:
    """Raises ApiError(403) for a write that a foreign page could have made this browser send.

    What middleware lets through is not known to be foreign; here the proof is asked for. On a local server /v1 goes
    without: programs call it, and a foreign page cannot send it JSON without naming itself.
    """
    local_program = caller.session is None and request.url.path.startswith("/v1/")
    if request.method in SAFE_METHODS or "authorization" in request.headers or local_program:
        return
    given = request.headers.get(CSRF_HEADER)
    if given is not None and not _same(given, caller.csrf or ""):
        raise ApiError(403, f"the {CSRF_HEADER} is not this session's: ask GET /api/session for it", "wrong_csrf_token")
    if given is None and not from_own_page(request.headers):
        raise ApiError(403, f"this needs the header {CSRF_HEADER}, as GET /api/session tells it", "no_csrf_token")


def _same(given: str, expected: str) -> bool:
    """Compares in a time that says nothing about where they differ."""
    return secrets.compare_digest(given.encode(), expected.encode())


# --- where a request comes from -------------------------------------------------------------------------------------


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


def is_loopback(name: str) -> bool:
    """Whether a host name or address is this machine's loopback (names under .localhost are, RFC 6761)."""
    address = _address(name)
    return address.is_loopback if address else name == "localhost" or name.endswith(".localhost")


def _address(host: str | None) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(host or "")
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def address_of(connection: HTTPConnection) -> str:
    """The client's address as limits count it: of IPv6 the network of 64 bits, since one client has all of it."""
    host = connection.client.host if connection.client else "local"
    match _address(host):
        case IPv6Address() as address:
            return str(IPv6Network((address, 64), strict=False))
        case None:
            return host
        case address:
            return str(address)


_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[^\[\]:@/\\?#\s]+)(:\d{1,5})?", re.IGNORECASE)


def host_name(header: str) -> str | None:
    """The name in a Host header, without port and brackets; None where it is no such header."""
    found = _HOST.fullmatch(header)
    return None if found is None else found[1].strip("[]").rstrip(".").lower()


# --- middleware -----------------------------------------------------------------------------------------------------


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
        https = scope["scheme"] == "https"

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                for name, value in scope.get("state", {}).get("answer_headers", {}).items():
                    headers.setdefault(name, value)
                if https and self._settings.public:
                    headers.setdefault("strict-transport-security", "max-age=31536000")
                if scope["path"].startswith(("/api/", "/v1/")):
                    headers.setdefault("cache-control", "no-store")
            await send(message)

        refusal = self._refusal(scope)
        handler: ASGIApp = self._app if refusal is None else refusal.response()
        await handler(scope, receive, send_guarded)

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
        if settings.api_key is not None and _same(headers.get("authorization", ""), f"Bearer {settings.api_key}"):
            return True  # no page that rebinds its name knows the key
        if name is None or name in settings.hosts:
            return name is not None
        return not settings.hosts if settings.public else is_loopback(name)
