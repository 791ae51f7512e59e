"""What a reply amounts to while it is made: the assistant's events in, lines of its log out, its messages at the end.

`Reply.take` turns an event into the lines that the page reads; `events_of` turns such lines into events again, so that
what was committed of a reply whose server died is enough to make the message of it. Not here: when anything is written
(`jobs.py`), and HTML (`markup/`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from ..conversation import Citation, Message, ToolCall
from ..errors import EngineBusy, UserError
from ..events import Calling, Event, TextDelta, ThoughtDelta, ToolCalled, ToolReturned, fold
from .store.errors import StoreError


class Line(NamedTuple):
    """One line of a log that is to be written."""

    type: str
    payload: dict[str, Any]


@dataclass(frozen=True)
class Problem:
    """Why a reply could not be made or shown, in words for the user."""

    code: str
    message: Mapping[str, str]
    """The same in each language: `{"en": ..., "zh": ...}`."""
    retry_after: float | None = None
    """Seconds after which trying again may help."""

    def to_dict(self) -> dict[str, Any]:
        """The payload of the line `error`."""
        return {"code": self.code, "message": dict(self.message), "retry_after": self.retry_after}


INTERNAL = "internal_error"

PROBLEMS = {
    INTERNAL: {
        "en": "The server failed to make this reply. Please try again.",
        "zh": "服务器未能生成这条回复，请重试。",
    },
    "overloaded": {
        "en": "The assistant is busy. Please try again in a moment.",
        "zh": "助手正忙，请稍后再试。",
    },
    "interrupted": {
        "en": "The server stopped while this reply was being made. What had arrived is kept.",
        "zh": "服务器在生成这条回复时停止了，已收到的内容保留了下来。",
    },
    "storage": {
        "en": "The server could not store this reply. Please try again.",
        "zh": "服务器未能保存这条回复，请重试。",
    },
}
"""What the user is told, by code."""


def problem_of(error: BaseException) -> Problem:
    """What the user is told of an exception: their own mistakes in full, of ours only that there was one."""
    match error:
        case EngineBusy():
            return Problem("overloaded", PROBLEMS["overloaded"], retry_after=2)
        case StoreError():
            return Problem("storage", PROBLEMS["storage"], retry_after=error.retry_after_s)
        case UserError():
            return Problem("invalid_request", {"en": str(error), "zh": str(error)})
        case _:
            return Problem(INTERNAL, PROBLEMS[INTERNAL])


class Reply:
    """One reply in the making."""

    def __init__(self, quality: int | None = None) -> None:
        self._quality = quality
        self._stage = ""
        self._events: list[Event] = []

    @property
    def citations(self) -> list[Citation]:
        """The sources that were found so far."""
        returned = [event.call for event in self._events if isinstance(event, ToolReturned)]
        return [citation for call in returned for citation in call.citations]

    def take(self, event: Event) -> list[Line]:
        """The lines that this event adds to the log; none for the end, which has a line of its own."""
        match event:
            case ThoughtDelta("") | TextDelta(""):
                return []  # a sign of life alone
            case ThoughtDelta(text):
                lines = [*self.stage("thinking"), Line("thought", {"text": text})]
            case TextDelta(text):
                lines = [*self.stage("answering"), Line("text", {"text": text})]
            case Calling():
                return self.stage("calling")
            case ToolCalled(index, call) | ToolReturned(index, call):
                lines = [*self.stage("tool"), Line("tool", tool(index, call))]
            case _:
                return []
        self._events = coalesced([*self._events[-1:], event], self._events[:-1])
        return lines

    def messages(self) -> list[Message]:
        """The assistant's messages that it amounts to."""
        *before, last = fold(self._events)
        return [*before, replace(last, quality=self._quality)]

    def close(self) -> list[Line]:
        """The lines of tools that have not come back, and never will: they are stopped."""
        called = {event.index: event.call for event in self._events if isinstance(event, ToolCalled)}
        returned = {event.index for event in self._events if isinstance(event, ToolReturned)}
        stopped = [ToolReturned(i, replace(call, status="stopped")) for i, call in called.items() if i not in returned]
        return [line for event in stopped for line in self.take(event)]

    def stage(self, stage: str) -> list[Line]:
        """The line that says what the assistant does now, where it is something else than before."""
        if stage == self._stage:
            return []
        self._stage = stage
        return [Line("stage", {"stage": stage})]


def coalesced(events: Iterable[Event], before: Sequence[Event] = ()) -> list[Event]:
    """The events after those `before`, with neighbours of the same kind made one: text, and tokens of commands."""
    joined = list(before)
    for event in events:
        last = joined[-1] if joined else None
        if isinstance(event, TextDelta) and isinstance(last, TextDelta):
            joined[-1] = TextDelta(last.text + event.text)
        elif isinstance(event, ThoughtDelta) and isinstance(last, ThoughtDelta):
            joined[-1] = ThoughtDelta(last.text + event.text)
        elif not isinstance(event, Calling) or event != last:
            joined.append(event)
    return joined


def tool(index: int, call: ToolCall) -> dict[str, Any]:
    """A tool's call as the page reads it: running until it has come back."""
    return {
        "index": index,
        "name": call.name,
        "argument": call.argument,
        "status": call.status or "running",
        "result": call.result,
        "citations": call.to_dict().get("citations", []),
        "files": list(call.files),
    }


def events_of(lines: Iterable[tuple[str, Mapping[str, Any]]]) -> Iterator[Event]:
    """The events that the lines (type, payload) of a log tell of."""
    for kind, payload in lines:
        match kind:
            case "thought":
                yield ThoughtDelta(payload["text"])
            case "text":
                yield TextDelta(payload["text"])
            case "tool" if payload["status"] == "running":
                yield ToolCalled(payload["index"], ToolCall(payload["name"], payload["argument"]))
            case "tool":
                yield ToolReturned(payload["index"], _returned(payload))


def events_in(messages: Iterable[Message]) -> Iterator[Event]:
    """The events that fold to these messages of one turn."""
    index = 0
    for message in messages:
        if message.thought:
            yield ThoughtDelta(message.thought)
        for number, call in enumerate(message.tool_calls, index):
            yield ToolCalled(number, ToolCall(call.name, call.argument))
        for call in message.tool_calls:
            yield ToolReturned(index, call)
            index += 1
        if message.content:
            yield TextDelta(message.content)


def _returned(payload: Mapping[str, Any]) -> ToolCall:
    return ToolCall(
        payload["name"],
        payload["argument"],
        payload["result"],
        payload["status"],
        tuple(Citation(**citation) for citation in payload["citations"]),
        tuple(payload["files"]),
    )
