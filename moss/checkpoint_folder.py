"""Where a checkpoint lies and what its small files say, without torch: who serves one from afar reads no more.

Not here: the parameters, the tokenizer, and how a folder is written (`checkpoint.py`, which tells what is in one).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from .errors import UserError

FORMAT = 1
"""Version of the folder's layout; a larger one was written by a newer MOSS."""

WEIGHTS, CONFIG, RECIPE, TRAINER, LATEST = "model.safetensors", "config.json", "recipe.json", "trainer", "latest"


def resolve(folder: str | Path) -> Path:
    """The checkpoint folder that `folder` is, or that its `latest` names; UserError when it is neither."""
    folder = Path(folder)
    if (folder / LATEST).is_file():
        # Bytes that are no text name no folder either, and that is told below.
        folder = folder / (folder / LATEST).read_text(encoding="utf-8", errors="backslashreplace").strip()
    if folder.is_file():
        raise UserError(f"no checkpoint at {folder}: this is a file; give the folder it is in")
    if not folder.is_dir():
        raise UserError(f"no checkpoint at {folder}: the folder does not exist")
    if not (folder / CONFIG).is_file():
        raise UserError(f"no checkpoint at {folder}: it has no {CONFIG}")
    return folder


def read_settings(folder: Path) -> dict[str, Any]:
    """config.json, of the format that is read here; UserError when it is of another, or damaged."""
    settings = _read_json(folder / CONFIG)
    if settings.get("format") != FORMAT:
        found = settings.get("format")
        raise UserError(f"{folder} has format {found!r}, this MOSS reads {FORMAT}: install the version that wrote it")
    return settings


def read_recipe(folder: Path) -> dict[str, Any]:
    """How the checkpoint was made, as `checkpoint.save` was given it; UserError when the file is damaged."""
    recipe = _read_json(folder / RECIPE).get("recipe", {})
    if not isinstance(recipe, dict):
        raise UserError(f"{folder / RECIPE}: `recipe` is not an object: the checkpoint is damaged, copy it again")
    return recipe


def _read_json(path: Path) -> dict[str, Any]:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UserError(f"{path} is missing: the checkpoint is incomplete, copy it again") from None
    except (OSError, ValueError) as error:
        raise UserError(f"{path} cannot be read ({error}): the checkpoint is damaged, copy it again") from None
    if not isinstance(data, dict):
        raise UserError(f"{path} is not a JSON object: the checkpoint is damaged, copy it again")
    return data
