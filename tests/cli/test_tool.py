"""moss tool: one argument, lines from stdin, failures."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from moss.cli.main import app


def moss(*arguments: str, stdin: str | bytes | None = None) -> tuple[int, str, str]:
    ran = CliRunner().invoke(app, ["tool", *arguments], input=stdin)
    return ran.exit_code, ran.stdout, ran.stderr


@pytest.mark.parametrize(
    ("arguments", "printed"),
    [
        (["calculate", "2(3+4)^2/7"], "14"),
        (["calculate", "-3+5"], "2"),
        (["calculate", "60/6", "--compatible"], "10.0"),
        (["calculate", "sin(30)", "--degrees"], "0.5"),
        (["calculate", "2-1(1/2)"], "0.5"),
        (["calculate", "2-1(1/2)", "--no-mixed-fractions"], "1.5"),
        (["solve", "x+y=90; x-y=30"], "x = 60; y = 30"),
        (["solve", "-x=3"], "x = -3"),
    ],
)
def test_one_expression(arguments: list[str], printed: str) -> None:
    assert moss(*arguments) == (0, f"{printed}\n", "")


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["calculate", "1+"], "moss: a number is missing before 'the end'\n"),
        (["calculate", "1/0"], "moss: division by zero\n"),
        (["calculate", "sin(1, 2)"], "moss: sin takes 1 argument, not 2\n"),
        (["calculate", "log(1, 2, 3)"], "moss: log takes 1 to 2 arguments, not 3\n"),
        (["solve", "x=x+1"], "moss: the equations contradict each other\n"),
    ],
)
def test_a_bad_expression_is_told_in_one_line(arguments: list[str], reason: str) -> None:
    assert moss(*arguments) == (2, "", reason)


@pytest.mark.parametrize("seed", ["-1", "99999999999999999999"])
def test_a_seed_that_cannot_be_is_told(seed: str, tmp_path: Path) -> None:
    code, _, reason = moss("draw", "a cat", "--seed", seed, "--out", str(tmp_path / "cat.png"))
    assert code == 2
    assert "Invalid value for '--seed'" in reason


def test_lines_never_stop() -> None:
    stdin = b"1+1\n1/0\n\n  2^10  \r\n9**9**9**9\n" + b"\xff\xfe\n" + b"1+" * 100_000 + "1\n3×4".encode()
    code, printed, reasons = moss("calculate", "-", stdin=stdin)
    failed = "No result."
    assert printed.splitlines() == ["2", failed, failed, "1024", failed, failed, failed, "12"]
    assert (code, reasons) == (0, "")


def test_lines_of_equations_join_their_values() -> None:
    code, printed, _ = moss("solve", "-", stdin="x^2=4\nx+y=3,x-y=1\nfoo\n")
    assert (code, printed.splitlines()) == (0, ["x_0 = -2; x_1 = 2", "x = 2; y = 1", "No result."])


def test_compatible_lines() -> None:
    assert moss("calculate", "-", "--compatible", stdin="125^(1/3)\n7!\n")[1] == "4.999999999999999\nNo result.\n"
    assert moss("solve", "-", "--compatible", stdin="x+2x=180/1;\n")[1] == "x = 60.0000000000000\n"


def test_search_prints_what_an_index_holds(tmp_path: Path) -> None:
    from moss.tools.search import build_index

    (tmp_path / "documents").mkdir()
    (tmp_path / "documents" / "zorvania.txt").write_text("The capital of Zorvania is Quill.\n", encoding="utf-8")
    index = tmp_path / "index.sqlite"
    build_index(tmp_path / "documents", index)
    code, printed, _ = moss("search", "capital of Zorvania", "--index", str(index), "--top-k", "1")
    assert code == 0
    assert printed.startswith("[1] ")
    assert "Quill" in printed
    code, _, reason = moss("search", "photosynthesis", "--index", str(index))
    assert (code, reason) == (2, "moss: nothing found for 'photosynthesis'\n")


def test_search_in_an_index_that_is_not_there(tmp_path: Path) -> None:
    code, _, reason = moss("search", "x", "--index", str(tmp_path / "none.sqlite"))
    assert code == 2
    assert "none.sqlite" in reason
