"""The one exception that means "the user can fix this".

Every layer raises `UserError` with a line that says what is wrong, where, and what to do; the doors (command line,
HTTP) print that line and stop with exit code 2 or an error object. Anything else is our defect and keeps its traceback.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class UserError(ValueError):
    """A mistake in input, configuration or environment, told in one line in the user's words."""


def unknown_name(kind: str, name: str, known: Iterable[str]) -> UserError:
    """An error for a name that does not exist, with the nearest ones that do (or all of them, when none is near)."""
    known = sorted(known)
    near = get_close_matches(name, known, n=3, cutoff=0.5)
    hint = f"Did you mean {' or '.join(near)}?" if near else f"Known: {', '.join(known) or 'none'}."
    return UserError(f"unknown {kind} '{name}'. {hint}")
