"""Functions run in processes of their own, with a limit of time and of memory, that can be killed at any moment.

A `Sandbox` is bound to one function of one module. Each of its workers is a small tree of two processes:

- the keeper, `python -m moss.tools.sandbox`: a fresh interpreter (never a fork of the caller, who may have threads and
  torch) that imports the module once, forks a runner and waits for it to end;
- the runner: takes one request a line, arms the kernel's alarm, calls the function, answers one line. When time is up
  the kernel kills it, in whatever C code it is; the keeper answers in its place and forks the next in milliseconds.

Time is processor time, so that a result does not depend on what else the machine does; the clock on the wall ends what
does not even compute.

Slow imports do not hold up the first request: the first runner goes without the modules in `preload`, while the keeper
imports them; a runner that finds it needs one makes way for the next, which has them.

So every request has exactly one answer, and state of the caller never reaches a runner but for the request's JSON: not
its environment either, which may hold secrets. A runner writes no files, starts no processes (as root it could) and, on
Linux where it is allowed to leave the network, reaches nobody; where the kernel has Landlock it creates and deletes no
files either, and runs no programs whoever started it. This limits what a calculation may cost and do; it is no jail for
hostile Python code, and no such code is ever run here. Needs a POSIX system; where the kernel does not enforce
RLIMIT_AS (macOS) memory is bounded by the functions' own checks alone.
"""

from __future__ import annotations

import atexit
import importlib
import json
import os
import queue
import select
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from ..errors import UserError
from .cancellation import Cancelled, when_cancelled

_PATIENCE = 8
"""Seconds on the wall for each second of processor time that a call is given."""
_GRACE_SECONDS = 2.0
"""Beyond that, for a keeper on a busy machine to answer; then it is killed too."""
_START_SECONDS = 60.0
"""For a keeper's imports, on a very busy machine."""


_ENVIRONMENT = ("PATH", "PYTHONHOME", "LANG", "LC_ALL", "LC_CTYPE", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "TMPDIR")
"""What a keeper is told of the caller's environment: how to run, and nothing else."""

_READY = {"ready": True}
"""The keeper's line when a runner can take a request (again)."""


class SandboxError(UserError):
    """The calculation took more time or memory than it is given."""


class Sandbox:
    """Calls of one function, `"package.module:function"`, in killable processes. Safe to use from many threads.

    Arguments and results go as JSON; UserErrors of the function are raised here again (as UserError). Workers start
    with the first calls, `workers` of them at most; further callers wait for a free one. `preload` names modules that
    the function imports only when it needs them, because they are slow to import: `"module"`, or `"module:function"`
    with something to call after the import. A call of a tool that is cancelled (`cancellation.py`) leaves its place in
    the queue, or has its worker killed.
    """

    def __init__(
        self,
        function: str,
        *,
        seconds: float = 0.5,
        megabytes: int = 256,
        workers: int = 2,
        preload: Sequence[str] = (),
    ) -> None:
        self._command = [sys.executable, "-m", "moss.tools.sandbox", function, str(seconds), str(megabytes), *preload]
        self._seconds = seconds
        self._count = workers
        self._closed = False
        self._begin()

    def _begin(self) -> None:
        self._process_id = os.getpid()
        self._lock = threading.Lock()
        self._unstarted = self._count
        self._workers: list[_Worker] = []
        self._free: list[_Worker] = []
        self._waiting: deque[queue.SimpleQueue[_Worker | None]] = deque()

    def call(self, *arguments: Any, **named: Any) -> Any:
        """The function's value. Raises UserError as the function does, SandboxError when a limit was hit."""
        worker = self._take()
        try:
            with when_cancelled(worker.kill):
                answer = worker.ask([arguments, named])
        finally:
            self._give_back(worker)
        if "value" in answer:
            return answer["value"]
        raise (SandboxError if answer["limit"] else UserError)(answer["error"])

    def close(self) -> None:
        """Ends all workers, also one that is at work: its caller gets a SandboxError."""
        with self._lock:
            self._closed = True
            for worker in self._workers:
                worker.end()

    def _take(self) -> _Worker:
        if self._process_id != os.getpid():
            # We are in a fork of the process that owns the workers: leave them to it.
            self._begin()
        with self._lock:
            if self._closed:
                raise UserError("the sandbox is closed")
            if self._free:
                return self._free.pop()
            if self._unstarted:
                self._unstarted -= 1
                self._workers.append(_Worker(self._command, self._seconds))
                return self._workers[-1]
            turn: queue.SimpleQueue[_Worker | None] = queue.SimpleQueue()
            self._waiting.append(turn)
        return self._wait_for(turn)

    def _wait_for(self, turn: queue.SimpleQueue[_Worker | None]) -> _Worker:
        """The worker that is handed over when it is this caller's turn; Cancelled for one who is not to wait on."""
        try:
            with when_cancelled(lambda: turn.put(None)):
                worker = turn.get()
        except Cancelled:
            worker = None
        if worker is not None:
            return worker
        with self._lock:
            if turn in self._waiting:
                self._waiting.remove(turn)
                raise Cancelled
        # It was its turn just then, and a worker that was handed over has to be given back.
        worker = turn.get()
        assert worker is not None
        return worker

    def _give_back(self, worker: _Worker) -> None:
        """Hands the worker to who waits longest: whoever comes again at once must not overtake those who wait."""
        with self._lock:
            if self._waiting:
                self._waiting.popleft().put(worker)
            else:
                self._free.append(worker)


