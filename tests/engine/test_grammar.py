"""The grammar of Commands: what it lets through parses to the same calls, it ends, tools that are off stay off."""

from __future__ import annotations

import random
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moss.chat_format import commands_text, parse_commands
from moss.conversation import ToolCall
from moss.engine.grammar import Choice, CommandsGrammar, FreeText
from moss.errors import UserError
from moss.tokenizer.bpe import Tokenizer

TOOLS = ("Search", "Calculate", "Solve")


@cache  # its masks are kept with it, so that hypothesis does not wait for them a hundred times
def grammar_of(
    tokenizer: Tokenizer, tools: tuple[str, ...] = TOOLS, calls: int = 3, chars: int = 12
) -> CommandsGrammar:
    end = tokenizer.special["<eoc>"]
    return CommandsGrammar(tools, tokenizer, end, tokenizer.vocab_size + 5, max_calls=calls, max_argument_chars=chars)


def accepts(grammar: CommandsGrammar, tokens: list[int]) -> bool:
    state = grammar.start(1000)
    for token in tokens:
        if not grammar.allowed(state)[token]:
            return False
        state = grammar.advance(state, token)
    return state.ended


def spelled(tokenizer: Tokenizer, text: str) -> list[int]:
    return [*tokenizer.encode(text), tokenizer.special["<eoc>"]]


def random_commands(grammar: CommandsGrammar, tokenizer: Tokenizer, rng: random.Random, max_tokens: int = 400) -> str:
    """A random walk through the grammar, every allowed token as likely."""
    tokens: list[int] = []
    state = grammar.start(max_tokens)
    while not state.ended:
        tokens.append(rng.choice(grammar.allowed(state).nonzero().flatten().tolist()))
        state = grammar.advance(state, tokens[-1])
    assert len(tokens) <= max_tokens
    return b"".join(tokenizer.token_bytes(token) for token in tokens).decode("utf-8")  # strict: must be UTF-8


@given(st.integers(0, 2**32))
def test_whatever_it_lets_through_parses_to_the_same_calls(tokenizer: Tokenizer, seed: int) -> None:
    text = random_commands(grammar_of(tokenizer), tokenizer, random.Random(seed))
    calls = parse_commands(text)
    assert commands_text(calls) == text
    assert len(calls) <= 3
    assert {call.name for call in calls} <= set(TOOLS)
    assert all(1 <= len(call.argument) <= 12 for call in calls)


@given(st.integers(0, 2**32), st.integers(5, 40))
def test_it_ends_within_any_number_of_tokens(tokenizer: Tokenizer, seed: int, max_tokens: int) -> None:
    text = random_commands(grammar_of(tokenizer), tokenizer, random.Random(seed), max_tokens)
    assert commands_text(parse_commands(text)) == text


def test_too_few_tokens_are_told(tokenizer: Tokenizer) -> None:
    with pytest.raises(ValueError, match="needs 5 tokens, not 4"):
        grammar_of(tokenizer).start(4)


argument = st.text(st.characters(exclude_categories=["C"], exclude_characters='"'), min_size=1, max_size=12).filter(
    lambda text: not text.startswith(" ")
)


@given(st.lists(st.builds(ToolCall, st.sampled_from(TOOLS), argument), max_size=3))
def test_every_call_can_be_written(tokenizer: Tokenizer, calls: list[ToolCall]) -> None:
    assert accepts(grammar_of(tokenizer), spelled(tokenizer, commands_text(calls)))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Non",
        "None.",
        'Count("x")',
        'Text2Image("a cat")',
        'Search("")',
        'Search(" x")',
        'Search("a\nb")',
        'Search("a\x7fb")',
        'Search("a"',
        'Search("a"b")',
        'Search("a"),Search("b")',
        'Search("a"), ',
        'Search("a"), None',
        'Search("1234567890123")',
        'Search("a"), Search("b"), Search("c"), Search("d")',
    ],
)
def test_what_it_does_not_let_through(tokenizer: Tokenizer, text: str) -> None:
    assert not accepts(grammar_of(tokenizer), spelled(tokenizer, text))


def test_names_that_start_alike(tokenizer: Tokenizer) -> None:
    grammar = grammar_of(tokenizer, ("Sol", "Solve", "No"))
    for name in ("Sol", "Solve", "No"):
        assert accepts(grammar, spelled(tokenizer, f'{name}("x")'))
    assert not accepts(grammar, spelled(tokenizer, 'Solv("x")'))


@pytest.mark.parametrize("name", ["Nonesuch", "", "two words"])
def test_names_that_cannot_be_read_back(tokenizer: Tokenizer, name: str) -> None:
    with pytest.raises(UserError, match="a tool must be named"):
        grammar_of(tokenizer, (name,))


def test_without_tools_only_none_is_left(tokenizer: Tokenizer) -> None:
    grammar = grammar_of(tokenizer, ())
    assert random_commands(grammar, tokenizer, random.Random(0)) == "None"


def test_masks_are_kept_and_few(tokenizer: Tokenizer) -> None:
    grammar = grammar_of(tokenizer, chars=200)
    state = grammar.start(300)
    for token in tokenizer.encode('Search("' + "long " * 20):
        assert grammar.allowed(state) is grammar.allowed(state)
        state = grammar.advance(state, token)
    assert len(grammar._unbound) < 30


def test_T2_free_text_holds_no_special_token_but_its_end(tokenizer: Tokenizer) -> None:
    end = tokenizer.special["<eom>"]
    mask = FreeText(tokenizer, end, tokenizer.vocab_size + 5).allowed(None)
    assert mask[end]
    assert {token for token in tokenizer.special.values() if mask[token]} == {end}
    assert not mask[tokenizer.vocab_size :].any()
    assert mask.sum() == tokenizer.vocab_size - len(tokenizer.special) + 1


def test_choice(tokenizer: Tokenizer) -> None:
    assert Choice((3, 5), 8).allowed(None).nonzero().flatten().tolist() == [3, 5]
