"""The assistant's end of `worker.py`: `python -m moss.server.worker_process FD`, started by the server.

It makes an assistant, then answers, each answer in a thread, until the server hangs up. What the answers say is sent in
bursts: a wake-up of the server costs it more than the words it brings.
"""

from __future__ import annotations

import importlib
import json
import logging
import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from multiprocessing.connection import Connection
from typing import Any

from ..assistant import Assistant
from ..config import from_dict
from ..conversation import Conversation
from ..engine.params import SamplingParams
from ..errors import EngineBusy, UserError
from ..terms import Terms
from .logs import configure_logs, with_request_id

logger = logging.getLogger(__name__)

BURST_SECONDS = 0.01
"""What is said within so long goes over together. The first word after a silence goes at once."""
TELL_SECONDS = 1.0
"""How often the process tells how it is."""


class Outbox:
    """What is to be sent, from any thread. The process ends with its server, in whatever it is doing."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._waiting: queue.SimpleQueue[Mapping[str, Any] | threading.Event] = queue.SimpleQueue()
        threading.Thread(target=self._send, name="moss-outbox", daemon=True).start()

    def put(self, message: Mapping[str, Any]) -> None:
        """Sends it soon, after what was put before."""
        self._waiting.put(message)

    def flush(self) -> None:
        """Waits until what was put has been sent."""
        sent = threading.Event()
        self._waiting.put(sent)
        sent.wait()

    def _send(self) -> None:
        while True:
            burst = [self._waiting.get()]
            with suppress(queue.Empty):
                while True:
                    burst.append(self._waiting.get_nowait())
            try:
                messages = [item for item in burst if not isinstance(item, threading.Event)]
                self._connection.send_bytes(json.dumps(messages).encode())
            except OSError:
                os._exit(0)
            for item in burst:
                if isinstance(item, threading.Event):
                    item.set()
            time.sleep(BURST_SECONDS)


class Answers:
    """The answers that are being made."""

    def __init__(self, assistant: Assistant, outbox: Outbox) -> None:
        self._assistant = assistant
        self._outbox = outbox
        self._stopped: dict[int, threading.Event] = {}

    def begin(self, number: int, question: Mapping[str, Any]) -> None:
        """Makes an answer, in a thread of its own."""
        self._stopped[number] = stopped = threading.Event()
        threading.Thread(target=self._make, args=(number, question, stopped), name="moss-answer", daemon=True).start()

    def stop(self, number: int) -> None:
        """The answer ends at its next event."""
        stopped = self._stopped.get(number)
        if stopped is not None:
            stopped.set()

    def _make(self, number: int, question: Mapping[str, Any], stopped: threading.Event) -> None:
        try:
            with with_request_id(question["request_id"]):
                self._tell_events(number, question, stopped)
            self._outbox.put({"answer": number, "ended": True})
        except EngineBusy as error:
            self._outbox.put({"answer": number, "error": "busy", "message": str(error)})
        except UserError as error:
            self._outbox.put({"answer": number, "error": "user", "message": str(error)})
        except Exception as error:  # it belongs to whoever asked, in the other process
            logger.exception("an answer failed")
            self._outbox.put(
                {"answer": number, "error": "internal", "message": f"{type(error).__name__} in the worker"}
            )
        finally:
            del self._stopped[number]

    def _tell_events(self, number: int, question: Mapping[str, Any], stopped: threading.Event) -> None:
        sampling = question["sampling"]
        answer = self._assistant.agent.run(
            Conversation.from_dict(question["conversation"]),
            None if sampling is None else from_dict(SamplingParams, sampling),
            question["tools"],
            question["quality"],
            None if question["terms"] is None else Terms.from_dict(question["terms"]),
        )
        with closing(answer):
            self._outbox.put({"answer": number, "begun": True})
            for event in answer:
                if stopped.is_set():
                    return
                self._outbox.put({"answer": number, "event": event.to_dict()})


def main() -> None:
    """Serves the process at the other end of the file descriptor in the argument, and ends with it."""
    # Service managers tell every process of a service to stop; this one ends when the server has no more use for it.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    connection = Connection(int(sys.argv[1]))
    order = json.loads(connection.recv_bytes())
    configure_logs(order["log_level"])
    outbox = Outbox(connection)
    pulse = Pulse(outbox)
    try:
        assistant = _function(order["function"])(**order["options"])
    except UserError as error:
        outbox.put({"refused": str(error)})
        outbox.flush()
        return
    pulse.assistant = assistant
    outbox.put({"ready": True})
    with assistant:
        _serve(connection, Answers(assistant, outbox))


class Pulse:
    """Tells every second how the process is, from its start on, so that one that hangs is told from one that loads."""

    def __init__(self, outbox: Outbox) -> None:
        self.assistant: Assistant | None = None
        self._outbox = outbox
        threading.Thread(target=self._beat, name="moss-pulse", daemon=True).start()

    def _beat(self) -> None:
        while self.assistant is None or self.assistant.state == "ready":
            self._outbox.put({"told": {"resident_bytes": _resident_bytes()}})
            time.sleep(TELL_SECONDS)
        # The server starts another process where this one ends.
        logger.error("the engine has failed")
        self._outbox.flush()
        os._exit(1)


def _serve(connection: Connection, answers: Answers) -> None:
    """Does what it is told until the server says so or hangs up."""
    with suppress(EOFError, OSError):
        while True:
            message = json.loads(connection.recv_bytes())
            if "end" in message:
                return
            if "stop" in message:
                answers.stop(message["stop"])
            else:
                answers.begin(message["answer"], message)


def _resident_bytes() -> int | None:
    """Memory of this process; None where the system does not say."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return None


def _function(name: str) -> Callable[..., Assistant]:
    module, _, function = name.partition(":")
    found: Callable[..., Assistant] = getattr(importlib.import_module(module), function)
    return found


if __name__ == "__main__":
    main()
    # Threads that wait for a tool or for the engine must not hold up the end.
    os._exit(0)
