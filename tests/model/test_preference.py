"""Scalar heads over the decoder, and distributions that turn their scores into percentiles."""

from __future__ import annotations

import pytest
import torch

from moss.errors import UserError
from moss.model.attention import PackedAttention
from moss.model.config import ModelConfig
from moss.model.preference import INITIAL_SCORE, PreferenceModel, ScoreDistribution
from moss.model.transformer import Transformer


def make_model(heads: tuple[str, ...] = ("helpful", "harmless")) -> PreferenceModel:
    torch.manual_seed(0)
    shape = ModelConfig(
        vocab_size=40,
        num_layers=2,
        hidden_size=256,
        num_heads=2,
        num_kv_heads=1,
        head_dim=8,
        rotary_dim=8,
        intermediate_size=24,
        max_seq_len=32,
    )
    return PreferenceModel(Transformer(shape), heads)


def test_hidden_states_are_the_decoder_s_and_scores_begin_small() -> None:
    model = make_model()
    tokens = torch.randint(40, (3, 32))
    positions = torch.arange(32).expand(3, -1)
    attend = PackedAttention(torch.zeros(3, 32, dtype=torch.int64))
    hidden = model(tokens, positions, attend)
    assert torch.equal(hidden, model.transformer(tokens, positions, attend))
    scores = model.scores(hidden)
    assert scores.shape == (3, 32, 2)
    assert torch.allclose(scores[..., 1], hidden @ model.heads.weight[1], atol=1e-6)
    assert 0.3 * INITIAL_SCORE < scores.std().item() < 3 * INITIAL_SCORE


def test_scores_are_not_rounded_under_autocast() -> None:
    model = make_model()
    hidden = torch.randn(5, 256)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        found = model.scores(hidden)
    assert found.dtype == torch.float32
    assert torch.equal(found, model.scores(hidden))


@pytest.mark.parametrize("heads", [(), ("score", "score")])
def test_impossible_heads_are_refused(heads: tuple[str, ...]) -> None:
    with pytest.raises(UserError, match="needs heads of different names"):
        make_model(heads)


def test_percentiles_of_a_distribution() -> None:
    found = ScoreDistribution.of(torch.arange(201.0) / 10)  # 0, 0.1, ..., 20
    assert found.mean == pytest.approx(10)
    assert found.std == pytest.approx(((201**2 - 1) / 12) ** 0.5 / 10)
    assert [found.percentile(score) for score in (-5.0, 0.0, 5.0, 5.1, 20.0, 99.0)] == pytest.approx(
        [0, 0, 25, 25.5, 100, 100]
    )


def test_percentile_of_equal_scores_is_the_middle_of_them() -> None:
    found = ScoreDistribution.of(torch.full((7,), 3.0))
    assert [found.percentile(score) for score in (2.0, 3.0, 4.0)] == [0.0, 50.0, 100.0]


def test_percentile_never_falls_while_the_score_rises() -> None:
    torch.manual_seed(0)
    found = ScoreDistribution.of(torch.randn(300).round(decimals=1))
    percentiles = [found.percentile(score / 50) for score in range(-200, 201)]
    assert percentiles == sorted(percentiles)
    assert (percentiles[0], percentiles[-1]) == (0.0, 100.0)


def test_no_scores_have_no_distribution() -> None:
    with pytest.raises(UserError, match="no scores"):
        ScoreDistribution.of(torch.empty(0))
