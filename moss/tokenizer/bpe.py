"""Byte-level BPE: any text to token ids and back, losslessly.

The vocabulary and the merges are those of the `tokenizers` library, in its file format (tokenizer.json), and each piece
of text is tokenized by it. Cutting the text and remembering the ids of what was seen before is done here, because that
is several times faster than asking the library for whole texts (benchmarks/tokenizer.py). Two memories: of chunks (a
word with the signs and blanks around it), which spare the cutting into pieces, and of pieces (a word, a sign).

Not here: what the special tokens mean and where they go (chat_format.py). `encode` never yields one, whatever the text
says; they exist only as ids that the renderer of conversations puts between encoded texts.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from itertools import chain
from pathlib import Path
from typing import Any

import regex
import tokenizers

from ..errors import UserError
from .pieces import chunker

FILE_NAME = "tokenizer.json"

_REMEMBERED = 300_000
_LONGEST_REMEMBERED = 24  # characters; longer ones (sentences without blanks, base64) hardly ever come back


def _alphabet() -> dict[int, str]:
    """The characters that stand for bytes in a byte-level vocabulary (Radford et al. 2019, GPT-2).

    Bytes that are printable Latin-1 characters stand as themselves, the others as the characters from U+0100 on.
    """
    printable = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    others = [byte for byte in range(256) if byte not in printable]
    return {byte: chr(byte) for byte in printable} | {byte: chr(256 + i) for i, byte in enumerate(others)}


_CHARACTER_OF_BYTE = _alphabet()


class Tokenizer:
    """A byte-level BPE vocabulary with special tokens that no text can produce."""

    def __init__(self, document: dict[str, Any]) -> None:
        """Takes the parsed tokenizer.json; raises UserError when it is no byte-level BPE that splits by a pattern."""
        self._document = document
        self.special: dict[str, int] = _special_tokens(document)
        """Ids of the special tokens by their text."""
        self._merge = _library_tokenizer(document).model.tokenize
        self._token_bytes = _all_token_bytes(document, self.special)
        self._chunks = chunker(_pattern(document))
        self._pieces = _finder(_pattern(document))
        self._ids_of_chunk = _Memory(self._encode_chunk)
        self._ids_of_piece = _Memory(self._encode_piece)
        self._fingerprint: str | None = None

    @property
    def vocab_size(self) -> int:
        """How many ids there are, special ones included."""
        return len(self._token_bytes)

    def encode(self, text: str) -> list[int]:
        """Token ids of a text, never special ones. A lone surrogate (half a UTF-16 pair) raises UserError."""
        return list(chain.from_iterable(map(self._ids_of_chunk.__getitem__, self._chunks(text))))

    def _encode_chunk(self, chunk: str) -> tuple[int, ...]:
        return tuple(chain.from_iterable(map(self._ids_of_piece.__getitem__, self._pieces(chunk))))

    def _encode_piece(self, piece: str) -> tuple[int, ...]:
        try:
            data = piece.encode()
        except UnicodeEncodeError:
            shown = ascii(piece)[1:-1]
            raise UserError(f"text holds a lone surrogate ({shown}), which no UTF-8 file can hold") from None
        return tuple(token.id for token in self._merge(data.decode("latin-1").translate(_CHARACTER_OF_BYTE)))

    def encode_batch(self, texts: Iterable[str]) -> list[list[int]]:
        """`encode` of each text."""
        return [self.encode(text) for text in texts]

    def decode(self, ids: Iterable[int]) -> str:
        """The text of the ids; special ones are left out, bytes that are not UTF-8 become U+FFFD."""
        return b"".join(map(self._token_bytes.__getitem__, ids)).decode("utf-8", errors="replace")

    def token_bytes(self, token: int) -> bytes:
        """The bytes that one id stands for; b"" for a special one."""
        return self._token_bytes[token]

    def fingerprint(self) -> str:
        """16 hex digits that two tokenizers share exactly when they map every text to the same ids."""
        if self._fingerprint is None:
            parts = [self._document["model"]["vocab"], self._document["model"]["merges"], self.special]
            text = json.dumps([*parts, _pattern(self._document)], sort_keys=True)
            self._fingerprint = hashlib.sha256(text.encode()).hexdigest()[:16]
        return self._fingerprint

    def save(self, folder: str | Path) -> None:
        """Writes tokenizer.json into the folder, which is made when it does not exist."""
        Path(folder).mkdir(parents=True, exist_ok=True)
        text = json.dumps(self._document, ensure_ascii=False, separators=(",", ":"))
        (Path(folder) / FILE_NAME).write_text(text, encoding="utf-8")

    @classmethod
    def load(cls, path: str | Path) -> Tokenizer:
        """Reads a tokenizer.json, or the one in a folder; raises UserError when it is missing or not ours to read."""
        file = Path(path) / FILE_NAME if Path(path).is_dir() else Path(path)
        try:
            return cls(json.loads(file.read_text(encoding="utf-8")))
        except FileNotFoundError:
            raise UserError(f"no tokenizer at {file}; `moss run` makes one") from None
        except OSError as error:
            raise UserError(f"cannot read tokenizer {file}: {error.strerror}") from None
        except ValueError as error:
            raise UserError(f"tokenizer {file} cannot be used: {error}") from None


class _Memory(dict[str, tuple[int, ...]]):
    """Ids by text; those of a text not seen before are worked out when they are asked for."""

    def __init__(self, work_out: Callable[[str], tuple[int, ...]]) -> None:
        super().__init__()
        self._work_out = work_out

    def __missing__(self, text: str) -> tuple[int, ...]:
        ids = self._work_out(text)
        if len(text) <= _LONGEST_REMEMBERED:
            if len(self) >= _REMEMBERED:
                self.clear()
            self[text] = ids
        return ids


def _library_tokenizer(document: dict[str, Any]) -> tokenizers.Tokenizer:
    try:
        return tokenizers.Tokenizer.from_str(json.dumps(document))
    except Exception as error:  # the library raises bare Exception for whatever is wrong with the document
        raise UserError(f"not a tokenizer file: {error}") from None


def _special_tokens(document: dict[str, Any]) -> dict[str, int]:
    if not isinstance(document, dict) or not isinstance(document.get("model"), dict):
        raise UserError("not a tokenizer file: no model in it")
    if document["model"].get("type") != "BPE" or document.get("normalizer") is not None:
        raise UserError("not a byte-level BPE without normalizer")
    try:
        return {token["content"]: int(token["id"]) for token in document.get("added_tokens", [])}
    except (KeyError, TypeError):
        raise UserError("its added_tokens are not objects with content and id") from None


def _pattern(document: dict[str, Any]) -> str:
    """The pattern that cuts text into pieces: `Split` by it and `ByteLevel`, as training.py makes them."""
    match document.get("pre_tokenizer"):
        case {
            "type": "Sequence",
            "pretokenizers": [
                {"type": "Split", "pattern": {"Regex": str(pattern)}, "behavior": "Isolated", "invert": False},
                {"type": "ByteLevel", "add_prefix_space": False, "use_regex": False},
            ],
        }:
            return pattern
    raise UserError("its pre-tokenizer is not a Split by pattern followed by ByteLevel")


def _finder(pattern: str) -> Callable[[str], list[str]]:
    try:
        return regex.compile(pattern, regex.V1).findall
    except regex.error as error:
        raise UserError(f"its pattern is no regular expression: {error}") from None


def _all_token_bytes(document: dict[str, Any], special: dict[str, int]) -> list[bytes]:
    """The bytes of each id, in order of ids; b"" for special ones."""
    vocab: dict[str, int] = document["model"]["vocab"]
    if sorted([*vocab.values(), *special.values()]) != list(range(len(vocab) + len(special))):
        raise UserError("its ids are not 0, 1, 2, ... without gap or repetition")
    byte_of = {character: byte for byte, character in _CHARACTER_OF_BYTE.items()}
    missing = [character for character in byte_of if character not in vocab]
    if missing:
        raise UserError(f"{len(missing)} of the 256 single bytes are not in its vocabulary")
    found = [b""] * (len(vocab) + len(special))
    try:
        for token, index in vocab.items():
            found[index] = bytes(byte_of[character] for character in token)
    except KeyError as error:
        raise UserError(f"it is not byte-level: {error.args[0]!r} in its vocabulary stands for no byte") from None
    return found
