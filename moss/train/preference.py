"""The preference model: trained on pairs, measured on pairs held out, asked for the scores of dialogues.

It is a stage like any other: batches of pairs (data/pairs.py), a loss (Bradley-Terry over scores of whole replies), and
the one loop. A score is what a head reads at the reply's last token and, where `likelihood` is not 0, how likely the
decoder finds the reply: the mean log probability of its tokens (the reward of SimPO, Meng et al. 2024) and the lowest.
A wrong number is plain to a model that would have written another one, and hardly to be seen from the end of the reply.
Not here: where pairs come from, and what scores are used for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from rich.console import Console
from torch import Tensor

from ..chat_format import ChatFormat
from ..config import to_dict
from ..conversation import Conversation
from ..data.documents import Documents
from ..data.pairs import PairBatch, PairBatches, PairDocuments, document_batches, last_turn, turn_documents
from ..errors import UserError
from ..files import write_json
from ..model.config import ModelConfig
from ..model.preference import PreferenceModel, ScoreDistribution
from ..model.transformer import Transformer
from ..tokenizer.bpe import Tokenizer
from .loop import (
    Compute,
    Evaluate,
    Forward,
    Loss,
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
from .preference_losses import bradley_terry
from .preference_report import PreferenceReport, measure_preferences

REPORT = "report.json"
"""In the run's folder: the last evaluation on held-out pairs."""


@dataclass(frozen=True)
class PreferenceConfig(TrainConfig):
    """A run that makes a preference model of a model that writes."""

    optim: OptimConfig = field(default_factory=lambda: OptimConfig(lr=5e-4, matrix_lr=2e-3))
    """Optimizer and learning rate."""
    heads: tuple[str, ...] = ("score",)
    """What is scored; with several, such as helpful and harmless, each pair names its own in meta["head"]."""
    likelihood: float = 0.25
    """Weight, in the score, of the log probabilities of the reply's tokens; with 0 the heads alone decide."""
    margins: bool = True
    """Whether a pair's margin, where it has one, is how much better the chosen reply should at least score."""
    centering: float = 0.01
    """Weight of (chosen + rejected)^2, which keeps scores around zero and so comparable between prompts; pairs of one
    prompt alone leave its level open (Eisenstein et al. 2023)."""


def preference_config(model: ModelConfig) -> PreferenceConfig:
    """Settings of training a preference model: rows as long as the model allows."""
    return PreferenceConfig(row_length=min(1024, model.max_seq_len))


def train_preference_model(
    transformer: Transformer,
    tokenizer: Tokenizer,
    data: PairDocuments,
    config: PreferenceConfig,
    out: str | Path,
    *,
    validation: PairDocuments | None = None,
    recipe: Mapping[str, Any] | None = None,
    title: str = "preference",
    console: Console | None = None,
    resume: bool = False,
) -> TrainResult:
    """Trains `transformer` (in place) under new heads; `checkpoint.load_preference_model(out)` has the result.

    At every evaluation the held-out pairs are measured into REPORT, and the distributions of their scores go with the
    model. Else as `train_batches`; heads are drawn with the run's seed.
    """
    sets = [held.documents for held in (data, validation) if held is not None]
    check_lengths(sets, transformer)
    torch.manual_seed(config.seed)
    model = PreferenceModel(transformer, config.heads, likelihood=config.likelihood)
    evaluate = None if validation is None else evaluation(model, validation, config, Path(out) / REPORT)
    batches = PairBatches(data, config.row_length, config.batch_tokens, config.seed)
    return train_batches(
        model,
        tokenizer,
        batches,
        pairwise_loss(config.margins, config.centering),
        config,
        out,
        evaluate=evaluate,
        recipe=recipe,
        title=title,
        console=console,
        resume=resume,
    )


def pairwise_loss(margins: bool, centering: float) -> Loss:
    """Bradley-Terry over the pairs of a batch, with the share of pairs that are in the right order."""

    def loss(forward: Forward, model: PreferenceModel, batch: PairBatch) -> Sums:
        scores = document_scores(forward, model, batch)
        chosen, rejected = (scores[batch.pairs[:, side], batch.heads] for side in (0, 1))
        nats = bradley_terry(chosen, rejected, batch.margins if margins else None)
        off_centre = (chosen + rejected).square()
        right = (1 + torch.sign(chosen.detach() - rejected.detach())) / 2
        return {"loss": (nats + centering * off_centre).sum(), "accuracy": right.sum()}

    return loss


