"""A stream of text as its closed blocks, so that each is rendered once: a paragraph, a list, a table, some code.

The library says where blocks begin. A block is closed when the next one has begun, or earlier where nothing can be
added to it any more: a heading, code behind its fence, a paragraph before a blank line. A list stays open as long as
nothing else has begun. Not here: HTML.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from markdown_it.token import Token

from .dialect import Dialect

MAX_TEXT = 64 * 1024
"""Characters of a text that are rendered; the block that goes over, and what follows, is shown as it was written."""

_LOOKED_AT_EVERY_LINE = 1000
"""Characters of an open block that is looked at line by line; a longer one each time it has grown by a quarter."""
_MAY_END = {
    "table_open": re.compile(r"^[ \t]*\r?\n", re.MULTILINE),
    "blockquote_open": re.compile(r"^(?! {0,3}>)[^\n]*\n", re.MULTILINE),
    "bullet_list_open": re.compile(r"^(?![ \t\r\n]|[-+*][ \t])[^\n]", re.MULTILINE),
    "ordered_list_open": re.compile(r"^(?![ \t\r\n]|\d{1,9}[.)][ \t])[^\n]", re.MULTILINE),
    "code_block": re.compile(r"^[^ \t\r\n]", re.MULTILINE),
}
"""What a line looks like that may end an open block. Before one has come, the block need not be looked at."""
_LINE_END = re.compile(r"\r\n?|\n")

_SKELETON = Dialect()
_SKELETON.core.ruler.enableOnly(["normalize", "block"])


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of the text that is rendered by itself."""

    source: str
    end: int
    """Where it ends in the text: so many characters, which JavaScript counts as `[...text].length`."""
    rest: bool = False
    """Whether it is what came after the longest text that is rendered."""


class BlockSplitter:
    """Takes a text piece by piece and gives each block once, as soon as it is closed."""

    def __init__(self) -> None:
        self._open = ""
        self._taken = 0
        self._look_at = 0
        self._may_end: re.Pattern[str] | None = None
        self._searched = 0
        self._over = False

    def feed(self, text: str) -> list[Block]:
        """The blocks that this piece has closed."""
        if self._over:
            self._open += text
            return []
        room = MAX_TEXT - self._taken - len(self._open)
        if len(text) > room:
            self._open += text[:room]
            closed = list(self._split(self._open[: self._open.rfind("\n") + 1], whole=False))
            self._over = True
            self._open += text[room:]
            return closed
        self._open += text
        complete = self._open.rfind("\n") + 1 if "\n" in text else 0
        if complete <= self._look_at or not self._may_have_closed(complete):
            return []
        return list(self._split(self._open[:complete], whole=False))

    def finish(self) -> list[Block]:
        """The blocks that are left when the text has ended."""
        if self._over:
            return [self._take(len(self._open), rest=True)]
        return list(self._split(self._open, whole=True))

    def _may_have_closed(self, complete: int) -> bool:
        if self._may_end is None:
            return True
        found = self._may_end.search(self._open, self._searched, complete)
        self._searched = complete
        return found is not None

    def _split(self, text: str, whole: bool) -> Iterator[Block]:
        """Takes the closed blocks off the open text, of which `text` is the part in complete lines (or all of it)."""
        starts = [0, *(end.end() for end in _LINE_END.finditer(text)), len(text)]
        tokens = [token for token in _SKELETON.parse(text) if token.level == 0 and token.nesting >= 0 and token.map]
        ends = [starts[_lines(token)[0]] for token in tokens[1:]]
        self._may_end, self._searched, self._look_at = None, 0, 0
        if tokens and (whole or _is_closed(tokens[-1], text, starts)):
            ends.append(len(text))
        taken = 0
        for end in ends:
            yield self._take(end - taken)
            taken = end
        if len(ends) < len(tokens):
            self._await(tokens[-1], len(text) - taken)
        elif not tokens and len(text) > _LOOKED_AT_EVERY_LINE:  # nothing but blank lines
            self._look_at = len(text) + len(text) // 4

    def _take(self, length: int, rest: bool = False) -> Block:
        source, self._open = self._open[:length], self._open[length:]
        self._taken += length
        return Block(source, self._taken, rest)

    def _await(self, token: Token, length: int) -> None:
        """Decides when the open text, which begins with this block, is looked at again."""
        self._may_end = _fence_end(token) if token.type == "fence" else _MAY_END.get(token.type)
        self._searched = length
        if token.type != "fence" and length > _LOOKED_AT_EVERY_LINE:
            self._look_at = length + length // 4


def _lines(token: Token) -> list[int]:
    assert token.map is not None  # `_split` takes only such tokens
    return token.map


def _is_closed(token: Token, text: str, starts: list[int]) -> bool:
    """Whether nothing that follows can become a part of the last block."""
    first, after = _lines(token)
    match token.type:
        case "heading_open" | "hr" | "formula_block":
            return True
        case "fence":
            return after - 1 > first and _fence_end(token).match(text, starts[after - 1]) is not None
        case "bullet_list_open" | "ordered_list_open" | "code_block":
            return False
        case _:
            return bool(text[starts[after] :]) and not text[starts[after] :].strip()


def _fence_end(token: Token) -> re.Pattern[str]:
    return re.compile(rf"^ {{0,3}}{re.escape(token.markup[0])}{{{len(token.markup)},}}[ \t\r]*$", re.MULTILINE)
