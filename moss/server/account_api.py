"""/api routes of one's own account: sessions, registering, logging in and out, settings, keys, consent, leaving.

Not here: who the caller is (`security.py`), what accounts are (`accounts.py`), others' accounts (`admin_api.py`).
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Annotated, Any, Literal, TypedDict

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from .accounts import Caller, Login, Visitor, session_id_of
from .addresses import address_of
from .api_errors import ApiError, error_responses
from .devices import device_of
from .security import COOKIE, CurrentUser, OptionalUser
from .services import Services, services
from .showcase import Words, examples, titles
from .store import accounts as stored
from .store import consents
from .store.audit import note
from .store.schema import ApiKey, LoginSession

CONSENT_VERSION = "1"
"""The version of the question that the page asks; another wording is another version, and is asked again."""

MOST_SETTINGS = 8 * 1024
"""Bytes of the settings that the page keeps for a user, as JSON."""

Language = Literal["en", "zh"]
Password = Annotated[str, Field(max_length=1024)]
Name = Annotated[str, Field(max_length=200)]


class Asked(BaseModel):
    """What a body holds; a field that is not known is a mistake that is told."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Registration(Asked):
    """Who wants an account."""

    name: Name
    password: Password
    invite: Annotated[str, Field(max_length=200)] | None = None


class Credentials(Asked):
    """Who wants to come in."""

    name: Name
    password: Password


class NewPassword(Asked):
    """The password that was, and the one that shall be."""

    old: Password
    new: Password


class Changes(Asked):
    """What is to change of the account; what is left out stays."""

    language: Language | None = None
    settings: dict[str, Any] | None = Field(None, description="what the page keeps; null removes one of them")
    password: NewPassword | None = None


class Leaving(Asked):
    """The password of an account that is to be deleted; none on a server without accounts."""

    password: Password | None = None


class KeyName(Asked):
    """What a new key is called."""

    name: Annotated[str, Field(min_length=1, max_length=100)]


class Answered(Asked):
    """A yes or no to being collected."""

    version: Annotated[str, Field(max_length=40)]
    granted: bool


class UserView(BaseModel):
    """The user who asks."""

    id: str
    name: str
    role: Literal["user", "admin"]
    language: str | None
    settings: dict[str, Any]


class ToolChoice(BaseModel):
    """A tool that can be switched on."""

    name: str
    title: Words


class ModelView(BaseModel):
    """The assistant that answers."""

    name: str
    tools: list[ToolChoice]
    quality: bool = Field(description="whether it was trained with quality tags")
    examples: dict[str, list[str]] = Field(description="questions that it can answer, in each language")


class ConsentView(BaseModel):
    """The question about collecting, and what the user last answered to this version of it."""

    version: str
    granted: bool | None


class SessionView(BaseModel):
    """What the page needs to begin."""

    mode: Literal["local", "public"]
    user: UserView | None
    csrf: str | None = Field(description="to be sent as X-CSRF-Token with every write")
    registration: Literal["open", "invite", "closed"]
    model: ModelView
    consent: ConsentView


class LoginView(BaseModel):
    """A browser that the user is logged in with."""

    id: str
    browser: str | None = Field(description="what it says that it is; null where that is not known")
    system: str | None = Field(description="what it says that it runs on")
    created_at: int = Field(description="milliseconds since 1970, UTC")
    last_seen_at: int = Field(description="to about five minutes")
    current: bool = Field(description="whether it is the one that asks")


class LoginsView(BaseModel):
    """The user's logins, the one seen last first; none on a server without accounts."""

    sessions: list[LoginView]


class KeyView(BaseModel):
    """An API key, as its owner sees it."""

    id: str
    name: str
    prefix: str = Field(description="how it begins")
    created_at: int = Field(description="milliseconds since 1970, UTC")
    last_used_at: int | None
    revoked_at: int | None


class KeysView(BaseModel):
    """The user's keys, the newest first."""

    keys: list[KeyView]


class NewKeyView(KeyView):
    """A new key; only this answer ever holds it."""

    key: str


class _CookieRules(TypedDict):
    path: str
    secure: bool
    httponly: bool
    samesite: Literal["lax"]


router = APIRouter(prefix="/api", tags=["account"])


