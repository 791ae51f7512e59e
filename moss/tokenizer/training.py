"""Training a tokenizer: BPE merges (by the `tokenizers` library) inside the pieces that pieces.py cuts text into."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence

import tokenizers
from tokenizers import decoders, models, pre_tokenizers, trainers

from ..errors import UserError
from .bpe import Tokenizer
from .pieces import piece_pattern

_BYTES = 256


def train(
    texts: Iterable[str],
    vocab_size: int,
    special_tokens: Sequence[str],
    split_han: bool = True,
    split_spaces: bool = False,
) -> Tokenizer:
    """Learns a byte-level BPE from texts.

    `vocab_size` counts everything: the 256 bytes, the merges, and the special tokens, which get the last ids. A corpus
    with too few repetitions gives a smaller vocabulary. Raises UserError for an empty corpus or too small a size, and
    for text that is not Unicode (lone surrogates).
    """
    room = vocab_size - len(special_tokens)
    if room < _BYTES:
        raise UserError(f"vocab_size {vocab_size} is too small: {_BYTES} bytes + {len(special_tokens)} special tokens")
    backend = tokenizers.Tokenizer(models.BPE())
    split = pre_tokenizers.Split(tokenizers.Regex(piece_pattern(split_han, split_spaces)), behavior="isolated")
    byte_level = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    backend.pre_tokenizer = pre_tokenizers.Sequence([split, byte_level])
    backend.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=room,
        min_frequency=2,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    try:
        backend.train_from_iterator(_not_empty(texts), trainer)
    except UnicodeEncodeError as error:
        raise UserError(f"a text to train on holds a lone surrogate ({ascii(error.object)[:60]})") from None
    document = json.loads(backend.to_str())
    first = len(document["model"]["vocab"])
    document["added_tokens"] = [_special(token, first + index) for index, token in enumerate(special_tokens)]
    return Tokenizer(document)


def _not_empty(texts: Iterable[str]) -> Iterator[str]:
    empty = True
    for text in texts:
        empty = empty and not text
        yield text
    if empty:
        raise UserError("no text to train a tokenizer on")


def _special(token: str, index: int) -> dict[str, object]:
    """An entry of `added_tokens` in the library's file format."""
    plain = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False}
    return {"id": index, "content": token, **plain, "special": True}
