"""The only tool loop: a conversation in, the events of the assistant's answer out.

    prompt -> thought -> commands (under the grammar) -> tools run -> results appended to the same sequence
           -> another thought, if the model so chooses, or the reply

The skeleton between the sections is appended, never sampled; what the model read stays in its cache, so going on after
a tool costs the results' tokens and no second prompt. Not here: batching (engine/), tokens of the format
(chat_format.py), what the events are shown as.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Protocol

from .chat_format import (
    DEFAULT_SWITCHES,
    PERSONA,
    ChatFormat,
    Section,
    StreamParser,
    ToolSwitch,
    commands_text,
    system_text,
    tagged,
)
from .conversation import QUALITY_LEVELS, Conversation, Message, ToolCall
from .engine.engine import Engine
from .engine.grammar import Choice, CommandsGrammar, FreeText
from .engine.params import SamplingParams
from .engine.sequence import Constraint, EngineStopped
from .errors import UserError
from .events import Event, Failed, Finished, TextDelta, ToolCalled, ToolReturned
from .tools.base import Toolbox

THOUGHT_TOKENS = 160
"""A thought is cut here; the ones it learned from are a sentence long."""
ANSWER_SHARE = 3
"""The prompt leaves one part in so many of the context to the answer."""
UNPARSEABLE = "the model wrote commands that do not parse"
"""How `Failed` begins when the grammar has not held; the evaluation counts it."""
LEAST_ROOM = 8
"""Fewer tokens than this are no room for Commands."""
PRECISE = SamplingParams(temperature=0.0, repetition_penalty=1.0)
"""Commands are not a matter of taste: an argument is copied from what was asked, so the likeliest token is taken."""


class Answering(Protocol):
    """What whoever asks needs of an agent: `Agent`, and whatever stands in its place."""

    def run(
        self,
        conversation: Conversation,
        sampling: SamplingParams | None = None,
        tools: Sequence[str] | None = None,
        quality: int | None = None,
    ) -> Generator[Event, None, None]: ...


class Agent:
    """Answers conversations with one engine, one format and one box of tools. Many threads may call `run` at once."""

    def __init__(self, engine: Engine, chat_format: ChatFormat, toolbox: Toolbox, max_rounds: int = 2) -> None:
        self.engine = engine
        self.format = chat_format
        self.toolbox = toolbox
        self.max_rounds = max_rounds
        """How many times tools may be called before the reply."""
        self.texts = {section: self._free_text(section) for section in (Section.THOUGHTS, Section.REPLY)}
        tags = (chat_format.tag_id(Section.THOUGHTS), chat_format.tag_id(Section.REPLY))
        self.next_tag = Choice(tags, engine.vocab_size)
        self._grammars: dict[tuple[str, ...], CommandsGrammar] = {}
        offered = {tool.name: ToolSwitch(tool.title, tool.name, tool.parameter) for tool in toolbox}
        defaults = {switch.api: switch for switch in DEFAULT_SWITCHES}
        self._switches = tuple({**defaults, **offered}.values())

    def run(
        self,
        conversation: Conversation,
        sampling: SamplingParams | None = None,
        tools: Sequence[str] | None = None,
        quality: int | None = None,
    ) -> Generator[Event, None, None]:
        """The events of the answer to a conversation that ends with a user's message.

        `tools` are the names switched on; None leaves it to `conversation.tools`. `quality` (0, 10, ..., 100) tags the
        reply, and `sampling.guidance` moves a tagged one away from the lowest quality, for which the answer takes two
        places in the engine. Turns that do not fit the context are left out, oldest first, and counted in `Finished`.
        Raises UserError at once where no answer can be begun (unknown tool, a message that is too long by itself),
        EngineBusy with the first event where no place is free. Closing the generator ends the generation and frees its
        place.
        """
        on = self._switched_on(conversation.tools if tools is None else tools)
        conversation = tagged(self._with_system_text(conversation, on), quality)
        prompt, dropped = self._prompt(conversation, quality)
        answer = _Answer(self, prompt, sampling or SamplingParams(), on, quality, dropped)
        return answer.events()

    def grammar(self, tools: tuple[str, ...]) -> CommandsGrammar:
        """The grammar of Commands for these tools, made once."""
        if tools not in self._grammars:
            end = self.format.end_id(Section.COMMANDS)
            self._grammars[tools] = CommandsGrammar(
                tools, self.engine.tokenizer, end, self.engine.vocab_size, max_calls=self.toolbox.max_calls
            )
        return self._grammars[tools]

    def _free_text(self, section: Section) -> FreeText:
        return FreeText(self.engine.tokenizer, self.format.end_id(section), self.engine.vocab_size)

    def _switched_on(self, names: Iterable[str]) -> tuple[str, ...]:
        """The names in the toolbox's order; UserError for one that is not in it."""
        wanted = {self.toolbox[name].name for name in names}
        return tuple(name for name in self.toolbox.names if name in wanted)

    def _with_system_text(self, conversation: Conversation, on: tuple[str, ...]) -> Conversation:
        """The conversation with a system text that has the switches.

        One that has them is kept. Another one is added to our own words on who the assistant is: a model that has seen
        these in all its training is lost without them.
        """
        messages, persona = conversation.messages, PERSONA
        if messages and messages[0].role == "system":
            text = messages[0].content or ""
            if any(switch.line(state) in text for switch in self._switches for state in (True, False)):
                return replace(conversation, tools=on)
            messages, persona = messages[1:], PERSONA + text.rstrip("\n") + "\n"
        system = Message("system", system_text(on, self._switches, persona))
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


