"""Scores to levels and correlations, against counting by hand."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moss.conversation import QUALITY_LEVELS
from moss.scoring.ranks import QualityLevels, rank_correlation


def by_hand(score: float, scores: list[float]) -> int:
    """The percentile, ties counted half, rounded to tens with halves up."""
    doubled = sum(2 * (other < score) + (other == score) for other in scores)  # 2 n times the share
    return 10 * ((10 * doubled + len(scores)) // (2 * len(scores)))


@given(st.lists(st.integers(0, 30).map(lambda number: number / 4), min_size=1, max_size=60))
def test_levels_are_percentiles(scores: list[float]) -> None:
    assert QualityLevels(scores).of(scores).tolist() == [by_hand(score, scores) for score in scores]


def test_many_different_scores_fill_all_levels() -> None:
    levels = QualityLevels(range(1000)).of(range(1000)).tolist()
    assert [levels.count(level) for level in QUALITY_LEVELS] == [50, *[100] * 9, 50]
    assert levels == sorted(levels)


def test_order_does_not_matter() -> None:
    scores = [random.Random(1).choice((0.5, 1.5, -2.0, 7.0)) for _ in range(100)]
    mixed = random.Random(2).sample(scores, len(scores))
    assert QualityLevels(scores).of([-2.0, 0.5]).tolist() == QualityLevels(mixed).of([-2.0, 0.5]).tolist()


@pytest.mark.parametrize(
    ("first", "second", "rho"),
    [
        ([1, 2, 3], [10, 20, 30], 1.0),
        ([1, 2, 3], [9, 4, 1], -1.0),
        ([1, 2, 3, 4, 5], [2, 1, 4, 3, 5], 0.8),
        ([1, 1, 2], [1, 2, 3], 0.8660254),
        ([1, 1, 1], [1, 2, 3], None),
        ([1], [2], None),
    ],
)
def test_rank_correlation(first: list[float], second: list[float], rho: float | None) -> None:
    assert rank_correlation(first, second) == (rho if rho is None else pytest.approx(rho))
