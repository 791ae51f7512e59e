"""Text-to-image: a small interface, and the packaged painter behind it.

What can be drawn is what moss/tools/scenes.py can describe; anything else is a UserError that names the word. torch is
imported with the first picture.
"""

from __future__ import annotations

import re
import threading
from collections import Counter
from functools import cache
from importlib import resources
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import UserError, failure
from ..files import whole_file
from .base import Tool, ToolResult
from .cancellation import raise_if_cancelled
from .scenes import parse_description

if TYPE_CHECKING:
    from .painter import Painter

IMAGE_SIZE = 384
"""Side of the pictures in pixels."""

SUCCESS = "Image generated successfully."
"""What the model reads; the picture itself is in the result's files."""


def draw(description: str, path: str | Path, seed: int = 0) -> Path:
    """Paints a description into a PNG at `path`; another seed gives another picture of the same.

    Raises UserError for a word that cannot be drawn and for a path that cannot be written.
    """
    from PIL import Image

    scene = parse_description(description)
    pixels = (packaged_painter().paint(scene, seed, IMAGE_SIZE) * 255).round().byte().numpy()
    path = Path(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(path) as unfinished:
            Image.fromarray(pixels).save(unfinished, "PNG")
    except OSError as error:
        raise UserError(f"cannot write the picture {failure(error, path)}") from error
    return path


@cache
def packaged_painter() -> Painter:
    """The image model that comes in the package, loaded once."""
    from .painter import Painter

    return Painter.load(Path(str(resources.files("moss.assets") / "text2image" / "painter.safetensors")))


class Text2ImageTool(Tool):
    """Draws into a folder, by default `moss-images` in the current one; asked again, it draws another picture."""

    name = "Text2Image"
    title = "Text-to-image"
    parameter = "description"
    description = "Draws simple scenes: a few coloured things, their sizes and places, in front of a background."

    def __init__(self, folder: str | Path | None = None) -> None:
        self.folder = Path(folder or "moss-images")
        self._drawn: Counter[str] = Counter()
        self._lock = threading.Lock()

    def run(self, argument: str) -> ToolResult:
        """Draws; the seed is how often the description was drawn before, be the pictures still in the folder or not."""
        parse_description(argument)  # before a name is taken
        path, seed = self._free_name(argument)
        try:
            draw(argument, path, seed)
            raise_if_cancelled()
        except BaseException:
            path.unlink(missing_ok=True)  # it only held the name, or is wanted by nobody any more
            raise
        return ToolResult(SUCCESS, files=(str(path),))

    def _free_name(self, description: str) -> tuple[Path, int]:
        """A new file's path, made so that no other thread takes it, and its number."""
        stem = re.sub(r"[^a-z0-9]+", "-", description.lower()).strip("-")[:60]
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with self._lock:
                numbers = count(self._drawn[stem])
                number = next(n for n in numbers if not (self.folder / f"{stem}-{n}.png").exists())
                self._drawn[stem] = number + 1
                path = self.folder / f"{stem}-{number}.png"
                path.touch()
        except OSError as error:
            raise UserError(f"cannot write pictures to {failure(error, self.folder)}") from error
        return path, number
