"""The stages of making an assistant, each of them token documents for the one loop.

`pretrain` learns every token of texts; `sft` learns, in dialogues, what the assistant says (chat_format's loss mask).
Not here: where texts and dialogues come from, and the loop.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

from ..chat_format import ChatFormat, Section
from ..conversation import Conversation
from ..data.documents import Document, Documents
from ..data.packing import Shortened, cut_dialogues, split_texts
from ..tokenizer.bpe import Tokenizer

T = TypeVar("T")

END_OF_TEXT = "<|endoftext|>"

_AT_A_TIME = 1000
"""Texts or dialogues tokenised together: enough for the tokenizer to work in batches, few enough to stay small."""


def pretrain_documents(texts: Iterable[str], tokenizer: Tokenizer, row_length: int) -> tuple[Documents, Shortened]:
    """Texts as documents between two end-of-text tokens, so that a model learns to begin and to end one.

    Every token after the first is learned. Texts longer than a row are split; `Shortened` counts them.
    """
    shortened = Shortened()
    return Documents.build(split_texts(_text_tokens(texts, tokenizer), row_length, shortened)), shortened


def _text_tokens(texts: Iterable[str], tokenizer: Tokenizer) -> Iterator[Document]:
    boundary = tokenizer.special[END_OF_TEXT]
    for chunk in batched(texts, _AT_A_TIME):
        for tokens in tokenizer.encode_batch(chunk):
            yield [boundary, *tokens, boundary], None


def sft_documents(
    conversations: Iterable[Conversation], chat_format: ChatFormat, row_length: int
) -> tuple[Documents, Shortened]:
    """Rendered dialogues. One longer than a row is cut after its last whole turn that fits; `Shortened` counts them."""
    shortened = Shortened()
    rendered = (dialogue for chunk in batched(conversations, _AT_A_TIME) for dialogue in chat_format.render_many(chunk))
    documents = ((dialogue.tokens, dialogue.loss_mask) for dialogue in rendered)
    turn_end = chat_format.end_id(Section.REPLY)
    return Documents.build(cut_dialogues(documents, row_length, turn_end, shortened)), shortened


def batched(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Lists of `size` items, the last one shorter (itertools.batched is Python 3.12's)."""
    chunk: list[T] = []
    for item in items:
        chunk.append(item)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
