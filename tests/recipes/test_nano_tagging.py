"""What moss-nano learns of worse turns: how they reply, not what they call."""

from __future__ import annotations

from moss.recipes.nano.cases import eval_cases, eval_tools
from moss.recipes.nano.preferences import REFERENCE, dialogues_of, first_fault, rankings
from moss.recipes.nano.tagging import _calls, _with_right_calls


def test_turns_that_call_something_else_are_not_tagged() -> None:
    tools = eval_tools("train")
    ranked = list(rankings(eval_cases(1, 4, tools=tools, split="train"), tools, "train", 1, replies=8))
    kept = [_with_right_calls(ranking) for ranking in ranked]
    for ranking in kept:
        right = next(found for found in ranking.candidates if found.source == REFERENCE)
        assert all(_calls(found) == _calls(right) for found in ranking.candidates)
    before, after = (
        {first_fault(found.source) for ranking in of for found in ranking.candidates} for of in (ranked, kept)
    )
    assert before - after == {"wrong call", "tool skipped", "needless call"}


def test_a_reply_becomes_the_end_of_a_dialogue() -> None:
    tools = eval_tools("train")
    (ranking,) = rankings(eval_cases(1, 1, tools=tools, split="train")[:1], tools, "train", 1, replies=3)
    made = list(dialogues_of(ranking))
    assert [dialogue.meta["source"] for dialogue in made] == [found.source for found in ranking.candidates]
    for dialogue, found in zip(made, ranking.candidates, strict=True):
        assert dialogue.messages == (*ranking.context.messages, *found.turn)
