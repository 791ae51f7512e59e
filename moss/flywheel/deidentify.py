"""Personal data out of conversations: every find becomes a typed placeholder, the same one wherever it stands again.

    clean = Deidentifier()
    clean.learn(chat.to_dict())                 # everything that belongs to one person's chat
    line = clean.record(conversation.to_dict())  # "[NAME_1]的电话是[PHONE_1]"
    clean.report                                # how many of each type, and where

One `Deidentifier` a chat, so that a reader still sees who is who within it and nothing links two chats. Not here: what
counts as personal (`personal_data.py`, `names.py`).
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from .personal_data import Span, find_personal_data

TEXT_KEYS: Final = frozenset(
    {"content", "thought", "argument", "result", "title", "source", "snippet", "text", "verbatim"}
)
"""Where the texts stand in the JSON forms of `conversation.py`; everything else is names and numbers of ours."""

_SHORTEST_KNOWN = 5
"""A find shorter than this is not looked for elsewhere: it could be anything."""
_ALSO_WORDS = frozenset(
    ("April", "August", "Grace", "Hope", "Joy", "Mark", "May", "June", "Rose", "Will", "Bill", "Rich", "Drew", "Chase")
)
"""Names that are words, too."""


@dataclass(frozen=True, slots=True)
class TextFinds:
    """What was replaced in one text of a record."""

    where: str
    """Its place: `messages.0.content`, `chosen.1.tool_calls.0.result`."""
    spans: tuple[Span, ...]
    """In the text as it was."""


@dataclass
class Report:
    """What was replaced, and where; of what it said nothing is kept."""

    texts: list[TextFinds] = field(default_factory=list)

    @property
    def counts(self) -> Counter[str]:
        """How many finds of each type."""
        return Counter(span.type for text in self.texts for span in text.spans)


class Deidentifier:
    """The placeholders of one chat, numbered by type in the order in which they come."""

    def __init__(self) -> None:
        self.report = Report()
        self._numbers: dict[tuple[str, str], int] = {}
        self._known: dict[str, str] = {}
        self._pattern: re.Pattern[str] | None = None

    def learn(self, record: Mapping[str, Any]) -> None:
        """Finds what a record holds, so that it is known in records before and after it."""

        def learned(where: str, text: str) -> str:
            for span in find_personal_data(text):
                self._remember(span.type, text[span.start : span.end])
            return text

        with_texts(record, learned)
        self._pattern = _any_of(self._known)

    def record(self, record: Mapping[str, Any]) -> dict[str, Any]:
        """A copy of a conversation's, pair's or chat's JSON form without personal data; the report grows."""

        def cleaned(where: str, text: str) -> str:
            clean, spans = self.text(text)
            if spans:
                self.report.texts.append(TextFinds(where, spans))
            return clean

        found: dict[str, Any] = with_texts(record, cleaned)
        return found

    def text(self, text: str) -> tuple[str, tuple[Span, ...]]:
        """The text with placeholders, and which characters of the old one they replace."""
        spans = self._spans(text)
        parts, end = [], 0
        for span in spans:
            parts += [text[end : span.start], self._placeholder(span.type, text[span.start : span.end])]
            end = span.end
        return "".join([*parts, text[end:]]), tuple(spans)

    def _spans(self, text: str) -> list[Span]:
        found = find_personal_data(text)
        if self._pattern is None:
            return found
        for match in self._pattern.finditer(text):
            if all(match.end() <= span.start or span.end <= match.start() for span in found):
                found.append(Span(*match.span(), self._known[match[0]]))
        return sorted(found)

    def _remember(self, kind: str, value: str) -> None:
        self._number(kind, value)
        parts = value.split() if kind == "NAME" and " " in value else []
        for known in (value, *parts):
            if _is_telling(kind, known):
                self._known.setdefault(known, kind)

    def _placeholder(self, kind: str, value: str) -> str:
        return f"[{kind}_{self._number(kind, value)}]"

    def _number(self, kind: str, value: str) -> int:
        key = (kind, _canonical(kind, value))
        if key not in self._numbers:
            same = next(
                (n for (k, known), n in self._numbers.items() if k == kind == "NAME" and _same_name(known, key[1])),
                None,
            )
            self._numbers[key] = same or 1 + max((n for (k, _), n in self._numbers.items() if k == kind), default=0)
        return self._numbers[key]


def with_texts(record: Any, change: Callable[[str, str], str], where: str = "", inside_text: bool = False) -> Any:
    """A copy of a record's JSON form in which every text is what `change(place, text)` makes of it."""
    match record:
        case str() if inside_text:
            return change(where, record)
        case Mapping():
            return {
                key: with_texts(inner, change, f"{where}.{key}".lstrip("."), inside_text or key in TEXT_KEYS)
                for key, inner in record.items()
            }
        case list() | tuple():
            return [with_texts(inner, change, f"{where}.{index}", inside_text) for index, inner in enumerate(record)]
    return record


def _canonical(kind: str, value: str) -> str:
    """What two spellings of one value have in common."""
    value = unicodedata.normalize("NFKC", value)
    if kind in ("PHONE", "CARD"):
        digits = re.sub(r"\D", "", value)
        return digits[-11:] if kind == "PHONE" else digits
    return re.sub(r"[\s·•]+", " ", value).strip().casefold()


def _same_name(known: str, new: str) -> bool:
    """`Brown` is John Brown, and 王 (老师) is 王伟, as far as one chat goes."""
    if re.search(r"[a-z]", known):
        return set(new.split()) <= set(known.split()) or set(known.split()) <= set(new.split())
    return known.startswith(new) or new.startswith(known)


def _is_telling(kind: str, value: str) -> bool:
    """Whether the value alone, without what stood around it, is surely the same thing again."""
    if kind == "NAME":
        return value not in _ALSO_WORDS and len(value) >= (2 if re.match("[\u4e00-\u9fff]", value) else 3)
    if value.isdecimal():
        return len(value) >= 2 * _SHORTEST_KNOWN
    return len(value) >= _SHORTEST_KNOWN


def _any_of(values: Mapping[str, str]) -> re.Pattern[str] | None:
    """Any of the values as a whole: no letter or digit goes on where one begins or ends it."""
    if not values:
        return None
    longest_first = sorted(values, key=len, reverse=True)
    return re.compile("|".join(_whole(value) for value in longest_first))


def _whole(value: str) -> str:
    before = r"(?<![A-Za-z0-9])" if re.match(r"[A-Za-z0-9]", value) else ""
    after = r"(?![A-Za-z0-9])" if re.search(r"[A-Za-z0-9]$", value) else ""
    return before + re.escape(value) + after
