"""Where a run's numbers go: metrics.jsonl, TensorBoard when it is installed, and the terminal.

One line of metrics.jsonl is one object with `step` and what was measured there. Not here: what is measured.
"""

from __future__ import annotations

import json
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from ..files import whole_file

FILE_NAME = "metrics.jsonl"
SCORE = "bits_per_byte/"
"""How the name of a validation score begins; the name of the validation set follows."""

_LINE_SECONDS = 60.0
"""How often a run whose output is no terminal says where it is."""


def read_metrics(folder: Path) -> list[dict[str, Any]]:
    """The lines of a run's metrics.jsonl, oldest first; a last line cut short by a crash is left out."""
    path = folder / FILE_NAME
    found: list[dict[str, Any]] = []
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
        try:
            found.append(json.loads(line))
        except ValueError:
            continue
    return found


class MetricsLog:
    """Appends to the files; opened again at an earlier step, it drops what a resumed run is going to measure anew."""

    def __init__(self, folder: Path, step: int, console: Console) -> None:
        _keep_until(folder, step)
        self._file = open(folder / FILE_NAME, "a", encoding="utf-8")  # noqa: SIM115 (closed by close)
        self._board = None
        if find_spec("tensorboard"):
            from torch.utils.tensorboard import SummaryWriter

            self._board = SummaryWriter(str(folder / "tensorboard"), purge_step=step + 1)
        elif not step:
            console.print("[dim]TensorBoard is not installed (pip install tensorboard): metrics.jsonl only.[/]")

    def add(self, step: int, values: dict[str, float]) -> None:
        """Writes one line at once, so that it can be followed while the run goes on."""
        self._file.write(json.dumps({"step": step, **values}) + "\n")
        self._file.flush()
        if self._board is not None:
            for name, value in values.items():
                self._board.add_scalar(name, value, step)

    def close(self) -> None:
        """Flushes and closes the files."""
        self._file.close()
        if self._board is not None:
            self._board.close()


def _keep_until(folder: Path, step: int) -> None:
    """Drops the lines after `step` and a broken last one; the file is replaced whole, so a crash loses no line."""
    lines = [json.dumps(line) + "\n" for line in read_metrics(folder) if line["step"] <= step]
    with whole_file(folder / FILE_NAME) as temporary:
        temporary.write_text("".join(lines), encoding="utf-8")


class TrainingView:
    """The run as the person watching sees it: a bar with loss, tokens/s and time left, or a line now and then.

    A bar belongs to a terminal; where the output is a file or a pipe, a line a minute tells the same.
    """

    def __init__(self, title: str, max_steps: int, step: int, console: Console) -> None:
        self._title, self._max_steps, self._console = title, max_steps, console
        self._started, self._first, self._last_line = time.monotonic(), step, time.monotonic()
        self._progress = Progress(
            TextColumn("  {task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[figures]}"),
            TimeRemainingColumn(elapsed_when_finished=True),
            console=console,
            disable=not console.is_terminal,
        )
        self._task: TaskID = self._progress.add_task(title, total=max_steps, completed=step, figures="")

    def __enter__(self) -> TrainingView:
        self._progress.start()
        return self

    def __exit__(self, *exception: Any) -> None:
        self._progress.stop()

    def show(self, step: int, loss: float, tokens_per_second: float) -> None:
        """After a step (counted from 1)."""
        figures = f"loss {loss:.3f} · {tokens_per_second:,.0f} tokens/s"
        self._progress.update(self._task, completed=step, figures=figures)
        now = time.monotonic()
        if not self._console.is_terminal and (now - self._last_line > _LINE_SECONDS or step == self._max_steps):
            self._last_line = now
            left = (now - self._started) / max(1, step - self._first) * (self._max_steps - step)
            self._console.print(f"  {self._title} {step}/{self._max_steps} · {figures} · {left / 60:.0f} min left")

    def say(self, line: str) -> None:
        """A line above the bar."""
        self._progress.console.print(f"  {line}")
