"""Which of two replies a person preferred, from what they did: choices, thumbs, regenerating. Not here: their text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

from .collected import CollectedChat, CollectedMessage

Kind = Literal["choice", "rating", "regeneration"]


@dataclass(frozen=True, slots=True)
class Comparison:
    """One reply is better than another to the same message, and how that is known."""

    chosen: CollectedMessage
    rejected: CollectedMessage
    kind: Kind
    """A side-by-side choice, a better thumb, or a reply that was kept after another one was regenerated."""


def compared(chat: CollectedChat, usable: set[str]) -> Iterator[Comparison]:
    """Every comparison between usable replies; of two replies only the surest kind."""
    decided = {frozenset((choice.first_id, choice.second_id)): choice.verdict for choice in chat.choices}
    for parent, replies in chat.children.items():
        if parent is None or parent not in usable:
            continue
        candidates = [reply for reply in replies if reply.author == "assistant" and reply.id in usable]
        for earlier, later in combinations(candidates, 2):
            verdict = decided.get(frozenset((earlier.id, later.id)))
            found = _by_choice(chat, earlier, later) if verdict else _by_use(chat, earlier, later)
            if found is not None:
                yield found


def _by_choice(chat: CollectedChat, one: CollectedMessage, other: CollectedMessage) -> Comparison | None:
    """What the user answered side by side; None for a tie or where both were bad."""
    choice = next(c for c in chat.choices if {c.first_id, c.second_id} == {one.id, other.id})
    first, second = chat.by_id[choice.first_id], chat.by_id[choice.second_id]
    match choice.verdict:
        case "first":
            return Comparison(first, second, "choice")
        case "second":
            return Comparison(second, first, "choice")
    return None


def _by_use(chat: CollectedChat, earlier: CollectedMessage, later: CollectedMessage) -> Comparison | None:
    """By their thumbs; else the later reply was asked for because the earlier did not do, if then it was gone on "
    "from."""
    before, after = _rating(earlier), _rating(later)
    if before != after and 0 not in (before, after):
        return Comparison(earlier, later, "rating") if before > after else Comparison(later, earlier, "rating")
    kept = after == 1 or (after == 0 and later.id in chat.children)
    if kept and before != 1 and earlier.id not in chat.children:
        return Comparison(later, earlier, "regeneration")
    return None


def _rating(reply: CollectedMessage) -> int:
    return reply.feedback.rating if reply.feedback else 0
