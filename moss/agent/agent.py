"""The only tool loop: a conversation in, the events of the assistant's answer out.

    prompt -> thought -> commands (under the grammar) -> tools run -> results appended to the same sequence
           -> another thought, if the model so chooses, or the reply

The skeleton between the sections is appended, never sampled; what the model read stays in its cache, so going on after
a tool costs the results' tokens and no second prompt. Functions of the asker's (`Terms`) stand among the switches like
tools; calling one ends the answer, and the conversation that comes back with its results goes on after them.

Here is what an answer begins with: prompt, switches, what its sections are written under. Not here: how it goes on
(answer.py), batching (engine/), tokens of the format (chat_format.py), what the events are shown as.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from dataclasses import replace
from typing import Protocol

from ..chat_format import DEFAULT_SWITCHES, PERSONA, ChatFormat, ToolSwitch, system_text, tagged
from ..conversation import Conversation, Message
from ..engine.engine import Engine
from ..engine.params import SamplingParams
from ..errors import UserError
from ..events import Event
from ..terms import NO_TERMS, Function, Terms
from ..tools.base import Toolbox
from .answer import Answer
from .grammars import Grammars

ANSWER_SHARE = 3
"""The prompt leaves one part in so many of the context to the answer."""


class Answering(Protocol):
    """What whoever asks needs of an agent: `Agent`, and whatever stands in its place."""

    def run(
        self,
        conversation: Conversation,
        sampling: SamplingParams | None = None,
        tools: Sequence[str] | None = None,
        quality: int | None = None,
        terms: Terms | None = None,
    ) -> Generator[Event, None, None]: ...


class Agent:
    """Answers conversations with one engine, one format and one box of tools. Many threads may call `run` at once."""

    def __init__(self, engine: Engine, chat_format: ChatFormat, toolbox: Toolbox, max_rounds: int = 2) -> None:
        self.engine = engine
        self.format = chat_format
        self.toolbox = toolbox
        self.max_rounds = max_rounds
        """How many times tools may be called before the reply."""
        self.grammars = Grammars(engine, chat_format, toolbox.max_calls)
        self.special_names = {token: name for name, token in chat_format.tokenizer.special.items()}
        offered = {tool.name: ToolSwitch(tool.title, tool.name, tool.parameter) for tool in toolbox}
        defaults = {switch.api: switch for switch in DEFAULT_SWITCHES}
        self._switches = tuple({**defaults, **offered}.values())

    def run(
        self,
        conversation: Conversation,
        sampling: SamplingParams | None = None,
        tools: Sequence[str] | None = None,
        quality: int | None = None,
        terms: Terms | None = None,
    ) -> Generator[Event, None, None]:
        """The events of the answer to a conversation that ends with a user's message, or with calls that have returned.

        One that ends with a reply is gone on with: the events are what is added to it, and no tool is called.
        `tools` are the names switched on; None leaves it to `conversation.tools`. `quality` (0, 10, ..., 100) tags the
        reply, and `sampling.guidance` moves a tagged one away from the lowest quality, for which the answer takes two
        places in the engine. `terms`: functions of the asker's own, and a reply that has to fit a schema. Turns that do
        not fit the context are left out, oldest first, and counted in `Finished`. Raises UserError at once where no
        answer can be begun (unknown tool, a message that is too long by itself, a schema that cannot be enforced),
        EngineBusy with the first event where no place is free. Closing the generator ends the generation, frees its
        place and cancels its tools; while they run there are deltas without text, so that it can be left soon.
        """
        terms, sampling = terms or NO_TERMS, sampling or SamplingParams()
        on = self._switched_on(conversation.tools if tools is None else tools)
        offered = _offered(terms, on)
        reply = self.grammars.reply(terms, sampling)
        conversation = tagged(self._with_system_text(conversation, on, terms), quality)
        prompt, dropped = self._prompt(conversation, quality)
        answer = Answer(self, prompt, sampling, (*on, *offered), quality, dropped, terms, reply, conversation)
        return answer.events()

    def _switched_on(self, names: Iterable[str]) -> tuple[str, ...]:
        """The names in the toolbox's order; UserError for one that is not in it."""
        wanted = {self.toolbox[name].name for name in names}
        return tuple(name for name in self.toolbox.names if name in wanted)

    def _with_system_text(self, conversation: Conversation, on: tuple[str, ...], terms: Terms) -> Conversation:
        """The conversation with a system text that has the switches.

        One that has them is kept. Another one is added to our own words on who the assistant is: a model that has seen
        these in all its training is lost without them.
        """
        messages, persona = conversation.messages, PERSONA
        own = {function.api: _switch(function) for function in terms.functions}
        switches = tuple({**{switch.api: switch for switch in self._switches}, **own}.values())
        on = (*on, *(function.api for function in terms.offered))
        if messages and messages[0].role == "system":
            text = messages[0].content or ""
            if any(switch.line(state) in text for switch in self._switches for state in (True, False)):
                return replace(conversation, tools=on)
            messages, persona = messages[1:], PERSONA + text.rstrip("\n") + "\n"
        system = Message("system", system_text(on, switches, persona))
        return Conversation((system, *messages), tools=on)

    def _prompt(self, conversation: Conversation, quality: int | None) -> tuple[list[int], int]:
        """The prompt's tokens, and how many of the oldest turns were left out to make it fit."""
        room = self.engine.max_seq_len - self.engine.max_seq_len // ANSWER_SHARE
        tokens = self.format.prompt(conversation, quality)
        if len(tokens) <= room:
            return tokens, 0
        system, turns = conversation.messages[0], _turns(conversation.messages[1:])
        dropped = 0
        # A turn's tokens do not depend on its neighbours, so the lengths add up and one more rendering is enough.
        length = len(tokens)
        while length > room and dropped < len(turns) - 1:
            length -= len(self.format.render(replace(conversation, messages=tuple(turns[dropped]))).tokens)
            dropped += 1
        if length > room:
            raise UserError(
                f"the message is too long: with the system text it has {length} tokens, and the prompt has room for "
                f"{room} (the context holds {self.engine.max_seq_len}, a part of it is kept for the answer)"
            )
        kept = [message for turn in turns[dropped:] for message in turn]
        return self.format.prompt(replace(conversation, messages=(system, *kept)), quality), dropped


def _offered(terms: Terms, on: Iterable[str]) -> tuple[str, ...]:
    """How Commands spells the functions that may be called; UserError for one that is named like a tool that is on."""
    names = tuple(function.api for function in terms.offered)
    for name in set(names).intersection(on):
        raise UserError(
            f"'{name}' is also the name of a tool of the server's; rename the function or turn the tool off"
        )
    return names


def _switch(function: Function) -> ToolSwitch:
    return ToolSwitch(function.title, function.api, ", ".join(function.properties) or "argument")


def _turns(messages: Sequence[Message]) -> list[list[Message]]:
    """Each user's message with what the assistant said to it."""
    turns: list[list[Message]] = []
    for message in messages:
        if message.role == "user" or not turns:
            turns.append([])
        turns[-1].append(message)
    return turns
