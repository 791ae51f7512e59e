"""A whole server with its assistant in another process: what it tells those who run it, and what it survives."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest

from moss.assistant import Assistant
from moss.conversation import ToolCall
from moss.events import Finished, TextDelta, ToolCalled, ToolReturned
from moss.server.worker import Worker
from moss.tools import Toolbox
from moss.tools.calculator import CalculatorTool
from tests.fake_agent import assistant_that_says, plain
from tests.server.live import serving

PATIENCE = 200.0
"""Seconds for what a busy machine has to do."""

MOSS = [sys.executable, "-m", "moss.cli.main"]
SECRET = "my card is 4111 1111 1111 1111"


def until(true: Callable[[], bool], seconds: float = PATIENCE) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come to be in time"
        time.sleep(0.02)


def told(client: httpx2.Client, name: str) -> float:
    """The sum of a measurement's samples."""
    lines = client.get("/metrics").text.splitlines()
    return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith((f"{name} ", f"{name}{{")))


def ask(client: httpx2.Client, text: str, number: int = 0) -> str:
    """Posts a message in a new chat; the address of the events of its reply."""
    chat = client.post("/api/chats", json={}).json()["id"]
    body = {"client_msg_id": f"m{number}", "parent_id": None, "text": text}
    posted = client.post(f"/api/chats/{chat}/messages", json=body)
    assert posted.status_code == 201, posted.text
    return f"/api/generations/{posted.json()['generations'][0]['id']}/events"


def events(client: httpx2.Client, address: str) -> Iterator[tuple[str, Any]]:
    kind = ""
    with client.stream("GET", address) as response:
        for line in response.iter_lines():
            name, _, value = line.partition(": ")
            if name == "event":
                kind = value
            elif name == "data":
                yield kind, json.loads(value)


@contextmanager
def client_of(assistant: Assistant, folder: Path, **settings: Any) -> Iterator[httpx2.Client]:
    """A client of a server that serves the assistant while the block runs."""
    with (
        serving(assistant, folder, **settings) as url,
        httpx2.Client(base_url=url, timeout=PATIENCE, headers={"origin": url}) as client,
    ):
        yield client


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    made = Worker("tests.server.fake_worker:slow", {"seconds": 0.02})
    assert made.wait(PATIENCE)
    yield made
    made.shutdown()


@pytest.fixture(scope="module")
def client(worker: Worker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx2.Client]:
    """A client of a server whose assistant is in a process of its own."""
    assistant = Assistant(name="slow", agent=worker, toolbox=Toolbox([]), engine=worker)
    with client_of(assistant, tmp_path_factory.mktemp("served")) as made:
        yield made


def test_D2_a_killed_engine_ends_the_replies_and_the_next_one_works(client: httpx2.Client, worker: Worker) -> None:
    following = events(client, ask(client, "count", 1))
    assert any(kind == "text" for kind, _ in following)
    killed = worker.process_id
    assert killed is not None
    os.kill(killed, signal.SIGKILL)
    started = time.monotonic()
    rest = list(following)
    # The catalogue says 5 s; a stream that hangs takes minutes, and a busy machine takes some of them.
    assert time.monotonic() - started <= 30
    assert [kind for kind, _ in rest if kind in ("error", "end")] == ["error", "end"]
    assert rest[-1][1]["status"] == "failed"
    until(lambda: told(client, "moss:num_slots_taken") == 0)
    assert client.get("/health").status_code == 200
    *_, (kind, end) = events(client, ask(client, "how many", 2))
    assert (kind, end["status"], end["message"]["text"]) == ("end", "complete", "0")
    assert told(client, "moss:worker_restarts") == worker.restarts == 1


def test_D2_a_stream_of_the_api_ends_with_an_error_too(client: httpx2.Client, worker: Worker) -> None:
    body = {"messages": [{"role": "user", "content": "count"}], "stream": True}
    with client.stream("POST", "/v1/chat/completions", json=body) as response:
        lines = (line for line in response.iter_lines() if line.startswith("data: "))
        next(lines)
        killed = worker.process_id
        assert killed is not None
        os.kill(killed, signal.SIGKILL)
        *_, last = lines
    assert "error" in json.loads(last.removeprefix("data: "))
    until(lambda: client.get("/ready").status_code == 200)


