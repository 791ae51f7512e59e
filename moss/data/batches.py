"""Batches of packed rows: batch number n is the same in every process that has the same documents and seed.

So the position of a run in its data is one number, its step. Every row of an epoch comes once, in an order drawn for
that epoch; a batch that reaches an epoch's end goes on into the next.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..errors import UserError
from .documents import Documents
from .packing import pack

IGNORE_INDEX = -100
"""Target of positions that are not learned."""
PADDING_ID = -1
"""Document id of positions that hold no document."""


@dataclass(frozen=True)
class Batch:
    """Packed rows; all tensors are (rows, seq), int64."""

    tokens: Tensor
    """Padding is token 0."""
    targets: Tensor
    """The document's next token where it is learned, else IGNORE_INDEX."""
    positions: Tensor
    """From 0 in each document, or from what it leaves to another one (branches.py)."""
    document_ids: Tensor
    """From 0 in each row; PADDING_ID after the last document."""

    @property
    def loss_mask(self) -> Tensor:
        """Which positions predict something that is learned."""
        return self.targets != IGNORE_INDEX

    @property
    def weight(self) -> int:
        """How many positions are learned: what a sum over them is divided by."""
        return int(self.loss_mask.sum())

    @property
    def num_tokens(self) -> int:
        """Tokens of documents; padding is none."""
        return int((self.document_ids >= 0).sum())

    def split(self, parts: int) -> list[Self]:
        """The rows in `parts` batches of (nearly) equal size; fewer where there are fewer rows."""
        pieces = [getattr(self, field.name).tensor_split(min(parts, len(self.tokens))) for field in fields(self)]
        return [type(self)(*tensors) for tensors in zip(*pieces, strict=True)]

    def to(self, device: torch.device) -> Self:
        """The batch on a device."""
        return type(self)(*(getattr(self, field.name).to(device) for field in fields(self)))


class Batches:
    """The endless sequence of batches over some documents."""

    def __init__(self, documents: Documents, row_length: int, batch_tokens: int, seed: int) -> None:
        """batch_tokens counts padding, in whole rows. Raises UserError when there is nothing to learn."""
        if not len(documents) or not documents.loss_mask.any():
            raise UserError("the training data is empty: no document has a token to learn from")
        longest = int(documents.lengths.max())
        if longest > row_length:
            raise UserError(f"a document has {longest} tokens, a row {row_length}: shorten it or raise row_length")
        self.documents, self.row_length, self.batch_tokens, self.seed = documents, row_length, batch_tokens, seed
        self.rows = pack(documents.lengths.tolist(), row_length)
        self.batch_rows = max(1, batch_tokens // row_length)
        self._order: tuple[int, NDArray[np.int64]] = (-1, np.empty(0, np.int64))

    @cached_property
    def name(self) -> str:
        """What decides the sequence of batches: two sources of one name give the same."""
        return f"{self.documents.fingerprint()} {self.row_length} {self.batch_tokens} {self.seed}"

    def __getitem__(self, step: int) -> Batch:
        """Batch number `step`, from 0."""
        numbers = range(step * self.batch_rows, (step + 1) * self.batch_rows)
        return make_batch(self.documents, [self.rows[self._row(number)] for number in numbers], self.row_length)

    def epoch(self) -> Iterator[Batch]:
        """Every row once, in the order they were packed; the last batch may be smaller."""
        for first in range(0, len(self.rows), self.batch_rows):
            yield make_batch(self.documents, self.rows[first : first + self.batch_rows], self.row_length)

    def _row(self, number: int) -> int:
        """Which row comes as number `number` in the endless sequence."""
        epoch, place = divmod(number, len(self.rows))
        if self._order[0] != epoch:
            self._order = (epoch, np.random.default_rng((self.seed, epoch)).permutation(len(self.rows)))
        return int(self._order[1][place])


def make_batch(
    documents: Documents, rows: list[list[int]], row_length: int, skips: Sequence[Sequence[int]] | None = None
) -> Batch:
    """The batch whose rows hold these documents, in this order; of each without its first `skips` tokens."""
    shape = (len(rows), row_length)
    tokens, positions = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    targets, ids = np.full(shape, IGNORE_INDEX, np.int64), np.full(shape, PADDING_ID, np.int64)
    for row, members in enumerate(rows):
        start = 0
        for number, document in enumerate(members):
            skip = skips[row][number] if skips else 0
            document_tokens, learned = (column[skip:] for column in documents[document])
            span = slice(start, start + len(document_tokens))
            tokens[row, span] = document_tokens
            # The last token of a document predicts nothing; the next document's first is no target of it.
            targets[row, span][:-1] = np.where(learned[1:], document_tokens[1:].astype(np.int64), IGNORE_INDEX)
            positions[row, span] = np.arange(skip, skip + len(document_tokens))
            ids[row, span] = number
            start = span.stop
    return Batch(*map(torch.from_numpy, (tokens, targets, positions, ids)))
