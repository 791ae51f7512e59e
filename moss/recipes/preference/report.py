"""The report of the study: report.json for machines, report.html for people, both from what the stages left.

Says what was asked of the dial and whether it held, draws the curves, and sets all systems side by side with what they
cost; as it came out, also where another method wins.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ...config import from_dict
from ...conversation import QUALITY_LEVELS, Ranking, read_rankings
from ...errors import UserError
from ...files import write_json
from ...train.metrics import read_metrics
from ...train.preference import REPORT
from ..recipe import Results
from ..report import Chart, chart, write_html
from .config import PreferenceStudy
from .data import JUDGE, PAIRS, PREFERENCE, REPLIES, START, TAGS
from .figures import MEASURES, Bootstrap, Figure, Values, case_values
from .measurement import BEST, DIAL, SYSTEMS, System, answers_file
from .methods import TRAININGS

EXAMPLE_LEVELS = (0, 30, 50, 70, 100)
"""Qualities that examples are shown at."""
DRAWN = ("verified", "correct", "preference", "judge", "length", "refused", "distinct_2")
"""Measures that have a curve over the qualities."""
RHO_WANTED, ACCURACY_WANTED = 0.9, 0.9
"""What the study is to show, at least."""
START_SYSTEM, SFT_SYSTEM, UNTAGGED = "start", "sft", "tag-sft-none"
ANSWERED = {system.name: system for system in (*SYSTEMS, *DIAL)}
"""Everything that was asked, by name."""


def write_report(out: Path) -> Path:
    """Writes OUT/report.json and OUT/report.html, and returns the path of the latter.

    Raises UserError where OUT is no finished study.
    """
    found = summary(out)
    write_json(out / "report.json", found)
    return write_html(
        out / "report.html",
        "preference.html",
        report=found,
        curves=_curves(found["dial"]),
        calibration=_calibration(found["preference_model"]),
        measures={measure.name: asdict(measure) for measure in MEASURES},
    )


def summary(out: Path) -> dict[str, Any]:
    """All figures of a finished study, in JSON form; UserError where OUT is none."""
    about = _run_of(out)
    config = from_dict(PreferenceStudy, about["config"])
    stages = _results(out)
    study = Study(out, config)
    return {
        "run": {**about, "seconds": {name: result["seconds"] for name, result in stages.items()}},
        "measured_on": {
            "cases": stages["comparison"]["cases"],
            "samples": config.samples,
            "seeds": list(config.seeds),
            "parameters": stages[START]["parameters"],
        },
        "findings": [asdict(finding) for finding in _findings(study, stages)],
        "dial": _dial(study),
        "systems": [_system(study, system, stages) for system in SYSTEMS],
        "reward_hacking": list(_reward_hacking(study)),
        "examples": list(_examples(study)),
        "preference_model": _model_report(out, PREFERENCE, stages),
        "judge": _model_report(out, JUDGE, stages),
        "data": {name: stages[name] for name in (REPLIES, PAIRS, TAGS)},
    }


def _run_of(out: Path) -> dict[str, Any]:
    path = out / "run.json"
    if not path.is_file():
        raise UserError(f"{out} holds no run of a recipe: make one with `moss run preference --out {out}`")
    about: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    if not str(about["recipe"]).startswith("preference"):
        raise UserError(f"{out} holds a run of the recipe {about['recipe']}, which has a report.html of its own")
    return about


def _results(out: Path) -> dict[str, Results]:
    found = {}
    for name in (START, REPLIES, PAIRS, PREFERENCE, TAGS, TRAININGS, "comparison", "dial"):
        path = out / name / "done.json"
        if not path.is_file():
            raise UserError(f"the study in {out} is not finished ({name} is missing): go on with the same `moss run`")
        found[name] = json.loads(path.read_text(encoding="utf-8"))
    return found


class Study:
    """The answers of all systems as numbers, and one bootstrap for all of them."""

    def __init__(self, out: Path, config: PreferenceStudy) -> None:
        self.answers = {
            name: [list(read_rankings(answers_file(out, name, seed))) for seed in config.seeds] for name in ANSWERED
        }
        self.values = {name: case_values(by_seed) for name, by_seed in self.answers.items()}
        self.bootstrap = Bootstrap(len(config.seeds), len(self.answers[START_SYSTEM][0]), config.draws)

    def of(self, system: str, measure: str) -> Values:
        """(seeds, cases)."""
        return self.values[system][measure]

    def figure(self, system: str, measure: str) -> Figure:
        """Mean over cases and seeds, with its interval."""
        return self.bootstrap.figure(self.of(system, measure))

    def figures(self, system: str) -> dict[str, Any]:
        """All measures, in JSON form."""
        return {measure.name: asdict(self.figure(system, measure.name)) for measure in MEASURES}

    def change(self, system: str, other: str, measure: str) -> Figure:
        """How much more than the other it has."""
        return self.bootstrap.difference(self.of(system, measure), self.of(other, measure))

    def rho(self, measure: str) -> Figure | None:
        """Spearman's rho of the wanted quality and the measure's mean at it."""
        return self.bootstrap.rho(QUALITY_LEVELS, [self.of(system.name, measure) for system in DIAL])


# --- what was to be shown -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Finding:
    """Something that the study is to show, and whether it did."""

    claim: str
    holds: bool
    evidence: str


def _findings(study: Study, stages: Mapping[str, Results]) -> Iterator[Finding]:
    model = stages[PREFERENCE][PREFERENCE]
    accuracy, pairs = model["accuracy"], model["held_out_pairs"]
    yield Finding(
        f"The preference model is right on at least {ACCURACY_WANTED:.0%} of the held-out pairs",
        accuracy >= ACCURACY_WANTED,
        f"{accuracy:.1%} of {pairs:,}",
    )
    rho = study.rho("correct")
    yield Finding(
        f"Wanted quality and verified correctness: Spearman's rho is at least {RHO_WANTED} over the eleven levels",
        rho is not None and rho.mean >= RHO_WANTED,
        "none: all levels are alike" if rho is None else _shown(rho),
    )
    for other in (SFT_SYSTEM, DIAL[0].name):
        yield _apart(study, DIAL[-1].name, other)
    change = study.change(UNTAGGED, SFT_SYSTEM, "verified")
    yield Finding(
        "Asked without a tag, the tagged model is not shown to be worse than SFT",
        change.high >= 0,
        f"difference of the verified scores {_shown(change)}",
    )


def _apart(study: Study, better: str, worse: str) -> Finding:
    """Whether the intervals of two verified scores do not overlap."""
    high, low = (study.figure(name, "verified") for name in (better, worse))
    return Finding(
        f"{ANSWERED[better].title} has a higher verified score than {ANSWERED[worse].title}; intervals do not overlap",
        high.low > low.high,
        f"{_shown(high)} and {_shown(low)}",
    )


def _shown(figure: Figure) -> str:
    return f"{figure.mean:.3f} ({figure.low:.3f} to {figure.high:.3f})"


# --- dial and comparison --------------------------------------------------------------------------------------------


def _dial(study: Study) -> dict[str, Any]:
    rhos = {measure.name: study.rho(measure.name) for measure in MEASURES}
    return {
        "levels": [{"quality": system.quality, "figures": study.figures(system.name)} for system in DIAL],
        "no_tag": study.figures(UNTAGGED),
        "sft": study.figures(SFT_SYSTEM),
        "rho": {name: None if rho is None else asdict(rho) for name, rho in rhos.items()},
    }


def _system(study: Study, system: System, stages: Mapping[str, Results]) -> dict[str, Any]:
    """A row of the comparison; best-of-n and the start itself cost no training."""
    keys = ("learned_tokens", "sampled_tokens", "scored_tokens", "flops", "training_seconds")
    cost = stages[TRAININGS][system.method] if system.method else dict.fromkeys(keys, 0)
    return {
        "name": system.name,
        "title": system.title,
        "figures": study.figures(system.name),
        "training": {key: cost[key] for key in keys},
    }


def _reward_hacking(study: Study) -> Iterator[dict[str, Any]]:
    """Systems whose preference score is higher than that of the start, and whose verified score is lower."""
    for system in SYSTEMS[1:]:
        changes = {name: study.change(system.name, START_SYSTEM, name) for name in ("preference", "verified", "judge")}
        up, down = changes["preference"], changes["verified"]
        if up.mean > 0 > down.mean:
            yield {
                "title": system.title,
                "sure": up.low > 0 > down.high,
                "changes": {name: asdict(change) for name, change in changes.items()},
            }


def _examples(study: Study) -> Iterator[dict[str, Any]]:
    """The first case of each language, at several qualities; the first answer with the first seed."""
    first: dict[str, int] = {}
    for number, ranking in enumerate(study.answers[DIAL[0].name][0]):
        first.setdefault(ranking.meta["language"], number)
    for language, number in sorted(first.items()):
        by_level = {level: study.answers[DIAL[level // 10].name][0][number] for level in EXAMPLE_LEVELS}
        shown = by_level[EXAMPLE_LEVELS[0]].context.messages[-1].content
        answers = [_example(level, ranking) for level, ranking in by_level.items()]
        yield {"language": language, "prompt": shown, "answers": answers}


def _example(level: int, ranking: Ranking) -> dict[str, Any]:
    answer = ranking.candidates[0]
    calls = [f"{call.name}({call.argument})" for message in answer.turn for call in message.tool_calls]
    return {
        "quality": level,
        "calls": calls,
        "reply": answer.turn[-1].content or "",
        "verified": answer.score,
        "preference": answer.meta["preference"],
        "reason": answer.meta["reason"],
    }


def _model_report(out: Path, name: str, stages: Mapping[str, Results]) -> dict[str, Any]:
    """The evaluation of a preference model, how many tokens it learned from, and what was left out."""
    found: dict[str, Any] = json.loads((out / name / REPORT).read_text(encoding="utf-8"))
    tokens = sum(line["tokens"] for line in read_metrics(out / name) if "loss" in line)
    return {**found, "learned_tokens": int(tokens), "dropped": stages[PREFERENCE][name]["dropped"]}


# --- drawings -------------------------------------------------------------------------------------------------------


def _curves(dial: Mapping[str, Any]) -> list[Chart]:
    by_name = {measure.name: measure for measure in MEASURES}
    return [_curve(f"{by_name[name].title} ({_unit(name)})", name, dial) for name in DRAWN]


def _unit(name: str) -> str:
    measure = next(measure for measure in MEASURES if measure.name == name)
    return f"{measure.unit}; {measure.better} is better" if measure.better else measure.unit


def _curve(title: str, name: str, dial: Mapping[str, Any]) -> Chart:
    levels = [(float(at["quality"]), at["figures"][name]) for at in dial["levels"]]
    series = {"asked for a quality": [(x, figure["mean"]) for x, figure in levels]}
    bands = {"asked for a quality": [(x, figure["low"], figure["high"]) for x, figure in levels]}
    for key, label in (("no_tag", "asked without a tag"), ("sft", "SFT without tags")):
        series[label] = [(0.0, dial[key][name]["mean"]), (float(BEST), dial[key][name]["mean"])]
    return chart(title, series, bands, "requested quality")


def _calibration(model: Mapping[str, Any]) -> Chart:
    bins: Sequence[Mapping[str, float]] = model["calibration"]
    series = {
        "preference model": [(at["predicted"], at["held"]) for at in bins],
        "perfect": [(0.5, 0.5), (1.0, 1.0)],
    }
    return chart("How often the reply it prefers is the better one (share)", series, x_label="how sure it is")
