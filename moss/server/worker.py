"""The assistant in a process of its own, as the server sees it: an `Answering` whose work is done elsewhere.

The model holds the interpreter's lock for milliseconds at a time, which every stream of the server would feel; here it
does not. And an engine that dies (out of memory, a defect in C code) ends the answers it was making, and neither the
server nor anybody's connection. It is started again at once, and meanwhile whoever asks waits.

The two talk over a socket pair, in frames of JSON made by the codecs that the values have anyway. Not here: the other
end (`worker_process.py`), and how many answers are made at once (`jobs.py`, and the engine's own slots).
"""

from __future__ import annotations

import itertools
import json
import logging
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..assistant import Assistant, State, checkpoint_folder, facts
from ..config import to_dict
from ..conversation import Conversation
from ..errors import EngineBusy, UserError
from ..events import Failed, from_dict
from ..terms import Terms
from .logs import request_id
from .pushed import Ended, Hear, PushedAnswer
from .settings import PREFIX

if TYPE_CHECKING:
    from ..engine.params import SamplingParams

logger = logging.getLogger(__name__)

SILENCE_SECONDS = 60.0
"""A worker that says nothing for so long hangs, since it tells of itself every second; it is killed."""
LONGEST_PAUSE_SECONDS = 30.0
"""Between two attempts to start a worker that never becomes ready."""
END_SECONDS = 3.0
"""What a worker gets to end its tools and itself when it is told to."""
LOST = "the model stopped working while it made this answer; it is being started again, please ask again"
NOT_THERE = "the model is being started again; try again in a moment"


def start_worker(
    checkpoint: str | Path | None = None,
    *,
    search_index: str | Path | None = None,
    image_folder: str | Path | None = None,
    max_sequences: int = 32,
) -> Assistant:
    """As `load_assistant`, but the assistant loads and answers in a process of its own; this one needs no torch.

    Returns at once, while the model is still being loaded: `assistant.state` tells, and `Worker.wait` waits for it.
    Raises UserError where checkpoint or index are not there; what is wrong inside of them, `Worker.wait` raises.
    """
    from ..tools import default_toolbox

    folder = checkpoint_folder(checkpoint)
    known = facts(folder)
    toolbox = default_toolbox(search_index, image_folder)
    options = {
        "checkpoint": str(folder),
        "search_index": None if search_index is None else str(search_index),
        "image_folder": None if image_folder is None else str(image_folder),
        "max_sequences": max_sequences,
    }
    worker = Worker("moss.assistant:load_assistant", options)
    return Assistant(agent=worker, toolbox=toolbox, engine=worker, **known)


