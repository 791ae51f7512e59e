"""Stages are done once, a folder belongs to one run, and the report shows what the stages left."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from moss.errors import UserError
from moss.recipes import RECIPES, load_recipe
from moss.recipes.recipe import Recipe, Results, Run, Stage, run_recipe
from moss.recipes.report import chart, round_ticks, write_report


@dataclass(frozen=True)
class Config:
    steps: int = 3


def recipe(done: list[str], config: Config | None = None, fails: bool = False) -> Recipe:
    def first(run: Run) -> Results:
        done.append("first")
        lines = [
            {"step": step, "loss": 1 / step, "bits_per_byte/en": 2 / step} for step in range(1, run.config.steps + 1)
        ]
        (run.folder("first") / "metrics.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
        return {"loss": 0.25}

    def second(run: Run) -> Results:
        if fails:
            raise UserError("the second stage cannot go on")
        done.append("second")
        return {"folder": "<b>here</b>"}

    stages = (Stage("first", "the first", first), Stage("second", "the second", second))
    return Recipe("test", config or Config(), stages)


def test_an_interrupted_run_goes_on_with_the_stage_it_was_in(tmp_path: Path) -> None:
    done: list[str] = []
    with pytest.raises(UserError, match="second stage"):
        run_recipe(recipe(done, fails=True), tmp_path, Console(quiet=True))
    results = run_recipe(recipe(done), tmp_path, Console(quiet=True))
    assert done == ["first", "second"]
    assert results["first"]["loss"] == 0.25
    run_recipe(recipe(done), tmp_path, Console(quiet=True))
    assert done == ["first", "second"]


def test_a_folder_belongs_to_one_run(tmp_path: Path) -> None:
    run_recipe(recipe([]), tmp_path, Console(quiet=True))
    with pytest.raises(UserError, match="other settings"):
        run_recipe(recipe([], Config(steps=4)), tmp_path, Console(quiet=True))


def test_the_report_shows_curves_and_figures_and_nothing_from_elsewhere(tmp_path: Path) -> None:
    made = recipe([])
    results = run_recipe(made, tmp_path, Console(quiet=True))
    html = write_report(made, tmp_path, results).read_text(encoding="utf-8")
    assert html.count("<polyline") == 2
    assert "Validation (bits per byte)" in html
    assert "&lt;b&gt;here&lt;/b&gt;" in html, "figures are text, not markup"
    assert "<script" not in html
    assert "http" not in html


def test_a_chart_spans_its_drawing() -> None:
    drawn = chart("x", {"loss": [(0, 1.0), (10, 3.0)], "none": []})
    assert [curve.name for curve in drawn.curves] == ["loss"]
    first, last = (tuple(map(float, point.split(","))) for point in drawn.curves[0].points.split())
    assert first[0] < last[0]
    assert first[1] > last[1], "larger values are higher up"


def test_a_band_lies_around_its_curve_and_inside_the_drawing() -> None:
    drawn = chart("x", {"a": [(0, 1.0), (1, 2.0)]}, {"a": [(0, 0.5, 1.5), (1, 1.0, 4.0)]}, "share")
    (band,) = drawn.bands
    corners = [tuple(map(float, point.split(","))) for point in band.points.split()]
    assert len(corners) == 4
    ys = [float(point.split(",")[1]) for point in drawn.curves[0].points.split()]
    assert corners[0][1] > ys[0] > corners[-1][1], "lower values are further down"
    assert drawn.curves[0].colour == band.colour
    assert drawn.y_ticks[-1] == (min(y for _, y in corners), "4"), "the axis reaches to the end of the band"


@pytest.mark.parametrize(
    ("low", "high", "labels"),
    [
        (0, 100, "0 20 40 60 80 100"),
        (0.714, 0.931, "0.75 0.80 0.85 0.90"),
        (0.1, 0.3, "0.10 0.15 0.20 0.25 0.30"),
        (-0.3, 2.1, "0.0 0.5 1.0 1.5 2.0"),
        (0, 12_345, "0 5,000 10,000"),
        (3.0, 3.0, "3"),
    ],
)
def test_ticks_are_round_numbers_inside(low: float, high: float, labels: str) -> None:
    found = round_ticks(low, high)
    assert [label for _, label in found] == labels.split()
    assert all(value == pytest.approx(float(label.replace(",", ""))) for value, label in found)


@given(st.floats(-1e9, 1e9), st.floats(1e-9, 1e9))
def test_any_axis_has_some_ticks_and_not_too_many(low: float, span: float) -> None:
    high = low + span
    found = [value for value, _ in round_ticks(low, high)]
    assert len(found) <= 6
    assert all(low - span * 1e-6 <= value <= high + span * 1e-6 for value in found)
    assert len(found) >= 2 or high - low < abs(low) * 1e-6, "of neighbouring numbers there may be none between"


def test_every_recipe_loads_and_takes_settings() -> None:
    for name in RECIPES:
        assert load_recipe(name, ["sft.max_steps=7"]).config.sft.max_steps == 7


def test_wrong_names_come_with_near_ones() -> None:
    with pytest.raises(UserError, match="Did you mean nano"):
        load_recipe("nanno")
    with pytest.raises(UserError, match="max_steps"):
        load_recipe("nano", ["sft.max_stepz=1"])