class _Worker:
    """The caller's end of one keeper; used by one thread at a time."""

    def __init__(self, command: list[str], seconds: float) -> None:
        self._command = command
        self._seconds = seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._imported = False
        """Has the keeper finished the modules to preload, as far as we know."""
        self._ended = False

    def ask(self, request: Any) -> dict[str, Any]:
        """One request, one answer; starts the keeper when there is none (any more)."""
        try:
            process = self._running()
            answer = self._exchange(process, request)
            if answer == _READY:
                # The runner lacked a module, and its successor has it.
                self._imported = True
                answer = self._exchange(process, request)
            return answer
        except (OSError, ValueError):
            # The keeper itself is gone or stuck. The next request starts another.
            self.kill()
            return {"error": "the calculation was stopped from outside", "limit": True}

    def end(self) -> None:
        """Kills the keeper and its runner."""
        self._ended = True
        self.kill()

    def kill(self) -> None:
        """Ends keeper and runner, from any thread; whoever asks gets an error, and the next one another keeper."""
        atexit.unregister(self.kill)
        process, self._process = self._process, None
        if process is None:
            return
        # The keeper leads a group of its own, so the runner goes with it.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe:
                with suppress(OSError):
                    pipe.close()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._ended:
            raise OSError("the worker has ended")
        # Another thread may kill it at any moment.
        process = self._process
        if process and (process.poll() is not None or _has_line(process)):
            # A line before any request: the runner was killed while it had nothing to do.
            self.kill()
            process = None
        if process is None:
            # The package must be found wherever the caller found it.
            path = os.pathsep.join(entry or os.getcwd() for entry in sys.path)
            known = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
            environment = {**known, "PYTHONPATH": path, "OMP_NUM_THREADS": "1"}
            self._process = process = subprocess.Popen(
                self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, start_new_session=True
            )
            self._imported = False
            atexit.register(self.kill)
            if _receive(process, _START_SECONDS) != _READY:
                raise OSError("the worker did not start")
        return process

    def _exchange(self, process: subprocess.Popen[bytes], request: Any) -> dict[str, Any]:
        assert process.stdin
        process.stdin.write(_line(request))
        process.stdin.flush()
        # Until it says so, the keeper may still be at its imports.
        grace = _GRACE_SECONDS if self._imported else _START_SECONDS
        return _receive(process, self._seconds * _PATIENCE + grace)


def _has_line(process: subprocess.Popen[bytes]) -> bool:
    assert process.stdout
    return bool(select.select([process.stdout], [], [], 0)[0])


def _receive(process: subprocess.Popen[bytes], seconds: float) -> dict[str, Any]:
    """The keeper's next line; raises ValueError or OSError when none comes in time."""
    assert process.stdout
    readable, _, _ = select.select([process.stdout], [], [], seconds)
    answer: dict[str, Any] = json.loads(process.stdout.readline() if readable else b"")
    return answer


# --- In the keeper and the runner -----------------------------------------------------------------------------------

_MORE_MEMORY, _MORE_IMPORTS = 1, 2
"""Exit codes of a runner: what it would have needed."""

_NEW_USER, _NEW_NETWORK = 0x10000000, 0x40000000
"""CLONE_NEWUSER and CLONE_NEWNET of unshare(2)."""

_CREATE_RULESET, _RESTRICT_SELF, _NO_NEW_PRIVILEGES = 444, 446, 38
"""The system calls of landlock(7), and the option of prctl(2) that it asks for."""

_WRITES, _TRUNCATE = 0x1FF3, 0x4000
"""Landlock's rights: all of its first version but those to read, running programs included; and one of its third."""


