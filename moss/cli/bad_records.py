"""Telling the user what of their data could not be read: the first records one by one, all of them as a count."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING

import typer

from ..counts import counted

if TYPE_CHECKING:
    from ..data.sources import BadRecord

_SHOWN = 20


class BadRecords:
    """Names bad records on stderr as they come, the first 20 of them; at the end of its `with` block counts them."""

    def __init__(self) -> None:
        self.count = 0

    def add(self, record: BadRecord) -> None:
        """For a reader's `on_error`."""
        self.say(str(record))

    def say(self, line: str) -> None:
        self.count += 1
        if self.count <= _SHOWN:
            typer.echo(line, err=True)

    def __enter__(self) -> BadRecords:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self.count and error is None:
            typer.echo(f"{counted(self.count, 'bad record')} left out", err=True)
