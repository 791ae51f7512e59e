"""Files that appear whole or not at all: written beside their place, put on the disk, then renamed.

A reader, a crash or a full disk never meets half a file, and what was there before stays until the new one is complete.
Folders of several files that belong together are made by `checkpoint.py` in the same way. Not here: formats.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A temporary file's path, which becomes `path` once the block has ended well; otherwise nothing is left of it.

    Where `path` is a device, a pipe or a folder, the block gets it as it is: the first two are written to and never
    replaced, and the last refuses.
    """
    if path.exists() and not path.is_file():
        yield path
        return
    place = path.resolve()
    temporary = place.with_name(f".{place.name}.new-{os.getpid()}")
    try:
        yield temporary
        sync(temporary)
        os.replace(temporary, place)
        sync(place.parent)
    except OSError as error:
        # Whoever is told of it knows the file by the name they gave.
        if error.filename is not None and Path(error.filename) == temporary:
            error.filename = str(path)
        raise
    finally:
        temporary.unlink(missing_ok=True)


def check_place(path: Path) -> None:
    """Raises the OSError that writing a file there would, and makes its folder: for before long work, not after it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    is_new = not path.exists()
    open(path, "ab").close()
    if is_new:
        path.unlink()


def write_json(path: Path, value: Any) -> None:
    """Writes a JSON value, readable and not escaped."""
    with whole_file(path) as temporary:
        temporary.write_text(json.dumps(value, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def sync(path: Path) -> None:
    """Returns when the file, or the list of files of the folder, is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
