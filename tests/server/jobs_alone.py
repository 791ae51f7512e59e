"""The services of one server without HTTP: a user who posts, and readers of logs."""

from __future__ import annotations

import asyncio
import itertools
import json
import queue
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from moss.events import Event, Failed, Finished
from moss.server.accounts import Caller
from moss.server.chat_orders import Desk, Wish
from moss.server.event_log import Entry
from moss.server.moderation import Moderator, RuleModerator
from moss.server.services import Services
from moss.server.settings import ServerSettings
from moss.server.store import chats, messages
from moss.server.store.database import Database
from moss.server.store.schema import Generation
from moss.server.views import MessageView, message_view
from tests.fake_agent import FakeAgent, assistant_that_says

Line = tuple[int, str, dict[str, Any]]
"""Number, type and payload of an event, as a reader sees it."""

PATIENCE = 120.0
"""Seconds that a test waits for what is about hanging, not about speed."""


class Dictated:
    """An answer that says what the test tells it to, when it does."""

    def __init__(self) -> None:
        self._events: queue.SimpleQueue[Event | None] = queue.SimpleQueue()

    def say(self, *events: Event) -> None:
        for event in events:
            self._events.put(event)

    def __iter__(self) -> Iterator[Event]:
        for event in iter(self._events.get, None):
            yield event
            if isinstance(event, Finished | Failed):
                return

    def end(self) -> None:
        """Lets the thread go that waits for another event."""
        self._events.put(None)


@dataclass
class Alone:
    """One server, the local user, and what they can do."""

    services: Services
    agent: FakeAgent
    caller: Caller
    numbers: Iterator[int]

    @property
    def desk(self) -> Desk:
        return Desk(self.services, self.caller, "127.0.0.1")

    async def new_chat(self) -> str:
        async with self.services.database.session() as session:
            return (await chats.create(session, self.caller.id)).id

    async def ask(
        self, text: str = "Hello", chat_id: str | None = None, parent_id: str | None = None, **wish: Any
    ) -> Generation:
        """Posts a message; the (first) reply to it."""
        chat_id = chat_id or await self.new_chat()
        _, made = await self.desk.post(chat_id, f"id-{next(self.numbers)}", parent_id, text, Wish(**wish))
        return made[0]

    async def entries(self, generation_id: str, after: int = 0) -> AsyncIterator[Entry]:
        async for batch in self.services.jobs.log.read(generation_id, after, PATIENCE):
            assert batch, "nothing came for two minutes"
            for entry in batch:
                yield entry

    async def follow(self, generation_id: str, after: int = 0) -> list[Line]:
        """All events of a reply, until its end; without the notes of its place in the queue."""
        return [line(entry) async for entry in self.entries(generation_id, after) if entry.seq]

    async def until_text(self, generation_id: str, text: str) -> None:
        """Reads the reply until this much of it is shown."""
        shown = ""
        async for entry in self.entries(generation_id):
            shown += json.loads(entry.data)["text"] if entry.type == "text" else ""
            if shown == text:
                return
        raise AssertionError(f"the reply ended with {shown!r}")

    async def until(self, generation_id: str, kind: str) -> list[Line]:
        """The events up to the first of this type."""
        seen = []
        async for entry in self.entries(generation_id):
            if entry.seq:
                seen.append(line(entry))
            if entry.type == kind:
                break
        return seen

    async def messages(self, chat_id: str) -> list[MessageView]:
        async with self.services.database.reading() as session:
            return [await message_view(entry) for entry in await messages.tree(session, self.caller.id, chat_id)]

    async def idle(self) -> None:
        """Waits until no slot is taken."""
        async with asyncio.timeout(PATIENCE):
            while self.services.jobs.slots_taken:
                await asyncio.sleep(0.01)


def line(entry: Entry) -> Line:
    return entry.seq, entry.type, json.loads(entry.data)


def text_of(lines: Iterable[Line]) -> str:
    """The reply's text as it was streamed."""
    return "".join(payload["text"] for _, kind, payload in lines if kind == "text")


@asynccontextmanager
async def alone(
    folder: Path,
    url: str,
    *answers: Iterable[Event] | BaseException,
    moderator: Moderator | None = None,
    **settings: Any,
) -> AsyncIterator[Alone]:
    """A server's services on the database at `url`, which has its tables, while the block runs."""
    chosen = {"compare_share": 0.0, "flush_milliseconds": 1} | settings
    found = ServerSettings(data=folder, database=url, **chosen)
    assistant, agent = assistant_that_says(*answers)
    services = Services(found, assistant, Database(url), moderator or RuleModerator())
    await services.jobs.start()
    try:
        yield Alone(services, agent, await services.accounts.local_caller(), itertools.count())
    finally:
        for answer in answers:
            if isinstance(answer, Dictated):
                answer.end()
        await services.jobs.close()
        services.accounts.close()
        await services.database.close()
