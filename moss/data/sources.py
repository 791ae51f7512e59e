"""Reading records from files: JSONL, JSON and plain text, each also as .gz, one folder or one file.

Whatever is wrong inside a file is reported with file, line and reason, and the rest is read. Only a path that cannot be
read at all raises. Not here: what the records mean (imports.py).
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

from ..errors import UserError


@dataclass(frozen=True, slots=True)
class Record:
    """A JSON value and where it begins; lines count from 1."""

    value: Any
    file: Path
    line: int


@dataclass(frozen=True, slots=True)
class BadRecord:
    """What could not be read, where it begins, and why."""

    file: Path
    line: int
    reason: str

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}: {self.reason}"


OnError = Callable[[BadRecord], None]
_T = TypeVar("_T")

_RECORD_SUFFIXES = (".jsonl", ".json")
_TEXT_SUFFIXES = (".txt", ".md")


def records(path: str | Path, on_error: OnError) -> Iterator[Record]:
    """The JSON values of a file, or of all .json and .jsonl files in a folder and below it, in order of their names.

    A .jsonl file holds one value a line. A .json file holds one value, an array of them, or one after the other. Raises
    UserError when the path does not exist, is of another kind, or is a folder without such files.
    """
    for file in _files(path, _RECORD_SUFFIXES):
        reader = _jsonl if _kind(file) == ".jsonl" else _json
        yield from reader(file, on_error)


def converted(path: str | Path, on_error: OnError, convert: Callable[[dict[str, Any]], _T]) -> Iterator[_T]:
    """What `convert` makes of each object of `records`; one that it refuses with a UserError is a bad record."""
    for record in records(path, on_error):
        try:
            if not isinstance(record.value, dict):
                raise UserError(f"expected an object, found {type(record.value).__name__}")
            yield convert(record.value)
        except UserError as error:
            on_error(BadRecord(record.file, record.line, str(error)))


def texts(path: str | Path, on_error: OnError) -> Iterator[str]:
    """The documents of a corpus: a .txt or .md file is one, each record of a .jsonl or .json file has one in `text`.

    Files and folders as in `records`.
    """
    for file in _files(path, _TEXT_SUFFIXES + _RECORD_SUFFIXES):
        if _kind(file) in _TEXT_SUFFIXES:
            text = "".join(line for _, line in _lines(file, on_error))
            if text:
                yield text
            continue
        for record in records(file, on_error):
            found = record.value.get("text") if isinstance(record.value, dict) else record.value
            if isinstance(found, str):
                yield found
            else:
                on_error(BadRecord(file, record.line, "no text in it (expected an object with the key `text`)"))


def _files(path: str | Path, suffixes: tuple[str, ...]) -> list[Path]:
    path = Path(path)
    kinds = ", ".join(suffixes)
    if path.is_dir():
        found = sorted(file for file in path.rglob("*") if _kind(file) in suffixes and file.is_file())
        if not found:
            raise UserError(f"{path}: no {kinds} file (or .gz of one) in this folder")
        return found
    if not path.exists():
        raise UserError(f"{path}: no such file or folder")
    if _kind(path) not in suffixes:
        raise UserError(f"{path}: cannot read this kind of file; expected {kinds}, each also as .gz, or a folder")
    return [path]


def _kind(file: Path) -> str:
    """The suffix that says what is in a file, without .gz."""
    return Path(file.name.lower().removesuffix(".gz")).suffix


def _open(file: Path) -> BinaryIO:
    return gzip.open(file) if file.suffix.lower() == ".gz" else open(file, "rb")  # type: ignore[return-value]


def _lines(file: Path, on_error: OnError) -> Iterator[tuple[int, str]]:
    """Number and text of each line, with its line end. Lines that are not UTF-8 are reported and left out."""
    number = 0
    try:
        with _open(file) as stream:
            for number, data in enumerate(stream, start=1):
                try:
                    yield number, data.decode("utf-8-sig" if number == 1 else "utf-8")
                except UnicodeDecodeError as error:
                    on_error(BadRecord(file, number, f"not UTF-8: {error.reason} at byte {error.start} of the line"))
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        on_error(BadRecord(file, number + 1, f"the compressed file is damaged here: {error}"))


def _jsonl(file: Path, on_error: OnError) -> Iterator[Record]:
    for number, line in _lines(file, on_error):
        if not line.strip():
            continue
        try:
            yield Record(_checked(json.loads(line), line), file, number)
        except (ValueError, RecursionError) as error:
            on_error(BadRecord(file, number, _reason(error)))


def _json(file: Path, on_error: OnError) -> Iterator[Record]:
    """Values one by one, so that what comes before a damaged one is read; after it nothing can be told apart."""
    text = "".join(line for _, line in _lines(file, on_error))
    decoder = json.JSONDecoder()
    position = _blanks(text, 0)
    array = text[position : position + 1] == "["
    position = _blanks(text, position + array)
    line = 1 + text.count("\n", 0, position)
    while position < len(text) and not (array and text[position] == "]"):
        start = position
        try:
            value, position = decoder.raw_decode(text, start)
            yield Record(_checked(value, text), file, line)
        except (ValueError, RecursionError) as error:
            on_error(BadRecord(file, getattr(error, "lineno", line), _reason(error)))
            return
        position = _blanks(text, position)
        if array and text[position : position + 1] == ",":
            position = _blanks(text, position + 1)
        line += text.count("\n", start, position)
    if array and position == len(text):
        on_error(BadRecord(file, line, "not JSON: the array is not closed"))


def _blanks(text: str, position: int) -> int:
    """The position of the next sign that is not blank."""
    while position < len(text) and text[position].isspace():
        position += 1
    return position


def _checked(value: Any, source: str) -> Any:
    r"""The value, unless it holds half a surrogate pair: JSON can spell one (\ud800), UTF-8 and a tokenizer cannot."""
    if "\\u" in source:
        json.dumps(value, ensure_ascii=False).encode()
    return value


def _reason(error: ValueError | RecursionError) -> str:
    if isinstance(error, RecursionError):
        return "not readable JSON: nested too deeply"
    if isinstance(error, UnicodeEncodeError):
        return "a text in it holds half a surrogate pair, which is no character"
    if isinstance(error, json.JSONDecodeError):
        return f"not JSON: {error.msg} at column {error.colno}"
    return f"not readable JSON: {error}"
