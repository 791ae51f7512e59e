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
        if split == "train":
            fitting += [_other_number, _doubted, _explained] if "value" in memory else [_other_number]
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
_MORE_STEPS: dict[Language, dict[str, tuple[str, ...]]] = {
    "en": {
        "*": (
            "{k} times that?", "Take it times {k}.", "How much is {k} times as much?", "Then multiply by {k}.",
            "And {k} times the result?", "The result times {k}, please.", "x{k}?", "* {k}",
            "Multiply your answer by {k}.",
            "What do I get times {k}?", "OK, now multiply by {k}",
        ),
        "+": (
            "{k} added to that?", "Put {k} on top.", "Then add {k}.", "And with {k} added?",
            "The result plus {k}, please.",
            "+ {k}", "+{k}?", "Add {k} to your answer.", "Increase it by {k}.", "{k} more than that is?",
            "OK, now plus {k}", "Now raise it by {k}.",
        ),
        "-": (
            "{k} taken off that?", "Then subtract {k}.", "Reduce it by {k}.", "The result minus {k}, please.", "- {k}",
            "-{k}?", "Subtract {k} from your answer.", "{k} less than that is?", "OK, now minus {k}",
            "Lower it by {k}.",
            "Now take {k} off.", "Deduct {k}.",
        ),
        "/": (
            "Then divide by {k}.", "The result divided by {k}, please.", "/ {k}", "/{k}?",
            "Divide your answer by {k}.",
            "OK, now divide by {k}", "Over {k}?", "Share it among {k}.", "How much is that shared by {k}?",
            "A share of that for each of {k}?", "What do I get divided by {k}?", "One part of {k}?",
        ),
    },
    "zh": {
        "*": (
            "它的{k}倍呢？", "它的{k}倍是多少？", "然后乘{k}。", "把结果乘以{k}。", "×{k}呢？", "*{k}",
            "乘上{k}得多少？",
            "再乘上{k}。", "现在乘以{k}", "结果乘{k}是多少？", "上面的数乘以{k}。",
        ),
        "+": (
            "再多{k}呢？", "比它多{k}是多少？", "然后加{k}。", "把结果加上{k}。", "+{k}呢？", "+{k}",
            "加上{k}得多少？",
            "再加上{k}。", "现在加{k}", "结果加{k}是多少？", "上面的数加{k}。", "增加{k}呢？",
        ),
        "-": (
            "再少{k}呢？", "比它少{k}是多少？", "然后减{k}。", "从结果里减去{k}。", "-{k}呢？", "-{k}",
            "减去{k}得多少？",
            "再减掉{k}。", "现在减{k}", "结果减{k}是多少？", "上面的数减{k}。", "去掉{k}呢？",
        ),
        "/": (
            "分成{k}份，每份多少？", "然后除以{k}。", "用结果除以{k}。", "÷{k}呢？", "/{k}", "除以{k}得多少？",
            "它的{k}分之一是多少？", "现在除以{k}", "结果除以{k}是多少？", "上面的数除以{k}。", "分给{k}个人呢？",
            "均分{k}份呢？",
        ),
    },
}  # fmt: skip
"""More for training, here and in the lists below."""
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
    user = phrase(
        rng, language, split, _STEPS[language][operator], polite=False, more=_MORE_STEPS[language][operator], k=k
    )
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


_MORE_CORRECTIONS = {
    "en": (
        "No no, {e}.", "I typed it wrong: {e}.", "That was a typo, {e}.", "Sorry, wrong numbers. {e}.",
        "It is {e} that I need.",
        "Wait: {e}", "Hold on, I mean {e}.", "Not this one. {e}", "I was wrong, I want {e}.",
        "Let me correct that: {e}.",
        "Please take {e} instead.", "{e} instead, please.", "I should have said {e}.", "Make that {e}.",
        "Ah, I meant to say {e}.",
        "Hmm, rather {e}.", "Forget that, {e}.", "The right question is {e}.",
    ),
    "zh": (
        "不不，{e}。", "我打错字了：{e}。", "刚才写错了，{e}。", "数字错了，是{e}。", "我要的是{e}。", "等一下：{e}",
        "慢着，我是指{e}。",
        "不是那个，{e}", "我错了，我要算{e}。", "让我改一下：{e}。", "改成{e}吧。", "换成{e}。", "本来想说{e}。",
        "应该算{e}才对。",
        "啊，我想说{e}。", "嗯，还是{e}吧。", "刚才的不算，{e}。", "题目应该是{e}。",
    ),
}  # fmt: skip


