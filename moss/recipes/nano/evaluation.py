"""Measures an assistant on the held-out cases of the nano world. `moss eval` and the recipe's last stages call this.

Not here: how cases are made (`cases.py`), how they are scored (`evals/tasks/assistant.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ...assets import packaged_checkpoint
from ...assistant import load_assistant
from ...checkpoint import made_with, resolve
from ...evals.report import to_dict
from ...evals.runner import run_task
from ...evals.tasks.assistant import AssistantTask
from ...tools.search import SearchIndex, SearchTool, build_index
from .cases import PROBES, TASKS, Case, classify, eval_cases
from .compose import WorldTools
from .documents import search_documents

CONCURRENT = 32
"""Cases under way at once."""

Progress = Callable[[int, int], None]
"""Told how many cases are done, of how many."""


def evaluate(
    checkpoint: str | Path | None = None, cases: int = 200, seed: int = 1, progress: Progress | None = None
) -> dict[str, Any]:
    """The report (`evals.report.to_dict`) on a checkpoint folder, or on the packaged assistant.

    `cases` of each task and language, drawn by `seed`; two and a half times as many where the needed tool is off, where
    one slip in a thousand matters. The search tool reads an index made for the cases: the encyclopedia and entries on
    invented entities that no training dialogue mentions. Raises UserError when the checkpoint is missing or damaged.
    """
    found = resolve(packaged_checkpoint() if checkpoint is None else checkpoint)
    with TemporaryDirectory(prefix="moss-eval-") as name:
        folder = Path(name)
        index = folder / "search.sqlite"
        build_index(search_documents("eval"), index)
        with load_assistant(found, search_index=index, image_folder=folder, max_sequences=CONCURRENT) as assistant:
            task = AssistantTask(_cases(seed, cases, index), classify)
            told = None if progress is None else lambda done: progress(done, len(task.cases))
            results = run_task(task, assistant.agent, CONCURRENT, progress=told)
    about = {"assistant": assistant.name, "seed": seed, "cases_per_task": cases, "made_with": made_with()}
    return to_dict(results, task.measures, about)


def _cases(seed: int, count: int, index: Path) -> list[Case]:
    tools = WorldTools(SearchTool(SearchIndex(index)))
    return eval_cases(seed, count, {**TASKS, **PROBES}, sizes={"disabled_tool": count * 5 // 2}, tools=tools)
