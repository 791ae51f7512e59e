"""Accuracy of calculator and equation solver on the real data sets, and the time of a call.

    python benchmarks/tools.py [FOLDER OF THE REAL DATA]

Printed for each set: how many are right, the first few that are not (with --wrong), and milliseconds of one call in the
process. Then the same calls through the sandbox, its start, and what a hostile expression costs.
"""

from __future__ import annotations

import argparse
import gzip
import json
import math
import re
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from moss.chat_format import NO_RESULT
from moss.errors import UserError
from moss.tools.base import Tool
from moss.tools.calculator import CalculatorTool, evaluate
from moss.tools.solver import SolverTool, solve

HOSTILE = ("9**9**9**9", "factorial(10**7)", "(" * 10_000 + "1" + ")" * 10_000, "().__class__", "1+" * 500_000 + "1")


class Question(NamedTuple):
    """What is asked, and whether an answer to it is right."""

    text: str
    is_right: Callable[[str], bool]


def read(path: Path) -> Iterator[dict[str, Any]]:
    """The records of a set."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        yield from map(json.loads, file)


def is_text(gold: str) -> Callable[[str], bool]:
    """The same text."""
    return lambda answer: answer == gold


def is_number(gold: float, tolerance: float) -> Callable[[str], bool]:
    """The same number, within a relative tolerance."""
    return lambda answer: math.isclose(number(answer), gold, rel_tol=tolerance, abs_tol=tolerance)


def holds_numbers(gold: Iterable[float], tolerance: float) -> Callable[[str], bool]:
    """Every number is the value of one of the lines `x = ...`."""

    def is_right(answer: str) -> bool:
        found = [number(line.partition(" = ")[2]) for line in answer.splitlines()]
        return all(any(math.isclose(x, y, rel_tol=tolerance, abs_tol=tolerance) for x in found) for y in gold)

    return is_right


def number(text: str) -> float:
    """The value of a result; not a number where it has none."""
    try:
        return float(evaluate(text))
    except UserError:
        return math.nan


def calculator_sets(folder: Path) -> Iterator[tuple[str, bool, list[Question]]]:
    """Name, compatible mode or not, questions."""
    pairs = [row for row in read(folder / "moss" / "calculate_pairs.jsonl.gz") if row["value"] is not None]
    yield "moss, compatible", True, [Question(row["expr"], is_text(row["value"])) for row in pairs]
    gsm8k = [
        Question(expression, is_number(float(value), 1e-9))
        for row in read(folder / "math" / "gsm8k_train.jsonl.gz")
        for expression, value in re.findall(r"<<(.*?)=(.*?)>>", row["answer"])
    ]
    yield "gsm8k", False, gsm8k
    svamp = read(folder / "math" / "svamp.jsonl.gz")
    yield "svamp", False, [Question(row["Equation"], is_number(row["Answer"], 1e-9)) for row in svamp]
    ape = read(folder / "math" / "ape210k_valid_zh.jsonl.gz")
    yield "ape210k", False, [Question(row["equation"], is_number(number(row["ans"]), 1e-4)) for row in ape]


def solver_sets(folder: Path) -> Iterator[tuple[str, bool, list[Question]]]:
    """Name, compatible mode or not, questions."""
    pairs = [row for row in read(folder / "moss" / "solve_pairs.jsonl.gz") if row["raw_result"] != NO_RESULT]
    yield "moss, compatible", True, [Question(row["equation"], is_text(row["raw_result"])) for row in pairs]
    # The gold values of both are rounded, some of HMWP's to three decimals.
    for name, file_name, tolerance in (("draw1k", "draw1k_equations", 1e-4), ("hmwp", "hmwp_equations_zh", 1e-3)):
        rows = read(folder / "math" / f"{file_name}.jsonl.gz")
        questions = [Question("; ".join(r["equations"]), holds_numbers(r["solutions"], tolerance)) for r in rows]
        yield name, False, questions


def measure(name: str, answer: Callable[[str], str], questions: list[Question], show_wrong: bool) -> None:
    """Prints a line for a set."""
    start = time.perf_counter()
    answers = [attempt(answer, question.text) for question in questions]
    milliseconds = (time.perf_counter() - start) / len(questions) * 1000
    wrong = [(q.text, found) for q, found in zip(questions, answers, strict=True) if not q.is_right(found)]
    share = 1 - len(wrong) / len(questions)
    right = f"{len(questions) - len(wrong):6,} of {len(questions):6,} ({share:.2%})"
    print(f"{name:32} {right}  {milliseconds:8.3f} ms a call")
    for text, found in wrong if show_wrong else ():
        print(f"    {text}  ->  {found}")


def attempt(answer: Callable[[str], str], text: str) -> str:
    """The answer, or the text of a failure."""
    try:
        return answer(text)
    except UserError:
        return NO_RESULT


def measure_sandbox(tool: Tool, questions: list[Question]) -> None:
    """Prints the start of a tool's worker, calls through it, and hostile calls."""
    start = time.perf_counter()
    tool.run(questions[0].text)
    print(f"{tool.name + ', first call':32} {(time.perf_counter() - start) * 1000:8.1f} ms")
    measure(f"{tool.name}, in the sandbox", lambda text: tool.run(text).text, questions, show_wrong=False)
    for text in HOSTILE:
        start = time.perf_counter()
        result = attempt(lambda text: tool.run(text).text, text)
        print(f"{tool.name} {text[:24]!r:>28} {(time.perf_counter() - start) * 1000:8.1f} ms  {result[:40]}")


def main() -> None:
    """Prints everything."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=Path(__file__).resolve().parents[2] / "shared" / "data")
    parser.add_argument("--wrong", action="store_true", help="show what is not right")
    options = parser.parse_args()

    for name, compatible, questions in calculator_sets(options.folder):
        measure(f"Calculate {name}", lambda text, c=compatible: evaluate(text, c), questions, options.wrong)
    plain = questions[:1000]
    for name, compatible, questions in solver_sets(options.folder):
        measure(f"Solve {name}", lambda text, c=compatible: "\n".join(solve(text, c)), questions, options.wrong)
    for tool, asked in ((CalculatorTool(), plain), (SolverTool(), questions[:1000])):
        measure_sandbox(tool, asked)
        tool.close()


if __name__ == "__main__":
    main()
