"""OpenAI's chat API in front of an assistant: request, answer, chunks of a stream, errors.

Tools run here, on the server, so their trace is no `tool_calls` that a client would have to act on: it stands in the
extension field `moss`, and inner thoughts in `reasoning_content`. Fields that are not known here are ignored, because
clients send many. Not here: routes and HTTP (`app.py`).
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePath
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from ..assistant import Assistant
from ..conversation import Conversation, Message, ToolCall
from ..data.imports import from_openai
from ..engine.params import SamplingParams
from ..errors import UserError
from ..events import Event, Failed, Finished, TextDelta, ThoughtDelta, ToolCalled, ToolReturned
from .api_errors import ApiError

MAX_ANSWERS = 8
"""The most answers (`n`) of one request."""


# --- the request ----------------------------------------------------------------------------------------------------


class _Request(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)


def _whole_characters(text: str) -> str:
    """JSON can spell half a character (`\\ud800`), which is no text and could not be written to any file."""
    if any("\ud800" <= sign <= "\udfff" for sign in text):
        raise ValueError("the text holds half a character (a lone surrogate)")
    return text


Text = Annotated[str, AfterValidator(_whole_characters)]


class TextPart(_Request):
    """A part of a message's content; only text is understood."""

    type: Literal["text"]
    text: Text


class MossTrace(_Request):
    """What an earlier answer carried in `moss`, given back by a client that keeps whole messages."""

    tool_calls: list[dict[str, Any]] = []


class ChatMessage(_Request):
    """One message of the dialogue."""

    role: Literal["system", "developer", "user", "assistant", "tool"]
    content: Text | list[TextPart] | None = None
    reasoning_content: Text | None = None
    tool_calls: list[dict[str, Any]] | None = None
    tool_call_id: str | None = None
    moss: MossTrace | None = None

    @property
    def text(self) -> str:
        """The content as one text."""
        if isinstance(self.content, list):
            return "".join(part.text for part in self.content)
        return self.content or ""


class StreamOptions(_Request):
    """Options of a stream."""

    include_usage: bool | None = None


class MossOptions(_Request):
    """The extension: which tools are on, the quality that is wanted, and how strongly."""

    tools: list[str] | None = None
    quality: Annotated[int, Field(ge=0, le=100)] | Literal["off"] | None = None
    guidance: Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)] | None = None


class ChatRequest(_Request):
    """The body of `POST /v1/chat/completions`."""

    model: str | None = None
    messages: Annotated[list[ChatMessage], Field(min_length=1)]
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    n: Annotated[int, Field(ge=1, le=MAX_ANSWERS)] | None = None
    temperature: Annotated[float, Field(ge=0, le=2, allow_inf_nan=False)] | None = None
    top_p: Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)] | None = None
    top_k: Annotated[int, Field(ge=0)] | None = None
    repetition_penalty: Annotated[float, Field(gt=0, le=10, allow_inf_nan=False)] | None = None
    max_tokens: Annotated[int, Field(ge=1)] | None = None
    max_completion_tokens: Annotated[int, Field(ge=1)] | None = None
    seed: int | None = None
    stop: Text | list[Text] | None = None
    moss: MossOptions | None = None

    def sampling(self, assistant: Assistant) -> list[SamplingParams]:
        """The settings of each of the `n` answers: the assistant's, changed as asked, the same but for the seed."""
        settings = assistant.sampling(
            temperature=self.temperature,
            top_p=self.top_p,
            top_k=self.top_k,
            repetition_penalty=self.repetition_penalty,
            max_tokens=self.max_completion_tokens or self.max_tokens,
            guidance=self.moss.guidance if self.moss else None,
            stop=(self.stop,) if isinstance(self.stop, str) else tuple(self.stop or ()),
        )
        seeds = [None if self.seed is None else self.seed + number for number in range(self.n or 1)]
        return [replace(settings, seed=seed) for seed in seeds]


@dataclass(frozen=True)
class Plan:
    """What a request asks of the assistant."""

    conversation: Conversation
    sampling: list[SamplingParams]
    quality: int | None


