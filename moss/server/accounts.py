"""Accounts: who may register and log in, and what sessions, API keys and invites are worth.

Tokens, keys and codes are random and kept as SHA-256 only, passwords by argon2id. Who fails again and again waits, by
account and by address. Not here: rows (`store/accounts.py`), HTTP (`account_api.py`, `security.py`).
"""

from __future__ import annotations

import hashlib
import re
import secrets
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from .api_errors import ApiError
from .limits import FREE_ADDRESS_FAILURES, FREE_FAILURES, Failures, Rate, too_many
from .passwords import LONGEST, SHORTEST, Passwords
from .settings import ServerSettings
from .store import accounts as stored
from .store.accounts import LOCAL
from .store.audit import note
from .store.errors import Conflict, NotFound
from .store.schema import ApiKey, Invite, Json, LoginSession, User, UserRole, now
from .store.text import searchable

if TYPE_CHECKING:
    from .store.database import Database

KEY_START = "sk-moss-"
"""How API keys begin, so that scanners for leaked secrets know one."""

SHOWN = len(KEY_START) + 4
"""How many characters of a key its owner sees again."""

MOST_KEYS = 50
"""Working keys of one user."""

MOST_REGISTRATIONS = 40
"""New accounts of one address in an hour: a class may register, a script gets no thousands."""

SEEN_EVERY_MS = 5 * 60 * 1000
"""How exactly it is known when a session or key was last used: not every request should write."""

DAY_MS = 24 * 60 * 60 * 1000

MOST_NAME_CHARACTERS = 40

_NAME = re.compile(r"\w(?:[\w .'·-]*\w)?")


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


class Visitor(NamedTuple):
    """Where somebody comes from who is not known yet."""

    address: str
    user_agent: str


class Login(NamedTuple):
    """A session that has begun: the token for its cookie, and the caller it stands for."""

    token: str
    caller: Caller