class Worker:
    """An agent and its engine in another process, kept running until `shutdown`. Many threads may call `run` at once.

    `function` ("package.module:function") makes the assistant over there when called with `options`, which are JSON.
    """

    def __init__(self, function: str, options: Mapping[str, Any]) -> None:
        self.failure: UserError | None = None
        """Why the assistant cannot be loaded, where that is a mistake of the user's; then `state` is "dead"."""
        self.told: Mapping[str, Any] = {}
        """What the process last told of itself: `resident_bytes`, None where the system does not say."""
        self.restarts = 0
        """How often a process that was ready has been lost."""
        self._order = {
            "function": function,
            "options": dict(options),
            "log_level": logging.getLogger("moss").getEffectiveLevel(),
        }
        self._changed = threading.Condition()
        self._state: State = "loading"
        self._closed = False
        self._answers: dict[int, _Answer] = {}
        self._numbers = itertools.count(1)
        self._process: subprocess.Popen[bytes] | None = None
        self._connection: Connection | None = None
        self._sending = threading.Lock()
        self._keeper = threading.Thread(target=self._keep, name="moss-worker", daemon=True)
        self._keeper.start()

    @property
    def state(self) -> State:
        """`loading` also while a process that died is replaced."""
        return self._state

    @property
    def process_id(self) -> int | None:
        """The process that answers now; None between two of them."""
        process = self._process
        return None if process is None else process.pid

    def wait(self, seconds: float | None = None) -> bool:
        """Waits until the assistant can answer; False when it could not by then. UserError where it never will."""
        with self._changed:
            self._changed.wait_for(lambda: self._state != "loading", seconds)
        if self.failure is not None:
            raise self.failure
        return self._state == "ready"

    def run(
        self,
        conversation: Conversation,
        sampling: SamplingParams | None = None,
        tools: Sequence[str] | None = None,
        quality: int | None = None,
        terms: Terms | None = None,
    ) -> PushedAnswer:
        """As `Agent.run`. Here the answer may be closed from any thread, also while another one waits for its event.

        While the model is being loaded the answer waits for it; then what cannot be begun is raised by the first event.
        """
        question = {
            "conversation": conversation.to_dict(),
            "sampling": None if sampling is None else to_dict(sampling),
            "tools": None if tools is None else list(tools),
            "quality": quality,
            "terms": None if terms is None else terms.to_dict(),
            "request_id": request_id(),
        }
        answer = _Answer(self, next(self._numbers), question)
        if self._state != "loading":
            answer.begin()
        return answer

    def shutdown(self) -> None:
        """Ends the process; answers in progress fail. May be repeated."""
        with self._changed:
            self._closed = True
            self._state = "dead"
            self._changed.notify_all()
            process = self._process
        self._send({"end": True})
        self._keeper.join(END_SECONDS)
        if process is not None:
            process.kill()
        self._keeper.join()

    # --- what an answer asks of it ---

    def submit(self, answer: _Answer) -> None:
        """Sends the question over, once there is somebody to answer it. EngineBusy where there is nobody."""
        with self._changed:
            self._changed.wait_for(lambda: self._state != "loading" or answer.closed)
            if answer.closed:
                return
            if self._state == "dead":
                raise self.failure or EngineBusy(NOT_THERE)
            self._answers[answer.number] = answer
        self._send({"answer": answer.number, **answer.question})

    def forget(self, answer: _Answer) -> None:
        """Stops an answer that nobody wants any more. May be repeated, also when it has ended."""
        with self._changed:
            known = self._answers.pop(answer.number, None)
            self._changed.notify_all()
        if known is not None:
            self._send({"stop": answer.number})

    def _send(self, message: Mapping[str, Any]) -> None:
        connection = self._connection
        try:
            if connection is not None:
                with self._sending:
                    connection.send_bytes(json.dumps(message).encode())
        except OSError:
            # The process is gone: whoever waits for an answer hears of it from the thread that reads.
            logger.debug("a message did not reach the worker")

    # --- the thread that keeps a process running, and reads what it says ---

    def _keep(self) -> None:
        failures = 0
        while not self._closed and self.failure is None:
            was_ready = self._one_process()
            failures = 0 if was_ready else failures + 1
            pause = min(LONGEST_PAUSE_SECONDS, 2.0 ** (failures - 1)) if failures else 0.0
            with self._changed:
                self._changed.wait_for(lambda: self._closed, pause)

    def _one_process(self) -> bool:
        """Starts a process and listens to it until its end; whether it was ever ready."""
        try:
            connection, process = _started()
        except OSError:
            logger.exception("the worker cannot be started")
            return False
        self._connection, self._process = connection, process
        try:
            self._send(self._order)
            self._listen(connection)
        finally:
            was_ready = self._state == "ready"
            self._lose(process, connection)
        return was_ready

    def _listen(self, connection: Connection) -> None:
        """Hands out what the process says, until it ends or falls silent."""
        try:
            while not self._closed and connection.poll(SILENCE_SECONDS):
                for message in json.loads(connection.recv_bytes()):
                    self._hear(message)
            if not self._closed:
                logger.error("the worker has said nothing for %g s and is killed", SILENCE_SECONDS)
        except (EOFError, OSError):
            if not self._closed and self.failure is None:
                logger.error("the worker has ended unexpectedly")

    def _hear(self, message: Mapping[str, Any]) -> None:
        match message:
            case {"answer": number}:
                goes_on = "event" in message or "begun" in message
                answer = self._answers.get(number) if goes_on else self._answers.pop(number, None)
                if answer is not None:
                    answer.hear(message)
                elif "begun" in message:
                    # Its question crossed with the end of the process before, or with its own end.
                    self._send({"stop": number})
            case {"told": told}:
                self.told = told
            case {"ready": True}:
                with self._changed:
                    self._state = "dead" if self._closed else "ready"
                    self._changed.notify_all()
            case {"refused": reason}:
                self.failure = UserError(reason)

    def _lose(self, process: subprocess.Popen[bytes], connection: Connection) -> None:
        """The process has ended or is given up: its answers fail, and who comes now waits for the next one."""
        process.kill()
        process.wait()
        with self._changed:
            if self._state == "ready":
                self.restarts += 1
            self._state = "dead" if self._closed or self.failure is not None else "loading"
            self._connection = self._process = None
            lost, self._answers, self.told = self._answers, {}, {}
            self._changed.notify_all()
        with self._sending:
            connection.close()
        for answer in lost.values():
            answer.hear({"lost": True})


