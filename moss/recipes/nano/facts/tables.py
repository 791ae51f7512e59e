"""Reads the tables beside this file (tab-separated, one header line) and Babel's CLDR names into facts.

In the tables "-" means: left out, because the answer is disputed, not single, or gives itself away. "the " before a
name is its article.
"""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Callable, Iterator
from importlib.resources import files

from babel import Locale
from babel.numbers import get_territory_currencies

from . import Entity, Fact, is_english_only

_ABSENT = "-"

_CONTINENTS = {
    "AF": ("Africa", "非洲"),
    "AS": ("Asia", "亚洲"),
    "EU": ("Europe", "欧洲"),
    "NA": ("North America", "北美洲"),
    "SA": ("South America", "南美洲"),
    "OC": ("Oceania", "大洋洲"),
}
_PLAIN_COUNTRY_NAMES = {
    "CD": ("the Democratic Republic of the Congo", "刚果民主共和国"),
    "CG": ("the Republic of the Congo", "刚果共和国"),
    "CI": ("Ivory Coast", "科特迪瓦"),
    "MM": ("Myanmar", "缅甸"),
    "TR": ("Turkey", "土耳其"),
    "CZ": ("the Czech Republic", "捷克"),
    "TL": ("East Timor", "东帝汶"),
    "VC": ("Saint Vincent and the Grenadines", "圣文森特和格林纳丁斯"),
}
_COUNTRIES_WITH_ARTICLE = {"AE", "BS", "CF", "DO", "GB", "GM", "MH", "MV", "NL", "PH", "SB", "SC", "US"}
_CURRENCY_CODES = {"BG": "EUR", "BT": "BTN", "HT": "HTG", "LS": "LSL", "NA": "NAD", "PA": "PAB", "ZW": _ABSENT}
"""Where CLDR lists several, or a change of 2026 may not have reached the installed CLDR yet."""
_PLAIN_CURRENCY_NAMES = {
    "BAM": ("convertible mark", "可兑换马克"),
    "BOB": ("boliviano", "玻利维亚诺"),
    "ILS": ("new shekel", "新谢克尔"),
    "AED": ("UAE dirham", "阿联酋迪拉姆"),
    "STN": ("dobra", "多布拉"),
    "SLE": ("Sierra Leonean leone", "塞拉利昂利昂"),
    "KGS": ("Kyrgyzstani som", "吉尔吉斯斯坦索姆"),
    "MMK": ("kyat", "缅元"),
    "GYD": ("Guyanese dollar", "圭亚那元"),
}
_LANGUAGE_NAMES = {"bn": ("Bengali", "孟加拉语"), "dv": ("Maldivian", "迪维希语")}


def read_facts() -> tuple[Fact, ...]:
    """All facts of all tables. Raises ValueError where a table states a relation of a subject twice."""
    facts: dict[tuple[str, str, str], Fact] = {}
    for table in _TABLES:
        for fact in table():
            key = (fact.subject.en, fact.subject.kind, fact.relation)
            if key in facts:
                raise ValueError(f"facts: {key} is stated twice")
            facts[key] = fact
    return tuple(facts.values())


def _rows(table: str) -> Iterator[list[str]]:
    text = files(__package__).joinpath(f"{table}.tsv").read_text(encoding="utf-8")
    rows = csv.reader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
    next(rows)
    yield from rows


def _entity(en: str, zh: str, kind: str) -> Entity:
    bare = en.removeprefix("the ")
    return Entity(bare, zh, kind, article=bare != en)


def _value(en: str, zh: str | None = None) -> Entity:
    """An object that is a number, a sign or a date: nothing to translate."""
    return Entity(en, en if zh is None else zh, "value")


def _fact(subject: Entity, relation: str, object: Entity, key: str | None = None) -> Fact:
    return Fact(subject, relation, object, is_english_only(key or f"{subject.kind} {subject.en} {relation}"))


def _ascii(name: str) -> str:
    plain = name.replace("ʻ", "'").replace("’", "'").replace(" & ", " and ").replace("St. ", "Saint ")
    return "".join(c for c in unicodedata.normalize("NFD", plain) if not unicodedata.combining(c))


# -- geography -----------------------------------------------------------------------------------------------


def _country(code: str) -> Entity:
    if code in _PLAIN_COUNTRY_NAMES:
        return _entity(*_PLAIN_COUNTRY_NAMES[code], "country")
    en = _ascii(_ENGLISH.territories[code])
    return Entity(en, _CHINESE.territories[code], "country", article=code in _COUNTRIES_WITH_ARTICLE)


