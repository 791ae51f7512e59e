"""Attention over rows that hold several whole documents, none of which sees another.

Measured on CPU, one call with a block-diagonal mask costs as much as full causal attention over the row, and one call
per document costs more. Documents of similar length side by side as a padded batch, run with `is_causal`, take about
half the time, so that is what this does: tokens are gathered into a few such groups, attended, and gathered back.
Padding comes last in a group's row, where causality hides it from every real token.

Documents that share a beginning (data/branches.py) are one document there, with a mask between its branches. Attention
costs about as much as if each stood alone, and everything else is computed for the beginning once.

On a GPU in half precision one kernel does all that has no branches, told where each document begins.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterator
from functools import cache, cached_property
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

try:
    from torch.nn.attention import varlen
except ImportError:  # torch before 2.10
    varlen = None  # type: ignore[assignment]

LENGTH_RATIO = 1.25
"""Longest to shortest document of a group, at most: bounds what padding wastes."""

LONGEST_BY_MATMUL = 1024
"""Tokens of the longest document whose attention probabilities are kept in memory."""

QUERY_BLOCK = 128
"""Queries of a document that are attended together."""

Span = tuple[int, int]
"""Where a document lies in the flattened rows: first token, length."""
Branch = tuple[int, int, int]
"""Tokens of a span that go on from its beginning: first, one past the last, and how much of the beginning they see."""
Branched = dict[int, list[Branch]]
"""Branches of spans, by where a span starts."""
Flat = Callable[[Tensor, Tensor, Tensor], Tensor]
"""Attention over flattened rows: q (tokens, heads, head_dim), k and v (tokens, kv heads, head_dim) -> like q."""


class PackedAttention:
    """`attend` for training: causal attention within each document of each row.

    `document_ids` (rows, seq): equal neighbours in a row belong to one document; negative is padding, whose outputs
    are zeros. `positions`, likewise: a document that begins at p > 0 sees, too, the first p tokens of the one before it
    that begins at 0. The layout is worked out once and serves every layer.
    """

    def __init__(self, document_ids: Tensor, positions: Tensor | None = None) -> None:
        rows, seq = document_ids.shape
        self._device, self._num_tokens = document_ids.device, rows * seq
        spans = document_spans(document_ids)
        self._spans, self._branches = (spans, {}) if positions is None else joined(spans, positions)
        self.whole_rows = not self._branches and spans == [(row * seq, seq) for row in range(rows)]

    def __call__(self, layer: int, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        """q (rows, heads, seq, head_dim), k and v (rows, kv heads, seq, head_dim) -> like q."""
        if self.whole_rows:
            return _causal(q, k, v)
        rows, _, seq, _ = q.shape
        layout = self._stretches if _has_varlen(q) and not self._branches else self._groups
        mixed = layout(*(x.transpose(1, 2).flatten(0, 1) for x in (q, k, v)))
        return mixed.unflatten(0, (rows, seq)).transpose(1, 2)

    @cached_property
    def _groups(self) -> Flat:
        return _Groups(similar_lengths(self._spans), self._branches, self._num_tokens, self._device)

    @cached_property
    def _stretches(self) -> Flat:
        return _Stretches(self._spans, self._num_tokens, self._device)


def _causal(q: Tensor, k: Tensor, v: Tensor, hidden: Tensor | None = None) -> Tensor:
    """Causal attention, grouped queries allowed, by whichever way is fast for this kind of tensor.

    `hidden` (documents, seq, seq): what a query must not see though it comes before.
    """
    if q.dtype == torch.bfloat16 and q.device.type == "cpu" and q.shape[2] <= LONGEST_BY_MATMUL:
        return _MatmulAttention.apply(q, k, v, hidden)
    gqa = q.shape[1] != k.shape[1]
    if hidden is None:
        return F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=gqa)
    seen = (~hidden).tril()[:, None]
    return F.scaled_dot_product_attention(q, k, v, seen, enable_gqa=gqa)


class _MatmulAttention(torch.autograd.Function):
    """Causal attention as plain batched products: torch's CPU kernel gains nothing from bf16, its matmul five times.

    Queries go in blocks, each against the keys up to its end, so that most of what causality hides is not computed.
    The probabilities are kept for the backward pass, which is why it is for short documents only.
    """

    @staticmethod
    def forward(ctx: Any, q: Tensor, k: Tensor, v: Tensor, hidden: Tensor | None = None) -> Tensor:
        (documents, heads, width, head_dim), kv_heads = q.shape, k.shape[1]
        scale = head_dim**-0.5
        # Every key head is an item of the batch, with the query heads that share it below each other.
        queries = (q * scale).reshape(documents * kv_heads, heads // kv_heads, width, head_dim)
        keys, values = (x.reshape(documents * kv_heads, width, head_dim) for x in (k, v))
        mixed = torch.empty_like(queries)
        kept = []
        for block, seen in _blocks(width):
            part = queries[:, :, block]
            scores = torch.bmm(part.flatten(1, 2), keys[:, seen].mT)
            scores.view(*part.shape[:3], -1)[..., block] += _future(part.shape[2], q.dtype)
            if hidden is not None:
                by_document = scores.view(documents, -1, part.shape[2], scores.shape[-1])
                by_document.masked_fill_(hidden[:, None, block, seen], -math.inf)
            probabilities = scores.softmax(-1)
            mixed[:, :, block] = torch.bmm(probabilities, values[:, seen]).view_as(part)
            kept.append(probabilities)
        ctx.save_for_backward(queries, keys, values, *kept)
        ctx.scale, ctx.shapes = scale, (q.shape, k.shape)
        return mixed.view(q.shape)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, Tensor, Tensor, None]:
        queries, keys, values, *kept = ctx.saved_tensors
        q_shape, kv_shape = ctx.shapes
        grad = grads[0].reshape(queries.shape)
        q_grad = torch.empty_like(queries)
        k_grad, v_grad = (torch.zeros_like(keys, dtype=torch.float32) for _ in range(2))
        for (block, seen), probabilities in zip(_blocks(keys.shape[1]), kept, strict=True):
            part, part_grad = queries[:, :, block].flatten(1, 2), grad[:, :, block].flatten(1, 2)
            v_grad[:, seen] += torch.bmm(probabilities.mT, part_grad)
            slope = torch.bmm(part_grad, values[:, seen].mT)
            slope = torch._softmax_backward_data(slope, probabilities, -1, slope.dtype)
            q_grad[:, :, block] = torch.bmm(slope, keys[:, seen]).view_as(q_grad[:, :, block])
            k_grad[:, seen] += torch.bmm(slope.mT, part)
        q_grad.mul_(ctx.scale)
        k_grad, v_grad = (grad.to(q_grad.dtype).view(kv_shape) for grad in (k_grad, v_grad))
        return q_grad.view(q_shape), k_grad, v_grad, None


def _blocks(width: int) -> Iterator[tuple[slice, slice]]:
    """(queries, keys they may see) for blocks of queries."""
    for start in range(0, width, QUERY_BLOCK):
        stop = min(start + QUERY_BLOCK, width)
        yield slice(start, stop), slice(0, stop)


def _future(size: int, dtype: torch.dtype) -> Tensor:
    """(size, size): minus infinity where the column comes after the row, else zero."""
    return torch.full((size, size), -math.inf, dtype=dtype).triu_(1)


def document_spans(document_ids: Tensor) -> list[Span]:
    """The runs of equal, non-negative ids, row by row, as places in the flattened rows."""
    spans: list[Span] = []
    for row, ids in enumerate(document_ids.cpu()):
        values, lengths = torch.unique_consecutive(ids, return_counts=True)
        start = row * len(ids)
        for value, length in zip(values.tolist(), lengths.tolist(), strict=True):
            if value >= 0:
                spans.append((start, length))
            start += length
    return spans


def joined(spans: list[Span], positions: Tensor) -> tuple[list[Span], Branched]:
    """The spans, those whose positions do not begin at 0 as branches of the one before."""
    found: list[Span] = []
    branches: Branched = {}
    begins = positions.flatten()[[start for start, _ in spans]].tolist()
    for (start, length), shared in zip(spans, begins, strict=True):
        if shared:
            first, before = found.pop()
            found.append((first, before + length))
            branches.setdefault(first, []).append((before, before + length, shared))
        else:
            found.append((start, length))
    return found, branches


def similar_lengths(spans: list[Span]) -> list[list[Span]]:
    """Groups of spans, the longest of a group first and no more than LENGTH_RATIO times its shortest."""
    groups: list[list[Span]] = []
    for span in sorted(spans, key=lambda span: -span[1]):
        if groups and groups[-1][0][1] <= LENGTH_RATIO * span[1]:
            groups[-1].append(span)
        else:
            groups.append([span])
    return groups


def _has_varlen(q: Tensor) -> bool:
    """Whether the kernel for documents of various lengths takes such queries."""
    return varlen is not None and q.is_cuda and q.dtype in (torch.bfloat16, torch.float16)


@cache
def _causality() -> dict[str, Any]:
    """How that kernel is told that nothing sees what comes after it; torch 2.10 had a word of its own for it."""
    named = inspect.signature(varlen.varlen_attn).parameters
    return {"window_size": (-1, 0)} if "window_size" in named else {"is_causal": True}


class _Stretches:
    """`Flat` by one kernel; a stretch of padding is attended like a document, and made zeros."""

    def __init__(self, spans: list[Span], num_tokens: int, device: torch.device) -> None:
        starts, padding, end = [], [], 0
        for start, length in spans:
            if start > end:
                starts.append(end)
                padding.append((end, start))
            starts.append(start)
            end = start + length
        if end < num_tokens:
            starts.append(end)
            padding.append((end, num_tokens))
        bounds = torch.tensor([*starts, num_tokens], dtype=torch.int32)
        self._longest = int(bounds.diff().max())
        self._bounds = bounds.to(device)
        self._padding = torch.cat([torch.arange(*span) for span in padding]).to(device) if padding else None

    def __call__(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        repeats = q.shape[1] // k.shape[1]
        if repeats > 1:
            k, v = k.repeat_interleave(repeats, 1), v.repeat_interleave(repeats, 1)
        bounds, longest = self._bounds, self._longest
        mixed = varlen.varlen_attn(q, k, v, bounds, bounds, longest, longest, **_causality())
        assert isinstance(mixed, Tensor)  # more comes only where it is asked for
        return mixed if self._padding is None else mixed.index_fill(0, self._padding, 0)


class _Groups:
    """`Flat` by padded groups of documents of similar length."""

    def __init__(self, groups: list[list[Span]], branches: Branched, num_tokens: int, device: torch.device) -> None:
        self._shapes = [(len(group), group[0][1]) for group in groups]  # (documents, width) of each group
        self._hidden = [_hidden(group, branches, device) for group in groups]
        self._regrouping = _Regrouping(groups, num_tokens, device)

    def __call__(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        grouped = [self._regrouping.forth(x) for x in (q, k, v)]
        sizes = [documents * width for documents, width in self._shapes]
        parts = zip(*(x.split(sizes) for x in grouped), strict=True)
        mixed = []
        for shape, hidden, part in zip(self._shapes, self._hidden, parts, strict=True):
            q, k, v = (x.unflatten(0, shape).transpose(1, 2) for x in part)
            mixed.append(_causal(q, k, v, hidden).transpose(1, 2).flatten(0, 1))
        return self._regrouping.back(torch.cat(mixed))


def _hidden(group: list[Span], branches: Branched, device: torch.device) -> Tensor | None:
    """(documents, width, width) of a padded group: true where a branch must not see what lies between it and what it
    goes on from; None where there is no branch."""
    if not any(start in branches for start, _ in group):
        return None
    width = group[0][1]
    hidden = torch.zeros(len(group), width, width, dtype=torch.bool)
    for document, (start, _) in enumerate(group):
        for first, stop, shared in branches.get(start, ()):
            hidden[document, first:stop, shared:first] = True
    return hidden.to(device)


class _Regrouping:
    """The order of tokens in rows against their order in padded groups; each real token is in both exactly once."""

    def __init__(self, groups: list[list[Span]], num_tokens: int, device: torch.device) -> None:
        source = torch.cat([_group_sources(group) for group in groups]) if groups else torch.empty(0, dtype=torch.long)
        real = source >= 0
        place = torch.full((num_tokens,), -1)
        place[source[real]] = real.nonzero().flatten()
        self._to_groups = _Selection(source, device)
        self._to_rows = _Selection(place, device)

    def forth(self, x: Tensor) -> Tensor:
        """(tokens, heads, head_dim) in rows -> (slots, heads, head_dim) in groups, padding slots zero."""
        return _Reorder.apply(x, self._to_groups, self._to_rows)

    def back(self, x: Tensor) -> Tensor:
        """The inverse of `forth`; tokens that belong to no document become zeros."""
        return _Reorder.apply(x, self._to_rows, self._to_groups)


def _group_sources(group: list[Span]) -> Tensor:
    """For each slot of one padded group, the token that goes there, or -1."""
    starts, lengths = torch.tensor(group).unbind(1)
    offsets = torch.arange(group[0][1])
    return torch.where(offsets < lengths[:, None], starts[:, None] + offsets, -1).flatten()


class _Selection:
    """Which item of the input each item of the output takes; `empty` lists the outputs that take none."""

    def __init__(self, source: Tensor, device: torch.device) -> None:
        self.index = source.clamp(min=0).to(device)
        self.empty = (source < 0).nonzero().flatten().to(device)

    def __call__(self, x: Tensor) -> Tensor:
        return x.index_select(0, self.index).index_fill_(0, self.empty, 0)


class _Reorder(torch.autograd.Function):
    """A gather whose gradient is a gather too: cheaper than the scatter-add autograd would use for the general case."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, selection: _Selection, inverse: _Selection) -> Tensor:
        ctx.inverse = inverse
        return selection(x)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None, None]:
        return ctx.inverse(grads[0]), None, None
