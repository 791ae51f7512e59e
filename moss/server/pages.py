"""The page and its files, from memory: one HTML document for every address of the page, and files that never change.

Everything in `web/` is read once, when the server starts, and found by the exact name it has there. What was no file
then does not exist: however a path is spelt, it never reaches the disk, and there is no index of a folder. The
addresses of files carry a hash of the whole folder (/static/HASH/app.js), so that they may be kept for ever; modules
import each other by relative names and stay within their version. Not here: the security headers of every answer
(guard.py).
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import Response

from .api_errors import ApiError, tell_http_error

WEB = Path(__file__).parent / "web"
"""The page's source: what stands here is served as it is."""

MEDIA_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".woff2": "font/woff2",
}
"""What is served, and as what; other files in the folder are not."""

PACKED = frozenset({".woff2"})
"""Compressed by themselves."""

FOR_EVER = "public, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"
"""A browser may keep it, and asks each time whether it has changed."""

INDEX = "index.html"
BASE = b"{{base}}"
"""Stands in the HTML for the address of its version of the files."""

NOT_OF_THE_PAGE = ("/api/", "/v1/", "/static/", "/files/")
"""What asks there is a program, also where it says that it takes HTML."""

ADDRESSES = ("/", "/c/{chat_id}", "/s/{share_id}", "/admin", "/settings")
"""Where the page is; what it shows there it decides itself."""


@dataclass(frozen=True, slots=True)
class StaticFile:
    """One file, ready to be sent."""

    body: bytes
    packed: bytes | None
    """The same with gzip, where that is shorter."""
    media_type: str
    etag: str

    def response(self, request: Request, caching: str) -> Response:
        """The answer to a request: 304 for who has it already, compressed for who can read that."""
        headers = {"cache-control": caching, "etag": self.etag, "vary": "accept-encoding"}
        if self.etag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        body = self.body
        if self.packed is not None and "gzip" in request.headers.get("accept-encoding", ""):
            body, headers["content-encoding"] = self.packed, "gzip"
        return Response(body, headers=headers, media_type=self.media_type)


def static_file(body: bytes, suffix: str) -> StaticFile:
    """The file with this content and ending (one of `MEDIA_TYPES`)."""
    # No time in the header: the same content is the same bytes, on every server and after every start.
    packed = None if suffix in PACKED else gzip.compress(body, mtime=0)
    return StaticFile(
        body,
        packed if packed is not None and len(packed) < len(body) else None,
        MEDIA_TYPES[suffix],
        f'W/"{hashlib.sha256(body).hexdigest()[:20]}"',
    )


@dataclass(frozen=True)
class Site:
    """All files of the page, by their names below `web/`, and the version they are together."""

    files: dict[str, StaticFile]
    version: str
    index: StaticFile


def read_site(folder: Path = WEB) -> Site:
    """The page as it is on the disk now."""
    paths = sorted(path for path in folder.rglob("*") if path.suffix in MEDIA_TYPES and path.is_file())
    bodies = {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}
    digest = hashlib.sha256()
    for name, body in bodies.items():
        digest.update(f"{name} {len(body)}\n".encode() + body)
    version = digest.hexdigest()[:12]
    index = bodies.pop(INDEX).replace(BASE, f"/static/{version}".encode())
    files = {name: static_file(body, Path(name).suffix) for name, body in bodies.items()}
    return Site(files, version, static_file(index, ".html"))


packaged_site = cache(read_site)
"""The page that comes with the package, read once in a process."""


def page_routes(site: Site | None = None) -> APIRouter:
    """The routes of the page; the packaged one when `site` is left out."""
    shown = site or packaged_site()
    router = APIRouter(include_in_schema=False)

    async def get_page(request: Request) -> Response:
        return shown.index.response(request, ASK_AGAIN)

    for address in ADDRESSES:
        router.add_api_route(address, get_page, methods=["GET", "HEAD"])

    @router.api_route("/static/{version}/{name:path}", methods=["GET", "HEAD"])
    async def get_file(request: Request, version: str, name: str) -> Response:
        found = shown.files.get(name) if version == shown.version else None
        if found is None:
            raise ApiError(404, "there is no such file of the page; loading it again finds the new one", "not_found")
        return found.response(request, FOR_EVER)

    @router.api_route("/favicon.ico", methods=["GET", "HEAD"])
    async def get_icon(request: Request) -> Response:
        return shown.files["favicon.svg"].response(request, ASK_AGAIN)

    return router


def missing_page(site: Site | None = None) -> Callable[[Request, Exception], Awaitable[Response]]:
    """The handler of addresses that do not exist: who looks there with a browser gets the page, which says so."""
    shown = site or packaged_site()

    async def tell(request: Request, error: Exception) -> Response:
        looks = request.method in ("GET", "HEAD") and "text/html" in request.headers.get("accept", "")
        if not looks or request.url.path.startswith(NOT_OF_THE_PAGE):
            return await tell_http_error(request, error)
        return Response(shown.index.body, 404, {"cache-control": "no-store"}, shown.index.media_type)

    return tell
