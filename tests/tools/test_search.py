"""The search index: what it finds, what it refuses, what it survives."""

from __future__ import annotations

import importlib.util
import json
import sqlite3
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moss.errors import UserError
from moss.tools.search import Document, SearchIndex, SearchTool, Skipped, build_index, read_folder
from moss.tools.search.index import MAX_QUERY_TERMS
from moss.tools.search.snippets import best_snippet, split, width
from moss.tools.search.terms import content_terms, document_terms, query_terms
from moss.tools.search.tool import packaged_encyclopedia

COUNTRIES = [
    Document("France", "The capital of France is Paris. The currency of France is the euro.", "fr"),
    Document("Germany", "The capital of Germany is Berlin. The currency of Germany is the euro.", "de"),
    Document("Japan", "The capital of Japan is Tokyo. The currency of Japan is the yen.", "jp"),
    Document("法国", "法国的首都是巴黎。法国的货币是欧元。", "法"),
    Document("日本", "日本的首都是东京。日本的货币是日元。", "日"),
    Document("臺灣", "玉山是臺灣最高的山，高三千九百五十二公尺。", "臺"),
    Document("", "猫喜欢鱼。我家养了一只猫", "猫"),
]


@pytest.fixture(scope="module")
def index() -> SearchIndex:
    return SearchIndex.from_documents(COUNTRIES)


@pytest.mark.parametrize(
    ("query", "source", "snippet"),
    [
        ("capital of France", "fr", "The capital of France is Paris."),
        ("Germany's currencies?", "de", "The currency of Germany is the euro."),
        ("ＣＡＰＩＴＡＬ　ＪＡＰＡＮ", "jp", "The capital of Japan is Tokyo."),
        ("法国的首都是哪里？", "法", "法国的首都是巴黎。"),
        ("日本的货币", "日", "日本的货币是日元。"),
        ("臺灣最高的山", "臺", "玉山是臺灣最高的山，高三千九百五十二公尺。"),
        ("猫", "猫", "猫喜欢鱼。"),
    ],
)
def test_finds_the_document_and_the_sentence(index: SearchIndex, query: str, source: str, snippet: str) -> None:
    first = index.search(query, relevant_only=True)[0]
    assert (first.index, first.source, first.snippet) == (1, source, snippet)


@pytest.mark.parametrize(
    "query", ["capital of Zorvania", "佐尔瓦尼亚的首都", "who is Grimbold Vextor", "", "？!", "的"]
)
def test_what_is_unknown_has_no_result(index: SearchIndex, query: str) -> None:
    result = SearchTool(index).run(query)
    assert (result.text, result.ok, result.citations) == ("No result.", False, ())


def test_ranking_alone_still_shows_the_nearest(index: SearchIndex) -> None:
    assert index.search("capital of Zorvania")


def test_tool_quotes_the_source(index: SearchIndex) -> None:
    result = SearchTool(index, top_k=1).run("capital of France")
    assert result.ok
    assert [(c.title, c.source) for c in result.citations] == [("France", "fr")]


@pytest.mark.parametrize(
    "query", ['" OR body:*', "NEAR(a b, 3)", "title : france", "france AND NOT paris", "-x ^y {z}", "'"]
)
def test_query_syntax_is_only_text(index: SearchIndex, query: str) -> None:
    index.search(query)


@given(st.text())
def test_any_text_is_a_query_and_a_document(text: str) -> None:
    index = SearchIndex.from_documents([Document(text, text, text)])
    found = index.search(text)
    assert bool(found) == bool(query_terms(text))
    index.close()


def test_a_pasted_page_is_a_query(index: SearchIndex) -> None:
    page = " ".join(f"word{i}" for i in range(5000)) + " Paris capital 东京"
    assert len(index._weights(query_terms(page))) == MAX_QUERY_TERMS
    index.search(page)


def test_many_threads_get_their_own_answers(index: SearchIndex) -> None:
    queries = ["capital of France", "capital of Japan", "法国的首都", "日本的货币"] * 50
    expected = [index.search(query) for query in queries]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(index.search, queries)) == expected


def test_file_and_memory_answer_alike(tmp_path: Path, index: SearchIndex) -> None:
    report = build_index(COUNTRIES, tmp_path / "a folder's #1?.sqlite")
    assert (report.documents, report.skipped) == (len(COUNTRIES), ())
    assert [path.name for path in tmp_path.iterdir()] == ["a folder's #1?.sqlite"]
    from_file = SearchIndex(tmp_path / "a folder's #1?.sqlite")
    for query in ("capital of France", "首都", "猫"):
        assert from_file.search(query) == index.search(query)


def test_a_few_documents_are_enough(tmp_path: Path) -> None:
    (tmp_path / "tower.md").write_text("# Eiffel Tower\n\nIt is 330 metres tall.\n", encoding="utf-8")
    build_index(tmp_path, tmp_path / "index.sqlite")
    result = SearchTool(tmp_path / "index.sqlite").run("height of the Eiffel Tower")
    assert result.text == "Eiffel Tower: It is 330 metres tall."


