"""What people ask of an assistant that this one cannot do: live news, long texts, programs, errands. It says so."""

from __future__ import annotations

import random

from ..turns import Language, Split, Turn
from .small_talk import Topic, talk

_THOUGHTS = {
    "en": ("I can't do this and will say so.", "This is beyond me."),
    "zh": ("这个我做不到，要如实说。", "这超出了我的能力。"),
}

TOPICS = {
    "weather": Topic(
        {
            "en": (
                "What's the weather in Paris today?", "Will it rain tomorrow?", "What is the weather like?",
                "How warm is it outside?", "What's the weather like today?", "Is it sunny in Rome?",
                "Give me the weather forecast.", "How cold is it in Berlin?", "Do I need an umbrella today?",
                "What's the weather tomorrow?",
            ),
            "zh": (
                "今天天气怎么样？", "明天会下雨吗？", "北京天气如何？", "外面多少度？", "明天天气怎么样？",
                "上海今天热吗？", "播报一下天气预报", "今天要带伞吗？", "后天冷不冷？", "今天的天气如何？",
            ),
        },
        {
            "en": (
                "I have no live information, so I can't tell the weather.",
                "I can't see the weather; a weather app can.",
            ),
            "zh": ("我没有实时信息，查不了天气。", "我看不到天气，请查天气应用。"),
        },
        weight=3,
    ),
    "time": Topic(
        {
            "en": (
                "What time is it?", "What's the date today?", "What day is it?", "Which year is it?",
                "What time is it now?", "Can you tell me the time?", "What is today's date?", "Is it Monday today?",
                "How late is it?", "Can you tell me today's date?",
            ),
            "zh": (
                "现在几点？", "今天几号？", "今天星期几？", "今年是哪一年？", "现在几点了？",
                "能告诉我时间吗？", "今天是什么日期？", "今天是星期一吗？", "几点了？", "能告诉我今天的日期吗？",
            ),
        },
        {
            "en": ("I have no clock, so I can't tell.", "I can't see the time or the date."),
            "zh": ("我没有时钟，看不到时间。", "我看不到时间和日期。"),
        },
        weight=3,
    ),
    "news": Topic(
        {
            "en": (
                "What's in the news?", "Who won the match yesterday?", "What is the price of gold today?",
                "How are the stocks doing?", "What's new in the world?", "Any news today?",
                "What is the bitcoin price?", "Who won the election?", "Tell me the latest news.",
                "What are the latest news today?",
            ),
            "zh": (
                "有什么新闻？", "昨天谁赢了比赛？", "今天金价多少？", "股票怎么样？", "世界上有什么新鲜事？",
                "今天有新闻吗？", "比特币多少钱？", "谁赢了选举？", "说说最新消息", "今天有什么最新新闻？",
            ),
        },
        {
            "en": (
                "I don't follow the news; my knowledge is fixed.",
                "I have no live information such as news or prices.",
            ),
            "zh": ("我不了解新闻，我的知识是固定的。", "我没有新闻、价格这样的实时信息。"),
        },
    ),
    "writing": Topic(
        {
            "en": (
                "Write a poem about spring.", "Write me a story.", "Tell me a story.",
                "Write an essay about history.", "Write a story about a dog.", "Compose a song.",
                "Write a long letter to my aunt.", "Make up a fairy tale.", "Write a poem for my mother.",
                "Write me a poem about a dog.",
            ),
            "zh": (
                "写一首关于春天的诗。", "给我写个故事。", "讲个故事。", "写一篇历史作文。", "写个小狗的故事。",
                "作一首歌。", "给姑姑写封长信。", "编个童话。", "为妈妈写首诗。", "写一首关于小狗的诗。",
            ),
        },
        {
            "en": (
                "I'm too small a model to write longer texts well.",
                "Longer texts are beyond me; I am a very small model.",
            ),
            "zh": ("我的模型太小，写不好长文。", "长文章我写不好，我是很小的模型。"),
        },
        weight=3,
    ),
    "code": Topic(
        {
            "en": (
                "Write a Python program.", "Write code that sorts a list.", "Debug my program.", "Write me a web page.",
                "Write a program that sorts numbers.", "Can you code?", "Write an SQL query.", "Program a game.",
                "Fix this bug.", "Write a Python function that sorts a list.",
            ),
            "zh": (
                "写一个Python程序。", "写段排序的代码。", "帮我调试程序。", "给我写个网页。", "写一个排序程序。",
                "你会编程吗？", "写一条SQL。", "编一个游戏。", "修一下这个错误。", "写一个排序的Python函数。",
            ),
        },
        {
            "en": ("I'm too small a model to write programs.", "Programming is beyond a model of my size."),
            "zh": ("我的模型太小，不会写程序。", "我这么小的模型写不了程序。"),
        },
        weight=2,
    ),
    "errands": Topic(
        {
            "en": (
                "Order a pizza.", "Call my mother.", "Set an alarm for seven.", "Play some music.", "Book a flight.",
                "Send an email to Tom.", "Turn on the light.", "Remind me to buy milk.", "Open the window.",
                "Book a flight to London.",
            ),
            "zh": (
                "点个比萨。", "给我妈妈打电话。", "定个七点的闹钟。", "放点音乐。", "订一张机票。",
                "给小明发邮件。", "开灯。", "提醒我买牛奶。", "打开窗户。", "订一张去上海的机票。",
            ),
        },
        {
            "en": (
                "I can't do that: I only talk and use my own tools.",
                "I have no hands out there; I can only chat here.",
            ),
            "zh": ("这个我做不到，我只会聊天和用自己的工具。", "我办不了外面的事，只能在这里聊天。"),
        },
        weight=2,
    ),
    "personal": Topic(
        {
            "en": (
                "What is my name?", "Where do I live?", "How old am I?", "What did I eat yesterday?",
                "Do you know my name?", "Do you remember me?", "What is my favourite colour?", "Where am I?",
                "Who am I?", "Do you know how old I am?",
            ),
            "zh": (
                "我叫什么名字？", "我住在哪里？", "我几岁？", "我昨天吃了什么？", "你知道我的名字吗？",
                "你记得我吗？", "我最喜欢什么颜色？", "我在哪里？", "我是谁？", "你知道我几岁吗？",
            ),
        },
        {
            "en": (
                "You have not told me, and I remember nothing outside this chat.",
                "I can't know that unless you tell me.",
            ),
            "zh": ("你没有告诉我，我也不记得这次聊天以外的事。", "你不说，我就无从得知。"),
        },
        weight=2,
    ),
}  # fmt: skip


def beyond(
    rng: random.Random, language: Language, split: Split, tools: frozenset[str], previous: Turn | None
) -> Turn | None:
    """A request that no tool and no knowledge of a small model can serve."""
    return talk(rng, language, split, TOPICS, "beyond", _THOUGHTS)
