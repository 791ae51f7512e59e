"""Preference pairs and rankings as values: what they refuse, and that JSON gives them back."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from moss.conversation import (
    Candidate,
    Conversation,
    Message,
    PreferencePair,
    Ranking,
    ToolCall,
    read_pairs,
    read_rankings,
    said,
    write_pairs,
    write_rankings,
)
from moss.errors import UserError

ASKED = Conversation((Message("system", "You help."), Message("user", "6*7?")), ("Calculate",), {"id": 1})
CALLED = Message("assistant", None, "Calculate.", (ToolCall("Calculate", "6*7", "42", "ok"),))
RIGHT = (CALLED, Message("assistant", "It is 42."))
WRONG = (Message("assistant", "It is 43."),)
PAIR = PreferencePair(ASKED, RIGHT, WRONG, 0.5, {"source": "test"})


def test_json_gives_the_pairs_back(tmp_path: Path) -> None:
    pairs = [PAIR, PreferencePair(ASKED, WRONG, RIGHT), replace(PAIR, margin=0.0, meta={})]
    assert write_pairs(tmp_path / "pairs.jsonl", pairs) == 3
    assert list(read_pairs(tmp_path / "pairs.jsonl")) == pairs


def test_json_gives_the_rankings_back(tmp_path: Path) -> None:
    candidates = (
        Candidate(RIGHT, "reference", 1.0, {"reason": "right"}),
        Candidate(WRONG, "guess", 0.0),
        Candidate((Message("assistant", ""),)),
    )
    rankings = [Ranking(ASKED, candidates, {"source": "test"}), Ranking(ASKED, candidates[:1])]
    write_rankings(tmp_path / "rankings.jsonl", rankings)
    assert list(read_rankings(tmp_path / "rankings.jsonl")) == rankings


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"rejected": RIGHT}, "the two sides are equal"),
        ({"rejected": (CALLED, Message("assistant", "It is 42.", quality=10))}, "the two sides are equal"),
        ({"chosen": ()}, "the chosen side is empty"),
        ({"rejected": (Message("assistant", " \n"),)}, "the rejected side is empty"),
        ({"rejected": (*WRONG, *WRONG)}, "rejected: the assistant replies more than once"),
        ({"rejected": (Message("user", "No."),)}, "rejected: holds a message that is not the assistant's"),
        ({"chosen": (CALLED,)}, "chosen: the last message announces that it goes on"),
        ({"context": Conversation((*ASKED.messages, *WRONG))}, "the context must end with a user's message"),
        ({"context": Conversation(())}, "the context must end with a user's message"),
        ({"margin": -0.1}, "margin must be a number of 0 or more"),
        ({"margin": float("nan")}, "margin must be a number of 0 or more"),
    ],
)
def test_what_is_no_pair(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(UserError, match=reason.replace("(", r"\(")):
        replace(PAIR, **changes)


def test_a_choice_of_calls_may_be_compared_before_they_ran() -> None:
    waiting = (Message("assistant", None, None, (ToolCall("Calculate", "6*7"),)),)
    assert PreferencePair(ASKED, waiting, WRONG).chosen == waiting


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"best": []}, "unknown key 'best'"),
        ({"context": None}, "conversation: must be an object"),
        ({"chosen": "It is 42."}, "chosen must be a list, not str"),
        ({"chosen": [{"role": "assistant", "content": 7}]}, "chosen, message 1: message: content must be text"),
        ({"margin": True}, "margin must be a number, not bool"),
        ({"meta": []}, "meta must be an object"),
    ],
)
def test_a_bad_line_is_named_with_file_and_line(tmp_path: Path, changes: dict[str, Any], reason: str) -> None:
    path = tmp_path / "pairs.jsonl"
    lines = [PAIR.to_dict(), {**PAIR.to_dict(), **changes}]
    path.write_text("\n\n".join(json.dumps(line) for line in lines), encoding="utf-8")
    with pytest.raises(UserError, match=f"pairs.jsonl, line 3: .*{reason}"):
        list(read_pairs(path))


def test_said_holds_what_a_reader_sees_and_nothing_else() -> None:
    seen = said(RIGHT)
    assert seen == said((CALLED, Message("assistant", "It is 42.", quality=90, verbatim={"commands": "x"})))
    assert hash(seen) == hash(said(RIGHT))
    changed = replace(CALLED, tool_calls=(replace(CALLED.tool_calls[0], result="41"),))
    assert seen != said((changed, RIGHT[1]))
