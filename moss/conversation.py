"""Conversations, and preferences between replies, as plain values, and their JSON form.

This is the only file that turns conversations into JSON and back: a line of a JSONL data set, the body of an API
answer and (later) a column of the store are all `to_dict()`. Not here: ids, clocks, files, tokens.

An assistant message carries the whole of what the assistant did in one go: its thought, the tool calls with what they
returned, and the reply. When it calls tools a second time before replying, the first message has `content=None`
("the reply is still to come") and the next message is again the assistant's.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, Protocol, TypeVar, get_args

from .errors import UserError

Role = Literal["system", "user", "assistant", "tool"]
ROLES: tuple[str, ...] = get_args(Role)

Status = Literal["ok", "failed", "timeout", "stopped"]
"""How a tool's call ended; `stopped`: the answer was, while it ran."""
STATUSES: tuple[str, ...] = get_args(Status)

QUALITY_LEVELS = tuple(range(0, 101, 10))


@dataclass(frozen=True, slots=True)
class Citation:
    """One source that a search result came from; `index` is the number the reply cites it by."""

    index: int
    title: str
    source: str
    snippet: str


@dataclass(frozen=True, slots=True)
class ToolCall:
    """One call of a tool, and, once it has run, what came back."""

    name: str
    argument: str
    result: str | None = None
    """The text the model reads; None until the tool has run."""
    status: Status | None = None
    """None until the tool has run."""
    citations: tuple[Citation, ...] = ()
    files: tuple[str, ...] = ()
    """Paths of files the tool made (images)."""

    def to_dict(self) -> dict[str, Any]:
        """JSON form; keys that hold nothing are left out, except result and status."""
        found: dict[str, Any] = {
            "name": self.name,
            "argument": self.argument,
            "result": self.result,
            "status": self.status,
        }
        if self.citations:
            found["citations"] = [
                {"index": c.index, "title": c.title, "source": c.source, "snippet": c.snippet} for c in self.citations
            ]
        if self.files:
            found["files"] = list(self.files)
        return found

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> ToolCall:
        """Reads `to_dict()`'s form; raises UserError naming the field that is wrong."""
        _check_keys("tool call", data, cls)
        status = data.get("status")
        if status is not None and status not in STATUSES:
            raise UserError(f"tool call: status must be one of {', '.join(STATUSES)}, not {status!r}")
        result = data.get("result")
        if result is not None and not isinstance(result, str):
            raise UserError(f"tool call: result must be text, not {type(result).__name__}")
        return cls(
            name=_text("tool call", data, "name"),
            argument=_text("tool call", data, "argument"),
            result=result,
            status=status,
            citations=tuple(_citation(c) for c in _list("tool call", data, "citations")),
            files=tuple(str(f) for f in _list("tool call", data, "files")),
        )


@dataclass(frozen=True, slots=True)
class Message:
    """What one side said."""

    role: Role
    content: str | None = ""
    """None only in an assistant's message that goes on in the next one, after its tool results."""
    thought: str | None = None
    tool_calls: tuple[ToolCall, ...] = ()
    quality: int | None = None
    """The quality tag of an assistant's reply: 0, 10, ..., 100; None where it has none."""
    verbatim: Mapping[str, str] = field(default_factory=dict)
    """Exact spelling of an imported section where the other fields do not determine it; the renderer prefers it."""

    def to_dict(self) -> dict[str, Any]:
        """JSON form; keys that hold nothing are left out."""
        found: dict[str, Any] = {"role": self.role, "content": self.content}
        if self.thought is not None:
            found["thought"] = self.thought
        if self.tool_calls:
            found["tool_calls"] = [call.to_dict() for call in self.tool_calls]
        if self.quality is not None:
            found["quality"] = self.quality
        if self.verbatim:
            found["verbatim"] = dict(self.verbatim)
        return found

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Message:
        """Reads `to_dict()`'s form; raises UserError naming the field that is wrong."""
        _check_keys("message", data, cls)
        role = data.get("role")
        if role not in ROLES:
            raise UserError(f"message: role must be one of {', '.join(ROLES)}, not {role!r}")
        content = data.get("content")
        if content is not None and not isinstance(content, str):
            raise UserError(f"message: content must be text, not {type(content).__name__}")
        if content is None and role != "assistant":
            raise UserError(f"message: a {role} message needs content")
        thought = data.get("thought")
        if thought is not None and not isinstance(thought, str):
            raise UserError(f"message: thought must be text, not {type(thought).__name__}")
        quality = data.get("quality")
        if quality is not None and (isinstance(quality, bool) or quality not in QUALITY_LEVELS):
            raise UserError(f"message: quality must be one of 0, 10, ..., 100, not {quality!r}")
        verbatim = data.get("verbatim", {})
        if not isinstance(verbatim, Mapping) or not all(isinstance(v, str) for v in verbatim.values()):
            raise UserError("message: verbatim must be an object of texts")
        return cls(
            role=role,
            content=content,
            thought=thought,
            tool_calls=tuple(ToolCall.from_dict(c) for c in _list("message", data, "tool_calls")),
            quality=quality,
            verbatim=dict(verbatim),
        )


