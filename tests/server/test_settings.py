"""Where a server's settings come from, what is refused, and that the reference names all of them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from moss.config import paths
from moss.errors import UserError
from moss.server.settings import ServerSettings, settings_from

REFERENCE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "server.md"


def test_variables_and_then_assignments() -> None:
    environment = {"MOSS_SLOTS": "3", "MOSS_HOSTS": "a.example, b.example", "MOSS_PUBLIC": "yes", "HOME": "/root"}
    found = settings_from(environment, ["slots=5", "database=none"])
    assert (found.slots, found.public, found.hosts, found.database) == (5, True, ("a.example", "b.example"), None)


def test_everything_lies_in_the_data_folder_by_default() -> None:
    found = settings_from({}, ["data=kept"])
    assert found.database_url == "sqlite:///kept/moss.db"
    assert found.image_folder == Path("kept/images")


@pytest.mark.parametrize(
    ("assignment", "words"),
    [
        ("slots=0", "slots must be more than 0"),
        ("slot=1", "Did you mean slots"),
        ("compare_share=2", "between 0 and 1"),
        ("stale_seconds=1", "at least twice heartbeat_seconds"),
        ("trusted_proxies=proxy.example", "no address or network"),
        ("moderation_url=ftp://example.org", "must begin with http"),
        ("registration=maybe", "one of open, invite, closed"),
        ("drain_seconds=-1", "0 or more"),
    ],
)
def test_what_cannot_be_is_told_in_one_line(assignment: str, words: str) -> None:
    with pytest.raises(UserError, match=words):
        settings_from({}, [assignment])


def test_a_public_server_has_no_key_for_all() -> None:
    with pytest.raises(UserError, match="every user has keys"):
        settings_from({}, ["public=yes", "api_key=k"])


def test_the_reference_names_every_setting() -> None:
    section = REFERENCE.read_text(encoding="utf-8").split("## Settings")[1].split("\n## ")[0]
    rows = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    assert sorted(name for row in rows for name in re.findall(r"`(\w+)`", row)) == sorted(paths(ServerSettings()))
