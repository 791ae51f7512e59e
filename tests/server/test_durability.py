"""What survives when a server process is killed, told to stop, or restarted: real processes, real connections."""

from __future__ import annotations

import asyncio
import itertools
import json
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.server.served_fake import words

PATIENCE = 300.0
"""Seconds that anything may take before it counts as hanging; a busy machine is slow."""

WORDS, PAUSE = 40, 0.02
"""A reply takes about a second."""


@contextmanager
def served(folder: Path, *settings: str, count: int = WORDS, pause: float = PAUSE) -> Iterator[tuple[Any, str]]:
    """A server process and its address; killed when the block has not ended it."""
    command = [sys.executable, "-m", "tests.server.served_fake", str(folder), str(count), str(pause), *settings]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield process, process.stdout.readline().strip()
    finally:
        process.kill()
        process.communicate()


def client_of(url: str) -> httpx2.AsyncClient:
    # No certificates are read: each client would do it again, for an address without them.
    return httpx2.AsyncClient(base_url=url, timeout=PATIENCE, verify=False, headers={"origin": url})


async def ready(client: httpx2.AsyncClient, wanted: int = 200) -> None:
    """Waits until the server says that it takes work, or does not any more."""
    async with asyncio.timeout(PATIENCE):
        while (await client.get("/ready")).status_code != wanted:
            await asyncio.sleep(0.02)


async def follow(client: httpx2.AsyncClient, generation_id: str, seen: dict[int, tuple[str, Any]]) -> None:
    """Notes the events of a reply by their numbers as they come; returns at its end, or when the server is gone."""
    number, kind = 0, ""
    async with client.stream("GET", f"/api/generations/{generation_id}/events") as response:
        async for line in response.aiter_lines():
            name, _, value = line.partition(": ")
            match name:
                case "id":
                    number = int(value)
                case "event":
                    kind = value
                case "data" if kind != "queued":
                    assert number not in seen, "an event came twice"
                    seen[number] = (kind, json.loads(value))


def shown(seen: dict[int, tuple[str, Any]]) -> str:
    """The text that a reader has seen."""
    return "".join(seen[number][1]["text"] for number in sorted(seen) if seen[number][0] == "text")


@dataclass
class Witness:
    """Clients that post and read, and remember what the server has told them."""

    posted: dict[str, tuple[str, str | None]] = field(default_factory=dict)
    """client_msg_id -> chat, and the generation where the post was acknowledged."""
    seen: dict[str, dict[int, tuple[str, Any]]] = field(default_factory=lambda: defaultdict(dict))
    """generation -> its events."""
    numbers: Iterator[int] = field(default_factory=itertools.count)

    @property
    def told(self) -> int:
        """How many answers and events it has had from servers."""
        return sum(made is not None for _, made in self.posted.values()) + sum(map(len, self.seen.values()))

    async def has_heard(self, count: int) -> None:
        """Waits for so many: a moment that is as random on a slow machine as on a fast one."""
        async with asyncio.timeout(PATIENCE):
            while self.told < count:
                await asyncio.sleep(0.002)

    async def talk(self, client: httpx2.AsyncClient) -> None:
        """Makes chats, and in each asks one question, until the server is gone."""
        with suppress(httpx2.HTTPError):
            while True:
                chat = (await client.post("/api/chats", json={})).json()
                question = f"q{next(self.numbers)}"
                self.posted[question] = (chat["id"], None)
                answer = await self.post(client, question)
                if answer.status_code != 201:  # it is stopping
                    return
                await self.read(client, question)

    async def post(self, client: httpx2.AsyncClient, question: str) -> httpx2.Response:
        chat_id, _ = self.posted[question]
        body = {"client_msg_id": question, "parent_id": None, "text": question}
        answer = await client.post(f"/api/chats/{chat_id}/messages", json=body)
        if answer.status_code == 201:
            self.posted[question] = (chat_id, answer.json()["generations"][0]["id"])
        return answer

    async def read(self, client: httpx2.AsyncClient, question: str) -> None:
        generation_id = self.posted[question][1]
        assert generation_id is not None
        await follow(client, generation_id, self.seen[generation_id])

    async def check(self, client: httpx2.AsyncClient) -> None:
        """After a restart: nothing acknowledged is lost, nothing is doubled, and what was seen is still there."""
        for question, (chat_id, generation_id) in self.posted.items():
            chat = await client.get(f"/api/chats/{chat_id}")
            messages = chat.json()["messages"]
            asked = [message for message in messages if message["role"] == "user"]
            assert len(asked) <= 1
            if generation_id is None:
                continue
            assert [message["text"] for message in asked] == [question]
            (reply,) = (message for message in messages if message["role"] == "assistant")
            whole = "".join(words(question, WORDS))
            assert reply["status"] in ("complete", "interrupted")
            assert whole.startswith(reply["text"])
            assert reply["text"] == whole or reply["status"] == "interrupted"
            seen = self.seen[generation_id]
            assert reply["text"].startswith(shown(seen))
            log: dict[int, tuple[str, Any]] = {}
            await follow(client, generation_id, log)
            assert sorted(log) == list(range(1, len(log) + 1))
            assert seen.items() <= log.items()
            assert shown(log) == reply["text"]
            assert log[len(log)][0] == "end"

    async def post_again(self, client: httpx2.AsyncClient) -> None:
        """Posts again what was not acknowledged, as a page does; it may have arrived all the same."""
        for question in [question for question, (_, made) in self.posted.items() if made is None]:
            assert (await self.post(client, question)).status_code == 201
            await self.read(client, question)


