"""Markdown of people and models as HTML that is safe to show: `render` for a text, `BlockSplitter` for a stream.

    text ──grammar.py──► tokens ──code.py, formulas.py──► HTML ──sanitise.py──► HTML of an allow-list

Every text is hostile until it has been here: no raw HTML, no image from elsewhere, links that say where they lead, and
limits to size, nesting and time beyond which a text is shown as it was written. Not here: the page that shows it, and
its style apart from `server/web/markup.css`.
"""

from .blocks import Block, BlockSplitter
from .document import MAX_TEXT, plain, render, render_block, rendered

__all__ = ["MAX_TEXT", "Block", "BlockSplitter", "plain", "render", "render_block", "rendered"]
