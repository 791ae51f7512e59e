"""OpenAI's Responses API, the answering side: events of an assistant as the events of a response, in their order.

    response.created, response.in_progress
    for each item (reasoning, message, function_call): output_item.added, its part, deltas, their ends, output_item.done
    response.completed | response.incomplete | response.failed

The whole response is what the last event holds. Tools of the server stand in the extension field `moss`. Not here:
requests (`responses_request.py`), routes and HTTP (`responses_routes.py`).
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..events import Event, Finished, TextDelta, ThoughtDelta, TokenChance, ToolCalled
from .api_errors import ApiError
from .chat_request import Plan
from .openai_api import Delta, Deltas, merge, new_id, token_entries, usage_of
from .responses_request import ResponsesRequest

INCOMPLETE = {"length": "max_output_tokens", "aborted": "max_output_tokens", "content_filter": "content_filter"}
"""Finish reason -> why a response is incomplete."""

Part = dict[str, Any]


@dataclass
class OpenItem:
    """The item that is being written."""

    index: int
    item: Part
    text: str = ""
    tokens: list[TokenChance] = field(default_factory=list)

    def place(self) -> Part:
        """Where an event of its only part belongs."""
        return {"item_id": self.item["id"], "output_index": self.index, "content_index": 0}


class ResponseEvents:
    """One response while it is made."""

    def __init__(self, request: ResponsesRequest, model: str, plan: Plan) -> None:
        functions = [tool.name for tool in request.tools or ()]
        self._functions = frozenset(functions)
        self._deltas = Deltas(functions)
        self._kept: list[Mapping[str, Any]] = [{"moss": {"quality": plan.quality}}]
        self._logprobs = request.logprobs
        self._open: OpenItem | None = None
        self._count = 0
        self.response: Part = {
            "id": new_id("resp_"),
            "object": "response",
            "created_at": int(time.time()),
            "status": "in_progress",
            "error": None,
            "incomplete_details": None,
            "model": model,
            "output": [],
            "usage": None,
            "moss": merge(self._kept)["moss"],
            **_echoed(request, plan),
        }

    def opening(self) -> list[Part]:
        """The first two events."""
        return [self._event(name, response=self._snapshot()) for name in ("response.created", "response.in_progress")]

    def read(self, event: Event) -> Iterator[Part]:
        """What an event of the assistant adds. Failed raises ApiError."""
        for delta in self._deltas.of(event):
            self._kept.append(delta.message)
            yield from self._added(event, delta)
        if isinstance(event, Finished):
            yield from self._closed()
            yield self._ended(event)

    def failed(self, error: ApiError) -> Part:
        """The last event of a response that could not be made."""
        code = error.code or "server_error"
        self.response |= {"status": "failed", "error": {"code": code, "message": str(error)}}
        return self._event("response.failed", response=self._snapshot())

    def _added(self, event: Event, delta: Delta) -> Iterator[Part]:
        match event:
            case ThoughtDelta():
                yield from self._opened("reasoning")
                yield from self._more("response.reasoning_text.delta", delta.message["reasoning"])
            case TextDelta():
                yield from self._opened("message")
                tokens = token_entries(delta.tokens)
                yield from self._more("response.output_text.delta", delta.message["content"], delta, logprobs=tokens)
            case ToolCalled(_, call) if call.name in self._functions and "id" in delta.message["tool_calls"][0]:
                yield from self._closed()
                yield from self._function_call(delta.message["tool_calls"][0]["id"], call.name, call.argument)
            case Finished():
                # An annotation belongs to text, so there is a message.
                yield from self._annotated(delta.message["annotations"])

    def _opened(self, kind: str) -> Iterator[Part]:
        """The item that text of this kind goes to, with its only part; another one that is open is closed."""
        if self._open is not None and self._open.item["type"] == kind:
            return
        yield from self._closed()
        if kind == "message":
            item = {"id": new_id("msg_"), "type": kind, "status": "in_progress", "role": "assistant", "content": []}
        else:
            item = {"id": new_id("rs_"), "type": kind, "status": "in_progress", "summary": [], "content": []}
        self._open = OpenItem(len(self.response["output"]), item)
        yield self._event("response.output_item.added", output_index=self._open.index, item=dict(item))
        yield self._event("response.content_part.added", **self._open.place(), part=self._part(""))

    def _more(self, name: str, text: str, delta: Delta | None = None, **fields: Any) -> Iterator[Part]:
        assert self._open is not None
        self._open.text += text
        self._open.tokens += delta.tokens if delta is not None else ()
        yield self._event(name, **self._open.place(), delta=text, **fields)

    def _annotated(self, annotations: list[Part]) -> Iterator[Part]:
        assert self._open is not None
        for number, annotation in enumerate(annotations):
            flat = {"type": annotation["type"], **annotation["url_citation"]}
            self._open.item.setdefault("annotations", []).append(flat)
            where = {**self._open.place(), "annotation_index": number}
            yield self._event("response.output_text.annotation.added", **where, annotation=flat)

    def _closed(self) -> Iterator[Part]:
        """The end of the item that is open."""
        if self._open is None:
            return
        done, self._open = self._open, None
        part, place = self._part(done.text, done), done.place()
        if done.item["type"] == "message":
            logprobs = token_entries(done.tokens)
            yield self._event("response.output_text.done", **place, text=done.text, logprobs=logprobs)
        else:
            yield self._event("response.reasoning_text.done", **place, text=done.text)
        yield self._event("response.content_part.done", **place, part=part)
        done.item.pop("annotations", None)
        item = {**done.item, "status": "completed", "content": [part]}
        if item["type"] == "message":
            item["moss"] = merge(self._kept)["moss"]
        self.response["output"].append(item)
        yield self._event("response.output_item.done", output_index=done.index, item=item)

    def _part(self, text: str, done: OpenItem | None = None) -> Part:
        item = done or self._open
        assert item is not None
        if item.item["type"] == "reasoning":
            return {"type": "reasoning_text", "text": text}
        annotations = item.item.get("annotations", [])
        logprobs = {"logprobs": token_entries(item.tokens)} if self._logprobs else {}
        return {"type": "output_text", "text": text, "annotations": annotations, **logprobs}

    def _function_call(self, call_id: str, name: str, arguments: str) -> Iterator[Part]:
        index = len(self.response["output"])
        item = {"id": new_id("fc_"), "type": "function_call", "call_id": call_id, "name": name}
        begun = {**item, "status": "in_progress", "arguments": ""}
        done = {**item, "status": "completed", "arguments": arguments}
        place = {"item_id": item["id"], "output_index": index}
        yield self._event("response.output_item.added", output_index=index, item=begun)
        yield self._event("response.function_call_arguments.delta", **place, delta=arguments)
        yield self._event("response.function_call_arguments.done", **place, name=name, arguments=arguments)
        self.response["output"].append(done)
        yield self._event("response.output_item.done", output_index=index, item=done)

    def _ended(self, event: Finished) -> Part:
        reason = INCOMPLETE.get(event.finish_reason)
        counts = usage_of([event])
        self.response |= {
            "status": "incomplete" if reason else "completed",
            "incomplete_details": {"reason": reason} if reason else None,
            "moss": merge(self._kept)["moss"],
            "usage": {
                "input_tokens": counts["prompt_tokens"],
                "input_tokens_details": {"cached_tokens": 0},
                "output_tokens": counts["completion_tokens"],
                "output_tokens_details": counts["completion_tokens_details"],
                "total_tokens": counts["total_tokens"],
            },
        }
        return self._event(f"response.{self.response['status']}", response=self._snapshot())

    def _snapshot(self) -> Part:
        """The response as it is now, which later events do not change."""
        return {**self.response, "output": list(self.response["output"])}

    def _event(self, kind: str, /, **fields: Any) -> Part:
        self._count += 1
        return {"type": kind, "sequence_number": self._count - 1, **fields}


def _echoed(request: ResponsesRequest, plan: Plan) -> Part:
    """What a response repeats of its request."""
    given = request.model_dump(by_alias=True, exclude_unset=True)
    return {
        "instructions": request.instructions,
        "max_output_tokens": request.max_output_tokens,
        "metadata": request.metadata or {},
        "parallel_tool_calls": request.parallel_tool_calls is not False,
        "previous_response_id": None,
        "reasoning": {"effort": None, "summary": None},
        "store": False,
        "temperature": plan.sampling[0].temperature,
        "text": {"format": (given.get("text") or {}).get("format") or {"type": "text"}},
        "tool_choice": given.get("tool_choice") or "auto",
        "tools": given.get("tools") or [],
        "top_p": plan.sampling[0].top_p,
        "truncation": "disabled",
        "user": None,
    }
