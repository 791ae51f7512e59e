"""What the engine promises: the same tokens however they are batched, cached, chunked or gone on with."""

from __future__ import annotations

import random
import threading
from collections.abc import Sequence as Row

import pytest
import torch

from moss.engine.engine import Engine
from moss.engine.sampling import SamplingParams
from moss.engine.scheduler import EngineBusy
from moss.engine.sequence import EngineStopped, Sequence
from moss.errors import UserError
from moss.model.attention import PackedAttention
from moss.model.transformer import Transformer
from moss.tokenizer.bpe import Tokenizer

GREEDY = SamplingParams(temperature=0, repetition_penalty=1.0)


def prompt(seed: int, length: int, vocab_size: int = 300) -> list[int]:
    return [random.Random(seed).randrange(vocab_size) for _ in range(length)]


def full_forward(model: Transformer, tokens: Row[int], count: int) -> list[int]:
    """Greedy tokens, each from a forward over everything before it."""
    found = list(tokens)
    for _ in range(count):
        batch = torch.tensor([found])
        attend = PackedAttention(torch.zeros_like(batch))
        with torch.inference_mode():
            hidden = model(batch, torch.arange(len(found))[None], attend)
            found.append(int(model.logits(hidden[0, -1]).argmax()))
    return found[len(tokens) :]


