"""Preferences of the nano world: rankings with scores, and pairs whose splits are apart."""

from __future__ import annotations

from collections import Counter

import pytest

from moss.conversation import said
from moss.recipes.nano import preferences
from moss.recipes.nano.cases import TASKS, eval_cases, eval_tools
from moss.recipes.nano.compose import WorldTools
from moss.recipes.nano.judge import NanoJudge
from moss.recipes.nano.preferences import REFERENCE, preference_pairs, rankings
from moss.synth.judges import judged


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


def test_it_prints_some_to_read(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["preferences", "--count", "3", "--split", "eval"])
    preferences._main()
    shown = capsys.readouterr().out
    assert shown.count("=== ") == 3
    assert shown.count("1.00 [reference]") == 3
