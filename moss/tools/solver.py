"""The equation solver: equations as text in, one line `x = 60` for each unknown out.

Reads the system, works out what stands there as a number at once, then takes the cheapest way that fits: elimination
for linear systems and the quadratic formula (both exact, both `polynomial`), factors for higher degrees, sympy for the
rest (`symbolic`). What is shown: fractions as `160/3` and roots as `sqrt(15)`, or 12 significant digits as soon as the
equations hold a decimal or a percentage. Real solutions, and complex ones only where there is no real one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from typing import Any

from .base import Tool, ToolResult
from .exact import SCHOOL, Exact, ExactArithmetic, Real, shown
from .expression import CalculatorError, Dialect, Name, Node, Token, names, parse, split, tokenize, value_of
from .floats import PYTHON
from .polynomial import (
    LinearSolution,
    NotAQuotient,
    Polynomial,
    Quotient,
    QuotientArithmetic,
    Surd,
    degree,
    solve_linear,
    solve_quadratic,
    value_at,
)
from .sandbox import Sandbox, SandboxError

MAX_EQUATIONS = 30

QUICK_SECONDS, PATIENT_SECONDS = 0.05, 0.5
"""Processor time of the first try, enough for school's equations, and of the second, for the few that are harder."""

_DIALECT = Dialect(SCHOOL.functions)
_ORIGINAL_DIALECT = Dialect(PYTHON.functions, implicit_products=True, school=False)
_SEPARATORS = frozenset(";,")
_TRAILING = frozenset("?;,")
_CLOSED_FORM = re.compile(r"(?=.{1,16}$)(?:[-+*/() \d]|sqrt|pi|I)+")
"""A formula that says more than its 12 digits do: short, and nothing in it but roots and pi."""

_NOISE = Fraction(1, 10**20)
"""Imaginary parts below this are rounding."""

Equation = tuple[Node, Node]


def solve(text: str, compatible: bool = False, numeric: bool = False) -> list[str]:
    """The solution of equations separated by `;` or `,`: `solve("x+y=90; x-y=30")` is ["x = 60", "y = 30"].

    Several solutions are numbered (`x_0 = -3`, `x_1 = 3`); an unknown that the equations leave free appears on the
    right (`x = 25 - y`). Parts without `=` are left out, but a lone name there is solved for first. `compatible` gives
    the text of the published dialogues. `numeric` takes no formula but looks for real numbers that solve one equation
    in one unknown, which is quick however hard the equation is. Raises CalculatorError when the text holds no equation
    or has no solution.
    """
    if compatible:
        from . import symbolic

        return symbolic.solve_as_original(_read_original(text))
    system = read(text)
    _settle(system)
    unknowns = system.unknowns()
    if not unknowns:
        return _lines(system, [{}])
    if numeric:
        return _lines(system, _numeric_solutions(system, unknowns))
    try:
        quotients = _quotients(system, unknowns)
    except NotAQuotient:
        return _lines(system, _symbolic_solutions(system, unknowns))
    if all(degree(top) <= 1 for top, _ in quotients):
        solutions = _linear_solutions(quotients, unknowns)
    elif len(unknowns) == 1 and len(quotients) == 1:
        solutions = _roots(*quotients[0], unknowns[0])
    else:
        solutions = _symbolic_solutions(system, unknowns)
    return _lines(system, solutions)


class SolverTool(Tool):
    """`solve` behind the sandbox."""

    name = "Solve"
    title = "Equation solver"
    parameter = "equation"
    description = "Solves equations and systems of equations, separated by semicolons."

    def __init__(self, compatible: bool = False) -> None:
        self._compatible = compatible
        # Two lanes: what is soon solved does not wait behind what takes all the time it is given.
        self._quick, self._patient = (
            Sandbox("moss.tools.solver:solve", seconds=time, workers=count, preload=("moss.tools.symbolic:warm_up",))
            for time, count in ((QUICK_SECONDS, 2), (PATIENT_SECONDS, 1))
        )

    def run(self, argument: str) -> ToolResult:
        """One line for each value; raises UserError with the reason when there is none."""
        with suppress(SandboxError):
            return ToolResult("\n".join(self._quick.call(argument, self._compatible)))
        try:
            lines = self._patient.call(argument, self._compatible)
        except SandboxError:
            if self._compatible:
                raise
            lines = self._patient.call(argument, numeric=True)
        return ToolResult("\n".join(lines))

    def close(self) -> None:
        """Ends the worker processes."""
        self._quick.close()
        self._patient.close()


