"""A real server on a loopback port, in a thread of the test."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn

from moss.assistant import Assistant
from moss.cli.serve import listen
from moss.server.app import create_app


@contextmanager
def serving(assistant: Assistant, image_folder: Path, api_key: str | None = None) -> Iterator[str]:
    """Serves the assistant while the block runs; gives the base address."""
    listener = listen("127.0.0.1", 0)
    config = uvicorn.Config(create_app(assistant, image_folder, api_key), log_level="warning")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
