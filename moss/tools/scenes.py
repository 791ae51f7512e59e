"""The pictures that text-to-image can draw, as values, and the small language that describes them.

This file is the vocabulary (kinds of thing, colours, relations, backgrounds, each with its Chinese name), the `Scene`
it makes up, and both directions between a scene and a description in lower-case English. It draws nothing and needs
neither torch nor numpy, so that whoever writes requests for drawings can import it.

    >>> parse_description("a red car next to a big green tree on the grass")
    Scene(things=(Thing(kind='car', colour='red'), Thing(kind='tree', colour='green', size='big')), ...)
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from ..errors import UserError

Size = Literal["small", "medium", "big"]
Place = Literal["anywhere", "ground", "sky", "water"]
RGB = tuple[int, int, int]

MAX_ITEMS = 3
"""How many single things a scene holds at most; "two fish" count as two."""


class Kind(NamedTuple):
    """A kind of thing: its names and what it is like when nobody says otherwise."""

    zh: str
    measure: str
    """Chinese measure word: 一`辆`汽车."""
    colour: str
    """Its colour when the description names none."""
    place: Place = "anywhere"
    """Where it is in an outdoor scene, when no relation says so."""
    plural: str = ""
    """English plural, where it is not just an s."""


class Colour(NamedTuple):
    """A colour: Chinese name and what it looks like."""

    zh: str
    rgb: RGB


class Background(NamedTuple):
    """Where a scene plays: how English and Chinese say so."""

    en: str
    zh: str
    zh_place: str
    """The form that goes in front of the things: `夜空中`有一个月亮."""


KINDS: Mapping[str, Kind] = {
    "circle": Kind("圆形", "个", "red"),
    "square": Kind("正方形", "个", "blue"),
    "triangle": Kind("三角形", "个", "green"),
    "diamond": Kind("菱形", "个", "turquoise"),
    "heart": Kind("爱心", "颗", "red"),
    "star": Kind("星星", "颗", "yellow", "sky"),
    "sun": Kind("太阳", "个", "yellow", "sky"),
    "moon": Kind("月亮", "个", "yellow", "sky"),
    "cloud": Kind("云", "朵", "white", "sky"),
    "balloon": Kind("气球", "个", "red", "sky"),
    "bird": Kind("鸟", "只", "blue", "sky"),
    "rocket": Kind("火箭", "枚", "gray", "sky"),
    "house": Kind("房子", "座", "orange", "ground"),
    "tree": Kind("树", "棵", "green", "ground"),
    "flower": Kind("花", "朵", "pink", "ground"),
    "mushroom": Kind("蘑菇", "个", "red", "ground"),
    "mountain": Kind("山", "座", "gray", "ground"),
    "car": Kind("汽车", "辆", "red", "ground"),
    "cat": Kind("猫", "只", "orange", "ground"),
    "apple": Kind("苹果", "个", "red"),
    "umbrella": Kind("雨伞", "把", "purple", "ground"),
    "cup": Kind("杯子", "个", "white"),
    "fish": Kind("鱼", "条", "orange", "water", plural="fish"),
    "boat": Kind("船", "艘", "brown", "water"),
}

COLOURS: Mapping[str, Colour] = {
    "red": Colour("红色", (222, 45, 45)),
    "orange": Colour("橙色", (245, 146, 38)),
    "yellow": Colour("黄色", (250, 218, 62)),
    "green": Colour("绿色", (58, 165, 75)),
    "turquoise": Colour("青色", (64, 200, 196)),
    "blue": Colour("蓝色", (48, 98, 220)),
    "purple": Colour("紫色", (138, 68, 190)),
    "pink": Colour("粉色", (248, 150, 190)),
    "brown": Colour("棕色", (136, 88, 50)),
    "black": Colour("黑色", (38, 38, 42)),
    "gray": Colour("灰色", (150, 152, 158)),
    "white": Colour("白色", (250, 250, 250)),
}

RELATIONS: Mapping[str, str] = {
    "above": "上方",
    "below": "下方",
    "left of": "左边",
    "right of": "右边",
    "next to": "旁边",
    "in front of": "前面",
    "on top of": "顶上",
    "inside": "里面",
    "and": "和",
}
"""English relation -> the Chinese word of place (for "and": the word between the two things)."""

BACKGROUNDS: Mapping[str, Background] = {
    "white": Background("on a white background", "白色背景", "白色背景上"),
    "black": Background("on a black background", "黑色背景", "黑色背景上"),
    "sky": Background("in the sky", "天空", "天空中"),
    "night": Background("in the night sky", "夜空", "夜空中"),
    "grass": Background("on the grass", "草地", "草地上"),
    "sea": Background("in the sea", "大海", "大海里"),
    "beach": Background("on the beach", "沙滩", "沙滩上"),
    "snow": Background("in the snow", "雪地", "雪地里"),
    "sunset": Background("at sunset", "日落", "日落时"),
}
"""A description that names no background means "white"."""

SIZES: Mapping[Size, str] = {"small": "小", "medium": "", "big": "大"}
NUMBERS: Mapping[int, tuple[str, str]] = {1: ("a", "一"), 2: ("two", "两"), 3: ("three", "三")}


@dataclass(frozen=True, slots=True)
class Thing:
    """One kind of thing in a scene, once or a few times side by side."""

    kind: str
    colour: str | None = None
    """None: the kind's own colour."""
    size: Size = "medium"
    count: int = 1


