"""Recall, relevance gate, snippets and speed of search: every question of four sets, asked of its paragraphs.

    python benchmarks/search.py [FOLDER OF THE REAL DATA]

Printed for each set: recall@1 and @3; `kept`: of the right documents found first, the share the tool's gate lets
through; `snippet`: of those, the share whose snippet (400 wide) holds the answer; milliseconds a query with snippets.
"""

from __future__ import annotations

import gzip
import json
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

from moss.tools.search import Document, SearchIndex

SETS = {
    "xquad-en": ("xquad_en_zh.jsonl.gz", "_en"),
    "xquad-zh": ("xquad_en_zh.jsonl.gz", "_zh"),
    "cmrc": ("cmrc2018_dev_zh.jsonl.gz", ""),
    "drcd": ("drcd_test_zh_hant.jsonl.gz", ""),
}


class Question(NamedTuple):
    """A question, its answers, and the source of the paragraph they are in."""

    text: str
    answers: tuple[str, ...]
    source: str


def read_set(folder: Path, name: str) -> tuple[list[Document], list[Question]]:
    """The paragraphs and the questions of one of `SETS`."""
    file_name, language = SETS[name]
    documents, questions = [], []
    with gzip.open(folder / "retrieval" / file_name, "rt", encoding="utf-8") as file:
        for number, line in enumerate(file):
            record: dict[str, Any] = json.loads(line)
            documents.append(Document("", record[f"context{language}"], str(number)))
            for qa in record["qas"]:
                answers = (qa[f"answer{language}"],) if language else tuple(qa["answers"])
                questions.append(Question(qa[f"question{language}"], answers, str(number)))
    return documents, questions


def recall(index: SearchIndex, questions: list[Question]) -> tuple[float, float]:
    """The shares of questions whose paragraph is found first, and among the first three."""
    found = [[hit.document.source for hit in index.hits(question.text)] for question in questions]
    first = sum(sources[:1] == [question.source] for sources, question in zip(found, questions, strict=True))
    third = sum(question.source in sources for sources, question in zip(found, questions, strict=True))
    return first / len(questions), third / len(questions)


def main() -> None:
    """Prints a line a set."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parents[2] / "shared" / "data"
    for name in SETS:
        documents, questions = read_set(folder, name)
        index = SearchIndex.from_documents(documents)
        first, third = recall(index, questions)
        start = time.perf_counter()
        answers = [index.search(question.text, 1, snippet_chars=400) for question in questions]
        milliseconds = (time.perf_counter() - start) / len(questions) * 1000
        right = [(q, a[0]) for q, a in zip(questions, answers, strict=True) if a and a[0].source == q.source]
        kept = sum(bool(index.search(q.text, 1, relevant_only=True)) for q, _ in right)
        snippet = sum(any(answer in citation.snippet for answer in q.answers) for q, citation in right)
        print(
            f"{name:9} {len(documents):4} paragraphs {len(questions):4} questions  recall@1 {first:.3f} @3 {third:.3f}"
            f"  kept {kept / len(right):.3f}  snippet {snippet / len(right):.3f}  {milliseconds:.2f} ms a query"
        )


if __name__ == "__main__":
    main()
