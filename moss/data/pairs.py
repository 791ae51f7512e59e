"""Preference pairs as token documents, and their batches.

Each distinct reply to a context is one document, read by the model once however many pairs it takes part in; all pairs
of a context are in one batch, so K ranked replies cost K forwards for K (K - 1) / 2 comparisons (Ouyang et al. 2022).
Rows are packed as elsewhere; a context's documents lie side by side, and the context itself is read once for all of
them (branches.py). Not here: which pairs are worth learning from (preferences.py), and the losses.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..chat_format import ChatFormat, Rendered, Section, tagged
from ..conversation import AssistantTurn, Conversation, PreferencePair, said
from ..errors import UserError
from .batches import Batch, make_batch
from .branches import Branches
from .documents import Documents
from .packing import pack
from .preferences import characters, context_key
from .statistics import language_of

TOO_LONG = "a side longer than a row"
HEAD = "head"
"""Key of a pair's meta: which head of a preference model it is for; needed where there are several."""


@dataclass(frozen=True)
class PairDocuments:
    """Pairs over documents that end with a reply; only the reply is learned."""

    documents: Documents
    """Each distinct (context, reply) once, those of a context side by side."""
    contexts: NDArray[np.int64]
    """(documents,) ascending: which context each of them answers."""
    characters: NDArray[np.int64]
    """(documents,) of the reply."""
    pairs: NDArray[np.int64]
    """(pairs, 2) numbers of documents: the better one, the worse one."""
    margins: NDArray[np.float32]
    """(pairs,) how much better; 0 where nothing is known."""
    heads: NDArray[np.int64]
    """(pairs,) number of the head that a pair is for."""
    sources: tuple[str, ...]
    """(pairs,) where they came from."""
    languages: tuple[str, ...]
    """(pairs,) of the user's last message."""
    reference: NDArray[np.float32] | None = None
    """(documents,) log p of the reply under the model that DPO starts from; None until it was computed."""

    @classmethod
    def build(
        cls,
        pairs: Iterable[PreferencePair],
        chat_format: ChatFormat,
        row_length: int,
        dropped: Counter[str],
        heads: Sequence[str] = ("score",),
    ) -> PairDocuments:
        """Renders the pairs, without quality tags: a preference must not be read off them.

        Pairs with a side longer than a row are left out and counted in `dropped`. Raises UserError when the messages
        of a context are out of order, or a pair is for a head that is not among `heads`.
        """
        sides = [(pair, _key(pair.context, pair.chosen), _key(pair.context, pair.rejected)) for pair in pairs]
        turns: dict[_Key, tuple[Conversation, AssistantTurn]] = {}
        for pair, chosen, rejected in sides:
            turns.setdefault(chosen, (pair.context, pair.chosen))
            turns.setdefault(rejected, (pair.context, pair.rejected))
        rendered = dict(zip(turns, turn_documents(list(turns.values()), chat_format), strict=True))
        short = {key for key, document in rendered.items() if len(document.tokens) <= row_length}
        fitting = [side for side in sides if side[1] in short and side[2] in short]
        dropped[TOO_LONG] += len(sides) - len(fitting)
        contexts = {key: number for number, key in enumerate(dict.fromkeys(chosen[0] for _, chosen, _ in fitting))}
        used = dict.fromkeys(key for _, chosen, rejected in fitting for key in (chosen, rejected))
        kept = sorted(used, key=lambda key: contexts[key[0]])
        numbers = {key: number for number, key in enumerate(kept)}
        return cls(
            documents=Documents.build((rendered[key].tokens, rendered[key].loss_mask) for key in kept),
            contexts=np.array([contexts[key[0]] for key in kept], np.int64),
            characters=np.array([characters(turns[key][1]) for key in kept], np.int64),
            pairs=np.array([[numbers[better], numbers[worse]] for _, better, worse in fitting], np.int64).reshape(
                -1, 2
            ),
            margins=np.array([pair.margin or 0.0 for pair, _, _ in fitting], np.float32),
            heads=np.array([_head(pair, heads) for pair, _, _ in fitting], np.int64),
            sources=tuple(str(pair.meta.get("source") or "not named") for pair, _, _ in fitting),
            languages=tuple(language_of(pair.context.messages[-1].content or "") for pair, _, _ in fitting),
        )

    def __len__(self) -> int:
        """How many pairs there are."""
        return len(self.pairs)

    def fingerprint(self) -> str:
        """A hash of all that a loss may read."""
        digest = hashlib.blake2b(self.documents.fingerprint().encode(), digest_size=8)
        for array in (self.pairs, self.margins, self.heads, self.reference):
            digest.update(b"" if array is None else np.ascontiguousarray(array).data)
        return digest.hexdigest()


