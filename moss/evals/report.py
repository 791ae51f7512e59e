"""The figures of an evaluation: a dict for machines, a table for people, intervals for both."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from rich.table import Table

from ..counts import counted
from .runner import Results, Tally
from .task import Measure


def wilson(held: int, n: int, z: float = 1.959964) -> tuple[float, float]:
    """95 % interval of a share (Wilson 1927); sound also at 0 of n and n of n, where held +- z * s would be a point."""
    share = held / n
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return max(0.0, centre - half), min(1.0, centre + half)


def to_dict(results: Results, measures: Mapping[str, Measure], about: Mapping[str, Any]) -> dict[str, Any]:
    """JSON form: `about` (checkpoint, seed, ...), a summary by measure, every figure, and the kept failures."""
    return {
        **about,
        "task": results.task,
        "cases": results.cases,
        "seconds": round(results.seconds, 1),
        "completion_tokens": results.completion_tokens,
        "summary": {measure.name: _summary(measure, tally) for measure, tally in _totals(results, measures)},
        "figures": [
            {"task": group, "language": language, "metric": measure, **_figure(tally)}
            for (measure, group, language), tally in results.tallies.items()
        ],
        "failures": [asdict(example) for example in results.examples],
    }


def table(report: Mapping[str, Any], measures: Mapping[str, Measure]) -> Table:
    """A row for each measure and group with its share in each language, from what `to_dict` made; 80 columns wide."""
    figures = {(f["metric"], f["task"], f["language"]): f for f in report["figures"]}
    languages = [*sorted({language for _, _, language in figures} - {"all"}), "all"]
    asked = counted(report["cases"], "case")
    shown = Table(title=f"{asked} in {report['seconds']:.0f} s", box=None, padding=(0, 2, 0, 0))
    shown.add_column("measure", no_wrap=True)
    for heading in (*languages, "95 %", "n", "target"):
        shown.add_column(heading, justify="right", no_wrap=True)
    for measure in measures.values():
        for group in ["all", *_groups(measure, report)]:
            whole = figures.get((measure.name, group, "all"))
            if whole is None:
                continue
            cells = [_cell(measure, figures.get((measure.name, group, language))) for language in languages]
            interval = f"[dim]{100 * whole['low']:.0f}-{100 * whole['high']:.0f}[/]"
            title, target = (measure.title, _target(measure)) if group == "all" else (f"[dim]  {group}[/]", "")
            shown.add_row(title, *cells, interval, str(whole["n"]), target)
    return shown


def dial_table(reports: Mapping[str, Mapping[str, Any]], measures: Mapping[str, Measure]) -> Table:
    """A row for each measure, its share in each of several reports on the same cases, by the quality asked for."""
    first = next(iter(reports.values()))
    shown = Table(title=f"{counted(first['cases'], 'case')} each", box=None, padding=(0, 2, 0, 0))
    shown.add_column("measure", no_wrap=True)
    for heading in (*("no tag" if quality == "off" else quality for quality in reports), "n", "target"):
        shown.add_column(heading, justify="right", no_wrap=True)
    for name, summary in first["summary"].items():
        cells = [_cell(measures[name], report["summary"].get(name)) for report in reports.values()]
        shown.add_row(summary["title"], *cells, str(summary["n"]), summary["target"])
    return shown


def _groups(measure: Measure, report: Mapping[str, Any]) -> list[str]:
    """The groups worth a row: all, or of what should not happen those where it did; none where there is but one."""
    found = [
        f for f in report["figures"] if f["metric"] == measure.name and f["task"] != "all" and f["language"] == "all"
    ]
    if len(found) < 2:
        return []
    return [figure["task"] for figure in found if measure.better == "at_least" or figure["held"]]


def _totals(results: Results, measures: Mapping[str, Measure]) -> Iterator[tuple[Measure, Tally]]:
    for measure in measures.values():
        tally = results.tallies.get((measure.name, "all", "all"))
        if tally is not None:
            yield measure, tally


def _summary(measure: Measure, tally: Tally) -> dict[str, Any]:
    return {"title": measure.title, **_figure(tally), "target": _target(measure), "met": measure.met(tally.share)}


def _figure(tally: Tally) -> dict[str, Any]:
    low, high = wilson(tally.held, tally.n)
    return {
        "held": tally.held,
        "n": tally.n,
        "value": round(tally.share, 4),
        "low": round(low, 4),
        "high": round(high, 4),
    }


def _cell(measure: Measure, figure: Mapping[str, Any] | None) -> str:
    if figure is None:
        return ""
    colour = "green" if measure.met(figure["value"]) else "red"
    return f"[{colour}]{figure['value']:.1%}[/]"


def _target(measure: Measure) -> str:
    if measure.target is None:
        return ""
    if measure.better == "at_most" and measure.target == 0:
        return "0"
    return f"{'≥' if measure.better == 'at_least' else '≤'} {measure.target:.0%}"
