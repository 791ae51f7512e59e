"""Whole documents into rows of equal length, with as little padding as possible.

Which documents share a row has no influence on what is learned: attention, positions and targets stop at a document's
end (batches.py, model/attention.py). What is longer than a row has to be shortened first, and how depends on what it
is: a text is split into pieces that are all learned, a dialogue is cut after the last turn that fits.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from .documents import Document


def pack(lengths: Sequence[int], row_length: int) -> list[list[int]]:
    """Rows as lists of document numbers: best fit, longest first. Every length must be at most row_length.

    Best-fit decreasing needs at most 11/9 of the fewest rows possible (Johnson 1973), and on documents much shorter
    than a row leaves well under 1 % of padding.
    """
    rows: list[list[int]] = []
    spaces: list[tuple[int, int]] = []  # (free tokens, row), ascending
    for document in sorted(range(len(lengths)), key=lambda i: -lengths[i]):
        length = lengths[document]
        if length > row_length:
            raise ValueError(f"document {document} has {length} tokens, a row only {row_length}")
        place = bisect_left(spaces, (length, 0))
        if place < len(spaces):
            free, row = spaces.pop(place)
        else:
            free, row = row_length, len(rows)
            rows.append([])
        rows[row].append(document)
        if free > length:
            insort(spaces, (free - length, row))
    return rows


@dataclass
class Shortened:
    """How many documents did not fit a row, for the line that tells the user."""

    documents: int = 0
    """Longer than a row."""
    tokens_lost: int = 0
    """Tokens that are not trained on because of it."""


def split_texts(documents: Iterable[Document], row_length: int, shortened: Shortened) -> Iterator[Document]:
    """Documents that fit: longer ones in pieces of row_length tokens, each a document of its own."""
    for tokens, mask in documents:
        shortened.documents += len(tokens) > row_length
        for start in range(0, len(tokens), row_length):
            piece = slice(start, start + row_length)
            yield tokens[piece], None if mask is None else mask[piece]


def cut_dialogues(
    documents: Iterable[Document], row_length: int, turn_end: int, shortened: Shortened
) -> Iterator[Document]:
    """Documents that fit: longer ones end after the last `turn_end` within a row, or are left out if there is none."""
    for tokens, mask in documents:
        if len(tokens) > row_length:
            kept = max((i + 1 for i in range(row_length) if tokens[i] == turn_end), default=0)
            shortened.documents += 1
            shortened.tokens_lost += len(tokens) - kept
            tokens, mask = tokens[:kept], None if mask is None else mask[:kept]
        if len(tokens):
            yield tokens, mask
