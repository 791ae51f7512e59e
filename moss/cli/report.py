"""`moss report`: makes the report of a run again, from what its stages left."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, add_completion=False)


@app.callback()
def report() -> None:
    """Make the report of a finished run."""


@app.command()
def preference(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of a run of `moss run preference`.")],
) -> None:
    """Quality dial, comparison of methods and preference model, as DIR/report.html and DIR/report.json."""
    from ..recipes.preference.report import write_report

    page = write_report(folder)
    typer.echo(f"Report: {page}\nFigures: {page.with_suffix('.json')}")
