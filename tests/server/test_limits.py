"""How much one client may ask for, counted against a clock that the test turns; and OpenAI's client, which obeys."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import httpx2
import openai
import pytest
import uvicorn
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.testclient import TestClient

from moss.cli.serve import listen
from moss.server import limits as limits_module
from moss.server.api_errors import ApiError
from moss.server.limits import FREE_FAILURES, LONGEST_WAIT, Failures, Limits, Places, Rate
from moss.server.quota import MayGenerate
from moss.server.settings import ServerSettings
from moss.server.store import usage
from tests.server.small_app import HERE, another, in_transaction, register, small_app, stop_clocks


class Clock:
    """Seconds, as the test says."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_A6_a_rate_lets_so_many_through_and_says_when_the_next_may_come() -> None:
    clock = Clock()
    rate = Rate(3, 60, clock)
    assert [rate.take("ada").remaining for _ in range(3)] == [2, 1, 0]
    refused = rate.take("ada")
    assert (refused.remaining, refused.retry_after, refused.reset) == (0, pytest.approx(20), pytest.approx(60))
    assert rate.take("bob").retry_after == 0
    clock.now += refused.retry_after
    assert rate.take("ada").retry_after == 0
    assert rate.take("ada").retry_after == pytest.approx(20)


@given(st.integers(1, 20), st.lists(st.floats(0, 30), max_size=60))
def test_A6_no_period_lets_more_through_than_twice_the_limit(limit: int, pauses: list[float]) -> None:
    clock = Clock()
    rate = Rate(limit, 60, clock)
    passed = []
    for pause in pauses:
        clock.now += pause
        if rate.take("ada").retry_after == 0:
            passed.append(clock.now)
    for index, first in enumerate(passed):
        within = [moment for moment in passed[index:] if moment - first < 60]
        assert len(within) <= 2 * limit
    assert len(passed) <= limit + (clock.now - 1000) * limit / 60 + 1


def test_A6_memory_is_bounded_however_many_clients_come(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits_module, "REMEMBERED", 100)
    rate, failures = Rate(3, 60), Failures(3)
    for number in range(1_000):
        rate.take(str(number))
        failures.attempt(str(number))
    assert len(rate._free_at) == len(failures._counts) == 100
    assert "999" in rate._free_at


def test_A3_the_wait_doubles_up_to_a_quarter_of_an_hour_and_is_forgiven_after_an_hour() -> None:
    clock = Clock()
    failures = Failures(FREE_FAILURES, clock)
    waits = []
    for _ in range(FREE_FAILURES + 12):
        failures.attempt("ada")
        waits.append(failures.wait("ada"))
        clock.now += waits[-1]
    assert waits[: FREE_FAILURES + 3] == [0] * (FREE_FAILURES - 1) + [1, 2, 4, 8]
    assert max(waits) == LONGEST_WAIT
    clock.now -= 1
    with pytest.raises(ApiError):
        failures.attempt("ada")
    clock.now += 3700
    failures.attempt("ada")
    assert failures.wait("ada") == 0


def test_A6_places_are_free_again_however_a_reply_ends() -> None:
    places = Places()
    with places.hold({"ada": 2, "home": 3}), places.hold({"ada": 2}):
        with places.hold({"bob": 1, "home": 3}):
            pass
        with pytest.raises(ApiError), places.hold({"bob": 1, "ada": 2}):
            pass
    with pytest.raises(ValueError, match="failed"), places.hold({"ada": 1}):
        raise ValueError("failed")
    assert not places._taken


def test_A6_a_key_leaves_its_user_a_place_for_the_page() -> None:
    limits = Limits(ServerSettings(public=True, user_generations=2))
    with limits.replying("ada", "key 1", "home"):
        with pytest.raises(ApiError), limits.replying("ada", "key 1", "home"):
            pass
        with limits.replying("ada", None, "home"), pytest.raises(ApiError), limits.replying("ada", "key 2", "home"):
            pass


@pytest.mark.parametrize(("seconds", "written"), [(0.25, "250ms"), (1, "1s"), (59.2, "1m"), (3723, "1h2m3s")])
def test_times_are_written_as_openai_writes_them(seconds: float, written: str) -> None:
    assert limits_module._duration(seconds) == written


# --- by HTTP --------------------------------------------------------------------------------------------------------


