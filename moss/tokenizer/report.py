"""What a tokenizer makes of a corpus: bytes per token by language, tokens never used, the longest tokens."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from .bpe import Tokenizer


@dataclass(frozen=True)
class TokenizerReport:
    """Figures of one tokenizer on one corpus."""

    vocab_size: int
    bytes_per_token: dict[str, float] = field(default_factory=dict)
    """UTF-8 bytes per token by language: the higher, the shorter the token sequences."""
    unused: list[str] = field(default_factory=list)
    """Tokens the corpus never needed; special tokens and single bytes do not count."""
    longest: list[str] = field(default_factory=list)
    """The ten tokens with the most characters."""


def report(tokenizer: Tokenizer, texts: Iterable[tuple[str, str]]) -> TokenizerReport:
    """Tokenizes pairs (language, text) and sums up; a language without any token is left out."""
    bytes_of: Counter[str] = Counter()
    tokens_of: Counter[str] = Counter()
    used: set[int] = set()
    for language, text in texts:
        ids = tokenizer.encode(text)
        used.update(ids)
        bytes_of[language] += len(text.encode())
        tokens_of[language] += len(ids)
    special = set(tokenizer.special.values())
    learned = {token: tokenizer.token_bytes(token) for token in range(tokenizer.vocab_size) if token not in special}
    whole = {token: data.decode("utf-8", errors="replace") for token, data in learned.items() if len(data) > 1}
    return TokenizerReport(
        vocab_size=tokenizer.vocab_size,
        bytes_per_token={lang: bytes_of[lang] / count for lang, count in sorted(tokens_of.items()) if count},
        unused=[text for token, text in whole.items() if token not in used],
        longest=sorted(whole.values(), key=len, reverse=True)[:10],
    )
