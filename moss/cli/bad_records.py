"""Reading dialogues for a command, and telling the user what of them could not be used: line by line, then a count."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

import typer

from ..counts import counted
from ..errors import UserError

if TYPE_CHECKING:
    from ..conversation import Conversation
    from ..data.sources import BadRecord

_SHOWN = 20


class BadRecords:
    """Names bad records on stderr as they come, the first 20 of them; at the end of its `with` block counts them.

    A `silent` one says nothing: for data that is read once more.
    """

    def __init__(self, silent: bool = False) -> None:
        self.count = 0
        self._shown = 0 if silent else _SHOWN

    def add(self, record: BadRecord) -> None:
        """For a reader's `on_error`."""
        self.say(str(record))

    def say(self, line: str) -> None:
        self.count += 1
        if self.count <= self._shown:
            typer.echo(line, err=True)

    def __enter__(self) -> BadRecords:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self.count and error is None:
            typer.echo(f"{counted(self.count, 'bad record')} left out", err=True)


def tell_dropped(dropped: Counter[str]) -> None:
    """Says on stderr what was left out, by reason."""
    for reason, number in dropped.most_common():
        if number:
            typer.echo(f"{number:,} x {reason}: left out", err=True)


def dialogues(paths: Sequence[Path], bad: BadRecords) -> Iterator[Conversation]:
    """The conversations of files of our own JSONL that can be rendered; `bad` hears of the others."""
    from ..chat_format import render_text
    from ..data.imports import import_native

    for path in paths:
        for number, conversation in enumerate(import_native(path, bad.add), start=1):
            try:
                render_text(conversation)
            except UserError as error:
                bad.say(f"{path}, conversation {number}: {error}")
            else:
                yield conversation


def questions(paths: Sequence[Path], bad: BadRecords) -> Iterator[Conversation]:
    """Each dialogue up to its last question; `bad` hears of those without any."""
    for number, dialogue in enumerate(dialogues(paths, bad), start=1):
        asked = [place for place, message in enumerate(dialogue.messages) if message.role == "user"]
        if asked:
            yield replace(dialogue, messages=dialogue.messages[: asked[-1] + 1])
        else:
            bad.say(f"dialogue {number}: nobody asks anything in it")
