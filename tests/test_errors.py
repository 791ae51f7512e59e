"""What a user's mistake and a refusal of the machine read like."""

from __future__ import annotations

import errno

import pytest

from moss.errors import failure, unknown_name


@pytest.mark.parametrize(
    ("error", "path", "line"),
    [
        (OSError(errno.ENOSPC, "No space left on device", "a"), None, "a: the disk is full"),
        (OSError(errno.ENOSPC, "No space left on device", "a"), "b", "a: the disk is full"),
        (OSError(errno.ENOSPC, "No space left on device"), "b", "b: the disk is full"),
        (OSError(errno.ENOSPC, "No space left on device"), None, "the disk is full"),
        (OSError(errno.EIO, "Input/output error", "a"), None, "a: Input/output error"),
        (OSError("encoder error -2"), "b", "b: encoder error -2"),
    ],
)
def test_what_the_machine_refuses_in_words(error: OSError, path: str | None, line: str) -> None:
    assert failure(error, path) == line


def test_an_unknown_name_comes_with_near_ones_or_a_list_that_ends() -> None:
    many = [f"number{n:02}" for n in range(40)]
    assert str(unknown_name("tool", "Serch", ["Search", "Solve"])) == "unknown tool 'Serch'. Did you mean Search?"
    assert str(unknown_name("tool", "x", ["Search", "Solve"])) == "unknown tool 'x'. Known: Search, Solve."
    assert str(unknown_name("tool", "x", [])) == "unknown tool 'x'. Known: none."
    listed = str(unknown_name("tool", "x", many))
    assert listed.endswith("number28, number29 and 10 more.")
