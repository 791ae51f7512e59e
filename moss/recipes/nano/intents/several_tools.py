"""Messages that need more than one call: several in one list, and a second round after a first that failed."""

from __future__ import annotations

import random
from collections.abc import Callable

from moss.conversation import ToolCall
from moss.tools.calculator import evaluate
from moss.tools.scenes import describe, describe_in_chinese
from moss.tools.solver import solve

from ..turns import Language, Split, Step, Turn, fixed
from ..wording import belongs, phrase
from .arithmetic import ASK, THOUGHTS, Sum, calculation, draw_sum
from .drawing import draw_scene
from .equations import draw_equation
from .facts import fact

_TWO_SUMS = {
    "en": (
        "What is {a} and what is {b}?", "Calculate {a} and {b}.", "{a} and {b}?",
        "How much is {a}, and how much is {b}?", "Please calculate {a} and also {b}.", "Two sums: {a} and {b}.",
        "Work out {a} and then {b}.", "I need {a} as well as {b}.", "Can you do {a} and {b}?",
        "Compute {a} and {b}, please.", "First {a}, then {b}.", "{a}=? {b}=?", "What are {a} and {b}?",
        "Tell me {a}, and also {b}.", "What is {a}? And {b}?",
        "Calculate both {a} and {b}.", "{a}, and {b} as well.", "Do {a} and then {b} for me.",
        "What do {a} and {b} come to?", "How much are {a} and {b}?",
        "Find {a}; also find {b}.", "Give me {a} and {b}.", "I have two sums, {a} and {b}.",
        "Let me know {a} and {b}.", "Can you work out {a}, and {b} too?",
        "Please do {a}. And please do {b}.", "{a} is what, and {b}?", "Would you calculate {a} and {b}?",
        "My homework: {a} and {b}.", "Please find {a} and also {b}.",
    ),
    "zh": (
        "{a}和{b}分别是多少？", "计算{a}和{b}。", "{a}等于多少？{b}呢？", "帮我算{a}，还有{b}。",
        "请分别计算{a}和{b}。", "算两个：{a}和{b}。", "先算{a}，再算{b}。", "{a}=? {b}=?", "{a}是多少，{b}是多少？",
        "{a}等于几，{b}等于几？", "我要{a}和{b}的结果。", "同时算{a}和{b}。", "{a}与{b}各等于多少？", "求{a}和{b}。",
        "{a}和{b}各是多少？",
        "把{a}和{b}都算出来。", "{a}得多少？还有{b}？", "请告诉我{a}和{b}的结果。", "{a}，还有{b}，都等于多少？",
        "请把{a}和{b}都算一下。",
        "两道题：{a}，{b}。", "{a}多少，{b}多少？", "我想知道{a}，也想知道{b}。", "能算{a}和{b}吗？",
        "想知道{a}和{b}各等于几。",
        "作业是{a}和{b}。", "麻烦算{a}和{b}。", "请算出{a}以及{b}。", "{a}的结果和{b}的结果是什么？",
        "麻烦把{a}以及{b}算出来。",
    ),
}  # fmt: skip
_SUM_AND_EQUATION = {
    "en": (
        "Calculate {a} and solve {b}.", "What is {a}, and what is the solution of {b}?", "Work out {a} and solve {b}.",
        "I need {a} and the solution of {b}.", "Please calculate {a} and solve {b}.",
        "Compute {a}, then solve {b}.", "Tell me {a} and the solution of {b}.", "First calculate {a}, then solve {b}.",
        "How much is {a}? Also solve {b}.", "Calculate {a}, then solve {b}.",
        "Give me {a} and solve {b}.", "Can you calculate {a} and solve {b}?", "{a}? And the solution of {b}?",
        "I want {a}, and {b} solved.", "Could you work out {a}, and then solve {b}?",
        "Do {a}, then solve the equation {b}.", "What is {a}? Then solve {b}.", "Find {a} and solve {b} for me.",
        "Two things: {a}, and solve {b}.", "What is {a}? And please solve {b}.",
    ),
    "zh": (
        "计算{a}，再解方程{b}。", "{a}等于多少？再解{b}。", "算{a}，并解方程{b}。", "帮我算{a}，还要解{b}。",
        "请计算{a}，然后解方程{b}。", "先算{a}，再解{b}。", "求{a}的值，并解方程{b}。", "{a}是多少？{b}怎么解？",
        "请算{a}，再解{b}。", "先计算{a}，然后解方程{b}。",
        "{a}得多少？还有方程{b}的解？", "麻烦算{a}，再求解{b}。", "告诉我{a}等于几，并解{b}。",
        "我要{a}的结果和{b}的解。", "麻烦先算出{a}，再解方程{b}。",
        "算一下{a}，顺便解方程{b}。", "两道题：算{a}，解{b}。", "能算{a}并解方程{b}吗？", "{a}等于几，{b}的解是什么？",
        "算一算{a}，然后求解方程{b}。",
    ),
}  # fmt: skip
_SUM_AND_DRAWING = {
    "en": (
        "Calculate {a} and draw {b}.", "What is {a}? Also draw {b}.", "Draw {b} and work out {a}.",
        "Please draw {b}, and tell me {a}.", "Please calculate {a} and also draw {b}.",
        "Draw {b}, then calculate {a}.", "How much is {a}? And draw {b}.", "First calculate {a}, then draw {b}.",
        "I want to see {b} and know {a}.", "Draw {b} and calculate {a}.",
        "Work out {a}, then draw {b}.", "Can you draw {b} and calculate {a}?", "Paint {b} and tell me {a}.",
        "{a}? Then draw {b}.", "Could you calculate {a} and then draw {b}?",
        "I need {a} and a picture of {b}.", "Two things: draw {b}, calculate {a}.", "Draw {b}. What is {a}?",
        "Give me {a} and draw {b} too.", "Tell me {a}, and please draw {b}.",
    ),
    "zh": (
        "计算{a}，再画{b}。", "{a}等于多少？再画{b}。", "画{b}，再算{a}。", "请画{b}，并告诉我{a}是多少。",
        "请计算{a}，然后画{b}。", "先画{b}，再计算{a}。", "{a}是多少？另外画{b}。", "帮我算{a}，还要画{b}。",
        "画{b}，顺便算{a}。", "先画{b}，再算{a}。",
        "算{a}，再帮我画{b}。", "能画{b}并算{a}吗？", "给我画{b}，还要算{a}。", "{a}得多少？然后画{b}。",
        "帮我画{b}，也算一下{a}。",
        "两件事：画{b}，算{a}。", "画出{b}，再求{a}。", "麻烦画{b}，另外算{a}。", "{a}等于几？请再画{b}。",
        "麻烦先算{a}，再画{b}。",
    ),
}  # fmt: skip
_THOUGHTS = {"en": "Two things are asked, so I make two calls.", "zh": "用户问了两件事，调用两次。"}
_PICTURE = {"en": "Here is {d}", "zh": "画好了{d}"}


