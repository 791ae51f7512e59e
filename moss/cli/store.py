"""The server's database for commands that work beside it: found by the server's settings, opened and closed.

Not here: any command.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from ..errors import UserError

if TYPE_CHECKING:
    from ..server.settings import ServerSettings
    from ..server.store.database import Database

T = TypeVar("T")

Setting = Annotated[
    list[str] | None,
    typer.Option(
        "--set", metavar="NAME=VALUE", help="A setting of the server: data=FOLDER, database=URL; also MOSS_*."
    ),
]


def on_store(assignments: list[str] | None, work: Callable[[Database], Awaitable[T]], *, make: bool = False) -> T:
    """What `work` makes of the server's database. UserError where there is none yet, unless it is to be made."""
    from ..server.settings import settings_from

    return on_store_of(settings_from(os.environ, assignments or ()), work, make=make)


def on_store_of(settings: ServerSettings, work: Callable[[Database], Awaitable[T]], *, make: bool = False) -> T:
    """The same, for settings that are read already. UserError also where the database cannot be used."""
    from ..server.store.database import Database
    from ..server.store.errors import StoreError
    from ..server.store.url import database_url, shown

    async def run() -> T:
        database = Database(settings.database_url)
        if not make and database.file is not None and not database.file.exists():
            raise UserError(f"there is no database at {database.file}; --set data=FOLDER names the server's folder")
        await database.create()
        try:
            return await work(database)
        finally:
            await database.close()

    try:
        return asyncio.run(run())
    except StoreError as error:
        raise UserError(f"{shown(database_url(settings.database_url))}: {error}") from error
