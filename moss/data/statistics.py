"""Counts over conversations: roles, languages, tools, turns, characters, tokens."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import TypeVar

import regex

from ..chat_format import ChatFormat
from ..conversation import Conversation
from ..errors import UserError

Number = TypeVar("Number", int, float)

_HAN = regex.compile(r"\p{Han}")
_LATIN = regex.compile(r"\p{Latin}")
_KANA_OR_HANGUL = regex.compile(r"[\p{Hiragana}\p{Katakana}\p{Hangul}]")


def language_of(text: str) -> str:
    """`zh`, `en` or `other`, by script: a rule of thumb that tells the two languages of MOSS apart, no more.

    A Chinese character counts as four Latin letters, about what it says; text with Japanese or Korean script, or with
    neither Chinese nor Latin letters, is `other`.
    """
    han, latin = len(_HAN.findall(text)), len(_LATIN.findall(text))
    if len(_KANA_OR_HANGUL.findall(text)) * 10 > han + latin or not han + latin:
        return "other"
    return "zh" if 4 * han >= latin else "en"


@dataclass
class Statistics:
    """Counts over the conversations that `add` was given."""

    conversations: int = 0
    languages: Counter[str] = field(default_factory=Counter)
    """Conversations by the language of what the user says."""
    messages: Counter[str] = field(default_factory=Counter)
    """Messages by role."""
    empty_replies: int = 0
    tools: Counter[str] = field(default_factory=Counter)
    """Conversations by tool whose switch is on."""
    calls: Counter[str] = field(default_factory=Counter)
    """Calls by tool."""
    calls_without_success: Counter[str] = field(default_factory=Counter)
    """Calls by tool that failed, timed out or have no result."""
    turns: list[int] = field(default_factory=list)
    """User messages of each conversation."""
    characters: list[int] = field(default_factory=list)
    """Characters of all texts of each conversation."""
    tokens: list[int] = field(default_factory=list)
    """Tokens of each conversation as rendered; empty without a tokenizer."""
    trained_tokens: int = 0
    """Those of them that carry loss."""
    not_renderable: list[str] = field(default_factory=list)
    """Why conversations cannot be rendered, one line each."""

    def add(self, conversation: Conversation) -> None:
        """Counts one conversation."""
        self.conversations += 1
        said = " ".join(m.content or "" for m in conversation.messages if m.role == "user")
        self.languages[language_of(said)] += 1
        self.tools.update(conversation.tools)
        roles = Counter(message.role for message in conversation.messages)
        self.messages.update(roles)
        self.turns.append(roles["user"])
        characters = 0
        for message in conversation.messages:
            characters += len(message.content or "") + len(message.thought or "")
            self.empty_replies += message.role == "assistant" and message.content == ""
            for call in message.tool_calls:
                characters += len(call.argument) + len(call.result or "")
                self.calls[call.name] += 1
                self.calls_without_success[call.name] += call.status != "ok"
        self.characters.append(characters)

    def add_tokens(self, number: int, conversation: Conversation, chat_format: ChatFormat) -> None:
        """Counts the tokens of one conversation; `number` names it where it cannot be rendered."""
        try:
            rendered = chat_format.render(conversation)
        except UserError as error:
            self.not_renderable.append(f"conversation {number}: {error}")
            return
        self.tokens.append(len(rendered.tokens))
        self.trained_tokens += sum(rendered.loss_mask)


def measure(conversations: Iterable[Conversation], chat_format: ChatFormat | None = None) -> Statistics:
    """Statistics of conversations, with tokens where there is a chat format to render them."""
    found = Statistics()
    for number, conversation in enumerate(conversations, start=1):
        found.add(conversation)
        if chat_format is not None:
            found.add_tokens(number, conversation, chat_format)
    return found


def quantile(values: Sequence[Number], share: float) -> Number:
    """The value that this share of the values does not exceed (nearest rank); 0 without values."""
    if not values:
        return 0
    rank = max(1, ceil(len(values) * share))
    return sorted(values)[rank - 1]
