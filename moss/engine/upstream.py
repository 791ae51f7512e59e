"""The assistant over any OpenAI-compatible server (vLLM, llama.cpp, another of ours): its model, our tools and events.

    prompt -> thought, reply or calls (function calling of the server) -> tools run here -> the same again with results

Thoughts come from `reasoning_content` or `reasoning`, or from `<think>` in front of the text. What that server cannot
know has no effect: quality tags and guidance. Not here: connections (`remote_chat.py`). Needs no torch.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Protocol

from ..chat_format import PERSONA
from ..conversation import Conversation, Message, ToolCall
from ..events import Calling, Event, Failed, Finished, TextDelta, ThoughtDelta, TokenChance, ToolCalled, ToolReturned
from ..terms import NO_TERMS, Function, Terms, spelled_argument
from .params import SamplingParams
from .remote_chat import Chunk, RemoteChat, RemoteError

CITING = (
    "Lines of tool results that begin with a number like <|3|>: are sources. Cite one right after what you took from "
    "it, exactly like this: <sup><|3|></sup>\n"
)
"""What the model is told where tools are on; it was not trained on our results."""
GO_ON = "Go on exactly where you stopped. Repeat nothing."
"""What the user says in place of a conversation that ends within a reply."""
ANSWER_CHARS = 200_000
"""Characters of one answer, after which the server is not listened to any more."""


class ToolOffer(Protocol):
    """What is told of a tool (`moss.tools.Tool` is one)."""

    name: str
    parameter: str
    description: str


class ToolRunner(Protocol):
    """What runs tools (`moss.tools.Toolbox` does)."""

    def __getitem__(self, name: str) -> ToolOffer: ...
    def run_watched(
        self, calls: Sequence[ToolCall], first_citation: int = 1
    ) -> Generator[tuple[int, ToolCall] | None, None, None]: ...


class Upstream:
    """Answers conversations with a model of another server. Many threads may call `run` at once."""

    def __init__(self, remote: RemoteChat, model: str, tools: ToolRunner, max_rounds: int = 4) -> None:
        self.remote, self.model, self.tools, self.max_rounds = remote, model, tools, max_rounds

    @property
    def state(self) -> Literal["ready"]:
        """Whether it is there is seen when it is asked."""
        return "ready"

    def shutdown(self) -> None:
        """Ends all answers. May be repeated."""
        self.remote.close()

    def run(
        self,
        conversation: Conversation,
        sampling: SamplingParams | None = None,
        tools: Sequence[str] | None = None,
        quality: int | None = None,
        terms: Terms | None = None,
    ) -> Generator[Event, None, None]:
        """As `Agent.run`; whatever the server does wrong is `Failed`. Closing the generator closes the connection.

        While the server is silent or tools run there are deltas without text: whoever drives the generator may leave it
        at one.
        """
        names = tuple(conversation.tools if tools is None else tools)
        offers = {name: self.tools[name] for name in names}
        return _Answer(self, conversation, sampling or SamplingParams(), offers, terms or NO_TERMS).events()


@dataclass
class _Round:
    """What the server has said in one completion."""

    text: str = ""
    calls: dict[int, dict[str, str]] = field(default_factory=dict)
    """By index: `id`, `name`, `arguments`, as they come in pieces."""
    finish_reason: str | None = None


class _Answer:
    """One run: the messages so far and what they have cost."""

    def __init__(
        self,
        upstream: Upstream,
        conversation: Conversation,
        sampling: SamplingParams,
        offers: Mapping[str, ToolOffer],
        terms: Terms,
    ) -> None:
        self.upstream, self.sampling, self.terms, self.offers = upstream, sampling, terms, offers
        self.functions = {function.name: function for function in terms.offered}
        self.messages = _messages(conversation, offers, terms)
        self.text = ""
        self.called = 0
        self.next_citation = 1
        self.prompt_tokens = self.completion_tokens = self.thought_tokens = 0

    def events(self) -> Generator[Event, None, None]:
        try:
            for rounds_left in reversed(range(self.upstream.max_rounds + 1)):
                said = yield from self._round(rounds_left)
                if not said.calls or not rounds_left:
                    yield self._finished(said.finish_reason)
                    return
                if (yield from self._act(said)):
                    yield self._finished("tool_calls")
                    return
        except RemoteError as error:
            yield Failed(str(error))

    def _round(self, rounds_left: int) -> Generator[Event, None, _Round]:
        """One completion: its deltas as they come, and what it amounts to."""
        said, tags = _Round(), ThinkTags()
        chunks = self.upstream.remote.stream(self._body(rounds_left))
        try:
            for chunk in chunks:
                if chunk is None:
                    yield TextDelta("")
                    continue
                yield from self._read(chunk, said, tags)
                if len(said.text) > ANSWER_CHARS:
                    said.finish_reason = "length"
                    break
        finally:
            chunks.close()
        yield from self._say(tags.flush(), said)
        if said.finish_reason is None:
            raise RemoteError("the upstream server ended its answer without saying why: it was cut off")
        return said

    def _read(self, chunk: Chunk, said: _Round, tags: ThinkTags) -> Iterator[Event]:
        try:
            self._count(chunk.get("usage") or {})
            for choice in chunk.get("choices") or ():
                delta = choice.get("delta") or {}
                if thought := delta.get("reasoning_content") or delta.get("reasoning"):
                    yield ThoughtDelta(str(thought))
                if content := delta.get("content"):
                    yield from self._say(tags.push(str(content)), said, _tokens(choice))
                for piece in delta.get("tool_calls") or ():
                    _add_piece(said.calls, piece)
                    yield Calling()
                said.finish_reason = choice.get("finish_reason") or said.finish_reason
        except (LookupError, TypeError, AttributeError, ValueError) as error:
            raise RemoteError(f"the upstream server sends chunks of another form ({type(error).__name__})") from None

    def _say(self, events: Sequence[Event], said: _Round, tokens: tuple[TokenChance, ...] = ()) -> Iterator[Event]:
        for event in events:
            if isinstance(event, TextDelta):
                said.text += event.text
                self.text += event.text
                event = replace(event, tokens=tokens)
            yield event

    def _count(self, usage: Mapping[str, Any]) -> None:
        self.prompt_tokens += int(usage.get("prompt_tokens") or 0)
        self.completion_tokens += int(usage.get("completion_tokens") or 0)
        details = usage.get("completion_tokens_details") or {}
        self.thought_tokens += int(details.get("reasoning_tokens") or 0)

    def _act(self, said: _Round) -> Generator[Event, None, bool]:
        """Runs the tools that were called; True where functions of the asker's were called, too."""
        ours: list[tuple[int, str, ToolCall]] = []
        for piece in said.calls.values():
            index, self.called = self.called, self.called + 1
            if piece["name"] in self.functions:
                yield ToolCalled(index, ToolCall(piece["name"], piece["arguments"]))
                continue
            call = ToolCall(piece["name"], self._argument(piece))
            ours.append((index, piece["id"], call))
            yield ToolCalled(index, call)
        called = [_remote_call(**piece) for piece in said.calls.values()]
        self.messages.append(_assistant_message(said.text or None, called))
        with closing(self.upstream.tools.run_watched([call for _, _, call in ours], self.next_citation)) as running:
            for found in running:
                if found is None:
                    yield TextDelta("")
                    continue
                number, call = found
                index, call_id, _ = ours[number]
                yield ToolReturned(index, call)
                self.next_citation += len(call.citations)
                self.messages.append({"role": "tool", "tool_call_id": call_id, "content": call.result or ""})
        return len(ours) < len(said.calls)

    def _argument(self, piece: Mapping[str, str]) -> str:
        """The one argument that our tools take. What is no JSON is it itself."""
        try:
            arguments = json.loads(piece["arguments"])
        except ValueError:
            return piece["arguments"]
        offer = self.offers.get(piece["name"])
        if isinstance(arguments, dict) and offer is not None and isinstance(arguments.get(offer.parameter), str):
            return str(arguments[offer.parameter])
        return spelled_argument(arguments)

    def _finished(self, reason: str | None) -> Finished:
        known = reason if reason in ("length", "tool_calls", "content_filter") else "stop"
        return Finished(
            self.text, known, self.prompt_tokens, self.completion_tokens, thought_tokens=self.thought_tokens
        )

    def _body(self, rounds_left: int) -> dict[str, Any]:
        settings = self.sampling
        body: dict[str, Any] = {
            "model": self.upstream.model,
            "messages": self.messages,
            "stream": True,
            "stream_options": {"include_usage": True},
            "max_tokens": settings.max_tokens,
        }
        # What nobody asked to be otherwise is left to the server, which knows its model.
        unasked = {"temperature": 1.0, "top_p": 1.0, "top_k": 0, "repetition_penalty": 1.0, "seed": None, "stop": ()}
        body |= {name: getattr(settings, name) for name in unasked if getattr(settings, name) != unasked[name]}
        if settings.logprobs is not None:
            body |= {"logprobs": True, "top_logprobs": settings.logprobs}
        if self.terms.reply is not None:
            body["response_format"] = _response_format(self.terms.reply)
        offered = [*map(_offer, self.offers.values()), *map(_described, self.functions.values())]
        if offered:
            body |= {"tools": offered, "tool_choice": self._choice(rounds_left)}
            body |= {} if self.terms.parallel else {"parallel_tool_calls": False}
        return body

    def _choice(self, rounds_left: int) -> Any:
        if not rounds_left:
            return "none"
        if not self.terms.must_call or rounds_left < self.upstream.max_rounds:
            return "auto"
        if len(self.functions) == 1:
            return {"type": "function", "function": {"name": next(iter(self.functions))}}
        return "required"


