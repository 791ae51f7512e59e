"""Quality tags: every reply of a set of dialogues is scored, and its percentile among all becomes its `quality`.

Three passes over the dialogues, none of which holds them: score (the long one, kept in a file beside the output, so
that it goes on where it was killed), rank, write. Equal scores get the same tag, whatever the order of the dialogues.

A preference model learns from replies to one context, so its scores say which of them is better, and little about
replies to different ones: percentiles among all can come to mean a kind of question. Where contexts have several
replies each, `within_contexts` ranks those to each context by themselves, so that a tag says nothing of the question.

Not here: what scores (`scorer.py`), what the tags are good for (training), how the report looks (`tag_report.py`).
"""

from __future__ import annotations

import hashlib
import json
import math
import os
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import IO, Any

import numpy as np

from ..conversation import Conversation, read_jsonl, write_jsonl
from ..errors import UserError
from ..files import whole_file
from .ranks import QualityLevels, quality_of_place
from .scorer import Scorer
from .tag_report import TagReport

CHUNK = 64
"""Dialogues scored together: what a kill may cost, and enough for the scorer to sort them by length."""
DIGITS = 4
"""Decimals of a score that count. Those after them depend on what is computed together, and would break ties."""

Dialogues = Callable[[], Iterable[Conversation]]
"""Reads the dialogues from the first on; called for each pass."""
Scores = list[float | None]
"""Of the replies of one dialogue, in order; None for one that could not be scored."""
Scored = tuple[Conversation, str, Scores]
"""A dialogue, its key, its scores."""


def tag(
    dialogues: Dialogues,
    scorer: Scorer,
    scorer_name: str,
    out: Path,
    progress: Callable[[int], None] | None = None,
    *,
    within_contexts: bool = False,
    best_calls: bool = False,
) -> TagReport:
    """Writes the dialogues to `out`, as JSONL, with a quality for every reply; what they had before counts for nothing.

    `progress` is told how many dialogues are scored. The scores are kept in `OUT.scores` until all is written: the same
    call goes on from there. `within_contexts`: a reply is ranked among those to the same context, from 0 for the worst
    to 100 for the best, and has no tag where there is none that is better or worse. `best_calls`, which needs that:
    only `calling_as_the_best` are written. Raises UserError where there is no reply, where all scores are equal, where
    a score is no number, and where `OUT.scores` was begun with other dialogues or another scorer.
    """
    if best_calls and not within_contexts:
        raise UserError("the best calls are those of the best reply to a context: rank within contexts, too")
    kept = ScoreFile(out.with_name(out.name + ".scores"), scorer_name)
    kept.go_on(dialogues(), scorer, progress or (lambda done: None))
    rivals = _rivals(kept.with_scores(dialogues())) if within_contexts else None

    def scored() -> Iterator[Scored]:
        found = kept.with_scores(dialogues())
        return found if rivals is None else _placed(found, rivals)

    levels = _levels(kept, scored(), within_contexts)
    report = TagReport(scorer_name)
    with whole_file(out) as unfinished:
        write_jsonl(unfinished, _tagged(scored(), levels, report))
        if best_calls:
            with whole_file(unfinished) as chosen:
                written = write_jsonl(chosen, calling_as_the_best(lambda: read_jsonl(unfinished)))
            report.left_out = report.conversations - written
    kept.path.unlink()
    return report


def calling_as_the_best(tagged: Dialogues) -> Iterator[Conversation]:
    """Of dialogues tagged within contexts those that call, in every turn, what the best reply to its context calls.

    A tag stands behind the calls of its turn. What the others call would be learned whatever their tags.
    """
    best: dict[str, tuple[int, _Calls]] = {}
    for conversation in tagged():
        for context, number, calls in _turns(conversation):
            quality = conversation.messages[number].quality
            place = -1 if quality is None else quality
            if context not in best or place > best[context][0]:
                best[context] = place, calls
    for conversation in tagged():
        if all(calls == best[context][1] for context, _, calls in _turns(conversation)):
            yield conversation


def _rivals(scored: Iterable[Scored]) -> dict[str, list[float]]:
    """The different scores of the replies to each context, ascending."""
    found: dict[str, set[float]] = defaultdict(set)
    for conversation, _, scores in scored:
        for context, score in zip(_contexts(conversation), scores, strict=True):
            if score is not None:
                found[context].add(score)
    return {context: sorted(scores) for context, scores in found.items()}


def _placed(scored: Iterable[Scored], rivals: Mapping[str, list[float]]) -> Iterator[Scored]:
    """The share of the other scores that a reply's is above; None where all are equal.

    A score counts once: what several sources say alike, often the right reply, would else take the best place from
    itself.
    """
    for conversation, key, scores in scored:
        contexts = zip(_contexts(conversation), scores, strict=True)
        yield conversation, key, [None if score is None else _place(score, rivals[of]) for of, score in contexts]


def _place(score: float, rivals: Sequence[float]) -> float | None:
    return bisect_left(rivals, score) / (len(rivals) - 1) if len(rivals) > 1 else None


def _contexts(conversation: Conversation) -> Iterator[str]:
    """For each reply a hash of what it answers: all up to the user's message before it."""
    return (context for context, _, _ in _turns(conversation))


_Calls = list[tuple[str, str]]
"""Names and arguments."""


