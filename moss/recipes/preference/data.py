"""What the study learns from: the starting checkpoint, replies of several sources, pairs, tagged dialogues.

    start -> replies to nano cases by several sources, and made ones -> verifying judge -> pairs
          -> two preference models; scores of the same replies by the first -> quality tags -> dialogues and pairs

The truth of the world reaches the methods by way of the preference model alone. Not here: training of the methods
(`methods.py`), measurement (`measurement.py`).
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace

import torch

from ...agent import Agent
from ...assets import packaged_checkpoint
from ...assistant import TAGS_TRAINED
from ...chat_format import SPECIAL_TOKENS, ChatFormat, render_text
from ...checkpoint import Checkpoint, load, save
from ...config import to_dict
from ...conversation import (
    Conversation,
    Ranking,
    read_jsonl,
    read_rankings,
    write_jsonl,
    write_pairs,
    write_rankings,
)
from ...data.preferences import clean, context_key, pairs_of_ranking
from ...engine.engine import Engine
from ...engine.sampling import SamplingParams
from ...files import whole_file, write_json
from ...model.transformer import Transformer
from ...scoring.scorer import load_scorer
from ...scoring.tags import calling_as_the_best, tag
from ...synth.judges import judge_all
from ...synth.preferences import Source, agent_source, gather
from ...tokenizer.bpe import Tokenizer
from ...tokenizer.training import train as train_tokenizer
from ...tools import Toolbox
from ...tools.calculator import CalculatorTool
from ...tools.search import SearchTool, build_index
from ...tools.solver import SolverTool
from ...train.loop import train
from ...train.stages import lay_out_tags, sft_documents
from ..nano.cases import TASKS, Case, Task, eval_cases
from ..nano.compose import WorldTools, dialogues
from ..nano.documents import search_documents
from ..nano.evaluation import Unpainted
from ..nano.judge import NanoJudge
from ..nano.preferences import contexts, dialogues_of, first_fault, pairs_by_fault, rankings
from ..nano.tagging import learn_preferences
from ..nano.turns import Split
from ..recipe import Results, Run
from ..side_by_side import side_by_side
from .config import StartConfig

CONCURRENT = 32
"""Answers under way at once."""
START, REPLIES, PAIRS, TAGS = "start", "replies", "pairs", "tags"
"""Folders of the stages that later ones read."""
MODEL = "model"
"""In the folder of whatever trains a model: the checkpoint that it came to."""
PREFERENCE, JUDGE = "preference", "judge"
"""Folders of the two preference models, and the names of their scores."""
TRAINED = "trained.json"
"""In each of these: what came of it, once it is trained."""


@dataclass(frozen=True)
class World:
    """The nano world of one split: its tools as cases are made with them, and as an agent uses them."""

    split: Split
    tasks: Mapping[str, Task]
    tools: WorldTools
    toolbox: Toolbox

    def cases(self, seed: int, count: int) -> list[Case]:
        """`count` cases of each task and language, none of them twice."""
        found = eval_cases(seed, count, self.tasks, tools=self.tools, split=self.split)
        return list({context_key(case.conversation): case for case in found}.values())


@contextmanager
def world(run: Run, split: Split) -> Iterator[World]:
    """The world of a split, over a search index that is made once for the run."""
    index = run.folder("index") / f"{split}.sqlite"
    if not index.exists():
        build_index(search_documents(split), index)
    with closing(SearchTool(index)) as search:
        toolbox = Toolbox([SearchTool(index), CalculatorTool(), SolverTool(), Unpainted()])
        with closing(toolbox):
            yield World(split, {name: TASKS[name] for name in run.config.tasks}, WorldTools(search), toolbox)


@contextmanager
def asked(found: Checkpoint[Transformer], toolbox: Toolbox) -> Iterator[Agent]:
    """An agent over a checkpoint."""
    with Engine(found.model, found.tokenizer, max_sequences=CONCURRENT) as engine:
        yield Agent(engine, ChatFormat(found.tokenizer), toolbox)


# --- the checkpoint that all begin with -----------------------------------------------------------------------------


def make_start(run: Run) -> Results:
    """start/model: the checkpoint of the settings, or one made here; start/early-N: that one after N steps."""
    config, folder = run.config, run.folder(START)
    if config.fresh_start:
        _train_start(run, config.start)
    else:
        found = load(config.checkpoint or packaged_checkpoint())
        if found.recipe.get(TAGS_TRAINED):
            run.console.print("  it has learned quality tags: what they meant is taken from it")
            lay_out_tags(found.model, ChatFormat(found.tokenizer), width=0.0)
        save(folder / MODEL, found.model, found.tokenizer, {**found.recipe, TAGS_TRAINED: False})
    found = load(folder / MODEL)
    return {"parameters": found.model.num_parameters(), "earlier_checkpoints": len(list(folder.glob("early-*")))}


def _train_start(run: Run, config: StartConfig) -> None:
    """Fine-tunes a fresh model, in pieces: what it is at the end of each is kept."""
    folder = run.folder(START)
    talk = list(dialogues(run.config.data_seed, config.dialogues, "train", WorldTools()))
    texts = (render_text(dialogue) for dialogue in talk)
    tokenizer = train_tokenizer(texts, config.vocab_size, SPECIAL_TOKENS, split_han=True, split_spaces=True)
    documents, _ = sft_documents(talk, ChatFormat(tokenizer), config.train.row_length)
    torch.manual_seed(run.config.data_seed)
    model = Transformer(replace(config.model, vocab_size=tokenizer.vocab_size))
    for steps in sorted({*config.early, config.train.max_steps}):
        name = MODEL if steps == config.train.max_steps else f"early-{steps:05d}"
        if (folder / name).exists():
            continue  # an interrupted run was further than this, and goes on from there
        piece = replace(config.train, max_steps=steps)
        train(model, tokenizer, documents, piece, folder / "run", title=START, console=run.console, resume=True)
        save(folder / name, model, tokenizer, {"recipe": run.recipe, "stage": START, "config": to_dict(piece)})


# --- replies and pairs ----------------------------------------------------------------------------------------------


def make_replies(run: Run) -> Results:
    """train.jsonl and eval.jsonl: rankings of replies by models and made ones, judged by who knows the truth.

    For the preference models alone, own.jsonl: made ones and the starting checkpoint's, and made.jsonl: made ones.
    """
    config = run.config
    found: Results = {}
    with world(run, "train") as place, _sources(run, place) as sources:
        found["train"] = _make_rankings(run, place, "train", config.data_seed, config.cases, sources)
        hottest = sources[: len(config.temperatures)][-1:]
        found["own"] = _make_rankings(run, place, "own", config.data_seed + 2, config.own_cases, hottest)
        _make_more(run, place)
    with world(run, "eval") as place, _sources(run, place) as sources:
        found["eval"] = _make_rankings(run, place, "eval", config.data_seed, config.held_out_cases, sources)
    totals = {f"{name}_replies": counted["replies"] for name, counted in found.items()}
    return {**totals, "sources": found}


def _make_rankings(run: Run, place: World, name: str, seed: int, count: int, sources: Sequence[Source]) -> Results:
    config, folder = run.config, run.folder(REPLIES)
    cases = place.cases(seed, count)
    gathered_file = folder / f"gathered-{name}.jsonl"
    gathered = gather(contexts(cases), sources, gathered_file, concurrent=CONCURRENT)
    made = rankings(cases, place.tools, place.split, seed, config.made_replies)
    both = (_joined(*its) for its in zip(made, read_rankings(gathered_file), strict=True))
    with whole_file(folder / f"{name}.jsonl") as unfinished:
        write_rankings(unfinished, judge_all(both, NanoJudge(cases)))
    judged = list(read_rankings(folder / f"{name}.jsonl"))
    return {
        "contexts": len(judged),
        "replies": sum(len(ranking.candidates) for ranking in judged),
        "failed": {f"{source}: {reason}": number for (source, reason), number in gathered.failed.items()},
        "verdicts": _mean_verdicts(judged),
    }


def _make_more(run: Run, place: World) -> None:
    """Rankings that need no model, of contexts that differ from those of train.jsonl by their seed."""
    config = run.config
    cases = place.cases(config.data_seed + 1, config.made_cases)
    made = rankings(cases, place.tools, place.split, config.data_seed, config.made_replies)
    write_rankings(run.folder(REPLIES) / "made.jsonl", made)


@contextmanager
def _sources(run: Run, place: World) -> Iterator[Sequence[Source]]:
    """The starting checkpoint at each temperature, and other checkpoints at the one that systems are asked at."""
    config, folder = run.config, run.folder(START)
    with ExitStack() as open_engines:
        agent = open_engines.enter_context(asked(load(folder / MODEL), place.toolbox))
        sources = [
            _source(f"start at {temperature:g}", agent, replace(config.sampling(), temperature=temperature), run)
            for temperature in config.temperatures
        ]
        for path in [*sorted(folder.glob("early-*")), *config.other_sources]:
            agent = open_engines.enter_context(asked(load(path), place.toolbox))
            sources.append(_source(path.name, agent, config.sampling(), run))
        yield sources


def _source(name: str, agent: Agent, sampling: SamplingParams, run: Run) -> Source:
    # Sampling is drawn by the seed, so that the study comes to the same replies again.
    return agent_source(name, agent, replace(sampling, seed=run.config.data_seed))


def _joined(made: Ranking, gathered: Ranking) -> Ranking:
    return replace(made, candidates=(*made.candidates, *gathered.candidates), meta={**made.meta, **gathered.meta})


def _mean_verdicts(judged: Sequence[Ranking]) -> dict[str, dict[str, float]]:
    """Number and mean verdict of each source's replies."""
    scores: dict[str, list[float]] = {}
    for ranking in judged:
        for candidate in ranking.candidates:
            scores.setdefault(first_fault(candidate.source), []).append(candidate.score or 0.0)
    return {
        source: {"replies": len(found), "mean_score": round(sum(found) / len(found), 3)}
        for source, found in sorted(scores.items())
    }


