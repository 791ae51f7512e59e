"""A server process whose assistant counts: `python -m tests.server.served_fake FOLDER WORDS PAUSE [name=value ...]`.

To the question Q it answers `Q:0 Q:1 Q:2 ...`, so many words, with so many seconds between them: whoever knows the
question knows what every reply begins with.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from moss.assistant import Assistant
from moss.cli.serve import listen
from moss.config import override
from moss.conversation import Conversation
from moss.events import Event, Finished, TextDelta
from moss.server.app import create_app
from moss.server.drain import DrainingServer
from moss.server.http_protocol import server_config
from moss.server.settings import ServerSettings
from moss.tools import Toolbox


def words(question: str, count: int) -> list[str]:
    """The pieces of the answer to a question."""
    return [f"{question}:{number} " for number in range(count)]


@dataclass
class Counting:
    """The agent."""

    count: int
    pause: float

    def run(
        self, conversation: Conversation, sampling: Any = None, tools: Sequence[str] | None = None, *more: Any
    ) -> Generator[Event, None, None]:
        said = words(conversation.messages[-1].content or "", self.count)
        for word in said:
            time.sleep(self.pause)
            yield TextDelta(word)
        yield Finished("".join(said), "stop", 1, len(said))


def main(folder: str, count: str, pause: str, *assignments: str) -> None:
    settings = override(ServerSettings(data=Path(folder), compare_share=0.0), assignments)
    assistant = Assistant(name="counting", agent=Counting(int(count), float(pause)), toolbox=Toolbox([]))
    app = create_app(assistant, settings)
    server = DrainingServer(server_config(app, settings), app.state.services)
    listener = listen("127.0.0.1", 0)
    print(f"http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    server.run(sockets=[listener])


if __name__ == "__main__":
    main(*sys.argv[1:])
