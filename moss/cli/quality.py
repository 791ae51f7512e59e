"""The quality dial on the command line: its two options, which several commands share, and how a quality is written."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import UserError

if TYPE_CHECKING:
    from ..assistant import Wish

Quality = Annotated[
    str | None,
    typer.Option(
        "--quality",
        metavar="N|off",
        help="Quality of the replies, 0 to 100; 100 by default where the model was trained with quality tags.",
        show_default=False,
    ),
]
Guidance = Annotated[
    float | None,
    typer.Option("--guidance", min=0, max=100, help="Move replies away from the lowest quality, this strongly."),
]


def _note(line: str) -> None:
    typer.echo(line, err=True)


def parse_quality(text: str | None, tell: Callable[[str], None] = _note) -> Wish:
    """The quality that is written as a number or `off`; `tell` hears of a number that is rounded to a level."""
    from ..chat_format import quality_level

    if text is None:
        return None
    if text == "off":
        return "off"
    try:
        number = int(text)
    except ValueError:
        raise UserError(f"a quality is a number from 0 to 100, or off, not {text!r}") from None
    level = quality_level(number)
    if level != number:
        tell(f"There is no quality {number}: the nearest, {level}, is taken.")
    return level
