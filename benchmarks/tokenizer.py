"""Prints how fast the tokenizer reads text: MB/s of UTF-8 in English, Chinese and code, beside the library's own ways.

    python benchmarks/tokenizer.py [FOLDER OF THE REAL DATA] [--vocab 8000] [--rounds 5]

Half of the documents train the tokenizer, the other half is encoded; code is the standard library of this Python.
Every round starts with fresh tokenizers, so nothing is remembered from the round before, and all ways take turns in it,
so that a busy moment of the machine hits them alike. Figures are medians.

    moss          Tokenizer.encode_batch, one thread
    again         the same texts once more: what remembered text costs
    library x1    tokenizers.Tokenizer.encode in a loop, one thread
    library xN    tokenizers.Tokenizer.encode_batch_fast on all cores

All give the same ids (checked). The last column is bytes per token.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sysconfig
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import tokenizers

from moss.chat_format import SPECIAL_TOKENS
from moss.data.sources import BadRecord, records, texts
from moss.tokenizer import Tokenizer, train

Ids = list[list[int]]


def corpora(folder: Path) -> dict[str, list[str]]:
    """Documents by language."""
    books = [text for file in sorted((folder / "pretrain").glob("en_*")) for text in texts(file, stop)]
    paragraphs = [f"{paragraph}\n\n" for book in books for paragraph in book.split("\n\n")]
    answers = [record.value["output"] for record in records(folder / "sft" / "alpaca_chinese.jsonl.gz", stop)]
    library = sorted(Path(sysconfig.get_paths()["stdlib"]).glob("*.py"))
    return {"en": paragraphs, "zh": answers, "code": [file.read_text(encoding="utf-8") for file in library]}


def stop(bad: BadRecord) -> None:
    raise SystemExit(str(bad))


def timed(encode: Callable[[], Ids]) -> tuple[float, Ids]:
    started = time.perf_counter()
    ids = encode()
    return time.perf_counter() - started, ids


def one_round(file: Path, documents: list[str]) -> dict[str, float]:
    """Seconds each way takes, from a fresh start."""
    ours = Tokenizer.load(file)
    backend = json.loads(file.read_text(encoding="utf-8")) | {"added_tokens": []}
    loop, batch = (tokenizers.Tokenizer.from_str(json.dumps(backend)) for _ in range(2))
    ways: dict[str, Callable[[], Ids]] = {
        "moss": lambda: ours.encode_batch(documents),
        "again": lambda: ours.encode_batch(documents),
        "library x1": lambda: [loop.encode(text, add_special_tokens=False).ids for text in documents],
        "library xN": lambda: [e.ids for e in batch.encode_batch_fast(documents, add_special_tokens=False)],
    }
    seconds, ids = {}, []
    for name, encode in ways.items():
        seconds[name], found = timed(encode)
        ids.append(found)
    if any(found != ids[0] for found in ids):
        raise SystemExit("the ways do not agree on the ids")
    return seconds


def main() -> None:
    """Prints a line for each way of cutting text and each language."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    default = os.environ.get("MOSS_TEST_DATA", Path(__file__).resolve().parents[2] / "shared" / "data")
    parser.add_argument("folder", nargs="?", type=Path, default=Path(default))
    parser.add_argument("--vocab", type=int, default=8000)
    parser.add_argument("--rounds", type=int, default=5)
    chosen = parser.parse_args()
    found = corpora(chosen.folder)
    print(f"{os.cpu_count()} cores, vocabulary {chosen.vocab:,}, {chosen.rounds} rounds; MB/s")
    print(f"{'':30}{'MB':>6}{'moss':>8}{'again':>8}{'library x1':>12}{'library xN':>12}{'bytes/token':>13}")
    for label, split in (("nano (Han, spaces alone)", True), ("Han runs, space in word", False)):
        halves = [text for documents in found.values() for text in documents[::2]]
        tokenizer = train(halves, chosen.vocab, SPECIAL_TOKENS, split_han=split, split_spaces=split)
        with tempfile.TemporaryDirectory() as folder:
            tokenizer.save(folder)
            for language, documents in found.items():
                rest = documents[1::2]
                size = sum(len(text.encode()) for text in rest)
                rounds = [one_round(Path(folder) / "tokenizer.json", rest) for _ in range(chosen.rounds)]
                speed = {way: size / statistics.median(r[way] for r in rounds) / 1e6 for way in rounds[0]}
                tokens = sum(map(len, tokenizer.encode_batch(rest)))
                print(
                    f"{label + ', ' + language:30}{size / 1e6:6.1f}{speed['moss']:8.1f}{speed['again']:8.1f}"
                    f"{speed['library x1']:12.1f}{speed['library xN']:12.1f}{size / tokens:13.2f}"
                )


if __name__ == "__main__":
    main()
