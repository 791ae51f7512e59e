"""Brings a database's tables up to date, in place and after a copy. Not here: what changed (`migrations/versions/`)."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, create_engine, event, pool, text

from ...errors import UserError
from .backup import copy_database
from .refusals import refusals_told
from .url import shown, sqlite_file, synchronous

_FOLDER = Path(__file__).parent / "migrations"
_LOCK = 0x6D6F7373
"""PostgreSQL's advisory lock: two servers that start at once do not both migrate. "moss" in ASCII."""


def migrate(url: URL) -> Path | None:
    """Brings the tables to the newest revision, or makes them; returns the copy of a SQLite file as it was before.

    UserError for a database whose revision this version of the code does not know: a newer version has made it.
    """
    with refusals_told(), _connection(url) as connection:
        config = _config(connection)
        found = MigrationContext.configure(connection).get_current_revision()
        known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
        if found is not None and found not in known:
            raise UserError(
                f"{shown(url)} was made by a newer version of MOSS (revision {found}): install that version, "
                "or restore a backup from before"
            )
        newest = ScriptDirectory.from_config(config).get_current_head()
        if found == newest:
            return None
        file = sqlite_file(url)
        copied = None if file is None or found is None else _copy(file, found)
        command.upgrade(config, "head")
        return copied


@contextmanager
def _connection(url: URL) -> Iterator[Connection]:
    """A connection in one transaction that keeps out every other migration, and, on SQLite, every other writer."""
    engine = create_engine(synchronous(url), poolclass=pool.NullPool, hide_parameters=True)
    if engine.dialect.name == "sqlite":
        # Foreign keys stay off, as SQLite has it: a table that is changed is dropped and made again under them.
        event.listen(engine, "connect", lambda raw, _: setattr(raw, "isolation_level", None))
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        yield connection


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _copy(file: Path, revision: str) -> Path:
    """The database as it was before, beside it: `moss.db.0001-20261121T083000Z`."""
    copy = file.with_name(f"{file.name}.{revision}-{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}")
    copy_database(file, copy)
    return copy
