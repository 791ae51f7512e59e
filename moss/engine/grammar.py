"""What the model may write, as constraints on its tokens: Commands, JSON, free text, a choice among tags.

The grammar of Commands is

    None  |  Name("argument"), Name("argument"), ...

with Name among the tools that are switched on. It is an automaton over bytes (`automaton.py`), so that tokens may span
any of its parts (`("`, `")`); a token is allowed when all its bytes can be read and the end can still be reached within
the tokens that are left. So Commands always end, always parse, and cannot name a tool that is off; and a reply that has
to be JSON is JSON.

Not here: which section comes when (agent/), and reading the calls back (`chat_format.parse_commands`).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple, Protocol

import torch
from torch import Tensor

from ..errors import UserError
from ..terms import Function
from .automaton import ARGUMENT, Alphabet, Bytes, Chars, Part, Rule, Rules, Stack, State
from .json_schema import argument_rule, json_rule

NONE = b"None"
SEPARATOR = b", "
MASK_BYTES = 8 * 2**20
"""What the masks of one grammar may take; each takes a byte for every token of the vocabulary."""


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


class _Node(NamedTuple):
    """One node of a trie of tokens' bytes."""

    children: dict[int, _Node]
    tokens: list[int]
    """Tokens whose bytes end here."""


def _trie(tokens: Iterable[tuple[int, bytes]]) -> _Node:
    root = _Node({}, [])
    for token, data in tokens:
        node = root
        for byte in data:
            node = node.children.setdefault(byte, _Node({}, []))
        if data:
            node.tokens.append(token)
    return root


class Vocabulary:
    """The bytes of all tokens, arranged for grammars; made once for a tokenizer."""

    def __init__(self, tokenizer: TokenBytes, size: int) -> None:
        self.size = size
        self.bytes = [tokenizer.token_bytes(token) for token in range(tokenizer.vocab_size)]
        self.longest = max(map(len, self.bytes))
        """Bytes of the longest token: no token reads more characters."""
        self.trie = _trie(enumerate(self.bytes))
        self._parts: dict[Alphabet, tuple[Tensor, _Node]] = {}

    def parted(self, alphabet: Alphabet) -> tuple[Tensor, _Node]:
        """The tokens that are characters of this alphabet and nothing else, as a mask; and the others.

        Inside of a text nearly all tokens are of the first kind, and need not be walked through byte by byte.
        """
        if alphabet not in self._parts:
            plain = {token for token, data in enumerate(self.bytes) if data and alphabet.plain(data)}
            others = _trie((token, data) for token, data in enumerate(self.bytes) if token not in plain)
            self._parts[alphabet] = (_mask(plain, self.size), others)
        return self._parts[alphabet]


vocabulary_of = lru_cache(maxsize=4)(Vocabulary)


class GrammarState(NamedTuple):
    """Where in a grammar the text stands."""

    state: State
    tokens_left: int
    ended: bool = False


