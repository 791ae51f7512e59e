"""`moss preferences`: replies of checkpoints and endpoints, and a judge behind an endpoint, from the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from moss.cli.main import app
from moss.conversation import Candidate, Conversation, Message, Ranking, read_pairs, read_rankings, write_jsonl
from moss.conversation import write_rankings as write
from tests.synth.chat_server import chat_server


def moss(*arguments: object) -> Result:
    return CliRunner().invoke(app, list(map(str, arguments)))


@pytest.fixture
def dialogues(tmp_path: Path) -> Path:
    path = tmp_path / "dialogues.jsonl"
    asked = [Conversation((Message("user", f"What is {i}?"), Message("assistant", f"It is {i}."))) for i in range(3)]
    write_jsonl(path, [*asked, Conversation((Message("system", "Be kind."),))])
    return path


def test_checkpoints_and_endpoints_answer_the_same_questions(
    dialogues: Path, tiny_checkpoint: Path, tmp_path: Path
) -> None:
    out = tmp_path / "replies.jsonl"
    with chat_server(lambda body: f"You asked: {body['messages'][-1]['content']}") as server:
        arguments = (
            "preferences", "gather", dialogues, "--out", out,
            "--source", f"{tiny_checkpoint},name=tiny,temperature=1.2,max_tokens=8",
            "--source", f"{server.url},model=other,name=far,temperature=0.5",
        )  # fmt: skip
        result = moss(*arguments)
        assert result.exit_code == 0, result.output
        assert "6 replies to 3 questions (0 of them before)" in result.output
        assert "nobody asks anything in it" in result.output
        assert "(3 of them before)" in moss(*arguments).output
    ranking = next(read_rankings(out))
    assert [message.role for message in ranking.context.messages] == ["user"]
    assert [candidate.source for candidate in ranking.candidates] == ["tiny", "far"]
    assert ranking.candidates[1].turn[-1].content == "You asked: What is 0?"
    assert {body["temperature"] for body in server.asked} == {0.5}


def prefers_longer(body: dict[str, Any]) -> str:
    """A judge that is not fooled by the order."""
    question = body["messages"][-1]["content"]
    return "The better one says more. " + ("[[A]]" if question.index("longer") < question.index("tiny") else "[[B]]")


def test_a_judge_scores_and_its_pairs_can_be_learned_from(tmp_path: Path) -> None:
    rankings, judged, pairs = tmp_path / "r.jsonl", tmp_path / "judged.jsonl", tmp_path / "pairs.jsonl"
    said = {name: (Message("assistant", text),) for name, text in (("a", "tiny"), ("b", "a longer reply"))}
    candidates = tuple(Candidate(turn, name) for name, turn in said.items())
    write(rankings, [Ranking(Conversation((Message("user", f"{i}?"),)), candidates) for i in range(2)])
    with chat_server(prefers_longer) as server:
        arguments = ("preferences", "judge", rankings, "--out", judged, "--url", server.url, "--model", "m")
        result = moss(*arguments)
        assert result.exit_code == 0, result.output
        assert "the reply shown first wins 50.0%" in result.output
        assert "both orders agree on 100.0%" in result.output
        assert len(server.asked) == 4
        judged.unlink()
        assert moss(*arguments).exit_code == 0
        assert len(server.asked) == 4, "verdicts are kept"
    assert [c.score for c in next(read_rankings(judged)).candidates] == [0.0, 1.0]
    assert json.loads((tmp_path / "judged.jsonl.report.json").read_text())["agreed"] == 2
    assert moss("data", "import", "rankings", judged, "--out", pairs).exit_code == 0
    assert next(read_pairs(pairs)).chosen == said["b"]


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("packaged,warmth=3", "warmth"),
        ("packaged,temperature=hot", "temperature must be a number, not 'hot'"),
        ("packaged,hot", "'hot' is not key=value"),
        ("https://127.0.0.1:1/v1", "needs model=NAME"),
        ("nowhere", "nowhere"),
    ],
)
def test_a_source_that_is_none_is_told_in_one_line(source: str, message: str, dialogues: Path, tmp_path: Path) -> None:
    result = moss("preferences", "gather", dialogues, "--out", tmp_path / "out.jsonl", "--source", source)
    assert result.exit_code == 2
    assert message in " ".join(result.output.split())
    assert "Traceback" not in result.output


def test_a_judge_that_talks_nonsense_is_counted(tmp_path: Path) -> None:
    rankings, out = tmp_path / "r.jsonl", tmp_path / "judged.jsonl"
    candidates = tuple(Candidate((Message("assistant", text),), text) for text in ("x", "y"))
    write(rankings, [Ranking(Conversation((Message("user", "?"),)), candidates)])
    with chat_server(lambda body: "I like both very much.") as server:
        result = moss("preferences", "judge", rankings, "--out", out, "--url", server.url, "--model", "m")
    assert result.exit_code == 0, result.output
    assert "without a verdict" in result.output
    assert [c.score for c in next(read_rankings(out)).candidates] == [None, None]
