"""Numbers that carry their own check: whether one is a Chinese citizen's number or a bank card's. Nothing else."""

from __future__ import annotations

import re
from datetime import date

_PROVINCES = frozenset(
    [*range(11, 16), *range(21, 24), *range(31, 38), *range(41, 47), *range(50, 55), *range(61, 66), 71, 81, 82, 83, 91]
)
"""How a citizen's number begins, as in GB/T 2260."""
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_DIGITS = "10X98765432"

_CARD_LENGTHS = (
    (re.compile(r"62"), range(16, 20)),
    (re.compile(r"4"), (13, 16, 19)),
    (re.compile(r"5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720"), (16,)),
    (re.compile(r"3[47]"), (15,)),
    (re.compile(r"35(?:2[89]|[3-8])"), (16,)),
    (re.compile(r"60|64[4-9]|65|9[0-9]"), range(16, 20)),
    (re.compile(r"30[0-5]|3[689]"), (14,)),
)
"""How the numbers of card networks begin (ISO/IEC 7812 issuer numbers), and how long they are."""


def is_citizen_number(text: str) -> bool:
    """Whether it is a citizen's number of 18 signs: province, day of birth and check digit as in GB 11643-1999."""
    number = re.sub(r"[\s-]", "", text).upper()
    if len(number) != 18 or not number[:17].isdecimal() or int(number[:2]) not in _PROVINCES:
        return False
    remainder = sum(int(digit) * weight for digit, weight in zip(number, _WEIGHTS, strict=False)) % 11
    return number[17] == _CHECK_DIGITS[remainder] and _is_day(number[6:10], number[10:12], number[12:14])


def may_be_old_citizen_number(number: str) -> bool:
    """Whether 15 digits can be a citizen's number from before 1999, which has no check digit."""
    return int(number[:2]) in _PROVINCES and _is_day("19" + number[6:8], number[8:10], number[10:12])


def is_card_number(text: str) -> bool:
    """Whether it is a bank card's number: a known beginning, its length, and the Luhn check digit (ISO/IEC 7812-1)."""
    number = re.sub(r"\D", "", text)
    fits = any(begin.match(number) and len(number) in lengths for begin, lengths in _CARD_LENGTHS)
    return fits and _has_luhn_digit(number)


def _has_luhn_digit(number: str) -> bool:
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(number))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def _is_day(year: str, month: str, day: str) -> bool:
    try:
        return 1880 <= date(int(year), int(month), int(day)).year <= 2100
    except ValueError:
        return False