def several_tools(
    rng: random.Random, language: Language, split: Split, tools: frozenset[str], previous: Turn | None
) -> Turn | None:
    """Two requests in one message, or a calculation that only succeeds at the second try."""
    if "Calculate" not in tools:
        return None
    kinds: list[Callable[[random.Random, Language, Split, frozenset[str]], Turn | None]] = [
        _two_sums,
        _two_sums,
        _retried,
        _no_result,
    ]
    kinds += [_sum_and_equation] if "Solve" in tools else []
    kinds += [_fact_and_sum] * 2 if "Search" in tools else []
    kinds += [_sum_and_drawing] if "Text2Image" in tools else []
    return rng.choice(kinds)(rng, language, split, tools)


def _short_sum(rng: random.Random, language: Language, split: Split) -> Sum:
    while True:
        found = draw_sum(rng, language, split)
        if len(found.written) <= 24:
            return found


def _two_sums(rng: random.Random, language: Language, split: Split, tools: frozenset[str]) -> Turn:
    a, b = _short_sum(rng, language, split), _short_sum(rng, language, split)
    user = phrase(rng, language, split, _TWO_SUMS[language], a=a.written, b=b.written)
    reply = "{a} = {r} and {b} = {s}." if language == "en" else "{a} = {r}，{b} = {s}。"
    return Turn(
        user=user,
        language=language,
        intent="several_tools",
        steps=(Step(_THOUGHTS[language], (ToolCall("Calculate", a.expression), ToolCall("Calculate", b.expression))),),
        reply=lambda calls: reply.format(a=a.expression, b=b.expression, r=calls[0].result, s=calls[1].result),
        answer=(evaluate(a.expression), evaluate(b.expression)),
        outcome="answer",
        memory={"expression": b.expression, "value": evaluate(b.expression)},
    )


