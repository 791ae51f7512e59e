"""Arithmetic as people write it, parsed into a small tree, and the tree walked over any kind of numbers.

Calculator and equation solver share this: tokenizer, precedence climbing, and `value_of(tree, arithmetic)`, where an
`Arithmetic` says what numbers, names and signs mean (exact numbers, floats, polynomials, sympy objects). Text is never
handed to `eval` or `sympify`. Not here: any number type, any function.

Input is bounded before work begins (`MAX_CHARACTERS`, `MAX_DEPTH`), so parsing takes milliseconds whatever comes in.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple, Protocol

from ..counts import counted
from ..errors import UserError

MAX_CHARACTERS = 4000
"""Of one expression; the longest in the real data sets has under 700."""
MAX_DEPTH = 50
"""Brackets, signs and exponents inside each other; keeps the recursion far from Python's limit."""
MAX_SIGNS = 10
"""Behind one number: 5!, 20%, 30°."""
MAX_EXPONENT = 2000
"""Of ten, in a literal such as 1e300."""


class CalculatorError(UserError):
    """The text is no expression we understand, or it has no value."""


# --- The tree -------------------------------------------------------------------------------------------------------


class Number(NamedTuple):
    """A literal. `text` is how it was written: a decimal point may matter to who evaluates it."""

    text: str
    value: int | Fraction


class Name(NamedTuple):
    """A constant, a variable or an unknown."""

    name: str


class Sign(NamedTuple):
    """A sign at one operand: `-` and `+` before it, `!`, `%`, `‰` and `°` behind it."""

    sign: str
    operand: Node


class Chain(NamedTuple):
    """Operators of one precedence, applied from left to right: a list, so that a long sum is not a deep tree."""

    first: Node
    rest: tuple[tuple[str, Node], ...]


class Power(NamedTuple):
    """`base ^ exponent`."""

    base: Node
    exponent: Node


class Call(NamedTuple):
    """A function and its arguments."""

    function: str
    arguments: tuple[Node, ...]


Node = Number | Name | Sign | Chain | Power | Call


class Arithmetic(Protocol):
    """What a tree means over some kind of numbers. Every method may raise CalculatorError."""

    def number(self, literal: Number) -> Any: ...

    def name(self, name: str) -> Any: ...

    def sign(self, sign: str, operand: Any) -> Any: ...

    def operate(self, operator: str, left: Any, right: Any) -> Any:
        """`operator` is one of + - * / // mod."""

    def power(self, base: Any, exponent: Any) -> Any: ...

    def call(self, function: str, arguments: list[Any]) -> Any: ...


def value_of(node: Node, arithmetic: Arithmetic) -> Any:
    """The value of a tree."""
    match node:
        case Number():
            return arithmetic.number(node)
        case Name(name):
            return arithmetic.name(name)
        case Chain(first, rest):
            value = value_of(first, arithmetic)
            for operator, operand in rest:
                value = arithmetic.operate(operator, value, value_of(operand, arithmetic))
            return value
        case Sign(sign, operand):
            return arithmetic.sign(sign, value_of(operand, arithmetic))
        case Power(base, exponent):
            return arithmetic.power(value_of(base, arithmetic), value_of(exponent, arithmetic))
        case Call(function, arguments):
            return arithmetic.call(function, [value_of(argument, arithmetic) for argument in arguments])


class Function(NamedTuple):
    """What the name of a function computes, and how many arguments it takes."""

    compute: Callable[..., Any]
    least: int = 1
    most: int = 1


def call_function(functions: Mapping[str, Function], name: str, arguments: Sequence[Any]) -> Any:
    """Calls by name; raises CalculatorError for a wrong count of arguments."""
    function = functions[name]
    if not function.least <= len(arguments) <= function.most:
        takes = f"{function.least} to " if function.least < function.most else ""
        raise CalculatorError(f"{name} takes {takes}{counted(function.most, 'argument')}, not {len(arguments)}")
    return function.compute(*arguments)


