"""Chats, messages and replies in the making as the page reads them: the models that /api answers with.

Not here: how they are found (`store/`), and the events of a reply (`replies.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from pydantic import BaseModel, Field

from ..conversation import Citation, Message
from .drafts import Ending, EndStatus, Order
from .markup import plain, rendered
from .replies import tool
from .reply_records import PROBLEM
from .store.messages import Entry
from .store.schema import Chat, Feedback, Generation
from .store.schema import Message as MessageRow

MessageStatus = Literal[EndStatus, "running"]

Rating = Literal[-1, 0, 1]

Label = Literal[
    "helpful",
    "correct",
    "well_written",
    "creative",
    "wrong",
    "not_helpful",
    "bad_tool_use",
    "wrong_language",
    "too_long",
    "harmful",
    "privacy",
    "other",
]
"""What can be said of a reply."""


class CitationView(BaseModel):
    """A source that a search found; the reply cites it by its index."""

    index: int
    title: str
    source: str
    snippet: str


class ToolView(BaseModel):
    """One call of a tool."""

    index: int = Field(description="counts the calls of the reply from 0")
    name: str
    argument: str
    status: Literal["running", "ok", "failed", "timeout", "stopped"]
    result: str | None
    citations: list[CitationView]
    files: list[str] = Field(description="addresses of pictures that it drew")


class FeedbackView(BaseModel):
    """What the user thinks of a reply."""

    rating: Rating
    labels: list[Label]
    text: str


class ProblemView(BaseModel):
    """Why there is no reply, or no whole one."""

    code: str
    message: dict[str, str] = Field(description="the same in each language: en, zh")
    retry_after: float | None = None


class MessageView(BaseModel):
    """A message of a chat; `parent_id` makes a tree of them."""

    id: str
    parent_id: str | None
    role: Literal["user", "assistant"]
    created_at: int = Field(description="milliseconds since 1970, UTC")
    text: str
    html: str = Field(description="the text, rendered and sanitised")
    thoughts: list[str] = Field(default=[], description="one of each round of tools, in order")
    tools: list[ToolView] = []
    quality: int | None = None
    model: str | None = None
    status: MessageStatus
    finish_reason: str | None = Field(default=None, description="why a reply ended: stop, length, aborted, ...")
    generation_id: str | None = Field(default=None, description="the log to follow while the reply is made or waits")
    feedback: FeedbackView | None = None
    choice_id: str | None = Field(
        default=None, description="the choice between this reply and its sibling, until it is made"
    )
    error: ProblemView | None = None


class ChatView(BaseModel):
    """A chat, without what was said in it."""

    id: str
    title: str
    created_at: int
    updated_at: int
    leaf_id: str | None = Field(description="the message at the end of the branch that is shown")
    tools: list[str] | None = Field(description="tools that are switched on; null: as the user's settings say")
    quality: int | None
    collect: bool | None = Field(description="whether it may be collected; null: as the user's consent says")
    share_id: str | None
    shared_at: int | None


class GenerationView(BaseModel):
    """A reply in the making: its log is at /api/generations/{id}/events."""

    id: str
    message_id: str


def chat_view(chat: Chat) -> ChatView:
    """The chat as the page reads it."""
    return ChatView.model_validate(chat, from_attributes=True)


def generation_view(generation: Generation) -> GenerationView:
    """The generation as the page reads it."""
    return GenerationView(id=generation.id, message_id=generation.message_id)


def feedback_view(feedback: Feedback) -> FeedbackView:
    """The feedback as the page reads it."""
    return FeedbackView.model_validate(feedback, from_attributes=True)


async def message_view(entry: Entry) -> MessageView:
    """A message of the store as the page reads it; its HTML is made beside the event loop."""
    row, generation = entry.message, entry.generation
    body = [Message.from_dict(part) for part in row.body]
    if row.role == "user":
        return user_view(row)
    text = body[-1].content or "" if body else ""
    status = _status(generation)
    problem = None if generation is None else generation.settings.get(PROBLEM)
    return MessageView(
        id=row.id,
        parent_id=row.parent_id,
        created_at=row.created_at,
        model=row.model,
        status=status,
        finish_reason=None if generation is None else generation.finish_reason,
        generation_id=generation.id if generation is not None and status == "running" else None,
        feedback=None if entry.feedback is None else feedback_view(entry.feedback),
        choice_id=entry.choice_id,
        error=None if problem is None else ProblemView(**problem),
        **_said(body, await rendered(text, _citations(body))),
    )


def user_view(row: MessageRow) -> MessageView:
    """A user's message as the page reads it."""
    text = row.body[0]["content"]
    return MessageView(
        id=row.id,
        parent_id=row.parent_id,
        role="user",
        created_at=row.created_at,
        text=text,
        html=plain(text),
        status="complete",
    )


def reply_view(order: Order, ending: Ending, messages: Sequence[Message], html: str) -> MessageView:
    """A reply that has just ended, as the page reads it; nobody has judged it yet."""
    problem = ending.problem
    return MessageView(
        id=order.message_id,
        parent_id=order.parent_id,
        created_at=order.created_at,
        model=order.model,
        status=ending.status,
        finish_reason=ending.finish_reason,
        choice_id=order.choice_id,
        error=None if problem is None else ProblemView(**problem.to_dict()),
        **_said(messages, html),
    )


def _status(generation: Generation | None) -> MessageStatus:
    if generation is None:
        return "complete"
    match generation.status:
        case "queued" | "running":
            return "running"
        case status:
            return status


def _said(messages: Sequence[Message], html: str) -> dict[str, Any]:
    """The fields of a reply that its rounds decide."""
    calls = [call for message in messages for call in message.tool_calls]
    last = messages[-1] if messages else Message("assistant")
    return {
        "role": "assistant",
        "text": last.content or "",
        "html": html,
        "thoughts": [message.thought for message in messages if message.thought],
        "tools": [tool(index, call) for index, call in enumerate(calls)],
        "quality": last.quality,
    }


def _citations(messages: Sequence[Message]) -> list[Citation]:
    return [citation for message in messages for call in message.tool_calls for citation in call.citations]
