"""OpenAI's chat API, the answering side: events of an assistant as chunks of a stream, and the whole of such a stream.

Tools of the server run here, so their trace is no `tool_calls` that a client would have to act on: it stands in the
extension field `moss`. Calls of the client's own functions are `tool_calls`. Inner thoughts are `reasoning_content`,
which others call `reasoning`; sources are `annotations`. Every delta only adds to those before it, so that clients that
put a stream together without knowing these fields get them right.

Not here: requests (`chat_request.py`), routes and HTTP (`chat_routes.py`).
"""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

from ..conversation import Citation, ToolCall
from ..events import (
    Event,
    Failed,
    Finished,
    TextDelta,
    ThoughtDelta,
    TokenChance,
    ToolCalled,
    ToolReturned,
)
from .api_errors import ApiError

LEAST_LOG_PROBABILITY = -9999.0
"""What OpenAI writes for a token that could not come at all; JSON knows no infinity."""
CITED = re.compile(r"<sup><\|(\d+)\|></sup>")
"""How a reply cites a source by its number."""
FINISH_REASONS = {"stop": "stop", "tool_calls": "tool_calls", "content_filter": "content_filter"}
"""OpenAI's names; whatever else ends an answer early is `length`."""


def new_id(kind: str) -> str:
    """`chatcmpl-…`, `call_…`: an id that nobody can guess."""
    return f"{kind}{uuid.uuid4().hex}"


@dataclass(frozen=True)
class Delta:
    """What one event adds to an answer: to its message, and to the probabilities of its tokens."""

    message: Mapping[str, Any]
    tokens: Sequence[TokenChance] = ()


class Deltas:
    """Turns the events of one answer into what they add to its message."""

    def __init__(self, functions: Iterable[str] = ()) -> None:
        self._functions = frozenset(functions)
        self._called = 0
        self._thought = False
        self._returned = False
        self._citations: list[Citation] = []

    def of(self, event: Event) -> list[Delta]:
        """What this event adds. Failed raises ApiError."""
        match event:
            case ThoughtDelta(text):
                # A second round of thinking starts a new line of the one field that holds all rounds.
                text = f"\n{text}" if self._thought and self._returned else text
                self._thought, self._returned = True, False
                return [Delta({"reasoning_content": text, "reasoning": text})] if text else []
            case TextDelta(text, tokens):
                return [Delta({"content": text}, tokens)] if text else []
            case ToolCalled(index, call) if call.name in self._functions:
                return self._function_call(call)
            case ToolCalled(index, call):
                return [Delta({"moss": {"tool_calls": [{"index": index, "name": call.name, **_returned(call)}]}})]
            case ToolReturned(index, call):
                return [self._result(index, call)]
            case Finished(content):
                annotations = annotations_of(content, self._citations)
                return [Delta({"annotations": annotations})] if annotations else []
            case Failed(message):
                raise ApiError(500, message, "answer_failed", headers={"x-should-retry": "false"})
        return []

    def _function_call(self, call: ToolCall) -> list[Delta]:
        """As OpenAI streams it: who is called first, then the arguments."""
        position = {"index": self._called}
        self._called += 1
        head = {"id": new_id("call_"), "type": "function", "function": {"name": call.name, "arguments": ""}}
        arguments = {"function": {"arguments": call.argument}}
        return [Delta({"tool_calls": [{**position, **head}]}), Delta({"tool_calls": [{**position, **arguments}]})]

    def _result(self, index: int, call: ToolCall) -> Delta:
        self._returned = True
        self._citations += call.citations
        trace: dict[str, Any] = {"tool_calls": [{"index": index, "result": call.result, "status": call.status}]}
        if call.citations:
            trace["citations"] = call.to_dict()["citations"]
        if call.files:
            trace["files"] = [f"/files/{PurePath(file).name}" for file in call.files]
        return Delta({"moss": trace})


def _returned(call: ToolCall) -> dict[str, Any]:
    return {"argument": call.argument, "result": call.result, "status": call.status}


def annotations_of(content: str, citations: Sequence[Citation]) -> list[dict[str, Any]]:
    """The places where a reply cites its sources, as OpenAI describes them; positions count characters."""
    sources = {citation.index: citation for citation in citations}
    return [
        {
            "type": "url_citation",
            "url_citation": {
                "start_index": found.start(),
                "end_index": found.end(),
                "url": sources[int(found[1])].source,
                "title": sources[int(found[1])].title,
            },
        }
        for found in CITED.finditer(content)
        if int(found[1]) in sources
    ]


def token_entries(tokens: Iterable[TokenChance]) -> list[dict[str, Any]]:
    """The `content` of OpenAI's `logprobs`."""
    return [
        {
            **_token_entry(token.data, token.log_probability),
            "top_logprobs": [_token_entry(data, chance) for data, chance in token.likeliest],
        }
        for token in tokens
    ]


def _token_entry(data: bytes, log_probability: float) -> dict[str, Any]:
    return {
        "token": data.decode("utf-8", errors="replace"),
        "logprob": max(log_probability, LEAST_LOG_PROBABILITY),
        "bytes": list(data),
    }


