"""Equations that need sympy: functions and powers of unknowns, high degrees, systems that are not linear.

sympy gets objects that we built from our own trees, never text. Importing this module takes about a second, so `solver`
does it when it needs to. sympy may take long on a hard equation: whoever faces users calls this in a sandbox.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any

import sympy

from ..counts import counted
from .exact import MAX_BITS, Exact, ExactArithmetic, Real, real
from .expression import CalculatorError, Node, Number, value_of
from .floats import FloatArithmetic
from .polynomial import MAX_DEGREE, Polynomial

Expr = Any
"""An expression of sympy, which has no types."""


def warm_up() -> None:
    """Solves one equation of each kind: sympy's first solutions cost several times what later ones do."""
    x, y = sympy.symbols("x y")
    sympy.solve(sympy.cos(x) * 2 - 1, x)
    sympy.solve([x + y - 7, x * y - 12], [x, y], dict=True)
    sympy.solve(sympy.sqrt(x + 1) - x, x)
    sympy.solve(2**x - 5, x)
    factors({(3,): 1, (0,): -1})


class SymbolArithmetic:
    """Exact sympy expressions; a name without value is a symbol."""

    def __init__(self, known: Mapping[str, Exact | Real]) -> None:
        self.known = known

    def number(self, literal: Number) -> Expr:
        return sympy.Rational(literal.value.numerator, literal.value.denominator)

    def name(self, name: str) -> Expr:
        if name in self.known:
            value = self.known[name]
            if isinstance(value, int | Fraction):
                return sympy.Rational(value.numerator, value.denominator)
            return sympy.Float(str(value), 40)
        return {"pi": sympy.pi, "e": sympy.E}.get(name) or sympy.Symbol(name)

    def sign(self, sign: str, operand: Expr) -> Expr:
        match sign:
            case "-":
                return -operand
            case "+":
                return operand
            case "%":
                return operand / 100
            case "‰":
                return operand / 1000
            case "°":
                return operand * sympy.pi / 180
            case _:
                raise CalculatorError("a factorial of an unknown cannot be solved")

    def operate(self, operator: str, left: Expr, right: Expr) -> Expr:
        match operator:
            case "+":
                return left + right
            case "-":
                return left - right
            case "*":
                return left * right
            case "/" if right != 0:
                return left / right
        raise CalculatorError("division by zero" if operator == "/" else f"{operator} of unknowns cannot be solved")

    def power(self, base: Expr, exponent: Expr) -> Expr:
        if base.is_Rational and exponent.is_Rational:
            bits = max(int(base.p).bit_length(), int(base.q).bit_length())
            if bits * abs(exponent) > MAX_BITS or (base == 0 and exponent < 0):
                raise CalculatorError("a power in the equation is too large or not defined")
        elif exponent.is_Rational and abs(exponent) > MAX_DEGREE:
            raise CalculatorError(f"powers of unknowns beyond {MAX_DEGREE} are too much")
        return base**exponent

    def call(self, function: str, arguments: list[Expr]) -> Expr:
        functions = {
            **_FUNCTIONS,
            "pow": self.power,
            "root": lambda value, degree: self.power(value, 1 / degree),
        }
        if function not in functions:
            raise CalculatorError(f"equations with {function} cannot be solved")
        try:
            return functions[function](*arguments)
        except TypeError:
            raise CalculatorError(f"{function} does not take {counted(len(arguments), 'argument')}") from None


_FUNCTIONS: dict[str, Callable[..., Expr]] = {
    "sqrt": sympy.sqrt, "cbrt": sympy.cbrt, "exp": sympy.exp, "abs": sympy.Abs, "ln": sympy.log, "log": sympy.log,
    "lg": lambda value: sympy.log(value, 10), "log10": lambda value: sympy.log(value, 10),
    "log2": lambda value: sympy.log(value, 2),
    "sin": sympy.sin, "cos": sympy.cos, "tan": sympy.tan, "cot": sympy.cot, "asin": sympy.asin, "acos": sympy.acos,
    "atan": sympy.atan, "sinh": sympy.sinh, "cosh": sympy.cosh, "tanh": sympy.tanh,
}  # fmt: skip


def solve_system(
    equations: Sequence[tuple[Node, Node]], unknowns: Sequence[str], known: Mapping[str, Exact | Real]
) -> list[dict[str, Expr]]:
    """Every solution sympy finds, as values by name; a value may hold unknowns that stay free.

    Only real solutions when there is a real one. Raises CalculatorError when there is none or sympy knows no way.
    """
    arithmetic = SymbolArithmetic(known)
    zeros = [value_of(left, arithmetic) - value_of(right, arithmetic) for left, right in equations]
    try:
        found = sympy.solve(zeros, [sympy.Symbol(name) for name in unknowns], dict=True)
    except (NotImplementedError, TypeError, ValueError):
        if not len(equations) == len(unknowns) == 1:
            raise CalculatorError("no way to solve these equations is known") from None
        return scan(*equations[0], unknowns[0], known)
    solutions = [{symbol.name: value for symbol, value in solution.items()} for solution in found]
    real_ones = [solution for solution in solutions if all(map(_may_be_real, solution.values()))]
    if not any(solutions):
        raise CalculatorError("the equations have no solution")
    return _in_order(real_ones or solutions)


