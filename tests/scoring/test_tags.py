"""Tagging: the same tags in any order and after any kill; a report of them; no tags where there is nothing to rank."""

from __future__ import annotations

import io
import json
import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from moss.conversation import Conversation, Message, ToolCall, read_jsonl
from moss.errors import UserError
from moss.scoring.tags import CHUNK, tag


def dialogue(number: int) -> Conversation:
    """Two rounds, the first with a tool; the replies are of different lengths, and some occur often."""
    called = ToolCall("Search", "x", "found", "ok")
    messages = (
        Message("user", f"question {number}"),
        Message("assistant", None, "I look.", (called,)),
        Message("assistant", "word " * (number % 17), None, (called,)),
        Message("user", "再问一次"),
        Message("assistant", "字" * (number * 7 % 101), quality=50),
    )
    return Conversation(messages, ("Search",), {"source": f"set {number % 2}"})


DIALOGUES = [dialogue(number) for number in range(3 * CHUNK + 5)]


class LengthScorer:
    """The longer the better; notes what it was asked, and dies after so many dialogues."""

    def __init__(self, lives: float = float("inf")) -> None:
        self.asked = 0
        self.lives = lives

    def __call__(self, dialogues: Sequence[Conversation]) -> list[float | None]:
        for conversation in dialogues:
            assert conversation.messages[-1].role == "assistant"
            self.asked += 1
            if self.asked > self.lives:
                raise KeyboardInterrupt
        return [len(conversation.messages[-1].content or "") / 3 for conversation in dialogues]


def tags_of(path: Path) -> dict[str, list[int | None]]:
    return {c.messages[0].content or "": [m.quality for m in c.messages] for c in read_jsonl(path)}


def test_every_reply_gets_its_percentile_and_nothing_else_changes(tmp_path: Path) -> None:
    out = tmp_path / "tagged.jsonl"
    report = tag(lambda: DIALOGUES, LengthScorer(), "length", out)
    found = list(read_jsonl(out))
    untagged = [replace(c, messages=tuple(replace(m, quality=None) for m in c.messages)) for c in (*found, *DIALOGUES)]
    assert untagged[: len(found)] == untagged[len(found) :]
    scored = sorted((len(m.content or ""), m.quality) for c in found for m in c.messages if m.quality is not None)
    assert len(scored) == 2 * len(DIALOGUES) == report.to_dict()["replies"]
    qualities = [quality for _, quality in scored]
    assert qualities == sorted(qualities)
    assert set(qualities) >= {0, 50, 100}
    assert len({length for length, _ in scored}) == len(set(scored))  # equal scores, equal tags
    assert all(m.quality is None for c in found for m in c.messages if m.role == "user" or m.content is None)
    assert [file.name for file in tmp_path.iterdir()] == ["tagged.jsonl"]


def test_order_does_not_matter(tmp_path: Path) -> None:
    mixed = random.Random(3).sample(DIALOGUES, len(DIALOGUES))
    reports = [
        tag(lambda found=found: found, LengthScorer(), "length", tmp_path / name).to_dict()  # type: ignore[misc]
        for name, found in (("a.jsonl", DIALOGUES), ("b.jsonl", mixed))
    ]
    assert tags_of(tmp_path / "a.jsonl") == tags_of(tmp_path / "b.jsonl")
    assert reports[0] == reports[1]


@pytest.mark.parametrize("torn", [0, 7])
def test_a_killed_run_goes_on_where_it_was(tmp_path: Path, torn: int) -> None:
    whole, out = tmp_path / "whole.jsonl", tmp_path / "out.jsonl"
    tag(lambda: DIALOGUES, LengthScorer(), "length", whole)
    with pytest.raises(KeyboardInterrupt):
        tag(lambda: DIALOGUES, LengthScorer(lives=3 * CHUNK), "length", out)
    assert not out.exists()
    kept = tmp_path / "out.jsonl.scores"
    kept.write_bytes(kept.read_bytes()[: -torn or None])  # the kill may come in the middle of a line
    scorer, done = LengthScorer(), list[int]()
    tag(lambda: DIALOGUES, scorer, "length", out, done.append)
    assert scorer.asked == 2 * (len(DIALOGUES) - CHUNK + (1 if torn else 0))
    assert done[0] == CHUNK - (1 if torn else 0)
    assert done[-1] == len(DIALOGUES)
    assert out.read_bytes() == whole.read_bytes()


@pytest.mark.parametrize(
    ("name", "dialogues", "message"),
    [
        ("other", DIALOGUES, "scores of another model"),
        ("length", DIALOGUES[1:], "dialogue 1 is not the one"),
        ("length", DIALOGUES[:2], "dialogue 3 is not the one"),
    ],
)
def test_scores_of_something_else_are_not_mixed_in(
    tmp_path: Path, name: str, dialogues: list[Conversation], message: str
) -> None:
    out = tmp_path / "out.jsonl"
    with pytest.raises(KeyboardInterrupt):
        tag(lambda: DIALOGUES, LengthScorer(lives=2 * CHUNK), "length", out)
    with pytest.raises(UserError, match=message):
        tag(lambda: dialogues, LengthScorer(), name, out)