def _turns(messages: Sequence[Message]) -> list[list[Message]]:
    """Each user's message with what the assistant said to it."""
    turns: list[list[Message]] = []
    for message in messages:
        if message.role == "user" or not turns:
            turns.append([])
        turns[-1].append(message)
    return turns


class _ContextFull(Exception):
    """The section at hand does not fit any more."""


class _Unparseable(Exception):
    """Commands that are not what their own calls would be written as."""


class _Answer:
    """One run: the sequence and what has happened in it so far."""

    def __init__(
        self,
        agent: Agent,
        prompt: list[int],
        sampling: SamplingParams,
        tools: tuple[str, ...],
        quality: int | None,
        dropped_turns: int,
    ) -> None:
        self.agent, self.engine, self.format = agent, agent.engine, agent.format
        self.tools, self.quality, self.dropped_turns = tools, quality, dropped_turns
        # Moving the lowest quality away from itself would take a place and change nothing.
        self.guided = sampling.guidance > 0 and quality not in (None, QUALITY_LEVELS[0])
        self.sequence = self.engine.open(prompt, sampling, self.guided)
        self.prompt_tokens = len(prompt)
        self.completion_tokens = 0
        self.parser = StreamParser(self.format, Section.THOUGHTS if tools else Section.REPLY)
        self.text = ""
        self.next_citation = 1

    def events(self) -> Generator[Event, None, None]:
        try:
            if self.tools:
                yield from self._think_and_act()
            reason = yield from self._reply()
            yield self._finished(reason)
        except _ContextFull:
            yield self._finished("length")
        except (EngineStopped, _Unparseable) as error:
            yield Failed(str(error))
        finally:
            self.engine.close(self.sequence)

    def _finished(self, reason: str) -> Finished:
        return Finished(self.text, reason, self.prompt_tokens, self.completion_tokens, self.dropped_turns)

    def _think_and_act(self) -> Iterator[Event]:
        """Rounds of thought, commands and results, up to where the reply starts."""
        for rounds_left in reversed(range(self.agent.max_rounds)):
            yield from self._thought()
            called = yield from self._commands()
            returned = yield from self._run_tools(called)
            self._append(self._results(returned))
            if not returned:
                break
            if rounds_left and self._chosen_tag() is Section.THOUGHTS:
                self._append(self.format.section_start(Section.THOUGHTS)[1:])
            elif rounds_left:
                self._append(self.format.reply_start(self.quality)[1:])
                return
        self._append(self.format.reply_start(self.quality))

    def _thought(self) -> Iterator[Event]:
        end = self.format.end_id(Section.THOUGHTS)
        last = None
        limit = max(1, min(THOUGHT_TOKENS, self._room() // 4))
        for last in self._generate({end}, self.agent.texts[Section.THOUGHTS], limit):
            yield from self.parser.feed(last)
        if last != end:
            yield from self._append([end])
        self._append(self.format.after_thought())

    def _commands(self) -> Generator[Event, None, list[ToolCalled]]:
        end = self.format.end_id(Section.COMMANDS)
        if (room := self._room() // 2) < LEAST_ROOM:
            raise _ContextFull
        tokens = list(self._generate({end}, self.agent.grammar(self.tools), room, PRECISE))
        called = [event for event in self.parser.feed_all(tokens) if isinstance(event, ToolCalled)]
        text = self.format.tokenizer.decode(tokens)
        if tokens[-1:] != [end] or text != commands_text([event.call for event in called]):
            raise _Unparseable(f"{UNPARSEABLE}: {text}")
        yield from called
        return called

    def _run_tools(self, called: list[ToolCalled]) -> Generator[Event, None, list[ToolCall]]:
        """Runs the calls at the same time; their events in order."""
        returned: list[ToolCall] = []
        for index, call in self.agent.toolbox.run([event.call for event in called], self.next_citation):
            yield ToolReturned(called[index].index, call)
            returned.append(call)
        self.next_citation += sum(len(call.citations) for call in returned)
        return returned

    def _results(self, calls: list[ToolCall]) -> list[int]:
        """The tokens of the Results section; its longest texts are cut until they leave a third of the room."""
        room = self._room() * 2 // 3
        while len(tokens := self.format.after_commands(calls)) > room:
            longest = max(range(len(calls)), key=lambda index: len(calls[index].result or ""), default=None)
            if longest is None or len(text := calls[longest].result or "") < 2:
                raise _ContextFull
            calls = [*calls]
            calls[longest] = replace(calls[longest], result=text[: len(text) // 2])
        return tokens

    def _room(self) -> int:
        """How many tokens the context still holds."""
        return self.engine.max_seq_len - len(self.sequence.tokens)

    def _chosen_tag(self) -> Section:
        """After results: whether the model thinks again or replies. One token."""
        tokens = list(self._generate((), self.agent.next_tag, 1, PRECISE))
        if not tokens:
            raise _ContextFull
        self.parser.feed(tokens[0])
        return self.format.tags[tokens[0]]

    def _reply(self) -> Generator[Event, None, str]:
        """The reply's text as it comes, with stop texts watched for; returns why it ended."""
        end = self.format.end_id(Section.REPLY)
        if self.guided:
            lowest = self.format.quality_id(QUALITY_LEVELS[0])
            self.engine.guide(self.sequence, lowest, self.sequence.params.guidance)
        stops = _StopTexts(self.sequence.params.stop)
        for token in self._generate({end}, self.agent.texts[Section.REPLY]):
            for event in self.parser.feed(token):
                yield from self._say(stops.push(event.text) if isinstance(event, TextDelta) else "")
            if stops.found:
                return "stop"
        yield from self._say(stops.flush())
        return self.sequence.finish_reason or "aborted"

    def _say(self, text: str) -> Iterator[Event]:
        self.text += text
        if text:
            yield TextDelta(text)

    def _generate(
        self,
        stop: Iterable[int],
        constraint: Constraint,
        max_tokens: int | None = None,
        sampling: SamplingParams | None = None,
    ) -> Iterator[int]:
        for token in self.engine.generate(self.sequence, set(stop), constraint, max_tokens, sampling):
            self.completion_tokens += 1
            yield token

    def _append(self, tokens: list[int]) -> list[Event]:
        """Appends what the model does not choose, to the sequence and to the parser."""
        self.engine.extend(self.sequence, tokens)
        return self.parser.feed_all(tokens)


class _StopTexts:
    """Holds back text that may turn out to be the start of a stop text."""

    def __init__(self, stops: Sequence[str]) -> None:
        self._stops = stops
        self._held = ""
        self.found = False

    def push(self, text: str) -> str:
        """What may be shown now that `text` has come."""
        self._held += text
        ends = [at for stop in self._stops if (at := self._held.find(stop)) >= 0]
        if ends:
            self.found = True
            shown, self._held = self._held[: min(ends)], ""
            return shown
        keep = max((self._overlap(stop) for stop in self._stops), default=0)
        cut = len(self._held) - keep
        shown, self._held = self._held[:cut], self._held[cut:]
        return shown

    def flush(self) -> str:
        """What was held back and came to nothing."""
        shown, self._held = self._held, ""
        return shown

    def _overlap(self, stop: str) -> int:
        """How many of the last characters start the stop text."""
        return next((n for n in range(min(len(stop), len(self._held)), 0, -1) if self._held.endswith(stop[:n])), 0)
