"""Puts the cases of a task to an assistant, many at once over one engine, and counts the marks."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field

from ..agent import Answering
from ..conversation import Conversation
from ..engine.params import SamplingParams
from .task import Answer, C, Task

GREEDY = SamplingParams(temperature=0.0, repetition_penalty=1.0)
MAX_EXAMPLES = 8
"""Failures kept for each measure, group and language."""

Progress = Callable[[int], None]
"""Told how many cases are done."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How often something held among n cases."""

    held: int
    n: int

    @property
    def share(self) -> float:
        return self.held / self.n


@dataclass(frozen=True, slots=True)
class Example:
    """One case that went wrong."""

    measure: str
    group: str
    language: str
    prompt: str
    expected: str
    got: str


@dataclass
class Results:
    """What came of one task."""

    task: str
    tallies: dict[tuple[str, str, str], Tally]
    """By (measure, group, language); "all" stands for the sum over groups, over languages, or over both."""
    examples: list[Example] = field(default_factory=list)
    cases: int = 0
    seconds: float = 0.0
    completion_tokens: int = 0


def run_task(
    task: Task[C],
    agent: Answering,
    threads: int = 32,
    sampling: SamplingParams = GREEDY,
    progress: Progress | None = None,
    quality: int | None = None,
) -> Results:
    """Asks every case, for a reply of this quality if the agent's model was trained with tags.

    `threads` cases are under way at once and share the engine's batches.
    """
    started = time.monotonic()
    answers: dict[int, Answer] = {}

    def ask(index: int) -> None:
        answers[index] = Answer.from_events(agent.run(task.cases[index].conversation, sampling, quality=quality))

    with ThreadPoolExecutor(threads, thread_name_prefix="eval") as pool:
        asked = [pool.submit(ask, index) for index in range(len(task.cases))]
        for done, future in enumerate(as_completed(asked), start=1):
            future.result()
            if progress is not None:
                progress(done)
    results = _count(task, [answers[index] for index in range(len(task.cases))])
    results.seconds = time.monotonic() - started
    return results


def _count(task: Task[C], answers: list[Answer]) -> Results:
    """Scores in the order of the cases, so that the same answers give the same results, examples included."""
    held: Counter[tuple[str, str, str]] = Counter()
    total: Counter[tuple[str, str, str]] = Counter()
    examples: dict[tuple[str, str, str], list[Example]] = defaultdict(list)
    for case, answer in zip(task.cases, answers, strict=True):
        for mark in task.score(case, answer):
            for key in _sums(mark.measure, mark.group, case.language):
                held[key] += mark.held
                total[key] += 1
            if not task.measures[mark.measure].good(mark.held):
                prompt, expected = _prompt(case.conversation), task.expected(case)
                example = Example(mark.measure, mark.group, case.language, prompt, expected, _shown(answer))
                examples[mark.measure, mark.group, case.language].append(example)
    order = list(task.measures)
    tallies = {
        key: Tally(held[key], total[key]) for key in sorted(total, key=lambda key: (order.index(key[0]), key[1:]))
    }
    kept = [
        example
        for measure in order
        for key in examples
        if key[0] == measure
        for example in examples[key][:MAX_EXAMPLES]
    ]
    tokens = sum(answer.completion_tokens for answer in answers)
    return Results(task.name, tallies, kept, cases=len(answers), completion_tokens=tokens)


def _sums(measure: str, group: str, language: str) -> set[tuple[str, str, str]]:
    return {(measure, g, where) for g in (group, "all") for where in (language, "all")}


def _prompt(conversation: Conversation) -> str:
    """The user's side, turns divided by a bar."""
    return " | ".join(message.content or "" for message in conversation.messages if message.role == "user")


def _shown(answer: Answer) -> str:
    calls = ", ".join(f'{call.name}("{call.argument}") => {call.result}' for call in answer.calls)
    end = "" if answer.finish_reason == "stop" else f" [{answer.finish_reason}]"
    return f"({answer.thought}) {calls} -> {answer.reply}{end}"
