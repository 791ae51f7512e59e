"""How much one client may ask for: requests and messages a minute, tokens a day, replies at once, wrong passwords.

Rates and failures are counted in this process and forgotten with it, in bounded memory; tokens are counted in the
database. Limits are for public servers; on a local one there is nobody to be kept from anything. Not here: the queue of
the engine (`jobs.py`), connections (`http_protocol.py`).
"""

from __future__ import annotations

import math
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from .addresses import address_of
from .api_errors import ApiError
from .settings import ServerSettings

REMEMBERED = 50_000
"""Clients that one counter remembers; beyond that it forgets the one that was quiet longest."""

FREE_FAILURES = 5
"""Wrong passwords of one account (and invites of one address) before the first wait."""

FREE_ADDRESS_FAILURES = 20
"""Wrong passwords and keys of one address before the first wait: many people may share it."""

LONGEST_WAIT = 15 * 60.0
"""Seconds; the wait doubles with each failure up to this."""

FORGIVEN_AFTER = 60 * 60.0
"""Seconds without a failure after which the ones before are forgotten."""

ADDRESS_SHARE = 4
"""Replies at once of one address, as a multiple of those of one user."""

Clock = Callable[[], float]

Value = TypeVar("Value")


@dataclass(frozen=True)
class Allowance:
    """What is left of a limit after a request. Times are seconds."""

    limit: int
    remaining: int
    reset: float
    """Until nothing is used any more."""
    retry_after: float = 0
    """Until the next request is allowed; 0 where this one was."""

    def headers(self, what: str) -> dict[str, str]:
        """As OpenAI names them: `x-ratelimit-remaining-requests: 19`."""
        values = {"limit": str(self.limit), "remaining": str(self.remaining), "reset": _duration(self.reset)}
        return {f"x-ratelimit-{name}-{what}": value for name, value in values.items()}


class Rate:
    """At most `limit` in `period` seconds for each client, by the generic cell rate algorithm.

    A client costs one number: the time at which nothing of its limit is used any more (ITU-T I.371, annex A, the
    virtual scheduling algorithm). Unlike a window that starts anew, there is no moment at which twice as much passes.
    """

    def __init__(self, limit: int, period: float, clock: Clock = time.monotonic):
        self._limit = limit
        self._period = period
        self._clock = clock
        self._free_at: OrderedDict[str, float] = OrderedDict()

    def take(self, client: str) -> Allowance:
        """Counts one request, if it is allowed."""
        now, interval = self._clock(), self._period / self._limit
        used = max(self._free_at.get(client, now) - now, 0.0)
        late = used + interval - self._period
        if late > interval * 1e-6:  # more than rounding
            return Allowance(self._limit, 0, used, late)
        used += interval
        self._free_at[client] = now + used
        _remember(self._free_at, client)
        return Allowance(self._limit, math.floor((self._period - used) / interval + 1e-6), used)


class Failures:
    """Makes who fails again and again wait, twice as long each time. An attempt counts as failed until it succeeded.

    Counting it beforehand is what stops a thousand attempts at once, none of which has failed yet.
    """

    def __init__(self, free: int, clock: Clock = time.monotonic):
        self._free = free
        self._clock = clock
        self._counts: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def attempt(self, client: str) -> None:
        """Counts an attempt. Raises ApiError(429) where it comes too early; that one does not count."""
        wait = self.wait(client)
        if wait > 0:
            raise too_many("too many failed attempts", wait)
        failures, last = self._counts.get(client, (0, 0.0))
        forgiven = self._clock() - last > FORGIVEN_AFTER
        self._counts[client] = (1 if forgiven else failures + 1, self._clock())
        _remember(self._counts, client)

    def wait(self, client: str) -> float:
        """Seconds until the next attempt is allowed; 0 where it is now."""
        failures, last = self._counts.get(client, (0, 0.0))
        if failures < self._free:
            return 0.0
        wait: float = min(2.0 ** min(failures - self._free, 30), LONGEST_WAIT)
        return max(0.0, last + wait - self._clock())

    def forget(self, client: str) -> None:
        """It succeeded: nothing is held against it."""
        self._counts.pop(client, None)

    def take_back(self, client: str) -> None:
        """The last attempt was no failure; the ones before stay."""
        failures, last = self._counts.get(client, (0, 0.0))
        if failures > 1:
            self._counts[client] = (failures - 1, last)
        else:
            self.forget(client)


