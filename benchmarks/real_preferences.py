"""Trains preference models on public pairs and prints how often they are right on pairs held out, beside "longer wins".

    python benchmarks/real_preferences.py FOLDER [--checkpoint DIR] [--seeds 3] [--steps 400] [--batch 16384]
                                                 [--only NAME] [--held-out 0.2] [--set KEY=VALUE] [--out FILE]

The files of the folder are read by our importers; a file's name tells its format (FORMATS below), and other files are
named and passed over. A fifth of the prompts is held out, by a hash of what the user says first: none is on both sides,
whatever sets and pairs it comes in. One model a seed learns from all sets together, or from those of `--only`
(repeatable), starting from the packaged assistant or a checkpoint of yours.

    accuracy        of all seeds, with a bootstrap 95 % interval over seeds and contexts
    longer wins     what taking the longer reply gets on the same pairs, where lengths differ
    lead            accuracy minus longer wins, pair by pair (equal lengths count half), with its interval
    like lengths    accuracy where the lengths differ by less than a tenth, and how many pairs these are
    balanced        mean of the accuracies where the better reply is the longer and where it is the shorter one
    calibration     mean distance of what the model says and what holds (ECE)

The file of `--out` has these, each seed's whole report with its calibration curve, what was left out, and settings.
The packaged assistant has never read such text, so from it the figures measure the machinery more than the model.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import tempfile
import time
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table
from subject import device_name

from moss import checkpoint
from moss.assets import packaged_checkpoint
from moss.chat_format import ChatFormat
from moss.config import override, to_dict
from moss.conversation import PreferencePair
from moss.data.pairs import PairDocuments
from moss.data.preference_imports import pair_importer
from moss.data.preferences import clean, measure_pairs
from moss.data.sources import BadRecord
from moss.errors import UserError
from moss.files import write_json
from moss.recipes.preference.figures import Figure
from moss.tokenizer.bpe import Tokenizer
from moss.train.metrics import read_metrics
from moss.train.preference import (
    PreferenceConfig,
    PreferenceScorer,
    all_scores,
    preference_config,
    train_preference_model,
)
from moss.train.preference_report import PreferenceReport, measure_preferences

FORMATS = {"alpaca_eval": "alpaca-eval", "hh_": "hh", "kto": "kto", "oasst": "oasst", "dpo": "chosen-rejected"}
"""What is in a file's name, and the format it then is in; the first that fits counts."""

DRAWS = 2000
"""Of the bootstrap."""

ALL = "all"


@dataclass
class PublicSet:
    """What a file held."""

    name: str
    format: str
    pairs: list[PreferencePair]
    longer_wins: float | None
    """Of all its pairs, to be set beside what others have published of the whole set."""
    bad_records: int
    dropped: Counter[str] = field(default_factory=Counter)


# --- data -----------------------------------------------------------------------------------------------------------


def files_of(folder: Path, console: Console) -> Iterator[tuple[Path, str]]:
    """The files whose names say what they are, with their formats."""
    passed_over = []
    for file in sorted(path for path in folder.rglob("*") if path.name.endswith((".jsonl", ".jsonl.gz", ".json"))):
        known = [name for word, name in FORMATS.items() if word in file.name]
        if known:
            yield file, known[0]
        else:
            passed_over.append(file.name)
    if passed_over:
        console.print(f"passed over, their names say no format of pairs: {', '.join(passed_over)}")


def read_set(file: Path, format_name: str) -> PublicSet:
    """All pairs of a file that can be right, under the file's name."""
    name = file.name.split(".")[0]
    bad: list[BadRecord] = []
    dropped: Counter[str] = Counter()
    found = list(pair_importer(format_name, dropped)(file, bad.append))
    pairs = [replace(pair, meta={**pair.meta, "source": name}) for pair in clean(found, dropped)]
    return PublicSet(name, format_name, pairs, measure_pairs(pairs).longer_wins, len(bad), dropped)


def is_held_out(pair: PreferencePair, share: float) -> bool:
    """By what the user says first: dialogues that begin alike, however they go on, are on one side."""
    first = next(message.content or "" for message in pair.context.messages if message.role == "user")
    plain = "".join(unicodedata.normalize("NFKC", first).lower().split())
    return int.from_bytes(hashlib.sha1(plain.encode()).digest()) < share * 2**160


def of_set(data: PairDocuments, name: str) -> PairDocuments:
    """The pairs of one set, over all documents."""
    wanted = np.array([name in (ALL, source) for source in data.sources])
    return replace(
        data,
        pairs=data.pairs[wanted],
        margins=data.margins[wanted],
        heads=data.heads[wanted],
        sources=tuple(np.array(data.sources)[wanted].tolist()),
        languages=tuple(np.array(data.languages)[wanted].tolist()),
    )


