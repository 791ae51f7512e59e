"""The only training loop. A stage is batches plus a loss (stages.py); nothing here knows what the tokens mean.

A run's folder:

    metrics.jsonl, tensorboard/   what was measured
    step-00000200/                checkpoints, the newest two
    latest                        names the newest

A run is a function of its data, its configuration and its number of steps: the batch of a step follows from the seed,
and a checkpoint holds everything else (parameters, optimizers, random state, and what the batches remember, where they
are made with the model itself). So a run that was interrupted in any way goes on from its last checkpoint to the same
losses as one that was not.

`train` is the stage that all others are measured by: token documents, and the cross entropy of their learned tokens.
`train_batches` takes any batches and any loss.
"""

from __future__ import annotations

import math
import shutil
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, Self, runtime_checkable

import torch
from rich.console import Console
from torch import Tensor

from .. import checkpoint
from ..config import to_dict
from ..data.batches import Batch, Batches
from ..data.documents import Documents
from ..errors import UserError
from ..interrupts import interrupts
from ..model.attention import PackedAttention
from ..model.preference import PreferenceModel
from ..model.transformer import Transformer
from ..tokenizer.bpe import Tokenizer
from .losses import masked_cross_entropy
from .metrics import SCORE, MetricsLog, TrainingView, read_metrics
from .optim import OptimConfig, build_optimizers, load_moments, lr_factor, set_lr
from .precision import Precision, compute_dtype

KEPT_CHECKPOINTS = 2
"""The newest, and one more in case somebody is just reading it."""


Model = Transformer | PreferenceModel
Forward = Callable[..., Any]
"""The model's own call, or its compiled form."""
Sums = dict[str, Tensor]
"""`loss`, which is learned from, and any other figure to be logged: each a sum over what the batch's weight counts."""
Loss = Callable[[Forward, Any, Any], Sums]
"""(forward, model, batch) -> sums."""
Compute = Callable[[Callable[[Forward, Any, Any], Any], Any], Any]
"""Calls a function of (forward, model, batch), such as a loss, with a batch: where the model is, in its precision."""
Evaluate = Callable[[Compute], dict[str, float]]
"""Figures by name, worked out without learning from them."""


class TrainingBatch(Protocol):
    """What a step learns from."""

    @property
    def weight(self) -> int:
        """What the sums of the whole batch are divided by."""
        ...

    @property
    def num_tokens(self) -> int:
        """Tokens it makes the model read, padding left out."""
        ...

    def split(self, parts: int) -> list[Self]:
        """Batches whose sums add up to this one's."""
        ...

    def to(self, device: torch.device) -> Self:
        """The batch on a device."""
        ...


class BatchSource(Protocol):
    """The endless sequence of batches of a run."""

    @property
    def name(self) -> str:
        """What decides the sequence: a run goes on only with the one it began with."""
        ...

    def __getitem__(self, step: int) -> TrainingBatch:
        """The batch of `step`, from 0; asked for in order, when the model has done all steps before."""
        ...


