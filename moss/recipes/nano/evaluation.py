"""Measures an assistant on the held-out cases of the nano world. `moss eval` and the recipe's last stages call this.

The tools are the real ones. Only pictures are not painted, since nobody looks at them: a drawing succeeds when its
description can be drawn, which is also what decides in the real tool.

Not here: how cases are made (`cases.py`), how they are scored (`evals/tasks/assistant.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rich.console import Console
from rich.progress import Progress

from ...agent import Agent
from ...assets import packaged_checkpoint
from ...assistant import TAGS_TRAINED, Wish, quality_for
from ...chat_format import ChatFormat
from ...checkpoint import load, made_with
from ...engine.engine import Engine
from ...evals.report import to_dict
from ...evals.runner import GREEDY, run_task
from ...evals.tasks.assistant import AssistantTask
from ...tools import Toolbox, ToolResult
from ...tools.calculator import CalculatorTool
from ...tools.scenes import parse_description
from ...tools.search import SearchTool, build_index
from ...tools.solver import SolverTool
from ...tools.text2image import SUCCESS, Text2ImageTool
from .cases import PROBES, TASKS, Case, classify, eval_cases
from .compose import WorldTools
from .documents import search_documents

CONCURRENT = 32
"""Cases under way at once."""

DIAL: tuple[Wish, ...] = (100, 50, 0, "off")
"""Qualities that show what a dial does; a tagged assistant answers at the first unless it is asked for another."""

Told = Callable[[Wish, int, int], None]
"""Told at which quality is asked, how many cases are done, and of how many."""


@contextmanager
def asking(console: Console) -> Iterator[Told]:
    """Shows on a terminal how far an evaluation is."""
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        shown = bar.add_task("asking", total=None)

        def told(wish: Wish, done: int, total: int) -> None:
            name = "asking" if wish is None else f"asking at quality {wish}"
            bar.update(shown, description=name, completed=done, total=total)

        yield told


def evaluate(
    checkpoint: str | Path | None = None,
    cases: int = 200,
    seed: int = 1,
    progress: Told | None = None,
    quality: Wish = None,
    guidance: float | None = None,
) -> dict[str, Any]:
    """The report (`evals.report.to_dict`) on a checkpoint folder, or on the packaged assistant.

    `cases` of each task and language, drawn by `seed`; two and a half times as many where the needed tool is off, where
    one slip in a thousand matters. The search tool reads an index made for the cases: the encyclopedia and entries on
    invented entities that no training dialogue mentions. Raises UserError when the checkpoint is missing or damaged, or
    asked for a `quality` that it does not know.
    """
    found = load(packaged_checkpoint() if checkpoint is None else checkpoint)
    tag = quality_for(quality, bool(found.recipe.get(TAGS_TRAINED, False)), guidance=guidance)
    sampling = replace(GREEDY, guidance=guidance or 0.0)
    with TemporaryDirectory(prefix="moss-eval-") as folder:
        index = Path(folder) / "search.sqlite"
        build_index(search_documents("eval"), index)
        task = AssistantTask(_cases(seed, cases, index), classify)
        toolbox = Toolbox([SearchTool(index), CalculatorTool(), SolverTool(), Unpainted()])
        with closing(toolbox), Engine(found.model, found.tokenizer, max_sequences=CONCURRENT) as engine:
            agent = Agent(engine, ChatFormat(found.tokenizer), toolbox)
            told = None if progress is None else lambda done: progress(quality, done, len(task.cases))
            results = run_task(task, agent, CONCURRENT, sampling, told, tag)
    about = {
        "assistant": found.folder.name,
        "quality": tag,
        "guidance": sampling.guidance,
        "seed": seed,
        "cases_per_task": cases,
        "made_with": made_with(),
    }
    return to_dict(results, task.measures, about)


def evaluate_dial(
    checkpoint: str | Path | None = None,
    cases: int = 200,
    seed: int = 1,
    progress: Told | None = None,
) -> dict[str, dict[str, Any]]:
    """The reports of `evaluate` on the same cases at each quality of DIAL, by its name."""
    return {str(wish): evaluate(checkpoint, cases, seed, progress, wish) for wish in DIAL}


class Unpainted(Text2ImageTool):
    """The real tool up to the painting."""

    def run(self, argument: str) -> ToolResult:
        parse_description(argument)
        return ToolResult(SUCCESS)


def _cases(seed: int, count: int, index: Path) -> list[Case]:
    with closing(SearchTool(index)) as search:
        sizes = {"disabled_tool": count * 5 // 2}
        return eval_cases(seed, count, {**TASKS, **PROBES}, sizes, WorldTools(search))
