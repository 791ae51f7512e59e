"""An application of the account and administration routes alone, with a database of its own, and clients of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.testclient import TestClient

from moss.server import account_api, admin_api
from moss.server.api_errors import tell_errors
from moss.server.guard import protect
from moss.server.services import Services
from moss.server.settings import ServerSettings
from moss.server.store.database import Database
from tests.fake_agent import assistant_that_says, plain

HERE = "https://moss.test"
"""Where a public server is; a local one is at LOCAL."""

LOCAL = "http://localhost:8000"

PASSWORD = "correct horse"


@dataclass
class IdleJobs:
    """The queue of a server that has nothing to do."""

    slots: int = 2
    slots_taken: int = 0
    waiting: int = 0
    draining: bool = False
    stopped: list[str] = field(default_factory=list)
    """Users whose replies were stopped."""

    async def stop_all_of(self, user_id: str) -> None:
        self.stopped.append(user_id)


def small_app(folder: Path, **settings: Any) -> FastAPI:
    """The application; its services are in `app.state.services`."""
    chosen = ServerSettings(data=folder, **settings)
    database = Database(chosen.database_url)
    assistant, _ = assistant_that_says(plain("Hello."))
    found = Services(chosen, assistant, database, moderator=None)  # type: ignore[arg-type]
    found.jobs = IdleJobs()  # type: ignore[assignment]

    @asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        await database.create()
        yield
        found.accounts.close()
        await database.close()

    app = FastAPI(lifespan=life)
    app.state.services = found
    tell_errors(app)
    protect(app, chosen, found.limits)
    app.include_router(account_api.router)
    app.include_router(admin_api.router)
    return app


@contextmanager
def visiting(folder: Path, **settings: Any) -> Iterator[TestClient]:
    """A browser that is not logged in, at a server that anybody may register at."""
    app = small_app(folder, **{"public": True, "registration": "open", **settings})
    stop_clocks(app)
    with TestClient(app, base_url=HERE if app.state.services.settings.public else LOCAL) as client:
        yield client


def register(client: TestClient, name: str, **more: Any) -> dict[str, Any]:
    """Registers and stays logged in, as the page does it: the token goes with every write."""
    answer = client.post("/api/register", json={"name": name, "password": PASSWORD, **more})
    assert answer.status_code == 201, answer.text
    client.headers["X-CSRF-Token"] = answer.json()["csrf"]
    return dict(answer.json())


def log_in(client: TestClient, name: str) -> None:
    """Logs in with the password of all test users."""
    answer = client.post("/api/login", json={"name": name, "password": PASSWORD})
    assert answer.status_code == 200, answer.text
    client.headers["X-CSRF-Token"] = answer.json()["csrf"]


def in_transaction(client: TestClient, work: Callable[[AsyncSession], Awaitable[Any]]) -> Any:
    """What `work` makes of a transaction of the server's database."""

    async def run() -> Any:
        async with client.app.state.services.database.session() as session:  # type: ignore[attr-defined]
            return await work(session)

    assert client.portal is not None
    return client.portal.call(run)


def another(client: TestClient, **headers: str) -> TestClient:
    """Another browser at the same server; it has no cookies yet."""
    browser = TestClient(client.app, base_url=str(client.base_url), headers=headers)
    browser.portal = client.portal  # the server's event loop, and not one of its own for each request
    return browser


def stop_clocks(app: FastAPI) -> None:
    """From now on no time passes for limits and failures, however slow the machine is."""
    found: Services = app.state.services
    for counter in (
        found.limits._requests,
        found.limits._messages,
        found.accounts._failures,
        found.accounts._address_failures,
        found.accounts._registrations,
    ):
        counter._clock = lambda: 1000.0
