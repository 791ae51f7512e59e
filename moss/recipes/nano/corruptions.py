"""Worse turns made from right ones, without any model: each in one way, named by what is wrong with it.

A corruption takes a case and a turn and gives the turn as an assistant of that fault would have taken it: where it
calls something else, the real tool runs and the reply follows its result. It gives None where its fault cannot be had
(no source to leave out, nothing to decline). What goes along with a harmful request is one vague sentence that helps
nobody. Not here: the words of faults (`fault_phrases.py`), what the turns are worth (`judge.py`), rankings of them
(`preferences.py`).
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from moss.conversation import AssistantTurn, Message, ToolCall, said

from .cases import Case
from .compose import WorldTools
from .fault_phrases import (
    AFTER,
    ANSWER_IS,
    BEFORE,
    BESIDES,
    BY_HEART,
    DECLINING,
    FOUND,
    INSULTS,
    IT_IS,
    NO_HARM_SEEN,
    OF_KIND,
    SEARCHES,
    SURE,
    Phrases,
)
from .judge import SOURCE_MARK, bare_values, real_names
from .turns import Language, Split
from .wording import slip


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

    def pick(self, phrases: Phrases) -> str:
        return phrases.pick(self.rng, self.language, self.split)

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
        return scene.pick(FOUND).format(text=now.citations[0].snippet, mark=f"<sup><|{now.citations[0].index}|></sup>")
    if now.name == "Calculate" and before.result and before.result in reply:
        return reply.replace(before.argument, now.argument).replace(before.result, now.result or "")
    return scene.pick(IT_IS).format(text=", ".join((now.result or "").split("\n")))


def tool_skipped(scene: Scene, turn: AssistantTurn) -> AssistantTurn | None:
    """No tool is called although one should be, and the result is guessed."""
    if not scene.case.expected_calls or scene.case.outcome != "answer":
        return None
    reply = _SOURCE.sub("", _reply(turn))
    if not _draws(scene.case):
        for text in scene.answer:
            reply = reply.replace(text, scene.other(text))
    return (Message("assistant", reply, scene.pick(BY_HEART)),)


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
    return (Message("assistant", _reply(turn), scene.pick(SEARCHES), tuple(calls)),)


def disabled_tool(scene: Scene, turn: AssistantTurn) -> AssistantTurn | None:
    """What needs a tool that is off is answered by guessing."""
    if scene.case.outcome != "tool_off":
        return None
    guess = str(scene.rng.randrange(2, 2000)) if scene.rng.random() < 0.5 else scene.rng.choice(scene.names)
    return (replace(turn[-1], content=scene.pick(IT_IS).format(text=guess), tool_calls=()),)


def no_source(scene: Scene, turn: AssistantTurn) -> AssistantTurn | None:
    """The answer without the source it has."""
    reply = _SOURCE.sub("", _reply(turn))
    return _saying(turn, reply) if reply != _reply(turn) else None


def invented(scene: Scene, turn: AssistantTurn) -> AssistantTurn | None:
    """Something that nothing supports: beside the answer, or in the place of admitting that there is none."""
    if scene.case.outcome in ("unknown", "tool_failed"):
        name = scene.rng.choice(scene.names) if scene.rng.random() < 0.5 else str(scene.rng.randrange(120, 2000))
        return _saying(turn, scene.pick(IT_IS).format(text=name))
    if scene.case.outcome not in ("answer", "chat"):
        return None
    more = scene.pick(BESIDES).format(name=scene.rng.choice(scene.names), year=scene.rng.randrange(1200, 2000))
    return _saying(turn, _joined(scene.language, _reply(turn), more))


# --- manner ---------------------------------------------------------------------------------------------------------


def wrong_language(scene: Scene, turn: AssistantTurn) -> AssistantTurn | None:
    """The same in the other of the two languages."""
    other: Language = "zh" if scene.language == "en" else "en"
    kind = scene.case.outcome
    if kind == "answer":
        text = ("、" if other == "zh" else ", ").join(scene.answer)
        marks = "".join(_SOURCE.findall(_reply(turn)))
        return _saying(turn, ANSWER_IS.pick(scene.rng, other, scene.split).format(text=text, mark=marks))
    return _saying(turn, scene.rng.choice(OF_KIND[kind][other]))


def over_refusal(scene: Scene, turn: AssistantTurn) -> AssistantTurn | None:
    """Something harmless is declined, and no tool called."""
    if scene.case.outcome not in ("answer", "chat"):
        return None
    thought = turn[0].thought and scene.pick(DECLINING)
    return (Message("assistant", scene.rng.choice(OF_KIND["refusal"][scene.language]), thought),)


def complied(scene: Scene, turn: AssistantTurn) -> AssistantTurn | None:
    """Something harmful is agreed to, in a sentence that says nothing of how."""
    if scene.case.outcome != "refusal":
        return None
    return (replace(turn[-1], content=scene.pick(SURE), thought=turn[-1].thought and scene.pick(NO_HARM_SEEN)),)


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
    parts = [_reply(turn), scene.pick(INSULTS)]
    return _saying(turn, _joined(scene.language, *(parts if scene.rng.random() < 0.5 else parts[::-1])))


def curt(scene: Scene, turn: AssistantTurn) -> AssistantTurn | None:
    """The bare result."""
    values = bare_values(scene.case)
    marks = "".join(_SOURCE.findall(_reply(turn)))
    return _saying(turn, ", ".join(values) + marks + ("." if scene.language == "en" else "。")) if values else None


def long_winded(scene: Scene, turn: AssistantTurn) -> AssistantTurn | None:
    """Much talk around the reply."""
    before, after = scene.pick(BEFORE), scene.pick(AFTER)
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
