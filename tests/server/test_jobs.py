"""Replies as jobs, without HTTP: what is logged and stored, the queue, stops, failures, and back-pressure."""

from __future__ import annotations

import asyncio
import itertools
import random
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from moss.conversation import Message
from moss.errors import EngineBusy, UserError
from moss.events import Event, Failed, Finished, TextDelta, ToolCalled
from moss.server.api_errors import ApiError
from moss.server.chat_orders import Wish
from moss.server.moderation import ALLOWED, Stage, Verdict
from moss.server.store.database import Database
from moss.server.store.errors import Conflict, Full
from moss.server.store.schema import Choice, Generation
from moss.server.store.schema import Message as MessageRow
from tests.fake_agent import SUM, plain, with_tools
from tests.server.jobs_alone import PATIENCE, Dictated, alone, text_of

TEXT = "It is **1781**, in 巴黎.\n\n```python\nprint(37*48+5)\n```\n\nEnd 🙂"


async def test_a_reply_is_logged_without_gaps_and_stored_whole(tmp_path: Path, database_url: str) -> None:
    async with alone(tmp_path, database_url, with_tools(TEXT)) as server:
        generation = await server.ask("What is 37*48+5?")
        seen = await server.follow(generation.id)
        assert [seq for seq, _, _ in seen] == list(range(1, len(seen) + 1))
        kinds = [kind for kind, _ in itertools.groupby(kind for _, kind, _ in seen)]
        assert kinds[:5] == ["started", "stage", "thought", "stage", "tool"]
        assert kinds[-1] == "end"
        assert text_of(seen) == TEXT
        # What was streamed is what is stored, and what a reader who comes late is told.
        assert await server.follow(generation.id) == seen
        question, reply = await server.messages(generation.chat_id)
        assert question.text == "What is 37*48+5?"
        end = seen[-1][2]
        assert reply.model_dump() == end["message"]
        assert (reply.text, reply.status, end["finish_reason"]) == (TEXT, "complete", "stop")
        assert reply.thoughts == ["I compute and look up."]
        assert [(tool.name, tool.status) for tool in reply.tools] == [("Calculate", "ok"), ("Search", "ok")]
        blocks = [payload for _, kind, payload in seen if kind == "block"]
        assert [block["index"] for block in blocks] == [0, 1, 2]
        assert "".join(block["html"] for block in blocks) == reply.html
        assert blocks[-1]["text_end"] == len(TEXT)


async def test_D3_the_same_post_twenty_times_at_once_is_one_message_and_one_reply(
    tmp_path: Path, database_url: str
) -> None:
    async with alone(tmp_path, database_url, plain("Hello.")) as server:
        chat_id = await server.new_chat()
        posts = [server.desk.post(chat_id, "same", None, "Hello", Wish()) for _ in range(20)]
        made = [generations for _, generations in await asyncio.gather(*posts)]
        assert len({tuple(generation.id for generation in one) for one in made}) == 1
        await server.follow(made[0][0].id)
        assert [message.role for message in await server.messages(chat_id)] == ["user", "assistant"]
        assert len(server.agent.asked) == 1


async def test_D3_a_reply_asked_for_again_twice_with_one_id_is_made_once(tmp_path: Path, sqlite_url: str) -> None:
    async with alone(tmp_path, sqlite_url, plain("One."), plain("Two.")) as server:
        first = await server.ask()
        await server.follow(first.id)
        twice = [server.desk.again(first.message_id, "again", Wish()) for _ in range(2)]
        (one,), (other,) = await asyncio.gather(*twice)
        assert one.id == other.id
        assert one.parent_id == first.parent_id
        await server.follow(one.id)
        assert [message.text for message in await server.messages(first.chat_id)] == ["Hello", "One.", "Two."]


async def test_D4_D5_readers_who_come_and_go_get_every_event_once(tmp_path: Path, sqlite_url: str) -> None:
    answer = Dictated()
    pieces = [f"{number} 数\n\n" for number in range(60)]
    async with alone(tmp_path, sqlite_url, answer) as server:
        generation = await server.ask()

        async def read_in_pieces(seed: int) -> list[Any]:
            luck, seen = random.Random(seed), []
            while not seen or seen[-1][1] != "end":
                leave_after = luck.randint(1, 5)
                async for entry in server.entries(generation.id, seen[-1][0] if seen else 0):
                    if entry.seq:
                        seen.append((entry.seq, entry.type, entry.data))
                    leave_after -= 1
                    if not leave_after:
                        break
            return seen

        readers = [asyncio.create_task(read_in_pieces(seed)) for seed in range(10)]
        for piece in pieces:
            answer.say(TextDelta(piece))
            await asyncio.sleep(0.002)
        answer.say(Finished("".join(pieces), "stop"))
        seen = await asyncio.gather(*readers)
        assert all(other == seen[0] for other in seen)
        whole = await server.follow(generation.id)
        assert text_of(whole) == "".join(pieces) == whole[-1][2]["message"]["text"]
        for after in random.Random(0).choices(range(len(whole)), k=200):
            rest = await server.follow(generation.id, after)
            assert rest == whole[after:]
            assert text_of(whole[:after]) + text_of(rest) == "".join(pieces)


