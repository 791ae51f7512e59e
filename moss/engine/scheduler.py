"""Who runs in the next step: slots, the queue for them, and which sequences go together. No tensors, no threads.

A sequence holds its slot from its first generation until it is closed, also while its tools run. What has few tokens
to read (a decode step, a short extension) runs as one batch; long prompts run in chunks, in turn with it, so that a
prompt of thousands of tokens does not stop everybody else's stream.
"""

from __future__ import annotations

import heapq
from collections import deque
from dataclasses import dataclass

from ..errors import UserError
from .sequence import Request, Sequence

SHORT = 16
"""Up to this many tokens to read, a sequence runs with those that decode; the padding costs less than a step more."""


class EngineBusy(UserError):
    """All slots are taken and the queue for them is full: try again later."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """The tokens one sequence reads in one step."""

    request: Request
    slot: int
    start: int
    """Position of the first of them."""
    tokens: list[int]

    @property
    def end(self) -> int:
        """How many tokens of the sequence the cache holds after the step."""
        return self.start + len(self.tokens)


class Scheduler:
    """Slots and turns. Not thread-safe: the engine holds its lock around every call."""

    def __init__(self, max_sequences: int, max_waiting: int, prefill_tokens: int) -> None:
        self.max_waiting = max_waiting
        self.prefill_tokens = prefill_tokens
        self.running: list[Sequence] = []
        """Sequences with a slot and a request."""
        self._waiting: deque[Sequence] = deque()
        self._free = list(range(max_sequences))
        self._long_next = True

    def submit(self, sequence: Sequence) -> None:
        """A sequence has a request: it runs if it has a slot or one is free, and queues otherwise (or EngineBusy)."""
        if sequence.slot is None and not self._free:
            if len(self._waiting) >= self.max_waiting:
                raise EngineBusy(
                    f"the engine is busy: {len(self._waiting)} requests already wait for a free place. Try again later."
                )
            self._waiting.append(sequence)
            return
        self._start(sequence)

    def pause(self, sequence: Sequence) -> None:
        """Its request has ended; the sequence keeps its slot."""
        if sequence in self.running:
            self.running.remove(sequence)
        elif sequence in self._waiting:
            self._waiting.remove(sequence)

    def release(self, sequence: Sequence) -> None:
        """The sequence has ended; the next in the queue takes its slot."""
        self.pause(sequence)
        if sequence.slot is None:
            return
        heapq.heappush(self._free, sequence.slot)
        sequence.slot = None
        if self._waiting:
            self._start(self._waiting.popleft())

    def schedule(self) -> list[Stretch]:
        """What the next step reads, by slot; nothing when nobody has a request."""
        short = [s for s in self.running if s.pending <= SHORT]
        if len(short) < len(self.running) and (self._long_next or not short):
            chosen = self._chunks([s for s in self.running if s.pending > SHORT])
            self._long_next = False
        else:
            chosen = [(sequence, sequence.pending) for sequence in short]
            self._long_next = True
        return sorted((_stretch(sequence, count) for sequence, count in chosen), key=lambda stretch: stretch.slot)

    def requests(self) -> list[Request]:
        """Every request in progress or in the queue."""
        return [s.request for s in (*self.running, *self._waiting) if s.request is not None]

    def _start(self, sequence: Sequence) -> None:
        if sequence.slot is None:
            sequence.slot = heapq.heappop(self._free)
        self.running.append(sequence)

    def _chunks(self, long: list[Sequence]) -> list[tuple[Sequence, int]]:
        """The prompts that have waited longest, as many (padded) as the token budget of a step holds."""
        chosen: list[tuple[Sequence, int]] = []
        width = 0
        for sequence in long:
            count = min(sequence.pending, self.prefill_tokens)
            if max(width, count) * (len(chosen) + 1) <= self.prefill_tokens:
                chosen.append((sequence, count))
                width = max(width, count)
        return chosen


def _stretch(sequence: Sequence, count: int) -> Stretch:
    assert sequence.request is not None
    assert sequence.slot is not None  # as for everything in `running`
    start = sequence.cached
    return Stretch(sequence.request, sequence.slot, start, sequence.tokens[start : start + count])
