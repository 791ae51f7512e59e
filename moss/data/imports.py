"""Dialogue files to Conversations: MOSS, ShareGPT, Alpaca, OpenAI messages, and our own.

Each importer is a generator that reports a bad record (file, line, reason) to `on_error` and goes on. They translate
and do not judge: an empty or a repeated reply is imported. Not here: writing foreign formats, filtering, tokens.

What the target form asks for (docs/reference/dialogue-format.md has it with examples):
- a tool's result lives in its call; a message whose results lead to more calls has `content=None`;
- what an assistant says before it calls a tool is its thought;
- a call has one argument, and it must fit between double quotes on one line: a single text argument becomes that text,
  anything else becomes JSON that is quoted with apostrophes (see `_argument`);
- tools that a record describes are switched on in its system text, as chat_format.system_text spells them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ..chat_format import DEFAULT_SWITCHES, Section, ToolSwitch, enabled_tools, message_from_sections, system_text
from ..conversation import Conversation, Message, ToolCall
from ..errors import UserError, unknown_name
from ..terms import spelled_argument, spelled_name
from .sources import OnError, converted

Importer = Callable[[str | Path, OnError], Iterator[Conversation]]


def import_moss(path: str | Path, on_error: OnError) -> Iterator[Conversation]:
    """The published MOSS dialogues: a folder of JSON files, one of them, or JSONL of the same objects."""
    return converted(path, on_error, _from_moss)


def import_sharegpt(path: str | Path, on_error: OnError) -> Iterator[Conversation]:
    """ShareGPT: `{"conversations": [{"from": "human", "value": ...}, ...], "system": ..., "tools": ...}`."""
    return converted(path, on_error, from_sharegpt)


def import_alpaca(path: str | Path, on_error: OnError) -> Iterator[Conversation]:
    """Alpaca: `{"instruction", "input", "output", "system", "history": [[user, assistant], ...]}`, all texts."""
    return converted(path, on_error, _from_alpaca)


def import_openai(path: str | Path, on_error: OnError) -> Iterator[Conversation]:
    """OpenAI chat messages: `{"messages": [...], "tools": [...]}` with tool_calls and tool messages."""
    return converted(path, on_error, from_openai)


def import_native(path: str | Path, on_error: OnError) -> Iterator[Conversation]:
    """Our own JSONL; other than `conversation.read_jsonl` it goes on after a bad line."""
    return converted(path, on_error, Conversation.from_dict)


IMPORTERS: dict[str, Importer] = {
    "moss": import_moss,
    "sharegpt": import_sharegpt,
    "alpaca": import_alpaca,
    "openai": import_openai,
    "native": import_native,
}


def importer(name: str) -> Importer:
    """The importer of a format; raises UserError with the nearest names for an unknown one."""
    if name not in IMPORTERS:
        raise unknown_name("format", name, IMPORTERS)
    return IMPORTERS[name]


# --- MOSS -----------------------------------------------------------------------------------------------------------

_MOSS_FIELDS = {
    "Human": Section.HUMAN,
    "Inner Thoughts": Section.THOUGHTS,
    "Commands": Section.COMMANDS,
    "Tool Responses": Section.RESULTS,
    "MOSS": Section.REPLY,
}


def _from_moss(data: dict[str, Any]) -> Conversation:
    system = text_of(data, "meta_instruction")
    chat = field_of(data, "chat", dict)
    messages = [Message("system", system)]
    if data.get("num_turns") != len(chat):
        raise UserError(f"num_turns is {data.get('num_turns')}, but chat has {len(chat)} turns")
    for number in range(1, len(chat) + 1):
        turn = field_of(chat, f"turn_{number}", dict)
        try:
            human, *others = (_moss_section(turn, name, section) for name, section in _MOSS_FIELDS.items())
            messages += [Message("user", human[1:]), message_from_sections(*others)]
        except UserError as error:
            raise UserError(f"turn_{number}: {error}") from None
    meta = {key: value for key, value in data.items() if key not in ("meta_instruction", "num_turns", "chat")}
    return Conversation(tuple(messages), enabled_tools(system), {"source": "moss", **meta})


def _moss_section(turn: Mapping[str, Any], name: str, section: Section) -> str:
    """What stands between tag and end token, with the blank (or newline) that opens it."""
    text = text_of(turn, name)
    end = f"{section.end}\n"
    if not (text.startswith(section.tag) and text.endswith(end) and text[len(section.tag)] in " \n"):
        raise UserError(f"{name} is not of the form {section.tag} ...{section.end} with a newline at its end")
    return text[len(section.tag) : -len(end)]


# --- ShareGPT -------------------------------------------------------------------------------------------------------


def from_sharegpt(data: dict[str, Any], may_end_with_calls: bool = False) -> Conversation:
    """One record; raises UserError saying what is wrong. `may_end_with_calls`: a call that nothing follows is kept."""
    dialogue = _Dialogue()
    for number, entry in enumerate(field_of(data, "conversations", list), start=1):
        try:
            _add_sharegpt(dialogue, field_of(entry, "from", str), text_of(entry, "value"))
        except UserError as error:
            raise UserError(f"message {number}: {error}") from None
    meta: dict[str, Any] = {key: data[key] for key in ("id", "lang", "category") if key in data}
    switches = _switches(data.get("tools"))
    return dialogue.conversation(data.get("system"), switches, {"source": "sharegpt", **meta}, may_end_with_calls)


def _add_sharegpt(dialogue: _Dialogue, role: str, text: str) -> None:
    match role:
        case "system":
            dialogue.add_system(text)
        case "human" | "user":
            dialogue.add_user(text)
        case "gpt" | "assistant" | "chatgpt":
            dialogue.add_reply(text)
        case "function_call":
            calls = _json_text(text, "function_call")
            for call in calls if isinstance(calls, list) else [calls]:
                dialogue.add_call(_call(call))
        case "observation" | "tool":
            dialogue.add_result(text)
        case _:
            raise unknown_name("role", role, ["system", "human", "gpt", "function_call", "observation"])


# --- Alpaca ---------------------------------------------------------------------------------------------------------


def _from_alpaca(data: dict[str, Any]) -> Conversation:
    dialogue = _Dialogue()
    history = data.get("history") or []
    if not isinstance(history, list):
        raise UserError(f"history must be a list, not {type(history).__name__}")
    for number, pair in enumerate(history, start=1):
        if not (isinstance(pair, list) and len(pair) == 2 and all(isinstance(text, str) for text in pair)):
            raise UserError(f"history {number} must be a pair of texts [user, assistant]")
        dialogue.add_user(pair[0])
        dialogue.add_reply(pair[1])
    given = data.get("input") or ""
    if not isinstance(given, str):
        raise UserError(f"input must be text, not {type(given).__name__}")
    instruction = text_of(data, "instruction")
    dialogue.add_user(f"{instruction}\n{given}" if given else instruction)
    dialogue.add_reply(text_of(data, "output"))
    return dialogue.conversation(data.get("system"), (), {"source": "alpaca"})


# --- OpenAI ---------------------------------------------------------------------------------------------------------


def from_openai(
    data: dict[str, Any], may_end_with_calls: bool = False, may_end_with_results: bool = False
) -> Conversation:
    """One record; raises UserError saying what is wrong.

    `may_end_with_calls`: a call that nothing follows is kept; `may_end_with_results`: one that only its result follows.
    """
    dialogue = _Dialogue()
    for number, message in enumerate(field_of(data, "messages", list), start=1):
        try:
            _add_openai(dialogue, field_of(message, "role", str), message)
        except UserError as error:
            raise UserError(f"message {number}: {error}") from None
    switches = _switches(data.get("tools"))
    return dialogue.conversation(None, switches, {"source": "openai"}, may_end_with_calls, may_end_with_results)


def _add_openai(dialogue: _Dialogue, role: str, message: Mapping[str, Any]) -> None:
    text = _content(message.get("content"))
    match role:
        case "system" | "developer":
            dialogue.add_system(text)
        case "user":
            dialogue.add_user(text)
        case "tool":
            dialogue.add_result(text, message.get("tool_call_id"))
        case "assistant":
            thought = message.get("reasoning_content") or ""
            if not isinstance(thought, str):
                raise UserError("reasoning_content must be text")
            calls = message.get("tool_calls") or []
            if not isinstance(calls, list):
                raise UserError("tool_calls must be a list")
            if not calls:
                dialogue.add_reply(text, thought)
                return
            dialogue.add_thought(_joined(thought, text))
            for call in calls:
                dialogue.add_call(_call(field_of(call, "function", dict)), call.get("id"))
        case _:
            raise unknown_name("role", role, ["system", "developer", "user", "assistant", "tool"])


def _content(content: Any) -> str:
    """Text of a `content`: a text, null, or a list of text parts."""
    if content is None or isinstance(content, str):
        return content or ""
    if not isinstance(content, list):
        raise UserError(f"content must be text or a list of parts, not {type(content).__name__}")
    kinds = {part.get("type") if isinstance(part, dict) else type(part).__name__ for part in content}
    if kinds - {"text"}:
        raise UserError(f"only text can be imported, not parts of type {', '.join(sorted(map(str, kinds - {'text'})))}")
    return "".join(text_of(part, "text") for part in content)


# --- what ShareGPT and OpenAI share ---------------------------------------------------------------------------------


@dataclass
class _Dialogue:
    """Puts messages together from roles that come one after the other; raises UserError where they are out of order."""

    system: str | None = None
    messages: list[Message] = field(default_factory=list)
    thought: str = ""
    calls: list[ToolCall] = field(default_factory=list)
    """Calls of the assistant's message at hand, which is not in `messages` yet."""
    ids: list[str | None] = field(default_factory=list)
    """Ids of these calls, where the format has them."""

    def add_system(self, text: str) -> None:
        if self.messages or self.calls or self.system is not None:
            raise UserError("a system message can only come first")
        self.system = text

    def add_user(self, text: str) -> None:
        if self._last_role() == "user" or self.calls:
            raise UserError("the user speaks before the assistant has replied")
        self.messages.append(Message("user", text))

    def add_thought(self, text: str) -> None:
        self._open_round()
        self.thought = _joined(self.thought, text)

    def add_call(self, call: ToolCall, call_id: str | None = None) -> None:
        self._open_round()
        self.calls.append(call)
        self.ids.append(call_id)

    def add_result(self, text: str, call_id: str | None = None) -> None:
        """The result of the call with this id, or of the first one that has none yet."""
        waiting = [index for index, call in enumerate(self.calls) if call.result is None]
        if call_id is not None:
            waiting = [index for index in waiting if self.ids[index] == call_id]
        if not waiting:
            raise UserError("a tool result without a call that it belongs to")
        self.calls[waiting[0]] = replace(self.calls[waiting[0]], result=text, status="ok")

    def add_reply(self, text: str, thought: str = "") -> None:
        if not self.calls and self._last_role() != "user":
            raise UserError("the assistant speaks where the user should")
        if any(call.result is None for call in self.calls):
            raise UserError("the assistant replies before its tool call has a result")
        if thought and self.calls:
            # A thought after results begins a round of its own, one without calls.
            self._close(None)
        self._close(text, thought)

    def conversation(
        self,
        system: Any,
        switches: tuple[ToolSwitch, ...],
        meta: Mapping[str, Any],
        may_end_with_calls: bool = False,
        may_end_with_results: bool = False,
    ) -> Conversation:
        """The finished dialogue. `system`: a system text that stands outside the messages, or None."""
        returned = [call.result is not None for call in self.calls]
        if returned and ((may_end_with_calls and not any(returned)) or (may_end_with_results and all(returned))):
            self._close(None)
        if system and not isinstance(system, str):
            raise UserError(f"system must be text, not {type(system).__name__}")
        if self.calls:
            raise UserError("it ends before the assistant has replied to its tool results")
        if not self.messages:
            raise UserError("no messages")
        text = self.system if self.system is not None else system
        known = {switch.api: switch for switch in switches}
        for call in (call for message in self.messages for call in message.tool_calls):
            known.setdefault(call.name, _switch(call.name, "argument"))
        if known:
            persona = {"persona": text.rstrip("\n") + "\n"} if text else {}
            text = system_text(known, tuple(known.values()), **persona)
        messages = [Message("system", text), *self.messages] if text else self.messages
        return Conversation(tuple(messages), enabled_tools(text or ""), dict(meta))

    def _open_round(self) -> None:
        """Before a thought or a call: ends a round of calls that have all come back.

        A reply that turns out to be followed by a call was none: it becomes the thought before the call.
        """
        if self.calls:
            if all(call.result is not None for call in self.calls):
                self._close(None)
        elif not self.messages:
            raise UserError("the assistant speaks where the user should")
        elif (last := self.messages[-1]).role == "assistant" and last.content is not None:
            self.messages.pop()
            if last.tool_calls:
                self.messages.append(replace(last, content=None))
                self.thought = last.content
            else:
                self.thought = _joined(last.thought, last.content)

    def _close(self, content: str | None, thought: str = "") -> None:
        said = _joined(self.thought, thought)
        self.messages.append(Message("assistant", content, said or None, tuple(self.calls)))
        self.thought, self.calls, self.ids = "", [], []

    def _last_role(self) -> str | None:
        return self.messages[-1].role if self.messages else None


