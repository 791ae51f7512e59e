"""The rows of the cache: who has which, and what a row that nobody has still holds.

A new sequence does not read what some row has read already: the beginning that all prompts share, or the conversation
that goes on. It gets a row of its own with as much of it as its tokens begin with. No tensors, no threads.
"""

from __future__ import annotations

import itertools
from typing import NamedTuple

from .sequence import Sequence

KEPT = 4
"""So many conversations are remembered even when nobody else runs."""
LOST_IN_PLACE = 16
"""A row of whose memory the new sequence uses all but so many tokens is taken over; of others it gets a copy."""


class Copy(NamedTuple):
    """What the cache has to do before a sequence is read: the first `length` positions of one row to another."""

    source: int
    target: int
    length: int


class Slots:
    """Not thread-safe, as the scheduler that it belongs to."""

    def __init__(self, count: int) -> None:
        self.copies: list[Copy] = []
        """To be made in this order before the next step; whoever makes them empties it."""
        self.free = set(range(count))
        """The rows that nobody has."""
        self._held: list[list[int]] = [[] for _ in range(count)]
        """Tokens that the cache holds in the rows that are free."""
        self._read_by: dict[int, Sequence] = {}
        """Who reads into the rows that are taken, as far as their memory is good."""
        self._given_back = [0] * count
        """When a row became free, counted in rows."""
        self._count = itertools.count(1)

    def take(self, sequence: Sequence) -> None:
        """Gives the sequence its rows, and what one of them may know of its tokens already."""
        source, length = self._longest_beginning(sequence.tokens)
        sequence.slot = self._target(source, length)
        sequence.cached = length
        if length and source != sequence.slot:
            self.copies.append(Copy(source, sequence.slot, length))
        self.free.remove(sequence.slot)
        self._read_by[sequence.slot] = sequence
        if sequence.guided:
            sequence.second_slot = self._target(-1, 0)
            self.free.remove(sequence.second_slot)

    def give_back(self, sequence: Sequence) -> None:
        """The sequence needs its rows no longer; may be repeated."""
        if sequence.slot is not None:
            known = self._read_by.pop(sequence.slot, None) is not None
            self._held[sequence.slot] = sequence.tokens[: sequence.cached] if known else []
        for slot in (sequence.slot, sequence.second_slot):
            if slot is not None:
                self.free.add(slot)
                self._given_back[slot] = next(self._count)
        if sequence.second_slot is not None:  # in places it has read something else
            self._held[sequence.second_slot] = []
        sequence.slot = sequence.second_slot = None

    def forget(self) -> None:
        """What was read so far is good for nobody but those who have read it."""
        self._held = [[] for _ in self._held]
        self._read_by.clear()

    def _longest_beginning(self, tokens: list[int]) -> tuple[int, int]:
        """The row that holds most of what the tokens begin with, and how many; at least one token is left to read."""
        known = [(slot, self._held[slot]) for slot in self.free]
        known += [(slot, sequence.tokens[: sequence.cached]) for slot, sequence in self._read_by.items()]
        found = ((_shared(tokens[:-1], held), -slot) for slot, held in known)
        length, slot = max(found, default=(0, 0))
        return -slot, length

    def _target(self, source: int, length: int) -> int:
        """A free row: the source, where little of its memory is lost with it, or the one that was given back first.

        Among the first few, since rows that lie together are read where they are.
        """
        if source in self.free and len(self._held[source]) - length <= LOST_IN_PLACE:
            return source
        few = max(KEPT, 2 * (len(self._held) - len(self.free) + 1))
        near = [slot for slot in self.free if slot < few] or [min(self.free)]
        return min(near, key=lambda slot: (self._given_back[slot], slot))


def _shared(one: list[int], other: list[int]) -> int:
    """How many tokens two lists begin with in common."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low
