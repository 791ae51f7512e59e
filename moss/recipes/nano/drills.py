"""Short texts for pre-training that show how things correspond: a sum and its call, a numeral and its digits, a Chinese
picture and its English description, and anything at all and its copy.

A model of a few million parameters is useful as soon as it copies without a slip; these make that skill cheap to learn
before dialogues need it. Only sums and scenes of the training split occur. Not dialogues: no sections, no replies.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from moss.tools.calculator import evaluate
from moss.tools.scenes import describe, describe_in_chinese

from .intents.arithmetic import draw_sum
from .intents.drawing import draw_scene
from .turns import Language
from .wording import chinese_numeral, english_numeral

LINES = 8
"""Lines of one drill."""


def drill(rng: random.Random, language: Language) -> str:
    """One text of several lines of one sort."""
    line = rng.choices((_sum, _numeral, _picture, _copy), (4, 1, 3, 3))[0]
    return "\n".join(line(rng, language) for _ in range(LINES))


def _sum(rng: random.Random, language: Language) -> str:
    found = draw_sum(rng, language, "train")
    return f"{found.written} Calculate(\"{found.expression}\") => '{evaluate(found.expression)}'"


def _numeral(rng: random.Random, language: Language) -> str:
    number = rng.randrange(100) if rng.random() < 0.6 else rng.randrange(10000)
    numeral = english_numeral if language == "en" else chinese_numeral
    return f"{numeral(number)} = {number}"


def _picture(rng: random.Random, language: Language) -> str:
    scene = draw_scene(rng, "train")
    written = describe_in_chinese(scene) if language == "zh" else describe(scene)
    return f'{written} Text2Image("{describe(scene)}")'


def _copy(rng: random.Random, language: Language) -> str:
    text = rng.choice(_RANDOM)(rng)
    return rng.choice(('{x} Search("{x}")', "{x} => '{x}'", "{x} = {x}", '{x} Solve("{x}")')).format(x=text)


def _digits(rng: random.Random) -> str:
    return "".join(rng.choice("0123456789") for _ in range(rng.randrange(2, 13)))


def _letters(rng: random.Random) -> str:
    words = (
        "".join(rng.choice("bcdfghjklmnprstvz") + rng.choice("aeiou") for _ in range(rng.randrange(2, 5))) for _ in "ab"
    )
    return " ".join(words).title()


def _han(rng: random.Random) -> str:
    """Characters of the transliteration set and a few more, which names are made of."""
    characters = (
        "阿艾安巴贝本比波伯布达德迪多尔法菲费弗戈格古哈海赫霍吉加杰卡凯科克库拉莱兰朗勒雷里利林卢伦罗洛"
        "马迈曼梅米莫姆纳内尼诺诺帕佩皮普奇恰萨塞桑沙舍斯苏索塔泰坦特提图托瓦维沃乌西希谢亚扬耶伊因尤扎泽"
    )
    return "".join(rng.choice(characters) for _ in range(rng.randrange(2, 7)))


def _equation(rng: random.Random) -> str:
    x, a, b, c = rng.choice("xyz"), rng.randrange(2, 20), rng.randrange(1, 100), rng.randrange(1, 100)
    return rng.choice((f"{a}{x}+{b}={c}", f"{x}^2-{b}{x}+{c}=0", f"{x}+y={c};{x}-y={b}", f"{a}({x}-{b})={c}"))


_RANDOM: tuple[Callable[[random.Random], str], ...] = (_digits, _letters, _han, _equation)
