"""Sharing a chat: a link under which everybody may read one branch as it was, and nothing about who wrote it.

What is shared ends at the message that was shown last when the link was made; making it again moves the end. Not here:
the page at /s/{share_id} (`pages.py`), pictures in it (`files.py`).
"""

from __future__ import annotations

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from .api_errors import ApiError, error_responses
from .security import CurrentUser
from .services import services
from .store import chats, messages
from .store.generations import UNFINISHED
from .views import MessageView, message_view


class ShareView(BaseModel):
    """A link that was made."""

    share_id: str
    url: str = Field(description="path of the page; the host is the one that the caller knows")
    shared_at: int = Field(description="milliseconds since 1970, UTC")


class SharedView(BaseModel):
    """A branch that everybody may read."""

    title: str
    shared_at: int
    messages: list[MessageView] = Field(description="from the first one to the end of the branch")


def share_routes() -> APIRouter:
    """The routes that make, end and read a link."""
    router = APIRouter(prefix="/api", tags=["sharing"])

    @router.post("/chats/{chat_id}/share", responses=error_responses(404, 409))
    async def share_chat(request: Request, chat_id: str, caller: CurrentUser) -> ShareView:
        async with services(request).database.session() as session:
            shown = await messages.tree(session, caller.id, chat_id)
            if not shown:
                raise ApiError(409, "there is nothing in this chat to share yet", "empty_chat")
            share_id = await chats.share(session, caller.id, chat_id)
            chat = await chats.get(session, caller.id, chat_id)
            running = {e.message.id for e in shown if e.generation is not None and e.generation.status in UNFINISHED}
            if chat.shared_leaf_id in running:
                raise ApiError(409, "the reply is still being made: share the chat when it has ended", "still_running")
            return ShareView(share_id=share_id, url=f"/s/{share_id}", shared_at=chat.shared_at or 0)

    @router.delete("/chats/{chat_id}/share", status_code=204, responses=error_responses(404))
    async def unshare_chat(request: Request, chat_id: str, caller: CurrentUser) -> None:
        async with services(request).database.session() as session:
            await chats.unshare(session, caller.id, chat_id)

    @router.get("/shared/{share_id}", responses=error_responses(404))
    async def get_shared(request: Request, share_id: str) -> SharedView:
        async with services(request).database.reading() as session:
            chat = await chats.shared(session, share_id)
            entries = await messages.tree(session, chat.user_id, chat.id)
        shown = [await message_view(entry) for entry in messages.up_to(entries, chat.shared_leaf_id)]
        return SharedView(title=chat.title, shared_at=chat.shared_at or 0, messages=[_for_all(view) for view in shown])

    return router


def _for_all(view: MessageView) -> MessageView:
    """The message without what only its owner may know or do: judgements, choices, logs."""
    return view.model_copy(update={"feedback": None, "choice_id": None, "generation_id": None, "error": None})
