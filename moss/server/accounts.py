"""Accounts: who may register and log in, sessions, API keys, invites, and what a ban or a deletion ends.

Tokens, keys and codes have 256 random bits and are kept as SHA-256 only; passwords are kept by argon2id. Failed attempts
make an account and an address wait. Not here: HTTP (`account_api.py`, `security.py`), what administrators look at
(`admin_api.py`).
"""

from __future__ import annotations

import hashlib
import re
import secrets
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from .api_errors import ApiError
from .limits import FREE_ADDRESS_FAILURES, FREE_FAILURES, Failures
from .passwords import LONGEST, SHORTEST, Passwords
from .settings import ServerSettings
from .store.schema import ApiKey, Invite, Json, LoginSession, User, UserRole, now
from .store.text import searchable

if TYPE_CHECKING:
    from .store.database import Database

LOCAL = "local"
"""Id and name of the one user of a server without accounts; nobody can register it."""

KEY_START = "sk-moss-"
"""How API keys begin, so that scanners for leaked secrets know one."""

SHOWN = len(KEY_START) + 4
"""How many characters of a key its owner sees again."""

MOST_KEYS = 50
MOST_SESSIONS = 50
"""Of one user; with one more session the oldest ends."""

SEEN_EVERY_MS = 5 * 60 * 1000
"""How exactly it is known when a session or key was last used: not every request should write."""

DAY_MS = 24 * 60 * 60 * 1000

MOST_NAME_CHARACTERS = 40

_NAME = re.compile(r"\w(?:[\w .'·-]*\w)?")

Kept = User | LoginSession | ApiKey


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


