"""The stages of making an assistant, each of them token documents and settings for the one loop.

`pretrain` learns every token of texts; `sft` learns, in dialogues, what the assistant says (chat_format's loss mask).
Not here: where texts and dialogues come from, and the loop.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import TypeVar

import numpy as np
import torch

from ..chat_format import END_OF_TEXT, ChatFormat, Section, tagged
from ..conversation import Conversation
from ..data.documents import Document, Documents
from ..data.packing import Shortened, cut_dialogues, split_texts
from ..errors import UserError
from ..model.config import ModelConfig
from ..model.transformer import Transformer
from ..tokenizer.bpe import Tokenizer
from .loop import TrainConfig
from .optim import OptimConfig

T = TypeVar("T")

_AT_A_TIME = 1000
"""Texts or dialogues tokenised together: enough for the tokenizer to work in batches, few enough to stay small."""


@dataclass(frozen=True)
class PretrainConfig(TrainConfig):
    """A run that makes its model."""

    model: ModelConfig = field(default_factory=lambda: ModelConfig(vocab_size=4096))
    """Shape of the model; its vocabulary is the tokenizer's."""


@dataclass(frozen=True)
class SftConfig(TrainConfig):
    """A run on dialogues."""

    tag_dropout: float = 0.1
    """Share of the dialogues that are learned without their quality tags: the model then also replies without one."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0.0 <= self.tag_dropout <= 1.0:
            raise UserError(f"tag_dropout must be between 0 and 1, not {self.tag_dropout}")


def pretrain_config(vocab_size: int, model: ModelConfig | None = None) -> PretrainConfig:
    """Settings of pre-training: of `model`, or of a new one of about six million parameters."""
    model = model or ModelConfig(vocab_size=vocab_size)
    return PretrainConfig(model=model, row_length=min(512, model.max_seq_len))


def sft_config(model: ModelConfig) -> SftConfig:
    """Settings of fine-tuning: rows as long as the model allows, a quarter of pre-training's learning rates."""
    row_length = min(1024, model.max_seq_len)
    return SftConfig(row_length=row_length, optim=OptimConfig(lr=1e-3, matrix_lr=5e-3, final_lr_ratio=0.02))


def pretrain_documents(texts: Iterable[str], tokenizer: Tokenizer, row_length: int) -> tuple[Documents, Shortened]:
    """Texts as documents between two end-of-text tokens, so that a model learns to begin and to end one.

    Every token after the first is learned. Texts longer than a row are split; `Shortened` counts them.
    """
    shortened = Shortened()
    return Documents.build(split_texts(_text_tokens(texts, tokenizer), row_length, shortened)), shortened


def _text_tokens(texts: Iterable[str], tokenizer: Tokenizer) -> Iterator[Document]:
    boundary = tokenizer.special[END_OF_TEXT]
    for chunk in _chunks(texts):
        for tokens in tokenizer.encode_batch(chunk):
            if tokens:
                yield [boundary, *tokens, boundary], None


def sft_documents(
    conversations: Iterable[Conversation],
    chat_format: ChatFormat,
    row_length: int,
    tag_dropout: float = 0.0,
    seed: int = 0,
) -> tuple[Documents, Shortened]:
    """Rendered dialogues. One longer than a row is cut after its last whole turn that fits; `Shortened` counts them.

    A share of them, `tag_dropout`, is rendered without quality tags; `seed` and a dialogue's number decide which.
    Raises UserError when the messages of a dialogue are out of order.
    """
    shortened = Shortened()
    draw = random.Random(seed)
    shown = (tagged(dialogue, None) if draw.random() < tag_dropout else dialogue for dialogue in conversations)
    rendered = (dialogue for chunk in _chunks(shown) for dialogue in chat_format.render_many(chunk))
    documents = ((dialogue.tokens, dialogue.loss_mask) for dialogue in rendered)
    turn_end = chat_format.end_id(Section.REPLY)
    return Documents.build(cut_dialogues(documents, row_length, turn_end, shortened)), shortened


@torch.no_grad()
def lay_out_tags(model: Transformer, chat_format: ChatFormat, seed: int = 0, width: float = 1.0) -> None:
    """Lays the embeddings of the quality tags on a line, from 0 to 100, in a direction that `seed` draws.

    For a model that is about to learn its first tags: those near each other begin alike, and the two ends, with a
    `width` of 1, as far from the middle as words are long. Eleven embeddings that no gradient ever touched are in no
    order, which a short training must find. With a width of 0 all are the same, and whatever they meant is gone.
    """
    ids = [token for token, _ in sorted(chat_format.qualities.items(), key=lambda item: item[1])]
    embedding = model.embedding.weight
    size = embedding.square().mean().sqrt()
    drawn = torch.randn(embedding.shape[1], generator=torch.Generator().manual_seed(seed))
    places = torch.linspace(-1, 1, len(ids), device=embedding.device)
    embedding[ids] = embedding[ids].mean(0) + width * size * places[:, None] * drawn.to(embedding)


def count_quality_tags(documents: Documents, chat_format: ChatFormat) -> int:
    """How many quality tags stand in the documents."""
    return int(np.isin(documents.tokens, list(chat_format.qualities)).sum())


def _chunks(items: Iterable[T]) -> Iterator[list[T]]:
    iterator = iter(items)
    while chunk := list(islice(iterator, _AT_A_TIME)):
        yield chunk
