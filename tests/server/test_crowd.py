"""L3 in small: of a crowd each has a turn, or is told to come again; who only reads waits for nobody."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from starlette.types import Message, Receive, Scope, Send

from moss.server import crowd
from moss.server.crowd import Crowd

FEW = 3


class Asked:
    """One request, and what came back of it."""

    def __init__(self, app: Crowd, method: str) -> None:
        self.messages: list[Message] = []
        self.begun = asyncio.Event()
        scope: Scope = {"type": "http", "method": method, "path": "/", "headers": []}
        self.task = asyncio.create_task(app(scope, self._receive, self._send))

    async def _receive(self) -> Message:
        raise AssertionError("nobody reads here")

    async def _send(self, message: Message) -> None:
        self.messages.append(message)
        self.begun.set()

    async def status(self) -> int:
        async with asyncio.timeout(60):
            await self.begun.wait()
        status: int = self.messages[0]["status"]
        return status


class Work:
    """An application that begins to answer when it is told to, and does not end before."""

    def __init__(self) -> None:
        self.running = 0
        self.begin, self.end = asyncio.Event(), asyncio.Event()
        self.app = Crowd(self._answer)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.running += 1
        await self.begin.wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await self.end.wait()

    def ask(self, method: str = "POST") -> Asked:
        return Asked(self.app, method)


@asynccontextmanager
async def full() -> AsyncIterator[tuple[Work, list[Asked]]]:
    """An application that has as much to do as it may."""
    work = Work()
    inside = [work.ask() for _ in range(FEW)]
    await asyncio.sleep(0.01)
    assert work.running == FEW
    yield work, inside
    work.begin.set()
    work.end.set()
    assert [await asked.status() for asked in inside] == [200] * FEW


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crowd, "AT_ONCE", FEW)
    monkeypatch.setattr(crowd, "PATIENCE_SECONDS", 60.0)  # however busy the machine is


async def test_L3_who_would_wait_too_long_is_told_to_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crowd, "PATIENCE_SECONDS", 0.1)
    async with full() as (work, _):
        late = [work.ask() for _ in range(20)]
        assert [await asked.status() for asked in late] == [503] * 20
        assert dict(late[0].messages[0]["headers"])[b"retry-after"] == b"1"
        assert work.running == FEW


async def test_L3_who_waits_has_the_next_place() -> None:
    async with full() as (work, _):
        waiting = work.ask()
        await asyncio.sleep(0.01)
        assert work.running == FEW
        work.begin.set()  # those inside begin to answer, and go on: streams hold no place
        assert await waiting.status() == 200
        assert work.running == FEW + 1


async def test_L3_reading_and_what_waits_for_a_model_holds_no_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crowd, "WORK_SECONDS", 0.02)
    async with full() as (work, _):
        work.ask("GET")
        await asyncio.sleep(0.05)
        assert work.running == FEW + 1
        work.ask()
        await asyncio.sleep(0.01)
        assert work.running == FEW + 2


async def test_L3_a_request_that_is_given_up_gives_its_place_back() -> None:
    async with full() as (work, inside):
        given_up = work.ask()
        await asyncio.sleep(0.01)
        given_up.task.cancel()
        inside.pop().task.cancel()
        inside.append(work.ask())
        await asyncio.sleep(0.01)
        assert work.running == FEW + 1
