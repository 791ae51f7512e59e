"""`moss run`: all stages of a recipe, resumable, with a report at the end."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from ..recipes import RECIPES

app = typer.Typer(add_completion=False)

_NAMES = ", ".join(f"{name} ({makes})" for name, (_, makes) in RECIPES.items())


@app.command()
def run(
    recipe: Annotated[str, typer.Argument(help=f"Name of the recipe: {_NAMES}.")],
    out: Annotated[Path | None, typer.Option("--out", help="Folder of the run; the same folder continues it.")] = None,
    overrides: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Change a setting, e.g. sft.max_steps=100.")
    ] = None,
    show: Annotated[bool, typer.Option("--print", help="Show the resolved settings and stop.")] = False,
) -> None:
    """Make a model from nothing: data, tokenizer, pre-training, fine-tuning, annealing, evaluation, package, report."""
    from rich.console import Console

    from ..config import to_dict
    from ..errors import UserError
    from ..recipes import load_recipe
    from ..recipes.recipe import run_recipe
    from ..recipes.report import write_report

    chosen = load_recipe(recipe, overrides or ())
    if show:
        typer.echo(json.dumps(to_dict(chosen.config), indent=2))
        return
    if out is None:
        raise UserError("moss run needs --out DIR, the folder to write the run to")
    console = Console()
    results = run_recipe(chosen, out, console)
    report = chosen.report(out) if chosen.report else write_report(chosen, out, results)
    console.print(f"Report: {report}")
