"""Preferences of the nano world: rankings with scores, and pairs whose splits are apart."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from moss.chat_format import render_text
from moss.conversation import Message, read_pairs, read_rankings, said, write_pairs
from moss.recipes.nano import preferences
from moss.recipes.nano.cases import TASKS, eval_cases, eval_tools
from moss.recipes.nano.compose import WorldTools
from moss.recipes.nano.judge import NanoJudge
from moss.recipes.nano.preferences import REFERENCE, candidate, contexts, preference_pairs, rankings
from moss.synth.judges import judge_all, judged
from moss.synth.preferences import Source, gather


@pytest.fixture(scope="module")
def tools() -> WorldTools:
    return eval_tools()


def test_rankings_hold_the_right_turn_and_distinct_worse_ones(tools: WorldTools) -> None:
    cases = eval_cases(3, 2, TASKS, tools=tools)
    found = list(rankings(cases, tools, "eval", seed=1, replies=4))
    assert [ranking.context for ranking in found] == [case.conversation for case in cases]
    for ranking, case in zip(found, cases, strict=True):
        turns = [candidate.turn for candidate in ranking.candidates]
        assert 3 <= len(turns) <= 4
        assert len(set(map(said, turns))) == len(turns)
        assert [candidate.turn for candidate in ranking.candidates if candidate.source == REFERENCE] == [case.reference]
        assert max(candidate.score or 0 for candidate in ranking.candidates) == 1
        assert judged(ranking, NanoJudge(cases)) == ranking
        assert ranking.meta == {"source": "nano world", "language": case.language, "task": case.task}


def test_a_ranking_depends_on_seed_and_case_alone(tools: WorldTools) -> None:
    cases = eval_cases(3, 1, TASKS, tools=tools)
    found = list(rankings(cases, tools, "eval", seed=1))
    assert list(rankings(cases[::-1], tools, "eval", seed=1)) == found[::-1]
    assert list(rankings(cases, tools, "eval", seed=2)) != found


def test_the_right_turn_is_not_known_by_its_place(tools: WorldTools) -> None:
    cases = eval_cases(3, 2, TASKS, tools=tools)
    places = Counter(
        [candidate.source for candidate in ranking.candidates].index(REFERENCE)
        for ranking in rankings(cases, tools, "eval", seed=1)
    )
    assert max(places.values()) < 0.4 * places.total()


def test_pairs_prefer_what_scores_higher_and_count_the_rest(tools: WorldTools) -> None:
    dropped: Counter[str] = Counter()
    pairs = preference_pairs(5, 1, "eval", tools=tools, dropped=dropped)
    assert len(pairs) > 150
    assert set(dropped) <= {"equal scores", "repeated pair"}
    assert all(pair.margin and 0 < pair.margin <= 1 for pair in pairs)
    assert {pair.meta["language"] for pair in pairs} == {"en", "zh"}
    wins = Counter(pair.meta["chosen_source"] for pair in pairs)
    losses = Counter(pair.meta["rejected_source"] for pair in pairs)
    assert wins[REFERENCE] > 90
    assert losses[REFERENCE] == 0
    clear = preference_pairs(5, 1, "eval", tools=tools, least_margin=0.2)
    assert 0 < len(clear) < len(pairs)
    assert all(pair.margin and pair.margin > 0.2 for pair in clear)


def test_every_turn_can_be_rendered_and_every_pair_written(tools: WorldTools, tmp_path: Path) -> None:
    pairs = preference_pairs(6, 2, "eval", tools=tools)
    for pair in pairs:
        for side in (pair.chosen, pair.rejected):
            dialogue = replace(pair.context, messages=(*pair.context.messages, *side))
            assert render_text(dialogue).startswith(render_text(pair.context))
    write_pairs(tmp_path / "pairs.jsonl", pairs)
    assert [said(pair.chosen) for pair in read_pairs(tmp_path / "pairs.jsonl")] == [said(pair.chosen) for pair in pairs]


def test_models_replies_are_judged_like_the_others(tools: WorldTools, tmp_path: Path) -> None:
    cases = eval_cases(3, 1, {"identity": TASKS["identity"], "benign": TASKS["benign"]}, tools=tools)
    source = Source("parrot", lambda context: (Message("assistant", context.messages[-1].content),))
    gather(contexts(cases), [source], tmp_path / "replies.jsonl")
    found = list(judge_all(read_rankings(tmp_path / "replies.jsonl"), NanoJudge(cases)))
    assert [ranking.meta["task"] for ranking in found] == [case.task for case in cases]
    for ranking, case in zip(found, cases, strict=True):
        assert ranking.candidates == (candidate(case, "parrot", ranking.candidates[0].turn),)


def test_it_prints_some_to_read(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["preferences", "--count", "3", "--split", "eval"])
    preferences._main()
    shown = capsys.readouterr().out
    assert shown.count("=== ") == 3
    assert shown.count("1.00 [reference]") == 3
