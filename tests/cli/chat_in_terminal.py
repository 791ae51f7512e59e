"""Run by test_terminal.py inside a pseudo-terminal: the chat with a fake assistant that is slow to end."""

from __future__ import annotations

import time
from collections.abc import Iterator

from rich.console import Console

from moss.cli.chat import Chat, typed_lines
from moss.engine.sampling import SamplingParams
from moss.events import Event, TextDelta
from tests.fake_agent import assistant_that_says, plain, with_tools


class Endless:
    """An answer that only Ctrl-C ends."""

    def __iter__(self) -> Iterator[Event]:
        while True:
            yield TextDelta("endless ")
            time.sleep(0.02)


if __name__ == "__main__":
    assistant, _ = assistant_that_says(with_tools(), Endless(), plain("I heard 你好."))
    session = Chat(assistant, SamplingParams(), Console(highlight=False), interactive=True)
    session.talk(typed_lines(assistant.name))
    print("LEFT", len(session.conversation.messages))
