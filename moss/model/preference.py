"""A decoder with scalar heads: numbers read from its hidden states.

At the last token of a reply a head says what the reply is worth: the preference model. At every token it says what is
still to be expected: the value head of PPO. Everything else is the decoder's own, so what computes with the hidden
states and the `head_weight` of a `Transformer` computes with this one too: a preference model may also go by how likely
its decoder finds a reply. Not here: losses, and which tokens are a reply's.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ..errors import UserError
from .config import ModelConfig
from .transformer import Attend, Linear, Transformer

INITIAL_SCORE = 0.1
"""Standard deviation of a new head's scores: hidden states have a mean square of about one in each dimension."""

QUANTILES = 101
"""Scores kept of a distribution: at 0, 1, ..., 100 percent."""


@dataclass(frozen=True)
class ScoreDistribution:
    """Where scores lie that a head gives to replies it was not trained on; makes a single score readable."""

    mean: float
    std: float
    quantiles: tuple[float, ...]
    """Scores at equal steps from the lowest to the highest, ascending."""

    @classmethod
    def of(cls, scores: Tensor) -> ScoreDistribution:
        """Of (replies,) scores; raises UserError when there are none."""
        if not len(scores):
            raise UserError("no scores to take the distribution of: give held-out replies")
        scores = scores.double().cpu()
        quantiles = scores.quantile(torch.linspace(0, 1, QUANTILES, dtype=torch.float64))
        return cls(scores.mean().item(), scores.std(correction=0).item(), tuple(quantiles.tolist()))

    def percentile(self, score: float) -> float:
        """0 to 100: the share of replies that score lower, those that score the same counted half."""
        above = bisect_right(self.quantiles, score)
        below = next((i for i, quantile in enumerate(self.quantiles[:above]) if quantile == score), above)
        if below < above:  # on one quantile, or on several where many scores are equal
            place = (below + above - 1) / 2
        elif above in (0, len(self.quantiles)):
            place = min(above, len(self.quantiles) - 1)
        else:
            low, high = self.quantiles[above - 1], self.quantiles[above]
            place = above - 1 + (score - low) / (high - low)
        return 100 * place / (len(self.quantiles) - 1)


class PreferenceModel(nn.Module):
    """`transformer` and one row of weights for each of the named heads, drawn from torch's global generator."""

    def __init__(
        self,
        transformer: Transformer,
        heads: Sequence[str] = ("score",),
        *,
        likelihood: float = 0.0,
        initialise: bool = True,
    ) -> None:
        """Raises UserError when there is no head, or two of one name."""
        super().__init__()
        if not heads or len(set(heads)) < len(heads):
            raise UserError(f"a preference model needs heads of different names, not {', '.join(heads) or 'none'}")
        self.transformer = transformer
        self.head_names = tuple(heads)
        self.likelihood = likelihood
        """Weight, beside each head, of the log probabilities of a reply's tokens, their mean and the least of them."""
        self.heads = Linear(transformer.config.hidden_size, len(heads))
        self.distributions: dict[str, ScoreDistribution] = {}
        """Of the scores of each head, once they have been measured; saved and loaded with the model."""
        if initialise:
            nn.init.normal_(self.heads.weight, std=INITIAL_SCORE / math.sqrt(transformer.config.hidden_size))

    @property
    def config(self) -> ModelConfig:
        """Shape of the decoder."""
        return self.transformer.config

    @property
    def head_weight(self) -> Tensor:
        """The decoder's output head, (vocab_size, hidden_size)."""
        return self.transformer.head_weight

    def forward(self, tokens: Tensor, positions: Tensor, attend: Attend) -> Tensor:
        """tokens, positions (rows, seq) -> normed hidden states (rows, seq, hidden_size), as of the decoder."""
        hidden: Tensor = self.transformer(tokens, positions, attend)
        return hidden

    def scores(self, hidden: Tensor) -> Tensor:
        """(..., hidden_size) -> (..., heads), fp32 or better: scores of near equal replies must not be rounded."""
        weight = self.heads.weight
        with torch.autocast(hidden.device.type, enabled=False):
            return hidden.to(torch.promote_types(hidden.dtype, weight.dtype)) @ weight.T

    def num_parameters(self) -> int:
        """Trainable numbers, heads included."""
        return self.transformer.num_parameters() + self.heads.weight.numel()