def names(node: Node) -> set[str]:
    """Every name in a tree that is not a function."""
    match node:
        case Number():
            return set()
        case Name(name):
            return {name}
        case Chain(first, rest):
            return names(first).union(*(names(operand) for _, operand in rest))
        case Sign(_, operand):
            return names(operand)
        case Power(base, exponent):
            return names(base) | names(exponent)
        case Call(_, arguments):
            return set().union(*map(names, arguments))


# --- How it is written ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Dialect:
    """Which notation is understood."""

    functions: frozenset[str]
    """Names that take arguments. Any other name before a bracket is a factor, where implicit products are on."""
    implicit_products: bool = True
    """`2x`, `3(4+5)`, `(1+2)(3+4)`; they bind as an explicit `*` does: `1/2x` is `(1/2)*x`."""
    school: bool = True
    """`5!`, `20%`, `30°`, `[1]`, `|-3|`, `√2`, `sin 30`, `3:4`, `1,234`, `2.5万`, `x²`; else Python notation alone."""
    mixed_fractions: bool = False
    """`1(5/6)` is 1 + 5/6: a whole number straight before a proper fraction of two whole numbers in brackets."""
    letter_times: bool = False
    """An x between two numbers multiplies: `12 x 3`."""


class Token(NamedTuple):
    kind: str
    """"number", "name", or the sign itself."""
    text: str
    value: int | Fraction = 0


_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_SPELLINGS = {
    **dict.fromkeys("×✕✖⨯·⋅∙•∗", "*"),
    **dict.fromkeys("÷∕⁄", "/"),
    **dict.fromkeys("−–—‐‑﹣", "-"),
    **dict.fromkeys("，、", ","),
    **dict.fromkeys("；\n", ";"),
    **dict.fromkeys("【〔「『〖⟨", "("),
    **dict.fromkeys("】〕」』〗⟩", ")"),
    **dict.fromkeys("\u3000\xa0\t\r", " "),
    **dict.fromkeys("º˚", "°"),
    "∶": ":", "π": " pi ", "√": " sqrt ", "∛": " cbrt ",
    "½": "(1/2)", "¼": "(1/4)", "¾": "(3/4)", "⅓": "(1/3)", "⅔": "(2/3)",
}  # fmt: skip
_TABLE = str.maketrans({**_SPELLINGS, **{chr(wide): chr(narrow) for wide, narrow in _FULL_WIDTH.items()}})
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
_SUPERSCRIPT_RUN = re.compile("⁻?[⁰¹²³⁴⁵⁶⁷⁸⁹]+")

