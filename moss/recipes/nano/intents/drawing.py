"""Requests for pictures, in both languages; the description of the call is always lower-case English.

What the tool cannot draw is asked of it all the same, so that the assistant learns to say what came of it.
"""

from __future__ import annotations

import random
from collections.abc import Mapping

from moss.conversation import ToolCall
from moss.tools.scenes import (
    BACKGROUNDS,
    COLOURS,
    KINDS,
    RELATIONS,
    Scene,
    Thing,
    describe,
    describe_in_chinese,
    random_scene,
)

from ..turns import Language, Split, Step, Turn, fixed
from ..wording import belongs, phrase
from .switches import switched_off

_ASK = {
    "en": (
        "Draw {d}.", "Please draw {d}.", "Can you draw {d}?", "Draw me {d}.", "Could you draw {d}?",
        "Make a picture of {d}.", "I want a picture of {d}.", "Paint {d}.", "Show me a picture of {d}.",
        "Please make a picture of {d}.", "Generate an image of {d}.", "Create an image of {d}.",
        "I'd like a drawing of {d}.", "Sketch {d}.", "Create a picture of {d}.", "A picture of {d}, please.",
        "Give me an image of {d}.", "Can I have a picture of {d}?", "Illustrate {d}.",
        "Can you make a drawing of {d}?", "Would you draw {d} for me?", "Draw a picture of {d}.",
        "I need an image of {d}.", "Picture of {d}.", "I need a picture of {d}.", "Let me see {d}.",
        "Please paint {d} for me.", "Make me an image with {d}.", "My daughter wants {d}, draw it.",
        "Please generate a picture of {d}.", "Make an image: {d}", "Can you paint {d}?", "Design a picture of {d}.",
        "draw {d}", "Draw {d} for my son.", "Do you think you can draw {d}?", "Try to draw {d}.", "Image of {d}.",
        "I would love a picture of {d}.", "Could you paint me {d}?",
    ),
    "zh": (
        "画{d}。", "请画{d}。", "帮我画{d}。", "给我画{d}。", "请帮我画{d}。",
        "画一张图：{d}。", "能画{d}吗？", "我想要一张图：{d}。", "生成一张图片：{d}。", "请画一张图：{d}。",
        "麻烦画{d}。", "你能画{d}吗？", "来一张图，{d}。", "我想看{d}。", "可以画{d}吗？",
        "画一幅画：{d}。", "请生成图片：{d}。", "做一张图片，{d}。", "为我画{d}。", "请为我画{d}。",
        "可不可以画{d}？", "帮忙画{d}。", "画出{d}。", "我要一幅画：{d}。", "我要一张图片：{d}。",
        "孩子想看{d}，画一下。", "请你画{d}。", "试着画{d}。", "作图：{d}。", "试试画{d}。",
        "给孩子画{d}。", "绘制{d}。", "请绘制{d}。", "画画：{d}", "帮我绘制{d}。",
    ),
}  # fmt: skip
_THOUGHTS = {
    "en": ("The user wants a picture.", "I draw this with the text-to-image tool."),
    "zh": ("用户想要一张图。", "用文生图工具来画。"),
}
_REPLIES = {
    "en": ("Here is {d}.", "Here is your picture: {d}.", "Done. Here is {d}.", "Here you are: {d}."),
    "zh": ("画好了：{d}。", "这是你要的图：{d}。", "好了，图里是{d}。", "给你：{d}。"),
}
_CANNOT = {
    "en": (
        "The tool could not draw that. I can draw simple things: shapes, a house, a tree, a cat, a car or a boat.",
        "Sorry, no picture came out. I can draw simple scenes, such as a red car or a star in the night sky.",
        "I could not draw {d}. Simple things work: a sun, a flower, a fish, a heart.",
    ),
    "zh": (
        "工具画不出来。我能画简单的东西：图形、房子、树、猫、汽车或船。",
        "抱歉，没有画成。我能画简单的场景，比如红色的汽车、夜空中的星星。",
        "画不出{d}。简单的可以：太阳、花、鱼、爱心。",
    ),
}
_TOO_HARD = (
    ("a dragon", "一条龙"), ("a robot", "一个机器人"), ("a castle", "一座城堡"), ("a horse", "一匹马"),
    ("an elephant", "一头大象"), ("a bicycle", "一辆自行车"), ("a piano", "一架钢琴"), ("a train", "一列火车"),
    ("an airplane", "一架飞机"), ("a tiger", "一只老虎"), ("a princess", "一位公主"), ("a panda", "一只熊猫"),
    ("a computer", "一台电脑"), ("a dog", "一只狗"), ("a rabbit", "一只兔子"), ("a bridge", "一座桥"),
    ("a lion", "一头狮子"), ("a unicorn", "一只独角兽"), ("a guitar", "一把吉他"), ("a clock", "一个时钟"),
    ("a butterfly", "一只蝴蝶"), ("a spaceship", "一艘飞船"), ("a snowman", "一个雪人"), ("a cow", "一头牛"),
    ("a pig", "一头猪"), ("a chair", "一把椅子"), ("a table", "一张桌子"), ("a lamp", "一盏灯"), ("a shoe", "一只鞋"),
    ("a hat", "一顶帽子"), ("a wizard", "一位巫师"), ("a pirate", "一个海盗"), ("a monkey", "一只猴子"),
    ("a snake", "一条蛇"), ("a frog", "一只青蛙"), ("a city street", "一条城市街道"),
    ("a football match", "一场足球赛"), ("a portrait of my mother", "我妈妈的肖像"),
    ("a birthday cake", "一个生日蛋糕"), ("a dinosaur", "一只恐龙"),
)  # fmt: skip


