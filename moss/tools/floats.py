"""Numbers as Python has them: ints, floats and what `math` computes, printed as Python prints them.

The results in the published MOSS dialogues are these, byte for byte (`125^(1/3)` is 4.999999999999999), so the
compatible modes of calculator and solver use them.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

from .expression import CalculatorError, Dialect, Function, Number, call_function

MAX_BITS = 8192
"""Of a whole number; larger ones are refused."""
_MANY = 1000
"""Arguments of a function that takes any number of them."""

_SIGNS: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "mod": operator.mod,
}


class FloatArithmetic:
    """What Python's own operators and its `math` give. Also walks unknowns: sympy's symbols overload the operators."""

    def __init__(self) -> None:
        self.variables: dict[str, Any] = {}

    def number(self, literal: Number) -> int | float:
        return _checked(int if literal.text.isdigit() else float, literal.text)

    def name(self, name: str) -> Any:
        if name in self.variables:
            return self.variables[name]
        if name in _CONSTANTS:
            return _CONSTANTS[name]
        raise CalculatorError(f"{name!r} has no value")

    def sign(self, sign: str, operand: Any) -> Any:
        return -operand if sign == "-" else +operand

    def operate(self, operator: str, left: Any, right: Any) -> Any:
        return _checked(_SIGNS[operator], left, right)

    def power(self, base: Any, exponent: Any) -> Any:
        if isinstance(base, int) and isinstance(exponent, int) and base.bit_length() * abs(exponent) > MAX_BITS:
            raise CalculatorError("the power is too large")
        return _checked(pow, base, exponent)

    def call(self, function: str, arguments: list[Any]) -> Any:
        return _checked(lambda *values: call_function(_FLOAT_FUNCTIONS, function, list(values)), *arguments)

    def show(self, value: Any) -> str:
        """As Python prints it."""
        return repr(value)


def _checked(compute: Callable[..., Any], *operands: Any) -> Any:
    try:
        value = compute(*operands)
    except (ArithmeticError, TypeError, ValueError) as error:
        raise CalculatorError(str(error)) from None
    if isinstance(value, int) and value.bit_length() > MAX_BITS:
        raise CalculatorError("the number is too large")
    if isinstance(value, complex) or (isinstance(value, float) and not math.isfinite(value)):
        raise CalculatorError("the result is no real number")
    return value


def _float_factorial(value: int) -> int:
    if value > 900:
        raise CalculatorError("a factorial of more than 900")
    return math.factorial(value)


_CONSTANTS = {"pi": math.pi, "e": math.e}
_FLOAT_FUNCTIONS: dict[str, Function] = {
    name: Function(getattr(math, name))
    for name in (
        "sqrt", "exp", "log10", "log2", "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "ceil",
        "floor", "fabs", "degrees", "radians",
    )
}  # fmt: skip
_FLOAT_FUNCTIONS |= {
    "factorial": Function(_float_factorial),
    "log": Function(math.log, 1, 2),
    "pow": Function(lambda base, exponent: FloatArithmetic().power(base, exponent), 2, 2),
    "atan2": Function(math.atan2, 2, 2),
    "hypot": Function(math.hypot, 1, _MANY),
    "gcd": Function(math.gcd, 1, _MANY),
    "abs": Function(abs),
    "round": Function(round, 1, 2),
    "max": Function(max, 2, _MANY),
    "min": Function(min, 2, _MANY),
}
PYTHON = Dialect(frozenset(_FLOAT_FUNCTIONS), implicit_products=False, school=False)
