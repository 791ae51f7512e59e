"""What the store refuses, as kinds that a door can tell apart. Not here: HTTP statuses."""

from __future__ import annotations

from typing import ClassVar


class StoreError(Exception):
    """Something the store could not do; its text is one line for whoever runs the server, without anybody's words."""

    retry_after_s: ClassVar[int | None] = None
    """After how many seconds the same may work; None where trying again changes nothing."""


class NotFound(StoreError):
    """There is no such thing, or it belongs to somebody else: who asks cannot tell which."""

    def __init__(self, kind: str) -> None:
        super().__init__(f"no such {kind}")
        self.kind = kind


class Conflict(StoreError):
    """It cannot be done in the state that things are in: a name that is taken, a choice that is made."""


class Busy(StoreError):
    """Somebody else held the database for too long, or two transactions stood in each other's way."""

    retry_after_s = 1


class Unreachable(StoreError):
    """The database cannot be opened or does not answer."""

    retry_after_s = 5


class Full(StoreError):
    """The disk takes no more; nothing of the transaction was kept."""

    retry_after_s = 60
