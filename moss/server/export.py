"""A user's own copy: a chat as Markdown to read and as JSONL to use again, everything of an account as a zip.

Not here: what training gets (`flywheel/`), which needs consent and takes personal data out.
"""

from __future__ import annotations

import asyncio
import html
import json
import re
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePath
from tempfile import SpooledTemporaryFile
from typing import IO, Annotated, Literal
from urllib.parse import quote
from zipfile import ZIP_DEFLATED, ZipFile

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response, StreamingResponse

from ..conversation import Conversation, Message, ToolCall, json_line
from .api_errors import error_responses
from .markup.dialect import CITATION
from .pictures import ADDRESS, Pictures
from .security import CurrentUser
from .services import services
from .store import chats, files, messages
from .store.belongings import belongings
from .store.database import Database
from .store.errors import NotFound
from .store.messages import Entry
from .store.schema import Chat

IN_MEMORY = 8 * 1024 * 1024
"""Bytes of an archive that are held in memory; a larger one is written to the disk until it is sent."""
PIECE = 256 * 1024
"""Bytes of an archive that are sent at once."""
PAGE = 100
"""Chats that are listed at once."""


@dataclass(frozen=True)
class _Words:
    user: str
    thought: str
    failed: str
    sources: str


_WORDS = {
    "en": _Words("You", "Inner thoughts", "failed", "Sources"),
    "zh": _Words("你", "内心想法", "失败", "来源"),
}
_FENCE = re.compile(r"`{3,}")
_PICTURE = re.compile(rf"\]\({ADDRESS}([\w-]+)\)")


# --- one chat ---------------------------------------------------------------------------------------------------------


def chat_markdown(chat: Chat, shown: Sequence[Entry], language: str = "en") -> str:
    """The shown branch, readable in any viewer: thoughts and tools folded away, sources listed under each reply."""
    words = _WORDS.get(language, _WORDS["en"])
    parts = [f"# {_line(chat.title) or 'MOSS'}", f"*{_moment(chat.created_at)}*"]
    for entry in shown:
        said = [Message.from_dict(part) for part in entry.message.body]
        parts.append(f"## {words.user if entry.message.role == 'user' else 'MOSS'}")
        parts += [part for message in said for part in _message_markdown(message, words)]
        parts += _sources(said, words)
    return "\n\n".join(parts) + "\n"


def chat_jsonl(chat: Chat, entries: Sequence[Entry], *, every_branch: bool) -> str:
    """A conversation a line, as `moss train` reads them: the shown branch, or one for each end of the tree."""
    parents = {entry.message.parent_id for entry in entries}
    ends = [entry.message.id for entry in entries if entry.message.id not in parents]
    branches = [messages.up_to(entries, leaf) for leaf in (ends if every_branch else [chat.leaf_id])]
    return "".join(json_line(conversation) for branch in branches if (conversation := _conversation(chat, branch)))


def _conversation(chat: Chat, branch: Sequence[Entry]) -> Conversation | None:
    """The branch as a value; up to the reply that has no content yet. None where nothing was said."""
    said: list[Message] = []
    for entry in branch:
        if not entry.message.body:
            break
        said += [Message.from_dict(part) for part in entry.message.body]
    meta = {"title": chat.title, "created_at": chat.created_at}
    return Conversation(tuple(said), tuple(chat.tools or ()), meta) if said else None


def _message_markdown(message: Message, words: _Words) -> Iterator[str]:
    if message.thought:
        yield _folded(words.thought, _quoted(message.thought))
    for call in message.tool_calls:
        yield from _call_markdown(call, words)
    if message.content:
        yield CITATION.sub(_numbers, message.content)


def _numbers(cited: re.Match[str]) -> str:
    return "".join(f"[{number}]" for number in re.findall(r"\d+", cited[1]))


def _call_markdown(call: ToolCall, words: _Words) -> Iterator[str]:
    state = "" if call.status == "ok" else f" ({words.failed})"
    yield _folded(f"{call.name}: {call.argument}{state}", _fenced(call.result or ""))
    for file in call.files:
        yield f"![{re.sub(r'[][]', '', _line(call.argument))}]({file})"


def _sources(said: Sequence[Message], words: _Words) -> Iterator[str]:
    cited = [citation for message in said for call in message.tool_calls for citation in call.citations]
    if cited:
        lines = [f"{c.index}. {_line(c.title)}: {_line(c.source)}" for c in cited]
        yield f"**{words.sources}**\n\n" + "\n".join(lines)


def _folded(title: str, content: str) -> str:
    return f"<details><summary>{html.escape(_line(title))}</summary>\n\n{content}\n\n</details>"


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}" for line in html.escape(text, quote=False).splitlines())


