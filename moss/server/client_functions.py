"""What a client of /v1 demands of an answer: functions of its own, which of them to call, and the shape of the reply.

Both APIs of OpenAI's ask for the same in two spellings; here are the parts of a request that are alike, and how they
become `Terms`. Not here: the rest of a request (`chat_request.py`, `responses_request.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from ..errors import UserError
from ..terms import Function, Terms
from .api_errors import ApiError

MAX_FUNCTIONS = 64
"""The most functions of one request."""
FUNCTION_NAME = r"^[A-Za-z0-9_-]{1,64}$"
DEEPEST_JSON = 64
"""How deep objects and lists may lie in each other where the request may hold any."""
JSON_OBJECT: Mapping[str, Any] = {"type": "object"}
"""The schema that `json_object` stands for."""


class RequestPart(BaseModel):
    """What all parts of a request have in common: fields that are not known are ignored, since clients send many."""

    model_config = ConfigDict(extra="ignore", strict=True)


def _whole_characters(text: str) -> str:
    """JSON can spell half a character (`\\ud800`), which is no text and could not be written to any file."""
    if any("\ud800" <= sign <= "\udfff" for sign in text):
        raise ValueError("the text holds half a character (a lone surrogate)")
    return text


def _not_too_deep(value: dict[str, Any]) -> dict[str, Any]:
    level: list[Any] = [value]
    for _ in range(DEEPEST_JSON):
        level = [inner for found in level for inner in _inside(found)]
        if not level:
            return value
    raise ValueError(f"it is nested deeper than {DEEPEST_JSON} levels")


def _inside(value: Any) -> Sequence[Any]:
    return list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else ()


Text = Annotated[str, AfterValidator(_whole_characters)]
JsonObject = Annotated[dict[str, Any], AfterValidator(_not_too_deep)]


class FunctionBody(RequestPart):
    """A function as a client describes it. `strict` is ignored: arguments always fit the parameters."""

    name: Annotated[str, Field(pattern=FUNCTION_NAME)]
    description: Text | None = None
    parameters: JsonObject | None = None

    def function(self) -> Function:
        """The value that agents are given."""
        return Function(self.name, self.description or "", self.parameters or {})


class NamedFunction(RequestPart):
    """A function by its name."""

    name: str


class SchemaFormat(RequestPart):
    """The schema that the reply has to fit. `strict` is ignored: it always does."""

    name: Annotated[str, Field(pattern=FUNCTION_NAME)]
    schema_: Annotated[JsonObject | None, Field(alias="schema")] = None


Mode = Literal["none", "auto", "required"]


def terms_of(
    functions: Sequence[Function],
    choice: Mode | Sequence[str],
    must_call: bool,
    parallel: bool | None,
    reply: Mapping[str, Any] | None,
) -> Terms | None:
    """The demands of a request; None where it makes none. `choice`: a mode, or the names that may be called.

    Raises ApiError naming `tools` or `tool_choice`.
    """
    if not functions and reply is None:
        if must_call or choice == "required":
            raise ApiError(400, "tool_choice asks for a call, and there are no tools", "invalid_value", "tool_choice")
        return None
    if len(functions) > MAX_FUNCTIONS:
        raise ApiError(400, f"more than {MAX_FUNCTIONS} tools", "invalid_value", "tools")
    names = tuple(function.name for function in functions)
    callable_: tuple[str, ...] = () if choice == "none" else names if isinstance(choice, str) else tuple(choice)
    for name in callable_:
        if name not in names:
            raise ApiError(400, f"there is no tool '{name}'", "invalid_value", "tool_choice")
    try:
        return Terms(
            functions=tuple(functions),
            callable=callable_,
            must_call=must_call or choice == "required",
            parallel=parallel is not False,
            reply=reply,
        )
    except UserError as error:
        raise ApiError(400, str(error), "invalid_value", "tools") from None
