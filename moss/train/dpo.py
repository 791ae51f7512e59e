"""Direct preference optimisation: pairs, and how likely their replies were under the model that training starts from.

Those reference log probabilities are computed once, before the first step, and kept as a column of the data, so a step
costs one model and not two. Not here: the loss itself (preference_losses.py), and where pairs come from.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from rich.console import Console
from torch import Tensor

from ..data.documents import Documents
from ..data.pairs import PairBatch, PairBatches, PairDocuments, document_batches
from ..errors import UserError
from ..files import whole_file
from ..model.config import ModelConfig
from ..model.transformer import Transformer
from ..tokenizer.bpe import Tokenizer
from .loop import (
    Compute,
    Evaluate,
    Forward,
    Loss,
    Model,
    Sums,
    TrainConfig,
    TrainResult,
    check_lengths,
    computing,
    hidden_states,
    train_batches,
)
from .losses import token_log_probs
from .optim import OptimConfig
from .precision import compute_dtype
from .preference_losses import dpo


@dataclass(frozen=True)
class DPOConfig(TrainConfig):
    """A run that moves a model towards chosen replies and away from rejected ones."""

    optim: OptimConfig = field(default_factory=lambda: OptimConfig(lr=1e-4, matrix_lr=5e-4))
    """Optimizer and learning rate: a tenth of fine-tuning's, since the loss rewards going far away."""
    beta: float = 0.1
    """How dearly leaving the reference is paid for; small values let the model go far."""
    label_smoothing: float = 0.0
    """Share of the pairs taken to be the wrong way round."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.beta <= 0 or not 0 <= self.label_smoothing < 0.5:
            raise UserError("beta must be positive, and label_smoothing at least 0 and less than 0.5")


def dpo_config(model: ModelConfig) -> DPOConfig:
    """Settings of DPO: rows as long as the model allows."""
    return DPOConfig(row_length=min(1024, model.max_seq_len))


def train_dpo(
    model: Transformer,
    tokenizer: Tokenizer,
    data: PairDocuments,
    config: DPOConfig,
    out: str | Path,
    *,
    validation: PairDocuments | None = None,
    recipe: Mapping[str, Any] | None = None,
    title: str = "dpo",
    console: Console | None = None,
    resume: bool = False,
) -> TrainResult:
    """Trains `model` (in place), which as it is given is the reference; else as `train_batches`.

    Held-out pairs are scored by the same loss, and by how often the chosen reply has gained more than the rejected one.
    """
    check_lengths([held.documents for held in (data, validation) if held is not None], model)
    Path(out).mkdir(parents=True, exist_ok=True)
    data = with_reference(data, model, config, Path(out))
    loss = dpo_loss(config.beta, config.label_smoothing)
    evaluate = None
    if validation is not None:
        validation = with_reference(validation, model, config, Path(out))
        held_out = PairBatches(validation, config.row_length, config.batch_tokens, seed=0)
        evaluate = held_out_means(held_out, loss)
    return train_batches(
        model,
        tokenizer,
        PairBatches(data, config.row_length, config.batch_tokens, config.seed),
        loss,
        config,
        out,
        evaluate=evaluate,
        recipe=recipe,
        title=title,
        console=console,
        resume=resume,
    )


def dpo_loss(beta: float, label_smoothing: float) -> Loss:
    """DPO over the pairs of a batch, with the rewards it implies and how often they are in the right order."""

    def loss(forward: Forward, model: Model, batch: PairBatch) -> Sums:
        found = reply_log_probs(forward, model, batch)
        better, worse = batch.pairs.unbind(1)
        reference = batch.reference
        nats, chosen, rejected = dpo(
            found[better], found[worse], reference[better], reference[worse], beta, label_smoothing
        )
        right = (1 + torch.sign(chosen - rejected)) / 2
        rewards = {"chosen_reward": chosen.sum(), "rejected_reward": rejected.sum()}
        return {"loss": nats.sum(), "accuracy": right.sum(), **rewards}

    return loss


def reply_log_probs(forward: Forward, model: Model, batch: PairBatch) -> Tensor:
    """(documents,) log p of what each document learns, in nats."""
    hidden = hidden_states(forward, batch)
    return batch.document_sums(token_log_probs(hidden, model.head_weight, batch.targets))


def with_reference(data: PairDocuments, model: Transformer, config: TrainConfig, folder: Path) -> PairDocuments:
    """The pairs with the log probabilities of their replies under `model`, which is computed with as in training.

    Kept in `folder` by the documents' fingerprint: a run that goes on takes the same numbers, and no time for them.
    """
    path = folder / f"reference-{data.documents.fingerprint()}.npy"
    if path.exists():
        return replace(data, reference=np.load(path))
    device = config.torch_device()
    compute = computing(model.to(device), model, device, compute_dtype(config.precision, device))
    reference = all_log_probs(compute, data.documents, config.row_length, config.batch_tokens)
    with whole_file(path) as temporary, open(temporary, "wb") as file:
        np.save(file, reference)
    return replace(data, reference=reference)


@torch.no_grad()
def all_log_probs(compute: Compute, documents: Documents, row_length: int, batch_tokens: int) -> NDArray[np.float32]:
    """(documents,) log p of what each document learns, in nats."""
    found = np.empty(len(documents), np.float32)
    for batch in document_batches(documents, row_length, batch_tokens):
        found[batch.numbers.numpy()] = compute(reply_log_probs, batch).cpu().numpy()
    return found


def held_out_means(batches: PairBatches, loss: Loss) -> Evaluate:
    """The figures of a loss over held-out pairs, named NAME/held_out."""

    def evaluate(compute: Compute) -> dict[str, float]:
        totals: dict[str, float] = {}
        for batch in batches.epoch():
            for name, total in compute(loss, batch).items():
                totals[name] = totals.get(name, 0.0) + total.item()
        return {f"{name}/held_out": total / len(batches.data) for name, total in totals.items()}

    return evaluate