def _fenced(text: str) -> str:
    """The text behind a fence that is longer than any in it."""
    fence = "`" * max([3, *(len(found) + 1 for found in _FENCE.findall(text))])
    return f"{fence}text\n{text}\n{fence}"


def _line(text: str) -> str:
    return " ".join(text.split())


def _moment(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")


# --- an account -------------------------------------------------------------------------------------------------------


async def account_archive(database: Database, pictures: Pictures, user_id: str) -> IO[bytes]:
    """A zip of all that is kept of a user, at its beginning; the caller closes it. NotFound for nobody."""
    file = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - it outlives this function
    try:
        with ZipFile(file, "w", ZIP_DEFLATED) as archive:
            async with database.reading() as session:
                account = await belongings(session, user_id)
                kept = await files.owned(session, user_id)
            archive.writestr("account.json", json.dumps(account, ensure_ascii=False, indent=2))
            async for chat, entries in _chats(database, user_id):
                await asyncio.to_thread(_write_chat, archive, chat, entries, account["profile"]["language"] or "en")
            for picture in kept:
                await asyncio.to_thread(_write_picture, archive, picture.id, pictures.folder / picture.path)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file


async def _chats(database: Database, user_id: str) -> AsyncIterator[tuple[Chat, list[Entry]]]:
    """Every chat with its messages, each read by itself: writers do not wait for an archive."""
    before = None
    while True:
        async with database.reading() as session:
            page = await chats.listed(session, user_id, before=before, limit=PAGE)
        for chat in page.rows:
            with suppress(NotFound):  # deleted meanwhile
                async with database.reading() as session:
                    entries = await messages.tree(session, user_id, chat.id)
                yield chat, entries
        if (before := page.before) is None:
            return


def _write_chat(archive: ZipFile, chat: Chat, entries: Sequence[Entry], language: str) -> None:
    name = f"chats/{_moment(chat.created_at)[:10]}-{_file_name(chat.title)}-{chat.id[:6]}"
    markdown = chat_markdown(chat, messages.up_to(entries, chat.leaf_id), language)
    archive.writestr(f"{name}.md", _PICTURE.sub(r"](../files/\1.webp)", markdown))
    archive.writestr(f"{name}.jsonl", chat_jsonl(chat, entries, every_branch=True))


def _write_picture(archive: ZipFile, picture_id: str, path: Path) -> None:
    if path.is_file():  # else deleted meanwhile
        archive.write(path, f"files/{picture_id}.webp")


def _file_name(title: str) -> str:
    """A chat's title as a part of a file's name, which any system takes."""
    return re.sub(r"\W+", "-", title).strip("-_")[:40] or "chat"


# --- routes -----------------------------------------------------------------------------------------------------------


def export_routes() -> APIRouter:
    """The routes of a user's own copies."""
    router = APIRouter(prefix="/api", tags=["export"])

    @router.get("/chats/{chat_id}/export", response_class=Response, responses=error_responses(404))
    async def export_chat(
        request: Request,
        chat_id: str,
        caller: CurrentUser,
        form: Annotated[Literal["md", "jsonl"], Query(alias="format")] = "md",
        branches: Annotated[Literal["shown", "all"], Query(description="of JSONL: which conversations")] = "all",
    ) -> Response:
        async with services(request).database.reading() as session:
            chat = await chats.get(session, caller.id, chat_id)
            entries = await messages.tree(session, caller.id, chat_id)
        if form == "md":
            body = chat_markdown(chat, messages.up_to(entries, chat.leaf_id), caller.language or "en")
        else:
            body = chat_jsonl(chat, entries, every_branch=branches == "all")
        kind = "text/markdown; charset=utf-8" if form == "md" else "application/jsonl"
        return Response(body, media_type=kind, headers=_saved_as(f"{_file_name(chat.title)}.{form}"))

    @router.get("/me/export", response_class=StreamingResponse)
    async def export_account(request: Request, caller: CurrentUser) -> StreamingResponse:
        found = services(request)
        archive = await account_archive(found.database, found.pictures, caller.id)
        name = f"moss-{datetime.now(UTC):%Y-%m-%d}.zip"
        return StreamingResponse(_pieces(archive), media_type="application/zip", headers=_saved_as(name))

    return router


def _pieces(archive: IO[bytes]) -> Iterator[bytes]:
    with archive:
        while piece := archive.read(PIECE):
            yield piece


def _saved_as(name: str) -> dict[str, str]:
    """Headers that make a browser save it under this name (RFC 6266; old ones take the first)."""
    disposition = f"attachment; filename=\"moss{PurePath(name).suffix}\"; filename*=UTF-8''{quote(name, safe='')}"
    return {"Content-Disposition": disposition, "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
