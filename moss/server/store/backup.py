"""A copy of a SQLite database, taken while others write to it. Not here: PostgreSQL, which has `pg_dump`."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from ...files import whole_file
from .database import BUSY_MS


def copy_database(file: Path, copy: Path) -> None:
    """Writes the database as it is at one moment to `copy`, whole or not at all, without what was deleted from it.

    One read transaction (VACUUM INTO): in WAL mode nobody waits for it. Raises sqlite3.Error where the file is no
    database or the disk is full.
    """
    with whole_file(copy) as temporary, closing(sqlite3.connect(file, timeout=BUSY_MS / 1000)) as connection:
        connection.execute("VACUUM INTO ?", (str(temporary),))
