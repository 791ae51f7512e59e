"""The MOSS dialogue format: the only place that turns dialogues into tokens and tokens into dialogues.

One turn, as text:

    <|Human|>: {text}<eoh>
    <|Inner Thoughts|>: {thought|None}<eot>
    <|Commands|>: {Name("argument"), ...|None}<eoc>
    <|Results|>:{results}<eor>
    <|MOSS|>: {reply}<eom>

Section tags, end tokens and quality tags are single special tokens. Everything that people, tools or documents wrote is
encoded with special tokens off, so a typed `<eoh>` or `<|MOSS|>:` stays text. Training and serving use the same
renderer, so what the model reads in service is byte for byte what it was trained on.

The skeleton (tags, the blank after them, the newline after an end token) is never the model's choice: the engine
appends it. The one exception follows tool results, where the model says whether it thinks again or replies.

`<quality: N>` in front of a reply is our reading of the original's unpublished tag.

Not here: running tools, sampling, JSON.
"""

from __future__ import annotations

import re
from codecs import getincrementaldecoder
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from itertools import pairwise
from typing import Literal, Protocol

from .conversation import QUALITY_LEVELS, Conversation, Message, ToolCall
from .errors import UserError
from .events import Event, TextDelta, ThoughtDelta, ToolCalled, ToolReturned


class Section(Enum):
    """The five sections of a turn: (tag, end token)."""

    HUMAN = ("<|Human|>:", "<eoh>")
    THOUGHTS = ("<|Inner Thoughts|>:", "<eot>")
    COMMANDS = ("<|Commands|>:", "<eoc>")
    RESULTS = ("<|Results|>:", "<eor>")
    REPLY = ("<|MOSS|>:", "<eom>")

    @property
    def tag(self) -> str:
        return self.value[0]

    @property
    def end(self) -> str:
        return self.value[1]


END_OF_TEXT = "<|endoftext|>"
NONE = "None"
"""What stands in a section that has nothing to say."""
NO_RESULT = "No result."
"""What the model reads when a call failed, whatever the reason was."""


def quality_tag(quality: int) -> str:
    """The special token for a quality of 0, 10, ..., 100."""
    return f"<quality: {quality}>"


QUALITY_TAGS = tuple(quality_tag(level) for level in QUALITY_LEVELS)
SPECIAL_TOKENS: tuple[str, ...] = (
    END_OF_TEXT,
    *(section.tag for section in Section),
    *(section.end for section in Section),
    *QUALITY_TAGS,
)


def quality_level(quality: int) -> int:
    """The level nearest to a quality of 0 to 100; UserError for any other number."""
    if not QUALITY_LEVELS[0] <= quality <= QUALITY_LEVELS[-1]:
        raise UserError(f"a quality is a number from {QUALITY_LEVELS[0]} to {QUALITY_LEVELS[-1]}, not {quality}")
    return min(QUALITY_LEVELS, key=lambda level: abs(level - quality))


def tagged(conversation: Conversation, quality: int | None) -> Conversation:
    """The conversation with a tag on every reply, its own or else this one; with None, on no reply at all.

    Training shows dialogues that are tagged throughout, and some that are not at all: so is one that is to go on.
    Raises UserError for a quality that is no level.
    """
    if quality is not None and quality not in QUALITY_LEVELS:
        raise UserError(f"quality must be one of 0, 10, ..., 100, not {quality}")

    def quality_of(message: Message) -> int | None:
        if quality is None or message.role != "assistant" or message.content is None:
            return None
        return quality if message.quality is None else message.quality

    messages = tuple(replace(message, quality=quality_of(message)) for message in conversation.messages)
    return replace(conversation, messages=messages)


LossPolicy = Literal["assistant", "original"]
"""assistant: loss on what the model itself writes. original: as the published MOSS, on everything but the system text
and the content of Results (so also on what people wrote)."""


# --- the system text and its switches -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ToolSwitch:
    """One line of the system text: `- Calculator: enabled. API: Calculate(expression)`."""

    title: str
    api: str
    parameter: str

    def line(self, on: bool) -> str:
        state = f"enabled. API: {self.api}({self.parameter})" if on else "disabled."
        return f"- {self.title}: {state}\n"