class Accounts:
    """The accounts of one server. `close` ends its threads."""

    def __init__(self, database: Database, settings: ServerSettings):
        self._database = database
        self._settings = settings
        self._passwords = Passwords()
        self._of_account = Failures(FREE_FAILURES)
        self._of_address = Failures(FREE_ADDRESS_FAILURES)
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
                user = await session.get(User, LOCAL) or User(id=LOCAL, name=LOCAL, name_key=LOCAL, role="admin")
                session.add(user)
        return _caller(user, csrf=self._local_csrf)

    async def caller_with_session(self, token: str) -> Caller | None:
        """The user of a session; None where it has ended, was never, or its user is banned."""
        found = select(User, LoginSession).join(LoginSession).where(LoginSession.token_hash == digest(token))
        async with self._database.reading() as session:
            row = (await session.execute(found)).one_or_none()
        if row is None:
            return None
        user, login = row.tuple()
        if login.expires_at <= now() or user.banned_at is not None:
            return None
        if now() - login.last_seen_at > SEEN_EVERY_MS:
            async with self._database.session() as session:
                seen = update(LoginSession).where(LoginSession.token_hash == login.token_hash)
                await session.execute(seen.values(last_seen_at=now(), expires_at=self._session_end()))
        return _caller(user, csrf=login.csrf, session=login.token_hash)

    async def caller_with_key(self, key: str, address: str) -> Caller:
        """The user of an API key. Raises ApiError: 401 for a wrong key, 403 for a banned user, 429 after many wrong."""
        found = select(User, ApiKey).join(ApiKey).where(ApiKey.key_hash == digest(key), ApiKey.revoked_at.is_(None))
        async with self._database.reading() as session:
            row = (await session.execute(found)).one_or_none()
        if row is None:
            self._of_address.attempt(f"key {address}")
            raise ApiError(401, "this API key is not valid", "invalid_api_key", headers={"www-authenticate": "Bearer"})
        user, kept = row.tuple()
        if user.banned_at is not None:
            raise _banned()
        if now() - (kept.last_used_at or 0) > SEEN_EVERY_MS:
            async with self._database.session() as session:
                await session.execute(update(ApiKey).where(ApiKey.id == kept.id).values(last_used_at=now()))
        return _caller(user, key_id=kept.id)

    # --- coming and going -------------------------------------------------------------------------------------------

    async def register(
        self, name: str, password: str, invite: str | None, address: str, user_agent: str
    ) -> tuple[str, Caller]:
        """A new user, logged in: the session's token and the caller. Raises ApiError for what is not allowed."""
        if self._settings.registration == "closed":
            raise ApiError(403, "nobody can register here; ask whoever runs this server", "registration_closed")
        name = checked_name(name)
        check_password(password, name)
        self._of_address.attempt(f"register {address}")
        if self._settings.registration == "invite":
            # Before the hash, which is expensive; it is taken for good below.
            async with self._database.reading() as session:
                await _open_invite(session, invite)
        kept = await self._passwords.hash(password)
        async with self._database.session() as session:
            if self._settings.registration == "invite":
                await _use_invite(session, invite)
            user = await add_user(session, name, kept)
            token, caller = await self._new_session(session, user, user_agent)
        self._of_address.take_back(f"register {address}")
        return token, caller

    async def login(self, name: str, password: str, address: str, user_agent: str) -> tuple[str, Caller]:
        """A new session: its token and the caller.

        Raises ApiError: 401, the same and after the same time whether there is no such user or the password is wrong;
        403 for a banned user with the right password; 429 for who has failed too often, also with the right password.
        """
        account, place = f"user {searchable(name)}", f"login {address}"
        self._of_address.attempt(place)
        self._of_account.attempt(account)
        async with self._database.reading() as session:
            user = await _user_named(session, name)
        if not await self._passwords.fits(password, user and user.password_hash) or user is None:
            raise ApiError(401, "the name or the password is wrong", "wrong_credentials")
        self._of_account.forget(account)
        self._of_address.take_back(place)
        if user.banned_at is not None:
            raise _banned()
        assert user.password_hash is not None
        renewed = await self._passwords.renewed(password, user.password_hash)
        async with self._database.session() as session:
            if renewed:
                await session.execute(update(User).where(User.id == user.id).values(password_hash=renewed))
            return await self._new_session(session, user, user_agent)

    async def logout(self, token: str) -> None:
        """Ends the session of this token, if there is one."""
        async with self._database.session() as session:
            await session.execute(delete(LoginSession).where(LoginSession.token_hash == digest(token)))

    async def logout_everywhere(self, user_id: str) -> None:
        """Ends all sessions of a user; keys stay."""
        async with self._database.session() as session:
            await end_sessions(session, user_id)

    async def change_password(self, caller: Caller, old: str, new: str, address: str) -> str:
        """Sets another password and ends every session; gives the token of a new one.

        Raises ApiError: 403 where the old one is wrong, 400 for a new one that is no password, 429.
        """
        check_password(new, caller.name)
        await self.confirm(caller, old, address)
        kept = await self._passwords.hash(new)
        async with self._database.session() as session:
            user = await session.get_one(User, caller.id)
            user.password_hash = kept
            await end_sessions(session, user.id)
            token, _ = await self._new_session(session, user, "")
        return token

    async def confirm(self, caller: Caller, password: str, address: str) -> None:
        """Raises ApiError(403) where this is not the caller's password; 429 after many failures."""
        account, place = f"user {searchable(caller.name)}", f"login {address}"
        self._of_address.attempt(place)
        self._of_account.attempt(account)
        async with self._database.reading() as session:
            user = await session.get_one(User, caller.id)
        if not await self._passwords.fits(password, user.password_hash):
            raise ApiError(403, "the password is wrong", "wrong_password", "password")
        self._of_account.forget(account)
        self._of_address.take_back(place)

    def _session_end(self) -> int:
        return now() + self._settings.session_days * DAY_MS

    async def _new_session(self, session: AsyncSession, user: User, user_agent: str) -> tuple[str, Caller]:
        """A new session; ended ones, and the oldest of too many, are removed."""
        token = secrets.token_urlsafe(32)
        login = LoginSession(
            token_hash=digest(token),
            user_id=user.id,
            csrf=secrets.token_urlsafe(32),
            expires_at=self._session_end(),
            user_agent=user_agent[:200],
        )
        session.add(login)
        await session.flush()
        kept = (
            select(LoginSession.token_hash)
            .where(LoginSession.user_id == user.id, LoginSession.expires_at > now())
            .order_by(LoginSession.created_at.desc())
            .limit(MOST_SESSIONS)
        )
        newest = (await session.scalars(kept)).all()
        ended = delete(LoginSession).where(LoginSession.user_id == user.id, LoginSession.token_hash.not_in(newest))
        await session.execute(ended)
        return token, _caller(user, csrf=login.csrf, session=login.token_hash)

    # --- keys and invites -------------------------------------------------------------------------------------------

    async def new_key(self, caller: Caller, name: str) -> tuple[ApiKey, str]:
        """A new API key: what is kept of it, and the key itself, which is never seen again."""
        key = KEY_START + secrets.token_urlsafe(32)
        kept = ApiKey(user_id=caller.id, name=name, prefix=key[:SHOWN], key_hash=digest(key))
        async with self._database.session() as session:
            working = select(func.count()).where(ApiKey.user_id == caller.id, ApiKey.revoked_at.is_(None))
            if (await session.scalar(working) or 0) >= MOST_KEYS:
                raise ApiError(409, f"nobody has more than {MOST_KEYS} keys: revoke one first", "too_many_keys")
            session.add(kept)
        return kept, key

    async def new_invite(
        self, session: AsyncSession, created_by: str | None, max_uses: int, days: int | None, note: str
    ) -> tuple[Invite, str]:
        """A new invite: what is kept of it, and the code itself, which is never seen again."""
        code = secrets.token_urlsafe(16)
        expires_at = None if days is None else now() + days * DAY_MS
        invite = Invite(
            code_hash=digest(code), max_uses=max_uses, note=note, created_by=created_by, expires_at=expires_at
        )
        session.add(invite)
        await session.flush()
        return invite, code


