"""Accounts: names that look alike are one, codes are used as often as they may be, who leaves is gone."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import select

from moss.server.store import accounts, audit, consents, feedback, files, usage
from moss.server.store.database import Database
from moss.server.store.errors import Conflict, NotFound
from moss.server.store.schema import Report, User, now
from tests.server.store.people import chat_of, said, somebody
from tests.server.store.test_chats import rows


async def test_a_name_is_taken_once_however_it_is_spelled(database: Database) -> None:
    async def register(name: str) -> User:
        async with database.session() as session:
            return await accounts.add_user(session, name, "hash")

    spellings = ["José", "JOSE\u0301", "ｊｏｓé", "José"]
    made = await asyncio.gather(*map(register, spellings), return_exceptions=True)
    assert sorted(type(user).__name__ for user in made) == ["Conflict", "Conflict", "Conflict", "User"]
    async with database.session() as session:
        with pytest.raises(Conflict, match="name is taken"):
            await accounts.add_user(session, "josé", None)
        await accounts.add_user(session, "Li", None)  # the transaction goes on
    async with database.reading() as session:
        for name in ("josé", "LI"):
            assert await accounts.user_named(session, name) is not None
        found = await accounts.users(session, "OSÉ")
        assert len(found.rows) == 1
        assert (await accounts.users(session, limit=1)).before is not None


async def test_the_local_user_is_made_once(database: Database) -> None:
    for _ in range(2):
        async with database.session() as session:
            assert (await accounts.local_user(session)).role == "admin"


async def test_A8_the_last_use_of_an_invitation_is_not_taken_twice(database: Database) -> None:
    async with database.session() as session:
        admin = await somebody(session)
        for code, expires_at in (("good", None), ("late", now() - 1), ("early", now() + 10**6)):
            await accounts.add_invite(session, admin.id, code_hash=code, max_uses=3, expires_at=expires_at)

    async def take(code: str) -> bool:
        async with database.session() as session:
            return await accounts.take_invite(session, code)

    assert sum(await asyncio.gather(*(take("good") for _ in range(10)))) == 3
    assert [await take(code) for code in ("late", "early", "none")] == [False, True, False]
    async with database.session() as session:
        listed = (await accounts.invites(session)).rows
        await accounts.remove_invite(session, listed[0].id)
        with pytest.raises(NotFound, match="no such invite"):
            await accounts.remove_invite(session, listed[0].id)


async def test_A5_logins_end_when_they_expire_or_are_closed(database: Database) -> None:
    async with database.session() as session:
        user, other = await somebody(session), await somebody(session)
        for token, owner, expires_at in (
            ("old", user, now() - 1),
            ("a", user, now() + 10**6),
            ("b", user, now() + 10**6),
        ):
            await accounts.open_login(session, owner.id, token_hash=token, csrf=token, expires_at=expires_at)
        await accounts.open_login(session, other.id, token_hash="c", csrf="c", expires_at=now() + 10**6)

    async def known() -> set[str]:
        async with database.session() as session:
            found = [await accounts.login(session, token) for token in ("old", "a", "b", "c", "none")]
        return {login[0].token_hash for login in found if login is not None}

    assert await known() == {"a", "b", "c"}
    async with database.session() as session:
        assert {login.token_hash for login in await accounts.logins(session, user.id)} == {"a", "b"}
        await accounts.touch_login(session, "a", now() + 2 * 10**6)
        await accounts.close_logins(session, user.id, but="a")
    assert await known() == {"a", "c"}
    async with database.session() as session:
        await accounts.close_login(session, "a")
        await accounts.close_logins(session, other.id)
    assert await known() == set()


async def test_A4_a_revoked_key_opens_nothing_and_nobody_revokes_anothers(database: Database) -> None:
    async with database.session() as session:
        owner, other = await somebody(session), await somebody(session)
        key = await accounts.add_key(session, owner.id, name="laptop", prefix="moss-ab", key_hash="hash")
        await accounts.touch_key(session, key.id)
    async with database.session() as session:
        found = await accounts.key(session, "hash")
        assert found is not None
        assert (found[0].id, found[1].id) == (key.id, owner.id)
        assert found[0].last_used_at is not None
        with pytest.raises(NotFound, match="no such key"):
            await accounts.revoke_key(session, other.id, key.id)
        await accounts.revoke_key(session, owner.id, key.id)
        assert await accounts.key(session, "hash") is None
        assert len(await accounts.keys(session, owner.id)) == 1


async def test_U9_who_leaves_takes_everything_along_but_hashes_and_the_record_of_it(database: Database) -> None:
    async with database.session() as session:
        user, other = await somebody(session), await somebody(session)
        turn = await said(session, await chat_of(session, user), "one", "two")
        theirs = await said(session, await chat_of(session, other), "one", "two")
        await feedback.rate(session, user.id, turn.reply.id, rating=1)
        await feedback.report(session, other.id, theirs.reply.id, reason="harmful")
        await files.add(session, user.id, turn.reply, media_type="image/webp", path="a.webp", size=1)
        await files.add(session, user.id, None, media_type="image/webp", path="b.webp", size=1)
        await accounts.add_key(session, user.id, name="laptop", prefix="moss-ab", key_hash="hash")
        await accounts.open_login(session, user.id, token_hash="t", csrf="c", expires_at=now() + 10**6)
        await accounts.add_invite(session, user.id, code_hash="code")
        await consents.record(session, user.id, "1", True)
        await usage.count(session, user.id, tokens=1)
        audit.note(session, user.id, "user.leave", user.id)
    async with database.session() as session:
        assert sorted(await accounts.remove_user(session, user.id)) == ["a.webp", "b.webp"]
        with pytest.raises(NotFound, match="no such user"):
            await accounts.user(session, user.id)
    assert await rows(database) == {
        "users": 1,
        "chats": 1,
        "messages": 2,
        "generations": 1,
        "reports": 1,
        "invites": 1,
        "audit": 1,
        "tombstones": 4,
    }


async def test_use_that_is_counted_at_once_adds_up(database: Database) -> None:
    async with database.session() as session:
        user = await somebody(session)

    async def count() -> None:
        async with database.session() as session:
            await usage.count(session, user.id, requests=1, tokens=10)

    await asyncio.gather(*(count() for _ in range(10)))
    async with database.reading() as session:
        used = await usage.used(session, user.id)
        assert (used.requests, used.tokens) == (10, 100)
        unused = await usage.used(session, "nobody")
        assert (unused.requests, unused.tokens) == (0, 0)


async def test_U8_feedback_is_one_for_each_reply_and_may_change(database: Database) -> None:
    async with database.session() as session:
        user, other = await somebody(session), await somebody(session)
        turn = await said(session, await chat_of(session, user), "one", "two")

    async def rate(rating: int) -> None:
        async with database.session() as session:
            await feedback.rate(session, user.id, turn.reply.id, rating=rating, labels=["helpful"], text="ok")

    await asyncio.gather(*(rate(1) for _ in range(5)))
    await rate(-1)
    assert (await rows(database))["feedback"] == 1
    refused: list[tuple[type[Exception], Callable[[], Awaitable[object]]]]
    async with database.session() as session:
        refused = [
            (NotFound, lambda: feedback.rate(session, other.id, turn.reply.id, rating=1)),
            (Conflict, lambda: feedback.rate(session, user.id, turn.question.id, rating=1)),
            (NotFound, lambda: feedback.report(session, other.id, turn.reply.id, reason="spam")),
            (NotFound, lambda: feedback.choose(session, user.id, "none", "tie")),
            (NotFound, lambda: feedback.settle(session, "none", "resolved")),
        ]
        for error, ask in refused:
            with pytest.raises(error):
                await ask()


async def test_a_report_is_one_for_each_reply_and_opens_again(database: Database) -> None:
    async with database.session() as session:
        user = await somebody(session)
        turn = await said(session, await chat_of(session, user), "one", "two")
        report = await feedback.report(session, user.id, turn.reply.id, reason="spam")
        await feedback.settle(session, report.id, "dismissed")
        assert not (await feedback.reported(session)).rows
        again = await feedback.report(session, user.id, turn.reply.id, reason="harmful", text="really")
        assert again.id == report.id
        listed = await feedback.reported(session)
        assert [(row.reason, row.status) for row in listed.rows] == [("harmful", "open")]
        assert (
            len(list(await session.scalars(select(Report)))) == len((await feedback.reported(session, None)).rows) == 1
        )