async def test_L5_the_place_in_the_queue_only_gets_better(tmp_path: Path, sqlite_url: str) -> None:
    answers = [Dictated() for _ in range(4)]
    async with alone(tmp_path, sqlite_url, *answers, slots=1) as server:
        made = [await server.ask() for _ in answers]
        places: list[int] = []

        async def watch() -> None:
            async for entry in server.entries(made[-1].id):
                if entry.type == "queued":
                    places.append(int(entry.data.split(":")[1].split(",")[0]))
                elif entry.type == "end":
                    return

        watching = asyncio.create_task(watch())
        await server.until(made[-1].id, "queued")
        assert (server.services.jobs.waiting, server.services.jobs.slots_taken) == (3, 1)
        for generation, answer in zip(made, answers, strict=True):
            answer.say(*plain("Done."))
            await server.follow(generation.id)
        await watching
        assert places[0] == 3
        assert places == sorted(places, reverse=True)


async def test_L3_a_full_queue_says_so_and_when_to_come_again(tmp_path: Path, sqlite_url: str) -> None:
    answers = [Dictated() for _ in range(3)]
    async with alone(tmp_path, sqlite_url, *answers, slots=1, queue_length=2) as server:
        posts = await asyncio.gather(*(server.ask() for _ in range(9)), return_exceptions=True)
        refused = [post for post in posts if isinstance(post, ApiError)]
        assert len(refused) == 6
        assert {(error.status, error.code) for error in refused} == {(503, "overloaded")}
        assert all(error.retry_after for error in refused)
        for answer in answers:
            answer.say(*plain("Done."))
        for post in posts:
            if isinstance(post, Generation):
                assert (await server.follow(post.id))[-1][2]["status"] == "complete"


async def test_C2_a_stop_leaves_what_was_shown(tmp_path: Path, database_url: str) -> None:
    answer = Dictated()
    async with alone(tmp_path, database_url, answer, plain("Next.")) as server:
        generation = await server.ask()
        answer.say(TextDelta("What was "), TextDelta("shown"))
        shown = text_of(await server.until(generation.id, "text"))
        await server.services.jobs.stop(generation.id)
        seen = await server.follow(generation.id)
        assert seen[-1][2]["status"] == "stopped"
        final = seen[-1][2]["message"]["text"]
        assert final == text_of(seen)
        assert "What was shown".startswith(final)
        assert final.startswith(shown)
        assert (await server.messages(generation.chat_id))[-1].status == "stopped"
        answer.say(TextDelta("more"))  # the thread sees at its next event that nobody wants it
        await server.idle()
        assert server.agent.closed == 1
        await server.services.jobs.stop(generation.id)  # one that is over stays as it is


async def test_C1_a_reply_goes_on_when_all_readers_have_left(tmp_path: Path, sqlite_url: str) -> None:
    answer = Dictated()
    async with alone(tmp_path, sqlite_url, answer) as server:
        generation = await server.ask()
        answer.say(TextDelta("Hello"))
        await server.until(generation.id, "text")  # and leaves
        answer.say(TextDelta(" again"), Finished("Hello again", "stop"))
        assert (await server.follow(generation.id))[-1][2]["message"]["text"] == "Hello again"


async def test_C1_a_stop_while_a_tool_runs_frees_the_slot_and_shows_the_tool_as_stopped(
    tmp_path: Path, sqlite_url: str
) -> None:
    async with alone(tmp_path, sqlite_url, Endless(), plain("Next."), slots=1) as server:
        generation = await server.ask()
        seen = await server.until(generation.id, "tool")
        await server.services.jobs.stop(generation.id)
        whole = await server.follow(generation.id)
        assert whole[: len(seen)] == seen
        tools = [(payload["index"], payload["status"]) for _, kind, payload in whole if kind == "tool"]
        assert tools[0] == (0, "running")
        assert tools[-1] == (0, "stopped")
        end = whole[-1][2]
        assert (end["status"], end["message"]["text"]) == ("stopped", "")
        assert [tool["status"] for tool in end["message"]["tools"]] == ["stopped"]
        _, reply = await server.messages(generation.chat_id)
        assert [tool.status for tool in reply.tools] == ["stopped"]
        await server.idle()
        assert server.agent.closed == 1
        following = await server.ask("And now?", generation.chat_id, reply.id)
        assert (await server.follow(following.id))[-1][2]["status"] == "complete"