class TokenGrammar:
    """A rule as a constraint: the tokens that can be read on and leave room for the shortest end, then `end`.

    Masks are computed on first use and kept; one grammar serves all sequences.
    """

    def __init__(self, rules: Rules, rule: Rule, tokenizer: TokenBytes, end: int, vocab_size: int) -> None:
        self._rules = rules
        self._start = rules.start(rule)
        self._end = end
        self._vocabulary = vocabulary_of(tokenizer, vocab_size)  # type: ignore[arg-type]  # every object is hashable
        self._masks: dict[tuple[State, int], Tensor] = {}
        self._unbound: dict[State, tuple[Tensor, int]] = {}

    @property
    def shortest(self) -> int:
        """Tokens that are certain to be enough, the end among them."""
        return self._to_end(self._start)

    def start(self, max_tokens: int) -> GrammarState:
        """Before the first byte. ValueError where not even the shortest text is certain to fit into so many tokens."""
        if max_tokens < self.shortest:
            raise ValueError(f"this grammar needs {self.shortest} tokens, not {max_tokens}")
        return GrammarState(self._start, max_tokens)

    def allowed(self, state: GrammarState) -> Tensor:
        """Bool mask (vocab,) of the tokens that may come next."""
        here = tuple(tuple(map(self._near, stack)) for stack in state.state)
        if here not in self._unbound:
            self._forget()
            self._unbound[here] = self._mask_of(here, None)
        mask, farthest = self._unbound[here]
        if state.tokens_left > farthest:
            return mask
        key = (here, state.tokens_left)
        if key not in self._masks:
            self._masks[key], _ = self._mask_of(here, state.tokens_left)
        return self._masks[key]

    def advance(self, state: GrammarState, token: int) -> GrammarState:
        """The state after an allowed token."""
        if token == self._end:
            return GrammarState((), 0, ended=True)
        here = state.state
        for byte in self._vocabulary.bytes[token]:
            here = self._rules.read(here, byte)
        if not here:
            raise ValueError(f"token {token} is not allowed in {state}")
        return GrammarState(here, state.tokens_left - 1)

    def _near(self, part: Part) -> Part:
        """Limits that differ only further away than any token reaches have the same mask."""
        if not isinstance(part, Chars) or part.high is None:
            return part
        return part._replace(high=min(part.high, self._vocabulary.longest))

    def _forget(self) -> None:
        if (len(self._unbound) + len(self._masks)) * self._vocabulary.size > MASK_BYTES:
            self._unbound.clear()
            self._masks.clear()

    def _mask_of(self, state: State, tokens_left: int | None) -> tuple[Tensor, int]:
        """The mask, and the longest way to an end that was met (tokens), up to which a limit would have ruled out none.

        Walks the tokens' bytes and the automaton together; a byte it cannot read cuts off all tokens below.
        """
        limit = math.inf if tokens_left is None else tokens_left
        trie, mask = self._vocabulary.trie, torch.zeros(self._vocabulary.size, dtype=torch.bool)
        farthest = self._to_end(state)
        for stack in filter(self._is_inside_text, state):
            if (distance := self._to_end((stack,))) < limit:
                plain, trie = self._vocabulary.parted(stack[-1].alphabet)  # type: ignore[union-attr]  # it is Chars
                mask, farthest = plain.clone(), max(farthest, distance)
                break
        found = [self._end] if () in state else []
        open_nodes = [(trie, state)]
        while open_nodes:
            node, here = open_nodes.pop()
            if node.tokens:
                distance = self._to_end(here)
                farthest = max(farthest, distance)
                found += node.tokens if distance < limit else []
            for byte, child in node.children.items():
                if following := self._rules.read(here, byte):
                    open_nodes.append((child, following))
        mask[found] = True
        return mask, farthest

    def _to_end(self, state: State) -> int:
        """Tokens that lead to the end for certain: one for each byte still needed, and the end token."""
        return self._rules.distance(state) + 1

    def _is_inside_text(self, stack: Stack) -> bool:
        """Whether any token of plain characters can be read next."""
        top = stack[-1] if stack else None
        return (
            isinstance(top, Chars) and top.starts_blank and (top.high is None or top.high >= self._vocabulary.longest)
        )


class JsonGrammar(TokenGrammar):
    """JSON of a schema, spelled as `json.dumps` does. UserError, naming the keyword, for what cannot be enforced."""

    def __init__(self, schema: Mapping[str, Any], tokenizer: TokenBytes, end: int, vocab_size: int) -> None:
        rules = Rules()
        rule = json_rule(schema, rules)
        rules.close()
        super().__init__(rules, rule, tokenizer, end, vocab_size)


class CommandsGrammar(TokenGrammar):
    """Commands of these tools: at most `max_calls`, each argument of 1 to `max_argument_chars` characters.

    An argument holds no double quote and no control character and does not start with a blank; those of `functions`,
    whose names are among the tools', are what their parameters ask for. Without tools only `None` is left; with
    `must_call` it is no choice. `end` is the id of `<eoc>`. UserError for a name that could be taken for `None`.
    """

    def __init__(
        self,
        tool_names: Sequence[str],
        tokenizer: TokenBytes,
        end: int,
        vocab_size: int,
        max_calls: int = 4,
        max_argument_chars: int = 200,
        functions: Sequence[Function] = (),
        must_call: bool = False,
    ) -> None:
        for name in tool_names:
            if not name.isidentifier() or name.startswith("Non"):
                raise UserError(f"a tool must be named by a word that does not start with 'Non', not {name!r}")
        rules = Rules()
        free = rules.rule((Chars(ARGUMENT, 1, max_argument_chars, starts_blank=False),))
        own = {function.api: argument_rule(function, rules) for function in functions}
        texts: list[tuple[Part, ...]] = [] if must_call else [(Bytes(NONE),)]
        if tool_names and max_calls:
            heads = ((name, Bytes(f'{name}("'.encode())) for name in tool_names)
            call = rules.rule(*((head, own.get(name, free), Bytes(b'")')) for name, head in heads))
            more = rules.rule(())
            for _ in range(max_calls - 1):
                more = rules.rule((), (Bytes(SEPARATOR), call, more))
            texts.append((call, more))
        top = rules.rule(*texts)
        rules.close()
        super().__init__(rules, top, tokenizer, end, vocab_size)
