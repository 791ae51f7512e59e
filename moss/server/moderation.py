"""Moderation: one interface, the HTTP moderation service behind it, and the gate that streamed replies pass.

A `Moderator` reads a prompt before it is answered, and a reply clause by clause before it is shown. The offline default
is `moderation_rules.py`; a service that speaks OpenAI's `/v1/moderations` comes after it where one is configured. Not
here: what is done with a verdict (`jobs.py`), and who is told of it.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol

from ..errors import UserError
from .moderation_rules import RULES_NAME, UNAVAILABLE, categories_of, message_for

if TYPE_CHECKING:
    import httpx2

Stage = Literal["prompt", "reply"]
OnFailure = Literal["open", "closed"]

LOG = logging.getLogger("moss.moderation")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a moderator says of a text."""

    allowed: bool
    categories: tuple[str, ...] = ()
    """What was found: `weapons`, `minors`, `self_harm`, ... or the names a service gives. May be set on an allowed "
    "text:
    `unavailable` where the service did not answer and the policy is open."""
    moderator: str = ""
    """Who judged: `rules`, or the service's model."""
    message: Mapping[str, str] = field(default_factory=dict)
    """What the user is shown in place of what is refused: `{"en": ..., "zh": ...}`. Empty where it is allowed."""


ALLOWED = Verdict(True)


class Moderator(Protocol):
    """Judges texts. Any number of checks may run at once."""

    async def check(self, text: str, stage: Stage, language: str | None = None) -> Verdict:
        """`language` is `en` or `zh` where the caller knows it; a moderator may look at both all the same."""
        ...

    async def aclose(self) -> None:
        """Gives back what it holds. May be repeated."""
        ...


class RuleModerator:
    """The offline default: transparent rules for the clear cases, in both languages; no network, no model."""

    async def check(self, text: str, stage: Stage, language: str | None = None) -> Verdict:
        found = categories_of(text, stage)
        return Verdict(not found, found, RULES_NAME, message_for(found) if found else {})

    async def aclose(self) -> None:
        """Holds nothing."""


