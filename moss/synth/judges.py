"""What a judge of replies is, and rankings of the replies that one has judged.

Judges: `recipes/nano/judge.py` knows the truth of its world, `llm_judge.py` asks a language model, and a trained
preference model can be one, too. Not here: where replies come from (`preferences.py`), pairs (`data/preferences.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from ..conversation import AssistantTurn, Candidate, Conversation, Ranking


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one reply is worth."""

    score: float | None
    """Higher is better, comparable among the replies to one context; None where the judge came to no verdict."""
    parts: Mapping[str, float] = field(default_factory=dict)
    """What the score was made of, by name."""
    reason: str = ""
    """In words, for people who look at examples."""


class Judge(Protocol):
    """Whoever scores the replies to a context."""

    def judge(self, context: Conversation, replies: Sequence[AssistantTurn]) -> list[Verdict]:
        """One verdict for each reply, in their order."""
        ...


def judged(ranking: Ranking, judge: Judge) -> Ranking:
    """The ranking with the judge's scores; parts and reason go into each candidate's meta."""
    verdicts = judge.judge(ranking.context, [candidate.turn for candidate in ranking.candidates])
    return replace(ranking, candidates=tuple(map(_with_verdict, ranking.candidates, verdicts)))


def _with_verdict(candidate: Candidate, verdict: Verdict) -> Candidate:
    found = {"parts": dict(verdict.parts), "reason": verdict.reason}
    meta = {**candidate.meta, **{key: value for key, value in found.items() if value}}
    return replace(candidate, score=verdict.score, meta=meta)


def judge_all(rankings: Iterable[Ranking], judge: Judge) -> Iterator[Ranking]:
    """`judged` for each ranking."""
    return (judged(ranking, judge) for ranking in rankings)
