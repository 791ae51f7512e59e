"""`moss data`: import conversations and preferences from other formats, and inspect what is in a file."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..counts import counted
from ..data.imports import IMPORTERS, importer
from ..data.preference_imports import PAIR_IMPORTERS, RANKING_IMPORTERS, pair_importer, ranking_importer
from .bad_records import BadRecords, tell_dropped

if TYPE_CHECKING:
    from rich.table import Table

    from ..conversation import PreferencePair
    from ..data.preferences import PairStatistics
    from ..data.statistics import Statistics
    from ..tokenizer.report import TokenizerReport

_CONVERSATIONS = ", ".join(name for name in IMPORTERS if name != "native") + " or native (our own JSONL)"
_PREFERENCES = ", ".join(dict.fromkeys([*PAIR_IMPORTERS, *RANKING_IMPORTERS]))

app = typer.Typer(no_args_is_help=True, add_completion=False)


@app.command("import")
def import_(
    format_name: Annotated[
        str, typer.Argument(metavar="FORMAT", help=f"{_CONVERSATIONS}; preferences: {_PREFERENCES}.")
    ],
    path: Annotated[Path, typer.Argument(help="A .json or .jsonl file (also .gz), or a folder of them.")],
    out: Annotated[Path, typer.Option("--out", help="The JSONL file to write, one conversation or pair a line.")],
    rankings: Annotated[
        bool,
        typer.Option(
            "--rankings", help="Of kto, oasst, choices and rankings: all replies with their scores, not pairs."
        ),
    ] = False,
) -> None:
    """Turn dialogues or preferences of another format into the JSONL that training reads.

    Bad records are named and left out; so are, by number, pairs that repeat or contradict others.
    """
    from ..conversation import write_jsonl, write_pairs, write_rankings
    from ..files import whole_file

    out.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(out) as unfinished:
        with BadRecords() as bad:
            if rankings:
                what, count = "ranking", write_rankings(unfinished, ranking_importer(format_name)(path, bad.add))
            elif _is_preference(format_name):
                what, count = "pair", write_pairs(unfinished, _cleaned_pairs(format_name, path, bad))
            else:
                what, count = "conversation", write_jsonl(unfinished, importer(format_name)(path, bad.add))
        _check_some(count, path, what)
    typer.echo(f"{counted(count, what)} -> {out}")


@app.command()
def inspect(
    path: Annotated[Path, typer.Argument(help="A .jsonl or .json file (also .gz), or a folder of them.")],
    format_name: Annotated[
        str, typer.Option("--format", help=f"{_CONVERSATIONS}; preferences: {_PREFERENCES}.")
    ] = "native",
    tokenizer: Annotated[
        Path | None, typer.Option("--tokenizer", help="Count tokens with this tokenizer.json or checkpoint folder.")
    ] = None,
) -> None:
    """Show counts by role, language and tool, and how long the conversations are; of preferences, who wins."""
    if _is_preference(format_name):
        _inspect_pairs(format_name, path)
    else:
        _inspect_conversations(format_name, path, tokenizer)


def _inspect_conversations(format_name: str, path: Path, tokenizer: Path | None) -> None:
    from rich.console import Console

    from ..chat_format import ChatFormat
    from ..data.statistics import language_of, measure
    from ..tokenizer.bpe import Tokenizer
    from ..tokenizer.report import report

    codec = Tokenizer.load(tokenizer) if tokenizer else None
    with BadRecords() as bad:
        conversations = list(importer(format_name)(path, bad.add))
    _check_some(len(conversations), path, "conversation")
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


def _inspect_pairs(format_name: str, path: Path) -> None:
    from rich.console import Console

    from ..data.preferences import measure_pairs

    dropped: Counter[str] = Counter()
    with BadRecords() as bad:
        pairs = list(pair_importer(format_name, dropped)(path, bad.add))
    tell_dropped(dropped)
    _check_some(len(pairs), path, "pair")
    console = Console()
    for table in _pair_tables(measure_pairs(pairs)):
        console.print(table)


def _is_preference(format_name: str) -> bool:
    return format_name in PAIR_IMPORTERS or format_name in RANKING_IMPORTERS


def _cleaned_pairs(format_name: str, path: Path, bad: BadRecords) -> list[PreferencePair]:
    """The pairs of a file without those that repeat or contradict others, which are told of by number."""
    from ..data.preferences import clean

    dropped: Counter[str] = Counter()
    pairs = clean(pair_importer(format_name, dropped)(path, bad.add), dropped)
    tell_dropped(dropped)
    return pairs


def _check_some(count: int, path: Path, what: str) -> None:
    from ..errors import UserError

    if count == 0:
        hint = "; single labelled replies can be kept with --rankings" if what == "pair" else ""
        raise UserError(f"{path}: no {what} could be read{hint}")


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


def _pair_tables(found: PairStatistics) -> list[Table]:
    from ..data.statistics import quantile

    counts = _table("Pairs", "what", "count")
    counts.add_row("pairs", f"{found.pairs:,}")
    counts.add_row("distinct contexts", f"{found.contexts:,}")
    for what, by in (("user writes", found.languages), ("from", found.sources)):
        for name, number in by.most_common():
            counts.add_row(f"{what} {name}", f"{number:,}")
    for reason, number in found.unusable.most_common():
        counts.add_row(reason, f"{number:,}")
    if found.longer_wins is not None:
        counts.add_row("the longer reply wins", f"{found.longer_wins:.1%}")
    sizes = _table("Per pair", "what", "median", "90 %", "largest")
    for side, lengths in (("chosen", found.chosen_characters), ("rejected", found.rejected_characters)):
        figures = (quantile(lengths, 0.5), quantile(lengths, 0.9), max(lengths))
        sizes.add_row(f"characters of the {side}", *(f"{figure:,}" for figure in figures))
    if found.margins:
        margins = (quantile(found.margins, 0.5), quantile(found.margins, 0.9), max(found.margins))
        sizes.add_row(f"margin ({len(found.margins):,} have one)", *(f"{margin:.3g}" for margin in margins))
    sources = _table("Replies by source", "source", "better", "worse", "share won")
    for name in sorted(found.won | found.lost):
        won, lost = found.won[name], found.lost[name]
        sources.add_row(name, f"{won:,}", f"{lost:,}", f"{won / (won + lost):.1%}")
    return [counts, sizes, sources] if sources.row_count else [counts, sizes]


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
