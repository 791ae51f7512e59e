"""Files of preferences to PreferencePairs and Rankings: chosen/rejected, HH, AlpacaEval, KTO, OASST, chats, our own.

As in `imports.py`, each importer is a generator that reports a bad record (file, line, reason) and goes on: a side that
is empty, two sides that are equal, two sides that answer different dialogues. Not here: writing foreign formats;
repeated and contradictory pairs, which only all records together show (`preferences.clean`).

A dialogue that was answered twice is imported as two whole dialogues, by the importers of dialogues, and then taken
apart behind the last message of the user; so calls, results and thoughts come along as they do there.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..conversation import AssistantTurn, Candidate, Conversation, Message, PreferencePair, Ranking
from ..errors import UserError, unknown_name
from .imports import field_of, from_openai, from_sharegpt, text_of
from .preferences import context_key, pairs_of_ranking
from .sources import OnError, converted
from .statistics import language_of

PairImporter = Callable[[str | Path, OnError], Iterator[PreferencePair]]
RankingImporter = Callable[[str | Path, OnError], Iterator[Ranking]]


def import_chosen_rejected(path: str | Path, on_error: OnError) -> Iterator[PreferencePair]:
    """A prompt with `chosen` and `rejected`, as LLaMA-Factory, TRL, UltraFeedback and many others write it.

    The prompt is `conversations` (ShareGPT), `messages` or `prompt` (OpenAI messages), or plain text in `prompt`,
    `question` or `instruction` (with `input`), beside an optional `system`. A side is a text, a message, or a list of
    messages, which may begin with the prompt. `tools` as in the formats of dialogues; a side that is spelled
    `Action: NAME` with `Action Input: JSON` is a call. A difference of `chosen_score` and `rejected_score` (or
    `score_chosen` and `score_rejected`) becomes the margin.
    """
    return converted(path, on_error, _from_chosen_rejected)


def import_hh(path: str | Path, on_error: OnError) -> Iterator[PreferencePair]:
    r"""Anthropic HH: `chosen` and `rejected` are whole transcripts of `\n\nHuman: ` and `\n\nAssistant: `.

    They part at the last reply; the few that part earlier, or in which one side speaks twice, are bad records.
    """
    return converted(path, on_error, _from_hh)


def import_alpaca_eval(path: str | Path, on_error: OnError) -> Iterator[PreferencePair]:
    """Annotations of AlpacaEval: `instruction`, `output_1`, `output_2`, and `preference` from 1 to 2, 1.5 a draw."""
    return converted(path, on_error, _from_alpaca_eval)


def import_native_pairs(path: str | Path, on_error: OnError) -> Iterator[PreferencePair]:
    """Our own JSONL of pairs; other than `conversation.read_pairs` it goes on after a bad line."""
    return converted(path, on_error, PreferencePair.from_dict)


def import_kto(path: str | Path, on_error: OnError) -> Iterator[Ranking]:
    """KTO: single replies, each with a label of good (score 1) or bad (score 0); one ranking for each prompt.

    A label compares with nothing, so most prompts become rankings of one reply, which make no pair; a prompt whose
    replies have both labels makes pairs. `messages` that end with the reply, or `prompt` and `completion` (text or
    messages); `label` is a boolean. All records are read before the first ranking comes out.
    """
    found: dict[Hashable, tuple[Conversation, list[Candidate]]] = {}
    for context, candidate in converted(path, on_error, _from_kto):
        found.setdefault(context_key(context), (context, []))[1].append(candidate)
    for context, candidates in found.values():
        yield Ranking(context, tuple(candidates), _meta("kto", context))


def import_oasst(path: str | Path, on_error: OnError) -> Iterator[Ranking]:
    """OpenAssistant: messages of which people ranked the replies, as trees or as rows.

    A tree is a `prompt` with `replies` in `replies`; rows, the form of the published tables, are single messages with
    `message_id` and the `parent_id` of one before them. Each message of a user with ranked replies is a ranking; rank
    0, the best, has score 0, rank 1 score -1. Replies without a rank, and those that were deleted, have no score.
    All rows are read before the first ranking of them comes out.
    """
    rows = _OasstRows()

    def read(data: dict[str, Any]) -> list[Ranking]:
        return rows.add(data) if "message_id" in data else _from_oasst(data)

    for rankings in converted(path, on_error, read):
        yield from rankings
    yield from rows.rankings()


def import_choices(path: str | Path, on_error: OnError) -> Iterator[Ranking]:
    """People's choices in exported chats: a chat a line, its messages with `id`, `parent_id` and `chosen`.

    A message is one of our own JSONL, with the `id` of its own, the `parent_id` of the message before it (null for the
    first), and `"chosen": true` where somebody preferred it to its siblings, the other replies to the same message of
    the user. Chosen ones have score 1, their siblings 0; where nothing was chosen there is no ranking.
    """
    for rankings in converted(path, on_error, _from_choices):
        yield from rankings


def import_native_rankings(path: str | Path, on_error: OnError) -> Iterator[Ranking]:
    """Our own JSONL of rankings; other than `conversation.read_rankings` it goes on after a bad line."""
    return converted(path, on_error, Ranking.from_dict)


PAIR_IMPORTERS: dict[str, PairImporter] = {
    "chosen-rejected": import_chosen_rejected,
    "hh": import_hh,
    "alpaca-eval": import_alpaca_eval,
    "pairs": import_native_pairs,
}
RANKING_IMPORTERS: dict[str, RankingImporter] = {
    "kto": import_kto,
    "oasst": import_oasst,
    "choices": import_choices,
    "rankings": import_native_rankings,
}
ONLY_ORDERED = frozenset({"kto", "oasst", "choices"})
"""The formats of rankings whose scores say which reply is better and not by how much."""


def pair_importer(name: str, dropped: Counter[str]) -> PairImporter:
    """The importer of a format as pairs; of rankings it gives all pairs, and counts in `dropped` what makes none.

    Raises UserError with the nearest names for an unknown format.
    """
    if name in PAIR_IMPORTERS:
        return PAIR_IMPORTERS[name]
    rankings = ranking_importer(name, {**PAIR_IMPORTERS, **RANKING_IMPORTERS})

    def import_pairs(path: str | Path, on_error: OnError) -> Iterator[PreferencePair]:
        for ranking in rankings(path, on_error):
            yield from pairs_of_ranking(ranking, dropped, with_margins=name not in ONLY_ORDERED)

    return import_pairs


def ranking_importer(name: str, known: Iterable[str] = RANKING_IMPORTERS) -> RankingImporter:
    """The importer of a format of rankings; raises UserError with the nearest of the known names for another one."""
    if name not in RANKING_IMPORTERS:
        raise unknown_name("format", name, known)
    return RANKING_IMPORTERS[name]


def _pair(
    chosen: Conversation, rejected: Conversation, source: str, margin: float | None = None, **meta: Any
) -> PreferencePair:
    """The pair of two dialogues that differ only in what comes after the user's last message."""
    (context, better), (other, worse) = _taken_apart(chosen), _taken_apart(rejected)
    if context_key(context) != context_key(other):
        raise UserError("the two sides answer different dialogues")
    return PreferencePair(context, better, worse, margin, _meta(source, context, **meta))