def answering(folder: Path, **settings: int) -> FastAPI:
    """A server whose /v1/models counts as a message, and /v1/chat/completions, too."""
    app = small_app(folder, public=True, registration="open", secure_cookies=False, **settings)
    stop_clocks(app)

    @app.post("/v1/chat/completions")
    @app.get("/v1/models")
    async def answer(caller: MayGenerate) -> dict[str, object]:
        return {"id": "1", "object": "list", "data": [], "created": 1, "model": "fake", "choices": []}

    return app


@pytest.fixture
def folder(tmp_path: Path, sqlite_url: str) -> Path:
    """The data folder of a server, with an empty database."""
    return tmp_path


def test_A6_messages_a_minute_with_headers_that_count_down(folder: Path) -> None:
    with TestClient(answering(folder, messages_per_minute=2), base_url=HERE) as client:
        register(client, "ada")
        answers = [client.get("/v1/models") for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert [answer.headers["x-ratelimit-remaining-requests"] for answer in answers] == ["1", "0", "0"]
        assert answers[0].headers["x-ratelimit-limit-requests"] == "2"
        assert (answers[2].headers["retry-after"], answers[2].headers["retry-after-ms"]) == ("30", "30000")
        assert answers[2].json()["error"] | {"message": ""} == {
            "message": "", "type": "rate_limit_error", "param": None, "code": "rate_limit_exceeded",
        }  # fmt: skip
        other = another(client)
        register(other, "bob")
        assert other.get("/v1/models").status_code == 200


def test_A6_all_keys_of_a_user_share_the_users_messages(folder: Path) -> None:
    with TestClient(answering(folder, messages_per_minute=2), base_url=HERE) as client:
        register(client, "ada")
        keys = [client.post("/api/keys", json={"name": "x"}).json()["key"] for _ in range(3)]
        programs = [another(client, authorization=f"Bearer {key}") for key in keys]
        assert [program.get("/v1/models").status_code for program in programs] == [200, 200, 429]


def test_A6_tokens_a_day_are_a_quota_that_is_not_worth_trying_again(folder: Path) -> None:
    with TestClient(answering(folder, tokens_per_day=100), base_url=HERE) as client:
        user_id = register(client, "ada")["user"]["id"]

        async def spend(session: AsyncSession) -> None:
            await usage.count(session, user_id, requests=1, tokens=60)

        in_transaction(client, spend)
        assert client.get("/v1/models").headers["x-ratelimit-remaining-tokens"] == "40"
        in_transaction(client, spend)
        refused = client.get("/v1/models")
        assert (refused.status_code, refused.json()["error"]["code"]) == (429, "insufficient_quota")
        assert refused.headers["x-ratelimit-remaining-tokens"] == "0"
        assert int(refused.headers["retry-after"]) <= 24 * 60 * 60


def test_A6_requests_of_one_address(folder: Path) -> None:
    app = answering(folder, requests_per_minute=3)
    with TestClient(app, base_url=HERE, client=("9.9.9.9", 1)) as client:
        assert [client.get("/api/session").status_code for _ in range(4)] == [200, 200, 200, 429]
        neighbour = TestClient(app, base_url=HERE, client=("9.9.9.10", 1))
        neighbour.portal = client.portal
        assert neighbour.get("/api/session").status_code == 200


@pytest.fixture
def clock() -> Clock:
    """The clock of the server at `address`."""
    return Clock()


@pytest.fixture
def address(folder: Path, clock: Clock) -> Iterator[str]:
    """A real server that lets one message through in half a minute."""
    app = answering(folder)
    app.state.services.limits._messages = Rate(1, 30, clock)
    listener = listen("127.0.0.1", 0)
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


def test_A6_openais_client_sleeps_as_long_as_it_is_told(
    address: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    with httpx2.Client(base_url=address, timeout=None) as browser:
        csrf = browser.post("/api/register", json={"name": "ada", "password": "correct horse"}).json()["csrf"]
        key = browser.post("/api/keys", json={"name": "x"}, headers={"x-csrf-token": csrf}).json()["key"]
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        clock.now += seconds

    with openai.OpenAI(base_url=f"{address}/v1", api_key=key) as client:
        client.models.list()
        monkeypatch.setattr("openai._base_client.time", SimpleNamespace(sleep=sleep, time=time.time))
        client.models.list()
    assert slept == [30]