@pytest.mark.parametrize(
    ("score", "dialogues", "message"),
    [
        (1.5, DIALOGUES, r"all 394 replies have the same score \(1.5\)"),
        (None, DIALOGUES, "no reply in these dialogues that could be scored"),
        (1.0, [Conversation((Message("user", "a"),))], "no reply"),
        (float("nan"), DIALOGUES, "dialogue 1, message 3: the score is nan"),
    ],
)
def test_nothing_is_written_where_there_is_nothing_to_rank(
    tmp_path: Path, score: float | None, dialogues: list[Conversation], message: str
) -> None:
    with pytest.raises(UserError, match=message):
        tag(lambda: dialogues, lambda asked: [score] * len(asked), "equal", tmp_path / "out.jsonl")
    assert not (tmp_path / "out.jsonl").exists()


def test_what_is_too_long_has_no_tag_and_is_counted(tmp_path: Path) -> None:
    def some(asked: Sequence[Conversation]) -> list[float | None]:
        lengths = [len(conversation.messages[-1].content or "") for conversation in asked]
        return [None if length > 90 else length for length in lengths]

    report = tag(lambda: DIALOGUES, some, "some", tmp_path / "out.jsonl")
    lengths = [
        len(m.content or "") for c in read_jsonl(tmp_path / "out.jsonl") for m in c.messages if m.quality is None
    ]
    long = [length for length in lengths if length > 90]
    assert report.not_scored == len(long) > 0


def test_within_contexts_the_level_of_a_context_does_not_count(tmp_path: Path) -> None:
    """Replies to one question are all longer than those to another one; in the same place, they have the same tag."""
    asked = {"short": 0, "long": 500, "alone": 900}
    found = [
        Conversation((Message("user", question), Message("assistant", "x" * (length + more))))
        for question, length in asked.items()
        for more in ((30,) if question == "alone" else (0, 30, 60))
    ]
    out = tmp_path / "tagged.jsonl"
    report = tag(lambda: found, LengthScorer(), "length", out, within_contexts=True)
    qualities = [c.messages[-1].quality for c in read_jsonl(out)]
    assert qualities[:6] == [0, 50, 100] * 2
    assert (qualities[6], report.not_scored) == (None, 1)
    # What two sources say alike is still the best.
    tag(lambda: [*found[:3], found[2]], LengthScorer(), "length", out, within_contexts=True)
    assert [c.messages[-1].quality for c in read_jsonl(out)] == [0, 50, 100, 100]
    with pytest.raises(UserError, match="compared with another"):
        tag(lambda: found[:1], LengthScorer(), "length", out, within_contexts=True)


def answered(question: str, argument: str | None, reply: str) -> Conversation:
    called = () if argument is None else (Message("assistant", None, "", (ToolCall("Search", argument, "x", "ok"),)),)
    return Conversation((Message("user", question), *called, Message("assistant", reply)), ("Search",))


def test_dialogues_that_call_otherwise_than_the_best_are_left_out(tmp_path: Path) -> None:
    """The longest reply is the best; what it calls is what others may call."""
    found = [
        answered("a", "x", "longest of all"),
        answered("a", "x", "short"),
        answered("a", "y", "middling"),
        answered("a", None, "tiny"),
        answered("b", None, "long enough"),
        answered("b", "x", "not"),
    ]
    out = tmp_path / "tagged.jsonl"
    report = tag(lambda: found, LengthScorer(), "length", out, within_contexts=True, best_calls=True)
    written = [(c.messages[-1].content, c.messages[-1].quality) for c in read_jsonl(out)]
    assert written == [("longest of all", 100), ("short", 30), ("long enough", 100)]
    assert (report.conversations, report.left_out) == (6, 3)
    assert [path.name for path in tmp_path.iterdir()] == ["tagged.jsonl"]
    with pytest.raises(UserError, match="rank within contexts, too"):
        tag(lambda: found, LengthScorer(), "length", out, best_calls=True)


def test_the_report_shows_what_the_scorer_prefers(tmp_path: Path) -> None:
    report = tag(lambda: DIALOGUES, LengthScorer(), "length", tmp_path / "out.jsonl")
    found = report.to_dict()
    assert json.loads(json.dumps(found)) == found
    assert found["rank_correlation_with_length"] == 1.0
    groups = found["distribution"]
    assert sum(group["replies"] for group in groups["language"].values()) == found["replies"]
    assert set(groups["source"]) == {"set 0", "set 1"}
    lengths = [group["mean_quality"] for group in groups["length"].values()]
    assert lengths == sorted(lengths)
    assert sum(groups["all"]["all"]["levels"].values()) == found["replies"]
    assert all(len(found["examples"][str(level)]) == 3 for level in (0, 50, 100))
    assert {e["reply"] for e in found["examples"]["100"]} <= {m.content for c in DIALOGUES for m in c.messages}
    file = io.StringIO()
    for table in report.tables():
        Console(file=file, width=120).print(table)
    assert "length: up to 30" in file.getvalue()
    assert "question" in file.getvalue()
