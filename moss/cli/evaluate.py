"""`moss eval`: an assistant on questions it has not seen, as a table and as JSON."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

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
    dial: Annotated[
        bool, typer.Option("--dial", help="The same cases at quality 100, 50, 0 and without a tag, beside each other.")
    ] = False,
) -> None:
    """Measure an assistant on held-out phrasings and entities: per tool and per language, with 95 % intervals."""
    from rich.console import Console

    from ..errors import UserError
    from ..evals.report import dial_table, table
    from ..evals.tasks.assistant import MEASURES
    from ..files import check_place, write_json
    from ..recipes.nano.evaluation import asking, evaluate_dial
    from ..recipes.nano.evaluation import evaluate as measure

    if dial and (quality is not None or guidance is not None):
        raise UserError("--dial asks at qualities of its own: leave out --quality and --guidance")
    if json_file is not None:
        check_place(json_file)
    console, wish = Console(), parse_quality(quality)
    report: dict[str, Any]
    with asking(Console(stderr=True)) as told:
        if dial:
            report = evaluate_dial(checkpoint, cases, seed, told)
        else:
            report = measure(checkpoint, cases, seed, told, wish, guidance)
    measures = {measure.name: measure for measure in MEASURES}
    console.print(dial_table(report, measures) if dial else table(report, measures))
    if json_file is not None:
        write_json(json_file, report)
        console.print(f"Figures and failures: {json_file}")