DEFAULT_SWITCHES = (
    ToolSwitch("Web search", "Search", "query"),
    ToolSwitch("Calculator", "Calculate", "expression"),
    ToolSwitch("Equation solver", "Solve", "equation"),
    ToolSwitch("Text-to-image", "Text2Image", "description"),
)
PERSONA = "MOSS is a bilingual assistant: helpful, honest and harmless.\n"
_CAPABILITIES = "Capabilities and tools that MOSS can possess.\n"
_ENABLED = re.compile(r"^- [^:\n]+: enabled\. API: (\w+)\(", re.MULTILINE)


def system_text(
    switches_on: Iterable[str], known: Sequence[ToolSwitch] = DEFAULT_SWITCHES, persona: str = PERSONA
) -> str:
    """The system text: who the assistant is and which tools it may use.

    Inner thoughts are on exactly when a tool is.
    """
    on = frozenset(switches_on)
    thoughts = f"- Inner thoughts: {'enabled' if on else 'disabled'}.\n"
    return persona + _CAPABILITIES + thoughts + "".join(switch.line(switch.api in on) for switch in known)


def enabled_tools(text: str) -> tuple[str, ...]:
    """Names of the tools that a system text switches on, in its order."""
    return tuple(_ENABLED.findall(text))


# --- commands and results -------------------------------------------------------------------------------------------

_NO_CALL = re.compile(r"\s*None?\b")
_CALL = re.compile(r'([A-Za-z_]\w*)\("([^"\n]+)"(?:\s*,\s*"[^"\n]*")?\)')


def parse_commands(text: str) -> list[ToolCall]:
    """The calls in a Commands section. Never raises: what is no complete call is not one.

    Lenient about what stands between calls (numbers, comments, line breaks, a trailing `None`) as the published data
    has it; strict about a call itself: `Name("argument")` with the quote closed before the bracket, so that Python
    string expressions yield nothing. A second argument is dropped. Text that starts with `None` (or `Non`) calls
    nothing, whatever derivation follows.
    """
    if _NO_CALL.match(text):
        return []
    return [ToolCall(name, argument) for name, argument in _CALL.findall(text)]


def commands_text(calls: Sequence[ToolCall]) -> str:
    """The Commands section of these calls; `parse_commands` reads it back.

    Raises UserError for an argument that cannot stand between double quotes on one line.
    """
    for call in calls:
        if not call.argument or '"' in call.argument or "\n" in call.argument:
            raise UserError(
                f"the argument of {call.name} must be one non-empty line without double quotes, not {call.argument!r}"
            )
    return ", ".join(f'{call.name}("{call.argument}")' for call in calls) or NONE


def results_text(calls: Sequence[ToolCall]) -> str:
    """The body of the Results section: a block for each call, headed by the call itself."""
    if len(calls) == 1 and calls[0].name == "Text2Image":
        return calls[0].result or NONE
    blocks = [call for call in calls if call.result is not None]
    return "\n".join(_header(call) + _block(call) for call in blocks) or NONE


def _header(call: ToolCall) -> str:
    return f'{call.name}("{call.argument}") =>'


def _block(call: ToolCall) -> str:
    return f" '{call.result}'" if call.name == "Calculate" else f"\n{call.result}"


def _results_raw(calls: Sequence[ToolCall]) -> str:
    """All that stands between `<|Results|>:` and `<eor>`. The published data breaks the line for blocks only."""
    body = results_text(calls)
    return f"\n{body}\n" if "=>" in body else f" {body}"


def _read_results(raw: str, calls: Sequence[ToolCall]) -> list[ToolCall]:
    """The calls with the results that `_results_raw` wrote for them; calls without a block stay without a result."""
    body = raw[1:].removesuffix("\n") if raw.startswith("\n") else raw[1:]
    if len(calls) == 1 and calls[0].name == "Text2Image" and "=>" not in body:
        return [_returned(calls[0], body)] if body != NONE else list(calls)
    blocks: dict[int, tuple[int, int]] = {}  # where a block starts: (index of its call, where its result starts)
    for index, call in enumerate(calls):
        headers = re.finditer("^" + re.escape(_header(call)), body, re.MULTILINE)
        free = next((header for header in headers if header.start() not in blocks), None)
        if free:
            blocks[free.start()] = (index, free.end())
    found = list(calls)
    starts = sorted(blocks)  # the published data sorts them by tool, not by call
    for at, following in pairwise([*starts, len(body) + 1]):
        index, start = blocks[at]
        text = body[start : following - 1]
        inner = text[2:-1] if calls[index].name == "Calculate" and text[:2] == " '" and text[-1:] == "'" else text[1:]
        found[index] = _returned(calls[index], inner)
    return found


