"""Prints how fast the engine reads prompts and writes tokens: prefill, and decode at batch 1, 8 and 32.

    python benchmarks/decode.py [CHECKPOINT] [--tokens 128] [--prompt 128] [--rounds 3] [--device cpu]

Without a checkpoint it measures the packaged assistant's shape with random weights. Every figure is the median over
rounds in which all settings take turns, so that a busy moment of the machine hits them alike. Beside the engine stands
the bare forward of the model at the same batch: what is lost between the two is the engine's own.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from threading import Thread

import torch
from subject import GREEDY, about, medians, opened, prompt

from moss.engine.cache import KVCache
from moss.engine.engine import Engine
from moss.engine.sampling import SamplingParams
from moss.model.transformer import Transformer

BATCHES = (1, 8, 32)


def engine_decode(engine: Engine, batch: int, prompt_tokens: int, tokens: int, params: SamplingParams) -> float:
    """Seconds a token step takes with `batch` sequences under way: prompts are read before the clock starts."""
    sequences = [engine.open(prompt(seed, prompt_tokens), params) for seed in range(batch)]
    for sequence in sequences:
        next(engine.generate(sequence, stop=(), max_tokens=1))
    threads = [Thread(target=lambda s=s: list(engine.generate(s, stop=(), max_tokens=tokens))) for s in sequences]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - started
    for sequence in sequences:
        engine.close(sequence)
    return seconds / tokens


def engine_prefill(engine: Engine, length: int) -> float:
    """Seconds to read a prompt and choose the first token."""
    engine.forget()
    sequence = engine.open(prompt(1, length), GREEDY)
    started = time.perf_counter()
    next(engine.generate(sequence, stop=(), max_tokens=1))
    seconds = time.perf_counter() - started
    engine.close(sequence)
    return seconds


def bare_decode(model: Transformer, batch: int, prompt_tokens: int, steps: int) -> float:
    """Seconds of one forward for one token of each row, over caches of this length, and nothing else."""
    weight = model.embedding.weight
    cache = KVCache(model.config, batch, model.config.max_seq_len, weight.dtype, weight.device)
    tokens = torch.zeros(batch, 1, dtype=torch.long, device=weight.device)
    positions = torch.full((batch, 1), prompt_tokens)
    there = positions.to(weight.device)
    started = 0.0
    with torch.inference_mode():
        for step in range(steps + 1):
            if step == 1:  # the first touched the cache's memory
                started = time.perf_counter()
            attend = cache.attention(range(batch), positions, positions, prompt_tokens + 1)
            model.logits(model(tokens, there, attend)[:, -1]).argmax(-1).tolist()
    return (time.perf_counter() - started) / steps


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("checkpoint", nargs="?")
    parser.add_argument("--tokens", type=int, default=64)
    parser.add_argument("--prompt", type=int, default=128)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--device", default="cpu")
    options = parser.parse_args()
    model, tokenizer = opened(options.checkpoint)
    model.to(options.device)
    print(about(model))
    sampled = SamplingParams(seed=1)
    with Engine(model, tokenizer, max_sequences=max(BATCHES)) as engine:
        measurements: dict[str, Callable[[], float]] = {}
        for batch in BATCHES:
            for name, params in (("greedy", GREEDY), ("sampled", sampled)):
                measurements[f"{name} {batch}"] = lambda batch=batch, params=params: engine_decode(
                    engine, batch, options.prompt, options.tokens, params
                )
            measurements[f"bare {batch}"] = lambda batch=batch: bare_decode(
                engine.model, batch, options.prompt + options.tokens // 2, options.tokens
            )
        prompts = (64, 256, 768)
        for length in prompts:
            measurements[f"prefill {length}"] = lambda length=length: engine_prefill(engine, length)
        seconds = medians(measurements, options.rounds)
    print(f"{'batch':>6} {'greedy tok/s':>14} {'ms/step':>8} {'sampled tok/s':>14} {'bare ms/step':>13} {'ratio':>6}")
    for batch in BATCHES:
        greedy, drawn, bare = (seconds[f"{name} {batch}"] for name in ("greedy", "sampled", "bare"))
        print(
            f"{batch:>6} {batch / greedy:>14.0f} {greedy * 1e3:>8.2f} {batch / drawn:>14.0f} {bare * 1e3:>13.2f} "
            f"{greedy / bare:>6.2f}"
        )
    for length in prompts:
        took = seconds[f"prefill {length}"]
        print(f"prefill {length:>4} tokens: {length / took:>8.0f} tok/s, {took * 1e3:.1f} ms to the first token")


if __name__ == "__main__":
    main()
