"""Texts that end a reply, looked for in what comes piece by piece. Not here: tokens."""

from __future__ import annotations

from collections.abc import Sequence


class StopTexts:
    """Holds back text that may turn out to be the start of a stop text."""

    def __init__(self, stops: Sequence[str]) -> None:
        self._stops = stops
        self._held = ""
        self.found = False

    def push(self, text: str) -> str:
        """What may be shown now that `text` has come."""
        self._held += text
        ends = [at for stop in self._stops if (at := self._held.find(stop)) >= 0]
        if ends:
            self.found = True
            shown, self._held = self._held[: min(ends)], ""
            return shown
        keep = max((self._overlap(stop) for stop in self._stops), default=0)
        cut = len(self._held) - keep
        shown, self._held = self._held[:cut], self._held[cut:]
        return shown

    def flush(self) -> str:
        """What was held back and came to nothing."""
        shown, self._held = self._held, ""
        return shown

    def _overlap(self, stop: str) -> int:
        """How many of the last characters start the stop text."""
        return next((n for n in range(min(len(stop), len(self._held)), 0, -1) if self._held.endswith(stop[:n])), 0)
