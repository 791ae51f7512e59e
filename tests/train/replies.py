"""Dialogues small enough to learn preferences from in a second, and a model that can."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest
import torch

from moss.chat_format import ChatFormat
from moss.conversation import Conversation, Message, PreferencePair
from moss.data.pairs import PairDocuments
from moss.model.config import ModelConfig
from moss.model.transformer import Transformer
from moss.train import loop

WORDS = ("red", "blue", "five", "tree", "lamp", "good", "fine")
ROW = 128


def make_transformer(chat_format: ChatFormat) -> Transformer:
    torch.manual_seed(0)
    return Transformer(
        ModelConfig(
            vocab_size=chat_format.tokenizer.vocab_size,  # type: ignore[attr-defined]
            num_layers=2,
            hidden_size=32,
            num_heads=2,
            num_kv_heads=1,
            head_dim=16,
            rotary_dim=16,
            intermediate_size=48,
            max_seq_len=ROW,
        )
    )


def make_pairs(chat_format: ChatFormat, count: int, seed: int, heads: Sequence[str] = ("score",)) -> PairDocuments:
    """The better reply ends with `fine`, whatever else is said; each context has three replies, two of them bad."""
    draw = random.Random(seed)
    pairs = []
    for number in range(count):
        context = Conversation((Message("user", f"{draw.choice(WORDS)} {seed} {number}?"),))
        good, *bad = (
            (Message("assistant", " ".join([*draw.choices(WORDS[:5], k=draw.randint(1, 6)), end])),)
            for end in ("fine", "red", "blue")
        )
        meta = {"source": draw.choice(["a", "b"])}
        pairs += [PreferencePair(context, good, worse, meta=meta) for worse in bad]
    return PairDocuments.build(pairs, chat_format, ROW, Counter(), heads)


def break_at_step(patch: pytest.MonkeyPatch, step: int) -> None:
    """Runs fail in the step after `step`."""
    train_step = loop.Trainer.train_step

    def failing(trainer: loop.Trainer) -> Any:
        if trainer.step == step:
            raise ZeroDivisionError
        return train_step(trainer)

    patch.setattr(loop.Trainer, "train_step", failing)
