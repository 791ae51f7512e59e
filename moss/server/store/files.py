"""Which pictures belong to which reply, and to whom. Not here: their bytes."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from .errors import NotFound
from .schema import Chat, File, Message


async def add(session: AsyncSession, user_id: str, message: Message, *, media_type: str, path: str, size: int) -> File:
    """Notes a picture of a reply; `path` is relative to the folder of the files, `size` in bytes."""
    file = File(
        user_id=user_id, chat_id=message.chat_id, message_id=message.id, media_type=media_type, path=path, bytes=size
    )
    session.add(file)
    await session.flush()
    return file


async def get(session: AsyncSession, user_id: str, file_id: str) -> File:
    """The file. NotFound where there is none, or it is somebody else's."""
    file = await session.scalar(select(File).where(File.id == file_id, File.user_id == user_id))
    if file is None:
        raise NotFound("file")
    return file


async def shared(session: AsyncSession, file_id: str) -> File:
    """The file, where the chat it belongs to is shared with everybody. NotFound otherwise."""
    file = await session.scalar(
        select(File).join(Chat, Chat.id == File.chat_id).where(File.id == file_id, Chat.share_id.is_not(None))
    )
    if file is None:
        raise NotFound("file")
    return file
