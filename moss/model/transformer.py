"""One decoder: RMSNorm, rotary positions, SwiGLU and grouped-query attention.

The model holds no state and knows nothing of batches, packing or caches. Whoever calls it passes `attend(layer, q, k,
v)`, which decides what each query may see: packed rows in training (`attention.py`), a key-value cache in the engine.
The published block it equals is Llama's (Touvron et al. 2023; grouped queries: Ainslie et al. 2023), with its
separate q/k/v and gate/up projections stacked into one matrix each, because one wide matmul is faster than three.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Protocol

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .config import ModelConfig


class Attend(Protocol):
    """Attention of one layer: q (rows, num_heads, seq, head_dim), k and v (rows, num_kv_heads, seq, head_dim)."""

    def __call__(self, layer: int, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        """Returns the mixed values, shaped like q; the 1/sqrt(head_dim) scale is the callee's."""
        ...


class Linear(nn.Linear):
    """x @ weight.T, without bias; the weight is whatever was in memory until the model fills it."""

    def __init__(self, in_features: int, out_features: int) -> None:
        super().__init__(in_features, out_features, bias=False)

    def reset_parameters(self) -> None:
        """Called by torch's constructor; drawing numbers that are overwritten at once would only take time."""


class StackedLinear(Linear):
    """Several projections of the same input as one matmul; `sizes` are the rows of each, in order.

    An optimizer that treats matrices as matrices (Muon) splits the weight by `sizes` again.
    """

    def __init__(self, in_features: int, sizes: Sequence[int]) -> None:
        super().__init__(in_features, sum(sizes))
        self.sizes = tuple(sizes)


class RMSNorm(nn.Module):
    """x / rms(x) * weight over the last dimension (Zhang and Sennrich 2019)."""

    def __init__(self, size: int, eps: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))
        self.eps = eps

    def forward(self, x: Tensor) -> Tensor:
        if torch.is_grad_enabled():
            return _RMSNormFunction.apply(x, self.weight, self.eps)
        return F.rms_norm(x, x.shape[-1:], self.weight, self.eps)


class _RMSNormFunction(torch.autograd.Function):
    """RMSNorm with its gradient by hand: half the passes over memory, and under autocast no fp32 result to be cast."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, eps: float) -> Tensor:
        autocast = torch.is_autocast_enabled(x.device.type)
        dtype = torch.get_autocast_dtype(x.device.type) if autocast else x.dtype
        mean_square = torch.linalg.vector_norm(x, dim=-1, keepdim=True, dtype=weight.dtype).square_() / x.shape[-1]
        inverse = mean_square.add_(eps).rsqrt_()
        unit = torch.mul(x, inverse, out=torch.empty_like(x, dtype=dtype))
        ctx.save_for_backward(unit, inverse, weight)
        ctx.dtype = x.dtype
        return unit * weight.to(dtype)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, Tensor, None]:
        """d/dx = (slope - unit * mean(slope * unit)) / rms, where slope = grad * weight."""
        unit, inverse, weight = ctx.saved_tensors
        grad, factor = grads[0], weight.to(unit.dtype)
        product = grad * unit
        weight_grad = product.flatten(0, -2).sum(0, dtype=weight.dtype)
        along = (product @ factor.unsqueeze(-1)).div_(-unit.shape[-1])
        slope = torch.addcmul(grad * factor, unit, along)
        return (slope * inverse).to(ctx.dtype), weight_grad, None


class Attention(nn.Module):
    """Queries, keys and values of one layer, rotated, handed to `attend`, and projected back."""

    def __init__(self, config: ModelConfig, layer: int) -> None:
        super().__init__()
        self.layer = layer
        self.num_heads, self.num_kv_heads, self.head_dim = config.num_heads, config.num_kv_heads, config.head_dim
        widths = [heads * self.head_dim for heads in (self.num_heads, self.num_kv_heads, self.num_kv_heads)]
        self.qkv = StackedLinear(config.hidden_size, widths)
        self.out = Linear(widths[0], config.hidden_size)
        self.q_norm = RMSNorm(self.head_dim, config.norm_eps) if config.qk_norm else None
        self.k_norm = RMSNorm(self.head_dim, config.norm_eps) if config.qk_norm else None

    def forward(self, x: Tensor, rotary: tuple[Tensor, Tensor], attend: Attend) -> Tensor:
        heads = self.qkv(x).unflatten(-1, (-1, self.head_dim))  # (rows, seq, q + k + v heads, head_dim)
        q, k, v = heads.split((self.num_heads, self.num_kv_heads, self.num_kv_heads), dim=2)
        if self.q_norm is not None and self.k_norm is not None:
            q, k = self.q_norm(q), self.k_norm(k)
        q, k = rotate(q, *rotary), rotate(k, *rotary)
        mixed = attend(self.layer, q.transpose(1, 2), k.transpose(1, 2), v.transpose(1, 2))
        return self.out(mixed.transpose(1, 2).flatten(2))


class SwiGLU(nn.Module):
    """down(silu(gate(x)) * up(x)) (Shazeer 2020)."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.gate_up = StackedLinear(config.hidden_size, (config.intermediate_size, config.intermediate_size))
        self.down = Linear(config.intermediate_size, config.hidden_size)

    def forward(self, x: Tensor) -> Tensor:
        gate, up = self.gate_up(x).chunk(2, dim=-1)
        return self.down(F.silu(gate) * up)


