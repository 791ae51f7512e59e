"""How an answer looks in a terminal: events in, text out. No input, no state of the conversation.

Thoughts are dimmed, a tool call turns a spinner until its result is there, sources and images are listed after the
reply. Where the output is no terminal only the reply is written, without colour: that is what a pipe wants.
"""

from __future__ import annotations

import json

import regex
from rich.console import Console
from rich.status import Status
from rich.text import Text

from ..conversation import Citation, ToolCall
from ..events import Calling, Event, Finished, TextDelta, ThoughtDelta, ToolCalled, ToolReturned

CITATION = regex.compile(r"<sup><\|(\d+)\|></sup>")
"""How the model cites source 1: `<sup><|1|></sup>`; people read `[1]`."""

RESULT_WIDTH = 300
"""Characters of a tool's result that are shown."""

CONTROL = dict.fromkeys(code for code in (*range(32), *range(127, 160)) if chr(code) not in "\n\t")
"""Characters that command a terminal. A document that was found may hold them, and a model may write them."""


class CitationMarks:
    """Replaces citation marks in text that arrives in pieces."""

    def __init__(self) -> None:
        self._held = ""

    def feed(self, text: str) -> str:
        """The text that can be shown now; what may be the start of a mark is held back."""
        text = CITATION.sub(r"[\1]", self._held + text)
        unfinished = CITATION.search(text, partial=True)
        cut = unfinished.start() if unfinished else len(text)
        self._held = text[cut:]
        return text[:cut]

    def flush(self) -> str:
        """What was held back and became no mark."""
        held, self._held = self._held, ""
        return held


class AnswerPrinter:
    """Writes the events of one answer as they come; call it with each of them, then `close` it whatever happened."""

    def __init__(self, console: Console):
        self._console = console
        self._marks = CitationMarks()
        self._section: type[Event] | None = None
        self._running: dict[int, ToolCall] = {}
        self._spinner: Status | None = None
        self._citations: list[Citation] = []
        self._files: list[str] = []
        self._at_line_start = True

    def __call__(self, event: Event) -> None:
        """Shows one event."""
        match event:
            case ThoughtDelta(text):
                self._write(text, ThoughtDelta, "dim italic")
            case TextDelta(text):
                self._write(self._marks.feed(text), TextDelta)
            case ToolCalled(index, call):
                self._running[index] = call
                self._spin()
            case ToolReturned(index, call):
                self._running.pop(index, None)
                self._stop_spinner()  # before anything else is written: it owns the last line
                self._show_result(call)
                self._spin()
            case Finished(finish_reason=reason, dropped_turns=dropped):
                if reason == "length":
                    self._note("(the answer was cut at its length limit)")
                if dropped:
                    oldest = "turn was" if dropped == 1 else f"{dropped} turns were"
                    self._note(f"(the context is full: the oldest {oldest} left out; /clear starts afresh)")

    def close(self) -> None:
        """Ends the answer: what was held back, sources, images; a stopped answer's spinner, too."""
        self._stop_spinner()
        self._write(self._marks.flush(), TextDelta)
        self._end_line()
        for citation in self._citations:
            self._note(f"[{citation.index}] {citation.title} ({citation.source})")
        for file in self._files:
            self._console.print(Text(f"image: {file}", "cyan"), soft_wrap=True)

    def _write(self, text: str, section: type[Event], style: str = "") -> None:
        text = text.translate(CONTROL)
        if not text or (section is ThoughtDelta and not self._console.is_terminal):
            return
        if section is not self._section:
            self._end_line()
            self._section = section
        self._console.print(Text(text, style), end="", soft_wrap=True)
        self._at_line_start = text.endswith("\n")

    def _show_result(self, call: ToolCall) -> None:
        self._citations += call.citations
        self._files += call.files
        mark, style = ("✓", "green") if call.status == "ok" else ("✗", "yellow")
        result = " ".join((call.result or "").split()).translate(CONTROL)
        if len(result) > RESULT_WIDTH:
            result = result[:RESULT_WIDTH] + "…"
        self._end_line()
        if self._console.is_terminal:
            line = Text.assemble((f"{mark} ", style), (call_text(call), "bold"), (f" → {result}", "dim"))
            self._console.print(line, soft_wrap=True)

    def _spin(self) -> None:
        self._stop_spinner()
        if self._running and self._console.is_terminal:
            self._end_line()
            self._spinner = self._console.status(Text(", ".join(map(call_text, self._running.values())), "bold"))
            self._spinner.start()

    def _stop_spinner(self) -> None:
        if self._spinner is not None:
            self._spinner.stop()
            self._spinner = None

    def _note(self, text: str) -> None:
        if self._console.is_terminal:
            self._end_line()
            self._console.print(Text(text.translate(CONTROL), "dim"), soft_wrap=True)

    def _end_line(self) -> None:
        if not self._at_line_start:
            self._console.print()
            self._at_line_start = True


class JsonPrinter:
    """Writes one event a line as JSON, for scripts; the last is "finished" (or "failed")."""

    def __init__(self, console: Console):
        self._file = console.file

    def __call__(self, event: Event) -> None:
        """Writes one event, at once: the reader may be waiting for it. Signs of life say nothing to a script."""
        if event in (Calling(), TextDelta("")):
            return
        self._file.write(json.dumps(event.to_dict(), ensure_ascii=False) + "\n")
        self._file.flush()

    def close(self) -> None:
        """Nothing is held back."""


def call_text(call: ToolCall) -> str:
    """A call as people read it: `Calculate(1+1)`."""
    return f"{call.name}({call.argument})".translate(CONTROL)
