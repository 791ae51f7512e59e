"""Slow, broken and too many clients, over real sockets: each is told so or closed, and nobody else waits for it."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

import pytest
import uvicorn
from fastapi import FastAPI, Request

from moss.cli.serve import listen
from moss.server.guard import protect
from moss.server.http_protocol import HEADER_BYTES, server_config
from moss.server.limits import Limits
from moss.server.settings import ServerSettings

Address = tuple[str, int]


def small_app(settings: ServerSettings) -> FastAPI:
    app = FastAPI()
    protect(app, settings, Limits(settings))

    @app.get("/health")
    async def health() -> dict[str, str]:
        return {"status": "ok"}

    @app.post("/echo")
    async def echo(request: Request) -> object:
        return await request.json()

    return app


@contextmanager
def serving(settings: ServerSettings) -> Iterator[Address]:
    listener = listen("127.0.0.1", 0)
    server = uvicorn.Server(server_config(small_app(settings), settings))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield listener.getsockname()
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="module")
def impatient() -> Iterator[Address]:
    """A server that gives a request one second."""
    with serving(ServerSettings(receive_seconds=1.0, address_connections=1000)) as address:
        yield address


def ask(address: Address, request: bytes) -> bytes:
    """All that the server says to these bytes until it closes the connection, or for five seconds."""
    with socket.create_connection(address, timeout=5) as connection:
        connection.sendall(request)
        return rest(connection)


def rest(connection: socket.socket) -> bytes:
    parts = []
    with suppress(TimeoutError, ConnectionResetError):
        while part := connection.recv(65_536):
            parts.append(part)
    return b"".join(parts)


def told(answer: bytes) -> tuple[int, dict[str, object]]:
    """The status, and the error in OpenAI's form."""
    head, _, body = answer.partition(b"\r\n\r\n")
    error = json.loads(body)["error"]
    assert set(error) == {"message", "type", "param", "code"}
    return int(head.split()[1]), error


GET = b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
HALF_HEADERS = b"GET /health HTTP/1.1\r\nHost: localhost\r\nX-Slow: "
HALF_BODY = b"POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n[1"


def test_H1_half_open_requests_are_closed_and_hold_up_nobody(impatient: Address) -> None:
    with ExitStack() as stack:
        started = time.monotonic()
        half_open = [stack.enter_context(socket.create_connection(impatient)) for _ in range(400)]
        for connection, request in zip(half_open, [HALF_HEADERS] * 350 + [HALF_BODY] * 50, strict=True):
            connection.sendall(request)
        durations = []
        for _ in range(20):
            before = time.monotonic()
            assert ask(impatient, GET).startswith(b"HTTP/1.1 200")
            durations.append(time.monotonic() - before)
        for connection in half_open:
            connection.settimeout(15)
            assert told(rest(connection))[0] == 408
        # The catalogue's bound, which is for a deadline of ten seconds and more.
        assert time.monotonic() - started <= 15
    assert sorted(durations)[10] <= 0.1


def test_H2_a_body_of_a_byte_now_and_then_has_a_deadline_too(impatient: Address) -> None:
    with socket.create_connection(impatient, timeout=10) as connection:
        connection.sendall(HALF_BODY)
        started = time.monotonic()
        with suppress(BrokenPipeError, ConnectionResetError):
            while time.monotonic() - started < 5:
                connection.sendall(b" ")
                time.sleep(0.1)
        assert 0.5 <= time.monotonic() - started < 5


def test_a_connection_that_says_nothing_is_closed_without_a_word(impatient: Address) -> None:
    assert ask(impatient, b"") == b""


def test_a_second_request_on_the_connection_has_a_deadline_of_its_own(impatient: Address) -> None:
    with socket.create_connection(impatient, timeout=5) as connection:
        connection.sendall(GET.replace(b"Connection: close\r\n", b""))
        assert connection.recv(65_536).startswith(b"HTTP/1.1 200")
        connection.sendall(HALF_HEADERS)
        assert told(rest(connection))[0] == 408


def test_a_whole_request_is_answered_however_it_is_cut(impatient: Address) -> None:
    body = json.dumps({"text": "好" * 1000}).encode()
    head = b"POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nConnection: close\r\n"
    request = head + f"Content-Length: {len(body)}\r\n\r\n".encode() + body
    with socket.create_connection(impatient, timeout=5) as connection:
        for at in range(0, len(request), 1500):
            connection.sendall(request[at : at + 1500])
        answer = rest(connection)
    assert json.loads(answer.partition(b"\r\n\r\n")[2]) == {"text": "好" * 1000}


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        pytest.param(GET[:-2] + b"X-Long: " + b"x" * 65_536 + b"\r\n\r\n", 431, id="a header of 64 KB"),
        pytest.param(GET[:-2] + b"X-Many: 1\r\n" * 2000 + b"\r\n", 431, id="2000 headers"),
        pytest.param(GET[:-2] + b"Cookie: " + b"a=b; " * 20_000 + b"\r\n\r\n", 431, id="a cookie of 100 KB"),
        pytest.param(b"GET /" + b"a" * HEADER_BYTES, 431, id="an endless request line"),
        pytest.param(b"HELLO\r\n\r\n", 400, id="no HTTP"),
        pytest.param(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\r\n\r\n", 400, id="TLS"),
    ],
)
def test_H6_what_is_too_much_or_no_http_is_told_in_the_form_of_every_error(
    impatient: Address, request_bytes: bytes, status: int
) -> None:
    found, error = told(ask(impatient, request_bytes))
    assert found == status
    assert error["type"] == "invalid_request_error"


def test_L3_connections_beyond_the_limits_are_told_to_come_again() -> None:
    with serving(ServerSettings(address_connections=3)) as address, ExitStack() as stack:
        held = [stack.enter_context(socket.create_connection(address)) for _ in range(3)]
        for connection in held:
            connection.sendall(HALF_HEADERS)
        answer = ask(address, GET)
        assert told(answer)[0] == 429
        assert b"\r\nretry-after: 1\r\n" in answer
        held[0].close()
        for _ in range(50):
            if ask(address, GET).startswith(b"HTTP/1.1 200"):
                break
            time.sleep(0.05)
        else:
            pytest.fail("a place that became free was not given again")
    with serving(ServerSettings(connections=2)) as address, ExitStack() as stack:
        for _ in range(2):
            stack.enter_context(socket.create_connection(address)).sendall(HALF_HEADERS)
        assert told(ask(address, GET))[0] == 503


def test_all_clients_of_a_trusted_proxy_may_share_its_address() -> None:
    settings = ServerSettings(address_connections=1, trusted_proxies=("127.0.0.0/8",))
    with serving(settings) as address, socket.create_connection(address) as held:
        held.sendall(HALF_HEADERS)
        assert ask(address, GET).startswith(b"HTTP/1.1 200")