_NUMBER = re.compile(r"(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_GROUPED = re.compile(r"\d{1,3}(?:,\d{3})+(?![\d,])(?:\.\d+)?")
_MAGNITUDES = {"百": 2, "千": 3, "万": 4, "亿": 8, "萬": 4, "億": 8}
_MAGNITUDE = re.compile(r"\s*([百千万亿萬億]+)(?:人民币|[美欧日港]?元)?")
_NAME = re.compile(r"[^\W\d]\w*")
_SIGN = re.compile(r"\*\*|//|==|[-+*/^%‰!°()\[\]{}|,;:=<>≤≥≠?]")
_CURRENCY = re.compile(r"[$¥€£￥]|(?<=[\d.])\s*(?:人民币|[美欧日港]?元)")
_SHARE = re.compile(r"(?<=[\d%)])\s*的\s*(?=[\d(.])")
"""80的25% is 80 * 25%; elsewhere 的 is part of a name."""
_WORDS = {"of": "*", "mod": "mod", "times": "*", "and": ";", "且": ";"}
_BEFORE_OPERAND = frozenset(("start", *"+-*/^,;=([{"))
"""Here an operator cannot stand, but a function can: `mod(7, 3)`, and `7 mod 3`."""
_DEGREE_WORDS = frozenset(("deg", "degree", "degrees", "度"))
_OPENING = {"(": ")", "[": "]", "{": "}"}


def tokenize(text: str, dialect: Dialect) -> list[Token]:
    """Cuts text into tokens; raises CalculatorError where something is no part of any expression."""
    if len(text) > MAX_CHARACTERS:
        raise CalculatorError(f"the expression has {len(text):,} characters; at most {MAX_CHARACTERS:,} are read")
    if not (text.isascii() and text.isprintable()):
        text = _SUPERSCRIPT_RUN.sub(lambda run: f"^({run[0].translate(_SUPERSCRIPTS)})", text).translate(_TABLE)
    if dialect.school:
        text = _SHARE.sub("*", _CURRENCY.sub("", text))
    return list(_Tokenizer(text, dialect).tokens())


class _Tokenizer:
    def __init__(self, text: str, dialect: Dialect) -> None:
        self.text = text
        self.dialect = dialect
        self.position = 0
        self.open_calls: list[bool] = []
        """For each open bracket: does it hold arguments? There a comma separates, elsewhere it may group digits."""

    def tokens(self) -> Iterable[Token]:
        before = Token("start", "")
        while True:
            while self.position < len(self.text) and self.text[self.position] == " ":
                self.position += 1
            if self.position >= len(self.text):
                return
            for token in self._next(before):
                yield token
                before = token

    def _next(self, before: Token) -> Iterable[Token]:
        character = self.text[self.position]
        if character in "0123456789.":
            return (self._number(),)
        if match := _SIGN.match(self.text, self.position):
            self.position = match.end()
            return (self._sign(match[0], before),)
        if match := _NAME.match(self.text, self.position):
            self.position = match.end()
            return self._name(match[0], before)
        raise CalculatorError(f"{character!r} is no part of an expression")

    def _number(self) -> Token:
        start = self.position
        grouped = self.dialect.school and not any(self.open_calls[-1:]) and _GROUPED.match(self.text, start)
        match = grouped or _NUMBER.match(self.text, start)
        if match is None:
            raise CalculatorError("a decimal point needs a digit beside it")
        self.position = match.end()
        written = match[0].replace(",", "")
        value = literal_value(written)
        if not self.dialect.school or self.text.isascii():
            return Token("number", written, value)
        return self._magnitudes(written, value)

    def _magnitudes(self, written: str, value: int | Fraction) -> Token:
        """万 and its like behind a number, and what goes on after it: 1亿2000万 is one number."""
        total: int | Fraction = 0
        last_power = None
        while match := _MAGNITUDE.match(self.text, self.position):
            power = sum(_MAGNITUDES[sign] for sign in match[1])
            if last_power is not None and power >= last_power:
                raise CalculatorError(f"{match[1]} cannot follow a smaller unit in one number")
            total, last_power = total + value * 10**power, power
            self.position = match.end()
            following = _NUMBER.match(self.text, self.position)
            if following is None:
                return Token("number", written, simplest(total))
            self.position, value = following.end(), literal_value(following[0])
        return Token("number", written, simplest(total + value))

    def _sign(self, sign: str, before: Token) -> Token:
        sign = {"**": "^", "==": "="}.get(sign, sign)
        if sign in _OPENING:
            self.open_calls.append(before.kind == "name" and before.text in self.dialect.functions)
        elif sign in _OPENING.values() and self.open_calls:
            self.open_calls.pop()
        return Token(sign, sign)

    def _name(self, name: str, before: Token) -> Iterable[Token]:
        if not self.dialect.school:
            return (Token("name", name),)
        operand_before = before.kind in ("number", ")", "]", "}")
        if operand_before and name.lower() in _DEGREE_WORDS:
            return (Token("°", name),)
        if name in _WORDS and not (name in self.dialect.functions and before.kind in _BEFORE_OPERAND):
            return (Token(_WORDS[name], name),)
        if self.dialect.letter_times and operand_before and (name[0] in "xX") and (not name[1:] or name[1:].isdigit()):
            self.position -= len(name) - 1
            return (Token("*", name[0]),)
        return _function_spellings(name, self.dialect.functions)


def _function_spellings(name: str, functions: frozenset[str]) -> tuple[Token, ...]:
    """`Sqrt`, `CubeRoot` and `log_2` are functions, and `sin30` is one with its argument."""
    plain = name.lower().replace("_", "")
    if name in functions or plain not in functions:
        stem = plain.rstrip("0123456789")
        if name not in functions and stem in functions and stem != plain:
            digits = plain[len(stem) :]
            return Token("name", stem), Token("number", digits, int(digits))
        return (Token("name", name),)
    return (Token("name", plain),)


def literal_value(text: str) -> int | Fraction:
    """The exact value of a decimal literal, whole numbers as int."""
    if text.isdigit():
        return int(text)
    mantissa, _, exponent = text.lower().partition("e")
    whole, _, decimals = mantissa.partition(".")
    if len(exponent) > 6 or abs(int(exponent or 0)) > MAX_EXPONENT:
        raise CalculatorError(f"the exponent of {text} is beyond {MAX_EXPONENT}")
    power = int(exponent or 0) - len(decimals)
    digits = int(whole + decimals)
    return simplest(Fraction(digits * 10**power) if power >= 0 else Fraction(digits, 10**-power))


def simplest(value: int | Fraction) -> int | Fraction:
    """A whole number as int."""
    return value.numerator if value.denominator == 1 else value


# --- Parsing --------------------------------------------------------------------------------------------------------


def parse(tokens: list[Token], dialect: Dialect) -> Node:
    """The tree of one expression; raises CalculatorError when the tokens are none."""
    parser = _Parser(tokens, dialect)
    node = parser.sum()
    parser.finish()
    return node


def split(tokens: list[Token], separators: frozenset[str]) -> list[list[Token]]:
    """The parts between separators that stand outside all brackets; empty parts are left out."""
    parts: list[list[Token]] = [[]]
    depth = 0
    for token in tokens:
        depth += (token.kind in _OPENING) - (token.kind in _OPENING.values())
        if depth == 0 and token.kind in separators:
            parts.append([])
        else:
            parts[-1].append(token)
    return [part for part in parts if part]


_END = Token("end", "the end")
_SUMS = frozenset("+-")
_PRODUCTS = frozenset(("*", "/", "//", "%", "mod", ":"))
_STARTS_OPERAND = frozenset(("name", "(", "[", "{"))
_ENDS_FACTOR = frozenset((")", "]", "}", "!", "%", "‰", "°"))
_PERCENT_SIGNS = frozenset("%‰")


class _Parser:
    """One method a level of precedence, loosest first: sum, product, signed, power, postfix, operand."""

    def __init__(self, tokens: list[Token], dialect: Dialect) -> None:
        self.tokens = tokens
        self.dialect = dialect
        self.position = 0
        self.depth = 0

    def peek(self, ahead: int = 0) -> Token:
        position = self.position + ahead
        return self.tokens[position] if position < len(self.tokens) else _END

    def take(self) -> Token:
        token = self.peek()
        self.position += 1
        return token

    def expect(self, kind: str) -> None:
        token = self.take()
        if token.kind != kind:
            raise CalculatorError(f"{kind!r} is missing before {token.text!r}")

    def finish(self) -> None:
        token = self.peek()
        if token.kind == "=":
            raise CalculatorError("this is an equation: the equation solver takes it")
        if token.kind in "<>≤≥≠":
            raise CalculatorError("comparisons have no value here")
        if token is not _END:
            raise CalculatorError(f"{token.text!r} is not expected here")

    def sum(self) -> Node:
        first = self.product()
        rest = []
        while self.peek().kind in _SUMS:
            rest.append((self.take().kind, self.product()))
        return Chain(first, tuple(rest)) if rest else first

    def product(self) -> Node:
        first = self.signed()
        rest = []
        while True:
            kind = self.peek().kind
            if kind in _PRODUCTS and (kind != ":" or self.dialect.school):
                self.take()
                rest.append(({"%": "mod", ":": "/"}.get(kind, kind), self.signed()))
            elif self._implicit_product():
                rest.append(("*", self.power()))
            else:
                return Chain(first, tuple(rest)) if rest else first

    def _implicit_product(self) -> bool:
        if not self.dialect.implicit_products:
            return False
        kind = self.peek().kind
        return kind in _STARTS_OPERAND or (kind == "number" and self.tokens[self.position - 1].kind in _ENDS_FACTOR)

    def signed(self) -> Node:
        if self.peek().kind not in _SUMS:
            return self.power()
        sign = self.take().kind
        with self._deeper():
            return Sign(sign, self.signed())

    def power(self) -> Node:
        base = self.postfix()
        if self.peek().kind != "^":
            return base
        self.take()
        with self._deeper():
            return Power(base, self.signed())

    def postfix(self) -> Node:
        node = self.operand()
        signs = 0
        while self.dialect.school:
            kind = self.peek().kind
            if kind in ("!", "°") or (kind in _PERCENT_SIGNS and not self._is_remainder()):
                self.take()
                node = Sign(kind, node)
                signs += 1
            else:
                break
        if signs > MAX_SIGNS:
            raise CalculatorError(f"more than {MAX_SIGNS} signs behind one number")
        return node

    def _is_remainder(self) -> bool:
        """Tells `10 % 3`, a remainder, from the percentages `10% + 3` and `10%x`."""
        after = self.peek(1).kind
        return after == "number" or after in _OPENING

    def _starts_operand(self) -> bool:
        return self.peek().kind in _STARTS_OPERAND or self.peek().kind == "number"

    def operand(self) -> Node:
        token = self.take()
        match token.kind:
            case "number":
                return self._mixed_fraction(token) or Number(token.text, token.value)
            case "name" if token.text in self.dialect.functions and self._takes_argument():
                return self._call(token.text)
            case "name":
                if self.peek().kind == "(" and not self.dialect.school:
                    raise CalculatorError(f"there is no function {token.text!r}")
                return Name(token.text)
            case "(":
                return self._bracketed(")")
            case "[" | "{" if self.dialect.school:
                return self._bracketed(_OPENING[token.kind])
            case "|" if self.dialect.school:
                return Call("abs", (self._bracketed("|"),))
        raise CalculatorError(f"a number is missing before {token.text!r}")

    def _takes_argument(self) -> bool:
        """Tells `sum(1, 2)` and `sin 30` from an unknown that somebody calls sum."""
        return self._starts_operand() or (self.peek().kind == "^" and self.dialect.school)

    def _bracketed(self, closing: str) -> Node:
        with self._deeper():
            node = self.sum()
        self.expect(closing)
        return node

    def _mixed_fraction(self, whole: Token) -> Node | None:
        if not self.dialect.mixed_fractions or not whole.text.isdigit():
            return None
        opening, top, bar, bottom, closing = (self.peek(ahead) for ahead in range(5))
        if (opening.kind, bar.kind, closing.kind) != ("(", "/", ")"):
            return None
        if not (top.text.isdigit() and bottom.text.isdigit() and top.value < bottom.value):
            return None
        self.position += 5
        value = whole.value + Fraction(int(top.text), int(bottom.text))
        return Number(f"{whole.text}({top.text}/{bottom.text})", value)

    def _call(self, function: str) -> Node:
        """`sqrt(2)`, and at school also `sqrt[2]`, `sqrt 2` and `sin^2(x)`."""
        opening = self.peek().kind
        if opening == "(" or (opening in _OPENING and self.dialect.school):
            self.take()
            return Call(function, self._arguments(_OPENING[opening]))
        if not self.dialect.school:
            raise CalculatorError(f"{function} needs its argument in brackets")
        with self._deeper():
            if opening == "^":
                self.take()
                exponent = self.postfix()
                return Power(self._call(function), exponent)
            return Call(function, (self.postfix(),))

    def _arguments(self, closing: str) -> tuple[Node, ...]:
        arguments: list[Node] = []
        with self._deeper():
            while self.peek().kind != closing:
                arguments.append(self.sum())
                if self.peek().kind != ",":
                    break
                self.take()
        self.expect(closing)
        return tuple(arguments)

    def _deeper(self) -> _Parser:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise CalculatorError(f"more than {MAX_DEPTH} brackets, signs or exponents inside each other")
        return self

    def __enter__(self) -> None:
        """The parser is its own guard of depth: `with self._deeper()`."""

    def __exit__(self, *_: object) -> None:
        self.depth -= 1
