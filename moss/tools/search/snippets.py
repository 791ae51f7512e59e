"""Which few sentences of a document to show for a query.

Not here: which documents (index.py) and how snippets are written for the model (chat_format).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from .terms import document_terms, is_unspaced

_SENTENCE_END = re.compile(r"(?<=[。！？；])[”’」』）]?|(?<=[.!?;])[\"'”’)]?\s+|\n+")
_CLAUSE_END = re.compile(r"(?<=[，、：])|(?<=[,:)–—-])\s+|\s+(?=\()")


class Piece(NamedTuple):
    """A sentence, or a part of a long one: text[start:end], and what a query can find in it."""

    start: int
    end: int
    terms: frozenset[str]


def width(text: str) -> int:
    """Length as it looks on a page, and about as it costs a model: a Chinese character counts as two."""
    return len(text) if text.isascii() else len(text) + sum(char >= "\u2e80" for char in text)


@lru_cache(maxsize=8192)
def found_terms(text: str) -> frozenset[str]:
    """What a query can find in the text: its terms, and the single characters of unspaced scripts."""
    terms = document_terms(text)
    return frozenset(terms).union(*(term for term in terms if is_unspaced(term)))


def best_snippet(title: str, text: str, weights: Mapping[str, float], limit: int) -> str:
    """The shortest run of sentences, at most `limit` wide, that holds most of the query by weight.

    `weights` has the query's terms. Where the title holds terms that the sentences leave out ("It is 330 m tall."), it
    stands before them.
    """
    pieces = split(text, limit)
    if not pieces:
        return title[:limit]
    best, best_rank = (0, 0), (-1.0, 0)
    for first in range(len(pieces)):
        terms: set[str] = set()
        for last in range(first, len(pieces)):
            if last > first and width(text[pieces[first].start : pieces[last].end]) > limit:
                break
            terms |= pieces[last].terms
            rank = (sum(weight for term, weight in weights.items() if term in terms), first - last)
            if rank > best_rank:
                best, best_rank = (first, last), rank
    first, last = best
    snippet = " ".join(text[pieces[first].start : pieces[last].end].split())
    shown = found_terms(snippet)
    if any(term in weights and term not in shown for term in found_terms(title)):
        return f"{title}: {snippet}"
    return snippet


@lru_cache(maxsize=1024)
def split(text: str, limit: int) -> tuple[Piece, ...]:
    """The sentences of a text in order; what is wider than `limit` is cut at clauses, then anywhere."""
    spans = _cut(text, 0, len(text), _SENTENCE_END)
    spans = [part for span in spans for part in _narrow(text, *span, limit)]
    return tuple(Piece(start, end, found_terms(text[start:end])) for start, end in spans)


def _narrow(text: str, start: int, end: int, limit: int) -> list[tuple[int, int]]:
    if width(text[start:end]) <= limit:
        return [(start, end)]
    clauses = _cut(text, start, end, _CLAUSE_END)
    if len(clauses) > 1:
        return [part for clause in clauses for part in _narrow(text, *clause, limit)]
    middle = text.rfind(" ", start, (start + end) // 2) + 1
    middle = middle if middle > start else (start + end) // 2
    return [*_narrow(text, start, middle, limit), *_narrow(text, middle, end, limit)]


def _cut(text: str, start: int, end: int, boundary: re.Pattern[str]) -> list[tuple[int, int]]:
    cuts = [match.end() for match in boundary.finditer(text, start, end) if match.end() < end]
    spans = zip([start, *cuts], [*cuts, end], strict=True)
    return [(a, b) for a, b in spans if text[a:b].strip()]
