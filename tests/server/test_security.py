"""What no route sees: foreign hosts and pages, too many headers, bodies that are no JSON; what every answer carries."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import Request
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from moss.server.addresses import address_of
from moss.server.api_errors import ApiError
from moss.server.bodies import LARGEST, MAX_DEPTH, decode
from moss.server.guard import CONTENT_SECURITY_POLICY, HEADERS
from tests.server.small_app import HERE, LOCAL, PASSWORD, another, register, small_app, visiting

JSON = {"content-type": "application/json"}


@pytest.fixture
def folder(tmp_path: Path, sqlite_url: str) -> Path:
    """The data folder of a server, with an empty database."""
    return tmp_path


@pytest.fixture
def client(folder: Path) -> Iterator[TestClient]:
    with visiting(folder, body_bytes=100_000) as client:
        yield client


@pytest.fixture
def local(folder: Path) -> Iterator[TestClient]:
    with visiting(folder, public=False) as client:
        yield client


# --- bodies ---------------------------------------------------------------------------------------------------------

NO_BODIES: dict[str, bytes] = {
    "100k lists": b"[" * 100_000,
    "100k objects": b'{"a":' * 100_000,
    "65 deep": b'{"a":' * (MAX_DEPTH + 1) + b"1" + b"}" * (MAX_DEPTH + 1),
    "NaN": b'{"a": NaN}',
    "infinity": b'{"a": -Infinity}',
    "1e400": b'{"a": 1e400}',
    "5000 digits": b'{"a": ' + b"9" * 5000 + b"}",
    "20 digits": b'{"a": 92233720368547758080}',
    "a key twice": b'{"name": "a", "name": "b"}',
    "a key twice below": b'{"a": [{"b": 1, "b": 2}]}',
    "half a character": b'{"a": "\\ud800"}',
    "half a character in a key": b'{"\\udfff": 1}',
    "U+0000": b'{"a": "\\u0000"}',
    "a raw NUL": b'{"a": "\0"}',
    "no UTF-8": b'{"a": "\xff"}',
    "UTF-8 of a surrogate": b'{"a": "\xed\xa0\x80"}',
    "a BOM": b'\xef\xbb\xbf{"a": 1}',
    "UTF-16": '{"a": 1}'.encode("utf-16"),
    "a list": b"[1]",
    "a text": b'"name"',
    "null": b"null",
    "a number": b"1",
    "cut off": b'{"a": ',
    "two": b"{} {}",
    "spaces": b"   ",
}


@pytest.mark.parametrize("body", NO_BODIES.values(), ids=NO_BODIES)
def test_H4_what_is_no_json_object_is_told_as_openai_tells_it(client: TestClient, body: bytes) -> None:
    answer = client.post("/api/login", content=body[:99_000], headers=JSON)
    assert answer.status_code == 400
    error = answer.json()["error"]
    assert set(error) == {"message", "type", "param", "code"}
    assert error["type"] == "invalid_request_error"


@pytest.mark.parametrize(
    "body", [b'{"a": "\\ud83d\\ude00"}', b'{"a": 9223372036854775807, "b": -1e-400}', b'{"a": "[[[\\\\u0000"}']
)
def test_H4_what_only_looks_odd_is_taken(body: bytes) -> None:
    assert decode(body) == json.loads(body)


STORABLE = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
VALUE = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-LARGEST, LARGEST)
    | st.floats(allow_nan=False, allow_infinity=False)
    | STORABLE,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(STORABLE, inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(STORABLE, VALUE, max_size=4), st.booleans())
def test_H4_every_object_that_can_be_stored_is_taken_as_it_is(value: dict[str, Any], ascii: bool) -> None:
    assert decode(json.dumps(value, ensure_ascii=ascii).encode()) == value


@given(st.binary(max_size=40) | st.text(st.sampled_from('{}[]",:\\u0d81NaI-eE. '), max_size=30).map(str.encode))
def test_H4_any_bytes_are_an_object_or_a_mistake(body: bytes) -> None:
    result: object
    try:
        result = decode(body)
    except ApiError as error:
        result = error.status
    assert isinstance(result, dict) or result == 400


def test_H4_depth_is_counted_and_not_length() -> None:
    decode(json.dumps({"a": [[]] * 10_000}).encode())
    decode(b'{"a":' * MAX_DEPTH + b"1" + b"}" * MAX_DEPTH)


def test_H4_one_name_twice_among_many_is_found_at_once() -> None:
    """Comparing each with each would take minutes, and everybody would wait."""
    many = ",".join(f'"{number}":0' for number in range(200_000))
    with pytest.raises(ApiError, match="'199999' twice"):
        decode(f'{{{many},"199999":0}}'.encode())


@pytest.mark.parametrize(("headers", "status"), [
    ({"content-type": "text/plain"}, 415),
    ({"content-type": "application/x-www-form-urlencoded"}, 415),
    ({}, 415),
    (JSON | {"content-encoding": "gzip"}, 415),
])  # fmt: skip
def test_H4_another_type_or_packing_is_refused(client: TestClient, headers: dict[str, str], status: int) -> None:
    body = gzip.compress(b"{}") if "content-encoding" in headers else b"{}"
    assert client.post("/api/login", content=body, headers=headers).status_code == status


def test_H4_an_empty_body_is_a_mistake_of_the_clients(client: TestClient) -> None:
    assert client.post("/api/login", content=b"", headers=JSON).status_code == 400


def test_H3_a_body_over_the_limit_is_refused_however_it_comes(client: TestClient) -> None:
    fitting = b'{"name": "' + b"x" * 99_988 + b'"}'
    assert len(fitting) == 100_000
    assert client.post("/api/login", content=fitting, headers=JSON).status_code == 400  # a field is missing
    assert client.post("/api/login", content=fitting + b" ", headers=JSON).status_code == 413
    taken = 0

    def pieces() -> Iterator[bytes]:
        nonlocal taken
        for _ in range(1_000):
            taken += 1
            yield b" " * 10_000

    assert client.post("/api/login", content=pieces(), headers=JSON).status_code == 413


# --- headers --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("headers", [
    [("x-long", "x" * 65_536)],
    [(f"x-{number}", "1") for number in range(2_000)],
    [("cookie", "; ".join(f"c{number}=1" for number in range(100_000)))],
], ids=["64 KB", "2000 headers", "100k cookies"])  # fmt: skip
def test_H6_too_many_headers(client: TestClient, headers: list[tuple[str, str]]) -> None:
    answer = client.get("/api/session", headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (431, "headers")


def test_every_answer_has_the_headers_of_security(client: TestClient) -> None:
    answers = [
        client.get("/api/session"),
        client.get("/nowhere"),
        client.post("/api/login", content=b"[", headers=JSON),
        client.get("/api/session", headers={"host": "evil test"}),
    ]
    assert [answer.status_code for answer in answers] == [200, 404, 400, 421]
    for answer in answers:
        assert {name: answer.headers[name] for name in HEADERS} == HEADERS
        assert "max-age" in answer.headers["strict-transport-security"]
    assert answers[0].headers["cache-control"] == "no-store"
    assert "unsafe" not in CONTENT_SECURITY_POLICY


def test_a_failure_of_ours_has_them_too_and_says_nothing_else(folder: Path) -> None:
    app = small_app(folder, public=True)

    @app.get("/api/broken")
    async def broken() -> None:
        raise RuntimeError("secret")

    with TestClient(app, base_url=HERE, raise_server_exceptions=False) as client:
        answer = client.get("/api/broken")
    assert answer.status_code == 500
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "secret" not in answer.text


@pytest.mark.parametrize("path", ["/api/session%00", "/api/keys/%00", "/api/session?query=%00"])
def test_U0000_in_the_address_reaches_no_database(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 400


# --- foreign pages --------------------------------------------------------------------------------------------------


def test_H9_no_other_site_may_read_an_answer(client: TestClient) -> None:
    register(client, "ada")
    for method in ("GET", "OPTIONS"):
        headers = {"origin": "https://evil.test", "access-control-request-method": "POST"}
        answer = client.request(method, "/api/session", headers=headers)
        assert not [name for name in answer.headers if name.startswith("access-control-")]


FOREIGN: tuple[dict[str, str], ...] = (
    {},
    {"origin": "https://evil.test"},
    {"origin": "null"},
    {"origin": "https://moss.test.evil.test"},
    {"origin": "http://["},
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site", "origin": HERE},
    {"sec-fetch-site": "none"},
    {"x-csrf-token": ""},
    {"x-csrf-token": "wrong", "origin": HERE},
)


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
def test_H9_a_write_by_cookie_must_come_from_our_page(client: TestClient, headers: dict[str, str]) -> None:
    register(client, "ada")
    del client.headers["X-CSRF-Token"]
    assert client.post("/api/keys", json={"name": "x"}, headers=headers).status_code == 403
    assert client.get("/api/keys").json()["keys"] == []


@pytest.mark.parametrize("headers", [{"origin": HERE}, {"sec-fetch-site": "same-origin"}])
def test_H9_our_page_may_write_without_a_token_and_anybody_with_it(client: TestClient, headers: dict[str, str]) -> None:
    token = register(client, "ada")["csrf"]
    del client.headers["X-CSRF-Token"]
    assert client.post("/api/keys", json={"name": "x"}, headers=headers).status_code == 201
    assert client.post("/api/keys", json={"name": "x"}, headers={"x-csrf-token": token}).status_code == 201


def test_H9_a_foreign_page_cannot_log_its_visitor_in(client: TestClient) -> None:
    register(another(client), "ada")
    answer = client.post(
        "/api/login", json={"name": "ada", "password": PASSWORD}, headers={"origin": "https://evil.test"}
    )
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "foreign_origin")


def test_H9_on_a_local_server_a_write_by_nothing_must_come_from_our_page(local: TestClient) -> None:
    token = local.get("/api/session").json()["csrf"]
    wish = {"version": "1", "granted": True}
    assert local.put("/api/consent", json=wish).status_code == 403
    assert local.put("/api/consent", json=wish, headers={"origin": "https://evil.test"}).status_code == 403
    assert local.put("/api/consent", json=wish, headers={"x-csrf-token": token}).status_code == 200
    assert local.put("/api/consent", json=wish, headers={"origin": LOCAL}).status_code == 200


# --- hosts and addresses --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:8000", "127.0.0.1:8000", "127.8.8.8", "[::1]:8000", "moss.localhost"]
)
def test_a_local_server_is_this_machine(local: TestClient, host: str) -> None:
    assert local.get("/api/session", headers={"host": host}).json()["user"]["role"] == "admin"


@pytest.mark.parametrize(
    "host",
    ["evil.test", "evillocalhost", "localhost.evil.test", "10.0.0.1", "127.0.0.1.evil.test", "", "a@localhost", "[::1"],
)
def test_a_page_that_rebinds_its_name_to_this_machine_is_refused(local: TestClient, host: str) -> None:
    assert local.get("/api/session", headers={"host": host}).status_code == 421


def test_others_on_the_network_are_not_the_local_user(folder: Path) -> None:
    app = small_app(folder)
    with TestClient(app, base_url=LOCAL, client=("10.0.0.9", 5)) as client:
        assert client.get("/api/session").json()["error"]["code"] == "not_local"


@pytest.mark.parametrize("header", ["forwarded", "x-forwarded-for", "x-real-ip"])
def test_what_a_proxy_on_this_machine_passes_on_is_not_the_local_user(local: TestClient, header: str) -> None:
    assert local.get("/api/session", headers={header: "127.0.0.1"}).json()["error"]["code"] == "not_local"


def test_a_key_opens_a_local_server_to_the_network(folder: Path) -> None:
    app = small_app(folder, api_key="open sesame")
    with TestClient(app, base_url="http://moss.lan", client=("10.0.0.9", 5)) as client:
        assert client.get("/api/session").status_code == 421
        assert client.get("/api/session", headers={"authorization": "Bearer open"}).status_code == 421
        assert client.get("/api/session", headers={"authorization": "Bearer open sesame"}).status_code == 200
        assert client.get("/api/session", headers={"host": "localhost"}).status_code == 401


def test_a_public_server_may_insist_on_its_name(folder: Path) -> None:
    with visiting(folder, hosts=("moss.test",)) as client:
        assert client.get("/api/session").status_code == 200
        assert client.get("/api/session", headers={"host": "other.test"}).status_code == 421


@pytest.mark.parametrize(
    ("peer", "forwarded", "seen"),
    [
        ("10.0.0.1", "1.2.3.4", "1.2.3.4"),
        ("10.0.0.1", "6.6.6.6, 1.2.3.4, 10.0.0.2", "1.2.3.4"),
        ("10.0.0.1", "2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("9.9.9.9", "1.2.3.4", "9.9.9.9"),
    ],
)
def test_A7_who_a_client_is_said_to_be_is_believed_of_trusted_proxies_only(
    folder: Path, peer: str, forwarded: str, seen: str
) -> None:
    app = small_app(folder, public=True, trusted_proxies=("10.0.0.0/8",))

    @app.get("/api/mirror")
    async def mirror(request: Request) -> dict[str, Any]:
        return {"address": address_of(request), "scheme": request.url.scheme}

    with TestClient(app, base_url="http://moss.test", client=(peer, 5)) as client:
        headers = {"x-forwarded-for": forwarded, "x-forwarded-proto": "https"}
        answer = client.get("/api/mirror", headers=headers).json()
    assert answer == {"address": seen, "scheme": "https" if peer == "10.0.0.1" else "http"}
