"""Whether a caller may have another reply now, for routes that make one. Not here: how it is counted (`limits.py`)."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from .accounts import Caller
from .limits import too_many
from .security import CurrentUser
from .services import services
from .store import usage


async def may_generate(request: Request, caller: CurrentUser) -> Caller:
    """The caller, whose message is counted; the answer says what is left, in headers `x-ratelimit-*`.

    Raises ApiError(429) where the messages of this minute or the tokens of this day are used up.
    """
    found = services(request)
    if not found.settings.public:
        return caller
    async with found.database.reading() as session:
        used = await usage.used(session, caller.id)
    tokens = found.limits.tokens(used.tokens)
    if tokens.retry_after:
        request.state.answer_headers = tokens.headers("tokens")
        raise too_many("the tokens of this day are used up", tokens.retry_after, "insufficient_quota")
    messages = found.limits.message(caller.id)
    request.state.answer_headers = {**messages.headers("requests"), **tokens.headers("tokens")}
    if messages.retry_after:
        raise too_many("too many messages", messages.retry_after)
    return caller


MayGenerate = Annotated[Caller, Depends(may_generate)]
