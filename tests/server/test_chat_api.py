"""The routes of chats over HTTP: what they answer, what they refuse, and that everybody reaches only their own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from moss.server.app import create_app
from moss.server.settings import ServerSettings
from tests.fake_agent import assistant_that_says, plain, with_tools
from tests.server.jobs_alone import Dictated
from tests.server.small_app import HERE, LOCAL, another, register


@contextmanager
def browser(folder: Path, *answers: Any, **settings: Any) -> Iterator[TestClient]:
    """The page of a local server."""
    chosen = {"compare_share": 0.0, "flush_milliseconds": 1} | settings
    assistant, _ = assistant_that_says(*answers)
    found = ServerSettings(data=folder, **chosen)
    with TestClient(create_app(assistant, found), base_url=HERE if found.public else LOCAL) as client:
        if not found.public:
            client.headers["X-CSRF-Token"] = client.get("/api/session").json()["csrf"]
        yield client


def new_chat(client: TestClient) -> str:
    answer = client.post("/api/chats", json={})
    assert answer.status_code == 201
    return str(answer.json()["id"])


def say(client: TestClient, chat_id: str, text: str, parent_id: str | None = None, **more: Any) -> dict[str, Any]:
    """Posts a message and waits for the end of the reply; what the post was answered."""
    body = {"client_msg_id": f"{text} {parent_id}", "parent_id": parent_id, "text": text, **more}
    answer = client.post(f"/api/chats/{chat_id}/messages", json=body)
    assert answer.status_code == 201, answer.text
    posted: dict[str, Any] = answer.json()
    for generation in posted["generations"]:
        events(client, generation["id"])
    return posted


def events(client: TestClient, generation_id: str, **asked: Any) -> list[tuple[int, str, Any]]:
    answer = client.get(f"/api/generations/{generation_id}/events", **asked)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/event-stream")
    found = []
    for frame in answer.text.split("\n\n")[:-1]:
        fields = dict(line.split(": ", 1) for line in frame.splitlines())
        if "id" in fields:
            found.append((int(fields["id"]), fields["event"], json.loads(fields["data"])))
    return found


@pytest.fixture
def local(tmp_path: Path) -> Iterator[TestClient]:
    with browser(tmp_path, with_tools(), plain("Another.")) as client:
        yield client


def test_a_chat_from_its_beginning_to_its_end(local: TestClient) -> None:
    chat_id = new_chat(local)
    posted = say(local, chat_id, "What is 37*48+5? 多少？")
    assert posted["message"]["text"] == "What is 37*48+5? 多少？"
    chat = local.get(f"/api/chats/{chat_id}").json()
    question, reply = chat["messages"]
    assert chat["chat"]["title"] == "What is 37*48+5? 多少？"
    assert chat["chat"]["leaf_id"] == reply["id"] == posted["generations"][0]["message_id"]
    assert reply["parent_id"] == question["id"]
    assert "1781" in reply["html"]
    again = local.post(f"/api/messages/{reply['id']}/regenerate", json={"client_msg_id": "again"})
    assert again.status_code == 201
    events(local, again.json()["generations"][0]["id"])
    assert [m["role"] for m in local.get(f"/api/chats/{chat_id}").json()["messages"]] == ["user"] + ["assistant"] * 2
    assert local.delete(f"/api/chats/{chat_id}").status_code == 204
    assert local.get(f"/api/chats/{chat_id}").status_code == 404
    assert local.get(f"/api/generations/{posted['generations'][0]['id']}/events").status_code == 404
    assert local.get("/api/chats").json() == {"chats": [], "next": None}


def test_a_log_is_taken_up_where_it_was_left(local: TestClient) -> None:
    posted = say(local, new_chat(local), "Hello")
    generation_id = posted["generations"][0]["id"]
    whole = events(local, generation_id)
    assert [number for number, _, _ in whole] == list(range(1, len(whole) + 1))
    assert events(local, generation_id, headers={"Last-Event-ID": "3"}) == whole[3:]
    assert events(local, generation_id, params={"after": 4}) == whole[4:]
    nothing_more = local.get(f"/api/generations/{generation_id}/events", params={"after": len(whole)})
    assert (nothing_more.status_code, nothing_more.content) == (204, b"")


def test_chats_are_listed_searched_renamed_and_switched(local: TestClient) -> None:
    first, second = new_chat(local), new_chat(local)
    say(local, first, "About Paris")
    say(local, second, "说说北京")
    assert [chat["id"] for chat in local.get("/api/chats").json()["chats"]] == [second, first]
    found = local.get("/api/chats", params={"query": "PARIS"}).json()["chats"]
    assert [chat["id"] for chat in found] == [first]
    page = local.get("/api/chats", params={"limit": 1}).json()
    rest = local.get("/api/chats", params={"limit": 1, "before": page["next"]}).json()
    assert [page["chats"][0]["id"], rest["chats"][0]["id"], rest["next"]] == [second, first, None]
    changed = local.patch(f"/api/chats/{first}", json={"title": " A  title ", "tools": ["Search"], "collect": False})
    assert changed.json()["title"] == "A title"
    assert (changed.json()["tools"], changed.json()["collect"]) == (["Search"], False)
    back = local.patch(f"/api/chats/{first}", json={"tools": None}).json()
    assert (back["tools"], back["collect"], back["title"]) == (None, False, "A title")


def test_feedback_reports_and_choices(tmp_path: Path) -> None:
    with browser(tmp_path, plain("One."), plain("Two."), compare_share=1.0) as client:
        chat_id = new_chat(client)
        posted = say(client, chat_id, "Hello")
        first, second = (generation["message_id"] for generation in posted["generations"])
        rated = {"rating": 1, "labels": ["helpful"], "text": "很好"}
        assert client.put(f"/api/messages/{first}/feedback", json=rated).json() == rated
        rated = {"rating": -1, "labels": ["wrong", "too_long"], "text": ""}
        assert client.put(f"/api/messages/{first}/feedback", json=rated).json() == rated
        assert client.put(f"/api/messages/{first}/feedback", json={"rating": 2}).status_code == 400
        assert client.put(f"/api/messages/{posted['message']['id']}/feedback", json={"rating": 1}).status_code == 409
        reported = client.post(f"/api/messages/{first}/report", json={"reason": "harmful", "text": "!"})
        assert reported.status_code == 204
        both = client.get(f"/api/chats/{chat_id}").json()["messages"][1:]
        assert [message["choice_id"] for message in both] == [posted["choice_id"]] * 2
        assert client.put(f"/api/choices/{posted['choice_id']}", json={"verdict": "second"}).status_code == 204
        chat = client.get(f"/api/chats/{chat_id}").json()
        assert chat["chat"]["leaf_id"] == second
        assert [message["feedback"] for message in chat["messages"]] == [None, rated, None]
        assert {message["choice_id"] for message in chat["messages"]} == {None}


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"text": "Hello"}, "client_msg_id"),
        ({"client_msg_id": "a", "text": ""}, "text"),
        ({"client_msg_id": "a", "text": " \n"}, "text"),
        ({"client_msg_id": "a", "text": "x" * 101}, "text"),
        ({"client_msg_id": "a", "text": "Hello", "tools": ["Shell"]}, "tools"),
        ({"client_msg_id": "a", "text": "Hello", "quality": 101}, "quality"),
        ({"client_msg_id": "a", "text": "Hello", "user_id": "b"}, "user_id"),
    ],
)
def test_a_message_that_cannot_be_is_told_by_its_field(tmp_path: Path, body: dict[str, Any], param: str) -> None:
    with browser(tmp_path, plain("Hello."), message_characters=100) as client:
        answer = client.post(f"/api/chats/{new_chat(client)}/messages", json=body)
    assert answer.status_code == 400, answer.text
    assert answer.json()["error"]["param"] == param


def test_a_write_without_a_proof_that_it_is_ours_is_refused(local: TestClient) -> None:
    del local.headers["X-CSRF-Token"]
    assert local.post("/api/chats", json={}).status_code == 403


def test_A2_nobody_reaches_what_is_somebody_elses(tmp_path: Path) -> None:
    public = {"public": True, "registration": "open", "compare_share": 1.0}
    with browser(tmp_path, plain("One."), plain("Two."), **public) as owner:
        register(owner, "owner")
        chat_id = new_chat(owner)
        posted = say(owner, chat_id, "A secret")
        generation_id, message_id = posted["generations"][0]["id"], posted["generations"][0]["message_id"]
        other = another(owner)
        register(other, "other")
        own_chat = new_chat(other)
        foreign = [
            ("GET", f"/api/chats/{chat_id}", None),
            ("PATCH", f"/api/chats/{chat_id}", {"title": "Mine"}),
            ("PATCH", f"/api/chats/{own_chat}", {"leaf_id": message_id}),
            ("DELETE", f"/api/chats/{chat_id}", None),
            ("POST", f"/api/chats/{chat_id}/messages", {"client_msg_id": "a", "text": "Hello"}),
            (
                "POST",
                f"/api/chats/{own_chat}/messages",
                {"client_msg_id": "a", "parent_id": message_id, "text": "Go on"},
            ),
            ("POST", f"/api/messages/{message_id}/regenerate", {"client_msg_id": "a"}),
            ("POST", f"/api/messages/{message_id}/continue", {"client_msg_id": "a"}),
            ("POST", f"/api/generations/{generation_id}/stop", None),
            ("GET", f"/api/generations/{generation_id}/events", None),
            ("PUT", f"/api/messages/{message_id}/feedback", {"rating": 1}),
            ("POST", f"/api/messages/{message_id}/report", {"reason": "wrong"}),
            ("PUT", f"/api/choices/{posted['choice_id']}", {"verdict": "first"}),
        ]
        for method, path, body in foreign:
            answer = other.request(method, path, json=body)
            assert answer.status_code == 404, (method, path, answer.text)
            assert "secret" not in answer.text
        assert other.get("/api/chats", params={"query": "secret"}).json()["chats"] == []
        stranger = another(owner)
        for method, path, body in foreign:
            assert stranger.request(method, path, json=body).status_code in (401, 403), (method, path)
        assert owner.get(f"/api/chats/{chat_id}").json()["chat"]["title"] == "A secret"


def test_a_user_has_so_many_replies_at_once(tmp_path: Path) -> None:
    never = Dictated()
    with browser(tmp_path, never, public=True, registration="open", user_generations=1, drain_seconds=0) as client:
        register(client, "one")
        chat_id = new_chat(client)
        body = {"client_msg_id": "a", "text": "Hello"}
        assert client.post(f"/api/chats/{chat_id}/messages", json=body).status_code == 201
        refused = client.post(f"/api/chats/{chat_id}/messages", json={**body, "client_msg_id": "b"})
        assert (refused.status_code, refused.json()["error"]["code"]) == (429, "too_many_generations")
        assert int(refused.headers["retry-after"]) > 0
        never.end()