# --- Reading --------------------------------------------------------------------------------------------------------


@dataclass
class System:
    """Equations, and what is known so far."""

    equations: list[Equation]
    wanted: list[str]
    """Unknowns asked for by name; they are expressed by the others where something stays free."""
    decimals: bool
    """Answers are decimals, because the equations have some."""
    known: dict[str, Exact | Real] = field(default_factory=dict)

    def unknowns(self) -> list[str]:
        """The names without value, wanted ones first, then by alphabet."""
        found = set().union(*(names(left) | names(right) for left, right in self.equations)) - set(self.known)
        found -= {"pi"}
        return sorted(found, key=lambda name: (name not in self.wanted, name))


def read(text: str) -> System:
    """The system that a text holds; raises CalculatorError where it holds none."""
    tokens = tokenize(text, _DIALECT)
    while tokens and tokens[-1].kind in _TRAILING:
        tokens.pop()
    tokens = _without_outer_brackets(tokens)
    decimals = any(token.kind in "%‰" or (token.kind == "number" and "." in token.text) for token in tokens)
    tokens = _split_products(tokens)
    equations: list[Equation] = []
    wanted: list[str] = []
    for part in split(tokens, _SEPARATORS):
        sides = [parse(side, _DIALECT) for side in _sides(part)]
        # a = b = c are two equations.
        equations += pairwise(sides)
        if len(sides) == 1 and isinstance(sides[0], Name):
            wanted.append(sides[0].name)
    _check_count(equations)
    known = {"e": ExactArithmetic().name("e")} if _e_is_number(tokens) else {}
    return System(equations, wanted, decimals, known)


def _read_original(text: str) -> list[Equation]:
    equations = []
    for part in split(tokenize(text, _ORIGINAL_DIALECT), _SEPARATORS):
        if sum(token.kind == "=" for token in part) == 1:
            left, right = (parse(side, _ORIGINAL_DIALECT) for side in _sides(part))
            equations.append((left, right))
    _check_count(equations)
    return equations


def _sides(part: list[Token]) -> list[list[Token]]:
    sides: list[list[Token]] = [[]]
    for token in part:
        if token.kind == "=":
            sides.append([])
        else:
            sides[-1].append(token)
    return sides


def _check_count(equations: Sequence[Equation]) -> None:
    if not equations:
        raise CalculatorError("there is no equation: one has a left side, = and a right side")
    if len(equations) > MAX_EQUATIONS:
        raise CalculatorError(f"{len(equations)} equations; at most {MAX_EQUATIONS} are solved")


def _without_outer_brackets(tokens: list[Token]) -> list[Token]:
    """`{x+y=3, x-y=1}`, `(2x=6)` and the left brace alone that people write before a system."""
    if tokens and tokens[0].kind in "({[":
        depth = 0
        for number, token in enumerate(tokens):
            depth += (token.kind in "([{") - (token.kind in ")]}")
            if token.kind == "=" and depth:
                return tokens[1 : -1 if tokens[-1].kind in ")}]" else None]
            if depth == 0 and number:
                break
    return tokens


def _split_products(tokens: list[Token]) -> list[Token]:
    """`xy` as x times y where x and y stand alone elsewhere; words stay whole."""
    letters = {token.text for token in tokens if token.kind == "name" and len(token.text) == 1}
    split_tokens: list[Token] = []
    for token in tokens:
        if token.kind == "name" and 1 < len(token.text) <= 4 and set(token.text) <= letters:
            split_tokens += [Token("name", letter) for letter in token.text]
        else:
            split_tokens.append(token)
    return split_tokens


def _e_is_number(tokens: list[Token]) -> bool:
    """Is e the number: only where each e has an exponent, else it is an unknown like a, b, c and d."""
    followers = [after.kind for token, after in pairwise(tokens) if token[:2] == ("name", "e")]
    return bool(followers) and all(kind == "^" for kind in followers) and tokens[-1][:2] != ("name", "e")


