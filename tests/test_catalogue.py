"""docs/reference/serving-tests.md says where each number of the catalogue is tested, and it is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROW = re.compile(r"^\| ([LDCHATKUO]\d+) \| .* \| (.*) \| (.*) \|$", re.MULTILINE)
COUNTS = {"L": 7, "D": 10, "C": 7, "H": 9, "A": 8, "T": 6, "K": 6, "U": 9, "O": 3}
"""How many numbers each letter has."""

ROWS = ROW.findall((ROOT / "docs/reference/serving-tests.md").read_text(encoding="utf-8"))


def test_every_number_has_its_row() -> None:
    wanted = [f"{letter}{number}" for letter, count in COUNTS.items() for number in range(1, count + 1)]
    assert [number for number, _, _ in ROWS] == wanted


@pytest.mark.parametrize(("number", "where", "state"), ROWS, ids=[row[0] for row in ROWS])
def test_what_a_row_names_is_there(number: str, where: str, state: str) -> None:
    assert state.strip()
    files = re.findall(r"`((?:tests|benchmarks)/[\w/]+\.py)`", where)
    assert files
    for file in files:
        text = (ROOT / file).read_text(encoding="utf-8")
        told = rf"{number}\b" if file.startswith("benchmarks/") else rf"def test_(?:[A-Z]\d+_)*{number}_"
        assert re.search(told, text), f"{file} has no test of {number}"
