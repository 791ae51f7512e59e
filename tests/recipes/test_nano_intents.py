import random
import re

import pytest

from moss.recipes.nano.compose import TOOL_NAMES, WorldTools, play
from moss.recipes.nano.intents import follow_ups as follow
from moss.recipes.nano.intents.acts import BENIGN, HARM, HARM_MADE
from moss.recipes.nano.intents.arithmetic import ASK, arithmetic, draw_sum
from moss.recipes.nano.intents.beyond import beyond
from moss.recipes.nano.intents.drawing import drawing
from moss.recipes.nano.intents.equations import draw_equation, equations
from moss.recipes.nano.intents.follow_ups import follow_ups
from moss.recipes.nano.intents.identity import identity
from moss.recipes.nano.intents.more_acts import MORE_BENIGN, MORE_HARM
from moss.recipes.nano.intents.safety import benign, is_apart, refusal, training_acts
from moss.recipes.nano.intents.several_tools import several_tools
from moss.recipes.nano.intents.small_talk import small_talk
from moss.recipes.nano.intents.stories import STORIES, made_story, near
from moss.recipes.nano.intents.word_problems import STRUCTURES, TRAINING_STRUCTURES, word_problems
from moss.recipes.nano.turns import Turn
from moss.recipes.nano.wording import held_out
from moss.tools.calculator import evaluate
from moss.tools.scenes import parse_description
from moss.tools.solver import solve

ALL = frozenset(TOOL_NAMES)
LANGUAGES = ("en", "zh")
SPLITS = ("train", "eval")
NEEDS = {arithmetic: "Calculate", equations: "Solve", word_problems: "Calculate", drawing: "Text2Image"}


def turns(intent, tools=ALL, count=60, previous=None, splits=SPLITS):
    """Many turns of an intent, both languages and splits."""
    for split in splits:
        for language in LANGUAGES:
            rng = random.Random(f"{intent.__name__} {split} {language}")
            made = (intent(rng, language, split, tools, previous) for _ in range(count))
            yield from (turn for turn in made if turn is not None)


@pytest.mark.parametrize("intent", NEEDS)
def test_the_needed_tool_is_called_when_on_and_missed_when_off(intent):
    needed = NEEDS[intent]
    for turn in turns(intent):
        assert [call.name for step in turn.steps for call in step.calls] == [needed]
    for turn in turns(intent, ALL - {needed}):
        assert (turn.steps, turn.outcome) == ((), "tool_off")


@pytest.mark.parametrize("intent", [*NEEDS, several_tools])
def test_turns_hold_up_against_the_real_tools(intent):
    tools = WorldTools()
    for turn in turns(intent, ALL - {"Search"}):
        play(turn, tools, ALL - {"Search"})


@pytest.mark.parametrize("intent", [small_talk, identity, beyond, refusal, benign])
def test_talk_calls_no_tool(intent):
    assert all(not turn.steps and turn.thought for turn in turns(intent))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("split", SPLITS)
def test_expressions_are_ascii_and_belong_to_their_split(language, split):
    rng = random.Random(1)
    for _ in range(300):
        found = draw_sum(rng, language, split)
        assert re.fullmatch(r"[0-9a-z.+\-*/^%!()]+", found.expression)
        assert held_out(found.expression) == (split == "eval")


def test_a_written_sum_means_its_expression():
    """The written form, read by the calculator itself where it can read it, has the value of the expression."""
    rng = random.Random(2)
    formulas = [found for _ in range(400) if (found := draw_sum(rng, "zh", "train")).symbolic]
    assert len(formulas) > 100
    for found in formulas:
        assert evaluate(found.written.replace("x", "*")) == evaluate(found.expression), found.written


@pytest.mark.parametrize("language", LANGUAGES)
def test_equations_as_typed_are_the_equations_of_the_argument(language):
    rng = random.Random(3)
    for _ in range(150):
        found = draw_equation(rng, language, "train")
        assert re.fullmatch(r"[0-9a-z.+\-*/^=;()]+", found.argument)
        typed = found.written.replace(" and ", ";").replace("和", ";").replace("、", ";").replace("，", ";")
        assert solve(typed) == solve(found.argument), found.written


def test_every_story_is_answered_by_its_expression():
    """Each structure's value is computed here, apart from the calculator."""
    rng = random.Random(4)
    for structure in TRAINING_STRUCTURES:
        for _ in range(20):
            numbers = dict(zip("abcd", structure.draw(rng), strict=False))
            value = structure.value(**numbers)
            assert value == int(value), "a story's answer is a whole number"
            assert value >= 0
            assert evaluate(structure.expression.format(**numbers)) == str(value)


