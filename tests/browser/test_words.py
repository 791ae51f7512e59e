"""U7: every word of the page exists in English and 中文, and every word that exists is used. Needs no browser."""

from __future__ import annotations

import json
import re

import pytest

from moss.server.pages import WEB

WORDS = {language: json.loads((WEB / "locales" / f"{language}.json").read_text("utf-8")) for language in ("en", "zh")}
SOURCES = {path.name: path.read_text("utf-8") for path in sorted(WEB.glob("*.js"))}
EVERYTHING = "\n".join(SOURCES.values())

KEY = re.compile(r'"([a-z]+\.[a-z0-9_]+)"|\bt\("([a-z]+)"\)')
BUILT = re.compile(r"`([a-z]+)\.\$\{")
"""Keys that are put together, such as t(`label.${name}`): their first part is what counts."""


def test_U7_both_languages_have_the_same_words() -> None:
    assert WORDS["en"].keys() == WORDS["zh"].keys()
    assert all(text.strip() for words in WORDS.values() for text in words.values())


def test_U7_both_languages_fill_in_the_same_values() -> None:
    values = {
        language: {key: set(re.findall(r"\{(\w+)\}", text)) for key, text in words.items()}
        for language, words in WORDS.items()
    }
    assert values["en"] == values["zh"]


def test_U7_chinese_is_chinese() -> None:
    latin = {key for key, text in WORDS["zh"].items() if not re.search(r"[\u4e00-\u9fff]", text)}
    assert latin == {"reply.label"}


@pytest.mark.parametrize("name", SOURCES)
def test_U7_every_key_that_is_used_exists(name: str) -> None:
    prefixes = {key.partition(".")[0] for key in WORDS["en"]}
    used = {one or other for one, other in KEY.findall(SOURCES[name])}
    asked = {key for key in used if key.partition(".")[0] in prefixes}
    assert asked <= WORDS["en"].keys()


def test_U7_no_word_is_there_for_nothing() -> None:
    used = {one or other for one, other in KEY.findall(EVERYTHING)}
    built = set(BUILT.findall(EVERYTHING))
    assert {key for key in WORDS["en"] if key not in used and key.partition(".")[0] not in built} == set()


@pytest.mark.parametrize("name", SOURCES)
def test_no_markup_but_what_the_server_has_sanitised(name: str) -> None:
    """The page's wall against markup: one file sets HTML, and nothing runs text as code."""
    dangerous = re.findall(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", SOURCES[name]
    )
    assert dangerous == (["innerHTML"] if name == "prose.js" else [])