def make_pairs(run: Run) -> Results:
    """Pairs of two halves of the training contexts, one for each preference model, and held-out ones."""
    folder, replies = run.folder(PAIRS), run.folder(REPLIES)
    # Each context once, or both halves might have it.
    by_context = {
        context_key(ranking.context): ranking
        for name in ("made", "own", "train")
        for ranking in read_rankings(replies / f"{name}.jsonl")
    }
    judged = list(by_context.values())
    random.Random(run.config.data_seed).shuffle(judged)  # they lie side by side by task and language
    sets = {
        PREFERENCE: judged[::2],
        JUDGE: judged[1::2],
        "held_out": list(read_rankings(replies / "eval.jsonl")),
    }
    dropped: Counter[str] = Counter()
    counts = {}
    for name, ranked in sets.items():
        pairs = clean(pairs_by_fault(ranked, dropped, run.config.least_margin), dropped)
        counts[f"{name}_pairs"] = write_pairs(folder / f"{name}.jsonl", pairs)
    return {**counts, "dropped": dict(dropped.most_common())}


# --- preference models and tags -------------------------------------------------------------------------------------


def train_preferences(run: Run) -> Results:
    """Two preference models of the starting checkpoint; by name what came of each."""
    files = {name: run.folder(name) / TRAINED for name in (PREFERENCE, JUDGE)}
    waiting = [name for name, file in files.items() if not file.exists()]
    side_by_side(run, _train_preference, waiting, run.config.processes)
    return {name: json.loads(file.read_text(encoding="utf-8")) for name, file in files.items()}