class ThinkTags:
    """Parts a thought in `<think>` at the start of a text from the reply after it, as both come piece by piece."""

    OPENING, CLOSING = "<think>", "</think>"

    def __init__(self) -> None:
        self._held = ""
        self._state: Literal["start", "thinking", "between", "saying"] = "start"

    def push(self, text: str) -> list[Event]:
        """What is certain now that `text` has come."""
        self._held += text
        if self._state == "start":
            begun = self._held.lstrip()
            if len(begun) < len(self.OPENING) and self.OPENING.startswith(begun):
                return []
            thinks = begun.startswith(self.OPENING)
            self._held = begun.removeprefix(self.OPENING) if thinks else self._held
            self._state = "thinking" if thinks else "saying"
        return self._thinking() if self._state == "thinking" else self._saying()

    def flush(self) -> list[Event]:
        """What is left at the end of the text."""
        return self._taken(ThoughtDelta if self._state == "thinking" else TextDelta, len(self._held))

    def _thinking(self) -> list[Event]:
        thought, closing, rest = self._held.partition(self.CLOSING)
        if closing:
            self._held, self._state = rest, "between"
            before: list[Event] = [ThoughtDelta(thought)] if thought else []
            return [*before, *self._saying()]
        # The end of what came may be the start of the closing tag.
        overlaps = (n for n in range(len(self.CLOSING) - 1, 0, -1) if thought.endswith(self.CLOSING[:n]))
        return self._taken(ThoughtDelta, len(thought) - next(overlaps, 0))

    def _saying(self) -> list[Event]:
        """All that is held, without the empty lines between thought and reply."""
        if self._state == "between":
            self._held = self._held.lstrip("\n")
            self._state = "saying" if self._held else "between"
        return self._taken(TextDelta, len(self._held))

    def _taken(self, kind: type[TextDelta] | type[ThoughtDelta], count: int) -> list[Event]:
        text, self._held = self._held[:count], self._held[count:]
        return [kind(text)] if text else []


