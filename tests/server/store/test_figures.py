"""Figures of the store, counted by the database, on both kinds."""

from __future__ import annotations

import pytest

from moss.server.store import accounts, consents, feedback, figures, generations, messages, usage
from moss.server.store.chats import create
from moss.server.store.database import Database
from moss.server.store.schema import now

pytestmark = pytest.mark.asyncio


async def test_what_was_asked_and_what_people_thought_of_the_replies(database: Database) -> None:
    async with database.session() as session:
        ada = await accounts.add_user(session, "ada", None)
        bob = await accounts.add_user(session, "bob", None)
        chat = await create(session, ada.id)
        for number, (language, granted) in enumerate([("en", False), ("en", True), ("zh", True)]):
            await consents.record(session, ada.id, "1", granted)
            await session.flush()
            posted = await messages.post(
                session, ada.id, chat.id, client_msg_id=str(number), parent_id=None, text="?", language=language
            )
        made = await generations.start(session, ada.id, posted.message, model="fake", worker="w", replies=2)
        await feedback.rate(session, ada.id, made[0].message_id, rating=-1, labels=["wrong", "too_long"])
        await feedback.rate(session, ada.id, made[1].message_id, rating=1, labels=["too_long"], text="Long.")
        await feedback.choose(session, ada.id, made[0].choice_id or "", "both_bad")
        await usage.count(session, ada.id, tokens=7)

    since = now() - figures.DAY_MS
    async with database.reading() as session:
        asked = await figures.prompts(session, since)
        assert {(row.language, row.count, row.collected) for row in asked} == {("en", 2, 1), ("zh", 1, 1)}
        assert {row.day for row in asked} <= {now() // figures.DAY_MS - 1, now() // figures.DAY_MS}
        ratings = await figures.ratings(session, since)
        assert {(row.model, row.rating, row.count) for row in ratings} == {("fake", -1, 1), ("fake", 1, 1)}
        assert await figures.labels(session, since) == {"wrong": 1, "too_long": 2}
        assert [row.text for row in await figures.comments(session, since, 5)] == ["Long."]
        assert await figures.verdicts(session, since) == [figures.Verdicts("fake", "fake", "both_bad", 1)]
        assert await figures.prompts(session, now() + 1) == []
        assert await figures.totals(session) == {"users": 2, "chats": 1, "messages": 3, "open_reports": 0}
        active = await figures.activity(session, [ada.id, bob.id])
        assert active == {ada.id: (None, 1, 7), bob.id: (None, 0, 0)}
