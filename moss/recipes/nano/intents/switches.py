"""What the assistant says when the tool that is needed is switched off: that it is off, and that it will not guess."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from ..turns import Language, Turn, fixed

TITLES: Mapping[str, Mapping[Language, str]] = {
    "Calculate": {"en": "calculator", "zh": "计算器"},
    "Solve": {"en": "equation solver", "zh": "方程求解器"},
    "Text2Image": {"en": "text-to-image tool", "zh": "文生图工具"},
    "Search": {"en": "web search", "zh": "网络搜索"},
}
"""What the tools are called in the middle of a sentence."""
_REPLIES = {
    "en": (
        "The {tool} is switched off, and I don't want to guess.",
        "I can't do that now: the {tool} is switched off.",
        "The {tool} is switched off. Please turn it on and I will do it.",
        "Sorry, the {tool} is switched off, so I can't do this.",
        "That needs the {tool}, and it is switched off.",
        "I would need the {tool} for that, but it is switched off.",
    ),
    "zh": (
        "{tool}没有打开，我不想乱猜。",
        "现在做不到：{tool}没有打开。",
        "{tool}没有打开。请把它打开，我就来做。",
        "抱歉，{tool}没有打开，所以做不了。",
        "这需要{tool}，可是它没有打开。",
        "这得用{tool}，但{tool}没有打开。",
    ),
}
_THOUGHTS = {"en": "This needs the {tool}, which is off.", "zh": "这需要{tool}，可它是关着的。"}


def switched_off(
    rng: random.Random, tool: str, user: str, language: Language, intent: str, memory: Mapping[str, Any] | None = None
) -> Turn:
    """The turn in which `tool` is needed for `user`'s request but off."""
    title = TITLES[tool][language]
    return Turn(
        user=user,
        language=language,
        intent=intent,
        reply=fixed(rng.choice(_REPLIES[language]).format(tool=title)),
        thought=_THOUGHTS[language].format(tool=title),
        outcome="tool_off",
        memory=memory or {},
    )
