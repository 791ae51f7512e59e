"""Which pictures belong to which reply, and to whom. Not here: their bytes."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from . import messages
from .errors import NotFound
from .schema import Chat, File, Message


async def add(
    session: AsyncSession, user_id: str, message: Message | None, *, media_type: str, path: str, size: int
) -> File:
    """Notes a picture of a reply (None: of one that is in no chat). `path` is relative to the folder of the files.

    `size` is in bytes.
    """
    file = File(user_id=user_id, media_type=media_type, path=path, bytes=size)
    if message is not None:
        file.chat_id, file.message_id = message.chat_id, message.id
    session.add(file)
    await session.flush()
    return file


async def get(session: AsyncSession, user_id: str, file_id: str) -> File:
    """The file. NotFound where there is none, or it is somebody else's."""
    file = await session.scalar(select(File).where(File.id == file_id, File.user_id == user_id))
    if file is None:
        raise NotFound("file")
    return file


async def owned(session: AsyncSession, user_id: str) -> Sequence[File]:
    """All files of the user, the oldest first."""
    return (await session.scalars(select(File).where(File.user_id == user_id).order_by(File.created_at))).all()


async def shared(session: AsyncSession, file_id: str) -> File:
    """The file, where it belongs to a branch that is shared with everybody. NotFound otherwise."""
    found = await session.execute(
        select(File, Chat.user_id, Chat.shared_leaf_id)
        .join(Chat, Chat.id == File.chat_id)
        .where(File.id == file_id, Chat.share_id.is_not(None), Chat.shared_leaf_id.is_not(None))
    )
    for file, owner_id, leaf_id in found:
        branch = await messages.branch(session, owner_id, leaf_id or "")
        if file.message_id in {message.id for message in branch}:
            return file
    raise NotFound("file")
