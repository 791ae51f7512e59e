"""`moss preferences`: replies of several sources to the same questions, and a model's judgement of them.

Between `gather` and `judge` people may judge instead; `moss data import rankings` makes pairs of what was judged.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..counts import counted
from ..errors import UserError, unknown_name
from .bad_records import BadRecords, questions

if TYPE_CHECKING:
    from ..conversation import Ranking
    from ..synth.llm_judge import JudgeReport
    from ..synth.preferences import Source

app = typer.Typer(no_args_is_help=True, add_completion=False)

PACKAGED = "packaged"
"""The source that is the assistant in the package."""
NUMBERS = {"temperature": float, "top_p": float, "max_tokens": int, "quality": int}
"""Settings of a source that are numbers."""

Concurrent = Annotated[int, typer.Option(help="Questions under way at once.", min=1)]
KeyVariable = Annotated[
    str, typer.Option("--key-env", metavar="NAME", help="Environment variable with the API key of the endpoint.")
]


@dataclass(frozen=True)
class SourceText:
    """A source as it is written: `WHERE,key=value,...`."""

    where: str
    """A checkpoint folder, "packaged", or the address of an OpenAI-compatible endpoint."""
    settings: Mapping[str, Any]

    @property
    def is_endpoint(self) -> bool:
        return self.where.startswith(("http://", "https://"))

    @classmethod
    def read(cls, text: str) -> SourceText:
        """Raises UserError where a setting is none."""
        where, *parts = text.split(",")
        known = {"name", *NUMBERS} | ({"model"} if where.startswith("http") else set())
        settings: dict[str, Any] = {}
        for part in parts:
            key, sign, value = part.partition("=")
            if not sign:
                raise UserError(f"--source {text}: {part!r} is not key=value")
            if key not in known:
                raise unknown_name(f"setting of --source {where}", key, known)
            try:
                settings[key] = NUMBERS.get(key, str)(value)
            except ValueError:
                raise UserError(f"--source {text}: {key} must be a number, not {value!r}") from None
        return cls(where, settings)

    @property
    def sampling(self) -> dict[str, Any]:
        return {key: self.settings[key] for key in ("temperature", "top_p", "max_tokens") if key in self.settings}


@app.command()
def gather(
    data: Annotated[list[Path], typer.Argument(metavar="DIALOGUES", help="Our JSONL; each up to its last question.")],
    out: Annotated[Path, typer.Option("--out", help="The JSONL file of rankings to write, still without scores.")],
    sources: Annotated[
        list[str],
        typer.Option(
            "--source",
            metavar="WHERE[,KEY=VALUE...]",
            help="Repeatable: a checkpoint, `packaged`, or an endpoint's address with model=NAME; also name=, "
            "temperature=, top_p=, max_tokens=, quality=.",
        ),
    ],
    index: Annotated[Path | None, typer.Option(help="Search index; the packaged encyclopedia by default.")] = None,
    concurrent: Concurrent = 16,
    key_variable: KeyVariable = "OPENAI_API_KEY",
) -> None:
    """Ask several sources the same questions; the same command goes on after a kill."""
    from rich.console import Console
    from rich.progress import Progress

    from ..synth.preferences import gather as gather_replies

    written = [SourceText.read(text) for text in sources]
    with ExitStack() as opened, BadRecords() as bad:
        asked = [_source(source, index, os.environ.get(key_variable), opened) for source in written]
        bar = opened.enter_context(Progress(console=Console(stderr=True), transient=True))
        shown = bar.add_task("Asking", total=None)
        found = gather_replies(
            questions(data, bad),
            asked,
            out,
            concurrent=concurrent,
            progress=lambda done: bar.update(shown, completed=done, description=f"Asking ({done:,} questions)"),
        )
    for (source, reason), number in found.failed.most_common():
        typer.echo(f"{source}: {counted(number, 'question')} without a reply: {reason}", err=True)
    if found.repeated:
        typer.echo(f"{counted(found.repeated, 'question')} came again and counted once", err=True)
    replies = counted(found.replies.total(), "reply", "replies")
    typer.echo(f"{replies} to {counted(found.contexts, 'question')} ({found.resumed:,} of them before) -> {out}")


def _source(written: SourceText, index: Path | None, key: str | None, opened: ExitStack) -> Source:
    """The source, open until `opened` is closed."""
    from ..assistant import load_assistant
    from ..synth.endpoint import ChatEndpoint
    from ..synth.preferences import agent_source, endpoint_source

    name = written.settings.get("name", ",".join([written.where, *(f"{k}={v}" for k, v in written.settings.items())]))
    if written.is_endpoint:
        if "model" not in written.settings:
            raise UserError(f"--source {written.where} needs model=NAME")
        endpoint = opened.enter_context(ChatEndpoint(written.where, written.settings["model"], key))
        return endpoint_source(name, endpoint, **written.sampling)
    folder = None if written.where == PACKAGED else written.where
    assistant = opened.enter_context(load_assistant(folder, search_index=index))
    quality = assistant.quality(written.settings.get("quality"))
    return agent_source(name, assistant.agent, assistant.sampling(**written.sampling), quality)


@app.command()
def judge(
    rankings: Annotated[Path, typer.Argument(metavar="RANKINGS", help="Rankings, as `gather` writes them.")],
    out: Annotated[Path, typer.Option("--out", help="The JSONL file to write: the same with scores.")],
    url: Annotated[str, typer.Option(help="Address of an OpenAI-compatible endpoint, with its version: https://…/v1.")],
    model: Annotated[str, typer.Option(help="Name of the model that judges.")],
    cache: Annotated[
        Path | None, typer.Option(help="File of verdicts, not asked for again; OUT.verdicts.jsonl by default.")
    ] = None,
    instructions: Annotated[
        Path | None, typer.Option(help="Text file with other instructions for the judge.", exists=True, dir_okay=False)
    ] = None,
    concurrent: Concurrent = 4,
    key_variable: KeyVariable = "OPENAI_API_KEY",
) -> None:
    """Have a model compare every two replies to a question, in both orders, and score them by what they win."""
    from ..conversation import read_rankings, write_rankings
    from ..files import whole_file, write_json
    from ..synth.endpoint import ChatEndpoint
    from ..synth.judges import judge_all
    from ..synth.llm_judge import INSTRUCTIONS, LlmJudge

    told = INSTRUCTIONS if instructions is None else instructions.read_text(encoding="utf-8")
    verdicts = cache or out.with_name(out.name + ".verdicts.jsonl")
    with (
        ChatEndpoint(url, model, os.environ.get(key_variable)) as endpoint,
        LlmJudge(endpoint, verdicts, instructions=told, concurrent=concurrent) as asked,
        whole_file(out) as unfinished,
    ):
        count = write_rankings(unfinished, _counted(judge_all(read_rankings(rankings), asked)))
    report = out.with_name(out.name + ".report.json")
    write_json(report, asked.report.to_dict())
    _tell(asked.report)
    typer.echo(
        f"{counted(count, 'ranking')} -> {out}; report: {report}; pairs: moss data import rankings {out} --out …"
    )


def _counted(rankings: Iterable[Ranking]) -> Iterator[Ranking]:
    """The rankings, with their number on a terminal as they are judged."""
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        shown = bar.add_task("Judging", total=None)
        for done, ranking in enumerate(rankings, start=1):
            yield ranking
            bar.update(shown, completed=done, description=f"Judging ({done:,} questions)")


def _tell(report: JudgeReport) -> None:
    """What is to be known of a judge before its verdicts are believed."""
    found = report.to_dict()
    for reason, number in found["failures"].items():
        typer.echo(f"{counted(number, 'question')} to the judge without a verdict: {reason}", err=True)
    if report.position_bias is not None:
        typer.echo(f"the reply shown first wins {report.position_bias:.1%} of the decided questions (50 % is fair)")
    if report.consistency is not None:
        typer.echo(f"both orders agree on {report.consistency:.1%} of the comparisons")