# --- training -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Run:
    """What one seed came to."""

    seed: int
    steps: int
    loss: float
    """Of the last interval of the log."""
    tokens: int
    seconds: float
    """Of training alone; loading, saving and measuring left out."""
    scores: NDArray[np.float64]
    """(held-out documents, 1)"""


def run(folder: Path, learned: PairDocuments, held: PairDocuments, config: PreferenceConfig, console: Console) -> Run:
    """Trains from the checkpoint of `folder` with the seed of `config`, and scores what was held out."""
    begun = checkpoint.load(folder)
    with tempfile.TemporaryDirectory() as temporary:
        out = Path(temporary) / "run"
        title = f"seed {config.seed}"
        result = train_preference_model(
            begun.model, begun.tokenizer, learned, config, out, title=title, console=console
        )
        metrics = read_metrics(out)
        model = checkpoint.load_preference_model(out).model
    scorer = PreferenceScorer(model, ChatFormat(begun.tokenizer), config=config)
    with torch.no_grad():
        scores = all_scores(scorer.compute, held.documents, 1, config.row_length, config.batch_tokens)
    tokens, seconds = (sum(line[name] for line in metrics) for name in ("tokens", "seconds"))
    return Run(config.seed, result.steps, result.loss, int(tokens), seconds, scores)


# --- figures --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Result:
    """What is known of one set, or of all."""

    learned_pairs: int
    held_out_pairs: int
    held_out_contexts: int
    longer_wins_everywhere: float | None
    """Of all pairs of the set."""
    longer_wins: float | None
    """Of those held out."""
    accuracy: Figure
    lead: Figure
    """Over longer wins."""
    like_lengths: float | None
    """Mean of the seeds, as the next two."""
    like_lengths_pairs: int
    length_balanced: float | None
    calibration_error: float
    reports: tuple[PreferenceReport, ...]
    """Of each seed."""


def result_of(
    name: str, runs: Sequence[Run], learned: PairDocuments, held: PairDocuments, longer: float | None
) -> Result:
    """The figures of a set that has held-out pairs."""
    data = of_set(held, name)
    reports = tuple(measure_preferences(run.scores, data) for run in runs)
    better, worse = data.pairs.T
    right = np.stack([(1 + np.sign(run.scores[better, 0] - run.scores[worse, 0])) / 2 for run in runs])
    by_length = (1 + np.sign(data.characters[better] - data.characters[worse])) / 2
    _, contexts = np.unique(data.contexts[better], return_inverse=True)
    like = [report.like_lengths for report in reports if report.like_lengths]
    balanced = [report.length_balanced for report in reports if report.length_balanced is not None]
    return Result(
        learned_pairs=len(of_set(learned, name)),
        held_out_pairs=len(data),
        held_out_contexts=int(contexts.max()) + 1,
        longer_wins_everywhere=longer,
        longer_wins=reports[0].longer_wins,
        accuracy=bootstrapped(right, contexts),
        lead=bootstrapped(right - by_length, contexts),
        like_lengths=float(np.mean([share.accuracy for share in like])) if like else None,
        like_lengths_pairs=like[0].pairs if like else 0,
        length_balanced=float(np.mean(balanced)) if balanced else None,
        calibration_error=float(np.mean([report.calibration_error for report in reports])),
        reports=reports,
    )


def bootstrapped(values: NDArray[np.float64], contexts: NDArray[np.int64]) -> Figure:
    """The mean of (seeds, pairs) values; draws are of seeds and of contexts, since the pairs of one hang together."""
    random = np.random.default_rng(0)
    sizes = np.bincount(contexts)
    sums = np.stack([np.bincount(contexts, weights=of_seed) for of_seed in values])
    seeds = random.integers(len(values), size=(DRAWS, len(values)))
    drawn = random.integers(len(sizes), size=(DRAWS, len(sizes)))
    totals = np.stack([sums[seeds[i]][:, drawn[i]].mean(0).sum() for i in range(DRAWS)])
    return Figure.of(float(values.mean()), totals / sizes[drawn].sum(1))


# --- what is shown --------------------------------------------------------------------------------------------------


def results_table(results: Mapping[str, Result]) -> Table:
    """A row a set."""
    table = Table(
        "set", "learned", "held out", "accuracy", "longer wins", "lead", "like lengths", "balanced", "calibration"
    )
    for name, found in results.items():
        table.add_row(
            name,
            f"{found.learned_pairs:,}",
            f"{found.held_out_pairs:,}",
            with_interval(found.accuracy),
            share(found.longer_wins),
            with_interval(found.lead),
            f"{share(found.like_lengths)} of {found.like_lengths_pairs}",
            share(found.length_balanced),
            f"{found.calibration_error:.3f}",
        )
    return table


def with_interval(figure: Figure) -> str:
    return f"{figure.mean:.3f} ({figure.low:.3f} to {figure.high:.3f})"