def _taken_apart(dialogue: Conversation) -> tuple[Conversation, AssistantTurn]:
    """What was answered, and the answer."""
    asked = max((number for number, m in enumerate(dialogue.messages, start=1) if m.role == "user"), default=0)
    return Conversation(dialogue.messages[:asked], dialogue.tools), dialogue.messages[asked:]


def _meta(source: str, context: Conversation, **more: Any) -> dict[str, Any]:
    return {"source": source, "language": language_of(context.messages[-1].content or ""), **more}


# --- chosen and rejected --------------------------------------------------------------------------------------------

_KEPT = ("id", "category", "dataset")
_SCORES = (("chosen_score", "rejected_score"), ("score_chosen", "score_rejected"))


def _from_chosen_rejected(data: dict[str, Any]) -> PreferencePair:
    chosen, rejected = (_answered(data, side) for side in ("chosen", "rejected"))
    meta = {key: data[key] for key in _KEPT if key in data}
    return _pair(chosen, rejected, "chosen-rejected", _margin(data), **meta)


def _answered(data: Mapping[str, Any], side: str) -> Conversation:
    """The dialogue of a record as it goes on with one of its sides."""
    if side not in data:
        raise UserError(f"no {side}")
    answer = data[side]
    try:
        if "conversations" in data:
            entries = [*field_of(data, "conversations", list), *_sharegpt_entries(answer, bool(data.get("tools")))]
            return from_sharegpt({**data, "conversations": entries}, may_end_with_calls=True)
        messages = _messages(answer, "assistant")
        if not _is_whole_dialogue(messages):
            messages = [*_asked(data), *messages]
        return from_openai({"messages": messages, "tools": data.get("tools")}, may_end_with_calls=True)
    except UserError as error:
        raise UserError(f"{side}: {error}") from None


