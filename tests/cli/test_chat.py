"""The terminal chat, without a model: what is shown, what is remembered, what the commands do."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from typer.testing import CliRunner

from moss.cli.chat import Chat
from moss.cli.main import USER_ERROR, app
from moss.cli.terminal import CITATION, AnswerPrinter, CitationMarks
from moss.conversation import Citation, Message, ToolCall, read_jsonl
from moss.engine.sampling import SamplingParams
from moss.errors import UserError
from moss.events import Event, Failed, Finished, TextDelta, ThoughtDelta, ToolCalled, ToolReturned, fold
from tests.fake_agent import SUM_DONE, assistant_that_says, plain, with_tools


class Session:
    """A chat whose output is at hand."""

    def __init__(
        self,
        *answers: Iterable[Event] | BaseException,
        terminal: bool = False,
        as_json: bool = False,
        knows_quality: bool = False,
    ):
        self._file = io.StringIO()
        self.assistant, self.agent = assistant_that_says(*answers, knows_quality=knows_quality)
        console = Console(file=self._file, force_terminal=terminal, width=60, highlight=False)
        self.chat = Chat(self.assistant, SamplingParams(), console, as_json, interactive=terminal)

    @property
    def shown(self) -> str:
        return self._file.getvalue()


def shown_in_terminal(events: Iterable[Event], terminal: bool = True) -> str:
    file = io.StringIO()
    printer = AnswerPrinter(Console(file=file, force_terminal=terminal, width=60, highlight=False, color_system=None))
    for event in events:
        printer(event)
    printer.close()
    return file.getvalue()


def test_a_terminal_shows_thought_call_result_reply_and_source() -> None:
    shown = shown_in_terminal(with_tools())
    parts = [
        "I compute and look up.\n",
        "✓ Calculate(37*48+5) → 1781\n",
        "✓ Search(capital of France) → <|1|>: 'Paris'\n",
        "It is 1781, in 巴黎[1].\n",
        "[1] France (facts/france.md)\n",
    ]
    at = [shown.find(part) for part in parts]
    assert -1 not in at, shown
    assert at == sorted(at)


def test_a_pipe_gets_the_reply_and_nothing_else() -> None:
    assert shown_in_terminal(with_tools(), terminal=False) == "It is 1781, in 巴黎[1].\n"


def test_a_cut_answer_says_so() -> None:
    assert "length limit" in shown_in_terminal([TextDelta("and so on"), Finished("and so on", "length")])


@given(
    st.lists(st.sampled_from(["<sup><|1|></sup>", "<", "<sup>", "<|", "1", "|>", "</sup>", "文", "a < b"])), st.data()
)
def test_marks_in_pieces_read_as_marks_in_one(parts: list[str], data: st.DataObject) -> None:
    text = "".join(parts)
    marks = CitationMarks()
    shown, rest = "", text
    while rest:
        size = data.draw(st.integers(1, len(rest)))
        shown += marks.feed(rest[:size])
        rest = rest[size:]
    assert shown + marks.flush() == CITATION.sub(r"[\1]", text)


def test_forgotten_turns_are_told() -> None:
    for dropped, told in ((1, "oldest turn was left out"), (2, "oldest 2 turns were left out")):
        shown = shown_in_terminal([TextDelta("yes"), Finished("yes", "stop", dropped_turns=dropped)])
        assert told in " ".join(shown.split())


def test_nothing_that_commands_the_terminal_gets_through() -> None:
    evil = "\x1b]0;title\x07\x9b31m"
    source = Citation(1, f"T{evil}", f"S{evil}", evil)
    call = ToolCall("Search", f"Q{evil}", f"R{evil}", "ok", (source,))
    events = [
        ThoughtDelta(evil),
        ToolCalled(0, call),
        ToolReturned(0, call),
        TextDelta(f"a{evil}\tb"),
        Finished("", "stop"),
    ]
    for terminal in (True, False):
        shown = shown_in_terminal(events, terminal)
        assert "\x1b]" not in shown
        assert "\x9b" not in shown
        assert "\x07" not in shown
        assert "a]0;title31m" in shown


def test_json_is_one_event_a_line_and_finished_last() -> None:
    session = Session([TextDelta(""), *with_tools()], as_json=True)
    session.chat.answer("37*48+5?")
    events = [json.loads(line) for line in session.shown.splitlines()]
    assert events[-1]["type"] == "finished"
    assert events[-1]["content"] == "It is 1781, in 巴黎<sup><|1|></sup>."
    assert {"type": "tool_returned", "index": 0, **SUM_DONE.to_dict()} in events
    assert {"calling", ""}.isdisjoint({event["type"] for event in events} | {event.get("text") for event in events})


def test_the_conversation_goes_on() -> None:
    session = Session(with_tools("1781"), plain("Bye."))
    session.chat.talk(["37*48+5?", "", "thanks"])
    asked = session.agent.asked[1][0]
    assert asked.messages == (Message("user", "37*48+5?"), *fold(with_tools("1781")), Message("user", "thanks"))
    assert session.chat.conversation.messages[-1] == Message("assistant", "Bye.")


def test_ctrl_c_stops_the_answer_and_not_the_chat() -> None:
    class Stopped(list[Event]):
        def __iter__(self):
            yield TextDelta("I was say")
            raise KeyboardInterrupt

    session = Session(Stopped(), plain("Sorry."), terminal=True)
    session.chat.talk(["tell me", "go on"])
    contents = [message.content for message in session.chat.conversation.messages]
    assert contents == ["tell me", "I was say", "go on", "Sorry."]
    assert session.agent.closed == 2


def test_ctrl_c_ends_a_script() -> None:
    session = Session(KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        session.chat.answer("tell me")


def test_a_failed_answer_is_told_and_forgotten() -> None:
    session = Session([Failed("the prompt is too long")], plain("Hello."))
    session.chat.talk(["x" * 9, "hi"])
    assert "the prompt is too long" in session.shown
    assert [message.content for message in session.chat.conversation.messages] == ["hi", "Hello."]
    with pytest.raises(UserError, match="no room"):
        Session(UserError("no room")).chat.answer("hi")


def test_tools_are_listed_and_switched() -> None:
    session = Session(plain("ok"))
    session.chat.talk(["/tools", "/tools Calculate off", "hi", "/tools all off", "hi", "/tools Search on", "hi"])
    assert [tools for _, _, tools, _ in session.agent.asked] == [("Search",), (), ("Search",)]
    assert "on   Calculate" in session.shown
    assert "off  Calculate" in session.shown


def test_only_the_named_tools() -> None:
    session = Session(plain("ok"))
    session.chat.switch_on_only(["Calculate"])
    assert session.chat.conversation.tools == ("Calculate",)
    with pytest.raises(UserError, match="Did you mean Calculate"):
        session.chat.switch_on_only(["Calculat"])


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("/tool", "Did you mean /tools"),
        ("/", "unknown command"),
        ("/tools Serch off", "Did you mean Search"),
        ("/tools Search", "/tools NAME on"),
        ("/save", "needs the name"),
        ("/save x.jsonl", "nothing to save"),
        ("/help", "/clear"),
    ],
)
def test_commands_tell_what_they_need(line: str, told: str) -> None:
    session = Session(plain("ok"))
    session.chat.talk([line])
    assert told in session.shown
    assert not session.agent.asked


def test_the_dial_is_turned_in_the_middle_of_a_conversation() -> None:
    session = Session(plain("ok"), knows_quality=True)
    session.chat.talk(["/quality 83", "hi", "/guidance 1.5", "hi", "/quality off", "hi", "/quality", "/guidance"])
    assert [(sampling.guidance, quality) for _, sampling, _, quality in session.agent.asked] == [
        (0.0, 80),
        (1.5, 80),
        (0.0, None),
    ]
    for told in (
        "no quality 83: the nearest, 80",
        "Quality 80.",
        "Guidance 1.5.",
        "no quality tag",
        "Guidance is off.",
    ):
        assert told in session.shown


@pytest.mark.parametrize(
    ("lines", "knows", "told"),
    [
        (["/quality 80"], False, "trained without quality tags"),
        (["/guidance 1"], False, "trained without quality tags"),
        (["/quality 101"], True, "from 0 to 100"),
        (["/quality high"], True, "from 0 to 100, or off, not 'high'"),
        (["/quality 1 2"], True, "/quality N"),
        (["/quality off", "/guidance 1"], True, "is to have none"),
        (["/quality 90", "/guidance much"], True, "not 'much'"),
        (["/quality 90", "/guidance -1"], True, "between 0 (off) and 100"),
        (["/guidance 1 2"], True, "/guidance X"),
    ],
)
def test_a_quality_that_cannot_be_had_is_told(lines: list[str], knows: bool, told: str) -> None:
    session = Session(plain("ok"), knows_quality=knows)
    session.chat.talk(lines)
    assert told in " ".join(session.shown.split())


def test_clear_forgets_and_exit_leaves() -> None:
    session = Session(plain("ok"))
    session.chat.talk(["hi", "/clear", "again", "/exit", "never asked"])
    assert len(session.agent.asked) == 2
    assert session.agent.asked[1][0].messages == (Message("user", "again"),)


def test_save_writes_our_jsonl_and_spares_other_files(tmp_path: Path) -> None:
    session = Session(with_tools())
    file, taken = tmp_path / "a chat.jsonl", tmp_path / "taken"
    taken.write_text("mine")
    session.chat.talk(["hi", f"/save {file}", "more", f"/save {file}", f"/save {taken}", f"/save {tmp_path}/no/x"])
    assert list(read_jsonl(file)) == [session.chat.conversation]
    assert taken.read_text() == "mine"
    assert "exists already" in session.shown.replace("\n", " ")
    assert "cannot write" in session.shown


def test_json_output_stays_json_when_something_goes_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    session = Session(UserError("no room"), plain("ok"), as_json=True)
    session.chat.talk(["hi", "/nothing", "hi"])
    kinds = [json.loads(line)["type"] for line in session.shown.splitlines()]
    assert kinds == ["failed", "text_delta", "text_delta", "finished"]
    assert "no room" in capsys.readouterr().err


def test_only_a_terminal_shows_escape_codes() -> None:
    session = Session(with_tools())
    session.chat.talk(["hi", "/tools"])
    assert "\x1b" not in session.shown


@pytest.mark.parametrize("options", [["--quality", "80"], ["--guidance", "1"]])
def test_a_model_without_tags_is_not_asked_for_quality(tiny_checkpoint: Path, options: list[str]) -> None:
    ran = CliRunner().invoke(app, ["chat", str(tiny_checkpoint), "--once", "hi", *options])
    assert ran.exit_code == USER_ERROR
    assert ran.stderr.count("\n") == 1
    assert "trained without quality tags" in ran.stderr


@pytest.mark.parametrize("question", ["37*48+5=?", "法国的首都是哪里？" * 40])
def test_a_question_in_the_place_of_the_checkpoint_is_told_where_it_belongs(question: str) -> None:
    told = CliRunner().invoke(app, ["chat", question])
    assert told.exit_code == USER_ERROR
    assert told.stderr.startswith(f"moss: no checkpoint at {question}: ")
    assert told.stderr.endswith(f"moss chat --once '{question}'\n")


def test_bytes_that_are_no_text_do_not_stop_a_script(tiny_checkpoint: Path) -> None:
    options = ["--once", "-", "--json", "--max-tokens", "3", "--seed", "1"]
    command = [sys.executable, "-m", "moss.cli.main", "chat", str(tiny_checkpoint), *options]
    ran = subprocess.run(command, input=b"caf\xe9?", capture_output=True, timeout=300)
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout.splitlines()[-1])["type"] == "finished"
