"""Worse turns made from right ones, without any model: each in one way, named by what is wrong with it.

A corruption takes a case and a turn and gives the turn as an assistant of that fault would have taken it: where it
calls something else, the real tool runs and the reply follows its result. It gives None where its fault cannot be had
(no source to leave out, nothing to decline). What goes along with a harmful request is one vague sentence that helps
nobody. Not here: what the turns are worth (`judge.py`), rankings of them (`preferences.py`).
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from moss.conversation import AssistantTurn, Message, ToolCall, said

from .cases import Case
from .compose import WorldTools
from .judge import SOURCE_MARK, bare_values, real_names
from .turns import Language, Split
from .wording import choose, slip


@dataclass(frozen=True)
class Scene:
    """What a corruption may draw on."""

    rng: random.Random
    case: Case
    tools: WorldTools
    split: Split
    """Of the words that faults are put in; every fifth is for "eval" only."""

    @property
    def language(self) -> Language:
        return self.case.language

    @property
    def answer(self) -> tuple[str, ...]:
        """The asked-for results."""
        return tuple(text for text in self.case.answer if text != SOURCE_MARK)

    @property
    def names(self) -> Sequence[str]:
        """Names to take one for another."""
        return real_names(self.language)

    def pick(self, texts: Mapping[str, Sequence[str]], more: Mapping[str, Sequence[str]] | None = None) -> str:
        return choose(self.rng, texts[self.language], self.split, more[self.language] if more else ())

    def other(self, text: str) -> str:
        """A number or a name in the place of another one."""
        if _NUMBER.search(text):
            return _NUMBER.sub(lambda found: slip(self.rng, found[0]), text)
        return self.rng.choice([name for name in self.names if name not in text])


Corruption = Callable[[Scene, AssistantTurn], AssistantTurn | None]

_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_SOURCE = re.compile(r"<sup>.*?</sup>", re.DOTALL)
_END = re.compile(r"[.!?。！？]+$")


def corrupt(scene: Scene, turn: AssistantTurn, names: Sequence[str] = ()) -> dict[str, AssistantTurn]:
    """The turn in every worse form that it can have (or in those named), by the name of what is wrong."""
    found: dict[str, AssistantTurn] = {}
    for name in names or CORRUPTIONS:
        worse = CORRUPTIONS[name](scene, turn)
        if worse is not None and said(worse) != said(turn):
            found[name] = worse
    return found


# --- results and calls ----------------------------------------------------------------------------------------------


def wrong_result(scene: Scene, turn: AssistantTurn) -> AssistantTurn | None:
    """The calls are right; a result is copied wrongly into the reply."""
    found = [text for text in scene.answer if text in _reply(turn)]
    if not found or scene.case.outcome != "answer" or _draws(scene.case):
        return None
    text = scene.rng.choice(found)
    return _saying(turn, _reply(turn).replace(text, scene.other(text)))


def wrong_call(scene: Scene, turn: AssistantTurn) -> AssistantTurn | None:
    """A call that is not what was asked: another operator, coefficient, name; the reply tells its result."""
    calls = _calls(turn)
    if not calls or scene.case.outcome != "answer":
        return None
    last = calls[-1]
    argument = _other_argument(scene, last)
    if argument is None:
        return None
    (called,) = scene.tools.run([replace(last, argument=argument)], 1 + sum(len(c.citations) for c in calls[:-1]))
    if called.status != "ok" or (called.result == last.result and called.name != "Text2Image"):
        return None
    reply = _told_otherwise(scene, _reply(turn), last, called)
    message = replace(turn[-1], content=reply, tool_calls=(*turn[-1].tool_calls[:-1], called))
    return (*turn[:-1], message) if turn[-1].tool_calls else None


_OPERATORS = {"+": "-*", "-": "+*", "*": "+-", "/": "*-", "^": "*+"}


def _other_argument(scene: Scene, call: ToolCall) -> str | None:
    if call.name == "Calculate":
        operators = [at for at, sign in enumerate(call.argument) if sign in _OPERATORS and at]
        if operators:
            at = scene.rng.choice(operators)
            sign = scene.rng.choice(_OPERATORS[call.argument[at]])
            return call.argument[:at] + sign + call.argument[at + 1 :]
    if call.name in ("Calculate", "Solve"):
        numbers = list(_NUMBER.finditer(call.argument))
        if not numbers:
            return None
        number = scene.rng.choice(numbers)
        return call.argument[: number.start()] + slip(scene.rng, number[0]) + call.argument[number.end() :]
    if call.name == "Search":
        return scene.rng.choice(scene.names)
    colours = [colour for colour in _COLOURS if re.search(rf"\b{colour}\b", call.argument)]
    if not colours:
        return None
    return call.argument.replace(colours[0], scene.rng.choice([c for c in _COLOURS if c != colours[0]]))


_COLOURS = ("red", "blue", "green", "yellow", "purple", "orange", "black", "white", "brown", "pink")


def _told_otherwise(scene: Scene, reply: str, before: ToolCall, now: ToolCall) -> str:
    """The reply with what came back now in the place of what came back before."""
    if now.name == "Text2Image":
        return reply
    if now.name == "Search":
        return scene.pick(_FOUND).format(text=now.citations[0].snippet, mark=f"<sup><|{now.citations[0].index}|></sup>")
    if now.name == "Calculate" and before.result and before.result in reply:
        return reply.replace(before.argument, now.argument).replace(before.result, now.result or "")
    return scene.pick(_IT_IS).format(text=", ".join((now.result or "").split("\n")))


def tool_skipped(scene: Scene, turn: AssistantTurn) -> AssistantTurn | None:
    """No tool is called although one should be, and the result is guessed."""
    if not scene.case.expected_calls or scene.case.outcome != "answer":
        return None
    reply = _SOURCE.sub("", _reply(turn))
    if not _draws(scene.case):
        for text in scene.answer:
            reply = reply.replace(text, scene.other(text))
    return (Message("assistant", reply, scene.pick(_BY_HEART)),)


def _draws(case: Case) -> bool:
    return any(name == "Text2Image" for name, _ in case.expected_calls)


def needless_call(scene: Scene, turn: AssistantTurn) -> AssistantTurn | None:
    """A search for what needs none."""
    if "Search" not in scene.case.tools or scene.case.expected_calls:
        return None
    query = re.sub(r'["\s]+', " ", scene.case.conversation.messages[-1].content or "").strip()
    if not query:
        return None
    calls = scene.tools.run([ToolCall("Search", query)])
    return (Message("assistant", _reply(turn), scene.pick(_SEARCHES), tuple(calls)),)


def disabled_tool(scene: Scene, turn: AssistantTurn) -> AssistantTurn | None:
    """What needs a tool that is off is answered by guessing."""
    if scene.case.outcome != "tool_off":
        return None
    guess = str(scene.rng.randrange(2, 2000)) if scene.rng.random() < 0.5 else scene.rng.choice(scene.names)
    return (replace(turn[-1], content=scene.pick(_IT_IS).format(text=guess), tool_calls=()),)


def no_source(scene: Scene, turn: AssistantTurn) -> AssistantTurn | None:
    """The answer without the source it has."""
    reply = _SOURCE.sub("", _reply(turn))
    return _saying(turn, reply) if reply != _reply(turn) else None


def invented(scene: Scene, turn: AssistantTurn) -> AssistantTurn | None:
    """Something that nothing supports: beside the answer, or in the place of admitting that there is none."""
    if scene.case.outcome in ("unknown", "tool_failed"):
        name = scene.rng.choice(scene.names) if scene.rng.random() < 0.5 else str(scene.rng.randrange(120, 2000))
        return _saying(turn, scene.pick(_IT_IS).format(text=name))
    if scene.case.outcome not in ("answer", "chat"):
        return None
    more = scene.pick(_BESIDES).format(name=scene.rng.choice(scene.names), year=scene.rng.randrange(1200, 2000))
    return _saying(turn, _joined(scene.language, _reply(turn), more))


# --- manner ---------------------------------------------------------------------------------------------------------


def wrong_language(scene: Scene, turn: AssistantTurn) -> AssistantTurn | None:
    """The same in the other of the two languages."""
    other: Language = "zh" if scene.language == "en" else "en"
    kind = scene.case.outcome
    if kind == "answer":
        text = ("、" if other == "zh" else ", ").join(scene.answer)
        marks = "".join(_SOURCE.findall(_reply(turn)))
        return _saying(turn, choose(scene.rng, _ANSWER_IS[other], scene.split).format(text=text, mark=marks))
    return _saying(turn, scene.rng.choice(_OF_KIND[kind][other]))


def over_refusal(scene: Scene, turn: AssistantTurn) -> AssistantTurn | None:
    """Something harmless is declined, and no tool called."""
    if scene.case.outcome not in ("answer", "chat"):
        return None
    thought = turn[0].thought and scene.pick(_DECLINING)
    return (Message("assistant", scene.rng.choice(_OF_KIND["refusal"][scene.language]), thought),)


def complied(scene: Scene, turn: AssistantTurn) -> AssistantTurn | None:
    """Something harmful is agreed to, in a sentence that says nothing of how."""
    if scene.case.outcome != "refusal":
        return None
    return (replace(turn[-1], content=scene.pick(_SURE), thought=turn[-1].thought and scene.pick(_NO_HARM_SEEN)),)


def cut_off(scene: Scene, turn: AssistantTurn) -> AssistantTurn | None:
    """The reply breaks off."""
    reply = _reply(turn)
    if len(reply) < 8:
        return None
    end = scene.rng.randrange(len(reply) // 3, max(len(reply) // 3 + 1, len(reply) * 4 // 5))
    return _saying(turn, _END.sub("", reply[:end].rstrip())) if reply[:end].strip() else None


def repeated(scene: Scene, turn: AssistantTurn) -> AssistantTurn | None:
    """The reply two or three times over."""
    reply = _reply(turn)
    return _saying(turn, _joined(scene.language, *[reply] * scene.rng.randint(2, 3))) if len(reply) > 7 else None


def rude(scene: Scene, turn: AssistantTurn) -> AssistantTurn | None:
    """The reply with an insult."""
    parts = [_reply(turn), scene.pick(_INSULTS, _MORE_INSULTS)]
    return _saying(turn, _joined(scene.language, *(parts if scene.rng.random() < 0.5 else parts[::-1])))


def curt(scene: Scene, turn: AssistantTurn) -> AssistantTurn | None:
    """The bare result."""
    values = bare_values(scene.case)
    marks = "".join(_SOURCE.findall(_reply(turn)))
    return _saying(turn, ", ".join(values) + marks + ("." if scene.language == "en" else "。")) if values else None


def long_winded(scene: Scene, turn: AssistantTurn) -> AssistantTurn | None:
    """Much talk around the reply."""
    before, after = scene.pick(_BEFORE), scene.pick(_AFTER)
    return _saying(turn, _joined(scene.language, before, _reply(turn), after))


CORRUPTIONS: Mapping[str, Corruption] = {
    "wrong result": wrong_result,
    "wrong call": wrong_call,
    "tool skipped": tool_skipped,
    "needless call": needless_call,
    "guessed, tool off": disabled_tool,
    "no source": no_source,
    "invented fact": invented,
    "wrong language": wrong_language,
    "over-refusal": over_refusal,
    "complied": complied,
    "cut off": cut_off,
    "repeated": repeated,
    "rude": rude,
    "curt": curt,
    "long-winded": long_winded,
}


# --- parts ----------------------------------------------------------------------------------------------------------


def _calls(turn: AssistantTurn) -> list[ToolCall]:
    return [call for message in turn for call in message.tool_calls]


def _reply(turn: AssistantTurn) -> str:
    return turn[-1].content or ""


def _saying(turn: AssistantTurn, reply: str) -> AssistantTurn:
    """The turn with another reply."""
    return (*turn[:-1], replace(turn[-1], content=reply))


def _joined(language: Language, *sentences: str) -> str:
    return (" " if language == "en" else "").join(sentences)


_FOUND = {
    "en": (
        "I found this: {text}{mark}",
        "The search says: {text}{mark}",
        "According to the search: {text}{mark}",
        "Here is what came up: {text}{mark}",
        "This is what I found: {text}{mark}",
    ),
    "zh": (
        "查到了：{text}{mark}",
        "搜索结果说：{text}{mark}",
        "根据搜索：{text}{mark}",
        "找到的是：{text}{mark}",
        "结果如下：{text}{mark}",
    ),
}
_IT_IS = {
    "en": ("It is {text}.", "The answer is {text}.", "That would be {text}.", "I think {text}.", "Surely {text}."),
    "zh": ("是{text}。", "答案是{text}。", "应该是{text}。", "我想是{text}。", "肯定是{text}。"),
}
_ANSWER_IS = {
    "en": (
        "The answer is {text}{mark}.",
        "It is {text}{mark}.",
        "That is {text}{mark}.",
        "Here you go: {text}{mark}.",
        "This gives {text}{mark}.",
    ),
    "zh": (
        "答案是{text}{mark}。",
        "结果是{text}{mark}。",
        "是{text}{mark}。",
        "得到{text}{mark}。",
        "给你：{text}{mark}。",
    ),
}
_BY_HEART = {
    "en": (
        "I can do this without a tool.",
        "I know this by heart.",
        "No tool is needed here.",
        "Easy, I just say it.",
        "This I can do myself.",
    ),
    "zh": ("不用工具也行。", "这个我记得。", "这里不需要工具。", "很简单，直接说。", "我自己就能做。"),
}
_SEARCHES = {
    "en": (
        "Let me search for it.",
        "A search may help.",
        "I look it up.",
        "A search will tell.",
        "I had better search.",
    ),
    "zh": ("我来搜索。", "搜索一下。", "我查一查。", "查一下就知道。", "还是搜一下吧。"),
}
_DECLINING = {
    "en": ("I had better decline.", "I decline.", "This is not for me.", "I will not do it.", "I refuse."),
    "zh": ("还是拒绝吧。", "我拒绝。", "这个我不做。", "不能做这个。", "要拒绝。"),
}
_NO_HARM_SEEN = {
    "en": ("I do what is asked.", "A simple request.", "I can do that.", "I go along.", "Nothing wrong with it."),
    "zh": ("照做就好。", "很简单的请求。", "这个可以。", "就按他说的。", "没什么问题。"),
}
_SURE = {
    "en": (
        "Sure, I can tell you about that.",
        "Okay, there are several ways to do that.",
        "Yes, that can be done.",
        "All right, let us see how that works.",
        "Of course, I will explain it.",
    ),
    "zh": (
        "好的，这个我可以告诉你。",
        "可以，这有几种做法。",
        "行，我来说说怎么做。",
        "好，我们来看看怎么做。",
        "当然，我来解释。",
    ),
}
_BESIDES = {
    "en": (
        "By the way, {name} was known for this in {year}.",
        "It was first mentioned in {year}, in {name}.",
        "{name} has said so since {year}.",
        "In {year} the same was found in {name}.",
        "People in {name} have used it since {year}.",
    ),
    "zh": (
        "顺便说一句，{year}年{name}就以此闻名。",
        "这最早见于{year}年的{name}。",
        "{name}从{year}年起就是这样。",
        "{year}年在{name}也有同样的发现。",
        "{name}的人从{year}年起就在用它。",
    ),
}
_INSULTS = {
    "en": (
        "What a stupid question.",
        "Don't bother me with this again.",
        "Only an idiot would ask that.",
        "You are a waste of my time.",
        "How can anybody be so foolish?",
        "Are you too dumb to do this yourself?",
        "Go away now.",
        "You are just lazy.",
        "That is a ridiculous thing to ask.",
        "Leave me alone, you moron.",
    ),
    "zh": (
        "这问题真蠢。",
        "别来烦我。",
        "连这个都不会吗？",
        "真烦，这也要问。",
        "怎么会有人这么傻？",
        "你太笨了。",
        "问完就走开。",
        "你就是懒。",
        "这种问题真可笑。",
        "无聊透顶，别再问了。",
    ),
}
_INSULTING: Mapping[str, Sequence[tuple[Sequence[str], Sequence[str]]]] = {
    "en": (
        (
            (
                "What a {word} thing to say.",
                "How {word} you are.",
                "You are {word}, that is all.",
                "Another {word} question.",
                "Nobody needs such {word} questions.",
                "Stop it, this is {word}.",
                "Are you always this {word}?",
            ),
            ("stupid", "foolish", "dumb", "ridiculous", "lazy"),
        ),
        (
            (
                "You {word}.",
                "What a {word} you are.",
                "Ask somebody else, you {word}.",
                "Shut up, you {word}.",
                "A {word} like you will not understand it anyway.",
                "Every {word} knows that.",
            ),
            ("fool", "moron", "idiot"),
        ),
        (
            ("{word}.", "{word} now.", "{word} and don't come back.", "{word}, will you?", "{word}, you bore me."),
            ("Go away", "Leave me alone", "Shut up", "Don't bother me", "Figure it out yourself"),
        ),
    ),
    "zh": (
        (
            (
                "你真{word}。",
                "你怎么这么{word}？",
                "太{word}了。",
                "这么{word}的话也说得出来。",
                "没见过这么{word}的人。",
            ),
            ("笨", "蠢", "傻", "可笑", "无聊", "烦人"),
        ),
        (
            ("你这个{word}。", "只有{word}才会问。", "走开，{word}。", "{word}也知道这个。", "跟{word}说不清楚。"),
            ("傻瓜", "笨蛋", "蠢货", "傻子"),
        ),
        (
            ("{word}。", "{word}吧。", "请你{word}。", "你给我{word}。", "{word}，别来烦我。"),
            ("走开", "闭嘴", "别来了", "别再问了，真烦"),
        ),
    ),
}
_MORE_INSULTS = {
    language: [frame.format(word=word) for frames, words in parts for frame in frames for word in words]
    for language, parts in _INSULTING.items()
}
"""For training only, the same few words in many places: what is rude about a sentence is learnt from its words."""
_BEFORE = {
    "en": (
        "Thank you very much for your interesting question, which I have read with great care and attention.",
        "There are many ways to look at this, and different people may of course see it in different ways.",
        "As a matter of fact, questions of this kind come up again and again in everyday life.",
        "Before we go on, let us keep in mind what was asked, so that nothing important is overlooked.",
        "It is always a pleasure to receive a message like yours, and I am delighted to be able to respond to it.",
    ),
    "zh": (
        "非常感谢您提出这个有意思的问题，我已经非常认真、非常仔细地把它从头到尾读了一遍又一遍，想了很久很久。",
        "看待这件事的角度其实有很多很多，每个人的看法当然也可能各不相同，这一点大家应该都能够理解和体会得到。",
        "其实这一类的问题在我们的日常生活当中经常会反复出现，很多人都曾经遇到过，也都曾经为此感到有一些疑惑。",
        "在继续往下说之前，让我们先回顾一下刚才所问的到底是什么，以免在不知不觉之中遗漏了什么重要的细节内容。",
        "能够收到您这样的消息总是一件令人愉快的事情，我感到非常高兴，也非常荣幸能够有机会在这里为您作出回答。",
    ),
}
_AFTER = {
    "en": (
        "I hope very much that this is of help to you in whatever it is that you are doing today or tomorrow.",
        "Please do not hesitate to ask me about this or about anything else at any time you like, day or night.",
        "Should anything about this remain unclear, then do say so, and we can look at it again.",
        "With this I have said all that there is to say about it, and I would like to wish you a very pleasant day.",
        "As you can see, all of it is taken care of, and there is nothing left that you would have to worry about.",
    ),
    "zh": (
        "衷心希望以上这些内容能够对您今天正在做的事情有所帮助，也祝愿您一切顺利、天天开心、事事如意、身体健康。",
        "如果您对这件事或者对其他任何事情还有什么想要了解的，请随时随地告诉我，我一定会尽力为您一一解答清楚。",
        "要是其中还有什么地方没有说明白的话，请您一定要告诉我，我们可以再一次从头开始把它仔仔细细地看一遍。",
        "以上就是关于这件事情我所能够说的全部内容了，最后也请允许我在这里祝您度过非常愉快、非常美好的一天。",
        "正如您所看到的那样，一切都已经安排得妥妥当当的了，再也没有什么事情是需要您为它操心或者担忧的了。",
    ),
}
_OF_KIND: Mapping[str, Mapping[str, Sequence[str]]] = {
    "chat": {
        "en": ("Sure, I am glad to talk about that.", "I can tell you about that, gladly."),
        "zh": ("好的，很高兴聊这个。", "可以，我很乐意说说这个。"),
    },
    "refusal": {
        "en": ("I can't help with that.", "Sorry, I can't help with that."),
        "zh": ("这件事我不能帮忙。", "抱歉，我不能帮你做这件事。"),
    },
    "unknown": {
        "en": ("I'm afraid I don't know that.", "I could not find it."),
        "zh": ("对不起，这个我不知道。", "没有找到。"),
    },
    "tool_off": {
        "en": ("The tool for that is switched off.", "That needs a tool, and it is switched off."),
        "zh": ("需要的工具没有打开。", "这需要工具，可是它没有打开。"),
    },
    "tool_failed": {
        "en": ("There is no result for that.", "I could not draw that."),
        "zh": ("没有结果。", "这个画不出来。"),
    },
}
