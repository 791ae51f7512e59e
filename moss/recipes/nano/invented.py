"""Entities that do not exist, with names and facts that look like real ones.

Documents about them teach reading: their facts can only be found in the text. Names without a document teach saying
"I do not know". A name belongs to training or to evaluation by `wording.held_out` of its English form, for ever.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from .facts import Entity, Fact, all_entities
from .turns import Split
from .wording import belongs

DOCUMENTED = {"train": 3000, "eval": 600}
"""How many invented entities have documents in the search index of each split."""

_ONSETS = (
    "b", "br", "ch", "d", "dr", "f", "g", "gl", "h", "j", "k", "kr", "l", "m", "n", "p", "pr", "qu", "r", "s", "sh",
    "st", "t", "th", "tr", "v", "vl", "w", "y", "z",
)  # fmt: skip
_VOWELS = ("a", "a", "e", "e", "i", "o", "o", "u", "ai", "ea", "ia", "ou")
_CODAS = ("", "", "", "l", "m", "n", "r", "s", "th", "x", "nd", "rk", "lt")
_MORE_ONSETS = (
    "bl", "c", "cl", "cr", "fl", "fr", "gr", "gw", "kl", "kn", "mc", "ph", "pl", "sc", "sch", "sk", "sl", "sm", "sn",
    "sp", "str", "sw", "tch", "thr", "ts", "tw", "vr", "wh", "x", "zh",
)  # fmt: skip
_MORE_VOWELS = ("y", "ae", "au", "ee", "ei", "eo", "ie", "io", "oa", "oi", "oo", "ue", "ui")
_MORE_CODAS = (
    "b", "ck", "ct", "d", "f", "ft", "g", "k", "ld", "ll", "lm", "mb", "mp", "nc", "ng", "nk", "nt", "p", "pt", "rd",
    "rg", "rm", "rn", "rt", "sh", "sk", "sp", "ss", "st", "t", "tz", "v", "wn", "z",
)  # fmt: skip
_HAN = (
    "阿埃艾奥巴柏班贝比彼波博布达戴丹德迪蒂东杜多恩尔法菲费芬弗福盖戈格古哈海汉赫黑胡华霍基吉加杰金卡凯康柯科克库拉莱兰劳雷里利林卢鲁罗"
    "洛马迈曼梅门蒙米莫姆穆纳内尼诺努帕潘佩皮普奇齐乔切萨塞桑沙尚圣史斯苏索塔泰坦唐特提廷图托瓦万威韦维温沃乌伍西希夏辛雅亚叶伊英尤约扎泽詹兹佐"
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Kind:
    """How entities of one kind are named and which facts they have."""

    name: Callable[[random.Random, str, str], tuple[str, str]]
    """Completes a bare name (en, zh)."""
    facts: Mapping[str, Callable[[random.Random], Entity]]
    article: bool = False


def _bare_name(rng: random.Random) -> tuple[str, str]:
    """A name nobody bears, in both scripts; the two are not transliterations of each other, as with many real names."""
    syllables = rng.choice((2, 2, 2, 2, 3))
    en = "".join(rng.choice(_ONSETS) + rng.choice(_VOWELS) for _ in range(syllables)) + rng.choice(_CODAS)
    zh = "".join(rng.sample(_HAN, rng.choice((2, 2, 3, 3, 4))))
    return en.capitalize(), zh


def _rarer_name(rng: random.Random) -> tuple[str, str]:
    """A name of rarer sounds, for training alone: letters are to be copied in any order, not in those met before."""
    syllables = [
        rng.choice(_ONSETS + _MORE_ONSETS)
        + rng.choice(_VOWELS + _MORE_VOWELS)
        + (rng.choice(_CODAS + _MORE_CODAS) if rng.random() < 0.5 else "")
        for _ in range(rng.choice((1, 2, 2, 3)))
    ]
    start = rng.choice(_VOWELS) if len(syllables) == 1 or rng.random() < 0.2 else ""
    zh = "".join(rng.choice(_HAN) for _ in range(rng.choice((2, 3, 3, 4, 5))))
    return (start + "".join(syllables)).capitalize(), zh


def _as_it_is(rng: random.Random, en: str, zh: str) -> tuple[str, str]:
    return en, zh


def _country_name(rng: random.Random, en: str, zh: str) -> tuple[str, str]:
    ending_en, ending_zh = rng.choice((("ia", "亚"), ("land", "兰"), ("stan", "斯坦"), ("", ""), ("ora", "拉")))
    return en.rstrip("aeiou") + ending_en if ending_en else en, zh + ending_zh


def _city_name(rng: random.Random, en: str, zh: str) -> tuple[str, str]:
    before, after, ending_zh = rng.choice(
        (("", "", ""), ("", "ville", "维尔"), ("", "burg", "堡"), ("Port ", "", "港"), ("", " City", "城"))
    )
    return before + en + after, zh + ending_zh


_BOOKS_EN = (
    "The Silent {}", "The Road to {}", "Letters from {}", "The Last Night in {}", "Shadows of {}", "The Clock of {}",
    "A Winter in {}", "The Garden of {}",
)  # fmt: skip
_BOOKS_ZH = ("沉默的{}", "通往{}之路", "{}来信", "{}的最后一夜", "{}之影", "{}的钟", "{}之冬", "{}的花园")


def _book_name(rng: random.Random, en: str, zh: str) -> tuple[str, str]:
    number = rng.randrange(len(_BOOKS_EN))
    return _BOOKS_EN[number].format(en), f"《{_BOOKS_ZH[number].format(zh)}》"


def _full_name(rng: random.Random, en: str, zh: str) -> tuple[str, str]:
    first_en, first_zh = _bare_name(rng)
    return f"{first_en} {en}", f"{first_zh[:2]}·{zh}"


_MACHINES = (
    ("engine", "发动机"),
    ("lamp", "灯"),
    ("telescope", "望远镜"),
    ("clock", "钟"),
    ("printer", "印刷机"),
    ("loom", "织布机"),
    ("pump", "水泵"),
)


def _invention_name(rng: random.Random, en: str, zh: str) -> tuple[str, str]:
    machine_en, machine_zh = rng.choice(_MACHINES)
    return f"{en} {machine_en}", zh + machine_zh


def _element_name(rng: random.Random, en: str, zh: str) -> tuple[str, str]:
    return en.lower().rstrip("aeiou") + "ium", f"{zh[:2]}素"


def _mountain_name(rng: random.Random, en: str, zh: str) -> tuple[str, str]:
    return f"Mount {en}", f"{zh}山"


def _dynasty_name(rng: random.Random, en: str, zh: str) -> tuple[str, str]:
    return f"{en} dynasty", f"{zh}王朝"


def _company_name(rng: random.Random, en: str, zh: str) -> tuple[str, str]:
    ending_en, ending_zh = rng.choice((("Works", "工厂"), ("Motors", "汽车"), ("Foods", "食品"), ("Labs", "实验室")))
    return f"{en} {ending_en}", zh + ending_zh


def _new(
    kind: str, name: Callable[[random.Random, str, str], tuple[str, str]] = _as_it_is
) -> Callable[[random.Random], Entity]:
    """An object with an invented name of its own."""
    return lambda rng: Entity(*name(rng, *_bare_name(rng)), kind)


def _number(low: int, high: int, unit_en: str = "", unit_zh: str = "") -> Callable[[random.Random], Entity]:
    def draw(rng: random.Random) -> Entity:
        number = rng.randint(low, high)
        return Entity(f"{number}{unit_en}", f"{number}{unit_zh}", "value")

    return draw


def _one_of(*pairs: tuple[str, str]) -> Callable[[random.Random], Entity]:
    return lambda rng: Entity(*rng.choice(pairs), "value")


def _symbol(rng: random.Random) -> Entity:
    text = rng.choice("ABCDEFGHJKLMNPQRSTUVWXYZ") + rng.choice("abcdefghijklmnopqrstuvwxyz")
    return Entity(text, text, "value")


def _calling_code(rng: random.Random) -> Entity:
    text = f"+{rng.randint(100, 999)}"
    return Entity(text, text, "value")


_YEAR = _number(1200, 2020)
_YEAR_ZH = _number(1200, 2020, "", "年")
_CONTINENT = _one_of(
    ("Africa", "非洲"), ("Asia", "亚洲"), ("Europe", "欧洲"), ("South America", "南美洲"), ("Oceania", "大洋洲")
)
_GENRE = _one_of(
    ("novel", "小说"),
    ("poem", "诗歌"),
    ("comedy", "喜剧"),
    ("tragedy", "悲剧"),
    ("fairy tale", "童话"),
    ("travel story", "游记"),
)
_PROFESSION = _one_of(
    ("painter", "画家"),
    ("teacher", "教师"),
    ("doctor", "医生"),
    ("pilot", "飞行员"),
    ("baker", "面包师"),
    ("engineer", "工程师"),
    ("singer", "歌手"),
    ("farmer", "农民"),
)
_PRODUCT = _one_of(
    ("bicycles", "自行车"),
    ("clocks", "钟表"),
    ("bread", "面包"),
    ("shoes", "鞋子"),
    ("ships", "轮船"),
    ("toys", "玩具"),
    ("tea", "茶叶"),
    ("paper", "纸张"),
)


def _country_currency(rng: random.Random) -> Entity:
    en, zh = _bare_name(rng)
    unit_en, unit_zh = rng.choice(
        (("dollar", "元"), ("crown", "克朗"), ("pound", "镑"), ("franc", "法郎"), ("peso", "比索"))
    )
    return Entity(f"{en} {unit_en}", zh + unit_zh, "currency")


def _country_language(rng: random.Random) -> Entity:
    en, zh = _bare_name(rng)
    return Entity(en.rstrip("aeiou") + "ish", zh[:3] + "语", "language")


def _city_river(rng: random.Random) -> Entity:
    en, zh = _bare_name(rng)
    return Entity(f"{en} River", f"{zh}河", "value")


KINDS: Mapping[str, _Kind] = MappingProxyType(
    {
        "country": _Kind(
            _country_name,
            {
                "capital": _new("city", _city_name),
                "continent": _CONTINENT,
                "currency": _country_currency,
                "language": _country_language,
                "calling_code": _calling_code,
                "population": _number(100_000, 90_000_000),
                "area": _number(1000, 900_000, " square kilometres", "平方千米"),
                "leader": _new("person", _full_name),
            },
        ),
        "city": _Kind(
            _city_name,
            {
                "country": _new("country", _country_name),
                "population": _number(10_000, 9_000_000),
                "mayor": _new("person", _full_name),
                "river": _city_river,
                "start": _YEAR_ZH,
            },
        ),
        "book": _Kind(_book_name, {"author": _new("person", _full_name), "publication": _YEAR_ZH, "genre": _GENRE}),
        "person": _Kind(
            _full_name, {"birth": _YEAR_ZH, "birthplace": _new("city", _city_name), "profession": _PROFESSION}
        ),
        "invention": _Kind(_invention_name, {"inventor": _new("person", _full_name), "year": _YEAR}, article=True),
        "element": _Kind(_element_name, {"symbol": _symbol, "number": _number(119, 400)}),
        "mountain": _Kind(
            _mountain_name,
            {
                "height": _number(800, 8800, " metres", "米"),
                "country": _new("country", _country_name),
                "climber": _new("person", _full_name),
            },
        ),
        "dynasty": _Kind(
            _dynasty_name,
            {
                "founder": _new("person", _full_name),
                "capital": _new("city", _city_name),
                "start": _YEAR_ZH,
                "end": _YEAR_ZH,
            },
            article=True,
        ),
        "company": _Kind(
            _company_name,
            {
                "founder": _new("person", _full_name),
                "headquarters": _new("city", _city_name),
                "product": _PRODUCT,
                "start": _YEAR_ZH,
            },
        ),
    }
)
"""The kinds of invented entities; the relations of each are spelt in `facts.relations`."""


@lru_cache(maxsize=1)
def _real_names() -> frozenset[str]:
    return frozenset(name.lower() for entity in all_entities() for name in (entity.en, entity.zh))


def invent(rng: random.Random, split: Split) -> Entity:
    """An entity that does not exist and has no document, with a name that belongs to the split."""
    while True:
        entity = _draw(rng, split)
        if entity not in documented("train") and entity not in documented("eval"):
            return entity


def _draw(rng: random.Random, split: Split) -> Entity:
    name = rng.choice(_KIND_NAMES)
    kind = KINDS[name]
    while True:
        bare = _rarer_name if split == "train" and rng.random() < 0.4 else _bare_name
        en, zh = kind.name(rng, *bare(rng))
        if belongs(en, split) and not {en.lower(), zh} & _real_names():
            return Entity(en, zh, name, kind.article)


_KIND_NAMES = tuple(KINDS)


@lru_cache(maxsize=2)
def documented(split: Split) -> Mapping[Entity, tuple[Fact, ...]]:
    """The invented entities that have documents, with their facts; the same on every machine."""
    rng = random.Random(f"invented {split}")
    found: dict[Entity, tuple[Fact, ...]] = {}
    names: set[str] = set()
    while len(found) < DOCUMENTED[split]:
        entity = _draw(rng, split)
        if {entity.en, entity.zh} & names:
            continue
        names |= {entity.en, entity.zh}
        makers = KINDS[entity.kind].facts
        relations = rng.sample(sorted(makers), k=min(len(makers), rng.randint(3, 5)))
        found[entity] = tuple(Fact(entity, relation, makers[relation](rng)) for relation in relations)
    return MappingProxyType(found)
