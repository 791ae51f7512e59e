"""`moss eval`: an assistant on questions it has not seen, as a table and as JSON."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .quality import Guidance, Quality, parse_quality

app = typer.Typer(add_completion=False)


@app.command()
def evaluate(
    checkpoint: Annotated[
        Path | None, typer.Argument(help="Checkpoint folder; the packaged assistant when left out.", show_default=False)
    ] = None,
    cases: Annotated[int, typer.Option(min=1, help="Cases of each task and language.")] = 200,
    json_file: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Write all figures and the failures to FILE.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Draws the cases; the same seed draws the same.")] = 1,
    quality: Quality = None,
    guidance: Guidance = None,
) -> None:
    """Measure an assistant on held-out phrasings and entities: per tool and per language, with 95 % intervals."""
    from rich.console import Console
    from rich.progress import Progress

    from ..evals.report import table
    from ..evals.tasks.assistant import MEASURES
    from ..files import check_place, write_json
    from ..recipes.nano.evaluation import evaluate as measure

    if json_file is not None:
        check_place(json_file)
    console, watching, wish = Console(), Console(stderr=True), parse_quality(quality)
    with Progress(console=watching, transient=True, disable=not watching.is_terminal) as bar:
        shown = bar.add_task("Asking", total=None)
        report = measure(
            checkpoint,
            cases,
            seed,
            lambda done, total: bar.update(shown, completed=done, total=total),
            quality=wish,
            guidance=guidance,
        )
    console.print(table(report, {measure.name: measure for measure in MEASURES}))
    if json_file is not None:
        write_json(json_file, report)
        console.print(f"Figures and failures: {json_file}")
