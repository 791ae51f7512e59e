"""What the start screen shows of an assistant: its tools by their names for people, and questions it can really answer.

A question is shown where its tool is there. Not here: the page, and its other words (`web/locales/`).
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from pydantic import BaseModel

if TYPE_CHECKING:
    from ..tools import Toolbox


class Words(BaseModel):
    """The same in each language of the page."""

    en: str
    zh: str


TITLES = {"Search": "搜索", "Calculate": "计算器", "Solve": "解方程", "Text2Image": "文生图"}
"""The tools' names in Chinese; a tool that is not here is called as it calls itself."""

EXAMPLES: tuple[tuple[str | None, Words], ...] = (
    ("Search", Words(en="What is the capital of France?", zh="法国的首都是哪里？")),
    ("Calculate", Words(en="What is 37*48+5?", zh="37*48+5等于多少？")),
    ("Solve", Words(en="Solve x^2 - 5x + 6 = 0.", zh="解方程 x^2-5x+6=0。")),
    ("Text2Image", Words(en="Draw a red car on the grass.", zh="画一辆草地上的红色汽车。")),
    (None, Words(en="What can you do?", zh="你能做什么？")),
)
"""Questions, and the tool that each needs."""


def titles(toolbox: Toolbox) -> dict[str, Words]:
    """Name of each tool -> what it is called for people."""
    tools = [toolbox[name] for name in toolbox.names]
    return {tool.name: Words(en=tool.title, zh=TITLES.get(tool.name, tool.title)) for tool in tools}


def examples(tools: Collection[str]) -> dict[str, list[str]]:
    """The questions that an assistant with these tools can answer, in each language."""
    shown = [words for tool, words in EXAMPLES if tool is None or tool in tools]
    return {"en": [words.en for words in shown], "zh": [words.zh for words in shown]}
