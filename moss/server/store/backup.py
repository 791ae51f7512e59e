"""A copy of a SQLite database and the pictures, taken while others write. Not here: PostgreSQL, which has `pg_dump`."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import URL

from ...errors import UserError
from ...files import sync, whole_file
from .refusals import told_to_user
from .url import make_private, shown, sqlite_file

DATABASE = "moss.db"
PICTURES = "images"
"""What a backup holds, by the names that the folder of a server has."""

_WAIT_S = 5.0
"""For a lock, which only a database without a WAL needs."""


class Backup(NamedTuple):
    """What was copied."""

    database_bytes: int
    pictures: int


def back_up(url: URL, pictures: Path, folder: Path) -> Backup:
    """Writes a new folder with the database as it is at one moment and the pictures, whole or not at all.

    UserError for PostgreSQL, for a database that cannot be read, and where the folder is there already.
    """
    file = sqlite_file(url)
    if file is None:
        raise UserError(f"the database {shown(url)} is PostgreSQL's: back it up with pg_dump, and copy {pictures}")
    if not file.exists():
        raise UserError(f"there is no database at {file}; --set data=FOLDER names the server's folder")
    with _new_folder(folder) as place:
        copied = place / DATABASE
        with told_to_user(url):
            copy_database(file, copied)
        # After the database: a picture is written before its row, so each row of the copy has its picture.
        count = _copy_pictures(pictures, place / PICTURES)
        return Backup(copied.stat().st_size, count)


def copy_database(file: Path, copy: Path) -> None:
    """Writes the database as it is at one moment to `copy`, whole or not at all, without what was deleted from it.

    One read transaction (VACUUM INTO): in WAL mode nobody waits for it. Raises sqlite3.Error where the file is no
    database or the disk is full.
    """
    with whole_file(copy) as temporary, closing(sqlite3.connect(file, timeout=_WAIT_S)) as connection:
        make_private(temporary)  # empty, which VACUUM INTO takes as new
        connection.execute("VACUUM INTO ?", (str(temporary),))


@contextmanager
def _new_folder(folder: Path) -> Iterator[Path]:
    """A temporary folder, which becomes `folder` once the block has ended well; otherwise nothing is left of it."""
    if folder.exists():
        raise UserError(f"{folder} is there already; name a new folder for the backup")
    temporary = folder.with_name(f".{folder.name}.new-{os.getpid()}")
    temporary.mkdir(parents=True)
    try:
        yield temporary
        os.replace(temporary, folder)
        sync(folder.parent)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _copy_pictures(source: Path, target: Path) -> int:
    """How many pictures there are now; one that is deleted meanwhile is gone from the backup, too."""
    target.mkdir()
    for picture in source.iterdir() if source.is_dir() else ():
        if picture.is_file():
            with suppress(FileNotFoundError):
                shutil.copy2(picture, target / picture.name)
    return sum(1 for _ in target.iterdir())
