"""The model card of a packaged assistant: what it is, how it was made, and what it was measured to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jinja2 import Environment, PackageLoader


def model_card(facts: Mapping[str, Any], evaluation: Mapping[str, Any], dial: Mapping[str, Any]) -> str:
    """Markdown. `facts`: name, recipe, seed, commit, sizes, data files with hashes; `evaluation`: evals.report's;
    `dial`: the summary of one for each quality."""
    environment = Environment(loader=PackageLoader("moss.recipes"), trim_blocks=True, lstrip_blocks=True)
    languages = ("en", "zh")
    figures = {(f["metric"], f["task"], f["language"]): f for f in evaluation["figures"]}
    rows = [
        {
            "title": summary["title"],
            "target": summary["target"],
            "met": summary["met"],
            "cells": [figures.get((metric, "all", language)) for language in languages] + [summary],
        }
        for metric, summary in evaluation["summary"].items()
    ]
    return environment.get_template("card.md").render(**facts, evaluation=evaluation, rows=rows, dial=dial)
