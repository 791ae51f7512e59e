"""The index: documents and their terms in one SQLite file, ranked by FTS5's BM25 (k1 1.2, b 0.75).

A file is written once, as a whole, and only read afterwards; to change an index, build it again. Queries are data: they
are cut into terms of letters and digits, so FTS5's query syntax is never reached by what a user types.
"""

from __future__ import annotations

import math
import sqlite3
import threading
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from ...conversation import Citation
from ...errors import UserError, failure
from ...files import whole_file
from .documents import Document, Skipped, read_folder
from .snippets import best_snippet, found_terms
from .terms import content_terms, document_terms, is_unspaced, query_terms

APPLICATION_ID = 0x4D4F5353  # "MOSS" in the file's header, so that another program's database is told apart
FORMAT = 1

TITLE_WEIGHT = 2.0
"""A term in the title counts this many times as much as one in the text."""

MAX_QUERY_TERMS = 64
"""Of a longer query the rarest terms are used; bounds the time of a pasted page."""

RELEVANT_COVERAGE = 0.55
FULL_COVERAGE_WORDS = 3
"""A query about something unknown ("capital of Zorvania") still finds documents, by its other words. A document is
relevant when it holds this share of the query by weight; for a query of more than three words proportionally less,
since much of a long question is wording. benchmarks/search.py shows what that keeps."""

OTHER_DOCUMENTS = 1000
"""How rare a term is, is judged as if this many documents without it were there too: in an index of three documents, a
term that one of them holds is still rare."""

_SCHEMA = f"""
pragma page_size = 4096; pragma journal_mode = off; pragma synchronous = off;
pragma application_id = {APPLICATION_ID}; pragma user_version = {FORMAT};
create table documents (id integer primary key, title text, text text, source text);
create virtual table words using fts5 (title, body, content = '', tokenize = 'ascii');
create virtual table vocabulary using fts5vocab (words, row);
"""


@dataclass(frozen=True, slots=True)
class IndexReport:
    """What `build_index` took in and what it left out."""

    documents: int
    skipped: tuple[Skipped, ...]


class Hit(NamedTuple):
    """One document that a query found."""

    document: Document
    score: float
    """BM25; higher is better."""
    relevant: bool
    """Whether the document holds enough of what the query is about."""


def build_index(documents: Iterable[Document] | str | Path, path: str | Path) -> IndexReport:
    """Indexes documents, or the files of a folder, into one file at `path`, which appears whole or not at all.

    The folder of `path` is made if it is not there. Raises UserError when there is nothing to index
    or the file cannot be written.
    """
    path = Path(path)
    skipped: list[Skipped] = []
    what = "the documents"
    if isinstance(documents, str | Path):
        what = f"the folder {documents}"
        documents = read_folder(documents, skipped)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(path) as unfinished:
            open(unfinished, "ab").close()  # where that is refused it says why, and SQLite does not
            with closing(sqlite3.connect(unfinished)) as database:
                count = _fill(database, documents)
            if not count:
                reasons = "".join(f"; {path}: {reason}" for path, reason in skipped[:3])
                raise UserError(f"nothing to index: {what} had no text{reasons}")
    except OSError as error:
        raise UserError(f"cannot write the index {failure(error, path)}") from error
    except sqlite3.Error as error:
        raise UserError(f"cannot write the index {path}: {error}") from error
    return IndexReport(count, tuple(skipped))


def _fill(database: sqlite3.Connection, documents: Iterable[Document]) -> int:
    database.executescript(_SCHEMA)
    count = 0
    for count, document in enumerate(documents, start=1):
        row = (count, document.title, document.text, document.source)
        database.execute("insert into documents values (?, ?, ?, ?)", row)
        terms = (" ".join(document_terms(document.title)), " ".join(document_terms(document.text)))
        database.execute("insert into words (rowid, title, body) values (?, ?, ?)", (count, *terms))
    database.execute("insert into words (words) values ('optimize')")
    database.commit()
    return count


