"""`moss backup`: a copy of a server's database and pictures, also while it runs."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from ..counts import counted

app = typer.Typer(add_completion=False)


@app.command()
def backup(
    folder: Annotated[Path, typer.Argument(help="A new folder for the copies.")],
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="NAME=VALUE", help="A setting of the server: data=FOLDER, database=URL; also MOSS_*."
        ),
    ] = None,
) -> None:
    """Copy the server's database and pictures; to restore, serve the copy: moss serve --set data=FOLDER."""
    from ..server.settings import settings_from
    from ..server.store.backup import back_up
    from ..server.store.url import database_url

    found = settings_from(os.environ, settings or ())
    made = back_up(database_url(found.database_url), found.image_folder, folder)
    typer.echo(f"{made.database_bytes:,} bytes of database and {counted(made.pictures, 'picture')} -> {folder}")