async def kill_and_look(folder: Path, kills: int, how: signal.Signals, seed: int) -> None:
    """Ends the server again and again at random moments; the one that follows is looked at, and ended next."""
    luck, witness = random.Random(seed), Witness()
    for round_ in range(kills + 1):
        with served(folder, "drain_seconds=0.2") as (process, url):
            async with client_of(url) as client:
                await ready(client)
                await witness.check(client)
                await witness.post_again(client)
                if round_ == kills:
                    break
                talking = [asyncio.create_task(witness.talk(client)) for _ in range(4)]
                await witness.has_heard(witness.told + luck.randrange(80))
                process.send_signal(how)
                code = await asyncio.to_thread(process.wait, PATIENCE)
                assert code == (-signal.SIGKILL if how is signal.SIGKILL else 0)
                await asyncio.gather(*talking)
                if how is not signal.SIGKILL:
                    assert not unfinished(folder)
    with sqlite3.connect(folder / "moss.db") as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def unfinished(folder: Path) -> list[Any]:
    with sqlite3.connect(folder / "moss.db") as database:
        return database.execute("SELECT id FROM generations WHERE status IN ('queued', 'running')").fetchall()


async def test_D1_killed_servers_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    await kill_and_look(tmp_path, 3, signal.SIGKILL, seed=0)


@pytest.mark.soak
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("seed", range(4))
async def test_D1_fifty_kills(tmp_path: Path, seed: int) -> None:
    await kill_and_look(tmp_path, 50, signal.SIGKILL, seed)


async def test_C7_a_restart_by_sighup_loses_nothing(tmp_path: Path) -> None:
    await kill_and_look(tmp_path, 1, signal.SIGHUP, seed=1)


async def test_C5_sigterm_with_fifty_streams(tmp_path: Path) -> None:
    witness = Witness()
    with served(tmp_path, "drain_seconds=2", "slots=50", count=100_000, pause=0.05) as (process, url):
        async with client_of(url) as client:
            await ready(client)
            chat_id = (await client.post("/api/chats", json={})).json()["id"]
            questions = [f"q{number}" for number in range(50)]
            for question in questions:
                witness.posted[question] = (chat_id, None)
                await witness.post(client, question)
            reading = [asyncio.create_task(witness.read(client, question)) for question in questions]
            async with asyncio.timeout(PATIENCE):
                while not all(map(shown, witness.seen.values())) or len(witness.seen) < 50:
                    await asyncio.sleep(0.05)
            process.send_signal(signal.SIGTERM)
            await ready(client, 503)
            refusal = await witness.post(client, questions[0])
            assert refusal.status_code == 503
            assert int(refusal.headers["retry-after"]) > 0
            await asyncio.gather(*reading)
        assert await asyncio.to_thread(process.wait, PATIENCE) == 0
    for seen in witness.seen.values():
        kind, payload = seen[max(seen)]
        assert (kind, payload["status"]) == ("end", "interrupted")
        assert payload["message"]["text"] == shown(seen)
    assert not unfinished(tmp_path)


async def test_C6_a_second_sigterm_ends_it_now(tmp_path: Path) -> None:
    witness = Witness()
    with served(tmp_path, "drain_seconds=600", count=100_000, pause=0.05) as (process, url):
        async with client_of(url) as client:
            await ready(client)
            witness.posted["q"] = ((await client.post("/api/chats", json={})).json()["id"], None)
            await witness.post(client, "q")
            process.send_signal(signal.SIGTERM)
            await ready(client, 503)
            before = time.monotonic()
            process.send_signal(signal.SIGTERM)
            assert await asyncio.to_thread(process.wait, PATIENCE) == 0
            print(f"C6: ended {time.monotonic() - before:.2f} s after the second signal")
    assert not unfinished(tmp_path)
