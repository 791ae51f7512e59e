"""The tokenizer: lossless on any text, never a special token from text, never half a character from a stream."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import tokenizers
from hypothesis import given
from hypothesis import strategies as st

from moss.chat_format import SPECIAL_TOKENS
from moss.errors import UserError
from moss.tokenizer import Tokenizer, train

CORPUS = [
    "The quick brown fox jumps over the lazy dog. The fox is quick.\n",
    "def add(first, second):\n    return first + second\n\n\ndef main():\n    return add(1, 2)\n",
    "敏捷的棕色狐狸跳过了懒狗。狐狸很敏捷。\n",
    "The year 2026 has 365 days; 3.14 * 2 = 6.28.\n",
] * 20

# Lone surrogates have a test of their own.
ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)
ODD_PIECES = [
    " ",
    "  ",
    "\n",
    "\r\n",
    "\t",
    "\0",
    "7",
    "十",
    "fox",
    "🦊",
    "é",
    "e\u0301",
    "\ufeff",
    "\u3000",
    "\U000e0041",
]
BLANKS = ["\xa0", "\x0b", "\x0c", "\x1c", "\x85", "\u1680", "\u2003", "\u2028", "\u200b"]
ODD_TEXT = st.lists(st.sampled_from([*SPECIAL_TOKENS, *ODD_PIECES, *BLANKS])).map("".join)
TEXT = ANY_TEXT | ODD_TEXT


@pytest.fixture(scope="module", params=[(True, True), (True, False), (False, False)], ids=["nano", "han", "plain"])
def tokenizer(request: pytest.FixtureRequest) -> Tokenizer:
    split_han, split_spaces = request.param
    return train(CORPUS, 400, SPECIAL_TOKENS, split_han=split_han, split_spaces=split_spaces)


@pytest.fixture(scope="module")
def library(tokenizer: Tokenizer, tmp_path_factory: pytest.TempPathFactory) -> tokenizers.Tokenizer:
    """The saved file as the `tokenizers` library reads it, without special tokens."""
    document = saved(tokenizer, tmp_path_factory.mktemp("library"))
    return tokenizers.Tokenizer.from_str(json.dumps({**document, "added_tokens": []}))


def saved(tokenizer: Tokenizer, folder: Path) -> dict:
    tokenizer.save(folder)
    return json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))


@given(text=TEXT)
def test_every_text_comes_back(tokenizer: Tokenizer, text: str) -> None:
    assert tokenizer.decode(tokenizer.encode(text)) == text


@given(text=TEXT)
def test_T1_no_text_becomes_a_special_token(tokenizer: Tokenizer, text: str) -> None:
    assert not set(tokenizer.encode(text)) & set(tokenizer.special.values())


@pytest.mark.parametrize("special", SPECIAL_TOKENS)
def test_T1_a_typed_special_token_is_text(tokenizer: Tokenizer, special: str) -> None:
    ids = tokenizer.encode(f"before {special} after")
    assert tokenizer.special[special] not in ids
    assert tokenizer.decode(ids) == f"before {special} after"


@given(text=TEXT)
def test_ids_are_those_of_the_library(tokenizer: Tokenizer, library: tokenizers.Tokenizer, text: str) -> None:
    """Cutting and caching outside the library must not change what it makes of the same file."""
    assert tokenizer.encode(text) == library.encode(text, add_special_tokens=False).ids


def test_a_batch_is_its_texts_one_by_one(tokenizer: Tokenizer) -> None:
    assert tokenizer.encode_batch(CORPUS[:4]) == [tokenizer.encode(text) for text in CORPUS[:4]]
    assert tokenizer.encode_batch([]) == []
    assert tokenizer.encode("") == []


def test_a_lone_surrogate_is_an_error_and_not_a_replacement(tokenizer: Tokenizer) -> None:
    for _ in range(2):  # the second time must not find it in the cache
        with pytest.raises(UserError, match=r"lone surrogate \(\\ud800\)"):
            tokenizer.encode("fox \ud800 fox")


def test_bytes_that_are_no_character_are_marked(tokenizer: Tokenizer) -> None:
    ids = tokenizer.encode("a🦊")
    assert len(ids) == 5  # not in the corpus: four bytes
    assert tokenizer.decode(ids[:-1]) == "a\ufffd"


def test_special_tokens_have_no_bytes_and_are_left_out_of_text(tokenizer: Tokenizer) -> None:
    special = tokenizer.special["<eoh>"]
    assert tokenizer.token_bytes(special) == b""
    assert tokenizer.decode([*tokenizer.encode("a"), special, *tokenizer.encode("b")]) == "ab"


@given(text=TEXT)
def test_bytes_of_tokens_make_up_the_text(tokenizer: Tokenizer, text: str) -> None:
    assert b"".join(map(tokenizer.token_bytes, tokenizer.encode(text))) == text.encode()


def test_save_and_load(tokenizer: Tokenizer, tmp_path: Path) -> None:
    tokenizer.save(tmp_path / "new")
    for path in (tmp_path / "new", tmp_path / "new" / "tokenizer.json"):
        loaded = Tokenizer.load(path)
        assert loaded.special == tokenizer.special
        assert loaded.vocab_size == tokenizer.vocab_size
        assert loaded.fingerprint() == tokenizer.fingerprint()
        assert loaded.encode("The fox 狐狸 7") == tokenizer.encode("The fox 狐狸 7")


def test_other_tokenizers_have_other_fingerprints() -> None:
    base = train(CORPUS, 300, SPECIAL_TOKENS).fingerprint()
    assert train(CORPUS, 300, SPECIAL_TOKENS).fingerprint() == base
    assert train(CORPUS, 299, SPECIAL_TOKENS).fingerprint() != base
    assert train(CORPUS, 300, SPECIAL_TOKENS[::-1]).fingerprint() != base
    # Another way of cutting text gives other ids even where the vocabulary is the same.
    assert train(["a"], 256, []).fingerprint() != train(["a"], 256, [], split_spaces=True).fingerprint()


ADDED = {"content": "<eoh>", "special": True} | dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False)


def damage(tokenizer: Tokenizer, folder: Path, key: str, value: object) -> Path:
    document = saved(tokenizer, folder)
    document[key] = value
    (folder / "tokenizer.json").write_text(json.dumps(document), encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("key", "value", "reason"),
    [
        ("model", {"type": "WordPiece", "vocab": {}}, "not a byte-level BPE"),
        ("model", {"type": "BPE", "vocab": {"a": 0}, "merges": []}, "ids are not"),
        ("model", None, "no model in it"),
        ("normalizer", {"type": "NFC"}, "normalizer"),
        ("pre_tokenizer", {"type": "Whitespace"}, "pre-tokenizer"),
        ("model", {"type": "BPE", "vocab": {"a": "b"}, "merges": []}, "not a tokenizer file"),
        ("model", {"type": "BPE", "vocab": {"a": 0}, "merges": ["a b"]}, "not a tokenizer file"),
        ("added_tokens", [{**ADDED, "id": 0}], "ids are not"),
        ("added_tokens", [{**ADDED, "id": 9000}], "ids are not"),
        ("added_tokens", ["<eoh>"], "added_tokens"),
    ],
)
def test_a_file_that_is_not_ours_is_named(
    tokenizer: Tokenizer, tmp_path: Path, key: str, value: object, reason: str
) -> None:
    with pytest.raises(UserError, match=reason) as error:
        Tokenizer.load(damage(tokenizer, tmp_path, key, value))
    assert "tokenizer.json" in str(error.value)


def test_a_vocabulary_that_is_not_byte_level_is_named(tokenizer: Tokenizer, tmp_path: Path) -> None:
    model = saved(tokenizer, tmp_path)["model"]
    last = max(model["vocab"], key=model["vocab"].__getitem__)
    model = {**model, "merges": [], "vocab": {token: i for token, i in model["vocab"].items() if token != last}}
    model["vocab"]["▁the"] = len(model["vocab"])
    with pytest.raises(UserError, match="not byte-level: '▁'"):
        Tokenizer.load(damage(tokenizer, tmp_path, "model", model))


def test_a_pattern_that_is_none_is_named(tokenizer: Tokenizer, tmp_path: Path) -> None:
    steps = saved(tokenizer, tmp_path)["pre_tokenizer"]
    steps["pretokenizers"][0]["pattern"]["Regex"] = "("
    with pytest.raises(UserError, match=r"tokenizer\.json cannot be used"):
        Tokenizer.load(damage(tokenizer, tmp_path, "pre_tokenizer", steps))


GPT2_PATTERN = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"


@given(text=TEXT)
def test_another_pattern_of_pieces_is_followed(tokenizer: Tokenizer, text: str) -> None:
    """Its pieces may go across what separates ours."""
    document = json.loads(json.dumps(tokenizer._document))
    document["pre_tokenizer"]["pretokenizers"][0]["pattern"]["Regex"] = GPT2_PATTERN
    library = tokenizers.Tokenizer.from_str(json.dumps({**document, "added_tokens": []}))
    assert Tokenizer(document).encode(text) == library.encode(text, add_special_tokens=False).ids


def test_memory_is_bounded_and_forgetting_changes_nothing(
    tokenizer: Tokenizer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("moss.tokenizer.bpe._REMEMBERED", 3)
    tokenizer.save(tmp_path)
    forgetful = Tokenizer.load(tmp_path)
    for text in CORPUS[:4] * 2:
        assert forgetful.encode(text) == tokenizer.encode(text)
    assert len(forgetful._ids_of_piece) <= 3


@pytest.mark.parametrize("content", ["", "{", "[]", "null", "\x80"])
def test_a_damaged_file_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "tokenizer.json").write_bytes(content.encode("latin-1"))
    with pytest.raises(UserError, match=r"tokenizer\.json cannot be used"):
        Tokenizer.load(tmp_path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no tokenizer at"):
        Tokenizer.load(tmp_path)
