"""Who may come in: users, logins, keys, invitations. Secrets come here as hashes only.

Not here: hashing, cookies, who is an administrator's equal (`moss/server/accounts.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from . import chats
from .errors import Conflict, NotFound
from .page import Page, page
from .schema import ApiKey, Chat, File, Invite, LoginSession, User, UserRole, now
from .text import searchable
from .tombstones import bury

LOCAL = "local"
"""Id and name of the one user of a server without accounts."""


# --- users ------------------------------------------------------------------------------------------------------------


async def add_user(
    session: AsyncSession,
    name: str,
    password_hash: str | None,
    *,
    role: UserRole = "user",
    language: str | None = None,
) -> User:
    """A new user. Conflict where the name, or one that looks like it, is taken."""
    user = User(name=name, name_key=searchable(name), password_hash=password_hash, role=role, language=language)
    try:
        async with session.begin_nested():  # what else the transaction has done stays
            session.add(user)
    except IntegrityError:
        raise Conflict("this name is taken") from None
    return user


async def local_user(session: AsyncSession) -> User:
    """The one user of a server without accounts, made where there is none yet."""
    user = await session.get(User, LOCAL)
    if user is None:
        user = User(id=LOCAL, name=LOCAL, name_key=LOCAL, role="admin")
        session.add(user)
        await session.flush()
    return user


async def user(session: AsyncSession, user_id: str) -> User:
    """The user. NotFound where there is none."""
    found = await session.get(User, user_id, populate_existing=True)
    if found is None:
        raise NotFound("user")
    return found


async def user_named(session: AsyncSession, name: str) -> User | None:
    """The user of this name, however it is spelled (`text.searchable`)."""
    return await session.scalar(select(User).where(User.name_key == searchable(name)))


async def users(session: AsyncSession, query: str = "", before: str | None = None, limit: int = 50) -> Page[User]:
    """All users, for administrators, the newest first; with a query, those whose names contain it."""
    chosen = select(User)
    if wanted := searchable(query).strip():
        chosen = chosen.where(User.name_key.contains(wanted, autoescape=True))
    return await page(session, chosen, User.created_at, User.id, before, limit)


async def names(session: AsyncSession, user_ids: Iterable[str]) -> dict[str, str]:
    """Id -> name, of those that there are."""
    found = await session.execute(select(User.id, User.name).where(User.id.in_(list(user_ids))))
    return {row.id: row.name for row in found}


async def remove_user(session: AsyncSession, user_id: str) -> list[str]:
    """Deletes the user with all that is theirs, for good; returns the paths of the files, for the caller to delete."""
    found = await user(session, user_id)
    owned = list(await session.scalars(select(Chat.id).where(Chat.user_id == found.id)))
    paths = await chats.remove_all(session, owned)
    paths += await session.scalars(select(File.path).where(File.user_id == found.id))
    await bury(session, "user", [found.id])
    await session.execute(delete(User).where(User.id == found.id))
    return paths


# --- logins -----------------------------------------------------------------------------------------------------------


async def open_login(
    session: AsyncSession, user_id: str, *, token_hash: str, csrf: str, expires_at: int, user_agent: str = ""
) -> LoginSession:
    """Notes a browser that has logged in; logins of everybody that have expired are cleared away."""
    await session.execute(delete(LoginSession).where(LoginSession.expires_at <= now()))
    login = LoginSession(
        token_hash=token_hash, user_id=user_id, csrf=csrf, expires_at=expires_at, user_agent=user_agent
    )
    session.add(login)
    await session.flush()
    return login


async def login(session: AsyncSession, token_hash: str) -> tuple[LoginSession, User] | None:
    """The login with this cookie and whose it is; None where it has expired or never was. The user may be banned."""
    found = await session.execute(
        select(LoginSession, User)
        .join(User, User.id == LoginSession.user_id)
        .where(LoginSession.token_hash == token_hash, LoginSession.expires_at > now())
    )
    row = found.one_or_none()
    return None if row is None else (row[0], row[1])


async def logins(session: AsyncSession, user_id: str) -> Sequence[LoginSession]:
    """The browsers that the user is logged in with, the one seen last first."""
    mine = select(LoginSession).where(LoginSession.user_id == user_id, LoginSession.expires_at > now())
    return list(await session.scalars(mine.order_by(LoginSession.last_seen_at.desc(), LoginSession.token_hash)))


async def touch_login(session: AsyncSession, token_hash: str, expires_at: int) -> None:
    """The browser was here; the login lasts on."""
    seen = update(LoginSession).where(LoginSession.token_hash == token_hash)
    await session.execute(seen.values(last_seen_at=now(), expires_at=expires_at))


async def close_login(session: AsyncSession, token_hash: str) -> None:
    """Logs one browser out."""
    await session.execute(delete(LoginSession).where(LoginSession.token_hash == token_hash))


async def close_logins(session: AsyncSession, user_id: str, but: str | None = None) -> None:
    """Logs the user out everywhere, or everywhere but in the browser with this token's hash."""
    mine = delete(LoginSession).where(LoginSession.user_id == user_id)
    await session.execute(mine if but is None else mine.where(LoginSession.token_hash != but))