@dataclass(frozen=True, slots=True)
class Conversation:
    """Messages in order, and which tools the assistant may call in them."""

    messages: tuple[Message, ...]
    tools: tuple[str, ...] = ()
    """Names of the tools whose switch is on."""
    meta: Mapping[str, Any] = field(default_factory=dict)
    """Where it came from: source, category, language, ... Never rendered."""

    def to_dict(self) -> dict[str, Any]:
        """JSON form, the line of our own JSONL."""
        found: dict[str, Any] = {"messages": [message.to_dict() for message in self.messages]}
        if self.tools:
            found["tools"] = list(self.tools)
        if self.meta:
            found["meta"] = dict(self.meta)
        return found

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Conversation:
        """Reads `to_dict()`'s form; raises UserError naming the message and the field that are wrong."""
        _check_keys("conversation", data, cls)
        messages = _messages("conversation", data, "messages")
        if not messages:
            raise UserError("conversation: no messages")
        tools = _list("conversation", data, "tools")
        if not all(isinstance(name, str) for name in tools):
            raise UserError("conversation: tools must be a list of names")
        return cls(messages=messages, tools=tuple(tools), meta=_meta("conversation", data))


AssistantTurn = tuple[Message, ...]
"""What the assistant did after one user's message: one message, or several of which all but the last go on."""


@dataclass(frozen=True, slots=True)
class PreferencePair:
    """Two turns that the assistant could take next, and which of them is better.

    The constructor raises UserError where training could learn nothing from the pair: a context that does not end with
    a user's message, an empty side, two sides that say the same.
    """

    context: Conversation
    """Ends with a user's message."""
    chosen: AssistantTurn
    """May end with calls that have no result yet (content None), where a choice of calls is what is compared."""
    rejected: AssistantTurn
    margin: float | None = None
    """How much better: a difference of scores, 0 or more; None where only the order is known."""
    meta: Mapping[str, Any] = field(default_factory=dict)
    """Where it came from: source, language, chosen_source, rejected_source, ..."""

    def __post_init__(self) -> None:
        _check_context(self.context)
        check_turn("chosen", self.chosen)
        check_turn("rejected", self.rejected)
        if said(self.chosen) == said(self.rejected):
            raise UserError("the two sides are equal")
        if self.margin is not None and not (math.isfinite(self.margin) and self.margin >= 0):
            raise UserError(f"margin must be a number of 0 or more, not {self.margin}")

    def to_dict(self) -> dict[str, Any]:
        """JSON form; margin and meta are left out where there are none."""
        found: dict[str, Any] = {
            "context": self.context.to_dict(),
            "chosen": [message.to_dict() for message in self.chosen],
            "rejected": [message.to_dict() for message in self.rejected],
        }
        if self.margin is not None:
            found["margin"] = self.margin
        if self.meta:
            found["meta"] = dict(self.meta)
        return found

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> PreferencePair:
        """Reads `to_dict()`'s form; raises UserError naming the field that is wrong."""
        _check_keys("pair", data, cls)
        return cls(
            context=Conversation.from_dict(data.get("context")),  # type: ignore[arg-type]  # it checks
            chosen=_messages("pair", data, "chosen"),
            rejected=_messages("pair", data, "rejected"),
            margin=_number("pair", data, "margin"),
            meta=_meta("pair", data),
        )


