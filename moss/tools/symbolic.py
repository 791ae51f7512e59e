"""Equations that need sympy: functions and powers of unknowns, high degrees, systems that are not linear.

sympy gets objects that we built from our own trees, never text. Importing this module takes about a second, so `solver`
does it when it needs to. sympy may take long on a hard equation: whoever faces users calls this in a sandbox.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import sympy  # type: ignore[import-untyped]

from .calculator import MAX_BITS, Exact, FloatArithmetic, Real
from .expression import CalculatorError, Node, Number, evaluate
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
            "sqrt": sympy.sqrt, "cbrt": sympy.cbrt, "ln": sympy.log, "log": sympy.log, "exp": sympy.exp, "abs": sympy.Abs,
            "sin": sympy.sin, "cos": sympy.cos, "tan": sympy.tan, "cot": sympy.cot, "asin": sympy.asin, "acos": sympy.acos,
            "atan": sympy.atan, "sinh": sympy.sinh, "cosh": sympy.cosh, "tanh": sympy.tanh, "pow": self.power,
            "lg": lambda value: sympy.log(value, 10), "log10": lambda value: sympy.log(value, 10),
            "log2": lambda value: sympy.log(value, 2), "root": lambda value, degree: self.power(value, 1 / degree),
        }  # fmt: skip
        if function not in functions:
            raise CalculatorError(f"equations with {function} cannot be solved")
        try:
            return functions[function](*arguments)
        except TypeError:
            raise CalculatorError(f"{function} does not take {len(arguments)} arguments") from None


def solve_system(
    equations: Sequence[tuple[Node, Node]], unknowns: Sequence[str], known: Mapping[str, Exact | Real]
) -> list[dict[str, Expr]]:
    """Every solution sympy finds, as values by name; a value may hold unknowns that stay free.

    Only real solutions when there is a real one. Raises CalculatorError when there is none or sympy knows no way.
    """
    arithmetic = SymbolArithmetic(known)
    zeros = [evaluate(left, arithmetic) - evaluate(right, arithmetic) for left, right in equations]
    try:
        found = sympy.solve(zeros, [sympy.Symbol(name) for name in unknowns], dict=True)
    except (NotImplementedError, TypeError, ValueError):
        raise CalculatorError("no way to solve these equations is known") from None
    solutions = [{symbol.name: value for symbol, value in solution.items()} for solution in found]
    real = [solution for solution in solutions if all(map(_may_be_real, solution.values()))]
    if not solutions or not any(solutions):
        raise CalculatorError("the equations have no solution")
    return real or solutions


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


def has_decimals(value: Expr) -> bool:
    """Does the expression hold rounded numbers."""
    return bool(value.has(sympy.Float))


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
    zeros = [evaluate(left, arithmetic) - evaluate(right, arithmetic) for left, right in equations]
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
