"""What a server measures of itself, for Prometheus: answers, tools, moderation, database, requests, processes.

Names are those of OpenTelemetry's conventions (`gen_ai.*`, `http.server.*`, `db.client.*`) where they have one, else
vLLM's with `moss:` for `vllm:`; docs/reference/metrics.md lists them. A label never holds what a client chose: names of
models and tools are the server's own, routes are patterns. So the number of series is known beforehand, and no text of
anybody's is shown. Not here: who may read them (`operation_api.py`).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Generator, Iterable, Sequence
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import choose_encoder
from prometheus_client.gc_collector import GCCollector
from prometheus_client.process_collector import ProcessCollector
from sqlalchemy import event as database_events

from ..errors import EngineBusy, UserError
from ..events import Event, Failed, Finished, TextDelta, ThoughtDelta, ToolCalled, ToolReturned
from .pushed import Ended, Hear, PushedAnswer
from .worker import Worker

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

    from ..agent import Answering
    from ..assistant import Assistant
    from ..conversation import Conversation
    from ..engine.params import SamplingParams
    from ..terms import Terms
    from .jobs import Jobs
    from .moderation import Moderator, Stage, Verdict

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
STATEMENTS = frozenset({"SELECT", "INSERT", "UPDATE", "DELETE", "BEGIN", "COMMIT", "PRAGMA"})
OTHER = "_OTHER"
"""What every value that is not in the lists is counted as."""
REASONS = frozenset({"stop", "length", "tool_calls", "aborted"})
"""How an answer that did not fail may end."""

TOKEN_SECONDS = (0.005, 0.01, 0.02, 0.04, 0.08, 0.15, 0.3, 0.6, 1.2, 2.5, 5, 10)
WAIT_SECONDS = (0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 80, 160, 320)
CALL_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20)
LAG_EVERY_SECONDS = 0.25


class Metrics:
    """All measurements of one server; each server has its own, so that tests may have several."""

    def __init__(self, model: str, tools: Iterable[str] = ()) -> None:
        """`model`, `tools`: the names that may stand in labels."""
        self._tools = frozenset(tools)
        self._model = {"gen_ai_operation_name": "chat", "gen_ai_request_model": model}
        self.registry = CollectorRegistry()
        GCCollector(registry=self.registry)
        ProcessCollector(registry=self.registry)
        self._measure_answers()
        self._measure_work()
        self._measure_requests()

    def exposition(self, accept: str) -> tuple[bytes, str]:
        """The body and content type of `GET /metrics`, in the form that the Accept header asks for."""
        encode, content_type = choose_encoder(accept)
        return encode(self.registry), content_type

    # --- what is measured ---------------------------------------------------------------------------------------------

    def _measure_answers(self) -> None:
        self.first_token = self._histogram(
            "gen_ai_server_time_to_first_token_seconds", "From the question to the first text.", WAIT_SECONDS
        )
        self.per_token = self._histogram(
            "gen_ai_server_time_per_output_token_seconds",
            "Mean time of a token after the first.",
            TOKEN_SECONDS,
        )
        self.duration = self._histogram(
            "gen_ai_server_request_duration_seconds", "From the question to the end of the answer.", WAIT_SECONDS
        )
        self.between = self._histogram(
            "moss:inter_token_latency_seconds", "Between two pieces of an answer's text.", TOKEN_SECONDS
        )
        self.queued = self._plain_histogram("moss:request_queue_time_seconds", "Wait for a slot.", WAIT_SECONDS)
        self.ended = self._counter("moss:request_success", "Answers that ended, by how.", "finished_reason")
        self.prompt_tokens = self._counter("moss:prompt_tokens", "Tokens that were read.")
        self.generated_tokens = self._counter("moss:generation_tokens", "Tokens that were written.")
        self.running = self._gauge("moss:num_requests_running", "Answers that are being made.")
        self.waiting = self._gauge("moss:num_requests_waiting", "Replies that wait for a slot.")
        self.slots = self._gauge("moss:num_slots", "Replies of chats that may be made at once.")
        self.slots_taken = self._gauge("moss:num_slots_taken", "Replies of chats that are being made.")

    def _measure_work(self) -> None:
        self.tool_duration = self._plain_histogram(
            "gen_ai_execute_tool_duration_seconds", "Time of a tool's call.", CALL_SECONDS, "gen_ai_tool_name"
        )
        self.tool_calls = self._counter("moss:tool_calls", "Calls of tools, by how they ended.", "tool", "status")
        self.verdicts = self._counter("moss:moderation_checks", "Texts that were judged.", "stage", "verdict")
        self.judging = self._plain_histogram("moss:moderation_duration_seconds", "Time of it.", CALL_SECONDS, "stage")
        self.statements = self._plain_histogram(
            "db_client_operation_duration_seconds",
            "Time of a statement.",
            CALL_SECONDS,
            "db_system_name",
            "db_operation_name",
        )
        self.statement_errors = self._counter("moss:db_errors", "Statements that the database refused.")
        self.connections = self._gauge("db_client_connection_count", "Connections in use.")

    def _measure_requests(self) -> None:
        self.requests = self._plain_histogram(
            "http_server_request_duration_seconds",
            "From a request to the end of its answer.",
            (*CALL_SECONDS, 60, 300),
            "http_request_method",
            "http_route",
            "http_response_status_code",
        )
        self.loop_lag = self._plain_histogram(
            "moss:event_loop_lag_seconds", "How late the event loop wakes who slept.", CALL_SECONDS
        )
        self.tasks = self._gauge("moss:event_loop_tasks", "Tasks of the event loop.")
        self.ready = self._gauge("moss:ready", "1 where the assistant can answer, else 0.")
        self.worker_restarts = self._gauge("moss:worker_restarts", "Times that the assistant's process was lost.")
        self.worker_memory = self._gauge("moss:worker_resident_memory_bytes", "Memory of the assistant's process.")

    # --- what it is measured on ---------------------------------------------------------------------------------------

    def assistant(self, assistant: Assistant) -> Assistant:
        """The same assistant, its answers measured."""
        self.ready.set_function(lambda: assistant.state == "ready")
        worker = assistant.engine
        if isinstance(worker, Worker):
            self.worker_restarts.set_function(lambda: worker.restarts)
            self.worker_memory.set_function(lambda: worker.told.get("resident_bytes") or 0)
        return replace(assistant, agent=MeasuredAgent(assistant.agent, self))

    def moderator(self, moderator: Moderator) -> Moderator:
        """The same moderator, its verdicts counted."""
        return MeasuredModerator(moderator, self)

    def jobs(self, jobs: Jobs) -> None:
        """Slots and queue of the chats' replies."""
        self.slots.set(jobs.slots)
        self.slots_taken.set_function(lambda: jobs.slots_taken)
        self.waiting.set_function(lambda: jobs.waiting)
        jobs.note_wait = self.queued.observe

    def database(self, engines: Iterable[AsyncEngine]) -> None:
        """Statements and connections of these engines."""
        pools = []
        for engine in engines:
            self._time_statements(engine)
            pools.append(engine.sync_engine.pool)
        self.connections.set_function(lambda: sum(getattr(pool, "checkedout", int)() for pool in pools))

    async def watch_loop(self) -> None:
        """Measures for ever how late the event loop is, and how much it has to do; a task of the server's."""
        loop = asyncio.get_running_loop()
        self.tasks.set_function(lambda: len(asyncio.all_tasks(loop)))
        while True:
            before = time.perf_counter()
            await asyncio.sleep(LAG_EVERY_SECONDS)
            self.loop_lag.observe(max(0.0, time.perf_counter() - before - LAG_EVERY_SECONDS))

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Notes a request that was answered; `route` is a pattern of ours, `status` 0 where the client left."""
        known = method if method in METHODS else OTHER
        self.requests.labels(known, route, str(status)).observe(seconds)

    def tool(self, name: str, status: str, seconds: float) -> None:
        """Notes a call of a tool that came back."""
        known = name if name in self._tools else OTHER
        self.tool_duration.labels(known).observe(seconds)
        self.tool_calls.labels(known, status).inc()

    def _time_statements(self, engine: AsyncEngine) -> None:
        system = engine.dialect.name

        # The arguments are what SQLAlchemy's events bring along; the cursor's context is where it keeps things.
        def begun(connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
            context.moss_begun = time.perf_counter()

        def ended(connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
            operation = statement.lstrip()[:12].split(" ", 1)[0].upper()
            known = operation if operation in STATEMENTS else OTHER
            self.statements.labels(system, known).observe(time.perf_counter() - context.moss_begun)

        def failed(context: Any) -> None:
            self.statement_errors.inc()

        database_events.listen(engine.sync_engine, "before_cursor_execute", begun)
        database_events.listen(engine.sync_engine, "after_cursor_execute", ended)
        database_events.listen(engine.sync_engine, "handle_error", failed)

    # --- how it is declared -------------------------------------------------------------------------------------------

    def _histogram(self, name: str, what: str, buckets: Sequence[float]) -> Histogram:
        return self._plain_histogram(name, what, buckets, *self._model).labels(**self._model)

    def _plain_histogram(self, name: str, what: str, buckets: Sequence[float], *labels: str) -> Histogram:
        return Histogram(name, what, labels, buckets=buckets, registry=self.registry)

    def _counter(self, name: str, what: str, *labels: str) -> Counter:
        return Counter(name, what, labels, registry=self.registry)

    def _gauge(self, name: str, what: str) -> Gauge:
        return Gauge(name, what, registry=self.registry)


class MeasuredAgent:
    """An agent whose answers are measured where the server sees them: in the order and at the time of their events."""

    def __init__(self, agent: Answering, metrics: Metrics) -> None:
        self.agent = agent
        self._metrics = metrics

    def run(
        self,
        conversation: Conversation,
        sampling: SamplingParams | None = None,
        tools: Sequence[str] | None = None,
        quality: int | None = None,
        terms: Terms | None = None,
    ) -> Generator[Event, None, None]:
        """As the agent's own."""
        asked_at = time.perf_counter()
        try:
            events = self.agent.run(conversation, sampling, tools, quality, terms)
        except Exception as error:
            self._metrics.ended.labels(_failure(error)).inc()
            raise
        progress = _Progress(self._metrics, asked_at)
        return _Measured(events, progress) if isinstance(events, PushedAnswer) else _measured(events, progress)