@dataclass(frozen=True, slots=True)
class Scene:
    """Things in a chain: `relations[i]` says where `things[i]` is, seen from `things[i + 1]`."""

    things: tuple[Thing, ...]
    relations: tuple[str, ...] = ()
    background: str = "white"

    def __post_init__(self) -> None:
        if len(self.relations) != len(self.things) - 1:
            raise ValueError("a scene of n things needs n - 1 relations between them")
        if sum(thing.count for thing in self.things) > MAX_ITEMS:
            raise UserError(f"a picture holds at most {MAX_ITEMS} things; describe fewer")


def describe(scene: Scene) -> str:
    """The scene in lower-case English, which `parse_description` reads back as the same scene."""
    words = [_english_thing(scene.things[0])]
    for relation, thing in zip(scene.relations, scene.things[1:], strict=True):
        words += [_SPELLING.get(relation, relation), _english_thing(thing)]
    if scene.background != "white":
        words.append(BACKGROUNDS[scene.background].en)
    return " ".join(words)


def describe_in_chinese(scene: Scene) -> str:
    """The same scene as a Chinese phrase, for requests: 夜空中一颗黄色的星星在一座红色的房子的上方."""
    text = "" if scene.background == "white" else BACKGROUNDS[scene.background].zh_place
    text += _chinese_thing(scene.things[0])
    related = False
    for nearer, relation, further in zip(scene.things, scene.relations, scene.things[1:], strict=False):
        if relation == "and":
            text += ("，还有" if related else "和") + _chinese_thing(further)
            continue
        if related:
            text += f"，{KINDS[nearer.kind].zh}"
        text += f"在{_chinese_thing(further)}的{RELATIONS[relation]}"
        related = True
    return text


def parse_description(text: str) -> Scene:
    """Reads a description; synonyms, plurals, "a picture of" and a missing article are fine.

    Raises UserError naming the first word that cannot be drawn, or what is missing.
    """
    return _Reader(_symbols(text)).scene()


def random_scene(rng: random.Random) -> Scene:
    """A scene with one to three items, every word of the vocabulary about equally likely."""
    counts = rng.choices([(1,), (1, 1), (1, 1, 1), (2,), (3,), (1, 2), (2, 1)], weights=[26, 36, 22, 5, 4, 4, 3])[0]
    relations = list(RELATIONS)
    return Scene(
        things=tuple(_random_thing(rng, count) for count in counts),
        relations=tuple(rng.choice(relations) for _ in counts[1:]),
        background=rng.choice(list(BACKGROUNDS)) if rng.random() < 0.7 else "white",
    )


def plural(kind: str) -> str:
    """The English plural of a kind: "cats", "fish"."""
    return KINDS[kind].plural or kind + "s"


_SPELLING = {"left of": "to the left of", "right of": "to the right of"}


def _random_thing(rng: random.Random, count: int) -> Thing:
    colour = rng.choice(list(COLOURS)) if rng.random() < 0.8 else None
    size = rng.choices(list(SIZES), weights=[1, 3, 1])[0]
    return Thing(rng.choice(list(KINDS)), colour, size, count)


def _english_thing(thing: Thing) -> str:
    words = [word for word in (thing.size if thing.size != "medium" else None, thing.colour) if word]
    words.append(thing.kind if thing.count == 1 else plural(thing.kind))
    article = NUMBERS[thing.count][0]
    if article == "a" and words[0][0] in "aeiou":
        article = "an"
    return " ".join([article, *words])


def _chinese_thing(thing: Thing) -> str:
    kind = KINDS[thing.kind]
    colour = f"{COLOURS[thing.colour].zh}的" if thing.colour else ""
    return f"{NUMBERS[thing.count][1]}{kind.measure}{colour}{SIZES[thing.size]}{kind.zh}"


class _Symbol(NamedTuple):
    """What a phrase of a description means."""

    sort: Literal["kind", "colour", "size", "count", "relation", "background", "filler"]
    value: str
    text: str


_FILLERS = re.findall(
    r"\S+",
    "the of at against there is are it's its please draw paint picture image photo drawing painting photograph "
    "illustration sketch scene showing shows color colour colored coloured shape shaped some that which very",
)

_SYNONYMS: Mapping[str, str] = {
    "grey": "gray", "silver": "gray", "violet": "purple", "golden": "yellow", "gold": "yellow", "rose": "pink",
    "cyan": "turquoise", "teal": "turquoise", "little": "small", "tiny": "small", "large": "big", "huge": "big",
    "giant": "big", "medium-sized": "medium",
    "crescent": "moon", "sailboat": "boat", "ship": "boat", "home": "house", "cottage": "house", "kitten": "cat",
    "kitty": "cat", "automobile": "car", "mug": "cup", "disc": "circle", "rhombus": "diamond", "hill": "mountain",
    "pine": "tree",
    "over": "above", "under": "below", "beneath": "below", "underneath": "below", "beside": "next to",
    "near": "next to", "by": "next to", "in": "inside", "within": "inside", "on": "on top of", "atop": "on top of",
    "with": "and", ",": "and", "one": "a", "an": "a",
}  # fmt: skip

