"""Conversations as plain values, and their JSON form.

This is the only file that turns conversations into JSON and back: a line of a JSONL data set, the body of an API
answer and (later) a column of the store are all `to_dict()`. Not here: ids, clocks, files, tokens.

An assistant message carries the whole of what the assistant did in one go: its thought, the tool calls with what they
returned, and the reply. When it calls tools a second time before replying, the first message has `content=None`
("the reply is still to come") and the next message is again the assistant's.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, get_args

from .errors import UserError

Role = Literal["system", "user", "assistant", "tool"]
ROLES: tuple[str, ...] = get_args(Role)

Status = Literal["ok", "failed", "timeout"]
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
        messages = []
        for number, message in enumerate(_list("conversation", data, "messages"), start=1):
            try:
                messages.append(Message.from_dict(message))
            except UserError as error:
                raise UserError(f"message {number}: {error}") from None
        if not messages:
            raise UserError("conversation: no messages")
        tools = _list("conversation", data, "tools")
        if not all(isinstance(name, str) for name in tools):
            raise UserError("conversation: tools must be a list of names")
        meta = data.get("meta", {})
        if not isinstance(meta, Mapping):
            raise UserError(f"conversation: meta must be an object, not {type(meta).__name__}")
        return cls(messages=tuple(messages), tools=tuple(tools), meta=dict(meta))


def write_jsonl(path: str | Path, conversations: Iterable[Conversation]) -> int:
    """Writes one conversation a line (UTF-8, not escaped); returns how many."""
    count = 0
    with open(path, "w", encoding="utf-8") as file:
        for conversation in conversations:
            file.write(json.dumps(conversation.to_dict(), ensure_ascii=False, separators=(",", ":")) + "\n")
            count += 1
    return count


def read_jsonl(path: str | Path) -> Iterator[Conversation]:
    """Reads our own JSONL strictly; a bad line raises UserError with file, line and reason."""
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, start=1):
            if not line.strip():
                continue
            try:
                yield Conversation.from_dict(json.loads(line))
            except ValueError as error:
                raise UserError(f"{path}, line {number}: {error}") from None


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