class HttpModerator:
    """A service that answers OpenAI's `/v1/moderations`.

    Only the configured address is ever asked and redirects are not followed, so no text can choose where a request
    goes. What the service cannot answer in time is decided by `on_failure`: `closed` refuses, `open` lets it pass.
    """

    def __init__(
        self,
        url: str,
        *,
        model: str | None = None,
        api_key: str | None = None,
        timeout_seconds: float = 5.0,
        on_failure: OnFailure = "closed",
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        import httpx2

        if not re.match(r"https?://[^\s/]+", url):
            raise UserError(f"the moderation service's address must be http:// or https://, not '{url}'")
        self.url = url.rstrip("/").removesuffix("/moderations") + "/moderations"
        self.name = model or "http"
        self._body = {"model": model} if model else {}
        self._on_failure = on_failure
        headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self._client = httpx2.AsyncClient(
            timeout=timeout_seconds, headers=headers, follow_redirects=False, transport=transport
        )

    async def check(self, text: str, stage: Stage, language: str | None = None) -> Verdict:
        import httpx2

        try:
            response = await self._client.post(self.url, json={**self._body, "input": text})
            response.raise_for_status()
            found = _flagged(response.json())
        except (httpx2.HTTPError, ValueError, LookupError, TypeError, AttributeError) as error:
            LOG.warning("the moderation service gave no verdict: %s", type(error).__name__)
            allowed = self._on_failure == "open"
            return Verdict(allowed, (UNAVAILABLE,), self.name, {} if allowed else message_for((UNAVAILABLE,)))
        return Verdict(not found, found, self.name, message_for(found) if found else {})

    async def aclose(self) -> None:
        await self._client.aclose()


class Moderators:
    """Several moderators as one: asked in order, the first that refuses decides. None of them allows everything."""

    def __init__(self, moderators: Sequence[Moderator]) -> None:
        self._moderators = tuple(moderators)

    async def check(self, text: str, stage: Stage, language: str | None = None) -> Verdict:
        verdict = ALLOWED
        for moderator in self._moderators:
            verdict = await moderator.check(text, stage, language)
            if not verdict.allowed:
                return verdict
        return verdict

    async def aclose(self) -> None:
        for moderator in self._moderators:
            await moderator.aclose()


@dataclass
class ModerationSettings:
    """Who moderates. The defaults need no network."""

    rules: bool = True
    """Whether the offline rules are asked."""
    url: str | None = None
    """Base address of a service with OpenAI's /moderations (`https://api.example.org/v1`), asked after the rules."""
    model: str | None = None
    """The model the service is asked for."""
    api_key: str | None = None
    """The service's key."""
    timeout_seconds: float = 5.0
    """How long one answer of the service may take."""
    on_failure: OnFailure = "closed"
    """What happens to a text the service gave no verdict on: `closed` refuses it, `open` lets it pass."""


def create_moderator(settings: ModerationSettings) -> Moderator:
    """The moderator that the settings describe. UserError where the address is none."""
    moderators: list[Moderator] = [RuleModerator()] if settings.rules else []
    if settings.url:
        moderators.append(
            HttpModerator(
                settings.url,
                model=settings.model,
                api_key=settings.api_key,
                timeout_seconds=settings.timeout_seconds,
                on_failure=settings.on_failure,
            )
        )
    return Moderators(moderators)


class ClauseGate:
    """Holds back a streamed text until the clause it belongs to is cleared.

    Each clause is judged with what was shown before it (as much as `CONTEXT_CHARS`), so that an order given in pieces
    is seen as one. After a refusal nothing passes any more and `verdict` says why.
    """

    CONTEXT_CHARS = 600
    SOFT_CHARS = 40
    """From this many held characters on, a comma ends a clause, too."""
    LONGEST_CLAUSE = 240
    """No text is held back longer than this, with or without a sign that ends a clause."""

    _HARD_END = re.compile(r"[。！？；!?;\n]|\.(?=\s)")
    _SOFT_END = re.compile(r"[。！？；!?;\n，,、：:]|\.(?=\s)")

    def __init__(self, moderator: Moderator, language: str | None = None) -> None:
        self._moderator = moderator
        self._language = language
        self._held = ""
        self._context = ""
        self.verdict: Verdict | None = None
        """The refusal, once there is one."""

    async def push(self, text: str) -> str:
        """What may be shown now that `text` has come; empty after a refusal."""
        self._held += text
        return await self._clear(self._complete_length())

    async def flush(self) -> str:
        """What was still held when the text ended, if it may be shown."""
        return await self._clear(len(self._held))

    def _complete_length(self) -> int:
        """How many of the held characters are whole clauses."""
        pattern = self._SOFT_END if len(self._held) >= self.SOFT_CHARS else self._HARD_END
        ends = [match.end() for match in pattern.finditer(self._held)]
        if ends:
            return ends[-1]
        return len(self._held) if len(self._held) >= self.LONGEST_CLAUSE else 0

    async def _clear(self, length: int) -> str:
        if self.verdict is not None or not length:
            return ""
        clauses, self._held = self._held[:length], self._held[length:]
        verdict = await self._moderator.check(self._context + clauses, "reply", self._language)
        if not verdict.allowed:
            self.verdict = verdict
            self._held = self._context = ""
            return ""
        self._context = (self._context + clauses)[-self.CONTEXT_CHARS :]
        return clauses


class BurstGate(ClauseGate):
    """Lets a text pass as it comes, and judges it behind that: each clause, or as much of it as has come.

    For moderators that answer at once: words appear as smoothly as they are made. What a refusal needs to see may have
    been shown in part by then.
    """

    CONTEXT_CHARS = 300
    LONGEST_CLAUSE = 40
    """Judging costs more than all else that a server does for a token, so several wait for it together."""

    async def push(self, text: str) -> str:
        if self.verdict is None:
            await super().push(text)
        return text if self.verdict is None else ""

    async def flush(self) -> str:
        await super().flush()
        return ""


def _flagged(body: Any) -> tuple[str, ...]:
    """The categories of an answer's results; raises what indexing raises where it is no such answer."""
    found: list[str] = []
    for result in body["results"]:
        if result["flagged"]:
            named = [name for name, hit in result.get("categories", {}).items() if hit]
            found += named or ["flagged"]
    if not body["results"]:
        raise ValueError("no results")
    return tuple(dict.fromkeys(found))
