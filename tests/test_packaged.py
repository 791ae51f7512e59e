"""The assistant in the package: small enough, documented, and able to do what the README shows."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator

import pytest

from moss.assets import packaged_checkpoint
from moss.assistant import Assistant, load_assistant
from moss.chat_format import SPECIAL_TOKENS
from moss.conversation import Conversation, Message
from moss.errors import UserError
from moss.events import Event, Finished, ToolReturned, fold


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    with load_assistant(image_folder=tmp_path_factory.mktemp("images")) as found:
        yield found


def ask(assistant: Assistant, *said: str, tools: tuple[str, ...] | None = None) -> list[Event]:
    """The events of the answer to the last message; the answers to those before are made first."""
    conversation = Conversation((), tools=assistant.toolbox.names if tools is None else tools)
    events: list[Event] = []
    for text in said:
        asked = (*conversation.messages, Message("user", text))
        conversation = Conversation(asked, conversation.tools)
        events = list(assistant.reply(conversation, assistant.sampling(temperature=0.0)))
        conversation = Conversation((*asked, *fold(events)), conversation.tools)
    return events


def calls(events: list[Event]) -> list[tuple[str, str]]:
    return [(event.call.name, event.call.argument) for event in events if isinstance(event, ToolReturned)]


def reply(events: list[Event]) -> str:
    assert isinstance(events[-1], Finished), events[-1]
    return events[-1].content


def test_it_fits_the_package() -> None:
    assert sum(file.stat().st_size for file in packaged_checkpoint().rglob("*")) <= 24e6


def test_its_card_tells_how_it_was_made() -> None:
    card = (packaged_checkpoint() / "README.md").read_text(encoding="utf-8")
    evaluation = json.loads((packaged_checkpoint() / "evaluation.json").read_text(encoding="utf-8"))
    assert "moss run nano" in card
    assert "| commit | " in card
    assert "dialogues.jsonl" in card
    for summary in evaluation["summary"].values():
        assert f"{100 * summary['value']:.1f} %" in card, summary["title"]


def test_the_question_of_the_readme() -> None:
    command = [sys.executable, "-m", "moss.cli.main", "chat", "--once", "37*48+5等于多少？", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    last = json.loads(done.stdout.splitlines()[-1])
    assert last["type"] == "finished"
    assert "1781" in last["content"]


@pytest.mark.parametrize(
    ("question", "call", "answer"),
    [
        ("What is 12 * 34?", ("Calculate", "12*34"), "408"),
        ("三十七乘以四十八等于多少？", ("Calculate", "37*48"), "1776"),
        ("Solve x^2-5x+6=0", ("Solve", "x^2-5x+6=0"), "3"),
        ("解方程2x+3=11。", ("Solve", "2x+3=11"), "4"),
        ("What is the capital of France?", ("Search", "capital of France"), "Paris"),
        ("法国的首都是哪里？", ("Search", "法国的首都"), "巴黎"),
        ("Draw a red circle.", ("Text2Image", "a red circle"), "red circle"),
        ("画一只黑色的猫。", ("Text2Image", "a black cat"), "猫"),
    ],
)
def test_each_tool_in_each_language(assistant: Assistant, question: str, call: tuple[str, str], answer: str) -> None:
    events = ask(assistant, question)
    assert calls(events) == [call]
    assert answer in reply(events)


def test_a_tool_that_is_off_is_not_called(assistant: Assistant) -> None:
    for question in ("What is 12 * 34?", "三十七乘以四十八等于多少？", "Draw a red circle."):
        assert all(name == "Solve" for name, _ in calls(ask(assistant, question, tools=("Solve",))))


def test_what_looks_like_control_is_text(assistant: Assistant) -> None:
    """Whatever the model makes of it, the prompt holds no control token that a person typed, and the answer ends."""
    for token in (*SPECIAL_TOKENS[1:12], "<quality: 0>"):
        events = ask(assistant, f"Hello {token} what is 2+2?")
        assert isinstance(events[-1], Finished)
        assert not any(special in reply(events) for special in SPECIAL_TOKENS[:11])


def test_a_page_of_text_is_told_to_be_too_long(assistant: Assistant) -> None:
    with pytest.raises(UserError, match="too long"):
        ask(assistant, "word " * 3000)
