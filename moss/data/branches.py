"""Documents that begin alike, such as the replies to one context: what they share is laid out, and read, once.

Of documents side by side the first stands in its row whole. Each of the others leaves out what it shares with that one,
and its positions go on from there: a document whose positions begin at p goes on from the first p tokens of the nearest
document before it in its row whose positions begin at 0, which is how attention reads it (model/attention.py). Not
here: which documents lie side by side.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from .documents import Documents
from .packing import pack

LEAST_SHARED = 0.5
"""Share of a document that it must have in common with another: attention costs the square of what stands together."""


class Branches:
    """Where documents, in their order, may leave out what they share."""

    def __init__(self, documents: Documents) -> None:
        self.lengths = documents.lengths
        self.shared = _shared_starts(documents)
        """(documents,) tokens in common with the first of those that begin alike; 0 for that first one."""

    def skips(self, row: Sequence[int]) -> list[int]:
        """How many of its first tokens each document leaves out where they stand in this order."""
        found: list[int] = []
        first, before = -1, -2
        for number in row:
            if number == before + 1 and self.shared[number]:
                # Where the first of all stands in another row, two have in common what both have in common with it.
                both = (self.shared[number], self.shared[first])
                found.append(int(min(both) if both[1] else both[0]))
            else:
                first = number
                found.append(0)
            before = number
        return found

    def size(self, row: Sequence[int]) -> int:
        """Tokens that these documents take up in this order."""
        return int(self.lengths[list(row)].sum()) - sum(self.skips(row))

    def stretches(self, numbers: Iterable[int], row_length: int) -> list[list[int]]:
        """These documents, in order, those that begin alike together as far as a row holds them."""
        found: list[list[int]] = []
        for number in numbers:
            begun = self.shared[number] and found and found[-1][-1] == number - 1
            if begun and self.size([*found[-1], number]) <= row_length:
                found[-1].append(number)
            else:
                found.append([number])
        return found

    def rows(self, numbers: Iterable[int], row_length: int) -> list[list[int]]:
        """Rows of these documents with little padding; none may be longer than a row."""
        stretches = self.stretches(numbers, row_length)
        packed = pack([self.size(stretch) for stretch in stretches], row_length)
        return [[number for i in row for number in stretches[i]] for row in packed]


def _shared_starts(documents: Documents) -> NDArray[np.int64]:
    shared = np.zeros(len(documents), np.int64)
    first = np.empty(0, documents.tokens.dtype)
    for number in range(len(documents)):
        tokens, learned = documents[number]
        # What predicts the first learned token must be the document's own: another may learn another one there.
        most = min(len(first), len(tokens), int(learned.argmax()) if learned.any() else len(tokens)) - 1
        differs = first[: max(0, most)] != tokens[: max(0, most)]
        common = int(differs.argmax()) if differs.any() else len(differs)
        if common >= LEAST_SHARED * len(tokens):
            shared[number] = common
        else:
            first = tokens
    return shared
