"""The only training loop. A stage is data plus a loss (stages.py); nothing here knows what the tokens mean.

A run's folder:

    metrics.jsonl, tensorboard/   what was measured
    step-00000200/                checkpoints, the newest two
    latest                        names the newest

A run is a function of its documents, its configuration and its number of steps: the batch of a step follows from the
seed, and a checkpoint holds everything else (parameters, optimizers, random state). So a run that was interrupted in
any way goes on from its last checkpoint to the same losses as one that was not.
"""

from __future__ import annotations

import math
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from rich.console import Console
from torch import Tensor

from .. import checkpoint
from ..config import to_dict
from ..data.batches import Batch, Batches
from ..data.documents import Documents
from ..errors import UserError
from ..model.attention import PackedAttention
from ..model.transformer import Transformer
from ..tokenizer.bpe import Tokenizer
from .losses import masked_cross_entropy
from .metrics import SCORE, MetricsLog, TrainingView, read_metrics
from .optim import OptimConfig, build_optimizers, load_moments, lr_factor, set_lr
from .precision import Precision, compute_dtype

KEPT_CHECKPOINTS = 2
"""The newest, and one more in case somebody is just reading it."""


@dataclass(frozen=True)
class TrainConfig:
    """One run of the loop."""

    max_steps: int = 1000
    """Optimizer steps."""
    batch_tokens: int = 8192
    """Tokens of a step, padding included; whole rows."""
    row_length: int = 512
    """Tokens of a row; the longest document there may be."""
    accumulation_steps: int = 1
    """In how many parts a step's rows are computed; more parts need less memory and give the same step."""
    seed: int = 0
    """Of the order of the data."""
    precision: Precision = "auto"
    """fp32, bf16 (matrix products only; everything kept is fp32), or whichever this machine is faster with."""
    device: str = "auto"
    """cpu, cuda, or auto: cuda where there is one."""
    compile: bool = False
    """torch.compile the model: costs a minute or two at the start."""
    log_every: int = 10
    """Steps between lines of metrics."""
    eval_every: int = 200
    """Steps between validations; the last step always ends with one."""
    save_every: int = 200
    """Steps between checkpoints; the last step always ends with one."""
    optim: OptimConfig = field(default_factory=OptimConfig)
    """Optimizer and learning rate."""

    def __post_init__(self) -> None:
        for name in ("max_steps", "row_length", "accumulation_steps", "log_every", "eval_every", "save_every"):
            if getattr(self, name) < 1:
                raise UserError(f"{name} must be at least 1, not {getattr(self, name)}")
        if self.batch_tokens < self.row_length:
            raise UserError(f"batch_tokens ({self.batch_tokens}) must be at least row_length ({self.row_length})")


@dataclass(frozen=True)
class TrainResult:
    """What a finished run came to."""

    checkpoint: Path
    """The folder of the last checkpoint."""
    steps: int
    loss: float
    """Mean nats per learned token over the last log interval."""
    bits_per_byte: dict[str, float]
    """Of each validation set, at the end."""


def train(
    model: Transformer,
    tokenizer: Tokenizer,
    documents: Documents,
    config: TrainConfig,
    out: str | Path,
    *,
    validation: Mapping[str, Documents] | None = None,
    recipe: Mapping[str, Any] | None = None,
    title: str = "train",
    console: Console | None = None,
    resume: bool = False,
) -> TrainResult:
    """Trains `model` (in place) and leaves its checkpoints and metrics in `out`.

    With `resume` a run that `out` holds goes on where its last checkpoint is; without one it starts. Ctrl-C saves and
    raises KeyboardInterrupt. Raises UserError when the data is empty, `out` holds a run and `resume` is off, the run
    was made with other data, or the disk is full.
    """
    out = Path(out)
    trainer = Trainer(model, tokenizer, documents, config, out, validation or {}, dict(recipe or {}))
    if (out / checkpoint.LATEST).exists():
        if not resume:
            raise UserError(f"{out} already holds a training run: continue it with --resume, or choose another folder")
        trainer.restore()
    return trainer.run(title, console or Console())


