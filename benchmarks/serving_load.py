"""Prints how the server does under load: the figures L1 to L7 of docs/reference/serving-tests.md.

    python benchmarks/serving_load.py                      all of them, as the catalogue asks (about 45 minutes)
    python benchmarks/serving_load.py L1 L6                some of them
    python benchmarks/serving_load.py --scale 0.05         all of them, small and short: whether the script works

The server runs with an engine that writes at a steady rate (steady_server.py), in processes of its own; this one is the
client, on the same machine. L1 has a core burnt beside it, as by an engine. Exit code 1 where a figure is not met.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import os
import platform
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

HERE = Path(__file__).resolve().parent
TOKEN_SECONDS = 0.05
"""20 tokens a second in every stream."""
STARTS_PER_SECOND = 20
"""So fast the streams of a run begin: what is measured is how they run, not a crowd at a door (that is L3)."""


# --- figures ----------------------------------------------------------------------------------------------------------


class Figure(NamedTuple):
    """One measured value and the most it may be."""

    id: str
    what: str
    value: float
    most: float
    unit: str

    @property
    def met(self) -> bool:
        return self.value <= self.most

    def __str__(self) -> str:
        verdict = "met" if self.met else "NOT MET"
        return f"{self.id}  {self.what:<44} {self.value:10.4g} {self.unit:<3} (at most {self.most:g})  {verdict}"


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that so many of a hundred do not exceed; not a number where there are none."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share / 100 * len(ordered)) - 1)] if ordered else math.nan


# --- the client: HTTP/1.1 over asyncio's streams, one connection a request ------------------------------------------


class Answer(NamedTuple):
    """A whole answer."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Client:
    """A client of one server on this machine."""

    port: int
    headers: dict[str, str] = field(default_factory=dict)

    async def ask(self, method: str, path: str, body: Any = None) -> Answer:
        """One request with its whole answer."""
        async with self.opened(method, path, body) as (status, headers, reader):
            return Answer(status, headers, await _body(reader, headers))

    async def log_in(self) -> None:
        """Takes the token that writes of a page carry."""
        self.headers["x-csrf-token"] = (await self.ask("GET", "/api/session")).json()["csrf"]

    async def metric(self, name: str) -> float:
        """The sum of a measurement's samples."""
        lines = (await self.ask("GET", "/metrics")).body.decode().splitlines()
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.split("{")[0].split(" ")[0] == name)

    @asynccontextmanager
    async def opened(
        self, method: str, path: str, body: Any = None, receive_bytes: int | None = None
    ) -> AsyncIterator[tuple[int, dict[str, str], asyncio.StreamReader]]:
        """Sends a request and reads the head of its answer. `receive_bytes`: how much the kernel takes in for us."""
        connection = socket.socket()
        if receive_bytes is not None:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
        connection.setblocking(False)
        await asyncio.get_running_loop().sock_connect(connection, ("127.0.0.1", self.port))
        reader, writer = await asyncio.open_connection(sock=connection, limit=receive_bytes or 2**16)
        try:
            content = b"" if body is None else json.dumps(body).encode()
            wanted = {"host": "127.0.0.1", "connection": "close", **self.headers}
            if body is not None:
                wanted |= {"content-type": "application/json", "content-length": str(len(content))}
            head = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in wanted.items()), "", ""]
            writer.write("\r\n".join(head).encode() + content)
            status, headers = await _head(reader)
            yield status, headers, reader
        finally:
            writer.close()

    async def events(self, path: str) -> AsyncIterator[tuple[str, Any]]:
        """The (type, data) of a stream's events until it ends."""
        async with self.opened("GET", path) as (status, _, reader):
            if status != 200:
                raise RuntimeError(f"{path} was answered {status}")
            kind = ""
            async for line in _lines(_chunks(reader)):
                if line.startswith("event:"):
                    kind = line[6:].strip()
                elif line.startswith("data:"):
                    yield kind, json.loads(line[5:])


async def _head(reader: asyncio.StreamReader) -> tuple[int, dict[str, str]]:
    lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    fields = (line.partition(":") for line in lines[1:] if line)
    return int(lines[0].split()[1]), {name.lower(): value.strip() for name, _, value in fields}


async def _body(reader: asyncio.StreamReader, headers: dict[str, str]) -> bytes:
    if headers.get("transfer-encoding") == "chunked":
        return b"".join([chunk async for chunk in _chunks(reader)])
    return await reader.readexactly(int(headers["content-length"])) if "content-length" in headers else b""


