"""The page's files: exact names only, kept for ever under their version, and never a path to the disk."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from moss.server.api_errors import tell_errors
from moss.server.pages import WEB, missing_page, page_routes, read_site


@pytest.fixture
def client() -> Iterator[TestClient]:
    app = FastAPI()
    tell_errors(app)
    app.include_router(page_routes())
    app.add_exception_handler(404, missing_page())
    with TestClient(app) as found:
        yield found


def test_every_address_of_the_page_is_the_same_document(client: TestClient) -> None:
    pages = [client.get(path) for path in ("/", "/c/some-chat", "/s/some-share", "/admin", "/settings")]
    assert {page.status_code for page in pages} == {200}
    assert len({page.text for page in pages}) == 1
    assert pages[0].headers["content-type"] == "text/html; charset=utf-8"
    assert pages[0].headers["cache-control"] == "no-cache"
    assert "{{" not in pages[0].text


def test_an_address_that_does_not_exist_is_told_to_people_and_to_programs(client: TestClient) -> None:
    page = client.get("/nonsense/here", headers={"accept": "text/html,*/*;q=0.8"})
    assert (page.status_code, page.text) == (404, client.get("/").text)
    for path, accept in (("/nonsense", "*/*"), ("/api/nonsense", "text/html"), ("/v1/nonsense", "text/html")):
        answer = client.get(path, headers={"accept": accept})
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")
    assert client.post("/nonsense", headers={"accept": "text/html"}).json()["error"]["code"] == "not_found"


def test_files_are_kept_for_ever_under_their_version(client: TestClient) -> None:
    version = read_site().version
    answer = client.get(f"/static/{version}/app.js")
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.content == (WEB / "app.js").read_bytes()
    assert client.get("/static/000000000000/app.js").status_code == 404


def test_who_has_a_file_gets_304(client: TestClient) -> None:
    first = client.get("/")
    again = client.get("/", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert client.get("/", headers={"if-none-match": 'W/"something else"'}).status_code == 200


def test_compressed_only_for_who_can_read_it(client: TestClient) -> None:
    packed = client.get("/", headers={"accept-encoding": "gzip"})
    plain = client.get("/", headers={"accept-encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.content == plain.content


def test_another_content_is_another_version(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("<script src={{base}}/app.js></script>")
    (tmp_path / "app.js").write_text("1")
    before = read_site(tmp_path)
    (tmp_path / "app.js").write_text("2")
    after = read_site(tmp_path)
    assert before.version != after.version
    assert before.version.encode() in before.index.body
    # What another start of the same server packs is the same, byte for byte.
    assert gzip.decompress(read_site(tmp_path).index.packed or b"") in (b"", after.index.body)


@pytest.mark.parametrize(
    "path",
    [
        "../pages.py",
        "..%2fpages.py",
        "%2e%2e/pages.py",
        "%252e%252e%252fpages.py",
        "..%5cpages.py",
        "..\\pages.py",
        "locales/../../pages.py",
        "locales/",
        "locales",
        "",
        ".",
        "/etc/passwd",
        "%2fetc%2fpasswd",
        "//etc/passwd",
        "app.js%00.css",
        "app.js/",
        "APP.JS",
        "index.html",
        "fonts/OFL.txt%20",
        "file:///etc/passwd",
    ],
)
def test_H7_no_path_leads_out_of_the_page(client: TestClient, path: str) -> None:
    answer = client.get(f"/static/{read_site().version}/{path}")
    assert answer.status_code == 404
    assert b"root:" not in answer.content


def test_H7_links_and_foreign_files_are_not_served(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("")
    (tmp_path / "secret.py").write_text("secret")
    (tmp_path / "notes.bak").write_text("secret")
    assert read_site(tmp_path).files == {}