def _returned(call: ToolCall, result: str) -> ToolCall:
    return replace(call, result=result, status="failed" if result == NO_RESULT else "ok")


# --- dialogue -> segments -> text or tokens -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Segment:
    """A stretch of a rendered dialogue. A control segment is one special token; the others are plain text."""

    text: str
    control: bool = False
    written: bool = False
    """By the model itself: loss under the policy `assistant`."""
    original: bool = True
    """Loss under the policy `original`."""


def _section(section: Section, raw: str, written: bool, tag_written: bool = False) -> Iterator[_Segment]:
    """Tag, content, end token, newline. The blank or newline that opens the content is skeleton."""
    inside = section is not Section.RESULTS
    yield _Segment(section.tag, control=True, written=tag_written)
    yield _Segment(raw[:1], original=inside)
    yield _Segment(raw[1:], written=written, original=inside)
    yield _Segment(section.end, control=True, written=written)
    yield _Segment("\n")


def _segments(conversation: Conversation, goes_on: bool = False) -> Iterator[_Segment]:
    """The stretches of a dialogue; `goes_on`: its last turn may end with results."""
    thinks = bool(conversation.tools) or any(m.tool_calls or m.thought for m in conversation.messages)
    before: Message | None = None
    for number, message in enumerate(conversation.messages, start=1):
        _check_order(number, message, before)
        if message.role == "system":
            yield _Segment(message.content or "", original=False)
        elif message.role == "user":
            yield from _section(Section.HUMAN, f" {message.content}", written=False)
        else:
            yield from _assistant(message, thinks, again=before is not None and before.role == "assistant")
        before = message
    if not goes_on and before is not None and _waits_to_go_on(before):
        raise UserError("the last message announces that it goes on (content is null), but nothing follows")


def _assistant(message: Message, thinks: bool, again: bool) -> Iterator[_Segment]:
    """The sections of one assistant message.

    `again`: it follows tool results, so its first tag was the model's choice.
    """
    commands = message.verbatim.get("commands") or commands_text(message.tool_calls)
    results = message.verbatim.get("results") or _results_raw(message.tool_calls)
    yield from _section(Section.THOUGHTS, f" {message.thought or NONE}", written=thinks, tag_written=again)
    yield from _section(Section.COMMANDS, f" {commands}", written=thinks)
    if message.content is None and not _has_results(message):
        return  # a turn that ends with its calls: a side of a preference pair
    yield from _section(Section.RESULTS, results, written=False)
    if message.content is None:
        return
    yield _Segment(Section.REPLY.tag, control=True, written=_has_results(message))
    yield _Segment(" ")
    if message.quality is not None:
        yield _Segment(quality_tag(message.quality), control=True, original=False)
    yield _Segment(message.content, written=True)
    yield _Segment(Section.REPLY.end, control=True, written=True)
    yield _Segment("\n")


def _has_results(message: Message) -> bool:
    return any(call.result is not None for call in message.tool_calls)


def _waits_to_go_on(message: Message) -> bool:
    """Whether it is an assistant's message whose calls have returned, and no more."""
    return message.role == "assistant" and message.content is None and _has_results(message)


def _check_order(number: int, message: Message, before: Message | None) -> None:
    previous = before.role if before else None
    unfinished = before is not None and before.role == "assistant" and before.content is None
    goes_on = unfinished and before is not None and _has_results(before)
    if message.role == "system":
        fits = before is None
    elif message.role == "user":
        fits = previous in (None, "system", "assistant") and not unfinished
    else:
        fits = message.role == "assistant" and (previous == "user" or goes_on)
    if not fits:
        raise UserError(
            f"message {number}: a {message.role} message cannot follow {previous or 'nothing'} here; "
            "a dialogue is an optional system message, then user and assistant in turn "
            "(tool results belong in tool_calls)"
        )
    if message.role == "assistant" and message.content is None and not message.tool_calls:
        raise UserError(f"message {number}: only a message with tool results can go on (content null)")


def render_text(conversation: Conversation) -> str:
    """The dialogue as the published data spells it. For reading and comparing; models are fed `ChatFormat.render`."""
    return "".join(segment.text for segment in _segments(conversation))


