"""Text as the database takes it, and as it is searched. Not here: what a person may write (the doors refuse that).

PostgreSQL takes no U+0000, and neither database takes lone surrogates. A request that holds them is refused at the
door; what a model or a tool makes is not worth losing a reply for, so here each such character becomes U+FFFD. It is
done character by character: the pieces of a text, mended and joined, are the mended text.
"""

from __future__ import annotations

import json
import re
import unicodedata
from typing import Any

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_REPLACEMENT = "�"


def storable(text: str) -> str:
    """The text with U+FFFD in place of what no database takes."""
    return text if text.isascii() and "\x00" not in text else _UNSTORABLE.sub(_REPLACEMENT, text)


def storable_json(value: Any) -> str:
    """Compact JSON text that both databases take. ValueError for NaN and infinities, which JSON does not have."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    if "\\u0000" in text or (not text.isascii() and _UNSTORABLE.search(text)):
        text = json.dumps(_mended(value), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text


def searchable(text: str) -> str:
    """The form in which texts are compared: neither case, nor width, nor composition makes a difference.

    Compatibility caseless matching of the Unicode standard (section 3.13, D146).
    """
    if text.isascii():
        return storable(text).lower()
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFD", storable(text)).casefold())
    return unicodedata.normalize("NFKC", folded.casefold())


def _mended(value: Any) -> Any:
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, dict):
        return {_mended(key): _mended(inner) for key, inner in value.items()}
    return [_mended(inner) for inner in value] if isinstance(value, list | tuple) else value
