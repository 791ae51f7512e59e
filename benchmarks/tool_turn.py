"""Prints what a tool turn costs when the sequence goes on in its cache, against a second prompt for the same turn.

The second prompt is read whole, or as far as the engine does not remember its beginning from the first.

    python benchmarks/tool_turn.py [CHECKPOINT] [--prompt 400] [--rounds 7]

One turn: a prompt, a thought with its command, the tool's result (the tool itself takes no time here), a reply. Both
ways choose the same tokens in the same engine and take turns, so the ratio does not depend on how busy the machine is.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from subject import GREEDY, about, opened, prompt

from moss.counts import counted
from moss.engine.engine import Engine
from moss.engine.sequence import Sequence


@dataclass(frozen=True)
class Turn:
    """Sizes in tokens."""

    prompt: int
    command: int = 30
    result: int = 60
    reply: int = 30


@dataclass(frozen=True)
class Timing:
    """Seconds."""

    first_token: float
    """From the tool's result to the first token of the reply."""
    whole: float
    """From the prompt to the end of the reply."""


def in_the_cache(engine: Engine, turn: Turn) -> Timing:
    """The result is appended to the sequence that asked for it."""
    engine.forget()
    started = time.perf_counter()
    sequence = engine.open(prompt(1, turn.prompt), GREEDY)
    for _ in engine.generate(sequence, stop=(), max_tokens=turn.command):
        pass
    returned = time.perf_counter()
    engine.extend(sequence, prompt(2, turn.result))
    return replied(engine, sequence, turn, started, returned)


def second_prompt(engine: Engine, turn: Turn, remembered: bool) -> Timing:
    """Everything is sent again, as a prompt that ends with the result."""
    engine.forget()
    started = time.perf_counter()
    sequence = engine.open(prompt(1, turn.prompt), GREEDY)
    command = list(engine.generate(sequence, stop=(), max_tokens=turn.command))
    engine.close(sequence)
    if not remembered:
        engine.forget()
    returned = time.perf_counter()
    again = engine.open([*prompt(1, turn.prompt), *command, *prompt(2, turn.result)], GREEDY)
    return replied(engine, again, turn, started, returned)


def replied(engine: Engine, sequence: Sequence, turn: Turn, started: float, returned: float) -> Timing:
    """Writes the reply and closes the sequence; the turn began at `started`, its result came at `returned`."""
    reply = engine.generate(sequence, stop=(), max_tokens=turn.reply)
    next(reply)
    first = time.perf_counter()
    for _ in reply:
        pass
    engine.close(sequence)
    return Timing(first - returned, time.perf_counter() - started)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("checkpoint", nargs="?")
    parser.add_argument("--prompt", type=int, default=400)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    model, tokenizer = opened(options.checkpoint)
    ways: dict[str, Callable[[Engine, Turn], Timing]] = {
        "cache": in_the_cache,
        "second prompt": partial(second_prompt, remembered=False),
        "remembered": partial(second_prompt, remembered=True),
    }
    turn = Turn(options.prompt)
    timings: dict[str, list[Timing]] = {name: [] for name in ways}
    with Engine(model, tokenizer) as engine:
        for _ in range(options.rounds + 1):
            for name, way in ways.items():
                timings[name].append(way(engine, turn))
    print(about(model))
    print(f"{turn}, median of {counted(options.rounds, 'round')}")
    first = {name: statistics.median(t.first_token for t in found[1:]) for name, found in timings.items()}
    whole = {name: statistics.median(t.whole for t in found[1:]) for name, found in timings.items()}
    for name in ways:
        print(
            f"{name:>14}: first token of the reply {first[name] * 1e3:7.1f} ms, whole turn {whole[name] * 1e3:7.1f} ms"
        )
    for name in ("remembered", "cache"):
        print(
            f"second prompt / {name}: first token {first['second prompt'] / first[name]:.1f} x, "
            f"whole turn {whole['second prompt'] / whole[name]:.2f} x"
        )


if __name__ == "__main__":
    main()