# --- in a transaction -----------------------------------------------------------------------------------------------


async def add_user(session: AsyncSession, name: str, password_hash: str, role: UserRole = "user") -> User:
    """A new user. Raises ApiError(409) where somebody has this name, or one that looks like it."""
    if await _user_named(session, name) is not None:
        raise ApiError(409, "somebody has this name already", "name_taken", "name")
    user = User(name=name, name_key=searchable(name), password_hash=password_hash, role=role)
    session.add(user)
    await session.flush()
    return user


async def end_sessions(session: AsyncSession, user_id: str) -> None:
    """Logs a user out everywhere."""
    await session.execute(delete(LoginSession).where(LoginSession.user_id == user_id))


async def has_admin(session: AsyncSession) -> bool:
    """Whether anybody can log in and look after the others."""
    admins = select(func.count()).where(User.role == "admin", User.password_hash.is_not(None), User.banned_at.is_(None))
    return bool(await session.scalar(admins))


async def _user_named(session: AsyncSession, name: str) -> User | None:
    return await session.scalar(select(User).where(User.name_key == searchable(name)))


async def _open_invite(session: AsyncSession, code: str | None) -> Invite:
    """The invite of a code. Raises ApiError(403), the same for a wrong, a used and an old one."""
    found = select(Invite).where(Invite.code_hash == digest(code or ""), Invite.uses < Invite.max_uses)
    invite = await session.scalar(found.with_for_update().execution_options(populate_existing=True))
    if invite is None or (invite.expires_at is not None and invite.expires_at <= now()):
        raise ApiError(403, "registering needs an invite that is neither used up nor expired", "no_invite", "invite")
    return invite


async def _use_invite(session: AsyncSession, code: str | None) -> None:
    invite = await _open_invite(session, code)
    invite.uses += 1


# --- values ---------------------------------------------------------------------------------------------------------


def digest(token: str) -> str:
    """What is kept of a token. It has 256 random bits, so nobody finds it by trying, and a fast hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


def checked_name(name: str) -> str:
    """The name as it is kept: composed (NFKC), one space between words. Raises ApiError(400) for what is no name.

    Letters and digits of all scripts, and between them spaces and . ' · _ -: nothing invisible, nothing that turns the
    direction of text, no line breaks.
    """
    name = " ".join(unicodedata.normalize("NFKC", name).split())
    if not _NAME.fullmatch(name) or len(name) > MOST_NAME_CHARACTERS:
        allowed = f"1 to {MOST_NAME_CHARACTERS} letters and digits, with spaces . ' · _ - between them"
        raise ApiError(400, f"a name has {allowed}", "invalid_name", "name")
    if searchable(name) == LOCAL:
        raise ApiError(409, "somebody has this name already", "name_taken", "name")
    return name


def check_password(password: str, name: str) -> None:
    """Raises ApiError(400) for what is no password: too short, too long, the name."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise ApiError(400, f"a password has {SHORTEST} to {LONGEST} characters", "invalid_password", "password")
    if searchable(password) == searchable(name):
        raise ApiError(400, "the password must not be the name", "invalid_password", "password")


def _caller(user: User, **right: str) -> Caller:
    return Caller(user.id, user.name, user.role, user.language, user.settings, **right)


def _banned() -> ApiError:
    return ApiError(403, "this account is banned; ask whoever runs this server", "banned")
