"""What a recipe is, and how it is run: stages in order, each done once, in one folder.

    OUT/run.json               the resolved settings; a folder belongs to one run
    OUT/<stage>/               what the stage made
    OUT/<stage>/done.json      its results and seconds; its presence means the stage is not run again
    OUT/report.html            after the last stage

A run that was interrupted is continued by the same command: finished stages are skipped and a training stage goes on
from its last checkpoint.
"""

from __future__ import annotations

import json
import os
import platform
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from ..config import to_dict
from ..counts import counted
from ..errors import UserError
from ..files import write_json

Results = dict[str, Any]


@dataclass(frozen=True)
class Run:
    """One run of a recipe: where it writes, with which settings, and where it reports to the person watching."""

    recipe: str
    out: Path
    config: Any
    console: Console

    def folder(self, stage: str) -> Path:
        """The folder of a stage, made if it is not there."""
        folder = self.out / stage
        folder.mkdir(parents=True, exist_ok=True)
        return folder


@dataclass(frozen=True)
class Stage:
    """A named step. `run` writes into `Run.folder(name)` and returns figures for the report."""

    name: str
    title: str
    run: Callable[[Run], Results]


@dataclass(frozen=True)
class Recipe:
    """Settings and the stages that use them."""

    name: str
    config: Any
    stages: tuple[Stage, ...]
    report: Callable[[Path], Path] | None = None
    """Writes OUT/report.html where the general report does not do; takes OUT."""


def run_recipe(recipe: Recipe, out: Path, console: Console) -> dict[str, Results]:
    """Runs what is not done yet and returns the results of all stages by name.

    Raises UserError when `out` holds a run with other settings.
    """
    run = Run(recipe.name, out, recipe.config, console)
    _claim(recipe, out)
    results: dict[str, Results] = {}
    for number, stage in enumerate(recipe.stages, start=1):
        heading = f"[{number}/{len(recipe.stages)}] {stage.title}"
        done = run.folder(stage.name) / "done.json"
        if done.exists():
            results[stage.name] = json.loads(done.read_text(encoding="utf-8"))
            console.print(f"[green]✓[/] {heading} [dim](done before)[/]")
            continue
        console.print(f"[bold]▸ {heading}[/]")
        started = time.monotonic()
        found = stage.run(run)
        results[stage.name] = {**found, "seconds": round(time.monotonic() - started, 1)}
        write_json(done, results[stage.name])
        console.print(f"[green]✓[/] {heading} [dim]{results[stage.name]['seconds']:.0f} s[/]")
    return results


def _claim(recipe: Recipe, out: Path) -> None:
    """Marks the folder as this run's, or makes sure that it already is."""
    from ..checkpoint import made_with  # brings torch, which processes that only make data do without

    path = out / "run.json"
    settings = {"recipe": recipe.name, "config": to_dict(recipe.config)}
    if path.exists():
        before = json.loads(path.read_text(encoding="utf-8"))
        if {key: before.get(key) for key in settings} != settings:
            raise UserError(f"{out} holds a run with other settings (see {path}); choose another --out")
        return
    out.mkdir(parents=True, exist_ok=True)
    machine = f"{platform.machine()}, {counted(os.cpu_count() or 1, 'core')}"
    write_json(path, {**settings, "made_with": made_with(), "machine": machine})
