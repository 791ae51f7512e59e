"""Documents as search knows them, and how a folder of files becomes documents.

Files (.txt, .md, .html, .jsonl) are cut into passages of a few paragraphs, so that a hit says where in a long file the
answer is. Not here: PDF and office formats.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple

from ...errors import UserError

PASSAGE_CHARS = 1200
"""A passage is closed when the next paragraph would make it longer."""


class Document(NamedTuple):
    """What search finds: a title, a text, and where it comes from (a path, an address)."""

    title: str
    text: str
    source: str


class Skipped(NamedTuple):
    """A file, or a line of one, that was left out, and why."""

    path: str
    reason: str


def read_folder(folder: str | Path, skipped: list[Skipped]) -> Iterator[Document]:
    """The documents of all readable files under `folder`, in the order of their paths.

    What cannot be read is appended to `skipped`. Hidden files and other suffixes are passed over. Raises UserError when
    the folder does not exist.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise UserError(f"no folder of documents at {folder}")
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        reader = _READERS.get(path.suffix.lower())
        if reader is None or not path.is_file() or any(part.startswith(".") for part in name.parts):
            continue
        try:
            yield from reader(_text(path), name.as_posix(), skipped)
        except (OSError, UserError) as error:
            reason = error.strerror or str(error) if isinstance(error, OSError) else str(error)
            skipped.append(Skipped(name.as_posix(), reason))


def _text(path: Path) -> str:
    data = path.read_bytes()
    if b"\0" in data:
        raise UserError("not text")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UserError("neither UTF-8 nor GB 18030 text")


def _read_plain(text: str, source: str, skipped: list[Skipped]) -> Iterator[Document]:
    if not text.strip():
        skipped.append(Skipped(source, "empty"))
    yield from _passages(Path(source).stem, text, source)


def _read_markdown(text: str, source: str, skipped: list[Skipped]) -> Iterator[Document]:
    if not text.strip():
        skipped.append(Skipped(source, "empty"))
    parts = re.split(r"^#{1,6}[ \t]+(.+?)[ \t#]*$", text, flags=re.MULTILINE)
    yield from _passages(Path(source).stem, parts[0], source)
    for title, body in zip(parts[1::2], parts[2::2], strict=True):
        yield from _passages(title, body, source)


def _read_jsonl(text: str, source: str, skipped: list[Skipped]) -> Iterator[Document]:
    for number, line in enumerate(text.split("\n"), start=1):  # splitlines() also cuts at U+2028 inside a text
        if not line.strip():
            continue
        try:
            document = _from_json(line, f"{source}:{number}")
        except UserError as error:
            skipped.append(Skipped(f"{source}:{number}", str(error)))
            continue
        yield from _passages(document.title, document.text, document.source)


def _from_json(line: str, source: str) -> Document:
    try:
        data = json.loads(line)
    except ValueError as error:
        raise UserError(f"not JSON: {error}") from None
    text = (data.get("text") or data.get("content")) if isinstance(data, dict) else None
    if not isinstance(text, str) or not text.strip():
        raise UserError('needs an object with "text" (and, if known, "title" and "source")')
    return Document(str(data.get("title") or ""), text, str(data.get("source") or data.get("url") or source))


def _read_html(text: str, source: str, skipped: list[Skipped]) -> Iterator[Document]:
    page = _Page()
    page.feed(text)
    page.close()
    body = re.sub(r"[ \t\r\f]+", " ", "".join(page.text))
    if not body.strip():
        skipped.append(Skipped(source, "no text in the page"))
    yield from _passages("".join(page.title).strip() or Path(source).stem, body, source)


class _Page(HTMLParser):
    """Collects the title and the visible text of a page, a paragraph a block element."""

    _HIDDEN = frozenset({"script", "style", "template", "noscript"})
    _BLOCKS = frozenset((
        "p", "div", "section", "article", "li", "ul", "ol", "table", "tr", "h1", "h2", "h3", "h4", "h5", "h6",
        "blockquote", "pre", "dl", "dt", "dd", "br", "hr",
    ))  # fmt: skip

    def __init__(self) -> None:
        super().__init__()
        self.title: list[str] = []
        self.text: list[str] = []
        self._inside: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self._HIDDEN or tag == "title":
            self._inside = tag
        elif tag in self._BLOCKS:
            self.text.append("\n\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == self._inside:
            self._inside = None
        elif tag in self._BLOCKS:
            self.text.append("\n\n")

    def handle_data(self, data: str) -> None:
        if self._inside == "title":
            self.title.append(data)
        elif self._inside is None:
            self.text.append(data)


def _passages(title: str, text: str, source: str) -> Iterator[Document]:
    for passage in _packed(re.split(r"\n\s*\n", text)):
        yield Document(title, passage, source)


def _packed(paragraphs: Iterable[str]) -> Iterator[str]:
    """Joins neighbouring paragraphs up to PASSAGE_CHARS; a longer paragraph stays whole."""
    passage = ""
    for paragraph in filter(None, map(str.strip, paragraphs)):
        if passage and len(passage) + len(paragraph) > PASSAGE_CHARS:
            yield passage
            passage = ""
        passage = f"{passage}\n\n{paragraph}" if passage else paragraph
    if passage:
        yield passage


_READERS: dict[str, Callable[[str, str, list[Skipped]], Iterator[Document]]] = {
    ".txt": _read_plain,
    ".md": _read_markdown,
    ".markdown": _read_markdown,
    ".jsonl": _read_jsonl,
    ".html": _read_html,
    ".htm": _read_html,
}
