"""The calculator: an expression as text in, one number as text out.

`evaluate` reads it with `expression`, computes with `exact` (the default: exact, shown with 12 significant digits) or
with `floats` (`compatible=True`: the text of the published MOSS dialogues). It takes milliseconds at most, whatever the
text, and runs nothing but arithmetic; `CalculatorTool` has it behind a sandbox all the same.
"""

from __future__ import annotations

import re
from typing import Any

from .base import Tool, ToolResult
from .exact import MIXED, SCHOOL, ExactArithmetic
from .expression import CalculatorError, Dialect, Node, Token, parse, split, tokenize, value_of
from .floats import PYTHON, FloatArithmetic
from .sandbox import Sandbox

__all__ = ["CalculatorError", "CalculatorTool", "evaluate"]

_HAN = re.compile("[\u3400-\u9fff\uf900-\ufaff]+")
"""Chinese words, which the original left out: `147227.31亿美元*6.474`."""


def evaluate(expression: str, compatible: bool = False, degrees: bool = False, mixed_fractions: bool = True) -> str:
    """The value of an expression, as text: `evaluate("2(3+4)^2 / 7")` is "14".

    Several statements may be separated by `;`: `p=12; sqrt(p*3)`. `compatible` gives the text of the published
    dialogues (Python floats); `degrees` makes angles degrees (`sin(30°)` is in degrees anyway); `mixed_fractions` reads
    `1(5/6)` as 1 + 5/6. Raises CalculatorError when the text is no expression or has no value.
    """
    arithmetic: ExactArithmetic | FloatArithmetic
    if compatible:
        arithmetic, dialect = FloatArithmetic(), PYTHON
        expression = _HAN.sub("", expression)
    else:
        arithmetic, dialect = ExactArithmetic(degrees), MIXED if mixed_fractions else SCHOOL
    value: Any = None
    for name, node in _statements(expression, dialect):
        value = value_of(node, arithmetic)
        if name is not None:
            arithmetic.variables[name] = value
            value = None if compatible else value
    if value is None:
        raise CalculatorError("there is nothing to calculate")
    return arithmetic.show(value)


class CalculatorTool(Tool):
    """`evaluate` behind the sandbox."""

    name = "Calculate"
    title = "Calculator"
    parameter = "expression"
    description = "Computes arithmetic: + - * / ^, percentages, brackets, roots, powers, logarithms, angles."

    def __init__(self, compatible: bool = False, degrees: bool = False, mixed_fractions: bool = True) -> None:
        self._settings = {"compatible": compatible, "degrees": degrees, "mixed_fractions": mixed_fractions}
        self._sandbox = Sandbox("moss.tools.calculator:evaluate", preload=("mpmath",))

    def run(self, argument: str) -> ToolResult:
        """The value; raises UserError with the reason when there is none."""
        return ToolResult(self._sandbox.call(argument, **self._settings))

    def close(self) -> None:
        """Ends the worker processes."""
        self._sandbox.close()


def _statements(text: str, dialect: Dialect) -> list[tuple[str | None, Node]]:
    """(variable it is assigned to, tree) of each statement."""
    tokens = tokenize(text, dialect)
    if dialect.school:
        # "12+5=", "12+5=?" ask for the value and are no equations.
        while tokens and tokens[-1].kind in ("=", "?"):
            tokens.pop()
    return [_statement(part, dialect) for part in split(tokens, frozenset(";"))]


def _statement(tokens: list[Token], dialect: Dialect) -> tuple[str | None, Node]:
    if len(tokens) > 1 and tokens[0].kind == "name" and tokens[1].kind == "=":
        return tokens[0].text, parse(tokens[2:], dialect)
    return None, parse(tokens, dialect)
