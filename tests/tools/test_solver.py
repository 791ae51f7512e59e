"""The equation solver: what it reads, what it finds, how it shows it, what it refuses, and the real data sets."""

from __future__ import annotations

import gzip
import json
import math
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moss.errors import UserError
from moss.tools.calculator import CalculatorError, evaluate
from moss.tools.solver import SolverTool, solve

SOLUTIONS = {
    # one linear equation
    "3x+7=24": "x = 17/3",
    "x/4=(120-x)/5": "x = 160/3",
    "60=x+x/5": "x = 50",
    "x + x * 0.1 = 880": "x = 800",
    "x + 1.2x = 30000": "x = 13636.3636364",
    "x*(1+20%)=360": "x = 300",
    "30%x=60": "x = 200",
    "x:3=4:6": "x = 2",
    "750/1000=x/2": "x = 3/2",
    "12x = 3*21x": "x = 0",
    "2(x+3)=10?": "x = 2",
    "(2x=6)": "x = 3",
    # systems
    "x+y=90;x-y=30": "x = 60; y = 30",
    "x + y = 3, 2x + 4y = 4": "x = 4; y = -1",
    "x+y=3 and x-y=1": "x = 2; y = 1",
    "{x+y=3, x-y=1}": "x = 2; y = 1",
    "x+y=3\nx-y=1": "x = 2; y = 1",
    "12*(x+y)=10;9*(y+z)=15;18*(x+z)=20": "x = 5/36; y = 25/36; z = 35/36",
    "a=b=3": "a = 3; b = 3",
    "student+general=450;3*student+4.5*general=1950": "general = 400; student = 50",
    "鸡+兔=35；2鸡+4兔=94": "兔 = 12; 鸡 = 23",
    "２ｘ＋３＝７": "x = 2",
    "x＋y＝３，x－y＝１": "x = 2; y = 1",
    "x/y=2/3; x+y=10": "x = 4; y = 6",
    # values that build on each other
    "a=6;b=8;c=sqrt(a^2+b^2);R=(a*b*c)/(4*sqrt((a+b+c)*(b+c-a)*(a+c-b)*(a+b-c)));R": "R = 5/4; a = 6; b = 8; c = 10",
    "r=2; A=pi*r^2": "A = 12.5663706144; r = 2",
    # quadratics
    "x^2=144": "x_0 = -12; x_1 = 12",
    "(x+1)^2=25": "x_0 = -6; x_1 = 4",
    "x^2-4x+4=0": "x = 2",
    "3x*4x=180": "x_0 = -sqrt(15); x_1 = sqrt(15)",
    "2x²-4x+1=0": "x_0 = 1 - sqrt(2)/2; x_1 = 1 + sqrt(2)/2",
    "x^2-0.5=0": "x_0 = -0.707106781187; x_1 = 0.707106781187",
    "x^2+1=0": "x_0 = -I; x_1 = I",
    "x^2+x+1=0": "x_0 = -1/2 - sqrt(3)*I/2; x_1 = -1/2 + sqrt(3)*I/2",
    "x^2=-4.5": "x_0 = -2.12132034356*I; x_1 = 2.12132034356*I",
    "900 / x^2 - x^2 = 0": "x_0 = -sqrt(30); x_1 = sqrt(30)",
    # higher degrees: real solutions alone, where there is one
    "x^3=27": "x = 3",
    "x^3-6x^2+11x-6=0": "x_0 = 1; x_1 = 2; x_2 = 3",
    "x^5-x-1=0": "x = 1.16730397826",
    # systems that are not linear
    "2*(x+y)=32;x*y=48": "x_0 = 4; y_0 = 12; x_1 = 12; y_1 = 4",
    "x+y=7;xy=12": "x_0 = 3; y_0 = 4; x_1 = 4; y_1 = 3",
    # functions
    "sqrt(x+1)=3": "x = 8",
    "|x-2|=3": "x_0 = -1; x_1 = 5",
    "2^x=8": "x = 3",
    "e^x=5": "x = 1.60943791243",
    "sin(x)=1/2": "x_0 = pi/6; x_1 = 5*pi/6",
    "5*ln(x+1)+3.5=0": "x = -0.503414696209",
    "4*pi*r^2=128": "r_0 = -3.19153824321; r_1 = 3.19153824321",
    "24*pi = 2*pi*r": "r = 12",
    "cos(x)=x": "x = 0.739085133215",
    # something stays free
    "x+y=25": "x = 25 - y",
    "x+y=25;y": "y = 25 - x",
    "4x + 3y + 2z = 10; x + y + z = 10": "x = z - 20; y = 30 - 2*z",
    "750/1000=x/total_water": "total_water = 4*x/3",
    "l*w*h=12": "h = 12/(l*w)",
    "0.5x+y=3": "x = 6 - 2*y",
    # e is a number only as the base of a power
    "a+b+e=6;a=1;b=2": "a = 1; b = 2; e = 3",
    # a denominator must not be zero
    "(x^2-1)/(x-1)=3": "x = 2",
}


