"""Byte-level BPE: any text to token ids and back, losslessly.

The vocabulary and the merges are those of the `tokenizers` library, in its file format (tokenizer.json), and each piece
of text is tokenized by it. Cutting the text into pieces and remembering the ids of pieces already seen is done here,
because that is several times faster than asking the library for whole texts (benchmarks/tokenizer.py).

Not here: what the special tokens mean and where they go (chat_format.py). `encode` never yields one, whatever the text
says; they exist only as ids that the renderer of conversations puts between encoded texts.
"""

from __future__ import annotations

import codecs
import hashlib
import json
from collections.abc import Iterable
from itertools import chain
from pathlib import Path
from typing import Any

import regex
import tokenizers

from ..errors import UserError

FILE_NAME = "tokenizer.json"

_CACHED_PIECES = 500_000
_LONGEST_CACHED_PIECE = 32  # characters; longer ones (base64, ruled lines) hardly ever come back


class Tokenizer:
    """A byte-level BPE vocabulary with special tokens that no text can produce."""

    def __init__(self, document: dict[str, Any]) -> None:
        """Takes the parsed tokenizer.json; raises UserError when it is no byte-level BPE that splits by a pattern."""
        self._document = document
        self.special: dict[str, int] = _special_tokens(document)
        """Ids of the special tokens by their text."""
        self._token_bytes = _all_token_bytes(document, self.special)
        self._pieces = regex.compile(_pattern(document), regex.V1).findall
        self._ids_of_piece = _PieceIds(_piece_backend(document))
        self._fingerprint: str | None = None

    @property
    def vocab_size(self) -> int:
        """How many ids there are, special ones included."""
        return len(self._token_bytes)

    def encode(self, text: str) -> list[int]:
        """Token ids of a text, never special ones. A lone surrogate (half a UTF-16 pair) raises UserError."""
        return list(chain.from_iterable(map(self._ids_of_piece.__getitem__, self._pieces(text))))

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


class StreamDecoder:
    """Ids to text as they come, holding back the bytes of a character until it is whole."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")

    def push(self, token: int) -> str:
        """The text that this id completes, often ''."""
        return self._decoder.decode(self._tokenizer.token_bytes(token))

    def flush(self) -> str:
        """What is left at the end: U+FFFD for a character that stayed incomplete, else ''. It then starts afresh."""
        rest = self._decoder.decode(b"", final=True)
        self._decoder.reset()
        return rest


class _PieceIds(dict[str, tuple[int, ...]]):
    """Ids by piece of text; a piece not seen before is tokenized when it is asked for."""

    def __init__(self, backend: tokenizers.Tokenizer) -> None:
        super().__init__()
        self._backend = backend

    def __missing__(self, piece: str) -> tuple[int, ...]:
        try:
            ids = tuple(self._backend.encode(piece, add_special_tokens=False).ids)
        except (TypeError, UnicodeEncodeError):
            shown = ascii(piece)[1:-1]
            raise UserError(f"text holds a lone surrogate ({shown}), which no UTF-8 file can hold") from None
        if len(piece) <= _LONGEST_CACHED_PIECE:
            if len(self) >= _CACHED_PIECES:
                self.clear()
            self[piece] = ids
        return ids


def _piece_backend(document: dict[str, Any]) -> tokenizers.Tokenizer:
    """The library's tokenizer for one piece: no splitting, and no special tokens to be matched in text."""
    pieces = {
        **document,
        "added_tokens": [],
        "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": False, "use_regex": False},
        "post_processor": None,
    }
    try:
        return tokenizers.Tokenizer.from_str(json.dumps(pieces))
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


def _all_token_bytes(document: dict[str, Any], special: dict[str, int]) -> list[bytes]:
    """The bytes of each id, in order of ids; b"" for special ones."""
    vocab: dict[str, int] = document["model"]["vocab"]
    if sorted([*vocab.values(), *special.values()]) != list(range(len(vocab) + len(special))):
        raise UserError("its ids are not 0, 1, 2, ... without gap or repetition")
    byte_of = _byte_of_character()
    missing = [character for character in byte_of if character not in vocab]
    if missing:
        raise UserError(f"{len(missing)} of the 256 single bytes are not in its vocabulary")
    found = [b""] * (len(vocab) + len(special))
    for token, index in vocab.items():
        found[index] = bytes(byte_of[character] for character in token)
    return found


def _byte_of_character() -> dict[str, int]:
    """The bytes that the characters in a byte-level vocabulary stand for (the GPT-2 alphabet, Radford et al. 2019).

    Bytes that are printable Latin-1 characters stand as themselves, the others as the characters from U+0100 on.
    """
    printable = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    others = [byte for byte in range(256) if byte not in printable]
    return {chr(byte): byte for byte in printable} | {chr(256 + i): byte for i, byte in enumerate(others)}
