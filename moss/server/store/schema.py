"""The tables, as typed classes. Not here: how they are opened (`database.py`), how they came to be (`migrations/`).

Ids are random texts that nobody can guess. Times are milliseconds since 1970, UTC. What a user deletes goes with
everything below it (ON DELETE CASCADE); what must outlast people (`audit`, `tombstones`, `export_items`) has no foreign
key to them.
"""

from __future__ import annotations

import secrets
import time
from typing import Any, ClassVar, Literal, dataclass_transform

from sqlalchemy import JSON, BigInteger, Dialect, ForeignKey, Index, MetaData, Text, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, MappedAsDataclass, mapped_column
from sqlalchemy.types import TypeDecorator

from .text import storable

REVISION = "0001"
"""The migration that leads to these tables; a database that is there already needs no Alembic to be opened."""

UserRole = Literal["user", "admin"]
Author = Literal["user", "assistant"]
GenerationStatus = Literal["queued", "running", "complete", "stopped", "failed", "interrupted", "blocked"]
Verdict = Literal["first", "second", "tie", "both_bad"]
Stage = Literal["prompt", "reply"]
ReportStatus = Literal["open", "resolved", "dismissed"]

Json = dict[str, Any]


def new_id() -> str:
    """A random id of 128 bits, 22 characters that need no escaping in a URL."""
    return secrets.token_urlsafe(16)


def now() -> int:
    """Milliseconds since 1970, UTC."""
    return time.time_ns() // 1_000_000


class Storable(TypeDecorator[str]):
    """Text without the characters that a database refuses."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else storable(value)


# SQLAlchemy hands kw_only on to every class; mypy has to be told so.
@dataclass_transform(kw_only_default=True, field_specifiers=(mapped_column,))
class Base(MappedAsDataclass, DeclarativeBase, kw_only=True, repr=False, eq=False):
    """No repr: a row that is logged must not tell what somebody wrote."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar = {
        str: Storable,
        int: BigInteger,
        Json: JSON(none_as_null=True),
        list[Json]: JSON(none_as_null=True),
        list[str]: JSON(none_as_null=True),
    }


class User(Base):
    """A person with an account; `local` in the mode without accounts."""

    __tablename__ = "users"

    id: Mapped[str] = mapped_column(primary_key=True, default_factory=new_id)
    name: Mapped[str]
    name_key: Mapped[str] = mapped_column(unique=True)
    """The name as `text.searchable` gives it: two names that look alike are one."""
    password_hash: Mapped[str | None] = mapped_column(default=None)
    role: Mapped[UserRole] = mapped_column(Storable, default="user")
    language: Mapped[str | None] = mapped_column(default=None)
    settings: Mapped[Json] = mapped_column(default_factory=dict)
    created_at: Mapped[int] = mapped_column(default_factory=now)
    banned_at: Mapped[int | None] = mapped_column(default=None)


class LoginSession(Base):
    """A browser that is logged in; only the hash of its cookie is kept."""

    __tablename__ = "sessions"

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    csrf: Mapped[str]
    expires_at: Mapped[int] = mapped_column(index=True)
    created_at: Mapped[int] = mapped_column(default_factory=now)
    last_seen_at: Mapped[int] = mapped_column(default_factory=now)
    user_agent: Mapped[str] = mapped_column(default="")


class ApiKey(Base):
    """A key for programs; only its hash and the start that its owner knows it by are kept."""

    __tablename__ = "api_keys"

    id: Mapped[str] = mapped_column(primary_key=True, default_factory=new_id)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name: Mapped[str]
    prefix: Mapped[str]
    key_hash: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[int] = mapped_column(default_factory=now)
    last_used_at: Mapped[int | None] = mapped_column(default=None)
    revoked_at: Mapped[int | None] = mapped_column(default=None)


class Invite(Base):
    """A code that lets so many people register."""

    __tablename__ = "invites"

    id: Mapped[str] = mapped_column(primary_key=True, default_factory=new_id)
    code_hash: Mapped[str] = mapped_column(unique=True)
    max_uses: Mapped[int]
    note: Mapped[str] = mapped_column(default="")
    uses: Mapped[int] = mapped_column(default=0)
    created_by: Mapped[str | None] = mapped_column(
        ForeignKey("users.id", ondelete="SET NULL"), index=True, default=None
    )
    created_at: Mapped[int] = mapped_column(default_factory=now)
    expires_at: Mapped[int | None] = mapped_column(default=None)