def merge(deltas: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The message that deltas amount to. Clients may do the same with a stream and get the same."""
    message: dict[str, Any] = {"role": "assistant", "content": "", "refusal": None}
    message |= {"reasoning_content": None, "reasoning": None}
    calls: dict[int, dict[str, Any]] = {}
    traced: dict[int, dict[str, Any]] = {}
    trace: dict[str, Any] = {"tool_calls": [], "citations": [], "files": [], "quality": None}
    annotations: list[dict[str, Any]] = []
    for delta in deltas:
        message["content"] += delta.get("content", "")
        for name in ("reasoning_content", "reasoning"):
            if name in delta:
                message[name] = (message[name] or "") + delta[name]
        for call in delta.get("tool_calls", []):
            _add_call(calls.setdefault(call["index"], {}), call)
        annotations += delta.get("annotations", [])
        more = delta.get("moss", {})
        for call in more.get("tool_calls", []):
            traced.setdefault(call["index"], {}).update({key: call[key] for key in call if key != "index"})
        trace["citations"] += more.get("citations", [])
        trace["files"] += more.get("files", [])
        trace["quality"] = more.get("quality", trace["quality"])
    trace["tool_calls"] = [traced[index] for index in sorted(traced)]
    if calls:
        message |= {"tool_calls": [calls[index] for index in sorted(calls)], "content": message["content"] or None}
    if annotations:
        message["annotations"] = annotations
    return {**message, "moss": trace}


def _add_call(call: dict[str, Any], more: Mapping[str, Any]) -> None:
    """Adds a piece of a function call to what came of it."""
    arguments = call.get("function", {}).get("arguments", "") + more["function"]["arguments"]
    function = {**call.get("function", {}), **more["function"], "arguments": arguments}
    call |= {**{key: more[key] for key in more if key != "index"}, "function": function}


@dataclass
class Completion:
    """One response: its identity, and the deltas, finish reasons and counts of its answers as they come."""

    model: str
    answers: int
    quality: int | None = None
    functions: Iterable[str] = ()
    """Names of the client's own functions."""
    logprobs: bool = False
    """Whether the probabilities of tokens were asked for."""
    include_usage: bool = False
    """Whether the stream ends with a chunk of counts (and all chunks before it say that theirs are not known)."""
    id: str = field(default_factory=lambda: new_id("chatcmpl-"))
    created: int = field(default_factory=lambda: int(time.time()))

    def __post_init__(self) -> None:
        self._readers = [Deltas(self.functions) for _ in range(self.answers)]
        self._finished: dict[int, Finished] = {}

    def opening(self) -> list[dict[str, Any]]:
        """The first chunk of each answer."""
        first = Delta({"role": "assistant", "content": "", "moss": {"quality": self.quality}})
        return [self.chunk(number, first) for number in range(self.answers)]

    def read(self, number: int, event: Event) -> list[Delta]:
        """The deltas of an event of answer `number`; the end of an answer is noted."""
        if isinstance(event, Finished):
            self._finished[number] = event
        return self._readers[number].of(event)

    def has_ended(self, number: int) -> bool:
        """Whether answer `number` is complete."""
        return number in self._finished

    def chunk(self, number: int, delta: Delta, finish_reason: str | None = None) -> dict[str, Any]:
        """One chunk of the stream."""
        choice = {
            "index": number,
            "delta": delta.message,
            "logprobs": self._logprobs(delta.tokens) if delta.tokens else None,
            "finish_reason": finish_reason,
        }
        usage = {"usage": None} if self.include_usage else {}
        return {**self._object("chat.completion.chunk", [choice]), **usage}

    def closing(self, number: int) -> dict[str, Any]:
        """The last chunk of an answer, with why it ended."""
        return self.chunk(number, Delta({}), self._finish_reason(number))

    def usage_chunk(self) -> dict[str, Any]:
        """The chunk that ends a stream with `include_usage`."""
        return {**self._object("chat.completion.chunk", []), "usage": self.usage()}

    def whole(self, deltas: Mapping[int, Sequence[Delta]]) -> dict[str, Any]:
        """The response of a request without stream, from the deltas of each answer."""
        first = {"moss": {"quality": self.quality}}
        choices = []
        for number in range(self.answers):
            found = deltas.get(number, ())
            tokens = [token for delta in found for token in delta.tokens]
            choices.append(
                {
                    "index": number,
                    "message": merge([first, *(delta.message for delta in found)]),
                    "logprobs": self._logprobs(tokens) if self.logprobs else None,
                    "finish_reason": self._finish_reason(number),
                }
            )
        return {**self._object("chat.completion", choices), "usage": self.usage()}

    def usage(self) -> dict[str, Any]:
        """Tokens in (the prompt counts once, however many answers) and tokens out."""
        return usage_of(self._finished.values())

    def _finish_reason(self, number: int) -> str:
        return FINISH_REASONS.get(self._finished[number].finish_reason, "length")

    def _logprobs(self, tokens: Iterable[TokenChance]) -> dict[str, Any]:
        return {"content": token_entries(tokens), "refusal": None}

    def _object(self, kind: str, choices: list[dict[str, Any]]) -> dict[str, Any]:
        return {"id": self.id, "object": kind, "created": self.created, "model": self.model, "choices": choices}


def usage_of(ends: Iterable[Finished]) -> dict[str, Any]:
    """OpenAI's counts of one prompt and the answers to it."""
    ends = list(ends)
    prompt = max((end.prompt_tokens for end in ends), default=0)
    completion = sum(end.completion_tokens for end in ends)
    thoughts = sum(end.thought_tokens for end in ends)
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        "completion_tokens_details": {"reasoning_tokens": thoughts},
    }
