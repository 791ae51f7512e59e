"""Numbers as the calculator has them: exact as long as they can be, then reals of 40 digits, shown with 12.

Whole numbers and fractions stay exact; roots, logarithms and angles are mpmath's reals (imported when first needed).
Every operation is bounded before it is computed (`MAX_BITS`, `MAX_POWER`), so that no expression of allowed length
takes more than milliseconds.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Context, Decimal
from fractions import Fraction
from functools import cache
from typing import Any

from .expression import CalculatorError, Dialect, Function, Number, call_function, simplest

MAX_BITS = 8192
"""Of the parts of an exact number (2,466 digits); what grows beyond goes on as a real."""
MAX_POWER = 1e9
"""Of two, in the largest real."""
DIGITS = 12
"""Significant digits shown."""
_WHOLE_DIGITS = 320
"""A whole number of more digits than this is shown as a real."""
_REAL_DIGITS = 40
_MANY = 1000
"""Arguments of a function that takes any number of them."""

Exact = int | Fraction
Real = Any
"""An mpf of mpmath, which has no types."""


@cache
def _mp() -> Any:
    """A context of mpmath of our own: the precision of the shared one may be anything."""
    from mpmath import MPContext

    context = MPContext()
    context.dps = _REAL_DIGITS
    return context


def real(value: Exact | Real) -> Real:
    """The number as a real of 40 digits."""
    if isinstance(value, int | Fraction):
        return _mp().mpf(value.numerator) / value.denominator
    return value


@cache
def _noise() -> Real:
    """What a real of 40 digits may be off after a few steps, relative to what it was computed from."""
    return _mp().mpf(10) ** -32


def _is_exact(value: Exact | Real) -> bool:
    return isinstance(value, int | Fraction)


def _bits(value: Exact) -> int:
    return max(value.numerator.bit_length(), value.denominator.bit_length())


def _bounded(value: Exact | Real) -> Exact | Real:
    """The value in a form that cannot grow without end."""
    if isinstance(value, int | Fraction):
        return simplest(value) if _bits(value) <= MAX_BITS else real(value)
    if not _mp().isfinite(value):
        raise CalculatorError("the result is not a number")
    if value and abs(value.man_exp[1] + value.man_exp[0].bit_length()) > MAX_POWER:
        raise CalculatorError("the result is too large or too small to be shown")
    return value


def _whole(value: Exact | Real, what: str) -> int:
    """The whole number that a value is."""
    if not _is_exact(value):
        value = _near_whole(value)
    if not isinstance(value, int):
        raise CalculatorError(f"{what} needs a whole number")
    return value


def _near_whole(value: Real) -> int | Real:
    """The whole number where only rounding separates the two: sqrt(2)^2 is 2."""
    if abs(value) > 2**MAX_BITS:
        raise CalculatorError("the number is too large to be rounded")
    nearest = int(_mp().nint(value))
    return nearest if abs(value - nearest) <= _noise() * max(1, abs(nearest)) else value


class ExactArithmetic:
    """Whole numbers, fractions, and reals where it must be."""

    def __init__(self, degrees: bool = False) -> None:
        self.degrees = degrees
        self.variables: dict[str, Exact | Real] = {}

    def number(self, literal: Number) -> Exact:
        return literal.value

    def name(self, name: str) -> Exact | Real:
        if name in self.variables:
            return self.variables[name]
        if name.lower() == "pi":
            return +_mp().pi
        if name == "e":
            return +_mp().e
        raise CalculatorError(f"{name!r} has no value: the calculator needs numbers only")

    def sign(self, sign: str, operand: Exact | Real) -> Exact | Real:
        match sign:
            case "-":
                return -operand
            case "+":
                return operand
            case "%":
                return self.operate("/", operand, 100)
            case "‰":
                return self.operate("/", operand, 1000)
            case "°":
                # With degrees on, the functions take degrees, so the sign says nothing new.
                return operand if self.degrees else real(operand) * _mp().pi / 180
            case _:
                return _factorial(operand)

    def operate(self, operator: str, left: Exact | Real, right: Exact | Real) -> Exact | Real:
        if not (_is_exact(left) and _is_exact(right)):
            left, right = real(left), real(right)
        match operator:
            case "+" | "-":
                total = left + right if operator == "+" else left - right
                # What is left of two reals that were meant to be equal is noise.
                return 0 if not _is_exact(total) and abs(total) <= abs(left) * _noise() else _bounded(total)
            case "*":
                return _bounded(left * right)
        if right == 0:
            raise CalculatorError("division by zero")
        match operator:
            case "/":
                return _bounded(Fraction(left) / right if _is_exact(left) else left / right)
            case "//":
                return _rounding("floor", self.operate("/", left, right))
            case _:
                if not _is_exact(left) and abs(left / right) > 1e20:
                    raise CalculatorError("the remainder of a number this large is not known")
                return self.operate("-", left, self.operate("*", right, self.operate("//", left, right)))

    def power(self, base: Exact | Real, exponent: Exact | Real) -> Exact | Real:
        if not base and exponent < 0:
            raise CalculatorError("division by zero")
        if isinstance(exponent, int) and (exponent in (0, 1) or base in (0, 1)):
            return 1 if exponent == 0 else base
        if not _is_exact(base) or not _is_exact(exponent):
            return _real_power(base, exponent)
        if isinstance(exponent, Fraction):
            base = nth_root(base, exponent.denominator) if exponent.denominator <= 64 else real(base)
            if not _is_exact(base):
                return _real_power(base, exponent.numerator if exponent.denominator <= 64 else exponent)
            exponent = exponent.numerator
        if _bits(base) * abs(exponent) > MAX_BITS:
            return _real_power(base, exponent)
        return simplest(Fraction(base) ** exponent)

    def call(self, function: str, arguments: list[Exact | Real]) -> Exact | Real:
        if function in _ANGLE_FUNCTIONS and self.degrees:
            arguments = [real(argument) * _mp().pi / 180 for argument in arguments]
        value = call_function(_EXACT_FUNCTIONS, function, arguments)
        if function in _ANGLE_RESULTS and self.degrees:
            value = real(value) * 180 / _mp().pi
        return _bounded(value)

    def show(self, value: Exact | Real) -> str:
        """As `shown`."""
        return shown(value)


def shown(value: Exact | Real) -> str:
    """A number as people read it: 0.333333333333, 1.60217663e-19; whole numbers in full up to 320 digits."""
    if isinstance(value, Fraction):
        value = simplest(value)
    if isinstance(value, int) and value.bit_length() <= _WHOLE_DIGITS * 3.32:
        return str(value)
    rounded = _rounded(value)
    power = rounded.adjusted()
    if -5 <= power < DIGITS:
        return f"{rounded:f}"
    digits = "".join(map(str, rounded.as_tuple().digits))
    point = "." if len(digits) > 1 else ""
    return f"{'-' if rounded < 0 else ''}{digits[0]}{point}{digits[1:]}e{'-' if power < 0 else '+'}{abs(power):02d}"


def _rounded(value: Exact | Real) -> Decimal:
    context = Context(prec=DIGITS, Emax=10**12, Emin=-(10**12))
    if isinstance(value, int | Fraction) and _bits(value) <= MAX_BITS:
        quotient = context.divide(Decimal(value.numerator), Decimal(value.denominator))
    else:
        quotient = context.create_decimal(_mp().nstr(real(value), _REAL_DIGITS - 5))
    return quotient.normalize(context) if quotient else Decimal(0)


def nth_root(base: Exact | Real, degree: int) -> Exact | Real:
    """The real root, exact where it is a fraction; odd roots of negative numbers are negative."""
    if base < 0:
        if degree % 2 == 0:
            raise CalculatorError("an even root of a negative number is no real number")
        return -nth_root(-base, degree)
    if isinstance(base, int | Fraction):
        top, bottom = _whole_root(base.numerator, degree), _whole_root(base.denominator, degree)
        if top is not None and bottom is not None:
            return simplest(Fraction(top, bottom))
    return _mp().root(real(base), degree)


def _whole_root(value: int, degree: int) -> int | None:
    if value < 2 or degree == 1:
        return value
    root = math.isqrt(value) if degree == 2 else int(_mp().nint(_mp().root(value, degree)))
    return root if root**degree == value else None


def _real_power(base: Exact | Real, exponent: Exact | Real) -> Real:
    base, exponent = real(base), real(exponent)
    if base < 0 and not _mp().isint(exponent):
        raise CalculatorError("this power of a negative number is no real number")
    if base and abs(_mp().log(abs(base), 2) * exponent) > MAX_POWER:
        raise CalculatorError("the power is too large or too small to be shown")
    return _mp().power(base, exponent)


def _factorial(value: Exact | Real) -> Exact | Real:
    count = _whole(value, "a factorial")
    if not 0 <= count <= 10**7:
        raise CalculatorError("a factorial needs a number from 0 to 10,000,000")
    return math.factorial(count) if count <= 900 else _mp().factorial(count)


def _rounding(method: str, value: Exact | Real, digits: Exact | Real = 0) -> Exact | Real:
    places = _whole(digits, method)
    if abs(places) > 1000:
        raise CalculatorError(f"{method} to {places} places")
    scale = Fraction(10) ** places
    scaled = value * scale if _is_exact(value) else _fraction(_near_whole(value * real(scale)))
    return simplest(_ROUNDINGS[method](scaled) / scale)


def _fraction(value: int | Real) -> Exact:
    """The exact value of a real of moderate size."""
    if isinstance(value, int):
        return value
    mantissa, exponent = abs(value).man_exp
    size = Fraction(2) ** int(exponent) * int(mantissa)
    return size if value > 0 else -size


def _half_up(value: Exact) -> int:
    """2.5 rounds to 3 and -2.5 to -3, as taught at school."""
    half = Fraction(1, 2)
    return math.floor(value + half) if value >= 0 else -math.floor(half - value)


_ROUNDINGS: dict[str, Callable[[Exact], int]] = {
    "floor": math.floor,
    "ceil": math.ceil,
    "trunc": math.trunc,
    "round": _half_up,
}


def _of_reals(name: str, largest: float = 1e30) -> Callable[..., Real]:
    """A function of mpmath, for arguments up to a size at which it is still cheap."""

    def compute(*arguments: Exact | Real) -> Real:
        reals = [real(argument) for argument in arguments]
        if any(abs(argument) > largest for argument in reals):
            raise CalculatorError(f"{name} of a number this large")
        try:
            value = getattr(_mp(), name)(*reals)
        except (ValueError, ZeroDivisionError):
            raise CalculatorError(f"{name} is not defined there") from None
        if isinstance(value, _mp().mpc):
            raise CalculatorError(f"{name} is not defined there")
        # sin(180°) is 0 and tan(90°) nothing; rounding leaves a very small and a very large number.
        if name in _ANGLE_FUNCTIONS and abs(value) < _noise():
            return 0
        if name in _ANGLE_FUNCTIONS and abs(value) > 1 / _noise():
            raise CalculatorError(f"{name} is not defined there")
        return value

    return compute


def _root(value: Exact | Real, degree: Exact | Real) -> Exact | Real:
    arithmetic = ExactArithmetic()
    return arithmetic.power(value, arithmetic.operate("/", 1, degree))


def _log(value: Exact | Real, base: Exact | Real | None = None) -> Exact | Real:
    if value <= 0 or (base is not None and (base <= 0 or base == 1)):
        raise CalculatorError("a logarithm needs numbers above zero")
    if base is None:
        return _mp().log(real(value)) if value != 1 else 0
    quotient = _mp().log(real(value)) / _mp().log(real(base))
    return _near_whole(quotient)


def _whole_numbers(name: str, values: tuple[Exact | Real, ...]) -> list[int]:
    return [_whole(value, name) for value in values]


def _lcm(*values: Exact | Real) -> int:
    numbers = _whole_numbers("lcm", values)
    if sum(number.bit_length() for number in numbers) > MAX_BITS:
        raise CalculatorError("lcm of numbers this large")
    return math.lcm(*numbers)


def _choices(compute: Callable[[int, int], int]) -> Callable[..., int]:
    def count(total: Exact | Real, chosen: Exact | Real) -> int:
        n, k = _whole_numbers("a choice", (total, chosen))
        if n < 0 or k < 0:
            raise CalculatorError("a choice needs numbers from 0 on")
        if min(k, n) * n.bit_length() > MAX_BITS:
            raise CalculatorError("a choice of numbers this large")
        return compute(n, k)

    return count


def _mean(*values: Exact | Real) -> Exact | Real:
    return _total(*values) / Fraction(len(values)) if all(map(_is_exact, values)) else _total(*values) / len(values)


def _total(*values: Exact | Real) -> Exact | Real:
    return sum(values) if all(map(_is_exact, values)) else sum(map(real, values))


def _extreme(choose: Callable[..., Any]) -> Callable[..., Exact | Real]:
    # mpf and Fraction do not compare, so reals are compared with reals.
    return lambda *values: choose(values, key=None if all(map(_is_exact, values)) else real)


_EXACT_FUNCTIONS: dict[str, Function] = {
    "sqrt": Function(lambda value: nth_root(value, 2)),
    "cbrt": Function(lambda value: nth_root(value, 3)),
    "root": Function(_root, 2, 2),
    "pow": Function(lambda base, exponent: ExactArithmetic().power(base, exponent), 2, 2),
    "exp": Function(lambda value: _real_power(_mp().e, value)),
    "ln": Function(_log),
    "log": Function(_log, 1, 2),
    "lg": Function(lambda value: _log(value, 10)),
    "log10": Function(lambda value: _log(value, 10)),
    "log2": Function(lambda value: _log(value, 2)),
    "abs": Function(abs),
    "floor": Function(lambda value: _rounding("floor", value)),
    "ceil": Function(lambda value: _rounding("ceil", value)),
    "trunc": Function(lambda value: _rounding("trunc", value)),
    "round": Function(lambda value, digits=0: _rounding("round", value, digits), 1, 2),
    "factorial": Function(_factorial),
    "comb": Function(_choices(math.comb), 2, 2),
    "perm": Function(_choices(math.perm), 2, 2),
    "max": Function(_extreme(max), 1, _MANY),
    "min": Function(_extreme(min), 1, _MANY),
    "sum": Function(_total, 1, _MANY),
    "mean": Function(_mean, 1, _MANY),
    "gcd": Function(lambda *values: math.gcd(*_whole_numbers("gcd", values)), 1, _MANY),
    "lcm": Function(_lcm, 1, _MANY),
    "mod": Function(lambda left, right: ExactArithmetic().operate("mod", left, right), 2, 2),
    "atan2": Function(_of_reals("atan2"), 2, 2),
    "hypot": Function(_of_reals("hypot"), 2, 2),
    **{name: Function(_of_reals(name)) for name in ("sin", "cos", "tan", "cot", "sec", "csc", "asin", "acos", "atan")},
    **{name: Function(_of_reals(name, largest=1e8)) for name in ("sinh", "cosh", "tanh")},
}
_ALIASES = {
    "cuberoot": "cbrt", "ceiling": "ceil", "int": "trunc", "fix": "trunc", "fabs": "abs", "average": "mean",
    "avg": "mean", "arcsin": "asin", "arccos": "acos", "arctan": "atan", "tg": "tan", "ctg": "cot", "nthroot": "root",
    "fact": "factorial", "power": "pow",
}  # fmt: skip
_EXACT_FUNCTIONS |= {alias: _EXACT_FUNCTIONS[name] for alias, name in _ALIASES.items()}
_ANGLE_FUNCTIONS = frozenset(("sin", "cos", "tan", "cot", "sec", "csc", "tg", "ctg"))
_ANGLE_RESULTS = frozenset(("asin", "acos", "atan", "arcsin", "arccos", "arctan", "atan2"))

SCHOOL = Dialect(frozenset(_EXACT_FUNCTIONS), letter_times=True)
MIXED = Dialect(frozenset(_EXACT_FUNCTIONS), letter_times=True, mixed_fractions=True)
