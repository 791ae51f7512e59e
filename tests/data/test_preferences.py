"""Rankings to pairs, what is cleaned away, and the counts over pairs."""

from __future__ import annotations

import random
from collections import Counter
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moss.conversation import Candidate, Conversation, Message, PreferencePair, Ranking
from moss.data.preferences import (
    CONTRADICTORY,
    EMPTY,
    EQUAL_SCORES,
    NOT_JUDGED,
    REPEATED,
    REPEATED_REPLY,
    clean,
    measure_pairs,
    pairs_of_ranking,
)

Turn = tuple[Message, ...]


def context(text: str = "Why?") -> Conversation:
    return Conversation((Message("user", text),))


def turn(text: str) -> Turn:
    return (Message("assistant", text),)


def ranking(**scores: float | None) -> Ranking:
    candidates = tuple(Candidate(turn(text), f"from {text}", score) for text, score in scores.items())
    return Ranking(context(), candidates, {"source": "test", "failed": {"slow": "timeout"}})


def pair(better: str, worse: str, asked: str = "Why?", **meta: str) -> PreferencePair:
    return PreferencePair(context(asked), turn(better), turn(worse), meta=meta)


def order(pairs: list[PreferencePair]) -> list[tuple[str | None, str | None]]:
    return [(found.chosen[0].content, found.rejected[0].content) for found in pairs]


def test_a_ranking_becomes_all_its_pairs() -> None:
    dropped: Counter[str] = Counter()
    pairs = pairs_of_ranking(ranking(c=0.1, a=0.9, b=0.5), dropped)
    assert order(pairs) == [("a", "b"), ("a", "c"), ("b", "c")]
    assert [found.margin for found in pairs] == pytest.approx([0.4, 0.8, 0.4])
    assert pairs[0].meta == {"source": "test", "chosen_source": "from a", "rejected_source": "from b"}
    assert not dropped


def test_equal_scores_make_no_pair_and_are_counted() -> None:
    dropped: Counter[str] = Counter()
    assert order(pairs_of_ranking(ranking(a=1, b=1, c=0), dropped)) == [("a", "c"), ("b", "c")]
    assert pairs_of_ranking(ranking(a=1, b=1, c=1), dropped) == []
    assert dropped == {EQUAL_SCORES: 4}


def test_scores_that_hardly_differ_count_as_equal() -> None:
    dropped: Counter[str] = Counter()
    found = pairs_of_ranking(ranking(a=1.0, b=0.75, c=0.5), dropped, least_margin=0.25, with_margins=False)
    assert order(found) == [("a", "c")]
    assert found[0].margin is None
    assert dropped == {EQUAL_SCORES: 2}


def test_replies_that_cannot_be_compared_are_counted() -> None:
    dropped: Counter[str] = Counter()
    candidates = [Candidate(turn("a"), "x", 1.0), Candidate(turn("a"), "y", 0.0), Candidate(turn(" "), "z", 0.0)]
    found = pairs_of_ranking(Ranking(context(), (*candidates, Candidate(turn("b")), Candidate(()))), dropped)
    assert found == []
    assert dropped == {REPEATED_REPLY: 1, EMPTY: 2, NOT_JUDGED: 1}


@given(st.lists(st.integers(0, 5), max_size=6))
def test_nothing_is_lost_without_a_count(scores: list[int]) -> None:
    dropped: Counter[str] = Counter()
    candidates = tuple(Candidate(turn(str(number)), score=score) for number, score in enumerate(scores))
    pairs = pairs_of_ranking(Ranking(context(), candidates), dropped)
    assert len(pairs) + dropped.total() == len(scores) * (len(scores) - 1) // 2
    for found in pairs:
        better, worse = (int(side[0].content or "") for side in (found.chosen, found.rejected))
        assert scores[better] > scores[worse]


def test_repeated_and_contradictory_pairs_go() -> None:
    dropped: Counter[str] = Counter()
    pairs = [pair("a", "b"), pair("a", "c"), pair("b", "a"), pair("a", "b"), pair("a", "c"), pair("b", "a", "What?")]
    assert clean(pairs, dropped) == [pairs[1], pairs[5]]
    assert dropped == {CONTRADICTORY: 3, REPEATED: 1}


def test_cleaning_does_not_depend_on_the_order() -> None:
    rng = random.Random(1)
    pairs = [pair(a, b, asked) for a, b, asked in product("abc", "abc", "xy") if a != b and rng.random() < 0.7] * 2
    counts = []
    for _ in range(4):
        dropped: Counter[str] = Counter()
        kept = clean(pairs, dropped)
        counts.append((sorted(order(kept)), dropped))
        assert len(kept) + dropped.total() == len(pairs)
        rng.shuffle(pairs)
    assert all(count == counts[0] for count in counts)


def test_the_counts() -> None:
    pairs = [
        pair("a longer reply", "short", source="hh", chosen_source="m1", rejected_source="m2"),
        pair("short", "a longer reply", source="hh", chosen_source="m2", rejected_source="m1"),
        pair("更好的回答", "不好", "为什么？"),
        pair("same", "size", "为什么？"),
    ]
    found = measure_pairs(pairs)
    assert (found.pairs, found.contexts) == (4, 2)
    assert found.languages == {"en": 2, "zh": 2}
    assert found.sources == {"hh": 2, "not named": 2}
    assert (found.won, found.lost) == ({"m1": 1, "m2": 1}, {"m1": 1, "m2": 1})
    assert found.chosen_characters == [14, 5, 5, 4]
    assert found.longer_wins == pytest.approx(2 / 3)
    assert found.unusable == {CONTRADICTORY: 2}
    assert measure_pairs([]).longer_wins is None
