"""The Markdown that is understood: CommonMark with tables, ~~strikethrough~~, bare addresses, formulas and citations.

It differs from CommonMark where chat does. A line break is a line break. `**注意：**请` is bold, although Chinese
has no blanks. There is no HTML and there are no link definitions, so that a block never depends on a later one:
`blocks.py` lives on that. For its sake a formula ends at a blank line at the latest; the plugins that exist look for
its end through the whole text. Not here: how the tokens look (`document.py`).
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.parser_inline import ParserInline
from markdown_it.renderer import RendererHTML
from markdown_it.ruler import RuleOptionsType
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.state_inline import Scanned
from markdown_it.token import Token

from .formulas import MAX_FORMULA
from .limits import TooCostly
from .sanitise import OWN_IMAGE

MAX_NESTING = 30
"""Levels of quotes and lists (a list has two a level); a text with more is shown as it was written."""
MAX_CELLS = 2000
"""Cells of a table; a bigger one is shown as it was written."""

_SKIPPED_NESTING = MAX_NESTING + 10
"""Where the library itself would skip what is inside without a word: beyond ours."""
_EAST_ASIAN = re.compile(
    "[\u1100-\u11ff\u2e80-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef\U00020000-\U0003ffff]"
)
CITATION = re.compile(r"<sup>((?:<\|\d{1,4}\|>)+)</sup>")
_ADDRESS = re.compile(r"https?://[A-Za-z0-9\[][^\s<>\"'`\\^{}|*（）「」『』《》【】“”‘’，。；：！？、]{0,2000}")
_TRAILING = ".,;:!?'\"*_~"
_CLOSERS = {"$$": "$$", r"\[": r"\]", r"\(": r"\)"}
_DOLLARS = re.compile(r"\$(?![\s$])((?:\\.|[^\\$])+?)(?<!\s)\$(?![\d$])", re.DOTALL)


class Dialect(MarkdownIt):
    """The parser. `env` of a parse holds the `budget` (Budget) that it may use up, or nothing."""

    def __init__(self, renderer: type[RendererHTML] = RendererHTML) -> None:
        options = {"html": False, "breaks": True, "maxNesting": _SKIPPED_NESTING}
        super().__init__("commonmark", options, renderer_cls=renderer)
        self.inline = _Inline()
        self.configure("commonmark", options)
        self.enable(["table", "strikethrough"]).disable(["html_inline", "html_block", "reference"])
        self.block.ruler.before("table", "guard", _guard_block)
        interrupts = RuleOptionsType(alt=["paragraph", "blockquote", "list"])
        self.block.ruler.before("fence", "formula", _formula_block, interrupts)
        self.inline.ruler.before("escape", "guard", _guard_inline)
        self.inline.ruler.before("escape", "formula", _formula)
        self.inline.ruler.before("autolink", "citation", _citation)
        self.inline.ruler.before("autolink", "address", _address)
        self.inline.add_terminator_char("h")
        self.core.ruler.after("block", "big_tables", _big_tables)

    def validateLink(self, url: str) -> bool:
        """Whether a link or an image may lead there; one that may not is shown, but leads nowhere."""
        return host(url) is not None or url.startswith("mailto:") or OWN_IMAGE.fullmatch(url) is not None


def host(url: str) -> str | None:
    """The host that an http address leads to, as its registry spells it; None for anything else.

    An address with a name in front of the host (`https://bank.com@evil.com`) is nothing that an honest text links to.
    """
    try:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or "@" in parts.netloc or "\\" in url:
            return None
        return parts.hostname
    except ValueError:  # half an IPv6 address
        return None


class _State(StateInline):
    def scanDelims(self, start: int, canSplitWord: bool) -> Scanned:
        """Next to Chinese any `*` or `~` may open before a sign and close after one.

        CommonMark asks on which side punctuation stands and takes a missing blank for a word that goes on, so that the
        most ordinary bold of a Chinese reply, `**注意：**请`, would keep its asterisks.
        """
        scanned = super().scanDelims(start, canSplitWord)
        before, after = self.src[max(start - 1, 0) : start], self.src[start + scanned.length :][:1]
        if not canSplitWord or not (_EAST_ASIAN.match(before) or _EAST_ASIAN.match(after)):
            return scanned
        return Scanned(bool(after) and not after.isspace(), bool(before) and not before.isspace(), scanned.length)


class _Inline(ParserInline):
    def parse(self, src: str, md: MarkdownIt, env: Any, tokens: list[Token]) -> list[Token]:
        state = _State(src, md, env, tokens)
        self.tokenize(state)
        for rule in self.ruler2.getRules(""):
            rule(state)
        return state.tokens


# --- rules ----------------------------------------------------------------------------------------------------------


def _guard_block(state: StateBlock, startLine: int, endLine: int, silent: bool) -> bool:
    if "budget" in state.env:
        state.env["budget"].check()
        if state.level >= MAX_NESTING:
            raise TooCostly("the text nests too deep")
    return False


def _guard_inline(state: StateInline, silent: bool) -> bool:
    if "budget" in state.env:
        state.env["budget"].check()
    return False


def _formula_block(state: StateBlock, startLine: int, endLine: int, silent: bool) -> bool:
    r"""Lines from `$$` or `\[` up to a line that ends with the closer, or up to a blank line.

    Without its closer it is a paragraph. That it ends there all the same is decided without looking ahead.
    """
    start = state.bMarks[startLine] + state.tShift[startLine]
    opener = state.src[start : start + 2]
    if opener not in ("$$", r"\[") or state.is_code_block(startLine):
        return False
    if silent:
        return True
    closer, line, closed = _CLOSERS[opener], startLine, False
    while line < endLine and not state.isEmpty(line) and (line == startLine or state.sCount[line] >= state.blkIndent):
        first = start + 2 if line == startLine else state.bMarks[line]
        closed = state.src[first : state.eMarks[line]].rstrip().endswith(closer)
        line += 1
        if closed:
            break
    source = state.getLines(startLine, line, state.blkIndent, False).strip()
    state.line = line
    if closed and closer not in (inside := source[2:-2]):
        token = state.push("formula_block", "math", 0)
        token.content = inside
    else:
        state.push("paragraph_open", "p", 1).map = [startLine, line]
        token = state.push("inline", "", 0)
        token.content, token.children = source, []
        state.push("paragraph_close", "p", -1)
    token.map = [startLine, line]
    return True


def _formula(state: StateInline, silent: bool) -> bool:
    r"""`$x$`, `$$x$$`, `\(x\)` and `\[x\]` within a text. `$5 and $6` is money."""
    start, opener = state.pos, state.src[state.pos : state.pos + 2]
    if opener in _CLOSERS:
        end = state.src.find(_CLOSERS[opener], start + 2, min(start + MAX_FORMULA, state.posMax))
        content, after = state.src[start + 2 : max(end, 0)], end + 2
    elif opener[:1] == "$" and not state.src[max(start - 1, 0) : start].isdigit():
        found = _DOLLARS.match(state.src, start, min(start + MAX_FORMULA, state.posMax))
        content, after = (found[1], found.end()) if found else ("", 0)
    else:
        return False
    if not content.strip():
        return False
    if not silent:
        token = state.push("formula", "math", 0)
        token.content = content
        token.meta["display"] = opener in ("$$", r"\[")
    state.pos = after
    return True


def _citation(state: StateInline, silent: bool) -> bool:
    """`<sup><|1|></sup>` or `<sup><|1|><|2|></sup>`, as replies cite sources."""
    found = CITATION.match(state.src, state.pos)
    if not found:
        return False
    for number in re.findall(r"\d+", "" if silent else found[1]):
        state.push("citation", "sup", 0).content = number
    state.pos = found.end()
    return True


def _address(state: StateInline, silent: bool) -> bool:
    """`https://example.com` without brackets; punctuation behind it, Chinese or not, is none of it."""
    before = state.src[max(state.pos - 1, 0) : state.pos]
    if state.linkLevel or (before.isascii() and before.isalnum()):
        return False
    found = _ADDRESS.match(state.src, state.pos, state.posMax)
    if not found:
        return False
    url = found[0].rstrip(_TRAILING)
    while url.endswith(")") and url.count(")") > url.count("("):
        url = url[:-1].rstrip(_TRAILING)
    if host(url) is None:
        return False
    if not silent:
        state.push("link_open", "a", 1).attrs = {"href": state.md.normalizeLink(url)}
        state.push("text", "", 0).content = url
        state.push("link_close", "a", -1)
    state.pos += len(url)
    return True


def _big_tables(state: StateCore) -> None:
    """Replaces tables of too many cells by their source."""
    lines = state.src.split("\n")
    kept: list[Token] = []
    opened: int | None = None
    for token in state.tokens:
        kept.append(token)
        if token.type == "table_open":
            opened = len(kept) - 1
        elif token.type == "table_close" and opened is not None:
            table = kept[opened:]
            if sum(cell.type in ("th_open", "td_open") for cell in table) > MAX_CELLS:
                first, last = table[0].map or (0, 0)
                kept[opened:] = [Token("plain", "p", 0, content="\n".join(lines[first:last]), block=True)]
            opened = None
    state.tokens = kept
