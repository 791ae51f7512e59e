"""What nearly every test of the store begins with: somebody, a chat of theirs, and something said in it."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncSession

from moss.conversation import Message as Said
from moss.server.store import accounts, chats, generations, messages
from moss.server.store.schema import Chat, Generation, Message, User, new_id


async def somebody(session: AsyncSession, name: str | None = None) -> User:
    """A user with a name that nobody else has."""
    return await accounts.add_user(session, name or new_id(), None)


async def chat_of(session: AsyncSession, user: User, title: str = "") -> Chat:
    """An empty chat."""
    chat = await chats.create(session, user.id)
    chats.rename(chat, title)
    await session.flush()
    return chat


class Turn(NamedTuple):
    """A question, its reply and the job that made it."""

    question: Message
    reply: Message
    generation: Generation


async def said(session: AsyncSession, chat: Chat, text: str, answer: str = "", parent: Message | None = None) -> Turn:
    """A question after `parent`, and a reply to it that has ended."""
    posted = await messages.post(
        session, chat.user_id, chat.id, client_msg_id=new_id(), parent_id=parent and parent.id, text=text
    )
    (generation,) = await generations.start(session, chat.user_id, posted.message, model="moss", worker="w")
    reply = await session.get_one(Message, generation.message_id)
    messages.set_body(reply, [Said("assistant", answer).to_dict()])
    generation.status = "complete"
    await session.flush()
    return Turn(posted.message, reply, generation)