class _Answer(PushedAnswer):
    """One answer that is being made over there. The thread that reads what the worker says hands its events over."""

    def __init__(self, worker: Worker, number: int, question: Mapping[str, Any]) -> None:
        super().__init__()
        self.number = number
        self.question = question
        self.closed = False
        self._worker = worker
        self._answered = threading.Event()
        """Set with the first that is heard of it."""
        self._told: list[Mapping[str, Any]] = []
        """What was heard before somebody listened."""
        self._taker: tuple[Hear, Ended] | None = None
        self._turn = threading.RLock()
        """What was heard is handed over in its order, by whichever thread."""

    def hear(self, message: Mapping[str, Any]) -> None:
        """Takes what the worker says of this answer."""
        with self._turn:
            if self._taker is None:
                self._told += [] if "begun" in message else [message]
            else:
                try:
                    self._hand_over(message, *self._taker)
                except Exception as error:  # of this answer alone; the thread reads for all of them
                    self._end(error)
        self._answered.set()

    def begin(self) -> None:
        """Asks, and waits until the answer has begun. Raises what the agent raises where it cannot."""
        self._worker.submit(self)
        self._answered.wait()
        match self._told:
            case [{"lost": True}]:
                self.closed = True
                raise EngineBusy(NOT_THERE)
            case [{"error": _} as message]:
                self.close()
                raise _error_in(message)

    def push(self, hear: Hear, ended: Ended) -> None:
        if not self._answered.is_set():
            self.begin()
        with self._turn:
            if self.closed:
                ended(None)
                return
            self._taker = hear, ended
            for message in self._told:
                self._hand_over(message, hear, ended)

    def give_up(self) -> None:
        """Stops the answer and frees its place in the engine."""
        with self._turn:
            if not self.closed:
                self._end(None)
        self._worker.forget(self)
        self._answered.set()

    def __del__(self) -> None:
        self.close()

    def _hand_over(self, message: Mapping[str, Any], hear: Hear, ended: Ended) -> None:
        if self.closed:
            return
        match message:
            case {"event": event}:
                hear(from_dict(event))
            case {"lost": True}:
                hear(Failed(LOST))
                self._end(None)
            case {"error": _}:
                self._end(_error_in(message))
            case {"ended": True}:
                self._end(None)

    def _end(self, error: Exception | None) -> None:
        self.closed = True
        if self._taker is not None:
            self._taker[1](error)


def _error_in(message: Mapping[str, Any]) -> Exception:
    kinds = {"busy": EngineBusy, "user": UserError}
    return kinds.get(message["error"], RuntimeError)(message["message"])


def _started() -> tuple[Connection, subprocess.Popen[bytes]]:
    """A fresh interpreter, never a fork of this one, which has threads; and our end of the line to it."""
    ours, theirs = socket.socketpair()
    # The package must be found wherever this process found it.
    path = os.pathsep.join(entry or os.getcwd() for entry in sys.path)
    # Passwords and keys of the server's settings are not the model's.
    kept = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-m", "moss.server.worker_process", str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            env={**kept, "PYTHONPATH": path},
            # Ctrl-C in the terminal is for the server, which lets running answers end first.
            start_new_session=True,
        )
    return Connection(ours.detach()), process
