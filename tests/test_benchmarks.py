"""The benchmarks run; what they print is for people to judge."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parent.parent / "benchmarks"


@pytest.mark.parametrize(
    ("script", "options", "last_line"),
    [
        ("decode.py", ["--tokens", "1", "--prompt", "4", "--rounds", "1"], "prefill  768 tokens: "),
        ("tool_turn.py", ["--prompt", "4", "--rounds", "1"], "second prompt / cache: first token "),
        ("conversations.py", ["--turns", "1", "--rounds", "1", "--most", "1"], "       1 "),
    ],
)
def test_a_checkpoint_is_measured(script: str, options: list[str], last_line: str, tiny_checkpoint: Path) -> None:
    command = [sys.executable, str(FOLDER / script), str(tiny_checkpoint), *options]
    ran = subprocess.run(command, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    assert " M parameters, torch " in ran.stdout.splitlines()[0]
    assert ran.stdout.splitlines()[-1].startswith(last_line)


def test_a_server_is_put_under_load() -> None:
    command = [sys.executable, str(FOLDER / "serving_load.py"), "--scale", "0.01", "L5"]
    ran = subprocess.run(command, capture_output=True, text=True)
    assert ran.returncode in (0, 1), ran.stderr
    assert [line[:2] for line in ran.stdout.splitlines()[1:-1]] == ["L5", "L5"]
    assert ran.stdout.splitlines()[-1].endswith("of 2 figures met")


def hh_line(number: int) -> str:
    start = f"\n\nHuman: Question {number}?\n\nAssistant:"
    return json.dumps({"chosen": f"{start} Yes.", "rejected": f"{start} No, never."})


def test_public_pairs_are_learned_and_held_out_by_prompt(tmp_path: Path, tiny_checkpoint: Path) -> None:
    (tmp_path / "hh_test.jsonl").write_text("\n".join(hh_line(number // 2) for number in range(40)), encoding="utf-8")
    (tmp_path / "dpo_one.jsonl").write_text(
        '{"prompt": "Question 3 ?", "chosen": "Yes.", "rejected": "No."}\n{}\n', encoding="utf-8"
    )
    (tmp_path / "letters.jsonl").write_text("{}\n", encoding="utf-8")
    options = ["--checkpoint", str(tiny_checkpoint), "--seeds", "2", "--steps", "2", "--batch", "2048"]
    out = tmp_path / "out" / "figures.json"
    command = [sys.executable, str(FOLDER / "real_preferences.py"), str(tmp_path), *options, "--out", str(out)]
    ran = subprocess.run([*command, "--held-out", "0.4"], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    assert "letters.jsonl" in ran.stdout.splitlines()[0]
    assert "hh_test (hh): 20 pairs, the longer reply is the better one in 0.000; left out: 20 x repeated" in ran.stdout
    found = json.loads(out.read_text(encoding="utf-8"))
    everything = found["results"]["all"]
    assert everything["learned_pairs"] + everything["held_out_pairs"] == 21
    assert everything["accuracy"]["low"] <= everything["accuracy"]["mean"] <= everything["accuracy"]["high"]
    assert [run["seed"] for run in found["runs"]] == [0, 1]
    assert {one["name"]: (one["pairs"], one["bad_records"]) for one in found["sets"]} == {
        "hh_test": (20, 0),
        "dpo_one": (1, 1),
    }
    wrong = subprocess.run([*command, "--only", "hh"], capture_output=True, text=True)
    assert wrong.returncode == 1
    assert "has no set hh: dpo_one, hh_test" in wrong.stderr
