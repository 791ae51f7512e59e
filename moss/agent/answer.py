"""One answer on its way: the sequence, what has happened in it so far, and the rounds up to its reply.

    thought -> commands (under the grammar) -> tools run -> results appended -> another thought, or the reply

Not here: which prompt it begins with and what may be called (`agent.py`).
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from itertools import takewhile
from typing import TYPE_CHECKING

from ..chat_format import Section, StreamParser, commands_text
from ..conversation import QUALITY_LEVELS, Conversation, ToolCall
from ..engine.grammar import TokenGrammar
from ..engine.params import SamplingParams
from ..engine.sequence import Constraint, EngineStopped
from ..engine.stop_texts import StopTexts
from ..events import Calling, Event, Failed, Finished, TextDelta, TokenChance, ToolCalled, ToolReturned
from ..terms import Function, Terms

if TYPE_CHECKING:
    from .agent import Agent

THOUGHT_TOKENS = 160
"""A thought is cut here; the ones it learned from are a sentence long."""
UNPARSEABLE = "the model wrote commands that do not parse"
"""How `Failed` begins when the grammar has not held; the evaluation counts it."""
LEAST_ROOM = 8
"""Fewer tokens than this are no room for Commands."""
CITED = re.compile(r"^<\|(\d+)\|>: ", re.MULTILINE)
"""How a result that can be cited begins (`tools.base.citations_text`)."""
PRECISE = SamplingParams(temperature=0.0, repetition_penalty=1.0)
"""Commands are not a matter of taste: an argument is copied from what was asked, so the likeliest token is taken."""


class _ContextFull(Exception):
    """The section at hand does not fit any more."""


class _Unparseable(Exception):
    """Commands that are not what their own calls would be written as."""


class Answer:
    """One run of an agent."""

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
        """Makes it; may be asked for once."""
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
        for last in self._generate({end}, self.agent.grammars.texts[Section.THOUGHTS], limit):
            self.thought_tokens += 1
            yield from self.parser.feed(last)
        if last != end:
            yield from self._append([end])
        self._append(self.format.after_thought())

    def _commands(self) -> Generator[Event, None, list[ToolCalled]]:
        end = self.format.end_id(Section.COMMANDS)
        grammar = self.agent.grammars.commands(self.tools, self.terms, self.must_call)
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
        tokens = list(self._generate((), self.agent.grammars.next_tag, 1, PRECISE))
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


def _last_citation(conversation: Conversation) -> int:
    """The highest number that a result of the turn that goes on can be cited by."""
    turn = takewhile(lambda message: message.role != "user", reversed(conversation.messages))
    results = [call.result or "" for message in turn for call in message.tool_calls]
    return max((int(number) for text in results for number in CITED.findall(text)), default=0)