def together(engine: Engine, prompts: Row[Row[int]], params: Row[SamplingParams], count: int) -> list[list[int]]:
    """Each prompt driven by a thread of its own, all at once."""
    found: list[list[int]] = [[] for _ in prompts]
    barrier = threading.Barrier(len(prompts))

    def drive(index: int) -> None:
        sequence = engine.open(prompts[index], params[index])
        barrier.wait()
        found[index] = list(engine.generate(sequence, stop=(), max_tokens=count))
        engine.close(sequence)

    threads = [threading.Thread(target=drive, args=(index,)) for index in range(len(prompts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def alone(engine: Engine, tokens: Row[int], params: SamplingParams, count: int) -> list[int]:
    return together(engine, [tokens], [params], count)[0]


@pytest.mark.parametrize("length", [1, 5, 24, 25, 70])
def test_cached_is_full_forward(engine: Engine, model: Transformer, length: int) -> None:
    tokens = prompt(length, length)
    assert alone(engine, tokens, GREEDY, 20) == full_forward(model, tokens, 20)


def test_a_batch_of_8_is_8_singles(engine: Engine, model: Transformer) -> None:
    prompts = [prompt(seed, length) for seed, length in enumerate((1, 3, 17, 18, 40, 55, 90, 130))]
    assert together(engine, prompts, [GREEDY] * 8, 24) == [full_forward(model, tokens, 24) for tokens in prompts]


def test_distant_slots_are_gathered(engine: Engine, model: Transformer) -> None:
    """Only the first and the last slot run, the others are idle: rows are copied, and stay what they are."""
    opened = [engine.open(prompt(seed, 20), GREEDY) for seed in range(8)]
    for sequence in opened:
        list(engine.generate(sequence, stop=(), max_tokens=2))
    ends = [engine.generate(opened[index], stop=(), max_tokens=10) for index in (0, 7)]
    for index, found in zip((0, 7), ends, strict=True):
        assert list(found) == full_forward(model, prompt(index, 20), 12)[2:]


def test_idle_rows_do_not_touch_what_lies_in_their_slots(engine: Engine, model: Transformer) -> None:
    opened = [engine.open(prompt(seed, 20), GREEDY) for seed in range(3)]
    for sequence in opened:
        list(engine.generate(sequence, stop=(), max_tokens=2))
    both = [engine.generate(opened[index], stop=(), max_tokens=10) for index in (0, 2)]  # slot 1 idles between them
    assert [len(list(found)) for found in both] == [10, 10]
    assert list(engine.generate(opened[1], stop=(), max_tokens=10)) == full_forward(model, prompt(1, 20), 12)[2:]


@pytest.mark.parametrize("added", [1, 6, 60])
def test_going_on_after_extend_is_one_prompt(engine: Engine, model: Transformer, added: int) -> None:
    sequence = engine.open(prompt(1, 20), GREEDY)
    first = list(engine.generate(sequence, stop=(), max_tokens=6))
    extension = prompt(2, added)
    engine.extend(sequence, extension)
    second = list(engine.generate(sequence, stop=(), max_tokens=10))
    assert second == full_forward(model, [*prompt(1, 20), *first, *extension], 10)


def test_stop_token_is_the_last(engine: Engine) -> None:
    free = alone(engine, prompt(3, 9), GREEDY, 12)
    sequence = engine.open(prompt(3, 9), GREEDY)
    found = list(engine.generate(sequence, stop={free[5]}))
    assert found == free[: free.index(free[5]) + 1]
    assert sequence.finish_reason == "stop"


def test_same_seed_same_text_whatever_else_runs(engine: Engine) -> None:
    params = [SamplingParams(temperature=1.0, top_p=0.95, seed=seed) for seed in range(8)]
    prompts = [prompt(4, 12)] * 8
    texts = together(engine, prompts, params, 30)
    assert texts == [alone(engine, prompt(4, 12), one, 30) for one in params]
    assert len({tuple(text) for text in texts}) == 8


def test_full_context_ends_as_length(engine: Engine) -> None:
    sequence = engine.open(prompt(5, 150), GREEDY)
    assert len(list(engine.generate(sequence, stop=()))) == 10
    assert sequence.finish_reason == "length"
    engine.extend(sequence, [1])
    assert list(engine.generate(sequence, stop=())) == []
    assert sequence.finish_reason == "length"


def test_prompt_that_fills_the_context_is_told_with_numbers(engine: Engine) -> None:
    with pytest.raises(UserError, match=r"160 tokens.*holds 160"):
        engine.open(prompt(5, 160))


def test_full_queue_is_told_and_served_later(model: Transformer, tokenizer: Tokenizer) -> None:
    with Engine(model, tokenizer, max_sequences=1, max_waiting=1) as engine:
        first, second, third = (engine.open(prompt(seed, 5), GREEDY) for seed in range(3))
        next(engine.generate(first, stop=(), max_tokens=3))
        waiting = engine.generate(second, stop=(), max_tokens=3)
        with pytest.raises(EngineBusy, match="1 requests already wait"):
            engine.generate(third, stop=(), max_tokens=3)
        engine.close(first)
        assert list(waiting) == full_forward(model, prompt(1, 5), 3)
        engine.close(second)
        assert list(engine.generate(third, stop=(), max_tokens=3)) == full_forward(model, prompt(2, 5), 3)


def test_closing_from_another_thread_ends_the_stream_and_frees_the_slot(engine: Engine) -> None:
    sequence = engine.open(prompt(6, 5), GREEDY)
    stream = engine.generate(sequence, stop=(), max_tokens=150)
    next(stream)
    engine.close(sequence)
    assert len(list(stream)) < 150
    assert (sequence.finish_reason, sequence.slot) == ("aborted", None)
    engine.close(sequence)  # once more does no harm


def test_leaving_a_stream_early_ends_the_request_and_keeps_the_sequence(engine: Engine, model: Transformer) -> None:
    sequence = engine.open(prompt(7, 5), GREEDY)
    stream = engine.generate(sequence, stop=(), max_tokens=100)
    next(stream)
    stream.close()
    assert sequence.finish_reason == "aborted"
    before = list(sequence.tokens)
    assert list(engine.generate(sequence, stop=(), max_tokens=5)) == full_forward(model, before, 5)


def test_shutdown_is_told_to_whoever_waits(model: Transformer, tokenizer: Tokenizer) -> None:
    engine = Engine(model, tokenizer, max_sequences=1)
    running = engine.generate(engine.open(prompt(8, 5), GREEDY), stop=(), max_tokens=150)
    waiting = engine.generate(engine.open(prompt(9, 5), GREEDY), stop=(), max_tokens=150)
    engine.shutdown()
    for stream in (running, waiting):
        with pytest.raises(EngineStopped, match="shut down"):
            list(stream)
    with pytest.raises(EngineStopped):
        engine.generate(Sequence([1], GREEDY), stop=())


def test_a_failing_worker_is_told_to_whoever_waits(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ValueError("no such layer")

    monkeypatch.setattr(engine.model, "forward", broken)
    with pytest.raises(EngineStopped, match="no such layer") as raised:
        list(engine.generate(engine.open([1, 2], GREEDY), stop=()))
    assert isinstance(raised.value.__cause__, ValueError)
