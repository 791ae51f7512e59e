"""/api/chats and what hangs on them: messages, replies in the making, feedback, choices, reports.

A post commits the message and the order of its reply, and returns; the reply is followed at its log. Whoever asks sees
what is theirs only, since every look into the store names the user. Not here: how replies are made (`jobs.py`),
accounts, sharing and export.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Sequence
from typing import Annotated

from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import Response, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from .accounts import Caller
from .addresses import address_of
from .api_errors import ApiError, error_responses
from .chat_orders import Desk, Wish
from .event_log import Entry
from .quota import MayGenerate
from .security import CurrentUser
from .services import Services, services
from .store import chats, feedback, generations, messages
from .store.schema import Generation, Verdict
from .views import (
    ChatView,
    FeedbackView,
    GenerationView,
    Label,
    MessageView,
    Rating,
    chat_view,
    feedback_view,
    generation_view,
    message_view,
    user_view,
)

HEARTBEAT_SECONDS = 15.0
"""How long a connection that follows a reply may be silent; proxies cut those that are silent for longer."""

EVENT_STREAM = "text/event-stream"

MOST_EVENTS = 2**31
"""The highest number of an event that is asked for; no log is as long."""

MOST_CHATS = 100
"""Chats of one page of the list."""

BEGUN = error_responses(400, 401, 403, 404, 409, 429)
"""What routes that begin a reply document of their errors."""

router = APIRouter(prefix="/api", tags=["chats"])


# --- bodies and answers ---------------------------------------------------------------------------------------------


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


Id = Annotated[str, Field(min_length=1, max_length=64)]
Quality = Annotated[int, Field(ge=0, le=100)]
Tools = Annotated[list[Annotated[str, Field(max_length=64)]], Field(max_length=32)]
Words = Annotated[str, Field(max_length=4000)]


class ChatChanges(_Asked):
    """What is to be different about a chat; what is left out stays, null takes the user's own setting."""

    title: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    tools: Tools | None = None
    quality: Quality | None = None
    collect: bool | None = None
    leaf_id: Id | None = None


class NewChat(_Asked):
    """A chat needs nothing to begin with."""


class NewMessage(_Asked):
    """What a user says."""

    client_msg_id: Id = Field(description="chosen by the client; posted again with the same id, nothing is added")
    parent_id: Id | None = Field(default=None, description="the reply that it follows; null at the beginning")
    text: Annotated[str, Field(min_length=1)]
    tools: Tools | None = None
    quality: Quality | None = None


class AskedAgain(_Asked):
    """Another reply, or more of one."""

    client_msg_id: Id
    tools: Tools | None = None
    quality: Quality | None = None


class Judgement(_Asked):
    """What the user thinks of a reply."""

    rating: Rating
    labels: Annotated[list[Label], Field(max_length=16)] = []
    text: Words = ""


class Complaint(_Asked):
    """Why a reply should be looked at."""

    reason: Label
    text: Words = ""


class Chosen(_Asked):
    """Which of two replies is better."""

    verdict: Verdict


class ChatList(BaseModel):
    """Some chats, the last used first."""

    chats: list[ChatView]
    next: str | None = Field(description="`before` of the next page; null where there is none")


class WholeChat(BaseModel):
    """A chat with all of its messages, in the order they were written."""

    chat: ChatView
    messages: list[MessageView]


class Begun(BaseModel):
    """Replies that have been begun."""

    generations: list[GenerationView]
    choice_id: str | None = Field(description="the choice between two replies, where there are two")


class Posted(Begun):
    """A message, and the replies to it that have been begun."""

    message: MessageView


class Stopped(BaseModel):
    """A reply that is over."""

    status: str


# --- chats ----------------------------------------------------------------------------------------------------------


@router.get("/chats", responses=error_responses(400, 401))
async def list_chats(
    request: Request,
    caller: CurrentUser,
    query: Annotated[str, Query(max_length=200)] = "",
    before: Annotated[str | None, Query(max_length=100)] = None,
    limit: Annotated[int, Query(ge=1, le=MOST_CHATS)] = 50,
) -> ChatList:
    """The user's chats, the last used first; with a query, those whose title or messages contain it."""
    async with services(request).database.reading() as session:
        found = await chats.listed(session, caller.id, query=query, before=before, limit=limit)
    return ChatList(chats=list(map(chat_view, found.rows)), next=found.before)