@runtime_checkable
class LiveSource(Protocol):
    """Batches made with the model while it learns: they follow from more than the step, and have figures to show."""

    def figures(self) -> dict[str, float]:
        """Of what the last batch was made from."""
        ...

    def state_dict(self) -> dict[str, Any]:
        """What the next batches follow from beside the model: tensors, numbers and texts."""
        ...

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Takes what `state_dict` gave."""
        ...


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
        if not 0 <= self.seed < 2**63:
            raise UserError(f"seed must be from 0 to 2^63 - 1, not {self.seed}")

    def torch_device(self) -> torch.device:
        """Where the run computes. Raises UserError for what this machine does not have."""
        if self.device == "auto":
            return torch.device("cuda" if torch.cuda.is_available() else "cpu")
        try:
            return torch.empty(0, device=self.device).device
        except (RuntimeError, AssertionError) as error:  # torch built without CUDA asserts
            reason = str(error).splitlines()[0]
            raise UserError(f"device {self.device} cannot be used ({reason}); cpu always can") from None


@dataclass(frozen=True)
class TrainResult:
    """What a finished run came to."""

    checkpoint: Path
    """The folder of the last checkpoint."""
    steps: int
    loss: float
    """Mean nats per learned token over the last log interval."""
    evaluation: dict[str, float]
    """Figures of the last evaluation."""

    @property
    def bits_per_byte(self) -> dict[str, float]:
        """Of each validation set, at the end."""
        return {name.removeprefix(SCORE): x for name, x in self.evaluation.items() if name.startswith(SCORE)}


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
    """Trains `model` (in place) to predict the learned tokens of documents; leaves checkpoints and metrics in `out`.

    Held-out documents are scored in bits per byte. What else there is to say is said of `train_batches`.
    """
    validation = validation or {}
    check_lengths((documents, *validation.values()), model)
    batches = Batches(documents, config.row_length, config.batch_tokens, config.seed)
    held_out = {
        name: Batches(held, config.row_length, config.batch_tokens, seed=0) for name, held in validation.items()
    }
    evaluate = bits_per_byte(held_out, tokenizer) if held_out else None
    return train_batches(
        model,
        tokenizer,
        batches,
        cross_entropy,
        config,
        out,
        evaluate=evaluate,
        recipe=recipe,
        title=title,
        console=console,
        resume=resume,
    )


def train_batches(
    model: Model,
    tokenizer: Tokenizer,
    batches: BatchSource,
    loss: Loss,
    config: TrainConfig,
    out: str | Path,
    *,
    evaluate: Evaluate | None = None,
    recipe: Mapping[str, Any] | None = None,
    title: str = "train",
    console: Console | None = None,
    resume: bool = False,
) -> TrainResult:
    """Trains `model` (in place) on whatever batches with whatever loss; leaves checkpoints and metrics in `out`.

    With `resume` a run that `out` holds goes on where its last checkpoint is; without one it starts. Ctrl-C saves and
    raises KeyboardInterrupt. Raises UserError when the data is empty, `out` holds a run and `resume` is off, the run
    was made with other data, or the disk is full.
    """
    out = Path(out)
    trainer = Trainer(model, tokenizer, batches, loss, config, out, evaluate, dict(recipe or {}))
    if (out / checkpoint.LATEST).exists():
        if not resume:
            raise UserError(f"{out} already holds a training run: continue it with --resume, or choose another folder")
        trainer.restore()
    return trainer.run(title, console or Console())


def hidden_states(forward: Forward, batch: Batch) -> Tensor:
    """(rows, seq, hidden_size) of packed documents, none of which sees another but for what they share."""
    hidden: Tensor = forward(batch.tokens, batch.positions, PackedAttention(batch.document_ids, batch.positions))
    return hidden


def cross_entropy(forward: Forward, model: Transformer, batch: Batch) -> Sums:
    """Nats of the learned positions: the loss of pre-training, fine-tuning and all that only changes the data."""
    hidden = hidden_states(forward, batch)
    return {"loss": masked_cross_entropy(hidden, model.head_weight, batch.targets)}


def bits_per_byte(validation: Mapping[str, Batches], tokenizer: Tokenizer) -> Evaluate:
    """Scores validation sets: nats of their learned tokens / ln 2 / bytes of their text."""

    def evaluate(compute: Compute) -> dict[str, float]:
        num_bytes = torch.tensor([len(tokenizer.token_bytes(i)) for i in range(tokenizer.vocab_size)])
        scores = {}
        for name, batches in validation.items():
            nats, size = 0.0, 0
            for batch in batches.epoch():
                nats += compute(cross_entropy, batch)["loss"].item()
                size += int(num_bytes[batch.targets[batch.loss_mask]].sum())
            scores[SCORE + name] = nats / math.log(2) / max(1, size)
        return scores

    return evaluate


def computing(forward: Forward, model: Model, device: torch.device, dtype: torch.dtype) -> Compute:
    """How a model computes on a device, with matrix products in `dtype`."""

    def compute(function: Callable[[Forward, Any, Any], Any], batch: Any) -> Any:
        with torch.autocast(device.type, dtype=dtype, enabled=dtype != torch.float32):
            return function(forward, model, batch.to(device))

    return compute


def check_lengths(sets: Iterable[Documents], model: Model) -> None:
    """Raises UserError when a document is longer than what the model's positions cover."""
    longest = max((int(documents.lengths.max(initial=0)) for documents in sets), default=0)
    if longest > model.config.max_seq_len:
        raise UserError(f"a document has {longest} tokens, the model covers {model.config.max_seq_len}: shorten it")


