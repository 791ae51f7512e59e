"""The body of `POST /v1/chat/completions`, and what it asks of the assistant.

Fields that are not known here are ignored, because clients send many. Not here: answers (`openai_api.py`) and routes
(`chat_routes.py`).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal

from pydantic import Field

from ..assistant import Assistant
from ..conversation import Conversation, Message, ToolCall
from ..data.imports import from_openai
from ..engine.params import SamplingParams
from ..errors import UserError
from ..terms import Terms
from .api_errors import ApiError
from .client_functions import JSON_OBJECT, FunctionBody, Mode, NamedFunction, RequestPart, SchemaFormat, Text, terms_of

MAX_ANSWERS = 8
"""The most answers (`n`) of one request."""
MAX_STOPS = 16
"""The most stop texts; OpenAI allows four."""
MAX_LIKELIEST = 20
"""The most tokens that are told beside each token."""


class TextPart(RequestPart):
    """A part of a message's content; only text is understood."""

    type: Literal["text"]
    text: Text


class MossTrace(RequestPart):
    """What an earlier answer carried in `moss`, given back by a client that keeps whole messages."""

    tool_calls: Annotated[list[dict[str, Any]], Field(default_factory=list)]


class ChatMessage(RequestPart):
    """One message of the dialogue."""

    role: Literal["system", "developer", "user", "assistant", "tool"]
    content: Text | list[TextPart] | None = None
    reasoning_content: Text | None = None
    reasoning: Text | None = None
    tool_calls: list[dict[str, Any]] | None = None
    tool_call_id: str | None = None
    moss: MossTrace | None = None

    @property
    def text(self) -> str:
        """The content as one text."""
        if isinstance(self.content, list):
            return "".join(part.text for part in self.content)
        return self.content or ""

    @property
    def thought(self) -> str | None:
        """The reasoning, under the one name or the other."""
        return self.reasoning_content or self.reasoning


class StreamOptions(RequestPart):
    """Options of a stream."""

    include_usage: bool | None = None


class MossOptions(RequestPart):
    """The extension: which tools are on, the quality that is wanted, and how strongly."""

    tools: list[str] | None = None
    quality: Annotated[int, Field(ge=0, le=100)] | Literal["off"] | None = None
    guidance: Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)] | None = None


class ChatTool(RequestPart):
    """A function that the client calls itself."""

    type: Literal["function"]
    function: FunctionBody


class ChosenTool(RequestPart):
    """The one function that has to be called."""

    type: Literal["function"]
    function: NamedFunction


class AllowedTools(RequestPart):
    """Some of the functions."""

    mode: Literal["auto", "required"]
    tools: list[ChosenTool]


class AllowedToolsChoice(RequestPart):
    """Only some of the functions may be called."""

    type: Literal["allowed_tools"]
    allowed_tools: AllowedTools


class ResponseFormat(RequestPart):
    """The shape of the reply."""

    type: Literal["text", "json_object", "json_schema"]
    json_schema: SchemaFormat | None = None

    def wanted(self) -> Any:
        """The schema to keep to; None for free text. Raises ApiError where it is missing."""
        if self.type != "json_schema":
            return JSON_OBJECT if self.type == "json_object" else None
        if self.json_schema is None or self.json_schema.schema_ is None:
            raise ApiError(400, "json_schema.schema is missing", "invalid_value", "response_format")
        return self.json_schema.schema_


class ChatRequest(RequestPart):
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
    stop: Text | Annotated[list[Text], Field(max_length=MAX_STOPS)] | None = None
    logprobs: bool | None = None
    top_logprobs: Annotated[int, Field(ge=0, le=MAX_LIKELIEST)] | None = None
    response_format: ResponseFormat | None = None
    tools: list[ChatTool] | None = None
    tool_choice: Mode | ChosenTool | AllowedToolsChoice | None = None
    parallel_tool_calls: bool | None = None
    moss: MossOptions | None = None

    def sampling(self, assistant: Assistant) -> list[SamplingParams]:
        """The settings of each of the `n` answers: the assistant's, changed as asked, the same but for the seed."""
        if self.top_logprobs is not None and not self.logprobs:
            raise ApiError(400, "top_logprobs needs logprobs: true", "invalid_value", "top_logprobs")
        settings = assistant.sampling(
            temperature=self.temperature,
            top_p=self.top_p,
            top_k=self.top_k,
            repetition_penalty=self.repetition_penalty,
            max_tokens=self.max_completion_tokens or self.max_tokens,
            guidance=self.moss.guidance if self.moss else None,
            stop=(self.stop,) if isinstance(self.stop, str) else tuple(self.stop or ()),
            logprobs=(self.top_logprobs or 0) if self.logprobs else None,
        )
        seeds = [None if self.seed is None else self.seed + number for number in range(self.n or 1)]
        return [replace(settings, seed=seed) for seed in seeds]

    def terms(self) -> Terms | None:
        """What it demands besides. Raises ApiError."""
        choice: Mode | Sequence[str] = "auto"
        must_call = False
        match self.tool_choice:
            case ChosenTool():
                choice, must_call = [self.tool_choice.function.name], True
            case AllowedToolsChoice(allowed_tools=allowed):
                choice, must_call = [tool.function.name for tool in allowed.tools], allowed.mode == "required"
            case str():
                choice = self.tool_choice
        functions = [tool.function.function() for tool in self.tools or ()]
        schema = self.response_format.wanted() if self.response_format else None
        return terms_of(functions, choice, must_call, self.parallel_tool_calls, schema)