_ACTION = re.compile(r"\s*Action: *(?P<name>\S+) *\n *Action Input: *(?P<arguments>\{.*\})\s*", re.DOTALL)


def _sharegpt_entries(answer: Any, has_tools: bool) -> list[Any]:
    """A side as entries of `conversations`."""
    if isinstance(answer, str):
        called = _ACTION.fullmatch(answer) if has_tools else None
        if called:
            call = f'{{"name": {json.dumps(called["name"])}, "arguments": {called["arguments"]}}}'
            return [{"from": "function_call", "value": call}]
        return [{"from": "gpt", "value": answer}]
    return answer if isinstance(answer, list) else [answer]


def _messages(given: Any, role: str) -> list[Any]:
    """A text, a message or a list of messages as OpenAI messages."""
    if isinstance(given, str):
        return [{"role": role, "content": given}]
    return given if isinstance(given, list) else [given]


def _is_whole_dialogue(messages: Sequence[Any]) -> bool:
    return any(isinstance(message, dict) and message.get("role") == "user" for message in messages)


def _asked(data: Mapping[str, Any]) -> list[Any]:
    """What a record asks, as OpenAI messages."""
    system = _messages(data["system"], "system") if data.get("system") else []
    for key in ("messages", "prompt", "question"):
        if key in data:
            return [*system, *_messages(data[key], "user")]
    if "instruction" in data:
        texts = [text_of(data, key) for key in ("instruction", "input") if data.get(key)]
        return [*system, *_messages("\n".join(texts), "user")]
    raise UserError("nothing that it answers (conversations, messages, prompt, question or instruction)")


def _margin(data: Mapping[str, Any]) -> float | None:
    for better, worse in _SCORES:
        scores = [data[key] for key in (better, worse) if isinstance(data.get(key), int | float)]
        if len(scores) == 2:
            if scores[0] == scores[1]:
                raise UserError(f"{better} and {worse} are equal ({scores[0]})")
            if scores[0] < scores[1]:
                raise UserError(f"{better} ({scores[0]}) is below {worse} ({scores[1]})")
            return float(scores[0] - scores[1])
    return None


# --- transcripts, verdicts ------------------------------------------------------------------------------------------

_SPEAKER = re.compile(r"\n\n(Human|Assistant):")
_ROLES = {"Human": "user", "Assistant": "assistant"}


def _from_hh(data: dict[str, Any]) -> PreferencePair:
    return _pair(_transcript(data, "chosen"), _transcript(data, "rejected"), "hh")


