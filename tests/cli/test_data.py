"""`moss data`: what it prints, what it writes, and how it ends."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from moss.chat_format import SPECIAL_TOKENS
from moss.cli.main import USER_ERROR, app
from moss.conversation import Conversation, Message, ToolCall, read_jsonl, read_pairs, read_rankings, write_jsonl
from moss.tokenizer import train

GOOD = {"instruction": "Sing.", "output": "La."}
BAD = {"instruction": "Sing."}


def alpaca(folder: Path, *records: dict[str, str]) -> Path:
    path = folder / "alpaca.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return path


def moss(*words: str | Path) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of `moss data ...`."""
    ran = CliRunner(env={"COLUMNS": "200"}).invoke(app, ["data", *map(str, words)])
    return ran.exit_code, ran.stdout, ran.stderr


def test_import_writes_what_it_could_read_and_names_the_rest(tmp_path: Path) -> None:
    path, out = alpaca(tmp_path, GOOD, BAD, GOOD), tmp_path / "out.jsonl"
    assert moss("import", "alpaca", path, "--out", out) == (
        0,
        f"2 conversations -> {out}\n",
        f"{path}, line 2: no output\n1 bad record left out\n",
    )
    assert [len(conversation.messages) for conversation in read_jsonl(out)] == [2, 2]
    out = tmp_path / "new folder" / "out.jsonl"
    assert moss("import", "alpaca", alpaca(tmp_path, GOOD), "--out", out)[1] == f"1 conversation -> {out}\n"


def test_import_names_twenty_bad_records_and_counts_the_others(tmp_path: Path) -> None:
    path = alpaca(tmp_path, GOOD, *[BAD] * 25)
    code, _, errors = moss("import", "alpaca", path, "--out", tmp_path / "out.jsonl")
    assert code == 0
    assert errors.splitlines()[19] == f"{path}, line 21: no output"
    assert errors.splitlines()[20:] == ["25 bad records left out"]


def test_import_of_nothing_leaves_the_old_file_alone(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    out.write_text("old", encoding="utf-8")
    path = alpaca(tmp_path, BAD)
    code, shown, errors = moss("import", "alpaca", path, "--out", out)
    assert (code, shown) == (USER_ERROR, "")
    assert errors.splitlines()[-1] == f"moss: {path}: no conversation could be read"
    assert out.read_text(encoding="utf-8") == "old"
    assert sorted(file.name for file in tmp_path.iterdir()) == ["alpaca.jsonl", "out.jsonl"]


def test_import_can_write_over_its_own_input(tmp_path: Path) -> None:
    path = alpaca(tmp_path, GOOD)
    assert moss("import", "alpaca", path, "--out", path)[0] == 0
    assert moss("import", "native", path, "--out", path)[0] == 0
    assert len(list(read_jsonl(path))) == 1


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["import", "alpacca", "x.jsonl", "--out", "y.jsonl"], "unknown format 'alpacca'. Did you mean alpaca?"),
        (["import", "alpaca", "missing.jsonl", "--out", "y.jsonl"], "missing.jsonl: no such file or folder"),
        (["import", "alpaca", "missing.jsonl", "--out", "no/such/folder/y.jsonl"], "no such file or folder"),
        (["inspect", "missing.jsonl"], "missing.jsonl: no such file or folder"),
        (["inspect", "missing.jsonl", "--tokenizer", "none"], "no tokenizer at none"),
    ],
)
def test_mistakes_are_told_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], reason: str
) -> None:
    monkeypatch.chdir(tmp_path)
    code, shown, errors = moss(*words)
    assert (code, shown) == (USER_ERROR, "")
    assert len(errors.splitlines()) == 1
    assert reason in errors


def row(shown: str, what: str) -> list[str]:
    """The figures of the table row that starts with this."""
    cells = [[cell.strip() for cell in line.strip("│").split("│")] for line in shown.splitlines()]
    return next(line[1:] for line in cells if line[0] == what)


@pytest.fixture
def own(tmp_path: Path) -> Path:
    calls = (ToolCall("Calculate", "1+1", "2", "ok"), ToolCall("Calculate", "?", "No result.", "failed"))
    path = tmp_path / "own.jsonl"
    write_jsonl(
        path,
        [
            Conversation(
                (Message("user", "你好吗？"), Message("assistant", "2", tool_calls=calls)), tools=("Calculate", "Solve")
            ),
            Conversation((Message("user", "Hello"), Message("assistant", ""))),
            Conversation((Message("user", "a"), Message("assistant", "b"), Message("user", "1"))),
        ],
    )
    return path


def test_inspect_counts(own: Path) -> None:
    code, shown, errors = moss("inspect", own)
    assert (code, errors) == (0, "")
    counts = {"conversations": "3", "user writes en": "2", "user writes zh": "1", "user messages": "4"}
    counts |= {"assistant messages": "3", "empty replies": "1"}
    assert {what: row(shown, what) for what in counts} == {what: [count] for what, count in counts.items()}
    assert row(shown, "Calculate") == ["1", "2", "1"]
    assert row(shown, "Solve") == ["1", "0", "0"]
    assert row(shown, "turns") == ["4", "1", "2", "2"]
    assert "tokens" not in shown


