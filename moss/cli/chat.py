"""`moss chat`: talk to an assistant in the terminal, or put one question to it from a script."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Annotated, Protocol

import typer
from rich.console import Console
from rich.text import Text

from ..conversation import Conversation, Message, write_jsonl
from ..errors import UserError, failure, unknown_name
from ..events import Event, Failed, fold
from ..files import whole_file
from ..interrupts import interrupts
from .quality import Guidance, Quality, parse_quality
from .terminal import AnswerPrinter, JsonPrinter

if TYPE_CHECKING:
    from prompt_toolkit.history import History

    from ..assistant import Assistant
    from ..engine.params import SamplingParams

app = typer.Typer(add_completion=False)

HELP = """\
/tools              the tools, and whether they are on
/tools NAME on|off  switch one (NAME may be "all")
/quality N|off      how good replies should be, 0 to 100, where the model was trained to know
/guidance X         move them away from the lowest quality, this strongly (0 is off)
/clear              forget the conversation
/save FILE          write it to FILE, one line of JSONL
/help               this text
/exit               leave (so do Ctrl-D, and Ctrl-C twice)

Ctrl-C stops an answer. Alt-Enter starts a new line; pasted text may have several."""

GREETING = "{name} · English / 中文 · /help for commands, Ctrl-D to leave"


@app.command()
def chat(
    checkpoint: Annotated[
        Path | None, typer.Argument(help="Checkpoint folder; the packaged assistant when left out.", show_default=False)
    ] = None,
    once: Annotated[
        str | None, typer.Option("--once", metavar="PROMPT", help="Answer this and stop; - reads it from stdin.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write one event a line; the last is the answer.")] = False,
    tools: Annotated[
        str | None, typer.Option(metavar="NAMES", help="Tools to switch on, by commas ('' for none); all by default.")
    ] = None,
    temperature: Annotated[float | None, typer.Option(help="0 always takes the likeliest token.")] = None,
    top_p: Annotated[float | None, typer.Option(help="Share of the probability to draw from.")] = None,
    seed: Annotated[int | None, typer.Option(help="The same seed gives the same answers.")] = None,
    max_tokens: Annotated[int | None, typer.Option(help="The longest reply, in tokens.")] = None,
    quality: Quality = None,
    guidance: Guidance = None,
    best_of: Annotated[
        int | None, typer.Option(min=1, help="Make so many replies and give the best, as --scorer has it.")
    ] = None,
    scorer: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Preference model that chooses the best reply.")
    ] = None,
    index: Annotated[
        Path | None, typer.Option(help="Search index that `moss index` made; the packaged encyclopedia by default.")
    ] = None,
    images: Annotated[Path, typer.Option(help="Folder for the images that are drawn.")] = Path("moss-images"),
) -> None:
    """Talk to an assistant in the terminal."""
    from ..assistant import load_assistant

    prompt = sys.stdin.read() if once == "-" else once
    if prompt is not None and not prompt.strip():
        raise UserError("the prompt is empty")
    if checkpoint is not None and not os.path.exists(checkpoint):  # not Path's own: a long question is an error to it
        hint = f"a question goes after --once: moss chat --once {quote(str(checkpoint))}"
        raise UserError(f"no checkpoint at {checkpoint}: the folder does not exist; {hint}")
    interactive = prompt is None and sys.stdin.isatty()
    if (best_of is None) != (scorer is None):
        raise UserError("--best-of N and --scorer FOLDER go together")
    with Console(stderr=True).status("Waking up ..."):
        assistant = load_assistant(checkpoint, search_index=index, image_folder=images)
    with assistant:
        if best_of is not None and scorer is not None:
            assistant = _that_chooses(assistant, best_of, scorer)
        sampling = assistant.sampling(
            temperature=temperature, top_p=top_p, seed=seed, max_tokens=max_tokens, guidance=guidance
        )
        tag = assistant.quality(parse_quality(quality), guidance)
        session = Chat(assistant, sampling, Console(highlight=False), as_json, interactive, tag)
        if tools is not None:
            session.switch_on_only(name.strip() for name in tools.split(",") if name.strip())
        if prompt is not None:
            session.answer(prompt.strip())
        else:
            session.talk(typed_lines(assistant.name) if interactive else _piped_lines())


def _that_chooses(assistant: Assistant, n: int, scorer: Path) -> Assistant:
    """The assistant, giving the best of n replies."""
    from ..scoring.best_of import BestOf
    from ..scoring.scorer import load_scorer

    return replace(assistant, agent=BestOf(assistant.agent, load_scorer(scorer, precision="auto"), n))


class Printer(Protocol):
    """Shows the events of one answer; closed when it ends, however it ends."""

    def __call__(self, event: Event) -> None: ...
    def close(self) -> None: ...


class Chat:
    """One conversation with an assistant: the messages so far, the switches, and the commands that begin with "/"."""

    def __init__(
        self,
        assistant: Assistant,
        sampling: SamplingParams,
        console: Console,
        as_json: bool = False,
        interactive: bool = False,
        quality: int | None = None,
    ):
        self._assistant = assistant
        self._sampling = sampling
        self._console = console
        self._as_json = as_json
        self._interactive = interactive
        self._quality = quality
        self._tools = frozenset(assistant.toolbox.names)
        self._messages: tuple[Message, ...] = ()
        self._saved: set[Path] = set()
        self._left = False
        self._commands: dict[str, Callable[[list[str]], None]] = {
            "tools": self._switch,
            "quality": self._want_quality,
            "guidance": self._want_guidance,
            "clear": self._clear,
            "save": self._save,
            "help": self._help,
            "exit": self._leave,
        }

    @property
    def conversation(self) -> Conversation:
        """What has been said so far, with the switches as they are now."""
        on = tuple(name for name in self._assistant.toolbox.names if name in self._tools)
        return Conversation(self._messages, tools=on)

    def switch_on_only(self, names: Iterable[str]) -> None:
        """Switches these tools on and all others off. UserError for a name that no tool has."""
        self._tools = frozenset(self._assistant.toolbox[name].name for name in names)

    def answer(self, prompt: str) -> None:
        """Streams the answer and keeps both sides. UserError where it could not be made."""
        asked = replace(self.conversation, messages=(*self._messages, Message("user", prompt)))
        try:
            events = self._stream(asked)
        except UserError as error:
            if self._as_json:
                JsonPrinter(self._console)(Failed(str(error)))
            raise
        said = fold(events)
        if said[-1].content:
            self._messages = (*asked.messages, *said)
        if events and isinstance(events[-1], Failed):
            raise UserError(events[-1].message)

    def talk(self, lines: Iterable[str]) -> None:
        """Answers line after line until they end or /exit. A mistake is told, and the conversation goes on."""
        for line in lines:
            try:
                if line.startswith("/"):
                    self._command(line)
                elif line.strip():
                    self.answer(line)
            except UserError as error:
                self._tell(str(error), "red")
            if self._left:
                return

    def _stream(self, asked: Conversation) -> list[Event]:
        """Shows the events of the answer as they come, and gives them all."""
        events: list[Event] = []
        with (
            closing(self._printer()) as show,
            closing(self._reply(asked)) as stream,
            interrupts(at_once=True) as pressed,
        ):
            try:
                for event in stream:
                    events.append(event)
                    show(event)
                    if pressed.is_set():
                        raise KeyboardInterrupt
            except KeyboardInterrupt:
                # In a dialogue Ctrl-C stops the answer and not the program, and what had arrived counts as said.
                if not self._interactive:
                    raise
        return events

    def _reply(self, asked: Conversation) -> Generator[Event, None, None]:
        return self._assistant.reply(asked, self._sampling, self._quality)

    def _printer(self) -> Printer:
        return JsonPrinter(self._console) if self._as_json else AnswerPrinter(self._console)

    def _tell(self, text: str, style: str = "dim") -> None:
        # Where events go to stdout as JSON, words for people must not.
        console = Console(stderr=True) if self._as_json else self._console
        console.print(Text(text, style), soft_wrap=True)

    def _command(self, line: str) -> None:
        name, *arguments = line[1:].split() or [""]
        if name not in self._commands:
            raise unknown_name("command", f"/{name}", [f"/{known}" for known in self._commands])
        self._commands[name](arguments)

    def _switch(self, arguments: list[str]) -> None:
        match arguments:
            case []:
                pass
            case [name, ("on" | "off") as state]:
                toolbox = self._assistant.toolbox
                names = set(toolbox.names) if name == "all" else {toolbox[name].name}
                self._tools = self._tools | names if state == "on" else self._tools - names
            case _:
                raise UserError("/tools lists the tools; /tools NAME on and /tools NAME off switch one")
        for tool in self._assistant.toolbox:
            self._tell(f"{'on ' if tool.name in self._tools else 'off'}  {tool.name:<10} {tool.description}")

    def _want_quality(self, arguments: list[str]) -> None:
        match arguments:
            case []:
                pass
            case [wish]:
                self._quality = self._assistant.quality(parse_quality(wish, self._tell))
                if self._quality is None:
                    self._sampling = replace(self._sampling, guidance=0.0)
            case _:
                raise UserError("/quality shows the wanted quality; /quality N (0 to 100) and /quality off change it")
        self._tell("Replies have no quality tag." if self._quality is None else f"Quality {self._quality}.")

    def _want_guidance(self, arguments: list[str]) -> None:
        match arguments:
            case []:
                pass
            case [number]:
                try:
                    guidance = float(number)
                except ValueError:
                    raise UserError(f"guidance is a number (0 is off), not {number!r}") from None
                self._assistant.quality("off" if self._quality is None else self._quality, guidance)
                self._sampling = replace(self._sampling, guidance=guidance)
            case _:
                raise UserError("/guidance shows the guidance; /guidance X changes it, and 0 turns it off")
        self._tell(f"Guidance {self._sampling.guidance:g}." if self._sampling.guidance else "Guidance is off.")

    def _clear(self, arguments: list[str]) -> None:
        self._messages = ()
        self._tell("The conversation is forgotten.")

    def _save(self, arguments: list[str]) -> None:
        if not arguments:
            raise UserError("/save needs the name of a file")
        if not self._messages:
            raise UserError("there is nothing to save yet")
        path = Path(" ".join(arguments)).expanduser()
        if path.exists() and path not in self._saved:
            raise UserError(f"{path} exists already; save under another name")
        try:
            with whole_file(path) as unfinished:
                write_jsonl(unfinished, [self.conversation])
        except OSError as error:
            raise UserError(f"cannot write {failure(error, path)}") from None
        self._saved.add(path)
        self._tell(f"Saved to {path}.")

    def _help(self, arguments: list[str]) -> None:
        self._tell(HELP)

    def _leave(self, arguments: list[str]) -> None:
        self._left = True


def typed_lines(name: str) -> Iterator[str]:
    """What is typed at the prompt, with editing, history and pasted lines; ends with Ctrl-D or a second Ctrl-C."""
    from prompt_toolkit import PromptSession
    from prompt_toolkit.key_binding import KeyBindings

    keys = KeyBindings()
    keys.add("escape", "enter")(lambda event: event.current_buffer.insert_text("\n"))
    session: PromptSession[str] = PromptSession(history=_history(), key_bindings=keys)
    typer.echo(GREETING.format(name=name))
    warned = False
    while True:
        try:
            line = session.prompt("› ")
        except EOFError:
            return
        except KeyboardInterrupt:
            if warned:
                return
            warned = True
            typer.echo("Ctrl-C once more, or Ctrl-D, leaves.")
            continue
        warned = False
        yield line


def _history() -> History:
    """Prompts of earlier sessions; only of this one where the home folder cannot be written."""
    from prompt_toolkit.history import FileHistory, InMemoryHistory

    folder = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "moss"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return InMemoryHistory()
    return FileHistory(folder / "chat_history")


def _piped_lines() -> Iterator[str]:
    return (line.rstrip("\n") for line in sys.stdin)
