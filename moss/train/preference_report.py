"""How well scores agree with which reply people, or a judge, preferred: accuracy, fairness to length, calibration.

Scores in, figures out; no model here. A tie of scores counts half right everywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..data.pairs import PairDocuments

LIKE_LENGTHS = 0.1
"""Replies whose lengths differ by less than this share of the longer one count as equally long."""

CALIBRATION_BINS = 10


@dataclass(frozen=True)
class Share:
    """The share of right ones among some pairs."""

    accuracy: float
    pairs: int

    @classmethod
    def of(cls, right: NDArray[np.float64]) -> Share | None:
        """Of (pairs,) 1, 0.5 or 0; None where there are none."""
        return cls(float(right.mean()), len(right)) if len(right) else None


@dataclass(frozen=True)
class CalibrationBin:
    """Pairs of which the model was about equally sure."""

    low: float
    """Least probability given to the side that it prefers; the next bin's is the highest."""
    pairs: int
    predicted: float
    """Mean probability given to the side that it prefers."""
    held: float
    """How often that side was the preferred one."""


@dataclass(frozen=True)
class PreferenceReport:
    """What a preference model is worth on pairs that it was not trained on."""

    overall: Share
    loss: float
    """Mean nats a pair: -log p(chosen is better), margins left out."""
    by_source: dict[str, Share]
    by_language: dict[str, Share]
    like_lengths: Share | None
    """Of pairs whose replies differ in length by less than a tenth: length cannot tell them apart."""
    length_balanced: float | None
    """Mean of the accuracies where the better reply is the longer one and where it is the shorter one: a model that
    looks at length only gets one half. None where one of the two kinds is missing."""
    longer_wins: float | None
    """What taking the longer reply would get, on the pairs whose lengths differ: the baseline to be beaten."""
    calibration: tuple[CalibrationBin, ...]
    """From unsure to sure; bins without pairs are left out."""
    calibration_error: float
    """Mean distance of what was predicted and what held over the bins, weighted by their pairs (ECE)."""


def measure_preferences(scores: NDArray[np.float64], data: PairDocuments) -> PreferenceReport:
    """The report on (documents, heads) scores; `data` has at least one pair."""
    better, worse = data.pairs.T
    leads = scores[better, data.heads] - scores[worse, data.heads]
    right = (1 + np.sign(leads)) / 2
    longer = np.sign(data.characters[better] - data.characters[worse])
    sizes = np.sort(data.characters[data.pairs], axis=1)
    like = sizes[:, 1] - sizes[:, 0] < LIKE_LENGTHS * sizes[:, 1]
    by_length = [Share.of(right[longer == sign]) for sign in (1, -1)]
    bins, error = _calibration(leads)
    return PreferenceReport(
        overall=Share(float(right.mean()), len(right)),
        loss=float(np.logaddexp(0, -leads).mean()),
        by_source=_shares(right, data.sources),
        by_language=_shares(right, data.languages),
        like_lengths=Share.of(right[like]),
        length_balanced=sum(share.accuracy for share in by_length if share) / 2 if all(by_length) else None,
        longer_wins=float((longer > 0).sum() / (longer != 0).sum()) if longer.any() else None,
        calibration=bins,
        calibration_error=error,
    )


def _shares(right: NDArray[np.float64], labels: Sequence[str]) -> dict[str, Share]:
    names = np.array(labels)
    return {
        str(name): Share(float(right[names == name].mean()), int((names == name).sum())) for name in np.unique(names)
    }


def _calibration(leads: NDArray[np.float64]) -> tuple[tuple[CalibrationBin, ...], float]:
    """Bins over how sure the model is of the side it prefers, 1/2 to 1, and their mean error.

    Which side is called chosen is a matter of writing, so there is nothing to see below one half.
    """
    sure = 1 / (1 + np.exp(-np.abs(leads)))
    held = (1 + np.sign(leads)) / 2
    places = np.minimum((2 * sure - 1) * CALIBRATION_BINS, CALIBRATION_BINS - 1).astype(int)
    bins = tuple(
        CalibrationBin(
            low=0.5 + place / (2 * CALIBRATION_BINS),
            pairs=int((places == place).sum()),
            predicted=float(sure[places == place].mean()),
            held=float(held[places == place].mean()),
        )
        for place in np.unique(places).tolist()
    )
    return bins, sum(found.pairs * abs(found.predicted - found.held) for found in bins) / len(leads)