class TokenCodec(Protocol):
    """What this module needs of a tokenizer; `encode` never yields special ids."""

    special: dict[str, int]

    def encode(self, text: str) -> list[int]: ...
    def encode_batch(self, texts: Sequence[str]) -> list[list[int]]: ...
    def decode(self, ids: Sequence[int]) -> str: ...
    def token_bytes(self, token: int) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Rendered:
    """A dialogue as tokens; `loss_mask[i]` says whether predicting `tokens[i]` is trained."""

    tokens: list[int]
    loss_mask: list[bool]


class ChatFormat:
    """The format over one tokenizer. Raises UserError when the tokenizer lacks the format's special tokens."""

    def __init__(self, tokenizer: TokenCodec):
        missing = [token for token in SPECIAL_TOKENS if token not in tokenizer.special]
        if missing:
            raise UserError(f"the tokenizer lacks {len(missing)} special tokens of the MOSS format, first {missing[0]}")
        self.tokenizer = tokenizer
        self.special = {token: tokenizer.special[token] for token in SPECIAL_TOKENS}
        self.tags = {self.special[section.tag]: section for section in Section}
        self.ends = {self.special[section.end]: section for section in Section}
        self.qualities = {self.special[quality_tag(level)]: level for level in QUALITY_LEVELS}

    # training

    def render(self, conversation: Conversation, loss: LossPolicy = "assistant") -> Rendered:
        """Tokens and loss mask of a dialogue. Raises UserError when its messages are out of order."""
        return self.render_many([conversation], loss)[0]

    def render_many(self, conversations: Sequence[Conversation], loss: LossPolicy = "assistant") -> list[Rendered]:
        """As `render`, with the text of all dialogues encoded in one batch."""
        return self._assemble_many([list(_segments(conversation)) for conversation in conversations], loss)

    def _assemble_many(self, dialogues: list[list[_Segment]], loss: LossPolicy) -> list[Rendered]:
        texts = [segment.text for dialogue in dialogues for segment in dialogue if not segment.control]
        encoded = iter(self.tokenizer.encode_batch(texts))
        return [self._assemble(dialogue, encoded, loss) for dialogue in dialogues]

    def _assemble(self, dialogue: list[_Segment], encoded: Iterator[list[int]], loss: LossPolicy) -> Rendered:
        tokens: list[int] = []
        mask: list[bool] = []
        for segment in dialogue:
            ids = [self.special[segment.text]] if segment.control else next(encoded)
            tokens += ids
            mask += [segment.written if loss == "assistant" else segment.original] * len(ids)
        return Rendered(tokens, mask)

    # serving: a prompt, and what the engine appends between the sections that the model writes

    def end_id(self, section: Section) -> int:
        return self.special[section.end]

    def tag_id(self, section: Section) -> int:
        return self.special[section.tag]

    def prompt(self, conversation: Conversation, quality: int | None = None) -> list[int]:
        """Tokens up to where the model goes on: `<|Inner Thoughts|>: ` with a tool on, else `<|MOSS|>: `.

        The conversation ends with a user's message. `quality` tags the reply and matters here only without tools;
        with them it is given to `reply_start`. A conversation may also end with calls that have returned: then the
        prompt ends after their results, and what comes next is as after `after_commands`. One that ends with a reply
        ends within it, where it goes on.
        """
        last = conversation.messages[-1] if conversation.messages else None
        if last is not None and _waits_to_go_on(last):
            return self._assemble_many([list(_segments(conversation, goes_on=True))], "assistant")[0].tokens
        if last is None or (last.role != "user" and not last.content):
            raise UserError("a prompt must end with a user message")
        tokens = self.render(conversation).tokens
        if last.role == "assistant":
            return tokens[: -len([self.end_id(Section.REPLY), *self.tokenizer.encode("\n")])]
        if conversation.tools:
            return tokens + self.section_start(Section.THOUGHTS)
        skipped = [(Section.THOUGHTS, f" {NONE}"), (Section.COMMANDS, f" {NONE}"), (Section.RESULTS, f" {NONE}")]
        for section, raw in skipped:
            tokens += self._encode_section(section, raw)
        return tokens + self.reply_start(quality)

    def section_start(self, section: Section) -> list[int]:
        """The tag of a section and the blank after it."""
        return [self.tag_id(section), *self.tokenizer.encode(" ")]

    def after_thought(self) -> list[int]:
        """What follows a thought's `<eot>`: the newline and the start of Commands."""
        return self.tokenizer.encode("\n") + self.section_start(Section.COMMANDS)

    def after_commands(self, calls: Sequence[ToolCall]) -> list[int]:
        """What follows `<eoc>`: the newline and the whole Results section of these calls (`None` without any).

        Next comes the tag of the reply, or, where there are results and the model so chooses, of another thought.
        """
        return self.tokenizer.encode("\n") + self._encode_section(Section.RESULTS, _results_raw(calls))

    def quality_id(self, quality: int) -> int:
        """The tag of a quality of 0, 10, ..., 100."""
        return self.special[quality_tag(quality)]

    def reply_start(self, quality: int | None = None) -> list[int]:
        """The start of the reply, with the tag of the wanted quality (0, 10, ..., 100) if there is one."""
        tag = [] if quality is None else [self.quality_id(quality)]
        return self.section_start(Section.REPLY) + tag

    def _encode_section(self, section: Section, raw: str) -> list[int]:
        encoded = iter(self.tokenizer.encode_batch([raw[:1], raw[1:], "\n"]))
        return self._assemble(list(_section(section, raw, written=False)), encoded, "assistant").tokens

    # reading back

    def parse(self, tokens: Sequence[int]) -> Conversation:
        """The dialogue that `render` turned into these tokens. Raises UserError where they break the format.

        Citations and files of tool calls are not part of the text and do not come back.
        """
        parser = _DialogueParser()
        section: Section | None = None
        content: list[int] = []
        for token in tokens:
            if token in self.tags and section is None:
                parser.between(self.tokenizer.decode(content))
                section, content = self.tags[token], []
            elif token in self.ends and self.ends[token] is section:
                parser.section(section, *self._content(content))
                section, content = None, []
            elif token in self.tags or token in self.ends:
                where = f"inside {section.tag}" if section else "outside of any section"
                raise UserError(f"broken dialogue: {self._name(token)} {where}")
            else:
                content.append(token)
        if section is not None:
            raise UserError(f"broken dialogue: {section.tag} is not closed by {section.end}")
        parser.between(self.tokenizer.decode(content))
        return parser.conversation()

    def _name(self, token: int) -> str:
        """The text of a special token."""
        return next(text for text, special in self.special.items() if special == token)

    def _content(self, ids: list[int]) -> tuple[str, int | None]:
        """The raw text of a section's tokens, and the quality tag among them."""
        quality = next((self.qualities[token] for token in ids if token in self.qualities), None)
        return self.tokenizer.decode([token for token in ids if token not in self.qualities]), quality


