"""Counts read as people write them."""

from __future__ import annotations

import pytest

from moss.counts import counted


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0 files"), (1, "1 file"), (2, "2 files"), (1000, "1,000 files"), (-1, "-1 files")]
)
def test_one_is_singular(number: int, text: str) -> None:
    assert counted(number, "file") == text


def test_a_plural_of_its_own() -> None:
    assert [counted(number, "box", "boxes") for number in (1, 2)] == ["1 box", "2 boxes"]
