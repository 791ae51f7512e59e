"""The shape of a model, as it is written in a checkpoint's config.json. No torch here."""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import UserError, unknown_name

BLOCKS = ("llama",)
"""Kinds of decoder block that `transformer.py` can build."""


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """Everything that decides the names and shapes of the parameters and what they compute."""

    vocab_size: int
    """Tokens the embedding knows; at least the tokenizer's own count."""
    num_layers: int = 6
    """Decoder blocks."""
    hidden_size: int = 256
    """Width of the residual stream."""
    num_heads: int = 4
    """Query heads."""
    num_kv_heads: int = 2
    """Key and value heads, each shared by num_heads / num_kv_heads query heads."""
    head_dim: int = 64
    """Width of one head."""
    intermediate_size: int = 704
    """Width inside the SwiGLU."""
    rotary_dim: int = 64
    """How many of a head's first dimensions are rotated by position; even, at most head_dim."""
    rope_theta: float = 10_000.0
    """Base of the rotary wavelengths."""
    norm_eps: float = 1e-6
    """Added to the mean square inside RMSNorm."""
    max_seq_len: int = 1024
    """Positions the rotary tables cover: no document or conversation may be longer."""
    tie_embeddings: bool = True
    """Whether the output head is the embedding matrix."""
    qk_norm: bool = False
    """Whether queries and keys are RMS-normalised per head before the rotation."""
    block: str = "llama"
    """Kind of decoder block; see BLOCKS."""

    def __post_init__(self) -> None:
        if self.block not in BLOCKS:
            raise unknown_name("model block", self.block, BLOCKS)
        sizes = ("vocab_size", "num_layers", "hidden_size", "num_heads", "num_kv_heads", "head_dim")
        for name in (*sizes, "intermediate_size", "max_seq_len"):
            if getattr(self, name) < 1:
                raise UserError(f"model: {name} must be at least 1, not {getattr(self, name)}")
        if self.num_heads % self.num_kv_heads:
            raise UserError(
                f"model: num_heads ({self.num_heads}) must be a multiple of num_kv_heads ({self.num_kv_heads})"
            )
        if self.rotary_dim % 2 or not 0 < self.rotary_dim <= self.head_dim:
            raise UserError(
                f"model: rotary_dim must be even and at most head_dim ({self.head_dim}), not {self.rotary_dim}"
            )
