"""A user's own copies: complete, readable, and usable again."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest

from moss.conversation import Conversation, read_jsonl
from moss.server.markup import render
from tests.fake_agent import plain, with_tools
from tests.server.small_app import register
from tests.server.test_chat_api import browser, new_chat, say
from tests.server.test_files import drawn, tools_of_last

HOSTILE = 'a"b\r\nSet-Cookie: c=d; ../../x \u202e 文'


def test_markdown_tells_the_whole_branch(tmp_path: Path) -> None:
    with browser(tmp_path, with_tools()) as client:
        chat = new_chat(client)
        say(client, chat, "sum and capital")
        answer = client.get(f"/api/chats/{chat}/export?format=md")
        assert answer.headers["content-type"].startswith("text/markdown")
        text = answer.text
        assert text.startswith("# sum and capital\n")
        for part in (
            "## You",
            "## MOSS",
            "> I compute and look up.",
            "Calculate: 37*48+5",
            "1781",
            "1. France: facts/",
        ):
            assert part in text
        assert "in 巴黎[1]." in text
        assert "<|1|>" not in text.split("**Sources**")[0].split("</details>")[-1]


def test_markdown_holds_what_would_break_out_of_it(tmp_path: Path) -> None:
    from moss.conversation import ToolCall
    from moss.events import Finished, TextDelta, ToolCalled, ToolReturned

    bad = "x\n```\n</details><script>alert(1)</script>\n````"
    events = [
        ToolCalled(0, ToolCall("Search", "</summary><b>")),
        ToolReturned(0, ToolCall("Search", "</summary><b>", bad, "ok")),
        TextDelta("done"),
        Finished("done", "stop", 1, 1),
    ]
    with browser(tmp_path, events) as client:
        chat = new_chat(client)
        say(client, chat, "q")
        text = client.get(f"/api/chats/{chat}/export").text
    assert "<summary>Search: &lt;/summary&gt;&lt;b&gt;</summary>" in text
    inside = text[text.index("`````text\n") : text.rindex("`````")]
    assert bad in inside
    assert text.rstrip().endswith("done")
    assert "<script>" not in render(text)


def test_jsonl_is_read_again_branch_by_branch(tmp_path: Path) -> None:
    with browser(tmp_path / "data", with_tools(), plain("other")) as client:
        chat = new_chat(client)
        say(client, chat, "first")
        say(client, chat, "edited")
        every = client.get(f"/api/chats/{chat}/export?format=jsonl").text
        shown = client.get(f"/api/chats/{chat}/export?format=jsonl&branches=shown").text
    file = tmp_path / "chat.jsonl"
    file.write_text(every, encoding="utf-8")
    first, edited = read_jsonl(file)
    assert [message.content for message in edited.messages] == ["edited", "other"]
    assert [call.name for call in first.messages[1].tool_calls] == ["Calculate", "Search"]
    assert first.messages[1].thought == "I compute and look up."
    assert [Conversation.from_dict(json.loads(line)) for line in shown.splitlines()] == [edited]


def test_an_empty_chat_is_an_empty_export(tmp_path: Path) -> None:
    with browser(tmp_path, plain("x")) as client:
        chat = new_chat(client)
        assert client.get(f"/api/chats/{chat}/export?format=jsonl").text == ""
        assert client.get(f"/api/chats/{chat}/export?format=md").text.startswith("# MOSS\n")


@pytest.mark.parametrize("form", ["md", "jsonl"])
def test_H8_titles_do_not_get_into_headers(tmp_path: Path, form: str) -> None:
    with browser(tmp_path, plain("x")) as client:
        chat = new_chat(client)
        client.patch(f"/api/chats/{chat}", json={"title": HOSTILE})
        answer = client.get(f"/api/chats/{chat}/export?format={form}")
        assert answer.status_code == 200
        disposition = answer.headers["content-disposition"]
        assert disposition.isascii()
        assert disposition.startswith(f"attachment; filename=\"moss.{form}\"; filename*=UTF-8''")
        assert not set(disposition.split("''")[1]) & set('"/\\;, \r\n')
        assert "set-cookie" not in answer.headers


def test_the_archive_holds_everything_of_an_account(tmp_path: Path) -> None:
    answers = (with_tools(), drawn(tmp_path / "1.png"))
    with browser(tmp_path / "data", *answers, public=True, registration="open") as ann:
        register(ann, "ann")
        key = ann.post("/api/keys", json={"name": "script"}).json()
        one, two = new_chat(ann), new_chat(ann)
        reply = say(ann, one, "sum / and: capital?")["generations"][0]["message_id"]
        ann.put(f"/api/messages/{reply}/feedback", json={"rating": 1, "labels": ["helpful"], "text": "好"})
        say(ann, two, "draw")
        (address,) = tools_of_last(ann, two)[0]["files"]
        answer = ann.get("/api/me/export")
        assert answer.headers["content-type"] == "application/zip"

    with ZipFile(BytesIO(answer.content)) as archive:
        names = archive.namelist()
        account = json.loads(archive.read("account.json"))
        picture = f"files/{address.removeprefix('/files/')}.webp"
        assert picture in names
        assert archive.read(picture)[:4] == b"RIFF"
        markdowns = [archive.read(name).decode() for name in names if name.endswith(".md")]
        lines = [archive.read(name).decode() for name in names if name.endswith(".jsonl")]
    assert len(markdowns) == len(lines) == 2
    assert any(f"](../{picture})" in text for text in markdowns)
    assert all(Conversation.from_dict(json.loads(line)) for text in lines for line in text.splitlines())
    assert not any(".." in name or name.startswith("/") for name in names)
    assert account["profile"]["name"] == "ann"
    assert account["feedback"][0]["text"] == "好"
    assert account["api_keys"][0]["name"] == "script"
    kept = json.dumps(account)
    assert "hash" not in kept
    assert key["key"] not in kept
