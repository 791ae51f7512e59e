"""What the commands of `moss train` have in common: options, reading dialogues, telling what came of a run."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .bad_records import BadRecords, dialogues

if TYPE_CHECKING:
    from ..conversation import Conversation
    from ..train.loop import TrainConfig, TrainResult

Data = Annotated[list[Path], typer.Option("--data", help="File or folder to learn from; may be given several times.")]
Validation = Annotated[
    list[Path] | None, typer.Option("--validation", help="File or folder held out, scored by language; repeatable.")
]
Out = Annotated[Path, typer.Option("--out", help="Folder of the run: checkpoints and metrics.")]
Overrides = Annotated[
    list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Change a setting, e.g. optim.lr=1e-3.")
]
Show = Annotated[bool, typer.Option("--print", help="Show the resolved settings and stop.")]
Resume = Annotated[bool, typer.Option("--resume", help="Go on with the run that --out holds, if it holds one.")]


def recipe_of(
    stage: str, data: Sequence[Path], config: TrainConfig, about: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """What the checkpoint says of how it was made; `about` is what there is besides stage, data and settings."""
    from ..config import to_dict

    return {"stage": stage, "data": [str(path) for path in data], "config": to_dict(config), **(about or {})}


def say(result: TrainResult) -> None:
    """Where the run's result is, and what it came to."""
    from rich.console import Console

    scores = [f"{name} {score:.3f} bits per byte" for name, score in result.bits_per_byte.items()]
    if (accuracy := result.evaluation.get("accuracy/held_out")) is not None:
        scores.append(f"right on {accuracy:.1%} of the held-out pairs")
    Console().print(" · ".join([f"{result.checkpoint}: loss {result.loss:.3f}", *scores]))


def print_settings(config: Any) -> None:
    from ..config import to_dict

    typer.echo(json.dumps(to_dict(config), indent=2))


def read_dialogues(paths: Sequence[Path]) -> Iterator[Conversation]:
    with BadRecords() as bad:
        yield from dialogues(paths, bad)
