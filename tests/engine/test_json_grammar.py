"""JSON of a schema: whatever the grammar lets through fits the schema, it always ends, and what fits can be written."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from functools import cache
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from moss.chat_format import commands_text, parse_commands
from moss.engine.grammar import CommandsGrammar, JsonGrammar, TokenGrammar
from moss.engine.json_schema import check_schema
from moss.errors import UserError
from moss.terms import Function, spelled_argument
from moss.tokenizer.bpe import Tokenizer

PERSON = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "minLength": 1, "maxLength": 20},
        "age": {"type": "integer", "minimum": 0, "exclusiveMaximum": 150},
        "born": {"anyOf": [{"$ref": "#/$defs/Place"}, {"type": "null"}]},
        "tags": {"type": "array", "items": {"enum": ["a", 'b"c', "d'e", 4, None]}, "minItems": 1, "maxItems": 3},
        "score": {"type": "number", "minimum": -1.5, "maximum": 1.5},
    },
    "required": ["name", "tags"],
    "additionalProperties": False,
    "$defs": {
        "Place": {
            "type": "object",
            "properties": {"city": {"type": "string"}, "near": {"type": "array", "items": {"$ref": "#/$defs/Place"}}},
            "required": ["city"],
        }
    },
}
SCHEMAS: tuple[Mapping[str, Any], ...] = (
    PERSON,
    {},
    {"type": "object"},
    {"type": "object", "additionalProperties": {"type": "boolean"}},
    {"type": ["integer", "null"], "maximum": -3},
    {"type": "number", "exclusiveMinimum": 0.25, "maximum": 0.26},
    {"type": "array", "prefixItems": [{"const": 1}, {"type": "string"}], "items": False, "minItems": 1},
    {"type": "string", "minLength": 2, "maxLength": 3},
)


@cache
def grammar_of(tokenizer: Tokenizer, schema: str) -> JsonGrammar:
    return JsonGrammar(json.loads(schema), tokenizer, tokenizer.special["<eom>"], tokenizer.vocab_size + 5)


def random_text(grammar: TokenGrammar, tokenizer: Tokenizer, seed: int, max_tokens: int) -> str:
    """A random walk through the grammar, every allowed token as likely."""
    tokens: list[int] = []
    rng = random.Random(seed)
    state = grammar.start(max_tokens)
    while not state.ended:
        tokens.append(rng.choice(grammar.allowed(state).nonzero().flatten().tolist()))
        state = grammar.advance(state, tokens[-1])
    assert len(tokens) <= max_tokens
    return b"".join(tokenizer.token_bytes(token) for token in tokens).decode("utf-8")  # strict: must be UTF-8


def accepts(grammar: TokenGrammar, tokenizer: Tokenizer, text: str) -> bool:
    state = grammar.start(1000)
    for token in [*tokenizer.encode(text), tokenizer.special["<eom>"]]:
        if not grammar.allowed(state)[token]:
            return False
        state = grammar.advance(state, token)
    return state.ended


@given(st.sampled_from(SCHEMAS), st.integers(0, 2**32), st.integers(0, 150))
def test_whatever_it_lets_through_fits_and_ends(
    tokenizer: Tokenizer, schema: Mapping[str, Any], seed: int, more: int
) -> None:
    grammar = grammar_of(tokenizer, json.dumps(schema))
    text = random_text(grammar, tokenizer, seed, grammar.shortest + more)
    jsonschema_rs.validate(dict(schema), json.loads(text))


VALUES = [
    (PERSON, {"name": "Å'\"\\\n巴", "tags": ["a"]}),
    (PERSON, {"name": "x", "age": 149, "born": None, "tags": ["d'e", None, 4], "score": -0.25}),
    (PERSON, {"name": "x", "born": {"city": "", "near": [{"city": "y"}]}, "tags": ['b"c']}),
    ({"type": "object"}, {"a": [1, -2.5, True, None, {"b": {}}], "c": "d"}),
    ({"type": "array"}, []),
    ({"type": "number"}, 0),
]


@pytest.mark.parametrize(("schema", "value"), VALUES)
def test_what_fits_can_be_written(tokenizer: Tokenizer, schema: Mapping[str, Any], value: Any) -> None:
    assert accepts(grammar_of(tokenizer, json.dumps(schema)), tokenizer, json.dumps(value, ensure_ascii=False))


@pytest.mark.parametrize(
    ("schema", "text"),
    [
        (PERSON, '{"tags": ["a"]}'),
        (PERSON, '{"name": "x", "age": 150, "tags": ["a"]}'),
        (PERSON, '{"name": "x", "tags": []}'),
        (PERSON, '{"name": "x", "tags": ["a"], "more": 1}'),
        ({"type": "object"}, "[]"),
        ({"type": "object"}, '{"a": 1'),
        ({"type": "string"}, '"\\ud800"'),
        ({"type": "string"}, '"a\nb"'),
        ({"type": "integer"}, "01"),
        ({"type": "integer"}, "1.5"),
        ({"type": "number"}, "1."),
    ],
)
def test_what_does_not_fit_is_not_let_through(tokenizer: Tokenizer, schema: Mapping[str, Any], text: str) -> None:
    assert not accepts(grammar_of(tokenizer, json.dumps(schema)), tokenizer, text)


@pytest.mark.parametrize(
    ("schema", "told"),
    [
        ({"type": "string", "pattern": "a+"}, "schema: the keyword 'pattern'"),
        (
            {"type": "object", "properties": {"x": {"type": "string", "format": "date"}}},
            "schema.properties.x: .*format",
        ),
        ({"oneOf": [{}, {}]}, "oneOf"),
        ({"type": "array", "uniqueItems": True}, "uniqueItems"),
        ({"type": "integer", "multipleOf": 3}, "multipleOf"),
        ({"type": "text"}, "must be one of"),
        ({"$ref": "#"}, "never end"),
        ({"$ref": "#/$defs/None"}, "leads nowhere"),
        ({"$ref": "https://example.org/schema"}, "leads nowhere"),
        ({"type": "object", "properties": {"x": {"$ref": "#"}}, "required": ["x"]}, "never end"),
        ({"type": "integer", "minimum": 3, "maximum": 2}, "nothing fits"),
        ({"enum": ["\ud800"]}, "half a character"),
        ({"type": "object", "required": ["x"]}, "required"),
        ({"type": "string", "enum": [1]}, "none of the values"),
    ],
)
def test_what_cannot_be_enforced_is_refused_by_name(schema: Mapping[str, Any], told: str) -> None:
    with pytest.raises(UserError, match=told):
        check_schema(schema)


def test_deep_nesting_comes_to_an_end(tokenizer: Tokenizer) -> None:
    """A model that only ever opens brackets is stopped before readers of JSON give up."""
    grammar = grammar_of(tokenizer, "{}")
    state = grammar.start(5000)
    opening = tokenizer.encode("[")[0]
    count = 0
    while grammar.allowed(state)[opening]:
        state = grammar.advance(state, opening)
        count += 1
    assert 20 < count < 200


WEATHER = Function(
    "get-weather",
    "Tells the weather: now.",
    {"type": "object", "properties": {"city": {"type": "string"}, "days": {"type": "integer"}}, "required": ["city"]},
)
SAY = Function("say", "", {"type": "object", "properties": {"text": {"type": "string"}}})
UNIT = Function("unit", "", {"type": "object", "properties": {"unit": {"type": "string", "enum": ["C", "F"]}}})
NOW = Function("now", "", {"type": "object", "properties": {}})


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        (WEATHER, {"city": 'It\'s "x"\\', "days": 3}),
        (WEATHER, {"city": "巴黎", "days": -1}),
        (SAY, {"text": "It's"}),
        (UNIT, {"unit": "F"}),
    ],
)
def test_arguments_of_functions_come_back(tokenizer: Tokenizer, function: Function, arguments: Any) -> None:
    grammar = commands_of(tokenizer, function)
    text = f'{function.api}("{spelled_argument(arguments)}")'
    assert accepts(grammar, tokenizer, text)
    (call,) = parse_commands(text)
    assert json.loads(function.arguments(call.argument)) == arguments


def test_an_only_argument_is_the_first_one() -> None:
    assert json.loads(WEATHER.arguments(spelled_argument({"city": "巴黎"}))) == {"city": "巴黎"}


@cache
def commands(tokenizer: Tokenizer, function: str) -> CommandsGrammar:
    found = Function(**json.loads(function))
    size, end = tokenizer.vocab_size + 5, tokenizer.special["<eom>"]
    return CommandsGrammar((found.api,), tokenizer, end, size, max_calls=2, functions=(found,), must_call=True)


def commands_of(tokenizer: Tokenizer, function: Function) -> CommandsGrammar:
    return commands(tokenizer, json.dumps(function.to_dict()))


@given(st.sampled_from([WEATHER, SAY, UNIT, NOW]), st.integers(0, 2**32))
def test_any_call_of_a_function_has_arguments_that_fit(tokenizer: Tokenizer, function: Function, seed: int) -> None:
    text = random_text(commands_of(tokenizer, function), tokenizer, seed, 120)
    calls = parse_commands(text)
    assert commands_text(calls) == text
    assert calls
    for call in calls:
        jsonschema_rs.validate(dict(function.parameters), json.loads(function.arguments(call.argument)))


def test_names_and_titles_of_functions() -> None:
    assert (WEATHER.api, WEATHER.title) == ("get_weather", "Tells the weather, now")
    assert (Function("Nonstop").api, Function("2x").api, Function("f").title) == ("_Nonstop", "_2x", "f")
