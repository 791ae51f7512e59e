"""What a tool is, and the box that runs the calls of one answer.

A tool takes one text and gives back a `ToolResult`. The `Toolbox` runs several calls at once, gives each a time limit,
numbers citations on through the turn and turns every failure into the text the model has learned to read. Not here:
which tools may be called (the switches of the conversation decide), how results look in the prompt
(`chat_format.results_text`), and how a tool hears that nobody waits for it any more (`cancellation.py`).
"""

from __future__ import annotations

import csv
import inspect
import logging
import re
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from ..chat_format import NO_RESULT
from ..conversation import Citation, Status, ToolCall
from ..errors import UserError, unknown_name
from .cancellation import Cancellation

logger = logging.getLogger(__name__)

SIGN_SECONDS = 0.1
"""How long whoever watches calls waits for a sign of life: about as long as a stopped answer keeps its place."""


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What one run of a tool gave."""

    text: str
    """What the model reads. Ignored when there are citations: the toolbox writes them out, numbered."""
    ok: bool = True
    citations: tuple[Citation, ...] = ()
    """Sources in order of relevance; the toolbox gives them their numbers."""
    files: tuple[str, ...] = ()
    """Paths of files the tool made."""


FAILURE = ToolResult(NO_RESULT, ok=False)
NOT_RUN: tuple[ToolResult, Status] = (FAILURE, "failed")


class Tool(ABC):
    """One thing the assistant can do. `run` must be safe to call from several threads at once."""

    name: str
    """How the model calls it: `Calculate`."""
    title: str
    """How people read it in the list of switches: `Calculator`."""
    parameter: str
    """The name of its one argument: `expression`."""
    description: str
    """One sentence for people."""

    @abstractmethod
    def run(self, argument: str) -> ToolResult:
        """Does the work. A failure is `FAILURE` or an exception, as is handier."""

    def close(self) -> None:  # noqa: B027 - most tools hold nothing that must be let go
        """Lets go of processes and files. The tool is not used afterwards."""


class Toolbox:
    """Tools by name, and the one way to run them."""

    def __init__(self, tools: Sequence[Tool], timeout_seconds: float = 20, max_calls: int = 4) -> None:
        self._tools = {tool.name: tool for tool in tools}
        if len(self._tools) < len(tools):
            raise UserError(f"two tools have the same name: {', '.join(tool.name for tool in tools)}")
        self.timeout_seconds = timeout_seconds
        self.max_calls = max_calls

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all tools, in the order they were given."""
        return tuple(self._tools)

    def __getitem__(self, name: str) -> Tool:
        try:
            return self._tools[name]
        except KeyError:
            raise unknown_name("tool", name, self._tools) from None

    def __iter__(self) -> Iterator[Tool]:
        return iter(self._tools.values())

    def run(self, calls: Sequence[ToolCall], first_citation: int = 1) -> Iterator[tuple[int, ToolCall]]:
        """Runs the calls at the same time and yields (index, finished call) in call order, each as soon as it can.

        A finished call has result and status; nothing a tool does raises here. Calls beyond `max_calls` and calls of
        tools that are not in the box fail without being run. Citations are numbered from `first_citation` on: in a
        second round of the same turn pass one more than the last number so far.
        """
        with closing(self.run_watched(calls, first_citation)) as running:
            yield from (found for found in running if found is not None)

    def run_watched(
        self, calls: Sequence[ToolCall], first_citation: int = 1
    ) -> Generator[tuple[int, ToolCall] | None, None, None]:
        """As `run`, with a None every `SIGN_SECONDS` in which nothing comes back: whoever asked may leave there.

        Closing it cancels the calls that still run, as their time limit does: what can be ended ends at once, and what
        cannot goes on in its thread for nobody.
        """
        deadline = time.monotonic() + self.timeout_seconds
        started = [self._start(call) if index < self.max_calls else None for index, call in enumerate(calls)]
        try:
            for index, (call, running) in enumerate(zip(calls, started, strict=True)):
                while running is not None and not running.comes_back(deadline) and time.monotonic() < deadline:
                    yield None
                result, status = NOT_RUN if running is None else running.outcome()
                citations = tuple(replace(c, index=first_citation + n) for n, c in enumerate(result.citations))
                first_citation += len(citations)
                text = citations_text(citations) if citations else result.text
                yield (
                    index,
                    replace(call, result=text, status=status, citations=citations, files=result.files),
                )
        finally:
            for running in filter(None, started):
                running.cancellation.cancel()

    def close(self) -> None:
        """Closes every tool."""
        for tool in self._tools.values():
            tool.close()

    def _start(self, call: ToolCall) -> _Running | None:
        tool = self._tools.get(call.name)
        return None if tool is None else _Running(tool, call.argument)


class _Running:
    """One call on its way, in a thread of its own."""

    def __init__(self, tool: Tool, argument: str) -> None:
        self.cancellation = Cancellation()
        self._result: ToolResult | None = None
        self._back = threading.Event()
        # Daemon threads, not a pool: a tool that hangs must neither occupy a worker for ever nor hold up the exit.
        threading.Thread(target=self._run, args=(tool, argument), name=f"tool-{tool.name}", daemon=True).start()

    def comes_back(self, deadline: float) -> bool:
        """Waits for a while, not beyond the deadline; whether it has come back."""
        return self._back.wait(max(0.0, min(SIGN_SECONDS, deadline - time.monotonic())))

    def outcome(self) -> tuple[ToolResult, Status]:
        """What it has come to by now."""
        if self._result is None:
            return FAILURE, "timeout"
        return self._result, "ok" if self._result.ok else "failed"

    def _run(self, tool: Tool, argument: str) -> None:
        with self.cancellation.current():
            self._result = _result_of(tool, argument)
        self._back.set()