def turn_documents(turns: Sequence[tuple[Conversation, AssistantTurn]], chat_format: ChatFormat) -> list[Rendered]:
    """Contexts with what the assistant says next, without quality tags; learned is what it says next, no earlier turn.

    A turn that ends with calls that have no result yet ends there. Raises UserError when messages are out of order.
    """
    contexts = {id(context): context for context, _ in turns}
    starts = dict(zip(contexts, chat_format.render_many([tagged(c, None) for c in contexts.values()]), strict=True))
    found = []
    rendered = chat_format.render_many([tagged(answered(context, turn), None) for context, turn in turns])
    for (context, turn), document in zip(turns, rendered, strict=True):
        start, tokens = len(starts[id(context)].tokens), document.tokens
        if turn[-1].content is None:
            commands_end = chat_format.end_id(Section.COMMANDS)
            tokens = tokens[: len(tokens) - tokens[::-1].index(commands_end)]
        mask = [False] * start + document.loss_mask[start : len(tokens)]
        found.append(Rendered(tokens, mask))
    return found


_Key = tuple[Hashable, Hashable]
"""Equal for equal replies to equal contexts."""


def _key(context: Conversation, turn: AssistantTurn) -> _Key:
    return context_key(context), said(turn)


def answered(context: Conversation, turn: AssistantTurn) -> Conversation:
    """The dialogue with the turn, and an empty reply where its calls still wait: it could not be rendered without."""
    if turn[-1].content is None:
        turn = (*turn[:-1], replace(turn[-1], content=""))
    return replace(context, messages=(*context.messages, *turn))


def last_turn(dialogue: Conversation) -> tuple[Conversation, AssistantTurn]:
    """What `answered` joins: all up to the user's last message, and what the assistant says then.

    Raises UserError where it says nothing.
    """
    messages = dialogue.messages
    start = next((at for at in range(len(messages), 0, -1) if messages[at - 1].role != "assistant"), 0)
    if start == len(messages):
        raise UserError("a dialogue that is scored ends with a turn of the assistant")
    return replace(dialogue, messages=messages[:start]), messages[start:]


def _head(pair: PreferencePair, heads: Sequence[str]) -> int:
    if len(heads) == 1:
        return 0
    name = pair.meta.get(HEAD)
    if name not in heads:
        raise UserError(f'a pair is for the head {name!r} (its meta["{HEAD}"]): name one of {", ".join(heads)}')
    return heads.index(name)