async def _chunks(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    while size := int(await reader.readline(), 16):
        yield (await reader.readexactly(size + 2))[:-2]


async def _lines(chunks: AsyncIterator[bytes]) -> AsyncIterator[str]:
    rest = b""
    async for chunk in chunks:
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            yield line.decode()


# --- the server -------------------------------------------------------------------------------------------------------


@contextmanager
def serving(**settings: object) -> Iterator[tuple[int, int]]:
    """A server with these settings while the block runs: its port and its process."""
    generous = {"address_connections": 5000, "connections": 5000, "requests_per_minute": 10**6}
    with tempfile.TemporaryDirectory() as data:
        wanted = [f"{name}={value}" for name, value in (generous | settings).items()]
        path = os.pathsep.join([str(HERE.parent), str(HERE), *filter(None, [os.environ.get("PYTHONPATH")])])
        process = subprocess.Popen(
            [sys.executable, str(HERE / "steady_server.py"), "0", data, f"token_seconds={TOKEN_SECONDS}", *wanted],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": path},
        )
        assert process.stdout is not None
        try:
            line = process.stdout.readline()
            if not line:
                raise SystemExit("the server did not start")
            yield int(line.split()[1]), process.pid
        finally:
            process.terminate()
            process.wait()


@contextmanager
def busy_core() -> Iterator[None]:
    """Burns a core while the block runs, as an engine would."""
    burning = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        yield
    finally:
        burning.kill()
        burning.wait()


def processor_seconds(process: int) -> float:
    """The processor time that a process has taken so far."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def open_files(process: int) -> int:
    """How many files a process has open."""
    return len(os.listdir(f"/proc/{process}/fd"))


# --- streams ----------------------------------------------------------------------------------------------------------


@dataclass
class Stream:
    """What one reader saw of one reply. Times are seconds."""

    first: float = math.nan
    """From the post of the message to the first text."""
    gaps: list[float] = field(default_factory=list)
    """Between two arrivals of text."""
    words: int = 0
    end: str = ""
    """The status the reply ended with; empty where the stream was cut."""
    refused: Answer | None = None
    """The answer of a server that did not take the message."""
    refused_after: float = 0.0
    """From that request to its answer."""


async def one_stream(client: Client, words: int, number: int) -> Stream:
    """Posts a message in a new chat and follows the reply to its end."""
    stream = Stream()
    posting = time.perf_counter()
    created = await client.ask("POST", "/api/chats", {})
    if created.status == 201:
        message = {"client_msg_id": f"load-{number}", "parent_id": None, "text": str(words)}
        posting = time.perf_counter()
        created = await client.ask("POST", f"/api/chats/{created.json()['id']}/messages", message)
    if created.status != 201:
        stream.refused, stream.refused_after = created, time.perf_counter() - posting
        return stream
    generation = created.json()["generations"][0]["id"]
    last = None
    async for kind, data in client.events(f"/api/generations/{generation}/events"):
        if kind == "text":
            now = time.perf_counter()
            if last is None:
                stream.first = now - posting
            else:
                stream.gaps.append(now - last)
            last = now
            stream.words += data["text"].count(" ")
        elif kind == "end":
            stream.end = data["status"]
    return stream


async def many_streams(client: Client, count: int, seconds: float) -> list[Stream]:
    """So many streams of so many seconds each, begun one after the other."""
    pause = min(1 / STARTS_PER_SECOND, seconds / count)

    async def later(number: int) -> Stream:
        await asyncio.sleep(pause * number)
        try:
            return await one_stream(client, whole(seconds), number)
        except (OSError, EOFError, RuntimeError, ValueError) as error:
            return Stream(end=f"error: {type(error).__name__}")

    return list(await asyncio.gather(*map(later, range(count))))


def whole(seconds: float) -> int:
    """The words of a reply that takes so long."""
    return max(2, round(seconds / TOKEN_SECONDS))


def broken(streams: Sequence[Stream], words: int) -> int:
    """How many streams did not bring the whole reply."""
    return sum(stream.end != "complete" or stream.words != words for stream in streams)


async def steadiness(id: str, client: Client, process: int, count: int, seconds: float, gap: float) -> list[Figure]:
    """The figures of so many streams at once, whose text comes at most `gap` milliseconds apart."""
    before, started = processor_seconds(process), time.perf_counter()
    streams = await many_streams(client, count, seconds)
    spent, wall = processor_seconds(process) - before, time.perf_counter() - started
    total = sum(stream.words for stream in streams)
    print(f"{id}  the server's process: {spent / wall:.0%} of a core, {spent / max(1, total) * 1e6:.0f} us a token")
    gaps = [gap for stream in streams for gap in stream.gaps]
    figures = [
        Figure(id, f"errors in {count} streams of {seconds:g} s", broken(streams, whole(seconds)), 0, ""),
        Figure(id, "gap between arrivals, p99", percentile(gaps, 99) * 1e3, gap, "ms"),
    ]
    if id == "L1":
        added = [stream.first - TOKEN_SECONDS for stream in streams if not math.isnan(stream.first)]
        figures.append(Figure(id, "time added to the first text, p95", percentile(added, 95) * 1e3, 300, "ms"))
    return figures


# --- the catalogue ----------------------------------------------------------------------------------------------------


async def l1(scale: float) -> list[Figure]:
    """200 streams of 60 s beside a busy core."""
    count = max(4, round(200 * scale))
    with serving(slots=count) as (port, process), busy_core():
        client = Client(port)
        await client.log_in()
        return await steadiness("L1", client, process, count, max(3.0, 60 * scale), 150)


async def l2_l6(scale: float) -> list[Figure]:
    """400 streams of 60 s; meanwhile /health is asked ten times a second."""
    count, seconds = max(8, round(400 * scale)), max(3.0, 60 * scale)
    with serving(slots=count) as (port, process):
        client = Client(port)
        await client.log_in()
        durations: list[float] = []

        async def probe() -> None:
            while True:
                before = time.perf_counter()
                await client.ask("GET", "/health")
                durations.append(time.perf_counter() - before)
                await asyncio.sleep(0.1)

        probing = asyncio.create_task(probe())
        figures = await steadiness("L2", client, process, count, seconds, 250)
        probing.cancel()
        return [*figures, Figure("L6", "/health while L2 runs, p99", percentile(durations, 99) * 1e3, 50, "ms")]


async def l3(scale: float) -> list[Figure]:
    """1000 clients at once for 300 slots and 100 places in the queue."""
    count = max(20, round(1000 * scale))
    with serving(slots=round(0.3 * count), queue_length=round(0.1 * count)) as (port, process):
        client = Client(port)
        await client.log_in()
        streams = await asyncio.gather(*(one_stream(client, 40, number) for number in range(count)))
        refused = [stream for stream in streams if stream.refused is not None]
        told = [
            s for s in refused if s.refused and s.refused.status in (429, 503) and "retry-after" in s.refused.headers
        ]
        served = [stream for stream in streams if stream.refused is None]
        print(f"L3  {len(served)} served, {len(refused)} told to come again")
        return [
            Figure("L3", "refused without 429/503 and Retry-After", len(refused) - len(told), 0, ""),
            Figure("L3", "time to a refusal, longest", max((s.refused_after for s in refused), default=0), 1, "s"),
            Figure("L3", "served but broken", broken(served, 40), 0, ""),
            Figure("L3", "the server is gone", float(not os.path.exists(f"/proc/{process}")), 0, ""),
        ]


def _is_told_to_come_again(answer: Answer | None) -> bool:
    return answer is not None and answer.status in (429, 503) and "retry-after" in answer.headers


async def l4(scale: float) -> list[Figure]:
    """100 streams again and again for 30 minutes."""
    count, seconds = max(5, round(100 * scale)), max(6.0, 1800 * scale)
    with serving(slots=count) as (port, process):
        client = Client(port)
        await client.log_in()
        # The first round fills caches and pools; what grows after it is a leak.
        await many_streams(client, count, min(20.0, seconds / 3))
        await asyncio.gather(*(client.ask("GET", "/api/chats") for _ in range(count)))
        before = await _held(client, process)
        end, failed = time.monotonic() + seconds, 0
        while time.monotonic() < end:
            failed += broken(await many_streams(client, count, 5.0), whole(5.0))
        after = await _held(client, process)
        return [
            Figure("L4", f"errors in {seconds:g} s of {count} streams", failed, 0, ""),
            Figure("L4", "growth of memory", (after.bytes - before.bytes) / 2**20, 30, "MB"),
            Figure("L4", "open files more than before", after.files - before.files, 2, ""),
            Figure("L4", "tasks more than before", after.tasks - before.tasks, 0, ""),
            Figure("L4", "slots that are still taken", after.slots, 0, ""),
        ]


class _Held(NamedTuple):
    bytes: float
    files: int
    tasks: float
    slots: float


async def _held(client: Client, process: int) -> _Held:
    await asyncio.sleep(1.0)  # what has just ended is put away
    return _Held(
        await client.metric("process_resident_memory_bytes"),
        open_files(process),
        await client.metric("moss:event_loop_tasks"),
        await client.metric("moss:num_slots_taken"),
    )


async def l5(scale: float) -> list[Figure]:
    """Twenty messages for two slots: each is told its place at once, and moves only forwards."""
    with serving(slots=2) as (port, _):
        client = Client(port)
        await client.log_in()
        delays, backwards = [], 0

        async def wait(number: int) -> None:
            nonlocal backwards
            chat = (await client.ask("POST", "/api/chats", {})).json()["id"]
            message = {"client_msg_id": f"queue-{number}", "parent_id": None, "text": "10"}
            posted = (await client.ask("POST", f"/api/chats/{chat}/messages", message)).json()
            asked, places = time.perf_counter(), []
            async for kind, data in client.events(f"/api/generations/{posted['generations'][0]['id']}/events"):
                if kind == "queued":
                    places.append(data["position"])
                    if len(places) == 1:
                        delays.append(time.perf_counter() - asked)
            backwards += places != sorted(places, reverse=True)

        await asyncio.gather(*map(wait, range(max(6, round(20 * scale)))))
        return [
            Figure("L5", "time to the place in the queue, longest", max(delays, default=math.nan), 1, "s"),
            Figure("L5", "replies whose place went backwards", backwards, 0, ""),
        ]


async def l7(scale: float) -> list[Figure]:
    """100 readers that open a stream and read nothing of it for 60 s."""
    count, seconds = max(5, round(100 * scale)), max(4.0, 60 * scale)
    words = whole(seconds / 2)
    with serving(slots=count) as (port, _):
        client = Client(port)
        await client.log_in()
        await many_streams(client, 5, 2.0)
        before = await client.metric("process_resident_memory_bytes")

        async def stall(number: int) -> None:
            chat = (await client.ask("POST", "/api/chats", {})).json()["id"]
            message = {"client_msg_id": f"stall-{number}", "parent_id": None, "text": str(words)}
            posted = (await client.ask("POST", f"/api/chats/{chat}/messages", message)).json()
            path = f"/api/generations/{posted['generations'][0]['id']}/events"
            async with client.opened("GET", path, receive_bytes=4096):
                await asyncio.sleep(seconds)

        stalling = [asyncio.create_task(stall(number)) for number in range(count)]
        await asyncio.sleep(seconds * 0.8)
        taken = await client.metric("moss:num_slots_taken")
        grown = await client.metric("process_resident_memory_bytes") - before
        await asyncio.gather(*stalling)
        return [
            Figure("L7", f"growth of memory with {count} stalled readers", grown / 2**20, 20, "MB"),
            Figure("L7", "slots still taken when the replies are over", taken, 0, ""),
        ]


SCENARIOS: dict[str, Callable[[float], Awaitable[list[Figure]]]] = {
    "L1": l1,
    "L2": l2_l6,
    "L3": l3,
    "L4": l4,
    "L5": l5,
    "L6": l2_l6,
    "L7": l7,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("ids", nargs="*", metavar="ID", help="L1 to L7; all when left out")
    parser.add_argument("--scale", type=float, default=1.0, help="share of the streams and of the time")
    options = parser.parse_args()
    if unknown := set(options.ids) - set(SCENARIOS):
        parser.error(f"there is no {', '.join(sorted(unknown))}; known: {', '.join(SCENARIOS)}")
    wanted = dict.fromkeys(SCENARIOS[id] for id in options.ids or SCENARIOS)
    print(f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, scale {options.scale:g}")
    figures = []
    for scenario in wanted:
        for figure in asyncio.run(scenario(options.scale)):
            figures.append(figure)
            print(figure, flush=True)
    with suppress(BrokenPipeError):
        print(f"{sum(figure.met for figure in figures)} of {len(figures)} figures met")
    sys.exit(not all(figure.met for figure in figures))


if __name__ == "__main__":
    main()
