"""`moss tag`: the replies of dialogues get quality tags, from the scores of a preference model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .bad_records import BadRecords, dialogues

app = typer.Typer(add_completion=False)


@app.command()
def tag(
    data: Annotated[list[Path], typer.Argument(metavar="DIALOGUES", help="Files or folders of our JSONL.")],
    model: Annotated[Path, typer.Option("--model", help="Folder of the preference model that scores the replies.")],
    out: Annotated[Path, typer.Option("--out", help="The JSONL file to write: the dialogues with their tags.")],
    report_file: Annotated[
        Path | None,
        typer.Option("--report", metavar="FILE", help="Where the report goes; OUT.report.json by default."),
    ] = None,
    head: Annotated[str | None, typer.Option(help="Which of the model's scores, where it has several.")] = None,
    within_contexts: Annotated[
        bool,
        typer.Option(
            "--within-contexts",
            help="Rank the replies to each context by themselves, from 0 to 100.",
        ),
    ] = False,
    best_calls: Annotated[
        bool,
        typer.Option(
            "--best-calls",
            help="Leave out dialogues whose calls are not those of the best reply to their context.",
        ),
    ] = False,
) -> None:
    """Tag every reply with its quality, the percentile of its score; the same command goes on after a kill."""
    from rich.console import Console
    from rich.progress import Progress

    from ..files import write_json
    from ..scoring.scorer import load_scorer
    from ..scoring.tags import tag as tag_dialogues

    scorer = load_scorer(model, head)
    console = Console()
    with Progress(console=Console(stderr=True), transient=True) as bar, BadRecords() as bad:
        shown = bar.add_task("Scoring", total=None)
        # They are read once for each pass, but what is wrong with them is told once.
        passes = iter([bad])
        report = tag_dialogues(
            lambda: dialogues(data, next(passes, BadRecords(silent=True))),
            scorer,
            scorer.name,
            out,
            lambda done: bar.update(shown, completed=done, description=f"Scoring ({done:,} dialogues)"),
            within_contexts=within_contexts,
            best_calls=best_calls,
        )
    for table in report.tables():
        console.print(table)
    found = report.to_dict()
    report_file = report_file or out.with_name(out.name + ".report.json")
    write_json(report_file, found)
    if report.not_scored:
        alone = ", or no better and no worse than others to their context" if within_contexts else ""
        typer.echo(f"{report.not_scored:,} replies have no tag: too long for the model{alone}", err=True)
    if report.left_out:
        typer.echo(f"{report.left_out:,} dialogues left out: they call otherwise than the best reply", err=True)
    console.print(f"{found['replies']:,} replies of {report.conversations:,} dialogues -> {out}; report: {report_file}")
