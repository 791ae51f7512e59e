"""HTTP/1.1 as uvicorn speaks it, with an end to patience: deadlines for requests, limits of size and of connections.

uvicorn waits for ever for a request that comes a byte at a time, and answers what is no HTTP in plain text. Here a
request has so many seconds to arrive, headers and body together, counted from its first byte (a connection's first one
from its beginning); a client address has so many connections; and every refusal has OpenAI's form. How long an answer
takes to be read is not limited: a stream may be slow. Not here: the size of bodies (`bodies.py`), rates (`limits.py`).
"""

from __future__ import annotations

import asyncio
import logging
import resource
from collections import Counter
from http import HTTPStatus
from ipaddress import ip_address, ip_network
from typing import Any

import h11
import uvicorn
from fastapi import FastAPI
from starlette.requests import HTTPConnection
from uvicorn.protocols.http.h11_impl import H11Protocol

from .addresses import address_of
from .api_errors import ApiError
from .settings import ServerSettings

logger = logging.getLogger(__name__)

HEADER_BYTES = 32 * 1024
"""The longest request line and headers that are taken in; `guard.py` refuses less than that with a reason."""
KEEP_ALIVE_SECONDS = 30
"""How long a connection may be idle between two requests."""
REFUSED_SECONDS = 1.0
"""What a connection beyond the limits gets to send the request that is then refused."""
OTHER_FILES = 64
"""Open files that are left for everything but connections."""


def server_config(app: FastAPI, settings: ServerSettings) -> uvicorn.Config:
    """How uvicorn is to serve the application. Raises the limit of open files as far as the system allows."""
    most = min(settings.connections, _open_files() - OTHER_FILES)
    return uvicorn.Config(
        app,
        http=_limited(settings, most),
        ws="none",
        lifespan="on",
        h11_max_incomplete_event_size=HEADER_BYTES,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        backlog=1024,
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
    )


class Patience(H11Protocol):
    """One connection. Subclasses set the limits; `_limited` makes them from the settings."""

    receive_seconds: float
    most: int
    most_of_address: int
    trusted_proxies: tuple[str, ...]
    conn: _Connection
    of_address: Counter[str]
    """Connections that are open, by client address; shared by all connections of one server."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.conn = _Connection(h11.SERVER, HEADER_BYTES)
        self._deadline: asyncio.TimerHandle | None = None
        self._address: str | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(transport)
        seconds = self.receive_seconds
        refusal = self._refusal()
        if refusal is not None:
            self.app = refusal.response()
            seconds = min(seconds, REFUSED_SECONDS)
        self._deadline = self.loop.call_later(seconds, self._give_up)

    def connection_lost(self, exc: Exception | None) -> None:
        self._disarm()
        if self._address is not None:
            self.of_address[self._address] -= 1
            if not self.of_address[self._address]:
                del self.of_address[self._address]
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._deadline is None:
            self._deadline = self.loop.call_later(self.receive_seconds, self._give_up)
        super().data_received(data)
        if self.conn.their_state not in (h11.IDLE, h11.SEND_BODY):
            self._disarm()

    def send_400_response(self, msg: str) -> None:
        """What is no HTTP, or too much of it, is told in the form of every other error."""
        if self.conn.refused_with == 431:
            self._refuse(ApiError(431, f"the headers are longer than {HEADER_BYTES} bytes", "headers"))
        else:
            self._refuse(ApiError(400, "this is no request of HTTP/1.1", "invalid_http"))

    def _refusal(self) -> ApiError | None:
        """Whether this connection is one too many; counts it."""
        if len(self.connections) > self.most:
            logger.warning("more than %d connections", self.most)
            return _one_too_many(503, "the server has too many connections; try again", "overloaded")
        if self.client is None or self._is_trusted_proxy(self.client[0]):
            return None
        self._address = address_of(HTTPConnection({"type": "http", "client": self.client}))
        self.of_address[self._address] += 1
        if self.of_address[self._address] > self.most_of_address:
            return _one_too_many(429, "too many connections from this address", "rate_limit_exceeded")
        return None

    def _is_trusted_proxy(self, host: str) -> bool:
        """All of a proxy's clients come from its one address, and counting them is left to it."""
        try:
            address = ip_address(host)
        except ValueError:
            return False
        return any(address in ip_network(network, strict=False) for network in self.trusted_proxies)

    def _disarm(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _give_up(self) -> None:
        """The request has not come in time."""
        self._deadline = None
        nothing_came = self.cycle is None and not self.conn.trailing_data[0]
        if nothing_came:
            self.transport.close()
        else:
            seconds = self.receive_seconds
            self._refuse(ApiError(408, f"the request did not arrive within {seconds:g} s", "request_timeout"))

    def _refuse(self, error: ApiError) -> None:
        """Answers in place of the application, where there is no answer yet, and closes the connection."""
        if self.cycle is not None:
            # Whoever waits for the rest of the body hears that nobody is there any more.
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            response = error.response()
            headers = [*response.raw_headers, (b"connection", b"close")]
            reason = HTTPStatus(error.status).phrase.encode()
            for event in (
                h11.Response(status_code=error.status, headers=headers, reason=reason),
                h11.Data(data=bytes(response.body)),
                h11.EndOfMessage(),
            ):
                self.transport.write(self.conn.send(event) or b"")
        self.transport.close()


class _Connection(h11.Connection):
    """Remembers what h11 would answer to what it cannot read, which uvicorn does not pass on."""

    refused_with: int | None = None

    def next_event(self) -> Any:
        try:
            return super().next_event()
        except h11.RemoteProtocolError as error:
            self.refused_with = error.error_status_hint
            raise


def _one_too_many(status: int, message: str, code: str) -> ApiError:
    return ApiError(status, message, code, retry_after=1, headers={"connection": "close"})


def _limited(settings: ServerSettings, most: int) -> type[Patience]:
    """The protocol with the limits of these settings."""
    limits = {
        "receive_seconds": settings.receive_seconds,
        "most": most,
        "most_of_address": settings.address_connections,
        "trusted_proxies": settings.trusted_proxies,
        "of_address": Counter(),
    }
    return type("LimitedPatience", (Patience,), limits)


def _open_files() -> int:
    """How many files this process may open, after asking for as many as it can have."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = hard if hard != resource.RLIM_INFINITY else max(soft, 65_536)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return wanted
