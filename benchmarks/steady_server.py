"""The server that serving_load.py measures: all of `moss serve`, with an engine that writes at a steady rate.

    python benchmarks/steady_server.py PORT DATA [name=value ...]

The engine sits in the worker's process and costs next to nothing, so the figures are those of the server: queue, slots,
event log, database, streams. Not a script to run by hand.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Generator, Sequence

from moss.assistant import Assistant
from moss.conversation import Conversation
from moss.engine.params import SamplingParams
from moss.events import Event, Finished, TextDelta
from moss.terms import Terms
from moss.tools import Toolbox

WORD = "word "


class Steady:
    """Writes the number of words that the user's message is, one every `seconds`."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def run(
        self,
        conversation: Conversation,
        sampling: SamplingParams | None = None,
        tools: Sequence[str] | None = None,
        quality: int | None = None,
        terms: Terms | None = None,
    ) -> Generator[Event, None, None]:
        count = int(conversation.messages[-1].content or 0)
        return self._words(count)

    def _words(self, count: int) -> Generator[Event, None, None]:
        # By the clock and not by pauses: lateness of one word is not that of all that follow.
        started = time.monotonic()
        for number in range(1, count + 1):
            time.sleep(max(0.0, started + number * self._seconds - time.monotonic()))
            yield TextDelta(WORD)
        yield Finished(WORD * count, "stop", 10, count)


def steady(seconds: float) -> Assistant:
    """The assistant in the worker's process."""
    return Assistant(name="steady", agent=Steady(seconds), toolbox=Toolbox([]))


def main() -> None:
    from moss.cli.serve import listen
    from moss.server.app import create_app
    from moss.server.drain import DrainingServer
    from moss.server.http_protocol import server_config
    from moss.server.logs import configure_logs
    from moss.server.settings import settings_from
    from moss.server.worker import Worker

    port, data, *assignments = sys.argv[1:]
    seconds = next((float(a.partition("=")[2]) for a in assignments if a.startswith("token_seconds=")), 0.05)
    settings = settings_from(
        {}, [f"data={data}", "compare_share=0", *(a for a in assignments if not a.startswith("token_seconds="))]
    )
    configure_logs("WARNING")
    worker = Worker("steady_server:steady", {"seconds": seconds})
    worker.wait()
    with Assistant(name="steady", agent=worker, toolbox=Toolbox([]), engine=worker) as assistant:
        app = create_app(assistant, settings)
        server = DrainingServer(server_config(app, settings), app.state.services)
        listener = listen("127.0.0.1", int(port))
        print(f"listens {listener.getsockname()[1]}", flush=True)
        server.run(sockets=[listener])


if __name__ == "__main__":
    main()
