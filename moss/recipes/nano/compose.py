"""Dialogues of the nano world: intents in a row, every call run by the real tool, every reply checked against it.

Calculator and solver run in this process (the pure functions behind the tools), search runs on the real index. Only
drawing is not carried out: a hundred thousand pictures that nobody looks at would take days, so a call of Text2Image
succeeds exactly when `scenes.parse_description` accepts its description, which is also what decides in the real tool.

A dialogue depends on (seed, index) alone, so that several processes may share the work: `python -m
moss.recipes.nano.compose --count 20` prints some to read.
"""

from __future__ import annotations

import argparse
import random
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache

from moss.chat_format import render_text, system_text
from moss.conversation import Conversation, Message, ToolCall
from moss.errors import UserError
from moss.tools.base import FAILURE, Tool, ToolResult, citations_text
from moss.tools.calculator import evaluate
from moss.tools.scenes import parse_description
from moss.tools.solver import solve
from moss.tools.text2image import SUCCESS

from .intents.arithmetic import arithmetic
from .intents.beyond import beyond
from .intents.drawing import drawing
from .intents.equations import equations
from .intents.facts import fact, fact_follow_up, lookup, translate, unknown
from .intents.follow_ups import follow_ups, lists
from .intents.identity import identity
from .intents.safety import benign, refusal
from .intents.several_tools import several_tools
from .intents.small_talk import small_talk
from .intents.word_problems import word_problems
from .turns import Intent, Language, Split, Turn

TOOL_NAMES = ("Search", "Calculate", "Solve", "Text2Image")

WEIGHTS: dict[Intent, float] = {
    arithmetic: 13,
    equations: 15,
    word_problems: 22,
    drawing: 14,
    fact: 16,
    lookup: 6,
    unknown: 11,
    translate: 2,
    fact_follow_up: 13,
    small_talk: 5,
    identity: 4,
    beyond: 3,
    refusal: 14,
    benign: 15,
    lists: 2,
    several_tools: 13,
    follow_ups: 28,
}
"""How often each intent is tried; a follow-up only counts where there is something to follow. What happens before a
case of the evaluation is drawn with these, so another number here makes other cases."""

TRAINING_WEIGHTS: dict[Intent, float] = {**WEIGHTS, equations: 30, word_problems: 26, lists: 4}
"""For the dialogues to learn from. Equations come twice as often as above: with few decisions a batch about the
solver's switch, a model took whichever state it met last for the rule."""

SWITCH_WEIGHTS: dict[Intent, float] = {**WEIGHTS, equations: 110}
"""For dialogues about switches. Whether the equation solver is on was what a model learnt last, or not at all: from
the mixture above one made with 66 million tokens still guessed it in every third equation."""

MAX_CHARACTERS = 2200
"""A dialogue that has grown to this rendered length gets no further turn: it should fit a row of 1,024 tokens."""


class BadTurn(ValueError):
    """A turn whose calls or reply do not hold up against the real tools."""


@dataclass
class WorldTools:
    """The tools of the nano world, run in this process."""

    search: Tool | None = None
    """The search tool on the encyclopedia; without it every search finds nothing."""

    def __post_init__(self) -> None:
        # A few thousand queries are asked again and again in a hundred thousand dialogues.
        self._found = cache(self.search.run) if self.search else None

    def run(self, calls: Sequence[ToolCall], first_citation: int = 1) -> list[ToolCall]:
        """The calls with their results, as `Toolbox.run` gives them."""
        done = []
        for call in calls:
            result = self._result(call)
            citations = tuple(replace(c, index=first_citation + n) for n, c in enumerate(result.citations))
            first_citation += len(citations)
            text = citations_text(citations) if citations else result.text
            done.append(replace(call, result=text, status="ok" if result.ok else "failed", citations=citations))
        return done

    def _result(self, call: ToolCall) -> ToolResult:
        try:
            match call.name:
                case "Calculate":
                    return ToolResult(evaluate(call.argument))
                case "Solve":
                    lines = solve(call.argument)
                    return ToolResult("\n".join(lines)) if lines else FAILURE
                case "Text2Image":
                    parse_description(call.argument)
                    return ToolResult(SUCCESS)
                case "Search" if self._found is not None:
                    return self._found(call.argument)
        except UserError:
            return FAILURE
        return FAILURE


# -- one turn ----------------------------------------------------------------------------------------------------------


def play(turn: Turn, tools: WorldTools, on: frozenset[str]) -> list[Message]:
    """The user's message and the assistant's, with calls executed. Raises BadTurn where the turn does not hold up."""
    if not turn.steps:
        reply = turn.reply([])
        _check(turn, [], reply, on)
        return [Message("user", turn.user), Message("assistant", reply, thought=turn.thought if on else None)]
    executed: list[ToolCall] = []
    rounds: list[Message] = []
    for step in turn.steps:
        calls = tools.run(step.calls, first_citation=1 + sum(len(call.citations) for call in executed))
        executed += calls
        rounds.append(Message("assistant", None, thought=step.thought, tool_calls=tuple(calls)))
    reply = turn.reply(executed)
    _check(turn, executed, reply, on)
    return [Message("user", turn.user), *rounds[:-1], replace(rounds[-1], content=reply)]


_NUMBER = re.compile(r"\d+(?:\.\d+)?")


