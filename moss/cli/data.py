"""`moss data`: import conversations from other formats, and inspect what is in a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..counts import counted
from ..data.imports import IMPORTERS, importer
from .bad_records import BadRecords

if TYPE_CHECKING:
    from rich.table import Table

    from ..data.statistics import Statistics
    from ..tokenizer.report import TokenizerReport

_FORMATS = ", ".join(name for name in IMPORTERS if name != "native") + " or native (our own JSONL)"

app = typer.Typer(no_args_is_help=True, add_completion=False)


@app.command("import")
def import_(
    format_name: Annotated[str, typer.Argument(metavar="FORMAT", help=f"{_FORMATS}.")],
    path: Annotated[Path, typer.Argument(help="A .json or .jsonl file (also .gz), or a folder of them.")],
    out: Annotated[Path, typer.Option("--out", help="The JSONL file to write, one conversation a line.")],
) -> None:
    """Turn dialogues of another format into the JSONL that training reads; bad records are named and left out."""
    from ..conversation import write_jsonl
    from ..files import whole_file

    out.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(out) as unfinished:
        with BadRecords() as bad:
            count = write_jsonl(unfinished, importer(format_name)(path, bad.add))
        _check_some(count, path)
    typer.echo(f"{counted(count, 'conversation')} -> {out}")


@app.command()
def inspect(
    path: Annotated[Path, typer.Argument(help="A .jsonl or .json file (also .gz), or a folder of them.")],
    format_name: Annotated[str, typer.Option("--format", help=f"{_FORMATS}.")] = "native",
    tokenizer: Annotated[
        Path | None, typer.Option("--tokenizer", help="Count tokens with this tokenizer.json or checkpoint folder.")
    ] = None,
) -> None:
    """Show counts by role, language and tool, and how long the conversations are."""
    from rich.console import Console

    from ..chat_format import ChatFormat
    from ..data.statistics import language_of, measure
    from ..tokenizer.bpe import Tokenizer
    from ..tokenizer.report import report

    codec = Tokenizer.load(tokenizer) if tokenizer else None
    with BadRecords() as bad:
        conversations = list(importer(format_name)(path, bad.add))
    _check_some(len(conversations), path)
    statistics = measure(conversations, ChatFormat(codec) if codec else None)
    console = Console()
    for table in _tables(statistics):
        console.print(table)
    if codec:
        texts = [message.content or "" for c in conversations for message in c.messages]
        console.print(_tokenizer_table(report(codec, ((language_of(text), text) for text in texts))))
    if statistics.not_renderable:
        typer.echo(
            f"{len(statistics.not_renderable)} cannot be rendered, first {statistics.not_renderable[0]}", err=True
        )


def _check_some(count: int, path: Path) -> None:
    from ..errors import UserError

    if count == 0:
        raise UserError(f"{path}: no conversation could be read")


def _tables(found: Statistics) -> list[Table]:
    from ..data.statistics import quantile

    counts = _table("Conversations", "what", "count")
    counts.add_row("conversations", f"{found.conversations:,}")
    for language, number in found.languages.most_common():
        counts.add_row(f"user writes {language}", f"{number:,}")
    for role, number in found.messages.most_common():
        counts.add_row(f"{role} messages", f"{number:,}")
    if found.empty_replies:
        counts.add_row("empty replies", f"{found.empty_replies:,}")
    tools = _table("Tools", "tool", "switched on", "calls", "failed or no result")
    for name in sorted(found.tools | found.calls):
        tools.add_row(name, *(f"{of[name]:,}" for of in (found.tools, found.calls, found.calls_without_success)))
    lengths = _table("Per conversation", "what", "total", "median", "90 %", "longest")
    for what, values in (("turns", found.turns), ("characters", found.characters), ("tokens", found.tokens)):
        if values:
            figures = (sum(values), quantile(values, 0.5), quantile(values, 0.9), max(values))
            lengths.add_row(what, *(f"{figure:,}" for figure in figures))
    if found.tokens:
        lengths.add_row("tokens with loss", f"{found.trained_tokens:,}", "", "", "")
    return [counts, tools, lengths] if tools.row_count else [counts, lengths]


def _tokenizer_table(found: TokenizerReport) -> Table:
    table = _table("Tokenizer", "what", "value")
    table.add_row("vocabulary", f"{found.vocab_size:,}")
    for language, value in found.bytes_per_token.items():
        table.add_row(f"bytes per token, {language}", f"{value:.2f}")
    table.add_row("tokens not used here", f"{len(found.unused):,}")
    table.add_row("longest tokens", " ".join(repr(token) for token in found.longest[:5]))
    return table


def _table(title: str, first: str, *others: str) -> Table:
    from rich.table import Table

    table = Table(first, title=title, title_justify="left")
    for heading in others:
        table.add_column(heading, justify="right")
    return table
