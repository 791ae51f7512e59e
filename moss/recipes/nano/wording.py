"""How people write: held-out phrasings and names, politeness, punctuation, typos, numerals.

Every function is deterministic in its `random.Random`. Templates use `str.format` slots (`{name}`); decoration happens
on the template, before the slots are filled, so that it never touches what has to be copied.
"""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Callable, Sequence

from .turns import Language, Split

HOLD_OUT_EVERY = 5
"""Of each list of templates, the 5th, 10th, ... is used by evaluation only."""


def choose(rng: random.Random, templates: Sequence[str], split: Split, more: Sequence[str] = ()) -> str:
    """One template of the split; every fifth (index % 5 == 4) is held out for "eval". Needs at least five templates.

    Training has those of `more`, too, which may grow without a change of what evaluation asks.
    """
    if len(templates) < HOLD_OUT_EVERY:
        raise ValueError(f"{len(templates)} templates leave none to hold out; write at least {HOLD_OUT_EVERY}")
    if split == "eval":
        return templates[rng.randrange(len(templates) // HOLD_OUT_EVERY) * HOLD_OUT_EVERY + HOLD_OUT_EVERY - 1]
    kept = len(templates) - len(templates) // HOLD_OUT_EVERY
    index = rng.randrange(kept + len(more))
    if index >= kept:
        return more[index - kept]
    # The n-th template that is not held out: four of every five.
    return templates[index + index // (HOLD_OUT_EVERY - 1)]


def slip(rng: random.Random, number: str) -> str:
    """The number (digits, perhaps with a point) with one digit changed, or two of them swapped."""
    digits = [at for at, sign in enumerate(number) if sign.isdigit()]
    # A swap puts no zero first and moves no point.
    swaps = [at for at in digits if number[at + 1 : at + 2] not in ("", ".", number[at]) and (at or number[1] != "0")]
    if swaps and rng.random() < 0.5:
        at = rng.choice(swaps)
        return number[:at] + number[at + 1] + number[at] + number[at + 2 :]
    at = rng.choice(digits)
    least = 1 if at == 0 and len(number) > 1 else 0
    new = rng.choice([str(digit) for digit in range(least, 10) if str(digit) != number[at]])
    return number[:at] + new + number[at + 1 :]


def held_out(key: str) -> bool:
    """Whether a name or an expression belongs to evaluation: one in ten, the same on every machine and in every run."""
    return hashlib.blake2b(key.encode(), digest_size=4).digest()[0] % 10 == 0


def belongs(key: str, split: Split) -> bool:
    """Whether a name or an expression may be used in the split."""
    return held_out(key) == (split == "eval")


def phrase(
    rng: random.Random,
    language: Language,
    split: Split,
    templates: Sequence[str],
    /,
    *,
    more: Sequence[str] = (),
    polite: bool = True,
    **slots: object,
) -> str:
    """A user's message: a template of the split, decorated, its slots filled with exactly the given texts."""
    return decorate(rng, choose(rng, templates, split, more), language, polite=polite).format(**slots)


def decorate(rng: random.Random, text: str, language: Language, *, polite: bool = True) -> str:
    """`text` (a template whose `{slots}` are not filled yet) as a hurried or a polite person would type it.

    `polite=False` keeps greetings and "please" out, for messages that they do not fit.
    """
    manners, asking, habits = _BY_LANGUAGE[language]
    if polite and rng.random() < 0.25:
        manners = manners + asking if text.endswith(("?", "？")) else manners
        text = rng.choice(manners)(text)
    if rng.random() < 0.35:
        text = rng.choice(habits)(rng, text)
    if rng.random() < 0.06:
        text = _typo(rng, text)
    return text


# -- manners: how a sentence is wrapped -------------------------------------------------------------------------------

_SLOT = re.compile(r"\{\w*\}")
_END_EN = re.compile(r"[.?!]+$")
_END_ZH = re.compile(r"[。？！.?!]+$")


def _lower_first(text: str) -> str:
    """Lower-case first letter, except of "I" and of words that are upper-case throughout (names of things)."""
    word = text.split(" ", 1)[0]
    if not word or word == "I" or word.startswith(("I'", "{")) or (len(word) > 1 and word.isupper()):
        return text
    return text[0].lower() + text[1:]


def _before(opening: str) -> Callable[[str], str]:
    return lambda text: opening + (_lower_first(text) if opening.endswith(", ") else text)


def _after(closing: str, end: re.Pattern[str]) -> Callable[[str], str]:
    def wrap(text: str) -> str:
        mark = end.search(text)
        return (
            (text[: mark.start()] if mark else text)
            + closing
            + (mark.group()[:1] if mark and closing[0] == "," else "")
        )

    return wrap


_Manner = Callable[[str], str]
_MANNERS_EN: list[_Manner] = [
    *map(_before, [
        "Hi, ", "Hello! ", "Hey, ", "Hi MOSS, ", "Excuse me, ", "Hello MOSS. ", "Okay, ", "So, ", "Good morning! ",
        "Hi there, ",
    ]),
    *(_after(closing, _END_EN) for closing in [", please", ", thanks", ", thank you"]),
]  # fmt: skip
_MANNERS_ZH: list[_Manner] = [
    *map(_before, ["你好，", "您好，", "嗨，", "小助手，", "早上好，", "MOSS，", "麻烦你，", "你好！", "下午好，"]),
    *(_after(closing, _END_ZH) for closing in ["，谢谢", "，谢谢你", "，拜托了"]),
]  # fmt: skip
_ASKING_EN: list[_Manner] = [
    *map(
        _before,
        [
            "Quick question: ",
            "Tell me: ",
            "I wonder, ",
        ],
    ),
    lambda text: text + " Thanks!",
]
_ASKING_ZH: list[_Manner] = [
    *map(
        _before,
        [
            "请问，",
            "请问",
            "麻烦问一下，",
            "打扰一下，",
            "问一下，",
        ],
    ),
    lambda text: text + "谢谢！",
]


# -- habits: how a sentence is typed -----------------------------------------------------------------------------------


def _outside_slots(text: str, change: Callable[[str], str]) -> str:
    """`text` with `change` applied to everything but the slots."""
    parts, end = [], 0
    for slot in _SLOT.finditer(text):
        parts += [change(text[end : slot.start()]), slot.group()]
        end = slot.end()
    return "".join([*parts, change(text[end:])])


def _no_end(rng: random.Random, text: str) -> str:
    return _END_ZH.sub("", text)


def _lower(rng: random.Random, text: str) -> str:
    return _outside_slots(text, str.lower)


def _lower_no_end(rng: random.Random, text: str) -> str:
    return _no_end(rng, _lower(rng, text))


def _eager_en(rng: random.Random, text: str) -> str:
    """More question marks. Never exclamation marks: after a number they would mean a factorial."""
    return text + rng.choice(("?", "??")) if text.endswith("?") else text


def _contract(rng: random.Random, text: str) -> str:
    for full, short in (
        ("What is", "What's"),
        ("what is", "what's"),
        ("I would", "I'd"),
        ("do not", "don't"),
        ("you ", "u "),
    ):
        text = text.replace(full, short)
    return text


_FULL_TO_ASCII = str.maketrans("，。？！：；（）", ",.?!:;()")
_ASCII_TO_FULL = str.maketrans(",.?!:", "，。？！：")


def _ascii_marks(rng: random.Random, text: str) -> str:
    return _outside_slots(text, lambda part: part.translate(_FULL_TO_ASCII))


def _full_marks(rng: random.Random, text: str) -> str:
    return _outside_slots(text, lambda part: part.translate(_ASCII_TO_FULL))


def _particle(rng: random.Random, text: str) -> str:
    """A softening particle before the question mark, where there is no particle yet."""
    bare = _END_ZH.sub("", text)
    if bare == text or not text.endswith(("？", "?")) or bare.endswith(("吗", "呢", "呀", "吧", "啊", "么", "}")):
        return text
    return bare + rng.choice("呢呀啊") + "？"


def _spaces_for_commas(rng: random.Random, text: str) -> str:
    return _outside_slots(text, lambda part: part.replace("，", " "))


_Habit = Callable[[random.Random, str], str]
_HABITS_EN: list[_Habit] = [_no_end, _no_end, _lower, _lower_no_end, _lower_no_end, _eager_en, _contract]
_HABITS_ZH: list[_Habit] = [_no_end, _no_end, _ascii_marks, _full_marks, _particle, _spaces_for_commas]

_BY_LANGUAGE = {"en": (_MANNERS_EN, _ASKING_EN, _HABITS_EN), "zh": (_MANNERS_ZH, _ASKING_ZH, _HABITS_ZH)}


def _typo(rng: random.Random, text: str) -> str:
    """One slip in one longer word outside the slots: two letters swapped, one lost or one doubled."""
    words = [m for m in re.finditer(r"[A-Za-z]{5,}", text) if not _in_slot(text, m.start())]
    if not words:
        return text
    word = rng.choice(words)
    at = rng.randrange(word.start() + 1, word.end() - 1)
    a, b = text[at], text[at + 1]
    return text[:at] + rng.choice([b + a, b, a + a + b]) + text[at + 2 :]


def _in_slot(text: str, position: int) -> bool:
    return any(slot.start() <= position < slot.end() for slot in _SLOT.finditer(text))


# -- numerals ----------------------------------------------------------------------------------------------------------

_HAN_DIGITS = "零一二三四五六七八九"


def chinese_numeral(n: int) -> str:
    """`n` (0 <= n < 10^12) in Chinese numerals: 48 -> 四十八, 2024 -> 二千零二十四, 100000 -> 十万."""
    if not 0 <= n < 10**12:
        raise ValueError(f"{n} is outside 0 ... 10^12 - 1")
    if n == 0:
        return "零"
    groups = [("亿", n // 10**8), ("万", n // 10**4 % 10**4), ("", n % 10**4)]
    text, gap = "", False
    for unit, group in groups:
        if group == 0:
            gap = bool(text)
            continue
        if text and (gap or group < 1000):
            text += "零"
        text, gap = text + _han_group(group) + unit, False
    return text[1:] if text.startswith("一十") else text


def _han_group(n: int) -> str:
    """1 ... 9999 in Chinese numerals, 一十 spelt out."""
    text, gap = "", False
    for unit, digit in zip("千百十 ", (n // 1000, n // 100 % 10, n // 10 % 10, n % 10), strict=True):
        if digit == 0:
            gap = bool(text)
            continue
        text, gap = text + ("零" if gap else "") + _HAN_DIGITS[digit] + unit.strip(), False
    return text


_SMALL = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")


def english_numeral(n: int) -> str:
    """`n` (0 <= n < 10^6) in English words: 48 -> forty-eight, 1200 -> one thousand two hundred."""
    if not 0 <= n < 10**6:
        raise ValueError(f"{n} is outside 0 ... 10^6 - 1")
    if n < 20:
        return _SMALL[n]
    if n < 100:
        return _TENS[n // 10] + (f"-{_SMALL[n % 10]}" if n % 10 else "")
    size, word = (1000, "thousand") if n >= 1000 else (100, "hundred")
    rest = n % size
    joint = " and " if rest < 100 else " "
    return f"{english_numeral(n // size)} {word}" + (joint + english_numeral(rest) if rest else "")
