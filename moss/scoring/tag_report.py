"""What came of tagging: how the qualities are distributed, by language, length and source, and examples of each.

A look at it shows what the scorer really prefers: a language, long replies, a source.
"""

from __future__ import annotations

import heapq
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from rich.table import Table

from ..conversation import QUALITY_LEVELS, Conversation
from ..data.statistics import language_of
from .ranks import rank_correlation

LENGTHS = (30, 100, 300, 1000)
"""Bounds of the groups of replies by length, in characters."""
EXAMPLES = 3
"""Replies shown of each quality."""
SHOWN = 300
"""Characters shown of a text."""


@dataclass
class Group:
    """Replies that have something in common."""

    replies: int = 0
    score: float = 0.0
    """Sum."""
    levels: Counter[int] = field(default_factory=Counter)

    def add(self, score: float, quality: int) -> None:
        """Counts one reply."""
        self.replies += 1
        self.score += score
        self.levels[quality] += 1

    @property
    def mean_quality(self) -> float:
        return sum(level * count for level, count in self.levels.items()) / self.replies

    def to_dict(self) -> dict[str, Any]:
        """JSON form."""
        return {
            "replies": self.replies,
            "mean_score": round(self.score / self.replies, 4),
            "mean_quality": round(self.mean_quality, 1),
            "levels": {str(level): self.levels[level] for level in QUALITY_LEVELS},
        }


class TagReport:
    """Counts the replies that `add` was given; `to_dict` for machines, `tables` for people."""

    def __init__(self, scorer: str) -> None:
        self.scorer = scorer
        self.conversations = 0
        self.not_scored = 0
        """Replies too long for the scorer, or with none beside them to be compared with: they have no tag."""
        self.left_out = 0
        """Dialogues that are not written, because they call otherwise than the best reply to a context."""
        self.groups: dict[str, defaultdict[str, Group]] = {
            kind: defaultdict(Group) for kind in ("all", "language", "length", "source")
        }
        self._scores, self._lengths = array("d"), array("l")
        self._examples: defaultdict[int, list[tuple[str, dict[str, Any]]]] = defaultdict(list)

    def add(self, conversation: Conversation, number: int, score: float | None, quality: int | None, key: str) -> None:
        """Takes in the reply that is message `number`; `key` decides whether it is an example, whatever the order."""
        if score is None or quality is None:
            self.not_scored += 1
            return
        reply = conversation.messages[number].content or ""
        source = str(conversation.meta.get("source") or "not named")
        kinds = {"all": "all", "language": language_of(reply), "length": _length_group(len(reply)), "source": source}
        for kind, name in kinds.items():
            self.groups[kind][name].add(score, quality)
        self._scores.append(score)
        self._lengths.append(len(reply))
        prompt = next((m.content or "" for m in reversed(conversation.messages[:number]) if m.role == "user"), "")
        example = {"score": score, "prompt": prompt[:SHOWN], "reply": reply[:SHOWN], "source": source}
        shown = self._examples[quality]
        shown.append((key, example))
        if len(shown) > EXAMPLES:
            shown[:] = heapq.nsmallest(EXAMPLES, shown, key=lambda pair: pair[0])

    def to_dict(self) -> dict[str, Any]:
        """JSON form."""
        ordered = sorted(self._scores)
        return {
            "scorer": self.scorer,
            "conversations": self.conversations,
            "replies": len(ordered),
            "not_scored": self.not_scored,
            "left_out": self.left_out,
            "scores": {
                "lowest": ordered[0],
                "median": ordered[len(ordered) // 2],
                "highest": ordered[-1],
                "different": len(set(ordered)),
            },
            "rank_correlation_with_length": _rounded(rank_correlation(self._scores, self._lengths)),
            "distribution": {
                kind: {name: group.to_dict() for name, group in _sorted(kind, groups)}
                for kind, groups in self.groups.items()
            },
            "examples": {
                str(level): [example for _, example in sorted(self._examples[level], key=lambda pair: pair[0])]
                for level in QUALITY_LEVELS
            },
        }

    def tables(self) -> Iterator[Table]:
        """The distribution, a row a group, shares of its replies in percent; and the examples."""
        shown = Table(
            "replies", title=f"Quality by {self.scorer}", box=None, padding=(0, 1, 0, 0), title_justify="left"
        )
        for heading in ("number", "mean", *map(str, QUALITY_LEVELS)):
            shown.add_column(heading, justify="right", no_wrap=True)
        for kind, groups in self.groups.items():
            for name, group in _sorted(kind, groups):
                shares = (f"{100 * group.levels[level] / group.replies:.0f}" for level in QUALITY_LEVELS)
                title = name if kind == "all" else f"{kind}: {name}"
                shown.add_row(title, f"{group.replies:,}", f"{group.mean_quality:.0f}", *shares)
        yield shown
        examples = Table("quality", "prompt", "reply", title="Examples", box=None, title_justify="left")
        for level in QUALITY_LEVELS:
            for _, example in self._examples[level][:1]:
                examples.add_row(str(level), _line(example["prompt"]), _line(example["reply"]))
        yield examples


def _length_group(characters: int) -> str:
    bound = next((bound for bound in LENGTHS if characters <= bound), None)
    return f"over {LENGTHS[-1]}" if bound is None else f"up to {bound}"


def _sorted(kind: str, groups: dict[str, Group]) -> list[tuple[str, Group]]:
    """Groups of length by length, the others largest first."""
    if kind == "length":
        names = [_length_group(bound) for bound in (*LENGTHS, LENGTHS[-1] + 1)]
        return [(name, groups[name]) for name in names if name in groups]
    return sorted(groups.items(), key=lambda pair: (-pair[1].replies, pair[0]))


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def _line(text: str) -> str:
    """One line of at most 60 characters, with nothing in it that rich would read as markup."""
    line = " ".join(text.split())
    return (line if len(line) <= 60 else line[:60] + "…").replace("[", r"\[")
