"""What the package brings along (assistant, encyclopedia, image model), and where the assistant is."""

from __future__ import annotations

from pathlib import Path

from ..errors import UserError

NAME = "moss-nano"


def packaged_checkpoint() -> Path:
    """The checkpoint folder of the assistant in the package; UserError when this installation has none."""
    folder = Path(__file__).parent / NAME
    if not folder.is_dir():
        raise UserError(
            "this installation has no packaged assistant: make one with `moss run nano --out DIR` and give its folder"
        )
    return folder