@router.get("/session")
async def get_session(request: Request, response: Response, caller: OptionalUser) -> SessionView:
    """Who is logged in here, and what this server offers. The first request of the page; the login lasts on."""
    if caller is not None and caller.session is not None:
        _set_cookie(request, response, request.cookies[COOKIE])
    return await _session_view(services(request), caller)


@router.post("/register", status_code=201, responses=error_responses(409))
async def register(request: Request, response: Response, body: Registration) -> SessionView:
    """Makes an account and logs it in."""
    found = _with_accounts(request)
    login = await found.accounts.register(body.name, body.password, body.invite, visitor_of(request))
    return await _logged_in(request, response, login)


@router.post("/login")
async def log_in(request: Request, response: Response, body: Credentials) -> SessionView:
    """Begins a session; the one that this browser had before ends."""
    found = _with_accounts(request)
    login = await found.accounts.login(body.name, body.password, visitor_of(request))
    return await _logged_in(request, response, login)


@router.post("/logout", status_code=204)
async def log_out(request: Request, response: Response, caller: CurrentUser) -> None:
    """Ends this session."""
    if caller.session is not None:
        await services(request).accounts.logout(request.cookies[COOKIE])
    response.delete_cookie(COOKIE, **_cookie_rules(request))


@router.post("/logout-all", status_code=204)
async def log_out_everywhere(request: Request, response: Response, caller: CurrentUser) -> None:
    """Ends all sessions of the user. API keys stay."""
    await services(request).accounts.logout_everywhere(caller)
    response.delete_cookie(COOKIE, **_cookie_rules(request))


@router.get("/sessions")
async def list_sessions(request: Request, caller: CurrentUser) -> LoginsView:
    """Where the user is logged in."""
    async with services(request).database.reading() as session:
        logins = await stored.logins(session, caller.id)
    return LoginsView(sessions=[_login_view(login, caller) for login in logins])


@router.delete("/sessions", status_code=204)
async def end_other_sessions(request: Request, caller: CurrentUser) -> None:
    """Ends all sessions of the user but this one. API keys stay."""
    await services(request).accounts.logout_elsewhere(caller)


@router.delete("/sessions/{session_id}", status_code=204, responses=error_responses(404))
async def end_session(request: Request, response: Response, session_id: str, caller: CurrentUser) -> None:
    """Ends one session of the user, from this moment on; it may be this one."""
    if await services(request).accounts.end_session(caller, session_id):
        response.delete_cookie(COOKIE, **_cookie_rules(request))


@router.patch("/me")
async def change_me(request: Request, response: Response, body: Changes, caller: CurrentUser) -> SessionView:
    """Changes the account. Another password ends all other sessions."""
    found = services(request) if body.password is None else _with_accounts(request)
    async with found.database.session() as session:
        user = await stored.user(session, caller.id)
        user.language = body.language or user.language
        user.settings = _changed(user.settings, body.settings or {})
    caller = replace(caller, language=user.language, settings=user.settings)
    if body.password is not None:
        login = await found.accounts.change_password(caller, body.password.old, body.password.new, visitor_of(request))
        _set_cookie(request, response, login.token)
        caller = login.caller
    return await _session_view(found, caller)


@router.delete("/me", status_code=204)
async def delete_me(request: Request, response: Response, caller: CurrentUser, body: Leaving | None = None) -> None:
    """Deletes the account with everything that is in it, at once and for good."""
    found = services(request)
    if found.settings.public:
        await found.accounts.confirm(caller, (body and body.password) or "", visitor_of(request))
    await found.jobs.stop_all_of(caller.id)
    async with found.database.session() as session:
        paths = await stored.remove_user(session, caller.id)
        note(session, None, "user.delete")
    await found.pictures.delete(paths)
    response.delete_cookie(COOKIE, **_cookie_rules(request))


@router.get("/keys")
async def list_keys(request: Request, caller: CurrentUser) -> KeysView:
    """The user's API keys, also those that are revoked."""
    async with services(request).database.reading() as session:
        keys = await stored.keys(session, caller.id)
    return KeysView(keys=[KeyView(**key_fields(key)) for key in keys])


