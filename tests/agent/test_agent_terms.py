"""What an asker demands of the agent: functions of its own, replies of a schema, probabilities. Lines are scripted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from moss.agent import Agent
from moss.chat_format import SPECIAL_TOKENS, ChatFormat, enabled_tools, system_text
from moss.conversation import Conversation, Message, ToolCall
from moss.engine.params import SamplingParams
from moss.engine.sampling import Chance
from moss.engine.sequence import Constraint, Sequence
from moss.errors import UserError
from moss.events import Event, Finished, TextDelta, ToolCalled, ToolReturned, fold
from moss.terms import Function, Terms
from moss.tokenizer.bpe import Tokenizer
from moss.tokenizer.training import train
from moss.tools.base import Toolbox
from tests.agent.test_agent import Calculate, ScriptedEngine, Search, asked, read, text_of

CITY = {"type": "object", "properties": {"city": {"type": "string"}}}
TRIP = {"type": "object", "properties": {"city": {"type": "string"}, "days": {"type": "integer"}}, "required": ["city"]}
WEATHER = Function("get-weather", "Tells the weather: now. More words.", CITY)
BOOK = Function("book", "", TRIP)
BOTH = Terms((WEATHER, BOOK), ("get-weather", "book"))


class NotingEngine(ScriptedEngine):
    """One that finds every token half as likely as not, and `x` likelier."""

    def generate(
        self,
        sequence: Sequence,
        stop: set[int],
        constraint: Constraint,
        max_tokens: int | None = None,
        sampling: SamplingParams | None = None,
    ) -> Iterator[int]:
        x = self.tokenizer.encode("x")[0]
        for token in super().generate(sequence, stop, constraint, max_tokens, sampling):
            if sampling is not None and sampling.logprobs is not None:
                sequence.chances.append(Chance(-0.5, ((x, -0.25), (self.tokenizer.special["<eom>"], -9.0))))
            yield token


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    corpus = ["Calculate, Search: a question and an answer, 一个问题。", system_text(["Search", "Calculate"])] * 3
    return train(corpus, vocab_size=400, special_tokens=SPECIAL_TOKENS)


def scripted(tokenizer: Tokenizer, *lines: str, **settings: int) -> Agent:
    engine = NotingEngine(tokenizer, lines, **settings)
    return Agent(engine, ChatFormat(tokenizer), Toolbox([Calculate(), Search()]))  # type: ignore[arg-type]


def test_functions_stand_among_the_switches_and_their_calls_end_the_answer(tokenizer: Tokenizer) -> None:
    lines = ("Weather.<eot>", "get_weather(\"Paris\"), Calculate(\"1+2\"), book(\"{'city': 'Rome', 'days': 2}\")<eoc>")
    agent = scripted(tokenizer, *lines)
    events = list(agent.run(asked(tools=("Calculate",)), terms=BOTH))
    calls = [(event.index, event.call) for event in events if isinstance(event, ToolCalled)]
    assert sorted(calls, key=lambda call: call[0]) == [
        (0, ToolCall("get-weather", '{"city": "Paris"}')),
        (1, ToolCall("Calculate", "1+2")),
        (2, ToolCall("book", '{"city": "Rome", "days": 2}')),
    ]
    (returned,) = [event for event in events if isinstance(event, ToolReturned)]
    assert (returned.index, returned.call.result) == (1, "3")
    finished = events[-1]
    assert isinstance(finished, Finished)
    assert finished.finish_reason == "tool_calls"
    system = read(agent).partition("<|Human|>:")[0]
    assert "- Tells the weather, now: enabled. API: get_weather(city)\n" in system
    assert enabled_tools(system) == ("Calculate", "get_weather", "book")


def test_the_answer_goes_on_after_the_results_of_functions(tokenizer: Tokenizer) -> None:
    before = scripted(tokenizer, "Weather.<eot>", 'get_weather("Paris")<eoc>')
    (message,) = fold(before.run(asked(tools=()), terms=BOTH))
    (call,) = message.tool_calls
    back = ToolCall("get_weather", "Paris", "sunny", "ok")
    assert call.name == WEATHER.name
    conversation = Conversation((*asked().messages, Message("assistant", None, "Weather.", (back,))))
    agent = scripted(tokenizer, "<|MOSS|>:", "Sunny.<eom>")
    events = list(agent.run(conversation, terms=BOTH))
    assert text_of(events) == "Sunny."
    # What the model has read is what a dialogue with all of it in is rendered as.
    system = agent._with_system_text(conversation, (), BOTH).messages[0]
    whole = Conversation(
        (system, *asked().messages, Message("assistant", "Sunny.", "Weather.", (back,))), tools=("get_weather", "book")
    )
    expected = agent.format.render(whole).tokens
    assert [*agent.engine.sequences[-1].tokens, *tokenizer.encode("\n")] == expected  # type: ignore[attr-defined]


def test_it_may_think_again_after_them(tokenizer: Tokenizer) -> None:
    back = Message("assistant", None, "Weather.", (ToolCall("get_weather", "Paris", "sunny", "ok"),))
    agent = scripted(tokenizer, "<|Inner Thoughts|>:", "Book.<eot>", "book(\"{'city': 'Paris'}\")<eoc>")
    events = list(agent.run(Conversation((*asked().messages, back)), terms=BOTH))
    assert [event.call.name for event in events if isinstance(event, ToolCalled)] == ["book"]


@pytest.mark.parametrize(
    ("terms", "line"),
    [
        (Terms((WEATHER, BOOK), ("book",)), 'get_weather("Paris")<eoc>'),
        (Terms((WEATHER, BOOK), (), reply={"type": "object"}), 'Calculate("1"), book("{}")<eoc>'),
        (Terms((WEATHER,), ("get-weather",), must_call=True), "None<eoc>"),
        (Terms((WEATHER,), ("get-weather",), must_call=True), 'Calculate("1")<eoc>'),
        (Terms((WEATHER,), ("get-weather",), parallel=False), 'get_weather("a"), get_weather("b")<eoc>'),
        (Terms((BOOK,), ("book",)), 'book("Paris")<eoc>'),
    ],
)
def test_what_was_not_offered_cannot_be_called(tokenizer: Tokenizer, terms: Terms, line: str) -> None:
    """The scripted engine insists that the grammar allows every token."""
    agent = scripted(tokenizer, "Now.<eot>", line)
    with pytest.raises(AssertionError):
        list(agent.run(asked(tools=("Calculate",)), terms=terms))


def test_a_function_named_like_a_tool_that_is_on_is_refused(tokenizer: Tokenizer) -> None:
    terms = Terms((Function("Search"),), ("Search",))
    with pytest.raises(UserError, match="also the name of a tool"):
        scripted(tokenizer).run(asked(), terms=terms)


REPLY = {"type": "object", "properties": {"sum": {"type": "integer"}}, "required": ["sum"]}


def test_a_reply_keeps_to_its_schema_also_after_tools(tokenizer: Tokenizer) -> None:
    lines = ("I add.<eot>", 'Calculate("1+2")<eoc>', "<|MOSS|>:", '{"sum": 3}<eom>')
    events = list(scripted(tokenizer, *lines).run(asked(), terms=Terms(reply=REPLY)))
    assert json.loads(text_of(events)) == {"sum": 3}
    with pytest.raises(AssertionError):
        list(scripted(tokenizer, *lines[:-1], "It is 3.<eom>").run(asked(), terms=Terms(reply=REPLY)))


@pytest.mark.parametrize(
    ("terms", "sampling", "told"),
    [
        (Terms(reply={"type": "string", "pattern": "a"}), SamplingParams(), "'pattern'"),
        (Terms(reply=REPLY), SamplingParams(max_tokens=5), "may need 11 tokens"),
    ],
)
def test_what_cannot_be_kept_to_is_refused_at_once(
    tokenizer: Tokenizer, terms: Terms, sampling: SamplingParams, told: str
) -> None:
    with pytest.raises(UserError, match=told):
        scripted(tokenizer).run(asked(), sampling, terms=terms)


def tokens_of(events: list[Event]) -> list[Any]:
    return [token for event in events if isinstance(event, TextDelta) for token in event.tokens]


def test_probabilities_are_of_the_tokens_of_the_reply(tokenizer: Tokenizer) -> None:
    agent = scripted(tokenizer, "None<eot>", "None<eoc>", "巴黎 answer<eom>")
    events = list(agent.run(asked(), SamplingParams(logprobs=2)))
    tokens = tokens_of(events)
    assert b"".join(token.data for token in tokens).decode() == text_of(events) == "巴黎 answer"
    assert {(token.log_probability, token.likeliest) for token in tokens} == {(-0.5, ((b"x", -0.25), (b"<eom>", -9.0)))}


def test_tokens_of_a_stop_text_are_not_told(tokenizer: Tokenizer) -> None:
    agent = scripted(tokenizer, "None<eot>", "None<eoc>", "yes END no<eom>")
    events = list(agent.run(asked(), SamplingParams(logprobs=0, stop=("END",))))
    assert text_of(events) == "yes "
    assert b"".join(token.data for token in tokens_of(events)).startswith(b"yes")
    assert b"END" not in b"".join(token.data for token in tokens_of(events))
