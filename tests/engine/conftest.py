"""A tiny random model and a tokenizer of single bytes: what an engine computes must not depend on how it batches."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch

from moss.chat_format import SPECIAL_TOKENS
from moss.engine.engine import Engine
from moss.model.config import ModelConfig
from moss.model.transformer import Transformer
from moss.tokenizer.bpe import Tokenizer
from moss.tokenizer.training import train

CORPUS = [
    'Calculate("37*48+5"), Search("capital of France")',
    "None, 法国的首都是巴黎。",
    'Solve("x+1=2") => x = 1',
] * 3


@pytest.fixture(scope="session")
def tokenizer() -> Tokenizer:
    return train(CORPUS, vocab_size=340, special_tokens=SPECIAL_TOKENS)


@pytest.fixture(scope="session")
def model(tokenizer: Tokenizer) -> Transformer:
    """Double precision, so that equal means equal: no near tie can fall either way."""
    torch.manual_seed(0)
    config = ModelConfig(
        vocab_size=tokenizer.vocab_size,
        num_layers=2,
        hidden_size=32,
        num_heads=4,
        num_kv_heads=2,
        head_dim=8,
        rotary_dim=8,
        intermediate_size=48,
        max_seq_len=160,
    )
    return Transformer(config).double()


@pytest.fixture
def engine(model: Transformer, tokenizer: Tokenizer) -> Iterator[Engine]:
    with Engine(model, tokenizer, max_sequences=8, prefill_tokens=24) as engine:
        yield engine