def _sum_and_equation(rng: random.Random, language: Language, split: Split, tools: frozenset[str]) -> Turn | None:
    a, b = _short_sum(rng, language, split), draw_equation(rng, language, split)
    roots = solve(b.argument)
    if not roots:
        return None
    user = phrase(rng, language, split, _SUM_AND_EQUATION[language], a=a.written, b=b.written)
    reply = "{a} = {r}, and {s}." if language == "en" else "{a} = {r}，{s}。"
    comma = ", " if language == "en" else "，"
    return Turn(
        user=user,
        language=language,
        intent="several_tools",
        steps=(Step(_THOUGHTS[language], (ToolCall("Calculate", a.expression), ToolCall("Solve", b.argument))),),
        reply=lambda calls: reply.format(
            a=a.expression, r=calls[0].result, s=comma.join((calls[1].result or "").splitlines())
        ),
        answer=(evaluate(a.expression), *roots),
        outcome="answer",
    )


def _sum_and_drawing(rng: random.Random, language: Language, split: Split, tools: frozenset[str]) -> Turn:
    a, scene = _short_sum(rng, language, split), draw_scene(rng, split)
    description = describe(scene)
    wanted = description if language == "en" else describe_in_chinese(scene)
    user = phrase(rng, language, split, _SUM_AND_DRAWING[language], a=a.written, b=wanted)
    reply = "{a} = {r}. " if language == "en" else "{a} = {r}。"
    end = "." if language == "en" else "。"
    picture = _PICTURE[language].format(d=wanted) + end
    return Turn(
        user=user,
        language=language,
        intent="several_tools",
        steps=(Step(_THOUGHTS[language], (ToolCall("Calculate", a.expression), ToolCall("Text2Image", description))),),
        reply=lambda calls: reply.format(a=a.expression, r=calls[0].result) + picture,
        answer=(evaluate(a.expression),),
        outcome="answer",
    )


_AND_A_SUM = {
    "en": (
        "{q}? And what is {e}?", "{q}? Also, calculate {e}.", "{q}? And {e}?", "{q}? I also need {e}.",
        "{q}? And how much is {e}?", "{q}, and what is {e}?", "{q}, and {e}?", "{q}? Please calculate {e} too.",
        "{q}? Then work out {e}.", "{q}? And also {e}?",
        "{q}? Tell me {e} as well.", "{q}? Then calculate {e}.", "{q}? {e} is what?", "{q}? I want to know {e}, too.",
        "{q}? And tell me {e}.",
        "{q}? How much is {e}?", "{q}? And then, what does {e} equal?", "{q}? And the value of {e}?",
        "{q}? Plus, what is {e}?", "{q}? And please work out {e}.",
    ),
    "zh": (
        "{q}？还有，{e}等于多少？", "{q}？再算一下{e}。", "{q}，另外{e}是多少？", "{q}？{e}呢？",
        "{q}？还有{e}是多少？", "{q}，还有{e}等于几？", "{q}？顺便算{e}。", "{q}？也请计算{e}。",
        "{q}，{e}又是多少？", "{q}？另外，{e}等于多少？",
        "{q}？然后算{e}。", "{q}？并且{e}等于几？", "{q}？帮我再算{e}。", "{q}，还要算{e}。", "{q}？并请计算{e}。",
        "{q}？同时算一算{e}。", "{q}？{e}是多少？", "{q}？还想知道{e}。", "{q}？也告诉我{e}等于多少。",
        "{q}？再告诉我{e}是多少。",
    ),
}  # fmt: skip


