"""From threads to the event loop: several answers that are made at once, as one asynchronous stream.

The queue between is not bounded: a reader that stalls must not keep a place in the engine. Not here: what the events
mean.
"""

from __future__ import annotations

import asyncio
from collections.abc import Generator, Sequence
from functools import partial

from ..events import Event
from .pushed import Made, post


class MergedAnswers:
    """Iterates over (number of the answer, event) until all answers have ended; raises what one of them raises.

    Make it inside the event loop. `stop` ends answers that are still being made.
    """

    def __init__(self, answers: Sequence[Generator[Event, None, None]]):
        self._loop = asyncio.get_running_loop()
        self._posted: asyncio.Queue[tuple[int, Event] | BaseException | None] = asyncio.Queue()
        self._running = len(answers)
        self._made = [self._begun(number, answer) for number, answer in enumerate(answers)]

    def stop(self, number: int | None = None) -> None:
        """Ends all the answers, or one of them. May be repeated, also when they have ended."""
        for made in self._made if number is None else [self._made[number]]:
            made.stop()

    def __aiter__(self) -> MergedAnswers:
        return self

    async def __anext__(self) -> tuple[int, Event]:
        while self._running:
            posted = await self._posted.get()
            if isinstance(posted, BaseException):
                self.stop()
                raise posted
            if posted is not None:
                return posted
            self._running -= 1
        raise StopAsyncIteration

    def _begun(self, number: int, answer: Generator[Event, None, None]) -> Made:
        return Made(lambda: answer, partial(self._hear, number), self._post)

    def _hear(self, number: int, event: Event) -> None:
        self._post((number, event))

    def _post(self, item: tuple[int, Event] | BaseException | None) -> None:
        post(self._loop, partial(self._posted.put_nowait, item))
