"""The only tool loop: a conversation in, the events of the assistant's answer out.

    prompt -> thought -> commands (under the grammar) -> tools run -> results appended to the same sequence
           -> another thought, if the model so chooses, or the reply

The skeleton between the sections is appended, never sampled; what the model read stays in its cache, so going on after
a tool costs the results' tokens and no second prompt. Functions of the asker's (`Terms`) stand among the switches like
tools; calling one ends the answer, and the conversation that comes back with its results goes on after them.

Not here: batching (engine/), tokens of the format (chat_format.py), what the events are shown as.
"""

from __future__ import annotations

import json
import re
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
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
from .engine.grammar import Choice, CommandsGrammar, FreeText, JsonGrammar, TokenGrammar
from .engine.params import SamplingParams
from .engine.sequence import Constraint, EngineStopped
from .engine.stop_texts import StopTexts
from .errors import UserError
from .events import Calling, Event, Failed, Finished, TextDelta, TokenChance, ToolCalled, ToolReturned
from .terms import NO_TERMS, Function, Terms
from .tools.base import Toolbox

THOUGHT_TOKENS = 160
"""A thought is cut here; the ones it learned from are a sentence long."""
ANSWER_SHARE = 3
"""The prompt leaves one part in so many of the context to the answer."""
UNPARSEABLE = "the model wrote commands that do not parse"
"""How `Failed` begins when the grammar has not held; the evaluation counts it."""
LEAST_ROOM = 8
"""Fewer tokens than this are no room for Commands."""
GRAMMARS_KEPT = 32
"""Grammars of askers' functions and schemas that are kept for the next time."""
CITED = re.compile(r"^<\|(\d+)\|>: ", re.MULTILINE)
"""How a result that can be cited begins (`tools.base.citations_text`)."""
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
        self.texts = {section: self._free_text(section) for section in (Section.THOUGHTS, Section.REPLY)}
        tags = (chat_format.tag_id(Section.THOUGHTS), chat_format.tag_id(Section.REPLY))
        self.special_names = {token: name for name, token in chat_format.tokenizer.special.items()}
        self.next_tag = Choice(tags, engine.vocab_size)
        self._grammars: dict[str, TokenGrammar] = {}
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
        reply = self._reply_constraint(terms, sampling)
        conversation = tagged(self._with_system_text(conversation, on, terms), quality)
        prompt, dropped = self._prompt(conversation, quality)
        answer = _Answer(self, prompt, sampling, (*on, *offered), quality, dropped, terms, reply, conversation)
        return answer.events()

    def grammar(self, tools: tuple[str, ...], terms: Terms = NO_TERMS, must_call: bool = False) -> TokenGrammar:
        """The grammar of Commands for these tools, made once; `must_call`: for a function of the asker's."""
        functions = terms.offered
        key = json.dumps([tools, [function.to_dict() for function in functions], terms.parallel, must_call])
        if key not in self._grammars:
            self._keep(
                key,
                CommandsGrammar(
                    tuple(function.api for function in functions) if must_call else tools,
                    self.engine.tokenizer,
                    self.format.end_id(Section.COMMANDS),
                    self.engine.vocab_size,
                    max_calls=self.toolbox.max_calls if terms.parallel else 1,
                    functions=functions,
                    must_call=must_call,
                ),
            )
        return self._grammars[key]

    def _reply_constraint(self, terms: Terms, sampling: SamplingParams) -> Constraint:
        """What the reply is written under. UserError where its schema cannot be enforced, or not in so many tokens."""
        if terms.reply is None:
            return self.texts[Section.REPLY]
        key = json.dumps(terms.reply)
        if key not in self._grammars:
            end = self.format.end_id(Section.REPLY)
            self._keep(key, JsonGrammar(terms.reply, self.engine.tokenizer, end, self.engine.vocab_size))
        grammar = self._grammars[key]
        if sampling.max_tokens < grammar.shortest:
            raise UserError(
                f"a reply of this schema may need {grammar.shortest} tokens, and max_tokens is {sampling.max_tokens}"
            )
        return grammar

    def _keep(self, key: str, grammar: TokenGrammar) -> None:
        if len(self._grammars) >= GRAMMARS_KEPT:
            self._grammars.clear()
        self._grammars[key] = grammar

    def _free_text(self, section: Section) -> FreeText:
        return FreeText(self.engine.tokenizer, self.format.end_id(section), self.engine.vocab_size)

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


