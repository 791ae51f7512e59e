"""What administrators see and send: the bodies and answers of /api/admin. Not here: the routes (`admin_api.py`)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from .account_api import Asked, KeyView


class UserRow(BaseModel):
    """A user, as administrators see one."""

    id: str
    name: str
    role: Literal["user", "admin"]
    created_at: int = Field(description="milliseconds since 1970, UTC, like every time")
    banned_at: int | None
    last_seen_at: int | None
    chats: int
    tokens_today: int


class UsersView(BaseModel):
    """A page of users, the newest first."""

    users: list[UserRow]
    before: str | None


class UserChanges(Asked):
    """What is to change of a user; what is left out stays."""

    role: Literal["user", "admin"] | None = None
    banned: bool | None = None


class InviteWish(Asked):
    """The invite that is to be made."""

    max_uses: Annotated[int, Field(ge=1, le=10_000)] = 1
    days: Annotated[int, Field(ge=1, le=366)] | None = Field(7, description="how long it is good for; null: for ever")
    note: Annotated[str, Field(max_length=200)] = ""


class InviteView(BaseModel):
    """An invite."""

    id: str
    note: str
    max_uses: int
    uses: int
    created_by: str | None
    created_at: int
    expires_at: int | None


class NewInviteView(InviteView):
    """A new invite; only this answer ever holds its code."""

    code: str


class InvitesView(BaseModel):
    """A page of invites, the newest first."""

    invites: list[InviteView]
    before: str | None


class KeyRow(KeyView):
    """An API key, as administrators see one."""

    user_id: str
    user_name: str


class KeyRows(BaseModel):
    """A page of keys of all users, the newest first."""

    keys: list[KeyRow]
    before: str | None


class ReportRow(BaseModel):
    """A reported reply, and the question that it answers."""

    id: str
    message_id: str
    user_id: str | None = Field(description="who reported it")
    reason: str
    text: str
    status: Literal["open", "resolved", "dismissed"]
    created_at: int
    question: str
    reply: str


class ReportsView(BaseModel):
    """A page of reports, the newest first."""

    reports: list[ReportRow]
    before: str | None


class ReportChange(Asked):
    """What became of a report."""

    status: Literal["open", "resolved", "dismissed"]


class LoadView(BaseModel):
    """How busy the server is at this moment, and what it holds."""

    slots: int
    running: int
    waiting: int
    queue_length: int
    draining: bool
    engine: Literal["loading", "ready", "dead"]
    users: int
    chats: int
    messages: int
    open_reports: int


class PromptCount(BaseModel):
    """Users' messages of one day, language and intent."""

    day: int = Field(description="number of the day since 1970, UTC")
    language: str | None
    intent: str | None
    count: int
    collected: int = Field(description="how many of them may be collected")


class PromptsView(BaseModel):
    """What was asked."""

    prompts: list[PromptCount]


class RatingCount(BaseModel):
    """Thumbs for the replies of one model."""

    model: str | None
    rating: Literal[-1, 0, 1]
    count: int


class CommentView(BaseModel):
    """What somebody wrote about a reply."""

    message_id: str
    rating: int
    labels: list[str]
    text: str
    updated_at: int


class FeedbackFigures(BaseModel):
    """What people thought of the replies."""

    ratings: list[RatingCount]
    labels: dict[str, int]
    comments: list[CommentView]


class VerdictCount(BaseModel):
    """Choices between two replies."""

    first_model: str | None
    second_model: str | None
    verdict: Literal["first", "second", "tie", "both_bad"] | None = Field(description="null: not decided")
    count: int


class ChoicesView(BaseModel):
    """Which of two replies people preferred."""

    choices: list[VerdictCount]


class AuditRow(BaseModel):
    """Something that an administrator did, or that concerns the safety of an account."""

    id: str
    actor_id: str | None
    action: str
    target: str
    detail: dict[str, Any]
    created_at: int


class AuditView(BaseModel):
    """A page of the audit, the newest first."""

    audit: list[AuditRow]
    before: str | None
