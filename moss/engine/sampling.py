"""How the next token is chosen from the logits.

Rows are independent: each sequence has its own settings and its own random numbers, so the same seed gives the same
text whatever else runs in the batch. Not here: stop strings, which are text (the agent watches for them).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import torch
from torch import Tensor

from .params import SamplingParams

if TYPE_CHECKING:
    from .sequence import Request

NUCLEUS_GUESS = 64
"""Candidates looked at first; a trained model nearly always has its top_p mass in them, and sorting all is slow."""


def guide(logits: Tensor, contrasts: Tensor, scales: Sequence[float]) -> Tensor:
    """Classifier-free guidance (Ho and Salimans 2022; of texts: Sanchez et al. 2023); all (rows, vocab), a scale a row.

    In logits as good as in log probabilities: both differ by a constant a row, which a softmax does not see.
    """
    return logits + torch.tensor(scales, dtype=logits.dtype)[:, None] * (logits - contrasts)


class Chance(NamedTuple):
    """How likely a chosen token was, and which were likeliest."""

    log_probability: float
    likeliest: tuple[tuple[int, float], ...]
    """(token, log probability), likeliest first."""


def log_probabilities(logits: Tensor, requests: Sequence[Request]) -> dict[int, Tensor]:
    """By row, for those that ask for them: the model's own, before constraint, penalty and temperature change them."""
    rows = [row for row, request in enumerate(requests) if request.sampling.logprobs is not None]
    return dict(zip(rows, logits[rows].float().log_softmax(dim=-1), strict=True)) if rows else {}


def chance_of(token: int, log_probabilities: Tensor, count: int) -> Chance:
    """What is noted of one chosen token; `log_probabilities` (vocab,)."""
    top, tokens = log_probabilities.topk(min(count, len(log_probabilities)))
    return Chance(float(log_probabilities[token]), tuple(zip(tokens.tolist(), top.tolist(), strict=True)))


def sample(logits: Tensor, requests: Sequence[Request]) -> list[int]:
    """One token for each request; `logits` (rows, vocab) is written over."""
    _constrain(logits, requests)
    _penalise(logits, requests)
    drawing = [row for row, request in enumerate(requests) if request.sampling.temperature > 0]
    if len(drawing) == len(requests):
        return _draw(logits, requests)
    chosen: list[int] = logits.argmax(dim=-1).tolist()
    if drawing:
        drawn = _draw(logits[drawing], [requests[row] for row in drawing])
        for row, token in zip(drawing, drawn, strict=True):
            chosen[row] = token
    return chosen


def _constrain(logits: Tensor, requests: Sequence[Request]) -> None:
    rows, masks = [], []
    for row, request in enumerate(requests):
        mask = request.allowed()
        if mask is not None:
            rows.append(row)
            masks.append(mask)
    if len(rows) == len(requests):
        logits.masked_fill_(~torch.stack(masks), -torch.inf)
    elif rows:
        logits[rows] = logits[rows].masked_fill_(~torch.stack(masks), -torch.inf)


def _penalise(logits: Tensor, requests: Sequence[Request]) -> None:
    """Repetition penalty of CTRL (Keskar et al. 2019), over the prompt and what was generated."""
    rows = [row for row, request in enumerate(requests) if request.sampling.repetition_penalty != 1.0]
    if not rows:
        return
    seen = torch.stack([requests[row].sequence.seen(logits.shape[-1]) for row in rows])
    penalty = torch.tensor([[requests[row].sampling.repetition_penalty] for row in rows], dtype=logits.dtype)
    some = logits[rows]
    logits[rows] = torch.where(seen, torch.where(some > 0, some / penalty, some * penalty), some)


def _draw(logits: Tensor, requests: Sequence[Request]) -> list[int]:
    """A random token a row: temperature, then top_k, then top_p (Holtzman et al. 2020) over what top_k left."""
    settings = [request.sampling for request in requests]
    temperature = torch.tensor([[s.temperature] for s in settings], dtype=logits.dtype)
    # The largest logit is subtracted first, so that a temperature near 0 cannot overflow to inf - inf.
    scaled = (logits - logits.amax(dim=-1, keepdim=True)) / temperature
    probabilities, tokens = _candidates(scaled.softmax(dim=-1), settings)
    limit = torch.tensor([[s.top_k or logits.shape[-1]] for s in settings])
    probabilities = probabilities.masked_fill(torch.arange(probabilities.shape[-1]) >= limit, 0.0)
    mass = probabilities.cumsum(dim=-1)
    top_p = torch.tensor([[s.top_p] for s in settings], dtype=logits.dtype)
    # Without top_k the whole mass is 1, also where only the first candidates were looked at.
    whole = torch.where(limit < logits.shape[-1], mass[:, -1:], torch.ones_like(top_p))
    probabilities = probabilities.masked_fill(mass - probabilities >= top_p * whole, 0.0)
    mass = probabilities.cumsum(dim=-1)
    drawn = torch.tensor([[request.sequence.random.random()] for request in requests], dtype=logits.dtype)
    last = (probabilities > 0).sum(dim=-1) - 1
    index = torch.minimum((mass <= drawn * mass[:, -1:]).sum(dim=-1), last)
    chosen: list[int] = tokens.gather(1, index[:, None]).squeeze(1).tolist()
    return chosen


def _candidates(probabilities: Tensor, settings: Sequence[SamplingParams]) -> tuple[Tensor, Tensor]:
    """Probabilities and tokens, likeliest first: as many columns as the rows' top_k and top_p can reach."""
    vocab_size = probabilities.shape[-1]
    if vocab_size > NUCLEUS_GUESS:
        top, tokens = probabilities.topk(NUCLEUS_GUESS, dim=-1)
        masses = top.sum(dim=-1).tolist()
        if all(
            s.top_k <= NUCLEUS_GUESS if s.top_k else mass >= s.top_p for s, mass in zip(settings, masses, strict=True)
        ):
            return top, tokens
    return probabilities.sort(dim=-1, descending=True, stable=True)