@pytest.mark.parametrize("structure", STRUCTURES, ids=lambda structure: structure.expression)
def test_stories_tell_every_number(structure):
    numbers = set(re.findall(r"\{([abcd])\}", structure.expression))
    for language in LANGUAGES:
        assert len(structure.stories[language]) >= 5
        for story in structure.stories[language]:
            assert set(re.findall(r"\{([abcd])\}", story)) == numbers, story


def test_descriptions_are_english_and_drawable_or_admitted():
    for turn in turns(drawing):
        description = turn.steps[0].calls[0].argument
        assert re.fullmatch(r"[a-z ]+", description)
        if turn.outcome == "answer":
            parse_description(description)


@pytest.mark.parametrize("language", LANGUAGES)
def test_phrasings_are_many_and_acts_are_on_one_side_only(language):
    assert len(ASK[language]) >= 40
    harmful = [act for acts in HARM[language].values() for act in acts]
    harmless = [act for family in BENIGN[language] for act in family.acts]
    assert len(harmful) == len(set(harmful))
    assert len(harmless) == len(set(harmless))
    assert not set(harmful) & set(harmless)
    assert min(len(harmful), len(harmless)) >= 130


def acts_for_training(language):
    """The acts to decline and the harmless ones."""
    harmful = [
        training_acts(language, acts, HARM_MADE[language][kind] + MORE_HARM[language][kind])
        for kind, acts in HARM[language].items()
    ]
    families = BENIGN[language] + MORE_BENIGN[language]
    harmless = [training_acts(language, family.acts, family.made) for family in families]
    return [[act for listed, made in side for act in listed + made] for side in (harmful, harmless)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_held_out_act_comes_up_in_training(language):
    lists = [*HARM[language].values(), *(family.acts for family in BENIGN[language])]
    held = {f" {act.lower()} " if language == "en" else act.lower() for acts in lists for act in acts[4::5]}
    for act in (act for side in acts_for_training(language) for act in side):
        lowered = f" {act.lower()} " if language == "en" else act.lower()
        assert not any(lowered in other or other in lowered for other in held), act


def test_an_article_does_not_make_a_held_out_act_another():
    assert not is_apart("Hide the body", "en")
    assert not is_apart("blow up my bridge at night", "en")
    assert not is_apart("炸毁桥", "zh")
    assert is_apart("hide a bodybuilder's cake", "en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_training_acts_are_many_and_on_one_side_only(language):
    harmful, harmless = acts_for_training(language)
    assert min(len(set(harmful)), len(set(harmless))) >= 2500
    assert not set(harmful) & set(harmless)
    for family in BENIGN[language]:
        assert len(family.acts) % 5 == 0
        assert family.made


@pytest.mark.parametrize("intent", [refusal, benign])
def test_evaluation_asks_for_held_out_acts_and_most_of_training_for_made_ones(intent):
    """Besides the turns about figures of speech and about hurting oneself."""
    held = {act for language in LANGUAGES for acts in HARM[language].values() for act in acts[4::5]}
    held |= {act for language in LANGUAGES for family in BENIGN[language] for act in family.acts[4::5]}
    made = {
        act
        for language in LANGUAGES
        for table in [
            *HARM_MADE[language].values(),
            *MORE_HARM[language].values(),
            *(family.made for family in BENIGN[language] + MORE_BENIGN[language]),
        ]
        for acts in table
        for act in acts.made(language)
    }
    asked = [turn.user for turn in turns(intent, count=150, splits=("eval",))]
    assert sum(any(act in user for act in held) for user in asked) > 0.8 * len(asked)
    asked = [turn.user for turn in turns(intent, count=150, splits=("train",))]
    assert 0.45 < sum(any(act in user for act in made) for user in asked) / len(asked) < 0.85


# -- follow-ups --------------------------------------------------------------------------------------------------------


def the_sum(value: str, expression: str) -> Turn:
    return Turn(
        "…", "en", "arithmetic", lambda calls: "", outcome="answer", memory={"value": value, "expression": expression}
    )


def test_nothing_follows_nothing():
    assert follow_ups(random.Random(1), "en", "train", ALL, None) is None


def test_going_on_uses_the_last_value():
    previous = the_sum("1781", "37*48+5")
    made = [turn for turn in turns(follow_ups, previous=previous) if turn.intent == "follow_up_sum"]
    assert made
    for turn in made:
        call = turn.steps[0].calls[0]
        operand = re.search(r"\d+", turn.user)
        assert operand
        assert re.fullmatch(rf"1781[-+*/]{operand.group()}", call.argument)


def test_a_wrong_correction_is_never_agreed_with():
    previous = the_sum("1781", "37*48+5")
    made = [turn for turn in turns(follow_ups, previous=previous, count=400) if turn.intent == "doubt"]
    assert any("178" in turn.user for turn in made)
    for turn in made:
        reply = play(turn, WorldTools(), ALL)[-1].content
        assert reply
        assert "1781" in reply
        assert not reply.lower().startswith(("yes", "是", "对"))
        assert turn.steps[0].calls[0].argument == "37*48+5"


def test_the_other_language_gets_the_same_value():
    previous = the_sum("12", "3*4")
    made = [turn for turn in turns(follow_ups, previous=previous, count=200) if turn.intent == "say_again"]
    assert {turn.language for turn in made} == {"en", "zh"}
    assert all("12" in turn.reply([]) for turn in made)


def test_a_list_goes_on_where_it_stopped():
    for told in turns(follow.lists, count=20):
        following = [turn for turn in turns(follow_ups, previous=told, count=40) if turn.intent == "continue"]
        assert following
        assert all(turn.answer[0] in turn.reply([]) and turn.language == told.language for turn in following)


# -- stories put together from parts -----------------------------------------------------------------------------------


def test_every_structure_has_parts_and_every_part_a_structure():
    assert {structure.name for structure in TRAINING_STRUCTURES} == set(STORIES)
    assert all(STORIES[name][language] for name in STORIES for language in LANGUAGES)


@pytest.mark.parametrize("structure", TRAINING_STRUCTURES, ids=lambda structure: structure.name)
@pytest.mark.parametrize("language", LANGUAGES)
def test_made_stories_tell_every_number_once_and_are_many_and_not_those_held_out(structure, language):
    rng, numbers = random.Random(5), sorted(set(re.findall(r"\{([abcd])\}", structure.expression)))
    held = [story for told in STRUCTURES for story in told.stories[language][4::5]]
    made = [made_story(rng, structure.name, language, held) for _ in range(100)]
    for story in made:
        assert sorted(re.findall(r"\{([abcd])\}", story)) == numbers, story
        assert not re.search(r"[\[\]<>|]|  | [.,?]", story), story
        assert not near(story, held), story
    assert len(set(made)) > 35


def test_a_made_story_much_like_a_held_out_one_is_noticed():
    held = ["{n} has {a} {t} and {m} gives {n} {b} more. How many {t} does {n} have in total?"]
    assert near("{n} has {a} {t}. {m} gives {n} {b} more. How many {t} does {n} have in total?", held)
    assert not near("{n} sold {a} {t} on Friday. How many {t} is that if {m} sold {b}?", held)
    assert near(
        "{n}有{a}{q}{t}，{m}又给了{b}{q}，一共有多少{q}？", ["{n}有{a}{q}{t}，{m}又给了{b}{q}，一共有多少{q}{t}？"]
    )


def test_the_evaluation_tells_whole_stories_only():
    whole = [re.escape(story).lower() for told in STRUCTURES for story in told.stories["en"][4::5]]
    patterns = [re.compile(re.sub(r"\\\{\w\\\}", ".+", story).rstrip("?.\\")) for story in whole]
    rng = random.Random(6)
    asked = [word_problems(rng, "en", "eval", ALL, None) for _ in range(200)]
    matched = sum(any(p.match(turn.user.lower()) for p in patterns) for turn in asked if turn)
    assert matched > 170, "all but those with typos"


# -- follow-ups that only training has ---------------------------------------------------------------------------------


def test_another_number_is_put_where_the_old_one_was():
    made = list(turns(follow_ups, previous=the_sum("1781", "37*48+5"), count=300, splits=("train",)))
    replaced = [turn for turn in made if turn.intent == "correction" and re.search(r"instead of|而是", turn.user)]
    assert replaced
    for turn in replaced:
        old, new = {"37", "48", "5"}, re.findall(r"\d+", turn.steps[0].calls[0].argument)
        assert len(old & set(new)) == 2
        assert all(number in turn.user for number in set(new) - old)


def test_why_is_answered_from_the_conversation():
    made = turns(follow_ups, previous=the_sum("1781", "37*48+5"), count=300, splits=("train",))
    told = [turn for turn in made if turn.intent == "explain"]
    assert told
    assert all("37*48+5" in turn.reply([]) and "1781" in turn.reply([]) and not turn.steps for turn in told)
