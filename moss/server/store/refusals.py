"""What a database driver refuses, in the store's words. Not here: mistakes in our statements."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import exc

from .errors import Busy, Full, StoreError, Unreachable

_SQLITE: dict[int, tuple[type[StoreError], str]] = {
    sqlite3.SQLITE_BUSY: (Busy, "another process holds the database"),
    sqlite3.SQLITE_LOCKED: (Busy, "another process holds the database"),
    sqlite3.SQLITE_FULL: (Full, "the disk of the database is full"),
    # A limit on the size of files, or a quota, shows as a write that failed.
    sqlite3.SQLITE_IOERR: (Full, "the disk of the database does not take what is written"),
    sqlite3.SQLITE_CANTOPEN: (Unreachable, "the database file cannot be opened"),
    sqlite3.SQLITE_PERM: (Unreachable, "the database file may not be opened"),
    sqlite3.SQLITE_READONLY: (Unreachable, "the database file may not be written"),
    sqlite3.SQLITE_CORRUPT: (Unreachable, "the database file is damaged; restore a backup"),
    sqlite3.SQLITE_NOTADB: (Unreachable, "the file is no SQLite database"),
}
"""Primary result codes (https://sqlite.org/rescode.html)."""

_POSTGRES: dict[str, tuple[type[StoreError], str]] = {
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
    except exc.DBAPIError as error:
        refusal = _refusal(error)
        if refusal is None:
            raise
        raise refusal from error


def _refusal(error: exc.DBAPIError) -> StoreError | None:
    driver = error.driver_exception
    code = getattr(driver, "sqlite_errorcode", None)
    # The lower byte is the primary code; the rest says more exactly where it happened.
    kind, words = _SQLITE.get(code & 0xFF, (None, "")) if code is not None else _postgres(error, driver)
    return None if kind is None else kind(words)


def _postgres(error: exc.DBAPIError, driver: BaseException) -> tuple[type[StoreError] | None, str]:
    state: str | None = getattr(driver, "sqlstate", None)
    if state is None:
        lost = error.connection_invalidated or isinstance(error, exc.OperationalError)
        return (Unreachable, "the database server does not answer") if lost else (None, "")
    for length in (5, 3, 2):
        if state[:length] in _POSTGRES:
            return _POSTGRES[state[:length]]
    return None, ""
