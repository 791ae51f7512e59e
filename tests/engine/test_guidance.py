"""Guidance: two sequences that differ in one token, mixed as by hand; alone or among many, aborted or not."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from collections.abc import Sequence as Row

import pytest
import torch

from moss.engine.engine import Engine
from moss.engine.grammar import Choice
from moss.engine.sampling import SamplingParams
from moss.engine.sequence import EngineStopped, Sequence
from moss.errors import UserError
from moss.model.attention import PackedAttention
from moss.model.transformer import Transformer
from moss.tokenizer.bpe import Tokenizer
from tests.engine.test_engine import GREEDY, full_forward, prompt

WANTED, LOWEST = 7, 11
"""Any two tokens may be the tags: the engine does not know what they mean."""


def last_logits(model: Transformer, tokens: Row[int]) -> torch.Tensor:
    batch = torch.tensor([tokens])
    with torch.inference_mode():
        hidden = model(batch, torch.arange(len(tokens))[None], PackedAttention(torch.zeros_like(batch)))
        return model.logits(hidden[0, -1])


def by_hand(model: Transformer, tokens: Row[int], scale: float, count: int, penalty: float = 1.0) -> list[int]:
    """Greedy tokens from two whole forwards each: after the tokens, and after them with the other last one."""
    ours, other = list(tokens), [*tokens[:-1], LOWEST]
    for _ in range(count):
        wanted, lowest = last_logits(model, ours), last_logits(model, other)
        mixed = wanted + scale * (wanted - lowest)
        seen = torch.tensor(sorted(set(ours)))
        mixed[seen] = torch.where(mixed[seen] > 0, mixed[seen] / penalty, mixed[seen] * penalty)
        chosen = int(mixed.argmax())
        ours.append(chosen)
        other.append(chosen)
    return ours[len(tokens) :]


def guided(engine: Engine, tokens: Row[int], scale: float, params: SamplingParams = GREEDY) -> Sequence:
    sequence = engine.open(tokens, params, guided=True)
    engine.guide(sequence, LOWEST, scale)
    return sequence


def free_slots(engine: Engine) -> list[int]:
    return sorted(engine._scheduler.slots.free)


@pytest.mark.parametrize("length", [0, 1, 5, 17, 60])
@pytest.mark.parametrize("scale", [0.5, 3.0])
def test_mixed_logits_are_those_of_two_forwards(engine: Engine, model: Transformer, length: int, scale: float) -> None:
    tokens = [*prompt(length, length), WANTED]
    sequence = guided(engine, tokens, scale)
    assert list(engine.generate(sequence, stop=(), max_tokens=16)) == by_hand(model, tokens, scale, 16)


def test_guidance_changes_what_is_said(model: Transformer) -> None:
    """Else the tests around this one would prove nothing."""
    tokens = [*prompt(5, 5), WANTED]
    assert by_hand(model, tokens, 3.0, 16) != full_forward(model, tokens, 16)


def test_scale_0_is_plain(engine: Engine, model: Transformer) -> None:
    tokens = [*prompt(2, 30), WANTED]
    found = list(engine.generate(guided(engine, tokens, 0.0), stop=(), max_tokens=20))
    assert found == full_forward(model, tokens, 20)


def test_the_tag_itself_as_contrast_is_plain(engine: Engine, model: Transformer) -> None:
    tokens = [*prompt(2, 30), LOWEST]
    found = list(engine.generate(guided(engine, tokens, 5.0), stop=(), max_tokens=20))
    assert found == full_forward(model, tokens, 20)


def test_penalty_and_constraint_come_after_the_mixing(engine: Engine, model: Transformer) -> None:
    tokens = [*prompt(3, 20), WANTED]
    params = SamplingParams(temperature=0, repetition_penalty=1.5)
    sequence = guided(engine, tokens, 2.0, params)
    assert list(engine.generate(sequence, stop=(), max_tokens=16)) == by_hand(model, tokens, 2.0, 16, penalty=1.5)
    few = (3, 4, 5, 6)
    (chosen,) = engine.generate(guided(engine, tokens, 2.0), (), Choice(few, engine.vocab_size), max_tokens=1)
    wanted, lowest = last_logits(model, tokens), last_logits(model, [*tokens[:-1], LOWEST])
    mixed = wanted + 2.0 * (wanted - lowest)
    assert chosen == max(few, key=lambda token: float(mixed[token]))


@pytest.mark.parametrize("added", [1, 6, 60])
def test_guidance_from_the_middle_on_and_through_an_extension(engine: Engine, model: Transformer, added: int) -> None:
    """As an answer with tools: plain sections first, then the tagged reply; later tokens are read by both."""
    sequence = engine.open(prompt(1, 20), GREEDY, guided=True)
    first = list(engine.generate(sequence, stop=(), max_tokens=6))
    assert first == full_forward(model, prompt(1, 20), 6)
    engine.extend(sequence, [*prompt(2, added), WANTED])
    engine.guide(sequence, LOWEST, 2.0)
    tokens = [*prompt(1, 20), *first, *prompt(2, added), WANTED]
    second = list(engine.generate(sequence, stop=(), max_tokens=5))
    assert second == by_hand(model, tokens, 2.0, 5)
    engine.extend(sequence, prompt(3, added))
    other = [*tokens[:-1], LOWEST, *second, *prompt(3, added)]
    wanted, lowest = last_logits(model, [*tokens, *second, *prompt(3, added)]), last_logits(model, other)
    assert list(engine.generate(sequence, stop=(), max_tokens=1)) == [int((3 * wanted - 2 * lowest).argmax())]


def test_many_guided_and_plain_at_once_are_as_alone(model: Transformer, tokenizer: Tokenizer) -> None:
    """More than have places, of different lengths, scales and seeds: greedy ones as by hand, drawn ones as alone."""
    prompts = [[*prompt(seed, length), WANTED] for seed, length in enumerate((1, 3, 17, 18, 40, 55, 90, 100, 30))]
    scales = [0.0, 1.0, 2.0] * 3
    drawn = SamplingParams(temperature=1.0, seed=4)

    def drive(engine: Engine, index: int, params: SamplingParams) -> list[int]:
        if scales[index]:
            sequence = guided(engine, prompts[index], scales[index], params)
        else:
            sequence = engine.open(prompts[index], params)
        found = list(engine.generate(sequence, stop=(), max_tokens=20))
        engine.close(sequence)
        return found

    with Engine(model, tokenizer, max_sequences=5, prefill_tokens=24) as engine:
        for params in (GREEDY, drawn):
            found: list[list[int]] = [[] for _ in prompts]

            def run(index: int, params: SamplingParams = params, found: list[list[int]] = found) -> None:
                found[index] = drive(engine, index, params)

            threads = [threading.Thread(target=run, args=(index,)) for index in range(len(prompts))]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert found == [drive(engine, index, params) for index in range(len(prompts))]
            assert free_slots(engine) == [0, 1, 2, 3, 4]
            if params is GREEDY:
                pairs = zip(prompts, scales, strict=True)
                assert found == [by_hand(model, tokens, scale, 20) for tokens, scale in pairs]


def test_closing_frees_both_places_in_the_middle_and_while_waiting(model: Transformer, tokenizer: Tokenizer) -> None:
    tokens = [*prompt(6, 5), WANTED]
    with Engine(model, tokenizer, max_sequences=2) as engine:
        running, waiting = guided(engine, tokens, 1.0), guided(engine, tokens, 1.0)
        stream: Iterator[int] = engine.generate(running, stop=(), max_tokens=140)
        queued = engine.generate(waiting, stop=(), max_tokens=140)
        next(stream)
        assert free_slots(engine) == []
        engine.close(waiting)
        assert list(queued) == []
        engine.close(running)
        assert len(list(stream)) < 140
        assert free_slots(engine) == [0, 1]
        assert (running.slot, running.second_slot, running.finish_reason) == (None, None, "aborted")


def test_a_stream_left_early_keeps_its_places_until_it_is_closed(engine: Engine, model: Transformer) -> None:
    tokens = [*prompt(7, 5), WANTED]
    sequence = guided(engine, tokens, 2.0)
    stream = engine.generate(sequence, stop=(), max_tokens=100)
    next(stream)
    stream.close()
    assert len(free_slots(engine)) == 6
    said = len(sequence.tokens) - len(tokens)
    more = list(engine.generate(sequence, stop=(), max_tokens=5))
    assert more == by_hand(model, tokens, 2.0, said + 5)[said:]
    engine.close(sequence)
    assert len(free_slots(engine)) == 8


def test_a_failing_worker_is_told_to_whoever_is_guided(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ValueError("no such layer")

    monkeypatch.setattr(engine.model, "forward", broken)
    sequence = guided(engine, [1, 2, WANTED], 1.0)
    with pytest.raises(EngineStopped, match="no such layer"):
        list(engine.generate(sequence, stop=()))
    engine.close(sequence)
    assert len(free_slots(engine)) == 8


def test_an_engine_with_one_place_cannot_guide(model: Transformer, tokenizer: Tokenizer) -> None:
    with Engine(model, tokenizer, max_sequences=1) as engine, pytest.raises(UserError, match="takes two places"):
        engine.open([1], GREEDY, guided=True)


def test_what_has_been_read_cannot_be_given_a_contrast(engine: Engine) -> None:
    sequence = engine.open(prompt(8, 5), GREEDY, guided=True)
    list(engine.generate(sequence, stop=(), max_tokens=2))
    sequence.cached = len(sequence.tokens)
    with pytest.raises(RuntimeError, match="has been read already"):
        engine.guide(sequence, LOWEST, 1.0)
    with pytest.raises(RuntimeError, match="not opened as guided"):
        engine.guide(engine.open([1], GREEDY), LOWEST, 1.0)
