"""Turns and slots, without a model."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moss.engine.sampling import SamplingParams
from moss.engine.scheduler import EngineBusy, Scheduler
from moss.engine.sequence import Contrast, Request, Sequence


def sequence(length: int, guided: bool = False) -> Sequence:
    made = Sequence(range(length), SamplingParams(), guided)
    made.request = Request(made, frozenset(), 10, made.params)
    return made


def step(scheduler: Scheduler) -> list[tuple[int | None, int]]:
    """(slot, tokens read) of the next step, which is then taken as done."""
    stretches = scheduler.schedule()
    for stretch in stretches:
        stretch.request.sequence.cached = stretch.end
        if stretch.contrast is None and stretch.end == len(stretch.request.sequence.tokens):
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
    for length in (40, 70, 50, 20):
        scheduler.submit(sequence(length))
    # 40 and 50 are 90 tokens; 70 or 20 more would be over a hundred.
    assert step(scheduler) == [(0, 40), (2, 50)]
    assert step(scheduler) == [(0, 1), (2, 1)]
    assert step(scheduler) == [(1, 70), (3, 20)]


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


def test_a_guided_sequence_takes_two_slots_at_once_and_is_not_overtaken() -> None:
    scheduler = Scheduler(max_sequences=3, max_waiting=4, prefill_tokens=100)
    first, second, guided, small = sequence(5), sequence(5), sequence(5, guided=True), sequence(5)
    for one in (first, second, guided, small):
        scheduler.submit(one)
    # One slot is free, but the guided sequence came first and needs two.
    assert (first.slot, second.slot, guided.slot, guided.second_slot, small.slot) == (0, 1, None, None, None)
    scheduler.release(first)
    assert (guided.slot, guided.second_slot, small.slot) == (0, 2, None)
    scheduler.release(guided)
    assert (guided.slot, guided.second_slot, small.slot) == (None, None, 0)
    scheduler.release(guided)  # once more does no harm
    scheduler.release(second)
    scheduler.release(small)
    assert sorted(scheduler.slots.free) == [0, 1, 2]


def test_when_the_first_in_the_queue_gives_up_the_next_may_fit() -> None:
    scheduler = Scheduler(max_sequences=2, max_waiting=4, prefill_tokens=100)
    running, guided, small = sequence(5), sequence(5, guided=True), sequence(5)
    for one in (running, guided, small):
        scheduler.submit(one)
    assert small.slot is None
    scheduler.release(guided)
    assert (guided.slot, small.slot) == (None, 1)


def test_what_a_sequence_shares_with_its_contrast_is_read_once() -> None:
    scheduler = Scheduler(max_sequences=4, max_waiting=0, prefill_tokens=100)
    guided = sequence(150, guided=True)
    guided.contrast = Contrast(position=149, token=7, scale=1.0)
    scheduler.submit(guided)
    assert [step(scheduler) for _ in range(3)] == [[(0, 100)], [(0, 49)], [(0, 1), (1, 1)]]
    ours, other = scheduler.schedule()
    assert (ours.tokens, other.tokens) == ([0], [0])  # what is chosen goes on both


def test_a_contrast_counts_as_a_row_of_the_budget() -> None:
    scheduler = Scheduler(max_sequences=5, max_waiting=0, prefill_tokens=100)
    guided = sequence(130, guided=True)
    guided.contrast = Contrast(position=0, token=7, scale=1.0)
    for one in (guided, sequence(40)):
        scheduler.submit(one)
    stretches = scheduler.schedule()
    assert [(s.slot, s.tokens[0], len(s.tokens)) for s in stretches] == [(0, 0, 50), (1, 7, 50)]
    assert [s.contrast is None for s in stretches] == [True, False]


@given(st.lists(st.tuples(st.integers(0, 7), st.sampled_from(["submit", "pause", "release"])), max_size=60))
def test_every_slot_is_free_or_held_by_one_and_the_queue_moves(actions: list[tuple[int, str]]) -> None:
    """Any order of submitting, pausing and releasing plain (even) and guided (odd) sequences."""
    scheduler = Scheduler(max_sequences=5, max_waiting=100, prefill_tokens=100)
    sequences = [sequence(5, guided=bool(number % 2)) for number in range(8)]
    busy: set[int] = set()
    for number, action in actions:
        one = sequences[number]
        if action == "submit" and number not in busy:
            scheduler.submit(one)
            busy.add(number)
        elif action == "pause":
            scheduler.pause(one)
            busy.discard(number)
        elif action == "release":
            scheduler.release(one)
            busy.discard(number)
        held = [slot for s in sequences for slot in (s.slot, s.second_slot) if slot is not None]
        assert sorted([*held, *scheduler.slots.free]) == [0, 1, 2, 3, 4]
        assert all((s.second_slot is not None) == (s.guided and s.slot is not None) for s in sequences)
        waiting = list(scheduler._waiting)
        assert {id(s) for s in (*scheduler.running, *waiting)} == {id(sequences[n]) for n in busy}
        assert all(s.slot is None for s in waiting)
        assert not waiting or waiting[0].places > len(scheduler.slots.free)
