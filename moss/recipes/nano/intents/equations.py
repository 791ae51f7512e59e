"""Equations and small systems in the forms people write them, made from known roots and solved by the equation solver.

The argument of the call is the equation without spaces, in ASCII, `^` for powers and `;` between the equations of a
system.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

from moss.conversation import ToolCall
from moss.tools.solver import solve

from ..turns import Language, Split, Step, Turn
from ..wording import belongs, phrase
from .switches import switched_off


@dataclass(frozen=True, slots=True)
class Equation:
    """One equation or a system: as it is typed, and as the solver reads it."""

    written: str
    argument: str
    unknowns: str


# -- equations with known roots ----------------------------------------------------------------------------------------


def _term(coefficient: int, power: str, first: bool = False) -> str:
    """`+3x`, `-x`, `+4`, or nothing for 0; without the plus when it stands first."""
    if coefficient == 0:
        return ""
    sign = "-" if coefficient < 0 else "" if first else "+"
    size = abs(coefficient)
    return sign + (power if size == 1 and power else f"{size}{power}")


def _nonzero(rng: random.Random, low: int, high: int) -> int:
    return rng.choice([n for n in range(low, high + 1) if n])


def _linear(rng: random.Random) -> tuple[str, str]:
    v = rng.choices("xyatnmz", (60, 10, 6, 6, 6, 6, 6))[0]
    root = rng.randrange(-12, 61) if rng.random() < 0.8 else rng.randrange(100, 1000)
    a, b = rng.randrange(2, 16), _nonzero(rng, -50, 99)
    shape = rng.randrange(7)
    if shape == 0:
        return f"{v}{_term(b, '')}={root + b}", v
    if shape in (1, 2):
        return f"{a}{v}{_term(b, '')}={a * root + b}", v
    if shape == 3:
        c = a + rng.randrange(1, 9)
        return f"{c}{v}{_term(b, '')}={a}{v}{_term(b + (c - a) * root, '')}", v
    if shape == 4:
        return f"{a}({v}{_term(b, '')})={a * (root + b)}", v
    if shape == 5:
        return f"{v}/{a}{_term(b, '')}={root + b}", v
    return f"{a}{v}={rng.choice((a * root, rng.randrange(1, 100)))}", v


def _quadratic(rng: random.Random) -> tuple[str, str]:
    v = rng.choices("xyt", (80, 10, 10))[0]
    p, q = _nonzero(rng, -12, 12), rng.randrange(-12, 13)
    a = 1 if rng.random() < 0.75 else rng.randrange(2, 5)
    square = f"{v}^2"
    shape = rng.random()
    if shape < 0.62:
        return f"{_term(a, square, True)}{_term(-a * (p + q), v)}{_term(a * p * q, '')}=0", v
    if shape < 0.74:
        return f"{square}={p * p}", v
    if shape < 0.82:
        return f"({v}{_term(-p, '')})({v}{_term(-q or 3, '')})=0", v
    if shape < 0.92:
        return f"{square}{_term(-(p + q), v)}={-p * q}", v
    # No real root: the square part is positive and the rest lifts it above zero.
    return f"{square}{_term(2 * p, v)}{_term(p * p + rng.randrange(1, 20), '', False)}=0", v


def _system(rng: random.Random) -> tuple[str, str]:
    v, w = rng.choices((("x", "y"), ("a", "b"), ("m", "n")), (80, 12, 8))[0]
    x, y = rng.randrange(-9, 41), rng.randrange(-9, 31)
    while True:
        a, b, c, d = 1, 1, 1, -1
        if rng.random() >= 0.4:
            a, b, c, d = rng.randrange(1, 7), _nonzero(rng, -5, 6), rng.randrange(1, 7), _nonzero(rng, -6, 5)
        if a * d != b * c:
            break
    first = f"{_term(a, v, True)}{_term(b, w)}={a * x + b * y}"
    return f"{first};{_term(c, v, True)}{_term(d, w)}={c * x + d * y}", f"{v}{w}"


def _brackets(rng: random.Random) -> tuple[str, str]:
    """Linear, with brackets or the unknown in places that the shapes above do not have."""
    v = rng.choice("xxxyatnkpwz")
    root, a, b, c = rng.randrange(-12, 61), rng.randrange(2, 13), _nonzero(rng, -30, 30), rng.randrange(2, 10)
    shape = rng.randrange(6)
    if shape == 0:
        return f"{a + c}({v}{_term(b, '')})={a}{v}{_term((a + c) * (root + b) - a * root, '')}", v
    if shape == 1:
        return f"{abs(b)}+{a}{v}={abs(b) + a * root}", v
    if shape == 2:
        return f"{abs(b)}-{a}{v}={abs(b) - a * root}", v
    if shape == 3:
        return f"{a * root + b}={a}{v}{_term(b, '')}", v
    if shape == 4:
        return f"{a}{v}+{c}{v}={(a + c) * root}", v
    return f"({v}{_term(b, '')})/{a}={c}", v


_FULL_WIDTH = str.maketrans("+-=()", "＋－＝（）")
_BETWEEN = re.compile(r"(?<=[\w)])([+\-=])")
"""A sign that stands between two terms, and not before one."""
_JOINTS = {"en": ("; ", ";", ", ", " and ", ","), "zh": ("；", ";", "，", "和", ", ", "、")}


def _typed(rng: random.Random, argument: str, language: Language) -> str:
    """The argument as somebody types it."""
    joint = rng.choice(_JOINTS[language])
    style = rng.random()
    if style < 0.30:
        argument = _BETWEEN.sub(r" \1 ", argument)
    elif style < 0.45:
        argument = argument.replace("^2", "²")
    elif style < 0.55 and language == "zh":
        argument = argument.translate(_FULL_WIDTH)
    return argument.replace(";", joint)


def draw_equation(rng: random.Random, language: Language, split: Split) -> Equation:
    """An equation of the split."""
    shapes = {_linear: 50, _quadratic: 27, _system: 23} | ({_brackets: 15} if split == "train" else {})
    while True:
        argument, unknowns = rng.choices(list(shapes), list(shapes.values()))[0](rng)
        if belongs(argument, split):
            return Equation(_typed(rng, argument, language), argument, unknowns)


# -- what people say around an equation --------------------------------------------------------------------------------

_ASK = {
    "en": (
        "Solve {e}.", "Solve {e}", "Solve the equation {e}.", "Find {v} if {e}.", "What is {v} if {e}?",
        "Solve for {v}: {e}", "Please solve {e}.", "Can you solve {e}?", "If {e}, what is {v}?",
        "Could you solve {e}?", "Help me solve {e}.", "I need to solve {e}.", "What are the solutions of {e}?",
        "{e}, find {v}.", "Find {v}: {e}", "What value of {v} makes {e} true?", "Determine {v} from {e}.",
        "Given {e}, find {v}.", "{e}, what is {v}?", "What is {v} when {e}?", "Work out {v} from {e}.",
        "{e}, solve for {v}.", "How do I solve {e}?", "Please find {v}: {e}", "Calculate {v} if {e}.",
        "My homework: solve {e}.", "Tell me {v} if {e}.", "We know that {e}. What is {v}?", "Use the solver: {e}",
        "Solve this: {e}", "{e}", "{e}. Solve it.", "{e}; {v}=?", "solve {e}", "Please solve the equation {e}.",
        "Let {e}. Find {v}.", "Suppose {e}. What is {v}?", "Can you find {v} when {e}?", "Solution of {e}?",
        "Can you find {v} if {e}?",
    ),
    "zh": (
        "解方程{e}", "解方程：{e}", "解方程{e}。", "求解{e}。", "解{e}",
        "{e}，求{v}。", "已知{e}，求{v}。", "请解方程{e}。", "帮我解方程{e}。", "请帮我解方程{e}。",
        "如果{e}，{v}是多少？", "{e}的解是什么？", "方程{e}的解是多少？", "求方程{e}的解。", "若{e}，求{v}。",
        "{e}，{v}等于多少？", "能解一下{e}吗？", "你会解{e}吗？", "当{e}时，{v}等于多少？", "已知{e}，{v}等于多少？",
        "作业题：解{e}。", "解一下{e}。", "帮我求{v}：{e}", "求{v}：{e}", "能帮我解{e}吗？",
        "{e}怎么解？", "{v}是多少？{e}", "请问{e}的解是多少？", "设{e}，求{v}的值。", "请求出{v}：{e}",
        "{e}", "{e}，{v}=?", "麻烦解一下方程{e}。", "用求解器解{e}。", "麻烦求解{e}。",
        "我想解{e}。", "求出{e}中的{v}。", "老师让我解{e}。", "由{e}求{v}。", "解方程 {e}",
    ),
}  # fmt: skip

_MORE_ASK = {
    "en": (
        "Equation: {e}", "Which {v} fits {e}?", "For which {v} does {e} hold?", "Get {v} out of {e}.",
        "I am stuck on {e}. Which {v} is right?", "Here is an equation: {e}. Find {v}.", "Find the roots of {e}.",
        "Roots of {e}?", "Find all solutions of {e}.", "Give me the solution of {e}.", "Isolate {v}: {e}",
        "{e} - what must {v} be?", "Please work out {v}, {e}.", "Let's solve {e}.", "Next one: {e}",
        "My teacher wants {v} from {e}.", "I want to know {v}: {e}", "Compute {v} from {e}.", "{v} if {e}?",
        "Run the equation solver on {e}.", "Use the equation solver for {e}.", "Can the solver do {e}?",
        "What does {v} have to be so that {e}?", "Does {e} have a solution?", "Now solve {e}.",
        "And what about {e}?", "In the exam we had {e}. What is {v}?", "Find the value of {v}: {e}",
        "What is the solution of the equation {e}?", "How much is {v} here: {e}", "eq: {e}", "{e} solve for {v}",
        "It says {e}. Find {v}.", "The equation is {e}. What is its solution?", "Answer for {v}: {e}",
        "Could you work out {v}? {e}", "Show me the solution of {e}.", "Unknown {v}, equation {e}.",
    ),
    "zh": (
        "方程：{e}", "哪个{v}满足{e}？", "{v}取什么值时{e}成立？", "从{e}里解出{v}。", "我不会解{e}，{v}应该是几？",
        "这里有个方程：{e}，请求{v}。", "求{e}的根。", "{e}的根是什么？", "求{e}的所有解。", "给我{e}的解。",
        "{e}，{v}应该是几？", "来解{e}。", "下一题：{e}", "老师要我们从{e}求{v}。", "我想知道{v}：{e}",
        "算出{v}：{e}", "{e}，{v}是几？", "用方程求解器算{e}。", "让求解器解{e}。", "求解器能解{e}吗？",
        "要使{e}成立，{v}必须是多少？", "{e}有解吗？", "现在解{e}。", "那{e}呢？", "考试有一道{e}，{v}是多少？",
        "求{v}的值：{e}", "方程{e}，答案是什么？", "这道方程怎么做：{e}", "题目是{e}，求未知数{v}。", "{e} 求{v}",
        "请算一算{v}，{e}。", "未知数是{v}，方程是{e}。", "有方程{e}，解是多少？", "解这个：{e}", "{e}解出来是多少？",
        "教我解{e}。", "把{e}解出来。", "试着解{e}。",
    ),
}  # fmt: skip
"""More for training."""

_THOUGHTS = {
    "en": ("An equation: I use the equation solver.", "The equation solver can do this."),
    "zh": ("这是方程，用方程求解器。", "让方程求解器来解。"),
}
_REPLIES = {
    "en": ("The solution is {s}.", "{s}.", "Solved: {s}.", "I get {s}."),
    "zh": ("解是{s}。", "{s}。", "解得{s}。", "方程的解：{s}。"),
}
NO_REAL_SOLUTION = {"en": "no real solution", "zh": "没有实数解"}
_NO_ROOT = {
    "en": ("This equation has no real solution.", "There is no real solution."),
    "zh": ("这个方程没有实数解。", "没有实数解。"),
}


def equations(
    rng: random.Random, language: Language, split: Split, tools: frozenset[str], previous: Turn | None
) -> Turn | None:
    """An equation or a system: solved by the solver where it is on."""
    found = draw_equation(rng, language, split)
    joint = " and " if language == "en" else "和"
    user = phrase(
        rng, language, split, _ASK[language], more=_MORE_ASK[language], e=found.written, v=joint.join(found.unknowns)
    )
    memory = {"equation": found.argument}
    if "Solve" not in tools:
        return switched_off(rng, "Solve", user, language, "equations", memory)
    roots = solve(found.argument)
    real = not any("I" in root for root in roots)
    template = rng.choice(_REPLIES[language] if real else _NO_ROOT[language])
    comma = ", " if language == "en" else "，"
    return Turn(
        user=user,
        language=language,
        intent="equations",
        steps=(Step(rng.choice(_THOUGHTS[language]), (ToolCall("Solve", found.argument),)),),
        reply=lambda calls: template.format(s=comma.join((calls[-1].result or "").splitlines())),
        answer=tuple(roots) if real else (NO_REAL_SOLUTION[language],),
        outcome="answer",
        memory=memory,
    )
