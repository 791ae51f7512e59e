"""Drills: what each line says is true, and nothing of it is held out."""

from __future__ import annotations

import random
import re

import pytest

from moss.chat_format import enabled_tools, parse_commands
from moss.recipes.nano import drills
from moss.recipes.nano.drills import drill
from moss.recipes.nano.intents.switches import TITLES
from moss.recipes.nano.turns import Language
from moss.tools.calculator import evaluate
from moss.tools.solver import solve

LANGUAGES: tuple[Language, ...] = ("en", "zh")


@pytest.fixture
def rng() -> random.Random:
    return random.Random(11)


@pytest.mark.parametrize("language", LANGUAGES)
def test_drills_are_short_texts_of_whole_lines(rng: random.Random, language: Language) -> None:
    texts = [drill(rng, language) for _ in range(200)]
    assert all(text.strip() and len(text) < 2500 for text in texts)
    assert all(line.strip() for text in texts for line in text.splitlines())


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_calls_of_requests_can_be_made(rng: random.Random, language: Language) -> None:
    for _ in range(60):
        line = drills._call(rng, language)
        found = re.search(r"(Calculate|Solve|Text2Image|Search)\(.*$", line)
        assert found, line
        (call,) = parse_commands(found.group())
        if call.name == "Calculate":
            assert evaluate(call.argument)
        if call.name == "Solve":
            assert solve(call.argument)


@pytest.mark.parametrize("language", LANGUAGES)
def test_switches_are_told_as_the_system_text_has_them(rng: random.Random, language: Language) -> None:
    for _ in range(30):
        system, told = drills._switches(rng, language).rsplit("\n", 1)
        states = dict(part.split(": ") for part in told.split("; "))
        on = {name for name, titles in TITLES.items() if states[titles[language]] in ("on", "打开")}
        assert on == set(enabled_tools(system))


def test_harm_is_told_of_both_sides(rng: random.Random) -> None:
    told = {language: {drills._harm(rng, language).rsplit("=> ")[-1] for _ in range(40)} for language in LANGUAGES}
    assert told == {"en": {"harmful", "harmless"}, "zh": {"有害", "无害"}}


def test_copies_are_exact(rng: random.Random) -> None:
    for _ in range(100):
        line = drills._copy(rng, "en")
        source, copy = re.split(r" (?:=>|=|Search\(|Solve\()", line, maxsplit=1)
        assert copy.strip(" '\")") == source.strip()


def test_checks_are_right_about_what_is_right(rng: random.Random) -> None:
    told = []
    for _ in range(200):
        result, said, verdict = re.fullmatch(r"=> '(.+)' (.+) => (right|wrong)", drills._check(rng, "en")).groups()  # type: ignore[union-attr]
        assert (result == said) == (verdict == "right")
        told.append(verdict)
    assert 60 < told.count("right") < 140


def test_a_drill_depends_on_its_random_numbers_alone() -> None:
    assert drill(random.Random(5), "zh") == drill(random.Random(5), "zh")