class TestBadInput:
    def test_missing_index(self, tmp_path: Path) -> None:
        with pytest.raises(UserError, match=r"no search index at .*moss index"):
            SearchIndex(tmp_path / "none.sqlite")

    @pytest.mark.parametrize("content", [b"", b"not a database at all", b"SQLite format 3\0" + b"\1" * 5000])
    def test_not_an_index(self, tmp_path: Path, content: bytes) -> None:
        (tmp_path / "x").write_bytes(content)
        with pytest.raises(UserError, match="damaged or not a search index"):
            SearchIndex(tmp_path / "x")

    def test_another_programs_database(self, tmp_path: Path) -> None:
        with sqlite3.connect(tmp_path / "x") as database:
            database.execute("create table t (a)")
        with pytest.raises(UserError, match="another kind"):
            SearchIndex(tmp_path / "x")

    def test_index_cut_short(self, tmp_path: Path) -> None:
        build_index([Document("", f"word{i} text", "") for i in range(2000)], tmp_path / "x")
        content = (tmp_path / "x").read_bytes()
        (tmp_path / "x").write_bytes(content[:8192])
        with pytest.raises(UserError, match="damaged"):
            SearchIndex(tmp_path / "x")

    def test_missing_and_empty_folder(self, tmp_path: Path) -> None:
        with pytest.raises(UserError, match="no folder"):
            build_index(tmp_path / "none", tmp_path / "x")
        (tmp_path / "docs").mkdir()
        with pytest.raises(UserError, match="nothing to index"):
            build_index(tmp_path / "docs", tmp_path / "x")
        assert not (tmp_path / "x").exists()

    def test_a_folder_that_is_not_there_is_made(self, tmp_path: Path) -> None:
        build_index(COUNTRIES, tmp_path / "new" / "x")
        assert (tmp_path / "new" / "x").exists()

    def test_no_folder_to_write_to(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        with pytest.raises(UserError, match="cannot write the index"):
            build_index(COUNTRIES, tmp_path / "file" / "x")

    def test_a_failed_build_leaves_the_old_index(self, tmp_path: Path) -> None:
        build_index(COUNTRIES, tmp_path / "x")

        def broken():  # type: ignore[no-untyped-def]
            yield COUNTRIES[0]
            raise RuntimeError

        with pytest.raises(RuntimeError):
            build_index(broken(), tmp_path / "x")
        assert SearchIndex(tmp_path / "x").size == len(COUNTRIES)
        assert len(list(tmp_path.iterdir())) == 1


def test_folder_of_many_kinds(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "a.txt").write_text("one\n\n" + "long " * 300 + "\n\ntwo", encoding="utf-8")
    (tmp_path / "sub" / "b.md").write_text("intro\n\n## Part ##\nbody", encoding="utf-8-sig")
    (tmp_path / "c.html").write_text(
        "<title>T &amp; U</title><script>no</script><p>first<p>sec<b>ond", encoding="utf-8"
    )
    lines = [{"title": "t", "text": "x", "source": "s"}, {"content": "y"}, {"title": "nothing"}]
    (tmp_path / "d.jsonl").write_text("\n".join(map(json.dumps, lines)) + "\nnot json\n", encoding="utf-8")
    (tmp_path / "e.txt").write_bytes("中文文件".encode("gb18030"))
    (tmp_path / "f.txt").write_bytes(b"\0\1\2")
    (tmp_path / "g.txt").write_text(" \n", encoding="utf-8")
    (tmp_path / ".hidden.txt").write_text("secret", encoding="utf-8")
    (tmp_path / "h.png").write_bytes(b"image")
    skipped = []
    found = [(d.title, d.text[:12], d.source) for d in read_folder(tmp_path, skipped)]
    assert found == [
        ("a", "one", "a.txt"),
        ("a", "long long lo", "a.txt"),
        ("a", "two", "a.txt"),
        ("T & U", "first\n\nsecon", "c.html"),
        ("t", "x", "s"),
        ("", "y", "d.jsonl:2"),
        ("e", "中文文件", "e.txt"),
        ("b", "intro", "sub/b.md"),
        ("Part", "body", "sub/b.md"),
    ]
    assert [(path, reason.split(":")[0]) for path, reason in skipped] == [
        ("d.jsonl:3", 'needs an object with "text" (and, if known, "title" and "source")'),
        ("d.jsonl:4", "not JSON"),
        ("f.txt", "not text"),
        ("g.txt", "empty"),
    ]

    def test_a_line_of_jsonl_ends_only_where_the_line_ends(self, tmp_path: Path) -> None:
        records = [{"text": "one\u2028and\x85the same"}, {"text": "two"}]
        lines = [json.dumps(record, ensure_ascii=False) for record in records]
        (tmp_path / "a.jsonl").write_bytes("\r\n".join(lines).encode())
        skipped: list[Skipped] = []
        assert [document.text for document in read_folder(tmp_path, skipped)] == [r["text"] for r in records]
        assert skipped == []


class TestTerms:
    def test_words_and_pairs(self) -> None:
        assert document_terms("Making 3 cafés, 中国人") == ["mak", "3", "caf", "中国", "国人", "人"]
        assert query_terms("中国人 猫 making made making") == ["中国", "国人", "猫", "mak", "mad"]

    @pytest.mark.parametrize(
        ("one", "other"),
        [("city", "cities"), ("invented", "inventor"), ("planned", "planning"), ("boxes", "box"), ("born", "Born")],
    )
    def test_forms_of_a_word_are_one_term(self, one: str, other: str) -> None:
        assert query_terms(one) == query_terms(other)

    @pytest.mark.parametrize(("one", "other"), [("universe", "university"), ("bus", "bu"), ("her", "h")])
    def test_other_words_stay_apart(self, one: str, other: str) -> None:
        assert query_terms(one) != query_terms(other)

    def test_content_leaves_out_what_only_asks(self) -> None:
        assert content_terms("What is the capital of France?") == ["capital", "franc"]
        assert content_terms("法国的首都是什么") == ["法国", "首都"]
        assert content_terms("who is who") == []

    def test_korean_and_japanese_are_found(self) -> None:
        index = SearchIndex.from_documents(
            [Document("", "서울은 대한민국의 수도이다", "k"), Document("", "東京タワーが高い", "j")]
        )
        assert [index.search(query)[0].source for query in ("대한민국의", "タワー")] == ["k", "j"]


class TestSnippets:
    def test_keeps_to_the_limit_and_to_the_text(self) -> None:
        text = "First sentence, with a clause. " * 3 + "很长的一句话，" * 30 + "The answer is forty-two. " + "x" * 300
        weights = dict.fromkeys(query_terms("answer forty-two"), 1.0)
        assert best_snippet("", text, weights, 60) == "The answer is forty-two."
        for piece in split(text, 60):
            assert width(text[piece.start : piece.end]) <= 60
        assert "".join(text[p.start : p.end] for p in split(text, 60)) == text

    def test_joins_sentences_that_answer_together(self) -> None:
        text = "Nothing here. Ada wrote notes. She died in London. Nothing there."
        weights = dict.fromkeys(query_terms("Ada London"), 1.0)
        assert best_snippet("", text, weights, 100) == "Ada wrote notes. She died in London."
        assert len(best_snippet("", text, weights, 25)) <= 25

    def test_the_title_speaks_for_itself(self) -> None:
        weights = dict.fromkeys(query_terms("Eiffel Tower height"), 1.0)
        assert best_snippet("Eiffel Tower", "Its height is 330 m.", weights, 99) == "Eiffel Tower: Its height is 330 m."
        assert best_snippet("Eiffel", "The Eiffel Tower's height.", weights, 99) == "The Eiffel Tower's height."

    @given(st.text(), st.integers(10, 200))
    def test_any_text(self, text: str, limit: int) -> None:
        for piece in split(text, limit):
            assert width(text[piece.start : piece.end]) <= limit


class TestEncyclopedia:
    def test_is_the_nano_worlds(self) -> None:
        from moss.recipes.nano.documents import encyclopedia

        made = [(document.title, document.text, document.source) for document in encyclopedia()]
        assert [tuple(document) for document in packaged_encyclopedia()] == made, (
            "moss/assets/encyclopedia.jsonl is out of date: see docs/guides/search.md"
        )

    @pytest.mark.parametrize(("query", "answer"), [("capital of France", "Paris"), ("法国的首都", "巴黎")])
    def test_is_what_the_tool_searches(self, query: str, answer: str) -> None:
        assert answer in SearchTool().run(query).citations[0].snippet


def _benchmark() -> ModuleType:
    path = Path(__file__).parents[2] / "benchmarks" / "search.py"
    spec = importlib.util.spec_from_file_location("search_benchmark", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("name", "at_1", "at_3"),
    [("xquad-en", 0.92, 0.978), ("xquad-zh", 0.929, 0.976), ("cmrc", 0.958, 0.992), ("drcd", 0.932, 0.983)],
)
def test_recall_on_real_questions(real_data: Path, name: str, at_1: float, at_3: float) -> None:
    benchmark = _benchmark()
    documents, questions = benchmark.read_set(real_data, name)
    index = SearchIndex.from_documents(documents)
    first, third = benchmark.recall(index, questions)
    assert first >= at_1
    assert third >= at_3
    kept = sum(bool(index.search(question.text, 3, relevant_only=True)) for question in questions)
    assert kept >= 0.93 * len(questions)
