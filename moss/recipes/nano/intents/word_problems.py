"""Stories with a number to find: prices, apples, speeds, ages, shares, discounts; one or two steps.

Each structure knows the expression that answers it and, apart from the calculator, its value, so that a story whose
expression is wrong cannot pass. Every fifth story of a structure, and one name and thing in ten, are held out.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import TypeVar

from moss.conversation import ToolCall

from ..turns import Language, Split, Step, Turn
from ..wording import belongs, chinese_numeral, choose, decorate, english_numeral
from .stories import made_story
from .switches import switched_off

Numbers = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Structure:
    """Stories with the same way to the answer; `{a}` ... `{d}` are the numbers."""

    name: str
    """What `stories.STORIES` calls it."""
    draw: Callable[[random.Random], Numbers]
    expression: str
    value: Callable[..., int | Fraction]
    stories: Mapping[Language, tuple[str, ...]]
    """Slots: numbers, `{n}` and `{m}` names, `{t}` a thing (plural in English), `{q}` its Chinese measure word."""
    thought: Mapping[Language, str]
    reply: Mapping[Language, str]
    """With `{r}` for the result."""
    things: str = "things"
    """The list that `{t}` is drawn from."""


# -- names and things --------------------------------------------------------------------------------------------------

_NAMES = {
    "en": (
        "Tom", "Anna", "Ben", "Lucy", "Jack", "Emma", "Sam", "Mia", "Leo", "Kate", "Paul", "Nina", "Max", "Ella",
        "Oscar", "Ruth", "Ian", "Clara", "Hugo", "Maria", "David", "Sara", "Peter", "Jane", "Adam", "Lily", "Mark",
        "Eva", "Noah", "Alice", "Bob", "Grace", "Henry", "Julia", "Simon", "Laura", "Felix", "Helen", "George", "Amy",
    ),
    "zh": (
        "小明", "小红", "小刚", "小丽", "小华", "小芳", "小军", "小强", "小美", "小亮", "李雷", "韩梅梅", "王芳",
        "张伟", "刘洋", "陈静", "小杰", "小玉", "小龙", "小雪", "小林", "小东", "小宇", "小云", "小梅", "阿明",
        "阿强", "小燕", "小光", "小兰", "赵磊", "周敏", "吴刚", "孙丽", "小胖", "小乐", "小北", "小南", "小安",
        "小文",
    ),
}  # fmt: skip
_THINGS = {
    "en": {
        "things": (
            "apples", "books", "pencils", "marbles", "stickers", "oranges", "cookies", "stamps", "shells", "balls",
            "pens", "cards", "coins", "eggs", "flowers", "balloons", "candies", "toys", "photos", "buttons",
            "peaches", "bananas", "lemons", "pears", "cakes", "cups", "notebooks", "erasers", "beads", "stones",
            "nuts", "plums", "tickets", "crayons", "mangoes", "kiwis",
        ),
        "goods": (
            "pens", "books", "notebooks", "cakes", "cups", "shirts", "hats", "balls", "toys", "tickets", "melons",
            "plates", "lamps", "bags", "chairs", "sandwiches", "kites", "brushes", "bottles", "pizzas", "plants",
            "rulers", "scarves", "pillows",
        ),
    },
    "zh": {
        "things": (
            "个苹果", "本书", "支铅笔", "颗弹珠", "张贴纸", "个橙子", "块饼干", "张邮票", "个贝壳", "个球", "支钢笔",
            "张卡片", "枚硬币", "个鸡蛋", "朵花", "个气球", "颗糖", "个玩具", "张照片", "颗纽扣", "个桃子", "根香蕉",
            "个柠檬", "个梨", "块蛋糕", "个杯子", "本笔记本", "块橡皮", "颗珠子", "块石头", "个核桃", "个李子",
            "张票", "支蜡笔", "个芒果", "颗草莓",
        ),
        "goods": (
            "支钢笔", "本书", "本笔记本", "块蛋糕", "个杯子", "件衬衫", "顶帽子", "个球", "个玩具", "张票", "个西瓜",
            "个盘子", "盏灯", "个书包", "把椅子", "个三明治", "个风筝", "把刷子", "瓶果汁", "个比萨", "盆花",
            "把尺子", "条围巾", "个枕头",
        ),
    },
}  # fmt: skip

_MORE_NAMES: Mapping[Language, tuple[str, ...]] = {
    "en": (
        "Aaron", "Abby", "Alan", "Bella", "Boris", "Carl", "Celia", "Chris", "Daisy", "Dan", "Diana", "Dora", "Edgar",
        "Elena", "Eric", "Fiona", "Frank", "Fred", "Gina", "Greta", "Hana", "Harry", "Ines", "Ivan", "Jacob", "Jill",
        "Joan", "Karl", "Kevin", "Lars", "Lena", "Linda", "Lola", "Luke", "Martin", "Mary", "Milo", "Mona", "Nadia",
        "Ned", "Nora", "Olga", "Oliver", "Pablo", "Penny", "Quinn", "Rita", "Robert", "Rosa", "Sophie", "Stella",
        "Tara",
        "Theo", "Tina", "Umar", "Vera", "Victor", "Wendy", "Will", "Yusuf", "Zoe", "Grandma", "Grandpa",
        "Zora", "Yara", "Wilma", "Todd", "Sven", "Ruben", "Pia", "Petra",
    ),
    "zh": (
        "小贝", "小晨", "小春", "小丹", "小凡", "小飞", "小峰", "小海", "小荷", "小慧", "小佳", "小健", "小江",
        "小静", "小娟", "小凯",
        "小雷", "小琳", "小玲", "小路", "小敏", "小娜", "小宁", "小鹏", "小平", "小倩", "小青", "小秋", "小蓉",
        "小珊", "小涛", "小婷",
        "小伟", "小霞", "小欣", "小阳", "小叶", "小怡", "小英", "小月", "小哲", "小舟", "小瑶", "小昕", "小柯",
        "陈奶奶", "爷爷",
        "妈妈", "爸爸", "姐姐", "弟弟", "农夫", "店主", "教练", "徐浩", "何琪", "郭涛", "林悦", "马超", "高远",
        "胡兵", "朱莉",
    ),
}  # fmt: skip
"""More for training, as the following."""
_MORE_THINGS: Mapping[Language, tuple[str, ...]] = {
    "en": (
        "ropes", "spoons", "forks", "bowls", "blankets", "candles", "envelopes", "magnets", "maps", "masks", "mugs",
        "nails", "onions", "paintings", "posters", "potatoes", "puzzles", "ribbons", "rings", "roses", "screws",
        "socks",
        "tomatoes", "towels", "vases", "watches", "wheels", "whistles", "carrots", "cherries", "dolls", "drums",
        "fans",
        "feathers", "gloves", "keys", "ladders", "letters", "melons", "pumpkins", "seeds", "shoes", "stools", "tiles",
        "umbrellas", "tulips", "muffins", "bricks", "boards", "batteries", "bulbs", "cables", "chains", "clips",
        "combs",
    ),
    "zh": (
        "根绳子", "把勺子", "把叉子", "个碗", "条毯子", "支蜡烛", "个信封", "块磁铁", "张地图", "个面具", "颗钉子",
        "个洋葱", "幅画", "张海报",
        "个土豆", "条丝带", "枚戒指", "朵玫瑰", "颗螺丝", "双袜子", "个番茄", "条毛巾", "个花瓶", "块手表", "个轮子",
        "个哨子", "根胡萝卜",
        "颗樱桃", "个娃娃", "面鼓", "把扇子", "根羽毛", "双手套", "把钥匙", "架梯子", "封信", "个南瓜", "粒种子",
        "双鞋", "把凳子", "块瓷砖",
        "把雨伞", "块砖", "块木板", "节电池", "个灯泡", "根电线", "把梳子", "个面包", "瓶牛奶", "盒饼干",
    ),
}  # fmt: skip
_KINDS = (
    "red", "blue", "green", "small", "big", "old", "new", "wooden", "white", "black", "cheap", "heavy", "round",
    "pink",
    "plain", "good", "nice", "little", "large", "painted",
)  # fmt: skip

T = TypeVar("T", bound=str)


def _of_split(rng: random.Random, names: Sequence[T], split: Split) -> T:
    """A name of the split; both splits have some in every list."""
    return rng.choice([name for name in names if belongs(name, split)] or names)


# -- numbers -----------------------------------------------------------------------------------------------------------


def _size(rng: random.Random) -> int:
    return (
        rng.randrange(3, 30)
        if rng.random() < 0.5
        else rng.randrange(20, 200)
        if rng.random() < 0.75
        else rng.randrange(100, 5000)
    )


def _two(rng: random.Random) -> Numbers:
    return _size(rng), _size(rng)


def _factors(rng: random.Random) -> Numbers:
    return rng.randrange(2, 40), rng.randrange(2, 100)


def _less(rng: random.Random) -> Numbers:
    b = _size(rng)
    return b + _size(rng), b


def _divisible(rng: random.Random) -> Numbers:
    b = rng.randrange(2, 25)
    return b * rng.randrange(2, 40), b


def _three(rng: random.Random) -> Numbers:
    return _size(rng), _size(rng), rng.randrange(2, 50)


def _plus_minus(rng: random.Random) -> Numbers:
    a, b = _two(rng)
    return a, b, rng.randrange(1, a + b)


def _minus_plus(rng: random.Random) -> Numbers:
    return *_less(rng), _size(rng)


def _minus_minus(rng: random.Random) -> Numbers:
    b, c = _two(rng)
    return b + c + _size(rng), b, c


def _change(rng: random.Random) -> Numbers:
    b, c = rng.randrange(2, 12), rng.randrange(2, 20)
    return rng.choice([note for note in (20, 50, 100, 200, 300, 500) if note > b * c]), b, c


def _four(rng: random.Random) -> Numbers:
    return rng.randrange(2, 12), rng.randrange(2, 40), rng.randrange(2, 12), rng.randrange(2, 40)


def _off(rng: random.Random) -> Numbers:
    return rng.randrange(1, 40) * 20, rng.choice((5, 10, 15, 20, 25, 30, 40, 50))


def _percent(rng: random.Random) -> Numbers:
    return rng.randrange(1, 50) * 20, rng.choice((5, 10, 15, 20, 25, 30, 35, 40, 45, 55, 60, 65, 70, 75, 80, 90))


def _rest_shared(rng: random.Random) -> Numbers:
    c = rng.randrange(2, 10)
    b = _size(rng)
    return b + c * rng.randrange(2, 30), b, c


def _sum_shared(rng: random.Random) -> Numbers:
    c = rng.randrange(2, 10)
    total = c * rng.randrange(4, 60)
    a = rng.randrange(1, total)
    return a, total - a, c


def _averaged(rng: random.Random) -> Numbers:
    mean, a, b = rng.randrange(20, 85), rng.randrange(-9, 10), rng.randrange(-9, 10)
    return mean + a, mean + b, mean - a - b


def _ages(rng: random.Random) -> Numbers:
    return rng.randrange(4, 60), rng.randrange(2, 30)


def _sides(rng: random.Random) -> Numbers:
    return rng.randrange(2, 80), rng.randrange(2, 80)


# -- the stories -------------------------------------------------------------------------------------------------------

STRUCTURES: tuple[Structure, ...] = (
    Structure(
        "joined", _two, "{a}+{b}", lambda a, b: a + b,
        {
            "en": ("{n} has {a} {t} and gets {b} more. How many {t} does {n} have now?",
                   "There are {a} {t} in one box and {b} {t} in another. How many {t} are there in all?",
                   "{n} has {a} {t}. {m} gives {n} {b} more. How many does {n} have now?",
                   "{n} found {a} {t} on Monday and {b} on Tuesday. How many {t} did {n} find in total?",
                   "{n} has {a} {t} and {m} gives {n} {b} more. How many {t} does {n} have in total?",
                   "{n} has {a} {t}, {m} has {b}. How many do they have together?",
                   "If {n} has {a} {t} and buys {b} more, how many {t} are there?",
                   "On the farm there are {a} {t}, and a truck brings another {b}. How many {t} are on the farm now?",
                   "How many {t} does the library have altogether if it had {a} and {b} new ones came in?",
                   "{n} sold {a} {t} in the morning and {b} in the afternoon. How many {t} were sold in all?",
                   "Work out the total: {a} {t} on the table and {b} {t} on the floor.",
                   "{n} already had {a} {t}. For the birthday, {m} brought {b} more. What is the number of {t} now?",
                   "A school ordered {a} {t} in spring and {b} in autumn. How many did it order altogether?",
                   "What is the total number of {t} if {n} brings {a} and {m} brings {b}?",
                   "There were {a} {t} on the shelf. Then {n} put {b} more there. How many {t} are on the shelf now?",
                   "{n} packed {a} {t}, and {m} packed {b} as well. Find how many {t} they packed together.",
                   "{n} counted {a} {t} at home and another {b} at school. How many {t} is that in all?"),
            "zh": (
                "{n}有{a}{q}{t}，又得到{b}{q}，现在有多少{q}{t}？",
                "一个盒子里有{a}{q}{t}，另一个有{b}{q}，一共有多少{q}{t}？",
                "{n}有{a}{q}{t}，{m}又给了他{b}{q}，{n}现在有多少{q}？",
                "{n}星期一找到{a}{q}{t}，星期二找到{b}{q}，总共多少{q}？",
                "{n}有{a}{q}{t}，{m}又给了{b}{q}，一共有多少{q}{t}？",
                "{n}有{a}{q}{t}，{m}有{b}{q}，他们一共有多少{q}？",
                "如果{n}有{a}{q}{t}，又买了{b}{q}，共有多少{q}{t}？",
                "农场里有{a}{q}{t}，卡车又运来{b}{q}，农场现在有多少{q}{t}？",
                "图书馆原来有{a}{q}{t}，新买了{b}{q}，现在总共有几{q}？",
                "{n}上午卖了{a}{q}{t}，下午卖了{b}{q}，一天一共卖了多少{q}？",
                "桌上有{a}{q}{t}，地上有{b}{q}，合计多少{q}？",
                "{n}过生日，原有{a}{q}{t}，{m}又送来{b}{q}，现在共有几{q}？",
                "学校春天买了{a}{q}{t}，秋天又买了{b}{q}，求两次一共买了多少{q}。",
                "{n}带来{a}{q}{t}，{m}带来{b}{q}，问两人总共带来多少{q}？",
                "架子上有{a}{q}{t}，{n}又放上去{b}{q}，架子上现在有多少{q}{t}？",
                "{n}包了{a}{q}{t}，{m}也包了{b}{q}，两人合起来包了多少{q}？",
                "家里有{a}{q}{t}，学校里还有{b}{q}，加起来是多少{q}{t}？",
            ),
        },
        {"en": "Add what came: {e}.", "zh": "把两部分加起来：{e}。"},
        {"en": "In all {r} {t}.", "zh": "一共{r}{q}{t}。"},
    ),
    Structure(
        "taken", _less, "{a}-{b}", lambda a, b: a - b,
        {
            "en": (
                "{n} has {a} {t} and gives {b} to {m}. How many {t} are left?",
                "There were {a} {t}. {n} took {b}. How many are left?",
                "{n} had {a} {t} but lost {b}. How many {t} does {n} still have?",
                "A shop had {a} {t} and sold {b}. How many {t} remain?",
                "{n} had {a} {t} and gave {b} to {m}. How many {t} does {n} still have?",
                "{n} had {a} {t} and used {b} of them. How many {t} are left?",
                "Of {a} {t}, {b} are broken. How many {t} are fine?",
                "The kitchen had {a} {t} and the cook used up {b}. How many remain?",
                "How many {t} are left over if {n} starts with {a} and throws {b} away?",
                "A farmer had {a} {t} and sold {b} at the market. How many {t} are left?",
                "{b} of the {a} {t} in the library are out on loan. Find how many {t} are still there.",
                "{n} brought {a} {t} to the party, and the guests took {b}. How many {t} remained?",
                "Work out how many {t} are left when {b} are taken away from {a}.",
                "From a box with {a} {t}, {n} removes {b}. How many {t} stay in the box?",
                "{n} must pack {a} {t} and has packed {b} so far. How many {t} are still to be packed?",
                "On the bus {n} lost {b} of {a} {t}. How many {t} does {n} have left?",
                "A factory made {a} {t} and sent {b} of them away. How many {t} remain in the factory?",
            ),
            "zh": ("{n}有{a}{q}{t}，给了{m}{b}{q}，还剩多少{q}？", "原来有{a}{q}{t}，{n}拿走{b}{q}，还剩多少{q}？",
                   "{n}有{a}{q}{t}，丢了{b}{q}，还有多少{q}{t}？", "商店有{a}{q}{t}，卖掉{b}{q}，还剩多少{q}{t}？",
                   "{n}有{a}{q}{t}，给了{m}{b}{q}，还有多少{q}{t}？", "{n}有{a}{q}{t}，用了{b}{q}，剩下多少{q}？",
                   "{a}{q}{t}里坏了{b}{q}，好的有多少{q}？",
                   "厨房里有{a}{q}{t}，用掉了{b}{q}，还剩下几{q}？",
                   "{n}原有{a}{q}{t}，扔掉{b}{q}，剩下的还有多少{q}？",
                   "农民有{a}{q}{t}，在市场上卖了{b}{q}，还剩多少{q}{t}？",
                   "图书馆的{a}{q}{t}借出去{b}{q}，求还剩多少{q}。",
                   "{n}带了{a}{q}{t}去聚会，客人拿走了{b}{q}，还剩多少{q}？",
                   "一共{a}{q}{t}，拿走了{b}{q}，问剩下多少{q}？",
                   "从装着{a}{q}{t}的箱子里取出{b}{q}，箱子里还有多少{q}？",
                   "{n}要包{a}{q}{t}，已经包好{b}{q}，还有多少{q}没包？",
                   "{n}在车上弄丢了{a}{q}{t}中的{b}{q}，还剩几{q}？",
                   "工厂做了{a}{q}{t}，运走{b}{q}，工厂里还剩多少{q}？"),
        },
        {"en": "Take away what is gone: {e}.", "zh": "减去少掉的：{e}。"},
        {"en": "{r} {t} are left.", "zh": "还剩{r}{q}{t}。"},
    ),
    Structure(
        "difference", _less, "{a}-{b}", lambda a, b: a - b,
        {
            "en": (
                "{n} has {a} {t} and {m} has {b}. How many more does {n} have?",
                "{n} collected {a} {t}, {m} {b}. What is the difference?",
                "How many more {t} does {n} have than {m}, if {n} has {a} and {m} has {b}?",
                "There are {a} {t} in the red box and {b} in the blue one. How many more are in the red box?",
                "{n} has {a} {t}, {m} has {b}. How many more {t} does {n} have than {m}?",
                "Compare: {n} owns {a} {t} and {m} owns {b}. By how many is {n} ahead?",
                "Class A brought {a} {t} and class B brought {b}. How many more did class A bring?",
                "The farm sold {a} {t} this week but only {b} last week. How many more {t} is that?",
                "Find the difference between the {a} {t} of {n} and the {b} {t} of {m}.",
                "{n} bought {a} {t} and {m} bought {b}. How many more did {n} buy?",
                "A library keeps {a} {t} upstairs and {b} downstairs. How many more {t} are upstairs?",
                "{m} counted {b} {t}. {n} counted {a}. How many more {t} did {n} count than {m}?",
                "What is the difference if one shop sells {a} {t} and another shop sells {b}?",
                "In a game {n} won {a} {t}, while {m} won only {b}. How many more {t} did {n} win?",
                "One box holds {a} {t}, the other holds {b}. How many more {t} are in the first box?",
            ),
            "zh": (
                "{n}有{a}{q}{t}，{m}有{b}{q}，{n}比{m}多多少{q}？",
                "{n}收集了{a}{q}{t}，{m}收集了{b}{q}，相差多少{q}？",
                "红盒子里有{a}{q}{t}，蓝盒子里有{b}{q}，红盒子多多少{q}？",
                "{n}买了{a}{q}{t}，{m}买了{b}{q}，{n}多买了多少{q}？",
                "{n}收集了{a}{q}{t}，{m}有{b}{q}，{n}比{m}多多少{q}？",
                "{n}有{a}{q}{t}，{m}只有{b}{q}，{n}多几{q}？",
                "一班带来{a}{q}{t}，二班带来{b}{q}，一班比二班多带多少{q}？",
                "农场这周卖了{a}{q}{t}，上周卖了{b}{q}，这周比上周多卖多少{q}？",
                "求{n}的{a}{q}{t}和{m}的{b}{q}{t}相差多少。",
                "{n}做了{a}{q}{t}，{m}做了{b}{q}，{n}比{m}多做多少{q}？",
                "图书馆楼上有{a}{q}{t}，楼下有{b}{q}，楼上比楼下多几{q}？",
                "{m}数到{b}{q}{t}，{n}数到{a}{q}，问{n}比{m}多数了多少{q}？",
                "{n}比{m}多多少{q}{t}？{n}有{a}{q}，{m}有{b}{q}。",
                "甲店卖出{a}{q}{t}，乙店卖出{b}{q}，两店相差多少{q}？",
                "大箱子装{a}{q}{t}，小箱子装{b}{q}，大箱子比小箱子多装多少{q}？",
            ),
        },
        {"en": "The difference: {e}.", "zh": "求相差多少：{e}。"},
        {"en": "{r} {t} more.", "zh": "多{r}{q}{t}。"},
    ),
    Structure(
        "cost", _factors, "{a}*{b}", lambda a, b: a * b,
        {
            "en": (
                "{n} buys {a} {t} at {b} dollars each. How much does {n} pay?",
                "{t} cost {b} dollars each. How much are {a} {t}?",
                "If one of the {t} costs {b} dollars, what do {a} {t} cost?",
                "{a} {t} at {b} dollars each cost how much?",
                "{n} buys {a} {t}. They cost {b} dollars each. How much does {n} pay?",
                "How much do {a} {t} cost at {b} dollars each?",
                "{n} wants {a} {t}. Each costs {b} dollars. How much money is needed?",
                "Find the price of {a} {t} when a single one costs {b} dollars.",
                "The school orders {a} {t}, and each one is {b} dollars. What is the bill?",
                "A shop sells {t} for {b} dollars each. What is the price of {a}?",
                "For a birthday {n} orders {a} {t}; the price is {b} dollars per piece. How much is it altogether?",
                "At the market, {t} are {b} dollars apiece. {n} takes {a}. What does {n} pay in total?",
                "Work out the total cost of {a} {t} at {b} dollars apiece.",
                "How many dollars does {n} spend on {a} {t} if each costs {b} dollars?",
                "{n} sends for {a} {t} that are {b} dollars each. How much do they cost together?",
                "The price is {b} dollars for each of the {t}. How much must {n} pay for {a} of them?",
                "A factory buys {a} {t} and pays {b} dollars for every one. How many dollars is that in all?",
            ),
            "zh": (
                "{n}买了{a}{q}{t}，每{q}{b}元，一共多少钱？", "每{q}{t}{b}元，{a}{q}{t}多少钱？",
                "一{q}{t}{b}元，买{a}{q}要多少元？", "{a}{q}{t}，每{q}{b}元，总共多少元？",
                "{n}买{a}{q}{t}，每{q}{b}元，要付多少钱？", "{t}每{q}{b}元，买{a}{q}花多少钱？",
                "{n}想买{a}{q}{t}，一{q}{b}元，需要多少钱？",
                "一{q}{t}卖{b}元，求{a}{q}的总价。",
                "学校订了{a}{q}{t}，单价{b}元，共需多少元？",
                "商店里{t}每{q}卖{b}元，买{a}{q}要付多少钱？",
                "过生日，{n}订了{a}{q}{t}，每{q}要{b}元，总共花了多少元？",
                "市场上{t}{b}元一{q}，{n}拿了{a}{q}，该付多少钱？",
                "{t}的单价是{b}元，{a}{q}总价是多少元？",
                "要是每{q}{t}{b}元，{n}买{a}{q}得花几元？",
                "{n}卖了{a}{q}{t}，每{q}{b}元，一共收到多少钱？",
                "每{q}{t}的价钱是{b}元，问{n}买{a}{q}一共要付多少元？",
                "工厂买{a}{q}{t}，一{q}{b}元，合计多少元？",
            ),
        },
        {"en": "Number times price: {e}.", "zh": "数量乘单价：{e}。"},
        {"en": "It costs {r} dollars.", "zh": "一共{r}元。"},
        things="goods",
    ),
    Structure(
        "groups", _factors, "{a}*{b}", lambda a, b: a * b,
        {
            "en": (
                "There are {a} boxes with {b} {t} each. How many {t} are there?",
                "{n} has {a} bags, each with {b} {t}. How many {t} in all?",
                "Each of {a} children has {b} {t}. How many {t} do they have together?",
                "{a} rows of {b} {t} make how many {t}?",
                "{n} has {a} boxes with {b} {t} in each. How many {t} in all?",
                "One bag holds {b} {t}. How many are in {a} bags?",
                "A farmer fills {a} baskets and puts {b} {t} in every basket. How many {t} is that altogether?",
                "How many {t} are there in total on {a} shelves if each shelf holds {b}?",
                "The library has {a} tables with {b} {t} on each. Find the number of {t}.",
                "{a} buses each carry {b} {t}. How many {t} do they carry in all?",
                "A machine packs {b} {t} per box. How many {t} does it pack into {a} boxes?",
                "{n} puts {b} {t} on each plate. There are {a} plates. How many {t} are there altogether?",
                "Work out how many {t} there are in {a} packs of {b}.",
                "Every day {n} makes {b} {t}. How many {t} does {n} make in {a} days?",
                "Each table has {b} {t} on it, and there are {a} tables. How many {t} in total?",
                "At the party {a} guests each got {b} {t}. How many {t} were given out?",
            ),
            "zh": ("有{a}个盒子，每个盒子{b}{q}{t}，一共多少{q}？", "{n}有{a}个袋子，每袋{b}{q}{t}，共有多少{q}{t}？",
                   "{a}个小朋友每人有{b}{q}{t}，一共有多少{q}？", "{t}摆了{a}排，每排{b}{q}，一共多少{q}？",
                   "{n}有{a}个盒子，每盒{b}{q}{t}，共有多少{q}？", "一袋有{b}{q}{t}，{a}袋有多少{q}？",
                   "农民装了{a}筐{t}，每筐{b}{q}，总共有多少{q}？",
                   "书架有{a}层，每层放{b}{q}{t}，一共放了几{q}？",
                   "图书馆有{a}张桌子，每张桌上有{b}{q}{t}，求一共多少{q}。",
                   "{a}辆车每辆运{b}{q}{t}，总共运多少{q}？",
                   "机器每箱装{b}{q}{t}，{a}箱共装多少{q}？",
                   "每个盘子放{b}{q}{t}，有{a}个盘子，合计多少{q}？",
                   "{t}每包{b}{q}，{a}包一共有几{q}？",
                   "{n}每天做{b}{q}{t}，{a}天一共做多少{q}？",
                   "每张桌子上有{b}{q}{t}，{a}张桌子上总共有多少{q}？",
                   "聚会来了{a}位客人，每人发{b}{q}{t}，问一共发了多少{q}？"),
        },
        {"en": "Groups times size: {e}.", "zh": "份数乘每份：{e}。"},
        {"en": "There are {r} {t}.", "zh": "一共{r}{q}{t}。"},
    ),
    Structure(
        "shared", _divisible, "{a}/{b}", lambda a, b: Fraction(a, b),
        {
            "en": (
                "{n} shares {a} {t} among {b} friends. How many does each get?",
                "{a} {t} are divided equally among {b} children. How many each?",
                "{b} people share {a} {t} equally. How many {t} does each one get?",
                "{n} puts {a} {t} into {b} equal bags. How many {t} are in each bag?",
                "{n} divides {a} {t} equally among {b} friends. How many {t} does each get?",
                "If {a} {t} are shared by {b} children, how many does each child get?",
                "A teacher hands out {a} {t} equally to {b} pupils. How many {t} per pupil?",
                "There are {a} {t} on {b} shelves, the same number on each. How many {t} are on one shelf?",
                "How many {t} does each of {b} teams get if {a} {t} are split evenly?",
                "{b} boxes hold {a} {t} in total, all the same number. How many {t} are in each box?",
                "Split {a} {t} into {b} equal groups. How many {t} are in a group?",
                "Work out each share when {b} friends split {a} {t} fairly.",
                "At the party {n} deals {a} {t} evenly to {b} guests. How many per guest?",
                "A farmer loads {a} {t} onto {b} trucks, equally many on each. How many {t} does one truck carry?",
                "{n} has {a} {t} and {b} plates. Each plate gets the same number. How many {t} go on each plate?",
                "A cook spreads {a} {t} evenly over {b} tables. How many {t} are on each table?",
            ),
            "zh": (
                "{n}把{a}{q}{t}平均分给{b}个朋友，每人多少{q}？", "{a}{q}{t}平均分给{b}个孩子，每人几{q}？",
                "{b}个人平分{a}{q}{t}，每人得多少{q}？", "{n}把{a}{q}{t}平均装进{b}个袋子，每袋多少{q}？",
                "{n}把{a}{q}{t}平均分给{b}个孩子，每人得多少{q}？", "{a}{q}{t}分成{b}份，每份多少{q}？",
                "老师把{a}{q}{t}平均发给{b}名学生，平均每人几{q}？",
                "{b}层书架上放着{a}{q}{t}，每层一样多，每层有多少{q}？",
                "{a}{q}{t}平均分给{b}个队，每队分到多少{q}？",
                "{b}个盒子共装{a}{q}{t}，每盒一样多，一盒有多少{q}？",
                "把{a}{q}{t}分成相等的{b}组，求每组多少{q}。",
                "{b}个朋友公平地分{a}{q}{t}，问每人分到几{q}？",
                "聚会上{n}把{a}{q}{t}平均分给{b}位客人，每位客人得几{q}？",
                "农民用{b}辆车运{a}{q}{t}，每辆运得一样多，平均每辆运多少{q}？",
                "{n}有{a}{q}{t}和{b}个盘子，每个盘子放得一样多，每盘放多少{q}？",
                "厨师把{a}{q}{t}平均摆在{b}张桌子上，每张桌子摆几{q}？",
            ),
        },
        {"en": "Divide by the number of shares: {e}.", "zh": "除以份数：{e}。"},
        {"en": "{r} {t} each.", "zh": "每份{r}{q}{t}。"},
    ),
    Structure(
        "in_out", _plus_minus, "{a}+{b}-{c}", lambda a, b, c: a + b - c,
        {
            "en": ("{n} has {a} {t}, buys {b} more and gives away {c}. How many are left?",
                   "{n} had {a} {t}, got {b} from {m} and lost {c}. How many {t} does {n} have now?",
                   "A shop has {a} {t}, gets {b} more and sells {c}. How many {t} remain?",
                   "There are {a} {t} in a box. {n} adds {b} and takes {c} out. How many are in the box?",
                   "{n} has {a} {t}, gets {b} more and gives away {c}. How many {t} does {n} have now?",
                   "The library had {a} {t}. It received {b} new ones and then lent out {c}. How many {t} are there "
                   "now?",
                   "A farmer has {a} {t}, picks another {b} and sells {c} at the market. How many remain?",
                   "{n} put {b} {t} on top of the {a} in the basket, and {m} took {c} away. How many {t} are in it "
                   "now?",
                   "How many {t} are left if {n} starts with {a}, finds {b} more and loses {c}?",
                   "A truck carries {a} {t}. It loads {b} more and later unloads {c}. How many {t} are on the truck?",
                   "For the party {n} had {a} {t} and {m} brought {b}. The guests took {c}. How many {t} are left "
                   "over?",
                   "A factory had {a} {t}, made {b} more and sent away {c}. Find how many {t} it has now.",
                   "{n} brought {a} {t} and {m} brought {b}. Together they used {c}. How many {t} are left?",
                   "After getting {b} {t} on top of {a}, {n} gave {c} to {m}. How many does {n} have now?",
                   "There are {a} {t} on the table. {n} puts {b} more on it, and {m} takes {c}. How many {t} are on "
                   "the table now?"),
            "zh": (
                "{n}有{a}{q}{t}，又买了{b}{q}，送出{c}{q}，还剩多少{q}？",
                "{n}有{a}{q}{t}，{m}给了{b}{q}，又丢了{c}{q}，现在有多少{q}？",
                "商店有{a}{q}{t}，进货{b}{q}，卖出{c}{q}，还剩多少{q}？",
                "盒子里有{a}{q}{t}，{n}放进{b}{q}，拿出{c}{q}，盒子里有多少{q}？",
                "{n}有{a}{q}{t}，{m}给了{b}{q}，送出{c}{q}，现在有多少{q}？",
                "图书馆有{a}{q}{t}，新到{b}{q}，借出{c}{q}，现在还有多少{q}？",
                "农民有{a}{q}{t}，又收了{b}{q}，卖掉{c}{q}，还剩几{q}？",
                "篮子里有{a}{q}{t}，{n}放进去{b}{q}，{m}拿走{c}{q}，现在篮子里有几{q}？",
                "{n}开始有{a}{q}{t}，捡到{b}{q}，后来丢了{c}{q}，求现在有多少{q}。",
                "卡车上有{a}{q}{t}，又装上{b}{q}，后来卸下{c}{q}，车上还有多少{q}？",
                "聚会上{n}有{a}{q}{t}，{m}带来{b}{q}，客人拿走了{c}{q}，还剩下多少{q}？",
                "工厂有{a}{q}{t}，又做了{b}{q}，运走{c}{q}，问现在有多少{q}？",
                "{n}带来{a}{q}{t}，{m}带来{b}{q}，两人一共用掉{c}{q}，还剩多少{q}？",
                "{n}原有{a}{q}{t}，又得到{b}{q}，然后给了{m}{c}{q}，现在还有几{q}？",
                "桌上有{a}{q}{t}，{n}又放上{b}{q}，{m}拿走{c}{q}，桌上现在有多少{q}？",
            ),
        },
        {"en": "Add, then take away: {e}.", "zh": "先加后减：{e}。"},
        {"en": "Now there are {r} {t}.", "zh": "现在有{r}{q}{t}。"},
    ),
    Structure(
        "out_in", _minus_plus, "{a}-{b}+{c}", lambda a, b, c: a - b + c,
        {
            "en": ("{n} has {a} {t}, gives away {b} and then buys {c}. How many does {n} have now?",
                   "{n} had {a} {t}, lost {b} and found {c}. How many {t} does {n} have?",
                   "A shop had {a} {t}, sold {b} and then got {c} more. How many {t} are there now?",
                   "There were {a} {t} in a box. {n} took {b} out and put {c} in. How many are there now?",
                   "{n} had {a} {t}, gave away {b} and found {c}. How many {t} does {n} have now?",
                   "The library had {a} {t}, lent out {b} and then bought {c} new ones. How many {t} are there now?",
                   "A farmer sold {b} of {a} {t} and then picked {c} more. How many {t} does the farmer have?",
                   "{n} took {b} {t} away from the {a} in the basket, and then {m} added {c}. How many are in it now?",
                   "How many {t} does {n} have after losing {b} of {a} and getting {c} from {m}?",
                   "A truck with {a} {t} unloads {b} and then loads {c}. How many {t} are on the truck?",
                   "At the party there were {a} {t}. The guests took {b}, and then {n} brought {c} more. How many "
                   "{t} were there then?",
                   "A factory had {a} {t}, sent away {b} and then made {c} new ones. Find how many it has now.",
                   "{n} used {b} out of {a} {t}, but {m} gave {n} {c} more. How many {t} does {n} have now?",
                   "Of {a} {t}, {b} broke, so {n} bought {c} new ones. How many good {t} are there now?",
                   "There were {a} {t} on the table. {n} took {b}, and then {m} put {c} more on it. How many {t} are "
                   "on the table now?"),
            "zh": (
                "{n}有{a}{q}{t}，送出{b}{q}，又买了{c}{q}，现在有多少{q}？",
                "{n}有{a}{q}{t}，丢了{b}{q}，又找到{c}{q}，现在有多少{q}？",
                "商店有{a}{q}{t}，卖出{b}{q}，又进货{c}{q}，现在有多少{q}？",
                "盒子里有{a}{q}{t}，{n}拿出{b}{q}，放进{c}{q}，现在有多少{q}？",
                "{n}有{a}{q}{t}，丢了{b}{q}，又买了{c}{q}，现在有多少{q}？",
                "图书馆有{a}{q}{t}，借出{b}{q}，后来新买{c}{q}，现在有多少{q}？",
                "农民有{a}{q}{t}，卖掉{b}{q}，又收了{c}{q}，现在共有几{q}？",
                "篮子里有{a}{q}{t}，{n}拿走{b}{q}，{m}又放进{c}{q}，现在篮子里有几{q}？",
                "{n}有{a}{q}{t}，先丢了{b}{q}，{m}又给了{c}{q}，求{n}现在有多少{q}。",
                "卡车上有{a}{q}{t}，卸下{b}{q}，再装上{c}{q}，车上有多少{q}？",
                "聚会上有{a}{q}{t}，客人拿走{b}{q}，{n}又带来{c}{q}，现在有多少{q}？",
                "工厂有{a}{q}{t}，运走{b}{q}，又做了{c}{q}，问现在有多少{q}？",
                "{n}用掉了{a}{q}{t}中的{b}{q}，{m}又送来{c}{q}，{n}现在有几{q}？",
                "{a}{q}{t}坏了{b}{q}，{n}又买了{c}{q}新的，现在好的有多少{q}？",
                "桌上有{a}{q}{t}，{n}先拿走{b}{q}，{m}再放上{c}{q}，桌上现在有多少{q}？",
            ),
        },
        {"en": "Take away, then add: {e}.", "zh": "先减后加：{e}。"},
        {"en": "Now there are {r} {t}.", "zh": "现在有{r}{q}{t}。"},
    ),
    Structure(
        "twice_out", _minus_minus, "{a}-{b}-{c}", lambda a, b, c: a - b - c,
        {
            "en": ("{n} has {a} {t}, gives {b} to {m} and loses {c}. How many are left?",
                   "There were {a} {t}. {n} took {b} and {m} took {c}. How many are left?",
                   "A shop had {a} {t}, sold {b} in the morning and {c} in the afternoon. How many {t} remain?",
                   "{n} had {a} {t}, used {b} and gave away {c}. How many {t} are left?",
                   "{n} had {a} {t}, gave {b} to {m} and lost {c}. How many {t} are left?",
                   "The library has {a} {t}. It lent {b} to {n} and {c} to {m}. How many {t} are still there?",
                   "A farmer picked {a} {t}, sold {b} and gave {c} to {n}. How many {t} remain?",
                   "How many {t} are left over if {b} of {a} are broken and {c} are lost?",
                   "From {a} {t}, {n} takes {b} first and then another {c}. How many are left?",
                   "A truck carries {a} {t}. It unloads {b} at the school and {c} at the shop. How many {t} remain "
                   "on the truck?",
                   "At the party there were {a} {t}. The boys took {b} and the girls took {c}. How many {t} were left?",
                   "A factory made {a} {t}, sent {b} on Monday and {c} on Tuesday. Find how many are left.",
                   "{n} must pack {a} {t}. {b} were packed yesterday and {c} today. How many {t} are still to be "
                   "packed?",
                   "{n} lost {b} of {a} {t} on the bus and another {c} at school. How many {t} remain?",
                   "There were {a} {t} on the table. {n} took {b}, and then {m} took {c} more. How many {t} are on "
                   "the table now?"),
            "zh": (
                "{n}有{a}{q}{t}，给了{m}{b}{q}，又丢了{c}{q}，还剩多少{q}？",
                "原来有{a}{q}{t}，{n}拿走{b}{q}，{m}拿走{c}{q}，还剩多少{q}？",
                "商店有{a}{q}{t}，上午卖出{b}{q}，下午卖出{c}{q}，还剩多少{q}？",
                "{n}有{a}{q}{t}，用了{b}{q}，送出{c}{q}，还剩多少{q}？",
                "{n}有{a}{q}{t}，给了{m}{b}{q}，用了{c}{q}，还剩多少{q}？",
                "图书馆有{a}{q}{t}，借给{n}{b}{q}，借给{m}{c}{q}，还剩多少{q}？",
                "农民收了{a}{q}{t}，卖掉{b}{q}，又送给{n}{c}{q}，还剩几{q}？",
                "{a}{q}{t}里坏了{b}{q}，丢了{c}{q}，剩下多少{q}？",
                "{n}从{a}{q}{t}里先拿走{b}{q}，再拿走{c}{q}，求还剩多少{q}。",
                "卡车运{a}{q}{t}，在学校卸下{b}{q}，在商店卸下{c}{q}，车上还有多少{q}？",
                "聚会上有{a}{q}{t}，男孩拿走{b}{q}，女孩拿走{c}{q}，还剩下几{q}？",
                "工厂做了{a}{q}{t}，星期一运走{b}{q}，星期二运走{c}{q}，问还剩多少{q}？",
                "{n}要包{a}{q}{t}，昨天包了{b}{q}，今天包了{c}{q}，还有多少{q}没包？",
                "{n}有{a}{q}{t}，在车上丢了{b}{q}，在学校又丢了{c}{q}，还剩几{q}？",
                "桌上有{a}{q}{t}，{n}先拿走{b}{q}，{m}又拿走{c}{q}，桌上还有多少{q}？",
            ),
        },
        {"en": "Take both away: {e}.", "zh": "两次都减去：{e}。"},
        {"en": "{r} {t} are left.", "zh": "还剩{r}{q}{t}。"},
    ),
    Structure(
        "change", _change, "{a}-{b}*{c}", lambda a, b, c: a - b * c,
        {
            "en": ("{n} buys {b} {t} at {c} dollars each and pays with {a} dollars. How much change does {n} get?",
                   "{n} has {a} dollars and buys {b} {t} for {c} dollars each. How much money is left?",
                   "{t} cost {c} dollars each. {n} buys {b} and pays with a {a} dollar note. How much change is there?",
                   "With {a} dollars {n} buys {b} {t} at {c} dollars each. How many dollars are left?",
                   "{n} has {a} dollars and buys {b} {t} at {c} dollars each. How much money is left?",
                   "{n} goes to the market with {a} dollars and gets {b} {t}, each for {c} dollars. How much money "
                   "remains?",
                   "How much change does {n} get from {a} dollars for {b} {t} at {c} dollars apiece?",
                   "The class has {a} dollars. It buys {b} {t}, and each one costs {c} dollars. How many dollars are "
                   "left over?",
                   "Find the change from {a} dollars if {n} takes {b} {t} at {c} dollars each.",
                   "{n} pays for {b} {t} with a {a} dollar note. Each costs {c} dollars. How much does {n} get back?",
                   "From a birthday gift of {a} dollars, {n} buys {b} {t} that cost {c} dollars each. How much money "
                   "remains?",
                   "{n} saved {a} dollars. After buying {b} {t} for {c} dollars each, how much does {n} still have?",
                   "A cook has {a} dollars to spend. {b} {t} are needed, at {c} dollars each. How much money will be "
                   "left?",
                   "{t} are {c} dollars apiece. What is left of {a} dollars when {n} takes {b} of them?",
                   "{n} gives the shop {a} dollars for {b} {t} at {c} dollars each. How much money does {n} get back?"),
            "zh": (
                "{n}买{b}{q}{t}，每{q}{c}元，付了{a}元，应找回多少元？",
                "{n}有{a}元，买了{b}{q}{t}，每{q}{c}元，还剩多少钱？",
                "每{q}{t}{c}元，{n}买了{b}{q}，付{a}元，找回多少钱？",
                "{n}带了{a}元，买{b}{q}每{q}{c}元的{t}，剩多少元？",
                "{n}有{a}元，买{b}{q}{t}，每{q}{c}元，还剩多少元？",
                "{n}带{a}元去市场，买了{b}{q}{t}，每{q}{c}元，还剩几元？",
                "{n}付了{a}元，买{b}{q}单价{c}元的{t}，应找回多少钱？",
                "班里有{a}元，买{b}{q}{t}，每{q}要{c}元，剩下多少元？",
                "{t}每{q}{c}元，{n}用{a}元买了{b}{q}，求找回多少元。",
                "{n}拿一张{a}元的钞票买{b}{q}{t}，一{q}{c}元，要找多少钱？",
                "{n}生日得到{a}元，买了{b}{q}{t}，每{q}{c}元，还剩下多少钱？",
                "{n}存了{a}元，买了{b}{q}{c}元一{q}的{t}，还有多少元？",
                "厨师有{a}元，要买{b}{q}{t}，每{q}{c}元，买完还剩多少钱？",
                "{t}{c}元一{q}，{n}有{a}元，买走{b}{q}后剩多少元？",
                "{n}给了商店{a}元，买了{b}{q}{t}，每{q}{c}元，问商店应找回多少元？",
            ),
        },
        {"en": "Money minus number times price: {e}.", "zh": "总钱数减数量乘单价：{e}。"},
        {"en": "{r} dollars are left.", "zh": "还剩{r}元。"},
        things="goods",
    ),
    Structure(
        "cost_and_more", _three, "{c}*{a}+{b}", lambda a, b, c: c * a + b,
        {
            "en": ("{n} buys {c} {t} at {a} dollars each and a bag for {b} dollars. How much is it in all?",
                   "{t} cost {a} dollars each. {n} buys {c} and also a book for {b} dollars. How much does {n} pay?",
                   "{n} pays {a} dollars for each of {c} {t}, and {b} dollars for delivery. What is the total?",
                   "{c} {t} at {a} dollars each and a ticket for {b} dollars: what is the total?",
                   "{n} buys {c} {t} at {a} dollars each and a book for {b} dollars. What is the total?",
                   "The school orders {c} {t} at {a} dollars each and pays {b} dollars for the bus. What does it pay "
                   "altogether?",
                   "How much is it in total: {c} {t} for {a} dollars apiece plus a {b} dollar cake?",
                   "A taxi costs {b} dollars, and {n} also buys {c} {t} at {a} dollars each. How much does {n} spend "
                   "in all?",
                   "{n} takes {c} {t}. Each costs {a} dollars, and packing costs {b} dollars extra. Find the total.",
                   "{n} buys a lamp for {b} dollars and {c} {t} for {a} dollars each. How much is that altogether?",
                   "For the party {n} buys {c} {t}, {a} dollars each, and one cake for {b} dollars. What does it all "
                   "cost?",
                   "Work out the bill: {c} {t} at {a} dollars each and {b} dollars for a meal.",
                   "One of the {t} costs {a} dollars. What do {c} of them and a {b} dollar map cost together?",
                   "There is a fee of {b} dollars, and each of the {c} {t} costs {a} dollars. How many dollars is it "
                   "in all?",
                   "{n} pays {b} dollars for a coat and then buys {c} {t} at {a} dollars each. How much does {n} pay "
                   "in total?"),
            "zh": (
                "{n}买{c}{q}{t}，每{q}{a}元，又买了一个{b}元的袋子，一共多少元？",
                "{t}每{q}{a}元，{n}买了{c}{q}，还买了一本{b}元的书，共付多少元？",
                "{n}买{c}{q}{t}，每{q}{a}元，运费{b}元，总共多少元？",
                "{c}{q}{t}每{q}{a}元，再加一张{b}元的票，总共多少钱？",
                "{n}买{c}{q}{t}，每{q}{a}元，还买了一本{b}元的书，一共多少元？",
                "学校订{c}{q}{t}，每{q}{a}元，租车另付{b}元，合计多少元？",
                "{c}{q}{t}单价{a}元，外加一个{b}元的蛋糕，总共多少钱？",
                "{n}打车花了{b}元，又买了{c}{q}{t}，每{q}{a}元，一共花了多少元？",
                "{n}买{c}{q}{t}，每{q}{a}元，包装费另收{b}元，求总价。",
                "{n}买了一盏{b}元的灯，还买了{c}{q}{t}，每{q}{a}元，总共花多少元？",
                "聚会上{n}买了{c}{q}{t}，一{q}{a}元，还有一个{b}元的蛋糕，共要多少钱？",
                "一顿饭{b}元，{c}{q}{t}每{q}{a}元，加起来是多少元？",
                "一{q}{t}{a}元，买{c}{q}再买一张{b}元的地图，问一共要多少元？",
                "手续费{b}元，{t}每{q}{a}元，买{c}{q}总共要付多少元？",
                "{n}买大衣付了{b}元，又买{c}{q}{t}，每{q}{a}元，一共付了多少元？",
            ),
        },
        {"en": "Number times price, plus the rest: {e}.", "zh": "数量乘单价再加其余：{e}。"},
        {"en": "In all {r} dollars.", "zh": "一共{r}元。"},
        things="goods",
    ),
    Structure(
        "two_costs", _four, "{a}*{b}+{c}*{d}", lambda a, b, c, d: a * b + c * d,
        {
            "en": (
                "{n} buys {a} {t} at {b} dollars each and {c} books at {d} dollars each. How much is it in all?",
                "{a} {t} for {b} dollars each and {c} tickets for {d} dollars each: what is the total?",
                "A shop sells {a} {t} at {b} dollars each and {c} pens at {d} dollars each. How much does it earn?",
                "{n} works {a} hours for {b} dollars an hour and {c} hours for {d} dollars an hour. How much does {n} "
                "earn?",
                "{n} buys {a} {t} at {b} dollars each and {c} pens at {d} dollars each. What is the total?",
                "For the party {n} needs {a} {t} at {b} dollars each and {c} lamps at {d} dollars each. How much is "
                "that altogether?",
                "A school orders {a} {t}, {b} dollars each, and {c} chairs, {d} dollars each. What does it pay in all?",
                "How much do {a} {t} at {b} dollars apiece and {c} cakes at {d} dollars apiece cost together?",
                "The bus takes {a} adults for {b} dollars each and {c} children for {d} dollars each. How much do "
                "they pay in total?",
                "At the market a farmer sells {a} {t} for {b} dollars each and {c} melons for {d} dollars each. What "
                "does the farmer earn in all?",
                "Find the total cost of {a} {t} at {b} dollars each and {c} maps at {d} dollars each.",
                "{n} saves {b} dollars a week for {a} weeks, then {d} dollars a week for {c} weeks. How much does "
                "{n} save in all?",
                "{n} buys {a} {t} for {b} dollars each. {m} buys {c} cups for {d} dollars each. How much do they pay "
                "together?",
                "Work out the bill: {a} meals at {b} dollars each and {c} drinks at {d} dollars each.",
                "{n} pays {b} dollars for each of {a} {t} and {d} dollars for each of {c} books. How much does {n} "
                "pay in all?",
            ),
            "zh": (
                "{n}买{a}{q}{t}，每{q}{b}元，又买{c}本书，每本{d}元，一共多少元？",
                "{a}{q}{t}每{q}{b}元，{c}张票每张{d}元，总共多少元？",
                "商店卖出{a}{q}{t}，每{q}{b}元，卖出{c}支笔，每支{d}元，共收入多少元？",
                "{n}工作{a}小时，每小时{b}元，又工作{c}小时，每小时{d}元，共得多少元？",
                "{n}买{a}{q}{t}，每{q}{b}元，又买{c}支笔，每支{d}元，一共多少元？",
                "聚会要{a}{q}{t}，每{q}{b}元，还要{c}盏灯，每盏{d}元，总共多少钱？",
                "学校订{a}{q}{t}，单价{b}元，又订{c}把椅子，单价{d}元，合计多少元？",
                "{t}每{q}{b}元，蛋糕每块{d}元，买{a}{q}{t}和{c}块蛋糕共要多少元？",
                "车票大人每张{b}元，小孩每张{d}元，{a}个大人和{c}个小孩一共多少元？",
                "农民卖了{a}{q}{t}，每{q}{b}元，又卖了{c}个西瓜，每个{d}元，一共得多少钱？",
                "{a}{q}{t}每{q}{b}元，{c}张地图每张{d}元，求总价。",
                "{n}前{a}周每周存{b}元，后{c}周每周存{d}元，总共存了多少元？",
                "{n}买{a}{q}{t}，每{q}{b}元，{m}买{c}个杯子，每个{d}元，两人一共花多少钱？",
                "{a}份饭每份{b}元，{c}杯茶每杯{d}元，加起来多少元？",
                "{n}买了{a}{q}{b}元一{q}的{t}和{c}本{d}元一本的书，一共付多少元？",
            ),
        },
        {"en": "Two products, added: {e}.", "zh": "两个乘积相加：{e}。"},
        {"en": "In all {r} dollars.", "zh": "一共{r}元。"},
        things="goods",
    ),
    Structure(
        "distance", _factors, "{b}*{a}", lambda a, b: a * b,
        {
            "en": (
                "A car drives {b} km an hour for {a} hours. How far does it go?",
                "{n} rides {a} hours at {b} km per hour. How many km is that?",
                "A train runs at {b} km/h. How far does it get in {a} hours?",
                "At {b} km per hour, how far does a bus go in {a} hours?",
                "A train drives {b} km an hour for {a} hours. How many km is that?",
                "How many km does {n} travel in {a} hours at a speed of {b} km per hour?",
                "A ship sails for {a} hours and makes {b} km each hour. How long is its way in km?",
                "{n} drives to the sea at {b} km/h and needs {a} hours. How far away is the sea?",
                "Find the distance: {a} hours at {b} km per hour.",
                "A truck covers {b} km every hour. How many km does it cover in {a} hours?",
                "The trip takes {a} hours, and the bus goes {b} km per hour. How long is the trip in km?",
                "If {n} moves {b} km each hour, how many km are done after {a} hours?",
                "A boat travels at {b} km per hour. Work out how far it travels in {a} hours.",
                "{n} is on the road for {a} hours. The speed is {b} km/h. What distance is that?",
                "A bus travels {a} hours with a speed of {b} km per hour. How many km does it travel?",
            ),
            "zh": (
                "一辆汽车每小时行{b}千米，{a}小时行多少千米？", "{n}骑车{a}小时，每小时{b}千米，一共骑了多少千米？",
                "火车时速{b}千米，{a}小时能行多远？", "公交车每小时走{b}千米，{a}小时走多远？",
                "一列火车每小时行{b}千米，{a}小时行多少千米？",
                "{n}以每小时{b}千米的速度走了{a}小时，走了多少千米？",
                "轮船航行{a}小时，每小时行{b}千米，一共航行多少千米？",
                "{n}开车去海边，时速{b}千米，开了{a}小时，海边有多远？",
                "速度是每小时{b}千米，时间是{a}小时，求路程。",
                "卡车每小时跑{b}千米，{a}小时总共跑多少千米？",
                "坐车要{a}小时，车速是每小时{b}千米，全程多少千米？",
                "如果{n}每小时前进{b}千米，{a}小时后前进了多少千米？",
                "小船的速度是每小时{b}千米，问{a}小时能行多少千米？",
                "{n}在路上走了{a}小时，时速{b}千米，路程是多少？",
                "汽车行了{a}小时，速度是每小时{b}千米，一共行了多少千米？",
            ),
        },
        {"en": "Speed times time: {e}.", "zh": "速度乘时间：{e}。"},
        {"en": "It is {r} km.", "zh": "是{r}千米。"},
    ),
    Structure(
        "speed", _divisible, "{a}/{b}", lambda a, b: Fraction(a, b),
        {
            "en": (
                "A car drives {a} km in {b} hours. What is its speed?",
                "{n} rides {a} km in {b} hours. How fast is that per hour?",
                "A train needs {b} hours for {a} km. How many km does it go in an hour?",
                "{a} km in {b} hours: what is the speed?", "A train drives {a} km in {b} hours. What is its speed?",
                "It is {a} km to the sea, and {n} gets there in {b} hours. How many km per hour is that?",
                "How fast is a ship that sails {a} km in {b} hours?",
                "A truck takes {b} hours to cover {a} km. Find its speed in km per hour.",
                "{n} needs {b} hours for a trip of {a} km. What is the speed of {n}?",
                "A bus travels {a} km in {b} hours. How many km does it travel each hour?",
                "In {b} hours a boat moves {a} km. How many km does it make per hour?",
                "Work out the speed: {a} km take {b} hours.",
                "The way is {a} km long and the bus needs {b} hours for it. How fast does it go?",
                "What speed does {n} need to go {a} km in {b} hours?",
                "{n} drove {a} km and was on the road for {b} hours. How many km is that per hour?",
            ),
            "zh": (
                "一辆汽车{b}小时行{a}千米，速度是多少？", "{n}{b}小时骑了{a}千米，每小时骑多少千米？",
                "火车行{a}千米用了{b}小时，每小时行多少千米？", "{b}小时走{a}千米，时速是多少？",
                "一列火车{b}小时行{a}千米，每小时行多少千米？",
                "到海边有{a}千米，{n}用了{b}小时，平均每小时走多少千米？",
                "轮船{b}小时航行{a}千米，它的速度是多少？",
                "卡车跑{a}千米花了{b}小时，求速度。",
                "{n}走完{a}千米的路要{b}小时，每小时走几千米？",
                "公交车{b}小时开了{a}千米，平均每小时开多少千米？",
                "小船在{b}小时里前进了{a}千米，问每小时前进多少千米？",
                "路程{a}千米，时间{b}小时，速度是多少？",
                "全程{a}千米，客车{b}小时走完，车速是每小时多少千米？",
                "{n}想在{b}小时内走完{a}千米，每小时要走多少千米？",
                "{n}开车{b}小时，一共开了{a}千米，平均时速是多少？",
            ),
        },
        {"en": "Way divided by time: {e}.", "zh": "路程除以时间：{e}。"},
        {"en": "{r} km per hour.", "zh": "每小时{r}千米。"},
    ),
    Structure(
        "days", _divisible, "{a}/{b}", lambda a, b: Fraction(a, b),
        {
            "en": (
                "A book has {a} pages. {n} reads {b} a day. How many days does it take?",
                "{n} saves {b} dollars a day. How many days until {a} dollars?",
                "A machine makes {b} {t} a day. How many days does it need for {a}?",
                "{n} reads {b} pages a day. How many days for {a} pages?",
                "A book has {a} pages, and {n} reads {b} a day. How many days is that?",
                "How many days does {n} need to collect {a} {t} at {b} per day?",
                "A farm needs {a} kg of corn and uses {b} kg a day. How many days does the corn last?",
                "{n} wants to learn {a} words, {b} every day. How many days does it take?",
                "A school kitchen has {a} {t} and uses {b} each day. After how many days are they gone?",
                "{n} must pack {a} {t} and packs {b} a day. How many days does {n} need?",
                "A road of {a} km is built at {b} km per day. Find how many days that takes.",
                "{n} has {a} dollars and spends {b} dollars a day. For how many days is it enough?",
                "The factory has an order for {a} {t} and makes {b} per day. In how many days is it done?",
                "Every day {n} runs {b} km. After how many days has {n} run {a} km?",
                "A shop sells {b} {t} a day. How many days does it take to sell {a} {t}?",
            ),
            "zh": (
                "一本书{a}页，{n}每天看{b}页，几天看完？", "{n}每天存{b}元，几天能存到{a}元？",
                "机器每天做{b}{q}{t}，做{a}{q}要几天？", "{n}每天读{b}页，{a}页要读几天？",
                "一本书有{a}页，{n}每天读{b}页，要读几天？",
                "{n}每天收集{b}{q}{t}，收集{a}{q}需要多少天？",
                "农场有{a}千克玉米，每天用{b}千克，可以用几天？",
                "{n}要学{a}个生词，每天学{b}个，多少天能学完？",
                "食堂有{a}{q}{t}，每天用掉{b}{q}，几天用完？",
                "{n}要包{a}{q}{t}，每天包{b}{q}，需要多少天？",
                "修一条{a}千米的路，每天修{b}千米，求要修几天。",
                "{n}有{a}元，每天花{b}元，够花多少天？",
                "工厂要做{a}{q}{t}，平均每天做{b}{q}，问几天能做完？",
                "{n}每天跑{b}千米，跑满{a}千米要多少天？",
                "商店每天卖{b}{q}{t}，卖完{a}{q}要几天？",
            ),
        },
        {"en": "Total divided by the rate: {e}.", "zh": "总量除以速率：{e}。"},
        {"en": "It takes {r} days.", "zh": "需要{r}天。"},
    ),
    Structure(
        "discount", _off, "{a}*(100-{b})/100", lambda a, b: Fraction(a * (100 - b), 100),
        {
            "en": (
                "A coat costs {a} dollars and is now {b}% off. What is the new price?",
                "{n} buys a {a} dollar bike with a {b}% discount. How much is it?",
                "The price of {a} dollars drops by {b}%. What is it now?",
                "With {b}% off, how much is a {a} dollar phone?",
                "A bike costs {a} dollars and is now {b}% off. How much is it?",
                "What is {a} dollars after a {b}% discount?",
                "{n} sees a lamp for {a} dollars. The shop takes {b}% off the price. How much does {n} pay?",
                "A ticket was {a} dollars. With a discount of {b}%, what does it cost now?",
                "How much does {n} pay for a {a} dollar coat if the shop gives {b}% off?",
                "The shop lowers the price of a {a} dollar chair by {b}%. What is the new price?",
                "Find the sale price: {a} dollars, reduced by {b}%.",
                "Pupils get {b}% off at the zoo. The normal price is {a} dollars. What does a pupil pay?",
                "A phone for {a} dollars became {b}% cheaper. Work out its price now.",
                "A trip costs {a} dollars, but {n} gets {b}% off. How many dollars is it then?",
                "The old price of a bag is {a} dollars. It is now {b}% cheaper. How much is the bag?",
                "A meal of {a} dollars is sold at a {b}% discount. How much must be paid?",
            ),
            "zh": (
                "一件大衣{a}元，现在降价{b}%，新价格是多少？", "{n}买一辆{a}元的自行车，优惠{b}%，要付多少元？",
                "原价{a}元，降价{b}%，现价多少元？", "{a}元的手机便宜{b}%，要多少钱？",
                "一辆自行车{a}元，现在降价{b}%，要付多少元？", "{a}元优惠{b}%后是多少元？",
                "{n}看中一盏{a}元的灯，商店减价{b}%，{n}要付多少元？",
                "一张票原来{a}元，优惠{b}%以后是多少元？",
                "一件大衣标价{a}元，商店优惠{b}%，要花多少钱？",
                "商店把{a}元的椅子降价{b}%，现在卖多少元？",
                "原价{a}元，减价{b}%，求现价。",
                "动物园给学生优惠{b}%，原价{a}元，学生要付多少元？",
                "手机原价{a}元，现在便宜了{b}%，问现在卖多少钱？",
                "一次旅行{a}元，{n}享受{b}%的优惠，实际付多少元？",
                "书包原来卖{a}元，现在便宜{b}%，现价是多少元？",
                "一顿饭{a}元，优惠{b}%，应付多少元？",
            ),
        },
        {"en": "The rest of the price in percent: {e}.", "zh": "按剩下的百分比算：{e}。"},
        {"en": "It costs {r} dollars.", "zh": "现价{r}元。"},
    ),
    Structure(
        "percent", _percent, "{a}*{b}%", lambda a, b: Fraction(a * b, 100),
        {
            "en": (
                "A school has {a} students and {b}% are girls. How many girls are there?",
                "{b}% of {a} {t} are red. How many are red?", "{n} has {a} {t}; {b}% are new. How many are new?",
                "Of {a} people {b}% came by bus. How many is that?",
                "A club has {a} members and {b}% are girls. How many is that?",
                "There are {a} animals on a farm and {b}% of them are sheep. How many sheep are there?",
                "How many of {a} {t} are blue if {b}% of them are blue?",
                "The library has {a} books. {b}% are for children. How many books are for children?",
                "{n} has read {b}% of a book with {a} pages. How many pages has {n} read?",
                "In a town of {a} people, {b}% ride a bike. How many people ride a bike?",
                "A factory made {a} {t}, and {b}% were sold. Find how many were sold.",
                "{n} earned {a} dollars and saved {b}% of it. How many dollars did {n} save?",
                "A test has {a} questions and {n} got {b}% of them right. How many were right?",
                "{b}% of the {a} seats on a train are taken. Work out how many seats are taken.",
                "{a} guests came to the party, and {b}% of them were children. How many children came?",
            ),
            "zh": (
                "学校有{a}个学生，{b}%是女生，女生有多少人？", "{a}{q}{t}中{b}%是红色的，红色的有多少{q}？",
                "{n}有{a}{q}{t}，{b}%是新的，新的有多少{q}？", "{a}人中有{b}%坐公交来，是多少人？",
                "俱乐部有{a}人，{b}%是女生，女生有多少人？",
                "农场有{a}只动物，其中{b}%是羊，羊有多少只？",
                "{a}{q}{t}里面蓝色的占{b}%，蓝色的有几{q}？",
                "图书馆有{a}本书，儿童书占{b}%，儿童书有多少本？",
                "一本书{a}页，{n}看了全书的{b}%，看了多少页？",
                "镇上有{a}人，{b}%的人骑自行车，骑车的有多少人？",
                "工厂做了{a}{q}{t}，卖出了其中的{b}%，求卖出多少{q}。",
                "{n}挣了{a}元，把其中的{b}%存起来，存了多少元？",
                "试卷有{a}道题，{n}做对了{b}%，做对了几道？",
                "火车有{a}个座位，{b}%有人坐，问有人坐的座位有多少个？",
                "聚会来了{a}位客人，其中{b}%是孩子，孩子有多少位？",
            ),
        },
        {"en": "That share of the whole: {e}.", "zh": "总数乘百分比：{e}。"},
        {"en": "That is {r}.", "zh": "是{r}。"},
    ),
    Structure(
        "older", _ages, "{a}+{b}", lambda a, b: a + b,
        {
            "en": (
                "{n} is {a} years old. {m} is {b} years older. How old is {m}?",
                "{n} is {a}. How old will {n} be in {b} years?",
                "{m} is {b} years older than {n}, who is {a}. How old is {m}?",
                "{n} is {a} years old now. How old in {b} years?",
                "{n} is {a} years old. How old will {n} be in {b} years?",
                "How old is {m}, who is {b} years older than {n}, if {n} is {a}?",
                "{n} turns {a} today. What will the age of {n} be {b} years from now?",
                "{m} was already {b} years old when {n} was born. {n} is {a} now. How old is {m}?",
                "{n} came to this town at the age of {a} and left {b} years later. How old was {n} then?",
                "In {b} years, how old will {n} be, who is {a} today?",
                "Find the age of {m}: {n} is {a}, and {m} is older by {b} years.",
                "{b} years ago {n} was {a} years old. How old is {n} now?",
                "The teacher of {n} is {b} years older than {n}. {n} is {a}. How old is the teacher?",
                "{n} moved here at {a} and has lived here for {b} years. How old is {n} today?",
                "Today {n} is {a} years old. What age will {n} have after {b} more years?",
            ),
            "zh": (
                "{n}{a}岁，{m}比{n}大{b}岁，{m}几岁？", "{n}今年{a}岁，{b}年后几岁？",
                "{m}比{n}大{b}岁，{n}{a}岁，{m}多大？", "{n}现在{a}岁，再过{b}年多大？",
                "{n}今年{a}岁，再过{b}年几岁？",
                "{n}{a}岁，{m}的年龄比{n}大{b}岁，求{m}的年龄。",
                "{n}今天满{a}岁，从现在起{b}年后是多少岁？",
                "{n}出生时{m}已经{b}岁，现在{n}{a}岁，{m}多少岁？",
                "{n}{a}岁来到这座城市，{b}年后离开，离开时几岁？",
                "再过{b}年，今年{a}岁的{n}有多大？",
                "姐姐比{n}大{b}岁，{n}今年{a}岁，姐姐今年几岁？",
                "{b}年前{n}{a}岁，{n}现在多大？",
                "老师比{n}大{b}岁，{n}{a}岁，问老师多少岁？",
                "{n}{a}岁搬到这里，住了{b}年，今年几岁？",
                "今年{n}是{a}岁，过了{b}年以后是多少岁？",
            ),
        },
        {"en": "Add the years: {e}.", "zh": "加上年数：{e}。"},
        {"en": "{r} years old.", "zh": "{r}岁。"},
    ),
    Structure(
        "younger", lambda rng: (rng.randrange(30, 90), rng.randrange(2, 28)), "{a}-{b}", lambda a, b: a - b,
        {
            "en": (
                "{n} is {a} years old. {m} is {b} years younger. How old is {m}?",
                "{n} is {a}. How old was {n} {b} years ago?",
                "{m} is {b} years younger than {n}, who is {a}. How old is {m}?",
                "{n} is {a} years old now. How old {b} years ago?",
                "{n} is {a} years old. How old was {n} {b} years ago?",
                "How old is {m}, who is {b} years younger than {n}, if {n} is {a}?",
                "{n} turns {a} today. What was the age of {n} {b} years before?",
                "{n} was {b} years old when {m} was born. {n} is {a} now. How old is {m}?",
                "{n} is {a} and came to this town {b} years ago. How old was {n} then?",
                "{b} years ago, how old was {n}, who is {a} today?",
                "Find the age of {m}: {n} is {a}, and {m} is younger by {b} years.",
                "In {b} years {n} will be {a} years old. How old is {n} now?",
                "{n} is {a}, that is {b} years older than {m}. How old is {m}?",
                "{n} is {a} and has been a teacher for {b} years. At what age did {n} start?",
                "Today {n} is {a} years old. What age did {n} have {b} years ago?",
            ),
            "zh": (
                "{n}{a}岁，{m}比{n}小{b}岁，{m}几岁？", "{n}今年{a}岁，{b}年前几岁？",
                "{m}比{n}小{b}岁，{n}{a}岁，{m}多大？", "{n}现在{a}岁，{b}年前多大？",
                "{n}今年{a}岁，{m}比{n}小{b}岁，{m}几岁？",
                "{n}{a}岁，{m}的年龄比{n}小{b}岁，求{m}的年龄。",
                "{n}今天满{a}岁，{b}年以前是多少岁？",
                "{m}出生时{n}{b}岁，现在{n}{a}岁，{m}多少岁？",
                "{n}今年{a}岁，{b}年前来到这里，来的时候几岁？",
                "{b}年前，今年{a}岁的{n}有多大？",
                "妹妹比{n}小{b}岁，{n}今年{a}岁，妹妹今年几岁？",
                "再过{b}年{n}就{a}岁了，{n}现在多大？",
                "{n}{a}岁，比{m}大{b}岁，问{m}几岁？",
                "{n}{a}岁，当老师已经{b}年了，开始当老师时几岁？",
                "今年{n}是{a}岁，那么{b}年以前{n}是多少岁？",
            ),
        },
        {"en": "Take the years away: {e}.", "zh": "减去年数：{e}。"},
        {"en": "{r} years old.", "zh": "{r}岁。"},
    ),
    Structure(
        "rest_shared", _rest_shared, "({a}-{b})/{c}", lambda a, b, c: Fraction(a - b, c),
        {
            "en": ("{n} has {a} {t}, keeps {b} and shares the rest among {c} friends. How many does each get?",
                   "Of {a} {t}, {b} are bad. The rest goes into {c} equal boxes. How many {t} are in each box?",
                   "{n} had {a} {t}, ate {b} and shared the rest equally among {c} children. How many does each get?",
                   "There are {a} {t}. {n} takes {b}, and {c} friends share the rest. How many each?",
                   "{n} has {a} {t}, keeps {b}, and {c} friends share the rest equally. How many does each get?",
                   "A farmer picks {a} {t}, sells {b} and packs the rest into {c} equal baskets. How many {t} are in "
                   "each basket?",
                   "How many {t} does each of {c} pupils get if {b} of {a} are kept and the rest is shared equally?",
                   "The library has {a} {t}. {b} are lent out, and the others stand on {c} shelves, equally many on "
                   "each. How many per shelf?",
                   "{n} lost {b} of {a} {t} and split what was left evenly among {c} children. How many {t} for each "
                   "child?",
                   "Out of {a} {t}, {b} go to {m}. The remaining ones are divided equally among {c} teams. How many "
                   "per team?",
                   "For the party {n} made {a} {t}. {b} broke, and {c} guests shared the others equally. How many "
                   "{t} per guest?",
                   "Take {b} {t} away from {a} and put the rest on {c} plates evenly. How many {t} are on each plate?",
                   "A factory made {a} {t}. It kept {b} and sent the rest to {c} shops, the same number to each. How "
                   "many per shop?",
                   "{n} uses {b} of {a} {t} and packs the remaining ones into {c} equal bags. How many {t} does a "
                   "bag hold?",
                   "There were {a} {t}. {n} gave {b} to {m} and divided the rest equally among {c} children. How "
                   "many did each child get?"),
            "zh": (
                "{n}有{a}{q}{t}，留下{b}{q}，其余平均分给{c}个朋友，每人多少{q}？",
                "{a}{q}{t}里有{b}{q}坏的，其余平均装进{c}个盒子，每盒多少{q}？",
                "{n}有{a}{q}{t}，用了{b}{q}，剩下的平均分给{c}个孩子，每人多少{q}？",
                "有{a}{q}{t}，{n}拿走{b}{q}，其余{c}人平分，每人多少{q}？",
                "{n}有{a}{q}{t}，留下{b}{q}，其余平均分给{c}个孩子，每人多少{q}？",
                "农民收了{a}{q}{t}，卖掉{b}{q}，剩下的平均装{c}筐，每筐几{q}？",
                "老师有{a}{q}{t}，留下{b}{q}，其余平均分给{c}名学生，平均每人多少{q}？",
                "图书馆有{a}{q}{t}，借出{b}{q}，剩下的平均放在{c}层架子上，每层多少{q}？",
                "{n}的{a}{q}{t}丢了{b}{q}，余下的平均分给{c}个小朋友，每人几{q}？",
                "{a}{q}{t}先给{m}{b}{q}，剩下的平均分给{c}个队，求每队多少{q}。",
                "聚会上有{a}{q}{t}，坏了{b}{q}，其余的{c}位客人平分，每位得几{q}？",
                "从{a}{q}{t}里拿走{b}{q}，剩下的平均放进{c}个盘子，每盘多少{q}？",
                "工厂做了{a}{q}{t}，留下{b}{q}，其余平均送到{c}家商店，问每家多少{q}？",
                "{n}有{a}{q}{t}，用掉{b}{q}，余下的平均装{c}袋，每袋多少{q}？",
                "原来有{a}{q}{t}，{n}给了{m}{b}{q}，剩下的由{c}个孩子平分，每个孩子得多少{q}？",
            ),
        },
        {"en": "First the rest, then share it: {e}.", "zh": "先求剩下的，再平分：{e}。"},
        {"en": "{r} {t} each.", "zh": "每份{r}{q}{t}。"},
    ),
    Structure(
        "sum_shared", _sum_shared, "({a}+{b})/{c}", lambda a, b, c: Fraction(a + b, c),
        {
            "en": ("{n} has {a} {t} and {m} has {b}. They share all of them among {c} friends. How many does each get?",
                   "{a} red and {b} blue {t} are put into {c} equal bags. How many are in each bag?",
                   "{n} picks {a} {t} and {m} picks {b}. They fill {c} equal boxes. How many {t} are in each box?",
                   "{n} buys {a} {t}, then {b} more, and shares them among {c} children. How many each?",
                   "{n} has {a} {t} and {m} has {b}. They fill {c} equal bags. How many are in each bag?",
                   "A farmer picked {a} {t} yesterday and {b} today and packs them all into {c} equal baskets. How "
                   "many per basket?",
                   "How many {t} does each of {c} pupils get if {a} old and {b} new {t} are shared equally?",
                   "The library gets {a} {t} and then another {b}. All of them go on {c} shelves, equally many on "
                   "each. How many per shelf?",
                   "{n} brings {a} {t} and {m} brings {b}. {c} guests share them all equally. How many {t} for each "
                   "guest?",
                   "There are {a} big and {b} small {t}. They are divided equally among {c} teams. How many {t} does "
                   "a team get?",
                   "Put {a} {t} and {b} {t} together and split them into {c} equal groups. How many are in a group?",
                   "A factory makes {a} {t}, then {b} more. All go to {c} shops equally. How many per shop?",
                   "{n} has {a} {t} and finds {b} more. Then {n} divides all of them evenly among {c} friends. How "
                   "many each?",
                   "Two boxes hold {a} and {b} {t}. All of them are put on {c} plates evenly. How many {t} are on "
                   "each plate?",
                   "{n} had {a} {t}, got {b} more from {m} and put all of them into {c} equal boxes. How many {t} "
                   "are in each box?"),
            "zh": (
                "{n}有{a}{q}{t}，{m}有{b}{q}，合起来平均分给{c}个朋友，每人多少{q}？",
                "{a}{q}红的和{b}{q}蓝的{t}平均装进{c}个袋子，每袋多少{q}？",
                "{n}收了{a}{q}{t}，{m}收了{b}{q}，平均装{c}盒，每盒多少{q}？",
                "{n}买了{a}{q}{t}，又买{b}{q}，平均分给{c}个孩子，每人多少{q}？",
                "{n}有{a}{q}{t}，{m}有{b}{q}，合起来平均装进{c}个袋子，每袋多少{q}？",
                "农民昨天收{a}{q}{t}，今天收{b}{q}，全部平均装{c}筐，每筐几{q}？",
                "老师有{a}{q}旧{t}和{b}{q}新{t}，一起平均分给{c}名学生，平均每人多少{q}？",
                "图书馆先买{a}{q}{t}，又买{b}{q}，全部平均放在{c}层架子上，每层多少{q}？",
                "{n}带来{a}{q}{t}，{m}带来{b}{q}，{c}位客人平分这些{t}，每位得几{q}？",
                "大的{t}有{a}{q}，小的有{b}{q}，一共平均分给{c}个队，求每队多少{q}。",
                "把{a}{q}{t}和{b}{q}{t}放在一起，平均分成{c}组，每组多少{q}？",
                "工厂上午做{a}{q}{t}，下午做{b}{q}，平均送到{c}家商店，问每家多少{q}？",
                "{n}有{a}{q}{t}，又捡到{b}{q}，全部平均分给{c}个朋友，每人几{q}？",
                "两个盒子里分别有{a}{q}和{b}{q}{t}，合在一起平均放进{c}个盘子，每盘多少{q}？",
                "{n}原有{a}{q}{t}，{m}又给了{b}{q}，全部平均装进{c}个盒子，每盒多少{q}？",
            ),
        },
        {"en": "First the sum, then share it: {e}.", "zh": "先求和，再平分：{e}。"},
        {"en": "{r} {t} each.", "zh": "每份{r}{q}{t}。"},
    ),
    Structure(
        "area", _sides, "{a}*{b}", lambda a, b: a * b,
        {
            "en": (
                "A garden is {a} m long and {b} m wide. What is its area?",
                "What is the area of a rectangle of {a} m by {b} m?",
                "A room is {a} m long and {b} m wide. How big is its floor?",
                "Find the area of a field {a} m long and {b} m wide.",
                "What is the area of a room {a} m long and {b} m wide?",
                "How many square metres of carpet does a room of {a} m by {b} m need?",
                "A farmer has a field with a length of {a} m and a width of {b} m. How big is the field?",
                "Work out the area of a pool that is {a} m long and {b} m wide.",
                "The school yard measures {a} m by {b} m. What is its area?",
                "A wall is {a} m long and {b} m high. How many square metres must {n} paint?",
                "The sides of a rectangle are {a} m and {b} m. Find its area.",
                "{n} wants to cover a floor {a} m long and {b} m wide. How many square metres is that?",
                "How large is the area of a park with a length of {a} m and a width of {b} m?",
                "How many square metres does a garden have that is {a} m long and {b} m wide?",
                "A field is {a} m long and {b} m wide. Work out its area.",
            ),
            "zh": (
                "花园长{a}米，宽{b}米，面积是多少？", "长{a}米、宽{b}米的长方形面积是多少？",
                "房间长{a}米，宽{b}米，地面多大？", "一块地长{a}米宽{b}米，求面积。",
                "房间长{a}米，宽{b}米，面积是多少？",
                "房间长{a}米，宽{b}米，铺满地毯要多少平方米？",
                "农民有一块地，长是{a}米，宽是{b}米，这块地有多大？",
                "游泳池长{a}米，宽{b}米，求它的面积。",
                "学校操场长{a}米，宽{b}米，操场的面积是多少平方米？",
                "一面墙长{a}米，高{b}米，{n}要刷多少平方米？",
                "长方形的两条边是{a}米和{b}米，求面积是多少。",
                "{n}要给长{a}米、宽{b}米的地面铺砖，铺砖的面积是多少？",
                "公园的长是{a}米，宽是{b}米，公园占地多少平方米？",
                "一个花园长{a}米、宽{b}米，有多少平方米？",
                "一块长{a}米、宽{b}米的地，面积有多大？",
            ),
        },
        {"en": "Length times width: {e}.", "zh": "长乘宽：{e}。"},
        {"en": "The area is {r} square metres.", "zh": "面积是{r}平方米。"},
    ),
    Structure(
        "perimeter", _sides, "2*({a}+{b})", lambda a, b: 2 * (a + b),
        {
            "en": (
                "A garden is {a} m long and {b} m wide. What is its perimeter?",
                "What is the perimeter of a rectangle of {a} m by {b} m?",
                "How long is a fence around a field {a} m long and {b} m wide?",
                "Find the perimeter of a room {a} m long and {b} m wide.",
                "What is the perimeter of a garden {a} m long and {b} m wide?",
                "{n} walks once around a park of {a} m by {b} m. How many metres is that?",
                "A farmer puts a fence all around a field with a length of {a} m and a width of {b} m. How long is "
                "the fence?",
                "Work out the perimeter of a pool that is {a} m long and {b} m wide.",
                "The school yard measures {a} m by {b} m. What is its perimeter?",
                "How many metres of rope go once around a rectangle {a} m long and {b} m wide?",
                "The sides of a rectangle are {a} m and {b} m. Find its perimeter.",
                "{n} runs one round along the edge of a field {a} m long and {b} m wide. How far does {n} run?",
                "A picture is {a} m long and {b} m wide. How long is the frame around it?",
                "How many metres of fence are needed all around a garden {a} m long and {b} m wide?",
                "A field is {a} m long and {b} m wide. Work out its perimeter.",
            ),
            "zh": (
                "花园长{a}米，宽{b}米，周长是多少？", "长{a}米、宽{b}米的长方形周长是多少？",
                "一块地长{a}米，宽{b}米，围一圈篱笆要多长？", "房间长{a}米宽{b}米，求周长。",
                "房间长{a}米，宽{b}米，周长是多少？",
                "公园长{a}米，宽{b}米，{n}绕公园走一圈是多少米？",
                "农民有一块地，长是{a}米，宽是{b}米，四周围上篱笆，篱笆长多少米？",
                "游泳池长{a}米，宽{b}米，求它的周长。",
                "学校操场长{a}米，宽{b}米，操场的周长是多少米？",
                "用绳子绕长{a}米、宽{b}米的长方形一圈，绳子要多长？",
                "长方形的两条边是{a}米和{b}米，求周长是多少。",
                "{n}沿着长{a}米、宽{b}米的场地边跑一圈，跑了多少米？",
                "一幅画长{a}米，宽{b}米，给它四周做边框，边框总长多少米？",
                "花园长{a}米、宽{b}米，四周围一圈篱笆，要多少米篱笆？",
                "一块长{a}米、宽{b}米的地，周长有多长？",
            ),
        },
        {"en": "Twice the sum of the sides: {e}.", "zh": "长宽之和乘二：{e}。"},
        {"en": "The perimeter is {r} metres.", "zh": "周长是{r}米。"},
    ),
    Structure(
        "times", _factors, "{b}*{a}", lambda a, b: a * b,
        {
            "en": (
                "{n} has {b} {t}. {m} has {a} times as many. How many {t} does {m} have?",
                "{m} has {a} times as many {t} as {n}, who has {b}. How many is that?",
                "{n} collected {b} {t} and {m} {a} times as many. How many did {m} collect?",
                "One box has {b} {t}, another has {a} times as many. How many {t} are in the other?",
                "{n} has {b} {t} and {m} has {a} times as many. How many does {m} have?",
                "How many {t} does {m} own if {n} owns {b} and {m} owns {a} times that number?",
                "On the farm {n} picked {b} {t}. {m} picked {a} times as many. How many {t} did {m} pick?",
                "{n} bought {b} {t}, while {m} bought {a} times as many. Find how many {t} {m} has.",
                "{m} has {a} times the number of {t} that {n} has. {n} has {b}. How many {t} does {m} have?",
                "For every one of the {b} {t} of {n}, {m} has {a}. How many {t} does {m} have?",
                "At school {n} made {b} {t}, and {m} made {a} times as many. How many did {m} make?",
                "If {n} has {b} {t} and {m} has {a} times as many as that, how many {t} does {m} have?",
                "{n} keeps {b} {t}. {m} keeps {a} times as many. How many {t} does {m} keep?",
                "Work out how many {t} {m} has: {n} has {b}, and {m} has {a} times as many.",
                "{n} found {b} {t}. {m} found {a} times as many as {n}. How many {t} did {m} find?",
            ),
            "zh": (
                "{n}有{b}{q}{t}，{m}的数量是{n}的{a}倍，{m}有多少{q}？",
                "{m}的{t}是{n}的{a}倍，{n}有{b}{q}，{m}有多少{q}？",
                "{n}收集了{b}{q}{t}，{m}收集的是他的{a}倍，{m}收集了多少{q}？",
                "一个盒子有{b}{q}{t}，另一个是它的{a}倍，另一个有多少{q}？",
                "{n}有{b}{q}{t}，{m}是{n}的{a}倍，{m}有多少{q}？",
                "{n}有{b}{q}{t}，{m}的{t}是{n}的{a}倍，求{m}有多少{q}。",
                "农场里{n}摘了{b}{q}{t}，{m}摘的是{n}的{a}倍，{m}摘了几{q}？",
                "{n}买了{b}{q}{t}，{m}买的数量是{n}的{a}倍，{m}买了多少{q}？",
                "{m}有多少{q}{t}？{n}有{b}{q}，{m}的是{n}的{a}倍。",
                "{t}，{n}有{b}{q}，{m}的数量正好是{n}的{a}倍，{m}有几{q}？",
                "学校里一班有{b}{q}{t}，二班的是一班的{a}倍，二班有多少{q}？",
                "{n}做了{b}{q}{t}，{m}做的是{n}的{a}倍，问{m}做了多少{q}？",
                "甲店有{b}{q}{t}，乙店的数量是甲店的{a}倍，乙店有多少{q}{t}？",
                "去年{n}有{b}{q}{t}，今年是去年的{a}倍，今年有多少{q}？",
                "{n}找到{b}{q}{t}，{m}找到的是{n}的{a}倍，{m}找到了多少{q}？",
            ),
        },
        {"en": "Times as many: {e}.", "zh": "求几倍：{e}。"},
        {"en": "{m} has {r} {t}.", "zh": "有{r}{q}{t}。"},
    ),
    Structure(
        "average", _averaged, "({a}+{b}+{c})/3", lambda a, b, c: Fraction(a + b + c, 3),
        {
            "en": (
                "{n} scored {a}, {b} and {c} points. What is the average?",
                "Three tests gave {a}, {b} and {c}. What is the mean?",
                "{n}, {m} and a friend have {a}, {b} and {c} {t}. What is the average?",
                "The temperatures were {a}, {b} and {c}. What was the average?",
                "Three tests gave {n} {a}, {b} and {c} points. What is the average?",
                "In three games {n} made {a}, {b} and {c} points. How many points per game is that on average?",
                "Find the mean of the three numbers {a}, {b} and {c}.",
                "A shop sold {a}, {b} and {c} {t} on three days. How many {t} is that per day on average?",
                "{n} read {a}, {b} and {c} pages on three days. What is the average per day?",
                "Three boxes hold {a}, {b} and {c} {t}. What is the mean number of {t} in a box?",
                "Work out the average age of three people who are {a}, {b} and {c} years old.",
                "What is the average of {a}, {b} and {c} km that {n} drove on three days?",
                "Three classes have {a}, {b} and {c} pupils. How many pupils does a class have on average?",
                "On average, how many {t} did {n} collect per day, if it was {a}, {b} and {c} on three days?",
                "{n} got {a}, {b} and {c} points in three tests. What is the mean?",
            ),
            "zh": (
                "{n}三次考了{a}、{b}和{c}分，平均多少分？", "三次测验是{a}、{b}、{c}分，平均分是多少？",
                "{n}三天各看了{a}、{b}、{c}页书，平均每天多少页？", "三个数是{a}、{b}、{c}，平均数是多少？",
                "{n}三次测验得{a}、{b}、{c}分，平均分是多少？",
                "{n}三场比赛得了{a}、{b}和{c}分，平均每场得多少分？",
                "求{a}、{b}、{c}这三个数的平均数。",
                "商店三天卖出{a}、{b}、{c}{q}{t}，平均每天卖多少{q}？",
                "三个班各有{a}、{b}、{c}名学生，平均每班多少人？",
                "三个盒子里分别有{a}、{b}、{c}{q}{t}，平均每盒多少{q}？",
                "三个人的年龄是{a}、{b}和{c}岁，他们的平均年龄是多少？",
                "{n}三天分别走了{a}、{b}和{c}千米，平均每天走多少千米？",
                "三天的气温是{a}度、{b}度和{c}度，问平均气温是多少度？",
                "{n}、{m}和一个朋友各有{a}、{b}、{c}{q}{t}，平均每人多少{q}？",
                "{n}三次考试的成绩是{a}分、{b}分和{c}分，平均分是多少？",
            ),
        },
        {"en": "Sum divided by three: {e}.", "zh": "三个数的和除以三：{e}。"},
        {"en": "The average is {r}.", "zh": "平均是{r}。"},
    ),
)  # fmt: skip


TRAINING_STRUCTURES: tuple[Structure, ...] = (
    *STRUCTURES,
    Structure(
        "more_than", _two, "{a}+{b}", lambda a, b: a + b, {},
        {"en": "So many more, so add: {e}.", "zh": "多这么多，相加：{e}。"}, {"en": "{m} has {r} {t}.",
        "zh": "有{r}{q}{t}。"},
    ),
    Structure(
        "fewer_than", _less, "{a}-{b}", lambda a, b: a - b, {},
        {"en": "So many fewer, so take away: {e}.", "zh": "少这么多，相减：{e}。"}, {"en": "{m} has {r} {t}.",
        "zh": "有{r}{q}{t}。"},
    ),
    Structure(
        "missing", _less, "{a}-{b}", lambda a, b: a - b, {},
        {"en": "What is needed minus what is there: {e}.", "zh": "总数减去已有的：{e}。"},
        {"en": "{r} {t} more.", "zh": "还差{r}{q}{t}。"},
    ),
)  # fmt: skip
"""Those of the evaluation, and some that only `stories` tells."""
MADE = 0.7
"""Share of the stories for training that are put together from parts."""


def word_problems(
    rng: random.Random, language: Language, split: Split, tools: frozenset[str], previous: Turn | None
) -> Turn | None:
    """A story: the thought derives the expression, the calculator works it out."""
    structure = rng.choice(STRUCTURES if split == "eval" else TRAINING_STRUCTURES)
    if split == "train" and (not structure.stories or rng.random() < MADE):
        told = _with_aside(rng, made_story(rng, structure.name, language, _held_out(language)), language)
    else:
        told = choose(rng, structure.stories[language], split)
    story = decorate(rng, told, language, polite=False)
    while True:
        slots = _slots(rng, structure, language, split)
        expression = structure.expression.format(**slots)
        if belongs(expression, split):
            break
    user = story.format(**(_spelt(rng, slots, language) if split == "train" and _may_spell(told) else slots))
    if "Calculate" not in tools:
        return switched_off(rng, "Calculate", user, language, "word_problems", {"expression": expression})
    value = str(structure.value(**{key: int(slots[key]) for key in "abcd" if key in slots}))
    reply = structure.reply[language]
    return Turn(
        user=user,
        language=language,
        intent="word_problems",
        steps=(Step(structure.thought[language].format(e=expression), (ToolCall("Calculate", expression),)),),
        reply=lambda calls: reply.format(**slots, r=calls[-1].result),
        answer=(value,),
        outcome="answer",
        memory={"expression": expression, "value": value},
    )


@cache
def _held_out(language: Language) -> tuple[str, ...]:
    """The stories of the evaluation."""
    return tuple(story for structure in STRUCTURES for story in structure.stories[language][4::5])


_ASIDES = {
    "en": (
        "It is {x} o'clock.", "{n} lives at number {x}.", "The house of {n} is {x} m high.", "{n} came by bus {x}.",
        "The next town is {x} km away.", "{n} is on page {x} of a book.", "It is day {x} of the month.",
    ),
    "zh": (
        "现在是{x}点。", "{n}住在{x}号。", "{n}家的房子高{x}米。", "{n}坐{x}路车来。", "最近的镇子有{x}千米远。",
        "{n}的书看到第{x}页。", "今天是这个月的第{x}天。",
    ),
}  # fmt: skip


def _with_aside(rng: random.Random, story: str, language: Language) -> str:
    """Now and then a number that has nothing to do with the question, before the story."""
    if rng.random() >= 0.06:
        return story
    aside = rng.choice(_ASIDES[language]).replace("{x}", str(rng.randrange(2, 12)))
    return f"{aside} {story}" if language == "en" else aside + story


def _may_spell(story: str) -> bool:
    """Whether a number of the story may be a word: not next to a sign or a unit."""
    return not re.search(r"\} ?(%|m\b|km|kg|/|米|千)", story)


def _spelt(rng: random.Random, slots: Mapping[str, str], language: Language) -> Mapping[str, str]:
    """The slots, now and then with one small number as a word."""
    small = [key for key in "abcd" if key in slots and int(slots[key]) <= 20]
    if not small or rng.random() >= 0.12:
        return slots
    key = rng.choice(small)
    number = int(slots[key])
    word = english_numeral(number) if language == "en" else "两" if number == 2 else chinese_numeral(number)
    return {**slots, key: word}


def _slots(rng: random.Random, structure: Structure, language: Language, split: Split) -> dict[str, str]:
    """Names, a thing and numbers for a story."""
    names: Sequence[str] = _NAMES[language]
    things: Sequence[str] = _THINGS[language][structure.things]
    if split == "train":
        names, things = (*names, *_MORE_NAMES[language]), (*things, *_MORE_THINGS[language])
    name = _of_split(rng, names, split)
    other = _of_split(rng, [n for n in names if n != name], split)
    thing = _of_split(rng, things, split)
    if split == "train" and language == "en" and rng.random() < 0.12:
        thing = f"{rng.choice(_KINDS)} {thing}"
    slots = {"n": name, "m": other, "t": thing if language == "en" else thing[1:], "q": thing[0]}
    return slots | {key: str(number) for key, number in zip("abcd", structure.draw(rng), strict=False)}
