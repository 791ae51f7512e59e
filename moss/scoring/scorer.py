"""What a reply is worth, as a number: the interface, and a preference model behind it.

Not here: how such a model is trained, and what is done with the numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import torch

from ..chat_format import ChatFormat, Rendered
from ..checkpoint import load_preference_model
from ..conversation import Conversation
from ..data.batches import make_batch
from ..data.documents import Documents
from ..data.pairs import turn_documents
from ..errors import UserError, unknown_name
from ..model.attention import PackedAttention
from ..model.preference import PreferenceModel

Scorer = Callable[[Sequence[Conversation]], Sequence[float | None]]
"""Scores dialogues that end with a turn of the assistant, by that turn, in their order: higher is better, also across
dialogues. None: this one is too long to be scored."""

BATCH_TOKENS = 8192
"""Tokens of a forward, padding included: enough to be fast, few enough for a laptop."""


class PreferenceScorer:
    """One head of a preference model as a `Scorer`. Quality tags are not shown to it."""

    def __init__(self, model: PreferenceModel, chat_format: ChatFormat, head: int = 0, name: str = "") -> None:
        self.model = model.eval()
        self.format = chat_format
        self.head = head
        self.name = name
        """What to remember its scores by."""

    def __call__(self, dialogues: Sequence[Conversation]) -> list[float | None]:
        """Scores as a `Scorer`; a dialogue that is longer than the model reads loses its oldest turns."""
        scores: list[float | None] = [None] * len(dialogues)
        rendered = {number: self._rendered(dialogue) for number, dialogue in enumerate(dialogues)}
        fitting = {number: document for number, document in rendered.items() if document is not None}
        for numbers in _batches({number: len(document.tokens) for number, document in fitting.items()}):
            for number, score in zip(numbers, self._forward([fitting[n] for n in numbers]), strict=True):
                scores[number] = score
        return scores

    def _rendered(self, dialogue: Conversation) -> Rendered | None:
        """As the model was trained to read it; None where even the last turn alone is too long."""
        system = [message for message in dialogue.messages[:1] if message.role == "system"]
        asked = [number for number, message in enumerate(dialogue.messages) if message.role == "user"]
        if not asked or asked[-1] == len(dialogue.messages) - 1:
            raise UserError("a dialogue that is scored ends with a turn of the assistant that answers somebody")
        turn = dialogue.messages[asked[-1] + 1 :]
        for first in asked:
            kept = dialogue.messages if first == asked[0] else (*system, *dialogue.messages[first:])
            context = replace(dialogue, messages=kept[: len(kept) - len(turn)])
            (document,) = turn_documents([(context, turn)], self.format)
            if len(document.tokens) <= self.model.config.max_seq_len:
                return document
        return None

    def _forward(self, rendered: Sequence[Rendered]) -> list[float]:
        """Scores of documents, each in a row of its own."""
        documents = Documents.build((document.tokens, None) for document in rendered)
        lengths = torch.tensor([len(document.tokens) for document in rendered])
        batch = make_batch(documents, [[number] for number in range(len(rendered))], int(lengths.max()))
        with torch.inference_mode():
            hidden = self.model(batch.tokens, batch.positions, PackedAttention(batch.document_ids))
            last = hidden[torch.arange(len(lengths)), lengths - 1]  # (documents, hidden_size)
            scores: list[float] = self.model.scores(last)[:, self.head].tolist()
        return scores


def load_scorer(folder: str | Path, head: str | None = None) -> PreferenceScorer:
    """The scorer of a preference model's folder.

    Raises UserError where it is none, or is damaged, or has several heads of which `head` names none.
    """
    found = load_preference_model(folder)
    heads = found.model.head_names
    if head is None and len(heads) > 1:
        raise UserError(f"{folder} scores in several ways: choose one of {', '.join(heads)}")
    if head is not None and head not in heads:
        raise unknown_name("head of the preference model", head, heads)
    name = head or heads[0]
    return PreferenceScorer(found.model, ChatFormat(found.tokenizer), heads.index(name), f"{found.folder.name}/{name}")


def _batches(lengths: dict[int, int]) -> Iterator[list[int]]:
    """The numbers in groups of like length, padded to no more than `BATCH_TOKENS` (or one that is longer)."""
    batch: list[int] = []
    for number in sorted(lengths, key=lambda number: (lengths[number], number)):
        if batch and lengths[number] * (len(batch) + 1) > BATCH_TOKENS:
            yield batch
            batch = []
        batch.append(number)
    if batch:
        yield batch