@pytest.mark.parametrize(("equations", "solution"), SOLUTIONS.items())
def test_solution(equations: str, solution: str) -> None:
    assert "; ".join(solve(equations)) == solution


@pytest.mark.parametrize(
    ("equations", "reason"),
    [
        ("", "no equation"),
        ("3x+280", "no equation"),
        ("x=", "a number is missing"),
        ("x+3=?", "a number is missing"),
        ("x/2 = 19/5; x = 19/5*2+19", "contradict"),
        ("x=x+1", "contradict"),
        ("x+y=1;x+y=2", "contradict"),
        ("1=2", "contradict"),
        ("x=x", "every number"),
        ("3=3", "no unknown"),
        ("1/x=0", "contradict"),
        ("(x^2-1)/(x-1)=2", "divide by zero"),
        ("x/0=1", "division by zero"),
        ("3x>2", "comparisons"),
        ("x!=6", "factorial of an unknown"),
        ("sqrt(x)=-1", "no solution"),
        (";".join(f"x{n}=1" for n in range(40)), "40 equations"),
    ],
)
def test_what_has_no_solution_is_refused_with_the_reason(equations: str, reason: str) -> None:
    with pytest.raises(CalculatorError, match=reason):
        solve(equations)


def test_numbers_without_a_formula_are_found_by_looking() -> None:
    roots = [float(line.split(" = ")[1]) for line in solve("tan(x)=x", numeric=True)]
    assert len(roots) >= 3
    assert all(math.isclose(math.tan(root), root, rel_tol=1e-9, abs_tol=1e-9) for root in roots)
    with pytest.raises(CalculatorError, match="no real solution"):
        solve("e^x=-1", numeric=True)
    with pytest.raises(CalculatorError, match="too hard"):
        solve("x^y=2;y^x=3", numeric=True)


COMPATIBLE = {
    "2/5*x+3/5*x=130": "x = 130.000000000000",
    "x/4=(120-x)/5": "x = 160/3",
    "x^2=144;x": "x_0 = -12\nx_1 = 12",
    "3x*4x=180": "x_0 = -sqrt(15)\nx_1 = sqrt(15)",
    "900 / x^2 - x^2 = 0": "x_0 = -sqrt(30)\nx_1 = sqrt(30)\nx_2 = -sqrt(30)*I\nx_3 = sqrt(30)*I",
    "x+y=90;x-y=30": "x = 60\ny = 30",
}


@pytest.mark.parametrize(("equations", "text"), COMPATIBLE.items())
def test_compatible_text(equations: str, text: str) -> None:
    assert "\n".join(solve(equations, compatible=True)) == text


REFUSED = ["x+y=25", "3x+280", "x+y=7;x*y=12", "5*ln(x+1)=0", "cos(x)=1", "x=1;x=2", "20%=x"]


@pytest.mark.parametrize("equations", REFUSED)
def test_compatible_refuses_what_the_original_did(equations: str) -> None:
    with pytest.raises(CalculatorError):
        solve(equations, compatible=True)