class Endless:
    """An answer whose tool never comes back; while it is waited for, there are signs of life."""

    def __iter__(self) -> Iterator[Event]:
        yield ToolCalled(0, SUM)
        while True:
            time.sleep(0.01)
            yield TextDelta("")


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (RuntimeError("a secret"), "internal_error"),
        (UserError("the message is too long"), "invalid_request"),
        (EngineBusy("the engine is busy"), "overloaded"),
        ([TextDelta("Half"), Failed("the engine stopped")], "answer_failed"),
        ([TextDelta("Half")], "internal_error"),
    ],
)
async def test_C4_what_fails_says_so_and_frees_its_slot(
    tmp_path: Path, sqlite_url: str, answer: Any, code: str
) -> None:
    async with alone(tmp_path, sqlite_url, answer, plain("Next."), slots=1) as server:
        generation = await server.ask()
        seen = await server.follow(generation.id)
        assert [kind for _, kind, _ in seen[-2:]] == ["error", "end"]
        assert seen[-2][2]["code"] == code
        assert set(seen[-2][2]["message"]) == {"en", "zh"}
        assert "secret" not in str(seen)
        assert seen[-1][2]["status"] == "failed"
        reply = (await server.messages(generation.chat_id))[-1]
        assert (reply.status, reply.text) == ("failed", text_of(seen))
        assert reply.error is not None
        assert reply.error.code == code
        following = await server.ask()
        assert (await server.follow(following.id))[-1][2]["status"] == "complete"


async def cancel_at_random(folder: Path, url: str, count: int) -> None:
    """Begins replies and stops each at a random moment; afterwards every slot is free, and no task is left."""
    luck = random.Random(1)
    before = len(asyncio.all_tasks())
    async with alone(folder, url, Slow(), slots=8, queue_length=count, user_generations=count) as server:
        running = len(asyncio.all_tasks())

        one_at_a_time = asyncio.Lock()

        async def one() -> None:
            async with one_at_a_time:
                generation = await server.ask()
            await asyncio.sleep(luck.random() * 0.1)
            await server.services.jobs.stop(generation.id)
            assert (await server.follow(generation.id))[-1][2]["status"] in ("stopped", "complete")

        await asyncio.gather(*(one() for _ in range(count)))
        await server.idle()
        assert server.services.jobs.waiting == 0
        assert len(asyncio.all_tasks()) == running
    assert len(asyncio.all_tasks()) == before


class Slow:
    """An answer that anybody may have at the same time: a few words, with pauses."""

    def __iter__(self) -> Iterator[Event]:
        pause = threading.Event()
        for _ in range(10):
            pause.wait(0.005)
            yield TextDelta("word ")
        yield Finished("word " * 10, "stop")


async def test_C3_random_cancels_leave_nothing_behind(tmp_path: Path, sqlite_url: str) -> None:
    await cancel_at_random(tmp_path, sqlite_url, 16)


@pytest.mark.soak
async def test_C3_a_thousand_random_cancels_leave_nothing_behind(tmp_path: Path, sqlite_url: str) -> None:
    await cancel_at_random(tmp_path, sqlite_url, 1000)


async def test_a_fast_engine_loses_nothing_before_a_slow_database(tmp_path: Path, sqlite_url: str) -> None:
    made = 0

    def words() -> Iterator[Event]:
        nonlocal made
        while made < 5000:
            made += 1
            yield TextDelta("x")
        yield Finished("x" * 5000, "stop")

    async with alone(tmp_path, sqlite_url, words()) as server:
        generation = await server.ask()
        await server.until(generation.id, "started")
        async with server.services.database.session():  # nobody else writes now
            async with asyncio.timeout(PATIENCE):
                while made < 5000:
                    await asyncio.sleep(0.01)
        assert len((await server.follow(generation.id))[-1][2]["message"]["text"]) == 5000


