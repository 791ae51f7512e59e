"""Preference pairs as data: rankings turned into pairs, pairs that cannot be right taken out, and counts over them.

Whatever is left out is counted by reason, in a Counter that the caller shows. Not here: foreign formats
(preference_imports.py), tokens and batches of pairs, judging.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from ..conversation import AssistantTurn, Candidate, Conversation, PreferencePair, Ranking, check_turn, said
from ..errors import UserError
from .statistics import language_of

NOT_JUDGED = "reply without a score"
EMPTY = "empty or broken reply"
REPEATED_REPLY = "reply said twice to one context"
EQUAL_SCORES = "equal scores"
REPEATED = "repeated pair"
CONTRADICTORY = "contradictory pair (both orders)"


def context_key(context: Conversation) -> Hashable:
    """Equal for contexts that are rendered alike."""
    return said(context.messages), context.tools


def pairs_of_ranking(
    ranking: Ranking, dropped: Counter[str], *, least_margin: float = 0.0, with_margins: bool = True
) -> list[PreferencePair]:
    """All pairs of the ranked replies, those with the best reply first: K distinct scores make K (K - 1) / 2.

    Scores that differ by `least_margin` or less count as equal and make no pair. `with_margins`: the difference of
    the scores becomes the pair's margin; say False where scores are only ranks. The pairs' meta is the ranking's (but
    for the `failed` replies that are not in it), with `chosen_source` and `rejected_source`.
    """
    about = {key: value for key, value in ranking.meta.items() if key != "failed"}
    scored = sorted(_scored(ranking.candidates, dropped), key=lambda found: -found[0])
    pairs = []
    for (high, better), (low, worse) in combinations(scored, 2):
        margin = high - low
        if margin <= least_margin:
            dropped[EQUAL_SCORES] += 1
            continue
        meta = {**about, "chosen_source": better.source, "rejected_source": worse.source}
        pairs.append(PreferencePair(ranking.context, better.turn, worse.turn, margin if with_margins else None, meta))
    return pairs


def _scored(candidates: Iterable[Candidate], dropped: Counter[str]) -> list[tuple[float, Candidate]]:
    """The judged replies that say something, each once, with their scores."""
    found: dict[Hashable, tuple[float, Candidate]] = {}
    for candidate in candidates:
        try:
            check_turn("reply", candidate.turn)
        except UserError:
            dropped[EMPTY] += 1
            continue
        if candidate.score is None:
            dropped[NOT_JUDGED] += 1
        elif said(candidate.turn) in found:
            dropped[REPEATED_REPLY] += 1
        else:
            found[said(candidate.turn)] = (candidate.score, candidate)
    return list(found.values())


def clean(pairs: Iterable[PreferencePair], dropped: Counter[str]) -> list[PreferencePair]:
    """Each pair once, in order; where a context has two replies in both orders, nobody knows and all of them go.

    Equal and empty sides need no look here: no PreferencePair has them.
    """
    kept: dict[Hashable, PreferencePair] = {}
    repeats: Counter[Hashable] = Counter()
    for pair in pairs:
        key = _pair_key(pair, pair.chosen, pair.rejected)
        if key in kept:
            repeats[key] += 1
        else:
            kept[key] = pair
    contradictory = {key for key, pair in kept.items() if _pair_key(pair, pair.rejected, pair.chosen) in kept}
    for key in contradictory:
        dropped[CONTRADICTORY] += 1 + repeats.pop(key, 0)
    if repeats:
        dropped[REPEATED] += repeats.total()
    return [pair for key, pair in kept.items() if key not in contradictory]


def _pair_key(pair: PreferencePair, better: AssistantTurn, worse: AssistantTurn) -> Hashable:
    return context_key(pair.context), said(better), said(worse)


# --- counts ---------------------------------------------------------------------------------------------------------


@dataclass
class PairStatistics:
    """Counts over preference pairs."""

    pairs: int = 0
    contexts: int = 0
    """Distinct ones."""
    languages: Counter[str] = field(default_factory=Counter)
    """Pairs by the language of the user's last message."""
    sources: Counter[str] = field(default_factory=Counter)
    """Pairs by `meta["source"]`."""
    won: Counter[str] = field(default_factory=Counter)
    """How often the reply of a source (`chosen_source`) was the better one, ..."""
    lost: Counter[str] = field(default_factory=Counter)
    """... and the worse one."""
    chosen_characters: list[int] = field(default_factory=list)
    """Characters of all that each better reply says, thoughts and arguments included."""
    rejected_characters: list[int] = field(default_factory=list)
    margins: list[float] = field(default_factory=list)
    """Of the pairs that have one."""
    unusable: Counter[str] = field(default_factory=Counter)
    """What `clean` would drop, by reason."""

    @property
    def longer_wins(self) -> float | None:
        """The share of pairs of unequal length whose better reply is the longer one: what length alone would get.

        None where no lengths differ.
        """
        differences = [a - b for a, b in zip(self.chosen_characters, self.rejected_characters, strict=True) if a != b]
        return sum(difference > 0 for difference in differences) / len(differences) if differences else None


def measure_pairs(pairs: Sequence[PreferencePair]) -> PairStatistics:
    """Statistics of pairs as they stand, before `clean`."""
    found = PairStatistics(pairs=len(pairs), contexts=len({context_key(pair.context) for pair in pairs}))
    clean(pairs, found.unusable)
    for pair in pairs:
        found.languages[language_of(pair.context.messages[-1].content or "")] += 1
        found.sources[str(pair.meta.get("source") or "not named")] += 1
        for counter, key in ((found.won, "chosen_source"), (found.lost, "rejected_source")):
            if pair.meta.get(key):
                counter[str(pair.meta[key])] += 1
        found.chosen_characters.append(characters(pair.chosen))
        found.rejected_characters.append(characters(pair.rejected))
        if pair.margin is not None:
            found.margins.append(pair.margin)
    return found


def characters(turn: AssistantTurn) -> int:
    """Characters of what the assistant wrote in a turn: thoughts, calls and reply, without the tools' results."""
    return sum(
        len(message.thought or "")
        + len(message.content or "")
        + sum(len(call.name) + len(call.argument) for call in message.tool_calls)
        for message in turn
    )
