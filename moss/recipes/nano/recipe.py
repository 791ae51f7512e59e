"""The recipe of moss-nano: from nothing to the packaged assistant, on a laptop's CPU.

The stages: the nano world's texts and dialogues; a tokenizer; pre-training on the texts; fine-tuning on the dialogues;
annealing on both, so that facts are known by heart; right and worse turns, a preference model and quality tags; a last
fine-tuning on tagged turns, on what the switches decide and on some of what was learnt before; evaluation on held-out
phrasings and entities; the package with its model card. `smoke` is the same with everything small.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from pathlib import Path
from typing import Any

import torch

from ...assistant import TAGS_TRAINED
from ...chat_format import SPECIAL_TOKENS, ChatFormat, render_text, tagged
from ...checkpoint import load, save
from ...config import override, to_dict
from ...conversation import QUALITY_LEVELS, Conversation, read_jsonl
from ...data.documents import Documents
from ...evals.report import table
from ...evals.tasks.assistant import MEASURES
from ...files import write_json
from ...model.config import ModelConfig
from ...model.transformer import Transformer
from ...tokenizer.bpe import Tokenizer
from ...tokenizer.training import train as train_tokenizer
from ...train.loop import TrainConfig, train
from ...train.optim import OptimConfig
from ...train.preference import PreferenceConfig
from ...train.stages import SftConfig, lay_out_tags, pretrain_documents, sft_documents
from ..recipe import Recipe, Results, Run, Stage
from .card import model_card
from .data import make_data, read_texts
from .evaluation import DIAL, asking, evaluate_dial
from .evaluation import evaluate as measure
from .tagging import PREFERENCE, RANKINGS, TAGS, make_rankings, make_tags, train_preference

TAGGED = "tagged"
"""The stage whose model is the finished one."""
EVALUATION, DIAL_FILE = "evaluation.json", "dial.json"
SAMPLING = {"temperature": 0.3, "repetition_penalty": 1.0}
"""How it answers unless asked otherwise: its replies copy figures, which variety and a dread of repetition spoil."""


@dataclass(frozen=True)
class NanoConfig:
    """Everything that decides what moss-nano becomes."""

    seed: int = 7
    """Seed of the data, of the initial weights and of the order of the batches."""
    processes: int = 2
    """Processes that make dialogues; the dialogues do not depend on it."""
    texts: int = 44_000
    """Pre-training documents about facts."""
    drills: int = 14_000
    """Pre-training documents that drill copying."""
    dialogues: int = 100_000
    """Dialogues for fine-tuning and for the last stage."""
    replayed_texts: int = 58_000
    """How many of the texts are mixed into fine-tuning."""
    anneal_texts: int = 130_000
    """Fresh texts for the last stage: facts are forgotten in fine-tuning, and learnt for good here."""
    anneal_dialogues: int = 60_000
    """How many of the dialogues, the last ones, are kept for the last stage."""
    validation: int = 300
    """Dialogues, and texts, held back for the validation loss."""
    vocab_size: int = 6144
    """Tokens of the vocabulary, special tokens included."""
    tokenizer_dialogues: int = 10_000
    """Dialogues, besides all texts, that the tokenizer learns from."""
    model: ModelConfig = field(default_factory=lambda: ModelConfig(vocab_size=6144, num_layers=6, num_kv_heads=4))
    """Shape of the model; its vocabulary is the tokenizer's."""
    pretrain: TrainConfig = field(
        default_factory=lambda: TrainConfig(max_steps=1000, batch_tokens=6144, optim=OptimConfig(final_lr_ratio=0.5))
    )
    """Pre-training on the texts."""
    sft: TrainConfig = field(
        default_factory=lambda: TrainConfig(
            max_steps=4200, batch_tokens=6144, row_length=1024, save_every=100, optim=OptimConfig(final_lr_ratio=0.75)
        )
    )
    """Fine-tuning on the dialogues."""
    anneal: TrainConfig = field(
        default_factory=lambda: TrainConfig(
            max_steps=5600,
            batch_tokens=6144,
            row_length=1024,
            save_every=100,
            optim=OptimConfig(lr=3e-3, matrix_lr=0.015, warmup_steps=20, final_lr_ratio=0.02),
        )
    )
    """The last stage: almost as many tokens of texts as of dialogues, so that facts are known by heart."""
    ranked_cases: int = 75
    """Cases of training, of each task in each language, to which worse turns are made besides the right one."""
    ranked_turns: int = 5
    """Turns to each of them."""
    preference: PreferenceConfig = field(
        default_factory=lambda: PreferenceConfig(max_steps=400, batch_tokens=12_288, row_length=1024, save_every=50)
    )
    """The preference model, which gives the tags."""
    switch_dialogues: int = 8000
    """Short dialogues that depend on what is switched on, ..."""
    replay: tuple[int, int] = (16_000, 60_000)
    """... and the last of the dialogues and of the last texts are learned along with tagged turns. They are most of the
    tokens: with fewer, asking for 100 told fewer facts and declined less harm than before."""
    tagged: SftConfig = field(
        default_factory=lambda: SftConfig(
            max_steps=1100,
            batch_tokens=6144,
            row_length=1024,
            save_every=100,
            tag_dropout=0.0,
            optim=OptimConfig(lr=5e-4, matrix_lr=2.5e-3, warmup_steps=20, final_lr_ratio=0.02),
        )
    )
    """The last fine-tuning: what makes the quality dial. No tag is dropped, or worse turns would be learned as they
    are; how to answer without one it knows from all the rest."""
    eval_cases: int = 200
    """Cases a task and language."""
    dial_cases: int = 40
    """Cases a task and language at each quality."""