class Places:
    """How many replies are made at once for each client."""

    def __init__(self) -> None:
        self._taken: Counter[str] = Counter()

    @contextmanager
    def hold(self, limits: dict[str, int]) -> Iterator[None]:
        """Takes a place of each of these clients while the block runs. Raises ApiError(429) where one has none left."""
        full = [limit for client, limit in limits.items() if self._taken[client] >= limit]
        if full:
            raise too_many(f"{full[0]} replies are being made for you already", 1.0, "too_many_generations")
        self._taken.update(limits.keys())
        try:
            yield
        finally:
            self._taken.subtract(limits.keys())
            self._taken += Counter()  # drops the clients without any


class Limits:
    """All limits of one server."""

    def __init__(self, settings: ServerSettings, clock: Clock = time.monotonic):
        self._settings = settings
        self._requests = Rate(settings.requests_per_minute, 60, clock)
        self._messages = Rate(settings.messages_per_minute, 60, clock)
        self._places = Places()

    def request(self, address: str) -> None:
        """Counts a request of any kind. Raises ApiError(429)."""
        if (left := self._requests.take(address)).retry_after:
            raise too_many("too many requests from this address", left.retry_after)

    def message(self, user_id: str) -> Allowance:
        """Counts a message; the caller looks at `retry_after` of what is left."""
        return self._messages.take(user_id)

    def tokens(self, used_today: int) -> Allowance:
        """What is left of the tokens of this day (UTC)."""
        limit = self._settings.tokens_per_day
        left = seconds_left_today()
        return Allowance(limit, max(0, limit - used_today), left, left if used_today >= limit else 0)

    @contextmanager
    def replying(self, user_id: str, key_id: str | None, address: str) -> Iterator[None]:
        """Holds the place of one reply while the block runs. Raises ApiError(429) where the client has none left.

        One key cannot take the last place of its user, so that the page always answers.
        """
        if not self._settings.public:
            yield
            return
        most = self._settings.user_generations
        limits = {f"user {user_id}": most, f"address {address}": ADDRESS_SHARE * most}
        if key_id is not None:
            limits[f"key {key_id}"] = max(1, most - 1)
        with self._places.hold(limits):
            yield


class AddressLimit:
    """Middleware: 429 for addresses that send too many requests to a public server.

    The page's own files are not counted: they come from memory, a dozen at once, and many people may share an address.
    """

    def __init__(self, app: ASGIApp, limits: Limits):
        self._app = app
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        handler = self._app
        if scope["type"] == "http" and not scope["path"].startswith("/static/"):
            try:
                self._limits.request(address_of(HTTPConnection(scope)))
            except ApiError as error:
                handler = error.response()
        await handler(scope, receive, send)


def too_many(message: str, wait: float, code: str = "rate_limit_exceeded") -> ApiError:
    """The error of a limit; clients that obey it wait so many seconds. Long waits they are told not to try."""
    headers = {"x-should-retry": "false"} if wait > 60 else {}
    return ApiError(429, f"{message}: try again in {_duration(wait)}", code, retry_after=wait, headers=headers)


def today() -> str:
    """The day as usage is counted: `2026-11-21`, UTC."""
    return datetime.now(UTC).date().isoformat()


def seconds_left_today() -> float:
    """Until the next day begins, UTC."""
    now = datetime.now(UTC)
    return (now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1) - now).total_seconds()


def _duration(seconds: float) -> str:
    """`1h2m3s`, as OpenAI writes it; below a second `250ms`."""
    if seconds < 1:
        return f"{math.ceil(seconds * 1000)}ms"
    minutes, second = divmod(math.ceil(seconds), 60)
    hours, minute = divmod(minutes, 60)
    parts = ((hours, "h"), (minute, "m"), (second, "s"))
    return "".join(f"{number}{unit}" for number, unit in parts if number)


def _remember(counts: OrderedDict[str, Value], client: str) -> None:
    counts.move_to_end(client)
    if len(counts) > REMEMBERED:
        counts.popitem(last=False)
