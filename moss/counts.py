"""Counts in sentences: `1 conversation`, `2,000 conversations`. Not here: tables, where a heading names it."""

from __future__ import annotations


def counted(number: int, thing: str, several: str | None = None) -> str:
    """The number, with commas, and its thing; `several` is the plural where it is not `thing` and an s."""
    return f"{number:,} {thing if number == 1 else several or thing + 's'}"
