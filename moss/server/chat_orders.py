"""From what a user asks for in a chat to orders of replies: messages posted, replies made again, replies gone on with.

Each of them is one transaction, repeated without harm by its `client_msg_id`, and then the jobs. Not here: HTTP, and
how a reply is made (`jobs.py`).
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy.ext.asyncio import AsyncSession

from ..config import to_dict
from ..conversation import Conversation, Message
from ..data.statistics import language_of
from ..errors import UserError
from ..flywheel.intents import intent_of
from .accounts import Caller
from .api_errors import ApiError
from .drafts import Order
from .replies import events_in
from .services import Services
from .store import chats, generations, messages
from .store.errors import Conflict
from .store.schema import Chat, Generation, Json
from .store.schema import Message as MessageRow

if TYPE_CHECKING:
    from ..engine.params import SamplingParams

LIVELIER = 0.3
"""How much warmer the second of two replies is sampled, so that there is something to choose from."""


@dataclass(frozen=True)
class Wish:
    """What is asked of a reply beside the words."""

    tools: tuple[str, ...] | None = None
    """Names of the tools that are on; None: as the chat says, or the user's settings."""
    quality: int | None = None


@dataclass(frozen=True)
class Manner:
    """How a reply is to be made."""

    tools: tuple[str, ...]
    sampling: SamplingParams
    quality: int | None

    def to_dict(self) -> dict[str, object]:
        """What is kept of it with the message."""
        return {"tools": list(self.tools), "quality": self.quality, "sampling": to_dict(self.sampling)}


