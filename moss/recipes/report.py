"""The report of a run: one HTML file, no scripts, nothing from elsewhere; curves are inline SVG.

Reads what the stages left behind: their results, and the `metrics.jsonl` of training stages.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader

from ..config import to_dict
from ..train.metrics import SCORE, read_metrics
from .recipe import Recipe, Results

WIDTH, HEIGHT, MARGIN = 640, 240, 40
EVEN = 1e-9
"""How far a quotient may be from a whole number that it should be."""
COLOURS = ("#2563eb", "#dc2626", "#059669", "#d97706", "#7c3aed")


Point = tuple[float, float]
Span = tuple[float, float, float]
"""x, and the lowest and highest y that there may be."""


@dataclass(frozen=True)
class Curve:
    """One line of a chart, in drawing coordinates."""

    name: str
    colour: str
    points: str


@dataclass(frozen=True)
class Chart:
    """A chart with labelled axes: a place and a text for each tick."""

    title: str
    curves: tuple[Curve, ...]
    x_ticks: tuple[tuple[float, str], ...]
    y_ticks: tuple[tuple[float, str], ...]
    bands: tuple[Curve, ...] = ()
    """Outlines of areas, in the colour of the curve of that name."""
    x_label: str = ""


def write_report(recipe: Recipe, out: Path, results: dict[str, Results]) -> Path:
    """Writes OUT/report.html and returns its path."""
    stages = [
        {
            "title": stage.title,
            "results": _rows(results[stage.name]),
            "charts": _charts(out / stage.name),
            "evaluation": results[stage.name].get("evaluation"),
        }
        for stage in recipe.stages
    ]
    run = json.loads((out / "run.json").read_text(encoding="utf-8"))
    settings = json.dumps(to_dict(recipe.config), indent=2)
    return write_html(out / "report.html", "report.html", name=recipe.name, stages=stages, settings=settings, run=run)


def write_html(path: Path, template: str, **values: Any) -> Path:
    """Fills a template of this folder, which may draw charts, and returns the path of the page."""
    found = Environment(loader=PackageLoader("moss.recipes"), autoescape=True).get_template(template)
    path.write_text(found.render(**values, width=WIDTH, height=HEIGHT, margin=MARGIN), encoding="utf-8")
    return path


def _rows(results: Results) -> list[tuple[str, str]]:
    """The plain figures of a stage; tables and lists have their own place."""
    plain = {key: value for key, value in results.items() if not isinstance(value, dict | list)}
    return [(key.replace("_", " "), _shown(value)) for key, value in plain.items()]


def _shown(value: Any) -> str:
    return f"{value:,.4g}" if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else str(value)


def _charts(folder: Path) -> list[Chart]:
    """Training loss, and validation bits per byte, of a stage that trained."""
    losses: list[Point] = []
    validation: dict[str, list[Point]] = {}
    for record in read_metrics(folder):
        if "loss" in record:
            losses.append((record["step"], record["loss"]))
        for key, value in record.items():
            if key.startswith(SCORE):
                validation.setdefault(key.removeprefix(SCORE), []).append((record["step"], value))
    charts = [chart("Training loss (nats per learned token)", {"loss": _thinned(losses)})] if losses else []
    return charts + ([chart("Validation (bits per byte)", validation)] if validation else [])


def _thinned(points: Sequence[Point], most: int = 300) -> list[Point]:
    """Means of neighbouring points, so that a long noisy run makes a readable curve."""
    size = max(1, len(points) // most)
    groups = [points[start : start + size] for start in range(0, len(points), size)]
    return [(group[-1][0], sum(y for _, y in group) / len(group)) for group in groups]


def chart(
    title: str, series: dict[str, list[Point]], bands: dict[str, list[Span]] | None = None, x_label: str = ""
) -> Chart:
    """Scales the series to one drawing, with bands around some of them. Series without points are left out."""
    bands = bands or {}
    edges = [(x, y) for spans in bands.values() for x, low, high in spans for y in (low, high)]
    points = [*edges, *(point for line in series.values() for point in line)] or [(0.0, 0.0)]
    left, right = min(x for x, _ in points), max(x for x, _ in points)
    low, high = min(y for _, y in points), max(y for _, y in points)

    def place(x: float, y: float) -> str:
        return f"{x_at(x):.1f},{y_at(y):.1f}"

    def x_at(x: float) -> float:
        return MARGIN + (x - left) / ((right - left) or 1) * (WIDTH - 2 * MARGIN)

    def y_at(y: float) -> float:
        return HEIGHT - MARGIN - (y - low) / ((high - low) or 1) * (HEIGHT - 2 * MARGIN)

    def outline(spans: Sequence[Span]) -> str:
        there, back = ((x, y) for x, y, _ in spans), ((x, y) for x, _, y in reversed(spans))
        return " ".join(place(*point) for point in (*there, *back))

    colours = {name: COLOURS[number % len(COLOURS)] for number, name in enumerate(series)}
    curves = (Curve(name, colours[name], " ".join(place(*point) for point in line)) for name, line in series.items())
    return Chart(
        title,
        tuple(curve for curve in curves if curve.points),
        x_ticks=tuple((x_at(x), label) for x, label in round_ticks(left, right)),
        y_ticks=tuple((y_at(y), label) for y, label in round_ticks(low, high)),
        bands=tuple(Curve(name, colours[name], outline(spans)) for name, spans in bands.items()),
        x_label=x_label,
    )


def round_ticks(low: float, high: float, most: int = 6) -> list[tuple[float, str]]:
    """Values between two, 1, 2 or 5 times a power of ten apart, with as many decimals as tell them apart."""
    if high <= low:
        return [(low, f"{low:,.3g}")]
    power = 10.0 ** math.floor(math.log10((high - low) / (most - 1)))
    step = next(power * times for times in (1, 2, 5, 10) if (high - low) / (power * times) <= most - 1)
    first, last = math.ceil(low / step - EVEN), math.floor(high / step + EVEN)
    decimals = max(0, -math.floor(math.log10(step) + EVEN))
    return [(number * step, f"{number * step:,.{decimals}f}") for number in range(first, last + 1)]
