"""How the systems of the study answer held-out cases: several times each, judged by the truth and by both models.

A system is a checkpoint and a way to ask it. Its answers are kept as rankings, a line a case, in
answers/SYSTEM-SEED.jsonl; what was asked before is not asked again. Not here: means and intervals (`figures.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from ...agent import Answering
from ...checkpoint import load
from ...conversation import QUALITY_LEVELS, AssistantTurn, Candidate, Ranking, read_rankings, write_rankings
from ...data.pairs import answered
from ...engine.sampling import SamplingParams
from ...events import Event, Failed, Finished, fold
from ...files import whole_file
from ...scoring.best_of import BestOf
from ...scoring.scorer import Scorer, load_scorer
from ...tools import Toolbox
from ..nano.cases import Case, classify
from ..nano.preferences import candidate
from ..recipe import Results, Run
from ..side_by_side import side_by_side
from .data import CONCURRENT, JUDGE, PREFERENCE, asked, world
from .methods import TAG_SFT, checkpoint_of

ANSWERS = "answers"
"""Folder of the rankings."""
UNSEEN = 1000
"""Added to the data's seed: the measured cases are others than those of the held-out pairs."""
SEEDS_APART = 1_000_000
"""Between the seeds of sampling of two trainings, ..."""
ANSWERS_APART = 100
"""... and of two answers: best-of-n draws with the next ones."""


@dataclass(frozen=True)
class System:
    """What is asked, and how; a row of the comparison."""

    name: str
    title: str
    method: str | None = None
    """Whose checkpoint; None: the one that all begin with."""
    quality: int | None = None
    guided: bool = False
    best_of: bool = False


BEST = QUALITY_LEVELS[-1]
SYSTEMS = (
    System("start", "the starting checkpoint"),
    System("sft", "SFT", "sft"),
    System("sft-best", "SFT on the best replies", "sft-best"),
    System("tag-sft-none", "tag-SFT, no tag asked", TAG_SFT),
    System(f"tag-sft-{BEST}", f"tag-SFT, quality {BEST}", TAG_SFT, BEST),
    System("guidance", f"tag-SFT, quality {BEST}, guidance", TAG_SFT, BEST, guided=True),
    System("best-of", "best of n", best_of=True),
    System("rejection", "rejection sampling", "rejection"),
    System("dpo", "DPO", "dpo"),
    System("ppo", "PPO", "ppo"),
    System("grpo", "GRPO", "grpo"),
)
"""The rows of the comparison."""
DIAL = tuple(System(f"tag-sft-{level}", f"tag-SFT, quality {level}", TAG_SFT, level) for level in QUALITY_LEVELS)
"""One model at every quality; the last is a row of the comparison, too."""


def answers_file(out: Path, system: str, seed: int) -> Path:
    """Where the answers of a system lie, in the folder of a run."""
    return out / ANSWERS / f"{system}-seed-{seed}.jsonl"


def measure(run: Run, systems: Sequence[System]) -> Results:
    """Asks each system with each seed, as far as that was not done before."""
    config = run.config
    run.folder(ANSWERS)
    asked_for = [(system, seed) for system in systems for seed in config.seeds]
    waiting = [(system, seed) for system, seed in asked_for if not answers_file(run.out, system.name, seed).exists()]
    side_by_side(run, _ask, waiting, config.processes)
    cases = sum(1 for _ in read_rankings(answers_file(run.out, systems[0].name, config.seeds[0])))
    return {"systems": len(systems), "cases": cases, "answers_of_each": cases * config.samples}


def _ask(run: Run, system_and_seed: tuple[System, int]) -> None:
    """Asks one system with one seed, and keeps its answers."""
    config, (system, seed) = run.config, system_and_seed
    run.console.print(f"  asking {system.title}, seed {seed}")
    scorers = {name: load_scorer(run.folder(name), precision="auto") for name in (PREFERENCE, JUDGE)}
    with world(run, "eval") as place:
        cases = place.cases(config.data_seed + UNSEEN, config.held_out_cases)
        with _answering(run, system, seed, place.toolbox, scorers[PREFERENCE]) as agent:
            found = answers(agent, cases, _sampling(run, system, seed), system.quality, config.samples)
        with whole_file(answers_file(run.out, system.name, seed)) as unfinished:
            write_rankings(unfinished, _judged(cases, found, scorers, system.name))


@contextmanager
def _answering(run: Run, system: System, seed: int, toolbox: Toolbox, scorer: Scorer) -> Iterator[Answering]:
    found = load(checkpoint_of(run, system.method, seed))
    with asked(found, toolbox) as agent:
        yield BestOf(agent, scorer, run.config.best_of) if system.best_of else agent


def _sampling(run: Run, system: System, seed: int) -> SamplingParams:
    sampling: SamplingParams = run.config.sampling(SEEDS_APART * seed, run.config.guidance if system.guided else 0.0)
    return sampling


@dataclass(frozen=True)
class Answered:
    """One answer, as it is judged."""

    turn: AssistantTurn
    finish_reason: str
    """As in `Finished`, or why it failed."""
    prompt_tokens: int
    completion_tokens: int

    @classmethod
    def of(cls, events: Sequence[Event]) -> Answered:
        """What an agent's events came to."""
        turn = tuple(fold(events))
        match events[-1]:
            case Finished() as end:
                return cls(turn, end.finish_reason, end.prompt_tokens, end.completion_tokens)
            case Failed(message):
                return cls(turn, f"failed: {message}", 0, 0)
        return cls(turn, "failed: the events broke off", 0, 0)


def answers(
    agent: Answering, cases: Sequence[Case], sampling: SamplingParams, quality: int | None, samples: int
) -> list[list[Answered]]:
    """`samples` answers to each case, drawn with seeds of their own."""
    first = sampling.seed or 0

    def one(number: int) -> Answered:
        case = cases[number // samples]
        params = replace(sampling, seed=first + ANSWERS_APART * number)
        return Answered.of(list(agent.run(case.conversation, params, case.tools, quality)))

    with ThreadPoolExecutor(CONCURRENT, thread_name_prefix="study") as pool:
        found = list(pool.map(one, range(len(cases) * samples)))
    return [found[start : start + samples] for start in range(0, len(found), samples)]


def _judged(
    cases: Sequence[Case], found: Sequence[Sequence[Answered]], scorers: Mapping[str, Scorer], source: str
) -> Iterator[Ranking]:
    """For each case its answers with the verdict; scores of the models and other facts are in the meta."""
    dialogues = [
        answered(case.conversation, answer.turn)
        for case, several in zip(cases, found, strict=True)
        for answer in several
    ]
    scores = {name: iter(scorer(dialogues)) for name, scorer in scorers.items()}
    for case, several in zip(cases, found, strict=True):
        candidates = [
            _with_facts(candidate(case, source, answer.turn), answer, {name: next(s) for name, s in scores.items()})
            for answer in several
        ]
        meta = {"task": case.task, "language": case.language}
        yield Ranking(case.conversation, tuple(candidates), meta)


def _with_facts(judged: Candidate, answer: Answered, scores: dict[str, float | None]) -> Candidate:
    reply = answer.turn[-1].content or ""
    facts = {
        **scores,
        "finish_reason": answer.finish_reason,
        "prompt_tokens": answer.prompt_tokens,
        "completion_tokens": answer.completion_tokens,
        "refused": classify(reply) == "refusal",
    }
    return replace(judged, meta={**judged.meta, **facts})
