"""Texts that a grammar allows, byte by byte: a pushdown automaton that holds all readings of what came so far.

A text to come is a stack of parts. Some parts read bytes (`Bytes`, `OneOf`, `Chars`, `Decimal`), a `Rule` stands for
one of several sequences of parts. A state is every stack that fits what was read; it may end where one of them is
empty. How many bytes the nearest end is away is known in every state, so that a text can always be brought to its end.

Not here: tokens (`grammar.py`), and which grammar says what (`grammar.py`, `json_schema.py`). Needs no torch.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from functools import lru_cache
from math import ceil, floor
from typing import NamedTuple

from ..errors import UserError

DEEPEST = 120
"""Parts on a stack from where on only what ends soonest is read: readers of JSON give up on deep nesting."""
DIGITS = 15
"""Digits of a number before the point: as many as a float holds exactly."""
PLACES = 10
"""Digits after it."""
_NEVER = 10**9
"""More bytes than any text has."""


class Bytes(NamedTuple):
    """A fixed text."""

    rest: bytes

    def read(self, byte: int) -> tuple[Part, ...] | None:
        if byte != self.rest[0]:
            return None
        return (Bytes(self.rest[1:]),) if len(self.rest) > 1 else ()

    @property
    def shortest(self) -> int:
        return len(self.rest)


class OneOf(NamedTuple):
    """For each byte to come, the bytes it may be."""

    classes: tuple[bytes, ...]

    def read(self, byte: int) -> tuple[Part, ...] | None:
        if byte not in self.classes[0]:
            return None
        return (OneOf(self.classes[1:]),) if len(self.classes) > 1 else ()

    @property
    def shortest(self) -> int:
        return len(self.classes)


class Alphabet(NamedTuple):
    """What characters a text may hold."""

    excluded: bytes
    escapes: bytes
    """What may follow a backslash, besides `u` and four hex digits; empty where it is a character like others."""

    def plain(self, data: bytes) -> bool:
        """Whether these are whole characters, and none that is excluded or escaped."""
        stops = self.excluded + (b"\\" if self.escapes else b"")
        if any(byte in stops for byte in data):
            return False
        try:
            data.decode()
        except UnicodeDecodeError:
            return False
        return True


_CONTROL = bytes(range(0x20))
ARGUMENT = Alphabet(_CONTROL + b'\x7f"', b"")
"""Between the double quotes of a call in Commands."""
JSON_TEXT = Alphabet(_CONTROL + b'"', b'"\\/bfnrt')
"""Between the quotes of a JSON string."""
QUOTED_JSON_TEXT = Alphabet(_CONTROL + b"\x7f\"'", b"\\/bfnrt")
"""The same inside of an argument, where JSON is written with `'` for `"` (`moss.terms.quoted_json`)."""

_FOLLOWING = bytes(range(0x80, 0xC0))
_HEX = b"0123456789abcdefABCDEF"
# Half a character (`\ud800`) is no text: the first digit is not d.
_UNICODE = (b"0123456789abcefABCEF", _HEX, _HEX, _HEX)


def _after_lead(byte: int) -> tuple[bytes, ...] | None:
    """The bytes that follow the lead byte of a character; None when it leads nothing (RFC 3629, section 4)."""
    if 0xC2 <= byte <= 0xDF:
        return (_FOLLOWING,)
    if 0xE0 <= byte <= 0xEF:
        return (bytes(range(0xA0 if byte == 0xE0 else 0x80, 0xA0 if byte == 0xED else 0xC0)), _FOLLOWING)
    if 0xF0 <= byte <= 0xF4:
        second = bytes(range(0x90 if byte == 0xF0 else 0x80, 0x90 if byte == 0xF4 else 0xC0))
        return (second, _FOLLOWING, _FOLLOWING)
    return None


class Escaped(NamedTuple):
    """What stands after a backslash."""

    letters: bytes

    def read(self, byte: int) -> tuple[Part, ...] | None:
        if byte == ord("u"):
            return (OneOf(_UNICODE),)
        return () if byte in self.letters else None

    @property
    def shortest(self) -> int:
        return 1


class Chars(NamedTuple):
    """At least `low` characters, at most `high` (None: any number). What stands around them is not part of it."""

    alphabet: Alphabet
    low: int = 0
    high: int | None = None
    starts_blank: bool = True
    """Whether the first may be a blank."""

    def read(self, byte: int) -> tuple[Part, ...] | None:
        if self.high == 0 or byte in self.alphabet.excluded or (byte == ord(" ") and not self.starts_blank):
            return None
        rest = Chars(self.alphabet, max(0, self.low - 1), None if self.high is None else self.high - 1)
        if byte == ord("\\") and self.alphabet.escapes:
            return (rest, Escaped(self.alphabet.escapes))
        if byte < 0x80:
            return (rest,)
        following = _after_lead(byte)
        return None if following is None else (rest, OneOf(following))

    @property
    def shortest(self) -> int:
        return self.low

    @property
    def may_end(self) -> bool:
        return self.low == 0


class Decimal(NamedTuple):
    """A number without exponent between two bounds (both belong to it), of which `text` has been read."""

    low: Fraction = Fraction(-(10**DIGITS) + 1)
    high: Fraction = Fraction(10**DIGITS - 1)
    places: int = PLACES
    """Digits after the point, at most; 0 for integers."""
    text: str = ""

    def read(self, byte: int) -> tuple[Part, ...] | None:
        text = self.text + chr(byte)
        if byte not in b"-.0123456789" or _missing(text, self.low, self.high, self.places) is None:
            return None
        return (self._replace(text=text),)

    @property
    def shortest(self) -> int:
        missing = _missing(self.text, self.low, self.high, self.places)
        return _NEVER if missing is None else missing

    @property
    def may_end(self) -> bool:
        return self.shortest == 0


@lru_cache(maxsize=10_000)
def _missing(text: str, low: Fraction, high: Fraction, places: int) -> int | None:
    """The fewest characters that make of this beginning a number between the bounds; None where none do."""
    if text in ("", "-"):
        starts = "0123456789" + ("-" if not text else "")
        found = [_missing(text + sign, low, high, places) for sign in starts]
        return min((1 + missing for missing in found if missing is not None), default=None)
    whole, point, fraction = text.removeprefix("-").partition(".")
    if text.startswith("-"):
        low, high = -high, -low
    fits = whole.isdecimal() and len(whole) <= DIGITS and (whole[0] != "0" or len(whole) == 1)
    if not fits or (fraction and not fraction.isdecimal()) or len(fraction) > places or (point and not places):
        return None
    if point:
        start, step = Fraction(f"{whole}.{fraction or 0}"), Fraction(1, 10 ** len(fraction))
        ends = range(max(1, len(fraction)), places + 1)
        return next((end - len(fraction) for end in ends if _between(start, step, low, high, end)), None)
    lengths = []
    for more in range(1 if whole == "0" else DIGITS - len(whole) + 1):
        step = Fraction(10**more)
        for end in range(places + 1):
            if _between(int(whole) * step, step, low, high, end):
                lengths.append(more + (end + 1 if end else 0))
                break
    return min(lengths, default=None)


def _between(start: Fraction, step: Fraction, low: Fraction, high: Fraction, places: int) -> bool:
    """Whether a number of so many places lies in [start, start + step) and in [low, high]."""
    unit = 10**places
    return ceil(max(start, low) * unit) <= floor(min(start + step - Fraction(1, unit), high) * unit)


class Rule(NamedTuple):
    """One of the sequences that `Rules` holds under this number."""

    number: int


Part = Bytes | OneOf | Escaped | Chars | Decimal | Rule
Stack = tuple[Part, ...]
"""What is to be read, last things first."""
State = tuple[Stack, ...]
"""All stacks that fit what was read. Empty: the text does not belong to the grammar."""


class Rules:
    """A grammar: rules by number, each some sequences of parts. Define them all, then `close` it and read."""

    def __init__(self) -> None:
        self._sequences: list[tuple[tuple[Part, ...], ...]] = []
        self._shortest: list[int] = []

    def __len__(self) -> int:
        return len(self._sequences)

    def rule(self, *sequences: Sequence[Part]) -> Rule:
        """A new rule: one of these sequences."""
        self._sequences.append(())
        made = Rule(len(self._sequences) - 1)
        self.define(made, *sequences)
        return made

    def define(self, rule: Rule, *sequences: Sequence[Part]) -> None:
        """What a rule stands for, which may hold the rule itself."""
        self._sequences[rule.number] = tuple(
            tuple(part for part in sequence if part != Bytes(b"")) for sequence in sequences
        )

    def close(self) -> None:
        """Works out the shortest text of every rule. UserError where a rule needs itself without end."""
        self._shortest = [_NEVER] * len(self._sequences)
        changed = True
        while changed:
            changed = False
            for number, sequences in enumerate(self._sequences):
                found = min(map(self._length, sequences), default=_NEVER)
                if found < self._shortest[number]:
                    self._shortest[number], changed = found, True
        if _NEVER in self._shortest:
            raise UserError("it can never end, or nothing fits it")

    def start(self, rule: Rule) -> State:
        """Before the first byte of a rule."""
        return self._settled([(rule,)])

    def read(self, state: State, byte: int) -> State:
        """After one more byte; empty where it may not come here."""
        following = []
        for stack in state:
            if stack:
                top = stack[-1]
                assert not isinstance(top, Rule)  # `_settled` leaves none on top
                rest = top.read(byte)
                if rest is not None:
                    following.append(stack[:-1] + rest)
        return self._settled(following) if following else ()

    def distance(self, state: State) -> int:
        """Bytes to the nearest end."""
        return min(map(self._length, state), default=_NEVER)

    def _length(self, parts: Iterable[Part]) -> int:
        return sum(self._shortest[part.number] if isinstance(part, Rule) else part.shortest for part in parts)

    def _settled(self, stacks: Iterable[Stack]) -> State:
        """The stacks with a part that reads bytes on top (or nothing): rules give way to all they may stand for."""
        found: dict[Stack, None] = {}
        seen: set[Stack] = set()
        waiting = list(stacks)
        while waiting:
            stack = waiting.pop()
            if stack in seen:
                continue
            seen.add(stack)
            if stack and isinstance(stack[-1], Rule):
                waiting += [stack[:-1] + tuple(reversed(sequence)) for sequence in self._choices(stack)]
                continue
            found[stack] = None
            if stack and isinstance(stack[-1], Chars | Decimal) and stack[-1].may_end:
                waiting.append(stack[:-1])
        return tuple(found)

    def _choices(self, stack: Stack) -> Sequence[tuple[Part, ...]]:
        top = stack[-1]
        assert isinstance(top, Rule)
        sequences = self._sequences[top.number]
        return sequences if len(stack) < DEEPEST else [min(sequences, key=self._length)]