class Block(nn.Module):
    """One decoder layer: attention, then SwiGLU, each behind its norm and added to the stream."""

    def __init__(self, config: ModelConfig, layer: int) -> None:
        super().__init__()
        self.attention_norm = RMSNorm(config.hidden_size, config.norm_eps)
        self.attention = Attention(config, layer)
        self.mlp_norm = RMSNorm(config.hidden_size, config.norm_eps)
        self.mlp = SwiGLU(config)

    def forward(self, x: Tensor, rotary: tuple[Tensor, Tensor], attend: Attend) -> Tensor:
        x = x + self.attention(self.attention_norm(x), rotary, attend)
        return x + self.mlp(self.mlp_norm(x))


class Transformer(nn.Module):
    """The decoder without its loss.

    Parameters are drawn from torch's global generator, unless `initialise` is off because they are about to be loaded.
    """

    cos: Tensor
    sin: Tensor

    def __init__(self, config: ModelConfig, *, initialise: bool = True) -> None:
        super().__init__()
        self.config = config
        self.embedding = nn.Embedding.from_pretrained(torch.empty(config.vocab_size, config.hidden_size), freeze=False)
        self.blocks = nn.ModuleList(Block(config, layer) for layer in range(config.num_layers))
        self.norm = RMSNorm(config.hidden_size, config.norm_eps)
        self.head = None if config.tie_embeddings else Linear(config.hidden_size, config.vocab_size)
        cos, sin = rotary_tables(config)
        self.register_buffer("cos", cos, persistent=False)
        self.register_buffer("sin", sin, persistent=False)
        if initialise:
            self._initialise()

    def _initialise(self) -> None:
        """Normal(0, 1/sqrt(fan_in)) matrices, those that write to the stream smaller by 1/sqrt(2 * num_layers)."""
        for name, parameter in self.named_parameters():
            if name == "embedding.weight":
                nn.init.normal_(parameter, std=0.02)
            elif parameter.dim() == 2:
                writes = name.endswith(("attention.out.weight", "mlp.down.weight"))
                scale = 1 / math.sqrt(2 * self.config.num_layers) if writes else 1.0
                nn.init.normal_(parameter, std=scale / math.sqrt(parameter.shape[1]))

    def forward(self, tokens: Tensor, positions: Tensor, attend: Attend) -> Tensor:
        """tokens, positions (rows, seq), positions < max_seq_len -> normed hidden states (rows, seq, hidden_size)."""
        rotary = (self.cos[positions].unsqueeze(2), self.sin[positions].unsqueeze(2))  # (rows, seq, 1, rotary_dim / 2)
        x = self.embedding(tokens)
        for block in self.blocks:
            x = block(x, rotary, attend)
        return self.norm(x)

    @property
    def head_weight(self) -> Tensor:
        """(vocab_size, hidden_size)."""
        return self.embedding.weight if self.head is None else self.head.weight

    def logits(self, hidden: Tensor) -> Tensor:
        """(..., hidden_size) -> (..., vocab_size)."""
        return F.linear(hidden, self.head_weight)

    def num_parameters(self) -> int:
        """Trainable numbers, a tied head counted once."""
        return sum(parameter.numel() for parameter in self.parameters())


def rotary_tables(config: ModelConfig) -> tuple[Tensor, Tensor]:
    """cos and sin of position * theta^(-2i / rotary_dim), each (max_seq_len, rotary_dim / 2), fp32 (Su et al. 2021)."""
    exponent = torch.arange(0, config.rotary_dim, 2, dtype=torch.float64) / config.rotary_dim
    angles = torch.outer(torch.arange(config.max_seq_len, dtype=torch.float64), config.rope_theta**-exponent)
    return angles.cos().float(), angles.sin().float()


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Rotates the pairs (i, i + rotary_dim / 2) of each head; dimensions past rotary_dim pass through.

    x (rows, seq, heads, head_dim); cos and sin (rows, seq, 1, rotary_dim / 2).
    """
    half = cos.shape[-1]
    cos, sin = cos.to(x.dtype), sin.to(x.dtype)
    first, second, rest = x[..., :half], x[..., half : 2 * half], x[..., 2 * half :]
    return torch.cat((first * cos - second * sin, second * cos + first * sin, rest), dim=-1)