def citations_text(citations: Sequence[Citation]) -> str:
    """The lines the model reads for search results: `<|1|>: 'snippet'`, quoted as Python quotes."""
    return "\n".join(f"<|{c.index}|>: {c.snippet!r}" for c in citations)


def _result_of(tool: Tool, argument: str) -> ToolResult:
    try:
        return tool.run(argument)
    except UserError as error:
        # What it was asked for is somebody's words, which no log shows unless it is told to show everything.
        logger.debug("%s(%.200r): %s", tool.name, argument, error)
    except Exception:
        logger.exception("the tool %s failed", tool.name)
        logger.debug("it was asked for %.200r", argument)
    return FAILURE


def tool_from_function(function: Callable[..., object]) -> Tool:
    """A tool from a typed Python function with a docstring.

    `def exchange_rate(amount: float, currency: Literal["EUR", "USD"] = "EUR") -> str` becomes the tool `ExchangeRate`
    titled "Exchange rate", described by the first sentence of the docstring. A function of one parameter gets the whole
    argument; several parameters are separated by commas (`"12.5, USD"`, `"amount=12.5, currency=USD"`; quotes protect a
    comma). Types: str, int, float, bool, Literal, any of them with `| None`. The function returns text, anything that
    `str` renders, or a `ToolResult`. Raises UserError when the docstring or a type is missing or of another kind.
    """
    return _FunctionTool(function)


class _FunctionTool(Tool):
    def __init__(self, function: Callable[..., object]) -> None:
        name = getattr(function, "__name__", "")
        description = inspect.getdoc(function)
        if not name.isidentifier():
            raise UserError("a tool must be a named function, not a lambda or an object")
        if not description:
            raise UserError(f"the function {name} needs a docstring: its first sentence tells what the tool does")
        words = [word for word in name.split("_") if word]
        self.name = "".join(word[0].upper() + word[1:] for word in words)
        self.title = " ".join(words).capitalize()
        self.description = re.split(r"(?<=[.。])\s|\n\n", description, maxsplit=1)[0].replace("\n", " ")
        self._function = function
        self._signature = inspect.signature(function)
        self._types = _parameter_types(function, self._signature)
        self.parameter = ", ".join(self._types)

    def run(self, argument: str) -> ToolResult:
        positional, named = self._split(argument)
        try:
            bound = self._signature.bind(*positional, **named)
        except TypeError as error:
            raise UserError(f"{self.name}: {error}") from None
        values = {
            name: _convert(f"{self.name}: {name}", text, self._types[name]) for name, text in bound.arguments.items()
        }
        returned = self._function(**values)
        return returned if isinstance(returned, ToolResult) else ToolResult(str(returned))

    def _split(self, argument: str) -> tuple[list[str], dict[str, str]]:
        if len(self._types) == 1:
            return [argument], {}
        positional: list[str] = []
        named: dict[str, str] = {}
        for cell in next(csv.reader([argument], skipinitialspace=True), []):
            name, equals, value = cell.partition("=")
            if equals and name.strip() in self._types:
                named[name.strip()] = value.strip()
            else:
                positional.append(cell.strip())
        return positional, named


def _parameter_types(function: Callable[..., object], signature: inspect.Signature) -> dict[str, Any]:
    where = getattr(function, "__name__", "function")
    hints = get_type_hints(function)
    types: dict[str, Any] = {}
    for parameter in signature.parameters.values():
        if parameter.kind not in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY):
            raise UserError(f"{where}: the parameter {parameter} must be one that can be named, not / or *")
        if parameter.name not in hints:
            raise UserError(f"{where}: the parameter {parameter.name} needs a type")
        kind = _without_none(hints[parameter.name])
        if kind not in (str, int, float, bool) and get_origin(kind) is not Literal:
            raise UserError(f"{where}: {parameter.name} must be str, int, float, bool or Literal, not {kind}")
        types[parameter.name] = kind
    if not types:
        raise UserError(f"{where}: a tool needs at least one parameter, for what the model asks of it")
    return types


def _without_none(kind: Any) -> Any:
    if get_origin(kind) in (Union, UnionType):
        rest = [arm for arm in get_args(kind) if arm is not NoneType]
        return rest[0] if len(rest) == 1 else kind
    return kind


def _convert(where: str, text: str, kind: Any) -> object:
    if get_origin(kind) is Literal:
        for choice in get_args(kind):
            if text.strip().lower() == str(choice).lower():
                return choice
        raise unknown_name(where, text, map(str, get_args(kind)))
    if kind is str:
        return text
    if kind is bool:
        lowered = text.strip().lower()
        if lowered not in ("true", "yes", "1", "false", "no", "0"):
            raise UserError(f"{where}: needs true or false, not {text!r}")
        return lowered in ("true", "yes", "1")
    try:
        return kind(text)
    except ValueError:
        raise UserError(f"{where}: needs {'an integer' if kind is int else 'a number'}, not {text!r}") from None
