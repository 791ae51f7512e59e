"""Share links: one branch, as it was, for everybody; nothing about who wrote it, nothing that came later."""

from __future__ import annotations

import json
from pathlib import Path

from tests.fake_agent import plain, with_tools
from tests.server.small_app import another, register
from tests.server.test_chat_api import browser, new_chat, say
from tests.server.test_files import drawn, tools_of_last

PUBLIC = {"public": True, "registration": "open"}


def test_a_shared_branch_is_read_by_everybody_and_tells_no_names(tmp_path: Path) -> None:
    with browser(tmp_path, with_tools(), **PUBLIC) as ann:
        user = register(ann, "ann-with-a-name")["user"]
        chat = new_chat(ann)
        posted = say(ann, chat, "sum and capital")
        ann.put(f"/api/messages/{posted['generations'][0]['message_id']}/feedback", json={"rating": -1, "text": "bad"})
        link = ann.post(f"/api/chats/{chat}/share").json()
        assert link["url"] == f"/s/{link['share_id']}"

        anybody = another(ann)
        answer = anybody.get(f"/api/shared/{link['share_id']}")
        assert answer.status_code == 200
        shared = answer.json()
        assert [message["role"] for message in shared["messages"]] == ["user", "assistant"]
        reply = shared["messages"][1]
        assert reply["tools"][1]["citations"]
        assert 'data-citation="1"' in reply["html"]
        assert reply["feedback"] is None
        told = json.dumps(shared)
        assert user["id"] not in told
        assert user["name"] not in told
        assert chat not in told


def test_what_comes_after_is_not_shared_until_it_is_shared_again(tmp_path: Path) -> None:
    with browser(tmp_path, plain("one"), plain("two"), plain("other")) as client:
        chat = new_chat(client)
        first = say(client, chat, "first")
        link = client.post(f"/api/chats/{chat}/share").json()
        reply = first["generations"][0]["message_id"]
        say(client, chat, "second", reply)
        say(client, chat, "an edit of the first")
        texts = lambda: [m["text"] for m in client.get(f"/api/shared/{link['share_id']}").json()["messages"]]  # noqa: E731
        assert texts() == ["first", "one"]
        assert client.post(f"/api/chats/{chat}/share").json()["share_id"] == link["share_id"]
        assert texts() == ["an edit of the first", "other"]


def test_a_link_that_was_ended_is_gone_for_good(tmp_path: Path) -> None:
    with browser(tmp_path, plain("one")) as client:
        chat = new_chat(client)
        assert client.post(f"/api/chats/{chat}/share").status_code == 409  # there is nothing in it
        say(client, chat, "first")
        old = client.post(f"/api/chats/{chat}/share").json()["share_id"]
        assert client.delete(f"/api/chats/{chat}/share").status_code == 204
        assert client.get(f"/api/shared/{old}").status_code == 404
        assert client.post(f"/api/chats/{chat}/share").json()["share_id"] != old
        client.delete(f"/api/chats/{chat}")
        assert client.get(f"/api/shared/{old}").status_code == 404


def test_A2_only_the_owner_shares_and_ends_it(tmp_path: Path) -> None:
    with browser(tmp_path, plain("one"), **PUBLIC) as ann:
        register(ann, "ann")
        chat = new_chat(ann)
        say(ann, chat, "first")
        share = ann.post(f"/api/chats/{chat}/share").json()["share_id"]
        bob = another(ann)
        assert bob.post(f"/api/chats/{chat}/share").status_code in (401, 403)
        register(bob, "bob")
        for ask in (bob.post, bob.delete):
            assert ask(f"/api/chats/{chat}/share").status_code == 404
        assert bob.get(f"/api/chats/{chat}/export").status_code == 404
        assert bob.get(f"/api/shared/{chat}").status_code == 404
        assert ann.get(f"/api/shared/{share}").status_code == 200


def test_K5_pictures_go_with_the_branch_that_is_shared(tmp_path: Path) -> None:
    first, second = drawn(tmp_path / "1.png"), drawn(tmp_path / "2.png")
    with browser(tmp_path / "data", first, second, **PUBLIC) as ann:
        register(ann, "ann")
        chat = new_chat(ann)
        reply = say(ann, chat, "draw")["generations"][0]["message_id"]
        (inside,) = tools_of_last(ann, chat)[0]["files"]
        ann.post(f"/api/chats/{chat}/share")
        say(ann, chat, "draw again", reply)
        (later,) = tools_of_last(ann, chat)[0]["files"]

        anybody = another(ann)
        assert anybody.get(inside).status_code == 200
        assert anybody.get(later).status_code == 404
        assert ann.get(later).status_code == 200
        ann.delete(f"/api/chats/{chat}/share")
        assert anybody.get(inside).status_code == 404