# --- our values in the words of OpenAI's chat API ---------------------------------------------------------------------


def _messages(conversation: Conversation, offers: Mapping[str, ToolOffer], terms: Terms) -> list[dict[str, Any]]:
    said = conversation.messages
    system = said[0].content if said and said[0].role == "system" else None
    text = (system or PERSONA).rstrip("\n") + "\n" + (CITING if offers else "")
    messages: list[dict[str, Any]] = [{"role": "system", "content": text}]
    functions = {function.api: function for function in terms.functions}
    for number, message in enumerate(said[1:] if system is not None else said):
        if message.role == "user":
            messages.append({"role": "user", "content": message.content or ""})
        else:
            messages += _turn(message, f"call_{number}_", offers, functions)
    if said and said[-1].role == "assistant" and said[-1].content is not None:
        messages.append({"role": "user", "content": GO_ON})
    return messages


def _turn(
    message: Message, ids: str, offers: Mapping[str, ToolOffer], functions: Mapping[str, Function]
) -> Iterator[dict[str, Any]]:
    """An assistant's message as several: its calls, what each of them returned, its reply."""
    calls = [call for call in message.tool_calls if call.result is not None]
    if calls:
        spelled = [_spelled(call, offers, functions) for call in calls]
        yield _assistant_message(
            None, [_remote_call(f"{ids}{n}", name, text) for n, (name, text) in enumerate(spelled)]
        )
        for number, call in enumerate(calls):
            yield {"role": "tool", "tool_call_id": f"{ids}{number}", "content": call.result or ""}
    if message.content is not None:
        yield {"role": "assistant", "content": message.content}