# --- Solving --------------------------------------------------------------------------------------------------------


def _settle(system: System) -> None:
    """Takes what stands there as `name = number` for known, again and again, and checks equations without unknowns."""
    changed = True
    while changed:
        changed = False
        for equation in list(system.equations):
            changed |= _settle_one(system, equation)


def _settle_one(system: System, equation: Equation) -> bool:
    left, right = equation
    arithmetic = ExactArithmetic()
    arithmetic.variables.update(system.known)
    for side, other in ((left, right), (right, left)):
        unknown = (names(left) | names(right)) - set(system.known) - {"pi"}
        if isinstance(side, Name) and unknown == {side.name} and side.name not in names(other):
            system.known[side.name] = value_of(other, arithmetic)
            system.equations.remove(equation)
            return True
    if not unknown:
        difference = arithmetic.operate("-", value_of(left, arithmetic), value_of(right, arithmetic))
        if difference != 0:
            raise CalculatorError("the equations contradict each other")
        system.equations.remove(equation)
        return True
    return False


def _quotients(system: System, unknowns: Sequence[str]) -> list[Quotient]:
    """Each equation as a quotient whose top must be zero, and whose bottom must not; identities are left out."""
    known = {name: value for name, value in system.known.items() if isinstance(value, int | Fraction)}
    arithmetic = QuotientArithmetic(unknowns, known)
    if len(known) < len(system.known):
        raise NotAQuotient
    found = []
    for left, right in system.equations:
        difference = arithmetic.operate("-", value_of(left, arithmetic), value_of(right, arithmetic))
        found.append(arithmetic.quotient(difference))
    return [quotient for quotient in found if quotient.top]


def _linear_solutions(quotients: Sequence[Quotient], unknowns: Sequence[str]) -> list[dict[str, Any]]:
    solution = solve_linear([top for top, _ in quotients], len(unknowns))
    if solution is None:
        raise CalculatorError("the equations contradict each other")
    if not solution.constants:
        raise CalculatorError("every number solves the equations")
    if len(solution.constants) == len(unknowns):
        point = [solution.constants[n] for n in range(len(unknowns))]
        if any(value_at(bottom, point) == 0 for _, bottom in quotients):
            raise CalculatorError("the only candidate divides by zero")
    return [{unknowns[n]: _Expressed(n, solution, tuple(unknowns)) for n in solution.constants}]


@dataclass(frozen=True)
class _Expressed:
    """One unknown in a linear solution: a constant, and terms in the unknowns that stay free."""

    index: int
    solution: LinearSolution
    unknowns: tuple[str, ...]


def _symbolic_solutions(system: System, unknowns: Sequence[str]) -> list[dict[str, Any]]:
    from . import symbolic

    return symbolic.solve_system(system.equations, unknowns, system.known)


def _numeric_solutions(system: System, unknowns: Sequence[str]) -> list[dict[str, Any]]:
    from . import symbolic

    if len(unknowns) > 1 or len(system.equations) > 1:
        raise CalculatorError("these equations are too hard")
    return symbolic.scan(*system.equations[0], unknowns[0], system.known)


def _roots(top: Polynomial, bottom: Polynomial, unknown: str) -> list[dict[str, Any]]:
    exact: list[Surd] = []
    numeric: list[Any] = []
    for factor in _factors(top):
        match degree(factor):
            case 1:
                exact.append(Surd(Fraction(-factor.get((0,), 0)) / factor[(1,)], Fraction(0), 1))
            case 2:
                exact += solve_quadratic(factor)
            case _:
                from . import symbolic

                numeric += symbolic.numeric_roots(factor)
    exact = [root for root in exact if root.factor or value_at(bottom, [root.rational]) != 0]
    roots: list[Any] = [*exact, *numeric]
    if not roots:
        raise CalculatorError("the only candidates divide by zero")
    real = [root for root in roots if _is_real(root)]
    return [{unknown: root} for root in (sorted(real, key=_approximate) or roots)]


def _is_real(root: Any) -> bool:
    return not root.imaginary if isinstance(root, Surd) else abs(root.as_real_imag()[1]) < _NOISE


def _factors(top: Polynomial) -> list[Polynomial]:
    if degree(top) <= 2:
        return [top]
    from . import symbolic

    return symbolic.factors(top)


