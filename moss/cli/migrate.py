"""`moss migrate`: the server's database brought up to date, by hand. `moss serve` does the same when it starts."""

from __future__ import annotations

import os
from typing import Annotated

import typer

app = typer.Typer(add_completion=False)


@app.command()
def migrate(
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="NAME=VALUE", help="A setting of the server: data=FOLDER, database=URL; also MOSS_*."
        ),
    ] = None,
) -> None:
    """Bring the server's database up to date; a SQLite file is copied before."""
    from ..server.settings import settings_from
    from ..server.store.migration import migrate as migrate_database
    from ..server.store.url import database_url, make_private, shown, sqlite_file

    url = database_url(settings_from(os.environ, settings or ()).database_url)
    if (file := sqlite_file(url)) is not None:
        make_private(file)
    done = migrate_database(url)
    if done.before == done.after:
        typer.echo(f"{shown(url)} is up to date (revision {done.after})")
    elif done.before is None:
        typer.echo(f"{shown(url)} has its tables now (revision {done.after})")
    else:
        kept = "" if done.copy is None else f"; as it was before: {done.copy}"
        typer.echo(f"{shown(url)}: revision {done.before} -> {done.after}{kept}")
