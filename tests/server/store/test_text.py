"""Text for the database: pieces mended and joined are the mended text; nothing else changes."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moss.server.store.text import searchable, storable, storable_json

ANY_TEXT = st.text(st.characters(exclude_categories=()))
"""With surrogates and U+0000."""

ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ANY_TEXT, inner, max_size=3),
    max_leaves=5,
)


@given(ANY_TEXT, ANY_TEXT)
def test_pieces_mended_and_joined_are_the_mended_text(first: str, second: str) -> None:
    assert storable(first) + storable(second) == storable(first + second)
    assert "\x00" not in storable(first)
    storable(first).encode()  # no surrogates
    assert storable(storable(first)) == storable(first)


@given(st.text())
def test_all_other_text_stays(text: str) -> None:
    assert storable(text) == text.replace("\x00", "\ufffd")


@given(ANY_JSON)
def test_json_is_mended_in_keys_and_values(value: object) -> None:
    def mended(value: object) -> object:
        if isinstance(value, dict):
            return {storable(key): mended(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [mended(inner) for inner in value]
        return storable(value) if isinstance(value, str) else value

    text = storable_json(value)
    text.encode()
    assert json.loads(text) == mended(value)


@pytest.mark.parametrize("text", ["\\u0000", "\\\\u0000", 'a "quote"', "\\"])
def test_what_only_looks_like_u0000_stays(text: str) -> None:
    assert json.loads(storable_json({text: text})) == {text: text}


def test_json_has_no_nan() -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        storable_json(float("nan"))


@given(st.text())
def test_a_text_that_is_made_searchable_stays_so(text: str) -> None:
    assert searchable(searchable(text)) == searchable(text)


@pytest.mark.parametrize(
    "spellings", ["é e\u0301 É", "ｆｕｌｌ full FULL", "ß SS ss ẞ", "℡ tel", "ﬁ FI", "Σ σ ς", "① 1", "㎏ KG", "カ ｶ"]
)
def test_spellings_of_one_word_are_found_by_each_other(spellings: str) -> None:
    assert len({searchable(word) for word in spellings.split()}) == 1