class Trainer:
    """A run between two steps: everything a checkpoint has to hold."""

    def __init__(
        self,
        model: Transformer,
        tokenizer: Tokenizer,
        documents: Documents,
        config: TrainConfig,
        out: Path,
        validation: Mapping[str, Documents],
        recipe: dict[str, Any],
    ) -> None:
        self.config, self.tokenizer, self.out = config, tokenizer, out
        self.recipe = {**recipe, "train": to_dict(config)}
        self.device = torch.device(_device(config.device))
        self.dtype = compute_dtype(config.precision, self.device)
        self.model = model.to(self.device).train()
        self.forward: Callable[..., Tensor] = torch.compile(model) if config.compile else model
        self.optimizers = build_optimizers(model, config.optim, self.dtype)
        longest = max((int(held.lengths.max(initial=0)) for held in (documents, *validation.values())), default=0)
        if longest > model.config.max_seq_len:
            raise UserError(f"a document has {longest} tokens, the model covers {model.config.max_seq_len}: shorten it")
        self.batches = Batches(documents, config.row_length, config.batch_tokens, config.seed)
        self.validation = {
            name: Batches(held_out, config.row_length, config.batch_tokens, seed=0)
            for name, held_out in validation.items()
        }
        self.step = 0  # steps done
        # What decides the sequence of batches: a run goes on only with the one it began with.
        self.data_name = f"{documents.fingerprint()} {config.row_length} {config.batch_tokens} {config.seed}"

    def run(self, title: str, console: Console) -> TrainResult:
        """Steps to the end; logs, validates and saves on the way."""
        self.out.mkdir(parents=True, exist_ok=True)
        log = MetricsLog(self.out, self.step, console)
        try:
            with TrainingView(title, self.config.max_steps, self.step, console) as view, _interrupts() as interrupted:
                self._run(log, view, interrupted)
        finally:
            log.close()
        return self._result()

    def _run(self, log: MetricsLog, view: TrainingView, interrupted: threading.Event) -> None:
        config, meter = self.config, _Meter()
        while self.step < config.max_steps:
            meter.add(*self.train_step())
            last = self.step == config.max_steps

            def due(every: int, last: bool = last) -> bool:
                return last or self.step % every == 0

            if due(config.log_every):
                figures = meter.take()
                log.add(self.step, figures)
                view.show(self.step, figures["loss"], figures["tokens_per_second"])
            if due(config.eval_every) and self.validation:
                with meter.paused():
                    log.add(self.step, {SCORE + name: score for name, score in self.validate().items()})
            if due(config.save_every) or interrupted.is_set():
                with meter.paused():
                    self.save()
            if interrupted.is_set() and not last:
                view.say(f"Stopped; step {self.step} is saved, and --resume goes on from there.")
                raise KeyboardInterrupt

    def train_step(self) -> tuple[dict[str, float], int]:
        """One optimizer step; returns its figures and how many tokens (not padding) it read."""
        config = self.config
        batch = self.batches[self.step]
        learned = int(batch.loss_mask.sum())
        loss = 0.0
        for part in batch.split(config.accumulation_steps):
            part_loss = self._loss(part.to(self.device)) / max(1, learned)
            part_loss.backward()
            loss += part_loss.item()
        norm = torch.nn.utils.clip_grad_norm_(self.model.parameters(), config.optim.max_grad_norm)
        factor = lr_factor(self.step, config.max_steps, config.optim)
        set_lr(self.optimizers, factor)
        for optimizer in self.optimizers:
            optimizer.step()
            optimizer.zero_grad()
        self.step += 1
        figures = {"loss": loss, "grad_norm": float(norm), "lr_factor": factor}
        return figures, int((batch.document_ids >= 0).sum())

    def _loss(self, batch: Batch) -> Tensor:
        """Sum of nats over the learned positions."""
        with torch.autocast(self.device.type, dtype=self.dtype, enabled=self.dtype != torch.float32):
            hidden = self.forward(batch.tokens, batch.positions, PackedAttention(batch.document_ids))
            return masked_cross_entropy(hidden, self.model.head_weight, batch.targets)

    @torch.no_grad()
    def validate(self) -> dict[str, float]:
        """Bits per byte of each validation set: nats of its learned tokens / ln 2 / bytes of their text."""
        num_bytes = torch.tensor([len(self.tokenizer.token_bytes(i)) for i in range(self.tokenizer.vocab_size)])
        scores = {}
        for name, batches in self.validation.items():
            nats, size = 0.0, 0
            for batch in batches.epoch():
                nats += self._loss(batch.to(self.device)).item()
                size += int(num_bytes[batch.targets[batch.loss_mask]].sum())
            scores[name] = nats / math.log(2) / max(1, size)
        return scores

    def save(self) -> None:
        """Writes a checkpoint, makes it the latest, and removes all but the newest two and what a crash left."""
        name = f"step-{self.step:08d}"
        state = {
            "step": self.step,
            "data": self.data_name,
            "optimizers": [optimizer.state_dict() for optimizer in self.optimizers],
            "random": torch.get_rng_state(),
        }
        checkpoint.save(self.out / name, self.model, self.tokenizer, self.recipe, trainer=state)
        checkpoint.point_latest(self.out, name)
        for old in [*sorted(self.out.glob("step-*"))[:-KEPT_CHECKPOINTS], *self.out.glob(".step-*")]:
            shutil.rmtree(old)

    def restore(self) -> None:
        """Takes everything from the latest checkpoint of `out`; raises UserError when it is of another run."""
        found = checkpoint.load(self.out)
        state = found.trainer_state()
        if state["data"] != self.data_name:
            raise UserError(
                f"{self.out} was trained on other data: resume with the same files, or choose another folder"
            )
        if found.config != self.model.config:
            raise UserError(f"{self.out} holds a model of another shape: resume with the same settings")
        self.model.load_state_dict(found.model.state_dict())
        load_moments(self.optimizers, state["optimizers"])
        torch.set_rng_state(state["random"])
        self.step = state["step"]

    def _result(self) -> TrainResult:
        losses = [line["loss"] for line in read_metrics(self.out) if "loss" in line]
        scores: dict[str, float] = {}
        for line in read_metrics(self.out):
            scores.update({name.removeprefix(SCORE): x for name, x in line.items() if name.startswith(SCORE)})
        return TrainResult(checkpoint.resolve(self.out), self.step, losses[-1] if losses else math.nan, scores)