@dataclass
class _DialogueParser:
    """Puts a dialogue together from its sections in order."""

    messages: list[Message] = field(default_factory=list)
    system: str | None = None
    thought: str | None = None
    calls: tuple[ToolCall, ...] = ()
    verbatim: dict[str, str] = field(default_factory=dict)
    results_read: bool = False

    def between(self, text: str) -> None:
        """Text outside the sections: the system text at the start, a newline elsewhere."""
        if not self.messages and self.system is None:
            self.system = text
        elif text != "\n":
            raise UserError(f"broken dialogue: {text!r} stands between sections")

    def section(self, section: Section, raw: str, quality: int | None) -> None:
        """Takes in one section. Raises UserError where its content does not open with a blank (or newline)."""
        if raw[:1] not in (" ", "\n"):
            raise UserError(f"broken dialogue: no blank after {section.tag}")
        text = raw[1:]
        match section:
            case Section.HUMAN:
                self.messages.append(Message("user", text))
            case Section.THOUGHTS:
                self._close(None)
                self.thought = None if text == NONE else text
            case Section.COMMANDS:
                self.calls = tuple(parse_commands(text))
                if _spelled(self.calls) != text:
                    self.verbatim["commands"] = text
            case Section.RESULTS:
                self.calls = tuple(_read_results(raw, self.calls))
                self.results_read = True
                if _results_raw(self.calls) != raw:
                    self.verbatim["results"] = raw
            case Section.REPLY:
                self._close(text, quality)

    def _close(self, content: str | None, quality: int | None = None) -> None:
        if content is None and not self.results_read:
            return
        message = Message("assistant", content, self.thought, self.calls, quality, self.verbatim)
        self.messages.append(message)
        self.thought, self.calls, self.verbatim, self.results_read = None, (), {}, False

    def conversation(self) -> Conversation:
        if self.calls and not self.results_read:  # it ends with them
            self.results_read = True
            self._close(None)
        system = [Message("system", self.system)] if self.system else []
        return Conversation((*system, *self.messages), tools=enabled_tools(self.system or ""))