COEFFICIENTS = st.integers(min_value=-50, max_value=50)


ROWS = st.lists(st.tuples(COEFFICIENTS, COEFFICIENTS, COEFFICIENTS), min_size=3, max_size=3)


@given(ROWS, st.tuples(COEFFICIENTS, COEFFICIENTS, COEFFICIENTS))
def test_a_linear_system_made_from_its_solution_is_solved(
    rows: list[tuple[int, int, int]], point: tuple[int, int, int]
) -> None:
    equations = "; ".join(f"{a}*x + {b}*y + {c}*z = {a * point[0] + b * point[1] + c * point[2]}" for a, b, c in rows)
    (a, b, c), (d, e, f), (g, h, i) = rows
    if a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g) == 0:
        return
    assert solve(equations) == [f"{name} = {value}" for name, value in zip("xyz", point, strict=True)]


@given(COEFFICIENTS, COEFFICIENTS, st.integers(min_value=1, max_value=9))
def test_a_quadratic_made_from_its_roots_is_solved(p: int, q: int, a: int) -> None:
    found = solve(f"{a}*(x - ({p}))*(x - ({q})) = 0")
    assert [line.split(" = ")[1] for line in found] == [str(root) for root in sorted({p, q})]


@settings(max_examples=60)
@given(st.text(alphabet="0123456789.+-*/^()=;, xyz√%!", max_size=24))
def test_any_text_has_a_solution_or_a_reason(text: str) -> None:
    try:
        outcome = solve(text, numeric=True)
    except CalculatorError as error:
        outcome = [f"no solution = {error}"]
    assert outcome
    assert all(" = " in line for line in outcome)


HOSTILE = [
    "x=9**9**9**9",
    "9^9^9^9*x=1",
    "x^(9^9^9)=1",
    "(x^30)^30=1",
    "(((x^9)^9)^9)^9=1",
    "x^x^x^x^x=2",
    "(x+y+z+a+b+c)^30=1",
    "(x^2+1)^15*(x-1)^10=2",
    "(" * 10_000 + "x" + ")" * 10_000 + "=1",
    "(" * 1_900 + "x" + ")" * 1_900 + "=1",
    "x+" * 500_000 + "x=1",
    "x*" * 1_900 + "x=1",
    "+".join(f"x^{n}" for n in range(30)) + "=0",
    "sin(sin(sin(sin(x))))=x^3+cos(x^2)",
    ";".join(f"x{n}*x{(n + 1) % 20}=1" for n in range(20)),
    "a*b*c*d*f*g=1;a+b+c+d+f+g=2;a*b+c*d+f*g=5;a^2+b^2=3;f^3=d;g^5=a",
    "x^2+y^2=1;x^3*y^5-sqrt(x)=3;z=x^y",
    "x=factorial(10**7)",
    "factorial(x)=10**7",
    "det(randMatrix(5,7))=x",
    "x=().__class__",
    "x=__import__('os').system('id')",
]


@pytest.fixture(scope="module")
def tool() -> Iterator[SolverTool]:
    solver = SolverTool()
    # The first equation that needs sympy waits for it to load.
    solver.run("cos(x)=1")
    yield solver
    solver.close()


def slowness() -> float:
    """Seconds on the wall for a second of work, right now: other tests and programs share the machine."""
    wall, cpu = time.perf_counter(), time.process_time()
    while time.process_time() - cpu < 0.1:
        pass
    return max(1.0, (time.perf_counter() - wall) / 0.1)


def seconds_of_work(tool: SolverTool, equations: str) -> float:
    """What a call costs, told from what it takes on a shared machine: the least of three, for the load changes."""
    costs = []
    for _ in range(3):
        slow, start = slowness(), time.perf_counter()
        with suppress(UserError):
            tool.run(equations)
        costs.append((time.perf_counter() - start) / slow)
        if costs[-1] < 1:
            break
    return min(costs)


