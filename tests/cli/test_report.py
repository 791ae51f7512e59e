"""`moss report preference` writes what the study found, for people and for machines; a mistake is told in one line."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from moss.cli.main import USER_ERROR, app
from tests.recipes.study import write_study


def report(out: Path) -> tuple[dict[str, Any], str]:
    """The JSON and the page that the command writes."""
    ran = CliRunner().invoke(app, ["report", "preference", str(out)])
    assert ran.exit_code == 0, ran.output
    assert str(out / "report.html") in ran.output.replace("\n", "")
    found = json.loads((out / "report.json").read_text(encoding="utf-8"))
    return found, (out / "report.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], str]:
    return report(write_study(tmp_path_factory.mktemp("study") / "out"))


def test_what_was_to_be_shown_is_answered(made: tuple[dict[str, Any], str]) -> None:
    findings = {finding["claim"]: finding for finding in made[0]["findings"]}
    assert len(findings) == 5
    assert all(finding["holds"] for finding in findings.values()), findings
    dial = made[0]["dial"]
    assert dial["rho"]["verified"]["mean"] == pytest.approx(1)
    assert dial["rho"]["broken"] is None, "every level has the same format errors"
    assert [level["quality"] for level in dial["levels"]] == list(range(0, 101, 10))


def test_a_claim_that_fails_is_told(tmp_path: Path) -> None:
    found, page = report(write_study(tmp_path / "out", **{"sft": 0.99, "tag-sft-none": 0.2}))
    assert [finding["holds"] for finding in found["findings"]] == [True, True, False, True, False]
    assert page.count('class="miss">no<') == 2


def test_who_hacks_the_reward_is_named(made: tuple[dict[str, Any], str]) -> None:
    (hacking,) = made[0]["reward_hacking"]
    assert hacking["title"] == "PPO"
    assert hacking["sure"]
    assert hacking["changes"]["verified"]["mean"] == pytest.approx(-0.2)
    assert '<td class="miss">PPO</td>' in made[1]


def test_no_hacking_is_told_as_well(tmp_path: Path) -> None:
    found, page = report(write_study(tmp_path / "out", ppo=0.9))
    assert found["reward_hacking"] == []
    assert "No system has a higher preference score" in page


def test_all_systems_stand_beside_their_cost(made: tuple[dict[str, Any], str]) -> None:
    rows = {row["name"]: row for row in made[0]["systems"]}
    assert len(rows) == 11
    assert rows["best-of"]["training"]["flops"] == 0
    assert rows["guidance"]["training"] == rows["tag-sft-100"]["training"]
    verified = rows["sft"]["figures"]["verified"]
    assert verified["mean"] == pytest.approx(0.5)
    assert 0.48 <= verified["low"] < 0.5 < verified["high"] <= 0.52
    assert rows["sft"]["figures"]["broken"]["mean"] == pytest.approx(1 / 12)


def test_the_page_is_whole_and_needs_nothing_from_elsewhere(made: tuple[dict[str, Any], str]) -> None:
    page = made[1]
    assert page.count("<svg") == 8, "seven measures over the qualities, and calibration"
    assert page.count("<polygon") == 7
    assert "color-scheme: light dark" in page
    assert "<script" not in page
    assert "http" not in page
    assert "&lt;b&gt;bold&lt;/b&gt;" in page, "what was said is text, not markup"
    assert len(re.findall(r"Answer \d 0 of tag-sft-(?:0|30|50|70|100)<", page)) == 10, "two prompts at five qualities"
    for told in ("2 × contradictory pair", "3 × start at 0.8", "7 × equal scores", "4 × a side longer"):
        assert told in page


def test_a_folder_without_a_study_is_told_in_one_line(tmp_path: Path) -> None:
    ran = CliRunner().invoke(app, ["report", "preference", str(tmp_path)])
    assert ran.exit_code == USER_ERROR
    assert "holds no run of a recipe" in ran.output


def test_an_unfinished_study_is_told_in_one_line(tmp_path: Path) -> None:
    out = write_study(tmp_path / "out")
    (out / "trainings" / "done.json").unlink()
    ran = CliRunner().invoke(app, ["report", "preference", str(out)])
    assert ran.exit_code == USER_ERROR
    assert "trainings is missing" in ran.output


def test_the_run_of_another_recipe_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text('{"recipe": "nano", "config": {}}')
    ran = CliRunner().invoke(app, ["report", "preference", str(tmp_path)])
    assert ran.exit_code == USER_ERROR
    assert "recipe nano" in ran.output
