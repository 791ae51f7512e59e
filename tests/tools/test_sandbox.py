"""Limits of time and memory, restarts, threads: with functions of the standard library that do the harm themselves."""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from moss.errors import UserError
from moss.tools.cancellation import Cancellation, Cancelled
from moss.tools.sandbox import Sandbox, SandboxError


@pytest.fixture
def pid_sandbox() -> Iterator[Sandbox]:
    sandbox = Sandbox("os:getpid", workers=1)
    yield sandbox
    sandbox.close()


def test_values_and_user_errors_come_back() -> None:
    sandbox = Sandbox("moss.tools.calculator:evaluate")
    try:
        assert sandbox.call("60/6") == "10"
        assert sandbox.call("60/6", compatible=True) == "10.0"
        with pytest.raises(UserError, match="division by zero") as caught:
            sandbox.call("1/0")
        assert not isinstance(caught.value, SandboxError)
        assert sandbox.call("1+1") == "2"
    finally:
        sandbox.close()


def test_K2_c_code_that_does_not_return_is_killed_in_time_and_the_next_call_works() -> None:
    sandbox = Sandbox("math:factorial", seconds=0.3, workers=1)
    try:
        assert sandbox.call(5) == 120
        with pytest.raises(SandboxError, match="longer than"):
            sandbox.call(10**7)
        assert sandbox.call(6) == 720
    finally:
        sandbox.close()


def test_what_only_waits_is_killed_too() -> None:
    sandbox = Sandbox("time:sleep", seconds=0.05, workers=1)
    try:
        with pytest.raises(SandboxError, match="longer than"):
            sandbox.call(60)
        assert sandbox.call(0) is None
    finally:
        sandbox.close()


def test_K1_too_much_memory_is_refused_and_the_next_call_works() -> None:
    sandbox = Sandbox("operator:mul", megabytes=128, workers=1)
    try:
        with pytest.raises(SandboxError, match="128 MB"):
            sandbox.call("a", 10**9)
        assert sandbox.call("a", 3) == "aaa"
    finally:
        sandbox.close()


def test_a_crash_is_told_as_a_failure() -> None:
    sandbox = Sandbox("os:_exit", workers=1)
    try:
        for _ in range(2):
            with pytest.raises(SandboxError):
                sandbox.call(7)
    finally:
        sandbox.close()


def test_a_worker_killed_from_outside_is_replaced(pid_sandbox: Sandbox) -> None:
    runner = pid_sandbox.call()
    assert runner != os.getpid()
    os.kill(runner, signal.SIGKILL)
    time.sleep(0.2)
    assert pid_sandbox.call() != runner
    assert pid_sandbox.call() == pid_sandbox.call()


def test_calls_from_many_threads_get_their_own_answers() -> None:
    sandbox = Sandbox("builtins:abs", workers=2)
    answers: dict[int, int] = {}

    def ask(start: int) -> None:
        for number in range(start, start + 25):
            answers[number] = sandbox.call(-number)

    threads = [threading.Thread(target=ask, args=(start,)) for start in range(0, 200, 25)]
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert answers == {number: number for number in range(200)}
    finally:
        sandbox.close()


def test_C1_a_cancelled_call_gives_back_its_worker_and_its_place_in_the_queue() -> None:
    sandbox = Sandbox("time:sleep", seconds=60, workers=1)
    calls = [Cancellation() for _ in range(3)]
    ended: list[type[BaseException]] = []

    def ask(call: Cancellation) -> None:
        with call.current():
            try:
                sandbox.call(60)
            except UserError as error:
                ended.append(type(error))

    threads = [threading.Thread(target=ask, args=(call,)) for call in calls]
    try:
        assert sandbox.call(0) is None
        for waiting, thread in enumerate(threads):
            thread.start()
            while sandbox._free or len(sandbox._waiting) < waiting:
                time.sleep(0.01)
        # The last ones wait, the first one works: none of them has to be waited for.
        for call, thread in zip(reversed(calls), reversed(threads), strict=True):
            call.cancel()
            thread.join(30)
            assert not thread.is_alive()
        assert ended == [Cancelled, Cancelled, SandboxError]
        assert sandbox.call(0) is None
    finally:
        sandbox.close()


def test_what_the_function_prints_does_not_disturb_the_answers() -> None:
    sandbox = Sandbox("builtins:print", workers=1)
    try:
        assert sandbox.call('{"value": 1}') is None
    finally:
        sandbox.close()


def test_a_module_that_is_still_loading_is_waited_for_only_by_who_needs_it() -> None:
    sandbox = Sandbox("importlib:import_module", workers=1, preload=("moss.tools.symbolic:warm_up",))
    try:
        with pytest.raises(SandboxError, match="not JSON serializable"):
            sandbox.call("moss.tools.symbolic")
    finally:
        sandbox.close()