def _turns(conversation: Conversation) -> Iterator[tuple[str, int, _Calls]]:
    """For each reply a hash of what it answers, its number, and what was called for it."""
    messages = conversation.messages
    for number in replies(conversation):
        asked = max((at for at in range(number) if messages[at].role == "user"), default=-1)
        turn = messages[asked + 1 : number + 1]
        calls = [(call.name, call.argument) for message in turn for call in message.tool_calls]
        yield _key(replace(conversation, messages=messages[: asked + 1])), number, calls


def _levels(kept: ScoreFile, scored: Iterable[Scored], are_places: bool) -> Callable[[float], int]:
    """The quality of a score, or of a place among rivals."""
    found = np.fromiter((score for _, _, scores in scored for score in scores if score is not None), np.float64)
    if not len(found):
        kept.path.unlink()
        raise UserError("there is no reply in these dialogues that could be scored, or compared with another one")
    if found.min() == found.max():
        kept.path.unlink()
        raise UserError(
            f"all {len(found):,} replies have the same score ({found[0]:g}), so there are no tags to give: "
            "use a preference model that tells them apart"
        )
    levels = QualityLevels(found)
    return quality_of_place if are_places else lambda score: int(levels.of(score))


def _tagged(scored: Iterable[Scored], quality_of: Callable[[float], int], report: TagReport) -> Iterator[Conversation]:
    for conversation, key, scores in scored:
        messages = list(conversation.messages)
        for number, score in zip(replies(conversation), scores, strict=True):
            quality = None if score is None else quality_of(score)
            messages[number] = replace(messages[number], quality=quality)
            report.add(conversation, number, score, quality, f"{key} {number}")
        report.conversations += 1
        yield replace(conversation, messages=tuple(messages))


def replies(conversation: Conversation) -> list[int]:
    """Which messages are the assistant's replies to somebody; rounds of tools before a reply are a part of it."""
    said = enumerate(conversation.messages)
    return [number for number, message in said if message.role == "assistant" and message.content is not None]


class ScoreFile:
    """Scores on disk, a dialogue a line, in the order of the dialogues: `["key", [0.31, -1.2]]`.

    The first line names the scorer. A line that a kill cut short is taken off again.
    """

    def __init__(self, path: Path, scorer_name: str) -> None:
        self.path = path
        self._header = json.dumps({"scorer": scorer_name, "digits": DIGITS}, ensure_ascii=False) + "\n"

    def go_on(self, dialogues: Iterable[Conversation], scorer: Scorer, progress: Callable[[int], None]) -> None:
        """Scores the dialogues that have no line yet."""
        rest = iter(dialogues)
        done = self._skip_known(rest)
        progress(done)
        with open(self.path, "a", encoding="utf-8") as file:
            while chunk := list(islice(rest, CHUNK)):
                for conversation, scores in zip(chunk, _score(chunk, scorer, done), strict=True):
                    file.write(json.dumps([_key(conversation), scores]) + "\n")
                _flush(file)
                done += len(chunk)
                progress(done)

    def read(self) -> Iterator[tuple[str, Scores]]:
        """Key and scores of each dialogue."""
        with open(self.path, encoding="utf-8") as file:
            next(file)
            for line in file:
                key, scores = json.loads(line)
                yield key, scores

    def with_scores(self, dialogues: Iterable[Conversation]) -> Iterator[Scored]:
        """The dialogues, all of which are scored, with their scores."""
        for conversation, (key, scores) in zip(dialogues, self.read(), strict=True):
            yield conversation, key, scores

    def _skip_known(self, dialogues: Iterator[Conversation]) -> int:
        """Takes the dialogues that have been scored from the iterator; returns how many these were."""
        if not self.path.exists() or not self._cut_torn_line():
            self.path.write_text(self._header, encoding="utf-8")
            return 0
        with open(self.path, encoding="utf-8") as file:
            if next(file) != self._header:
                raise UserError(f"{self.path} holds scores of another model; remove it to score anew")
        known = 0
        for known, (key, _) in enumerate(self.read(), start=1):
            conversation = next(dialogues, None)
            if conversation is None or _key(conversation) != key:
                raise UserError(f"{self.path}: dialogue {known} is not the one scored there; remove it to score anew")
        return known

    def _cut_torn_line(self) -> int:
        """Takes off what comes after the last whole line; returns the bytes that are left."""
        with open(self.path, "rb+") as file:
            whole = sum(len(line) for line in file if line.endswith(b"\n"))
            file.truncate(whole)
        return whole


def _score(chunk: Sequence[Conversation], scorer: Scorer, done: int) -> list[Scores]:
    """Scores of the replies of each dialogue; `done` dialogues came before them."""
    asked = [(at, number) for at, conversation in enumerate(chunk) for number in replies(conversation)]
    prefixes = [replace(chunk[at], messages=chunk[at].messages[: number + 1]) for at, number in asked]
    found: list[Scores] = [[] for _ in chunk]
    for (at, number), score in zip(asked, scorer(prefixes) if prefixes else (), strict=True):
        if score is not None and not math.isfinite(score):
            raise UserError(f"dialogue {done + at + 1}, message {number + 1}: the score is {score}, which is no number")
        found[at].append(None if score is None else round(score, DIGITS))
    return found


def _key(conversation: Conversation) -> str:
    """A hash of all that a scorer may read; neither where the dialogue came from nor the tags it had are."""
    messages: list[dict[str, Any]] = [replace(message, quality=None).to_dict() for message in conversation.messages]
    text = json.dumps([messages, conversation.tools], ensure_ascii=False)
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def _flush(file: IO[str]) -> None:
    file.flush()
    os.fsync(file.fileno())
