"""Figures on scores, by hand."""

from __future__ import annotations

from math import exp, log

import numpy as np
import pytest

from moss.data.documents import Documents
from moss.data.pairs import PairDocuments
from moss.train.preference_report import Share, measure_preferences


def make_data(lengths: list[tuple[int, int]], **changes: object) -> PairDocuments:
    """Pairs of their own two replies each, of these lengths."""
    count = len(lengths)
    columns: dict[str, object] = {
        "documents": Documents.build(([1, 2], None) for _ in range(2 * count)),
        "contexts": np.repeat(np.arange(count), 2),
        "characters": np.array(lengths).flatten(),
        "pairs": np.arange(2 * count).reshape(-1, 2),
        "margins": np.zeros(count, np.float32),
        "heads": np.zeros(count, np.int64),
        "sources": ("one",) * count,
        "languages": ("en",) * count,
    }
    return PairDocuments(**{**columns, **changes})  # type: ignore[arg-type]


def scores_with(leads: list[float]) -> np.ndarray:
    """(documents, 1) scores by which the better reply of each pair leads."""
    return np.array([[x] for lead in leads for x in (lead, 0.0)])


def test_accuracy_by_source_and_language_with_half_for_a_tie() -> None:
    data = make_data([(5, 5)] * 4, sources=("a", "a", "b", "b"), languages=("en", "zh", "zh", "zh"))
    found = measure_preferences(scores_with([1.0, -1.0, 2.0, 0.0]), data)
    assert found.overall == Share(0.625, 4)
    assert found.by_source == {"a": Share(0.5, 2), "b": Share(0.75, 2)}
    assert found.by_language == {"en": Share(1.0, 1), "zh": Share(0.5, 3)}
    assert found.loss == pytest.approx(sum(log(1 + exp(-lead)) for lead in (1, -1, 2, 0)) / 4)


def test_a_model_that_looks_at_length_only_is_seen_through() -> None:
    data = make_data([(100, 50)] * 6 + [(50, 100)] * 2 + [(100, 99)])
    leads = [float(a - b) for a, b in data.characters.reshape(-1, 2)]
    found = measure_preferences(scores_with(leads), data)
    assert found.overall.accuracy == pytest.approx(7 / 9)
    assert found.longer_wins == pytest.approx(7 / 9)
    assert found.length_balanced == 0.5
    assert found.like_lengths == Share(1.0, 1)


def test_figures_that_cannot_be_had_are_none() -> None:
    found = measure_preferences(scores_with([1.0]), make_data([(5, 5)]))
    assert found.length_balanced is None
    assert found.longer_wins is None
    found = measure_preferences(scores_with([1.0]), make_data([(50, 5)]))
    assert found.like_lengths is None
    assert found.length_balanced is None


def test_each_pair_is_scored_by_its_head() -> None:
    data = make_data([(5, 5)] * 2, heads=np.array([0, 1]))
    scores = np.array([[1.0, -9.0], [0.0, 9.0], [-9.0, 1.0], [9.0, 0.0]])
    assert measure_preferences(scores, data).overall == Share(1.0, 2)


def test_calibration_by_hand() -> None:
    """Sure to 75 % (lead log 3) and right three times of four; sure to 95 % (lead log 19) and right one time of two."""
    leads = [log(3), log(3), log(3), -log(3), log(19), -log(19)]
    found = measure_preferences(scores_with(leads), make_data([(5, 5)] * 6))
    low, high = found.calibration
    assert (low.pairs, low.predicted, low.held) == (4, pytest.approx(0.75), pytest.approx(0.75))
    assert (high.pairs, high.predicted, high.held) == (2, pytest.approx(0.95), pytest.approx(0.5))
    assert low.low <= 0.75 < high.low <= 0.95
    assert found.calibration_error == pytest.approx(2 / 6 * 0.45)


def test_scores_that_are_their_own_probabilities_are_calibrated() -> None:
    draw = np.random.default_rng(0)
    leads = draw.normal(0, 2, 4_000)
    held = draw.random(len(leads)) < 1 / (1 + np.exp(-leads))
    leads = np.where(held, leads, -leads)  # the side that won is the one called better
    found = measure_preferences(scores_with(leads.tolist()), make_data([(5, 5)] * len(leads)))
    assert found.calibration_error < 0.04
    overconfident = measure_preferences(scores_with((3 * leads).tolist()), make_data([(5, 5)] * len(leads)))
    assert overconfident.calibration_error > 0.08


def test_extreme_scores_are_no_overflow() -> None:
    with np.errstate(over="raise"):
        found = measure_preferences(scores_with([1e6, -1e6]), make_data([(5, 5)] * 2))
    assert found.calibration[-1].predicted == 1.0