def _transcript(data: Mapping[str, Any], side: str) -> Conversation:
    before, *spoken = _SPEAKER.split(text_of(data, side))
    if before.strip():
        raise UserError(f"{side}: the transcript does not begin with Human: or Assistant: after an empty line")
    messages = [
        {"role": _ROLES[speaker], "content": text.strip()}
        for speaker, text in zip(spoken[::2], spoken[1::2], strict=True)
    ]
    try:
        return from_openai({"messages": messages})
    except UserError as error:
        raise UserError(f"{side}: {error}") from None


def _from_alpaca_eval(data: dict[str, Any]) -> PreferencePair:
    preference = data.get("preference")
    if isinstance(preference, bool) or not isinstance(preference, int | float) or not 1 <= preference <= 2:
        raise UserError(f"preference must be a number from 1 to 2, not {preference!r}")
    if preference == 1.5:
        raise UserError("preference is 1.5, a draw")
    better, worse = ("1", "2") if preference < 1.5 else ("2", "1")
    chosen, rejected = (
        from_openai({"messages": [*_asked(data), *_messages(text_of(data, f"output_{which}"), "assistant")]})
        for which in (better, worse)
    )
    meta = {key: data[key] for key in _KEPT if key in data}
    for side, which in (("chosen_source", better), ("rejected_source", worse)):
        model = data.get(f"model_{which}") or data.get(f"generator_{which}")
        meta |= {side: model} if model else {}
    return _pair(chosen, rejected, "alpaca-eval", **meta)


# --- labels, ranks --------------------------------------------------------------------------------------------------


def _from_kto(data: dict[str, Any]) -> tuple[Conversation, Candidate]:
    label = field_of(data, "label", bool)
    if "completion" in data:
        messages = [*_asked(data), *_messages(data["completion"], "assistant")]
    else:
        messages = field_of(data, "messages", list)
    dialogue = from_openai({"messages": messages, "tools": data.get("tools")}, may_end_with_calls=True)
    context, turn = _taken_apart(dialogue)
    if not turn:
        raise UserError("it ends without the reply that the label is about")
    return context, Candidate(turn, score=float(label))


def _from_oasst(data: dict[str, Any]) -> list[Ranking]:
    found = []
    waiting: list[tuple[Any, list[Any]]] = [(field_of(data, "prompt", dict), [])]
    while waiting:
        asked, before = waiting.pop()
        path = [*before, {"role": "user", "content": text_of(asked, "text")}]
        candidates = []
        for reply in _replies(asked):
            message = {"role": "assistant", "content": text_of(reply, "text")}
            context, turn = _taken_apart(from_openai({"messages": [*path, message]}))
            candidates.append(Candidate(turn, score=_rank_score(reply)))
            waiting += [(following, [*path, message]) for following in _replies(reply)]
        if _compared(candidates):
            found.append(Ranking(context, tuple(candidates), _oasst_meta(context, data)))
    return found


_OASST_ROLES = {"prompter": "user", "assistant": "assistant"}


class _OasstRows:
    """Messages of trees, one after the other, each with the name of the one that it answers."""

    def __init__(self) -> None:
        self._paths: dict[str, list[Any]] = {}  # what leads to each message, itself included
        self._answered: dict[str, tuple[Conversation, list[Candidate], dict[str, Any]]] = {}  # by what they answer

    def add(self, row: Mapping[str, Any]) -> list[Ranking]:
        """Takes a row; there is no ranking before all are known."""
        name, role = text_of(row, "message_id"), row.get("role")
        parent = None if row.get("parent_id") is None else text_of(row, "parent_id")
        if name in self._paths:
            raise UserError(f"the message_id {name!r} comes twice")
        if parent is not None and parent not in self._paths:
            raise UserError(f"its parent_id {parent!r} is no message before it")
        if not isinstance(role, str) or role not in _OASST_ROLES:
            raise UserError(f"role must be {' or '.join(_OASST_ROLES)}, not {role!r}")
        message = {"role": _OASST_ROLES[role], "content": text_of(row, "text")}
        path = [message] if parent is None else [*self._paths[parent], message]
        dialogue = from_openai({"messages": path})
        if role == "assistant" and parent is not None:
            context, turn = _taken_apart(dialogue)
            _, candidates, _ = self._answered.setdefault(parent, (context, [], _oasst_meta(context, row)))
            candidates.append(Candidate(turn, score=_rank_score(row)))
        self._paths[name] = path
        return []

    def rankings(self) -> Iterator[Ranking]:
        """Of all messages that have ranked replies."""
        for context, candidates, meta in self._answered.values():
            if _compared(candidates):
                yield Ranking(context, tuple(candidates), meta)


