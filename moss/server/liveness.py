"""Whether the server process that runs a reply still lives, so that nobody waits for one that was killed.

Each process holds the lock of a file of its own while it lives; the kernel lets go of it with the process, however that
ends, and no number of a process is ever mistaken for another's. Of a process on another machine there is no such file
here: then only its heartbeat in the database counts. Not here: what becomes of its replies (`jobs.py`).
"""

from __future__ import annotations

import fcntl
import secrets
from pathlib import Path
from typing import IO


class Liveness:
    """This process's sign of life, and a look at those of others. `folder` is made where it is missing."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self.worker = secrets.token_urlsafe(9)
        """The name that this process's replies carry."""
        self._held: IO[bytes] | None = self._path(self.worker).open("wb")
        fcntl.flock(self._held, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def is_alive(self, worker: str) -> bool | None:
        """Whether the process of that name lives; None where that cannot be seen from here."""
        if worker == self.worker:
            return True
        try:
            with self._path(worker).open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except FileNotFoundError:
            return None
        except BlockingIOError:
            return True
        return False

    def forget(self, worker: str) -> None:
        """Removes the file of a process that is gone and has nothing left to be looked after."""
        self._path(worker).unlink(missing_ok=True)

    def close(self) -> None:
        """Ends the sign of life. May be repeated."""
        if self._held is not None:
            self._held.close()
            self._held = None
            self.forget(self.worker)

    def _path(self, worker: str) -> Path:
        return self._folder / f"{worker}.lock"