def share(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def about_set(found: PublicSet) -> str:
    """A line on what a file held; what could not be used is never silent."""
    left_out = [f"{number} x {reason}" for reason, number in found.dropped.most_common() if number]
    told = "; ".join([*([f"{found.bad_records} bad records"] if found.bad_records else []), *left_out])
    longer = f", the longer reply is the better one in {share(found.longer_wins)}" if found.pairs else ""
    return f"{found.name} ({found.format}): {len(found.pairs):,} pairs{longer}{f'; left out: {told}' if told else ''}"


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="folder with files of public pairs, searched to the bottom")
    parser.add_argument("--checkpoint", type=Path, help="what training begins with (default: the packaged assistant)")
    parser.add_argument("--seeds", type=int, default=3, help="how many models")
    parser.add_argument("--steps", type=int, default=400)
    parser.add_argument("--batch", type=int, default=16_384, help="tokens of a step")
    parser.add_argument("--only", action="append", help="name of a set, as far as its first dot; repeatable")
    parser.add_argument("--held-out", type=float, default=0.2, help="share of the prompts")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="any setting of the training")
    parser.add_argument("--out", type=Path, default=Path("real_preferences.json"))
    return parser.parse_args()


def read_sets(options: argparse.Namespace, console: Console) -> list[PublicSet]:
    """The wanted sets of the folder, told line by line."""
    wanted = options.only or []
    found = [read_set(*file) for file in files_of(options.folder, console)]
    if missing := set(wanted) - {one.name for one in found}:
        raise UserError(f"{options.folder} has no set {', '.join(sorted(missing))}: {', '.join(o.name for o in found)}")
    sets = [one for one in found if not wanted or one.name in wanted]
    if not sets:
        raise UserError(f"{options.folder} has no file whose name says a format of pairs ({', '.join(FORMATS)})")
    for one in sets:
        console.print(about_set(one))
    return sets


def divided(
    sets: Sequence[PublicSet], share: float, tokenizer: Tokenizer, row_length: int, too_long: Counter[str]
) -> tuple[PairDocuments, PairDocuments]:
    """What is learned from, and what is held out."""
    sides: dict[bool, list[PreferencePair]] = {False: [], True: []}
    for pair in (pair for one in sets for pair in one.pairs):
        sides[is_held_out(pair, share)].append(pair)
    chat_format = ChatFormat(tokenizer)
    learned, held = (PairDocuments.build(sides[out], chat_format, row_length, too_long) for out in (False, True))
    if not len(held):
        raise UserError("no pair is held out: raise --held-out, or give more pairs")
    return learned, held


def measured(options: argparse.Namespace, console: Console) -> dict[str, Any]:
    """Reads, trains, measures and prints; returns what is to be kept."""
    folder = options.checkpoint or packaged_checkpoint()
    begun = checkpoint.load(folder)
    settings = [f"max_steps={options.steps}", f"batch_tokens={options.batch}", f"save_every={options.steps}"]
    config = override(preference_config(begun.config), [*settings, *options.set])
    sets, too_long = read_sets(options, console), Counter[str]()
    learned, held = divided(sets, options.held_out, begun.tokenizer, config.row_length, too_long)
    for reason, number in too_long.items():
        console.print(f"{number} x {reason} ({config.row_length} tokens): left out")
    runs = [run(folder, learned, held, replace(config, seed=seed), console) for seed in range(options.seeds)]
    longer = {one.name: one.longer_wins for one in sets if one.name in held.sources}
    longer[ALL] = measure_pairs([pair for one in sets for pair in one.pairs]).longer_wins
    results = {name: result_of(name, runs, learned, held, everywhere) for name, everywhere in longer.items()}
    console.print(results_table(results))
    device = f"{device_name(config.torch_device())}, torch {torch.__version__}"
    tokens, seconds = sum(one.tokens for one in runs), sum(one.seconds for one in runs)
    speed = f"{tokens:,} tokens in {seconds:.0f} s of training, {tokens / seconds:,.0f} a second"
    console.print(f"{device}: {len(runs)} seeds, {speed}")
    return {
        "device": device,
        "checkpoint": folder.name,
        "parameters": begun.model.num_parameters(),
        "tokens": tokens,
        "training_seconds": seconds,
        "results": {name: to_dict(found) for name, found in results.items()},
        "runs": [{name: value for name, value in vars(one).items() if name != "scores"} for one in runs],
        "sets": [{**vars(one), "pairs": len(one.pairs)} for one in sets],
        "dropped": too_long,
        "held_out_share": options.held_out,
        "config": to_dict(config),
    }


def main() -> None:
    options = parsed()
    console, started = Console(width=160), time.perf_counter()
    try:
        found = measured(options, console)
        seconds = time.perf_counter() - started
        options.out.parent.mkdir(parents=True, exist_ok=True)
        write_json(options.out, {**found, "seconds": seconds})
    except UserError as error:
        sys.exit(str(error))
    console.print(f"{seconds:.0f} s in all; figures in {options.out}")


if __name__ == "__main__":
    main()
