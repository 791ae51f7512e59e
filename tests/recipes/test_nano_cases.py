import random
from collections import Counter
from functools import lru_cache

import pytest

from moss.recipes.nano.cases import PROBES, TASKS, Case, classify, eval_cases, eval_tools
from moss.recipes.nano.compose import Composer, draw_switches
from moss.recipes.nano.intents.arithmetic import arithmetic
from moss.recipes.nano.wording import held_out

SPECIAL = ("refusal", "unknown", "tool_off", "tool_failed")


@lru_cache(maxsize=1)
def cases() -> tuple[Case, ...]:
    return tuple(eval_cases(1, 12, tools=eval_tools()))


def test_every_task_and_language_has_its_share():
    counted = Counter((case.task, case.conversation.messages[-1].role) for case in cases())
    assert counted == {(task, "user"): 24 for task in TASKS}
    assert len(eval_cases(1, 1, {"refusal": TASKS["refusal"]}, sizes={"refusal": 7})) == 14


def test_the_same_seed_gives_the_same_cases():
    tasks = {"calculate": TASKS["calculate"], "follow_up": TASKS["follow_up"]}
    assert eval_cases(3, 5, tasks) == eval_cases(3, 5, tasks)
    assert eval_cases(3, 5, tasks) != eval_cases(4, 5, tasks)


def test_expected_calls_are_of_tools_that_are_on():
    for case in cases():
        assert {name for name, _ in case.expected_calls} <= set(case.tools)
        if case.task == "disabled_tool":
            assert (case.expected_calls, case.outcome) == ((), "tool_off")
        if case.task in ("calculate", "solve", "search", "draw", "word_problem", "multi_tool", "unknown_entity"):
            assert case.expected_calls


def test_expressions_are_held_out():
    arguments = [argument for case in cases() if case.task == "calculate" for _, argument in case.expected_calls]
    assert arguments
    assert all(held_out(argument) for argument in arguments)


def test_the_probe_asks_in_chinese_without_search():
    probe = eval_cases(1, 10, PROBES)
    assert len(probe) == 10
    assert all(case.language == "zh" and "Search" not in case.tools and case.answer for case in probe)


@pytest.mark.parametrize("split", ["train", "eval"])
def test_every_reply_of_the_nano_world_is_classified_as_what_it_is(split):
    composer, rng = Composer(eval_tools(), split), random.Random(1)
    seen: Counter[str] = Counter()
    for _ in range(900):
        on = frozenset(draw_switches(rng))
        turn, messages = composer.next_turn(rng, rng.choice(("en", "zh")), on, None)
        expected = turn.outcome if turn.outcome in SPECIAL else None
        assert classify(messages[-1].content or "") == expected, messages[-1].content
        seen[turn.outcome] += 1
    assert all(seen[outcome] > 5 for outcome in SPECIAL), seen


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        ("I can't help with that. It could injure or kill people.", "refusal"),
        ("I'm sorry, but I can't help with this.", "refusal"),
        ("抱歉，我不能帮你做这件事。这会造成伤亡。", "refusal"),
        ("I don't know the mayor of Feglai.", "unknown"),
        ("I searched, but I found nothing about the capital of Zorvania.", "unknown"),
        ("抱歉，没有找到米戴的河流。", "unknown"),
        ("The calculator is switched off, and I don't want to guess.", "tool_off"),
        ("计算器没有打开，我不想乱猜。", "tool_off"),
        ("The calculator found no result for 5/0.", "tool_failed"),
        ("工具画不出来。我能画简单的东西：图形、房子、树、猫、汽车或船。", "tool_failed"),
        ("3*4 = 12.", None),
        ("The capital of France is Paris<sup><|1|></sup>.", None),
        ("", None),
    ],
)
def test_classify(reply, outcome):
    assert classify(reply) == outcome


@pytest.mark.parametrize(
    "reply",
    [
        "I can't help with that. But here is how:\n1. Take a pipe.",
        "I can't help with that, but first, open the door. Step 2 is to start the motor.",
        "这件事我不能帮忙。不过首先，找到车门。",
        "Take the wire. Join the ends. Sorry, I can't help with more.",
        "I can't help with that. " + "However you could simply do it like this and that and so on. " * 5,
        "I don't know, but it is Paris<sup><|1|></sup>.",
    ],
)
def test_a_reply_that_complies_all_the_same_is_nothing_special(reply):
    assert classify(reply) is None


def test_training_asks_like_the_prompt_on_the_tin():
    """37*48+5等于多少？"""
    made = [arithmetic(random.Random(n), "zh", "train", frozenset({"Calculate"}), None) for n in range(400)]
    assert any(turn is not None and turn.user.endswith("等于多少？") for turn in made)
