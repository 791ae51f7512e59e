"""The data of the nano recipe: texts, and dialogues made by several processes with the real tools.

Free of torch, because every process that makes dialogues imports it.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import islice
from multiprocessing import get_context
from pathlib import Path

from ...conversation import Conversation, write_jsonl
from ...files import write_json
from ...interrupts import deaf
from ...tools.search import SearchTool, build_index
from ..recipe import Results, Run
from .compose import WorldTools, dialogues, switch_dialogues
from .documents import LANGUAGES, pretraining_documents, search_documents
from .drills import drill

SHARD = 500
"""Dialogues that one process makes at a time."""

ANNEAL_DRILLS = 0.35
"""Share of drills in the last stage's texts."""


def make_data(run: Run) -> Results:
    """texts.jsonl, dialogues.jsonl and their held-out counterparts; the search index they were made with."""
    config, folder = run.config, run.folder("data")
    index = folder / "search.sqlite"
    build_index(search_documents("train"), index)
    drill_share = config.drills / (config.texts + config.drills)
    texts = list(islice(_texts(config.seed, drill_share), config.texts + config.drills + config.validation))
    _write_texts(folder / "texts_validation.jsonl", texts[: config.validation])
    _write_texts(folder / "texts.jsonl", texts[config.validation :])
    _write_texts(folder / "texts_anneal.jsonl", islice(_texts(config.seed + 1, ANNEAL_DRILLS), config.anneal_texts))
    dropped: Counter[str] = Counter()
    made = _make_dialogues(run, index, dropped)
    held = [next(made) for _ in range(config.validation)]
    write_jsonl(folder / "dialogues_validation.jsonl", held)
    count = write_jsonl(folder / "dialogues.jsonl", made)
    about_switches = switch_dialogues(config.seed, config.switch_dialogues, WorldTools(SearchTool(index)))
    write_jsonl(folder / "dialogues_switches.jsonl", about_switches)
    write_json(folder / "dropped.json", dict(dropped.most_common()))
    return {"texts": len(texts), "dialogues": count, "dropped_turns": dropped.total()}


def _texts(seed: int, drill_share: float) -> Iterator[tuple[str, str]]:
    """Endless (text, language): documents about facts, and drills among them."""
    rng = random.Random(f"texts {seed}")
    documents = pretraining_documents(rng)
    while True:
        if rng.random() < drill_share:
            language = rng.choice(LANGUAGES)
            yield drill(rng, language), language
        else:
            yield next(documents)


def _write_texts(path: Path, texts: Iterable[tuple[str, str]]) -> None:
    with open(path, "w", encoding="utf-8") as file:
        for text, language in texts:
            file.write(json.dumps({"text": text, "language": language}, ensure_ascii=False) + "\n")


def read_texts(path: Path) -> list[tuple[str, str]]:
    """(text, language) of each line that `make_data` wrote."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [(record["text"], record["language"]) for record in map(json.loads, lines)]


def _make_dialogues(run: Run, index: Path, dropped: Counter[str]) -> Iterator[Conversation]:
    """All dialogues in order, made shard by shard by several processes."""
    config = run.config
    starts = range(0, config.dialogues + config.validation, SHARD)
    shards = [(str(index), config.seed, start, min(SHARD, starts.stop - start)) for start in starts]
    with ProcessPoolExecutor(config.processes, mp_context=get_context("spawn")) as pool:
        with deaf():
            made = pool.map(_shard, shards)
        for conversations, lost in made:
            dropped.update(lost)
            yield from conversations


def _shard(task: tuple[str, int, int, int]) -> tuple[list[Conversation], Counter[str]]:
    index, seed, start, count = task
    dropped: Counter[str] = Counter()
    tools = WorldTools(SearchTool(index))
    return list(dialogues(seed, count, "train", tools, start=start, dropped=dropped)), dropped