def _joined(*parts: str | None) -> str:
    """The texts that say something, a line each."""
    return "\n".join(part for part in parts if part)


def _call(data: Any) -> ToolCall:
    """A call `{"name": ..., "arguments": object or JSON text}`."""
    return ToolCall(spelled_name(text_of(data, "name")), _argument(data.get("arguments", "")))


def _argument(arguments: Any) -> str:
    """The arguments of a call, an object or its JSON text, as the one argument that the format can spell."""
    return spelled_argument(_json_text(arguments, "arguments") if isinstance(arguments, str) else arguments)


def _switches(tools: Any) -> tuple[ToolSwitch, ...]:
    """Tools as a record describes them: a list, or JSON text of one, of functions, plain or inside `function`."""
    if isinstance(tools, str):
        tools = _json_text(tools, "tools") if tools.strip() else None
    if tools is None:
        return ()
    if not isinstance(tools, list):
        raise UserError(f"tools must be a list, not {type(tools).__name__}")
    found = []
    for tool in tools:
        function = tool.get("function", tool) if isinstance(tool, dict) else tool
        name = text_of(function, "name")
        parameters = function.get("parameters")
        properties = parameters.get("properties") if isinstance(parameters, dict) else None
        names = properties if isinstance(properties, dict) else ()
        found.append(_switch(spelled_name(name), ", ".join(names) or "argument"))
    return tuple(found)


def _switch(name: str, parameter: str) -> ToolSwitch:
    ours = {switch.api: switch for switch in DEFAULT_SWITCHES}
    return ours.get(name, ToolSwitch(name, name, parameter))


def _json_text(text: str, what: str) -> Any:
    try:
        return json.loads(text) if text.strip() else {}
    except (ValueError, RecursionError) as error:
        raise UserError(f"{what} is not JSON: {error}") from None


_KINDS: dict[type, str] = {dict: "an object", list: "a list", str: "text", bool: "true or false"}


def field_of(data: Any, key: str, kind: type) -> Any:
    """The field of an object, which must be there and of this kind; raises UserError naming what is wrong."""
    if not isinstance(data, dict):
        raise UserError(f"expected an object with {key}, found {type(data).__name__}")
    if key not in data:
        raise UserError(f"no {key}")
    if not isinstance(data[key], kind):
        raise UserError(f"{key} must be {_KINDS[kind]}, not {type(data[key]).__name__}")
    return data[key]


def text_of(data: Any, key: str) -> str:
    """The text in a field of an object, as `field_of`."""
    return field_of(data, key, str)
