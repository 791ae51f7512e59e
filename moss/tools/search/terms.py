"""From text to the terms that are looked up: words of spaced scripts, character pairs of unspaced ones.

Documents and queries must be cut alike, so this is the only place that does it. Letters are folded first (compatibility
forms, case, accents): `Ｆｉｎｅ`, `fine` and `Finé` are one word. English words lose their most regular endings; there
are no stop words, because the ranking gives words that occur everywhere no weight.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# Han, kana and Hangul: scripts that put no blank where a reader looks a word up.
_UNSPACED = "\u3005\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
_RUN = re.compile(f"[{_UNSPACED}]+|[^\\W_{_UNSPACED}]+")
_POSSESSIVE = re.compile(r"['’]s\b")
_VOWEL = re.compile("[aeiouy]")

# Words that ask and join but name nothing. Single characters that are common in names (中, 和, 几) are not among them.
_FUNCTION_WORDS = frozenset((
    "what", "who", "whom", "whose", "which", "when", "where", "why", "how", "is", "are", "was", "were", "be", "been",
    "do", "does", "did", "has", "have", "had", "the", "a", "an", "of", "in", "on", "at", "to", "by", "for", "from",
    "with", "and", "or", "as", "that", "this", "it", "its", "many", "much", "would", "could", "can", "about", "into",
    "than", "s",
))  # fmt: skip
_FUNCTION_CHARS = re.compile(
    "为什么|為什麼|什么|什麼|甚么|甚麼|怎么|怎麼|怎样|怎樣|如何|多少|请问|請問|哪些|哪个|哪個|哪里|哪裡|哪|谁|誰|何时|何時"
    "|是否|[的了是由于於被与與吗嗎呢]"
)


def document_terms(text: str) -> list[str]:
    """The terms of a document in order. Of an unspaced run: every pair of neighbours, and the last character alone."""
    found: list[str] = []
    for run in _runs(text):
        if is_unspaced(run):
            # With its last character alone, each character of a run begins a term: "猫*" finds every 猫.
            found += [run[i : i + 2] for i in range(len(run))]
        else:
            found.append(stem(run))
    return found


def query_terms(text: str) -> list[str]:
    """The terms of a query, each once, in order. A single character of an unspaced script is a term by itself."""
    found: dict[str, None] = {}
    for run in _runs(text):
        if not is_unspaced(run):
            found[stem(run)] = None
        elif len(run) == 1:
            found[run] = None
        else:
            found.update(dict.fromkeys(run[i : i + 2] for i in range(len(run) - 1)))
    return list(found)


def content_terms(text: str) -> list[str]:
    """The terms of what a query is about: none of the words that only ask and join (what, 什么)."""
    kept = _FUNCTION_CHARS.sub(" ", _folded(text))
    named = " ".join(run for run in _RUN.findall(_POSSESSIVE.sub("", kept)) if run not in _FUNCTION_WORDS)
    return query_terms(named)


def is_unspaced(term: str) -> bool:
    """Whether a term is of Chinese, Japanese or Korean characters."""
    return term[0] >= "\u3005" and _RUN.match(term) is not None and not term[0].isascii()


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """A folded word without the endings -s, -es, -ies, -ed, -ing, -er, -or, -e: `making` -> `mak`.

    Only for comparing: a stem need not be a word. Step 1 of Porter (1980), much shortened.
    """
    if len(word) <= 3 or not word.isascii() or word[-1].isdigit():
        return word
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = _singular(word)
    for ending in ("ing", "ed", "er", "or"):
        rest = word.removesuffix(ending)
        if rest != word and len(rest) >= 3 and _VOWEL.search(rest):
            word = rest[:-1] if rest[-1] == rest[-2] and rest[-1] not in "lsz" else rest
            break
    if len(word) > 3 and word.endswith("e"):
        return word[:-1]
    if len(word) > 3 and word.endswith("y"):
        return word[:-1] + "i"
    return word


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("xes", "ches", "shes", "sses")):
        return word[:-2]
    return word[:-1]


def _runs(text: str) -> list[str]:
    return _RUN.findall(_POSSESSIVE.sub("", _folded(text)))


def _folded(text: str) -> str:
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", text.lower())
    # NFC puts Hangul syllables together again.
    return unicodedata.normalize("NFC", "".join(char for char in apart if not unicodedata.combining(char)))