def _corrected(rng: random.Random, language: Language, split: Split, tools: frozenset[str], previous: Turn) -> Turn:
    """The user corrects the sum: it is worked out anew."""
    found = draw_sum(rng, language, split)
    user = phrase(
        rng, language, split, _CORRECTIONS[language], polite=False, more=_MORE_CORRECTIONS[language], e=found.written
    )
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
_MORE_DOUBTS = {
    "en": (
        "Hmm, are you certain?", "Sure?", "Is this really correct?", "Did you make a mistake?", "You made a mistake.",
        "That can't be right.", "I doubt that.", "Verify it.", "Double-check this.", "Could you double check?",
        "Recalculate it.", "Do it again.", "Check your answer.", "That is wrong!", "Wrong.", "No way.", "Prove it.",
        "I get {w}.", "I got {w} instead.", "I'd say {w}.", "My teacher says it is {w}.", "The book says {w}.",
        "You are wrong, it is {w}.", "Shouldn't it be {w}?", "It must be {w}.", "I thought it was {w}.",
        "I believe it's {w}.",
        "My calculator shows {w}.", "In my head I get {w}.", "Wrong, {w}.", "Why not {w}?", "{w}, right?",
        "I am sure it is {w}.",
        "I reckon {w}.", "My answer is {w}.", "But I have {w}.", "Hmm, {w}?", "According to my notes it is {w}.",
    ),
    "zh": (
        "嗯，你有把握吗？", "确定？", "这真的对吗？", "你算错了吧？", "你算错了。", "不可能吧。", "我有点怀疑。",
        "验证一下。", "核对一下。",
        "能核实一下吗？", "重新算。", "再算一次。", "检查你的答案。", "错了！", "不对。", "怎么可能？",
        "证明给我看。", "我算的是{w}。",
        "我得到的是{w}。", "我说是{w}。", "老师说是{w}。", "书上写的是{w}。", "你错了，是{w}。", "应该是{w}吧？",
        "肯定是{w}。",
        "我以为是{w}。", "我相信是{w}。", "我的计算器显示{w}。", "我心算是{w}。", "错了，{w}。", "为什么不是{w}？",
        "是{w}吧？",
        "我敢肯定是{w}。", "我想是{w}。", "我的答案是{w}。", "可我算出{w}。", "嗯，{w}？", "我看是{w}。",
        "我猜是{w}。",
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
    if split == "train" and rng.random() < 0.5:
        wrong = _mistaken(rng, value)
    user = phrase(rng, language, split, _DOUBTS[language], polite=False, more=_MORE_DOUBTS[language], w=wrong)
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


def _mistaken(rng: random.Random, value: str) -> str:
    """Another number: a digit too many or too few, or one somewhere else than at the end, or simply any."""
    at = rng.randrange(len(value))
    changed = value[:at] + (str(9 - int(value[at])) if value[at].isdigit() else value[at]) + value[at + 1 :]
    others = (changed, value + rng.choice("0123456789"), value[1:], value[:-1], str(rng.randrange(1, 2000)))
    usable = [other for other in others if other != value and _PLAIN.fullmatch(other)]
    return rng.choice(usable or [f"{value}1"])


_EXPLAIN = {
    "en": (
        "Why?", "How come?", "How did you get that?", "How did you work it out?", "What did you calculate?",
        "Explain, please.",
        "Why is that?", "Show me how.", "What is the calculation?", "Where does that come from?", "Which sum is that?",
    ),
    "zh": (
        "为什么？", "怎么来的？", "你是怎么得到的？", "怎么算的？", "你算了什么？", "请解释一下。",
        "为什么是这个数？", "算式是什么？",
        "告诉我怎么算。", "这是哪来的？", "列一下式子。",
    ),
}  # fmt: skip
_EXPLAINED = {
    "en": ("I worked out {e}, and that is {r}.", "Because {e} = {r}.", "The calculation is {e} = {r}."),
    "zh": ("我算的是{e}，结果是{r}。", "因为{e} = {r}。", "算式是{e} = {r}。"),
}
_EXPLAIN_THOUGHT = {"en": "The calculation is above; no tool is needed.", "zh": "算式就在上面，不需要工具。"}


def _explained(rng: random.Random, language: Language, split: Split, tools: frozenset[str], previous: Turn) -> Turn:
    """How the last result came about, from the conversation. Training only: no case asks."""
    user = phrase(rng, language, split, _EXPLAIN[language], polite=False)
    thought, reply = _EXPLAIN_THOUGHT[language], rng.choice(_EXPLAINED[language])
    return _from_memory(user, language, "explain", thought, reply, previous)


_INSTEAD = {
    "en": (
        "And with {k} instead of {j}?", "What if it were {k} instead of {j}?", "Take {k} instead of {j}.",
        "Replace {j} by {k}.", "And for {k} in place of {j}?", "The same with {k}, not {j}.", "Not {j}, {k}.",
        "I meant {k}, not {j}.", "Sorry, {k} instead of {j}.", "Change the {j} to {k}.", "It is {k}, not {j}.",
    ),
    "zh": (
        "如果不是{j}而是{k}呢？", "把{j}换成{k}呢？", "{j}改成{k}。", "用{k}代替{j}。", "要是{j}变成{k}呢？",
        "不是{j}，是{k}。",
        "我是说{k}，不是{j}。", "抱歉，{j}应该是{k}。", "同样的，但把{j}换成{k}。", "{j}写错了，应为{k}。",
        "{j}换{k}再算。",
    ),
}  # fmt: skip
_INTEGER = re.compile(r"(?<![\w.^])\d+(?![\w.^!%(])")


def _other_number(
    rng: random.Random, language: Language, split: Split, tools: frozenset[str], previous: Turn
) -> Turn | None:
    """The last calculation with another number in it. Training only: no case asks."""
    expression = str(previous.memory["expression"])
    numbers = _INTEGER.findall(expression)
    single = [number for number in numbers if numbers.count(number) == 1]
    if not single:
        return None
    old = rng.choice(single)
    new = str(rng.randrange(2, 10 ** max(len(old), 1) + 2))
    changed = re.sub(rf"(?<![\w.^]){old}(?![\w.^!%(])", new, expression)
    if new in numbers or not belongs(changed, split):
        return None
    user = phrase(rng, language, split, _INSTEAD[language], polite=False, j=old, k=new)
    return calculation(rng, user, language, changed, "correction", tools=tools)


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
_MORE_AGAIN = {
    "en": (
        "The result again, please.", "I forgot the result.", "What was the answer?", "Remind me of the result.",
        "Sorry, say it again?",
        "Which number was it?", "I missed that.", "Tell me the number once more.", "Your answer was?",
        "How much was it?",
        "Again, please.", "And the result was?",
    ),
    "zh": (
        "结果再说一下。", "我忘了结果。", "答案是多少来着？", "提醒我一下结果。", "抱歉，再说一遍？",
        "是哪个数来着？", "我没看清。",
        "把数再告诉我一次。", "你的答案是？", "刚才算出多少？", "再来一遍。", "那结果是？",
    ),
}  # fmt: skip
_MORE_IN_OTHER = {
    "en": (
        "The same in Chinese.", "And in Chinese?", "Put that into Chinese.", "Answer in Chinese.",
        "Translate the result into Chinese.",
        "Once more, in Chinese.", "I want to read it in Chinese.", "What is that in Chinese?",
        "Could I have that in Chinese?",
    ),
    "zh": (
        "同样的话用英文说。", "那英文呢？", "翻成英文。", "用英文回答。", "把结果翻译成英文。", "再来一遍，用英语。",
        "我想看英文的。",
        "用英语该怎么说？", "可以给我英文的吗？",
    ),
}  # fmt: skip
_SAID_AGAIN = {"en": ("The result was {r}.", "It was {e} = {r}."), "zh": ("结果是{r}。", "刚才是{e} = {r}。")}
_MEMORY_THOUGHT = {"en": "The result is above; no tool is needed.", "zh": "结果就在上面，不需要工具。"}
_OTHER: dict[Language, Language] = {"en": "zh", "zh": "en"}


def _repeated(rng: random.Random, language: Language, split: Split, tools: frozenset[str], previous: Turn) -> Turn:
    """The last result again, from the conversation."""
    user = phrase(rng, language, split, _AGAIN[language], polite=False, more=_MORE_AGAIN[language])
    return _said_again(rng, user, language, previous)


def _in_other_language(
    rng: random.Random, language: Language, split: Split, tools: frozenset[str], previous: Turn
) -> Turn:
    """The last result again, in the other language."""
    user = phrase(rng, language, split, _IN_OTHER[language], polite=False, more=_MORE_IN_OTHER[language])
    return _said_again(rng, user, _OTHER[language], previous)


def _said_again(rng: random.Random, user: str, language: Language, previous: Turn) -> Turn:
    thought, reply = _MEMORY_THOUGHT[language], rng.choice(_SAID_AGAIN[language])
    return _from_memory(user, language, "say_again", thought, reply, previous)


def _from_memory(user: str, language: Language, intent: str, thought: str, reply: str, previous: Turn) -> Turn:
    """What needs no tool: the last expression (`{e}`) and its result (`{r}`), put into the reply."""
    memory = previous.memory
    return Turn(
        user=user,
        language=language,
        intent=intent,
        reply=fixed(reply.format(e=memory["expression"], r=memory["value"])),
        thought=thought,
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
    doubts, more = ([text for text in listed[language] if "{w}" not in text] for listed in (_DOUBTS, _MORE_DOUBTS))
    reply = {"en": "I checked again: {s}.", "zh": "我又解了一遍：{s}。"}[language]
    comma = ", " if language == "en" else "，"
    if any("I" in line.split("=")[1] for line in previous.answer if "=" in line) or "=" not in previous.answer[0]:
        return None
    return Turn(
        user=phrase(rng, language, split, doubts, polite=False, more=more),
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


_MORE_RECOLOUR = {
    "en": (
        "Could it be {c}?", "Try {c}.", "I'd like it in {c}.", "Paint it {c}.", "But {c}, please.",
        "Another one in {c}.",
        "{c} instead.", "Rather {c}.", "Turn it {c}.", "Use {c} for it.", "Let it be {c}.", "How about {c}?",
    ),
    "zh": (
        "可以是{c}吗？", "试试{c}。", "我要它是{c}的。", "涂成{c}。", "但是要{c}。", "再来一个{c}的。", "还是{c}吧。",
        "变成{c}。",
        "用{c}。", "颜色要{c}。", "换{c}怎么样？", "让它变{c}。",
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
    user = phrase(rng, language, split, _RECOLOUR[language], polite=False, more=_MORE_RECOLOUR[language], c=word)
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
_MORE_NAME_THEM = {
    "en": (
        "Show me {l}.", "Enumerate {l}.", "I'd like to see {l}.", "Could you write out {l}?", "Which are {l}?",
        "Say {l}.",
        "Do you know {l}?", "Recite {l}.", "Please give me {l}.", "Let me see {l}.",
    ),
    "zh": (
        "给我看{l}。", "把{l}列一下。", "我想看{l}。", "能写出{l}吗？", "{l}都有什么？", "念一下{l}。",
        "你知道{l}吗？", "背一下{l}。",
        "请给我{l}。", "让我看看{l}。",
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
_MORE_CONTINUE = {
    "en": (
        "go on", "more", "Next.", "next please", "And then?", "What comes next?", "And the others?",
        "The second half, please.",
        "Don't stop.", "Yes, continue.", "continue the list", "What is missing?", "ok, continue", "Finish the list.",
        "Show me the rest.",
        "I'd like the rest.", "Keep on.", "Tell me the remaining ones.",
    ),
    "zh": (
        "接着", "然后呢？", "下一部分。", "后半部分呢？", "接下来呢？", "剩下的呢？", "别停。", "好，继续。",
        "继续列", "还差哪些？", "把它说完。",
        "给我看剩下的。", "我要看其余的。", "再往下。", "剩余的告诉我。", "往后呢？", "接着列。", "后半段。",
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
    made = split == "train" and rng.random() < 0.5
    name, first, rest = _made_list(rng, language) if made else rng.choice(_LISTS[language])
    return Turn(
        user=phrase(rng, language, split, _NAME_THEM[language], more=_MORE_NAME_THEM[language], l=name),
        language=language,
        intent="lists",
        reply=fixed(_PART[language].format(first=first[0].upper() + first[1:])),
        thought=_LIST_THOUGHT[language],
        memory={"rest": rest},
    )


def _made_list(rng: random.Random, language: Language) -> tuple[str, str, str]:
    """A row of numbers: what comes next depends on what was said, and on nothing known by heart."""
    step, count = rng.choice((1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10)), rng.choice((6, 8, 10))
    start = step if rng.random() < 0.5 and step > 1 else rng.randrange(1, 80)
    row = [str(start + step * n) for n in range(count)]
    last, half = row[-1], count // 2
    if step == 1:
        name = {"en": f"the numbers from {start} to {last}", "zh": f"{start}到{last}的数字"}
    elif start == step:
        name = {"en": f"the first {count} multiples of {step}", "zh": f"{step}的前{count}个倍数"}
    else:
        name = {
            "en": f"every number from {start} to {last} in steps of {step}",
            "zh": f"从{start}到{last}每次加{step}的数",
        }
    comma = {"en": ", ", "zh": "、"}[language]
    return name[language], comma.join(row[:half]), comma.join(row[half:])


def _continued(rng: random.Random, language: Language, split: Split, tools: frozenset[str], previous: Turn) -> Turn:
    """The second part of the list, in the language of the first."""
    rest, end = str(previous.memory["rest"]), "." if previous.language == "en" else "。"
    rest = rest[0].upper() + rest[1:]
    return Turn(
        user=phrase(
            rng,
            previous.language,
            split,
            _CONTINUE[previous.language],
            polite=False,
            more=_MORE_CONTINUE[previous.language],
        ),
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
        user=phrase(rng, language, split, _CONTINUE[language], polite=False, more=_MORE_CONTINUE[language]),
        language=language,
        intent="continue",
        reply=fixed(rng.choice(_NOTHING[language])),
        thought=_NOTHING_THOUGHT[language],
    )