class Accounts:
    """The accounts of one server. `close` ends its threads."""

    def __init__(self, database: Database, settings: ServerSettings):
        self._database = database
        self._settings = settings
        self._passwords = Passwords()
        self._failures = Failures(FREE_FAILURES)
        self._address_failures = Failures(FREE_ADDRESS_FAILURES)
        self._registrations = Rate(MOST_REGISTRATIONS, 60 * 60)
        self._local_csrf = secrets.token_urlsafe(32)

    def close(self) -> None:
        """Ends the threads that compute passwords."""
        self._passwords.close()

    # --- who asks ---------------------------------------------------------------------------------------------------

    async def local_caller(self) -> Caller:
        """The one user of a server without accounts, an administrator."""
        async with self._database.reading() as session:
            user = await session.get(User, LOCAL)
        if user is None:
            async with self._database.session() as session:
                user = await stored.local_user(session)
        return _caller(user, csrf=self._local_csrf)

    async def caller_with_session(self, token: str) -> Caller | None:
        """The user of a session; None where it has ended, was never, or its user is banned."""
        async with self._database.reading() as session:
            found = await stored.login(session, digest(token))
        if found is None or found[1].banned_at is not None:
            return None
        login, user = found
        if now() - login.last_seen_at > SEEN_EVERY_MS:
            async with self._database.session() as session:
                await stored.touch_login(session, login.token_hash, self._session_end())
        return _caller(user, csrf=login.csrf, session=login.token_hash)

    async def caller_with_key(self, key: str, address: str) -> Caller:
        """The user of an API key. Raises ApiError: 401 for a wrong key, 403 for a banned user, 429 after many wrong."""
        async with self._database.reading() as session:
            found = await stored.key(session, digest(key))
        if found is None:
            self._address_failures.attempt(f"key {address}")
            raise ApiError(401, "this API key is not valid", "invalid_api_key", headers={"www-authenticate": "Bearer"})
        kept, user = found
        _check_banned(user)
        if now() - (kept.last_used_at or 0) > SEEN_EVERY_MS:
            async with self._database.session() as session:
                await stored.touch_key(session, kept.id)
        return _caller(user, key_id=kept.id)

    # --- coming -----------------------------------------------------------------------------------------------------

    async def register(self, name: str, password: str, invite: str | None, visitor: Visitor) -> Login:
        """A new user, logged in. Raises ApiError for a name, password or invite that will not do, and for guessing."""
        if self._settings.registration == "closed":
            raise ApiError(403, "nobody can register here; ask whoever runs this server", "registration_closed")
        name = checked_name(name)
        check_password(password, name)
        self._address_failures.attempt(f"register {visitor.address}")
        if wait := self._registrations.take(visitor.address).retry_after:
            raise too_many("too many new accounts from this address", wait)
        kept = await self._passwords.hash(password)
        async with self._database.session() as session:
            # In the transaction that makes the user: one that fails gives the use of the invite back.
            if self._settings.registration == "invite" and not await stored.take_invite(session, digest(invite or "")):
                needed = "registering needs an invite that is neither used up nor expired"
                raise ApiError(403, needed, "no_invite", "invite")
            user = await add_user(session, name, kept)
            login = await self._open(session, user, visitor)
        self._address_failures.take_back(f"register {visitor.address}")
        return login

    async def login(self, name: str, password: str, visitor: Visitor) -> Login:
        """A new session.

        Raises ApiError: 401, the same and after the same time whether there is no such user or the password is wrong;
        403 for a banned user with the right password; 429 for who has failed too often, also with the right password.
        """
        name = spelled(name)
        self._attempt(name, visitor.address)
        async with self._database.reading() as session:
            user = await stored.user_named(session, name)
        if not await self._passwords.fits(password, user.password_hash if user else None) or user is None:
            raise ApiError(401, "the name or the password is wrong", "wrong_credentials")
        self._succeeded(name, visitor.address)
        _check_banned(user)
        renewed = await self._passwords.renewed(password, user.password_hash or "")
        async with self._database.session() as session:
            user = await stored.user(session, user.id)
            user.password_hash = renewed or user.password_hash
            return await self._open(session, user, visitor)

    async def confirm(self, caller: Caller, password: str, visitor: Visitor) -> None:
        """Raises ApiError where this is not the caller's password: 403, or 429 for who has failed too often."""
        self._attempt(caller.name, visitor.address)
        async with self._database.reading() as session:
            user = await stored.user(session, caller.id)
        if not await self._passwords.fits(password, user.password_hash):
            raise ApiError(403, "the password is wrong", "wrong_password", "password")
        self._succeeded(caller.name, visitor.address)

    async def change_password(self, caller: Caller, old: str, new: str, visitor: Visitor) -> Login:
        """Sets another password, ends every session and begins a new one.

        Raises ApiError: 403 where the old one is wrong, 400 for a new one that is no password, 429.
        """
        check_password(new, caller.name)
        await self.confirm(caller, old, visitor)
        kept = await self._passwords.hash(new)
        async with self._database.session() as session:
            user = await stored.user(session, caller.id)
            await set_password(session, user, kept)
            note(session, user.id, "user.password", user.id)
            return await self._open(session, user, visitor)

    # --- going ------------------------------------------------------------------------------------------------------

    async def logout(self, token: str) -> None:
        """Ends the session of this token, if there is one."""
        async with self._database.session() as session:
            await stored.close_login(session, digest(token))

    async def logout_everywhere(self, caller: Caller) -> None:
        """Ends all sessions of a user; keys stay."""
        async with self._database.session() as session:
            await stored.close_logins(session, caller.id)

    async def logout_elsewhere(self, caller: Caller) -> None:
        """Ends all sessions of a user but the one that asks; keys stay."""
        async with self._database.session() as session:
            await stored.close_logins(session, caller.id, but=caller.session)

    async def end_session(self, caller: Caller, session_id: str) -> bool:
        """Ends one of the caller's sessions; whether it was the one that asks. NotFound where they have no such one."""
        async with self._database.session() as session:
            mine = {session_id_of(login): login.token_hash for login in await stored.logins(session, caller.id)}
            if session_id not in mine:
                raise NotFound("session")
            await stored.close_login(session, mine[session_id])
        return mine[session_id] == caller.session

    # --- keys -------------------------------------------------------------------------------------------------------

    async def add_key(self, caller: Caller, name: str) -> tuple[ApiKey, str]:
        """A new API key: what is kept of it, and the key itself, never to be seen again. ApiError(409) for too many."""
        key = KEY_START + secrets.token_urlsafe(32)
        async with self._database.session() as session:
            working = [kept for kept in await stored.keys(session, caller.id) if kept.revoked_at is None]
            if len(working) >= MOST_KEYS:
                raise ApiError(409, f"nobody has more than {MOST_KEYS} keys: revoke one first", "too_many_keys")
            kept = await stored.add_key(session, caller.id, name=name, prefix=key[:SHOWN], key_hash=digest(key))
        return kept, key

    # --- parts ------------------------------------------------------------------------------------------------------

    def _attempt(self, name: str, address: str) -> None:
        """Counts an attempt as failed until it succeeded. Raises ApiError(429) where it comes too early."""
        self._address_failures.attempt(f"login {address}")
        self._failures.attempt(searchable(name))

    def _succeeded(self, name: str, address: str) -> None:
        # Not everything of the address: who knows one password could otherwise guess others between its logins.
        self._address_failures.take_back(f"login {address}")
        self._failures.forget(searchable(name))

    def _session_end(self) -> int:
        return now() + self._settings.session_days * DAY_MS

    async def _open(self, session: AsyncSession, user: User, visitor: Visitor) -> Login:
        token = secrets.token_urlsafe(32)
        login = await stored.open_login(
            session,
            user.id,
            token_hash=digest(token),
            csrf=secrets.token_urlsafe(32),
            expires_at=self._session_end(),
            user_agent=visitor.user_agent[:200],
        )
        return Login(token, _caller(user, csrf=login.csrf, session=login.token_hash))


