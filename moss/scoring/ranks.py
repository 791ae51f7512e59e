"""Ranks: a score says little by itself, its place among the others says what it is worth."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..conversation import QUALITY_LEVELS


class QualityLevels:
    """Scores to quality levels: the percentile among `scores` (equal ones share the middle of their places), rounded.

    So the lowest and the highest level hold a twentieth of the replies each, the others a tenth. It depends on which
    scores there are, not on their order.
    """

    def __init__(self, scores: ArrayLike) -> None:
        self.values, counts = np.unique(np.asarray(scores, np.float64), return_counts=True)
        """The different scores, ascending."""
        below = np.cumsum(counts) - counts
        steps = len(QUALITY_LEVELS) - 1
        self._levels = np.floor(steps * (below + counts / 2) / counts.sum() + 0.5).astype(np.int64)

    def of(self, scores: ArrayLike) -> NDArray[np.int64]:
        """The levels (0, 10, ..., 100) of scores that are among those of the constructor."""
        return np.asarray(QUALITY_LEVELS)[self._levels[np.searchsorted(self.values, np.asarray(scores, np.float64))]]


def quality_of_place(place: float) -> int:
    """The quality level of a place among rivals, from 0 (the worst) to 1 (the best)."""
    return QUALITY_LEVELS[math.floor((len(QUALITY_LEVELS) - 1) * place + 0.5)]


def rank_correlation(first: Sequence[float], second: Sequence[float]) -> float | None:
    """Spearman's rho, equal values with the mean of their ranks; None where one side is all equal."""
    a, b = (_mid_ranks(np.asarray(values, np.float64)) for values in (first, second))
    if len(a) < 2 or a.std() == 0 or b.std() == 0:
        return None
    return float(np.corrcoef(a, b)[0, 1])


def _mid_ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    ranks: NDArray[np.float64] = (np.cumsum(counts) - counts / 2)[place]
    return ranks
