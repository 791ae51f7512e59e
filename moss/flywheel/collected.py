"""A chat as collection reads it: plain values, in the form in which any store can give them.

Messages are a tree: an edited question and a regenerated reply are siblings. Not here: databases (the server reads its
own and builds these), de-identification, files.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from ..conversation import Message

Author = Literal["user", "assistant"]
Verdict = Literal["first", "second", "tie", "both_bad"]
Refusal = Literal["not_consented", "consent_withdrawn", "moderated", "unfinished"]
"""Why a message may not be exported. An `unfinished` one may be one day; what an export holds of it may stay there."""


@dataclass(frozen=True, slots=True)
class CollectedFeedback:
    """What the user said of a reply."""

    rating: int = 0
    """1 for a thumb up, -1 for a thumb down, 0 for none."""
    labels: tuple[str, ...] = ()
    text: str = ""


@dataclass(frozen=True, slots=True)
class CollectedMessage:
    """One node of the tree: a user's message, or the whole of an assistant's reply to one."""

    id: str
    parent_id: str | None
    """None for the first message of a chat."""
    author: Author
    turn: tuple[Message, ...]
    """One message, or the several rounds of a reply that used tools."""
    created_at: int
    """Milliseconds since 1970, UTC."""
    consented: bool
    """Whether it might be collected when it was written."""
    consent_version: str | None = None
    complete: bool = True
    """False for a reply that was stopped, interrupted or failed."""
    blocked: bool = False
    """Whether moderation refused it."""
    language: str | None = None
    intent: str | None = None
    model: str | None = None
    feedback: CollectedFeedback | None = None


@dataclass(frozen=True, slots=True)
class CollectedChoice:
    """Two replies to one message that the user compared."""

    first_id: str
    second_id: str
    verdict: Verdict


@dataclass(frozen=True)
class CollectedChat:
    """One chat of one person, with what they allow now."""

    id: str
    user_id: str
    allowed: bool
    """Whether the person's consent stands now, and the chat is not taken out of it."""
    messages: tuple[CollectedMessage, ...]
    """Parents before what follows them, siblings in the order they were written."""
    title: str = ""
    tools: tuple[str, ...] = ()
    """The tools that were switched on."""
    choices: tuple[CollectedChoice, ...] = ()
    meta: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def by_id(self) -> Mapping[str, CollectedMessage]:
        return {message.id: message for message in self.messages}

    @cached_property
    def children(self) -> Mapping[str | None, tuple[CollectedMessage, ...]]:
        """What follows each message; under None what the chat begins with."""
        found: dict[str | None, list[CollectedMessage]] = {}
        for message in self.messages:
            found.setdefault(message.parent_id, []).append(message)
        return {parent: tuple(followers) for parent, followers in found.items()}

    def refusal(self, message: CollectedMessage) -> Refusal | None:
        """Why a message of this chat may not be exported; None where it may."""
        if not message.consented:
            return "not_consented"
        if not self.allowed:
            return "consent_withdrawn"
        if message.blocked:
            return "moderated"
        if not message.complete or not any(part.content for part in message.turn):
            return "unfinished"
        return None

    def may_be_held(self, message: CollectedMessage) -> bool:
        """Whether an export that holds the message may go on doing so."""
        return self.refusal(message) in (None, "unfinished")

    def path_to(self, message: CollectedMessage) -> list[CollectedMessage]:
        """The messages from the first one to this one."""
        path = [message]
        while path[-1].parent_id is not None:
            path.append(self.by_id[path[-1].parent_id])
        return path[::-1]

    def paths(self) -> list[list[CollectedMessage]]:
        """The way to each message that nothing follows."""
        return [self.path_to(message) for message in self.messages if message.id not in self.children]


def hashed(id: str) -> str:
    """SHA-256 of an id in hexadecimal digits: how exports and tombstones name what they must not name itself."""
    return hashlib.sha256(id.encode()).hexdigest()
