"""/api/admin: what administrators see and do. Everything they change, and every export, is noted in the audit.

They see figures, and the replies that somebody reported; nobody's other chats. Not here: their own account
(`account_api.py`), the figures themselves (`store/figures.py`), what is exported (`collection.py`).
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from ..flywheel.export import ExportSettings
from .account_api import key_fields
from .accounts import add_invite, set_ban
from .admin_views import (
    AuditRow,
    AuditView,
    ChoicesView,
    CommentView,
    FeedbackFigures,
    InvitesView,
    InviteView,
    InviteWish,
    KeyRow,
    KeyRows,
    LoadView,
    NewInviteView,
    PromptCount,
    PromptsView,
    RatingCount,
    ReportChange,
    ReportRow,
    ReportsView,
    UserChanges,
    UserRow,
    UsersView,
    VerdictCount,
)
from .api_errors import ApiError, error_responses
from .collection import export_collected
from .security import AdminUser
from .services import services
from .store import accounts as stored
from .store import audit, feedback, figures
from .store.schema import Message, Report, now

Before = Annotated[str | None, Query(description="where the last page ended", max_length=100)]
Limit = Annotated[int, Query(ge=1, le=200)]
Days = Annotated[int, Query(ge=1, le=366, description="how many days back")]

COMMENTS = 100
"""The most comments that are shown at once."""

CHUNK = 64 * 1024
"""Bytes of an export that are sent at once."""

router = APIRouter(prefix="/api/admin", tags=["admin"])


# --- people ---------------------------------------------------------------------------------------------------------


@router.get("/users")
async def list_users(
    request: Request,
    admin: AdminUser,
    query: Annotated[str, Query(max_length=100)] = "",
    before: Before = None,
    limit: Limit = 50,
) -> UsersView:
    """All users, or those whose names contain `query`."""
    async with services(request).database.reading() as session:
        page = await stored.users(session, query, before, limit)
        active = await figures.activity(session, [user.id for user in page.rows])
    users = [UserRow(**_fields(UserRow, user, **active[user.id]._asdict())) for user in page.rows]
    return UsersView(users=users, before=page.before)


@router.patch("/users/{user_id}", responses=error_responses(404, 409))
async def change_user(request: Request, user_id: str, body: UserChanges, admin: AdminUser) -> UserRow:
    """Gives a user another role, bans one (ending sessions, keys and replies in the making), or takes a ban back."""
    if user_id == admin.id:
        raise ApiError(409, "nobody changes their own rights: ask another administrator", "own_account")
    found = services(request)
    async with found.database.session() as session:
        user = await stored.user(session, user_id)
        if body.role is not None:
            user.role = body.role
            audit.note(session, admin.id, "user.role", user.id, role=body.role)
        if body.banned is not None:
            await set_ban(session, user, body.banned)
            audit.note(session, admin.id, "user.ban" if body.banned else "user.unban", user.id)
        active = await figures.activity(session, [user.id])
    if body.banned:
        await found.jobs.stop_all_of(user_id)
    return UserRow(**_fields(UserRow, user, **active[user.id]._asdict()))


@router.get("/invites")
async def list_invites(request: Request, admin: AdminUser, before: Before = None, limit: Limit = 50) -> InvitesView:
    """All invites; their codes are not kept."""
    async with services(request).database.reading() as session:
        page = await stored.invites(session, before, limit)
    return InvitesView(invites=[InviteView(**_fields(InviteView, row)) for row in page.rows], before=page.before)


@router.post("/invites", status_code=201)
async def create_invite(request: Request, body: InviteWish, admin: AdminUser) -> NewInviteView:
    """A new invite. Its code is shown this once."""
    async with services(request).database.session() as session:
        invite, code = await add_invite(session, admin.id, body.max_uses, body.days, body.note)
        audit.note(session, admin.id, "invite.create", invite.id, max_uses=body.max_uses, days=body.days)
    return NewInviteView(**_fields(InviteView, invite), code=code)


@router.delete("/invites/{invite_id}", status_code=204, responses=error_responses(404))
async def delete_invite(request: Request, invite_id: str, admin: AdminUser) -> None:
    """Ends an invite."""
    async with services(request).database.session() as session:
        await stored.remove_invite(session, invite_id)
        audit.note(session, admin.id, "invite.delete", invite_id)


@router.get("/keys")
async def list_all_keys(request: Request, admin: AdminUser, before: Before = None, limit: Limit = 50) -> KeyRows:
    """The API keys of all users."""
    async with services(request).database.reading() as session:
        page = await stored.all_keys(session, before, limit)
        names = await stored.names(session, {key.user_id for key in page.rows})
    keys = [KeyRow(**key_fields(key), user_id=key.user_id, user_name=names[key.user_id]) for key in page.rows]
    return KeyRows(keys=keys, before=page.before)


@router.get("/audit")
async def list_audit(request: Request, admin: AdminUser, before: Before = None, limit: Limit = 50) -> AuditView:
    """Who did what."""
    async with services(request).database.reading() as session:
        page = await audit.noted(session, before, limit)
    return AuditView(audit=[AuditRow(**_fields(AuditRow, row)) for row in page.rows], before=page.before)


# --- what people say ------------------------------------------------------------------------------------------------


@router.get("/reports")
async def list_reports(
    request: Request,
    admin: AdminUser,
    status: Literal["open", "resolved", "dismissed"] | None = None,
    before: Before = None,
    limit: Limit = 50,
) -> ReportsView:
    """Reported replies, with the questions that they answer."""
    async with services(request).database.reading() as session:
        page = await feedback.reported(session, status, before, limit)
        rows = [await _report(session, report) for report in page.rows]
    return ReportsView(reports=rows, before=page.before)


@router.patch("/reports/{report_id}", responses=error_responses(404))
async def change_report(request: Request, report_id: str, body: ReportChange, admin: AdminUser) -> ReportRow:
    """Says what became of a report."""
    async with services(request).database.session() as session:
        report = await feedback.settle(session, report_id, body.status)
        audit.note(session, admin.id, "report.status", report_id, status=body.status)
        return await _report(session, report)


@router.get("/prompts")
async def count_prompts(request: Request, admin: AdminUser, days: Days = 30) -> PromptsView:
    """How much was asked, by day, language and intent."""
    async with services(request).database.reading() as session:
        counted = await figures.prompts(session, _since(days))
    return PromptsView(prompts=[PromptCount(**_fields(PromptCount, row)) for row in counted])


@router.get("/feedback")
async def count_feedback(request: Request, admin: AdminUser, days: Days = 30) -> FeedbackFigures:
    """Thumbs by model, labels, and the newest comments."""
    async with services(request).database.reading() as session:
        ratings = await figures.ratings(session, _since(days))
        labels = await figures.labels(session, _since(days))
        comments = await figures.comments(session, _since(days), COMMENTS)
    return FeedbackFigures(
        ratings=[RatingCount(**_fields(RatingCount, row)) for row in ratings],
        labels=dict(labels.most_common()),
        comments=[CommentView(**_fields(CommentView, row)) for row in comments],
    )


@router.get("/choices")
async def count_choices(request: Request, admin: AdminUser, days: Days = 30) -> ChoicesView:
    """Which of two replies people preferred, by model."""
    async with services(request).database.reading() as session:
        counted = await figures.verdicts(session, _since(days))
    return ChoicesView(choices=[VerdictCount(**_fields(VerdictCount, row)) for row in counted])


# --- the server -----------------------------------------------------------------------------------------------------


@router.get("/load")
async def show_load(request: Request, admin: AdminUser) -> LoadView:
    """How busy the server is at this moment."""
    found = services(request)
    async with found.database.reading() as session:
        totals = await figures.totals(session)
    return LoadView(
        slots=found.jobs.slots,
        running=found.jobs.slots_taken,
        waiting=found.jobs.waiting,
        queue_length=found.settings.queue_length,
        draining=found.draining,
        engine=found.assistant.state,
        **totals,
    )


@router.get("/export", response_class=StreamingResponse, responses={200: {"content": {"application/x-ndjson": {}}}})
async def export(
    request: Request,
    admin: AdminUser,
    file: Literal["conversations", "prompts", "pairs"] = "conversations",
) -> StreamingResponse:
    """What may be collected now, de-identified, as JSONL that `moss train` reads; `moss collect` makes all files."""
    found = services(request)
    folder = tempfile.TemporaryDirectory(prefix="moss-export-")
    try:
        manifest = await export_collected(found.database, Path(folder.name) / "export", ExportSettings())
        async with found.database.session() as session:
            audit.note(session, admin.id, "export", manifest["id"], file=file)
    except BaseException:
        folder.cleanup()
        raise
    name = f"moss-{manifest['id']}-{file}.jsonl"
    headers = {"content-disposition": f'attachment; filename="{name}"', "x-export-id": manifest["id"]}
    return StreamingResponse(_sent(folder, f"{file}.jsonl"), media_type="application/x-ndjson", headers=headers)


# --- parts ----------------------------------------------------------------------------------------------------------


async def _sent(folder: tempfile.TemporaryDirectory[str], name: str) -> AsyncIterator[bytes]:
    """The bytes of a file of the export; the folder is gone afterwards, also where the reader left."""
    try:
        with (Path(folder.name) / "export" / name).open("rb") as file:
            while chunk := await asyncio.to_thread(file.read, CHUNK):
                yield chunk
    finally:
        folder.cleanup()


async def _report(session: AsyncSession, report: Report) -> ReportRow:
    reply = await session.get_one(Message, report.message_id)
    question = await session.get(Message, reply.parent_id)
    said = {"question": _said(question.body if question else []), "reply": _said(reply.body)}
    return ReportRow(**_fields(ReportRow, report, **said))


def _said(body: Sequence[dict[str, Any]]) -> str:
    return "\n".join(part["content"] for part in body if part.get("content"))


def _fields(view: type[BaseModel], row: object, **more: Any) -> dict[str, Any]:
    """The fields of a view, from a row of the store and what the row does not have."""
    return {name: more[name] if name in more else getattr(row, name) for name in view.model_fields}


def _since(days: int) -> int:
    return now() - days * figures.DAY_MS
