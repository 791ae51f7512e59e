"""Who runs in the next step: the queue for slots, and which sequences go together. No tensors, no threads.

A sequence holds its slot from its first generation until it is closed, also while its tools run. A guided one holds two
and takes both at once: sequences that each held one and waited for another would wait for ever. What has few tokens to
read (a decode step, a short extension) runs as one batch; long prompts run in chunks, in turn with it, so that a prompt
of thousands of tokens does not stop everybody else's stream.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from ..errors import EngineBusy
from .sequence import Contrast, Request, Sequence
from .slots import Slots

SHORT = 16
"""Up to this many tokens to read, a sequence runs with those that decode."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """The tokens one sequence reads in one step."""

    request: Request
    slot: int
    start: int
    """Position of the first of them."""
    tokens: list[int]
    contrast: Contrast | None = None
    """Set where this is what the contrast of the sequence reads, beside the stretch of the sequence itself."""

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
        self.slots = Slots(max_sequences)
        self._long_next = True

    def submit(self, sequence: Sequence) -> None:
        """A sequence has a request: it runs if it has its slots or they are free, and queues otherwise (or EngineBusy).

        Nobody overtakes: where one slot is free and the first in the queue needs two, the others wait with it.
        """
        if sequence.slot is None and (self._waiting or len(self.slots.free) < sequence.places):
            if len(self._waiting) >= self.max_waiting:
                raise EngineBusy(
                    f"the engine is busy: {len(self._waiting)} requests already wait for a free place. Try again later."
                )
            self._waiting.append(sequence)
            return
        self._start(sequence)

    def pause(self, sequence: Sequence) -> None:
        """Its request has ended; the sequence keeps its slots."""
        if sequence in self.running:
            self.running.remove(sequence)
        elif sequence in self._waiting:
            self._waiting.remove(sequence)
            self._admit()

    def release(self, sequence: Sequence) -> None:
        """The sequence has ended; its slots go to the next in the queue."""
        self.pause(sequence)
        self.slots.give_back(sequence)
        self._admit()

    def schedule(self) -> list[Stretch]:
        """What the next step reads, by slot; nothing when nobody has a request."""
        short = [s for s in self.running if s.readable <= SHORT]
        if len(short) < len(self.running) and (self._long_next or not short):
            chosen = self._chunks([s for s in self.running if s.readable > SHORT])
            self._long_next = False
        else:
            chosen = [(sequence, sequence.readable) for sequence in short]
            self._long_next = True
        stretches = (stretch for sequence, count in chosen for stretch in _stretches(sequence, count))
        return sorted(stretches, key=lambda stretch: stretch.slot)

    def requests(self) -> list[Request]:
        """Every request in progress or in the queue."""
        return [s.request for s in (*self.running, *self._waiting) if s.request is not None]

    def _admit(self) -> None:
        """Starts those in the queue, in order, as far as the free slots reach."""
        while self._waiting and self._waiting[0].places <= len(self.slots.free):
            self._start(self._waiting.popleft())

    def _start(self, sequence: Sequence) -> None:
        if sequence.slot is None:
            self.slots.take(sequence)
        self.running.append(sequence)

    def _chunks(self, long: list[Sequence]) -> list[tuple[Sequence, int]]:
        """The prompts that have waited longest, as many as the token budget of a step holds."""
        chosen: list[tuple[Sequence, int]] = []
        left = self.prefill_tokens
        for sequence in long:
            rows = 2 if sequence.parted else 1
            count = min(sequence.readable, max(1, self.prefill_tokens // rows))
            if not chosen or count * rows <= left:
                chosen.append((sequence, count))
                left -= count * rows
        return chosen


def _stretches(sequence: Sequence, count: int) -> Iterator[Stretch]:
    """The sequence's stretch and, once they have parted, that of its contrast."""
    assert sequence.request is not None
    assert sequence.slot is not None  # as for everything in `running`
    start = sequence.cached
    tokens = sequence.tokens[start : start + count]
    yield Stretch(sequence.request, sequence.slot, start, tokens)
    if sequence.parted:
        assert sequence.contrast is not None
        assert sequence.second_slot is not None
        if start == sequence.contrast.position:
            tokens = [sequence.contrast.token, *tokens[1:]]
        yield Stretch(sequence.request, sequence.second_slot, start, tokens, sequence.contrast)