# --- tokenizer and tokens -------------------------------------------------------------------------------------------


def make_tokenizer(run: Run) -> Results:
    """A byte-level BPE on texts and dialogues; digits, Chinese characters and spaces stand alone: copying is easy."""
    data = run.folder("data")
    texts = [text for text, _ in read_texts(data / "texts.jsonl")]
    talk = (render_text(conversation) for conversation in read_jsonl(data / "dialogues.jsonl"))
    sample = chain(texts, islice(talk, run.config.tokenizer_dialogues))
    tokenizer = train_tokenizer(sample, run.config.vocab_size, SPECIAL_TOKENS, split_han=True, split_spaces=True)
    tokenizer.save(run.folder("tokenizer"))
    return {"vocabulary": tokenizer.vocab_size, "fingerprint": tokenizer.fingerprint()}


# --- training -------------------------------------------------------------------------------------------------------


def pretrain(run: Run) -> Results:
    """A fresh model on the texts."""
    config, data = run.config, run.folder("data")
    tokenizer = Tokenizer.load(run.folder("tokenizer"))
    torch.manual_seed(config.seed)
    model = Transformer(replace(config.model, vocab_size=tokenizer.vocab_size))
    held = read_texts(data / "texts_validation.jsonl")
    row_length = config.pretrain.row_length
    validation = {
        language: pretrain_documents((text for text, its in held if its == language), tokenizer, row_length)[0]
        for language in ("en", "zh", "code")
    }
    texts = (text for text, _ in read_texts(data / "texts.jsonl"))
    documents, _ = pretrain_documents(texts, tokenizer, row_length)
    return _train(run, "pretrain", model, tokenizer, documents, validation, config.pretrain)


def finetune(run: Run) -> Results:
    """The pre-trained model on the dialogues and a replay of some texts."""
    texts = read_texts(run.folder("data") / "texts.jsonl")[: run.config.replayed_texts]
    talk = islice(_dialogues(run), run.config.dialogues - run.config.anneal_dialogues)
    return _tune(run, "sft", run.folder("pretrain"), talk, texts, run.config.sft)


def anneal(run: Run) -> Results:
    """The fine-tuned model on fresh texts and dialogues, while the learning rate falls to nothing."""
    texts = read_texts(run.folder("data") / "texts_anneal.jsonl")
    talk = islice(_dialogues(run), run.config.dialogues - run.config.anneal_dialogues, None)
    return _tune(run, "anneal", run.folder("sft"), talk, texts, run.config.anneal)