class Chat(Base):
    """A tree of messages, and the switches of its composer."""

    __tablename__ = "chats"
    __table_args__ = (Index(None, "user_id", "updated_at", "id"),)

    id: Mapped[str] = mapped_column(primary_key=True, default_factory=new_id)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    title: Mapped[str] = mapped_column(default="")
    title_key: Mapped[str] = mapped_column(default="")
    """The title as it is searched."""
    created_at: Mapped[int] = mapped_column(default_factory=now)
    updated_at: Mapped[int] = mapped_column(default_factory=now)
    leaf_id: Mapped[str | None] = mapped_column(default=None)
    """The message at the end of the branch that is shown; no foreign key, since messages point here."""
    tools: Mapped[list[str] | None] = mapped_column(default=None)
    """Names of the tools that are switched on; None: as the user's settings say."""
    quality: Mapped[int | None] = mapped_column(default=None)
    collect: Mapped[bool | None] = mapped_column(default=None)
    """Whether this chat may be collected; None: as the user's consent says."""
    share_id: Mapped[str | None] = mapped_column(unique=True, default=None)
    shared_at: Mapped[int | None] = mapped_column(default=None)
    shared_leaf_id: Mapped[str | None] = mapped_column(default=None)
    """Where the branch ends that everybody may read; what its owner does afterwards is not shared."""


class Message(Base):
    """What one side said in one turn. Siblings are edits of the user's, or other replies."""

    __tablename__ = "messages"
    __table_args__ = (UniqueConstraint("chat_id", "client_msg_id"), Index(None, "chat_id", "created_at"))

    id: Mapped[str] = mapped_column(primary_key=True, default_factory=new_id)
    chat_id: Mapped[str] = mapped_column(ForeignKey("chats.id", ondelete="CASCADE"))
    # No cascade to the replies: a chain of a thousand is deeper than SQLite cascades. The chat takes all of them along.
    parent_id: Mapped[str | None] = mapped_column(ForeignKey("messages.id"), index=True, default=None)
    role: Mapped[Author] = mapped_column(Storable)
    body: Mapped[list[Json]] = mapped_column(default_factory=list)
    """`conversation.Message.to_dict()` of each round; one for a user, none for a reply that has not ended."""
    text: Mapped[str] = mapped_column(default="")
    """What was said, as it is searched (`text.searchable`): to be shown, there is the body."""
    client_msg_id: Mapped[str | None] = mapped_column(default=None)
    created_at: Mapped[int] = mapped_column(default_factory=now)
    consent_version: Mapped[str | None] = mapped_column(default=None)
    consented: Mapped[bool] = mapped_column(default=False)
    """Whether it may be collected, as things stood when it was written."""
    language: Mapped[str | None] = mapped_column(default=None)
    intent: Mapped[str | None] = mapped_column(default=None)
    model: Mapped[str | None] = mapped_column(default=None)
    settings: Mapped[Json] = mapped_column(default_factory=dict)
    moderation: Mapped[str | None] = mapped_column(default=None)


class Choice(Base):
    """Two replies side by side, and which one the user took."""

    __tablename__ = "choices"

    id: Mapped[str] = mapped_column(primary_key=True, default_factory=new_id)
    chat_id: Mapped[str] = mapped_column(ForeignKey("chats.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    parent_id: Mapped[str] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"), index=True)
    first_id: Mapped[str] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"), index=True)
    second_id: Mapped[str] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"), index=True)
    verdict: Mapped[Verdict | None] = mapped_column(Storable, default=None)
    created_at: Mapped[int] = mapped_column(default_factory=now)
    decided_at: Mapped[int | None] = mapped_column(default=None)


class Generation(Base):
    """A reply in the making: a job with a log of events. A reply that was continued has several."""

    __tablename__ = "generations"
    __table_args__ = (Index(None, "status", "heartbeat_at"), Index(None, "chat_id", "created_at"))

    id: Mapped[str] = mapped_column(primary_key=True, default_factory=new_id)
    chat_id: Mapped[str] = mapped_column(ForeignKey("chats.id", ondelete="CASCADE"))
    message_id: Mapped[str] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"), index=True)
    """The reply that it writes."""
    parent_id: Mapped[str] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"), index=True)
    """The user's message that it answers."""
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    status: Mapped[GenerationStatus] = mapped_column(Storable, default="queued")
    worker: Mapped[str | None] = mapped_column(default=None)
    """Which server process runs it."""
    model: Mapped[str | None] = mapped_column(default=None)
    settings: Mapped[Json] = mapped_column(default_factory=dict)
    created_at: Mapped[int] = mapped_column(default_factory=now)
    started_at: Mapped[int | None] = mapped_column(default=None)
    finished_at: Mapped[int | None] = mapped_column(default=None)
    heartbeat_at: Mapped[int] = mapped_column(default_factory=now)
    finish_reason: Mapped[str | None] = mapped_column(default=None)
    prompt_tokens: Mapped[int] = mapped_column(default=0)
    completion_tokens: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None] = mapped_column(default=None)
    choice_id: Mapped[str | None] = mapped_column(
        ForeignKey("choices.id", ondelete="SET NULL"), index=True, default=None
    )


