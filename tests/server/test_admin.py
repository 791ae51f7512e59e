"""What administrators see and do, and that nobody else does; accounts from the command line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.testclient import TestClient
from typer.testing import CliRunner

from moss.cli.main import app as moss
from moss.server.store import accounts as stored
from moss.server.store import chats, consents, feedback, generations, messages
from tests.server.small_app import PASSWORD, another, in_transaction, log_in, register, visiting


@pytest.fixture
def client(tmp_path: Path, sqlite_url: str) -> Iterator[TestClient]:
    """An administrator's browser."""
    with visiting(tmp_path) as client:
        register(client, "root")

        async def promote(session: AsyncSession) -> None:
            user = await stored.user_named(session, "root")
            assert user is not None
            user.role = "admin"

        in_transaction(client, promote)
        yield client


@pytest.fixture
def ada(client: TestClient) -> TestClient:
    """A user's browser."""
    browser = another(client)
    register(browser, "ada")
    return browser


def chat_of(client: TestClient, name: str) -> str:
    """A consented chat of one question and one reply, rated, compared and reported; the id of the reply."""

    async def write(session: AsyncSession) -> str:
        user = await stored.user_named(session, name)
        assert user is not None
        await consents.record(session, user.id, "1", True)
        chat = await chats.create(session, user.id)
        posted = await messages.post(
            session, user.id, chat.id, client_msg_id="1", parent_id=None, text="What is 6*7?", language="en"
        )
        made = await generations.start(session, user.id, posted.message, model="fake", worker="w", replies=2)
        for generation in made:
            generation.status = "complete"
            reply = await messages.get(session, user.id, generation.message_id)
            messages.set_body(reply, [{"role": "assistant", "content": "It is 42."}])
        reply_id = made[0].message_id
        await feedback.rate(session, user.id, reply_id, rating=-1, labels=["wrong", "too_long"], text="It is not.")
        await feedback.choose(session, user.id, made[0].choice_id or "", "second")
        await feedback.report(session, user.id, reply_id, reason="harmful", text="Look at this.")
        return reply_id

    return str(in_transaction(client, write))


def test_users_are_listed_and_found(client: TestClient, ada: TestClient) -> None:
    chat_of(client, "ada")
    listed = client.get("/api/admin/users").json()
    assert [user["name"] for user in listed["users"]] == ["ada", "root"]
    assert listed["users"][0]["chats"] == 1
    assert listed["users"][0]["last_seen_at"] is not None
    assert [user["name"] for user in client.get("/api/admin/users?query=AD").json()["users"]] == ["ada"]
    first = client.get("/api/admin/users?limit=1").json()
    assert client.get(f"/api/admin/users?limit=1&before={first['before']}").json()["users"][0]["name"] == "root"


def test_a_ban_ends_sessions_and_replies_and_is_noted(client: TestClient, ada: TestClient) -> None:
    ada_id = ada.get("/api/session").json()["user"]["id"]
    assert client.patch(f"/api/admin/users/{ada_id}", json={"banned": True}).json()["banned_at"] is not None
    assert ada.get("/api/keys").status_code == 401
    assert client.app.state.services.jobs.stopped == [ada_id]  # type: ignore[attr-defined]
    assert client.patch(f"/api/admin/users/{ada_id}", json={"banned": False}).json()["banned_at"] is None
    log_in(ada, "ada")
    assert [row["action"] for row in client.get("/api/admin/audit").json()["audit"]] == ["user.unban", "user.ban"]


def test_nobody_takes_the_last_administrator_away(client: TestClient) -> None:
    own_id = client.get("/api/session").json()["user"]["id"]
    for change in ({"role": "user"}, {"banned": True}):
        assert client.patch(f"/api/admin/users/{own_id}", json=change).status_code == 409


def test_an_administrator_is_made_and_unmade(client: TestClient, ada: TestClient) -> None:
    ada_id = ada.get("/api/session").json()["user"]["id"]
    assert ada.get("/api/admin/users").status_code == 403
    client.patch(f"/api/admin/users/{ada_id}", json={"role": "admin"})
    assert ada.get("/api/admin/users").status_code == 200
    client.patch(f"/api/admin/users/{ada_id}", json={"role": "user"})
    assert ada.get("/api/admin/users").status_code == 403


