"""From threads to the event loop: several answers that are made at once, as one asynchronous stream.

Each answer is driven by a thread of its own, because the engine is waited for, not awaited. The queue between is not
bounded: a reader that stalls must not keep a place in the engine. Not here: what the events mean.
"""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import Generator, Sequence
from contextlib import closing

from ..events import Event


class MergedAnswers:
    """Iterates over (number of the answer, event) until all answers have ended; raises what one of them raises.

    Make it inside the event loop. `stop` ends answers that are still being made, each at its next event.
    """

    def __init__(self, answers: Sequence[Generator[Event, None, None]]):
        self._loop = asyncio.get_running_loop()
        self._posted: asyncio.Queue[tuple[int, Event] | Exception | None] = asyncio.Queue()
        self._stopped = [threading.Event() for _ in answers]
        self._running = len(answers)
        for number, answer in enumerate(answers):
            # With the context of who asked, so that what is logged down there has the id of the request.
            run = contextvars.copy_context().run
            threading.Thread(target=run, args=(self._drive, number, answer), name="moss-answer", daemon=True).start()

    def stop(self, number: int | None = None) -> None:
        """Ends all the answers, or one of them. May be repeated, also when they have ended."""
        for stopped in self._stopped if number is None else [self._stopped[number]]:
            stopped.set()

    def __aiter__(self) -> MergedAnswers:
        return self

    async def __anext__(self) -> tuple[int, Event]:
        while self._running:
            posted = await self._posted.get()
            if isinstance(posted, Exception):
                self.stop()
                raise posted
            if posted is not None:
                return posted
            self._running -= 1
        raise StopAsyncIteration

    def _drive(self, number: int, answer: Generator[Event, None, None]) -> None:
        try:
            with closing(answer):
                for event in answer:
                    if self._stopped[number].is_set():
                        break
                    self._post((number, event))
        except Exception as error:  # it belongs to whoever iterates, in the event loop
            self._post(error)
        else:
            self._post(None)

    def _post(self, item: tuple[int, Event] | Exception | None) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._posted.put_nowait, item)
