"""Sampling against distributions worked out by hand, the penalty against its formula, settings against nonsense."""

from __future__ import annotations

import math
from collections import Counter

import pytest
import torch

from moss.engine.grammar import Choice
from moss.engine.sampling import NUCLEUS_GUESS, SamplingParams, guide, sample
from moss.engine.sequence import Request, Sequence
from moss.errors import UserError

DRAWS = 4000


def request(
    params: SamplingParams, tokens: tuple[int, ...] = (), allowed: tuple[int, ...] = (), size: int = 0
) -> Request:
    constraint = Choice(allowed, size) if allowed else None
    state = constraint.start(100) if constraint else None
    return Request(Sequence(tokens, params), frozenset(), 1, params, constraint, state)


def frequencies(probabilities: list[float], params: SamplingParams) -> dict[int, float]:
    """How often each token is drawn from logits with these probabilities (at temperature 1)."""
    asked = request(params)
    logits = torch.tensor([probabilities], dtype=torch.float64).log()
    counted = Counter(sample(logits.clone(), [asked])[0] for _ in range(DRAWS))
    return {token: count / DRAWS for token, count in counted.items()}


def close(found: dict[int, float], expected: dict[int, float]) -> bool:
    """Within five standard deviations of a draw, and nothing else drawn."""
    return found.keys() <= expected.keys() and all(
        abs(found.get(token, 0.0) - share) < 5 * math.sqrt(share * (1 - share) / DRAWS) + 1e-9
        for token, share in expected.items()
    )


PROBABILITIES = [0.1, 0.4, 0.05, 0.3, 0.15]


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"temperature": 1.0, "top_p": 1.0}, dict(enumerate(PROBABILITIES))),
        ({"temperature": 1.0, "top_p": 0.7}, {1: 4 / 7, 3: 3 / 7}),
        ({"temperature": 1.0, "top_p": 0.71}, {1: 0.4 / 0.85, 3: 0.3 / 0.85, 4: 0.15 / 0.85}),
        ({"temperature": 1.0, "top_p": 1.0, "top_k": 2}, {1: 4 / 7, 3: 3 / 7}),
        ({"temperature": 1.0, "top_p": 0.5, "top_k": 2}, {1: 1.0}),
        ({"temperature": 1.0, "top_p": 0.01}, {1: 1.0}),
        ({"temperature": 0.5, "top_p": 1.0, "top_k": 2}, {1: 16 / 25, 3: 9 / 25}),
    ],
)
def test_distribution(params: dict[str, float], expected: dict[int, float]) -> None:
    settings = SamplingParams(repetition_penalty=1.0, seed=5, **params)  # type: ignore[arg-type]
    assert close(frequencies(PROBABILITIES, settings), expected)


@pytest.mark.parametrize("params", [{"top_p": 0.9}, {"top_k": 100, "top_p": 1.0}, {"top_k": 3, "top_p": 1.0}])
def test_few_candidates_are_as_good_as_all(params: dict[str, float]) -> None:
    """A vocabulary larger than the first guess, once peaked (the guess is enough) and once flat (it is not)."""
    for share in (0.95, 0.02):
        size = 4 * NUCLEUS_GUESS
        probabilities = torch.full((size,), (1 - share) / (size - 1), dtype=torch.float64)
        probabilities[7] = share
        settings = SamplingParams(temperature=1.0, repetition_penalty=1.0, seed=1, **params)  # type: ignore[arg-type]
        found = frequencies(probabilities.tolist(), settings)
        assert abs(found[7] - expected_share(probabilities, settings, 7)) < 0.03


def expected_share(probabilities: torch.Tensor, settings: SamplingParams, token: int) -> float:
    ordered = sorted(probabilities.tolist(), reverse=True)[: settings.top_k or None]
    whole = sum(ordered)
    kept, mass = 0.0, 0.0
    for probability in ordered:
        if mass >= settings.top_p * whole:
            break
        kept += probability
        mass += probability
    return float(probabilities[token]) / kept


def test_greedy_takes_the_likeliest_and_draws_no_number() -> None:
    asked = request(SamplingParams(temperature=0, repetition_penalty=1.0, seed=3))
    before = asked.sequence.random.getstate()
    assert sample(torch.tensor([[0.1, 2.0, 1.0]]), [asked]) == [1]
    assert asked.sequence.random.getstate() == before


def test_rows_keep_their_own_settings() -> None:
    rows = [
        request(SamplingParams(temperature=0, repetition_penalty=1.0)),
        request(SamplingParams(temperature=5.0, top_k=1, repetition_penalty=1.0)),
        request(SamplingParams(temperature=0, repetition_penalty=1.0), allowed=(0, 2), size=3),
        request(SamplingParams(temperature=1.0, top_p=1.0), allowed=(2,), size=3),
    ]
    assert sample(torch.tensor([[0.1, 2.0, 1.0]]).repeat(4, 1), rows) == [1, 1, 2, 2]


def test_repetition_penalty_divides_positive_and_multiplies_negative_logits() -> None:
    params = SamplingParams(temperature=0, repetition_penalty=2.0)
    assert sample(torch.tensor([[3.0, 2.0, 1.0]]), [request(params, tokens=(0,))]) == [1]
    assert sample(torch.tensor([[3.0, 1.4, 1.0]]), [request(params, tokens=(0,))]) == [0]
    assert sample(torch.tensor([[-1.0, -1.5, -9.0]]), [request(params, tokens=(0,))]) == [1]


def test_seen_tokens_grow_with_the_sequence() -> None:
    sequence = Sequence([1, 2], SamplingParams())
    assert sequence.seen(6).tolist() == [False, True, True, False, False, False]
    sequence.tokens += [4]
    assert sequence.seen(6).tolist() == [False, True, True, False, True, False]


def test_guidance_against_its_formula() -> None:
    wanted = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
    lowest = torch.tensor([[0.0, 4.0], [1.0, 1.0]])
    assert guide(wanted, lowest, [0.5, 2.0]).tolist() == [[1.5, 1.0], [7.0, 10.0]]
    assert torch.equal(guide(wanted, lowest, [0.0, 0.0]), wanted)


def test_tiny_temperature_does_not_overflow() -> None:
    asked = request(SamplingParams(temperature=1e-30, repetition_penalty=1.0, seed=1))
    assert sample(torch.tensor([[900.0, 1000.0, 999.0]]), [asked]) == [1]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("temperature", -0.1),
        ("temperature", float("nan")),
        ("top_p", 0.0),
        ("top_p", 1.5),
        ("top_k", -1),
        ("repetition_penalty", 0.0),
        ("max_tokens", 0),
        ("guidance", -0.5),
        ("guidance", float("nan")),
        ("stop", ("a", "")),
    ],
)
def test_settings_out_of_range_are_told(name: str, value: object) -> None:
    with pytest.raises(UserError, match=name):
        SamplingParams(**{name: value})  # type: ignore[arg-type]
