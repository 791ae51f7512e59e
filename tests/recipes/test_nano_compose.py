import random
from collections import Counter
from functools import lru_cache

import pytest

from moss.chat_format import enabled_tools
from moss.conversation import Conversation, ToolCall
from moss.recipes.nano.compose import TOOL_NAMES, BadTurn, WorldTools, dialogues, draw_switches, play
from moss.recipes.nano.documents import search_documents
from moss.recipes.nano.turns import Step, Turn, fixed
from moss.recipes.nano.wording import held_out
from moss.tools.search import SearchIndex, SearchTool

ALL = frozenset(TOOL_NAMES)
ARITHMETIC = ("arithmetic", "correction", "follow_up_sum", "word_problems")


@lru_cache(maxsize=2)
def world(split: str) -> WorldTools:
    return WorldTools(SearchTool(SearchIndex.from_documents(search_documents(split))))


@lru_cache(maxsize=2)
def made(split: str) -> tuple[Conversation, ...]:
    return tuple(dialogues(1, 300, split, world(split)))


def calls_of(conversations):
    return [call for c in conversations for message in c.messages for call in message.tool_calls]


@pytest.mark.parametrize("split", ["train", "eval"])
def test_only_tools_that_are_on_are_called_and_every_call_has_run(split):
    for conversation in made(split):
        assert enabled_tools(conversation.messages[0].content or "") == conversation.tools
        for call in calls_of([conversation]):
            assert call.name in conversation.tools
            assert call.status in ("ok", "failed")
            assert call.result


def test_thoughts_exactly_where_a_tool_is_on():
    for conversation in made("train"):
        for message in conversation.messages:
            if message.role == "assistant":
                assert (message.thought is not None) == bool(conversation.tools)


def test_citations_in_replies_exist():
    cited = 0
    for conversation in made("train"):
        for before, message in zip(conversation.messages, conversation.messages[1:], strict=False):
            if message.role == "assistant" and "<sup><|" in (message.content or ""):
                known = {c.index for call in (*before.tool_calls, *message.tool_calls) for c in call.citations}
                number = int((message.content or "").split("<sup><|")[1].split("|>")[0])
                assert number in known
                cited += 1
    assert cited > 30


def test_a_dialogue_depends_on_seed_and_index_alone():
    tools = world("train")
    whole = [c.to_dict() for c in dialogues(5, 30, "train", tools)]
    parts = [c.to_dict() for start in (0, 10, 20) for c in dialogues(5, 10, "train", tools, start=start)]
    assert whole == parts
    assert whole != [c.to_dict() for c in dialogues(6, 30, "train", tools)]


def test_expressions_of_evaluation_never_occur_in_training():
    for split in ("train", "eval"):
        asked = [
            call.argument
            for c in made(split)
            if set(c.meta["intents"]) <= {*ARITHMETIC, "small_talk", "identity", "fact", "refusal", "benign"}
            for call in calls_of([c])
            if call.name == "Calculate"
        ]
        assert asked
        assert all(held_out(argument) == (split == "eval") for argument in asked)


def test_messages_of_evaluation_do_not_occur_in_training():
    """Save the few without slots that typos or a dropped full stop can make alike."""
    first = {c.messages[1].content for c in made("train")}
    again = [c for c in made("eval") if c.messages[1].content in first]
    assert len(again) <= 3


def test_every_intent_language_and_outcome_comes():
    intents = Counter(intent for c in made("train") for intent in c.meta["intents"])
    asked = {"arithmetic", "equations", "word_problems", "drawing", "several_tools", "fact", "lookup", "unknown"}
    talked = {"refusal", "benign", "identity", "small_talk", "follow_up_sum", "doubt", "fact_follow_up"}
    assert asked | talked <= set(intents)
    assert {c.meta["language"] for c in made("train")} == {"en", "zh", "mixed"}
    assert {call.status for call in calls_of(made("train"))} == {"ok", "failed"}
    assert any(len(message.tool_calls) > 1 for c in made("train") for message in c.messages)
    assert any(message.content is None for c in made("train") for message in c.messages), "a second round"


def test_few_turns_are_dropped():
    dropped: Counter[str] = Counter()
    turns = sum(len(c.meta["intents"]) for c in dialogues(2, 150, "train", world("train"), dropped=dropped))
    assert dropped.total() < turns * 0.04


def test_switches_cover_every_subset():
    rng = random.Random(1)
    seen = Counter(draw_switches(rng) for _ in range(4000))
    assert len(seen) == 16
    assert seen[TOOL_NAMES] > 1600
    assert 350 < seen[()] < 700


def turn(argument: str, reply: str, **changes: object) -> Turn:
    steps = (Step("A sum.", (ToolCall("Calculate", argument),)),)
    return Turn("What is it?", "en", "test", fixed(reply), steps, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("bad", "on", "why"),
    [
        (turn("3*4", "12.", answer=("12",), outcome="answer"), ALL - {"Calculate"}, "is off"),
        (turn("3*4", "Twelve.", answer=("12",), outcome="answer"), ALL, "lacks '12'"),
        (turn("3*4", "It is 13.", outcome="answer"), ALL, "13 comes from no result"),
        (turn("3*", "I cannot tell.", outcome="answer"), ALL, "failed"),
        (turn("3*4", "No result.", outcome="tool_failed"), ALL, "no call failed"),
    ],
)
def test_turns_that_do_not_hold_up_are_refused(bad, on, why):
    with pytest.raises(BadTurn, match=why):
        play(bad, WorldTools(), on)


def test_a_second_round_is_a_message_that_goes_on():
    steps = (Step("Try.", (ToolCall("Calculate", "3*"),)), Step("Again.", (ToolCall("Calculate", "3*4"),)))
    messages = play(Turn("3*", "en", "test", lambda calls: f"{calls[-1].result}.", steps), WorldTools(), ALL)
    assert [(m.content, [c.status for c in m.tool_calls]) for m in messages[1:]] == [
        (None, ["failed"]),
        ("12.", ["ok"]),
    ]
