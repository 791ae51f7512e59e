"""Pictures that tools draw: taken in, made anew, and kept with their owner's name under one that nobody can guess.

    the tool's file ──pixels only──► folder/RANDOM.webp + a row with its owner

Nothing of the file that came is kept but its pixels: no metadata, no second format hidden in it, no name that tells
what was asked for. Not here: who may see it (`files.py`), drawing (`tools/text2image.py`).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from dataclasses import replace
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageOps, UnidentifiedImageError

from ..conversation import ToolCall
from ..files import whole_file
from .store import files, messages
from .store.database import Database
from .store.schema import new_id

logger = logging.getLogger(__name__)

ADDRESS = "/files/"
"""Before a file's id, its address."""
MEDIA_TYPE = "image/webp"
FORMATS = ("PNG", "JPEG", "WEBP")
"""What is read. Pillow knows dozens of formats, some by code that nobody looks at any more."""
MAX_BYTES = 20 * 1024 * 1024
MAX_PIXELS = 4096 * 4096
QUALITY = 90
"""Of WebP, 0 to 100."""


class UnfitPicture(Exception):
    """A file that is no picture, or one that is too large."""


class Pictures:
    """The folder of all pictures, and their rows."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.folder = folder
        self._database = database

    async def keep(self, user_id: str, message_id: str | None, call: ToolCall) -> ToolCall:
        """Makes the files of a tool's call the user's own: the call with their addresses in place of their paths.

        `message_id` is the reply that they belong to; None where there is no chat. A file that is no picture is
        dropped, and the call counts as failed. Raises NotFound where the reply is gone.
        """
        kept = []
        for file in call.files:
            try:
                data = await asyncio.to_thread(_taken, Path(file))
            except UnfitPicture as error:
                logger.error("%s gave a file that cannot be kept: %s", call.name, error)
                return replace(call, status="failed", files=())
            kept.append(ADDRESS + await self._add(user_id, message_id, data))
        return replace(call, files=tuple(kept))

    async def delete(self, paths: Iterable[str]) -> None:
        """Deletes the bytes of files whose rows are gone, by the paths that the store gave back."""
        await asyncio.to_thread(_delete, [self.folder / path for path in paths])

    async def _add(self, user_id: str, message_id: str | None, data: bytes) -> str:
        path = f"{new_id()}.webp"
        async with self._database.session() as session:
            message = None if message_id is None else await messages.get(session, user_id, message_id)
            row = await files.add(session, user_id, message, media_type=MEDIA_TYPE, path=path, size=len(data))
            # Inside the transaction: whoever deletes the chat waits, and finds the bytes or no row.
            await asyncio.to_thread(_write, self.folder / path, data)
            return row.id


def webp(source: bytes) -> bytes:
    """The pixels of a picture as WebP, and nothing else of it. Raises UnfitPicture."""
    if len(source) > MAX_BYTES:
        raise UnfitPicture(f"{len(source)} bytes, the most is {MAX_BYTES}")
    try:
        with Image.open(BytesIO(source), formats=FORMATS) as image:
            if image.width * image.height > MAX_PIXELS:
                raise UnfitPicture(f"{image.width} x {image.height} pixels, the most is {MAX_PIXELS} together")
            turned = ImageOps.exif_transpose(image)
            pixels = turned.convert("RGBA" if turned.has_transparency_data else "RGB")
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError, ValueError) as error:
        raise UnfitPicture(f"it cannot be read as one of {', '.join(FORMATS)}") from error
    pixels.info.clear()
    made = BytesIO()
    pixels.save(made, "WEBP", quality=QUALITY)
    return made.getvalue()


def _taken(path: Path) -> bytes:
    """The tool's file as WebP; the file itself is gone afterwards."""
    try:
        with path.open("rb") as file:
            source = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise UnfitPicture("it is not there") from error
    path.unlink(missing_ok=True)
    return webp(source)


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(path) as unfinished:
        unfinished.write_bytes(data)


def _delete(paths: Iterable[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)
