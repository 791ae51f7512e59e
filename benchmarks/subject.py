"""What the benchmarks of the engine measure: a checkpoint's model or one of random weights, and prompts of any length.

Not a script. Not here: what is measured, and how often.
"""

from __future__ import annotations

import platform
import random
import statistics
from collections.abc import Callable

import torch

from moss.checkpoint import load
from moss.engine.sampling import SamplingParams
from moss.model.transformer import Transformer
from moss.recipes.nano.recipe import NanoConfig
from moss.tokenizer.bpe import Tokenizer
from moss.tokenizer.training import train

GREEDY = SamplingParams(temperature=0.0, repetition_penalty=1.0)


def opened(checkpoint: str | None) -> tuple[Transformer, Tokenizer]:
    """The model and tokenizer of a checkpoint; without one, the shape of moss-nano with random weights."""
    if checkpoint is None:
        return random_assistant()
    found = load(checkpoint)
    return found.model, found.tokenizer


def random_assistant() -> tuple[Transformer, Tokenizer]:
    """The shape of moss-nano with random weights, and a tokenizer to go with it."""
    tokenizer = train(["a few words to learn bytes from"], vocab_size=270, special_tokens=())
    model = Transformer(NanoConfig().model)
    # As sure of itself as a trained model: among thousands of equals no sampler is quick.
    torch.nn.init.normal_(model.embedding.weight, std=0.5)
    return model, tokenizer


def gpu_name(device: torch.device) -> str:
    """What the GPU is called; empty for a CPU."""
    return torch.cuda.get_device_name(device) if device.type == "cuda" else ""


def device_name(device: torch.device) -> str:
    """The machine that computes, in words."""
    return gpu_name(device) or f"{platform.processor() or platform.machine()}, {torch.get_num_threads()} threads"


def about(model: Transformer) -> str:
    """The line above the figures: what was measured, with what."""
    size = f"{model.num_parameters() / 1e6:.1f} M parameters"
    where = gpu_name(model.embedding.weight.device) or f"{torch.get_num_threads()} threads"
    return f"{size}, torch {torch.__version__}, {where}"


def prompt(seed: int, length: int) -> list[int]:
    """Random tokens; a seed always gives the same."""
    rng = random.Random(seed)
    return [rng.randrange(200) for _ in range(length)]


def medians(measurements: dict[str, Callable[[], float]], rounds: int) -> dict[str, float]:
    """The median of each measurement, all of them taking turns; the first round warms up and does not count."""
    found: dict[str, list[float]] = {name: [] for name in measurements}
    for _ in range(rounds + 1):
        for name, measure in measurements.items():
            found[name].append(measure())
    return {name: statistics.median(seconds[1:]) for name, seconds in found.items()}