def _spelled(calls: Sequence[ToolCall]) -> str | None:
    """The canonical Commands text, or None where the calls cannot be spelled."""
    try:
        return commands_text(calls)
    except UserError:
        return None


def message_from_sections(thought: str, commands: str, results: str, reply: str) -> Message:
    """One assistant message from the raw text of its four sections (each as it stands between tag and end token).

    For importers. Spelling that the structured fields do not determine is kept in `verbatim`.
    """
    parser = _DialogueParser(system="")
    for section, raw in (
        (Section.THOUGHTS, thought),
        (Section.COMMANDS, commands),
        (Section.RESULTS, results),
        (Section.REPLY, reply),
    ):
        parser.section(section, raw, None)
    return parser.messages[0]


# --- streaming ------------------------------------------------------------------------------------------------------


class StreamParser:
    """Tokens of one assistant turn, in order, to events, as they arrive.

    Starts inside `section`, where `ChatFormat.prompt` ended. Holds back bytes until they make a whole character, and
    the text `None` until it is sure to be more than the empty thought. Calls come as `ToolCalled` when Commands closes;
    a Results section fed to it comes as `ToolReturned`.
    """

    def __init__(self, chat_format: ChatFormat, section: Section):
        self.format = chat_format
        self.section: Section | None = section
        self.calls: list[ToolCall] = []
        """The calls of the round at hand."""
        self.quality: int | None = None
        self._earlier_calls = 0
        self._raw: list[int] = []  # tokens of a Commands or Results section
        self._start_text(after_blank=True)

    def feed(self, token: int) -> list[Event]:
        """The events that this token completes (often none)."""
        if token in self.format.tags:
            self._open(self.format.tags[token])
        elif token in self.format.ends:
            return self._close()
        elif token in self.format.qualities:
            self.quality = self.format.qualities[token]
        elif self.section in (Section.THOUGHTS, Section.REPLY):
            return self._text(self.format.tokenizer.token_bytes(token))
        elif self.section is not None:
            self._raw.append(token)
        return []

    def feed_all(self, tokens: Iterable[int]) -> list[Event]:
        """`feed` for several tokens."""
        return [event for token in tokens for event in self.feed(token)]

    def _open(self, section: Section) -> None:
        self.section = section
        self._raw = []
        self._start_text(after_blank=False)
        if section is Section.THOUGHTS:
            self._earlier_calls += len(self.calls)
            self.calls = []

    def _start_text(self, after_blank: bool) -> None:
        self._utf8 = getincrementaldecoder("utf-8")(errors="replace")
        self._held = ""
        self._after_blank = after_blank
        self._shown = False

    def _text(self, data: bytes, final: bool = False) -> list[Event]:
        if not self._after_blank:  # the blank after the tag is skeleton
            data, self._after_blank = data.removeprefix(b" "), True
        self._held += self._utf8.decode(data, final)
        thinks = self.section is Section.THOUGHTS
        if thinks and not self._shown and NONE.startswith(self._held) and not (final and self._held != NONE):
            return []
        text, self._held = self._held, ""
        self._shown = self._shown or bool(text)
        if not text:
            return []
        return [ThoughtDelta(text) if thinks else TextDelta(text)]

    def _close(self) -> list[Event]:
        if self.section in (Section.THOUGHTS, Section.REPLY):
            events = self._text(b"", final=True)
        elif self.section is Section.COMMANDS:
            self.calls = parse_commands(self.format.tokenizer.decode(self._raw))
            events = [ToolCalled(self._earlier_calls + number, call) for number, call in enumerate(self.calls)]
        elif self.section is Section.RESULTS:
            self.calls = _read_results(self.format.tokenizer.decode(self._raw), self.calls)
            returned = [(number, call) for number, call in enumerate(self.calls) if call.result is not None]
            events = [ToolReturned(self._earlier_calls + number, call) for number, call in returned]
        else:
            events = []
        self.section = None
        return events
