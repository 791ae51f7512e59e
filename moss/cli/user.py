"""`moss user`: the accounts of a public server, from its own machine. The first administrator comes from here.

A server that is running sees each change with the next request.
"""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import UserError
from .store import Setting, on_store

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from ..server.store.schema import User

app = typer.Typer(no_args_is_help=True, add_completion=False)

Name = Annotated[str, typer.Argument(help="The user's name.", show_default=False)]

AT_A_TIME = 200
"""Users that are read together."""


@app.command()
def add(
    name: Name,
    admin: Annotated[bool, typer.Option("--admin", help="Make an administrator.")] = False,
    settings: Setting = None,
) -> None:
    """Make an account. The password is asked for, or read from the first line of stdin."""
    from ..server import accounts
    from ..server.store.audit import note

    with_name = _told(lambda: accounts.checked_name(name))
    kept = _hashed(_password(), with_name)

    async def work(session: AsyncSession) -> None:
        user = await accounts.add_user(session, with_name, kept, "admin" if admin else "user")
        note(session, None, "user.create", user.id, role=user.role)

    _in_transaction(settings, work, make=True)
    typer.echo(f"{with_name} can log in{' and is an administrator' if admin else ''}.")


@app.command()
def set_password(name: Name, settings: Setting = None) -> None:
    """Set another password, which ends all sessions of the user."""
    from ..server import accounts
    from ..server.store.audit import note

    kept = _hashed(_password(), name)

    async def work(session: AsyncSession) -> None:
        user = await _user(session, name)
        await accounts.set_password(session, user, kept)
        note(session, None, "user.password", user.id)

    _in_transaction(settings, work)
    typer.echo(f"{name} has a new password and is logged out everywhere.")


@app.command()
def ban(
    name: Name,
    lift: Annotated[bool, typer.Option("--lift", help="Take the ban back.")] = False,
    settings: Setting = None,
) -> None:
    """Ban a user, which ends sessions and keys, or take a ban back."""
    from ..server import accounts
    from ..server.store.audit import note

    async def work(session: AsyncSession) -> None:
        user = await _user(session, name)
        await accounts.set_ban(session, user, not lift)
        note(session, None, "user.unban" if lift else "user.ban", user.id)

    _in_transaction(settings, work)
    typer.echo(f"{name} is {'not banned any more' if lift else 'banned'}.")


@app.command("list")
def list_users(settings: Setting = None) -> None:
    """List all accounts, the newest first: name, role, since when, and who is banned."""
    from ..server.store import accounts as stored

    async def work(session: AsyncSession) -> list[User]:
        found = await stored.users(session, limit=AT_A_TIME)
        rows = list(found.rows)
        while found.before is not None:
            found = await stored.users(session, before=found.before, limit=AT_A_TIME)
            rows += found.rows
        return rows

    for user in _in_transaction(settings, work):
        since = datetime.fromtimestamp(user.created_at / 1000, UTC).date()
        typer.echo("\t".join([user.name, user.role, str(since), *(["banned"] if user.banned_at else [])]))


def _in_transaction(settings: list[str] | None, work: Callable[[AsyncSession], Awaitable[Any]], **how: bool) -> Any:
    async def run(database: Any) -> Any:
        async with database.session() as session:
            return await work(session)

    return _told(lambda: on_store(settings, run, **how))


def _told(work: Callable[[], Any]) -> Any:
    """The result; what the server would answer as an error is the user's mistake here."""
    from ..server.api_errors import ApiError

    try:
        return work()
    except ApiError as error:
        raise UserError(str(error)) from None


async def _user(session: AsyncSession, name: str) -> User:
    from ..server.accounts import spelled
    from ..server.store import accounts as stored

    user = await stored.user_named(session, spelled(name))
    if user is None:
        raise UserError(f"there is no user '{name}'; `moss user list` names them")
    return user


def _hashed(password: str, name: str) -> str:
    from ..server import accounts, passwords

    _told(lambda: accounts.check_password(password, name))
    return passwords.hashed(password)


def _password() -> str:
    if sys.stdin.isatty():
        return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline().rstrip("\r\n")
