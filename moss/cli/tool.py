"""`moss tool`: use one tool by hand, for one question or for a stream of lines.

`calculate -` and `solve -` read one expression a line from stdin and write one result a line, in the same order and
without ever stopping: several values are joined by `; `, a failure is `No result.`.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import UserError

if TYPE_CHECKING:
    from ..tools.base import Tool

app = typer.Typer(no_args_is_help=True, add_completion=False)

# A leading minus belongs to the expression: `moss tool calculate -3+5`.
_EXPRESSIONS = {"ignore_unknown_options": True}

_Compatible = Annotated[bool, typer.Option("--compatible", help="Print what the tools of the original MOSS printed.")]


@app.command(context_settings=_EXPRESSIONS)
def calculate(
    expression: Annotated[str, typer.Argument(help="Arithmetic, or - for one expression a line from stdin.")],
    compatible: _Compatible = False,
    degrees: Annotated[bool, typer.Option("--degrees", help="Angles without a sign are in degrees.")] = False,
    mixed_fractions: Annotated[
        bool, typer.Option(help="Read 1(5/6) as 1 + 5/6, else as a product.", show_default=True)
    ] = True,
) -> None:
    """Compute an expression: 2(3+4)^2/7, 15% * 80, sqrt(2), sin(30°), 2.5万 / 4."""
    from ..tools.calculator import CalculatorTool

    _run(CalculatorTool(compatible, degrees, mixed_fractions), expression)


@app.command(context_settings=_EXPRESSIONS)
def solve(
    equations: Annotated[str, typer.Argument(help="Equations separated by ; or - for one system a line from stdin.")],
    compatible: _Compatible = False,
) -> None:
    """Solve equations: "x+y=90; x-y=30", "x^2 = 5x - 6", "x/4 = (120-x)/5"."""
    from ..tools.solver import SolverTool

    _run(SolverTool(compatible), equations)


@app.command()
def search(
    query: Annotated[str, typer.Argument(help="What to look for; English or Chinese.")],
    index: Annotated[
        Path | None,
        typer.Option("--index", help="Index that `moss index` made; the packaged encyclopedia by default."),
    ] = None,
    top_k: Annotated[int, typer.Option("--top-k", min=1, help="How many results at most.")] = 3,
) -> None:
    """Search an index; prints number, title, source and snippet of each result."""
    from ..tools.search import SearchTool

    tool = SearchTool(index, top_k=top_k)
    try:
        citations = tool.run(query).citations
    finally:
        tool.close()
    if not citations:
        raise UserError(f"nothing found for {query!r}")
    for citation in citations:
        typer.echo(f"[{citation.index}] {citation.title} ({citation.source})\n    {citation.snippet}")


@app.command()
def draw(
    description: Annotated[str, typer.Argument(help="What to draw, in English.")],
    out: Annotated[Path, typer.Option("--out", help="The image file to write.")] = Path("picture.png"),
    seed: Annotated[int, typer.Option("--seed", min=0, max=2**63 - 1, help="Another number, another picture.")] = 0,
) -> None:
    """Draw a picture of a description."""
    from ..tools.text2image import draw as draw_picture

    draw_picture(description, out, seed)
    typer.echo(f"{out}")


def _run(tool: Tool, argument: str) -> None:
    try:
        if argument == "-":
            _run_lines(tool)
        else:
            typer.echo(_one_line(tool.run(argument).text))
    finally:
        tool.close()


def _run_lines(tool: Tool) -> None:
    from ..chat_format import NO_RESULT

    # Bytes that are no UTF-8 must not stop the stream either.
    for line in sys.stdin.buffer:
        try:
            result = tool.run(line.decode("utf-8", errors="replace").strip()).text
        except UserError:
            result = NO_RESULT
        typer.echo(_one_line(result))


def _one_line(result: str) -> str:
    return "; ".join(result.splitlines())
