"""Passwords as they are kept: argon2id, computed in threads of its own. Not here: how often one is tried (`limits.py`).

Each computation takes memory and time on purpose, so there are few at once, and few that wait: who sends thousands of
logins makes others wait for theirs, but not for their chats.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from .api_errors import ApiError

SHORTEST, LONGEST = 8, 256
"""Characters of a password; NIST SP 800-63B asks for 8 and forbids rules about their kinds."""

AT_ONCE = 2
"""Computations at the same time."""

MOST_WAITING = 50
"""Computations that wait; more are refused."""

# 19 MiB, two passes: OWASP's Password Storage Cheat Sheet. Half a million guesses cost an attacker hours of a core.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)

Value = TypeVar("Value")


class Passwords:
    """Makes and checks the hashes of passwords."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(AT_ONCE, "moss-password")
        self._waiting = 0
        self._nobodys: str | None = None

    async def hash(self, password: str) -> str:
        """The hash to be kept: argon2's own text, which names its settings and the salt."""
        return await self._compute(lambda: hashed(password))

    async def fits(self, password: str, kept: str | None) -> bool:
        """Whether this is the password. Without a kept hash it takes as long, and is not."""
        # Whoever asks must not learn from the time whether there is such a user.
        nobodys = self._nobodys = self._nobodys or await self.hash(secrets.token_hex())
        return await self._compute(lambda: _fits(kept or nobodys, password)) and kept is not None

    async def renewed(self, password: str, kept: str) -> str | None:
        """A new hash of a password that fits, where the settings have changed since the kept one was made."""
        return await self.hash(password) if _HASHER.check_needs_rehash(kept) else None

    def close(self) -> None:
        """Ends the threads."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _compute(self, work: Callable[[], Value]) -> Value:
        if self._waiting >= AT_ONCE + MOST_WAITING:
            raise ApiError(503, "too many people are logging in at this moment", "overloaded", retry_after=2)
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._waiting -= 1


def hashed(password: str) -> str:
    """What is kept of a password; takes a while, so not in the event loop."""
    return _HASHER.hash(password)


def _fits(kept: str, password: str) -> bool:
    try:
        return _HASHER.verify(kept, password)
    except (VerificationError, InvalidHashError):
        return False
