from __future__ import annotations

import pytest

from moss.chat_format import SPECIAL_TOKENS, ChatFormat
from moss.conversation import Conversation, Message
from moss.data.statistics import language_of, measure, quantile
from moss.tokenizer import train


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("What is 37*48?", "en"),
        ("37*48等于多少？", "zh"),
        ("用 Python 写一个排序函数", "zh"),
        ("What does 你好 mean in English, and how is it pronounced?", "en"),
        ("東京の天気はどうですか", "other"),
        ("오늘 날씨 어때", "other"),
        ("Привет", "other"),
        ("37*48", "other"),
        ("", "other"),
    ],
)
def test_language_of(text: str, language: str) -> None:
    assert language_of(text) == language


def test_tokens_are_those_of_the_rendered_dialogue() -> None:
    chat_format = ChatFormat(train(["hello"], 300, SPECIAL_TOKENS))
    good = Conversation((Message("user", "hello"), Message("assistant", "hi")))
    broken = Conversation((Message("user", "hello"), Message("user", "hello")))
    found = measure([good, broken, good], chat_format)
    rendered = chat_format.render(good)
    assert found.tokens == [len(rendered.tokens)] * 2
    assert found.trained_tokens == 2 * sum(rendered.loss_mask) > 0
    assert len(found.not_renderable) == 1
    assert found.not_renderable[0].startswith("conversation 2: message 2: ")


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [
        ([], 0.5, 0),
        ([7], 0.9, 7),
        ([3, 1, 2], 0.5, 2),
        (list(range(1, 11)), 0.9, 9),
        ([1, 2], 0.0, 1),
        ([1, 2], 1.0, 2),
    ],
)
def test_quantile_is_the_nearest_rank(values: list[int], share: float, expected: int) -> None:
    assert quantile(values, share) == expected
