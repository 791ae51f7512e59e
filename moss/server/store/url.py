"""Which database is meant: a file's path or a URL, as people write them, and the drivers that open it."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from ...errors import UserError

_POSTGRES = {"postgres", "postgresql", "postgresql+psycopg"}


def database_url(given: str | Path | URL) -> URL:
    """`moss.db`, `sqlite:///moss.db` or `postgresql://user@host/name` for SQLAlchemy. UserError for anything else."""
    if isinstance(given, Path) or (isinstance(given, str) and "://" not in given):
        return URL.create("sqlite+aiosqlite", database=str(given))
    try:
        url = make_url(given)
    except ArgumentError:
        # Nothing of it is repeated: it may hold a password.
        raise UserError(
            "the database's URL cannot be read; write sqlite:///FILE or postgresql://USER@HOST/NAME"
        ) from None
    if url.get_backend_name() == "sqlite" and url.database and url.database != ":memory:":
        return url.set(drivername="sqlite+aiosqlite")
    if url.drivername in _POSTGRES:
        return url.set(drivername="postgresql+psycopg")
    raise UserError(
        f"cannot use the database {shown(url)}: it must be a file, sqlite:///FILE, or postgresql://USER@HOST/NAME"
    )


def make_private(file: Path) -> None:
    """Makes the file of a new database, and its folder; what people say is for no other user of the machine to read."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch(mode=0o600)  # where it is there already, its mode stays; SQLite gives the WAL the same


def sqlite_file(url: URL) -> Path | None:
    """The file of a SQLite database; None for PostgreSQL."""
    return Path(url.database or "") if url.get_backend_name() == "sqlite" else None


def synchronous(url: URL) -> URL:
    """The same database by a driver that is called without `await`, as Alembic does."""
    return url.set(drivername="sqlite") if sqlite_file(url) else url


def shown(url: URL) -> str:
    """The URL without its password: a file's path, or host and name."""
    file = sqlite_file(url)
    return str(file) if file else url.render_as_string(hide_password=True)