def _in_order(solutions: list[dict[str, Expr]]) -> list[dict[str, Expr]]:
    """Smallest first where all are numbers."""
    if any(value.free_symbols or not _may_be_real(value) for solution in solutions for value in solution.values()):
        return solutions
    return sorted(solutions, key=lambda solution: [float(sympy.re(value.evalf(20))) for value in solution.values()])


_WIDTH = 1e-14
"""Bisection ends when a solution is known as well as this, relatively."""


def scan(left: Node, right: Node, unknown: str, known: Mapping[str, Exact | Real]) -> list[dict[str, Expr]]:
    """Real solutions of one equation where no formula is known: changes of sign on a grid, then bisection.

    The grid is fine from -20 to 20 and grows coarser up to a million; solutions that touch zero without crossing it, or
    that lie closer together than the grid, are missed. Raises CalculatorError when none is found.
    """
    arithmetic = ExactArithmetic()
    arithmetic.variables.update(known)

    def difference(x: Real) -> Real | None:
        arithmetic.variables[unknown] = x
        try:
            return real(arithmetic.operate("-", value_of(left, arithmetic), value_of(right, arithmetic)))
        except CalculatorError:
            return None

    fine = [Fraction(n, 10) for n in range(201)]
    coarse = [Fraction(20) * Fraction(5, 4) ** n for n in range(1, 50)]
    upwards = [real(x) for x in fine + coarse]
    grid = [-x for x in reversed(upwards)] + upwards[1:]
    heights = [(x, difference(x)) for x in grid]
    found = [x for x, height in heights if height == 0]
    for (low, before), (high, after) in pairwise(heights):
        if before is not None and after is not None and before * after < 0:
            root = _bisect(difference, low, high, before)
            height = None if root is None else difference(root)
            # A pole changes the sign, too; there the height does not go down.
            if height is not None and abs(height) < abs(before) / 10**6:
                found.append(root)
    if not found:
        raise CalculatorError("no real solution was found")
    return [{unknown: sympy.Float(str(root), 30)} for root in sorted(found)]


def _bisect(difference: Callable[[Real], Real | None], low: Real, high: Real, before: Real) -> Real | None:
    while high - low > max(1, abs(low)) * _WIDTH:
        middle = (low + high) / 2
        height = difference(middle)
        if height is None:
            return None
        if height * before > 0:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _may_be_real(value: Expr) -> bool:
    if value.free_symbols:
        return not value.has(sympy.I)
    return abs(sympy.im(value.evalf(30))) < 1e-20


def factors(polynomial: Polynomial) -> list[Polynomial]:
    """The irreducible factors of a polynomial in one unknown, without the constant."""
    terms = {power: sympy.Rational(value.numerator, value.denominator) for (power,), value in polynomial.items()}
    _, found = sympy.Poly.from_dict(terms, sympy.Symbol("x")).factor_list()
    return [{(power,): Fraction(int(c.p), int(c.q)) for (power,), c in factor.terms()} for factor, _ in found]


def numeric_roots(polynomial: Polynomial) -> list[Expr]:
    """All roots of a polynomial in one unknown, as sympy numbers of 30 digits."""
    terms = {power: sympy.Rational(value.numerator, value.denominator) for (power,), value in polynomial.items()}
    return sympy.Poly.from_dict(terms, sympy.Symbol("x")).nroots(n=30, maxsteps=200)


# --- As the original did --------------------------------------------------------------------------------------------


class OriginalArithmetic(FloatArithmetic):
    """Python's numbers, floats from every division, and a symbol for every name that `math` does not know."""

    def name(self, name: str) -> Any:
        try:
            return super().name(name)
        except CalculatorError:
            return sympy.Symbol(name)

    def power(self, base: Any, exponent: Any) -> Any:
        if isinstance(exponent, int | float) and not isinstance(base, int | float) and abs(exponent) > MAX_DEGREE:
            raise CalculatorError(f"powers of unknowns beyond {MAX_DEGREE} are too much")
        return super().power(base, exponent)


def solve_as_original(equations: Sequence[tuple[Node, Node]]) -> list[str]:
    """The lines of the published dialogues, byte for byte: what `sympy.solve` gives and sympy prints.

    Only what was answered there: one value each for every unknown, or several values of one unknown.
    """
    arithmetic = OriginalArithmetic()
    zeros = [value_of(left, arithmetic) - value_of(right, arithmetic) for left, right in equations]
    symbols = sorted(set().union(*(zero.free_symbols for zero in map(sympy.sympify, zeros))), key=lambda s: s.name)
    try:
        found = sympy.solve(zeros if len(zeros) > 1 else zeros[0], symbols)
    except (NotImplementedError, TypeError, ValueError):
        raise CalculatorError("no way to solve these equations is known") from None
    if isinstance(found, dict) and len(found) == len(symbols):
        values = {symbol.name: found[symbol] for symbol in symbols}
    elif isinstance(found, list) and len(symbols) == 1 and found:
        name = symbols[0].name
        values = {name if len(found) == 1 else f"{name}_{n}": value for n, value in enumerate(found)}
    else:
        raise CalculatorError("the equations have no solution, or none that is a number for each unknown")
    if any(value.free_symbols for value in map(sympy.sympify, values.values())):
        raise CalculatorError("the equations leave an unknown free")
    return [f"{name} = {value}" for name, value in values.items()]
