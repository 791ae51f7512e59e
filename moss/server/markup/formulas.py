"""LaTeX formulas as MathML, by latex2mathml; what it cannot read is shown as its source."""

from __future__ import annotations

import html
import re
from xml.etree.ElementTree import Element, tostring

from latex2mathml.converter import Converter

from .sanitise import escaped

MAX_FORMULA = 2000
"""Characters of the longest formula that is set; a page of mathematics has no longer one."""
MAX_DEPTH = 40
"""Groups within groups; the converter recurses and Python's stack is finite."""

_DEFINES = re.compile(r"\\(?:re)?newcommand|\\providecommand|\\[gex]?def\b|\\let\b|\\DeclareMathOperator")
"""Commands that make commands: a few of them, each using the one before twice, expand to gigabytes."""
_OPENS = re.compile(r"(?<!\\)\{|\\left\b|\\begin\b")
_CLOSES = re.compile(r"(?<!\\)\}|\\right\b|\\end\b")


def mathml(latex: str, display: bool) -> str:
    """The formula as `<math>`, or its source in `<code class="formula">` where it cannot be set."""
    latex = latex.strip()
    if len(latex) <= MAX_FORMULA and not _DEFINES.search(latex) and _depth(latex) <= MAX_DEPTH:
        element = _element(latex, display)
        if element is not None:
            return tostring(element, encoding="unicode")
    return f'<code class="formula">{escaped(latex)}</code>'


def _element(latex: str, display: bool) -> Element | None:
    try:
        element = Converter(display="block" if display else "inline").convert_to_element(latex)
    except Exception:
        return None  # its own errors, and on bad input nearly every other one that Python has
    for node in element.iter():
        # Its symbols are entities that were written as text. As characters they are escaped with the rest, so that a
        # `\text{<img ...>}` stays text.
        node.text = html.unescape(node.text) if node.text else node.text
    return element


def _depth(latex: str) -> int:
    depth = deepest = 0
    signs = [(match.start(), 1) for match in _OPENS.finditer(latex)]
    signs += [(match.start(), -1) for match in _CLOSES.finditer(latex)]
    for _, step in sorted(signs):
        depth += step
        deepest = max(deepest, depth)
    return deepest
