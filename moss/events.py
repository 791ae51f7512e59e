"""What happens while an answer is made, as a stream of small values; `fold` turns the stream into messages.

Whatever streams (agent, terminal, server) produces or consumes these; whoever wants the whole answer folds them. So
nothing is written twice, once for streams and once for whole answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .conversation import Message, ToolCall


@dataclass(frozen=True, slots=True)
class ThoughtDelta:
    """More text of the inner thought."""

    text: str

    def to_dict(self) -> dict[str, Any]:
        return {"type": "thought_delta", "text": self.text}


@dataclass(frozen=True, slots=True)
class Calling:
    """One token more of the commands, which are shown when they are complete: which tools are called, or none."""

    def to_dict(self) -> dict[str, Any]:
        return {"type": "calling"}


@dataclass(frozen=True, slots=True)
class TokenChance:
    """One token of the reply, and how likely the model held it to be."""

    data: bytes
    """What the token stands for: not always whole characters."""
    log_probability: float
    likeliest: tuple[tuple[bytes, float], ...] = ()
    """The tokens that were likeliest in its place and their log probabilities, as many as were asked for."""

    def to_dict(self) -> dict[str, Any]:
        """JSON form, bytes in hex."""
        likeliest = [[data.hex(), chance] for data, chance in self.likeliest]
        return {"data": self.data.hex(), "log_probability": self.log_probability, "likeliest": likeliest}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> TokenChance:
        """Reads `to_dict()`'s form."""
        likeliest = tuple((bytes.fromhex(text), chance) for text, chance in data["likeliest"])
        return cls(bytes.fromhex(data["data"]), data["log_probability"], likeliest)


@dataclass(frozen=True, slots=True)
class TextDelta:
    """More text of the reply; without any it only says that the answer is still being made."""

    text: str
    tokens: tuple[TokenChance, ...] = ()
    """The tokens that it is made of, where probabilities were asked for."""

    def to_dict(self) -> dict[str, Any]:
        tokens = {"tokens": [token.to_dict() for token in self.tokens]} if self.tokens else {}
        return {"type": "text_delta", "text": self.text, **tokens}


@dataclass(frozen=True, slots=True)
class ToolCalled:
    """A tool starts to run. `index` counts the calls of the answer from 0."""

    index: int
    call: ToolCall

    def to_dict(self) -> dict[str, Any]:
        return {
            "type": "tool_called",
            "index": self.index,
            "name": self.call.name,
            "argument": self.call.argument,
        }


@dataclass(frozen=True, slots=True)
class ToolReturned:
    """The tool with this index has come back; `call` holds result and status."""

    index: int
    call: ToolCall

    def to_dict(self) -> dict[str, Any]:
        return {"type": "tool_returned", "index": self.index, **self.call.to_dict()}


@dataclass(frozen=True, slots=True)
class Finished:
    """The answer is complete. Always the last event, unless `Failed` is."""

    content: str
    finish_reason: str
    """stop (the model ended it), length (a limit did), aborted (the user did), or tool_calls: the answer goes on when
    the functions that it called, which are the asker's own, have returned."""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    dropped_turns: int = 0
    """How many of the oldest turns did not fit the context and were left out."""
    thought_tokens: int = 0
    """How many of the tokens that were written are thoughts."""

    def to_dict(self) -> dict[str, Any]:
        usage = {"prompt_tokens": self.prompt_tokens, "completion_tokens": self.completion_tokens}
        for name in ("dropped_turns", "thought_tokens"):
            if count := getattr(self, name):
                usage[name] = count
        return {"type": "finished", "content": self.content, "finish_reason": self.finish_reason, "usage": usage}


@dataclass(frozen=True, slots=True)
class Failed:
    """The answer could not be made; `message` says why, in words for the user."""

    message: str

    def to_dict(self) -> dict[str, Any]:
        return {"type": "failed", "message": self.message}


Event = ThoughtDelta | Calling | TextDelta | ToolCalled | ToolReturned | Finished | Failed


def from_dict(data: Mapping[str, Any]) -> Event:
    """The event whose `to_dict()` this is, as it comes from another process of ours; ValueError for anything else."""
    match data:
        case {"type": "text_delta", "text": text}:
            return TextDelta(text, tuple(map(TokenChance.from_dict, data.get("tokens", ()))))
        case {"type": "thought_delta", "text": text}:
            return ThoughtDelta(text)
        case {"type": "calling"}:
            return Calling()
        case {"type": "tool_called", "index": index, "name": name, "argument": argument}:
            return ToolCalled(index, ToolCall(name, argument))
        case {"type": "tool_returned", "index": index, **call}:
            return ToolReturned(index, ToolCall.from_dict({key: call[key] for key in call if key != "type"}))
        case {"type": "finished", "content": content, "finish_reason": reason, "usage": usage}:
            return Finished(content, reason, **usage)
        case {"type": "failed", "message": message}:
            return Failed(message)
    raise ValueError(f"no event of ours: {data!r:.200}")


@dataclass
class _Draft:
    """One assistant message while its events arrive."""

    thought: str = ""
    text: str = ""
    calls: dict[int, ToolCall] = field(default_factory=dict)
    returned: bool = False

    def message(self, content: str | None) -> Message:
        calls = tuple(self.calls[index] for index in sorted(self.calls))
        return Message("assistant", content, thought=self.thought or None, tool_calls=calls)


def fold(events: Iterable[Event]) -> list[Message]:
    """The assistant's messages that an event stream amounts to.

    One message, or more where tools were called in several rounds: a thought or a call that comes after results opens
    the next round. A stream that ends early (a stop, a failure) folds to what had arrived.
    """
    messages: list[Message] = []
    draft = _Draft()
    for event in events:
        if draft.returned and isinstance(event, ThoughtDelta | ToolCalled):
            messages.append(draft.message(None))
            draft = _Draft()
        match event:
            case ThoughtDelta(text):
                draft.thought += text
            case TextDelta(text):
                draft.text += text
            case ToolCalled(index, call):
                draft.calls[index] = call
            case ToolReturned(index, call):
                draft.calls[index] = call
                # Only when the last of the round is back can a next round begin.
                draft.returned = all(c.status is not None for c in draft.calls.values())
            case Calling() | Finished() | Failed():
                pass
    return [*messages, draft.message(draft.text)]
