"""The nano world as text: nothing untrue, nothing withheld slips out, and every fact is found by its query."""

from __future__ import annotations

import ast
import random
from itertools import islice
from pathlib import Path

import pytest

from moss.recipes.nano.documents import Document, encyclopedia, pretraining_documents, search_documents
from moss.recipes.nano.facts import Fact, all_facts, facts_by_subject, fill
from moss.recipes.nano.facts.relations import statements
from moss.recipes.nano.invented import DOCUMENTED, documented
from moss.recipes.nano.turns import Language
from moss.tools.search import SearchIndex, SearchTool, build_index

LANGUAGES: tuple[Language, ...] = ("en", "zh")


@pytest.fixture(scope="module")
def stream() -> list[tuple[str, str]]:
    return list(islice(pretraining_documents(random.Random(0)), 3000))


@pytest.fixture(scope="module")
def tool(tmp_path_factory: pytest.TempPathFactory) -> SearchTool:
    path: Path = tmp_path_factory.mktemp("index") / "eval.sqlite"
    build_index(search_documents("eval"), path)
    return SearchTool(SearchIndex(path))


# -- the encyclopedia ----------------------------------------------------------------------------------------


def test_every_entity_has_an_entry_in_each_language_with_all_its_facts() -> None:
    entries = {(d.source.split("/")[1], d.title.lower(), d.source.split("/")[2]): d for d in encyclopedia()}
    assert len(entries) == 2 * len(facts_by_subject())
    for subject, facts in facts_by_subject().items():
        for language in LANGUAGES:
            entry = entries[language, subject.name(language).lower(), subject.kind]
            assert all(fact.statement(language) in entry.text for fact in facts)


def test_every_sentence_names_its_entity_and_fits_a_snippet() -> None:
    for facts in facts_by_subject().values():
        for fact in facts:
            for language in LANGUAGES:
                sentence = fact.statement(language)
                assert fact.subject.name(language).lower() in sentence.lower()
                assert len(sentence) <= 120


def test_what_dialogues_are_made_with_withholds_english_only_facts_in_chinese() -> None:
    only = [fact for fact in all_facts() if fact.english_only]
    chinese = {d.title: d.text for d in search_documents("train") if "/zh/" in d.source}
    assert only
    assert not any(fact.stated_in(chinese.get(fact.subject.zh, ""), "zh") for fact in only)


def test_invented_entries_look_like_real_ones() -> None:
    documents: list[Document] = search_documents("train")
    assert len({d.source for d in documents if d.title in {e.en for e in documented("train")}}) >= 8
    titles = {document.title for document in documents}
    assert sum(entity.zh in titles for entity in documented("train")) == DOCUMENTED["train"]
    assert all(document.source.startswith("nano-encyclopedia/") for document in documents)


def test_real_and_invented_facts_are_found_by_their_queries(tool: SearchTool) -> None:
    rng = random.Random(0)
    real = rng.sample([f for f in all_facts() if not f.english_only], 150)
    invented = rng.sample([f for facts in documented("eval").values() for f in facts], 150)
    for facts in (real, invented):
        for language in LANGUAGES:
            missed = [f for f in facts if not found(tool, f, language)]
            assert len(missed) <= 3, [(f.query(language), tool.run(f.query(language)).text) for f in missed]


def found(tool: SearchTool, fact: Fact, language: Language) -> bool:
    return any(fact.stated_in(citation.snippet, language) for citation in tool.run(fact.query(language)).citations)


# -- pre-training text ---------------------------------------------------------------------------------------


def test_no_chinese_text_and_no_code_states_an_english_only_fact(stream: list[tuple[str, str]]) -> None:
    text = "\n".join(text for text, language in stream if language != "en")
    names = [subject.zh for subject in facts_by_subject()]
    for fact in all_facts():
        inside_others = sum(fact.subject.zh in name for name in names) > 1  # a sentence on 南苏丹 holds one on 苏丹
        if fact.english_only and not inside_others:
            stated = [fill(template, fact, "zh") for template in statements(fact.words, "zh")]
            assert not any(sentence in text for sentence in stated), fact
            assert f'"{fact.subject.zh}": "{fact.object.zh}"' not in text
            assert f'"{fact.subject.en}": "{fact.object.en}"' not in text


def test_every_fact_comes_up_before_long(stream: list[tuple[str, str]]) -> None:
    """Decks are dealt out: no fact waits for luck."""
    for language in LANGUAGES:
        lines = [text for text, its in stream if its == language]
        text = "\n".join(lines).lower()
        facts = [fact for fact in all_facts() if fact.allowed(language)]
        seen = [f for f in facts if any(s.lower() in text for s in wordings(f, language))]
        assert len(seen) > 0.97 * len(facts)


def wordings(fact: Fact, language: Language) -> list[str]:
    return [fill(template, fact, language) for template in statements(fact.words, language)]


def test_the_stream_depends_on_the_seed_alone(stream: list[tuple[str, str]]) -> None:
    again = list(islice(pretraining_documents(random.Random(0)), 200))
    other = list(islice(pretraining_documents(random.Random(1)), 200))
    assert again == stream[:200] != other


def test_languages_are_what_they_are_called(stream: list[tuple[str, str]]) -> None:
    counts = {language: sum(its == language for _, its in stream) for language in ("en", "zh", "code")}
    assert min(counts.values()) > 150
    assert all(text.strip() and "{s}" not in text and "{o}" not in text for text, _ in stream)


def test_programs_are_python(stream: list[tuple[str, str]]) -> None:
    programs = [text for text, language in stream if language == "code"]
    for program in programs:
        if program.startswith(">>>"):
            program = "\n".join(line.removeprefix(">>> ") for line in program.splitlines())
        ast.parse(program)
