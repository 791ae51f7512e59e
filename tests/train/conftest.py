"""A run small enough to be made many times: a model of a few thousand parameters on counted sentences."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from rich.console import Console

from moss.chat_format import SPECIAL_TOKENS, ChatFormat
from moss.data.documents import Documents
from moss.model.config import ModelConfig
from moss.model.transformer import Transformer
from moss.tokenizer.bpe import Tokenizer
from moss.tokenizer.training import train as train_tokenizer
from moss.train.loop import TrainConfig, TrainResult, train
from moss.train.optim import OptimConfig
from moss.train.stages import pretrain_documents

TEXTS = [f"{i} plus {i % 7} is {i + i % 7}. " * (i % 3 + 1) for i in range(120)]

CONFIG = TrainConfig(
    max_steps=20,
    batch_tokens=512,
    row_length=64,
    precision="fp32",
    log_every=1,
    eval_every=10,
    save_every=5,
    optim=OptimConfig(warmup_steps=4),
)


@pytest.fixture(scope="session")
def tokenizer() -> Tokenizer:
    return train_tokenizer(TEXTS, 300, ["<|endoftext|>"])


@pytest.fixture(scope="session")
def chat_format() -> ChatFormat:
    """Over a tokenizer that knows the words of `replies.py`."""
    texts = ["red blue five tree lamp good fine", "what is it?"] * 3
    return ChatFormat(train_tokenizer(texts, 330, SPECIAL_TOKENS, split_spaces=True))


@pytest.fixture(scope="session")
def documents(tokenizer: Tokenizer) -> Documents:
    return pretrain_documents(TEXTS, tokenizer, CONFIG.row_length)[0]


def make_model(vocab_size: int) -> Transformer:
    torch.manual_seed(0)
    return Transformer(
        ModelConfig(
            vocab_size=vocab_size,
            num_layers=2,
            hidden_size=32,
            num_heads=2,
            num_kv_heads=1,
            head_dim=16,
            rotary_dim=16,
            intermediate_size=48,
            max_seq_len=64,
        )
    )


@pytest.fixture
def run(tokenizer: Tokenizer, documents: Documents) -> Callable[..., TrainResult]:
    """Trains in a folder; keywords change the settings."""

    def go(out: Path, *, resume: bool = False, **changes: object) -> TrainResult:
        return train(
            make_model(tokenizer.vocab_size),
            tokenizer,
            documents,
            replace(CONFIG, **changes),  # type: ignore[arg-type]
            out,
            validation={"en": documents},
            console=Console(quiet=True),
            resume=resume,
        )

    return go