@router.post("/keys", status_code=201, responses=error_responses(409))
async def create_key(request: Request, body: KeyName, caller: CurrentUser) -> NewKeyView:
    """A new API key. It is shown this once."""
    if caller.key_id is not None:
        raise ApiError(403, "a key makes no keys: whoever found one could keep the door open", "not_by_key")
    kept, key = await _with_accounts(request).accounts.add_key(caller, body.name)
    return NewKeyView(**key_fields(kept), key=key)


@router.delete("/keys/{key_id}", status_code=204, responses=error_responses(404))
async def revoke_key(request: Request, key_id: str, caller: CurrentUser) -> None:
    """Ends an API key, from this moment on."""
    async with services(request).database.session() as session:
        await stored.revoke_key(session, caller.id, key_id)


@router.put("/consent", responses=error_responses(409))
async def give_consent(request: Request, body: Answered, caller: CurrentUser) -> ConsentView:
    """Says whether messages that are written from now on may be collected; earlier answers are kept as proof."""
    if body.version != CONSENT_VERSION:
        raise ApiError(
            409, f"the question is version {CONSENT_VERSION} by now: reload the page", "old_version", "version"
        )
    async with services(request).database.session() as session:
        await consents.record(session, caller.id, body.version, body.granted)
    return ConsentView(version=CONSENT_VERSION, granted=body.granted)


# --- parts ----------------------------------------------------------------------------------------------------------


def visitor_of(request: Request) -> Visitor:
    """Where a request comes from."""
    return Visitor(address_of(request), request.headers.get("user-agent", ""))


def key_fields(key: ApiKey) -> dict[str, Any]:
    """What may be shown of a key."""
    return {name: getattr(key, name) for name in KeyView.model_fields}


def _login_view(login: LoginSession, caller: Caller) -> LoginView:
    return LoginView(
        id=session_id_of(login),
        **device_of(login.user_agent)._asdict(),
        created_at=login.created_at,
        last_seen_at=login.last_seen_at,
        current=login.token_hash == caller.session,
    )


def _with_accounts(request: Request) -> Services:
    found = services(request)
    if not found.settings.public:
        raise ApiError(400, "this server has one user and no accounts; `moss serve --public` has them", "no_accounts")
    return found


async def _logged_in(request: Request, response: Response, login: Login) -> SessionView:
    """Begins the session in this browser; one that was there before ends, so that nobody can have planted it."""
    if (before := request.cookies.get(COOKIE)) is not None:
        await services(request).accounts.logout(before)
    _set_cookie(request, response, login.token)
    return await _session_view(services(request), login.caller)


def _set_cookie(request: Request, response: Response, token: str) -> None:
    seconds = services(request).settings.session_days * 24 * 60 * 60
    response.set_cookie(COOKIE, token, max_age=seconds, **_cookie_rules(request))


def _cookie_rules(request: Request) -> _CookieRules:
    """Who sees the cookie: no script, no other site, and nobody on the way."""
    secure = services(request).settings.secure_cookies or request.url.scheme == "https"
    return {"path": "/", "secure": secure, "httponly": True, "samesite": "lax"}


async def _session_view(found: Services, caller: Caller | None) -> SessionView:
    assistant, granted = found.assistant, None
    if caller is not None:
        async with found.database.reading() as session:
            answer = await consents.latest(session, caller.id)
        granted = answer.granted if answer is not None and answer.version == CONSENT_VERSION else None
    return SessionView(
        mode="public" if found.settings.public else "local",
        user=UserView(**{name: getattr(caller, name) for name in UserView.model_fields}) if caller else None,
        csrf=caller.csrf if caller else None,
        registration=found.settings.registration,
        model=ModelView(
            name=assistant.name,
            tools=[ToolChoice(name=name, title=title) for name, title in titles(assistant.toolbox).items()],
            quality=assistant.knows_quality,
            examples=examples(assistant.toolbox.names),
        ),
        consent=ConsentView(version=CONSENT_VERSION, granted=granted),
    )


def _changed(settings: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """The settings with these changes; None removes one. Raises ApiError(400) where they become too long."""
    changed = {name: value for name, value in {**settings, **changes}.items() if value is not None}
    if len(json.dumps(changed)) > MOST_SETTINGS:
        raise ApiError(400, f"settings have no more than {MOST_SETTINGS} bytes", "settings_too_long", "settings")
    return changed
