"""The store for tests: `database`, once on SQLite and once on a real PostgreSQL (skipped where there is none)."""

from __future__ import annotations

import asyncio
import itertools
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from moss.server import passwords
from moss.server.store.database import Database
from tests.server.postgres import ABSENT, Cluster, programs

TEMPLATE = "moss_template"

_numbers = itertools.count()


@pytest.fixture(scope="session", autouse=True)
def honest_hasher() -> Iterator[PasswordHasher]:
    """Passwords cost next to nothing in tests; this is the hasher that servers use."""
    honest = passwords._HASHER
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        yield honest


async def _create(url: str) -> None:
    database = Database(url)
    await database.create()
    await database.close()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with empty tables; tests take copies of it."""
    file = tmp_path_factory.mktemp("sqlite") / "template.db"
    asyncio.run(_create(str(file)))
    return file


@pytest.fixture(scope="session")
def empty_postgres() -> Iterator[Cluster]:
    """A running PostgreSQL without a database of ours."""
    folder = programs()
    if folder is None:
        pytest.skip(ABSENT)
    cluster = Cluster(folder)
    yield cluster
    cluster.close()


@pytest.fixture(scope="session")
def postgres(empty_postgres: Cluster) -> Cluster:
    """A running PostgreSQL with a database of empty tables; tests take copies of it."""
    empty_postgres.execute(f"CREATE DATABASE {TEMPLATE}")
    asyncio.run(_create(empty_postgres.url(TEMPLATE)))
    return empty_postgres


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """The URL of a SQLite database with empty tables, for this test alone."""
    return f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'moss.db')}"


@pytest.fixture
def postgres_url(postgres: Cluster) -> str:
    """The URL of a PostgreSQL database with empty tables, for this test alone."""
    name = f"test_{next(_numbers)}"
    postgres.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
    return postgres.url(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The URL of a database with empty tables, for this test alone: the test runs on both kinds."""
    url: str = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")
    return url


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """An open database with empty tables: the test runs on both kinds."""
    opened = Database(database_url)
    yield opened
    await opened.close()
