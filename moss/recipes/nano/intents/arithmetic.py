"""Sums of every written form, and the one expression each of them means to the calculator.

The argument of the call is what the user wrote with words and Chinese numerals as digits, × ÷ as * /, full-width forms
as ASCII and no spaces. Nothing is worked out here except by the calculator itself.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from moss.conversation import ToolCall
from moss.tools.calculator import evaluate

from ..turns import Language, Split, Step, Turn
from ..wording import belongs, chinese_numeral, choose, decorate, english_numeral, phrase
from .switches import switched_off


@dataclass(frozen=True, slots=True)
class Sum:
    """A sum as the user writes it and as the calculator reads it."""

    written: str
    expression: str
    symbolic: bool = False
    """Whether `written` is a formula, which may also stand alone ("3*4=?"), and not words ("half of 90")."""


# -- numbers and formulas ----------------------------------------------------------------------------------------------


def _number(rng: random.Random) -> str:
    """1 to 9 digits, mostly few; sometimes with decimals."""
    digits = rng.choices((1, 2, 3, 4, 5, 6, 8, 9), (22, 34, 22, 10, 5, 3, 2, 2))[0]
    whole = rng.randrange(10 ** (digits - 1) if digits > 1 else 2, 10**digits)
    if digits <= 4 and rng.random() < 0.12:
        return f"{whole}.{rng.randrange(1, 10 if rng.random() < 0.6 else 100)}"
    return str(whole)


def _small(rng: random.Random) -> int:
    return rng.randrange(2, 13) if rng.random() < 0.5 else rng.randrange(2, 100)


def _chain(rng: random.Random) -> list[str]:
    """Numbers and operators in turn: two operands mostly, up to five."""
    count = rng.choices((2, 3, 4, 5), (55, 28, 11, 6))[0]
    parts = [_number(rng)]
    for _ in range(count - 1):
        operator = rng.choices("+-*/", (30, 22, 33, 15))[0]
        parts += [operator, str(_small(rng)) if operator == "/" else _number(rng)]
    return parts


def _bracketed(rng: random.Random) -> list[str]:
    a, b, c, d = (_number(rng) if rng.random() < 0.4 else str(_small(rng)) for _ in range(4))
    plus, times = rng.choice("+-"), rng.choice("*/")
    shapes = [
        ["(", a, plus, b, ")", times, c],
        [a, "*", "(", b, plus, c, ")"],
        ["(", a, plus, b, ")", "*", "(", c, rng.choice("+-"), d, ")"],
        [a, rng.choice("+-"), b, "*", "(", c, "+", d, ")"],
        ["(", a, plus, b, ")", "^", rng.choice("23")],
        ["(", a, plus, b, plus, c, ")", times, d],
    ]
    return rng.choice(shapes)


def _power(rng: random.Random) -> list[str]:
    if rng.random() < 0.6:
        return [str(rng.randrange(2, 13)), "^", str(rng.randrange(2, 13))]
    return [str(rng.randrange(11, 400)), "^", rng.choice("23")]


_PRETTY = str.maketrans({"*": "×", "/": "÷", "-": "−"})
_CROSS = str.maketrans({"*": "×", "/": "÷"})
_FULL_WIDTH = str.maketrans("0123456789+-*/()=.", "０１２３４５６７８９＋－×÷（）＝．")
_FULL_WIDTH_SIGNS = str.maketrans("+-*/()", "＋－×÷（）")


def _formula(rng: random.Random, language: Language) -> Sum:
    """A formula in one of the ways keyboards and people write it."""
    parts = rng.choices((_chain, _bracketed, _power), (72, 18, 10))[0](rng)
    expression = "".join(parts)
    style = rng.random()
    if style < 0.34:
        written = expression
    elif style < 0.52:
        written = " ".join(parts).replace("( ", "(").replace(" )", ")").replace(" ^ ", "^")
    elif style < 0.70:
        written = expression.translate(_CROSS)
    elif style < 0.78:
        written = " ".join(parts).replace("( ", "(").replace(" )", ")").replace(" ^ ", "^").translate(_CROSS)
    elif style < 0.83:
        written = expression.translate(_PRETTY)
    elif language == "zh" and style < 0.93:
        written = expression.translate(_FULL_WIDTH_SIGNS)
    elif style < 0.88 or language == "zh":
        written = expression.translate(_FULL_WIDTH)
    elif style < 0.93 and "^" not in parts:
        written = " ".join(parts).replace("( ", "(").replace(" )", ")").replace("*", "x")
    else:
        written = expression
    return Sum(written, expression, symbolic=True)


# -- sums in words -----------------------------------------------------------------------------------------------------

_SPOKEN = {
    "en": {"+": ("plus",), "-": ("minus",), "*": ("times", "multiplied by"), "/": ("divided by",)},
    "zh": {"+": ("加", "加上"), "-": ("减", "减去"), "*": ("乘以", "乘"), "/": ("除以",)},
}


def _spoken(rng: random.Random, language: Language) -> Sum:
    """ "37 times 48 plus 5", "三十七乘以四十八": operators in words, and sometimes the numbers too."""
    in_words = rng.random() < (0.3 if language == "en" else 0.5)
    count = rng.choices((2, 3), (72, 28))[0]
    highest = 100 if rng.random() < 0.7 else 1000 if language == "en" else 10000
    numbers = [rng.randrange(2, highest) for _ in range(count)] if in_words else []
    parts = [str(numbers[0]) if in_words else _number(rng)]
    for index in range(1, count):
        operator = rng.choice("++--***/")
        parts += [operator, str(numbers[index]) if in_words else _number(rng) if operator != "/" else str(_small(rng))]
    numeral = english_numeral if language == "en" else chinese_numeral
    words = [
        rng.choice(_SPOKEN[language][part]) if part in _SPOKEN[language] else numeral(int(part)) if in_words else part
        for part in parts
    ]
    return Sum((" " if language == "en" else "").join(words), "".join(parts))


def _percent(rng: random.Random, language: Language) -> Sum:
    share = str(
        rng.choice((5, 10, 12, 15, 20, 25, 30, 40, 50, 60, 75, 80, 90, rng.randrange(1, 100), rng.randrange(1, 100)))
    )
    whole = _number(rng)
    if language == "en":
        sign = rng.choice(("%", "%", " percent", " per cent"))
        return Sum(f"{share}{sign} of {whole}", f"{share}%*{whole}")
    if rng.random() < 0.3:
        return Sum(f"{whole}的百分之{chinese_numeral(int(share))}", f"{whole}*{share}%")
    return Sum(f"{whole}的{share}%", f"{whole}*{share}%")


def _root(rng: random.Random, language: Language) -> Sum:
    square = str(rng.randrange(2, 100) ** 2 if rng.random() < 0.7 else rng.randrange(2, 1000))
    written = {
        "en": ("the square root of {n}", "the square root of {n}", "square root of {n}", "sqrt({n})", "√{n}"),
        "zh": ("{n}的平方根", "{n}的算术平方根", "根号{n}", "√{n}", "sqrt({n})"),
    }
    return Sum(rng.choice(written[language]).format(n=square), f"sqrt({square})")


def _power_words(rng: random.Random, language: Language) -> Sum:
    base, exponent = rng.randrange(2, 60), rng.choice((2, 2, 3, 3, 4, 5, 6, 8, 10, 12))
    forms = {
        "en": ["{a} to the power of {b}", "{a} raised to the power {b}", "{a} to the power {b}"],
        "zh": ["{a}的{b}次方", "{a}的{b}次幂"],
    }[language]
    if exponent in (2, 3):
        forms = (
            forms
            + {
                ("en", 2): ["{a} squared", "the square of {a}"],
                ("en", 3): ["{a} cubed", "the cube of {a}"],
                ("zh", 2): ["{a}的平方", "{a}平方"],
                ("zh", 3): ["{a}的立方", "{a}立方"],
            }[language, exponent]
        )
    return Sum(rng.choice(forms).format(a=base, b=exponent), f"{base}^{exponent}")


def _factorial(rng: random.Random, language: Language) -> Sum:
    n = rng.randrange(3, 20)
    forms = {"en": ("{n}!", "{n} factorial", "the factorial of {n}"), "zh": ("{n}的阶乘", "{n}!", "{n}阶乘")}
    return Sum(rng.choice(forms[language]).format(n=n), f"{n}!")


_NAMED = {
    "en": (
        ("the sum of {a} and {b}", "{a}+{b}"),
        ("the difference between {a} and {b}", "{a}-{b}"),
        ("the product of {a} and {b}", "{a}*{b}"),
        ("the quotient of {a} and {c}", "{a}/{c}"),
        ("the sum of {a}, {b} and {c}", "{a}+{b}+{c}"),
        ("the product of {a}, {b} and {c}", "{a}*{b}*{c}"),
        ("the average of {a} and {b}", "({a}+{b})/2"),
        ("the average of {a}, {b} and {c}", "({a}+{b}+{c})/3"),
        ("half of {a}", "{a}/2"),
        ("a third of {a}", "{a}/3"),
        ("a quarter of {a}", "{a}/4"),
        ("twice {a}", "{a}*2"),
        ("{c} less than {a}", "{a}-{c}"),
        ("{c} more than {a}", "{a}+{c}"),
    ),
    "zh": (
        ("{a}与{b}的和", "{a}+{b}"),
        ("{a}和{b}的差", "{a}-{b}"),
        ("{a}和{b}的积", "{a}*{b}"),
        ("{a}与{b}的乘积", "{a}*{b}"),
        ("{a}与{c}的商", "{a}/{c}"),
        ("{a}、{b}和{c}的和", "{a}+{b}+{c}"),
        ("{a}、{b}和{c}的乘积", "{a}*{b}*{c}"),
        ("{a}和{b}的平均数", "({a}+{b})/2"),
        ("{a}、{b}、{c}的平均数", "({a}+{b}+{c})/3"),
        ("{a}的一半", "{a}/2"),
        ("{a}的三分之一", "{a}/3"),
        ("{a}的四分之一", "{a}/4"),
        ("{a}的两倍", "{a}*2"),
        ("{a}的{c}倍", "{a}*{c}"),
        ("比{a}多{c}的数", "{a}+{c}"),
        ("比{a}少{c}的数", "{a}-{c}"),
    ),
}


def _named(rng: random.Random, language: Language) -> Sum:
    written, expression = rng.choice(_NAMED[language])
    slots = {"a": _number(rng), "b": _number(rng), "c": _small(rng)}
    return Sum(written.format(**slots), expression.format(**slots))


_Maker = Callable[[random.Random, Language], Sum]
_MAKERS: tuple[_Maker, ...] = (_formula, _spoken, _percent, _root, _power_words, _factorial, _named)
_MAKER_WEIGHTS = (46, 18, 7, 5, 5, 3, 16)


def draw_sum(rng: random.Random, language: Language, split: Split) -> Sum:
    """A sum of the split: expressions of evaluation occur in training in no written form."""
    while True:
        found = rng.choices(_MAKERS, _MAKER_WEIGHTS)[0](rng, language)
        if belongs(found.expression, split) and len(evaluate(found.expression)) <= 24:
            return found


# -- what people say around a sum --------------------------------------------------------------------------------------

ASK = {
    "en": (
        "What is {e}?", "What's {e}?", "Calculate {e}.", "Compute {e}.", "How much is {e}?", "Can you calculate {e}?",
        "Please calculate {e}.", "Could you work out {e}?", "I need to know {e}.", "Tell me {e}.", "Work out {e}.",
        "What does {e} equal?", "What do you get for {e}?", "Evaluate {e}.", "What is the result of {e}?",
        "Can you tell me what {e} is?", "What is the value of {e}?", "Find {e}.", "Please compute {e} for me.",
        "Do you know {e}?", "Help me with {e}.", "What is the answer to {e}?", "Give me the result of {e}.",
        "I'd like to know {e}.", "Would you mind working out {e}?", "My homework asks for {e}.",
        "I have to calculate {e}.", "Let's see, {e}?", "Use the calculator: {e}.", "Could you please compute {e}?",
        "How much does {e} make?", "What would {e} be?", "Quickly, {e}?", "Do the maths for me: {e}.",
        "Solve this sum: {e}.", "What number is {e}?", "Just calculate {e}.", "I forgot what {e} is.",
        "Tell me the value of {e}.", "Can you do {e}?", "{e} is what?", "{e} equals what?", "{e}, please.",
        "{e} is how much?", "{e} comes to what?", "Please tell me how much {e} is.", "I want you to calculate {e}.",
        "And what is {e}?", "Now {e}.", "Next one: {e}.",
    ),
    "zh": (
        "{e}等于多少？", "{e}是多少？", "{e}等于几？", "计算{e}。", "帮我算一下{e}。",
        "请计算{e}。", "请算一下{e}。", "算一算{e}。", "{e}的结果是多少？", "{e}得多少？",
        "请问{e}等于多少？", "你能算出{e}吗？", "我想知道{e}是多少。", "麻烦算一下{e}。", "能帮我算{e}吗？",
        "求{e}。", "求{e}的值。", "{e}的值是多少？", "{e}结果是什么？", "告诉我{e}等于多少。",
        "算下{e}。", "帮忙计算{e}。", "{e}是几？", "用计算器算{e}。", "帮我看看{e}等于多少。",
        "作业里有道题：{e}。", "老师让我算{e}。", "我需要{e}的结果。", "给我{e}的答案。", "那么{e}是多少呢？",
        "你知道{e}等于多少吗？", "{e}怎么算？", "快告诉我{e}是多少。", "再算一个：{e}。", "能不能算一下{e}？",
        "下一题，{e}。", "{e}等于什么？", "请帮我计算{e}。", "{e}应该等于多少？", "请你算出{e}。",
        "我算不出{e}，你来。", "{e}，算一下。", "{e}，结果多少？", "帮我求{e}。", "{e}，等于多少？",
        "可以算{e}吗？", "算{e}。", "口算不出来，{e}等于多少？", "我忘了{e}是多少。", "{e}到底是多少？",
    ),
}  # fmt: skip
_TERSE = {
    "en": ("{e}", "{e}=?", "{e} = ?", "{e}=", "{e}?", "{e} =", "={e}", "calc {e}", "what {e}", "{e} equals?"),
    "zh": ("{e}", "{e}=?", "{e}＝？", "{e}=", "{e}？", "{e}=多少", "算{e}", "{e} = ?", "计算：{e}", "{e}等于？"),
}
_ORDERS = {
    "en": (
        ("Add {a} and {b}.", "{a}+{b}"), ("Add {a} to {b}.", "{b}+{a}"), ("Subtract {c} from {a}.", "{a}-{c}"),
        ("Multiply {a} by {b}.", "{a}*{b}"), ("Divide {a} by {c}.", "{a}/{c}"),
        ("Could you add {a} and {b}?", "{a}+{b}"), ("Can you multiply {a} by {b}?", "{a}*{b}"),
        ("Please divide {a} by {c}.", "{a}/{c}"), ("Please subtract {c} from {a}.", "{a}-{c}"),
        ("Can you divide {a} by {c} for me?", "{a}/{c}"), ("Double {a}.", "{a}*2"),
        ("Take {c} away from {a}.", "{a}-{c}"), ("I want to multiply {a} by {b}.", "{a}*{b}"),
        ("Square {c}.", "{c}^2"), ("Could you multiply {a} by {b}?", "{a}*{b}"), ("Multiply {a} and {b}.", "{a}*{b}"),
        ("Halve {a}.", "{a}/2"), ("Triple {a}.", "{a}*3"), ("What do I get if I add {a} and {b}?", "{a}+{b}"),
        ("Please add {a} and {b}.", "{a}+{b}"),
        ("Now multiply {a} by {b}.", "{a}*{b}"), ("Divide {a} into {c} equal parts.", "{a}/{c}"),
        ("Could you subtract {c} from {a}?", "{a}-{c}"), ("Sum up {a} and {b}.", "{a}+{b}"),
        ("Could you divide {a} by {c}?", "{a}/{c}"),
        ("Put {a} and {b} together.", "{a}+{b}"), ("Please double {a}.", "{a}*2"),
        ("What do I get if I multiply {a} by {b}?", "{a}*{b}"), ("What is left if I take {c} from {a}?", "{a}-{c}"),
        ("What do I get if I subtract {c} from {a}?", "{a}-{c}"),
    ),
    "zh": (
        ("把{a}和{b}加起来。", "{a}+{b}"), ("用{a}减去{c}。", "{a}-{c}"), ("把{a}乘以{b}。", "{a}*{b}"),
        ("用{a}除以{c}。", "{a}/{c}"), ("请把{a}和{b}加起来。", "{a}+{b}"), ("{a}翻一倍是多少？", "{a}*2"),
        ("从{a}里减去{c}。", "{a}-{c}"), ("把{a}平均分成{c}份，每份多少？", "{a}/{c}"),
        ("{a}加上{b}一共多少？", "{a}+{b}"), ("把{a}除以{c}。", "{a}/{c}"), ("{a}和{b}相乘得多少？", "{a}*{b}"),
        ("{a}和{b}相加得多少？", "{a}+{b}"), ("{a}减掉{c}还剩多少？", "{a}-{c}"), ("{c}个{a}是多少？", "{c}*{a}"),
        ("{a}和{b}相乘等于多少？", "{a}*{b}"),
        ("把{a}和{b}相加。", "{a}+{b}"), ("把{a}和{b}相乘。", "{a}*{b}"), ("{a}除以{c}得多少？", "{a}/{c}"),
        ("{a}减去{c}得多少？", "{a}-{c}"), ("请把{a}和{b}相乘。", "{a}*{b}"),
        ("请用{a}减{c}。", "{a}-{c}"), ("{a}加{b}是多少？", "{a}+{b}"), ("请用{a}除以{c}。", "{a}/{c}"),
        ("请把{a}和{b}相加。", "{a}+{b}"), ("请从{a}里减去{c}。", "{a}-{c}"),
        ("把{a}加上{b}。", "{a}+{b}"), ("帮我把{a}和{b}加起来。", "{a}+{b}"), ("{a}乘{b}是多少？", "{a}*{b}"),
        ("把{a}减去{c}。", "{a}-{c}"), ("请你把{a}加上{b}。", "{a}+{b}"),
    ),
}  # fmt: skip


def ask_sum(rng: random.Random, language: Language, split: Split) -> tuple[str, Sum]:
    """A whole message that asks for a sum, and the sum."""
    if rng.random() < 0.1:
        return _order(rng, language, split)
    found = draw_sum(rng, language, split)
    if found.symbolic and rng.random() < 0.25:
        return phrase(rng, language, split, _TERSE[language], polite=False, e=found.written), found
    return phrase(rng, language, split, ASK[language], e=found.written), found


def _order(rng: random.Random, language: Language, split: Split) -> tuple[str, Sum]:
    """The sum as an instruction: "Subtract 12 from 40." """
    meaning = dict(_ORDERS[language])
    while True:
        slots = {"a": _number(rng), "b": _number(rng), "c": _small(rng)}
        chosen = choose(rng, tuple(meaning), split)
        expression = meaning[chosen].format(**slots)
        if belongs(expression, split):
            return decorate(rng, chosen, language).format(**slots), Sum(chosen.format(**slots), expression)


# -- replies -----------------------------------------------------------------------------------------------------------

THOUGHTS = {
    "en": (
        "This is a calculation, so I use the calculator.",
        "I will let the calculator work this out.",
        "A sum: calculator.",
    ),
    "zh": ("这是一道算式，用计算器算。", "让计算器来算。", "需要计算，调用计算器。"),
}
_REPLIES = {
    "en": (
        "{e} = {r}.",
        "The result is {r}.",
        "It is {r}.",
        "The answer is {r}.",
        "That makes {r}.",
        "{e} equals {r}.",
    ),
    "zh": ("{e} = {r}。", "结果是{r}。", "等于{r}。", "答案是{r}。", "得{r}。", "{e}等于{r}。"),
}


def calculation(
    rng: random.Random, user: str, language: Language, expression: str, intent: str, *, tools: frozenset[str]
) -> Turn:
    """The turn that answers `user` with the value of `expression`, or says that the calculator is off."""
    memory = {"expression": expression}
    if "Calculate" not in tools:
        return switched_off(rng, "Calculate", user, language, intent, memory)
    value = evaluate(expression)
    reply = rng.choice(_REPLIES[language])
    return Turn(
        user=user,
        language=language,
        intent=intent,
        steps=(Step(rng.choice(THOUGHTS[language]), (ToolCall("Calculate", expression),)),),
        reply=lambda calls: reply.format(e=expression, r=calls[-1].result),
        answer=(value,),
        outcome="answer",
        memory={"expression": expression, "value": value},
    )


def arithmetic(
    rng: random.Random, language: Language, split: Split, tools: frozenset[str], previous: Turn | None
) -> Turn | None:
    """A sum: worked out by the calculator where it is on."""
    user, found = ask_sum(rng, language, split)
    return calculation(rng, user, language, found.expression, "arithmetic", tools=tools)
