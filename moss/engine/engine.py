"""The engine: one worker thread runs the model for as many sequences as there are slots.

    sequence = engine.open(prompt_tokens, SamplingParams(temperature=0))
    for token in engine.generate(sequence, stop={end_of_thought}): ...
    engine.extend(sequence, result_tokens)       # read with the next generate, from the same cache
    for token in engine.generate(sequence, stop={end_of_message}): ...
    engine.close(sequence)

Any number of threads may each drive a sequence; the worker batches them. Covered: batched prefill in chunks, decode of
all running sequences in one forward, constraints, guidance away from a contrast, abort, a bounded queue.
Not here: text, tools, sections of a turn.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from itertools import accumulate
from typing import Literal, NamedTuple

import torch
from torch import Tensor

from ..errors import UserError
from ..model.transformer import Transformer
from ..tokenizer.bpe import Tokenizer
from .cache import CachedAttention, KVCache, together
from .params import SamplingParams
from .sampling import Chance, chance_of, guide, log_probabilities, sample
from .scheduler import SHORT, Scheduler, Stretch
from .sequence import Constraint, Contrast, EngineStopped, FinishReason, Request, Sequence

ONE_THREAD = 100e6
"""Multiply-adds up to which a step runs on one thread. On an idle machine more threads are no faster at this size (the
work is a millisecond, waking them a part of it); on a busy one each of them waits for its turn, in every layer."""


class Engine:
    """Batched generation over one model.

    max_sequences: how many sequences have a place in the cache at once; max_waiting: how many more may queue.
    max_seq_len: the longest sequence in tokens, at most (and by default) the model's own limit.
    prefill_tokens: how many prompt tokens one step reads at most.
    """

    def __init__(
        self,
        model: Transformer,
        tokenizer: Tokenizer,
        max_sequences: int = 32,
        max_seq_len: int | None = None,
        max_waiting: int = 256,
        prefill_tokens: int = 512,
    ) -> None:
        limit = model.config.max_seq_len
        if max_seq_len is not None and not 1 < max_seq_len <= limit:
            raise UserError(f"max_seq_len must be between 2 and the model's {limit}, not {max_seq_len}")
        if max_sequences < 1:
            raise UserError(f"max_sequences must be 1 or more, not {max_sequences}")
        self.model = model.eval()
        self.tokenizer = tokenizer
        self.max_seq_len = max_seq_len or limit
        self.vocab_size = model.config.vocab_size
        self._num_parameters = model.num_parameters()
        weight = model.embedding.weight
        self.max_sequences = max_sequences
        self._cache = KVCache(model.config, max_sequences, self.max_seq_len, weight.dtype, weight.device)
        self._weights_version = 0
        """Grows whenever somebody writes into a weight."""
        self._scheduler = Scheduler(max_sequences, max_waiting, prefill_tokens)
        self._changed = threading.Condition()
        self._stopped: EngineStopped | None = None
        self._worker = threading.Thread(target=self._work, name="moss-engine", daemon=True)
        self._worker.start()

    def open(self, tokens: Iterable[int], params: SamplingParams | None = None, guided: bool = False) -> Sequence:
        """A new sequence; it takes a slot with its first `generate`, and two if it may be guided.

        UserError if it does not fit the context, or is to be guided in an engine with a single slot.
        """
        if guided and self.max_sequences < 2:
            raise UserError("guidance takes two places, and this engine has one: raise max_sequences, or turn it off")
        sequence = Sequence(tokens, params or SamplingParams(), guided)
        if not sequence.tokens:
            raise UserError("a sequence needs at least one token to start from")
        if len(sequence.tokens) >= self.max_seq_len:
            raise UserError(
                f"the prompt has {len(sequence.tokens)} tokens and leaves no room to answer "
                f"(the context holds {self.max_seq_len})"
            )
        return sequence

    def extend(self, sequence: Sequence, tokens: Iterable[int]) -> None:
        """Appends tokens the model did not choose; the next `generate` reads them from the same cache."""
        sequence.tokens.extend(tokens)

    def guide(self, sequence: Sequence, token: int, scale: float) -> None:
        """From here on moves the logits away from those of the same sequence with `token` in place of its last one.

        The sequence was opened as guided, and its last token was appended after the latest generation.
        """
        if not sequence.guided or not sequence.pending or sequence.request is not None:
            raise RuntimeError("this sequence was not opened as guided, or its last token has been read already")
        sequence.contrast = Contrast(len(sequence.tokens) - 1, token, scale)

    def generate(
        self,
        sequence: Sequence,
        stop: Collection[int],
        constraint: Constraint | None = None,
        max_tokens: int | None = None,
        sampling: SamplingParams | None = None,
    ) -> Iterator[int]:
        """Token ids as they are chosen, the stop id last; then `sequence.finish_reason` says why it ended.

        `sampling` replaces the sequence's own settings for this stretch; its random numbers go on. Leaving the
        iterator early ends the request. EngineBusy at once when all slots are taken and the queue is full. With
        `logprobs` in the settings `sequence.chances` gets an entry before each token comes.
        """
        settings = sampling or sequence.params
        limit = min(max_tokens or settings.max_tokens, self.max_seq_len - len(sequence.tokens))
        if limit <= 0:
            sequence.finish_reason = "length"
            return iter(())
        state = constraint.start(limit) if constraint is not None else None
        request = Request(sequence, frozenset(stop), limit, settings, constraint, state)
        with self._changed:
            if self._stopped is not None:
                raise self._stopped
            if sequence.closed or sequence.request is not None:
                raise RuntimeError("this sequence is closed, or another generation runs on it")
            self._notice_training()
            sequence.finish_reason = None
            sequence.request = request
            try:
                self._scheduler.submit(sequence)
            except UserError:
                sequence.request = None
                raise
            self._changed.notify()
        return self._stream(request)

    def close(self, sequence: Sequence) -> None:
        """Ends the sequence and frees its slot at once; a generation in progress ends as "aborted". May be repeated."""
        with self._changed:
            sequence.closed = True
            if sequence.request is not None:
                self._finish(sequence.request, "aborted")
            self._scheduler.release(sequence)
            self._changed.notify()

    def forget(self) -> None:
        """Lets new sequences read all of their tokens, also those that another one has read."""
        with self._changed:
            self._scheduler.slots.forget()

    @property
    def state(self) -> Literal["ready", "dead"]:
        """`dead` once it was shut down, or its worker failed."""
        return "ready" if self._stopped is None else "dead"

    def shutdown(self) -> None:
        """Stops the worker; generations in progress raise EngineStopped. May be repeated."""
        with self._changed:
            self._stop(EngineStopped("the engine was shut down"))
            self._changed.notify()
        self._worker.join()

    def __enter__(self) -> Engine:
        return self

    def __exit__(self, *error: object) -> None:
        self.shutdown()

    def _notice_training(self) -> None:
        """Weights that have changed since the last sequence began make what was read before worthless."""
        version = sum(weight._version for weight in self.model.parameters())
        if version != self._weights_version:
            self._weights_version = version
            self._scheduler.slots.forget()

    def _stream(self, request: Request) -> Iterator[int]:
        try:
            while not isinstance(posted := request.posted.get(), str):
                if isinstance(posted, EngineStopped):
                    raise posted
                yield posted
        finally:
            with self._changed:
                if request.sequence.request is request:
                    self._finish(request, "aborted")

    def _work(self) -> None:
        try:
            with torch.inference_mode():
                while self._step():
                    pass
        except Exception as error:  # whoever waits for tokens must hear of it: this thread has no caller
            stopped = EngineStopped(f"the engine's worker failed: {error}")
            stopped.__cause__ = error
            with self._changed:
                self._stop(stopped)

    def _step(self) -> bool:
        """Schedule, run, post: the central step. False when the engine is stopped."""
        with self._changed:
            while self._stopped is None and not (stretches := self._scheduler.schedule()):
                self._changed.wait()
            if self._stopped is not None:
                return False
            copies, self._scheduler.slots.copies = self._scheduler.slots.copies, []
            # A prompt's chunk before its last reads tokens and chooses none.
            ready = [s for s in stretches if s.contrast is None and s.end == len(s.request.sequence.tokens)]
        for copy in copies:
            self._cache.copy(*copy)
        logits = self._forward(stretches, ready)
        requests = [s.request for s in ready]
        noted = log_probabilities(logits, requests)
        tokens = sample(logits, requests) if ready else []
        chances = {row: chance_of(tokens[row], of, requests[row].sampling.logprobs or 0) for row, of in noted.items()}
        with self._changed:
            self._post(stretches, ready, tokens, chances)
        return True

    def _forward(self, stretches: list[Stretch], ready: list[Stretch]) -> Tensor:
        """One forward over the stretches; logits (len(ready), vocab) after the last tokens of the ready ones."""
        self._part(stretches)
        blocks = [self._block(group) for group in _by_width(stretches)]
        tokens, positions = [block.tokens for block in blocks], [block.positions for block in blocks]
        last_of: dict[int, int] = {}
        for start, block in zip(accumulate((t.numel() for t in tokens), initial=0), blocks, strict=False):
            last_of |= {slot: start + last for slot, last in block.last_of.items()}
        attend = together([block.attend for block in blocks])
        with _threads_for(sum(t.numel() for t in tokens) * self._num_parameters):
            device = self._cache.device
            hidden = self.model(_laid_together(tokens).to(device), _laid_together(positions).to(device), attend)
            contrasts = {s.request: s for s in stretches if s.contrast is not None}
            return self._logits(hidden.flatten(0, 1), last_of, ready, contrasts)

    def _block(self, group: list[Stretch]) -> _Block:
        """Stretches of about the same width as rows, padded to the widest."""
        width = max(len(s.tokens) for s in group)
        slots = _rows(group, width)
        row_of = {slot: row for row, slot in enumerate(slots)}
        tokens = [[0] * width for _ in slots]
        positions = [[0] * width for _ in slots]
        columns = [[self._cache.scratch] * width for _ in slots]
        for s in group:
            row, count = row_of[s.slot], len(s.tokens)
            tokens[row][:count] = s.tokens
            positions[row][:count] = columns[row][:count] = range(s.start, s.end)
        where = torch.tensor(positions)
        attend = self._cache.attention(slots, torch.tensor(columns), where, max(s.end for s in group))
        last_of = {s.slot: row_of[s.slot] * width + len(s.tokens) - 1 for s in group}
        return _Block(torch.tensor(tokens), where, attend, last_of)

    def _logits(
        self, hidden: Tensor, last_of: dict[int, int], ready: list[Stretch], contrasts: dict[Request, Stretch]
    ) -> Tensor:
        """(len(ready), vocab), on the CPU, where sampling is; guided ones are moved away from their contrasts."""
        guided = [row for row, s in enumerate(ready) if s.request in contrasts]
        beside = [contrasts[ready[row].request] for row in guided]
        logits = self.model.logits(hidden[[last_of[s.slot] for s in (*ready, *beside)]]).cpu()
        if guided:
            scales = [s.contrast.scale for s in beside if s.contrast is not None]
            logits[guided] = guide(logits[guided], logits[len(ready) :], scales)
        return logits[: len(ready)]

    def _part(self, stretches: list[Stretch]) -> None:
        """Gives each contrast that begins in this step what its sequence has read so far."""
        slots = {s.request: s.slot for s in stretches if s.contrast is None}
        for s in stretches:
            if s.contrast is not None and s.start == s.contrast.position:
                self._cache.copy(slots[s.request], s.slot, s.start)

    def _post(
        self, stretches: list[Stretch], ready: list[Stretch], tokens: list[int], chances: dict[int, Chance]
    ) -> None:
        """Notes what the cache holds and hands out the tokens, except to those who left meanwhile."""
        for s in stretches:
            if s.request.sequence.request is s.request:
                s.request.sequence.cached = s.end
        for row, (s, token) in enumerate(zip(ready, tokens, strict=True)):
            request = s.request
            if request.sequence.request is not request:
                continue
            request.take(token, chances.get(row))
            if token in request.stop:
                self._finish(request, "stop")
            elif request.left == 0:
                self._finish(request, "length")

    def _finish(self, request: Request, reason: FinishReason) -> None:
        request.sequence.request = None
        request.sequence.finish_reason = reason
        self._scheduler.pause(request.sequence)
        request.posted.put(reason)

    def _stop(self, stopped: EngineStopped) -> None:
        if self._stopped is None:
            self._stopped = stopped
        for request in self._scheduler.requests():
            request.sequence.request = None
            request.posted.put(self._stopped)


class _Block(NamedTuple):
    """Part of what a step reads: rows of one width."""

    tokens: Tensor
    """(rows, width)"""
    positions: Tensor
    """(rows, width)"""
    attend: CachedAttention
    last_of: dict[int, int]
    """For each slot the place of its last token, counted through all rows."""


def _by_width(stretches: list[Stretch]) -> list[list[Stretch]]:
    """The stretches in groups whose widths differ by less than a factor of two: padded together they waste little."""
    groups: dict[int, list[Stretch]] = {}
    for s in stretches:
        groups.setdefault((len(s.tokens) - 1).bit_length(), []).append(s)
    return list(groups.values())


def _laid_together(blocks: list[Tensor]) -> Tensor:
    """A single block as it is, several as one row."""
    return blocks[0] if len(blocks) == 1 else torch.cat([block.flatten() for block in blocks])[None]


@contextmanager
def _threads_for(multiply_adds: int) -> Iterator[None]:
    """One thread for little work, torch's own number for more."""
    before = torch.get_num_threads()
    if multiply_adds > ONE_THREAD or before == 1:
        yield
        return
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _rows(stretches: list[Stretch], width: int) -> list[int]:
    """Slots of the batch's rows: all from the first to the last where that leaves few idle, else just those in use.

    Neighbouring slots are read where they lie; others have to be gathered into a copy first, in every layer.
    """
    first, last = stretches[0].slot, stretches[-1].slot
    if width <= SHORT and last - first < 2 * len(stretches):
        return list(range(first, last + 1))
    return [s.slot for s in stretches]
