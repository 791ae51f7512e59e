"""Prints how fast an assistant answers many conversations at once, with and without what the engine remembers.

    python benchmarks/conversations.py [CHECKPOINT] [--turns 4] [--rounds 3] [--most 32]

Each conversation asks one question after the other, tools included, and sends all that was said with each of them.
Both ways give the same answers in the same engine and take turns. Beside them what the engine decodes at that batch.
"""

from __future__ import annotations

import argparse
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from subject import about, medians

from moss.assistant import Assistant, load_assistant
from moss.conversation import Conversation, Message
from moss.engine.engine import Engine
from moss.engine.sampling import SamplingParams
from moss.events import Finished, fold

SIZES = (1, 8, 32)
QUESTIONS = (
    "What is the capital of France?",
    "37*48+5等于多少？",
    "Who are you?",
    "写一写法国",
    "Solve x^2-5x+6=0",
    "A farm has 12 cows and 5 more arrive. How many are there?",
    "介绍一下你自己",
    "What is the symbol of gold?",
)
GREEDY = SamplingParams(temperature=0.0, max_tokens=200)


def talk(assistant: Assistant, engine: Engine, number: int, turns: int, remember: bool) -> int:
    """One conversation; how many tokens its answers have."""
    tokens, messages = 0, []
    for turn in range(turns):
        messages.append(Message("user", QUESTIONS[(number + turn) % len(QUESTIONS)]))
        if not remember:
            engine.forget()
        events = list(assistant.reply(Conversation(tuple(messages), assistant.toolbox.names), GREEDY))
        messages += fold(events)
        tokens += sum(event.completion_tokens for event in events if isinstance(event, Finished))
    return tokens


def answered(assistant: Assistant, engine: Engine, size: int, turns: int, remember: bool) -> float:
    """Tokens a second of so many conversations at once."""
    started = time.perf_counter()
    with ThreadPoolExecutor(size) as pool:
        tokens = sum(pool.map(lambda number: talk(assistant, engine, number, turns, remember), range(size)))
    return tokens / (time.perf_counter() - started)


def decoded(engine: Engine, size: int) -> float:
    """Tokens a second of so many sequences that are only decoded."""
    prompt, tokens = engine.tokenizer.encode("The capital of France is Paris. " * 8), 64

    def decode(number: int) -> None:
        sequence = engine.open([number, *prompt], GREEDY)
        for _ in engine.generate(sequence, stop=(), max_tokens=tokens):
            pass
        engine.close(sequence)

    with ThreadPoolExecutor(size) as pool:
        list(pool.map(decode, range(size)))  # the prompts are read here, and remembered
        started = time.perf_counter()
        list(pool.map(decode, range(size)))
    return size * tokens / (time.perf_counter() - started)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("checkpoint", nargs="?")
    parser.add_argument("--turns", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--most", type=int, default=max(SIZES), help="conversations at once")
    options = parser.parse_args()
    with load_assistant(options.checkpoint, max_sequences=max(SIZES)) as assistant:
        engine = assistant.engine
        assert isinstance(engine, Engine)
        print(about(engine.model))
        print(f"{'at once':>8} {'answers tok/s':>14} {'all read again':>15} {'ratio':>6} {'decoding tok/s':>15}")
        for size in (size for size in SIZES if size <= options.most):
            ways = {
                "remembered": partial(answered, assistant, engine, size, options.turns, True),
                "read again": partial(answered, assistant, engine, size, options.turns, False),
                "decoded": partial(decoded, engine, size),
            }
            speed = medians(ways, options.rounds)
            ratio = speed["remembered"] / speed["read again"]
            print(
                f"{size:>8} {speed['remembered']:>14.0f} {speed['read again']:>15.0f} {ratio:>6.2f} "
                f"{speed['decoded']:>15.0f}"
            )


if __name__ == "__main__":
    main()