def _measured(events: Generator[Event, None, None], progress: _Progress) -> Generator[Event, None, None]:
    error: BaseException | None = None
    progress.begin()
    try:
        with closing(events):
            for event in events:
                progress.see(event)
                yield event
    except Exception as raised:
        error = raised
        raise
    finally:
        progress.end(error)


class _Measured(PushedAnswer):
    """An answer that is measured while it is handed on."""

    def __init__(self, answer: PushedAnswer, progress: _Progress) -> None:
        super().__init__()
        self._answer, self._progress = answer, progress

    def push(self, hear: Hear, ended: Ended) -> None:
        def seen(event: Event) -> None:
            self._progress.see(event)
            hear(event)

        def over(error: BaseException | None) -> None:
            self._progress.end(error)
            ended(error)

        self._progress.begin()
        try:
            self._answer.push(seen, over)
        except Exception as error:
            self._progress.end(error)
            raise

    def give_up(self) -> None:
        self._answer.close()


class _Progress:
    """The times of one answer, and how it ended."""

    def __init__(self, metrics: Metrics, asked_at: float) -> None:
        self._metrics = metrics
        self._asked_at = asked_at
        self._reason = "aborted"
        self._first_at: float | None = None
        self._last_at = asked_at
        self._called: dict[int, float] = {}

    def begin(self) -> None:
        """Notes that the answer is being made."""
        self._metrics.running.inc()

    def see(self, event: Event) -> None:
        """Notes an event."""
        now = time.perf_counter()
        match event:
            case TextDelta("") | ThoughtDelta(""):
                pass  # a sign of life alone
            case TextDelta() | ThoughtDelta():
                if self._first_at is None:
                    self._first_at = now
                    self._metrics.first_token.observe(now - self._asked_at)
                else:
                    self._metrics.between.observe(now - self._last_at)
                self._last_at = now
            case ToolCalled(index, _):
                self._called[index] = now
            case ToolReturned(index, call):
                self._metrics.tool(call.name, call.status or "failed", now - self._called.get(index, now))
                self._last_at = now  # a tool's time is not the model's
            case Finished():
                self._finished(event, now)
                self._reason = event.finish_reason if event.finish_reason in REASONS else OTHER
            case Failed():
                self._reason = "failed"

    def end(self, error: BaseException | None) -> None:
        """Notes that nothing more comes."""
        self._metrics.running.dec()
        self._metrics.duration.observe(time.perf_counter() - self._asked_at)
        self._metrics.ended.labels(self._reason if error is None else _failure(error)).inc()

    def _finished(self, event: Finished, now: float) -> None:
        self._metrics.prompt_tokens.inc(event.prompt_tokens)
        self._metrics.generated_tokens.inc(event.completion_tokens)
        if self._first_at is not None and event.completion_tokens > 1:
            self._metrics.per_token.observe((now - self._first_at) / (event.completion_tokens - 1))


def _failure(error: BaseException) -> str:
    match error:
        case EngineBusy():
            return "busy"
        case UserError():
            return "refused"
        case _:
            return "failed"


class MeasuredModerator:
    """A moderator whose verdicts are counted."""

    def __init__(self, moderator: Moderator, metrics: Metrics) -> None:
        self._moderator = moderator
        self._metrics = metrics

    async def check(self, text: str, stage: Stage, language: str | None = None) -> Verdict:
        """As the moderator's own."""
        before = time.perf_counter()
        verdict = await self._moderator.check(text, stage, language)
        self._metrics.judging.labels(stage).observe(time.perf_counter() - before)
        self._metrics.verdicts.labels(stage, "allowed" if verdict.allowed else "refused").inc()
        return verdict

    async def aclose(self) -> None:
        """As the moderator's own."""
        await self._moderator.aclose()