@router.post("/chats", status_code=201, responses=error_responses(400, 401, 403))
async def create_chat(request: Request, caller: CurrentUser, body: NewChat | None = None) -> ChatView:
    """An empty chat."""
    async with services(request).database.session() as session:
        return chat_view(await chats.create(session, caller.id))


@router.get("/chats/{chat_id}", responses=error_responses(401, 404))
async def get_chat(request: Request, chat_id: str, caller: CurrentUser) -> WholeChat:
    """A chat with all of its messages; `parent_id` makes a tree of them."""
    async with services(request).database.reading() as session:
        chat = await chats.get(session, caller.id, chat_id)
        entries = await messages.tree(session, caller.id, chat_id)
    return WholeChat(chat=chat_view(chat), messages=[await message_view(entry) for entry in entries])


@router.patch("/chats/{chat_id}", responses=error_responses(400, 401, 403, 404))
async def change_chat(request: Request, chat_id: str, body: ChatChanges, caller: CurrentUser) -> ChatView:
    """Renames a chat, sets its switches, or says which branch is shown."""
    found = services(request)
    if body.tools is not None:
        _check_tools(found, body.tools)
    async with found.database.session() as session:
        chat = await chats.lock(session, caller.id, chat_id)
        changes = body.model_dump(exclude_unset=True)
        if (title := changes.pop("title", None)) is not None:
            chats.rename(chat, title)
        if (leaf := changes.get("leaf_id")) is not None:
            message = await messages.get(session, caller.id, leaf)
            if message.chat_id != chat.id:
                raise ApiError(404, "no such message", "not_found", "leaf_id")
        for name, value in changes.items():
            setattr(chat, name, value)
        return chat_view(chat)


@router.delete("/chats/{chat_id}", status_code=204, responses=error_responses(401, 403, 404))
async def delete_chat(request: Request, chat_id: str, caller: CurrentUser) -> None:
    """Deletes a chat with everything in it, at once and for good; replies that are being made for it end."""
    found = services(request)
    async with found.database.reading() as session:
        entries = await messages.tree(session, caller.id, chat_id)
    for entry in entries:
        if entry.generation is not None:
            await found.jobs.stop(entry.generation.id)
    async with found.database.session() as session:
        paths = await chats.remove(session, caller.id, chat_id)
    await found.pictures.delete(paths)


# --- messages -------------------------------------------------------------------------------------------------------


@router.post("/chats/{chat_id}/messages", status_code=201, responses=BEGUN)
async def post_message(request: Request, chat_id: str, body: NewMessage, caller: MayGenerate) -> Posted:
    """Says something, and begins the reply; now and then two, to choose from. Both are stored when this answers."""
    longest = services(request).settings.message_characters
    if len(body.text) > longest:
        raise ApiError(400, f"a message has at most {longest} characters", "text_too_long", "text")
    if not body.text.strip():
        raise ApiError(400, "text: the message is empty", "empty_text", "text")
    wish = _wish(body)
    message, made = await _desk(request, caller).post(chat_id, body.client_msg_id, body.parent_id, body.text, wish)
    return Posted(message=user_view(message), **_begun(made).model_dump())


@router.post("/messages/{message_id}/regenerate", status_code=201, responses=BEGUN)
async def regenerate(request: Request, message_id: str, body: AskedAgain, caller: MayGenerate) -> Begun:
    """Begins another reply to the same message, beside the ones that are there."""
    return _begun(await _desk(request, caller).again(message_id, body.client_msg_id, _wish(body)))


@router.post("/messages/{message_id}/continue", status_code=201, responses=BEGUN)
async def go_on(request: Request, message_id: str, body: AskedAgain, caller: MayGenerate) -> Begun:
    """Goes on with a reply that ended before it was finished; the new log begins with what was there."""
    return _begun(await _desk(request, caller).go_on(message_id))


@router.put("/messages/{message_id}/feedback", responses=error_responses(400, 401, 403, 404, 409))
async def rate(request: Request, message_id: str, body: Judgement, caller: CurrentUser) -> FeedbackView:
    """Says what the user thinks of a reply, in place of what they said before."""
    async with services(request).database.session() as session:
        row = await feedback.rate(
            session, caller.id, message_id, rating=body.rating, labels=body.labels, text=body.text
        )
        return feedback_view(row)


