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
_ASK_IN_TRAINING = {
    "en": (
        "I want to see {d}.", "Let me have a drawing of {d}.", "Produce an image of {d}.", "Render {d}.",
        "drawing: {d}", "Picture: {d}", "Sketch me {d}.", "Please sketch {d}.", "Can you sketch {d}?",
        "Please illustrate {d}.", "Show me {d}.", "Please show me an image of {d}.", "Can you show me {d}?",
        "Can you generate an image of {d}?", "Can you create an image with {d}?", "Would you paint {d}?",
        "Will you draw {d}?", "I want an image: {d}.", "I'd love to see {d}.", "I want you to draw {d}.",
        "Draw this for me: {d}.", "Draw this: {d}", "Use the picture tool: {d}.", "Turn this into a picture: {d}.",
        "Now draw {d}.", "Help me draw {d}.", "My son would like {d}, please paint it.", "For my daughter: draw {d}.",
        "For a card, draw {d}.", "For my blog I want an image of {d}.", "Try an image of {d}.",
        "Quick sketch of {d}, please.", "An image of {d}, please.", "A drawing of {d}, please.",
        "Is a picture of {d} possible?", "How about a picture of {d}?", "Image please: {d}.", "Go ahead and draw {d}.",
        "Text to image: {d}.", "picture of {d} pls",
    ),
    "zh": (
        "画一下{d}。", "画个图：{d}。", "画一画{d}。", "你画{d}。", "你来画{d}。", "来画{d}。", "图片：{d}。",
        "生成图像：{d}。", "用文生图画{d}。", "给我看看{d}。", "让我看看{d}。", "想看{d}，画出来。", "把{d}画出来。",
        "请把{d}画出来。", "能帮我画{d}吗？", "能给我画{d}吗？", "可以帮忙画{d}吗？", "你会画{d}吗？",
        "可以生成图片吗：{d}。", "请做一张图：{d}。", "做图：{d}", "制作图片：{d}。", "设计一张图：{d}。",
        "给我女儿画{d}。", "给弟弟画{d}。", "为孩子画{d}。", "随手画{d}。", "简单画{d}。", "快画{d}。", "描绘{d}。",
        "麻烦给我画{d}。", "麻烦你画{d}。", "我想请你画{d}。", "我需要一张图：{d}。", "贺卡上要{d}，画一下。",
        "画：{d}", "请你绘制{d}。", "能绘制{d}吗？", "动手画{d}吧。",
    ),
}  # fmt: skip
"""Asked in training alone."""
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
_TOO_HARD_IN_TRAINING = (
    ("a sheep", "一只羊"), ("a goat", "一只山羊"), ("a duck", "一只鸭子"), ("a chicken", "一只鸡"),
    ("a goose", "一只鹅"), ("a wolf", "一只狼"), ("a fox", "一只狐狸"), ("a bear", "一头熊"), ("a deer", "一头鹿"),
    ("a camel", "一头骆驼"), ("a donkey", "一头驴"), ("a giraffe", "一只长颈鹿"), ("a zebra", "一匹斑马"),
    ("a kangaroo", "一只袋鼠"), ("a koala", "一只考拉"), ("a penguin", "一只企鹅"), ("a whale", "一头鲸鱼"),
    ("a dolphin", "一只海豚"), ("a shark", "一条鲨鱼"), ("a crab", "一只螃蟹"), ("an octopus", "一只章鱼"),
    ("a turtle", "一只乌龟"), ("a crocodile", "一条鳄鱼"), ("a snail", "一只蜗牛"), ("a bee", "一只蜜蜂"),
    ("a spider", "一只蜘蛛"), ("an ant", "一只蚂蚁"), ("a mouse", "一只老鼠"), ("a squirrel", "一只松鼠"),
    ("a hedgehog", "一只刺猬"), ("an owl", "一只猫头鹰"), ("a parrot", "一只鹦鹉"), ("a swan", "一只天鹅"),
    ("a king", "一位国王"), ("a queen", "一位王后"), ("a knight", "一位骑士"), ("a soldier", "一个士兵"),
    ("a doctor", "一位医生"), ("a nurse", "一位护士"), ("a teacher", "一位老师"), ("a baby", "一个婴儿"),
    ("a witch", "一个女巫"), ("a ghost", "一个幽灵"), ("a monster", "一个怪物"), ("an angel", "一个天使"),
    ("a mermaid", "一条美人鱼"), ("a clown", "一个小丑"), ("a dancer", "一位舞者"), ("a bus", "一辆公共汽车"),
    ("a truck", "一辆卡车"), ("a motorbike", "一辆摩托车"), ("a tractor", "一辆拖拉机"), ("a tank", "一辆坦克"),
    ("a helicopter", "一架直升机"), ("a submarine", "一艘潜艇"), ("a violin", "一把小提琴"), ("a drum", "一面鼓"),
    ("a trumpet", "一把小号"), ("a bed", "一张床"), ("a sofa", "一张沙发"), ("a door", "一扇门"),
    ("a window", "一扇窗户"), ("a mirror", "一面镜子"), ("a book", "一本书"), ("a pencil", "一支铅笔"),
    ("a letter", "一封信"), ("a phone", "一部手机"), ("a camera", "一台相机"), ("a television", "一台电视"),
    ("a key", "一把钥匙"), ("a knife", "一把刀"), ("a spoon", "一把勺子"), ("a plate", "一个盘子"),
    ("a bottle", "一个瓶子"), ("a shirt", "一件衬衫"), ("a dress", "一条裙子"), ("a coat", "一件外套"),
    ("a glove", "一只手套"), ("a scarf", "一条围巾"), ("a crown", "一顶王冠"), ("a ring", "一枚戒指"),
    ("a sword", "一把剑"), ("a flag", "一面旗"), ("a gift", "一份礼物"), ("a banana", "一根香蕉"),
    ("a lemon", "一个柠檬"), ("a pizza", "一个披萨"), ("a hamburger", "一个汉堡"), ("a carrot", "一根胡萝卜"),
    ("a tomato", "一个番茄"), ("a potato", "一个土豆"), ("a pumpkin", "一个南瓜"), ("a strawberry", "一颗草莓"),
    ("a watermelon", "一个西瓜"), ("a loaf of bread", "一个面包"), ("an egg", "一个鸡蛋"),
    ("a church", "一座教堂"), ("a tower", "一座塔"), ("a temple", "一座寺庙"), ("a lighthouse", "一座灯塔"),
    ("a windmill", "一座风车"), ("a pyramid", "一座金字塔"), ("a volcano", "一座火山"), ("an island", "一座小岛"),
    ("a waterfall", "一道瀑布"), ("a river", "一条河"), ("a forest", "一片森林"), ("a garden", "一座花园"),
    ("a school", "一所学校"), ("a hospital", "一所医院"), ("a farm", "一个农场"), ("a market", "一个集市"),
    ("a football", "一个足球"), ("a kite", "一只风筝"), ("a doll", "一个洋娃娃"), ("a teddy bear", "一只泰迪熊"),
    ("a chess board", "一个棋盘"), ("a map", "一张地图"), ("a skeleton", "一具骷髅"), ("a rainbow", "一道彩虹"),
    ("an alien", "一个外星人"), ("a tent", "一顶帐篷"), ("a candle", "一支蜡烛"), ("a ladder", "一架梯子"),
    ("a wheel", "一个轮子"), ("a basket", "一个篮子"),
)  # fmt: skip
"""Asked for in training alone."""
WORDS = (*_TOO_HARD, *_TOO_HARD_IN_TRAINING)
"""(English, Chinese) of things that the tool does not know."""


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
        if split == "eval":
            return *rng.choice(kept), None
        return *_coloured(rng, *rng.choice([*kept, *_TOO_HARD_IN_TRAINING])), None
    scene = draw_scene(rng, split)
    return describe(scene), describe_in_chinese(scene), scene


def _coloured(rng: random.Random, english: str, chinese: str) -> tuple[str, str]:
    """The thing in a colour, now and then: "a robot" is "a green robot", 一个机器人 is 一个绿色的机器人."""
    if rng.random() < 0.6 or not chinese.startswith("一"):
        return english, chinese
    name, colour = rng.choice(list(COLOURS.items()))
    article = "an" if name[0] in "aeiou" else "a"
    return f"{article} {name} {english.split(' ', 1)[1]}", f"{chinese[:2]}{colour.zh}的{chinese[2:]}"


def drawing(
    rng: random.Random, language: Language, split: Split, tools: frozenset[str], previous: Turn | None
) -> Turn | None:
    """A request for a picture: drawn where text-to-image is on, and admitted where nothing came of it."""
    english, chinese, scene = _wish(rng, split)
    wanted = english if language == "en" else chinese
    user = phrase(rng, language, split, _ASK[language], more=_ASK_IN_TRAINING[language], d=wanted)
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