@dataclass(frozen=True, slots=True)
class Candidate:
    """One turn among several that answer the same context."""

    turn: AssistantTurn
    source: str = ""
    """Who wrote it: a model's name, the name of a corruption, "reference", ..."""
    score: float | None = None
    """What a judge gave it; higher is better, comparable within one ranking. None: not judged."""
    meta: Mapping[str, Any] = field(default_factory=dict)
    """What else is known of it: the judge's parts and reason, ..."""

    def to_dict(self) -> dict[str, Any]:
        """JSON form; keys that hold nothing are left out."""
        found: dict[str, Any] = {"turn": [message.to_dict() for message in self.turn]}
        if self.source:
            found["source"] = self.source
        if self.score is not None:
            found["score"] = self.score
        if self.meta:
            found["meta"] = dict(self.meta)
        return found

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Candidate:
        """Reads `to_dict()`'s form; raises UserError naming the field that is wrong."""
        _check_keys("candidate", data, cls)
        return cls(
            turn=_messages("candidate", data, "turn"),
            source=_text("candidate", data, "source") if "source" in data else "",
            score=_number("candidate", data, "score"),
            meta=_meta("candidate", data),
        )


@dataclass(frozen=True, slots=True)
class Ranking:
    """A context and the turns that answer it, as far as they were judged; one alone is a labelled reply (KTO)."""

    context: Conversation
    """Ends with a user's message."""
    candidates: tuple[Candidate, ...]
    meta: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _check_context(self.context)

    def to_dict(self) -> dict[str, Any]:
        """JSON form; meta is left out where there is none."""
        found: dict[str, Any] = {
            "context": self.context.to_dict(),
            "candidates": [candidate.to_dict() for candidate in self.candidates],
        }
        if self.meta:
            found["meta"] = dict(self.meta)
        return found

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Ranking:
        """Reads `to_dict()`'s form; raises UserError naming the candidate and the field that are wrong."""
        _check_keys("ranking", data, cls)
        candidates = []
        for number, candidate in enumerate(_list("ranking", data, "candidates"), start=1):
            try:
                candidates.append(Candidate.from_dict(candidate))
            except UserError as error:
                raise UserError(f"candidate {number}: {error}") from None
        return cls(
            context=Conversation.from_dict(data.get("context")),  # type: ignore[arg-type]  # it checks
            candidates=tuple(candidates),
            meta=_meta("ranking", data),
        )


def check_turn(what: str, turn: AssistantTurn) -> None:
    """Raises UserError where the messages are not one whole turn of the assistant that says or does something."""
    if any(message.role != "assistant" for message in turn):
        raise UserError(f"{what}: holds a message that is not the assistant's")
    if not any((m.content or "").strip() or m.thought or m.tool_calls for m in turn):
        raise UserError(f"the {what} side is empty")
    if any(message.content is not None for message in turn[:-1]):
        raise UserError(f"{what}: the assistant replies more than once")
    last = turn[-1]
    waits = bool(last.tool_calls) and all(call.result is None for call in last.tool_calls)
    if last.content is None and not waits:
        raise UserError(f"{what}: the last message announces that it goes on (content is null), but nothing follows")


def said(messages: Sequence[Message]) -> tuple[object, ...]:
    """All that the messages say and do, hashable: equal where a reader could not tell them apart.

    Left out is what stands around it: quality tags, exact spellings, statuses, citations and files.
    """
    return tuple(
        (m.role, m.content, m.thought, tuple((call.name, call.argument, call.result) for call in m.tool_calls))
        for m in messages
    )


class _Written(Protocol):
    def to_dict(self) -> dict[str, Any]: ...


_T = TypeVar("_T")


