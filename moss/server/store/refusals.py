"""What a database driver refuses, in the store's words. Not here: mistakes in our statements."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import URL, exc

from ...errors import UserError
from .errors import Busy, Full, StoreError, Unreachable
from .url import shown

_Refusal = tuple[type[StoreError], str]

_SQLITE: dict[int, _Refusal] = {
    sqlite3.SQLITE_BUSY: (Busy, "another process holds the database"),
    sqlite3.SQLITE_LOCKED: (Busy, "another process holds the database"),
    sqlite3.SQLITE_FULL: (Full, "the disk of the database is full"),
    # A limit on the size of files, or a quota, shows as a write that failed.
    sqlite3.SQLITE_IOERR: (Full, "the disk of the database does not take what is written"),
    sqlite3.SQLITE_CANTOPEN: (Unreachable, "the file cannot be opened"),
    sqlite3.SQLITE_PERM: (Unreachable, "the file may not be opened"),
    sqlite3.SQLITE_READONLY: (Unreachable, "the file may not be written"),
    sqlite3.SQLITE_CORRUPT: (Unreachable, "the file is damaged; restore a backup"),
    sqlite3.SQLITE_NOTADB: (Unreachable, "the file is no SQLite database"),
}
"""Primary result codes (https://sqlite.org/rescode.html)."""

_POSTGRES: dict[str, _Refusal] = {
    "40": (Busy, "two transactions stood in each other's way"),
    "53100": (Full, "the disk of the database is full"),
    "53": (Busy, "the database server has no room for more work"),
    "55P03": (Busy, "another transaction holds the rows"),
    "57P": (Unreachable, "the database server is stopping or starting"),
    "08": (Unreachable, "the connection to the database server broke"),
    "28": (Unreachable, "the database server refuses this user or password"),
    "3D": (Unreachable, "the database server has no database of this name"),
}
"""SQLSTATE, or how it begins (PostgreSQL manual, appendix A); the longest that fits counts."""


@contextmanager
def refusals_told() -> Iterator[None]:
    """Turns what the driver refuses in the block into a StoreError; anything else passes."""
    try:
        yield
    except exc.TimeoutError:
        raise Busy("every connection to the database is in use") from None
    except (exc.DBAPIError, sqlite3.Error) as error:
        kind, words = _refusal(error)
        if kind is None:
            raise
        raise kind(words) from error


@contextmanager
def told_to_user(url: URL) -> Iterator[None]:
    """The same for commands and the start of a server: a UserError that names the database."""
    try:
        with refusals_told():
            yield
    except StoreError as error:
        raise UserError(f"the database {shown(url)}: {error}") from error


def _refusal(error: exc.DBAPIError | sqlite3.Error) -> _Refusal | tuple[None, str]:
    driver = error.driver_exception if isinstance(error, exc.DBAPIError) else error
    if isinstance(driver, sqlite3.Error):
        # The lower byte is the primary code; the rest says more exactly where it happened.
        return _SQLITE.get(getattr(driver, "sqlite_errorcode", 0) & 0xFF, (None, ""))
    state: str | None = getattr(driver, "sqlstate", None)
    if state is None:
        # Nobody answered who could have given one. What libpq says names host, user and database, never a password.
        reason = " ".join(str(driver).split())
        return (Unreachable, f"no answer: {reason}") if isinstance(error, exc.OperationalError) else (None, "")
    return next((_POSTGRES[state[:length]] for length in (5, 3, 2) if state[:length] in _POSTGRES), (None, ""))
