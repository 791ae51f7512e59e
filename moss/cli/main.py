"""The `moss` command: finds the command's module, and tells a user's mistake in one line.

A command module is imported only when its command is called, so `moss --help` needs neither torch nor a web framework.
Each one holds `app`, a `typer.Typer`. Not here: what any command does.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module, metadata
from platform import python_version
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from .. import __version__
from ..errors import REFUSALS, UserError, failure

COMMANDS: dict[str, tuple[str, str]] = {
    "chat": ("chat", "Talk to an assistant in the terminal."),
    "serve": ("serve", "Serve an assistant over HTTP, for OpenAI clients."),
    "run": ("run", "Make an assistant from nothing: all stages of a recipe."),
    "train": ("train", "Run one stage of training."),
    "eval": ("evaluate", "Measure an assistant."),
    "report": ("report", "Make the report of a finished study."),
    "preferences": ("preferences", "Gather replies to the same questions and have them judged."),
    "tag": ("tag", "Tag the replies of dialogues with their quality."),
    "data": ("data", "Import and inspect conversations."),
    "collect": ("collect", "Export what was collected with consent; take it back."),
    "user": ("user", "Make, list and ban the accounts of a public server."),
    "backup": ("backup", "Copy the server's database and pictures, also while it runs."),
    "migrate": ("migrate", "Bring the server's database up to date."),
    "index": ("index", "Index a folder of documents for the search tool."),
    "tool": ("tool", "Use one tool by hand: calculate, solve, search, draw."),
}
"""Command -> its module in this folder and its line in the help."""

USER_ERROR = 2
"""Exit code of everything the user can mend."""


class LazyCommands(TyperGroup):
    """Lists the commands from `COMMANDS`; imports the module of the one that is called."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        stand_ins = {name: TyperCommand(name, help=line) for name, (_, line) in COMMANDS.items()}
        self.commands = stand_ins | dict(self.commands)

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        name, command, rest = super().resolve_command(ctx, args)
        return name, _load(name) if name in COMMANDS else command, rest

    def invoke(self, ctx: Any) -> Any:
        with told_in_one_line(debug=ctx.params.get("debug", False)):
            return super().invoke(ctx)


app = typer.Typer(
    cls=LazyCommands,
    help="MOSS: a bilingual (English / 中文) assistant that uses tools, and how to make one.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        version()
        raise typer.Exit


@app.callback()
def _options(
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error, too.")] = False,
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Same as `moss version`.")
    ] = False,
) -> None:
    """Options before the command; `debug` is read by `LazyCommands.invoke`."""


@app.command(help="Show the versions of MOSS, Python and torch.")
def version() -> None:
    typer.echo(f"moss {__version__} (Python {python_version()}, torch {metadata.version('torch')})")


@contextmanager
def told_in_one_line(debug: bool = False) -> Iterator[None]:
    """Turns what the user can mend into one line on stderr and an exit code; `debug` keeps the traceback.

    2: UserError and what the machine refuses. 130: Ctrl-C, as shells expect. Our own defects pass through.
    """
    try:
        yield
    except (UserError, OSError) as error:
        reason = _reason(error)
        if reason is None or debug:
            raise
        typer.echo(f"moss: {reason}", err=True)
        raise typer.Exit(USER_ERROR) from None
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


def _reason(error: UserError | OSError) -> str | None:
    """The line that tells the user, or None where the user could not help it."""
    if isinstance(error, UserError):
        return " ".join(str(error).split())
    return failure(error) if error.errno in REFUSALS else None


def _load(name: str) -> Any:
    module = import_module(f".{COMMANDS[name][0]}", __package__)
    command = typer.main.get_command(module.app)
    command.name = name
    command.help = command.help or COMMANDS[name][1]  # a group of commands has no text of its own
    return command


def main() -> None:
    """Entry point of the `moss` command."""
    for stream in (sys.stdin, sys.stdout):
        if hasattr(stream, "reconfigure"):
            # Neither a C locale nor a stray byte in a pipe must turn into a UnicodeError.
            stream.reconfigure(encoding="utf-8", errors="replace")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    app()


if __name__ == "__main__":
    main()