def write_jsonl(path: str | Path, conversations: Iterable[Conversation]) -> int:
    """Writes one conversation a line (UTF-8, not escaped); returns how many."""
    return _write_lines(path, conversations)


def read_jsonl(path: str | Path) -> Iterator[Conversation]:
    """Reads our own JSONL strictly; a bad line raises UserError with file, line and reason."""
    return _read_lines(path, Conversation.from_dict)


def write_pairs(path: str | Path, pairs: Iterable[PreferencePair]) -> int:
    """As `write_jsonl`, one preference pair a line."""
    return _write_lines(path, pairs)


def read_pairs(path: str | Path) -> Iterator[PreferencePair]:
    """As `read_jsonl`, of preference pairs."""
    return _read_lines(path, PreferencePair.from_dict)


def write_rankings(path: str | Path, rankings: Iterable[Ranking]) -> int:
    """As `write_jsonl`, one ranking a line."""
    return _write_lines(path, rankings)


def read_rankings(path: str | Path) -> Iterator[Ranking]:
    """As `read_jsonl`, of rankings."""
    return _read_lines(path, Ranking.from_dict)


def json_line(value: _Written) -> str:
    """The line of JSONL that a value is, with its line end."""
    return json.dumps(value.to_dict(), ensure_ascii=False, separators=(",", ":")) + "\n"


def _write_lines(path: str | Path, values: Iterable[_Written]) -> int:
    count = 0
    with open(path, "w", encoding="utf-8") as file:
        for value in values:
            file.write(json_line(value))
            count += 1
    return count


def _read_lines(path: str | Path, from_dict: Callable[[Mapping[str, Any]], _T]) -> Iterator[_T]:
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, start=1):
            if not line.strip():
                continue
            try:
                yield from_dict(json.loads(line))
            except ValueError as error:
                raise UserError(f"{path}, line {number}: {error}") from None


def _check_context(context: Conversation) -> None:
    if not context.messages or context.messages[-1].role != "user":
        raise UserError("the context must end with a user's message")


def _check_keys(what: str, data: Any, cls: type) -> None:
    if not isinstance(data, Mapping):
        raise UserError(f"{what}: must be an object, not {type(data).__name__}")
    known = {f.name for f in fields(cls)}
    for key in data:
        if key not in known:
            raise UserError(f"{what}: unknown key {key!r} (known: {', '.join(sorted(known))})")


def _text(what: str, data: Mapping[str, Any], key: str) -> str:
    value = data.get(key)
    if not isinstance(value, str):
        raise UserError(f"{what}: {key} must be text, not {type(value).__name__}")
    return value


def _list(what: str, data: Mapping[str, Any], key: str) -> list[Any]:
    value = data.get(key, [])
    if not isinstance(value, list):
        raise UserError(f"{what}: {key} must be a list, not {type(value).__name__}")
    return value


def _messages(what: str, data: Mapping[str, Any], key: str) -> tuple[Message, ...]:
    found = []
    for number, message in enumerate(_list(what, data, key), start=1):
        try:
            found.append(Message.from_dict(message))
        except UserError as error:
            raise UserError(f"{'' if key == 'messages' else key + ', '}message {number}: {error}") from None
    return tuple(found)


def _number(what: str, data: Mapping[str, Any], key: str) -> float | None:
    value = data.get(key)
    if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
        raise UserError(f"{what}: {key} must be a number, not {type(value).__name__}")
    return value


def _meta(what: str, data: Mapping[str, Any]) -> dict[str, Any]:
    meta = data.get("meta", {})
    if not isinstance(meta, Mapping):
        raise UserError(f"{what}: meta must be an object, not {type(meta).__name__}")
    return dict(meta)


def _citation(data: Any) -> Citation:
    _check_keys("citation", data, Citation)
    index = data.get("index")
    if not isinstance(index, int) or isinstance(index, bool):
        raise UserError(f"citation: index must be a number, not {type(index).__name__}")
    return Citation(
        index=index,
        title=_text("citation", data, "title"),
        source=_text("citation", data, "source"),
        snippet=_text("citation", data, "snippet"),
    )
