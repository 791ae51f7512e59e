"""The allow-list: which elements and attributes reach a browser, whatever the renderer made.

The renderer lets no HTML through to begin with; this is the wall behind it, and the only one that everything passes.
"""

from __future__ import annotations

import html
import re

import nh3

OWN_IMAGE = re.compile(r"/files/[A-Za-z0-9_-]{16,64}(?:\.(?:png|webp))?")
"""Images come from this server only: one from elsewhere tells its host that, when and with what words it was shown."""

_HALVES = re.compile("[\ud800-\udfff]")
_TURNS = re.compile("[\u202a-\u202e\u2066-\u2069]")

_TEXT: dict[str, set[str]] = {
    "p": {"class"},
    "h1": set(),
    "h2": set(),
    "h3": set(),
    "h4": set(),
    "h5": set(),
    "h6": set(),
    "ul": set(),
    "ol": {"start"},
    "li": set(),
    "blockquote": set(),
    "hr": set(),
    "br": set(),
    "em": set(),
    "strong": set(),
    "s": set(),
    "sup": {"class"},
    "span": {"class", "title"},
    "a": {"href", "title", "target", "class", "data-citation"},
    "button": {"type", "class", "title", "data-citation"},
    "div": {"class", "tabindex"},
    "table": set(),
    "thead": set(),
    "tbody": set(),
    "tr": set(),
    "th": {"align"},
    "td": {"align"},
    "figure": {"class", "data-language"},
    "figcaption": set(),
    "pre": {"tabindex"},
    "code": {"class"},
}
_MATHML: dict[str, set[str]] = {
    "math": {"display"},
    "mo": {"stretchy", "fence", "form", "minsize", "maxsize", "movablelimits", "separator", "accent"},
    "mi": {"mathvariant"},
    "mfrac": {"linethickness"},
    "mtable": {"columnalign", "rowlines", "columnlines"},
    "mtr": set(),
    "mtd": {"columnalign"},
    "menclose": {"notation"},
    "munder": {"accentunder"},
    "mover": {"accent"},
    "munderover": set(),
    "mspace": {"linebreak"},
    "mstyle": {"displaystyle", "scriptlevel"},
    **{tag: set() for tag in ("mrow", "mn", "mtext", "msqrt", "mroot", "msub", "msup", "msubsup", "mphantom")},
    **{tag: set() for tag in ("mpadded", "mmultiscripts", "mprescripts", "none")},
}
"""Presentation only. No `semantics` or `annotation-xml`, in which HTML may stand, no `href`, no `maction`, and no
widths: a formula could lay itself over the page with them."""


def _cleaner(images: bool) -> nh3.Cleaner:
    attributes = _TEXT | _MATHML | ({"img": {"src", "alt", "loading"}} if images else {})
    return nh3.Cleaner(
        tags=set(attributes),
        attributes={tag: names for tag, names in attributes.items() if names},
        clean_content_tags={"script", "style"},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
        url_relative=_own_file,
        attribute_filter=_own_images_only if images else None,
    )


def _own_file(url: str) -> str | None:
    return url if OWN_IMAGE.fullmatch(url) else None


def _own_images_only(tag: str, name: str, value: str) -> str | None:
    return None if tag == "img" and name == "src" and not OWN_IMAGE.fullmatch(value) else value


_WITHOUT_IMAGES, _WITH_IMAGES = _cleaner(images=False), _cleaner(images=True)


def sanitised(markup: str) -> str:
    """The HTML with nothing in it that is not on the list."""
    # The filter is asked about every attribute, which for coloured code is slow; texts with pictures are few.
    return (_WITH_IMAGES if "<img" in markup else _WITHOUT_IMAGES).clean(whole(markup))


def whole(text: str) -> str:
    """The text with U+FFFD in place of halves of characters, which UTF-8 cannot write."""
    return _HALVES.sub("\ufffd", text)


def escaped(text: str) -> str:
    """Text as HTML. Signs that turn the direction of what follows are boxed in, so that they turn nothing.

    With such signs code can be made to read otherwise than it runs ("Trojan Source", CVE-2021-42574).
    """
    return _TURNS.sub(r'<span class="turn">\g<0></span>', html.escape(text))


def attribute(text: str) -> str:
    """Text as the value of an attribute; there a sign that turns cannot be boxed in, and is left out."""
    return html.escape(_TURNS.sub("", text))