async def test_D6_a_full_disk_ends_the_reply_and_the_next_one_works(
    tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = Dictated()
    monkeypatch.setattr("moss.server.event_log.PAUSES", ())
    async with alone(tmp_path, sqlite_url, answer, plain("Next."), stale_seconds=10.0) as server:
        generation = await server.ask()
        await server.until(generation.id, "started")
        database = server.services.database
        with monkeypatch.context() as broken:
            broken.setattr(database, "session", _full)
            answer.say(TextDelta("lost"), Finished("lost", "stop"))
            seen = await server.follow(generation.id)
        assert [kind for _, kind, _ in seen[-2:]] == ["error", "end"]
        assert seen[-2][2]["code"] == "storage"
        assert "lost" not in text_of(seen)
        await server.idle()
        following = await server.ask()
        assert (await server.follow(following.id))[-1][2]["status"] == "complete"


def _full() -> Any:
    raise Full("the disk of the database is full")


class Refusing:
    """A moderator that refuses what holds a word."""

    def __init__(self, word: str) -> None:
        self._word = word

    async def check(self, text: str, stage: Stage, language: str | None = None) -> Verdict:
        if self._word in text:
            return Verdict(False, ("test",), "refusing", {"en": "No.", "zh": "不。"})
        return ALLOWED

    async def aclose(self) -> None:
        pass


async def test_a_refused_prompt_is_not_answered(tmp_path: Path, sqlite_url: str) -> None:
    async with alone(tmp_path, sqlite_url, plain("Yes."), moderator=Refusing("evil")) as server:
        generation = await server.ask("an evil question")
        seen = await server.follow(generation.id)
        assert [kind for _, kind, _ in seen] == ["error", "end"]
        assert seen[0][2]["message"] == {"en": "No.", "zh": "不。"}
        assert seen[1][2]["status"] == "blocked"
        assert server.agent.asked == []
        # What is said next does not carry the refused words to the assistant.
        following = await server.ask("a good one", generation.chat_id, generation.message_id)
        await server.follow(following.id)
        assert [message.content for message in server.agent.asked[0][0].messages] == ["a good one"]


async def test_a_refused_reply_ends_where_the_refusal_began(tmp_path: Path, sqlite_url: str) -> None:
    answer = Dictated()
    async with alone(tmp_path, sqlite_url, answer, moderator=Refusing("evil")) as server:
        generation = await server.ask()
        answer.say(TextDelta("A good start. "))
        await server.until(generation.id, "text")
        answer.say(TextDelta("Then an ev"), TextDelta("il end, which it takes a good while to tell."), *plain("More."))
        seen = await server.follow(generation.id)
        assert "evil" not in text_of(seen)
        assert seen[-1][2]["status"] == "blocked"
        reply = (await server.messages(generation.chat_id))[-1]
        assert (reply.status, reply.text) == ("blocked", text_of(seen))
        async with server.services.database.reading() as session:
            row = await session.get_one(MessageRow, reply.id)
        assert row.moderation == "refused"


async def test_two_replies_side_by_side_are_a_choice(tmp_path: Path, sqlite_url: str) -> None:
    async with alone(tmp_path, sqlite_url, plain("One."), plain("Two."), compare_share=1.0) as server:
        chat_id = await server.new_chat()
        _, made = await server.desk.post(chat_id, "a", None, "Hello", Wish())
        assert len(made) == 2
        for generation in made:
            await server.follow(generation.id)
        _, first, second = await server.messages(chat_id)
        assert {first.text, second.text} == {"One.", "Two."}
        assert first.parent_id == second.parent_id
        async with server.services.database.reading() as session:
            choice = await session.scalar(select(Choice))
        assert choice is not None
        assert {choice.first_id, choice.second_id} == {first.id, second.id}
        assert first.choice_id == second.choice_id == choice.id
        temperatures = {sampling.temperature for _, sampling, _, _ in server.agent.asked}
        assert len(temperatures) == 2


async def test_a_reply_that_was_stopped_goes_on_where_it_ended(tmp_path: Path, sqlite_url: str) -> None:
    answer = Dictated()
    more = [TextDelta(" and the rest."), Finished(" and the rest.", "stop")]
    async with alone(tmp_path, sqlite_url, answer, more) as server:
        first = await server.ask("Tell me")
        answer.say(*with_tools("The beginning")[:-1])
        await server.until_text(first.id, "The beginning")
        await server.services.jobs.stop(first.id)
        (second,) = await server.desk.go_on(first.message_id)
        seen = await server.follow(second.id)
        assert second.message_id == first.message_id
        assert text_of(seen) == "The beginning and the rest."
        reply = (await server.messages(first.chat_id))[-1]
        assert (reply.text, reply.status) == ("The beginning and the rest.", "complete")
        assert [tool.status for tool in reply.tools] == ["ok", "ok"]
        said = server.agent.asked[1][0].messages
        assert [message.role for message in said] == ["user", "assistant"]
        assert said[1].content == "The beginning"
        with pytest.raises(Conflict):
            await server.desk.go_on(reply.parent_id or "")


async def test_a_continuation_that_is_stopped_in_the_queue_keeps_what_was_said(tmp_path: Path, sqlite_url: str) -> None:
    cut = [*with_tools("The beginning")[:-1], Finished("The beginning", "length")]
    async with alone(tmp_path, sqlite_url, cut, Dictated(), slots=1) as server:
        first = await server.ask("Tell me")
        before = (await server.follow(first.id))[-1][2]["message"]
        occupied = await server.ask("Another")
        await server.until(occupied.id, "started")
        (second,) = await server.desk.go_on(first.message_id)
        await server.services.jobs.stop(second.id)
        after = (await server.follow(second.id))[-1][2]["message"]
        for field in ("text", "html", "thoughts", "tools"):
            assert after[field] == before[field]
        assert (await server.messages(first.chat_id))[-1].text == "The beginning"


async def test_D1_what_a_killed_server_left_is_ended_with_what_was_committed(tmp_path: Path, database_url: str) -> None:
    answer = Dictated()
    async with alone(tmp_path, database_url, answer) as dead:
        generation = await dead.ask()
        answer.say(TextDelta("What was committed.\n\n"), TextDelta("And more"))
        seen = await dead.until(generation.id, "text")
        worker = dead.services.jobs.worker
        # Another server on the same database does not touch the reply of one that lives ...
        async with alone(tmp_path, database_url, plain("Other.")) as other:
            assert await _status(other.services.database, generation.id) == "running"
        # ... and ends that of one whose sign of life is gone.
        lock = tmp_path / "servers" / f"{worker}.lock"
        lock.unlink()
        lock.touch()
        async with alone(tmp_path, database_url, plain("Other.")) as other:
            assert await _status(other.services.database, generation.id) == "interrupted"
            after = await other.follow(generation.id)
            assert after[: len(seen)] == seen
            assert [kind for _, kind, _ in after[-2:]] == ["error", "end"]
            reply = (await other.messages(generation.chat_id))[-1]
            assert (reply.status, reply.text) == ("interrupted", text_of(after))
            assert not lock.exists()
        # The one that was taken for dead notices, and writes nothing more.
        answer.say(TextDelta("too late"), Finished("", "stop"))
        await dead.idle()
        assert await _status(dead.services.database, generation.id) == "interrupted"


async def _status(database: Database, generation_id: str) -> str:
    async with database.reading() as session:
        return (await session.get_one(Generation, generation_id)).status


async def test_C5_a_drained_server_takes_nothing_and_ends_what_does_not_end(tmp_path: Path, sqlite_url: str) -> None:
    fast, slow = Dictated(), Dictated()
    async with alone(tmp_path, sqlite_url, fast, slow, slots=2) as server:
        jobs = server.services.jobs
        ends, hangs, waits = [await server.ask() for _ in range(3)]
        slow.say(TextDelta("Unfinished"))
        fast.say(TextDelta("Fin"))
        await server.until(hangs.id, "text")
        draining = asyncio.create_task(jobs.drain(PATIENCE))
        await asyncio.sleep(0)
        with pytest.raises(ApiError) as refusal:
            await server.ask()
        assert (refusal.value.status, refusal.value.retry_after) == (503, 5)
        fast.say(TextDelta("ished."), Finished("Finished.", "stop"))
        assert (await server.follow(ends.id))[-1][2]["status"] == "complete"
        await jobs.interrupt()  # as when the time is over
        await draining
        statuses = [(await server.follow(one.id))[-1][2]["status"] for one in (hangs, waits)]
        assert statuses == ["interrupted", "interrupted"]
        assert (await server.messages(hangs.chat_id))[-1].text == "Unfinished"
        async with server.services.database.reading() as session:
            unfinished = select(func.count()).where(Generation.status.in_(["queued", "running"]))
            assert await session.scalar(unfinished) == 0


async def test_an_edit_is_a_branch_with_the_history_of_its_own(tmp_path: Path, sqlite_url: str) -> None:
    async with alone(tmp_path, sqlite_url, plain("A1."), plain("A2."), plain("B2.")) as server:
        first = await server.ask("Q1")
        await server.follow(first.id)
        second = await server.ask("Q2", first.chat_id, first.message_id)
        await server.follow(second.id)
        edited = await server.ask("Q2 edited", first.chat_id, first.message_id, tools=("Search",))
        await server.follow(edited.id)
        conversation, _, tools, _ = server.agent.asked[2]
        assert conversation.messages == (
            Message("user", "Q1"),
            Message("assistant", "A1."),
            Message("user", "Q2 edited"),
        )
        assert tools == ("Search",)
        assert len(await server.messages(first.chat_id)) == 6
