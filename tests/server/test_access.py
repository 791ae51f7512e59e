"""Who may use which route, for every route that there is, and that nobody reaches what is somebody else's."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pytest
from fastapi import FastAPI
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.testclient import TestClient

from moss.server.accounts import session_id_of, set_ban
from moss.server.app import create_app
from moss.server.settings import ServerSettings
from moss.server.store import accounts as stored
from moss.server.store import chats, feedback, files, generations, messages
from moss.server.store.schema import LoginSession, new_id
from tests.fake_agent import assistant_that_says, plain
from tests.server.small_app import HERE, another, in_transaction, register

Rule = Literal["anyone", "user", "owner", "admin", "machine"]

RULES: dict[str, Rule] = {
    "GET /health": "anyone",
    "GET /ready": "anyone",
    "GET /metrics": "machine",
    "GET /files/{file_id}": "owner",
    "GET /v1/models": "user",
    "GET /v1/models/{name}": "user",
    "POST /v1/chat/completions": "user",
    "POST /v1/responses": "user",
    "GET /api/session": "anyone",
    "POST /api/register": "anyone",
    "POST /api/login": "anyone",
    "POST /api/logout": "user",
    "POST /api/logout-all": "user",
    "GET /api/sessions": "user",
    "DELETE /api/sessions": "user",
    "DELETE /api/sessions/{session_id}": "owner",
    "PATCH /api/me": "user",
    "DELETE /api/me": "user",
    "GET /api/me/export": "user",
    "GET /api/keys": "user",
    "POST /api/keys": "user",
    "DELETE /api/keys/{key_id}": "owner",
    "PUT /api/consent": "user",
    "GET /api/chats": "user",
    "POST /api/chats": "user",
    "GET /api/chats/{chat_id}": "owner",
    "PATCH /api/chats/{chat_id}": "owner",
    "DELETE /api/chats/{chat_id}": "owner",
    "GET /api/chats/{chat_id}/export": "owner",
    "POST /api/chats/{chat_id}/share": "owner",
    "DELETE /api/chats/{chat_id}/share": "owner",
    "GET /api/shared/{share_id}": "anyone",
    "POST /api/chats/{chat_id}/messages": "owner",
    "POST /api/messages/{message_id}/regenerate": "owner",
    "POST /api/messages/{message_id}/continue": "owner",
    "PUT /api/messages/{message_id}/feedback": "owner",
    "POST /api/messages/{message_id}/report": "owner",
    "PUT /api/choices/{choice_id}": "owner",
    "POST /api/generations/{generation_id}/stop": "owner",
    "GET /api/generations/{generation_id}/events": "owner",
    "GET /api/admin/users": "admin",
    "PATCH /api/admin/users/{user_id}": "admin",
    "GET /api/admin/invites": "admin",
    "POST /api/admin/invites": "admin",
    "DELETE /api/admin/invites/{invite_id}": "admin",
    "GET /api/admin/keys": "admin",
    "GET /api/admin/audit": "admin",
    "GET /api/admin/reports": "admin",
    "PATCH /api/admin/reports/{report_id}": "admin",
    "GET /api/admin/prompts": "admin",
    "GET /api/admin/feedback": "admin",
    "GET /api/admin/choices": "admin",
    "GET /api/admin/load": "admin",
    "GET /api/admin/export": "admin",
}
"""anyone: without a login; user: with one; owner: with one, and it is theirs; machine: from this machine, or admin."""

BODIES: dict[str, dict[str, Any]] = {
    "PATCH /api/chats/{chat_id}": {"title": "taken"},
    "POST /api/chats/{chat_id}/messages": {"client_msg_id": "b1", "text": "mine"},
    "POST /api/messages/{message_id}/regenerate": {"client_msg_id": "b2"},
    "POST /api/messages/{message_id}/continue": {"client_msg_id": "b3"},
    "PUT /api/messages/{message_id}/feedback": {"rating": 1},
    "POST /api/messages/{message_id}/report": {"reason": "harmful"},
    "PUT /api/choices/{choice_id}": {"verdict": "first"},
}
"""What the routes take that look for something of somebody's; the others refuse before they read."""


@dataclass
class House:
    """A public server with its people: Ada, who owns what the ids name, and those who would like to see it."""

    app: FastAPI
    ada: TestClient
    bob: TestClient
    root: TestClient
    nobody: TestClient
    expired: TestClient
    banned: TestClient
    ids: dict[str, str]

    def ask(self, client: TestClient, route: str) -> int:
        """The status that a client gets for a route, with Ada's ids in its address."""
        method, path = route.split(" ")
        for name, id in self.ids.items():
            path = path.replace(f"{{{name}}}", id)
        body = BODIES.get(route, {}) if method in ("POST", "PUT", "PATCH") else None
        return client.request(method, path, json=body).status_code


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("house")
    shutil.copy(sqlite_template, folder / "moss.db")
    settings = ServerSettings(
        data=folder, public=True, registration="open", requests_per_minute=10_000, messages_per_minute=10_000
    )
    assistant, _ = assistant_that_says(plain("Hello."))
    app = create_app(assistant, settings)
    with TestClient(app, base_url=HERE) as ada:
        people = {name: another(ada) for name in ("bob", "root", "expired", "banned")}
        for name, client in {"ada": ada, **people}.items():
            register(client, name)
        nobody = another(ada)
        ids = in_transaction(ada, furnish)
        picture = settings.image_folder / ids.pop("picture")
        picture.parent.mkdir(parents=True, exist_ok=True)
        picture.write_bytes(b"RIFF")
        yield House(app=app, ada=ada, nobody=nobody, ids=ids, **people)