def _spelled(call: ToolCall, offers: Mapping[str, ToolOffer], functions: Mapping[str, Function]) -> tuple[str, str]:
    """Name and JSON arguments of a call of the past."""
    if function := functions.get(call.name):
        return function.name, function.arguments(call.argument)
    parameter = offers[call.name].parameter if call.name in offers else "argument"
    return call.name, json.dumps({parameter: call.argument}, ensure_ascii=False)


def _assistant_message(content: str | None, calls: list[dict[str, Any]]) -> dict[str, Any]:
    return {"role": "assistant", "content": content, "tool_calls": calls}


def _remote_call(id: str, name: str, arguments: str) -> dict[str, Any]:
    return {"id": id, "type": "function", "function": {"name": name, "arguments": arguments}}


def _offer(tool: ToolOffer) -> dict[str, Any]:
    properties = {tool.parameter: {"type": "string"}}
    parameters = {"type": "object", "properties": properties, "required": [tool.parameter]}
    return _described(Function(tool.name, tool.description, parameters))


def _described(function: Function) -> dict[str, Any]:
    parameters = dict(function.parameters) or {"type": "object", "properties": {}}
    told = {"name": function.name, "description": function.description, "parameters": parameters}
    return {"type": "function", "function": told}


def _response_format(schema: Mapping[str, Any]) -> dict[str, Any]:
    if schema == {"type": "object"}:
        return {"type": "json_object"}
    return {"type": "json_schema", "json_schema": {"name": "reply", "schema": dict(schema), "strict": True}}


def _add_piece(calls: dict[int, dict[str, str]], piece: Mapping[str, Any]) -> None:
    """Adds a piece of a call, whose id and name come with the first of its pieces only."""
    index = int(piece.get("index", len(calls)))
    call = calls.setdefault(index, {"id": f"call_{index}", "name": "", "arguments": ""})
    function = piece.get("function") or {}
    call["id"] = piece.get("id") or call["id"]
    call["name"] = function.get("name") or call["name"]
    call["arguments"] += function.get("arguments") or ""


def _tokens(choice: Mapping[str, Any]) -> tuple[TokenChance, ...]:
    entries = (choice.get("logprobs") or {}).get("content") or ()
    return tuple(
        TokenChance(
            _data(entry), float(entry["logprob"]), tuple((_data(o), float(o["logprob"])) for o in entry["top_logprobs"])
        )
        for entry in entries
    )


def _data(entry: Mapping[str, Any]) -> bytes:
    return bytes(entry["bytes"]) if entry.get("bytes") is not None else str(entry["token"]).encode()
