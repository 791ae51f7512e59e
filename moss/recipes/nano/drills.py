"""Short texts that show how things correspond: a sum, its call and its result; a numeral and its digits; a Chinese
picture and its English description; a request and the call it leads to; a request and whether it is harmful; the
switches and what is on; a query, what a search brought and whether that answers it; a word and its translation;
anything at all and its copy, and whether a copy is one.

A model of a few million parameters is useful as soon as it copies and tells apart without a slip. A line here costs a
tenth of the tokens of a dialogue's turn, so these skills are cheap to learn before dialogues need them. Only what the
training split holds occurs, except for translated words, which nobody can guess: pictures of some of them are asked
for in evaluation alone. Not dialogues: no sections, no replies.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from functools import cache

from moss.chat_format import commands_text, system_text
from moss.tools.calculator import evaluate
from moss.tools.scenes import describe, describe_in_chinese

from .facts import Fact
from .intents.arithmetic import draw_sum
from .intents.drawing import WORDS, draw_scene, drawing
from .intents.equations import equations
from .intents.facts import fact, lookup, unknown
from .intents.safety import benign, refusal
from .intents.switches import TITLES
from .intents.word_problems import word_problems
from .invented import documented, invent
from .turns import Intent, Language
from .wording import chinese_numeral, english_numeral, slip


def drill(rng: random.Random, language: Language) -> str:
    """One text of several lines of one sort."""
    line, count = rng.choices(list(_LINES), list(_LINES.values()))[0]
    return "\n".join(line(rng, language) for _ in range(count))


def _sum(rng: random.Random, language: Language) -> str:
    found = draw_sum(rng, language, "train")
    value = evaluate(found.expression)
    return f"{found.written} Calculate(\"{found.expression}\") => '{value}' = {value}"


def _numeral(rng: random.Random, language: Language) -> str:
    number = rng.randrange(100) if rng.random() < 0.6 else rng.randrange(10000)
    numeral = english_numeral if language == "en" else chinese_numeral
    return f"{numeral(number)} = {number}"


def _picture(rng: random.Random, language: Language) -> str:
    scene = draw_scene(rng, "train")
    written = describe_in_chinese(scene) if language == "zh" else describe(scene)
    return f'{written} Text2Image("{describe(scene)}")'


def _translation(rng: random.Random, language: Language) -> str:
    english, chinese = rng.choice(WORDS)
    return f"{chinese} = {english}" if language == "zh" else f"{english} = {chinese}"


_CALLING: Mapping[Intent, float] = {word_problems: 8, equations: 3, drawing: 4, lookup: 4, fact: 2, unknown: 2}


def _call(rng: random.Random, language: Language) -> str:
    """A request and the call it leads to."""
    while True:
        intent = rng.choices(list(_CALLING), list(_CALLING.values()))[0]
        turn = intent(rng, language, "train", frozenset(TITLES), None)
        if turn is not None and turn.steps:
            return f"{turn.user} {commands_text(turn.steps[0].calls)}"


_HARM: Mapping[Language, Mapping[Intent, str]] = {
    "en": {refusal: "harmful", benign: "harmless"},
    "zh": {refusal: "有害", benign: "无害"},
}


def _harm(rng: random.Random, language: Language) -> str:
    """A request and whether it is harmful."""
    intent = rng.choice((refusal, benign))
    turn = intent(rng, language, "train", frozenset(), None)
    return f"{turn.user} => {_HARM[language][intent]}" if turn else ""


def _switches(rng: random.Random, language: Language) -> str:
    """The system text and what it says of every tool, in any order."""
    on = tuple(name for name in TITLES if rng.random() < 0.5)
    states = {"en": ("off", "on"), "zh": ("没有打开", "打开")}[language]
    told = [f"{titles[language]}: {states[name in on]}" for name, titles in TITLES.items()]
    rng.shuffle(told)
    return f"{system_text(on)}{'; '.join(told)}"


def _copy(rng: random.Random, language: Language) -> str:
    text = rng.choice(_RANDOM)(rng)
    return rng.choice(('{x} Search("{x}")', "{x} => '{x}'", "{x} = {x}", '{x} Solve("{x}")')).format(x=text)


_SAME: Mapping[Language, tuple[str, str]] = {"en": ("wrong", "right"), "zh": ("错", "对")}


def _check(rng: random.Random, language: Language) -> str:
    """A result, what is said of it, and whether that is so: to judge a reply is to compare what one reads."""
    maker = rng.choice(_RANDOM[:-1])
    result = maker(rng)
    said = result
    while rng.random() < 0.5 and said == result:
        said = slip(rng, result) if result.replace(".", "").isdigit() else maker(rng)
    return f"=> '{result}' {said} => {_SAME[language][said == result]}"


def _digits(rng: random.Random) -> str:
    return "".join(rng.choice("0123456789") for _ in range(rng.randrange(2, 13)))


def _decimal(rng: random.Random) -> str:
    """A number with a fraction; the same digit again and again is what is hardest to copy."""
    if rng.random() < 0.5:
        return f"{rng.randrange(10000)}.{rng.randrange(100):02}"
    return evaluate(f"{rng.randrange(1, 1000)}/{rng.choice((3, 6, 7, 9, 11, 12, 15, 30, 45, 60, 75, 90))}")


def _name(rng: random.Random) -> str:
    """As people type it: with capitals, without, or in nothing else."""
    entity = invent(rng, "train")
    if rng.random() < 0.5:
        return entity.zh
    return rng.choices((entity.en, entity.en.lower(), entity.en.upper()), (7, 4, 1))[0]


def _word(rng: random.Random) -> str:
    """Letters or Chinese characters that mean nothing: copying must not depend on having met a token."""
    if rng.random() < 0.5:
        return "".join(rng.choice(_letters("zh")) for _ in range(rng.randrange(2, 6)))
    word = "".join(rng.choice(_letters("en")) for _ in range(rng.randrange(2, 5)))
    return word.capitalize() if rng.random() < 0.7 else word


@cache
def _letters(language: Language) -> Sequence[str]:
    """The pieces of two to four letters, or the single characters, of all names."""
    names = [subject.en if language == "en" else subject.zh for subject in documented("train")]
    size = 1 if language == "zh" else 3
    return sorted({name[i : i + size] for name in names for i in range(len(name)) if name[i : i + size].isalpha()})


def _equation(rng: random.Random) -> str:
    x, a, b, c = rng.choice("xyz"), rng.randrange(2, 20), rng.randrange(1, 100), rng.randrange(1, 100)
    return rng.choice((f"{a}{x}+{b}={c}", f"{x}^2-{b}{x}+{c}=0", f"{x}+y={c};{x}-y={b}", f"{a}({x}-{b})={c}"))


_RANDOM: tuple[Callable[[random.Random], str], ...] = (_digits, _decimal, _name, _name, _word, _word, _equation)


# -- reading -----------------------------------------------------------------------------------------------------------

_MISSING: Mapping[Language, str] = {"en": "not found", "zh": "没有找到"}


def _reading(rng: random.Random, language: Language) -> str:
    """A query, a few sentences that look alike, and the one that answers it, if any does."""
    asked = _invented(rng)
    about = documented("train")[asked.subject]
    told = [fact for fact in _alike(rng, asked) if fact.subject != asked.subject]
    told += rng.sample(about, min(len(about), rng.randrange(3)))
    rng.shuffle(told)
    query = asked.words.words(language).phrases[0].format(s=asked.subject.in_text(language))
    found = asked.statement(language) if asked in told else _MISSING[language]
    return f'Search("{query}") => {(" / ").join(fact.statement(language) for fact in told)} => {found}'


@cache
def _facts_by_relation() -> Mapping[str, tuple[Fact, ...]]:
    facts = [fact for facts in documented("train").values() for fact in facts]
    return {relation: tuple(f for f in facts if f.relation == relation) for relation in {f.relation for f in facts}}


def _invented(rng: random.Random) -> Fact:
    return rng.choice(rng.choice(list(documented("train").values())))


def _alike(rng: random.Random, asked: Fact) -> list[Fact]:
    """Facts that tell the same about something else."""
    return rng.sample(_facts_by_relation()[asked.relation], rng.randrange(1, 4))


_LINES: Mapping[tuple[Callable[[random.Random, Language], str], int], float] = {
    (_sum, 8): 4,
    (_numeral, 8): 2,
    (_picture, 8): 2,
    (_translation, 12): 2,
    (_call, 6): 10,
    (_harm, 8): 6,
    (_switches, 1): 3,
    (_copy, 8): 6,
    (_check, 8): 4,
    (_reading, 4): 4,
}
"""What a drill may be made of, how many lines of it, and how often."""
