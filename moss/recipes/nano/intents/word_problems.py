"""Stories with a number to find: prices, apples, speeds, ages, shares, discounts; one or two steps.

Each structure knows the expression that answers it and, apart from the calculator, its value, so that a story whose
expression is wrong cannot pass. Every fifth story of a structure, and one name and thing in ten, are held out.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeVar

from moss.conversation import ToolCall

from ..turns import Language, Split, Step, Turn
from ..wording import belongs, choose, decorate
from .switches import switched_off

Numbers = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Structure:
    """Stories with the same way to the answer; `{a}` ... `{d}` are the numbers."""

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
        _two, "{a}+{b}", lambda a, b: a + b,
        {
            "en": ("{n} has {a} {t} and gets {b} more. How many {t} does {n} have now?",
                   "There are {a} {t} in one box and {b} {t} in another. How many {t} are there in all?",
                   "{n} has {a} {t}. {m} gives {n} {b} more. How many does {n} have now?",
                   "{n} found {a} {t} on Monday and {b} on Tuesday. How many {t} did {n} find in total?",
                   "{n} has {a} {t} and {m} gives {n} {b} more. How many {t} does {n} have in total?",
                   "{n} has {a} {t}, {m} has {b}. How many do they have together?",
                   "If {n} has {a} {t} and buys {b} more, how many {t} are there?"),
            "zh": (
                "{n}有{a}{q}{t}，又得到{b}{q}，现在有多少{q}{t}？",
                "一个盒子里有{a}{q}{t}，另一个有{b}{q}，一共有多少{q}{t}？",
                "{n}有{a}{q}{t}，{m}又给了他{b}{q}，{n}现在有多少{q}？",
                "{n}星期一找到{a}{q}{t}，星期二找到{b}{q}，总共多少{q}？",
                "{n}有{a}{q}{t}，{m}又给了{b}{q}，一共有多少{q}{t}？",
                "{n}有{a}{q}{t}，{m}有{b}{q}，他们一共有多少{q}？",
                "如果{n}有{a}{q}{t}，又买了{b}{q}，共有多少{q}{t}？",
            ),
        },
        {"en": "Add what came: {e}.", "zh": "把两部分加起来：{e}。"},
        {"en": "In all {r} {t}.", "zh": "一共{r}{q}{t}。"},
    ),
    Structure(
        _less, "{a}-{b}", lambda a, b: a - b,
        {
            "en": (
                "{n} has {a} {t} and gives {b} to {m}. How many {t} are left?",
                "There were {a} {t}. {n} took {b}. How many are left?",
                "{n} had {a} {t} but lost {b}. How many {t} does {n} still have?",
                "A shop had {a} {t} and sold {b}. How many {t} remain?",
                "{n} had {a} {t} and gave {b} to {m}. How many {t} does {n} still have?",
                "{n} had {a} {t} and used {b} of them. How many {t} are left?",
                "Of {a} {t}, {b} are broken. How many {t} are fine?",
            ),
            "zh": ("{n}有{a}{q}{t}，给了{m}{b}{q}，还剩多少{q}？", "原来有{a}{q}{t}，{n}拿走{b}{q}，还剩多少{q}？",
                   "{n}有{a}{q}{t}，丢了{b}{q}，还有多少{q}{t}？", "商店有{a}{q}{t}，卖掉{b}{q}，还剩多少{q}{t}？",
                   "{n}有{a}{q}{t}，给了{m}{b}{q}，还有多少{q}{t}？", "{n}有{a}{q}{t}，用了{b}{q}，剩下多少{q}？",
                   "{a}{q}{t}里坏了{b}{q}，好的有多少{q}？"),
        },
        {"en": "Take away what is gone: {e}.", "zh": "减去少掉的：{e}。"},
        {"en": "{r} {t} are left.", "zh": "还剩{r}{q}{t}。"},
    ),
    Structure(
        _less, "{a}-{b}", lambda a, b: a - b,
        {
            "en": (
                "{n} has {a} {t} and {m} has {b}. How many more does {n} have?",
                "{n} collected {a} {t}, {m} {b}. What is the difference?",
                "How many more {t} does {n} have than {m}, if {n} has {a} and {m} has {b}?",
                "There are {a} {t} in the red box and {b} in the blue one. How many more are in the red box?",
                "{n} has {a} {t}, {m} has {b}. How many more {t} does {n} have than {m}?",
            ),
            "zh": (
                "{n}有{a}{q}{t}，{m}有{b}{q}，{n}比{m}多多少{q}？",
                "{n}收集了{a}{q}{t}，{m}收集了{b}{q}，相差多少{q}？",
                "红盒子里有{a}{q}{t}，蓝盒子里有{b}{q}，红盒子多多少{q}？",
                "{n}买了{a}{q}{t}，{m}买了{b}{q}，{n}多买了多少{q}？",
                "{n}收集了{a}{q}{t}，{m}有{b}{q}，{n}比{m}多多少{q}？",
            ),
        },
        {"en": "The difference: {e}.", "zh": "求相差多少：{e}。"},
        {"en": "{r} {t} more.", "zh": "多{r}{q}{t}。"},
    ),
    Structure(
        _factors, "{a}*{b}", lambda a, b: a * b,
        {
            "en": (
                "{n} buys {a} {t} at {b} dollars each. How much does {n} pay?",
                "{t} cost {b} dollars each. How much are {a} {t}?",
                "If one of the {t} costs {b} dollars, what do {a} {t} cost?",
                "{a} {t} at {b} dollars each cost how much?",
                "{n} buys {a} {t}. They cost {b} dollars each. How much does {n} pay?",
                "How much do {a} {t} cost at {b} dollars each?",
                "{n} wants {a} {t}. Each costs {b} dollars. How much money is needed?",
            ),
            "zh": (
                "{n}买了{a}{q}{t}，每{q}{b}元，一共多少钱？", "每{q}{t}{b}元，{a}{q}{t}多少钱？",
                "一{q}{t}{b}元，买{a}{q}要多少元？", "{a}{q}{t}，每{q}{b}元，总共多少元？",
                "{n}买{a}{q}{t}，每{q}{b}元，要付多少钱？", "{t}每{q}{b}元，买{a}{q}花多少钱？",
                "{n}想买{a}{q}{t}，一{q}{b}元，需要多少钱？",
            ),
        },
        {"en": "Number times price: {e}.", "zh": "数量乘单价：{e}。"},
        {"en": "It costs {r} dollars.", "zh": "一共{r}元。"},
        things="goods",
    ),
    Structure(
        _factors, "{a}*{b}", lambda a, b: a * b,
        {
            "en": (
                "There are {a} boxes with {b} {t} each. How many {t} are there?",
                "{n} has {a} bags, each with {b} {t}. How many {t} in all?",
                "Each of {a} children has {b} {t}. How many {t} do they have together?",
                "{a} rows of {b} {t} make how many {t}?",
                "{n} has {a} boxes with {b} {t} in each. How many {t} in all?",
                "One bag holds {b} {t}. How many are in {a} bags?",
            ),
            "zh": ("有{a}个盒子，每个盒子{b}{q}{t}，一共多少{q}？", "{n}有{a}个袋子，每袋{b}{q}{t}，共有多少{q}{t}？",
                   "{a}个小朋友每人有{b}{q}{t}，一共有多少{q}？", "{t}摆了{a}排，每排{b}{q}，一共多少{q}？",
                   "{n}有{a}个盒子，每盒{b}{q}{t}，共有多少{q}？", "一袋有{b}{q}{t}，{a}袋有多少{q}？"),
        },
        {"en": "Groups times size: {e}.", "zh": "份数乘每份：{e}。"},
        {"en": "There are {r} {t}.", "zh": "一共{r}{q}{t}。"},
    ),
    Structure(
        _divisible, "{a}/{b}", lambda a, b: Fraction(a, b),
        {
            "en": (
                "{n} shares {a} {t} among {b} friends. How many does each get?",
                "{a} {t} are divided equally among {b} children. How many each?",
                "{b} people share {a} {t} equally. How many {t} does each one get?",
                "{n} puts {a} {t} into {b} equal bags. How many {t} are in each bag?",
                "{n} divides {a} {t} equally among {b} friends. How many {t} does each get?",
                "If {a} {t} are shared by {b} children, how many does each child get?",
            ),
            "zh": (
                "{n}把{a}{q}{t}平均分给{b}个朋友，每人多少{q}？", "{a}{q}{t}平均分给{b}个孩子，每人几{q}？",
                "{b}个人平分{a}{q}{t}，每人得多少{q}？", "{n}把{a}{q}{t}平均装进{b}个袋子，每袋多少{q}？",
                "{n}把{a}{q}{t}平均分给{b}个孩子，每人得多少{q}？", "{a}{q}{t}分成{b}份，每份多少{q}？",
            ),
        },
        {"en": "Divide by the number of shares: {e}.", "zh": "除以份数：{e}。"},
        {"en": "{r} {t} each.", "zh": "每份{r}{q}{t}。"},
    ),
    Structure(
        _plus_minus, "{a}+{b}-{c}", lambda a, b, c: a + b - c,
        {
            "en": ("{n} has {a} {t}, buys {b} more and gives away {c}. How many are left?",
                   "{n} had {a} {t}, got {b} from {m} and lost {c}. How many {t} does {n} have now?",
                   "A shop has {a} {t}, gets {b} more and sells {c}. How many {t} remain?",
                   "There are {a} {t} in a box. {n} adds {b} and takes {c} out. How many are in the box?",
                   "{n} has {a} {t}, gets {b} more and gives away {c}. How many {t} does {n} have now?"),
            "zh": (
                "{n}有{a}{q}{t}，又买了{b}{q}，送出{c}{q}，还剩多少{q}？",
                "{n}有{a}{q}{t}，{m}给了{b}{q}，又丢了{c}{q}，现在有多少{q}？",
                "商店有{a}{q}{t}，进货{b}{q}，卖出{c}{q}，还剩多少{q}？",
                "盒子里有{a}{q}{t}，{n}放进{b}{q}，拿出{c}{q}，盒子里有多少{q}？",
                "{n}有{a}{q}{t}，{m}给了{b}{q}，送出{c}{q}，现在有多少{q}？",
            ),
        },
        {"en": "Add, then take away: {e}.", "zh": "先加后减：{e}。"},
        {"en": "Now there are {r} {t}.", "zh": "现在有{r}{q}{t}。"},
    ),
    Structure(
        _minus_plus, "{a}-{b}+{c}", lambda a, b, c: a - b + c,
        {
            "en": ("{n} has {a} {t}, gives away {b} and then buys {c}. How many does {n} have now?",
                   "{n} had {a} {t}, lost {b} and found {c}. How many {t} does {n} have?",
                   "A shop had {a} {t}, sold {b} and then got {c} more. How many {t} are there now?",
                   "There were {a} {t} in a box. {n} took {b} out and put {c} in. How many are there now?",
                   "{n} had {a} {t}, gave away {b} and found {c}. How many {t} does {n} have now?"),
            "zh": (
                "{n}有{a}{q}{t}，送出{b}{q}，又买了{c}{q}，现在有多少{q}？",
                "{n}有{a}{q}{t}，丢了{b}{q}，又找到{c}{q}，现在有多少{q}？",
                "商店有{a}{q}{t}，卖出{b}{q}，又进货{c}{q}，现在有多少{q}？",
                "盒子里有{a}{q}{t}，{n}拿出{b}{q}，放进{c}{q}，现在有多少{q}？",
                "{n}有{a}{q}{t}，丢了{b}{q}，又买了{c}{q}，现在有多少{q}？",
            ),
        },
        {"en": "Take away, then add: {e}.", "zh": "先减后加：{e}。"},
        {"en": "Now there are {r} {t}.", "zh": "现在有{r}{q}{t}。"},
    ),
    Structure(
        _minus_minus, "{a}-{b}-{c}", lambda a, b, c: a - b - c,
        {
            "en": ("{n} has {a} {t}, gives {b} to {m} and loses {c}. How many are left?",
                   "There were {a} {t}. {n} took {b} and {m} took {c}. How many are left?",
                   "A shop had {a} {t}, sold {b} in the morning and {c} in the afternoon. How many {t} remain?",
                   "{n} had {a} {t}, used {b} and gave away {c}. How many {t} are left?",
                   "{n} had {a} {t}, gave {b} to {m} and lost {c}. How many {t} are left?"),
            "zh": (
                "{n}有{a}{q}{t}，给了{m}{b}{q}，又丢了{c}{q}，还剩多少{q}？",
                "原来有{a}{q}{t}，{n}拿走{b}{q}，{m}拿走{c}{q}，还剩多少{q}？",
                "商店有{a}{q}{t}，上午卖出{b}{q}，下午卖出{c}{q}，还剩多少{q}？",
                "{n}有{a}{q}{t}，用了{b}{q}，送出{c}{q}，还剩多少{q}？",
                "{n}有{a}{q}{t}，给了{m}{b}{q}，用了{c}{q}，还剩多少{q}？",
            ),
        },
        {"en": "Take both away: {e}.", "zh": "两次都减去：{e}。"},
        {"en": "{r} {t} are left.", "zh": "还剩{r}{q}{t}。"},
    ),
    Structure(
        _change, "{a}-{b}*{c}", lambda a, b, c: a - b * c,
        {
            "en": ("{n} buys {b} {t} at {c} dollars each and pays with {a} dollars. How much change does {n} get?",
                   "{n} has {a} dollars and buys {b} {t} for {c} dollars each. How much money is left?",
                   "{t} cost {c} dollars each. {n} buys {b} and pays with a {a} dollar note. How much change is there?",
                   "With {a} dollars {n} buys {b} {t} at {c} dollars each. How many dollars are left?",
                   "{n} has {a} dollars and buys {b} {t} at {c} dollars each. How much money is left?"),
            "zh": (
                "{n}买{b}{q}{t}，每{q}{c}元，付了{a}元，应找回多少元？",
                "{n}有{a}元，买了{b}{q}{t}，每{q}{c}元，还剩多少钱？",
                "每{q}{t}{c}元，{n}买了{b}{q}，付{a}元，找回多少钱？",
                "{n}带了{a}元，买{b}{q}每{q}{c}元的{t}，剩多少元？",
                "{n}有{a}元，买{b}{q}{t}，每{q}{c}元，还剩多少元？",
            ),
        },
        {"en": "Money minus number times price: {e}.", "zh": "总钱数减数量乘单价：{e}。"},
        {"en": "{r} dollars are left.", "zh": "还剩{r}元。"},
        things="goods",
    ),
    Structure(
        _three, "{c}*{a}+{b}", lambda a, b, c: c * a + b,
        {
            "en": ("{n} buys {c} {t} at {a} dollars each and a bag for {b} dollars. How much is it in all?",
                   "{t} cost {a} dollars each. {n} buys {c} and also a book for {b} dollars. How much does {n} pay?",
                   "{n} pays {a} dollars for each of {c} {t}, and {b} dollars for delivery. What is the total?",
                   "{c} {t} at {a} dollars each and a ticket for {b} dollars: what is the total?",
                   "{n} buys {c} {t} at {a} dollars each and a book for {b} dollars. What is the total?"),
            "zh": (
                "{n}买{c}{q}{t}，每{q}{a}元，又买了一个{b}元的袋子，一共多少元？",
                "{t}每{q}{a}元，{n}买了{c}{q}，还买了一本{b}元的书，共付多少元？",
                "{n}买{c}{q}{t}，每{q}{a}元，运费{b}元，总共多少元？",
                "{c}{q}{t}每{q}{a}元，再加一张{b}元的票，总共多少钱？",
                "{n}买{c}{q}{t}，每{q}{a}元，还买了一本{b}元的书，一共多少元？",
            ),
        },
        {"en": "Number times price, plus the rest: {e}.", "zh": "数量乘单价再加其余：{e}。"},
        {"en": "In all {r} dollars.", "zh": "一共{r}元。"},
        things="goods",
    ),
    Structure(
        _four, "{a}*{b}+{c}*{d}", lambda a, b, c, d: a * b + c * d,
        {
            "en": (
                "{n} buys {a} {t} at {b} dollars each and {c} books at {d} dollars each. How much is it in all?",
                "{a} {t} for {b} dollars each and {c} tickets for {d} dollars each: what is the total?",
                "A shop sells {a} {t} at {b} dollars each and {c} pens at {d} dollars each. How much does it earn?",
                "{n} works {a} hours for {b} dollars an hour and {c} hours for {d} dollars an hour. How much does {n} "
                "earn?",
                "{n} buys {a} {t} at {b} dollars each and {c} pens at {d} dollars each. What is the total?",
            ),
            "zh": (
                "{n}买{a}{q}{t}，每{q}{b}元，又买{c}本书，每本{d}元，一共多少元？",
                "{a}{q}{t}每{q}{b}元，{c}张票每张{d}元，总共多少元？",
                "商店卖出{a}{q}{t}，每{q}{b}元，卖出{c}支笔，每支{d}元，共收入多少元？",
                "{n}工作{a}小时，每小时{b}元，又工作{c}小时，每小时{d}元，共得多少元？",
                "{n}买{a}{q}{t}，每{q}{b}元，又买{c}支笔，每支{d}元，一共多少元？",
            ),
        },
        {"en": "Two products, added: {e}.", "zh": "两个乘积相加：{e}。"},
        {"en": "In all {r} dollars.", "zh": "一共{r}元。"},
        things="goods",
    ),
    Structure(
        _factors, "{b}*{a}", lambda a, b: a * b,
        {
            "en": (
                "A car drives {b} km an hour for {a} hours. How far does it go?",
                "{n} rides {a} hours at {b} km per hour. How many km is that?",
                "A train runs at {b} km/h. How far does it get in {a} hours?",
                "At {b} km per hour, how far does a bus go in {a} hours?",
                "A train drives {b} km an hour for {a} hours. How many km is that?",
            ),
            "zh": (
                "一辆汽车每小时行{b}千米，{a}小时行多少千米？", "{n}骑车{a}小时，每小时{b}千米，一共骑了多少千米？",
                "火车时速{b}千米，{a}小时能行多远？", "公交车每小时走{b}千米，{a}小时走多远？",
                "一列火车每小时行{b}千米，{a}小时行多少千米？",
            ),
        },
        {"en": "Speed times time: {e}.", "zh": "速度乘时间：{e}。"},
        {"en": "It is {r} km.", "zh": "是{r}千米。"},
    ),
    Structure(
        _divisible, "{a}/{b}", lambda a, b: Fraction(a, b),
        {
            "en": (
                "A car drives {a} km in {b} hours. What is its speed?",
                "{n} rides {a} km in {b} hours. How fast is that per hour?",
                "A train needs {b} hours for {a} km. How many km does it go in an hour?",
                "{a} km in {b} hours: what is the speed?", "A train drives {a} km in {b} hours. What is its speed?",
            ),
            "zh": (
                "一辆汽车{b}小时行{a}千米，速度是多少？", "{n}{b}小时骑了{a}千米，每小时骑多少千米？",
                "火车行{a}千米用了{b}小时，每小时行多少千米？", "{b}小时走{a}千米，时速是多少？",
                "一列火车{b}小时行{a}千米，每小时行多少千米？",
            ),
        },
        {"en": "Way divided by time: {e}.", "zh": "路程除以时间：{e}。"},
        {"en": "{r} km per hour.", "zh": "每小时{r}千米。"},
    ),
    Structure(
        _divisible, "{a}/{b}", lambda a, b: Fraction(a, b),
        {
            "en": (
                "A book has {a} pages. {n} reads {b} a day. How many days does it take?",
                "{n} saves {b} dollars a day. How many days until {a} dollars?",
                "A machine makes {b} {t} a day. How many days does it need for {a}?",
                "{n} reads {b} pages a day. How many days for {a} pages?",
                "A book has {a} pages, and {n} reads {b} a day. How many days is that?",
            ),
            "zh": (
                "一本书{a}页，{n}每天看{b}页，几天看完？", "{n}每天存{b}元，几天能存到{a}元？",
                "机器每天做{b}{q}{t}，做{a}{q}要几天？", "{n}每天读{b}页，{a}页要读几天？",
                "一本书有{a}页，{n}每天读{b}页，要读几天？",
            ),
        },
        {"en": "Total divided by the rate: {e}.", "zh": "总量除以速率：{e}。"},
        {"en": "It takes {r} days.", "zh": "需要{r}天。"},
    ),
    Structure(
        _off, "{a}*(100-{b})/100", lambda a, b: Fraction(a * (100 - b), 100),
        {
            "en": (
                "A coat costs {a} dollars and is now {b}% off. What is the new price?",
                "{n} buys a {a} dollar bike with a {b}% discount. How much is it?",
                "The price of {a} dollars drops by {b}%. What is it now?",
                "With {b}% off, how much is a {a} dollar phone?",
                "A bike costs {a} dollars and is now {b}% off. How much is it?",
                "What is {a} dollars after a {b}% discount?",
            ),
            "zh": (
                "一件大衣{a}元，现在降价{b}%，新价格是多少？", "{n}买一辆{a}元的自行车，优惠{b}%，要付多少元？",
                "原价{a}元，降价{b}%，现价多少元？", "{a}元的手机便宜{b}%，要多少钱？",
                "一辆自行车{a}元，现在降价{b}%，要付多少元？", "{a}元优惠{b}%后是多少元？",
            ),
        },
        {"en": "The rest of the price in percent: {e}.", "zh": "按剩下的百分比算：{e}。"},
        {"en": "It costs {r} dollars.", "zh": "现价{r}元。"},
    ),
    Structure(
        _percent, "{a}*{b}%", lambda a, b: Fraction(a * b, 100),
        {
            "en": (
                "A school has {a} students and {b}% are girls. How many girls are there?",
                "{b}% of {a} {t} are red. How many are red?", "{n} has {a} {t}; {b}% are new. How many are new?",
                "Of {a} people {b}% came by bus. How many is that?",
                "A club has {a} members and {b}% are girls. How many is that?",
            ),
            "zh": (
                "学校有{a}个学生，{b}%是女生，女生有多少人？", "{a}{q}{t}中{b}%是红色的，红色的有多少{q}？",
                "{n}有{a}{q}{t}，{b}%是新的，新的有多少{q}？", "{a}人中有{b}%坐公交来，是多少人？",
                "俱乐部有{a}人，{b}%是女生，女生有多少人？",
            ),
        },
        {"en": "That share of the whole: {e}.", "zh": "总数乘百分比：{e}。"},
        {"en": "That is {r}.", "zh": "是{r}。"},
    ),
    Structure(
        _ages, "{a}+{b}", lambda a, b: a + b,
        {
            "en": (
                "{n} is {a} years old. {m} is {b} years older. How old is {m}?",
                "{n} is {a}. How old will {n} be in {b} years?",
                "{m} is {b} years older than {n}, who is {a}. How old is {m}?",
                "{n} is {a} years old now. How old in {b} years?",
                "{n} is {a} years old. How old will {n} be in {b} years?",
            ),
            "zh": (
                "{n}{a}岁，{m}比{n}大{b}岁，{m}几岁？", "{n}今年{a}岁，{b}年后几岁？",
                "{m}比{n}大{b}岁，{n}{a}岁，{m}多大？", "{n}现在{a}岁，再过{b}年多大？",
                "{n}今年{a}岁，再过{b}年几岁？",
            ),
        },
        {"en": "Add the years: {e}.", "zh": "加上年数：{e}。"},
        {"en": "{r} years old.", "zh": "{r}岁。"},
    ),
    Structure(
        lambda rng: (rng.randrange(30, 90), rng.randrange(2, 28)), "{a}-{b}", lambda a, b: a - b,
        {
            "en": (
                "{n} is {a} years old. {m} is {b} years younger. How old is {m}?",
                "{n} is {a}. How old was {n} {b} years ago?",
                "{m} is {b} years younger than {n}, who is {a}. How old is {m}?",
                "{n} is {a} years old now. How old {b} years ago?",
                "{n} is {a} years old. How old was {n} {b} years ago?",
            ),
            "zh": (
                "{n}{a}岁，{m}比{n}小{b}岁，{m}几岁？", "{n}今年{a}岁，{b}年前几岁？",
                "{m}比{n}小{b}岁，{n}{a}岁，{m}多大？", "{n}现在{a}岁，{b}年前多大？",
                "{n}今年{a}岁，{m}比{n}小{b}岁，{m}几岁？",
            ),
        },
        {"en": "Take the years away: {e}.", "zh": "减去年数：{e}。"},
        {"en": "{r} years old.", "zh": "{r}岁。"},
    ),
    Structure(
        _rest_shared, "({a}-{b})/{c}", lambda a, b, c: Fraction(a - b, c),
        {
            "en": ("{n} has {a} {t}, keeps {b} and shares the rest among {c} friends. How many does each get?",
                   "Of {a} {t}, {b} are bad. The rest goes into {c} equal boxes. How many {t} are in each box?",
                   "{n} had {a} {t}, ate {b} and shared the rest equally among {c} children. How many does each get?",
                   "There are {a} {t}. {n} takes {b}, and {c} friends share the rest. How many each?",
                   "{n} has {a} {t}, keeps {b}, and {c} friends share the rest equally. How many does each get?"),
            "zh": (
                "{n}有{a}{q}{t}，留下{b}{q}，其余平均分给{c}个朋友，每人多少{q}？",
                "{a}{q}{t}里有{b}{q}坏的，其余平均装进{c}个盒子，每盒多少{q}？",
                "{n}有{a}{q}{t}，用了{b}{q}，剩下的平均分给{c}个孩子，每人多少{q}？",
                "有{a}{q}{t}，{n}拿走{b}{q}，其余{c}人平分，每人多少{q}？",
                "{n}有{a}{q}{t}，留下{b}{q}，其余平均分给{c}个孩子，每人多少{q}？",
            ),
        },
        {"en": "First the rest, then share it: {e}.", "zh": "先求剩下的，再平分：{e}。"},
        {"en": "{r} {t} each.", "zh": "每份{r}{q}{t}。"},
    ),
    Structure(
        _sum_shared, "({a}+{b})/{c}", lambda a, b, c: Fraction(a + b, c),
        {
            "en": ("{n} has {a} {t} and {m} has {b}. They share all of them among {c} friends. How many does each get?",
                   "{a} red and {b} blue {t} are put into {c} equal bags. How many are in each bag?",
                   "{n} picks {a} {t} and {m} picks {b}. They fill {c} equal boxes. How many {t} are in each box?",
                   "{n} buys {a} {t}, then {b} more, and shares them among {c} children. How many each?",
                   "{n} has {a} {t} and {m} has {b}. They fill {c} equal bags. How many are in each bag?"),
            "zh": (
                "{n}有{a}{q}{t}，{m}有{b}{q}，合起来平均分给{c}个朋友，每人多少{q}？",
                "{a}{q}红的和{b}{q}蓝的{t}平均装进{c}个袋子，每袋多少{q}？",
                "{n}收了{a}{q}{t}，{m}收了{b}{q}，平均装{c}盒，每盒多少{q}？",
                "{n}买了{a}{q}{t}，又买{b}{q}，平均分给{c}个孩子，每人多少{q}？",
                "{n}有{a}{q}{t}，{m}有{b}{q}，合起来平均装进{c}个袋子，每袋多少{q}？",
            ),
        },
        {"en": "First the sum, then share it: {e}.", "zh": "先求和，再平分：{e}。"},
        {"en": "{r} {t} each.", "zh": "每份{r}{q}{t}。"},
    ),
    Structure(
        _sides, "{a}*{b}", lambda a, b: a * b,
        {
            "en": (
                "A garden is {a} m long and {b} m wide. What is its area?",
                "What is the area of a rectangle of {a} m by {b} m?",
                "A room is {a} m long and {b} m wide. How big is its floor?",
                "Find the area of a field {a} m long and {b} m wide.",
                "What is the area of a room {a} m long and {b} m wide?",
            ),
            "zh": (
                "花园长{a}米，宽{b}米，面积是多少？", "长{a}米、宽{b}米的长方形面积是多少？",
                "房间长{a}米，宽{b}米，地面多大？", "一块地长{a}米宽{b}米，求面积。",
                "房间长{a}米，宽{b}米，面积是多少？",
            ),
        },
        {"en": "Length times width: {e}.", "zh": "长乘宽：{e}。"},
        {"en": "The area is {r} square metres.", "zh": "面积是{r}平方米。"},
    ),
    Structure(
        _sides, "2*({a}+{b})", lambda a, b: 2 * (a + b),
        {
            "en": (
                "A garden is {a} m long and {b} m wide. What is its perimeter?",
                "What is the perimeter of a rectangle of {a} m by {b} m?",
                "How long is a fence around a field {a} m long and {b} m wide?",
                "Find the perimeter of a room {a} m long and {b} m wide.",
                "What is the perimeter of a garden {a} m long and {b} m wide?",
            ),
            "zh": (
                "花园长{a}米，宽{b}米，周长是多少？", "长{a}米、宽{b}米的长方形周长是多少？",
                "一块地长{a}米，宽{b}米，围一圈篱笆要多长？", "房间长{a}米宽{b}米，求周长。",
                "房间长{a}米，宽{b}米，周长是多少？",
            ),
        },
        {"en": "Twice the sum of the sides: {e}.", "zh": "长宽之和乘二：{e}。"},
        {"en": "The perimeter is {r} metres.", "zh": "周长是{r}米。"},
    ),
    Structure(
        _factors, "{b}*{a}", lambda a, b: a * b,
        {
            "en": (
                "{n} has {b} {t}. {m} has {a} times as many. How many {t} does {m} have?",
                "{m} has {a} times as many {t} as {n}, who has {b}. How many is that?",
                "{n} collected {b} {t} and {m} {a} times as many. How many did {m} collect?",
                "One box has {b} {t}, another has {a} times as many. How many {t} are in the other?",
                "{n} has {b} {t} and {m} has {a} times as many. How many does {m} have?",
            ),
            "zh": (
                "{n}有{b}{q}{t}，{m}的数量是{n}的{a}倍，{m}有多少{q}？",
                "{m}的{t}是{n}的{a}倍，{n}有{b}{q}，{m}有多少{q}？",
                "{n}收集了{b}{q}{t}，{m}收集的是他的{a}倍，{m}收集了多少{q}？",
                "一个盒子有{b}{q}{t}，另一个是它的{a}倍，另一个有多少{q}？",
                "{n}有{b}{q}{t}，{m}是{n}的{a}倍，{m}有多少{q}？",
            ),
        },
        {"en": "Times as many: {e}.", "zh": "求几倍：{e}。"},
        {"en": "{m} has {r} {t}.", "zh": "有{r}{q}{t}。"},
    ),
    Structure(
        _averaged, "({a}+{b}+{c})/3", lambda a, b, c: Fraction(a + b + c, 3),
        {
            "en": (
                "{n} scored {a}, {b} and {c} points. What is the average?",
                "Three tests gave {a}, {b} and {c}. What is the mean?",
                "{n}, {m} and a friend have {a}, {b} and {c} {t}. What is the average?",
                "The temperatures were {a}, {b} and {c}. What was the average?",
                "Three tests gave {n} {a}, {b} and {c} points. What is the average?",
            ),
            "zh": (
                "{n}三次考了{a}、{b}和{c}分，平均多少分？", "三次测验是{a}、{b}、{c}分，平均分是多少？",
                "{n}三天各看了{a}、{b}、{c}页书，平均每天多少页？", "三个数是{a}、{b}、{c}，平均数是多少？",
                "{n}三次测验得{a}、{b}、{c}分，平均分是多少？",
            ),
        },
        {"en": "Sum divided by three: {e}.", "zh": "三个数的和除以三：{e}。"},
        {"en": "The average is {r}.", "zh": "平均是{r}。"},
    ),
)  # fmt: skip


def word_problems(
    rng: random.Random, language: Language, split: Split, tools: frozenset[str], previous: Turn | None
) -> Turn | None:
    """A story: the thought derives the expression, the calculator works it out."""
    structure = rng.choice(STRUCTURES)
    story = decorate(rng, choose(rng, structure.stories[language], split), language, polite=False)
    while True:
        slots = _slots(rng, structure, language, split)
        expression = structure.expression.format(**slots)
        if belongs(expression, split):
            break
    user = story.format(**slots)
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


def _slots(rng: random.Random, structure: Structure, language: Language, split: Split) -> dict[str, str]:
    """Names, a thing and numbers for a story."""
    name = _of_split(rng, _NAMES[language], split)
    other = _of_split(rng, [n for n in _NAMES[language] if n != name], split)
    thing = _of_split(rng, _THINGS[language][structure.things], split)
    slots = {"n": name, "m": other, "t": thing if language == "en" else thing[1:], "q": thing[0]}
    return slots | {key: str(number) for key, number in zip("abcd", structure.draw(rng), strict=False)}
