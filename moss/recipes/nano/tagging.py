"""Quality tags for the nano recipe: right and worse turns, a preference model that tells them apart, tagged dialogues.

    cases of training -> right and worse turns, judged by who knows the truth -> pairs -> preference model
                      -> scores of these turns and of ordinary dialogues -> percentiles as tags

The truth of the world reaches the tags by way of the preference model alone, as it would from people. Not here:
fine-tuning on what comes of it (`recipe.py`), and the study that compares it with other methods (`../preference/`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from itertools import islice

from ...chat_format import ChatFormat
from ...checkpoint import load
from ...conversation import (
    Conversation,
    PreferencePair,
    Ranking,
    read_jsonl,
    read_pairs,
    read_rankings,
    write_jsonl,
    write_pairs,
    write_rankings,
)
from ...data.pairs import PairDocuments
from ...data.preferences import clean, pairs_of_ranking
from ...files import write_json
from ...scoring.scorer import load_scorer
from ...scoring.tags import tag
from ...tools.search import SearchTool, build_index
from ...train.preference import train_preference_model
from ..recipe import Results, Run
from .cases import eval_cases
from .compose import WorldTools
from .documents import search_documents
from .preferences import rankings
from .turns import Split

RANKINGS, PREFERENCE, TAGS = "rankings", "preference", "tags"
"""Names of these stages, and of their folders."""
LEAST_MARGIN = 0.02
"""Verdicts that differ by this or less make no pair."""


def make_rankings(run: Run) -> Results:
    """train.jsonl and eval.jsonl: to cases of each split the right turn and worse ones; pairs-SPLIT.jsonl of them."""
    counts: dict[Split, int] = {"train": run.config.ranked_cases, "eval": run.config.ranked_cases // 10 or 1}
    folder, dropped = run.folder(RANKINGS), Counter[str]()
    results: Results = {}
    for split, count in counts.items():
        index = folder / f"{split}.sqlite"
        build_index(search_documents(split), index)
        with closing(SearchTool(index)) as search:
            tools = WorldTools(search)
            cases = eval_cases(run.config.seed, count, tools=tools, split=split)
            ranked = rankings(cases, tools, split, run.config.seed, run.config.ranked_turns)
            results[f"{split}_contexts"] = write_rankings(folder / f"{split}.jsonl", ranked)
        pairs = clean(_pairs(read_rankings(folder / f"{split}.jsonl"), dropped), dropped)
        results[f"{split}_pairs"] = write_pairs(folder / f"pairs-{split}.jsonl", pairs)
    return {**results, "dropped": dict(dropped.most_common())}


def _pairs(ranked: Iterator[Ranking], dropped: Counter[str]) -> Iterator[PreferencePair]:
    """All pairs; their source is the worse turn's first fault, which is what has to be told from something better."""
    for ranking in ranked:
        for pair in pairs_of_ranking(ranking, dropped, least_margin=LEAST_MARGIN):
            yield replace(pair, meta={**pair.meta, "source": pair.meta["rejected_source"].partition(", ")[0]})


def train_preference(run: Run) -> Results:
    """The preference model: the annealed assistant with a head for scores, on the pairs."""
    config, folder = run.config.preference, run.folder(RANKINGS)
    before = load(run.folder("anneal"))
    chat_format, dropped = ChatFormat(before.tokenizer), Counter[str]()
    data, held_out = (
        PairDocuments.build(read_pairs(folder / f"pairs-{split}.jsonl"), chat_format, config.row_length, dropped)
        for split in ("train", "eval")
    )
    result = train_preference_model(
        before.model,
        before.tokenizer,
        data,
        config,
        run.folder(PREFERENCE),
        validation=held_out,
        recipe={"recipe": run.recipe, "stage": PREFERENCE},
        title=PREFERENCE,
        console=run.console,
        resume=True,
    )
    accuracy = result.evaluation["accuracy/held_out"]
    return {"pairs": len(data), "held_out_pairs": len(held_out), "accuracy": accuracy, "dropped": dict(+dropped)}


def make_tags(run: Run) -> Results:
    """tagged.jsonl: the turns of the rankings, dialogues about switches and the last of the ordinary ones; every reply
    of them with its tag."""
    folder = run.folder(TAGS)
    write_jsonl(folder / "dialogues.jsonl", _untagged(run))
    scorer = load_scorer(run.folder(PREFERENCE))
    report = tag(lambda: read_jsonl(folder / "dialogues.jsonl"), scorer, scorer.name, folder / "tagged.jsonl")
    write_json(folder / "report.json", report.to_dict())
    return {"dialogues": report.conversations, "not_scored": report.not_scored}


def _untagged(run: Run) -> Iterator[Conversation]:
    for ranking in read_rankings(run.folder(RANKINGS) / "train.jsonl"):
        for candidate in ranking.candidates:
            meta = {**ranking.context.meta, **ranking.meta, "source": candidate.source}
            yield replace(ranking.context, messages=(*ranking.context.messages, *candidate.turn), meta=meta)
    data, first = run.folder("data"), run.config.dialogues - run.config.tagged_dialogues
    yield from read_jsonl(data / "dialogues_switches.jsonl")
    yield from islice(read_jsonl(data / "dialogues.jsonl"), first, None)