def draw_scene(rng: random.Random, split: Split) -> Scene:
    """A scene of the split: its whole description is held out, its words are not."""
    while True:
        scene = _simple_scene(rng) if rng.random() < 0.8 else random_scene(rng)
        if belongs(describe(scene), split):
            return scene


def _simple_scene(rng: random.Random) -> Scene:
    """One thing, or two in a relation, as people mostly ask for."""
    things = [_thing(rng) for _ in range(rng.choices((1, 2), (62, 38))[0])]
    background = rng.choice(list(BACKGROUNDS)) if rng.random() < 0.4 else "white"
    return Scene(tuple(things), tuple(rng.choice(list(RELATIONS)) for _ in things[1:]), background)


def _thing(rng: random.Random) -> Thing:
    colour = rng.choice(list(COLOURS)) if rng.random() < 0.75 else None
    return Thing(rng.choice(list(KINDS)), colour, rng.choices(("small", "medium", "big"), (1, 4, 1))[0])


def _wish(rng: random.Random, split: Split) -> tuple[str, str, Scene | None]:
    """What is to be drawn: the English and the Chinese words, and the scene, where the tool can draw it."""
    if rng.random() < 0.12:
        kept = [pair for index, pair in enumerate(_TOO_HARD) if (index % 5 == 4) == (split == "eval")]
        return *rng.choice(kept), None
    scene = draw_scene(rng, split)
    return describe(scene), describe_in_chinese(scene), scene


def drawing(
    rng: random.Random, language: Language, split: Split, tools: frozenset[str], previous: Turn | None
) -> Turn | None:
    """A request for a picture: drawn where text-to-image is on, and admitted where nothing came of it."""
    english, chinese, scene = _wish(rng, split)
    wanted = english if language == "en" else chinese
    user = phrase(rng, language, split, _ASK[language], d=wanted)
    if "Text2Image" not in tools:
        return switched_off(rng, "Text2Image", user, language, "drawing")
    return picture(rng, user, language, english, wanted, "drawing", {"scene": scene} if scene else {})


def picture(
    rng: random.Random,
    user: str,
    language: Language,
    description: str,
    wanted: str,
    intent: str,
    memory: Mapping[str, object],
) -> Turn:
    """The turn that draws `description`, called `wanted` in the reply; without a scene in memory the tool will fail."""
    possible = "scene" in memory
    reply = rng.choice((_REPLIES if possible else _CANNOT)[language]).format(d=wanted)
    return Turn(
        user=user,
        language=language,
        intent=intent,
        steps=(Step(rng.choice(_THOUGHTS[language]), (ToolCall("Text2Image", description),)),),
        reply=fixed(reply),
        answer=(wanted,) if possible else (),
        outcome="answer" if possible else "tool_failed",
        memory=memory,
    )
