"""How text is cut into the pieces that BPE merges stay within.

The cut is made for a small model that has to copy: digits and signs stand alone, so a number is spelt the same way
wherever it occurs and a name is never glued to a bracket.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import product

_LETTER = r"[[\p{L}\p{M}]&&[^\p{Han}]]"


def piece_pattern(split_han: bool = True, split_spaces: bool = False) -> str:
    """The regular expression (Oniguruma and `regex` V1 alike) whose matches are the pieces.

    A piece is a word with the space before it, a run of Chinese characters, one digit, one punctuation mark or symbol,
    a run of line ends, or a run of other blanks. `split_han` makes every Chinese character a piece of its own,
    `split_spaces` leaves the space out of the word.
    """
    word = f"{_LETTER}+" if split_spaces else f" ?{_LETTER}+"
    # The last blank of a run belongs to the word that follows; the run before it is indentation.
    blanks = r"[^\S\r\n]+" if split_spaces else rf"[^\S\r\n]+(?= {_LETTER})|[^\S\r\n]+"
    han = r"\p{Han}" if split_han else r"\p{Han}+"
    return rf"{word}|{han}|[\p{{N}}\p{{P}}\p{{S}}]|[\r\n]+|{blanks}|[^\s\p{{L}}\p{{M}}\p{{N}}\p{{P}}\p{{S}}]+"


_OUR_PATTERNS = {piece_pattern(*options) for options in product((True, False), repeat=2)}
# Spelled out because Python's own \s holds four control characters more than Unicode's White_Space.
_BLANK = r"\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_CHUNKS = re.compile(rf"[{_BLANK}]*[^{_BLANK}]+|[{_BLANK}]+")


def chunker(pattern: str) -> Callable[[str], list[str]]:
    """A quick first cut: a function that divides a text at places where no piece of this pattern goes across.

    Under our own patterns no piece has a blank after something that is not blank. Of other patterns nothing is known,
    so the whole text is one chunk.
    """
    return _CHUNKS.findall if pattern in _OUR_PATTERNS else lambda text: [text]