async def furnish(session: AsyncSession) -> dict[str, str]:
    """Everything that has an id and is Ada's; and what becomes of the others."""
    users = {user.name: user for user in (await stored.users(session)).rows}
    users["root"].role = "admin"
    await set_ban(session, users["banned"], True)
    gone = update(LoginSession).where(LoginSession.user_id == users["expired"].id)
    await session.execute(gone.values(expires_at=1))
    ada = users["ada"].id
    chat = await chats.create(session, ada)
    posted = await messages.post(session, ada, chat.id, client_msg_id="a1", parent_id=None, text="Ada's secret")
    made = await generations.start(session, ada, posted.message, model="fake", worker="w", replies=2)
    for generation in made:
        generation.status = "complete"
        reply = await messages.get(session, ada, generation.message_id)
        messages.set_body(reply, [{"role": "assistant", "content": "Nobody else's."}])
    picture = f"{new_id()}.webp"
    file = await files.add(session, ada, reply, media_type="image/webp", path=picture, size=4)
    (login,) = await stored.logins(session, ada)
    key = await stored.add_key(session, ada, name="x", prefix="sk", key_hash="h")
    report = await feedback.report(session, ada, reply.id, reason="other")
    invite = await stored.add_invite(session, users["root"].id, code_hash="c")
    return {
        "chat_id": chat.id,
        "message_id": made[0].message_id,
        "generation_id": made[0].id,
        "choice_id": made[0].choice_id or "",
        "file_id": file.id,
        "picture": picture,
        "session_id": session_id_of(login),
        "key_id": key.id,
        "user_id": ada,
        "report_id": report.id,
        "invite_id": invite.id,
        "share_id": "nothing-is-shared-yet",
        "name": "fake",
    }


def test_A1_every_route_has_a_rule_and_every_rule_a_route(house: House) -> None:
    described = {
        f"{method.upper()} {path}": operation
        for path, operations in house.app.openapi()["paths"].items()
        for method, operation in operations.items()
    }
    assert set(described) == set(RULES)
    for route, operation in described.items():
        if RULES[route] in ("user", "owner", "admin"):
            assert operation.get("security"), f"{route} does not say that it needs a key or a session"
        statuses = set(operation["responses"])
        assert {"400", "429", "500", "503"} <= statuses, f"{route} does not say how it fails"
        assert "422" not in statuses


@pytest.mark.parametrize("page", ["/", "/c/x", "/s/x", "/admin", "/settings"])
def test_A1_the_page_itself_is_everybodys_and_says_nothing_of_anybody(house: House, page: str) -> None:
    assert house.nobody.get(page).content == house.ada.get(page).content
    assert house.ada.get(page).status_code == 200


def test_A1_the_matrix_of_routes_and_people(house: House) -> None:
    wrong = []
    for route, rule in RULES.items():
        if route in ("POST /api/logout", "POST /api/logout-all", "DELETE /api/me", "GET /api/admin/export"):
            continue  # below, since whoever asks is gone afterwards, or writes files
        for name in ("nobody", "expired", "banned", "bob", "root"):
            status = house.ask(getattr(house, name), route)
            if not _fits(rule, name, route, status):
                wrong.append(f"{route} ({rule}) by {name}: {status}")
    assert not wrong


def test_A1_nobody_ends_what_needs_a_session(house: House) -> None:
    for route in ("POST /api/logout", "POST /api/logout-all", "DELETE /api/me", "GET /api/admin/export"):
        for client in (house.nobody, house.expired, house.banned):
            assert house.ask(client, route) == 401
    assert house.ask(house.bob, "GET /api/admin/export") == 403
    assert house.ask(house.root, "DELETE /api/me") == 403  # without the password


def test_A2_what_others_tried_changed_nothing_and_ada_still_reaches_it(house: House) -> None:
    before = house.ada.get(f"/api/chats/{house.ids['chat_id']}").json()
    for route, rule in RULES.items():
        if rule == "owner":
            assert house.ask(house.bob, route) == house.ask(house.root, route) == 404, route
            assert house.ask(house.nobody, route) in (401, 404), route
    after = house.ada.get(f"/api/chats/{house.ids['chat_id']}").json()
    assert after == before
    assert len(after["messages"]) == 3
    for route in ("GET /files/{file_id}", "GET /api/chats/{chat_id}/export"):
        assert house.ask(house.ada, route) == 200, route


def _fits(rule: Rule, name: str, route: str, status: int) -> bool:
    """Whether a status is what somebody who is not Ada should get."""
    known = name in ("bob", "root")
    if rule == "anyone":
        return status not in (401, 403) and status < 500
    if not known:
        # Who may see a picture depends on whether its chat is shared; where it is not, there is no such picture.
        return status == 401 or (route.startswith("GET /files") and status == 404)
    if rule == "owner":
        return status == 404
    if rule in ("admin", "machine") and name == "bob":
        return status == 403
    return status not in (401, 403) and status < 500
