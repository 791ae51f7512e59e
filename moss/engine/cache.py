"""Keys and values of every running sequence, preallocated, and the attention that reads and writes them.

`CachedAttention` is the `attend(layer, q, k, v)` of one step; the model never learns that there is a cache. Rows may
stand at different lengths: what a query sees is decided by positions alone.
"""

from __future__ import annotations

from collections.abc import Sequence as Row

import torch
from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention

from ..model.config import ModelConfig
from ..model.transformer import Attend


class KVCache:
    """(num_layers, slots, num_kv_heads, max_seq_len + 1, head_dim), twice.

    The last column is scratch: padding and idle rows write there. Zeroed, because a masked value still takes part in
    the weighted sum with weight 0, and 0 times a stray NaN is NaN.
    """

    def __init__(
        self, config: ModelConfig, slots: int, max_seq_len: int, dtype: torch.dtype, device: torch.device
    ) -> None:
        self.device = device
        self.scratch = max_seq_len
        self.num_kv_heads = config.num_kv_heads
        self.group = config.num_heads // config.num_kv_heads
        self.head_dim = config.head_dim
        self.rows = slots * config.num_kv_heads * (max_seq_len + 1)
        shape = (config.num_layers, self.rows, config.head_dim)
        self.keys = list(torch.zeros(shape, dtype=dtype, device=device))
        self.values = list(torch.zeros(shape, dtype=dtype, device=device))

    def copy(self, source: int, target: int, length: int) -> None:
        """Slot `target` gets the first `length` positions of slot `source`."""
        for lines in (*self.keys, *self.values):
            slots = lines.view(-1, self.num_kv_heads, self.scratch + 1, self.head_dim)
            slots[target, :, :length] = slots[source, :, :length]

    def attention(self, slots: Row[int], columns: Tensor, positions: Tensor, length: int) -> CachedAttention:
        """The attention of one step.

        slots: the cache row of each batch row. columns (rows, width): where each new token is written. positions
        (rows, width): the last position each new token sees. length: the longest any row will be after the step.
        All of it lies on the CPU, where what is read and seen is worked out.
        """
        width = self.scratch + 1
        head = torch.arange(self.num_kv_heads)
        first = (torch.tensor(slots)[:, None] * self.num_kv_heads + head) * width  # (rows, num_kv_heads)
        written = (first[:, :, None] + columns[:, None]).flatten()
        adjacent = list(slots) == list(range(slots[0], slots[0] + len(slots)))
        read = None if adjacent else (first[:, :, None] + torch.arange(length)).flatten()
        seen = None
        if not bool((positions == length - 1).all()):
            hidden = torch.arange(length) > positions[:, None, :, None]  # (rows, 1, width, length)
            seen = torch.zeros(hidden.shape, dtype=self.keys[0].dtype).masked_fill_(hidden, -torch.inf)
            seen = seen.repeat(1, 1, self.group, 1)
        there = [None if x is None else x.to(self.device) for x in (read, seen)]
        first_slot = slots[0] if adjacent else None
        return CachedAttention(self, first_slot, columns.shape, length, written.to(self.device), *there)


class CachedAttention:
    """Writes the new keys and values, then attends over all that the rows have cached."""

    def __init__(
        self,
        cache: KVCache,
        first_slot: int | None,
        shape: Row[int],
        length: int,
        written: Tensor,
        read: Tensor | None,
        mask: Tensor | None,
    ) -> None:
        self._keys, self._values = cache.keys, cache.values
        self._written, self._read, self._mask = written, read, mask
        self.rows, self.width = shape
        self._shape = (self.rows, cache.num_kv_heads, length, cache.head_dim)
        stretch = (cache.scratch + 1) * cache.head_dim
        self._stride = (cache.num_kv_heads * stretch, stretch, cache.head_dim, 1)
        self._offset = (first_slot or 0) * cache.num_kv_heads * stretch

    def __call__(self, layer: int, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        """q (rows, num_heads, width, head_dim); k, v (rows, num_kv_heads, width, head_dim); returns like q."""
        rows, num_heads, width, head_dim = q.shape
        keys, values = self._store(self._keys[layer], k), self._store(self._values[layer], v)
        # Heads that share keys are one longer row of queries: no copy of the keys for grouped-query attention.
        grouped = q.reshape(rows, self._shape[1], num_heads // self._shape[1] * width, head_dim)
        return scaled_dot_product_attention(grouped, keys, values, attn_mask=self._mask).view(q.shape)

    def _store(self, lines: Tensor, new: Tensor) -> Tensor:
        """Writes `new` into one layer's (slots * num_kv_heads * columns, head_dim); returns what the rows see of it."""
        lines.index_copy_(0, self._written, new.reshape(-1, self._shape[3]))
        if self._read is None:
            return lines.as_strided(self._shape, self._stride, lines.storage_offset() + self._offset)
        return lines.index_select(0, self._read).view(self._shape)


def together(parts: Row[CachedAttention]) -> Attend:
    """The attention of blocks of rows that the model reads as a single row, one behind the other."""
    if len(parts) == 1:
        return parts[0]
    lengths = [part.rows * part.width for part in parts]

    def attend(layer: int, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        blocks = zip(parts, *(x[0].split(lengths, dim=1) for x in (q, k, v)), strict=True)
        return torch.cat([_apart(part, layer, *block) for part, *block in blocks], dim=1)[None]

    return attend


def _apart(part: CachedAttention, layer: int, *block: Tensor) -> Tensor:
    """`part` of (heads, rows * width, head_dim) blocks of queries, keys and values; returns what is like the first."""
    rows = (x.unflatten(1, (part.rows, part.width)).transpose(0, 1) for x in block)
    return part(layer, *rows).transpose(0, 1).flatten(1, 2)
