"""Turns and slots, without a model."""

from __future__ import annotations

import pytest

from moss.engine.sampling import SamplingParams
from moss.engine.scheduler import EngineBusy, Scheduler
from moss.engine.sequence import Request, Sequence


def sequence(length: int) -> Sequence:
    made = Sequence(range(length), SamplingParams())
    made.request = Request(made, frozenset(), 10, made.params)
    return made


def step(scheduler: Scheduler) -> list[tuple[int | None, int]]:
    """(slot, tokens read) of the next step, which is then taken as done."""
    stretches = scheduler.schedule()
    for stretch in stretches:
        stretch.request.sequence.cached = stretch.end
        if stretch.end == len(stretch.request.sequence.tokens):
            stretch.request.sequence.tokens.append(0)
    return [(stretch.slot, len(stretch.tokens)) for stretch in stretches]


def test_long_prompts_take_turns_with_those_that_decode() -> None:
    scheduler = Scheduler(max_sequences=4, max_waiting=0, prefill_tokens=100)
    for length in (3, 250):
        scheduler.submit(sequence(length))
    assert [step(scheduler) for _ in range(6)] == [
        [(1, 100)],
        [(0, 3)],
        [(1, 100)],
        [(0, 1)],
        [(1, 50)],
        [(0, 1), (1, 1)],
    ]


def test_a_step_reads_as_many_prompts_as_its_budget_holds() -> None:
    scheduler = Scheduler(max_sequences=4, max_waiting=0, prefill_tokens=100)
    for length in (40, 60, 50, 20):
        scheduler.submit(sequence(length))
    # Padded to the widest: 40 and 50 are 2 x 50 tokens; 60 would make it 120, a third row 150.
    assert step(scheduler) == [(0, 40), (2, 50)]
    assert step(scheduler) == [(0, 1), (2, 1)]
    assert step(scheduler) == [(1, 60)]


def test_the_queue_is_served_in_order_as_slots_become_free() -> None:
    scheduler = Scheduler(max_sequences=1, max_waiting=2, prefill_tokens=100)
    first, second, third, fourth = (sequence(5) for _ in range(4))
    for one in (first, second, third):
        scheduler.submit(one)
    with pytest.raises(EngineBusy, match="2 requests"):
        scheduler.submit(fourth)
    scheduler.release(second)  # gave up while it waited
    scheduler.release(first)
    assert (first.slot, second.slot, third.slot) == (None, None, 0)


def test_a_paused_sequence_keeps_its_slot() -> None:
    scheduler = Scheduler(max_sequences=2, max_waiting=1, prefill_tokens=100)
    idle, other = sequence(5), sequence(5)
    scheduler.submit(idle)
    scheduler.pause(idle)
    scheduler.submit(other)
    assert (idle.slot, other.slot) == (0, 1)
    assert step(scheduler) == [(1, 5)]
    scheduler.submit(idle)
    assert step(scheduler) == [(0, 5), (1, 1)]


def test_nothing_to_do() -> None:
    assert Scheduler(max_sequences=1, max_waiting=0, prefill_tokens=8).schedule() == []
