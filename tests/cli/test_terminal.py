"""The chat in a real (pseudo-)terminal: typing, pasting, stopping, leaving."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

pty = pytest.importorskip("pty", reason="needs a Unix terminal")

REPOSITORY = Path(__file__).resolve().parents[2]
PROMPT = "›"


class Terminal:
    """A program in a pseudo-terminal of 40 columns."""

    def __init__(self, home: Path):
        self._master, terminal = pty.openpty()
        environment = {"TERM": "xterm-256color", "COLUMNS": "40", "LINES": "24", "PYTHONPATH": str(REPOSITORY)}
        self.process = subprocess.Popen(
            [sys.executable, str(REPOSITORY / "tests/cli/chat_in_terminal.py")],
            stdin=terminal,
            stdout=terminal,
            stderr=terminal,
            env={**os.environ, **environment, "XDG_STATE_HOME": str(home)},
            start_new_session=True,
            preexec_fn=_own_terminal,
        )
        os.close(terminal)
        os.set_blocking(self._master, False)
        self.seen = ""

    def type(self, keys: str) -> None:
        self.seen = ""
        os.write(self._master, keys.encode())

    def wait_for(self, text: str, seconds: float = 30) -> None:
        """Reads until the text has been shown, after the last `type` and what was waited for before.

        A prompt that is left is drawn once more; what is typed before the next one has the terminal is lost.
        """
        deadline = time.monotonic() + seconds
        while text not in self.seen:
            assert time.monotonic() < deadline, f"no {text!r} in {self.seen!r}"
            try:
                piece = os.read(self._master, 65536).decode(errors="replace")
            except BlockingIOError:
                time.sleep(0.02)
                continue
            if "\x1b[6n" in piece:  # the program asks where the cursor is
                os.write(self._master, b"\x1b[1;1R")
            self.seen += piece
        self.seen = self.seen.partition(text)[2]

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self._master)


def _own_terminal() -> None:
    import fcntl
    import termios

    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    opened = Terminal(tmp_path)
    yield opened
    opened.close()


def test_a_dialogue_in_a_terminal(terminal: Terminal, tmp_path: Path) -> None:
    terminal.wait_for(PROMPT)
    terminal.type("37*48+5?\r")
    terminal.wait_for("1781, in 巴黎[1].")
    terminal.wait_for(PROMPT)

    terminal.type("never stop\r")
    terminal.wait_for("endless endless")
    terminal.type("\x03")
    terminal.wait_for(PROMPT)

    terminal.type("\x1b[200~你好\nin two lines\x1b[201~\r")
    terminal.wait_for("I heard 你好.")
    terminal.wait_for(PROMPT)

    terminal.type("\x03")
    terminal.wait_for("once more")
    terminal.wait_for(PROMPT)
    terminal.type("\x04")
    terminal.wait_for("LEFT 6")
    assert terminal.process.wait(timeout=10) == 0
    history = (tmp_path / "moss" / "chat_history").read_text()
    assert "+37*48+5?" in history
    assert "+in two lines" in history
