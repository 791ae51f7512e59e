"""The body of `POST /v1/responses`, as the request of the chat API that asks for the same.

What needs a server that keeps responses (`previous_response_id`, `conversation`, `background`, references to items) is
refused: the whole conversation comes with every request. Not here: answers (`responses_api.py`).
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from .api_errors import ApiError
from .chat_request import (
    MAX_LIKELIEST,
    AllowedTools,
    AllowedToolsChoice,
    ChatMessage,
    ChatRequest,
    ChatTool,
    ChosenTool,
    MossOptions,
    MossTrace,
    ResponseFormat,
)
from .client_functions import FunctionBody, JsonObject, Mode, NamedFunction, RequestPart, SchemaFormat, Text

LOGPROBS = "message.output_text.logprobs"
"""What `include` has to hold for probabilities of tokens."""


class InputText(RequestPart):
    """A part of a content; only text is understood."""

    type: Literal["input_text", "output_text", "reasoning_text", "summary_text", "text"]
    text: Text


class InputItem(RequestPart):
    """One item of the conversation so far: what somebody said, thought, called or got back."""

    type: Literal["message", "function_call", "function_call_output", "reasoning"] = "message"
    role: Literal["user", "assistant", "system", "developer"] | None = None
    content: Text | list[InputText] | None = None
    summary: list[InputText] | None = None
    call_id: str | None = None
    name: str | None = None
    arguments: Text | None = None
    output: Text | list[InputText] | None = None
    moss: MossTrace | None = None


class ResponseTool(FunctionBody):
    """A function that the client calls itself."""

    type: Literal["function"]


class ChosenFunction(NamedFunction):
    """The one function that has to be called, or one of those that may be."""

    type: Literal["function"]


class AllowedFunctions(RequestPart):
    """Only some of the functions may be called."""

    type: Literal["allowed_tools"]
    mode: Literal["auto", "required"]
    tools: list[ChosenFunction]


class TextFormat(SchemaFormat):
    """The shape of the reply."""

    type: Literal["text", "json_object", "json_schema"] = "text"
    name: str = "reply"


class TextOptions(RequestPart):
    """How the reply is written."""

    format: TextFormat | None = None


class ResponsesRequest(RequestPart):
    """The body of `POST /v1/responses`."""

    model: str | None = None
    input: Annotated[
        Annotated[Text, Tag("text")] | Annotated[list[InputItem], Field(min_length=1), Tag("items")],
        # So that an error is told of the form that was meant.
        Discriminator(lambda given: "text" if isinstance(given, str) else "items"),
    ]
    instructions: Text | None = None
    stream: bool | None = None
    temperature: Annotated[float, Field(ge=0, le=2, allow_inf_nan=False)] | None = None
    top_p: Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)] | None = None
    max_output_tokens: Annotated[int, Field(ge=1)] | None = None
    top_logprobs: Annotated[int, Field(ge=0, le=MAX_LIKELIEST)] | None = None
    include: list[str] | None = None
    tools: list[ResponseTool] | None = None
    tool_choice: Mode | ChosenFunction | AllowedFunctions | None = None
    parallel_tool_calls: bool | None = None
    text: TextOptions | None = None
    metadata: JsonObject | None = None
    previous_response_id: str | None = None
    conversation: Any = None
    background: bool | None = None
    moss: MossOptions | None = None

    @property
    def logprobs(self) -> bool:
        """Whether the probabilities of tokens are asked for."""
        return LOGPROBS in (self.include or ()) or self.top_logprobs is not None

    def chat(self) -> ChatRequest:
        """The same in the words of the chat API. Raises ApiError for what needs responses that are kept."""
        for name in ("previous_response_id", "conversation", "background"):
            if getattr(self, name):
                told = "this server keeps no responses: send the whole conversation as `input`"
                raise ApiError(400, told, "unsupported_parameter", name)
        messages = [ChatMessage(role="system", content=self.instructions)] if self.instructions else []
        return ChatRequest(
            model=self.model,
            messages=[*messages, *_messages(self.input)],
            temperature=self.temperature,
            top_p=self.top_p,
            max_tokens=self.max_output_tokens,
            logprobs=self.logprobs,
            top_logprobs=self.top_logprobs,
            response_format=self._format(),
            tools=[ChatTool(type="function", function=tool) for tool in self.tools or ()],
            tool_choice=self._choice(),
            parallel_tool_calls=self.parallel_tool_calls,
            moss=self.moss,
        )

    def _format(self) -> ResponseFormat | None:
        if self.text is None or self.text.format is None:
            return None
        return ResponseFormat(type=self.text.format.type, json_schema=self.text.format)

    def _choice(self) -> Mode | ChosenTool | AllowedToolsChoice | None:
        match self.tool_choice:
            case ChosenFunction():
                return _chosen(self.tool_choice)
            case AllowedFunctions(mode=mode, tools=tools):
                allowed = AllowedTools(mode=mode, tools=[_chosen(tool) for tool in tools])
                return AllowedToolsChoice(type="allowed_tools", allowed_tools=allowed)
            case mode:
                return mode


def _chosen(function: ChosenFunction) -> ChosenTool:
    return ChosenTool(type="function", function=function)


def _messages(items: str | list[InputItem]) -> list[ChatMessage]:
    """The items as messages: thoughts and calls belong to the assistant's message that they stand before or in."""
    if isinstance(items, str):
        return [ChatMessage(role="user", content=items)]
    found: list[ChatMessage] = []
    for number, item in enumerate(items):
        before = found[-1] if found and found[-1].role == "assistant" else None
        match item.type:
            case "message" if item.role == "assistant" and before is not None and not before.tool_calls:
                joined = "\n\n".join(filter(None, [before.text, _text(item.content)]))
                found[-1] = before.model_copy(update={"content": joined, "moss": item.moss or before.moss})
            case "message":
                found.append(
                    ChatMessage(role=_needed(item, "role", number), content=_text(item.content), moss=item.moss)
                )
            case "reasoning":
                thought = _text(item.content) or _text(item.summary)
                found.append(ChatMessage(role="assistant", reasoning_content=thought))
            case "function_call":
                call = {
                    "id": _needed(item, "call_id", number),
                    "function": {"name": _needed(item, "name", number), "arguments": item.arguments or ""},
                }
                if before is None:
                    found.append(ChatMessage(role="assistant", tool_calls=[call]))
                else:
                    found[-1] = before.model_copy(update={"tool_calls": [*(before.tool_calls or ()), call]})
            case "function_call_output":
                call_id = _needed(item, "call_id", number)
                found.append(ChatMessage(role="tool", tool_call_id=call_id, content=_text(item.output)))
    return found


def _needed(item: InputItem, name: str, number: int) -> Any:
    value = getattr(item, name)
    if value is None:
        raise ApiError(400, f"an item of type {item.type} needs {name}", "invalid_value", f"input.{number}.{name}")
    return value


def _text(content: str | list[InputText] | None) -> str:
    if isinstance(content, list):
        return "".join(part.text for part in content)
    return content or ""