def _train_preference(run: Run, name: str) -> None:
    """One of them, on its half of the pairs and with a seed of its own."""
    settings = replace(run.config.preference, seed=run.config.data_seed + (name == JUDGE))
    learned, held_out = (run.folder(PAIRS) / f"{pairs}.jsonl" for pairs in (name, "held_out"))
    found = learn_preferences(run, name, run.folder(START) / MODEL, learned, held_out, settings)
    write_json(run.folder(name) / TRAINED, found)


def make_tags(run: Run) -> Results:
    """tagged.jsonl: every reply to a training context as a dialogue, tagged by its place among them.

    And by these tags: dial.jsonl, those that call what the best one calls, for tags stand behind calls; pairs.jsonl,
    which is what DPO learns from; best.jsonl, the best reply to each context, untagged.
    """
    folder = run.folder(TAGS)
    judged = list(read_rankings(run.folder(REPLIES) / "train.jsonl"))
    untagged = [dialogue for ranking in judged for dialogue in dialogues_of(ranking)]
    write_jsonl(folder / "dialogues.jsonl", untagged)
    scorer = load_scorer(run.folder(PREFERENCE))
    report = tag(
        lambda: read_jsonl(folder / "dialogues.jsonl"),
        scorer,
        scorer.name,
        folder / "tagged.jsonl",
        within_contexts=True,
    )
    write_json(folder / "report.json", report.to_dict())
    chat_format = ChatFormat(Tokenizer.load(run.folder(START) / MODEL))
    documents, cut = sft_documents(read_jsonl(folder / "tagged.jsonl"), chat_format, run.config.sft.row_length)
    dropped: Counter[str] = Counter()
    tagged = read_jsonl(folder / "tagged.jsonl")
    scored = [_scored_by_tags(ranking, tagged) for ranking in judged]
    dial = write_jsonl(folder / "dial.jsonl", calling_as_the_best(lambda: read_jsonl(folder / "tagged.jsonl")))
    write_jsonl(folder / "best.jsonl", (_best(ranking) for ranking in scored))
    pairs = (pair for ranking in scored for pair in pairs_of_ranking(ranking, dropped, with_margins=False))
    count = write_pairs(folder / "pairs.jsonl", clean(pairs, dropped))
    return {
        "dialogues": len(untagged),
        "with_the_best_s_calls": dial,
        "tokens": len(documents.tokens),
        "not_scored": report.not_scored,
        "longer_than_a_row": cut.documents,
        "pairs": count,
        "dropped": dict(dropped),
    }


def _best(ranking: Ranking) -> Conversation:
    scores = [-1 if candidate.score is None else candidate.score for candidate in ranking.candidates]
    return list(dialogues_of(ranking))[scores.index(max(scores))]


def _scored_by_tags(ranking: Ranking, tagged: Iterator[Conversation]) -> Ranking:
    """The ranking with the tags of its replies, which come next, for scores."""
    qualities = [next(tagged).messages[-1].quality for _ in ranking.candidates]
    scored = [
        replace(candidate, score=None if quality is None else float(quality))
        for candidate, quality in zip(ranking.candidates, qualities, strict=True)
    ]
    return replace(ranking, candidates=tuple(scored))