def plan(request: ChatRequest, assistant: Assistant) -> Plan:
    """Checks what only the assistant can know. Raises ApiError or UserError naming the field that is wrong."""
    if request.model is not None and request.model != assistant.name:
        raise ApiError(404, f"there is no model '{request.model}', only '{assistant.name}'", "model_not_found", "model")
    options = request.moss or MossOptions()
    try:
        wanted = assistant.toolbox.names if options.tools is None else options.tools
        on = {assistant.toolbox[name].name for name in wanted}
    except UserError as error:
        raise ApiError(400, str(error), "unknown_tool", "moss.tools") from None
    tools = tuple(name for name in assistant.toolbox.names if name in on)
    try:
        conversation = _conversation(request.messages, tools)
    except UserError as error:
        raise ApiError(400, str(error), "invalid_messages", "messages") from None
    # Any model may be asked for quality, so that a client need not know which one it talks to: `moss.quality` of the
    # answer says what it got. Guidance without a tag to guide by is an error.
    wish = options.quality if assistant.knows_quality else None
    try:
        quality = assistant.quality(wish, options.guidance)
    except UserError as error:
        raise ApiError(400, str(error), "no_quality_tags", "moss.guidance") from None
    return Plan(conversation, request.sampling(assistant), quality)


def _conversation(messages: list[ChatMessage], tools: tuple[str, ...]) -> Conversation:
    """The dialogue up to the user's question. System messages say who the assistant is, wherever they stand."""
    persona = "\n".join(message.text for message in messages if message.role in ("system", "developer"))
    spoken = [entry for message in messages for entry in _openai_entries(message)]
    if not spoken or spoken[-1]["role"] != "user":
        raise UserError("the last message must be the user's")
    found = from_openai({"messages": _joined(spoken)})
    said = tuple(message for message in found.messages if message.role != "system")
    if persona:
        said = (Message("system", persona), *said)
    return Conversation(said, tools)


def _openai_entries(message: ChatMessage) -> list[dict[str, Any]]:
    """The message in the form of the importer; an answer of ours falls into its calls, their results and the reply."""
    match message.role:
        case "system" | "developer":
            return []
        case "assistant" if message.moss is not None and message.moss.tool_calls:
            calls = [ToolCall.from_dict({**call, "status": None}) for call in message.moss.tool_calls]
            asked = [
                {"id": str(number), "function": {"name": call.name, "arguments": json.dumps({"text": call.argument})}}
                for number, call in enumerate(calls)
            ]
            results = [
                {"role": "tool", "tool_call_id": str(number), "content": call.result or ""}
                for number, call in enumerate(calls)
            ]
            thought = {"role": "assistant", "reasoning_content": message.reasoning_content, "tool_calls": asked}
            return [thought, *results, {"role": "assistant", "content": message.text}]
        case _:
            return [{**message.model_dump(exclude={"moss"}), "content": message.text}]


