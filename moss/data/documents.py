"""Tokenised documents: what training reads.

A document is its tokens and, for each of them, whether it is learned. Many documents are three flat arrays, which take
three or five bytes a token, and taking one document is a slice. Not here: how text becomes tokens.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Document = tuple[Sequence[int] | NDArray[Any], Sequence[bool] | NDArray[np.bool_] | None]
"""Tokens and loss mask of one document; None learns every token."""


@dataclass(frozen=True)
class Documents:
    """Documents end to end: document i is tokens[offsets[i]:offsets[i + 1]], and loss_mask likewise."""

    tokens: NDArray[Any]
    """uint16 or uint32, by the largest id."""
    loss_mask: NDArray[np.bool_]
    """Whether the model learns to predict this token."""
    offsets: NDArray[np.int64]
    """One more than there are documents; starts with 0."""

    @classmethod
    def build(cls, documents: Iterable[Document]) -> Documents:
        """Collects documents in memory; empty ones are left out."""
        tokens, masks, lengths = _Growing(np.uint32), _Growing(np.bool_), [0]
        for ids, mask in documents:
            if len(ids):
                tokens.extend(ids)
                masks.extend(np.ones(len(ids), np.bool_) if mask is None else mask)
                lengths.append(len(ids))
        joined = tokens.array()
        small = joined.size == 0 or int(joined.max()) < 2**16
        return cls(joined.astype(np.uint16) if small else joined, masks.array(), np.cumsum(lengths, dtype=np.int64))

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, index: int) -> tuple[NDArray[Any], NDArray[np.bool_]]:
        """Tokens and loss mask of one document."""
        span = slice(self.offsets[index], self.offsets[index + 1])
        return self.tokens[span], self.loss_mask[span]

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Tokens of each document."""
        return np.diff(self.offsets)

    @property
    def num_tokens(self) -> int:
        """Tokens of all documents."""
        return int(self.offsets[-1])

    def fingerprint(self) -> str:
        """A hash of the contents: a run goes on only with the documents it began with."""
        digest = hashlib.blake2b(digest_size=8)
        for array in (self.tokens, self.loss_mask, self.offsets):
            digest.update(np.ascontiguousarray(array).data)
        return digest.hexdigest()


@dataclass
class _Growing:
    """A one-dimensional array that is appended to, in blocks so that Python's numbers do not pile up."""

    dtype: Any
    blocks: list[NDArray[Any]] = field(default_factory=list)

    def extend(self, values: Any) -> None:
        self.blocks.append(np.asarray(values, dtype=self.dtype))

    def array(self) -> NDArray[Any]:
        return np.concatenate(self.blocks) if self.blocks else np.empty(0, self.dtype)