def test_K3_a_runner_knows_no_secret_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOSS_API_KEY", "a secret")
    sandbox = Sandbox("os:getenv", workers=1)
    try:
        assert sandbox.call("MOSS_API_KEY") is None
        assert sandbox.call("PATH") == os.environ["PATH"]
    finally:
        sandbox.close()


def has_landlock() -> bool:
    """Whether the kernel can keep a process from writing files (Linux 5.13 and later, where it is not turned off)."""
    return sys.platform == "linux" and ctypes.CDLL(None).syscall(444, None, ctypes.c_size_t(0), ctypes.c_uint(1)) > 0


def test_K3_a_runner_writes_no_file(tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    sandbox = Sandbox("shutil:copy", workers=1)
    try:
        with pytest.raises(SandboxError, match="Permission denied" if has_landlock() else "File too large"):
            sandbox.call(__file__, str(copy))
        assert copy.exists() != has_landlock()
        assert not copy.exists() or copy.stat().st_size == 0
    finally:
        sandbox.close()


@pytest.mark.skipif(not has_landlock(), reason="this kernel cannot keep a process from its files")
def test_K3_a_runner_deletes_no_file(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.touch()
    sandbox = Sandbox("os:remove", workers=1)
    try:
        with pytest.raises(SandboxError, match="Permission denied"):
            sandbox.call(str(kept))
        assert kept.exists()
    finally:
        sandbox.close()


@pytest.mark.skipif(os.geteuid() == 0 and not has_landlock(), reason="such a kernel lets root start what it likes")
def test_K3_a_runner_starts_no_program() -> None:
    sandbox = Sandbox("os:system", workers=1)
    try:
        assert sandbox.call("true") != 0
    finally:
        sandbox.close()


def test_K3_a_runner_reaches_nobody() -> None:
    probe = "import ctypes, sys; leave = ctypes.CDLL(None).unshare; sys.exit(bool(leave(1 << 30) and leave(5 << 28)))"
    if subprocess.run([sys.executable, "-c", probe], stderr=subprocess.DEVNULL).returncode:
        pytest.skip("this kernel lets no process leave the network")
    sandbox = Sandbox("socket:create_connection", workers=1)
    try:
        with socket.create_server(("127.0.0.1", 0)) as listener, pytest.raises(SandboxError, match="unreachable"):
            sandbox.call(["127.0.0.1", listener.getsockname()[1]], 2)
    finally:
        sandbox.close()


def test_close_ends_the_processes(pid_sandbox: Sandbox) -> None:
    runner = pid_sandbox.call()
    pid_sandbox.close()
    for _ in range(50):
        try:
            os.kill(runner, 0)
        except ProcessLookupError:
            break
        time.sleep(0.05)
    else:
        pytest.fail("the runner is still there")
    with pytest.raises(UserError, match="closed"):
        pid_sandbox.call()


def _call_in_fork(sandbox: Sandbox, answer: multiprocessing.SimpleQueue[int]) -> None:
    answer.put(sandbox.call())
    sandbox.close()


def test_a_fork_of_the_caller_starts_workers_of_its_own(pid_sandbox: Sandbox) -> None:
    mine = pid_sandbox.call()
    context = multiprocessing.get_context("fork")
    answer = context.SimpleQueue()
    child = context.Process(target=_call_in_fork, args=(pid_sandbox, answer))
    child.start()
    child.join(timeout=30)
    assert answer.get() != mine
    assert pid_sandbox.call() == mine


def test_nothing_is_started_before_the_first_call_and_torch_never() -> None:
    probe = """
import subprocess, sys
started = []
popen = subprocess.Popen.__init__
subprocess.Popen.__init__ = lambda self, *a, **k: (started.append(a), popen(self, *a, **k))[1]
from moss.tools.calculator import CalculatorTool
from moss.tools.solver import SolverTool
import moss.tools.symbolic
tools = [CalculatorTool(), SolverTool()]
print(started, "torch" in sys.modules, "numpy" in sys.modules)
"""
    ran = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True)
    assert ran.stdout.split("\n")[0] == "[] False False", ran.stderr


def test_workers_end_with_a_caller_that_is_killed() -> None:
    probe = """
import os, signal
from moss.tools.sandbox import Sandbox
print(Sandbox("os:getpid").call(), flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    ran = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True)
    runner = int(ran.stdout)
    for _ in range(50):
        try:
            os.kill(runner, 0)
        except ProcessLookupError:
            return
        time.sleep(0.05)
    pytest.fail("the runner outlives its caller")