def test_inspect_with_a_tokenizer(own: Path, tmp_path: Path) -> None:
    train(["hello 你好"] * 3, 300, SPECIAL_TOKENS).save(tmp_path)
    with own.open("a", encoding="utf-8") as file:
        file.write(json.dumps(Conversation((Message("assistant", "first"),)).to_dict()) + "\n")
    code, shown, errors = moss("inspect", own, "--tokenizer", tmp_path)
    assert code == 0
    assert int(row(shown, "tokens with loss")[0]) < int(row(shown, "tokens")[0])
    assert float(row(shown, "bytes per token, zh")[0]) > 1
    assert errors.startswith("1 cannot be rendered, first conversation 4: message 1: ")


def test_inspect_of_another_format(tmp_path: Path) -> None:
    code, shown, errors = moss("inspect", alpaca(tmp_path, GOOD, BAD), "--format", "alpaca")
    assert code == 0
    assert row(shown, "conversations") == ["1"]
    assert "line 2: no output" in errors


# --- preferences

PAIR = {"prompt": "Sing.", "chosen": "La, la.", "rejected": "No."}


def preferences(folder: Path, *records: dict[str, object]) -> Path:
    path = folder / "preferences.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return path


def test_import_of_pairs_tells_what_it_leaves_out(tmp_path: Path) -> None:
    other = {**PAIR, "prompt": "Hum."}
    turned = {**other, "chosen": "No.", "rejected": "La, la."}
    path = preferences(tmp_path, PAIR, PAIR, other, turned, {**PAIR, "chosen": "No."})
    out = tmp_path / "out.jsonl"
    code, shown, errors = moss("import", "chosen-rejected", path, "--out", out)
    assert (code, shown) == (0, f"1 pair -> {out}\n")
    assert errors.splitlines() == [
        f"{path}, line 5: the two sides are equal",
        "2 x contradictory pair (both orders): left out",
        "1 x repeated pair: left out",
        "1 bad record left out",
    ]
    assert [pair.chosen[0].content for pair in read_pairs(out)] == ["La, la."]


def labelled(text: str, label: bool) -> dict[str, object]:
    return {"prompt": "Sing.", "completion": text, "label": label}


def test_labels_become_rankings_or_pairs(tmp_path: Path) -> None:
    path, out = preferences(tmp_path, labelled("La.", True), labelled("No.", False)), tmp_path / "out.jsonl"
    assert moss("import", "kto", path, "--out", out) == (0, f"1 pair -> {out}\n", "")
    assert moss("import", "kto", path, "--out", out, "--rankings") == (0, f"1 ranking -> {out}\n", "")
    assert [len(ranking.candidates) for ranking in read_rankings(out)] == [2]


def test_labels_without_a_counterpart_are_not_lost_silently(tmp_path: Path) -> None:
    path = preferences(tmp_path, labelled("La.", True))
    code, _, errors = moss("import", "kto", path, "--out", tmp_path / "out.jsonl")
    assert code == USER_ERROR
    assert errors.endswith("no pair could be read; single labelled replies can be kept with --rankings\n")


def test_rankings_of_a_format_without_any(tmp_path: Path) -> None:
    code, _, errors = moss("import", "hh", preferences(tmp_path, PAIR), "--out", tmp_path / "out.jsonl", "--rankings")
    assert (code, errors) == (USER_ERROR, "moss: unknown format 'hh'. Known: choices, kto, oasst, rankings.\n")


def test_inspect_of_pairs(tmp_path: Path) -> None:
    scored = {**PAIR, "chosen_score": 5, "rejected_score": 1}
    code, shown, errors = moss("inspect", "--format", "chosen-rejected", preferences(tmp_path, scored, scored))
    assert (code, errors) == (0, "")
    found = [line.split("│")[1:-1] for line in shown.splitlines() if line.startswith("│")]
    rows = {cells[0].strip(): [cell.strip() for cell in cells[1:]] for cells in found}
    assert rows["pairs"] == ["2"]
    assert rows["repeated pair"] == ["1"]
    assert rows["the longer reply wins"] == ["100.0%"]
    assert rows["characters of the chosen"] == ["7", "7", "7"]
    assert rows["margin (2 have one)"] == ["4", "4", "4"]


def test_inspect_of_sources(tmp_path: Path) -> None:
    record = {"instruction": "Sing.", "output_1": "La.", "output_2": "No.", "model_1": "a", "model_2": "b"}
    path = preferences(tmp_path, {**record, "preference": 1})
    assert "│ a      │      1 │     0 │    100.0% │" in moss("inspect", "--format", "alpaca-eval", path)[1]