def _joined(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The entries with neighbours of the same speaker made one: the format knows no user who speaks twice."""
    joined: list[dict[str, Any]] = []
    for entry in entries:
        plain = not entry.get("tool_calls") and entry["role"] in ("user", "assistant")
        if joined and plain and joined[-1]["role"] == entry["role"] and not joined[-1].get("tool_calls"):
            joined[-1] = {**entry, "content": f"{joined[-1]['content']}\n\n{entry['content']}"}
        else:
            joined.append(entry)
    return joined


# --- the answer -----------------------------------------------------------------------------------------------------


class Deltas:
    """Turns the events of one answer into the `delta` objects of a stream; `merge` makes the whole message of them."""

    def __init__(self) -> None:
        self._thought = False
        self._returned = False

    def of(self, event: Event) -> dict[str, Any] | None:
        """What this event adds to the message; None where it adds nothing. Failed raises ApiError."""
        match event:
            case ThoughtDelta(text):
                # A second round of thinking starts a new line of the one field that holds all rounds.
                first_of_round = self._thought and self._returned
                self._thought, self._returned = True, False
                return {"reasoning_content": f"\n{text}" if first_of_round else text}
            case TextDelta(text):
                return {"content": text}
            case ToolCalled(index, call):
                return {"moss": {"tool_calls": [{"index": index, **_call(call)}]}}
            case ToolReturned(index, call):
                self._returned = True
                citations = call.to_dict().get("citations", [])
                files = [f"/files/{PurePath(file).name}" for file in call.files]
                return {
                    "moss": {"tool_calls": [{"index": index, **_call(call)}], "citations": citations, "files": files}
                }
            case Failed(message):
                raise ApiError(500, message, "answer_failed")
            case _:
                return None


def merge(deltas: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The message that deltas amount to. Clients may do the same with a stream and get the same."""
    message: dict[str, Any] = {"role": "assistant", "content": "", "refusal": None, "reasoning_content": None}
    calls: dict[int, dict[str, Any]] = {}
    trace: dict[str, Any] = {"tool_calls": [], "citations": [], "files": [], "quality": None}
    for delta in deltas:
        message["content"] += delta.get("content", "")
        if "reasoning_content" in delta:
            message["reasoning_content"] = (message["reasoning_content"] or "") + delta["reasoning_content"]
        more = delta.get("moss", {})
        calls |= {call["index"]: call for call in more.get("tool_calls", [])}
        trace["citations"] += more.get("citations", [])
        trace["files"] += more.get("files", [])
        trace["quality"] = more.get("quality", trace["quality"])
    trace["tool_calls"] = [
        {key: value for key, value in calls[index].items() if key != "index"} for index in sorted(calls)
    ]
    return {**message, "moss": trace}


def _call(call: ToolCall) -> dict[str, Any]:
    return {"name": call.name, "argument": call.argument, "result": call.result, "status": call.status}


@dataclass
class Completion:
    """One response: its identity, and the deltas, finish reasons and counts of its answers as they come."""

    model: str
    answers: int
    quality: int | None = None
    include_usage: bool = False
    """Whether the stream ends with a chunk of counts (and all chunks before it say that theirs are not known)."""
    id: str = field(default_factory=lambda: f"chatcmpl-{uuid.uuid4().hex}")
    created: int = field(default_factory=lambda: int(time.time()))

    def __post_init__(self) -> None:
        self._readers = [Deltas() for _ in range(self.answers)]
        self._finished: dict[int, Finished] = {}

    def opening(self) -> list[dict[str, Any]]:
        """The first delta of each answer."""
        first = {"role": "assistant", "content": "", "moss": {"quality": self.quality}}
        return [self.chunk(number, first) for number in range(self.answers)]

    def read(self, number: int, event: Event) -> dict[str, Any] | None:
        """The delta of an event of answer `number`; the end of an answer is noted."""
        if isinstance(event, Finished):
            self._finished[number] = event
        return self._readers[number].of(event)

    def has_ended(self, number: int) -> bool:
        """Whether answer `number` is complete."""
        return number in self._finished

    def chunk(self, number: int, delta: Mapping[str, Any], finish_reason: str | None = None) -> dict[str, Any]:
        """One chunk of the stream."""
        choice = {"index": number, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
        usage = {"usage": None} if self.include_usage else {}
        return {**self._object("chat.completion.chunk", [choice]), **usage}

    def closing(self, number: int) -> dict[str, Any]:
        """The last chunk of an answer, with why it ended."""
        return self.chunk(number, {}, self._finish_reason(number))

    def usage_chunk(self) -> dict[str, Any]:
        """The chunk that ends a stream with `include_usage`."""
        return {**self._object("chat.completion.chunk", []), "usage": self.usage()}

    def whole(self, deltas: Mapping[int, list[dict[str, Any]]]) -> dict[str, Any]:
        """The response of a request without stream, from the deltas of each answer."""
        quality = {"moss": {"quality": self.quality}}
        choices = [
            {
                "index": number,
                "message": merge([quality, *deltas.get(number, [])]),
                "logprobs": None,
                "finish_reason": self._finish_reason(number),
            }
            for number in range(self.answers)
        ]
        return {**self._object("chat.completion", choices), "usage": self.usage()}

    def usage(self) -> dict[str, int]:
        """Tokens in (the prompt counts once, however many answers) and tokens out."""
        prompt = max((end.prompt_tokens for end in self._finished.values()), default=0)
        completion = sum(end.completion_tokens for end in self._finished.values())
        return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}

    def _finish_reason(self, number: int) -> str:
        # An answer that was stopped on the server's side ended early, which OpenAI's list calls "length".
        return "stop" if self._finished[number].finish_reason == "stop" else "length"

    def _object(self, kind: str, choices: list[dict[str, Any]]) -> dict[str, Any]:
        return {"id": self.id, "object": kind, "created": self.created, "model": self.model, "choices": choices}
