"""Preferences of the nano world: cases, right and worse turns for each, and the verifying judge's scores.

No model has a part in it; replies of models are gathered by `moss.synth.preferences` for the same cases and judged by
the same judge. The split is that of phrasings and names: pairs of "eval" share none of them with those of "train". A
ranking depends on (seed, case) alone. `python -m moss.recipes.nano.preferences --count 20` prints some to read.
"""

from __future__ import annotations

import argparse
import random
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from moss.conversation import AssistantTurn, Candidate, Conversation, PreferencePair, Ranking, said
from moss.data.preferences import clean, pairs_of_ranking

from .cases import Case, eval_cases, eval_tools
from .compose import WorldTools
from .corruptions import CORRUPTIONS, Scene, corrupt
from .judge import verdict
from .turns import Split

REFERENCE = "reference"
"""The source of the turn that the world itself takes."""
TWICE = 0.35
"""Share of the worse turns that get a second fault, as far as they can have it."""
FAULTS_JOIN = ", "
"""Between the names of several faults."""
ON_TOP = ("repeated", "rude", "long-winded", "cut off")
"""The faults that leave the first one in place."""


def rankings(cases: Iterable[Case], tools: WorldTools, split: Split, seed: int, replies: int = 5) -> Iterator[Ranking]:
    """For each case up to `replies` turns, the right one among them, with the judge's scores, parts and reasons."""
    for case in cases:
        turns = _turns(case, tools, split, seed, replies)
        found = tuple(candidate(case, name, turn) for name, turn in turns)
        yield Ranking(case.conversation, found, _meta(case))


def contexts(cases: Iterable[Case]) -> Iterator[Conversation]:
    """The cases as contexts for `moss.synth.preferences.gather`, with the meta of this file's rankings."""
    return (replace(case.conversation, meta=_meta(case)) for case in cases)


def _meta(case: Case) -> dict[str, Any]:
    return {"source": "nano world", "language": case.language, "task": case.task}


def candidate(case: Case, source: str, turn: AssistantTurn) -> Candidate:
    """A turn with the judge's verdict on it."""
    found = verdict(case, turn)
    return Candidate(turn, source, found.score, {"parts": dict(found.parts), "reason": found.reason})


def dialogues_of(ranking: Ranking) -> Iterator[Conversation]:
    """Each of its replies as a dialogue that ends with it, the source in its meta."""
    for found in ranking.candidates:
        meta = {**ranking.context.meta, **ranking.meta, "source": found.source}
        yield replace(ranking.context, messages=(*ranking.context.messages, *found.turn), meta=meta)


def pairs_by_fault(ranked: Iterable[Ranking], dropped: Counter[str], least_margin: float) -> Iterator[PreferencePair]:
    """All pairs, whose source is the worse reply's first fault: what has to be told from something better."""
    for ranking in ranked:
        for pair in pairs_of_ranking(ranking, dropped, least_margin=least_margin):
            yield replace(pair, meta={**pair.meta, "source": first_fault(pair.meta["rejected_source"])})


def first_fault(source: str) -> str:
    """The first fault of a reply that has several."""
    return source.partition(FAULTS_JOIN)[0]


def preference_pairs(
    seed: int,
    n_per_group: int,
    split: Split,
    *,
    replies: int = 5,
    least_margin: float = 0.0,
    tools: WorldTools | None = None,
    dropped: Counter[str] | None = None,
) -> list[PreferencePair]:
    """The pairs of `n_per_group` cases of each task and language, cleaned; `dropped` counts what made none.

    Scores that differ by `least_margin` or less make no pair.
    """
    tools = tools or eval_tools(split)
    dropped = dropped if dropped is not None else Counter()
    cases = eval_cases(seed, n_per_group, tools=tools, split=split)
    ranked = rankings(cases, tools, split, seed, replies)
    found = (pair for ranking in ranked for pair in pairs_of_ranking(ranking, dropped, least_margin=least_margin))
    return clean(found, dropped)


def _turns(case: Case, tools: WorldTools, split: Split, seed: int, count: int) -> list[tuple[str, AssistantTurn]]:
    """The right turn and `count - 1` worse ones (fewer where there are not so many), in no order."""
    rng = random.Random(f"replies {seed} {said(case.conversation.messages)}")
    scene = Scene(rng, case, tools, split)
    found = [(REFERENCE, case.reference)]
    seen = {said(case.reference)}
    waiting = list(CORRUPTIONS)
    rng.shuffle(waiting)
    for name in waiting:
        if len(found) == count:
            break
        for source, turn in _worse(scene, name):
            if said(turn) not in seen:
                found.append((source, turn))
                seen.add(said(turn))
    rng.shuffle(found)
    return found


def _worse(scene: Scene, name: str) -> Sequence[tuple[str, AssistantTurn]]:
    """The right turn with this fault, and sometimes with another one on top; nothing where it cannot have it."""
    worse = corrupt(scene, scene.case.reference, [name]).get(name)
    if worse is None:
        return []
    if scene.rng.random() < TWICE:
        second = scene.rng.choice(ON_TOP)
        both = corrupt(scene, worse, [second]).get(second) if second != name else None
        if both is not None:
            return [(f"{name}{FAULTS_JOIN}{second}", both)]
    return [(name, worse)]


def _main() -> None:
    parser = argparse.ArgumentParser(description="Prints rankings of the nano world, best turn first.")
    parser.add_argument("--count", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--split", choices=("train", "eval"), default="train")
    options = parser.parse_args()
    tools = eval_tools(options.split)
    cases = eval_cases(options.seed, max(1, options.count // 15), tools=tools, split=options.split)
    random.Random(options.seed).shuffle(cases)
    for ranking in rankings(cases[: options.count], tools, options.split, options.seed):
        print(f"=== {ranking.meta['task']}: {ranking.context.messages[-1].content}")
        for found in sorted(ranking.candidates, key=lambda candidate: -(candidate.score or 0)):
            calls = [f"{call.name}({call.argument}) => {call.result}" for m in found.turn for call in m.tool_calls]
            print(f"{found.score:.2f} [{found.source}] {'; '.join(calls)} -> {found.turn[-1].content}")
            print(f"     {found.meta['reason']}")


if __name__ == "__main__":
    _main()