@dataclass(frozen=True)
class PairBatch(Batch):
    """Packed rows, and the pairs over their documents, which are numbered row by row."""

    ends: Tensor
    """(documents,) int64: each one's last token, as its place in the flattened rows."""
    numbers: Tensor
    """(documents,) int64: which document of the whole data each is."""
    pairs: Tensor
    """(pairs, 2) int64 documents of the batch: the better one, the worse one."""
    margins: Tensor
    """(pairs,) float32."""
    heads: Tensor
    """(pairs,) int64: the head that each is for."""
    reference: Tensor
    """(documents,) float32 log p under the reference model; NaN where it was not computed."""

    @property
    def weight(self) -> int:
        """How many pairs there are."""
        return len(self.pairs)

    def split(self, parts: int) -> list[PairBatch]:
        """At most `parts` batches of about equal size; documents that are compared stay together."""
        rows, row_length = self.tokens.shape
        row_of = self.ends // row_length
        first, last = row_of[self.pairs].amin(1), row_of[self.pairs].amax(1)
        whole = [not bool(((first < cut) & (cut <= last)).any()) for cut in range(rows)]
        cuts = [0]
        for part in range(1, parts):
            cut = part * rows // parts
            while cut > cuts[-1] and not whole[cut]:
                cut -= 1
            if cut > cuts[-1]:
                cuts.append(cut)
        return [self._rows(start, stop, row_of) for start, stop in pairwise([*cuts, rows])]

    def _rows(self, start: int, stop: int, row_of: Tensor) -> PairBatch:
        inside = (row_of >= start) & (row_of < stop)
        compared = inside[self.pairs[:, 0]]
        before = int((row_of < start).sum())
        rows = {field.name: getattr(self, field.name)[start:stop] for field in fields(Batch)}
        return PairBatch(
            **rows,
            ends=self.ends[inside] - start * self.tokens.shape[1],
            numbers=self.numbers[inside],
            pairs=self.pairs[compared] - before,
            margins=self.margins[compared],
            heads=self.heads[compared],
            reference=self.reference[inside],
        )

    def document_of(self) -> Tensor:
        """(rows, seq) number, in the batch, of the document that a token belongs to; of padding any.

        What documents share belongs to the first of them; what is learned of one is its own.
        """
        rows, row_length = self.tokens.shape
        held = torch.bincount(self.ends // row_length, minlength=rows)
        return (self.document_ids + (held.cumsum(0) - held)[:, None]).clamp(min=0)

    def document_sums(self, values: Tensor) -> Tensor:
        """(rows, seq) figures of tokens -> (documents,) their sums; those of padding must be zero."""
        return values.new_zeros(len(self.ends)).index_add(0, self.document_of().flatten(), values.flatten())

    def document_least(self, values: Tensor) -> Tensor:
        """(rows, seq) figures of tokens, none above zero -> (documents,) the least; those of padding must be zero."""
        return values.new_zeros(len(self.ends)).scatter_reduce(
            0, self.document_of().flatten(), values.flatten(), "amin"
        )


class PairBatches:
    """The endless sequence of batches over some pairs: fixed groups of contexts, in an order drawn for each epoch."""

    def __init__(self, data: PairDocuments, row_length: int, batch_tokens: int, seed: int) -> None:
        """batch_tokens counts padding, in whole rows; a context that needs more rows has a batch of its own.

        Raises UserError when there is no pair, or a document is longer than a row.
        """
        if not len(data):
            raise UserError("the training data is empty: there is no pair to learn from")
        longest = int(data.documents.lengths.max())
        if longest > row_length:
            raise UserError(f"a document has {longest} tokens, a row {row_length}: shorten it or raise row_length")
        self.data, self.row_length, self.batch_tokens, self.seed = data, row_length, batch_tokens, seed
        self._branches = Branches(data.documents)
        blocks = _blocks(data, self._branches, row_length)
        shuffled = [blocks[i] for i in np.random.default_rng(seed).permutation(len(blocks))]
        self.plan = _grouped(shuffled, max(1, batch_tokens // row_length))
        by_context = np.argsort(data.contexts[data.pairs[:, 0]], kind="stable")
        bounds = np.searchsorted(data.contexts[data.pairs[by_context, 0]], np.arange(data.contexts[-1] + 2))
        self._pairs_of = [by_context[start:stop] for start, stop in pairwise(bounds)]  # of each context

    @cached_property
    def name(self) -> str:
        """What decides the sequence of batches: two sources of one name give the same."""
        return f"pairs {self.data.fingerprint()} {self.row_length} {self.batch_tokens} {self.seed}"

    def __getitem__(self, step: int) -> PairBatch:
        """Batch number `step`, from 0."""
        epoch, place = divmod(step, len(self.plan))
        order = np.random.default_rng((self.seed, epoch)).permutation(len(self.plan))
        return self._batch(self.plan[order[place]])

    def epoch(self) -> Iterator[PairBatch]:
        """Every pair once."""
        return map(self._batch, self.plan)

    def _batch(self, rows: list[list[int]]) -> PairBatch:
        data = self.data
        documents = document_batch(data.documents, rows, self.row_length, self._branches)
        numbers = documents.numbers.numpy()
        compared = np.concatenate([self._pairs_of[context] for context in np.unique(data.contexts[numbers])])
        place = {int(document): number for number, document in enumerate(numbers)}
        pairs = [[place[int(document)] for document in pair] for pair in data.pairs[compared]]
        return replace(
            documents,
            pairs=torch.tensor(pairs),
            margins=torch.from_numpy(data.margins[compared]),
            heads=torch.from_numpy(data.heads[compared]),
            reference=documents.reference if data.reference is None else torch.from_numpy(data.reference[numbers]),
        )


def document_batch(documents: Documents, rows: list[list[int]], row_length: int, branches: Branches) -> PairBatch:
    """The batch whose rows hold these documents, in this order, none of them compared with another."""
    skips = [branches.skips(members) for members in rows]
    lengths = [documents.lengths[members] - skipped for members, skipped in zip(rows, skips, strict=True)]
    ends = [row * row_length + np.cumsum(row_lengths) - 1 for row, row_lengths in enumerate(lengths)]
    numbers = torch.tensor([document for row in rows for document in row])
    packed: dict[str, Tensor] = vars(make_batch(documents, rows, row_length, skips))
    return PairBatch(
        **packed,
        ends=torch.from_numpy(np.concatenate(ends)),
        numbers=numbers,
        pairs=torch.empty(0, 2, dtype=torch.int64),
        margins=torch.empty(0),
        heads=torch.empty(0, dtype=torch.int64),
        reference=torch.full((len(numbers),), torch.nan),
    )


def document_batches(documents: Documents, row_length: int, batch_tokens: int) -> Iterator[PairBatch]:
    """Every document once, for what is to be known of each alone."""
    branches = Branches(documents)
    rows = branches.rows(range(len(documents)), row_length)
    at_a_time = max(1, batch_tokens // row_length)
    for first in range(0, len(rows), at_a_time):
        yield document_batch(documents, rows[first : first + at_a_time], row_length, branches)


def _blocks(data: PairDocuments, branches: Branches, row_length: int) -> list[list[list[int]]]:
    """Rows of documents in the smallest blocks that hold whole contexts: single rows, or the rows of one context."""
    bounds = np.flatnonzero(np.diff(data.contexts, prepend=-1, append=-1))
    members = [list(range(start, stop)) for start, stop in pairwise(bounds.tolist())]
    sizes = [branches.size(documents) for documents in members]
    small = [i for i, size in enumerate(sizes) if size <= row_length]
    blocks = [
        [[document for i in row for document in members[small[i]]]]
        for row in pack([sizes[i] for i in small], row_length)
    ]
    blocks += [
        branches.rows(documents, row_length)
        for documents, size in zip(members, sizes, strict=True)
        if size > row_length
    ]
    return blocks


def _grouped(blocks: list[list[list[int]]], rows: int) -> list[list[list[int]]]:
    """The blocks, in order, joined to batches of at most so many rows, or of one larger block."""
    batches: list[list[list[int]]] = []
    for block in blocks:
        if batches and len(batches[-1]) + len(block) <= rows:
            batches[-1] += block
        else:
            batches.append(list(block))
    return batches