def document_scores(forward: Forward, model: PreferenceModel, batch: PairBatch) -> Tensor:
    """(documents, heads) scores of what each document's loss mask calls the reply."""
    hidden = hidden_states(forward, batch)
    scores = model.scores(hidden.flatten(0, 1)[batch.ends])
    if model.likelihood == 0:
        return scores
    nats = token_log_probs(hidden, model.head_weight, batch.targets)
    mean = batch.document_sums(nats) / batch.document_sums(batch.loss_mask.to(nats.dtype))
    return scores + model.likelihood * (mean + batch.document_least(nats)).unsqueeze(1)


def all_scores(
    compute: Compute, documents: Documents, num_heads: int, row_length: int, batch_tokens: int
) -> NDArray[np.float64]:
    """(documents, heads) scores of any number of documents."""
    found = np.empty((len(documents), num_heads))
    for batch in document_batches(documents, row_length, batch_tokens):
        found[batch.numbers.numpy()] = compute(document_scores, batch).cpu().double().numpy()
    return found


def evaluation(model: PreferenceModel, data: PairDocuments, config: PreferenceConfig, report: Path) -> Evaluate:
    """Measures held-out pairs, leaves the report in a file and the distributions of scores with the model.

    Raises UserError when there is no pair.
    """
    if not len(data):
        raise UserError("the validation data is empty: there is no pair to measure")

    def evaluate(compute: Compute) -> dict[str, float]:
        scores = all_scores(compute, data.documents, len(model.head_names), config.row_length, config.batch_tokens)
        model.distributions = distributions(model.head_names, scores, data)
        found = measure_preferences(scores, data)
        write_json(report, to_dict(found))
        return {f"{name}/held_out": figure for name, figure in _figures(found).items()}

    return evaluate


def distributions(
    heads: Sequence[str], scores: NDArray[np.float64], data: PairDocuments
) -> dict[str, ScoreDistribution]:
    """Where the scores of each head lie, over the documents that it has pairs of."""
    found = {}
    for number, head in enumerate(heads):
        documents = np.unique(data.pairs[data.heads == number])
        if len(documents):
            found[head] = ScoreDistribution.of(torch.from_numpy(scores[documents, number]))
    return found


def _figures(report: PreferenceReport) -> dict[str, float]:
    found = {"accuracy": report.overall.accuracy, "nats": report.loss, "calibration_error": report.calibration_error}
    if report.length_balanced is not None:
        found["length_balanced_accuracy"] = report.length_balanced
    return found


class PreferenceScorer:
    """Scores of dialogues by one head of a preference model; the last turn is what is scored, given all before it."""

    def __init__(
        self,
        model: PreferenceModel,
        chat_format: ChatFormat,
        head: str | None = None,
        *,
        batch_tokens: int = 16_384,
        config: TrainConfig | None = None,
    ) -> None:
        """`head` may be left out where there is one; `config` gives precision and device, both "auto" by default.

        Raises UserError when there is no such head.
        """
        if head is None and len(model.head_names) > 1:
            raise UserError(f"the preference model has several heads, choose one of {', '.join(model.head_names)}")
        if head is not None and head not in model.head_names:
            raise UserError(f"the preference model has no head {head!r}: its heads are {', '.join(model.head_names)}")
        self.model, self.format, self.batch_tokens = model, chat_format, batch_tokens
        self.head = model.head_names[0] if head is None else head
        config = config or TrainConfig()
        device = config.torch_device()
        self.compute = computing(model.to(device), model, device, compute_dtype(config.precision, device))

    @property
    def distribution(self) -> ScoreDistribution | None:
        """Where the scores of replies lie that the model was not trained on."""
        return self.model.distributions.get(self.head)

    @torch.no_grad()
    def __call__(self, conversations: Sequence[Conversation]) -> list[float]:
        """One score for each conversation, which ends with the assistant's turn. Quality tags are not looked at.

        Equal conversations are read once and score the same, whatever they are read beside.
        Raises UserError when messages are out of order, or a conversation is longer than what the model covers.
        """
        if not conversations:
            return []
        rendered = turn_documents([last_turn(conversation) for conversation in conversations], self.format)
        different = {tuple(document.tokens): document for document in rendered}
        documents = Documents.build((document.tokens, document.loss_mask) for document in different.values())
        check_lengths([documents], self.model)
        row_length = self.model.config.max_seq_len
        scores = all_scores(self.compute, documents, len(self.model.head_names), row_length, self.batch_tokens)
        found = dict(zip(different, scores[:, self.model.head_names.index(self.head)].tolist(), strict=True))
        return [found[tuple(document.tokens)] for document in rendered]