def _last_citation(conversation: Conversation) -> int:
    """The highest number that a result of the turn that goes on can be cited by."""
    results = [call.result or "" for message in _turns(conversation.messages)[-1] for call in message.tool_calls]
    return max((int(number) for text in results for number in CITED.findall(text)), default=0)


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
        terms: Terms,
        reply: Constraint,
        conversation: Conversation,
    ) -> None:
        self.agent, self.engine, self.format = agent, agent.engine, agent.format
        self.tools, self.quality, self.dropped_turns = tools, quality, dropped_turns
        self.reply_constraint, self.terms = reply, terms
        self.functions: Mapping[str, Function] = {function.api: function for function in terms.offered}
        self.must_call = terms.must_call
        """Whether the next Commands have to call a function."""
        last = conversation.messages[-1]
        self.resumed = last.role == "assistant" and last.content is None
        """Whether the prompt ends with results."""
        self.goes_on = last.role == "assistant" and last.content is not None
        """Whether the prompt ends within a reply."""
        # Moving the lowest quality away from itself would take a place and change nothing.
        # Nor can a reply be guided that is written in part: what differs is the tag before it.
        self.guided = sampling.guidance > 0 and quality not in (None, QUALITY_LEVELS[0]) and not self.goes_on
        self.logprobs = sampling.logprobs
        self.noted: list[TokenChance] = []
        """Tokens of the reply whose text has not been shown yet, where probabilities are asked for."""
        # Of the reply only, so that no thought is waited for where nobody reads of it.
        self.sequence = self.engine.open(prompt, replace(sampling, logprobs=None), self.guided)
        self.prompt_tokens = len(prompt)
        self.completion_tokens = self.thought_tokens = 0
        self.parser = StreamParser(self.format, Section.THOUGHTS if tools and not self.goes_on else Section.REPLY)
        self.text = ""
        self.next_citation = 1 + _last_citation(conversation)

    def events(self) -> Generator[Event, None, None]:
        try:
            if self.tools and not self.goes_on:
                waits = yield from self._think_and_act()
            else:
                waits = False
                self._append(self.format.reply_start(self.quality) if self.resumed else [])
            yield self._finished("tool_calls" if waits else (yield from self._reply()))
        except _ContextFull:
            yield self._finished("length")
        except (EngineStopped, _Unparseable) as error:
            yield Failed(str(error))
        finally:
            self.engine.close(self.sequence)

    def _finished(self, reason: str) -> Finished:
        counts = (self.prompt_tokens, self.completion_tokens, self.dropped_turns, self.thought_tokens)
        return Finished(self.text, reason, *counts)

    def _think_and_act(self) -> Generator[Event, None, bool]:
        """Rounds of thought, commands and results, up to where the reply starts; True where the asker has to go on."""
        if self.resumed and not self._thinks_again():
            return False
        for rounds_left in reversed(range(self.agent.max_rounds)):
            yield from self._thought()
            called = yield from self._commands()
            ours = [event for event in called if event.call.name not in self.functions]
            yield from map(self._of_asker, (event for event in called if event not in ours))
            returned = yield from self._run_tools(ours)
            if len(ours) < len(called):
                return True
            self._append(self._results(returned))
            if not returned:
                break
            if rounds_left and not self._thinks_again():
                return False
        self._append(self.format.reply_start(self.quality))
        return False

    def _thinks_again(self) -> bool:
        """After results: whether another thought follows, or the reply; its section is begun."""
        if self.must_call:
            self._append(self.format.section_start(Section.THOUGHTS))
            return True
        again = self._chosen_tag() is Section.THOUGHTS
        begun = self.format.section_start(Section.THOUGHTS) if again else self.format.reply_start(self.quality)
        self._append(begun[1:])  # the tag was the model's choice
        return again

    def _of_asker(self, event: ToolCalled) -> ToolCalled:
        """The call of a function under its own name, with its arguments in JSON."""
        function = self.functions[event.call.name]
        return ToolCalled(event.index, ToolCall(function.name, function.arguments(event.call.argument)))

    def _thought(self) -> Iterator[Event]:
        end = self.format.end_id(Section.THOUGHTS)
        last = None
        limit = max(1, min(THOUGHT_TOKENS, self._room() // 4))
        for last in self._generate({end}, self.agent.texts[Section.THOUGHTS], limit):
            self.thought_tokens += 1
            yield from self.parser.feed(last)
        if last != end:
            yield from self._append([end])
        self._append(self.format.after_thought())

    def _commands(self) -> Generator[Event, None, list[ToolCalled]]:
        end = self.format.end_id(Section.COMMANDS)
        grammar = self.agent.grammar(self.tools, self.terms, self.must_call)
        self.must_call = False
        if (room := self._room() // 2) < max(LEAST_ROOM, grammar.shortest):
            raise _ContextFull
        tokens = []
        for token in self._generate({end}, grammar, room, PRECISE):
            tokens.append(token)
            yield Calling()
        called = [event for event in self.parser.feed_all(tokens) if isinstance(event, ToolCalled)]
        text = self.format.tokenizer.decode(tokens)
        if tokens[-1:] != [end] or text != commands_text([event.call for event in called]):
            raise _Unparseable(f"{UNPARSEABLE}: {text}")
        yield from (event for event in called if event.call.name not in self.functions)
        return called

    def _run_tools(self, called: list[ToolCalled]) -> Generator[Event, None, list[ToolCall]]:
        """Runs the calls at the same time; their events in order."""
        returned: list[ToolCall] = []
        with closing(self.agent.toolbox.run_watched([event.call for event in called], self.next_citation)) as running:
            for found in running:
                if found is None:
                    yield TextDelta("")  # whoever wants no more of the answer may leave here
                    continue
                index, call = found
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
        if isinstance(self.reply_constraint, TokenGrammar) and self._room() < self.reply_constraint.shortest:
            raise _ContextFull
        stops = StopTexts(self.sequence.params.stop)
        settings = None if self.logprobs is None else replace(self.sequence.params, logprobs=self.logprobs)
        for token in self._generate({end}, self.reply_constraint, sampling=settings):
            self._note(token, end)
            for event in self.parser.feed(token):
                yield from self._say(stops.push(event.text) if isinstance(event, TextDelta) else "")
            if stops.found:
                return "stop"
        yield from self._say(stops.flush())
        return self.sequence.finish_reason or "aborted"

    def _say(self, text: str) -> Iterator[Event]:
        """More of the reply, with the tokens whose text has come so far; those of a stop text are never shown."""
        self.text += text
        if not text:
            return
        count = shown = 0
        while count < len(self.noted) and shown < len(text.encode()):
            shown += len(self.noted[count].data)
            count += 1
        tokens, self.noted = tuple(self.noted[:count]), self.noted[count:]
        yield TextDelta(text, tokens)

    def _note(self, token: int, end: int) -> None:
        """Keeps how likely a token of the reply was, where that is asked for."""
        if self.logprobs is None:
            return
        chance = self.sequence.chances.popleft()
        if token != end:
            likeliest = tuple((self._data(other), found) for other, found in chance.likeliest)
            self.noted.append(TokenChance(self._data(token), chance.log_probability, likeliest))

    def _data(self, token: int) -> bytes:
        """What a token stands for; a special one for its name."""
        return self.format.tokenizer.token_bytes(token) or self.agent.special_names.get(token, "").encode()

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
