"""Quotients of polynomials with exact coefficients: what most equations of school and daily life are.

`QuotientArithmetic` turns the tree of an equation's side into one quotient; `solve_linear` and `solve_quadratic` solve
what comes out, in microseconds and without sympy. Anything that is no such quotient raises `NotAQuotient`, and goes to
`symbolic`. Sizes are bounded (`MAX_TERMS`, `MAX_DEGREE`): what would grow beyond is refused.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from .exact import Exact, ExactArithmetic
from .expression import CalculatorError, Number

MAX_TERMS = 200
MAX_DEGREE = 30

Polynomial = dict[tuple[int, ...], Exact]
"""Coefficient by exponents of the unknowns; no zero coefficients."""


class NotAQuotient(Exception):
    """A side of the equation has roots, powers or functions of unknowns, or irrational numbers."""


class Quotient(NamedTuple):
    top: Polynomial
    bottom: Polynomial


class QuotientArithmetic:
    """Numbers and unknowns under + - * / and whole powers. Values are exact numbers until an unknown comes in."""

    def __init__(self, unknowns: Sequence[str], known: Mapping[str, Exact]) -> None:
        self.numbers = ExactArithmetic()
        self.numbers.variables.update(known)
        self.unknowns = {name: index for index, name in enumerate(unknowns)}
        self.one: Polynomial = {(0,) * len(unknowns): 1}

    def quotient(self, value: Exact | Quotient) -> Quotient:
        """The value as a quotient."""
        if isinstance(value, Quotient):
            return value
        return Quotient({next(iter(self.one)): value} if value else {}, self.one)

    def number(self, literal: Number) -> Exact:
        return literal.value

    def name(self, name: str) -> Exact | Quotient:
        if name not in self.unknowns:
            return self._exact(self.numbers.name(name))
        index = self.unknowns[name]
        return Quotient({tuple(int(n == index) for n in range(len(self.unknowns))): 1}, self.one)

    def sign(self, sign: str, operand: Exact | Quotient) -> Exact | Quotient:
        if not isinstance(operand, Quotient):
            return self._exact(self.numbers.sign(sign, operand))
        if sign in "+-":
            return operand if sign == "+" else self.operate("*", -1, operand)
        if sign in "%‰":
            return self.operate("/", operand, 100 if sign == "%" else 1000)
        raise NotAQuotient

    def operate(self, operator: str, left: Exact | Quotient, right: Exact | Quotient) -> Exact | Quotient:
        if not isinstance(left, Quotient) and not isinstance(right, Quotient):
            return self._exact(self.numbers.operate(operator, left, right))
        a, b = self.quotient(left), self.quotient(right)
        match operator:
            case "+":
                return _add(a, b)
            case "-":
                return _add(a, Quotient({key: -value for key, value in b.top.items()}, b.bottom))
            case "*":
                return _quotient(multiply(a.top, b.top), multiply(a.bottom, b.bottom))
            case "/":
                if not b.top:
                    raise CalculatorError("division by zero")
                return _quotient(multiply(a.top, b.bottom), multiply(a.bottom, b.top))
        raise NotAQuotient

    def power(self, base: Exact | Quotient, exponent: Exact | Quotient) -> Exact | Quotient:
        if isinstance(exponent, Quotient):
            raise NotAQuotient
        if not isinstance(base, Quotient):
            return self._exact(self.numbers.power(base, exponent))
        if not isinstance(exponent, int):
            raise NotAQuotient
        if abs(exponent) > MAX_DEGREE:
            raise CalculatorError(f"powers of unknowns beyond {MAX_DEGREE} are too much")
        result: Exact | Quotient = 1
        for _ in range(abs(exponent)):
            result = self.operate("*", result, base)
        return result if exponent >= 0 else self.operate("/", 1, result)

    def call(self, function: str, arguments: list[Exact | Quotient]) -> Exact | Quotient:
        exact = [argument for argument in arguments if not isinstance(argument, Quotient)]
        if len(exact) < len(arguments):
            raise NotAQuotient
        return self._exact(self.numbers.call(function, exact))

    def _exact(self, value: Any) -> Exact:
        if not isinstance(value, int | Fraction):
            raise NotAQuotient
        return value


def multiply(a: Polynomial, b: Polynomial) -> Polynomial:
    """The product, bounded in size."""
    if len(a) * len(b) > MAX_TERMS * MAX_TERMS:
        raise CalculatorError("the equations grow too large")
    product: Polynomial = {}
    for powers_a, value_a in a.items():
        for powers_b, value_b in b.items():
            powers = tuple(map(sum, zip(powers_a, powers_b, strict=True)))
            product[powers] = product.get(powers, 0) + value_a * value_b
    if len(product) > MAX_TERMS or degree(product) > MAX_DEGREE:
        raise CalculatorError("the equations grow too large")
    return {powers: value for powers, value in product.items() if value}


def degree(polynomial: Polynomial) -> int:
    """The largest sum of exponents of a term."""
    return max(map(sum, polynomial), default=0)


def value_at(polynomial: Polynomial, point: Sequence[Exact]) -> Exact:
    """The value where the unknowns are these numbers."""
    return sum((c * math.prod(x**n for x, n in zip(point, powers, strict=True)) for powers, c in polynomial.items()), 0)


def _add(a: Quotient, b: Quotient) -> Quotient:
    if a.bottom == b.bottom:
        return _quotient(_sum(a.top, b.top), a.bottom)
    return _quotient(_sum(multiply(a.top, b.bottom), multiply(b.top, a.bottom)), multiply(a.bottom, b.bottom))


def _sum(a: Polynomial, b: Polynomial) -> Polynomial:
    total = dict(a)
    for powers, value in b.items():
        total[powers] = total.get(powers, 0) + value
    return {powers: value for powers, value in total.items() if value}


def _quotient(top: Polynomial, bottom: Polynomial) -> Quotient:
    """With a constant below divided out, so that plain polynomials stay over 1."""
    if len(bottom) == 1:
        ((powers, value),) = bottom.items()
        if value != 1 and not any(powers):
            return Quotient({key: Fraction(top_value) / value for key, top_value in top.items()}, {powers: 1})
    return Quotient(top, bottom)


class LinearSolution(NamedTuple):
    """`unknown = constant + sum(coefficient * free unknown)` for each unknown that is determined, by index."""

    constants: dict[int, Fraction]
    coefficients: dict[int, dict[int, Fraction]]


def solve_linear(equations: Sequence[Polynomial], count: int) -> LinearSolution | None:
    """Solves polynomials of degree 1 = 0 in `count` unknowns by Gauss-Jordan elimination; None when inconsistent."""
    rows = [_row(equation, count) for equation in equations]
    pivots: list[int] = []
    for column in range(count):
        found = next((n for n in range(len(pivots), len(rows)) if rows[n][column]), None)
        if found is None:
            continue
        pivot = len(pivots)
        rows[pivot], rows[found] = rows[found], rows[pivot]
        rows[pivot] = [value / rows[pivot][column] for value in rows[pivot]]
        for n, row in enumerate(rows):
            if n != pivot and row[column]:
                rows[n] = [value - row[column] * top for value, top in zip(row, rows[pivot], strict=True)]
        pivots.append(column)
    if any(row[count] for row in rows[len(pivots) :]):
        return None
    free = [column for column in range(count) if column not in pivots]
    return LinearSolution(
        {column: -rows[n][count] for n, column in enumerate(pivots)},
        {column: {f: -rows[n][f] for f in free if rows[n][f]} for n, column in enumerate(pivots)},
    )


def _row(equation: Polynomial, count: int) -> list[Fraction]:
    """Coefficients of the unknowns, then the constant."""
    row = [Fraction(0)] * (count + 1)
    for powers, value in equation.items():
        row[powers.index(1) if any(powers) else count] = Fraction(value)
    return row


class Surd(NamedTuple):
    """`rational + factor * sqrt(radicand)`, or `... * sqrt(radicand) * i`; a plain fraction has factor 0."""

    rational: Fraction
    factor: Fraction
    radicand: int
    imaginary: bool = False


def solve_quadratic(equation: Polynomial) -> list[Surd]:
    """The roots of a polynomial of degree 2 in one unknown, smaller first; complex ones only when none is real."""
    a, b, c = (Fraction(equation.get((power,), 0)) for power in (2, 1, 0))
    discriminant = b * b - 4 * a * c
    middle = -b / (2 * a)
    if discriminant == 0:
        return [Surd(middle, Fraction(0), 1)]
    # sqrt(n/d) = sqrt(n*d)/d, and squares come out of the root.
    outside, radicand = _square_part(abs(discriminant.numerator) * discriminant.denominator)
    distance = Fraction(outside, discriminant.denominator) / abs(2 * a)
    if radicand == 1 and discriminant > 0:
        return [Surd(middle - distance, Fraction(0), 1), Surd(middle + distance, Fraction(0), 1)]
    return [Surd(middle, sign * distance, radicand, discriminant < 0) for sign in (-1, 1)]


def _square_part(value: int) -> tuple[int, int]:
    """(s, m) with value = s*s*m, m without squares of small primes; m is 1 for every perfect square."""
    root = math.isqrt(value)
    if root * root == value:
        return root, 1
    outside = 1
    for prime in _SMALL_PRIMES:
        while value % (prime * prime) == 0:
            value //= prime * prime
            outside *= prime
    return outside, value


_SMALL_PRIMES = [n for n in range(2, 1000) if all(n % divisor for divisor in range(2, math.isqrt(n) + 1))]
