"""Chats: list, search, rename, share, delete. Each function takes who asks, and knows only what is theirs.

Not here: what is said in them (`messages.py`), replies in the making (`generations.py`).
"""

from __future__ import annotations

import secrets

from sqlalchemy import Select, delete, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from .database import scrub_after
from .errors import NotFound
from .page import Page, page
from .schema import Chat, File, Message, now
from .text import searchable
from .tombstones import bury

TITLE_LENGTH = 80
"""Characters of a title that is taken from a message."""


async def create(session: AsyncSession, user_id: str) -> Chat:
    """An empty chat."""
    chat = Chat(user_id=user_id)
    session.add(chat)
    await session.flush()
    return chat


async def get(session: AsyncSession, user_id: str, chat_id: str) -> Chat:
    """The chat. NotFound where there is none, or it is somebody else's."""
    return await _only(session, _owned(user_id, chat_id))


async def lock(session: AsyncSession, user_id: str, chat_id: str) -> Chat:
    """The chat, which nobody else changes before this transaction ends. NotFound as in `get`."""
    return await _only(session, _owned(user_id, chat_id).with_for_update().execution_options(populate_existing=True))


async def listed(
    session: AsyncSession, user_id: str, *, query: str = "", before: str | None = None, limit: int = 50
) -> Page[Chat]:
    """The user's chats, the last used first; with a query, those whose title or messages contain it.

    Case, width and composed forms make no difference (`text.searchable`). `before` is what an earlier page gave.
    """
    chosen = select(Chat).where(Chat.user_id == user_id)
    wanted = searchable(query).strip()
    if wanted:
        said = exists().where(Message.chat_id == Chat.id, Message.text.contains(wanted, autoescape=True))
        chosen = chosen.where(or_(Chat.title_key.contains(wanted, autoescape=True), said))
    return await page(session, chosen, Chat.updated_at, Chat.id, before, limit)


def rename(chat: Chat, title: str) -> None:
    """Gives the chat a title, and the form in which it is searched."""
    chat.title = " ".join(title.split())
    chat.title_key = searchable(chat.title)


def title_of(text: str) -> str:
    """A title for a chat that begins with this message: its first line, cut at a space where there is one near."""
    line = " ".join(next((line for line in text.splitlines() if line.strip()), "").split())
    if len(line) <= TITLE_LENGTH:
        return line
    cut = line.rfind(" ", TITLE_LENGTH // 2, TITLE_LENGTH)
    return line[: cut if cut > 0 else TITLE_LENGTH - 1] + "…"


async def share(session: AsyncSession, user_id: str, chat_id: str) -> str:
    """The id under which everybody may read the branch that is shown now; asked again, it is the same id."""
    chat = await lock(session, user_id, chat_id)
    chat.share_id = chat.share_id or secrets.token_urlsafe(16)
    chat.shared_at, chat.shared_leaf_id = now(), chat.leaf_id
    return chat.share_id


async def unshare(session: AsyncSession, user_id: str, chat_id: str) -> None:
    """Nobody else may read the chat any more; shared again, it has another id."""
    chat = await lock(session, user_id, chat_id)
    chat.share_id = chat.shared_at = chat.shared_leaf_id = None


async def shared(session: AsyncSession, share_id: str) -> Chat:
    """The chat that is shared under this id. NotFound where none is."""
    return await _only(session, select(Chat).where(Chat.share_id == share_id))


async def remove(session: AsyncSession, user_id: str, chat_id: str) -> list[str]:
    """Deletes the chat with all that is in it, for good; returns the paths of its files, for the caller to delete.

    NotFound as in `get`. Whoever still writes a reply to it is told by `generations.append` and `finish`.
    """
    chat = await lock(session, user_id, chat_id)
    return await remove_all(session, [chat.id])


async def remove_all(session: AsyncSession, chat_ids: list[str]) -> list[str]:
    """Deletes chats that the caller has checked, as `remove` does."""
    messages = await session.scalars(select(Message.id).where(Message.chat_id.in_(chat_ids)))
    await bury(session, "message", messages)
    await bury(session, "chat", chat_ids)
    paths = await session.scalars(select(File.path).where(File.chat_id.in_(chat_ids)))
    left = list(paths)
    await session.execute(delete(Chat).where(Chat.id.in_(chat_ids)))
    scrub_after(session)
    return left


def _owned(user_id: str, chat_id: str) -> Select[Chat]:
    return select(Chat).where(Chat.id == chat_id, Chat.user_id == user_id)


async def _only(session: AsyncSession, query: Select[Chat]) -> Chat:
    chat = await session.scalar(query)
    if chat is None:
        raise NotFound("chat")
    return chat
