"""Quality tags for the nano recipe: right and worse turns, a preference model that tells them apart, tagged dialogues.

    cases of training -> right and worse turns, judged by who knows the truth -> pairs -> preference model
                      -> scores of these turns -> places among those to one context as tags

The truth of the world reaches the tags by way of the preference model alone, as it would from people. Ordinary
dialogues have no tags: scores of replies to different questions do not compare. Not here: fine-tuning on what comes of
it (`recipe.py`), and the study that compares it with other methods (`../preference/`).
"""

from __future__ import annotations

from collections import Counter
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from ...chat_format import ChatFormat
from ...checkpoint import load
from ...conversation import (
    Candidate,
    Ranking,
    read_jsonl,
    read_pairs,
    read_rankings,
    write_jsonl,
    write_pairs,
    write_rankings,
)
from ...data.pairs import PairDocuments
from ...data.preferences import clean
from ...files import write_json
from ...scoring.scorer import load_scorer
from ...scoring.tags import tag
from ...tools.search import SearchTool, build_index
from ...train.preference import PreferenceConfig, train_preference_model
from ..recipe import Results, Run
from .cases import eval_cases
from .compose import WorldTools
from .documents import search_documents
from .preferences import REFERENCE, dialogues_of, pairs_by_fault, rankings
from .turns import Split

RANKINGS, PREFERENCE, TAGS = "rankings", "preference", "tags"
"""Names of these stages, and of their folders."""
HELD_OUT_SHARE = 10
"""One held-out ranking for so many to learn from."""
LEAST_MARGIN = 0.02
"""Verdicts that differ by this or less make no pair."""


def make_rankings(run: Run) -> Results:
    """SPLIT.jsonl: to cases of each split the right turn and worse ones; pairs-SPLIT.jsonl of them."""
    count = run.config.ranked_cases
    train, train_dropped = _ranked(run, "train", count)
    held_out, held_out_dropped = _ranked(run, "eval", max(1, count // HELD_OUT_SHARE))
    dropped = train_dropped + held_out_dropped
    return {"pairs": train, "held_out_pairs": held_out, "dropped": dict(dropped.most_common())}


def _ranked(run: Run, split: Split, count: int) -> tuple[int, Counter[str]]:
    """The number of pairs, and what made none."""
    folder, index = run.folder(RANKINGS), run.folder(RANKINGS) / f"{split}.sqlite"
    build_index(search_documents(split), index)
    with closing(SearchTool(index)) as search:
        tools = WorldTools(search)
        cases = eval_cases(run.config.seed, count, tools=tools, split=split)
        ranked = rankings(cases, tools, split, run.config.seed, run.config.ranked_turns)
        write_rankings(folder / f"{split}.jsonl", ranked)
    dropped: Counter[str] = Counter()
    pairs = clean(pairs_by_fault(read_rankings(folder / f"{split}.jsonl"), dropped, LEAST_MARGIN), dropped)
    return write_pairs(folder / f"pairs-{split}.jsonl", pairs), dropped


def train_preference(run: Run) -> Results:
    """The preference model: the annealed assistant with a head for scores, on the pairs."""
    learned, held_out = (run.folder(RANKINGS) / f"pairs-{split}.jsonl" for split in ("train", "eval"))
    return learn_preferences(run, PREFERENCE, run.folder("anneal"), learned, held_out, run.config.preference)


def learn_preferences(
    run: Run, stage: str, start: Path, learned: Path, held_out: Path, config: PreferenceConfig
) -> Results:
    """A stage that makes a preference model of the checkpoint in `start` from files of pairs."""
    before = load(start)
    chat_format, dropped = ChatFormat(before.tokenizer), Counter[str]()
    data, validation = (
        PairDocuments.build(read_pairs(pairs), chat_format, config.row_length, dropped) for pairs in (learned, held_out)
    )
    result = train_preference_model(
        before.model,
        before.tokenizer,
        data,
        config,
        run.folder(stage),
        validation=validation,
        recipe={"recipe": run.recipe, "stage": stage},
        title=stage,
        console=run.console,
        resume=True,
    )
    accuracy = result.evaluation["accuracy/held_out"]
    return {"pairs": len(data), "held_out_pairs": len(validation), "accuracy": accuracy, "dropped": dict(+dropped)}


def make_tags(run: Run) -> Results:
    """tagged.jsonl: the turns of the rankings as dialogues, each with the tag that the preference model gives it."""
    folder = run.folder(TAGS)
    ranked = map(_with_right_calls, read_rankings(run.folder(RANKINGS) / "train.jsonl"))
    write_jsonl(folder / "dialogues.jsonl", (dialogue for ranking in ranked for dialogue in dialogues_of(ranking)))
    scorer, tagged = load_scorer(run.folder(PREFERENCE)), folder / "tagged.jsonl"
    report = tag(lambda: read_jsonl(folder / "dialogues.jsonl"), scorer, scorer.name, tagged, within_contexts=True)
    write_json(folder / "report.json", report.to_dict())
    return {"dialogues": report.conversations, "not_scored": report.not_scored}


def _with_right_calls(ranking: Ranking) -> Ranking:
    """The turns that call what the right one calls: the tag stands behind the calls, so wrong ones would be learned
    whatever the tag."""
    right = next(_calls(found) for found in ranking.candidates if found.source == REFERENCE)
    return replace(ranking, candidates=tuple(found for found in ranking.candidates if _calls(found) == right))


def _calls(candidate: Candidate) -> list[tuple[str, str]]:
    return [(call.name, call.argument) for message in candidate.turn for call in message.tool_calls]