# --- in a transaction -----------------------------------------------------------------------------------------------


async def add_user(session: AsyncSession, name: str, password_hash: str, role: UserRole = "user") -> User:
    """A new user. Raises ApiError(409) where somebody has this name, or one that looks like it."""
    try:
        return await stored.add_user(session, name, password_hash, role=role)
    except Conflict:
        raise _taken() from None


async def has_admin(session: AsyncSession) -> bool:
    """Whether there is anybody who can log in and look after the others."""
    able = (User.role == "admin", User.password_hash.is_not(None), User.banned_at.is_(None))
    return bool(await session.scalar(select(exists().where(*able))))


async def set_password(session: AsyncSession, user: User, password_hash: str) -> None:
    """Gives a user another password, which ends every session."""
    user.password_hash = password_hash
    await stored.close_logins(session, user.id)


async def add_invite(
    session: AsyncSession, created_by: str, max_uses: int, days: int | None, note: str
) -> tuple[Invite, str]:
    """A new invite: what is kept of it, and the code itself, which is never seen again."""
    code = secrets.token_urlsafe(16)
    expires_at = None if days is None else now() + days * DAY_MS
    invite = await stored.add_invite(
        session, created_by, code_hash=digest(code), max_uses=max_uses, note=note, expires_at=expires_at
    )
    return invite, code


async def set_ban(session: AsyncSession, user: User, banned: bool) -> None:
    """Bans a user, which ends every session and stops every key, or takes a ban back."""
    user.banned_at = (user.banned_at or now()) if banned else None
    if banned:
        await stored.close_logins(session, user.id)


# --- values ---------------------------------------------------------------------------------------------------------


def digest(token: str) -> str:
    """What is kept of a token. It has 128 random bits or more: nobody finds it by trying, so a fast hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


def session_id_of(login: LoginSession) -> str:
    """What a session is called by its owner. Not the hash that is kept: that one leaves the database for nobody."""
    return digest(login.token_hash)[:32]


def spelled(name: str) -> str:
    """A name as names are kept: composed (NFKC), one space between words."""
    return " ".join(unicodedata.normalize("NFKC", name).split())


def checked_name(name: str) -> str:
    """The name as it is kept. Raises ApiError: 400 for what is no name, 409 for the one that nobody may have.

    Letters and digits of all scripts, and between them spaces and . ' · _ -: nothing invisible, nothing that turns the
    direction of text, no line breaks.
    """
    name = spelled(name)
    if not _NAME.fullmatch(name) or len(name) > MOST_NAME_CHARACTERS:
        allowed = f"1 to {MOST_NAME_CHARACTERS} letters and digits, with spaces . ' · _ - between them"
        raise ApiError(400, f"a name has {allowed}", "invalid_name", "name")
    if searchable(name) == LOCAL:
        raise _taken()
    return name


def check_password(password: str, name: str) -> None:
    """Raises ApiError(400) for what is no password: too short, too long, the name."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise ApiError(400, f"a password has {SHORTEST} to {LONGEST} characters", "invalid_password", "password")
    if searchable(password) == searchable(name):
        raise ApiError(400, "the password must not be the name", "invalid_password", "password")


def _caller(user: User, **right: str) -> Caller:
    return Caller(user.id, user.name, user.role, user.language, user.settings, **right)


def _taken() -> ApiError:
    return ApiError(409, "somebody has this name already", "name_taken", "name")


def _check_banned(user: User) -> None:
    if user.banned_at is not None:
        raise ApiError(403, "this account is banned; ask whoever runs this server", "banned")
