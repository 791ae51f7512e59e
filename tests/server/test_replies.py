"""Replies as events, as lines of a log and as messages: each is enough to make the others; and a branch as a prompt."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from moss.conversation import Message
from moss.events import Calling, Event, TextDelta, ThoughtDelta, ToolCalled, ToolReturned, fold
from moss.server.chat_orders import history
from moss.server.replies import Reply, coalesced, events_in, events_of, tool
from moss.server.store.schema import Message as MessageRow
from tests.fake_agent import SUM, SUM_DONE, plain, with_tools

TWO_ROUNDS: list[Event] = [
    *with_tools()[:8],
    ThoughtDelta("Again."),
    ToolCalled(2, SUM),
    ToolReturned(2, SUM_DONE),
    TextDelta("Done "),
    TextDelta("twice."),
]


@pytest.mark.parametrize("events", [plain("Hello."), with_tools()[:-1], TWO_ROUNDS, [ThoughtDelta("cut")], []])
def test_the_lines_of_a_log_are_enough_to_make_the_message(events: list[Event]) -> None:
    reply, again = Reply(quality=80), Reply(quality=80)
    lines = [line for event in events for line in reply.take(event)]
    for event in events_of(lines):
        again.take(event)
    assert again.messages() == reply.messages()
    *before, last = fold(events)
    assert reply.messages() == [*before, replace(last, quality=80)]


@pytest.mark.parametrize("events", [plain("Hello."), with_tools(), TWO_ROUNDS])
def test_messages_fold_from_the_events_they_are_told_as(events: list[Event]) -> None:
    assert fold(events_in(fold(events))) == fold(events)


def test_what_the_assistant_does_is_told_once_where_it_changes() -> None:
    reply = Reply()
    lines = [line for event in with_tools() for line in reply.take(event)]
    stages = [line.payload["stage"] for line in lines if line.type == "stage"]
    assert stages == ["thinking", "calling", "tool", "answering"]
    assert [type(event) for event in coalesced(with_tools()[:5])] == [ThoughtDelta, Calling, ToolCalled]


def test_text_and_thought_are_joined_and_never_mixed() -> None:
    events = [ThoughtDelta("a"), ThoughtDelta("b"), TextDelta("c"), TextDelta("d"), ThoughtDelta("e")]
    assert coalesced(events) == [ThoughtDelta("ab"), TextDelta("cd"), ThoughtDelta("e")]


def test_a_tool_that_has_not_come_back_at_the_end_is_stopped() -> None:
    reply = Reply()
    (stage, line) = reply.take(ToolCalled(0, SUM))
    assert (stage.payload["stage"], line.payload["status"]) == ("tool", "running")
    (line,) = reply.close()
    assert line.payload == {**tool(0, SUM), "status": "stopped"}
    assert reply.messages()[0].tool_calls == (replace(SUM, status="stopped"),)
    assert reply.close() == []


def row(role: Any, *contents: str | None, moderation: str | None = None) -> MessageRow:
    body = [Message(role, content).to_dict() for content in contents]
    return MessageRow(chat_id="c", role=role, body=body, moderation=moderation)


@pytest.mark.parametrize(
    ("branch", "said"),
    [
        ([row("user", "Q")], ["Q"]),
        ([row("user", "Q"), row("assistant", "A"), row("user", "R")], ["Q", "A", "R"]),
        ([row("user", "Q"), row("assistant", ""), row("user", "R")], ["Q\n\nR"]),
        ([row("user", "Q"), row("assistant"), row("user", "R")], ["Q\n\nR"]),
        ([row("user", "Q", moderation="refused"), row("assistant", ""), row("user", "R")], ["R"]),
        ([row("user", "Q", moderation="refused"), row("assistant", "A"), row("user", "R")], ["R"]),
        ([row("user", "Q"), row("assistant", "A", moderation="refused"), row("user", "R")], ["Q", "A", "R"]),
    ],
)
def test_a_branch_is_a_dialogue_in_turn(branch: list[MessageRow], said: list[str]) -> None:
    messages = history(branch)
    assert [message.content for message in messages] == said
    assert [message.role for message in messages] == ["user", "assistant", "user"][: len(said)]
