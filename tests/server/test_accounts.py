"""Accounts as their owners use them, and as somebody does who wants into another one."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.testclient import TestClient

from moss.server import accounts as accounts_module
from moss.server import passwords
from moss.server.accounts import Accounts, add_invite, checked_name, digest
from moss.server.api_errors import ApiError
from moss.server.limits import FREE_FAILURES
from moss.server.security import COOKIE
from moss.server.store import accounts as stored
from moss.server.store.schema import ApiKey, Consent, LoginSession, Tombstone, User
from moss.server.store.tombstones import hashed
from tests.server.small_app import PASSWORD, another, in_transaction, log_in, register, visiting


@pytest.fixture
def folder(tmp_path: Path, sqlite_url: str) -> Path:
    """The data folder of a server, with an empty database."""
    return tmp_path


@pytest.fixture
def client(folder: Path) -> Iterator[TestClient]:
    with visiting(folder) as client:
        yield client


def test_registered_logged_out_and_in_again(client: TestClient) -> None:
    assert client.get("/api/session").json()["user"] is None
    session = register(client, "Ada Lovelace")
    assert session["user"] | {"id": ""} == {
        "id": "", "name": "Ada Lovelace", "role": "user", "language": None, "settings": {},
    }  # fmt: skip
    assert client.post("/api/logout").status_code == 204
    assert client.get("/api/session").json()["user"] is None
    answer = client.post("/api/login", json={"name": "ada  LOVELACE", "password": PASSWORD})
    assert answer.json()["user"]["id"] == session["user"]["id"]


def test_settings_are_merged_and_language_stays(client: TestClient) -> None:
    register(client, "ada")
    client.patch("/api/me", json={"language": "zh", "settings": {"theme": "dark", "sound": True}})
    answer = client.patch("/api/me", json={"settings": {"sound": None, "dial": 80}}).json()["user"]
    assert (answer["language"], answer["settings"]) == ("zh", {"theme": "dark", "dial": 80})
    assert client.patch("/api/me", json={"settings": {"x": "x" * 9000}}).status_code == 400


@pytest.mark.parametrize(
    "name", ["", " ", "a\x1b[0m", "x" * 41, "a\u202eb", "a\u200bb", "<script>", "-", "local", "ＬＯＣＡＬ"]
)
def test_H8_names_hold_nothing_that_breaks_a_line_or_turns_text(name: str) -> None:
    with pytest.raises(ApiError):
        checked_name(name)


@pytest.mark.parametrize(
    ("name", "kept"), [("王小明", "王小明"), ("  Ｊｏｓé   O'Neil-Pérez ", "José O'Neil-Pérez"), ("a\nb", "a b")]
)
def test_names_of_all_scripts_are_kept_composed(name: str, kept: str) -> None:
    assert checked_name(name) == kept


def test_passwords_are_kept_as_owasp_asks(honest_hasher: PasswordHasher) -> None:
    assert honest_hasher.hash("x").startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_a_password_kept_by_older_settings_is_renewed_at_the_next_login(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    register(client, "ada")
    (before,) = [user.password_hash for user in rows(client, User)]
    monkeypatch.setattr(passwords, "_HASHER", PasswordHasher(time_cost=2, memory_cost=8, parallelism=1))
    log_in(another(client), "ada")
    (after,) = [user.password_hash for user in rows(client, User)]
    assert before.startswith("$argon2id$v=19$m=8,t=1")
    assert after.startswith("$argon2id$v=19$m=8,t=2")
    log_in(another(client), "ada")


def test_names_that_look_alike_are_one(client: TestClient) -> None:
    register(client, "Straße")
    answer = another(client).post("/api/register", json={"name": "ＳＴＲＡＳＳＥ", "password": PASSWORD})
    assert answer.json()["error"]["code"] == "name_taken"


def test_A3_unknown_user_and_wrong_password_are_told_alike_and_cost_the_same(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    register(client, "ada")
    computed: list[str] = []
    honest = accounts_module.Passwords.fits

    async def counted(self: Any, password: str, kept: str | None) -> bool:
        computed.append(password)
        return await honest(self, password, kept)

    monkeypatch.setattr(accounts_module.Passwords, "fits", counted)
    there, gone = (
        another(client).post("/api/login", json={"name": name, "password": "wrong password"}) for name in ("ada", "eve")
    )
    assert (there.status_code, there.content) == (gone.status_code, gone.content) == (401, there.content)
    assert len(computed) == 2


def test_A3_after_some_wrong_passwords_the_right_one_has_to_wait_too(client: TestClient) -> None:
    register(client, "ada")
    guesser = another(client)
    statuses = [
        guesser.post("/api/login", json={"name": name, "password": f"guess number {number}"}).status_code
        for number, name in enumerate(["ada", "ADA", "Ada", "aDa", "adA", "ada", "ada"])
    ]
    assert statuses == [401] * FREE_FAILURES + [429] * 2
    refused = another(client).post("/api/login", json={"name": "ada", "password": PASSWORD})
    assert refused.status_code == 429
    assert refused.headers["retry-after"] == "1"
    assert client.get("/api/session").json()["user"]["name"] == "ada"  # who is in stays in


def test_A3_guesses_at_once_are_counted_before_they_fail(client: TestClient) -> None:
    register(client, "ada")
    found: Accounts = client.app.state.services.accounts  # type: ignore[attr-defined]

    async def guesses() -> list[BaseException | Any]:
        visitor = accounts_module.Visitor("10.0.0.1", "")
        return await asyncio.gather(
            *(found.login("ada", f"guess number {number}", visitor) for number in range(20)), return_exceptions=True
        )

    assert client.portal is not None
    statuses = [error.status for error in client.portal.call(guesses)]
    assert statuses.count(401) == FREE_FAILURES
    assert statuses.count(429) == 20 - FREE_FAILURES


def test_A3_wrong_keys_make_the_address_wait(client: TestClient) -> None:
    statuses = [
        another(client, authorization=f"Bearer sk-moss-{number}").get("/api/session").status_code
        for number in range(30)
    ]
    assert statuses[0] == 401
    assert statuses[-1] == 429


def test_A4_a_key_is_shown_once_kept_as_a_hash_and_ends_at_once(client: TestClient) -> None:
    register(client, "ada")
    made = client.post("/api/keys", json={"name": "notebook"}).json()
    program = another(client, authorization=f"Bearer {made['key']}")
    assert program.get("/api/session").json()["user"]["name"] == "ada"
    (listed,) = client.get("/api/keys").json()["keys"]
    assert "key" not in listed
    assert made["key"].startswith(listed["prefix"])
    (row,) = rows(client, ApiKey)
    assert row.key_hash == digest(made["key"])
    assert made["key"] not in str(vars(row))
    assert program.post("/api/keys", json={"name": "another"}).status_code == 403
    assert client.delete(f"/api/keys/{made['id']}").status_code == 204
    assert program.get("/api/keys").status_code == 401


def test_A5_the_cookie_is_out_of_reach_for_scripts_other_sites_and_plain_http(client: TestClient) -> None:
    answer = client.post("/api/register", json={"name": "ada", "password": PASSWORD})
    cookie = answer.headers["set-cookie"]
    assert {"HttpOnly", "SameSite=lax", "Secure", "Path=/"} <= set(cookie.split("; "))
    token = client.cookies[COOKIE]
    assert token not in answer.text
    assert [row.token_hash for row in rows(client, LoginSession)] == [digest(token)]


def test_A5_a_login_rotates_the_session_and_ends_the_one_before(client: TestClient) -> None:
    register(client, "ada")
    before = client.cookies[COOKIE]
    client.post("/api/login", json={"name": "ada", "password": PASSWORD})
    assert client.cookies[COOKIE] != before
    thief = another(client)
    thief.cookies.set(COOKIE, before)
    assert thief.get("/api/keys").status_code == 401


def test_A5_logout_all_and_a_new_password_end_every_other_session(client: TestClient) -> None:
    register(client, "ada")
    second = another(client)
    log_in(second, "ada")
    wrong = second.patch("/api/me", json={"password": {"old": "wrong password", "new": "another horse"}})
    assert wrong.status_code == 403
    changed = second.patch("/api/me", json={"password": {"old": PASSWORD, "new": "another horse"}})
    assert changed.status_code == 200
    assert client.get("/api/keys").status_code == 401
    assert second.get("/api/keys").status_code == 200
    second.headers["X-CSRF-Token"] = changed.json()["csrf"]
    assert second.post("/api/logout-all").status_code == 204
    assert rows(client, LoginSession) == []


FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:144.0) Gecko/20100101 Firefox/144.0"


def test_A5_sessions_are_listed_in_words_and_ended_one_by_one(client: TestClient) -> None:
    register(client, "ada")
    laptop = another(client, **{"user-agent": FIREFOX})
    log_in(laptop, "ada")
    listed = laptop.get("/api/sessions")
    here, there = sorted(listed.json()["sessions"], key=lambda session: not session["current"])
    assert (here["browser"], here["system"], here["current"]) == ("Firefox", "Windows", True)
    assert (there["browser"], there["system"], there["current"]) == (None, None, False)
    for row in rows(client, LoginSession):
        assert row.token_hash not in listed.text
    assert laptop.delete(f"/api/sessions/{there['id']}").status_code == 204
    assert client.get("/api/keys").status_code == 401
    assert laptop.delete(f"/api/sessions/{there['id']}").status_code == 404
    assert laptop.delete(f"/api/sessions/{here['id']}").status_code == 204
    assert COOKIE not in laptop.cookies
    assert rows(client, LoginSession) == []


def test_A5_all_other_sessions_end_at_once_and_nobody_elses(client: TestClient) -> None:
    register(client, "ada")
    second, bob = another(client), another(client)
    log_in(second, "ada")
    register(bob, "bob")
    assert second.delete("/api/sessions").status_code == 204
    assert [browser.get("/api/keys").status_code for browser in (client, second, bob)] == [401, 200, 200]


def test_A5_a_server_without_accounts_has_no_sessions(folder: Path) -> None:
    with visiting(folder, public=False) as client:
        assert client.get("/api/sessions").json() == {"sessions": []}


def test_A5_an_expired_session_is_none(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    register(client, "ada")
    later = stored.now() + 31 * accounts_module.DAY_MS
    monkeypatch.setattr(stored, "now", lambda: later)
    assert client.get("/api/keys").status_code == 401


def test_a_ban_ends_sessions_and_stops_keys(client: TestClient) -> None:
    register(client, "ada")
    key = client.post("/api/keys", json={"name": "notebook"}).json()["key"]
    ban(client, "ada")
    assert client.get("/api/keys").status_code == 401
    assert another(client, authorization=f"Bearer {key}").get("/api/keys").status_code == 403
    assert (
        another(client).post("/api/login", json={"name": "ada", "password": PASSWORD}).json()["error"]["code"]
        == "banned"
    )


def test_A8_an_invite_lets_so_many_in_and_no_more(folder: Path) -> None:
    with visiting(folder, registration="invite") as client:
        code = invite(client, max_uses=2, days=1)
        for name in ("ada", "bob"):
            register(another(client), name, invite=code)
        third = client.post("/api/register", json={"name": "eve", "password": PASSWORD, "invite": code})
        without = client.post("/api/register", json={"name": "eve", "password": PASSWORD})
        assert third.status_code == without.status_code == 403
        assert third.content == without.content
        assert {user.name for user in rows(client, User)} == {"root", "ada", "bob"}


def test_A8_a_name_that_is_taken_does_not_use_up_the_invite(folder: Path) -> None:
    with visiting(folder, registration="invite") as client:
        register(another(client), "ada", invite=invite(client, max_uses=1, days=None))
        code = invite(client, max_uses=1, days=None)
        assert (
            client.post("/api/register", json={"name": "ADA", "password": PASSWORD, "invite": code}).status_code == 409
        )
        register(client, "bob", invite=code)


def test_A8_guessing_invites_is_slowed_down(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def cheap(self: Any, password: str) -> str:
        return "hash"

    monkeypatch.setattr(accounts_module.Passwords, "hash", cheap)
    with visiting(folder, registration="invite") as client:
        statuses = [
            client.post("/api/register", json={"name": f"eve{n}", "password": PASSWORD, "invite": str(n)}).status_code
            for n in range(25)
        ]
    assert statuses[0] == 403
    assert statuses[-1] == 429


def test_A8_one_address_makes_so_many_accounts_an_hour(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accounts_module, "MOST_REGISTRATIONS", 2)
    with visiting(folder) as client:
        answers = [client.post("/api/register", json={"name": name, "password": PASSWORD}) for name in ("a", "b", "c")]
    assert [answer.status_code for answer in answers] == [201, 201, 429]
    assert answers[2].headers["retry-after"] == "1800"


def test_nobody_registers_where_registration_is_closed(folder: Path) -> None:
    with visiting(folder, registration="closed") as client:
        answer = client.post("/api/register", json={"name": "ada", "password": PASSWORD})
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "registration_closed")


def test_consent_is_asked_by_version_and_every_answer_is_kept(client: TestClient) -> None:
    register(client, "ada")
    assert client.get("/api/session").json()["consent"] == {"version": "1", "granted": None}
    for granted in (True, False, True):
        client.put("/api/consent", json={"version": "1", "granted": granted})
    assert client.get("/api/session").json()["consent"]["granted"] is True
    assert client.put("/api/consent", json={"version": "0", "granted": True}).status_code == 409
    assert len(rows(client, Consent)) == 3


def test_a_deleted_account_is_gone_with_everything_and_leaves_a_tombstone(client: TestClient) -> None:
    session = register(client, "ada")
    client.post("/api/keys", json={"name": "notebook"})
    assert client.request("DELETE", "/api/me", json={"password": "wrong password"}).status_code == 403
    assert client.request("DELETE", "/api/me", json={"password": PASSWORD}).status_code == 204
    assert rows(client, User) == rows(client, ApiKey) == rows(client, LoginSession) == []
    assert hashed(session["user"]["id"]) in {stone.target_hash for stone in rows(client, Tombstone)}
    assert another(client).post("/api/login", json={"name": "ada", "password": PASSWORD}).status_code == 401


# --- what happens in the database -----------------------------------------------------------------------------------


def rows(client: TestClient, table: Any) -> list[Any]:
    async def read(session: AsyncSession) -> list[Any]:
        return list(await session.scalars(select(table)))

    return list(in_transaction(client, read))


def ban(client: TestClient, name: str) -> None:
    async def write(session: AsyncSession) -> None:
        user = await stored.user_named(session, name)
        assert user is not None
        await accounts_module.set_ban(session, user, True)

    in_transaction(client, write)


def invite(client: TestClient, max_uses: int, days: int | None) -> str:
    async def write(session: AsyncSession) -> str:
        creator = await stored.user_named(session, "root") or await stored.add_user(session, "root", None)
        _, code = await add_invite(session, creator.id, max_uses, days, "")
        return code

    return str(in_transaction(client, write))