def test_L6_ready_tells_whether_there_is_somebody_to_answer(tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    worker = Worker("tests.server.fake_worker:slow", {"gate": str(gate)})
    assistant = Assistant(name="slow", agent=worker, toolbox=Toolbox([]), engine=worker)
    with client_of(assistant, tmp_path) as client:
        # The page and the probes are there before the model is.
        loading = client.get("/ready")
        assert (loading.status_code, loading.json()) == (503, {"status": "loading"})
        assert "retry-after" in loading.headers
        assert client.get("/health").json()["status"] == "ok"
        assert client.get("/").status_code == 200
        gate.touch()
        until(lambda: client.get("/ready").status_code == 200)
        assert told(client, "moss:ready") == 1
        worker.shutdown()
        assert client.get("/ready").json() == {"status": "dead"}
        assert client.get("/health").status_code == 200


def test_O1_measurements_are_for_this_machine_and_hold_no_words(client: httpx2.Client) -> None:
    list(events(client, ask(client, "how many", 3)))
    shown = client.get("/metrics").text
    assert "how many" not in shown
    assert 'route="/api/chats/{chat_id}/messages"' in shown
    for name in range(30):
        wrong = {"model": f"invented-{name}", "messages": [{"role": "user", "content": "hello"}]}
        assert client.post("/v1/chat/completions", json=wrong).status_code == 404
        assert client.get(f"/no/such/path/{name}").status_code == 404
    after = client.get("/metrics").text
    assert "invented" not in after
    assert "such" not in after
    assert after.count("\n") < shown.count("\n") + 100


def test_O1_on_a_public_server_a_proxy_cannot_lend_its_address_to_others(tmp_path: Path) -> None:
    assistant, _ = assistant_that_says(plain("hello"))
    with client_of(assistant, tmp_path, public=True) as client:
        assert client.get("/metrics").status_code == 200
        passed_on = client.get("/metrics", headers={"x-forwarded-for": "203.0.113.7"})
        assert (passed_on.status_code, passed_on.json()["error"]["code"]) == (401, "not_logged_in")


def test_O2_a_server_logs_no_words_of_a_chat(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    assistant, _ = assistant_that_says(plain(f"You said {SECRET}."), RuntimeError(SECRET))
    caplog.set_level(logging.INFO)
    with client_of(assistant, tmp_path) as client:
        for number in range(2):
            list(events(client, ask(client, SECRET, number)))
        client.get("/api/chats", params={"query": SECRET})
    written = [record.getMessage() for record in caplog.records if record.name.startswith("moss")]
    assert written
    assert not [message for message in written if "4111" in message]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--set", "slot=3"], "slots"),
        (["--set", "slots=many"], "slots: must be a whole number"),
        (["--set", "database=mysql://localhost/x"], "mysql"),
        (["--set", "log_level=loud"], "log_level"),
        (["--index", "nowhere.db"], "nowhere.db"),
    ],
)
def test_O3_a_bad_setting_ends_the_start_with_one_line(tmp_path: Path, arguments: list[str], said: str) -> None:
    ran = subprocess.run([*MOSS, "serve", "--port", "0", *arguments], cwd=tmp_path, capture_output=True, text=True)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.count("\n") == 1
    assert ran.stderr.startswith("moss: ")
    assert said in ran.stderr


def test_O3_a_damaged_model_ends_the_server_with_one_line(tiny_checkpoint: Path, tmp_path: Path) -> None:
    damaged = tmp_path / "damaged"
    damaged.mkdir()
    for file in tiny_checkpoint.iterdir():
        (damaged / file.name).write_bytes(file.read_bytes()[: 1000 if file.suffix == ".safetensors" else None])
    command = [*MOSS, "serve", str(damaged), "--port", "0"]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=PATIENCE)
    assert ran.returncode == 2
    assert ran.stderr.count("\n") == 1
    assert "model.safetensors is damaged" in ran.stderr


def test_a_server_without_its_model_is_small(tiny_checkpoint: Path, tmp_path: Path) -> None:
    """The issue's bound: less than 120 MB for a server that is idle, the model's own process apart."""
    command = [*MOSS, "serve", str(tiny_checkpoint), "--port", "0"]
    process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        url = process.stdout.readline().split(" at ")[1].split("/v1")[0]
        assert httpx2.get(f"{url}/", timeout=PATIENCE).status_code == 200
        resident = int(Path(f"/proc/{process.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        assert resident / 2**20 < 120
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
    finally:
        process.kill()
        process.communicate()


def test_K6_a_tool_that_takes_too_long_is_shown_as_failed_and_the_reply_still_comes(tmp_path: Path) -> None:
    late = [
        ToolCalled(0, ToolCall("Search", "x")),
        ToolReturned(0, ToolCall("Search", "x", "No results.", "timeout")),
        TextDelta("I could not look it up."),
        Finished("I could not look it up.", "stop", 1, 6),
    ]
    assistant, _ = assistant_that_says(late)
    with client_of(assistant, tmp_path) as client:
        seen = list(events(client, ask(client, "look it up")))
    assert [data["status"] for kind, data in seen if kind == "tool"] == ["running", "timeout"]
    assert seen[-1][1]["message"]["text"] == "I could not look it up."
    assert seen[-1][1]["message"]["tools"][0]["status"] == "timeout"


@pytest.mark.parametrize("bomb", ["9**9**9**9", "factorial(10**7)", "(" * 10_000, "1+" * 500_000 + "1", "-" * 10_000])
def test_K1_a_bomb_costs_the_process_that_asks_for_it_next_to_nothing(calculator: Toolbox, bomb: str) -> None:
    """What takes time is done elsewhere: whatever a tool is asked for, the event loop beside it serves everybody else.

    50 ms is the catalogue's bound for the loop; in processor time it does not depend on who else uses the machine.
    """
    before = time.process_time()
    ((_, call),) = calculator.run([ToolCall("Calculate", bomb)])
    assert time.process_time() - before <= 0.05
    assert call.result


@pytest.fixture(scope="module")
def calculator() -> Iterator[Toolbox]:
    made = Toolbox([CalculatorTool()])
    list(made.run([ToolCall("Calculate", "sqrt(2)")]))
    yield made
    made.close()
