"""Figures of the study: what an answer is measured by, means over cases and seeds, and how sure they are.

Intervals are of a bootstrap over both: a draw takes as many seeds and as many cases, with replacement, and the same
ones for all systems that are compared, so that differences are of like with like. Numbers only; no model here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ...conversation import Candidate, Ranking
from ...data.preferences import characters
from ...scoring.ranks import rank_correlation

Values = NDArray[np.float64]

PERCENTILES = (2.5, 97.5)


@dataclass(frozen=True)
class Figure:
    """A mean with its 95 % interval."""

    mean: float
    low: float
    high: float

    @classmethod
    def of(cls, mean: float, draws: Values) -> Figure:
        """`draws` are the means of the bootstrap."""
        low, high = np.percentile(draws, PERCENTILES)
        return cls(float(mean), float(low), float(high))


@dataclass(frozen=True)
class CaseMeasure:
    """One number for the answers of a system to a case."""

    name: str
    title: str
    unit: str
    better: str
    """higher, lower, or "" where neither is."""
    of: Callable[[Sequence[Candidate]], float]


def _mean(of: Callable[[Candidate], float]) -> Callable[[Sequence[Candidate]], float]:
    return lambda answers: sum(map(of, answers)) / len(answers)


def _score(name: str) -> Callable[[Sequence[Candidate]], float]:
    """The mean of a model's scores; an answer that is too long to be scored has none and is left out."""

    def mean(answers: Sequence[Candidate]) -> float:
        scores = [answer.meta[name] for answer in answers if answer.meta[name] is not None]
        return sum(scores) / len(scores) if scores else float("nan")

    return mean


def distinct_2(texts: Sequence[str]) -> float:
    """Different pairs of neighbouring words, as a share of all of them (Li et al. 2016); Chinese characters are words.

    1 where there is no pair.
    """
    found = [pair for text in texts for pair in pairwise(_words(text))]
    return len(set(found)) / len(found) if found else 1.0


def _words(text: str) -> list[str]:
    """Words between spaces; a character that is not ASCII is one by itself."""
    return "".join(f" {sign} " if not sign.isascii() else sign for sign in text.lower()).split()


def _replies(answers: Sequence[Candidate]) -> list[str]:
    return [answer.turn[-1].content or "" for answer in answers]


def _broken(answer: Candidate) -> float:
    """Whether it failed, was cut by a limit, or says nothing."""
    return float(answer.meta["finish_reason"] != "stop" or not (answer.turn[-1].content or "").strip())


MEASURES = (
    CaseMeasure("verified", "Verified score", "0 to 1", "higher", _mean(lambda a: a.score or 0.0)),
    CaseMeasure("correct", "Verified correct", "share", "higher", _mean(lambda a: a.meta["parts"]["correctness"] == 1)),
    CaseMeasure("preference", "Preference score", "nats", "higher", _score("preference")),
    CaseMeasure("judge", "Held-out judge", "nats", "higher", _score("judge")),
    CaseMeasure("distinct_2", "Distinct word pairs", "share", "", lambda answers: distinct_2(_replies(answers))),
    CaseMeasure("distinct", "Distinct replies", "share", "", lambda a: len(set(_replies(a))) / len(a)),
    CaseMeasure("broken", "Format errors", "share", "lower", _mean(_broken)),
    CaseMeasure("refused", "Refusals", "share", "", _mean(lambda a: float(a.meta["refused"]))),
    CaseMeasure("length", "Length", "characters", "", _mean(lambda a: characters(a.turn))),
    CaseMeasure("tokens", "Tokens written", "tokens", "lower", _mean(lambda a: a.meta["completion_tokens"])),
)
"""What is reported of every system."""


def case_values(by_seed: Sequence[Sequence[Ranking]]) -> dict[str, Values]:
    """(seeds, cases) of each measure; cases in one order for all seeds."""
    return {
        measure.name: np.array([[measure.of(ranking.candidates) for ranking in rankings] for rankings in by_seed])
        for measure in MEASURES
    }


class Bootstrap:
    """Draws of seeds and cases, the same for everything that it is asked about."""

    def __init__(self, seeds: int, cases: int, draws: int, seed: int = 0) -> None:
        random = np.random.default_rng(seed)
        self.seeds = random.integers(seeds, size=(draws, seeds))
        self.cases = random.integers(cases, size=(draws, cases))

    def means(self, values: Values) -> Values:
        """(seeds, cases) -> (draws,) means; what is not a number does not count."""
        means: Values = np.nanmean(values[self.seeds[:, :, None], self.cases[:, None, :]], axis=(1, 2))
        return means

    def figure(self, values: Values) -> Figure:
        """Mean and interval."""
        return Figure.of(float(np.nanmean(values)), self.means(values))

    def difference(self, values: Values, others: Values) -> Figure:
        """How much more the first have than the others."""
        return Figure.of(float(np.nanmean(values) - np.nanmean(others)), self.means(values) - self.means(others))

    def rho(self, levels: Sequence[float], values: Sequence[Values]) -> Figure | None:
        """Spearman's rho of the levels and the means at each; None where all means are the same.

        A draw in which they are all the same shows no order: 0.
        """
        found = rank_correlation(levels, [float(np.nanmean(at)) for at in values])
        if found is None:
            return None
        drawn = np.stack([self.means(at) for at in values], axis=1)
        return Figure.of(found, np.array([rank_correlation(levels, means.tolist()) or 0.0 for means in drawn]))