_BACKGROUND_NAMES: Mapping[str, str] = {
    "white background": "white", "black background": "black", "sky": "sky", "blue sky": "sky", "air": "sky",
    "night sky": "night", "night": "night", "starry sky": "night", "starry night": "night", "starry night sky": "night",
    "dark": "night", "grass": "grass", "green grass": "grass", "meadow": "grass", "field": "grass", "lawn": "grass",
    "garden": "grass", "sea": "sea", "ocean": "sea", "water": "sea", "blue sea": "sea", "lake": "sea",
    "beach": "beach", "sand": "beach", "snow": "snow", "winter": "snow", "sunset": "sunset", "dusk": "sunset",
}  # fmt: skip


def _lexicon() -> dict[tuple[str, ...], tuple[str, str]]:
    """Every phrase a description may use -> (sort, value)."""
    found: dict[str, tuple[str, str]] = {word: ("filler", word) for word in _FILLERS}
    found |= {kind: ("kind", kind) for kind in KINDS} | {plural(kind): ("kind", kind) for kind in KINDS}
    found |= {colour: ("colour", colour) for colour in COLOURS} | {size: ("size", size) for size in SIZES}
    found |= {words[0]: ("count", str(number)) for number, words in NUMBERS.items()}
    found |= {str(number): ("count", str(number)) for number in NUMBERS}
    found |= {relation: ("relation", relation) for relation in RELATIONS}
    found |= {
        f"{to} {side} of": ("relation", f"{side} of") for to in ("to the", "on the") for side in ("left", "right")
    }
    found |= {name: ("background", value) for name, value in _BACKGROUND_NAMES.items()}
    for word, meaning in _SYNONYMS.items():
        found[word] = found[meaning]
        if found[meaning][0] == "kind":
            found[word + "s"] = found[meaning]
    return {tuple(phrase.split()): symbol for phrase, symbol in found.items()}


_LEXICON = _lexicon()
_LONGEST = max(map(len, _LEXICON))


def _symbols(text: str) -> list[_Symbol]:
    """The description cut into known phrases, the longest first; fillers dropped."""
    words = re.findall(r"[^\W\d_]+(?:[-'][^\W\d_]+)*|\d+|,", text.lower())
    found, start = [], 0
    while start < len(words):
        for end in range(min(start + _LONGEST, len(words)), start, -1):
            symbol = _LEXICON.get(tuple(words[start:end]))
            if symbol is not None:
                break
        else:
            raise _cannot_draw(words[start])
        found.append(_Symbol(*symbol, text=" ".join(words[start:end])))  # type: ignore[arg-type]
        start = end
    return [symbol for symbol in found if symbol.sort != "filler"]


def _cannot_draw(word: str) -> UserError:
    return UserError(
        f"cannot draw '{word}'. Things: {', '.join(KINDS)}; colours: {', '.join(COLOURS)}; "
        f"relations: {', '.join(RELATIONS)}; backgrounds: {', '.join(b.en for b in BACKGROUNDS.values())}"
    )


class _Reader:
    """Builds a scene from the symbols of its description, left to right."""

    def __init__(self, symbols: list[_Symbol]) -> None:
        self.symbols = symbols
        self.things: list[Thing] = []
        self.relations: list[str] = []
        self.background = "white"
        self.relation: str | None = None
        self.pending: dict[str, str] = {}

    def scene(self) -> Scene:
        for symbol in self.symbols:
            getattr(self, f"_read_{symbol.sort}")(symbol)
        if not self.things:
            raise UserError(f"the description names nothing to draw. Things: {', '.join(KINDS)}")
        if self.pending:
            raise UserError(
                f"'{' '.join(self.pending.values())}' at the end of the description says nothing about a thing"
            )
        return Scene(tuple(self.things), tuple(self.relations), self.background)

    def _read_kind(self, symbol: _Symbol) -> None:
        if self.things:
            self.relations.append(self.relation or "and")
        count = int(self.pending.pop("count", "1"))
        size: Size = self.pending.pop("size", "medium")  # type: ignore[assignment]
        self.things.append(Thing(symbol.value, self.pending.pop("colour", None), size, count))
        self.relation = None

    def _read_relation(self, symbol: _Symbol) -> None:
        # ", and" and "and to the left of" are one relation: the more telling word wins.
        if self.relation in (None, "and"):
            self.relation = symbol.value

    def _read_background(self, symbol: _Symbol) -> None:
        # "in" the sea and "under" the night sky read as relations until it turns out what follows them.
        self.background = symbol.value
        self.relation = None
        self.pending.pop("count", None)

    def _note(self, symbol: _Symbol) -> None:
        self.pending[symbol.sort] = symbol.value

    _read_colour = _read_size = _read_count = _note
