"""What the model may write, as constraints on its tokens: Commands, free text, a choice among tags.

The grammar of Commands is

    None  |  Name("argument"), Name("argument"), ...

with Name among the tools that are switched on. It is a finite automaton over bytes, so that tokens may span any of
its parts (`("`, `")`); a token is allowed when all its bytes can be read and the end can still be reached within the
tokens that are left. So Commands always end, always parse, and cannot name a tool that is off.

Not here: which section comes when (agent.py), and reading the calls back (`chat_format.parse_commands`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple, Protocol

import torch
from torch import Tensor

from ..errors import UserError

NONE = b"None"
SEPARATOR = b", "


class TokenBytes(Protocol):
    """What this module needs of a tokenizer."""

    special: dict[str, int]

    @property
    def vocab_size(self) -> int: ...
    def token_bytes(self, token: int) -> bytes: ...


class Choice:
    """One of a few tokens, nothing else."""

    def __init__(self, tokens: Iterable[int], vocab_size: int) -> None:
        self._mask = _mask(tokens, vocab_size)

    def start(self, max_tokens: int) -> None:
        return None

    def allowed(self, state: None) -> Tensor:
        return self._mask

    def advance(self, state: None, token: int) -> None:
        return None


class FreeText:
    """Any text, then `end`: every token that is text, no other special token, no id that the tokenizer lacks."""

    def __init__(self, tokenizer: TokenBytes, end: int, vocab_size: int) -> None:
        special = set(tokenizer.special.values())
        self._mask = _mask((t for t in range(tokenizer.vocab_size) if t not in special or t == end), vocab_size)

    def start(self, max_tokens: int) -> None:
        return None

    def allowed(self, state: None) -> Tensor:
        return self._mask

    def advance(self, state: None, token: int) -> None:
        return None


def _mask(tokens: Iterable[int], vocab_size: int) -> Tensor:
    mask = torch.zeros(vocab_size, dtype=torch.bool)
    mask[list(tokens)] = True
    return mask


class _Utf8(NamedTuple):
    """What must follow inside a character: the range of the next byte, and how many more come after it."""

    low: int
    high: int
    more: int


def _utf8_lead(byte: int) -> _Utf8 | None:
    """What a lead byte of two or more asks for; None when it leads nothing (RFC 3629, section 4)."""
    if 0xC2 <= byte <= 0xDF:
        return _Utf8(0x80, 0xBF, 0)
    if 0xE0 <= byte <= 0xEF:
        return _Utf8(0xA0 if byte == 0xE0 else 0x80, 0x9F if byte == 0xED else 0xBF, 1)
    if 0xF0 <= byte <= 0xF4:
        return _Utf8(0x90 if byte == 0xF0 else 0x80, 0x8F if byte == 0xF4 else 0xBF, 2)
    return None


@dataclass(frozen=True, slots=True)
class CommandsState:
    """Where in Commands the text stands."""

    literals: tuple[bytes, ...] = ()
    """Fixed texts, one of which must be read to its end; empty inside an argument and after the last call."""
    in_argument: bool = False
    utf8: _Utf8 | None = None
    """Inside a character of several bytes: what it still needs."""
    empty: bool = True
    """Whether the argument has no character yet."""
    characters_left: int = 0
    calls_left: int = 0
    tokens_left: int = 0
    may_end: bool = False
    ended: bool = False

    def distance(self) -> int:
        """Tokens that lead to the end for certain: a token for each byte still needed, and the end token."""
        if self.literals:
            # An argument that is opened still needs a character, `"`, `)` and the end.
            return min(len(literal) + (4 if literal[-1:] == b'"' else 1) for literal in self.literals)
        if self.in_argument:
            character = self.utf8.more + 1 if self.utf8 else int(self.empty)
            return character + 3
        return 0 if self.ended else 1


class CommandsGrammar:
    """Commands of these tools: at most `max_calls`, each argument of 1 to `max_argument_chars` characters.

    An argument holds no double quote and no control character and does not start with a blank. Without tools only
    `None` is left. `end` is the id of `<eoc>`. Masks are computed on first use and kept; one grammar serves all
    sequences with the same switches. UserError for a name that could be taken for `None`.
    """

    def __init__(
        self,
        tool_names: Sequence[str],
        tokenizer: TokenBytes,
        end: int,
        vocab_size: int,
        max_calls: int = 4,
        max_argument_chars: int = 200,
    ) -> None:
        for name in tool_names:
            if not name.isidentifier() or name.startswith("Non"):
                raise UserError(f"a tool must be named by a word that does not start with 'Non', not {name!r}")
        self.tool_names = tuple(tool_names)
        self.max_calls = max_calls
        self.max_argument_chars = max_argument_chars
        self._end = end
        self._vocab_size = vocab_size
        self._bytes = [tokenizer.token_bytes(token) for token in range(tokenizer.vocab_size)]
        self._masks: dict[CommandsState, Tensor] = {}

    def start(self, max_tokens: int) -> CommandsState:
        """Before the first byte. ValueError where not even `None` is certain to fit into so many tokens."""
        if max_tokens <= len(NONE):
            raise ValueError(f"Commands need {len(NONE) + 1} tokens, not {max_tokens}")
        names = self._heads() if self.max_calls else ()
        return CommandsState(literals=(NONE, *names), calls_left=self.max_calls, tokens_left=max_tokens)

    def allowed(self, state: CommandsState) -> Tensor:
        """Bool mask (vocab,) of the tokens that may come next."""
        # States that differ only in how far the bound is away, further than any token reaches, have the same mask.
        key = replace(
            state,
            characters_left=min(state.characters_left, self._longest),
            tokens_left=min(state.tokens_left, self._farthest),
        )
        if key not in self._masks:
            self._masks[key] = self._mask_of(key)
        return self._masks[key]

    def advance(self, state: CommandsState, token: int) -> CommandsState:
        """The state after an allowed token."""
        if token == self._end:
            return CommandsState(ended=True)
        for byte in self._bytes[token]:
            following = self._step(state, byte)
            if following is None:
                raise ValueError(f"token {token} is not allowed in {state}")
            state = following
        return replace(state, tokens_left=state.tokens_left - 1)

    @cached_property
    def _farthest(self) -> int:
        """More than any state's distance to the end: with so many tokens left nothing is ruled out for being far."""
        return max(map(len, (NONE, *self._heads()))) + len(SEPARATOR) + 6

    @cached_property
    def _longest(self) -> int:
        """Bytes of the longest token: no token reads more characters."""
        return max(map(len, self._bytes))

    @cached_property
    def _trie(self) -> _Node:
        root = _Node({}, [])
        for token, data in enumerate(self._bytes):
            node = root
            for byte in data:
                node = node.children.setdefault(byte, _Node({}, []))
            if data:
                node.tokens.append(token)
        return root

    def _heads(self) -> tuple[bytes, ...]:
        return tuple(f'{name}("'.encode() for name in self.tool_names)

    def _mask_of(self, state: CommandsState) -> Tensor:
        """Walks the tokens' bytes and the automaton together; a byte it cannot read cuts off all tokens below."""
        found = [self._end] if state.may_end else []
        open_nodes = [(self._trie, state)]
        while open_nodes:
            node, here = open_nodes.pop()
            if here.distance() < state.tokens_left:
                found += node.tokens
            for byte, child in node.children.items():
                following = self._step(here, byte)
                if following is not None:
                    open_nodes.append((child, following))
        return _mask(found, self._vocab_size)

    def _step(self, state: CommandsState, byte: int) -> CommandsState | None:
        """The state after one byte; None when it may not come here."""
        if state.in_argument:
            return self._argument(state, byte)
        if state.literals:
            return self._literal(state, byte)
        if state.may_end and state.calls_left and byte == SEPARATOR[0]:
            rest = tuple(SEPARATOR[1:] + head for head in self._heads())
            return replace(state, literals=rest, may_end=False)
        return None

    def _literal(self, state: CommandsState, byte: int) -> CommandsState | None:
        """Inside `None`, `Name("` or `")`: which one is decided as bytes arrive."""
        rest = tuple(literal[1:] for literal in state.literals if literal[0] == byte)
        if not rest:
            return None
        if b"" not in rest:
            return replace(state, literals=rest)
        # A literal read to its end: `("` opens an argument, `None` and `)` may be followed by the end.
        if byte == ord('"'):
            return replace(
                state,
                literals=(),
                in_argument=True,
                empty=True,
                characters_left=self.max_argument_chars,
                calls_left=state.calls_left - 1,
            )
        more = state.calls_left if byte == ord(")") else 0  # nothing follows `None`
        return replace(state, literals=(), calls_left=more, may_end=True)

    def _argument(self, state: CommandsState, byte: int) -> CommandsState | None:
        if state.utf8 is not None:
            low, high, more = state.utf8
            if not low <= byte <= high:
                return None
            return replace(state, utf8=_Utf8(0x80, 0xBF, more - 1) if more else None)
        if byte == ord('"'):
            return None if state.empty else replace(state, literals=(b")",), in_argument=False, characters_left=0)
        if not state.characters_left or byte < 0x20 or byte == 0x7F or (state.empty and byte == ord(" ")):
            return None
        utf8 = _utf8_lead(byte) if byte >= 0x80 else None
        if byte >= 0x80 and utf8 is None:
            return None
        return replace(state, utf8=utf8, empty=False, characters_left=state.characters_left - 1)


class _Node(NamedTuple):
    """One node of the trie of all tokens' bytes."""

    children: dict[int, _Node]
    tokens: list[int]
    """Tokens whose bytes end here."""
