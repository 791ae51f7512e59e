"""Placeholders: the same thing has the same name everywhere in one chat, and every text of a record is covered."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from moss.conversation import Citation, Conversation, Message, ToolCall
from moss.flywheel.deidentify import Deidentifier


def cleaned(*texts: str) -> list[str]:
    clean = Deidentifier()
    for text in texts:
        clean.learn({"content": text})
    return [clean.text(text)[0] for text in texts]


def test_a_value_keeps_its_placeholder_and_another_gets_the_next_number() -> None:
    assert cleaned("电话13812345678", "138-1234-5678还是13987654321？", "a@b.org") == [
        "电话[PHONE_1]",
        "[PHONE_1]还是[PHONE_2]？",
        "[EMAIL_1]",
    ]


def test_a_name_is_known_before_and_after_it_was_introduced() -> None:
    assert cleaned("张伟是谁？", "我叫张伟。", "你好，张伟！") == [
        "[NAME_1]是谁？",
        "我叫[NAME_1]。",
        "你好，[NAME_1]！",
    ]


def test_parts_of_a_name_are_the_same_person() -> None:
    assert cleaned("My name is John Smith.", "Hello John, or Mr. Smith?", "Ms. Brown is not.") == [
        "My name is [NAME_1].",
        "Hello [NAME_1], or Mr. [NAME_1]?",
        "Ms. [NAME_2] is not.",
    ]


def test_a_name_that_is_a_word_is_replaced_only_where_it_is_the_name() -> None:
    assert cleaned("My name is May.", "It rains in May.") == ["My name is [NAME_1].", "It rains in May."]


def test_a_short_number_found_once_is_no_persons_everywhere() -> None:
    assert cleaned("我的QQ号是12345", "12345+1=12346") == ["我的QQ号是[ACCOUNT_1]", "12345+1=12346"]


def test_every_text_of_a_conversation_is_covered_and_reported() -> None:
    mail = "ann@example.org"
    call = ToolCall("Search", mail, f"found {mail}", "ok", (Citation(1, mail, mail, mail),))
    conversation = Conversation(
        (Message("user", mail), Message("assistant", mail, thought=mail, tool_calls=(call,), verbatim={"x": mail})),
        tools=("Search",),
        meta={"title": mail},
    )
    clean = Deidentifier()

    record = clean.record(conversation.to_dict())

    assert "ann@" not in json.dumps(record)
    assert Conversation.from_dict(record).tools == ("Search",)
    assert {finds.where for finds in clean.report.texts} == {
        "messages.0.content",
        "messages.1.content",
        "messages.1.thought",
        "messages.1.tool_calls.0.argument",
        "messages.1.tool_calls.0.result",
        "messages.1.tool_calls.0.citations.0.title",
        "messages.1.tool_calls.0.citations.0.source",
        "messages.1.tool_calls.0.citations.0.snippet",
        "messages.1.verbatim.x",
        "meta.title",
    }
    assert clean.report.counts == {"EMAIL": 10}


@given(st.text(max_size=200))
def test_what_stands_between_placeholders_is_the_text(text: str) -> None:
    clean = Deidentifier()
    clean.learn({"content": text})
    result, spans = clean.text(text)
    kept = "".join(
        text[a:b] for a, b in zip([0, *(s.end for s in spans)], [*(s.start for s in spans), len(text)], strict=True)
    )
    assert len(result) >= len(kept)
    assert (result == text) == (not spans)
