"""The frame of the command line: lazy, and one line for a user's mistake."""

from __future__ import annotations

import errno
import subprocess
import sys

import pytest
import typer
from typer.testing import CliRunner

from moss import __version__
from moss.cli.main import COMMANDS, USER_ERROR, app, told_in_one_line
from moss.errors import UserError

HEAVY = ("torch", "numpy", "fastapi", "uvicorn", "sympy", "tokenizers", "prompt_toolkit")  # pydantic is typer's own


def test_the_frame_loads_nothing_heavy() -> None:
    probe = f"import sys, moss.cli.main; print([name for name in {HEAVY!r} if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True).stdout.strip() == "[]"


def test_help_of_every_command_loads_no_torch() -> None:
    probe = f"""
import sys
from typer.testing import CliRunner
from moss.cli.main import COMMANDS, app
for name in COMMANDS:
    shown = CliRunner().invoke(app, [name, "--help"])
    print(name, shown.exit_code, [heavy for heavy in {HEAVY!r} if heavy in sys.modules])
"""
    ran = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True)
    assert ran.stdout.splitlines() == [f"{name} 0 []" for name in COMMANDS], ran.stderr


@pytest.mark.parametrize("name", COMMANDS)
def test_help_of_a_command_tells_of_nothing_else(name: str) -> None:
    assert "completion" not in CliRunner().invoke(app, [name, "--help"]).stdout


@pytest.mark.parametrize("name", COMMANDS)
def test_help_of_a_command_begins_with_what_it_does(name: str) -> None:
    shown = CliRunner(env={"COLUMNS": "200"}).invoke(app, [name, "--help"]).stdout.splitlines()
    usage, told = (line.strip() for line in shown if line.strip()[:1].isalpha())
    assert f" {name} [OPTIONS]" in usage
    assert told.endswith(".")


def test_help_lists_every_command() -> None:
    shown = CliRunner().invoke(app, ["--help"])
    assert shown.exit_code == 0
    assert all(name in shown.stdout for name in COMMANDS)


@pytest.mark.parametrize("words", [["version"], ["--version"]])
def test_version(words: list[str]) -> None:
    shown = CliRunner().invoke(app, words)
    assert shown.exit_code == 0
    assert shown.stdout.startswith(f"moss {__version__} ")


def test_an_unknown_command_names_the_near_one() -> None:
    shown = CliRunner().invoke(app, ["chta"])
    assert shown.exit_code == USER_ERROR
    assert "Did you mean 'chat'" in shown.stderr


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (UserError("no checkpoint at x:\nname a folder"), "moss: no checkpoint at x: name a folder\n"),
        (OSError(errno.ENOSPC, "No space left on device", "a/model"), "moss: a/model: the disk is full\n"),
        (OSError(errno.ENOSPC, "No space left on device"), "moss: the disk is full\n"),
        (OSError(errno.ENAMETOOLONG, "File name too long", "x"), "moss: x: this name is too long\n"),
        (FileNotFoundError(errno.ENOENT, "No such file", "nowhere"), "moss: nowhere: no such file or folder\n"),
        (FileExistsError(errno.EEXIST, "File exists", "out"), "moss: out: this exists already, and is no folder\n"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(error: Exception, line: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as stopped, told_in_one_line():
        raise error
    assert stopped.value.exit_code == USER_ERROR
    assert capsys.readouterr().err == line


def test_debug_keeps_the_traceback() -> None:
    with pytest.raises(UserError, match="why"), told_in_one_line(debug=True):
        raise UserError("why")


def test_a_defect_of_ours_is_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError), told_in_one_line():
        raise ZeroDivisionError
    with pytest.raises(OSError, match="strange"), told_in_one_line():
        raise OSError(errno.EIO, "strange")


def test_ctrl_c_is_130() -> None:
    with pytest.raises(typer.Exit) as stopped, told_in_one_line():
        raise KeyboardInterrupt
    assert stopped.value.exit_code == 130
