"""uvicorn with an orderly end: at the first signal replies are finished, at the second nothing is waited for.

uvicorn by itself waits for ever for a stream that is open, or cuts it in the middle. Here the replies end first, within
the time that the settings give them, and with them the streams of their readers; new work is refused meanwhile. Not
here: how replies end (`jobs.py`), other limits of connections (`http_protocol.py`).
"""

from __future__ import annotations

import asyncio
import gc
import math
import os
import signal
import socket
import threading
import time
from types import FrameType

import uvicorn

from .services import Services

CLOSING_SECONDS = 1
"""How long connections may take to close at least, when the replies have ended."""

FORCED_SECONDS = 1.5
"""After the second signal: how long what runs may take to be written down before the process ends."""

COLLECTED_AFTER = 10_000
"""Objects that are made before the collector looks at them; some thousand belong to what each moment brings."""


class DrainingServer(uvicorn.Server):
    """Serves an application until a signal, or `stop`."""

    def __init__(self, config: uvicorn.Config, services: Services) -> None:
        super().__init__(config)
        self._services = services
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ending: list[asyncio.Task[None]] = []

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begins to take connections."""
        self._loop = asyncio.get_running_loop()
        if threading.current_thread() is threading.main_thread():
            # A hangup, from a terminal that closes or a service that restarts, ends in order, too.
            signal.signal(signal.SIGHUP, self.handle_exit)
            _spare_what_stays()
        await super().startup(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """What a signal does: the first ends in order, the second at once."""
        self.stop()

    def stop(self) -> None:
        """Ends the server, from any thread; called again, without waiting for the replies."""
        if self._loop is None:  # it has not begun
            self.should_exit = True
        elif not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._stop)

    def _stop(self) -> None:
        if not self._ending:
            self._ending.append(asyncio.create_task(self._drain(), name="drain"))
        elif len(self._ending) == 1:
            # What cannot be ended in this time (a database that hangs) is found by the next server.
            timer = threading.Timer(FORCED_SECONDS, os._exit, (0,))
            timer.daemon = True
            timer.start()
            self._ending.append(asyncio.create_task(self._interrupt(), name="interrupt"))

    async def _drain(self) -> None:
        seconds, begun = self._services.settings.drain_seconds, time.monotonic()
        try:
            await self._services.jobs.drain(seconds)
        finally:
            # What is left are answers of /v1, which end with their connections: they get the rest of the time.
            left = math.ceil(seconds - (time.monotonic() - begun))
            self.config.timeout_graceful_shutdown = max(CLOSING_SECONDS, left)
            self.should_exit = True

    async def _interrupt(self) -> None:
        try:
            await self._services.jobs.interrupt()
        finally:
            self.force_exit = self.should_exit = True


def _spare_what_stays() -> None:
    """Has the garbage collector pass over what is loaded: to look through it all stops every stream for 0.2 s."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECTED_AFTER, *gc.get_threshold()[1:])
