"""A reply on its way from the assistant to its log: moderated, cut into blocks that are rendered once, and summed up.

    events ──gates──► Reply ──► lines (thought, text, tool, stage) ──blocks──► lines (block) ──► event log

Not here: where the events come from and when the lines are written (`jobs.py`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from ..conversation import Conversation, Message, ToolCall
from ..events import Calling, Event, Failed, Finished, TextDelta, ThoughtDelta, ToolCalled, ToolReturned
from .markup import Block, BlockSplitter, render_block
from .moderation import BurstGate, ClauseGate, Moderator, Verdict
from .replies import INTERNAL, PROBLEMS, Line, Problem, Reply, coalesced
from .store.schema import Stage

if TYPE_CHECKING:
    from ..engine.params import SamplingParams

EndStatus = Literal["complete", "stopped", "failed", "interrupted", "blocked"]
"""What a reply can be when it is over."""


@dataclass(frozen=True)
class Order:
    """A reply that is asked for; its records exist."""

    generation_id: str
    message_id: str
    """The reply's own message."""
    parent_id: str
    """The user's message that it answers."""
    chat_id: str
    user_id: str
    created_at: int
    prompt: str
    """What the user said, to be judged before it is answered."""
    conversation: Conversation
    sampling: SamplingParams
    quality: int | None = None
    language: str | None = None
    model: str | None = None
    said: tuple[Event, ...] = ()
    """What the reply begins with, where it goes on with what was said before."""
    choice_id: str | None = None


@dataclass(frozen=True)
class Ending:
    """How a reply ended."""

    status: EndStatus
    finish_reason: str | None = None
    prompt_tokens: int = 0
    completion_tokens: int = 0
    problem: Problem | None = None
    refusal: tuple[Stage, Verdict] | None = None
    """What moderation said, where it ended the reply."""


def refused(verdict: Verdict, stage: Stage) -> Ending:
    """The ending of a reply that moderation does not let through."""
    return Ending("blocked", "content_filter", problem=Problem("blocked", verdict.message), refusal=(stage, verdict))


KeepFiles = Callable[[str, str | None, ToolCall], Awaitable[ToolCall]]
"""`Pictures.keep`: of this user, of this message; the call with addresses in place of paths."""


class Draft:
    """One reply while it is written."""

    def __init__(self, order: Order, moderator: Moderator, keep_files: KeepFiles, *, whole_clauses: bool) -> None:
        """With `whole_clauses` no word is shown before its clause is judged, for moderators that take their time."""
        self.lines: list[Line] = []
        """What is still to be written to the log."""
        gate = ClauseGate if whole_clauses else BurstGate
        self._order = order
        self._keep_files = keep_files
        self._reply = Reply(order.quality)
        self._splitter = BlockSplitter()
        self._blocks: list[str] = []
        self._gates: dict[type[ThoughtDelta] | type[TextDelta], ClauseGate] = {
            ThoughtDelta: gate(moderator, order.language),
            TextDelta: gate(moderator, order.language),
        }
        self._tokens = 0
        self._opened = False

    @property
    def messages(self) -> list[Message]:
        """The assistant's messages that it amounts to."""
        return self._reply.messages()

    @property
    def html(self) -> str:
        """Its text as HTML, as far as its blocks are closed."""
        return "".join(self._blocks)

    @property
    def tokens(self) -> int:
        """About how many tokens were made, for a reply that ends before the assistant tells."""
        return self._tokens

    async def open(self) -> None:
        """Begins with what the assistant does first, and what was said before."""
        self._opened = True
        self.lines.append(Line("started", {"message_id": self._order.message_id}))
        self.lines += self._reply.stage("thinking" if self._order.conversation.tools else "answering")
        for event in self._order.said:
            await self._add(event)

    async def take(self, events: Sequence[Event]) -> Ending | None:
        """Adds the events; how the reply ends, where one of them is its end."""
        self._tokens += sum(map(_is_token, events))
        for event in coalesced(events):
            for cleared in await self._cleared(event):
                await self._add(cleared)
            if (ending := self._ending(event)) is not None:
                return ending
        return None

    async def close(self) -> None:
        """Adds the last blocks, whatever the reply ended with. What was said before stays, also where nothing came.

        A tool that still runs is shown as stopped.
        """
        if self._order.said and not self._opened:
            await self.open()
        self.lines += self._reply.close()
        await self._render(self._splitter.finish())

    async def _cleared(self, event: Event) -> list[Event]:
        """The event as far as it may be shown, after what was held back before it."""
        match event:
            case TextDelta(text):
                return [TextDelta(shown)] if (shown := await self._gates[TextDelta].push(text)) else []
            case ThoughtDelta(text):
                return [ThoughtDelta(shown)] if (shown := await self._gates[ThoughtDelta].push(text)) else []
            case Calling() | ToolCalled() | ToolReturned():
                # The thought has ended where commands begin; nothing of it may come later.
                thought = await self._gates[ThoughtDelta].flush()
                return [*([ThoughtDelta(thought)] if thought else []), event]
            case _:
                held = [(kind, await gate.flush()) for kind, gate in self._gates.items()]
                return [kind(text) for kind, text in held if text]

    def _ending(self, event: Event) -> Ending | None:
        for gate in self._gates.values():
            if gate.verdict is not None:
                return refused(gate.verdict, "reply")
        match event:
            case Finished(_, reason, prompt_tokens, completion_tokens):
                status: EndStatus = "stopped" if reason == "aborted" else "complete"
                return Ending(status, reason, prompt_tokens, completion_tokens)
            case Failed(message):
                text = {"en": message, "zh": f"{PROBLEMS[INTERNAL]['zh']}（{message}）"}
                return Ending("failed", problem=Problem("answer_failed", text))
            case _:
                return None

    async def _add(self, event: Event) -> None:
        if isinstance(event, ToolReturned) and event.call.files:
            kept = await self._keep_files(self._order.user_id, self._order.message_id, event.call)
            event = ToolReturned(event.index, kept)
        self.lines += self._reply.take(event)
        if isinstance(event, TextDelta):
            await self._render(self._splitter.feed(event.text))

    async def _render(self, blocks: Sequence[Block]) -> None:
        for block in blocks:
            # In a thread: a page of code takes tens of milliseconds, and everybody's streams run in this one.
            html = await asyncio.to_thread(render_block, block, self._reply.citations)
            self.lines.append(Line("block", {"index": len(self._blocks), "html": html, "text_end": block.end}))
            self._blocks.append(html)


def _is_token(event: Event) -> bool:
    """Whether the event is about a token of the answer's; one without text is a sign of life alone."""
    match event:
        case TextDelta(text) | ThoughtDelta(text):
            return bool(text)
        case _:
            return isinstance(event, Calling)
