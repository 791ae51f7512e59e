"""Answers for the browser's tests: rich ones, and one that stops in the middle until the test lets it go on."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

from moss.conversation import Citation, ToolCall
from moss.events import Event, Finished, TextDelta, ThoughtDelta, ToolCalled, ToolReturned

PYTHON = (
    'def area(radius: float) -> float:\n    """Of a circle."""\n    return 3.14159 * radius**2  # <not> &amp; a tag\n'
)

RICH = f"""The capital of France is **Paris**<sup><|1|></sup>. 法国的首都是**巴黎**。

$$\\int_0^1 x^2\\,dx = \\frac{{1}}{{3}}$$

| City 城市 | Population |
|---|---:|
| Paris 巴黎 | 2 102 650 |

```python
{PYTHON}```

- First it thinks;
- then it calls tools. 🌿
"""


def asked(text: str = RICH) -> list[Event]:
    """A thought, a search and a sum, and the reply in pieces."""
    search, calculate = ToolCall("Search", "capital of France"), ToolCall("Calculate", "37*48+5")
    found = (
        Citation(1, "France", "facts/france.md", "Paris is the capital of France."),
        Citation(2, "Paris", "https://example.org/paris", "Paris has two million people."),
    )
    return [
        ThoughtDelta("I look this up and compute the rest."),
        ToolCalled(0, search),
        ToolCalled(1, calculate),
        ToolReturned(0, ToolCall("Search", search.argument, "<|1|>: 'Paris is the capital.'", "ok", found)),
        ToolReturned(1, ToolCall("Calculate", calculate.argument, "1781", "ok")),
        *said(text),
    ]


def said(text: str) -> list[Event]:
    """The reply, in pieces of a few characters."""
    pieces = [text[start : start + 7] for start in range(0, len(text), 7)]
    return [*map(TextDelta, pieces), Finished(text, "stop", 12, len(text) // 4)]


@dataclass
class Held:
    """A reply that says its first part, then waits for the test, then says the rest."""

    first: str
    rest: str
    go_on: threading.Event = field(default_factory=threading.Event)

    def __iter__(self) -> Iterator[Event]:
        yield TextDelta(self.first)
        while not self.go_on.wait(0.05):
            yield TextDelta("")
        yield from said(self.rest)[:-1]
        yield Finished(self.first + self.rest, "stop", 12, 34)