def _compared(candidates: Sequence[Candidate]) -> bool:
    return sum(candidate.score is not None for candidate in candidates) >= 2


def _oasst_meta(context: Conversation, data: Mapping[str, Any]) -> dict[str, Any]:
    tree = {"tree": data["message_tree_id"]} if "message_tree_id" in data else {}
    return _meta("oasst", context, **tree)


def _replies(message: Mapping[str, Any]) -> list[Any]:
    return field_of(message, "replies", list) if message.get("replies") else []


def _rank_score(reply: Mapping[str, Any]) -> float | None:
    rank = reply.get("rank")
    if rank is None or reply.get("deleted"):
        return None
    if isinstance(rank, bool) or not isinstance(rank, int):
        raise UserError(f"rank must be a whole number, not {rank!r}")
    return -float(rank)


# --- choices in chats -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Said:
    """One message of a chat and what came of it."""

    message: Message
    parent: _Said | None
    chosen: bool
    answers: list[_Said] = field(default_factory=list)

    def path(self) -> tuple[Message, ...]:
        """The messages up to this one."""
        found: list[Message] = []
        at: _Said | None = self
        while at is not None:
            found.append(at.message)
            at = at.parent
        return tuple(reversed(found))

    def turn(self) -> AssistantTurn:
        """The assistant's turn that begins here; a message that goes on is followed by exactly one other."""
        found, at = [self.message], self
        while at.message.content is None:
            if len(at.answers) != 1:
                raise UserError(f"a message that goes on (content null) is followed by {len(at.answers)} others, not 1")
            at = at.answers[0]
            found.append(at.message)
        return tuple(found)


def _from_choices(data: dict[str, Any]) -> list[Ranking]:
    tools = tuple(map(str, field_of(data, "tools", list))) if data.get("tools") else ()
    meta = {"chat": data["id"]} if "id" in data else {}
    said = _said_in(field_of(data, "messages", list))
    found = []
    for asked in (one for one in said if one.message.role == "user"):
        if not any(answer.chosen for answer in asked.answers):
            continue
        candidates = tuple(Candidate(answer.turn(), score=float(answer.chosen)) for answer in asked.answers)
        context = Conversation(asked.path(), tools)
        found.append(Ranking(context, candidates, _meta("choices", context, **meta)))
    return found


def _said_in(messages: list[Any]) -> list[_Said]:
    """The messages of a chat, each joined to its parent, which must come before it."""
    found: dict[str, _Said] = {}
    for number, data in enumerate(messages, start=1):
        try:
            name, parent_name = str(field_of(data, "id", object)), data.get("parent_id")
            parent = found.get(str(parent_name))
            if parent_name is not None and parent is None:
                raise UserError(f"its parent_id {parent_name!r} is no message before it")
            if name in found:
                raise UserError(f"the id {name!r} comes twice")
            chosen = field_of(data, "chosen", bool) if "chosen" in data else False
            rest = {key: value for key, value in data.items() if key not in ("id", "parent_id", "chosen")}
            found[name] = _Said(Message.from_dict(rest), parent, chosen)
        except UserError as error:
            raise UserError(f"message {number}: {error}") from None
        if parent is not None:
            parent.answers.append(found[name])
    return list(found.values())