class Trainer:
    """A run between two steps: everything a checkpoint has to hold."""

    def __init__(
        self,
        model: Model,
        tokenizer: Tokenizer,
        batches: BatchSource,
        loss: Loss,
        config: TrainConfig,
        out: Path,
        evaluate: Evaluate | None = None,
        recipe: Mapping[str, Any] | None = None,
    ) -> None:
        self.config, self.tokenizer, self.out = config, tokenizer, out
        self.batches, self.loss, self.evaluate = batches, loss, evaluate
        self.recipe = {**(recipe or {}), "train": to_dict(config)}
        self.device = config.torch_device()
        self.dtype = compute_dtype(config.precision, self.device)
        self.model = model.to(self.device).train()
        forward: Forward = torch.compile(model) if config.compile else model
        self.compute = computing(forward, model, self.device, self.dtype)
        self.optimizers = build_optimizers(model, config.optim, self.dtype)
        self.step = 0  # steps done

    def run(self, title: str, console: Console) -> TrainResult:
        """Steps to the end; logs, validates and saves on the way."""
        self.out.mkdir(parents=True, exist_ok=True)
        log = MetricsLog(self.out, self.step, console)
        try:
            with (
                TrainingView(title, self.config.max_steps, self.step, console) as view,
                interrupts(at_once=False) as interrupted,
            ):
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
            if due(config.eval_every) and self.evaluate is not None:
                with meter.paused(), torch.no_grad():
                    log.add(self.step, self.evaluate(self.compute))
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
        weight = max(1, batch.weight)
        figures: dict[str, float] = defaultdict(float)
        for part in batch.split(config.accumulation_steps):
            shares = {name: total / weight for name, total in self.compute(self.loss, part).items()}
            shares["loss"].backward()
            for name, share in shares.items():
                figures[name] += share.item()
        norm = torch.nn.utils.clip_grad_norm_(self.model.parameters(), config.optim.max_grad_norm)
        factor = lr_factor(self.step, config.max_steps, config.optim)
        set_lr(self.optimizers, factor)
        for optimizer in self.optimizers:
            optimizer.step()
            optimizer.zero_grad()
        self.step += 1
        live = self.batches.figures() if isinstance(self.batches, LiveSource) else {}
        return {**figures, **live, "grad_norm": float(norm), "lr_factor": factor}, batch.num_tokens

    def save(self) -> None:
        """Writes a checkpoint, makes it the latest, and removes all but the newest two and what a crash left."""
        name = f"step-{self.step:08d}"
        state = {
            "step": self.step,
            "data": self.batches.name,
            "optimizers": [optimizer.state_dict() for optimizer in self.optimizers],
            "random": torch.get_rng_state(),
        }
        if isinstance(self.batches, LiveSource):
            state["batches"] = self.batches.state_dict()
        checkpoint.save(self.out / name, self.model, self.tokenizer, self.recipe, trainer=state)
        checkpoint.point_latest(self.out, name)
        for old in [*sorted(self.out.glob("step-*"))[:-KEPT_CHECKPOINTS], *self.out.glob(".step-*")]:
            shutil.rmtree(old)

    def restore(self) -> None:
        """Takes everything from the latest checkpoint of `out`; raises UserError when it is of another run."""
        load = checkpoint.load_preference_model if isinstance(self.model, PreferenceModel) else checkpoint.load
        found = load(self.out)
        state = found.trainer_state()
        if state["data"] != self.batches.name:
            raise UserError(
                f"{self.out} was trained on other data: resume with the same files, or choose another folder"
            )
        if found.config != self.model.config:
            raise UserError(f"{self.out} holds a model of another shape: resume with the same settings")
        self.model.load_state_dict(found.model.state_dict())
        load_moments(self.optimizers, state["optimizers"])
        torch.set_rng_state(state["random"])
        if isinstance(self.batches, LiveSource):
            self.batches.load_state_dict(state["batches"])
        self.step = state["step"]

    def _result(self) -> TrainResult:
        lines = read_metrics(self.out)
        losses = [line["loss"] for line in lines if "loss" in line]
        evaluation: dict[str, float] = {}
        for line in lines:
            if "loss" not in line:
                evaluation.update({name: x for name, x in line.items() if name != "step"})
        return TrainResult(checkpoint.resolve(self.out), self.step, losses[-1] if losses else math.nan, evaluation)


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
        """The means since the last call; tokens and seconds of these steps, and tokens per second."""
        figures = {name: total / self._steps for name, total in self._sums.items()}
        seconds = time.perf_counter() - self._started
        figures |= {"tokens": self._tokens, "seconds": seconds, "tokens_per_second": self._tokens / seconds}
        self.__init__()  # type: ignore[misc]
        return figures

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Time spent in the block does not count."""
        began = time.perf_counter()
        yield
        self._started += time.perf_counter() - began
