"""Lines of the log: nobody's words in them, the id of the request in each, and nothing that forges one."""

from __future__ import annotations

import asyncio
import io
import json
import logging
from collections.abc import Iterator

import httpx2
import pytest
from fastapi import FastAPI

from moss.conversation import ToolCall
from moss.server.logs import JsonLines, RequestLog, configure_logs, request_id
from moss.tools import Tool, Toolbox, ToolResult

SECRET = "my card is 4111 1111 1111 1111"


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What is logged at the level of a server, as text."""
    written = io.StringIO()
    root, moss = logging.getLogger(), logging.getLogger("moss")
    before = root.handlers[:], root.level, moss.level
    configure_logs("INFO")
    for handler in root.handlers:
        assert isinstance(handler, logging.StreamHandler)
        handler.setStream(written)
    yield written
    root.handlers[:] = before[0]
    root.setLevel(before[1])
    moss.setLevel(before[2])


def read(written: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in written.getvalue().splitlines()]


def app() -> FastAPI:
    made = FastAPI()

    @made.get("/s/{share_id}")
    async def shared(share_id: str) -> str:
        await asyncio.to_thread(logging.getLogger("moss.work").info, "working")
        return request_id() or ""

    @made.get("/broken")
    async def broken() -> None:
        raise RuntimeError(SECRET)

    return made


async def ask(path: str, given: bytes | None = None) -> tuple[httpx2.Response, list[tuple[str, str, int]]]:
    noted: list[tuple[str, str, int]] = []
    logged = RequestLog(app(), lambda method, route, status, seconds: noted.append((method, route, status)))
    transport = httpx2.ASGITransport(logged, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as client:
        headers = [] if given is None else [(b"x-request-id", given)]
        return await client.get(path, headers=headers), noted


async def test_O2_a_request_has_one_id_from_end_to_end(lines: io.StringIO) -> None:
    response, _ = await ask("/s/x", b"from.the-proxy_1")
    assert response.headers["x-request-id"] == response.json() == "from.the-proxy_1"
    assert [line["request_id"] for line in read(lines)] == ["from.the-proxy_1"] * 2


@pytest.mark.parametrize("given", [b"", b"a b", b"x" * 65, b'x"\\', b"\xe9"])
async def test_O2_an_id_that_is_not_sane_is_replaced(lines: io.StringIO, given: bytes) -> None:
    response, _ = await ask("/s/x", given)
    assert response.headers["x-request-id"].startswith("req-")


async def test_O2_a_line_has_the_pattern_of_the_route_and_no_address(lines: io.StringIO) -> None:
    _, noted = await ask("/s/the-secret-of-a-share?query=what-was-searched")
    assert "secret" not in lines.getvalue()
    assert "searched" not in lines.getvalue()
    assert noted == [("GET", "/s/{share_id}", 200)]
    *_, last = read(lines)
    assert {key: last[key] for key in ("method", "route", "status")} == {
        "method": "GET",
        "route": "/s/{share_id}",
        "status": 200,
    }


async def test_O2_an_exception_is_told_by_kind_and_place_and_not_by_its_words(lines: io.StringIO) -> None:
    response, noted = await ask("/broken")
    assert (response.status_code, noted[0][2]) == (500, 500)
    try:
        try:
            raise ValueError(SECRET)
        except ValueError as error:
            raise LookupError(SECRET) from error
    except LookupError:
        logging.getLogger("moss.work").exception("a reply failed")
    assert SECRET not in lines.getvalue()
    told = read(lines)[-1]["exception"]
    assert isinstance(told, dict)
    assert (told["type"], told["cause"]["type"]) == ("builtins.LookupError", "builtins.ValueError")
    assert "test_operation_logs.py" in told["at"][-1]


def test_the_words_of_an_exception_are_there_for_who_asks_for_them() -> None:
    try:
        raise ValueError(SECRET)
    except ValueError as error:
        record = logging.LogRecord("moss", logging.ERROR, "", 0, "failed", (), (type(error), error, None))
    assert SECRET in JsonLines(told_in_full=True).format(record)
    assert SECRET not in JsonLines().format(record)


@pytest.mark.parametrize(
    "value", ["a\nb", "a\r\nb", "\x1b[2J", "\u202edesrever", "\u2028", '"}\n{"level": "info"', "\0"]
)
def test_O2_no_value_forges_a_line(value: str) -> None:
    record = logging.LogRecord("moss", logging.INFO, "", 0, "%s", (value,), None)
    record.fields = {"field": value}
    line = JsonLines().format(record)
    assert line.isascii()
    assert line.isprintable()
    assert json.loads(line)["message"] == value
    assert json.loads(line)["field"] == value


def test_O2_what_a_tool_was_asked_for_is_not_logged(lines: io.StringIO) -> None:
    class Failing(Tool):
        name = title = "Failing"
        parameter, description = "text", "Fails."

        def run(self, argument: str) -> ToolResult:
            raise RuntimeError(f"cannot read {argument}")

    toolbox = Toolbox([Failing()])
    ((_, call),) = toolbox.run([ToolCall("Failing", SECRET)])
    assert call.status == "failed"
    assert "Failing" in lines.getvalue()
    assert SECRET not in lines.getvalue()
