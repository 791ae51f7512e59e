"""`GET /files/{id}`: pictures, for their owners and for whoever reads a branch that is shared.

Not here: how they came to be kept (`pictures.py`), who owns what (`store/files.py`).
"""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse

from .api_errors import ApiError, error_responses
from .pictures import MEDIA_TYPE
from .security import OptionalUser
from .services import services
from .store import files
from .store.errors import NotFound
from .store.schema import File

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    # An hour, in this browser only: what was deleted or is shared no more must not be found on the way.
    "Cache-Control": "private, max-age=3600",
}

_ID = re.compile(r"[A-Za-z0-9_-]{16,64}")
"""What an id may look like; nothing else is looked for anywhere."""

ANSWERS: dict[int | str, dict[str, Any]] = {200: {"content": {MEDIA_TYPE: {}}}, **error_responses(404)}
"""What the route documents."""


def file_routes() -> APIRouter:
    """The route of the pictures."""
    router = APIRouter(tags=["files"])

    @router.get("/files/{file_id}", response_class=FileResponse, responses=ANSWERS)
    async def get_file(request: Request, file_id: str, caller: OptionalUser) -> FileResponse:
        row = await _visible(request, file_id, None if caller is None else caller.id)
        path = services(request).pictures.folder / row.path if row is not None else Path()
        if row is None or path.is_symlink() or not path.is_file():
            raise ApiError(404, "there is no such file, or it is somebody else's", "not_found")
        # The name says nothing that anybody wrote.
        name = {"Content-Disposition": f'inline; filename="moss-{row.created_at}.webp"'}
        return FileResponse(path, media_type=MEDIA_TYPE, headers=HEADERS | name)

    return router


async def _visible(request: Request, file_id: str, user_id: str | None) -> File | None:
    """The file, where this user (None: nobody) may see it."""
    if not _ID.fullmatch(file_id):
        return None
    async with services(request).database.reading() as session:
        if user_id is not None:
            with suppress(NotFound):
                return await files.get(session, user_id, file_id)
        with suppress(NotFound):
            return await files.shared(session, file_id)
    return None
