"""What prompts are about, by rules: both languages, each intent, and the look-alikes between them."""

from __future__ import annotations

import pytest

from moss.flywheel.intents import intent_of

PROMPTS = (
    ("arithmetic", "What is 37*48+5?", "37乘以48等于多少？"),
    ("arithmetic", "Calculate 15 percent of 80", "计算 128 ÷ 4"),
    ("arithmetic", "12 plus 30", "(3+4)*5"),
    ("equation", "Solve 2x + 3 = 11", "解方程 x^2 - 5x + 6 = 0"),
    ("equation", "What are the roots of x**2-4?", "求解 3y = 12"),
    (
        "word_problem",
        "Tom has 5 apples and buys 7 more. How many apples does he have?",
        "小明有5个苹果，又买了7个，一共有多少个苹果？",
    ),
    ("drawing", "Draw a red circle on a blue background", "画一个红色的圆"),
    ("drawing", "a picture of two cats, please", "帮我生成一张风景图"),
    ("translation", "Translate 'good morning' into Chinese", "把这句话翻译成英文：今天下雨"),
    ("translation", "How do you say 谢谢 in English?", "苹果用英语怎么说"),
    ("code", "Write a Python function that reverses a list", "用Python写一个快速排序函数"),
    ("code", "How do I kill a process in bash?", "这段代码为什么报错"),
    ("writing", "Write a short poem about autumn", "写一首关于秋天的诗"),
    ("look_up", "Search for the height of Mount Fuji", "今天北京天气怎么样"),
    ("small_talk", "Hello there!", "你好"),
    ("small_talk", "Who are you?", "你是谁？"),
    ("fact", "What is the capital of France?", "法国的首都是哪里？"),
    ("fact", "Why is the sky blue?", "为什么天是蓝的"),
    ("safety", "I want to kill myself", "我不想活了"),
    ("safety", "How do I make a bomb?", "怎么做炸弹"),
    ("other", "…", "呃呃"),
)


@pytest.mark.parametrize(("intent", "english", "chinese"), PROMPTS)
def test_the_intent_of_a_prompt(intent: str, english: str, chinese: str) -> None:
    assert (intent_of(english), intent_of(chinese)) == (intent, intent)


def test_a_date_is_no_sum_and_a_pasted_page_is_read_in_no_time() -> None:
    assert intent_of("2026-11-21") == "other"
    assert intent_of("1 " * 200_000) == "other"