class Desk:
    """Takes the wishes of one caller."""

    def __init__(self, found: Services, caller: Caller, address: str) -> None:
        self._services = found
        self._caller = caller
        self._address = address

    async def post(
        self, chat_id: str, client_msg_id: str, parent_id: str | None, text: str, wish: Wish
    ) -> tuple[MessageRow, list[Generation]]:
        """A user's message, and the reply to it; now and then two, to choose from."""
        two = random.random() < self._services.settings.compare_share
        with self._places(2 if two else 1) as places:
            async with self._services.database.session() as session:
                chat = await chats.lock(session, self._caller.id, chat_id)
                posted = await messages.post(
                    session,
                    self._caller.id,
                    chat_id,
                    client_msg_id=client_msg_id,
                    parent_id=parent_id,
                    text=text,
                    language=language_of(text),
                    intent=intent_of(text),
                )
                if not posted.is_new:
                    return posted.message, await generations.ordered_by(session, self._caller.id, posted.message)
                manners = self._manners(chat, wish, two)
                orders = await self._order(session, posted.message, manners)
            return posted.message, self._submit(places, orders)

    async def again(self, message_id: str, client_msg_id: str, wish: Wish) -> list[Generation]:
        """Another reply to the message that this one, or the reply of this id, answers."""
        with self._places(1) as places:
            async with self._services.database.session() as session:
                row = await messages.get(session, self._caller.id, message_id)
                chat = await chats.lock(session, self._caller.id, row.chat_id)
                earlier = await messages.by_client_id(session, chat, client_msg_id)
                if earlier is not None:
                    return await generations.ordered_by(session, self._caller.id, earlier)
                if row.role == "assistant" and row.parent_id is not None:
                    row = await messages.get(session, self._caller.id, row.parent_id)
                orders = await self._order(session, row, self._manners(chat, wish), client_msg_id)
            return self._submit(places, orders)

    async def go_on(self, message_id: str) -> list[Generation]:
        """The same reply, gone on with where it ended; the one that goes on already where it does."""
        with self._places(1) as places:
            async with self._services.database.session() as session:
                reply = await messages.get(session, self._caller.id, message_id)
                chat = await chats.lock(session, self._caller.id, reply.chat_id)
                running = await generations.ordered_by(session, self._caller.id, reply)
                if running and running[-1].status in generations.UNFINISHED:
                    return running[-1:]
                orders = [await self._resume(session, chat, reply)]
            return self._submit(places, orders)

    # --- orders -------------------------------------------------------------------------------------------------------

    def _manners(self, chat: Chat, wish: Wish, two: bool = False) -> list[Manner]:
        """How the reply is made, or each of two."""
        manner = self._manner(chat, wish)
        if not two:
            return [manner]
        warmer = replace(manner.sampling, temperature=min(2.0, manner.sampling.temperature + LIVELIER))
        both = [manner, replace(manner, sampling=warmer)]
        # Which one stands first must tell nothing.
        return random.sample(both, 2)

    def _manner(self, chat: Chat, wish: Wish) -> Manner:
        assistant, settings = self._services.assistant, self._caller.settings
        wanted = _first(wish.tools, chat.tools, _own(settings, "tools", list), assistant.toolbox.names)
        known = [name for name in assistant.toolbox.names if name in wanted]
        if wish.tools is not None and (unknown := [name for name in wish.tools if name not in known]):
            raise ApiError(400, f"there is no tool '{unknown[0]}'", "unknown_tool", "tools")
        quality = _first(wish.quality, chat.quality, _own(settings, "quality", int))
        try:
            tag = assistant.quality(quality if assistant.knows_quality else None)
        except UserError as error:
            raise ApiError(400, str(error), "invalid_value", "quality") from None
        return Manner(tuple(known), assistant.sampling(), tag)

    async def _order(
        self, session: AsyncSession, question: MessageRow, manners: Sequence[Manner], client_msg_id: str | None = None
    ) -> list[tuple[Order, Generation]]:
        """The records of a reply to the question in each of these manners, and the orders."""
        made = await generations.start(
            session,
            self._caller.id,
            question,
            model=self._services.assistant.name,
            worker=self._services.jobs.worker,
            replies=len(manners),
            client_msg_id=client_msg_id,
        )
        said = history(await messages.branch(session, self._caller.id, question.id))
        orders = []
        for generation, manner in zip(made, manners, strict=True):
            reply = await session.get_one(MessageRow, generation.message_id)
            reply.settings = generation.settings = manner.to_dict()
            orders.append((self._order_of(generation, reply, question, said, manner), generation))
        return orders

    async def _resume(self, session: AsyncSession, chat: Chat, reply: MessageRow) -> tuple[Order, Generation]:
        body = [Message.from_dict(part) for part in reply.body]
        if not body or not (body[-1].content or "").strip():
            raise Conflict("there is nothing to go on with; ask for another reply instead")
        assistant = self._services.assistant
        generation = await generations.resume(
            session, self._caller.id, reply, model=assistant.name, worker=self._services.jobs.worker
        )
        question = await session.get_one(MessageRow, generation.parent_id)
        said = history(await messages.branch(session, self._caller.id, reply.id))
        manner = replace(self._manner(chat, Wish()), quality=body[-1].quality)
        order = self._order_of(generation, reply, question, said, manner)
        return replace(order, said=tuple(events_in(body))), generation

    def _order_of(
        self,
        generation: Generation,
        reply: MessageRow,
        question: MessageRow,
        said: Sequence[Message],
        manner: Manner,
    ) -> Order:
        return Order(
            generation_id=generation.id,
            message_id=reply.id,
            parent_id=question.id,
            chat_id=reply.chat_id,
            user_id=self._caller.id,
            created_at=reply.created_at,
            prompt=question.body[0]["content"],
            conversation=Conversation(tuple(said), manner.tools),
            sampling=manner.sampling,
            quality=manner.quality,
            language=question.language,
            model=generation.model,
            choice_id=generation.choice_id,
        )

    @contextmanager
    def _places(self, count: int) -> Iterator[list[ExitStack]]:
        """Places in the queue, and of the caller's own, while the block runs. Raises ApiError: 429 and 503."""
        replying = self._services.limits.replying
        with self._services.jobs.places(count), ExitStack() as held:
            places = [held.enter_context(ExitStack()) for _ in range(count)]
            for place in places:
                place.enter_context(replying(self._caller.id, self._caller.key_id, self._address))
            yield places

    def _submit(self, places: Sequence[ExitStack], orders: Sequence[tuple[Order, Generation]]) -> list[Generation]:
        """Begins the jobs of what is committed; each keeps its place of the caller's own until it ends."""
        for place, (order, _) in zip(places, orders, strict=True):
            self._services.jobs.submit(order, place.pop_all().close)
        return [generation for _, generation in orders]


def history(branch: Sequence[MessageRow]) -> list[Message]:
    """What the assistant is given of a branch: without what was refused, and without replies that say nothing.

    What users then say twice in a row becomes one message, since the format knows no other.
    """
    said: list[Message] = []
    for row in branch:
        turn = [Message.from_dict(part) for part in row.body]
        if row.role == "assistant":
            answers = bool(said) and said[-1].role == "user" and turn and (turn[-1].content or "").strip()
            said += turn if answers else []
        elif said and said[-1].role == "user":
            said[-1] = Message("user", f"{said[-1].content}\n\n{turn[0].content}")
        elif row.moderation is None or row is branch[-1]:
            said += turn
    return said


def _own(settings: Json, name: str, kind: type) -> Any:
    """A setting that the page keeps for the user; None where it is not what it should be."""
    return value if isinstance(value := settings.get(name), kind) else None


def _first(*values: Any) -> Any:
    return next((value for value in values if value is not None), None)
