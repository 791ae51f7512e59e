"""`python -m moss.recipes.text2image --out painter.safetensors`: trains the image model and writes it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .training import Text2ImageConfig, train

DEFAULTS = Text2ImageConfig()


def main(
    out: Annotated[Path, typer.Option(help="File to write, .safetensors.")],
    max_steps: Annotated[int, typer.Option(help="Steps.")] = DEFAULTS.max_steps,
    seed: Annotated[int, typer.Option(help="Seed of weights and scenes.")] = DEFAULTS.seed,
) -> None:
    """Train the image model."""
    painter = train(Text2ImageConfig(max_steps=max_steps, seed=seed))
    painter.save(out)
    print(f"{out}: {out.stat().st_size / 1e6:.2f} MB, {sum(p.numel() for p in painter.parameters()):,} parameters")


if __name__ == "__main__":
    typer.run(main)