class _Keeper:
    """Forks runners, one after the other, and speaks for those that died."""

    def __init__(self, function: Callable[..., Any], seconds: float, megabytes: int, preload: Sequence[str]) -> None:
        self.function = function
        self.seconds = seconds
        self.megabytes = megabytes
        self.preload = preload
        """What is still to be imported."""
        # What the function might print must not get between the answers.
        self.answers = os.dup(1)
        os.dup2(2, 1)

    def answer(self, answer: dict[str, Any]) -> None:
        with suppress(BrokenPipeError):  # the caller has gone, and so will the keeper
            os.write(self.answers, _line(answer))

    def keep(self) -> None:
        """Until the caller closes the pipe."""
        self.answer(_READY)
        while True:
            runner = os.fork()
            if runner == 0:
                try:
                    os._exit(self.run())
                finally:
                    os._exit(_MORE_MEMORY)
            for target in self.preload:
                _load(target)
            self.preload = ()
            _, status = os.waitpid(runner, 0)
            if status == 0:
                return
            self.speak_for(os.waitstatus_to_exitcode(status))

    def speak_for(self, exit_code: int) -> None:
        if exit_code == _MORE_IMPORTS:
            return self.answer(_READY)
        late = exit_code in (-signal.SIGPROF, -signal.SIGALRM)
        limit = f"it takes longer than {self.seconds:g} s" if late else self._memory()
        return self.answer({"error": f"the calculation was stopped: {limit}", "limit": True})

    def _memory(self) -> str:
        return f"it takes more than {self.megabytes} MB"

    def run(self) -> int:
        """The runner: answers requests as long as it can; returns its exit code."""
        import resource

        _leave_the_files()
        resource.setrlimit(resource.RLIMIT_AS, (self.megabytes << 20, self.megabytes << 20))
        # A calculation has no use for either; what tries all the same gets an OSError.
        for nothing in (resource.RLIMIT_FSIZE, resource.RLIMIT_NPROC):
            resource.setrlimit(nothing, (0, 0))
        for sign in (signal.SIGPROF, signal.SIGALRM):
            signal.signal(sign, signal.SIG_DFL)
        # None in the table of modules makes an import fail at once.
        for target in self.preload:
            sys.modules[target.partition(":")[0]] = None  # type: ignore[assignment]
        requests = os.fdopen(0, "rb", closefd=False)
        while line := requests.readline():
            _arm(self.seconds)
            outcome = self.outcome(*json.loads(line))
            # Disarmed before it is written: a killed runner has answered wholly or not at all.
            _arm(0)
            if isinstance(outcome, int):
                return outcome
            os.write(self.answers, outcome)
        return 0

    def outcome(self, arguments: list[Any], named: dict[str, Any]) -> bytes | int:
        """What the function gave, as the line of an answer, or the exit code of a runner that cannot go on."""
        try:
            return _line({"value": self.function(*arguments, **named)})
        except UserError as error:
            return _line({"error": str(error), "limit": False})
        except MemoryError:
            return _MORE_MEMORY
        except Exception as error:
            if self.preload and isinstance(error, ImportError):
                return _MORE_IMPORTS
            return _line({"error": f"the calculation failed: {type(error).__name__}: {error}", "limit": True})


def _leave_the_network() -> None:
    """From here on this process and its runners see no network, where the kernel lets them go."""
    if sys.platform != "linux":
        return
    import ctypes

    unshare = getattr(ctypes.CDLL(None), "unshare", None)
    if unshare is not None and unshare(_NEW_NETWORK) != 0:
        unshare(_NEW_USER | _NEW_NETWORK)


def _leave_the_files() -> None:
    """From here on this process creates, writes and deletes no file and runs no program, where the kernel knows how."""
    if sys.platform != "linux":
        return
    import ctypes

    kernel, nothing = ctypes.CDLL(None), ctypes.c_ulong(0)
    version = kernel.syscall(ctypes.c_long(_CREATE_RULESET), None, ctypes.c_size_t(0), ctypes.c_uint(1))
    handled = ctypes.c_uint64(_WRITES | (_TRUNCATE if version >= 3 else 0))
    rules = kernel.syscall(ctypes.c_long(_CREATE_RULESET), ctypes.byref(handled), ctypes.c_size_t(8), ctypes.c_uint(0))
    if rules < 0:
        return  # an older kernel; the limits of resources still hold
    # What the rules handle and do not allow is denied, and they allow nothing.
    kernel.prctl(_NO_NEW_PRIVILEGES, ctypes.c_ulong(1), nothing, nothing, nothing)
    kernel.syscall(ctypes.c_long(_RESTRICT_SELF), ctypes.c_int(rules), ctypes.c_uint(0))
    os.close(rules)


def _arm(seconds: float) -> None:
    """Sets both alarms; 0 disarms them."""
    signal.setitimer(signal.ITIMER_PROF, seconds)
    signal.setitimer(signal.ITIMER_REAL, seconds * _PATIENCE)


def _line(value: Any) -> bytes:
    return json.dumps(value).encode() + b"\n"


def _load(target: str) -> None:
    module, _, function = target.partition(":")
    loaded = importlib.import_module(module)
    if function:
        getattr(loaded, function)()


def _main() -> None:
    target, seconds, megabytes, *preload = sys.argv[1:]
    module_name, _, name = target.partition(":")
    function = getattr(importlib.import_module(module_name), name)
    # Ctrl-C in the terminal is the caller's business.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _leave_the_network()
    _Keeper(function, float(seconds), int(megabytes), preload).keep()


if __name__ == "__main__":
    _main()