def finetune_tagged(run: Run) -> Results:
    """The annealed model on tagged turns, right and worse, on what the switches decide, and on what it has seen."""
    config, data = run.config, run.folder("data")
    dialogues, texts = config.replay
    right = chain(
        read_jsonl(data / "dialogues_switches.jsonl"), islice(_dialogues(run), config.dialogues - dialogues, None)
    )
    talk = chain(read_jsonl(run.folder(TAGS) / "tagged.jsonl"), _half_tagged(right))
    last = read_texts(data / "texts_anneal.jsonl")[-texts:]
    return _tune(run, TAGGED, run.folder("anneal"), talk, last, config.tagged, config.tagged.tag_dropout)


def _half_tagged(right: Iterable[Conversation]) -> Iterator[Conversation]:
    """Every other one of these right dialogues with the best tag: what it stands for is more than the tagged turns."""
    return (tagged(dialogue, QUALITY_LEVELS[-1] if n % 2 else None) for n, dialogue in enumerate(right))


def _dialogues(run: Run) -> Iterator[Conversation]:
    return read_jsonl(run.folder("data") / "dialogues.jsonl")


def _tune(
    run: Run,
    stage: str,
    start: Path,
    dialogues: Iterable[Conversation],
    texts: Sequence[tuple[str, str]],
    config: TrainConfig,
    tag_dropout: float = 0.0,
) -> Results:
    """Trains the checkpoint in `start` on the dialogues and on the texts, in any order."""
    before, data = load(start), run.folder("data")
    chat_format = ChatFormat(before.tokenizer)
    if stage == TAGGED:
        lay_out_tags(before.model, chat_format)
    talk, _ = sft_documents(dialogues, chat_format, config.row_length, tag_dropout, run.config.seed)
    replay, _ = pretrain_documents((text for text, _ in texts), before.tokenizer, config.row_length)
    held = list(read_jsonl(data / "dialogues_validation.jsonl"))
    validation = {
        language: sft_documents((c for c in held if c.meta["language"] == language), chat_format, config.row_length)[0]
        for language in ("en", "zh")
    }
    both = (documents[i] for documents in (talk, replay) for i in range(len(documents)))
    return _train(run, stage, before.model, before.tokenizer, Documents.build(both), validation, config)


def _train(
    run: Run,
    stage: str,
    model: Transformer,
    tokenizer: Tokenizer,
    documents: Documents,
    validation: dict[str, Documents],
    config: TrainConfig,
) -> Results:
    # Where little is held back, a language may be missing.
    held_out = {name: held for name, held in validation.items() if len(held)}
    result = train(
        model,
        tokenizer,
        documents,
        config,
        run.folder(stage),
        validation=held_out,
        recipe={"recipe": run.recipe, "stage": stage, "config": to_dict(config), TAGS_TRAINED: stage == TAGGED},
        title=stage,
        console=run.console,
        resume=True,
    )
    scores = {f"bits_per_byte_{name}": score for name, score in result.bits_per_byte.items()}
    tokens = config.max_steps * config.batch_tokens
    parameters = model.num_parameters()
    return {"parameters": parameters, "documents": len(documents), "tokens": tokens, "loss": result.loss, **scores}


# --- evaluation and package -----------------------------------------------------------------------------------------


def evaluate(run: Run) -> Results:
    """The finished model on held-out cases: all at the best quality, fewer at each quality and without a tag."""
    with asking(run.console) as told:
        report = measure(run.folder(TAGGED), run.config.eval_cases, progress=told, quality=DIAL[0])
    write_json(run.folder("evaluate") / EVALUATION, report)
    run.console.print(table(report, {each.name: each for each in MEASURES}))
    with asking(run.console) as told:
        dial = evaluate_dial(run.folder(TAGGED), run.config.dial_cases, progress=told)
    summaries = {quality: found["summary"] for quality, found in dial.items()}
    write_json(run.folder("evaluate") / DIAL_FILE, summaries)
    judged = [summary["met"] for summary in report["summary"].values() if summary["target"]]
    return {
        "cases": report["cases"],
        "targets_met": f"{sum(judged)} of {len(judged)}",
        "evaluation": report["figures"],
    }