@dataclass(frozen=True)
class Plan:
    """What a request asks of the assistant."""

    conversation: Conversation
    sampling: list[SamplingParams]
    quality: int | None
    terms: Terms | None

    @property
    def prompt(self) -> str:
        """What the user said last."""
        return next((m.content or "" for m in reversed(self.conversation.messages) if m.role == "user"), "")


def plan(request: ChatRequest, assistant: Assistant) -> Plan:
    """Checks what only the assistant can know. Raises ApiError or UserError naming the field that is wrong."""
    if request.model is not None and request.model != assistant.name:
        raise ApiError(404, f"there is no model '{request.model}', only '{assistant.name}'", "model_not_found", "model")
    tools = _switched_on(request, assistant)
    try:
        conversation = _conversation(request.messages, tools)
    except UserError as error:
        raise ApiError(400, str(error), "invalid_messages", "messages") from None
    # Any model may be asked for quality, so that a client need not know which one it talks to: `moss.quality` of the
    # answer says what it got. Guidance without a tag to guide by is an error.
    options = request.moss or MossOptions()
    wish = options.quality if assistant.knows_quality else None
    try:
        quality = assistant.quality(wish, options.guidance)
    except UserError as error:
        raise ApiError(400, str(error), "no_quality_tags", "moss.guidance") from None
    return Plan(conversation, request.sampling(assistant), quality, request.terms())


def _switched_on(request: ChatRequest, assistant: Assistant) -> tuple[str, ...]:
    """The server's tools that are on: those that are asked for; else all, but none beside tools of the client's."""
    asked = request.moss.tools if request.moss else None
    if asked is None:
        return () if request.tools else assistant.toolbox.names
    try:
        on = {assistant.toolbox[name].name for name in asked}
    except UserError as error:
        raise ApiError(400, str(error), "unknown_tool", "moss.tools") from None
    return tuple(name for name in assistant.toolbox.names if name in on)


def _conversation(messages: list[ChatMessage], tools: tuple[str, ...]) -> Conversation:
    """The dialogue up to the user's question, or to what the client's functions returned.

    System messages say who the assistant is, wherever they stand.
    """
    persona = "\n".join(message.text for message in messages if message.role in ("system", "developer"))
    spoken = [entry for message in messages for entry in _openai_entries(message)]
    if not spoken or spoken[-1]["role"] not in ("user", "tool"):
        raise UserError("the last message must be the user's, or the result of a tool call")
    found = from_openai({"messages": _joined(spoken)}, may_end_with_results=True)
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
            return _entries_with_trace(message, message.moss.tool_calls)
        case _:
            fields = {"role": message.role, "content": message.text, "reasoning_content": message.thought}
            calls = {"tool_calls": message.tool_calls, "tool_call_id": message.tool_call_id}
            return [{**fields, **calls}]


def _entries_with_trace(message: ChatMessage, trace: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Our own calls with their results, beside calls of the client's, whose results are messages of their own."""
    calls = [ToolCall.from_dict({**call, "status": None}) for call in trace]
    ids = [f"moss-{number}" for number in range(len(calls))]
    asked = [
        {"id": id_, "function": {"name": call.name, "arguments": json.dumps({"text": call.argument})}}
        for id_, call in zip(ids, calls, strict=True)
    ]
    results = [
        {"role": "tool", "tool_call_id": id_, "content": call.result or ""}
        for id_, call in zip(ids, calls, strict=True)
    ]
    of_client = message.tool_calls or []
    thought = {"role": "assistant", "reasoning_content": message.thought, "tool_calls": [*asked, *of_client]}
    reply = [] if of_client else [{"role": "assistant", "content": message.text}]
    return [thought, *results, *reply]


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
