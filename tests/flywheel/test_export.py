"""Exports of chats as trees: which paths become conversations, prompts and pairs, and that training reads them."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest

from moss.chat_format import render_text
from moss.conversation import Message, ToolCall, read_jsonl, read_pairs
from moss.errors import UserError
from moss.flywheel.collected import CollectedChat, CollectedChoice, CollectedFeedback, CollectedMessage
from moss.flywheel.export import Exporter, ExportSettings
from moss.flywheel.withdrawal import drop


def user(id: str, parent: str | None, text: str, **state: bool) -> CollectedMessage:
    return CollectedMessage(id, parent, "user", (Message("user", text),), 0, **{"consented": True, **state})


def reply(id: str, parent: str, text: str, rating: int | None = None, **state: bool) -> CollectedMessage:
    feedback = None if rating is None else CollectedFeedback(rating)
    turn = (Message("assistant", text, quality=100),)
    return CollectedMessage(id, parent, "assistant", turn, 0, feedback=feedback, **{"consented": True, **state})


def chat(*messages: CollectedMessage, choices: tuple[CollectedChoice, ...] = (), id: str = "c") -> CollectedChat:
    return CollectedChat(id, "u", True, messages, choices=choices)


def exported(folder: Path, *chats: CollectedChat, **settings: bool) -> dict[str, object]:
    with Exporter(folder, ExportSettings(**settings)) as exporter:
        for one in chats:
            exporter.add(one)
        return exporter.finish()


def talks(folder: Path, name: str = "conversations") -> list[str]:
    return [
        " | ".join(message.content or "" for message in talk.messages) for talk in read_jsonl(folder / f"{name}.jsonl")
    ]


def pairs(folder: Path) -> list[tuple[str, str | None, str | None]]:
    return [(p.meta["kind"], p.chosen[0].content, p.rejected[0].content) for p in read_pairs(folder / "pairs.jsonl")]


def test_every_branch_is_a_conversation(tmp_path: Path) -> None:
    tree = chat(
        user("1", None, "q"), reply("2", "1", "a"), reply("3", "1", "b"), user("4", "3", "more"), reply("5", "4", "c")
    )
    exported(tmp_path, tree)
    assert sorted(talks(tmp_path)) == ["q | a", "q | b | more | c"]


def test_training_renders_what_was_exported_rounds_of_tools_and_all(tmp_path: Path) -> None:
    drawn = ToolCall("Text2Image", "a cat", "drawn", "ok", files=("/srv/private/ann/cat.png",))
    looked = ToolCall("Search", "cats", "found", "ok")
    turn = (
        Message("assistant", None, thought="I look.", tool_calls=(looked,)),
        Message("assistant", "Here is a cat.", thought="I draw.", tool_calls=(drawn,), quality=100),
    )
    rounds = CollectedMessage("2", "1", "assistant", turn, 0, consented=True)
    exported(
        tmp_path, chat(user("1", None, "Draw a cat"), rounds, user("3", "2", "Thanks"), reply("4", "3", "Gladly."))
    )
    (talk,) = read_jsonl(tmp_path / "conversations.jsonl")
    assert "Gladly." in render_text(talk)
    assert "private" not in (tmp_path / "conversations.jsonl").read_text(encoding="utf-8")


def test_a_wished_quality_is_no_tag_of_the_reply(tmp_path: Path) -> None:
    exported(tmp_path, chat(user("1", None, "q"), reply("2", "1", "a", rating=1)))
    (talk,) = read_jsonl(tmp_path / "conversations.jsonl")
    assert talk.messages[1].quality is None


def test_what_may_not_be_exported_cuts_a_path(tmp_path: Path) -> None:
    tree = chat(
        user("1", None, "secret", consented=False),
        reply("2", "1", "hidden", consented=False),
        user("3", "2", "open"),
        reply("4", "3", "answer"),
        user("5", "4", "refused", blocked=True),
    )
    manifest = exported(tmp_path, tree)
    assert talks(tmp_path) == ["open | answer"]
    assert manifest["left_out"] == {"not_consented": 2, "moderated": 1}


def test_a_question_without_a_usable_reply_is_a_prompt(tmp_path: Path) -> None:
    tree = chat(
        user("1", None, "q"), reply("2", "1", "a"), user("3", "2", "and?"), reply("4", "3", "half of", complete=False)
    )
    exported(tmp_path, tree)
    assert talks(tmp_path) == ["q | a"]
    assert talks(tmp_path, "prompts") == ["q | a | and?"]


def test_the_same_conversation_stands_once(tmp_path: Path) -> None:
    chats = [chat(user(f"{n}u", None, "hello"), reply(f"{n}r", f"{n}u", "hi"), id=f"c{n}") for n in range(3)]
    manifest = exported(tmp_path, *chats)
    assert talks(tmp_path) == ["hello | hi"]
    assert manifest["left_out"] == {"duplicates": 2}


@pytest.mark.parametrize(
    ("ratings", "continued", "expected"),
    [
        ((1, -1), None, [("rating", "a", "b")]),
        ((-1, 1), None, [("rating", "b", "a")]),
        ((None, 1), None, [("regeneration", "b", "a")]),
        ((None, None), "3", [("regeneration", "b", "a")]),
        ((1, None), "3", []),
        ((None, None), None, []),
        ((None, None), "2", []),
    ],
)
def test_preferences_follow_from_what_was_done(
    tmp_path: Path, ratings: tuple[int | None, int | None], continued: str | None, expected: list[tuple[str, str, str]]
) -> None:
    messages = [user("1", None, "q"), reply("2", "1", "a", ratings[0]), reply("3", "1", "b", ratings[1])]
    if continued:
        messages.append(user("4", continued, "go on"))
    exported(tmp_path, chat(*messages))
    assert pairs(tmp_path) == expected


@pytest.mark.parametrize(
    ("verdict", "expected"),
    [("first", [("choice", "a", "b")]), ("second", [("choice", "b", "a")]), ("tie", []), ("both_bad", [])],
)
def test_a_choice_outweighs_thumbs(tmp_path: Path, verdict: str, expected: list[tuple[str, str, str]]) -> None:
    choice = CollectedChoice("2", "3", verdict)  # type: ignore[arg-type]
    tree = chat(user("1", None, "q"), reply("2", "1", "a", -1), reply("3", "1", "b", 1), choices=(choice,))
    exported(tmp_path, tree)
    assert pairs(tmp_path) == expected


def test_no_pair_takes_a_reply_that_may_not_be_exported(tmp_path: Path) -> None:
    exported(tmp_path, chat(user("1", None, "q"), reply("2", "1", "a", 1), reply("3", "1", "b", -1, consented=False)))
    assert pairs(tmp_path) == []


def test_replies_that_differ_only_in_how_a_number_is_written_make_no_pair(tmp_path: Path) -> None:
    one, other = "Call +86 138 1234 5678.", "Call +8613812345678."
    tree = chat(user("1", None, "q"), reply("2", "1", one, 1), reply("3", "1", other, -1))
    assert exported(tmp_path, tree)["left_out"] == {"equal_pairs": 1, "duplicates": 1}


def test_the_manifest_says_what_the_files_are(tmp_path: Path) -> None:
    manifest = exported(tmp_path, chat(user("1", None, "How much is 1+2?"), reply("2", "1", "3")))
    assert json.loads((tmp_path / "manifest.json").read_text(encoding="utf-8")) == manifest
    described = manifest["files"]["conversations.jsonl"]  # type: ignore[index]
    assert described["sha256"] == hashlib.sha256((tmp_path / "conversations.jsonl").read_bytes()).hexdigest()
    assert (described["lines"], manifest["intents"], manifest["languages"]) == (1, {"arithmetic": 1}, {"en": 1})


def test_a_folder_holds_one_export(tmp_path: Path) -> None:
    exported(tmp_path, chat())
    with pytest.raises(UserError, match="holds an export already"):
        exported(tmp_path, chat())


def test_a_failed_export_leaves_no_file(tmp_path: Path) -> None:
    damaged = replace(chat(user("1", None, "q"), reply("2", "1", "a")), messages=(None,))  # type: ignore[arg-type]
    with pytest.raises(AttributeError):
        exported(tmp_path, chat(user("1", None, "q"), reply("2", "1", "a")), damaged)
    assert list(tmp_path.iterdir()) == []


def test_drop_refuses_a_file_that_is_no_export(tmp_path: Path) -> None:
    (tmp_path / "other.jsonl").write_text('{"messages": []}\n', encoding="utf-8")
    with pytest.raises(UserError, match="line 1: no line of an export"):
        drop(tmp_path / "other.jsonl", tmp_path / "out.jsonl", set())
    assert not (tmp_path / "out.jsonl").exists()
