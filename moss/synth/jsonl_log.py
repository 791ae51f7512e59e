"""A JSONL file that is only appended to, and that a killed process may leave with half a line at its end.

Reading takes the half line off, so whoever goes on appends where the last whole line ended. Not here: what a line is.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import UserError


class JsonlLog:
    """The lines of a file, and appending to it from many threads; each line is on its way to the disk at once."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()

    def read(self) -> list[dict[str, Any]]:
        """The whole lines that are there (none without a file). Raises UserError for a line that is no object."""
        if not self.path.exists():
            return []
        data = self.path.read_bytes()
        whole = data.rfind(b"\n") + 1
        if whole < len(data):
            with open(self.path, "r+b") as file:
                file.truncate(whole)
        return [self._object(number, line) for number, line in enumerate(data[:whole].splitlines(), start=1)]

    def append(self, value: Mapping[str, Any]) -> None:
        """Adds a line."""
        line = json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n"
        with self._lock:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with open(self.path, "ab") as file:
                file.write(line.encode())

    def _object(self, number: int, line: bytes) -> dict[str, Any]:
        try:
            found = json.loads(line)
        except ValueError as error:
            raise UserError(
                f"{self.path}, line {number}: not JSON ({error}); move the file away to begin anew"
            ) from None
        if not isinstance(found, dict):
            raise UserError(f"{self.path}, line {number}: expected an object, found {type(found).__name__}")
        return found