class SearchIndex:
    """Answers queries from an index file. Safe to use from several threads."""

    def __init__(self, path: str | Path) -> None:
        path = Path(path)
        if not path.is_file():
            raise UserError(f"no search index at {path}; `moss index DIR --out {path}` makes one")
        # Immutable: the file is replaced, never changed, so reading needs no locks and works from read-only disks.
        address = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
        try:
            self._open(sqlite3.connect(address, uri=True, check_same_thread=False))
        except sqlite3.Error as error:
            raise UserError(
                f"{path} is damaged or not a search index ({error}); make it again with `moss index`"
            ) from None

    @classmethod
    def from_documents(cls, documents: Iterable[Document]) -> SearchIndex:
        """An index in memory."""
        index = cls.__new__(cls)
        database = sqlite3.connect(":memory:", check_same_thread=False)
        _fill(database, documents)
        index._open(database)
        return index

    def _open(self, database: sqlite3.Connection) -> None:
        self._database = database
        self._lock = threading.Lock()
        ((found,),) = database.execute("pragma application_id")
        ((version,),) = database.execute("pragma user_version")
        if (found, version) != (APPLICATION_ID, FORMAT):
            raise sqlite3.DatabaseError("another kind or version of file")
        ((self.size,),) = database.execute("select count(*) from documents")
        # Touches the term index too, so that a file cut short is noticed here and not in the middle of a dialogue.
        database.execute("select term from vocabulary limit 1").fetchone()

    def search(
        self, query: str, top_k: int = 3, snippet_chars: int = 160, relevant_only: bool = False
    ) -> list[Citation]:
        """The best documents for a query, best first, each with the sentences that fit the query best.

        A snippet is at most `snippet_chars` wide (a Chinese character counts as two), its title not counted.
        """
        weights = self._weights(query_terms(query))
        hits = [hit for hit in self._hits(query, weights, top_k) if hit.relevant or not relevant_only]
        return [
            Citation(number, title, source, best_snippet(title, text, weights, snippet_chars))
            for number, ((title, text, source), _, _) in enumerate(hits, start=1)
        ]

    def hits(self, query: str, top_k: int = 3) -> list[Hit]:
        """The best documents whole, with their scores."""
        return self._hits(query, self._weights(query_terms(query)), top_k)

    def close(self) -> None:
        """Closes the file."""
        with self._lock:
            self._database.close()

    def _hits(self, query: str, weights: dict[str, float], top_k: int) -> list[Hit]:
        if not weights:
            return []
        # FTS5 gives terms of more than half of all documents no weight either; leaving them out only saves time.
        common = self._rarity(max(self.size / 2, 20))
        telling = [term for term, weight in weights.items() if weight > common] or list(weights)
        match = " OR ".join(f'"{term}"*' if _is_single(term) else f'"{term}"' for term in telling)
        found = self._rows(
            "select title, text, source, score from (select rowid, bm25(words, ?, 1.0) as score from words "
            "where words match ? order by score limit ?) join documents on id = rowid order by score",
            (TITLE_WEIGHT, match, top_k),
        )
        content = self._weights(content_terms(query))
        return [
            Hit(Document(title, text, source), -score, _is_relevant(f"{title}\n{text}", content))
            for title, text, source, score in found
        ]

    def _weights(self, terms: list[str]) -> dict[str, float]:
        """Each term with its inverse document frequency, the rarest MAX_QUERY_TERMS of them."""
        weights = {term: self._rarity(count) for term, count in self._frequencies(terms).items()}
        if len(weights) <= MAX_QUERY_TERMS:
            return weights
        return dict(sorted(weights.items(), key=lambda item: -item[1])[:MAX_QUERY_TERMS])

    def _rarity(self, count: float) -> float:
        """Inverse document frequency of a term that `count` documents hold."""
        return math.log(1 + (self.size + OTHER_DOCUMENTS - count + 0.5) / (count + 0.5))

    def _frequencies(self, terms: list[str]) -> dict[str, int]:
        """In how many documents each term occurs."""
        found = dict.fromkeys(terms, 0)
        for start in range(0, len(terms), 500):  # SQLite bounds the number of parameters
            part = terms[start : start + 500]
            marks = ",".join("?" * len(part))
            found.update(self._rows(f"select term, doc from vocabulary where term in ({marks})", part))
        for term in filter(_is_single, terms):
            pairs = self._rows(
                "select sum(doc) from vocabulary where term >= ? and term < ?", (term, term + "\U0010ffff")
            )
            found[term] = min(self.size, pairs[0][0] or 0)
        return found

    def _rows(self, sql: str, parameters: Iterable[object]) -> list[Any]:
        with self._lock:
            return self._database.execute(sql, tuple(parameters)).fetchall()


def _is_single(term: str) -> bool:
    return len(term) == 1 and is_unspaced(term)


def _is_relevant(text: str, content: dict[str, float]) -> bool:
    if not content:
        return False
    found = found_terms(text)
    held = sum(weight for term, weight in content.items() if term in found)
    # Neighbouring pairs overlap: two thirds of a word each.
    words = sum(2 / 3 if is_unspaced(term) else 1 for term in content)
    return held >= RELEVANT_COVERAGE * min(1, FULL_COVERAGE_WORDS / words) * sum(content.values())
