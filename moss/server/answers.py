"""The answers to one request of /v1: begun within the caller's limits, judged while they come, counted at the end.

    async with begun(request, caller, plan) as answers:
        async for number, event in answers:
            ...

Leaving the block ends what is still being made, and gives back every place. Not here: what the events look like to
clients (`openai_api.py`, `responses_api.py`), and replies of chats, which outlive their connection (`jobs.py`).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import replace

from fastapi import Request
from starlette.concurrency import run_in_threadpool

from ..conversation import ToolCall
from ..events import Event, Finished, TextDelta, TokenChance, ToolReturned
from .accounts import Caller
from .addresses import address_of
from .api_errors import ApiError
from .chat_request import Plan
from .moderation import BurstGate, ClauseGate, Moderator, Verdict
from .services import Services, services
from .store import usage
from .streams import MergedAnswers

logger = logging.getLogger(__name__)

FILTERED = "content_filter"
"""The finish reason, and the code of the error, where moderation refuses."""
STOPPING_SECONDS = 5.0
"""When a client should ask again that came while the server was being stopped."""


class Answers:
    """(number of the answer, event), as they come, judged by moderation; pictures belong to the caller."""

    def __init__(
        self,
        made: Sequence[Generator[Event, None, None]],
        gates: Sequence[ClauseGate],
        keep: Callable[[ToolCall], Awaitable[ToolCall]],
    ) -> None:
        self._merged = MergedAnswers(made)
        self._gates, self._keep = gates, keep
        self._shown = [""] * len(made)
        self._tokens: list[list[TokenChance]] = [[] for _ in made]
        """Of text that moderation still holds back."""
        self._ended: set[int] = set()
        self._read = 0
        self._written = [0] * len(made)

    @property
    def tokens(self) -> int:
        """Tokens that were read and written; of answers that were left early, as many as there were pieces of text."""
        return self._read + sum(self._written)

    def stop(self) -> None:
        """Ends the answers that are still being made."""
        self._merged.stop()

    async def __aiter__(self) -> AsyncIterator[tuple[int, Event]]:
        async for number, event in self._merged:
            if number in self._ended:
                continue
            async for judged in self._judged(number, event):
                yield number, judged
        if len(self._ended) < len(self._gates):
            # Whoever reads must not take what has come for a whole answer.
            raise ApiError(500, "the answer was broken off", "answer_failed")

    async def _judged(self, number: int, event: Event) -> AsyncIterator[Event]:
        gate = self._gates[number]
        match event:
            case TextDelta(text, tokens):
                self._written[number] += bool(text)
                self._tokens[number] += tokens
                if shown := await gate.push(text):
                    yield self._shown_now(number, shown)
            case ToolReturned(index, call):
                yield ToolReturned(index, await self._keep(call)) if call.files else event
                return
            case Finished():
                self._read, self._written[number] = event.prompt_tokens, event.completion_tokens
                self._ended.add(number)
                if held := await gate.flush():
                    yield self._shown_now(number, held)
                yield event if gate.verdict is None else self._filtered(number, event)
                return
            case _:
                yield event
                return
        if gate.verdict is not None:
            self._ended.add(number)
            self._merged.stop(number)
            yield self._filtered(number, Finished("", FILTERED))

    def _shown_now(self, number: int, text: str) -> TextDelta:
        self._shown[number] += text
        tokens, self._tokens[number] = tuple(self._tokens[number]), []
        return TextDelta(text, tokens)

    def _filtered(self, number: int, ending: Finished) -> Finished:
        return replace(ending, content=self._shown[number], finish_reason=FILTERED)


@asynccontextmanager
async def begun(request: Request, caller: Caller, plan: Plan) -> AsyncIterator[Answers]:
    """Begins the answers of a plan.

    Raises ApiError: 400 where moderation refuses the prompt, 429 where the caller has no place left, 503 while the
    server is being stopped; and what the assistant raises where nothing can be begun.
    """
    found = services(request)
    if found.draining:
        raise ApiError(503, "the server is stopping; try again in a moment", "stopping", retry_after=STOPPING_SECONDS)
    verdict = await found.moderator.check(plan.prompt, "prompt")
    if not verdict.allowed:
        raise ApiError(400, _refusal(verdict), FILTERED, "messages")
    with ExitStack() as held:
        for _ in plan.sampling:
            held.enter_context(found.limits.replying(caller.id, caller.key_id, address_of(request)))
        # In a thread, since the prompt is encoded here.
        made = await run_in_threadpool(_asked, found, plan)
        answers = Answers(made, [_gate(found) for _ in made], lambda call: found.pictures.keep(caller.id, None, call))
        try:
            yield answers
        finally:
            answers.stop()
            await asyncio.shield(_count(found, caller, answers.tokens))


def _asked(found: Services, plan: Plan) -> list[Generator[Event, None, None]]:
    return [found.assistant.reply(plan.conversation, one, plan.quality, plan.terms) for one in plan.sampling]


def _gate(found: Services) -> ClauseGate:
    """A service is asked clause by clause; rules answer at once."""
    moderator: Moderator = found.moderator
    return ClauseGate(moderator) if found.settings.moderation_url else BurstGate(moderator)


def _refusal(verdict: Verdict) -> str:
    return verdict.message.get("en") or f"refused: {', '.join(verdict.categories)}"


async def _count(found: Services, caller: Caller, tokens: int) -> None:
    """Adds to what the caller has used today, where that is limited."""
    if tokens and found.settings.public:
        async with found.database.session() as session:
            await usage.count(session, caller.id, requests=1, tokens=tokens)
