"""Taking out of an earlier export what was withdrawn or deleted since: lines are dropped by the hashes in their meta.

Every line of an export names the messages, the chat and the person it comes from by hashes. Not here: who withdrew what
(manifests and the server's store say).
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import UserError
from ..files import whole_file


@dataclass(frozen=True, slots=True)
class Dropped:
    """How many lines of a file stayed and went."""

    kept: int
    dropped: int


def drop(file: Path, out: Path, withdrawn: Collection[str]) -> Dropped:
    """Writes the lines of an export's file that come from nothing withdrawn, byte for byte, to `out` (may be the file).

    UserError where a line is none of an export, since it could not be told whether it has to go.
    """
    kept = dropped = 0
    with whole_file(out) as unfinished, open(unfinished, "w", encoding="utf-8") as written:
        for line, hashes in _lines(file):
            if hashes.isdisjoint(withdrawn):
                written.write(line)
                kept += 1
            else:
                dropped += 1
    return Dropped(kept, dropped)


def _lines(file: Path) -> Iterator[tuple[str, set[str]]]:
    with open(file, encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            try:
                meta = json.loads(line)["meta"]
                yield line, {meta["user"], meta["chat"], *meta["messages"]}
            except (ValueError, LookupError, TypeError):
                raise UserError(
                    f"{file}, line {number}: no line of an export (its meta names no user, chat, messages)"
                ) from None


def withdrawn_in(manifest: Path) -> set[str]:
    """The hashes that a later export's manifest names as withdrawn or deleted."""
    try:
        found: Any = json.loads(manifest.read_text(encoding="utf-8"))
        return {*found["withdrawn"], *(tombstone["target_hash"] for tombstone in found["tombstones"])}
    except (ValueError, LookupError, TypeError):
        raise UserError(f"{manifest}: no manifest of an export") from None
