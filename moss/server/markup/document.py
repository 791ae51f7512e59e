"""Texts to HTML: the tokens of the dialect as elements, then the wall (`sanitise.py`)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import Any

from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

from ...conversation import Citation
from .blocks import MAX_TEXT, Block, BlockSplitter
from .code import figure
from .dialect import Dialect, host
from .formulas import mathml
from .limits import Budget, TooCostly
from .sanitise import OWN_IMAGE, attribute, escaped, sanitised, whole

RENDER_SECONDS = 1.0
"""Processor time that one text, or one block of a stream, may take. A page of prose takes 0.005."""
CACHED_TEXT = 8000
"""Characters of the longest text whose HTML is kept for the next reader."""

_THREADS = ThreadPoolExecutor(2, "markup")


class _Html(RendererHTML):
    """One method a kind of token; the rest is the library's. `env` holds the sources by their number and the budget."""

    def text(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        return escaped(tokens[idx].content)

    def code_inline(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        return f"<code>{escaped(tokens[idx].content)}</code>"

    def fence(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        language = tokens[idx].info.split(maxsplit=1)
        return figure(tokens[idx].content, language[0] if language else "", env["budget"])

    def code_block(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        return figure(tokens[idx].content, "", env["budget"])

    def plain(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        return plain(tokens[idx].content)

    def formula(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        env["budget"].check()
        return mathml(tokens[idx].content, bool(tokens[idx].meta.get("display")))

    def formula_block(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        env["budget"].check()
        return f'<div class="formula">{mathml(tokens[idx].content, display=True)}</div>\n'

    def table_open(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        return '<div class="table" tabindex="0"><table>\n'

    def table_close(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        return "</table></div>\n"

    def th_open(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        """With the old attribute: the policy of the page forbids `style`."""
        align = str(tokens[idx].attrGet("style") or "").removeprefix("text-align:")
        return f'<{tokens[idx].tag} align="{align}">' if align else f"<{tokens[idx].tag}>"

    td_open = th_open

    def link_open(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        """Hovering tells the host, as the registry spells it: `аpple.com` is xn--pple-43d.com."""
        url = str(tokens[idx].attrGet("href") or "")
        if not url:
            return "<a>"
        return f'<a href="{attribute(url)}" title="{attribute(host(url) or url)}" target="_blank">'

    def image(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        alt = self.renderInlineAsText(tokens[idx].children, options, env)
        url = str(tokens[idx].attrGet("src") or "")
        if OWN_IMAGE.fullmatch(url):
            return f'<img src="{url}" alt="{attribute(alt)}" loading="lazy">'
        return f'<span class="no-image">{escaped(alt)}</span>'

    def citation(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        """A link to a source on the web; a button, which the page wires, for a source that only it can show."""
        number = int(tokens[idx].content)
        found: Citation | None = env["citations"].get(number)
        if found is None:
            return f'<sup class="citation">{number}</sup>'
        about = f'data-citation="{number}" title="{attribute(found.title)}"'
        if host(found.source):
            inner = f'<a href="{attribute(found.source)}" {about} target="_blank">{number}</a>'
        else:
            inner = f'<button type="button" {about}>{number}</button>'
        return f'<sup class="citation">{inner}</sup>'


_DIALECT = Dialect(_Html)


def render(text: str, citations: Sequence[Citation] = ()) -> str:
    """The HTML of a text. What is too long, too deep or too slow stands in it as it was written; never raises."""
    return _cached(text, tuple(citations)) if len(text) <= CACHED_TEXT else _rendered(text, citations)


async def rendered(text: str, citations: Sequence[Citation] = ()) -> str:
    """As `render`, beside the event loop."""
    return await asyncio.get_running_loop().run_in_executor(_THREADS, render, text, citations)


def render_block(block: Block, citations: Sequence[Citation] = ()) -> str:
    """The HTML of one block of a stream; that of all of them is the HTML of the whole text."""
    return _within(Budget(RENDER_SECONDS), block, citations)


def plain(text: str) -> str:
    """The text as it was written, in a paragraph."""
    return sanitised(f'<p class="plain">{escaped(text.strip())}</p>\n') if text.strip() else ""


@lru_cache(maxsize=256)
def _cached(text: str, citations: tuple[Citation, ...]) -> str:
    return _rendered(text, citations)


def _rendered(text: str, citations: Sequence[Citation]) -> str:
    if len(text) <= MAX_TEXT:
        try:
            return _html(text, citations, Budget(RENDER_SECONDS))
        except TooCostly:
            pass  # then block by block, so that only the block that costs too much loses its form
    splitter, budget = BlockSplitter(), Budget(RENDER_SECONDS)
    blocks = [*splitter.feed(text), *splitter.finish()]
    if len(blocks) == 1:
        return plain(text)  # the same again would cost the same
    return "".join(_within(budget, block, citations) for block in blocks)


def _within(budget: Budget, block: Block, citations: Sequence[Citation]) -> str:
    """The HTML of a block, or its source where it is too much for what is left of the budget."""
    try:
        budget.check()
        return plain(block.source) if block.rest else _html(block.source, citations, budget)
    except TooCostly:
        return plain(block.source)


def _html(text: str, citations: Sequence[Citation], budget: Budget) -> str:
    env = {"citations": {citation.index: citation for citation in citations}, "budget": budget}
    return sanitised(_DIALECT.render(whole(text), env))