def test_an_invite_is_shown_once_used_and_ended(client: TestClient) -> None:
    made = client.post("/api/admin/invites", json={"max_uses": 3, "days": None, "note": "class of 2026"}).json()
    (listed,) = client.get("/api/admin/invites").json()["invites"]
    assert "code" not in listed
    assert (listed["id"], listed["uses"], listed["expires_at"]) == (made["id"], 0, None)
    assert client.delete(f"/api/admin/invites/{made['id']}").status_code == 204
    assert client.delete(f"/api/admin/invites/{made['id']}").status_code == 404
    assert client.post("/api/admin/invites", json={"max_uses": 0}).status_code == 400


def test_keys_of_all_users_without_their_secrets(client: TestClient, ada: TestClient) -> None:
    key = ada.post("/api/keys", json={"name": "notebook"}).json()["key"]
    answer = client.get("/api/admin/keys")
    assert answer.json()["keys"][0]["user_name"] == "ada"
    assert key not in answer.text


def test_a_report_shows_what_was_reported_and_is_settled(client: TestClient, ada: TestClient) -> None:
    reply_id = chat_of(client, "ada")
    (report,) = client.get("/api/admin/reports?status=open").json()["reports"]
    assert report["message_id"] == reply_id
    assert (report["question"], report["reply"], report["reason"]) == ("What is 6*7?", "It is 42.", "harmful")
    assert (
        client.patch(f"/api/admin/reports/{report['id']}", json={"status": "resolved"}).json()["status"] == "resolved"
    )
    assert client.get("/api/admin/reports?status=open").json()["reports"] == []


def test_figures_of_prompts_feedback_choices_and_load(client: TestClient, ada: TestClient) -> None:
    chat_of(client, "ada")
    (prompts,) = client.get("/api/admin/prompts").json()["prompts"]
    assert (prompts["language"], prompts["count"], prompts["collected"]) == ("en", 1, 1)
    rated = client.get("/api/admin/feedback").json()
    assert rated["ratings"] == [{"model": "fake", "rating": -1, "count": 1}]
    assert rated["labels"] == {"wrong": 1, "too_long": 1}
    assert rated["comments"][0]["text"] == "It is not."
    (choice,) = client.get("/api/admin/choices").json()["choices"]
    assert (choice["verdict"], choice["count"]) == ("second", 1)
    load = client.get("/api/admin/load").json()
    assert (load["slots"], load["users"], load["messages"], load["open_reports"]) == (2, 2, 1, 1)


def test_an_export_is_jsonl_and_noted(client: TestClient, ada: TestClient) -> None:
    chat_of(client, "ada")
    answer = client.get("/api/admin/export")
    assert answer.status_code == 200
    assert "6*7" in json.dumps([json.loads(line) for line in answer.text.splitlines()])
    assert "ada" not in answer.text
    assert client.get("/api/admin/audit").json()["audit"][0]["action"] == "export"
    assert client.get("/api/admin/export?file=nothing").status_code == 400


# --- from the command line ------------------------------------------------------------------------------------------


def test_the_first_administrator_comes_from_the_command_line(tmp_path: Path, sqlite_url: str) -> None:
    run = CliRunner()
    where = ["--set", f"data={tmp_path}"]
    made = run.invoke(moss, ["user", "add", "Root", "--admin", *where], input=f"{PASSWORD}\n")
    assert made.output == "Root can log in and is an administrator.\n"
    with visiting(tmp_path) as client:
        log_in(client, "root")
        assert client.get("/api/admin/users").status_code == 200
        run.invoke(moss, ["user", "set-password", "root", *where], input="another horse\n")
        assert client.get("/api/admin/users").status_code == 401
        run.invoke(moss, ["user", "ban", "root", *where])
        refused = client.post("/api/login", json={"name": "root", "password": "another horse"})
        assert refused.json()["error"]["code"] == "banned"
    listed = run.invoke(moss, ["user", "list", *where])
    assert listed.output.split("\t")[:2] == ["Root", "admin"]
    assert listed.output.endswith("banned\n")


@pytest.mark.parametrize(("words", "told"), [
    (["add", "ada"], "a password has 8 to 256 characters"),
    (["add", "<b>"], "a name has 1 to 40"),
    (["ban", "nobody"], "there is no user 'nobody'"),
])  # fmt: skip
def test_mistakes_on_the_command_line_are_told_in_one_line(
    tmp_path: Path, sqlite_url: str, words: list[str], told: str
) -> None:
    result = CliRunner().invoke(moss, ["user", *words, "--set", f"data={tmp_path}"], input="short\n")
    assert result.exit_code == 2
    assert told in result.output
    assert result.output.count("\n") == 1