class _Meter:
    """Means of the figures of the last steps, and the speed of training itself (validating and saving left out)."""

    def __init__(self) -> None:
        self._sums: dict[str, float] = {}
        self._steps = self._tokens = 0
        self._started = time.perf_counter()

    def add(self, figures: Mapping[str, float], tokens: int) -> None:
        for name, value in figures.items():
            self._sums[name] = self._sums.get(name, 0.0) + value
        self._steps += 1
        self._tokens += tokens

    def take(self) -> dict[str, float]:
        """The means since the last call, and tokens per second."""
        figures = {name: total / self._steps for name, total in self._sums.items()}
        figures["tokens_per_second"] = self._tokens / (time.perf_counter() - self._started)
        self.__init__()  # type: ignore[misc]
        return figures

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Time spent in the block does not count."""
        began = time.perf_counter()
        yield
        self._started += time.perf_counter() - began


@contextmanager
def _interrupts() -> Iterator[threading.Event]:
    """An event that the first Ctrl-C sets, so that the step ends and is saved; a second one stops at once."""
    asked = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield asked  # only the main thread may handle signals
        return

    def ask(signum: int, frame: Any) -> None:
        if asked.is_set():
            raise KeyboardInterrupt
        asked.set()

    before = signal.signal(signal.SIGINT, ask)
    try:
        yield asked
    finally:
        signal.signal(signal.SIGINT, before)


def _device(name: str) -> str:
    if name == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    return name
