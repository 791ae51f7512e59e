"""Messages that lean on the turn before: going on with a result, corrections, doubts, another language, "continue"."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import replace

from moss.conversation import ToolCall
from moss.tools.scenes import COLOURS, Scene, describe, describe_in_chinese

from ..turns import Language, Split, Step, Turn, fixed
from ..wording import belongs, phrase
from .arithmetic import calculation, draw_sum
from .drawing import picture
from .switches import switched_off

FollowUp = Callable[[random.Random, Language, Split, frozenset[str], Turn], Turn | None]


def follow_ups(
    rng: random.Random, language: Language, split: Split, tools: frozenset[str], previous: Turn | None
) -> Turn | None:
    """A message that only makes sense after `previous`; None where nothing fits."""
    if previous is None:
        return None
    memory = previous.memory
    fitting: list[FollowUp] = []
    if "expression" in memory:
        fitting = [_go_on, _go_on, _go_on, _corrected]
        fitting += [_doubted, _repeated, _in_other_language] if "value" in memory else []
    elif "equation" in memory and previous.outcome == "answer":
        fitting = [_solved_again]
    elif "scene" in memory:
        fitting = [_recoloured]
    elif "rest" in memory:
        fitting = [_continued]
    elif previous.outcome == "chat" and rng.random() < 0.05:
        fitting = [_nothing_to_continue]
    if rng.random() < 0.03:
        fitting = [_other_language]
    if not fitting:
        return None
    return rng.choice(fitting)(rng, language, split, tools, previous)


# -- going on with a number --------------------------------------------------------------------------------------------

_STEPS = {
    "en": {
        "*": (
            "And times {k}?", "Multiply that by {k}.", "Now times {k}.", "Times {k}?", "And multiplied by {k}?",
            "Now multiply it by {k}.", "What is that times {k}?", "And if I multiply it by {k}?",
            "Please multiply it by {k}.", "And that times {k}?",
        ),
        "+": (
            "Add {k} to that.", "And plus {k}?", "Now add {k}.", "Plus {k}?", "Please add {k} to it.",
            "What is that plus {k}?", "And if I add {k}?", "And {k} more?", "Add another {k}.", "And that plus {k}?",
        ),
        "-": (
            "Subtract {k} from that.", "And minus {k}?", "Now subtract {k}.", "Minus {k}?",
            "Please subtract {k} from it.", "What is that minus {k}?", "Take away {k}.", "And if I take away {k}?",
            "And {k} less?", "And that minus {k}?",
        ),
        "/": (
            "Divide that by {k}.", "And divided by {k}?", "Now divide it by {k}.", "Divided by {k}?",
            "Please divide it by {k}.", "What is that divided by {k}?", "And if I divide it by {k}?",
            "Split it into {k} parts.", "Divide the result by {k}.", "And that divided by {k}?",
        ),
    },
    "zh": {
        "*": (
            "再乘以{k}呢？", "乘以{k}呢？", "结果再乘{k}。", "那再乘{k}是多少？", "再乘{k}等于多少？",
            "把它乘以{k}。", "乘{k}呢", "如果再乘以{k}？", "接着乘以{k}。", "那乘以{k}呢？",
        ),
        "+": (
            "再加{k}呢？", "加上{k}呢？", "结果再加{k}。", "那再加{k}是多少？", "再加{k}等于多少？", "把它加上{k}。",
            "加{k}呢", "如果再加上{k}？", "接着加{k}。", "那加上{k}呢？",
        ),
        "-": (
            "再减{k}呢？", "减去{k}呢？", "结果再减{k}。", "那再减{k}是多少？", "再减{k}等于多少？", "把它减去{k}。",
            "减{k}呢", "如果再减去{k}？", "接着减{k}。", "那减去{k}呢？",
        ),
        "/": (
            "再除以{k}呢？", "除以{k}呢？", "结果再除以{k}。", "那再除以{k}是多少？", "再除以{k}等于多少？",
            "把它除以{k}。", "平均分成{k}份呢", "如果再除以{k}？", "接着除以{k}。", "那除以{k}呢？",
        ),
    },
}  # fmt: skip
_PLAIN = re.compile(r"-?\d{1,10}(\.\d{1,6})?")


def _go_on(rng: random.Random, language: Language, split: Split, tools: frozenset[str], previous: Turn) -> Turn | None:
    """The last result in one more operation."""
    value = str(previous.memory.get("value", ""))
    if "Calculate" in tools and not _PLAIN.fullmatch(value):
        return None
    operator = rng.choice("*+-/")
    while True:
        k = str(rng.randrange(2, 13) if rng.random() < 0.6 else rng.randrange(2, 500))
        if "Calculate" not in tools or belongs(f"{value}{operator}{k}", split):
            break
    user = phrase(rng, language, split, _STEPS[language][operator], polite=False, k=k)
    return calculation(rng, user, language, f"{value}{operator}{k}", "follow_up_sum", tools=tools)


_CORRECTIONS = {
    "en": (
        "No, I meant {e}.", "Sorry, I meant {e}.", "I meant {e}.", "Wait, it should be {e}.", "Oops, I mean {e}.",
        "Correction: {e}.", "No, {e}!", "I made a mistake, it is {e}.", "Sorry, {e}, not that.", "Wait, I meant {e}.",
        "Not that, {e}.", "Actually {e}.", "I wanted {e}.", "My mistake, {e}.", "Oh no, I meant {e}.",
    ),
    "zh": (
        "不对，我是说{e}。", "抱歉，应该是{e}。", "我的意思是{e}。", "等等，是{e}。", "说错了，是{e}。",
        "更正：{e}。", "不，是{e}！", "我弄错了，是{e}。", "不是这个，是{e}。", "打错了，应该是{e}。", "其实是{e}。",
        "我想问的是{e}。", "我写错了，{e}。", "搞错了，{e}。", "抱歉，我是说{e}。",
    ),
}  # fmt: skip


def _corrected(rng: random.Random, language: Language, split: Split, tools: frozenset[str], previous: Turn) -> Turn:
    """The user corrects the sum: it is worked out anew."""
    found = draw_sum(rng, language, split)
    user = phrase(rng, language, split, _CORRECTIONS[language], polite=False, e=found.written)
    return calculation(rng, user, language, found.expression, "correction", tools=tools)


_DOUBTS = {
    "en": (
        "Are you sure?", "Really?", "Is that right?", "Can you check that?", "Are you really sure?",
        "That looks wrong.", "I don't believe it.", "Check again, please.", "Is that correct?",
        "Please check that again.", "I think it is {w}.", "Isn't it {w}?", "My friend says {w}.", "No, it is {w}.",
        "I think that it is {w}.",
    ),
    "zh": (
        "你确定吗？", "真的吗？", "对吗？", "能检查一下吗？", "你真的确定吗？", "好像不对。", "我不信。",
        "请再检查一遍。", "没算错吧？", "请再检查一下。", "我觉得是{w}。", "不是{w}吗？", "朋友说是{w}。",
        "不对，是{w}。", "我认为是{w}。",
    ),
}  # fmt: skip
_RECHECK = {"en": "I had better check it again.", "zh": "再验算一遍。"}
_CONFIRMED = {
    "en": ("I checked again: {e} = {r}.", "The result stands: {e} = {r}.", "The calculator confirms it: {e} = {r}."),
    "zh": ("我又算了一遍：{e} = {r}。", "结果没有变：{e} = {r}。", "计算器确认：{e} = {r}。"),
}


def _doubted(
    rng: random.Random, language: Language, split: Split, tools: frozenset[str], previous: Turn
) -> Turn | None:
    """The user doubts a right result: it is worked out again and stands."""
    value, expression = str(previous.memory["value"]), str(previous.memory["expression"])
    if "Calculate" not in tools or not _PLAIN.fullmatch(value):
        return None
    wrong = value[:-1] + str((int(value[-1]) + rng.randrange(1, 9)) % 10)
    user = phrase(rng, language, split, _DOUBTS[language], polite=False, w=wrong)
    reply = rng.choice(_CONFIRMED[language])
    return Turn(
        user=user,
        language=language,
        intent="doubt",
        steps=(Step(_RECHECK[language], (ToolCall("Calculate", expression),)),),
        reply=lambda calls: reply.format(e=expression, r=calls[-1].result),
        answer=(value,),
        outcome="answer",
        memory=previous.memory,
    )


# -- saying it again ---------------------------------------------------------------------------------------------------

_AGAIN = {
    "en": (
        "What was the result again?", "Say that again.", "Can you repeat that?", "Repeat the result.",
        "Can you repeat the result?", "Sorry, what was it?", "Once more?", "What did you get?", "Please repeat.",
        "What was that again?",
    ),
    "zh": (
        "结果是多少来着？", "再说一遍。", "能重复一下吗？", "重复一下结果。", "再说一遍结果。", "刚才是多少？",
        "再说一次？", "你算出来是多少？", "请重复。", "结果是什么来着？",
    ),
}  # fmt: skip
_IN_OTHER = {
    "en": (
        "Say that in Chinese.", "In Chinese, please.", "Can you say it in Chinese?", "Now in Chinese.",
        "Please say that in Chinese.", "Repeat it in Chinese.", "How do you say that in Chinese?", "Chinese, please.",
        "Tell me in Chinese.", "Please repeat that in Chinese.",
    ),
    "zh": (
        "用英文说一遍。", "请用英文说。", "能用英语说吗？", "换成英文。", "请用英文说一遍。", "用英语再说一次。",
        "英文怎么说？", "说英文。", "用英文告诉我。", "请用英语再说一遍。",
    ),
}  # fmt: skip
_SAID_AGAIN = {"en": ("The result was {r}.", "It was {e} = {r}."), "zh": ("结果是{r}。", "刚才是{e} = {r}。")}
_MEMORY_THOUGHT = {"en": "The result is above; no tool is needed.", "zh": "结果就在上面，不需要工具。"}
_OTHER: dict[Language, Language] = {"en": "zh", "zh": "en"}


def _repeated(rng: random.Random, language: Language, split: Split, tools: frozenset[str], previous: Turn) -> Turn:
    """The last result again, from the conversation."""
    user = phrase(rng, language, split, _AGAIN[language], polite=False)
    return _said_again(rng, user, language, previous)


def _in_other_language(
    rng: random.Random, language: Language, split: Split, tools: frozenset[str], previous: Turn
) -> Turn:
    """The last result again, in the other language."""
    user = phrase(rng, language, split, _IN_OTHER[language], polite=False)
    return _said_again(rng, user, _OTHER[language], previous)


def _said_again(rng: random.Random, user: str, language: Language, previous: Turn) -> Turn:
    memory = previous.memory
    return Turn(
        user=user,
        language=language,
        intent="say_again",
        reply=fixed(rng.choice(_SAID_AGAIN[language]).format(e=memory["expression"], r=memory["value"])),
        thought=_MEMORY_THOUGHT[language],
        answer=(str(memory["value"]),),
        outcome="answer",
        memory=memory,
    )


_LETS_SPEAK = {
    "en": (
        "Let's speak Chinese.", "Can we switch to Chinese?", "Please answer in Chinese from now on.",
        "Switch to Chinese.", "Can we speak Chinese?", "Talk to me in Chinese.", "From now on Chinese, please.",
        "I'd rather speak Chinese.", "Change to Chinese.", "Please switch to Chinese.",
    ),
    "zh": (
        "我们说英文吧。", "可以换成英语吗？", "从现在起用英文回答。", "切换到英文。", "我们用英文聊吧。",
        "用英语和我说话。", "以后请说英文。", "我想用英语聊天。", "换英语。", "请切换到英语。",
    ),
}  # fmt: skip
_AGREED = {
    "en": (
        "Sure, let's speak English.",
        "Of course. What would you like to know?",
    ),
    "zh": ("好的，我们用中文聊。", "当然可以，你想知道什么？"),
}
_SWITCH_THOUGHT = {"en": "The user wants English.", "zh": "用户想说中文。"}


def _other_language(
    rng: random.Random, language: Language, split: Split, tools: frozenset[str], previous: Turn
) -> Turn:
    """The conversation goes on in the other language."""
    other = _OTHER[language]
    return Turn(
        user=phrase(rng, language, split, _LETS_SPEAK[language], polite=False),
        language=other,
        intent="switch_language",
        reply=fixed(rng.choice(_AGREED[other])),
        thought=_SWITCH_THOUGHT[other],
    )


# -- equations and pictures --------------------------------------------------------------------------------------------


def _solved_again(
    rng: random.Random, language: Language, split: Split, tools: frozenset[str], previous: Turn
) -> Turn | None:
    """The user doubts the roots: the solver runs once more."""
    if "Solve" not in tools:
        return None
    doubts = [text for text in _DOUBTS[language] if "{w}" not in text]
    reply = {"en": "I checked again: {s}.", "zh": "我又解了一遍：{s}。"}[language]
    comma = ", " if language == "en" else "，"
    if any("I" in line.split("=")[1] for line in previous.answer if "=" in line) or "=" not in previous.answer[0]:
        return None
    return Turn(
        user=phrase(rng, language, split, doubts, polite=False),
        language=language,
        intent="doubt",
        steps=(Step(_RECHECK[language], (ToolCall("Solve", str(previous.memory["equation"])),)),),
        reply=lambda calls: reply.format(s=comma.join((calls[-1].result or "").splitlines())),
        answer=previous.answer,
        outcome="answer",
        memory=previous.memory,
    )


_RECOLOUR = {
    "en": (
        "Make it {c}.", "Now in {c}.", "Can you make it {c}?", "The same in {c}, please.", "Please make it {c}.",
        "Change the colour to {c}.", "I want it {c}.", "And in {c}?", "Draw it in {c}.", "Now make it {c}.",
    ),
    "zh": (
        "改成{c}。", "换成{c}。", "能改成{c}吗？", "要{c}的。", "请改成{c}。", "颜色换成{c}。", "我想要{c}的。",
        "{c}的呢？", "画成{c}的。", "请换成{c}。",
    ),
}  # fmt: skip


def _recoloured(
    rng: random.Random, language: Language, split: Split, tools: frozenset[str], previous: Turn
) -> Turn | None:
    """The last picture in another colour."""
    scene = previous.memory["scene"]
    if not isinstance(scene, Scene) or len(scene.things) != 1:
        return None
    colour = rng.choice([name for name in COLOURS if name != scene.things[0].colour])
    changed = replace(scene, things=(replace(scene.things[0], colour=colour),))
    if not belongs(describe(changed), split):
        return None
    word = colour if language == "en" else COLOURS[colour].zh
    user = phrase(rng, language, split, _RECOLOUR[language], polite=False, c=word)
    if "Text2Image" not in tools:
        return switched_off(rng, "Text2Image", user, language, "recolour")
    wanted = describe(changed) if language == "en" else describe_in_chinese(changed)
    return picture(rng, user, language, describe(changed), wanted, "recolour", {"scene": changed})


# -- lists in two parts ------------------------------------------------------------------------------------------------

_LISTS = {
    "en": (
        (
            "the months",
            "January, February, March, April, May, June",
            "July, August, September, October, November, December",
        ),
        ("the days of the week", "Monday, Tuesday, Wednesday, Thursday", "Friday, Saturday, Sunday"),
        ("the numbers from 1 to 20", "1, 2, 3, 4, 5, 6, 7, 8, 9, 10", "11, 12, 13, 14, 15, 16, 17, 18, 19, 20"),
        (
            "the letters of the alphabet",
            "A, B, C, D, E, F, G, H, I, J, K, L, M",
            "N, O, P, Q, R, S, T, U, V, W, X, Y, Z",
        ),
        ("the planets", "Mercury, Venus, Earth, Mars", "Jupiter, Saturn, Uranus, Neptune"),
        ("the colours of the rainbow", "red, orange, yellow, green", "blue, indigo, violet"),
        ("the even numbers up to 20", "2, 4, 6, 8, 10", "12, 14, 16, 18, 20"),
        ("the seasons", "spring, summer", "autumn, winter"),
    ),
    "zh": (
        ("十二个月份", "一月、二月、三月、四月、五月、六月", "七月、八月、九月、十月、十一月、十二月"),
        ("一周的每一天", "星期一、星期二、星期三、星期四", "星期五、星期六、星期日"),
        ("1到20的数字", "1、2、3、4、5、6、7、8、9、10", "11、12、13、14、15、16、17、18、19、20"),
        ("十二生肖", "鼠、牛、虎、兔、龙、蛇", "马、羊、猴、鸡、狗、猪"),
        ("八大行星", "水星、金星、地球、火星", "木星、土星、天王星、海王星"),
        ("彩虹的颜色", "红、橙、黄、绿", "蓝、靛、紫"),
        ("20以内的偶数", "2、4、6、8、10", "12、14、16、18、20"),
        ("四季", "春、夏", "秋、冬"),
    ),
}
_NAME_THEM = {
    "en": (
        "Name {l}.", "List {l}.", "What are {l}?", "Tell me {l}.", "Can you list {l}?", "Please name {l}.",
        "Write down {l}.", "Give me {l}.", "I need {l}.", "Can you name {l}?",
    ),
    "zh": (
        "说出{l}。", "列出{l}。", "{l}有哪些？", "告诉我{l}。", "能列出{l}吗？", "请说出{l}。", "写下{l}。",
        "{l}是什么？", "我想知道{l}。", "能说出{l}吗？",
    ),
}  # fmt: skip
_PART = {"en": "{first}. Say continue for the rest.", "zh": "{first}。说“继续”看其余的。"}
_CONTINUE = {
    "en": (
        "continue", "Continue.", "Go on.", "And the rest?", "Go on, please.", "More.", "Keep going.",
        "The rest, please.", "Carry on.", "Please continue.",
    ),
    "zh": (
        "继续", "继续。", "接着说。", "其余的呢？", "请接着说。", "还有呢？", "往下说。", "继续吧", "后面呢？",
        "请继续",
    ),
}  # fmt: skip
_LIST_THOUGHT = {"en": "I know this list.", "zh": "这个我能列出来。"}
_GO_ON_THOUGHT = {"en": "I go on where I stopped.", "zh": "接着刚才的说。"}
_NOTHING_THOUGHT = {"en": "Nothing is left to tell.", "zh": "没有可以继续的内容。"}
_NOTHING = {
    "en": ("There is nothing more to add. What would you like next?", "That was all. Is there anything else?"),
    "zh": ("没有更多内容了。接下来想做什么？", "已经说完了。还有别的吗？"),
}


def lists(
    rng: random.Random, language: Language, split: Split, tools: frozenset[str], previous: Turn | None
) -> Turn | None:
    """A well-known list, told in two parts."""
    name, first, rest = rng.choice(_LISTS[language])
    return Turn(
        user=phrase(rng, language, split, _NAME_THEM[language], l=name),
        language=language,
        intent="lists",
        reply=fixed(_PART[language].format(first=first[0].upper() + first[1:])),
        thought=_LIST_THOUGHT[language],
        memory={"rest": rest},
    )


def _continued(rng: random.Random, language: Language, split: Split, tools: frozenset[str], previous: Turn) -> Turn:
    """The second part of the list, in the language of the first."""
    rest, end = str(previous.memory["rest"]), "." if previous.language == "en" else "。"
    rest = rest[0].upper() + rest[1:]
    return Turn(
        user=phrase(rng, previous.language, split, _CONTINUE[previous.language], polite=False),
        language=previous.language,
        intent="continue",
        reply=fixed(rest + end),
        thought=_GO_ON_THOUGHT[previous.language],
        answer=(rest,),
        outcome="answer",
    )


def _nothing_to_continue(
    rng: random.Random, language: Language, split: Split, tools: frozenset[str], previous: Turn
) -> Turn:
    """ "Continue" where there is nothing left."""
    return Turn(
        user=phrase(rng, language, split, _CONTINUE[language], polite=False),
        language=language,
        intent="continue",
        reply=fixed(rng.choice(_NOTHING[language])),
        thought=_NOTHING_THOUGHT[language],
    )