@router.post("/messages/{message_id}/report", status_code=204, responses=error_responses(400, 401, 403, 404, 409))
async def report(request: Request, message_id: str, body: Complaint, caller: CurrentUser) -> None:
    """Reports a reply to those who run the server."""
    async with services(request).database.session() as session:
        await feedback.report(session, caller.id, message_id, reason=body.reason, text=body.text)


@router.put("/choices/{choice_id}", status_code=204, responses=error_responses(400, 401, 403, 404))
async def choose(request: Request, choice_id: str, body: Chosen, caller: CurrentUser) -> None:
    """Says which of two replies is better; the chat goes on with it."""
    async with services(request).database.session() as session:
        choice = await feedback.choose(session, caller.id, choice_id, body.verdict)
        if body.verdict in ("first", "second"):
            chat = await chats.lock(session, caller.id, choice.chat_id)
            chat.leaf_id = choice.first_id if body.verdict == "first" else choice.second_id


# --- replies in the making ------------------------------------------------------------------------------------------


@router.post("/generations/{generation_id}/stop", responses=error_responses(401, 403, 404))
async def stop(request: Request, generation_id: str, caller: CurrentUser) -> Stopped:
    """Ends a reply with what is shown of it; answers when that is stored. One that is over stays as it is."""
    found = services(request)
    await _generation(found, caller.id, generation_id)
    await found.jobs.stop(generation_id)
    return Stopped(status=(await _generation(found, caller.id, generation_id)).status)


@router.get(
    "/generations/{generation_id}/events",
    response_class=StreamingResponse,
    responses={
        200: {"content": {"text/event-stream": {}}, "description": "the log of the reply, as server-sent events"},
        204: {"description": "the reply is over, and there is nothing more to be told of it"},
        **error_responses(400, 401, 404),
    },
)
async def follow(
    request: Request,
    generation_id: str,
    caller: CurrentUser,
    after: Annotated[int, Query(ge=0, le=MOST_EVENTS, description="the number of the last event that is known")] = 0,
    last_event_id: Annotated[str, Header(max_length=20, description="the same, as browsers say it")] = "",
) -> Response:
    """Follows a reply: all events after a number, first those that are there, until its end.

    Connections end after some minutes; browsers then come back by themselves and go on where they were.
    """
    found = services(request)
    generation = await _generation(found, caller.id, generation_id)
    if last_event_id.isascii() and last_event_id.isdigit():
        after = max(after, min(int(last_event_id), MOST_EVENTS))
    if generation.status in generations.FINISHED and not found.jobs.makes(generation_id):
        entries = await found.jobs.log.stored(generation_id, after)
        # 204 tells a browser not to come back.
        return Response("".join(map(_frame, entries)), 200 if entries else 204, media_type=EVENT_STREAM)
    frames = _frames(found.jobs.log.read(generation_id, after, HEARTBEAT_SECONDS), found.settings.tail_seconds)
    return StreamingResponse(frames, media_type=EVENT_STREAM, headers={"x-accel-buffering": "no"})


async def _frames(batches: AsyncIterator[list[Entry]], seconds: float) -> AsyncIterator[str]:
    """The events as a browser reads them, for so long; a comment where there is nothing to tell."""
    end = time.monotonic() + seconds
    async for entries in batches:
        yield "".join(map(_frame, entries)) or ": still here\n\n"
        if time.monotonic() > end:
            return


def _frame(entry: Entry) -> str:
    number = f"id: {entry.seq}\n" if entry.seq else ""
    return f"{number}event: {entry.type}\ndata: {entry.data}\n\n"


# --- parts ----------------------------------------------------------------------------------------------------------


async def _generation(found: Services, user_id: str, generation_id: str) -> Generation:
    async with found.database.reading() as session:
        return await generations.get(session, user_id, generation_id)


def _desk(request: Request, caller: Caller) -> Desk:
    return Desk(services(request), caller, address_of(request))


def _wish(body: NewMessage | AskedAgain) -> Wish:
    return Wish(None if body.tools is None else tuple(body.tools), body.quality)


def _begun(made: Sequence[Generation]) -> Begun:
    choice_id = made[0].choice_id if len(made) == 2 else None
    return Begun(generations=list(map(generation_view, made)), choice_id=choice_id)


def _check_tools(found: Services, names: Sequence[str]) -> None:
    """Raises UserError, with near names, for a tool that this assistant does not have."""
    for name in names:
        found.assistant.toolbox[name]