def _check(turn: Turn, executed: list[ToolCall], reply: str, on: frozenset[str]) -> None:
    off = {call.name for call in executed} - on
    if off:
        raise BadTurn(f"calls {', '.join(sorted(off))}, which is off")
    missing = [answer for answer in turn.answer if answer not in reply]
    if missing:
        raise BadTurn(f"the reply lacks {missing[0]!r}")
    if turn.outcome == "tool_failed" and all(call.status == "ok" for call in executed):
        raise BadTurn("no call failed, but the reply says so")
    if turn.outcome == "answer" and executed and executed[-1].status != "ok":
        raise BadTurn(f"{executed[-1].name}({executed[-1].argument}) failed")
    if any(call.name in ("Calculate", "Solve") for call in executed):
        known = " ".join([turn.user, *(f"{call.argument} {call.result}" for call in executed)])
        invented = [number for number in _NUMBER.findall(reply) if number not in known]
        if invented:
            raise BadTurn(f"the reply's {invented[0]} comes from no result")


# -- a dialogue --------------------------------------------------------------------------------------------------------


@dataclass
class Composer:
    """Makes dialogues, and counts the turns that had to be dropped and why."""

    tools: WorldTools
    split: Split = "train"
    weights: Mapping[Intent, float] = field(default_factory=lambda: WEIGHTS)
    dropped: Counter[str] = field(default_factory=Counter)

    def dialogue(self, seed: int, index: int) -> Conversation:
        """The dialogue with this number."""
        rng = random.Random(f"{self.split} {seed} {index}")
        return self._talk(rng, draw_switches(rng), (10, 15, 22, 23, 18, 12))

    def about_switches(self, seed: int, index: int) -> Conversation:
        """A short dialogue with this number, in which each tool is on or off by itself."""
        rng = random.Random(f"{self.split} switches {seed} {index}")
        on = TOOL_NAMES if rng.random() < 0.2 else tuple(name for name in TOOL_NAMES if rng.random() < 0.55)
        return self._talk(rng, on, (3, 1))

    def _talk(self, rng: random.Random, on: tuple[str, ...], lengths: Sequence[int]) -> Conversation:
        """A dialogue with these tools on, of 1, 2, ... turns with these weights."""
        base: Language = rng.choice(("en", "zh"))
        mixed = rng.random() < 0.15
        spoken = "mixed" if mixed else base
        messages = [Message("system", system_text(on))]
        previous: Turn | None = None
        intents: list[str] = []
        turns = rng.choices(range(1, len(lengths) + 1), lengths)[0]
        while len(intents) < turns and sum(_length(m) for m in messages) < MAX_CHARACTERS:
            language = rng.choice(("en", "zh")) if mixed else base
            previous, played = self.next_turn(rng, language, frozenset(on), previous)
            base = previous.language if previous.intent == "switch_language" else base
            messages += played
            intents.append(previous.intent)
        meta = {"source": "nano world", "language": spoken, "intents": intents}
        return Conversation(tuple(messages), tools=on, meta=meta)

    def next_turn(
        self, rng: random.Random, language: Language, on: frozenset[str], previous: Turn | None
    ) -> tuple[Turn, list[Message]]:
        """The next turn that applies and holds up."""
        while True:
            intent = rng.choices(list(self.weights), list(self.weights.values()))[0]
            turn = intent(rng, language, self.split, on, previous)
            if turn is None:
                continue
            try:
                return turn, play(turn, self.tools, on)
            except BadTurn as reason:
                self.dropped[f"{turn.intent}: {reason}"] += 1


def draw_switches(rng: random.Random) -> tuple[str, ...]:
    """Which tools are on: all in 40 of 100, none in 10, one in 12, all but one in 13, any subset in the rest."""
    case = rng.random()
    if case < 0.40:
        return TOOL_NAMES
    if case < 0.50:
        return ()
    if case < 0.62:
        return (rng.choice(TOOL_NAMES),)
    if case < 0.75:
        off = rng.choice(TOOL_NAMES)
        return tuple(name for name in TOOL_NAMES if name != off)
    return tuple(name for name in TOOL_NAMES if rng.random() < 0.6)


def _length(message: Message) -> int:
    calls = sum(len(call.argument) + len(call.result or "") for call in message.tool_calls)
    return len(message.content or "") + len(message.thought or "") + calls


def dialogues(
    seed: int, count: int, split: Split, tools: WorldTools, *, start: int = 0, dropped: Counter[str] | None = None
) -> Iterator[Conversation]:
    """Dialogues `start` to `start + count - 1` of a seed; `dropped` counts discarded turns by intent and reason."""
    composer = Composer(tools, split, TRAINING_WEIGHTS, dropped if dropped is not None else Counter())
    for index in range(start, start + count):
        yield composer.dialogue(seed, index)


def switch_dialogues(seed: int, count: int, tools: WorldTools) -> Iterator[Conversation]:
    """Short dialogues, most of them with an equation, that depend on what the system text says is on."""
    composer = Composer(tools, "train", SWITCH_WEIGHTS)
    return (composer.about_switches(seed, index) for index in range(count))


def _main() -> None:
    parser = argparse.ArgumentParser(description="Prints dialogues of the nano world.")
    parser.add_argument("--count", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--split", choices=("train", "eval"), default="train")
    parser.add_argument("--index", help="file of a search index; without it no search finds anything")
    options = parser.parse_args()
    search = None
    if options.index:
        from moss.tools.search import SearchTool

        search = SearchTool(options.index)
    dropped: Counter[str] = Counter()
    for dialogue in dialogues(options.seed, options.count, options.split, WorldTools(search), dropped=dropped):
        print(f"=== {dialogue.meta}\n{render_text(dialogue)}")
    print(f"dropped turns: {dict(dropped)}")


if __name__ == "__main__":
    _main()