def package(run: Run) -> Results:
    """The checkpoint in fp16 with its model card: the folder that `moss chat` takes, or that goes into the package."""
    folder = run.folder("package") / f"moss-{run.recipe}"
    trained = load(run.folder(TAGGED))
    settings = {"recipe": run.recipe, "config": to_dict(run.config), "sampling": SAMPLING, TAGS_TRAINED: True}
    save(folder, trained.model, trained.tokenizer, settings, dtype=torch.float16)
    evaluation = _read(run.folder("evaluate") / EVALUATION)
    write_json(folder / EVALUATION, evaluation)
    megabytes = sum(file.stat().st_size for file in folder.iterdir()) / 1e6
    facts = _card_facts(run, trained.model.num_parameters(), megabytes)
    card = model_card(facts, evaluation, _read(run.folder("evaluate") / DIAL_FILE))
    (folder / "README.md").write_text(card, encoding="utf-8")
    return {"folder": str(folder), "megabytes": round(megabytes, 2)}


def _read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def _card_facts(run: Run, parameters: int, megabytes: float) -> dict[str, Any]:
    begun, tuning = _read(run.out / "run.json"), (run.config.sft, run.config.anneal, run.config.tagged)
    return {
        "name": f"moss-{run.recipe}",
        "recipe": run.recipe,
        "seed": run.config.seed,
        "commit": begun["made_with"]["commit"],
        "parameters": parameters,
        "pretrain_tokens": run.config.pretrain.max_steps * run.config.pretrain.batch_tokens,
        "tuning_tokens": sum(stage.max_steps * stage.batch_tokens for stage in tuning),
        "preference_accuracy": _read(run.folder(PREFERENCE) / "done.json")["accuracy"],
        "megabytes": megabytes,
        "manifest": [_manifest_entry(path) for path in sorted(run.folder("data").glob("*.jsonl"))],
    }


def _manifest_entry(path: Path) -> dict[str, Any]:
    data = path.read_bytes()
    return {"name": path.name, "records": data.count(b"\n"), "sha256": hashlib.sha256(data).hexdigest()}


# --- the recipe -----------------------------------------------------------------------------------------------------

STAGES = (
    Stage("data", "texts and dialogues of the nano world", make_data),
    Stage("tokenizer", "tokenizer", make_tokenizer),
    Stage("pretrain", "pre-training on texts", pretrain),
    Stage("sft", "fine-tuning on dialogues", finetune),
    Stage("anneal", "annealing on texts and dialogues", anneal),
    Stage(RANKINGS, "right and worse turns", make_rankings),
    Stage(PREFERENCE, "preference model", train_preference),
    Stage(TAGS, "quality tags", make_tags),
    Stage(TAGGED, "fine-tuning on tagged turns", finetune_tagged),
    Stage("evaluate", "evaluation on held-out phrasings and names", evaluate),
    Stage("package", "package", package),
)


def nano(overrides: Sequence[str] = ()) -> Recipe:
    """The packaged assistant."""
    return Recipe("nano", override(NanoConfig(), overrides), STAGES)


def smoke(overrides: Sequence[str] = ()) -> Recipe:
    """The whole path in about a minute, for tests and for looking at; the model it makes is no good."""
    small = replace(
        NanoConfig(),
        texts=1500,
        drills=500,
        dialogues=1500,
        replayed_texts=200,
        anneal_texts=300,
        anneal_dialogues=300,
        validation=40,
        vocab_size=2048,
        tokenizer_dialogues=1000,
        model=ModelConfig(
            vocab_size=2048,
            num_layers=2,
            hidden_size=128,
            num_heads=4,
            num_kv_heads=2,
            head_dim=32,
            rotary_dim=32,
            intermediate_size=352,
        ),
        pretrain=TrainConfig(max_steps=25, batch_tokens=4096),
        sft=TrainConfig(max_steps=30, batch_tokens=4096, row_length=1024),
        anneal=TrainConfig(max_steps=10, batch_tokens=4096, row_length=1024),
        ranked_cases=2,
        ranked_turns=3,
        preference=PreferenceConfig(max_steps=5, batch_tokens=4096, row_length=1024),
        switch_dialogues=100,
        replay=(50, 50),
        tagged=SftConfig(max_steps=5, batch_tokens=4096, row_length=1024),
        eval_cases=2,
        dial_cases=1,
    )
    return Recipe("smoke", override(small, overrides), STAGES)
