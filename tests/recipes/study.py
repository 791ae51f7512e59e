"""The folder of a finished preference study, written by hand: its report needs no training."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from moss.config import to_dict
from moss.conversation import Candidate, Conversation, Message, Ranking, write_rankings
from moss.files import write_json
from moss.recipes import load_recipe
from moss.recipes.preference.measurement import ANSWERS, DIAL, SYSTEMS, System, answers_file
from moss.recipes.preference.methods import METHODS

CASES = 12
SEEDS = (1, 2)
VERIFIED = {"start": 0.5, "sft": 0.5, "tag-sft-none": 0.5, "guidance": 0.95, "best-of": 0.6, "ppo": 0.3}
"""What systems are worth; others 0.55, and the tagged model its quality / 100."""
PREFERENCE = {"ppo": 2.0}
"""What the preference model thinks of them; others 4 * verified - 2.5."""
PAIRS = {"accuracy": 0.95, "pairs": 40}


def write_study(out: Path, **verified: float) -> Path:
    """A study whose dial works, and whose PPO hacks its reward; `verified` changes what systems are worth."""
    worth = {**VERIFIED, **verified}
    recipe = load_recipe("preference_smoke", ["seeds=1,2", "draws=50"])
    (out / ANSWERS).mkdir(parents=True)
    about = {"python": "3.11", "torch": "2", "commit": None}
    run = {"recipe": recipe.name, "config": to_dict(recipe.config), "made_with": about, "machine": "a machine, 2 cores"}
    write_json(out / "run.json", run)
    for system in {system.name: system for system in (*SYSTEMS, *DIAL)}.values():
        for seed in SEEDS:
            write_rankings(answers_file(out, system.name, seed), answers(system, seed, worth))
    for name, result in results().items():
        (out / name).mkdir(exist_ok=True)
        write_json(out / name / "done.json", {**result, "seconds": 1.0})
    for name in ("preference", "judge"):
        (out / name).mkdir(exist_ok=True)
        write_json(out / name / "report.json", evaluation())
    return out


def answers(system: System, seed: int, worth: dict[str, float]) -> list[Ranking]:
    """Two answers to each case, around the system's worth."""
    level = (system.quality or 0) / 100
    mean = worth.get(system.name, level if system in DIAL else 0.55)
    found = []
    for number in range(CASES):
        context = Conversation((Message("user", f"Question {number}, <b>bold</b>?"),))
        candidates = [answer(system, number, seed, sample, mean) for sample in range(2)]
        found.append(Ranking(context, tuple(candidates), {"task": "calculate", "language": ("en", "zh")[number % 2]}))
    return found


def answer(system: System, number: int, seed: int, sample: int, mean: float) -> Candidate:
    score = mean + 0.02 * ((number + seed) % 3 - 1)
    preference = PREFERENCE.get(system.name, 4 * score - 2.5)
    meta = {
        "parts": {"correctness": float(score > 0.02 + 0.09 * number)},
        "reason": "made up",
        "preference": preference,
        "judge": preference / 2,
        "finish_reason": "stop" if number else "length",
        "prompt_tokens": 50,
        "completion_tokens": 10,
        "refused": False,
    }
    return Candidate((Message("assistant", f"Answer {number} {sample} of {system.name}"),), system.name, score, meta)


def results() -> dict[str, dict[str, Any]]:
    """What the stages before left."""
    cost = {"learned_tokens": 1000, "sampled_tokens": 0, "scored_tokens": 0, "training_seconds": 2.0, "flops": 6e9}
    verdicts = {"reference": {"replies": 12, "mean_score": 1.0}}
    split = {
        "contexts": 12,
        "replies": 12,
        "failed": {"start at 0.8: the reply side is empty": 3},
        "verdicts": verdicts,
    }
    measured = {"systems": 1, "cases": CASES, "answers_of_each": 2 * CASES}
    return {
        "start": {"parameters": 1_000_000},
        "replies": {"sources": {"train": split, "eval": split}},
        "pairs": {"preference_pairs": 50, "judge_pairs": 50, "held_out_pairs": 40, "dropped": {"equal scores": 7}},
        "preference": {
            "preference": {"accuracy": 0.95, "held_out_pairs": 40, "dropped": {"a side longer than a row": 4}},
            "judge": {"accuracy": 0.9, "held_out_pairs": 40, "dropped": {}},
        },
        "tags": {
            "dialogues": 60,
            "not_scored": 0,
            "longer_than_a_row": 0,
            "pairs": 90,
            "dropped": {"contradictory pair (both orders)": 2},
        },
        "trainings": dict.fromkeys(METHODS, cost),
        "comparison": measured,
        "dial": measured,
    }


def evaluation() -> dict[str, Any]:
    """Of a preference model."""
    return {
        "overall": PAIRS,
        "loss": 0.3,
        "by_source": {"wrong result": PAIRS},
        "by_language": {"en": PAIRS, "zh": PAIRS},
        "like_lengths": None,
        "length_balanced": None,
        "longer_wins": 0.5,
        "calibration": [{"low": 0.5, "pairs": 10, "predicted": 0.52, "held": 0.6},
                        {"low": 0.9, "pairs": 30, "predicted": 0.97, "held": 0.99}],
        "calibration_error": 0.03,
    }  # fmt: skip
