"""What /metrics tells, and what it cannot be made to tell."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry
from sqlalchemy import text

from moss.conversation import Conversation, Message, ToolCall
from moss.engine.params import SamplingParams
from moss.errors import EngineBusy, UserError
from moss.events import Event, Failed, Finished, TextDelta, ToolCalled, ToolReturned
from moss.server.metrics import Metrics
from moss.server.moderation import RuleModerator
from moss.server.store.database import Database
from tests.fake_agent import assistant_that_says, plain, with_tools

QUESTION = Conversation((Message("user", "what nobody may read"),))


def value(registry: CollectorRegistry, name: str, **labels: str) -> float:
    found = registry.get_sample_value(name, labels)
    assert found is not None, f"there is no {name}{labels}"
    return found


def measured(*answers: list[Event] | BaseException) -> tuple[Metrics, Iterator[Iterator[Event]]]:
    """The metrics, and one answer after the other."""
    assistant, _ = assistant_that_says(*answers)
    metrics = Metrics("fake", assistant.toolbox.names)
    wrapped = metrics.assistant(assistant)
    return metrics, (wrapped.reply(QUESTION, SamplingParams()) for _ in answers)


NAMES = {
    "requests": "moss:request_success_total",
    "time to first token": "gen_ai_server_time_to_first_token_seconds_bucket",
    "time per token": "gen_ai_server_time_per_output_token_seconds_bucket",
    "inter-token": "moss:inter_token_latency_seconds_bucket",
    "duration": "gen_ai_server_request_duration_seconds_bucket",
    "queue": "moss:num_requests_waiting",
    "queue time": "moss:request_queue_time_seconds_bucket",
    "running": "moss:num_requests_running",
    "slots": "moss:num_slots",
    "tokens read": "moss:prompt_tokens_total",
    "tokens written": "moss:generation_tokens_total",
    "tool latency": "gen_ai_execute_tool_duration_seconds_bucket",
    "tool failures": "moss:tool_calls_total",
    "moderation": "moss:moderation_checks_total",
    "database": "db_client_operation_duration_seconds_bucket",
    "http": "http_server_request_duration_seconds_bucket",
    "memory": "process_resident_memory_bytes",
}


async def test_O1_every_figure_of_the_catalogue_is_there(tmp_path: Path) -> None:
    metrics, answers = measured(with_tools())
    list(next(answers))
    await metrics.moderator(RuleModerator()).check("hello", "prompt")
    metrics.request("GET", "/api/chats/{id}", 200, 0.1)
    metrics.queued.observe(0.1)
    database = Database(f"sqlite:///{tmp_path / 'moss.db'}")
    metrics.database(database.engines)
    async with database.session() as session:
        await session.execute(text("SELECT 1"))
    await database.close()
    body, content_type = metrics.exposition("text/plain")
    told = body.decode()
    assert content_type.startswith("text/plain")
    missing = {what for what, name in NAMES.items() if f"\n{name}" not in told}
    assert not missing
    assert value(metrics.registry, "moss:generation_tokens_total") == 30
    assert value(metrics.registry, "moss:tool_calls_total", tool="Calculate", status="ok") == 1
    statements = {"db_system_name": "sqlite", "db_operation_name": "SELECT"}
    assert value(metrics.registry, "db_client_operation_duration_seconds_count", **statements) == 1


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (plain("hi"), "stop"),
        ([TextDelta("hi"), Finished("hi", "length", 1, 2)], "length"),
        ([TextDelta("hi"), Failed("no")], "failed"),
        (EngineBusy("full"), "busy"),
        (UserError("no such tool"), "refused"),
        (RuntimeError("a defect"), "failed"),
        ([TextDelta("hi"), Finished("hi", "a reason that nobody knows")], "_OTHER"),
    ],
)
def test_O1_answers_are_counted_by_how_they_ended(answer: list[Event] | BaseException, reason: str) -> None:
    metrics, answers = measured(answer)
    with suppress(UserError, RuntimeError):
        list(next(answers))
    assert value(metrics.registry, "moss:request_success_total", finished_reason=reason) == 1
    assert value(metrics.registry, "moss:num_requests_running") == 0


def test_an_answer_that_is_left_is_aborted_and_no_longer_running() -> None:
    metrics, answers = measured(plain("hello"))
    answer = next(answers)
    next(answer)
    assert value(metrics.registry, "moss:num_requests_running") == 1
    answer.close()  # type: ignore[attr-defined]
    assert value(metrics.registry, "moss:num_requests_running") == 0
    assert value(metrics.registry, "moss:request_success_total", finished_reason="aborted") == 1


def test_O1_no_name_that_a_client_or_the_model_makes_up_becomes_a_label() -> None:
    invented = [
        event
        for number in range(500)
        for call in [ToolCall(f"Tool{number}", "x")]
        for event in (ToolCalled(number, call), ToolReturned(number, replace(call, result="", status="failed")))
    ]
    metrics, answers = measured([*invented, Finished("", "stop")])
    before = metrics.exposition("")[0].count(b"\n")
    list(next(answers))
    for number in range(500):
        metrics.request(f"METHOD{number}", "", 404, 0.1)
    after = metrics.exposition("")[0].count(b"\n")
    assert after - before < 150


def test_O1_metrics_never_show_what_was_said() -> None:
    secret = "what nobody may read"
    metrics, answers = measured([TextDelta(secret), Finished(secret, "stop", 1, 1)], UserError(secret))
    list(next(answers))
    with suppress(UserError):
        list(next(answers))
    assert secret not in metrics.exposition("")[0].decode()


async def test_the_lag_of_the_event_loop_is_seen() -> None:
    import time

    metrics = Metrics("fake")
    watching = asyncio.create_task(metrics.watch_loop())
    await asyncio.sleep(0.1)
    time.sleep(0.6)
    await asyncio.sleep(0.1)
    watching.cancel()
    assert value(metrics.registry, "moss:event_loop_lag_seconds_sum") > 0.2


async def test_verdicts_are_counted_by_stage() -> None:
    metrics = Metrics("fake")
    moderator = metrics.moderator(RuleModerator())
    await moderator.check("hello", "prompt")
    await moderator.check("hello", "reply")
    assert value(metrics.registry, "moss:moderation_checks_total", stage="reply", verdict="allowed") == 1
    await moderator.aclose()
