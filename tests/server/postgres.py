"""A real PostgreSQL in a temporary folder, reached by a socket there: nothing of it is left behind."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import psycopg

DEBIAN = Path("/usr/lib/postgresql")
"""Where Debian keeps the programs of each version, which are in nobody's PATH."""

ABSENT = "no PostgreSQL here: install Debian's package postgresql, or put initdb and pg_ctl into PATH"


def programs() -> Path | None:
    """The folder of `initdb` and `pg_ctl`, those of the newest version; None where there is none."""
    in_path = shutil.which("initdb")
    folders = [Path(in_path).parent] if in_path else []
    folders += sorted(DEBIAN.glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True)
    return next((folder for folder in folders if (folder / "initdb").exists() and (folder / "pg_ctl").exists()), None)


class Cluster:
    """One server with databases made from templates. `close` stops it and deletes its folder."""

    def __init__(self, programs: Path) -> None:
        self._programs = programs
        # Not pytest's folder: its path is too long for a socket, and user postgres may not look into it.
        self.folder = Path(tempfile.mkdtemp(prefix="moss-pg-"))
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres")
        self._run("initdb", "--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync")
        self.start()

    def start(self) -> None:
        """Starts the server and waits until it answers."""
        options = f"-c listen_addresses='' -c unix_socket_directories='{self.folder}' -c fsync=off"
        self._run("pg_ctl", "start", "--wait", "--silent", f"--log={self.folder}/log", f"--options={options}")

    def stop(self) -> None:
        """Stops the server as an administrator does who does not wait for clients."""
        self._run("pg_ctl", "stop", "--wait", "--silent", "--mode=fast")

    def close(self) -> None:
        self.stop()
        shutil.rmtree(self.folder)

    def url(self, name: str) -> str:
        """The URL of a database of this server."""
        return f"postgresql://postgres@/{name}?host={self.folder}"

    def execute(self, statement: str) -> None:
        """Runs a statement that is no part of a transaction, such as CREATE DATABASE."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement)  # type: ignore[arg-type]

    def _run(self, program: str, *arguments: str) -> None:
        # The server refuses to run as root.
        user = ["runuser", "--user", "postgres", "--"] if os.geteuid() == 0 else []
        command = [*user, str(self._programs / program), f"--pgdata={self.folder}/data", *arguments]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{program}: {done.stderr or done.stdout}"
