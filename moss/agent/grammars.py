"""What the sections of an answer are written under: free text, commands of the tools that are on, JSON of a schema.

Each is made once; those of askers' functions and schemas are kept for the next time. Not here: how a grammar allows
tokens (`engine/grammar.py`).
"""

from __future__ import annotations

import json

from ..chat_format import ChatFormat, Section
from ..engine.engine import Engine
from ..engine.grammar import Choice, CommandsGrammar, FreeText, JsonGrammar, TokenGrammar
from ..engine.params import SamplingParams
from ..engine.sequence import Constraint
from ..errors import UserError
from ..terms import Terms

GRAMMARS_KEPT = 32
"""Grammars of askers' functions and schemas that are kept for the next time."""


class Grammars:
    """The grammars of one agent, over its engine's vocabulary."""

    def __init__(self, engine: Engine, chat_format: ChatFormat, max_calls: int) -> None:
        self._engine = engine
        self._format = chat_format
        self._max_calls = max_calls
        self._kept: dict[str, TokenGrammar] = {}
        self.texts = {section: self._free_text(section) for section in (Section.THOUGHTS, Section.REPLY)}
        tags = (chat_format.tag_id(Section.THOUGHTS), chat_format.tag_id(Section.REPLY))
        self.next_tag = Choice(tags, engine.vocab_size)

    def commands(self, tools: tuple[str, ...], terms: Terms, must_call: bool) -> TokenGrammar:
        """The grammar of Commands for these tools; `must_call`: for a function of the asker's."""
        functions = terms.offered
        key = json.dumps([tools, [function.to_dict() for function in functions], terms.parallel, must_call])
        if key not in self._kept:
            self._keep(
                key,
                CommandsGrammar(
                    tuple(function.api for function in functions) if must_call else tools,
                    self._engine.tokenizer,
                    self._format.end_id(Section.COMMANDS),
                    self._engine.vocab_size,
                    max_calls=self._max_calls if terms.parallel else 1,
                    functions=functions,
                    must_call=must_call,
                ),
            )
        return self._kept[key]

    def reply(self, terms: Terms, sampling: SamplingParams) -> Constraint:
        """What the reply is written under. UserError where its schema cannot be enforced, or not in so many tokens."""
        if terms.reply is None:
            return self.texts[Section.REPLY]
        key = json.dumps(terms.reply)
        if key not in self._kept:
            end = self._format.end_id(Section.REPLY)
            self._keep(key, JsonGrammar(terms.reply, self._engine.tokenizer, end, self._engine.vocab_size))
        grammar = self._kept[key]
        if sampling.max_tokens < grammar.shortest:
            raise UserError(
                f"a reply of this schema may need {grammar.shortest} tokens, and max_tokens is {sampling.max_tokens}"
            )
        return grammar

    def _keep(self, key: str, grammar: TokenGrammar) -> None:
        if len(self._kept) >= GRAMMARS_KEPT:
            self._kept.clear()
        self._kept[key] = grammar

    def _free_text(self, section: Section) -> FreeText:
        return FreeText(self._engine.tokenizer, self._format.end_id(section), self._engine.vocab_size)
