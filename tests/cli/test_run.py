"""`moss run`: its help, its settings, and mistakes in one line."""

from __future__ import annotations

import json

from typer.testing import CliRunner, Result

from moss.cli.main import app
from moss.recipes import RECIPES


def moss(*arguments: str) -> Result:
    return CliRunner(env={"COLUMNS": "200"}).invoke(app, ["run", *arguments])


def test_help_names_every_recipe() -> None:
    shown = " ".join(moss("--help").stdout.replace("│", " ").split())
    assert all(f"{name} ({makes})" in shown for name, (_, makes) in RECIPES.items())


def test_print_shows_the_settings() -> None:
    shown = moss("smoke", "--print", "--set", "sft.max_steps=3")
    assert json.loads(shown.stdout)["sft"]["max_steps"] == 3


def test_mistakes_are_one_line() -> None:
    wrong = {
        ("nanno",): "moss: unknown recipe 'nanno'. Did you mean nano?",
        ("smoke",): "moss: moss run needs --out DIR, the folder to write the run to",
    }
    assert {words: moss(*words).stderr.strip() for words in wrong} == wrong