def _currency(country: str) -> Entity | None:
    code = _CURRENCY_CODES.get(country) or get_territory_currencies(country)[0]
    if code == _ABSENT:
        return None
    if code in _PLAIN_CURRENCY_NAMES:
        return Entity(*_PLAIN_CURRENCY_NAMES[code], "currency")
    first, _, last = _ascii(_ENGLISH.currencies[code]).rpartition(" ")
    return Entity(f"{first} {last.lower()}".strip(), _CHINESE.currencies[code], "currency")


def _language(code: str) -> Entity:
    en, zh = _LANGUAGE_NAMES.get(code) or (_ENGLISH.languages[code], _CHINESE.languages[code])
    return Entity(en, zh, "language")


_ENGLISH, _CHINESE = Locale("en"), Locale("zh")


def _countries() -> Iterator[Fact]:
    for code, continent, capital_en, capital_zh, calling_code, language in _rows("countries"):
        country = _country(code)
        if capital_en != _ABSENT:
            capital = Entity(capital_en, capital_zh, "city")
            key = f"capital {country.en}"
            yield _fact(country, "capital", capital, key)
            yield _fact(capital, "country", country, key)
        if continent != _ABSENT:
            yield _fact(country, "continent", Entity(*_CONTINENTS[continent], "continent"))
        if currency := _currency(code):
            yield _fact(country, "currency", currency)
        if language != _ABSENT:
            yield _fact(country, "language", _language(language))
        if calling_code != _ABSENT:
            yield _fact(country, "calling_code", _value(f"+{calling_code}"))


def _cities() -> Iterator[Fact]:
    for country, en, zh in _rows("cities"):
        yield _fact(_entity(en, zh, "city"), "country", _country(country))


def _landmarks() -> Iterator[Fact]:
    for en, zh, country in _rows("landmarks"):
        yield _fact(_entity(en, zh, "landmark"), "country", _country(country))


# -- nature and measures -------------------------------------------------------------------------------------


def _elements() -> Iterator[Fact]:
    for number, symbol, en, zh in _rows("elements"):
        element = Entity(en.lower(), zh, "element")
        yield _fact(element, "symbol", _value(symbol))
        yield _fact(element, "number", _value(number))


_ORDINALS_EN = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")
_ORDINALS_ZH = ("第一", "第二", "第三", "第四", "第五", "第六", "第七", "第八")


def _planets() -> Iterator[Fact]:
    for en, zh, position, type_en, type_zh, year_en, year_zh in _rows("planets"):
        planet, index = Entity(en, zh, "planet"), int(position) - 1
        yield _fact(planet, "position", _value(_ORDINALS_EN[index], _ORDINALS_ZH[index]))
        yield _fact(planet, "type", _value(type_en, type_zh))
        yield _fact(planet, "orbit", _value(year_en, year_zh))


def _units() -> Iterator[Fact]:
    for en, zh, size_en, size_zh in _rows("units"):
        yield _fact(Entity(en, zh, "unit"), "size", _value(size_en, size_zh))


# -- people and what they made -------------------------------------------------------------------------------

_MAKERS = {"book": "author", "painting": "painter", "music": "composer"}


def _works() -> Iterator[Fact]:
    for kind, en, zh, maker_en, maker_zh in _rows("works"):
        yield _fact(_entity(en, f"《{zh}》", kind), _MAKERS[kind], Entity(maker_en, maker_zh, "person"))


def _inventions() -> Iterator[Fact]:
    for en, zh, inventor_en, inventor_zh, year in _rows("inventions"):
        invention = _entity(en, zh, "invention")
        yield _fact(invention, "inventor", Entity(inventor_en, inventor_zh, "person"))
        yield _fact(invention, "year", _value(year))


def _dynasties() -> Iterator[Fact]:
    for en, zh, *objects in _rows("dynasties"):
        dynasty = _entity(en, zh, "dynasty")
        for number, relation in enumerate(("founder", "capital", "start", "end")):
            object_en, object_zh = objects[2 * number : 2 * number + 2]
            if object_en != _ABSENT:
                kind = {"founder": "person", "capital": "city"}.get(relation, "value")
                yield _fact(dynasty, relation, Entity(object_en, object_zh, kind))


_TABLES: tuple[Callable[[], Iterator[Fact]], ...] = (
    _countries,
    _cities,
    _landmarks,
    _elements,
    _planets,
    _units,
    _works,
    _inventions,
    _dynasties,
)