class Event(Base):
    """One line of a generation's log. It is only ever appended to."""

    __tablename__ = "events"
    # The key is the place: the log is read in its order, and there is no second index to write.
    __table_args__ = ({"sqlite_with_rowid": False},)

    generation_id: Mapped[str] = mapped_column(ForeignKey("generations.id", ondelete="CASCADE"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """1, 2, 3, ... without gaps."""
    type: Mapped[str]
    payload: Mapped[Json]
    created_at: Mapped[int] = mapped_column(default_factory=now)


class File(Base):
    """A picture that a tool drew, in a chat or for a program. Its bytes lie on the disk."""

    __tablename__ = "files"

    id: Mapped[str] = mapped_column(primary_key=True, default_factory=new_id)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    media_type: Mapped[str]
    path: Mapped[str]
    """Relative to the folder of the files."""
    bytes: Mapped[int]
    chat_id: Mapped[str | None] = mapped_column(ForeignKey("chats.id", ondelete="CASCADE"), index=True, default=None)
    message_id: Mapped[str | None] = mapped_column(
        ForeignKey("messages.id", ondelete="CASCADE"), index=True, default=None
    )
    created_at: Mapped[int] = mapped_column(default_factory=now)


class Feedback(Base):
    """What a user thinks of a reply."""

    __tablename__ = "feedback"

    message_id: Mapped[str] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True)
    rating: Mapped[int] = mapped_column(default=0)
    """-1, 0 or 1."""
    labels: Mapped[list[str]] = mapped_column(default_factory=list)
    text: Mapped[str] = mapped_column(default="")
    created_at: Mapped[int] = mapped_column(default_factory=now)
    updated_at: Mapped[int] = mapped_column(default_factory=now)


class Consent(Base):
    """A yes or no to being collected, to one version of the question. The last one counts; all of them are kept."""

    __tablename__ = "consents"
    __table_args__ = (Index(None, "user_id", "created_at"),)

    id: Mapped[str] = mapped_column(primary_key=True, default_factory=new_id)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    version: Mapped[str]
    granted: Mapped[bool]
    created_at: Mapped[int] = mapped_column(default_factory=now)


class Moderation(Base):
    """What a moderator said of a message."""

    __tablename__ = "moderations"

    id: Mapped[str] = mapped_column(primary_key=True, default_factory=new_id)
    message_id: Mapped[str] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"), index=True)
    stage: Mapped[Stage] = mapped_column(Storable)
    verdict: Mapped[str]
    moderator: Mapped[str]
    categories: Mapped[list[str]] = mapped_column(default_factory=list)
    created_at: Mapped[int] = mapped_column(default_factory=now)


class Report(Base):
    """A complaint about a reply, for the administrators."""

    __tablename__ = "reports"
    __table_args__ = (Index(None, "status", "created_at"),)

    id: Mapped[str] = mapped_column(primary_key=True, default_factory=new_id)
    message_id: Mapped[str] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[str | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True, default=None)
    reason: Mapped[str]
    text: Mapped[str] = mapped_column(default="")
    status: Mapped[ReportStatus] = mapped_column(Storable, default="open")
    created_at: Mapped[int] = mapped_column(default_factory=now)


class Export(Base):
    """A file of conversations that was made for training."""

    __tablename__ = "exports"

    id: Mapped[str] = mapped_column(primary_key=True, default_factory=new_id)
    manifest: Mapped[Json]
    created_at: Mapped[int] = mapped_column(default_factory=now)


class ExportItem(Base):
    """Which messages an export holds; it stays when the message is deleted, so that the next training can drop it."""

    __tablename__ = "export_items"

    export_id: Mapped[str] = mapped_column(ForeignKey("exports.id", ondelete="CASCADE"), primary_key=True)
    message_id: Mapped[str] = mapped_column(primary_key=True, index=True)


class Tombstone(Base):
    """Something that was deleted, known by the SHA-256 of its id only."""

    __tablename__ = "tombstones"

    id: Mapped[str] = mapped_column(primary_key=True, default_factory=new_id)
    kind: Mapped[str]
    target_hash: Mapped[str] = mapped_column(index=True)
    deleted_at: Mapped[int] = mapped_column(default_factory=now, index=True)


class Audit(Base):
    """Who did what with whose things: what administrators do, logins, deletions."""

    __tablename__ = "audit"

    id: Mapped[str] = mapped_column(primary_key=True, default_factory=new_id)
    actor_id: Mapped[str | None] = mapped_column(default=None)
    action: Mapped[str]
    target: Mapped[str] = mapped_column(default="")
    detail: Mapped[Json] = mapped_column(default_factory=dict)
    created_at: Mapped[int] = mapped_column(default_factory=now, index=True)


class Usage(Base):
    """What a user asked for on one day, for quotas."""

    __tablename__ = "usage"

    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    day: Mapped[str] = mapped_column(primary_key=True)
    """`2026-11-21`, UTC."""
    requests: Mapped[int] = mapped_column(default=0)
    tokens: Mapped[int] = mapped_column(default=0)
