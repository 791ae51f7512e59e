"""`python -m moss.server.store.migrations "what changes"`: writes the next migration, for a developer to complete.

It holds what `schema.py` says and the migrations before do not; what happens to the rows that are there is up to you.
Afterwards `schema.REVISION` is the number that it prints.
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from alembic import command
from sqlalchemy import create_engine

from ..migration import configuration, migrate
from ..url import database_url, synchronous


def write(message: str) -> str:
    """Writes the file; returns its revision."""
    with TemporaryDirectory() as folder:
        url = database_url(Path(folder) / "moss.db")
        last = migrate(url).after
        with create_engine(synchronous(url)).connect() as connection:
            following = f"{int(last) + 1:04}"
            command.revision(configuration(connection), message, autogenerate=True, rev_id=following)
    return following


if __name__ == "__main__":
    print(write(" ".join(sys.argv[1:]) or sys.exit(__doc__)))
