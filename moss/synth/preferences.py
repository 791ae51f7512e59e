"""Replies to the same contexts from several sources, as rankings that wait for a judge.

    gather(contexts, [agent_source("warm", agent, hot), endpoint_source("other", endpoint)], "replies.jsonl")

A source is a name and a callable: an assistant with some sampling and quality, an earlier checkpoint, any model behind
an OpenAI-compatible endpoint. Replies are gathered concurrently, one line a context, in the order of the contexts; a
run that was killed goes on where it ended. Not here: scores (`judges.py`), pairs (`data/preferences.py`).
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence, Set
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..conversation import AssistantTurn, Candidate, Conversation, Message, Ranking, check_turn
from ..data.preferences import context_key
from ..errors import UserError
from ..events import Failed, fold
from .endpoint import ChatEndpoint, NoAnswer
from .jsonl_log import JsonlLog

if TYPE_CHECKING:
    from ..agent import Answering
    from ..engine.params import SamplingParams

AHEAD = 4
"""Contexts under way for each that can be answered at once, so that one slow reply does not keep the others waiting."""

Progress = Callable[[int], None]
"""Told how many contexts are done."""


@dataclass(frozen=True)
class Source:
    """Where replies come from."""

    name: str
    """Distinct among the sources of one run; the `source` of its candidates."""
    reply: Callable[[Conversation], AssistantTurn]
    """Answers a context. Called by several threads; raises NoAnswer or UserError where there is no reply to it."""


def agent_source(
    name: str, agent: Answering, sampling: SamplingParams | None = None, quality: int | None = None
) -> Source:
    """Replies of an agent with its tools, at this sampling and, where it was trained with tags, this quality."""

    def reply(context: Conversation) -> AssistantTurn:
        events = list(agent.run(context, sampling, context.tools, quality))
        failed = next((event for event in events if isinstance(event, Failed)), None)
        if failed is not None:
            raise NoAnswer(f"failed: {failed.message}")
        return tuple(fold(events))

    return Source(name, reply)


def endpoint_source(name: str, endpoint: ChatEndpoint, **sampling: Any) -> Source:
    """Replies of a model behind an endpoint, which has no tools and sees only what was said."""

    def reply(context: Conversation) -> AssistantTurn:
        spoken = [{"role": m.role, "content": m.content} for m in context.messages if m.content]
        return (Message("assistant", endpoint.complete(spoken, **sampling)),)

    return Source(name, reply)


@dataclass
class Gathered:
    """What came of a run."""

    contexts: int = 0
    """Lines in the file."""
    resumed: int = 0
    """Those of them that were there before."""
    repeated: int = 0
    """Contexts that came a second time and were answered once."""
    replies: Counter[str] = field(default_factory=Counter)
    """By source."""
    failed: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Replies that there are not, by (source, reason)."""

    def add(self, ranking: Ranking) -> None:
        """Counts one line."""
        self.contexts += 1
        self.replies.update(candidate.source for candidate in ranking.candidates)
        self.failed.update(ranking.meta.get("failed", {}).items())


def gather(
    contexts: Iterable[Conversation],
    sources: Sequence[Source],
    out: str | Path,
    *,
    concurrent: int = 8,
    progress: Progress | None = None,
) -> Gathered:
    """Asks every source for a reply to every context and writes the rankings, without scores, to `out`.

    `concurrent` replies are under way at once. A source without a reply to a context is noted in the ranking's
    `meta["failed"]` and counted; the others' replies are kept. What `out` holds already is not asked for again; raises
    UserError where it comes from other sources.
    """
    _check_names(sources)
    log, found = JsonlLog(Path(out)), Gathered()
    done = _resumed(log, sources, found)
    waiting: deque[tuple[Conversation, list[Future[AssistantTurn]]]] = deque()

    def write_oldest() -> None:
        ranking = _ranking(*waiting.popleft(), sources)
        log.append(ranking.to_dict())
        found.add(ranking)
        if progress is not None:
            progress(found.contexts)

    pool = ThreadPoolExecutor(concurrent, thread_name_prefix="gather")
    try:
        for context in _not_done(contexts, done, found):
            waiting.append((context, [pool.submit(source.reply, context) for source in sources]))
            if len(waiting) * len(sources) >= AHEAD * concurrent:
                write_oldest()
        while waiting:
            write_oldest()
    finally:
        pool.shutdown(cancel_futures=True)
    return found


def _resumed(log: JsonlLog, sources: Sequence[Source], found: Gathered) -> set[Hashable]:
    """The contexts that an earlier run has answered; counts its lines."""
    done = set()
    for number, line in enumerate(log.read(), start=1):
        ranking = _earlier(line, sources, f"{log.path}, line {number}")
        found.add(ranking)
        done.add(context_key(ranking.context))
    found.resumed = found.contexts
    return done


def _not_done(contexts: Iterable[Conversation], done: Set[Hashable], found: Gathered) -> Iterator[Conversation]:
    """Each context once, without those that are done."""
    seen: set[Hashable] = set()
    for context in contexts:
        key = context_key(context)
        found.repeated += key in seen
        if key not in seen and key not in done:
            yield context
        seen.add(key)


def _check_names(sources: Sequence[Source]) -> None:
    names = Counter(source.name for source in sources)
    if not names:
        raise UserError("no source of replies was given")
    twice = [name for name, count in names.items() if count > 1]
    if twice:
        raise UserError(f"two sources are called {twice[0]!r}: give each a name of its own")


def _earlier(line: dict[str, Any], sources: Sequence[Source], where: str) -> Ranking:
    """A ranking of an earlier run, which asked the same sources."""
    try:
        ranking = Ranking.from_dict(line)
    except UserError as error:
        raise UserError(f"{where}: {error}") from None
    asked = {candidate.source for candidate in ranking.candidates} | set(ranking.meta.get("failed", {}))
    wanted = {source.name for source in sources}
    if asked != wanted:
        names = ", ".join(sorted(asked))
        raise UserError(f"{where}: has replies of {names}, not of {', '.join(sorted(wanted))}; name another file")
    return ranking


def _ranking(context: Conversation, replies: Sequence[Future[AssistantTurn]], sources: Sequence[Source]) -> Ranking:
    candidates, failed = [], {}
    for source, reply in zip(sources, replies, strict=True):
        try:
            turn = reply.result()
            check_turn("reply", turn)
            candidates.append(Candidate(turn, source.name))
        except (NoAnswer, UserError) as reason:
            failed[source.name] = str(reason)
    meta = {**context.meta, **({"failed": failed} if failed else {})}
    return Ranking(context, tuple(candidates), meta)