def _approximate(root: Any) -> float:
    if isinstance(root, Surd):
        return float(root.rational) + float(root.factor) * float(root.radicand) ** 0.5
    return float(root.as_real_imag()[0])


# --- Showing --------------------------------------------------------------------------------------------------------


def _lines(system: System, solutions: Sequence[dict[str, Any]]) -> list[str]:
    """By name, as far as there is one value each; several solutions are numbered and follow."""
    settled = {name: value for name, value in system.known.items() if name != "e"}
    if len(solutions) == 1:
        settled |= solutions[0]
    lines = [f"{name} = {_text(settled[name], system.decimals)}" for name in sorted(settled)]
    for number, solution in enumerate(solutions if len(solutions) > 1 else ()):
        lines += [f"{name}_{number} = {_text(solution[name], system.decimals)}" for name in sorted(solution)]
    if not lines:
        raise CalculatorError("the equations have no unknown")
    return lines


def _text(value: Any, decimals: bool) -> str:
    match value:
        case Fraction() if not decimals and value.denominator > 1 and max(map(abs, value.as_integer_ratio())) < 10**12:
            return str(value)
        case Surd():
            return _surd_text(value, decimals)
        case _Expressed():
            return _expressed_text(value, decimals)
        case _ if hasattr(value, "free_symbols"):
            return _symbolic_text(value, decimals)
    # Whole numbers, decimals, reals, and fractions of many digits.
    return shown(value)


def _surd_text(surd: Surd, decimals: bool) -> str:
    if not surd.factor:
        return _text(surd.rational, decimals)
    unit = "I" if surd.imaginary else ""
    arithmetic = ExactArithmetic()
    if decimals:
        distance = arithmetic.operate("*", surd.factor, arithmetic.power(surd.radicand, Fraction(1, 2)))
        if not surd.imaginary:
            return shown(arithmetic.operate("+", surd.rational, distance))
        imaginary = shown(abs(distance))
        return _sum_text([(surd.rational, ""), (surd.factor / abs(surd.factor), f"{imaginary}*I")], decimals)
    root = f"sqrt({surd.radicand})" if surd.radicand > 1 else ""
    return _sum_text([(surd.rational, ""), (surd.factor, "*".join(filter(None, (root, unit))))], decimals)


def _expressed_text(value: _Expressed, decimals: bool) -> str:
    terms = [(factor, value.unknowns[n]) for n, factor in value.solution.coefficients[value.index].items()]
    constant = (value.solution.constants[value.index], "")
    # A positive term goes first: 25 - y, but z - 20.
    return _sum_text(sorted([constant, *terms], key=lambda term: term[0] < 0), decimals)


def _sum_text(terms: Sequence[tuple[Fraction, str]], decimals: bool) -> str:
    """`-3 + 2*sqrt(2)`, `25 - 5*y/3`; terms with factor 0 are left out."""
    text = ""
    for factor, thing in terms:
        if factor == 0:
            continue
        sign = "-" if factor < 0 else "+"
        term = _term_text(abs(factor), thing, decimals)
        text += f" {sign} {term}" if text else f"{'-' if factor < 0 else ''}{term}"
    return text or "0"


def _term_text(factor: Fraction, thing: str, decimals: bool) -> str:
    if not thing or decimals:
        number = _text(factor, decimals)
        return f"{number}*{thing}" if thing and number != "1" else (thing or number)
    over = f"/{factor.denominator}" if factor.denominator > 1 else ""
    return f"{factor.numerator}*{thing}{over}" if factor.numerator != 1 else f"{thing}{over}"


def _symbolic_text(value: Any, decimals: bool) -> str:
    text = str(value).replace("**", "^")
    if value.free_symbols:
        return text
    if value.is_Rational:
        return _text(Fraction(int(value.p), int(value.q)), decimals)
    if not decimals and _CLOSED_FORM.fullmatch(text):
        return text
    real, imaginary = (Fraction(str(part)) for part in value.evalf(30).as_real_imag())
    if abs(imaginary) < _NOISE:
        return shown(real)
    return f"{shown(real)} {'-' if imaginary < 0 else '+'} {shown(abs(imaginary))}*I"
