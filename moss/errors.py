"""The one exception that means "the user can fix this", and the words for what the machine refuses.

Every layer raises `UserError` with a line that says what is wrong, where, and what to do; the doors (command line,
HTTP) print that line and stop with exit code 2 or an error object. Anything else is our defect and keeps its traceback.
"""

from __future__ import annotations

import errno
from collections.abc import Iterable
from difflib import get_close_matches

_LISTED = 30
"""Names that are listed where none is near."""

REFUSALS = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EROFS: "the disk is read-only",
    errno.EADDRINUSE: "the port is already in use",
    errno.ENOENT: "no such file or folder",
    errno.EACCES: "permission denied",
    errno.EPERM: "not permitted",
    errno.EISDIR: "this is a folder, not a file",
    errno.ENOTDIR: "this is a file, not a folder",
    errno.EEXIST: "this exists already, and is no folder",
    errno.ENAMETOOLONG: "this name is too long",
}
"""What the machine refuses and the user can mend; any other OSError is a defect of ours and keeps its traceback."""


class UserError(ValueError):
    """A mistake in input, configuration or environment, told in one line in the user's words."""


class EngineBusy(UserError):
    """All slots of an engine are taken and the queue for them is full: try again later."""


def unknown_name(kind: str, name: str, known: Iterable[str]) -> UserError:
    """An error for a name that does not exist, with the nearest ones that do (or a list of all, not too long)."""
    known = sorted(known)
    near = get_close_matches(name, known, n=3, cutoff=0.5)
    more = f" and {len(known) - _LISTED} more" if len(known) > _LISTED else ""
    hint = f"Did you mean {' or '.join(near)}?" if near else f"Known: {', '.join(known[:_LISTED]) or 'none'}{more}."
    return UserError(f"unknown {kind} '{name}'. {hint}")


def failure(error: OSError, path: object = None) -> str:
    """`out/model: the disk is full`; `path` is the file's name where the error has none."""
    where = error.filename if error.filename is not None else path
    words = REFUSALS.get(error.errno or 0) or error.strerror or str(error)
    return words if where is None else f"{where}: {words}"
