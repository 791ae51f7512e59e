"""What an asker may demand of an answer besides its sampling: functions of the asker's own, and a reply of a shape.

Functions are called by the asker, tools by us: a call of a function ends the answer, and its result comes with the next
question. The dialogue format knows calls of one quoted argument on one line, so here stands how the arguments of a
function are spelled as one, and read back. Not here: the shapes that can be enforced (`engine/json_schema.py`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .errors import UserError

_QUOTES = re.compile(r"""\\.|["']""")  # an escape is one sign, so that the quote after an escaped \ is seen as a quote
_QUOTES_SPELLED = {'\\"': "\\u0022", "'": "\\u0027", '"': "'"}
_TITLE_CHARS = 80
"""As much of a function's description as the system text has room for."""


def quoted_json(value: Any) -> str:
    """JSON that can stand between double quotes: `'` for `"`, and quotes inside the texts as `\\u0022`, `\\u0027`.

    `json.loads(found.replace("'", '"'))` gives the value back.
    """
    return _QUOTES.sub(lambda found: _QUOTES_SPELLED.get(found[0], found[0]), json.dumps(value, ensure_ascii=False))


def is_plain(text: Any) -> bool:
    """Whether this can be an argument as it is: a text of one line without double quotes."""
    return isinstance(text, str) and bool(text) and not re.search(r'["\r\n]', text)


def spelled_argument(arguments: Any) -> str:
    """One argument on one line without double quotes: `{"query": "x"}` -> `x`, all else -> `quoted_json`."""
    if isinstance(arguments, dict) and len(arguments) == 1:
        only = next(iter(arguments.values()))
        if is_plain(only):
            return str(only)
    return quoted_json(arguments)


def spelled_name(name: str) -> str:
    """The name of a function as an identifier, which is how Commands spells it (`get-weather` -> `get_weather`)."""
    found = re.sub(r"\W", "_", name, flags=re.ASCII)
    if not found.strip("_"):
        raise UserError(f"{name!r} cannot be the name of a tool")
    # `Non` opens the word for "no call".
    return f"_{found}" if found[0].isdigit() or found.startswith("Non") else found


@dataclass(frozen=True, slots=True)
class Function:
    """A function of the asker's: its name, what it does, and the JSON Schema of the object that it takes."""

    name: str
    description: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)

    @property
    def api(self) -> str:
        """How Commands spells its name."""
        return spelled_name(self.name)

    @property
    def title(self) -> str:
        """How the list of switches calls it: the first sentence of its description, or its name."""
        first = re.split(r"(?<=[.!?])\s|(?<=[。！？])|\n", self.description.strip(), maxsplit=1)[0].rstrip(".。")
        return re.sub(r"\s*[:：]\s*", ", ", first)[:_TITLE_CHARS].strip() or self.name

    @property
    def properties(self) -> Mapping[str, Any]:
        """The schemas of its parameters, by name."""
        found = self.parameters.get("properties", {})
        return found if isinstance(found, Mapping) else {}

    @property
    def only_text(self) -> str | None:
        """The name of its parameter, where it has one alone, and that is a text: it is the argument as it is."""
        if len(self.properties) != 1:
            return None
        ((name, schema),) = self.properties.items()
        kind = schema.get("type") if isinstance(schema, Mapping) else None
        plain = isinstance(schema, Mapping) and all(is_plain(value) for value in schema.get("enum", ()))
        return name if kind == "string" and plain else None

    def arguments(self, argument: str) -> str:
        """The JSON text of the arguments that `spelled_argument` has made this argument of.

        A text alone has lost the name it had; it is given to the first parameter.
        """
        if self.only_text is None:
            try:
                return json.dumps(json.loads(argument.replace("'", '"')), ensure_ascii=False)
            except ValueError:
                pass  # no JSON, so a text
        name = next(iter(self.properties), "argument")
        return json.dumps({name: argument}, ensure_ascii=False)

    def to_dict(self) -> dict[str, Any]:
        """JSON form."""
        return {"name": self.name, "description": self.description, "parameters": dict(self.parameters)}


@dataclass(frozen=True, slots=True)
class Terms:
    """The demands on one answer; the defaults demand nothing."""

    functions: tuple[Function, ...] = ()
    """The asker's own."""
    callable: tuple[str, ...] = ()
    """Names of the functions that may be called; the others are shown as switched off."""
    must_call: bool = False
    """Whether a function has to be called."""
    parallel: bool = True
    """Whether several calls may be made at once."""
    reply: Mapping[str, Any] | None = None
    """JSON Schema of the reply; None for free text."""

    def __post_init__(self) -> None:
        names = [function.name for function in self.functions]
        for name in self.callable:
            if name not in names:
                raise UserError(f"there is no function '{name}' among those that were given")
        spelled = [function.api for function in self.functions]
        if len(set(spelled)) < len(spelled):
            raise UserError(f"two functions have the same name, as far as letters go: {', '.join(sorted(names))}")
        if self.must_call and not self.callable:
            raise UserError("a function has to be called, and none may be")

    @property
    def offered(self) -> tuple[Function, ...]:
        """The functions that may be called."""
        return tuple(function for function in self.functions if function.name in self.callable)

    def to_dict(self) -> dict[str, Any]:
        """JSON form, for the way to another process."""
        return {
            "functions": [function.to_dict() for function in self.functions],
            "callable": list(self.callable),
            "must_call": self.must_call,
            "parallel": self.parallel,
            "reply": None if self.reply is None else dict(self.reply),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Terms:
        """Reads `to_dict()`'s form."""
        functions = tuple(Function(**function) for function in data["functions"])
        return cls(functions, tuple(data["callable"]), data["must_call"], data["parallel"], data["reply"])


NO_TERMS = Terms()
