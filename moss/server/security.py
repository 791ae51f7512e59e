"""Who asks, as dependencies of routes, and whether a browser may ask this on somebody's behalf.

    CurrentUser   a route's parameter: whoever is logged in, else 401
    AdminUser     the same, else 403 for others than administrators
    OptionalUser  the same, or None

A caller is known by `Authorization: Bearer KEY`, by the cookie of a session, or on a local server by being on this
machine. Writes that a browser would send by itself (by cookie, or by nothing on a local server) must prove that they
come from our own page. Not here: passwords, keys and sessions themselves (`accounts.py`), what is refused whoever asks
(`guard.py`), how often (`limits.py`).
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Request, Security
from fastapi.security import APIKeyCookie, HTTPBearer

from .accounts import Caller
from .addresses import FORWARDED, address_of, ip_of
from .api_errors import ApiError
from .guard import SAFE_METHODS, from_own_page, same_secret
from .services import services

COOKIE = "moss_session"
"""The cookie that holds the token of a session."""

KEY_NEEDED = "this server needs its API key: Authorization: Bearer KEY"

CSRF_HEADER = "X-CSRF-Token"
"""Repeats the token that `GET /api/session` told the page."""


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
    if not same_secret(given.strip(), settings.api_key):
        raise unauthorized(KEY_NEEDED, "invalid_api_key")
    return await accounts.local_caller()


async def _by_browser(request: Request) -> Caller | None:
    settings = services(request).settings
    if settings.public:
        token = request.cookies.get(COOKIE)
        return None if token is None else await services(request).accounts.caller_with_session(token)
    if settings.api_key is not None and (request.url.path.startswith("/v1/") or not _is_local(request)):
        raise unauthorized(KEY_NEEDED, "invalid_api_key")
    return await _on_this_machine(request)


async def _on_this_machine(request: Request) -> Caller:
    if not _is_local(request):
        raise ApiError(
            403, "this server is for the machine it runs on; `moss serve --public` is for others, too", "not_local"
        )
    return await services(request).accounts.local_caller()


def _is_local(request: Request) -> bool:
    """Whether the client is on this machine. What is no address is no network either: a socket in a file."""
    address = ip_of(request.client.host if request.client else None)
    return (address is None or address.is_loopback) and not any(name in request.headers for name in FORWARDED)


def _check_write(request: Request, caller: Caller) -> None:
    """Raises ApiError(403) for a write that a foreign page could have made this browser send.

    What middleware lets through is not known to be foreign; here the proof is asked for. On a local server /v1 goes
    without: programs call it, and a foreign page cannot send it JSON without naming itself.
    """
    local_program = caller.session is None and request.url.path.startswith("/v1/")
    if request.method in SAFE_METHODS or "authorization" in request.headers or local_program:
        return
    given = request.headers.get(CSRF_HEADER)
    if given is not None and not same_secret(given, caller.csrf or ""):
        raise ApiError(403, f"the {CSRF_HEADER} is not this session's: ask GET /api/session for it", "wrong_csrf_token")
    if given is None and not from_own_page(request.headers):
        raise ApiError(403, f"this needs the header {CSRF_HEADER}, as GET /api/session tells it", "no_csrf_token")
