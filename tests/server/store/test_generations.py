"""The records of replies in the making: orders, choices, going on, and what a dead server left."""

from __future__ import annotations

import pytest
from sqlalchemy import insert

from moss.server.store import generations
from moss.server.store.database import Database
from moss.server.store.errors import Conflict
from moss.server.store.schema import Choice, Event, Generation, new_id, now
from tests.server.store.people import chat_of, said, somebody


async def test_two_replies_are_a_choice_between_siblings(database: Database) -> None:
    async with database.session() as session:
        user = await somebody(session)
        chat = await chat_of(session, user)
        turn = await said(session, chat, "one")
        first, second = await generations.start(
            session, user.id, turn.question, model="moss", worker="w", replies=2, client_msg_id="again"
        )
        choice = await session.get_one(Choice, first.choice_id)
    assert (choice.first_id, choice.second_id) == (first.message_id, second.message_id)
    assert first.choice_id == second.choice_id
    assert chat.leaf_id == first.message_id
    async with database.reading() as session:
        assert await generations.unfinished_of(session, user.id) == 2


async def test_a_reply_goes_on_when_it_has_ended_and_not_before(database: Database) -> None:
    async with database.session() as session:
        user = await somebody(session)
        turn = await said(session, await chat_of(session, user), "one")
        more = await generations.resume(session, user.id, turn.reply, model="moss", worker="w")
        assert (more.message_id, more.parent_id) == (turn.reply.id, turn.question.id)
        with pytest.raises(Conflict, match="being written"):
            await generations.resume(session, user.id, turn.reply, model="moss", worker="w")
        with pytest.raises(Conflict, match="only a reply"):
            await generations.resume(session, user.id, turn.question, model="moss", worker="w")
        assert await generations.ordered_by(session, user.id, turn.reply) == [turn.generation, more]


async def test_what_a_dead_server_left_is_given_to_one_of_those_that_look(database: Database) -> None:
    async with database.session() as session:
        user = await somebody(session)
        made: list[Generation] = []
        for status, age in (("running", 100), ("queued", 100), ("running", 0), ("stopped", 100)):
            generation = (await said(session, await chat_of(session, user), "one")).generation
            generation.status, generation.heartbeat_at = status, now() - age * 1000  # type: ignore[assignment]
            made.append(generation)
    async with database.session() as session:
        found = {generation.id for generation in await generations.stale(session, now() - 90_000)}
        assert found == {made[0].id, made[1].id}
        if database.file is None:  # SQLite has one writer at a time anyway
            async with database.session() as other:
                assert not await generations.stale(other, now() - 90_000)


async def test_a_log_is_read_from_any_place_and_forgotten_when_it_is_old(database: Database) -> None:
    async with database.session() as session:
        user = await somebody(session)
        old, new = [(await said(session, await chat_of(session, user), "x")).generation for _ in range(2)]
        old.finished_at, new.finished_at = now() - 1000, now() + 1000
        for generation in (old, new):
            rows = [
                {
                    "generation_id": generation.id,
                    "seq": seq,
                    "type": "text",
                    "payload": {"text": str(seq)},
                    "created_at": seq,
                }
                for seq in (3, 1, 2)
            ]
            await session.execute(insert(Event), rows)
        read = [(event.seq, event.payload) for event in await generations.log_of(session, old.id, after=1)]
        assert read == [(2, {"text": "2"}), (3, {"text": "3"})]
        assert await generations.log_of(session, new_id()) == []
        await generations.forget_logs(session, now())
        assert await generations.log_of(session, old.id) == []
        assert len(await generations.log_of(session, new.id)) == 3
