"""A real server on a loopback port, in a thread of the test."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from moss.assistant import Assistant
from moss.cli.serve import listen
from moss.server.app import create_app
from moss.server.drain import DrainingServer
from moss.server.http_protocol import server_config
from moss.server.settings import ServerSettings


@contextmanager
def serving(assistant: Assistant, folder: Path, api_key: str | None = None, **settings: Any) -> Iterator[str]:
    """Serves the assistant while the block runs, with its data in the folder; gives the base address."""
    listener = listen("127.0.0.1", 0)
    wanted = {"drain_seconds": 0.0, "compare_share": 0.0, "flush_milliseconds": 5} | settings
    found = ServerSettings(data=folder / "data", images=folder, api_key=api_key, **wanted)
    app = create_app(assistant, found)
    server = DrainingServer(server_config(app, found), app.state.services)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.stop()
        thread.join()
