"""What a row of the cache holds is not read again, and what is reused is as if it had been read."""

from __future__ import annotations

import random

import pytest
import torch

from moss.engine.engine import Engine
from moss.engine.sequence import Sequence
from moss.engine.slots import KEPT, LOST_IN_PLACE, Copy, Slots
from moss.model.transformer import Transformer
from tests.engine.test_engine import GREEDY, full_forward, prompt


@pytest.fixture
def read(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many tokens each step of the engine reads."""
    counts: list[int] = []
    forward = engine._forward

    def counting(stretches: list, ready: list) -> object:  # type: ignore[type-arg]
        counts.append(sum(len(stretch.tokens) for stretch in stretches))
        return forward(stretches, ready)

    monkeypatch.setattr(engine, "_forward", counting)
    return counts


def answer(engine: Engine, tokens: list[int], count: int = 8) -> list[int]:
    sequence = engine.open(tokens, GREEDY)
    found = list(engine.generate(sequence, stop=(), max_tokens=count))
    engine.close(sequence)
    return found


def test_a_conversation_that_goes_on_reads_what_is_new(engine: Engine, model: Transformer, read: list[int]) -> None:
    first = prompt(1, 60)
    said = answer(engine, first)
    goes_on = [*first, *said, *prompt(2, 10)]
    read.clear()
    assert answer(engine, goes_on) == full_forward(model, goes_on, 8)
    # The last token that was chosen was not read: there was no step after it.
    assert sum(read) == 11 + 7


def test_a_beginning_is_taken_from_a_row_that_still_runs(engine: Engine, model: Transformer, read: list[int]) -> None:
    shared = prompt(3, 50)
    running = engine.open([*shared, *prompt(4, 5)], GREEDY)
    begun = list(engine.generate(running, stop=(), max_tokens=4))
    read.clear()
    assert answer(engine, [*shared, *prompt(5, 5)]) == full_forward(model, [*shared, *prompt(5, 5)], 8)
    assert sum(read) == 5 + 7
    later = list(engine.generate(running, stop=(), max_tokens=4))
    assert begun + later == full_forward(model, [*shared, *prompt(4, 5)], 8)


def test_two_conversations_in_turn_are_both_remembered(engine: Engine, model: Transformer, read: list[int]) -> None:
    system = prompt(6, 30)
    talks = [[*system, *prompt(seed, 30)] for seed in (7, 8)]
    for talk in talks:
        talk += answer(engine, talk)
    read.clear()
    for talk in talks:
        talk += prompt(9, 3)
        assert answer(engine, talk) == full_forward(model, talk, 8)
    assert sum(read) == 2 * (4 + 7)


def test_any_mixture_of_beginnings_is_as_if_each_were_read_alone(engine: Engine, model: Transformer) -> None:
    rng = random.Random(0)
    beginnings = [prompt(seed, 40) for seed in range(3)]
    for _ in range(30):
        tokens = [*beginnings[rng.randrange(3)][: rng.randrange(1, 41)], *prompt(rng.randrange(5), rng.randrange(1, 9))]
        sequence = engine.open(tokens, GREEDY)
        wanted, stream = rng.randrange(1, 9), engine.generate(sequence, stop=(), max_tokens=8)
        found = [next(stream) for _ in range(wanted)]
        engine.close(sequence)  # often in the middle of a step
        assert found == full_forward(model, tokens, wanted)


def test_changed_weights_are_not_mixed_with_what_was_read_before(engine: Engine, model: Transformer) -> None:
    kept = [weight.clone() for weight in model.parameters()]
    tokens = prompt(1, 60)
    running = engine.open(tokens, GREEDY)
    before = list(engine.generate(running, stop=(), max_tokens=8))
    try:
        with torch.no_grad():
            for weight in model.parameters():
                weight.mul_(1.5)
        after = full_forward(model, tokens, 8)
        assert answer(engine, tokens) == after != before
        engine.close(running)
        assert answer(engine, tokens) == after
    finally:
        with torch.no_grad():
            for weight, was in zip(model.parameters(), kept, strict=True):
                weight.copy_(was)


def test_what_is_forgotten_is_read_again(engine: Engine, model: Transformer, read: list[int]) -> None:
    tokens = prompt(1, 60)
    answer(engine, tokens)
    engine.forget()
    read.clear()
    assert answer(engine, tokens) == full_forward(model, tokens, 8)
    assert sum(read) == 60 + 7


# --- rows, without a model ----------------------------------------------------------------------------------------


def taken(slots: Slots, tokens: list[int], guided: bool = False) -> Sequence:
    sequence = Sequence(tokens, GREEDY, guided)
    slots.take(sequence)
    return sequence


def used(slots: Slots, tokens: list[int]) -> int:
    """A sequence that read all of its tokens and ended; its row."""
    sequence = taken(slots, tokens)
    slot, sequence.cached = sequence.slot, len(tokens)
    slots.give_back(sequence)
    assert slot is not None
    return slot


def test_one_token_at_least_is_left_to_read() -> None:
    slots = Slots(2)
    slot = used(slots, [1, 2, 3])
    again = taken(slots, [1, 2, 3])
    assert (again.slot, again.cached, slots.copies) == (slot, 2, [])


def test_a_row_that_would_lose_much_is_left_and_copied() -> None:
    slots = Slots(2)
    long = list(range(10 + LOST_IN_PLACE + 1))
    assert used(slots, long) == 0
    other = taken(slots, [*range(10), 99, 98])
    assert (other.slot, other.cached, slots.copies) == (1, 10, [Copy(0, 1, 10)])
    assert taken(slots, [*long, 5]).cached == len(long)


def test_the_row_that_was_given_back_first_is_forgotten_first() -> None:
    slots = Slots(KEPT)
    rows = [used(slots, [1000 * talk + token for token in range(50)]) for talk in range(KEPT)]
    assert rows == list(range(KEPT))
    assert used(slots, [7] * 50) == 0
    assert taken(slots, [1000 + token for token in range(60)]).slot == 1


def test_few_sequences_stay_in_the_first_rows() -> None:
    slots = Slots(32)
    assert {used(slots, [talk] * 50) for talk in range(20)} == set(range(KEPT))


def test_rows_of_contrasts_are_not_remembered() -> None:
    slots = Slots(2)
    guided = taken(slots, [1, 2, 3], guided=True)
    guided.cached = 3
    slots.give_back(guided)
    slots.give_back(guided)
    assert slots.free == {0, 1}
    assert sorted(map(len, slots._held)) == [0, 3]