# --- keys -------------------------------------------------------------------------------------------------------------


async def add_key(session: AsyncSession, user_id: str, *, name: str, prefix: str, key_hash: str) -> ApiKey:
    """A new key of the user."""
    key = ApiKey(user_id=user_id, name=name, prefix=prefix, key_hash=key_hash)
    session.add(key)
    await session.flush()
    return key


async def keys(session: AsyncSession, user_id: str) -> Sequence[ApiKey]:
    """The user's keys, also those that are revoked, the newest first."""
    mine = select(ApiKey).where(ApiKey.user_id == user_id)
    return list(await session.scalars(mine.order_by(ApiKey.created_at.desc(), ApiKey.id)))


async def all_keys(session: AsyncSession, before: str | None = None, limit: int = 50) -> Page[ApiKey]:
    """The keys of everybody, for administrators, the newest first."""
    return await page(session, select(ApiKey), ApiKey.created_at, ApiKey.id, before, limit)


async def key(session: AsyncSession, key_hash: str) -> tuple[ApiKey, User] | None:
    """The key with this hash and whose it is; None where it is revoked or never was. The user may be banned."""
    found = await session.execute(
        select(ApiKey, User)
        .join(User, User.id == ApiKey.user_id)
        .where(ApiKey.key_hash == key_hash, ApiKey.revoked_at.is_(None))
    )
    row = found.one_or_none()
    return None if row is None else (row[0], row[1])


async def touch_key(session: AsyncSession, key_id: str) -> None:
    """The key was used."""
    await session.execute(update(ApiKey).where(ApiKey.id == key_id).values(last_used_at=now()))


async def revoke_key(session: AsyncSession, user_id: str, key_id: str) -> None:
    """Ends a key of the user. NotFound where it is not theirs."""
    mine = update(ApiKey).where(ApiKey.id == key_id, ApiKey.user_id == user_id)
    found = await session.execute(mine.values(revoked_at=func.coalesce(ApiKey.revoked_at, now())).returning(ApiKey.id))
    if found.one_or_none() is None:
        raise NotFound("key")


# --- invitations ------------------------------------------------------------------------------------------------------


async def add_invite(
    session: AsyncSession,
    created_by: str,
    *,
    code_hash: str,
    max_uses: int = 1,
    note: str = "",
    expires_at: int | None = None,
) -> Invite:
    """A code that lets `max_uses` people register before it expires."""
    invite = Invite(code_hash=code_hash, max_uses=max_uses, note=note, created_by=created_by, expires_at=expires_at)
    session.add(invite)
    await session.flush()
    return invite


async def take_invite(session: AsyncSession, code_hash: str) -> bool:
    """Uses the code once, in one statement, so that the last use is not taken twice; whether it was good for that."""
    good = update(Invite).where(
        Invite.code_hash == code_hash,
        Invite.uses < Invite.max_uses,
        or_(Invite.expires_at.is_(None), Invite.expires_at > now()),
    )
    taken = await session.execute(good.values(uses=Invite.uses + 1).returning(Invite.id))
    return taken.one_or_none() is not None


async def invites(session: AsyncSession, before: str | None = None, limit: int = 50) -> Page[Invite]:
    """All codes, for administrators, the newest first."""
    return await page(session, select(Invite), Invite.created_at, Invite.id, before, limit)


async def remove_invite(session: AsyncSession, invite_id: str) -> None:
    """Ends a code. NotFound where there is none."""
    gone = await session.execute(delete(Invite).where(Invite.id == invite_id).returning(Invite.id))
    if gone.one_or_none() is None:
        raise NotFound("invite")