@pytest.mark.parametrize("equations", HOSTILE, ids=lambda equations: equations[:24])
def test_K2_hostile_equations_take_less_than_a_second(tool: SolverTool, equations: str) -> None:
    assert seconds_of_work(tool, equations) < 1
    assert tool.run("2x=6").text == "x = 3"


def test_K2_fifty_bombs_at_once_do_not_starve_a_normal_equation() -> None:
    tool, stopped, waits = SolverTool(), threading.Event(), []
    tool.run("cos(x)=1")
    slow = slowness()

    def bomb(number: int) -> None:
        while not stopped.is_set():
            with suppress(UserError):
                tool.run(f"(x+y+z+a+b+c)^30={number}")

    bombs = [threading.Thread(target=bomb, args=(number,), daemon=True) for number in range(50)]
    for thread in bombs:
        thread.start()
    for number in range(1, 11):
        before = time.perf_counter()
        assert tool.run(f"2x={2 * number}").text == f"x = {number}"
        waits.append((time.perf_counter() - before) / slow)
    stopped.set()
    tool.close()
    for thread in bombs:
        thread.join(20)
    # The catalogue's bound, on a machine that has nothing else to do.
    assert sorted(waits)[8] <= 3


def test_the_tool_answers_from_its_sandbox(tool: SolverTool) -> None:
    assert tool.run("x+y=90;x-y=30").text == "x = 60\ny = 30"
    with pytest.raises(UserError, match="contradict"):
        tool.run("x=1;x=2")


def test_the_compatible_tool() -> None:
    solver = SolverTool(compatible=True)
    try:
        assert solver.run("x+2x=180/1;").text == "x = 60.0000000000000"
    finally:
        solver.close()


# --- Real data ------------------------------------------------------------------------------------------------------


def read(path: Path) -> list[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def values(equations: list[str]) -> list[float]:
    """The numbers among the solutions; none where there is no solution."""
    try:
        lines = solve("; ".join(equations))
    except CalculatorError:
        return []
    found = []
    for line in lines:
        try:
            found.append(float(evaluate(line.split(" = ")[1])))
        except CalculatorError:
            continue
    return found


def holds_all(found: list[float], gold: list[float], tolerance: float) -> bool:
    return all(any(math.isclose(x, y, rel_tol=tolerance, abs_tol=tolerance) for x in found) for y in gold)


def test_every_solution_of_the_published_dialogues(real_data: Path) -> None:
    pairs = [row for row in read(real_data / "moss" / "solve_pairs.jsonl.gz") if row["raw_result"] != "No result."]
    assert len(pairs) > 30
    for row in pairs:
        assert "\n".join(solve(row["equation"], compatible=True)) == row["raw_result"]
        # Without the original's text it is the same numbers, real ones where there is one.
        assert solve(row["equation"])


def test_what_the_original_did_not_solve_stays_without_result(real_data: Path) -> None:
    rows = read(real_data / "moss" / "solve_pairs.jsonl.gz")
    solved = []
    for row in rows:
        if row["raw_result"] == "No result." and not row["flaky"]:
            try:
                solved.append((row["equation"], solve(row["equation"], compatible=True)))
            except CalculatorError:
                continue
    # There the call had a second argument, which the original mistook for part of the first.
    assert [equation for equation, _ in solved] == ["2x+3x+4x=30"]


def test_every_equation_of_draw1k(real_data: Path) -> None:
    rows = read(real_data / "math" / "draw1k_equations.jsonl.gz")
    assert len(rows) > 600
    wrong = [row["equations"] for row in rows if not holds_all(values(row["equations"]), row["solutions"], 1e-4)]
    assert wrong == []


def test_hmwp(real_data: Path) -> None:
    rows = read(real_data / "math" / "hmwp_equations_zh.jsonl.gz")
    # Its gold values are rounded to three decimals here and there.
    right = sum(holds_all(values(row["equations"]), row["solutions"], 1e-3) for row in rows)
    assert right / len(rows) >= 0.986


def test_fractions_are_exact() -> None:
    assert solve("(1/3)x + 1/7 = 2/9") == [f"x = {(Fraction(2, 9) - Fraction(1, 7)) * 3}"]
