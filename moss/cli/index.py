"""`moss index`: makes the file that the search tool searches."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..counts import counted

app = typer.Typer(add_completion=False)


@app.command()
def index(
    folder: Annotated[Path, typer.Argument(help="Folder of documents: .txt, .md, .html, .jsonl; subfolders too.")],
    out: Annotated[Path, typer.Option(help="The index file to write.")],
) -> None:
    """Index a folder of documents for the search tool."""
    from ..tools.search import build_index

    report = build_index(folder, out)
    for path, reason in report.skipped:
        typer.echo(f"skipped {path}: {reason}", err=True)
    typer.echo(f"{out}: {counted(report.documents, 'passage')}")
