"""Log probabilities straight from hidden states: logits exist only for learned positions, a few rows at a time.

A vocabulary's worth of logits for every position is the largest tensor of a small model's step. Dialogues learn
perhaps a third of their tokens, and a chunk of logits that stays in the cache can be turned into its gradient at once,
so forward and backward of the head happen together (the idea of Liger's fused linear cross entropy). That needs a loss
whose slope is known at once, as cross entropy's is; `token_log_probs` is for the others, and makes the logits twice.
Not here: what is made of log probabilities (preference_losses.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from ..data.batches import IGNORE_INDEX

CHUNK_ROWS = {"cpu": 512, "cuda": 8192}
"""Positions whose logits exist at a time, by kind of device: on a CPU they stay in the cache (8 MB for a vocabulary of
4,096), on a GPU they are enough to keep it busy."""


def masked_cross_entropy(hidden: Tensor, head: Tensor, targets: Tensor) -> Tensor:
    """Sum (not mean) over learned positions of -log p(target), in nats.

    hidden (rows, seq, hidden_size), head (vocab_size, hidden_size), targets (rows, seq) with IGNORE_INDEX elsewhere.
    Divided by the count of learned positions of the whole batch, the losses of its parts add up to the batch's.
    """
    chosen, head, wanted, _ = _learned(hidden, head, targets)
    return _LinearCrossEntropy.apply(chosen, head, wanted)


def token_log_probs(hidden: Tensor, head: Tensor, targets: Tensor) -> Tensor:
    """log p(target) of each position, (rows, seq) in nats, at least fp32; zero where nothing is learned.

    Shapes as in `masked_cross_entropy`, whose negative is the sum of these.
    """
    chosen, head, wanted, places = _learned(hidden, head, targets)
    found = _LinearLogProbs.apply(chosen, head, wanted)
    return found.new_zeros(targets.numel()).index_copy(0, places, found).view_as(targets)


def _learned(hidden: Tensor, head: Tensor, targets: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """(hidden states of learned positions, head, their targets, their places in the flattened rows), to be computed in
    the type that autocast asks for."""
    learned = targets.flatten() != IGNORE_INDEX
    places = learned.nonzero().flatten()
    chosen, wanted = hidden.flatten(0, 1).index_select(0, places), targets.flatten().index_select(0, places)
    if torch.is_autocast_enabled(hidden.device.type):
        dtype = torch.get_autocast_dtype(hidden.device.type)
        chosen, head = chosen.to(dtype), head.to(dtype)
    return chosen, head, wanted, places


def _chunks(x: Tensor) -> Iterator[slice]:
    """The rows of x, a chunk at a time."""
    size = CHUNK_ROWS.get(x.device.type, CHUNK_ROWS["cpu"])
    for start in range(0, len(x), size):
        yield slice(start, start + size)


class _LinearCrossEntropy(torch.autograd.Function):
    """sum of cross_entropy(x @ head.T, targets); the gradient is made in forward, chunk by chunk."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, head: Tensor, targets: Tensor) -> Tensor:
        needed = any(ctx.needs_input_grad)
        total = x.new_zeros((), dtype=torch.float32)
        x_grad = torch.empty_like(x) if needed else None
        head_grad = torch.zeros_like(head, dtype=torch.float32) if needed else None
        for rows in _chunks(x):
            logits = F.linear(x[rows], head).float()
            if x_grad is None or head_grad is None:
                total += F.cross_entropy(logits, targets[rows], reduction="sum")
                continue
            log_probs = logits.log_softmax(-1)
            wanted = targets[rows, None]
            total -= log_probs.gather(1, wanted).sum()
            # d loss / d logits = softmax - one-hot, written over the log probabilities, which are not needed again.
            slope = log_probs.exp_().scatter_add_(1, wanted, torch.full_like(wanted, -1, dtype=log_probs.dtype))
            slope = slope.to(x.dtype)
            x_grad[rows] = slope @ head
            head_grad += slope.T @ x[rows]
        if needed:
            ctx.save_for_backward(x_grad, head_grad)
        return total

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, Tensor, None]:
        x_grad, head_grad = ctx.saved_tensors
        return x_grad * grads[0].to(x_grad.dtype), head_grad * grads[0], None


class _LinearLogProbs(torch.autograd.Function):
    """log_softmax(x @ head.T) at the targets, (positions,). The gradient makes the logits again, chunk by chunk."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, head: Tensor, targets: Tensor) -> Tensor:
        exact = torch.promote_types(x.dtype, torch.float32)
        found = x.new_empty(len(x), dtype=exact)
        normalisers = torch.empty_like(found)
        for rows in _chunks(x):
            logits = F.linear(x[rows], head).to(exact)
            normalisers[rows] = logits.logsumexp(-1)
            found[rows] = logits.gather(1, targets[rows, None]).squeeze(1) - normalisers[rows]
        ctx.save_for_backward(x, head, targets, normalisers)
        return found

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, Tensor, None]:
        x, head, targets, normalisers = ctx.saved_tensors
        weights = grads[0][:, None]
        x_grad, head_grad = torch.empty_like(x), torch.zeros_like(head, dtype=normalisers.dtype)
        for rows in _chunks(x):
            probabilities = (F.linear(x[rows], head).to(normalisers.dtype) - normalisers[rows, None]).exp_()
            # d log p / d logits = one-hot - softmax, weighted by what comes from above.
            slope = probabilities.mul_(-weights[rows]).scatter_add_(1, targets[rows, None], weights[rows])
            slope = slope.to(x.dtype)
            x_grad[rows] = slope @ head
            head_grad += slope.T @ x[rows]
        return x_grad, head_grad.to(head.dtype), None