def _fact_and_sum(rng: random.Random, language: Language, split: Split, tools: frozenset[str]) -> Turn | None:
    """A fact to look up and a sum, in one list of commands."""
    asked, a = fact(rng, language, split, tools, None), _short_sum(rng, language, split)
    if asked is None:
        return None
    question = asked.user.rstrip("?!.。？！ ")
    user = phrase(rng, language, split, _AND_A_SUM[language], polite=False, q=question, e=a.written)
    ending = " {a} = {r}." if language == "en" else "{a} = {r}。"
    return Turn(
        user=user,
        language=language,
        intent="several_tools",
        steps=(Step(_THOUGHTS[language], (*asked.steps[0].calls, ToolCall("Calculate", a.expression))),),
        reply=lambda calls: asked.reply(calls[:-1]) + ending.format(a=a.expression, r=calls[-1].result),
        answer=(*asked.answer, evaluate(a.expression)),
        outcome="answer",
    )


# -- failures ----------------------------------------------------------------------------------------------------------

_AGAIN = {"en": "The calculator could not read that, so I correct the slip.", "zh": "计算器读不懂，改正笔误再算一次。"}
_CORRECTED = {
    "en": ("I read it as {e}: the result is {r}.", "There was a slip in it; {e} = {r}."),
    "zh": ("我理解为{e}，结果是{r}。", "式子里有笔误，{e} = {r}。"),
}


def _retried(rng: random.Random, language: Language, split: Split, tools: frozenset[str]) -> Turn:
    """A sum with a slip of the keyboard: tried as written, corrected, tried again."""
    while True:
        a, b, operator = rng.randrange(2, 1000), rng.randrange(2, 100), rng.choice("+-*/")
        right = f"{a}{operator}{b}"
        if belongs(right, split):
            break
    doubled = {"+": "*/", "-": "*/", "*": "/", "/": "*"}[operator]
    slip = rng.choice((f"{a}{operator}{rng.choice(doubled)}{b}", right + rng.choice("+-*/"), right + ")"))
    turn = calculation(rng, phrase(rng, language, split, ASK[language], e=slip), language, right, "retry", tools=tools)
    reply = rng.choice(_CORRECTED[language])
    return Turn(
        user=turn.user,
        language=language,
        intent="retry",
        steps=(
            Step(turn.steps[0].thought, (ToolCall("Calculate", slip),)),
            Step(_AGAIN[language], (ToolCall("Calculate", right),)),
        ),
        reply=lambda calls: reply.format(e=right, r=calls[-1].result),
        answer=turn.answer,
        outcome="answer",
        memory=turn.memory,
    )


_IMPOSSIBLE = ("{a}/0", "({a}+{b})/0", "sqrt(-{a})", "{b}/({a}-{a})", "{a}+x", "{a}*y")
_NO_RESULT = {
    "en": ("The calculator found no result for {e}.", "{e} has no result: the calculator could not work it out."),
    "zh": ("计算器算不出{e}，没有结果。", "{e}没有结果，计算器无法计算。"),
}


def _no_result(rng: random.Random, language: Language, split: Split, tools: frozenset[str]) -> Turn:
    """A sum without a value: the assistant says so."""
    while True:
        expression = rng.choice(_IMPOSSIBLE).format(a=rng.randrange(1, 1000), b=rng.randrange(1, 100))
        if belongs(expression, split):
            break
    return Turn(
        user=phrase(rng, language, split, ASK[language], e=expression),
        language=language,
        intent="no_result",
        steps=(Step(rng.choice(THOUGHTS[language]), (ToolCall("Calculate", expression),)),),
        reply=fixed(rng.choice(_NO_RESULT[language]).format(e=expression)),
        outcome="tool_failed",
    )
