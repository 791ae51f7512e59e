"""From older tables to newer ones: nothing is lost, all or nothing, and never back."""

from __future__ import annotations

import asyncio
import itertools
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Column, MetaData, Table, create_engine, func, insert, select

from moss.errors import UserError
from moss.server.store import migration
from moss.server.store.database import Database
from moss.server.store.migration import Migrated, migrate
from moss.server.store.migrations.__main__ import write
from moss.server.store.schema import REVISION, Base, Storable
from moss.server.store.url import database_url as read_url
from moss.server.store.url import synchronous
from tests.server.postgres import Cluster

LATER = """
import sqlalchemy as sa
from alembic import op

revision = "later"
down_revision = {down!r}


def upgrade() -> None:
    with op.batch_alter_table("users") as users:
        users.add_column(sa.Column("colour", sa.Text(), server_default="blue"))
        users.alter_column("name", new_column_name="called")
    {more}
"""

_numbers = itertools.count()


def revisions() -> list[str]:
    """All of ours, the oldest first."""
    config = Config()
    config.set_main_option("script_location", str(migration.FOLDER))
    return [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()][::-1]


@pytest.fixture(params=["sqlite", "postgresql"])
def nothing_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database without tables."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'moss.db'}"
    cluster: Cluster = request.getfixturevalue("empty_postgres")
    name = f"empty_{next(_numbers)}"
    cluster.execute(f"CREATE DATABASE {name}")
    return cluster.url(name)


def fill(url: str) -> None:
    """Puts one row into each table, whatever its columns are by now."""
    engine = create_engine(synchronous(read_url(url)))
    metadata = MetaData()
    metadata.reflect(engine)
    with engine.begin() as connection:
        for table in metadata.sorted_tables:
            if table.name != "alembic_version":
                connection.execute(
                    insert(table).values({c.name: _value(table, c.name, c.type.python_type) for c in table.c})
                )
    engine.dispose()


def _value(table: Table, column: str, kind: type) -> Any:
    if column == "parent_id" and table.name == "messages":
        return None
    # Every id is the same text, so that every foreign key holds.
    return {str: "x", int: 1, bool: True}.get(kind, {"text": "天气"})


def rows(url: str) -> dict[str, list[dict[str, Any]]]:
    """All rows of all tables."""
    engine = create_engine(synchronous(read_url(url)))
    metadata = MetaData()
    metadata.reflect(engine)
    with engine.connect() as connection:
        found = {table.name: connection.execute(select(table)).mappings().all() for table in metadata.sorted_tables}
    engine.dispose()
    return {name: [dict(row) for row in table] for name, table in found.items() if name != "alembic_version"}


def test_the_newest_migration_is_the_one_that_the_code_knows() -> None:
    assert revisions()[-1] == REVISION


def test_migrations_lead_to_the_tables_of_the_code(nothing_url: str) -> None:
    url = read_url(nothing_url)
    assert migrate(url) == Migrated(None, REVISION, None)
    assert migrate(url) == Migrated(REVISION, REVISION, None)
    engine = create_engine(synchronous(url))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
    engine.dispose()


async def test_two_servers_that_start_at_once_make_the_tables_once(nothing_url: str) -> None:
    databases = [Database(nothing_url) for _ in range(2)]
    await asyncio.gather(*(database.create() for database in databases))
    for database in databases:
        assert await database.revision() == REVISION
        await database.close()


@pytest.fixture
def later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of migrations in which one more follows ours; they are what `migrate` runs from now on."""
    folder = Path(shutil.copytree(migration.FOLDER, tmp_path / "migrations"))
    (folder / "versions" / "later.py").write_text(LATER.format(down=REVISION, more=""))
    monkeypatch.setattr(migration, "FOLDER", folder)
    return folder


def test_D9_an_upgrade_keeps_every_row_and_a_copy_of_the_file(database_url: str, later: Path) -> None:
    fill(database_url)
    before = rows(database_url)
    done = migrate(read_url(database_url))
    assert (done.before, done.after) == (REVISION, "later")
    expected = {**before, "users": [{**row, "called": row["name"], "colour": "blue"} for row in before["users"]]}
    for row in expected["users"]:
        del row["name"]
    assert rows(database_url) == expected
    assert all(before.values()), "a table without a row proves nothing"
    assert (done.copy is not None) == database_url.startswith("sqlite")
    if done.copy is not None:
        assert rows(f"sqlite:///{done.copy}") == before


def test_D9_an_upgrade_that_fails_in_the_middle_changes_nothing(database_url: str, later: Path) -> None:
    fill(database_url)
    before = rows(database_url)
    (later / "versions" / "later.py").write_text(LATER.format(down=REVISION, more="raise ZeroDivisionError"))
    with pytest.raises(ZeroDivisionError):
        migrate(read_url(database_url))
    assert rows(database_url) == before


async def test_D9_a_database_of_a_newer_version_is_refused_in_one_line_and_left_alone(
    database_url: str, later: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    migrate(read_url(database_url))
    monkeypatch.setattr(migration, "FOLDER", Path(migration.__file__).parent / "migrations")
    database = Database(database_url)
    with pytest.raises(UserError, match=r"made by a newer version of MOSS \(revision later\): install that"):
        await database.create()
    assert await database.revision() == "later"
    await database.close()


@pytest.mark.parametrize("revision", revisions())
async def test_D9_every_revision_that_was_released_leads_to_the_newest(nothing_url: str, revision: str) -> None:
    """Today there is one. A new migration has this test from the day it is written."""
    url = read_url(nothing_url)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ScriptDirectory, "get_current_head", lambda *_: revision)
        patch.setattr(migration.command, "upgrade", _upgrade_to(revision))
        migrate(url)
    fill(nothing_url)
    counts = {name: len(table) for name, table in rows(nothing_url).items()}
    migrate(url)
    database = Database(nothing_url)
    async with database.reading() as session:
        for table in Base.metadata.sorted_tables:
            assert await session.scalar(select(func.count()).select_from(table)) == counts.get(table.name, 0)
    await database.close()


def _upgrade_to(revision: str) -> Any:
    upgrade = migration.command.upgrade
    return lambda config, _head: upgrade(config, revision)


def test_the_next_migration_is_written_from_what_the_code_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migration, "FOLDER", Path(shutil.copytree(migration.FOLDER, tmp_path / "migrations")))
    table = Table("colours", Base.metadata, Column("name", Storable, primary_key=True))
    try:
        following = write("colours")
    finally:
        Base.metadata.remove(table)
    (file,) = (tmp_path / "migrations" / "versions").glob(f"{following}_*.py")
    assert "sa.Text()" in file.read_text(encoding="utf-8")
    assert migrate(read_url(tmp_path / "moss.db")).after == following
    assert "colours" in rows(f"sqlite:///{tmp_path / 'moss.db'}")


def test_a_file_that_holds_no_database_is_not_touched(tmp_path: Path) -> None:
    file = tmp_path / "moss.db"
    file.write_text("no database" * 1000)
    with pytest.raises(UserError, match="is no SQLite database"):
        migrate(read_url(file))
    assert file.read_text() == "no database" * 1000
    with closing(sqlite3.connect(tmp_path / "other.db")) as other:
        other.execute("CREATE TABLE users (id)")
    with pytest.raises(UserError, match="holds tables of something else: users"):
        migrate(read_url(tmp_path / "other.db"))
