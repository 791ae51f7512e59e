"""JSON Schema as a grammar: the texts that `json.dumps` writes of the values that a schema describes.

Enforced: `type` (one or several), `properties`, `required`, `additionalProperties`, `items`, `prefixItems`, `minItems`,
`maxItems`, `enum`, `const`, `anyOf`, `minLength`, `maxLength`, `minimum`, `maximum`, `exclusiveMinimum`,
`exclusiveMaximum`, and `$ref` to `#`, `#/$defs/...` and `#/definitions/...`, also within themselves. Notes for people
(`title`, `description`, `default`, ...) are passed over. Anything else is refused by name: a demand that is not kept
would be worse. Members come in the schema's order, and an object that names its members gets no others, which is
narrower than the standard and never contradicts it.

Not here: tokens (`grammar.py`). Needs no torch.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from ..errors import UserError
from ..terms import Function, quoted_json
from .automaton import (
    ARGUMENT,
    DIGITS,
    JSON_TEXT,
    PLACES,
    QUOTED_JSON_TEXT,
    Alphabet,
    Bytes,
    Chars,
    Decimal,
    Part,
    Rule,
    Rules,
)

MOST_SCHEMAS = 2000
"""Schemas within a schema, and values in its enumerations."""
DEEPEST_SCHEMA = 64
MOST_ITEMS = 1000
"""The largest `minItems` and `maxItems`."""
MOST_CHARS = 10_000
"""The largest `minLength`."""

_NOTES = frozenset(
    [
        "$schema",
        "$id",
        "$comment",
        "$defs",
        "definitions",
        "title",
        "description",
        "default",
        "examples",
        "deprecated",
        "readOnly",
        "writeOnly",
    ]
)
_OF_TYPE: Mapping[str, frozenset[str]] = {
    "object": frozenset(("properties", "required", "additionalProperties")),
    "array": frozenset(("items", "prefixItems", "minItems", "maxItems")),
    "string": frozenset(("minLength", "maxLength")),
    "number": frozenset(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")),
    "integer": frozenset(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")),
    "boolean": frozenset(),
    "null": frozenset(),
}
_BARE_TYPES = ("object", "array", "string", "number", "boolean", "null")


@dataclass(frozen=True, slots=True)
class Spelling:
    """How JSON is written."""

    quote: bytes
    inside: Alphabet
    """What stands between quotes."""
    spell: Callable[[Any], str]


PLAIN = Spelling(b'"', JSON_TEXT, lambda value: json.dumps(value, ensure_ascii=False))
IN_ARGUMENT = Spelling(b"'", QUOTED_JSON_TEXT, quoted_json)


def json_rule(schema: Mapping[str, Any], rules: Rules, spelling: Spelling = PLAIN) -> Rule:
    """The rule of a value that fits the schema. UserError naming the place and the keyword that cannot be enforced."""
    return _Compiler(schema, rules, spelling).value(schema, "", 0)


def argument_rule(function: Function, rules: Rules) -> Rule:
    """The rule of the one argument of a call, as `moss.terms.spelled_argument` writes it."""
    name = function.only_text
    if name is None:
        return json_rule({"type": "object", **function.parameters}, rules, IN_ARGUMENT)
    schema = function.properties[name]
    _check_keywords(schema, {"type", "enum", "minLength", "maxLength"}, f".properties.{name}")
    if "enum" in schema:
        return rules.rule(*((Bytes(value.encode()),) for value in schema["enum"]))
    low = max(1, _whole_number(schema, "minLength", f".properties.{name}") or 1)
    high = _whole_number(schema, "maxLength", f".properties.{name}")
    return rules.rule((Chars(ARGUMENT, low, 200 if high is None else max(low, high), starts_blank=False),))


def check_schema(schema: Mapping[str, Any]) -> None:
    """UserError where the schema cannot be enforced."""
    rules = Rules()
    json_rule(schema, rules)
    rules.close()


class _Compiler:
    """One schema: its rules, and those of what it refers to."""

    def __init__(self, root: Mapping[str, Any], rules: Rules, spelling: Spelling) -> None:
        self._root, self._rules, self._spelling = root, rules, spelling
        self._referred: dict[str, Rule] = {}
        self._count = 0

    def value(self, schema: Any, where: str, depth: int) -> Rule:
        """The rule of a value of this schema."""
        self._count += 1
        if self._count > MOST_SCHEMAS or depth > DEEPEST_SCHEMA:
            raise UserError(f"{_place(where)}: the schema is too large or too deep")
        if schema is True or schema == {}:
            return self._anything()
        if not isinstance(schema, Mapping):
            raise UserError(f"{_place(where)}: a schema must be an object, not {schema!r:.40}")
        if "$ref" in schema:
            _check_keywords(schema, {"$ref"}, where)
            return self._reference(schema["$ref"], where, depth)
        for keyword in ("anyOf", "allOf"):
            if keyword in schema:
                _check_keywords(schema, {keyword}, where)
                return self._alternatives(schema, keyword, where, depth)
        if "enum" in schema or "const" in schema:
            return self._enumeration(schema, where)
        kinds = self._kinds(schema, where)
        _check_keywords(schema, {"type"}.union(*(_OF_TYPE[kind] for kind in kinds)), where)
        return self._rules.rule(*((self._of_kind(kind, schema, where, depth),) for kind in kinds))

    def _kinds(self, schema: Mapping[str, Any], where: str) -> Sequence[str]:
        if "type" not in schema:
            return [kind for kind in _BARE_TYPES if _OF_TYPE[kind] & set(schema)] or _BARE_TYPES
        kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        for kind in kinds:
            if not isinstance(kind, str) or kind not in _OF_TYPE:
                raise UserError(f"{_place(where)}: the type must be one of {', '.join(_OF_TYPE)}, not {kind!r:.40}")
        return list(dict.fromkeys(kinds))

    def _of_kind(self, kind: str, schema: Mapping[str, Any], where: str, depth: int) -> Part:
        match kind:
            case "object":
                return self._object(schema, where, depth)
            case "array":
                return self._array(schema, where, depth)
            case "string":
                low = _whole_number(schema, "minLength", where, MOST_CHARS) or 0
                high = _whole_number(schema, "maxLength", where)
                return self._rules.rule(self._text(low, high))
            case "number" | "integer":
                return _number(schema, 0 if kind == "integer" else PLACES, where)
            case _:
                words = ("true", "false") if kind == "boolean" else ("null",)
                return self._rules.rule(*((Bytes(word.encode()),) for word in words))

    def _text(self, low: int = 0, high: int | None = None) -> tuple[Part, ...]:
        quote = Bytes(self._spelling.quote)
        return (quote, Chars(self._spelling.inside, low, high), quote)

    def _spelled(self, value: Any, where: str, after: str = "") -> Bytes:
        try:
            return Bytes((self._spelling.spell(value) + after).encode())
        except UnicodeEncodeError:
            raise UserError(f"{_place(where)}: {value!r:.40} holds half a character (a lone surrogate)") from None

    def _anything(self) -> Rule:
        """Any value at all; the rule is made once."""
        if "" not in self._referred:
            rule = self._referred[""] = self._rules.rule()
            kinds = ((self._of_kind(kind, {}, "", 0),) for kind in _BARE_TYPES)
            self._rules.define(rule, *kinds)
        return self._referred[""]

    def _reference(self, reference: Any, where: str, depth: int) -> Rule:
        if reference not in self._referred:
            target: Any = self._root
            steps = str(reference).split("/")
            for step in steps[1:]:
                target = target.get(step.replace("~1", "/").replace("~0", "~")) if isinstance(target, Mapping) else None
            if steps[0] != "#" or target is None:
                raise UserError(f"{_place(where)}: $ref leads nowhere within this schema: {reference!r:.80}")
            rule = self._referred[reference] = self._rules.rule()
            self._rules.define(rule, (self.value(target, reference[1:].replace("/", "."), depth + 1),))
        return self._referred[reference]

    def _alternatives(self, schema: Mapping[str, Any], keyword: str, where: str, depth: int) -> Rule:
        found = schema[keyword]
        if not isinstance(found, list) or not found:
            raise UserError(f"{_place(where)}: {keyword} must be a list of schemas")
        if keyword == "allOf" and len(found) > 1:
            raise UserError(f"{_place(where)}: the keyword 'allOf' with several schemas cannot be enforced")
        rules = [self.value(one, f"{where}.{keyword}.{number}", depth + 1) for number, one in enumerate(found)]
        return self._rules.rule(*((rule,) for rule in rules))

    def _enumeration(self, schema: Mapping[str, Any], where: str) -> Rule:
        _check_keywords(schema, {"type", "enum", "const"}, where)
        values = schema.get("enum", [schema.get("const")])
        if not isinstance(values, list):
            raise UserError(f"{_place(where)}: enum must be a list")
        self._count += len(values)
        kinds = self._kinds(schema, where) if "type" in schema else None
        fitting = [v for v in values if (kinds is None or _is_of(v, kinds)) and v == schema.get("const", v)]
        if not fitting:
            raise UserError(f"{_place(where)}: none of the values of enum has this type")
        return self._rules.rule(*((self._spelled(value, where),) for value in fitting))

    def _object(self, schema: Mapping[str, Any], where: str, depth: int) -> Rule:
        properties, required = schema.get("properties", {}), schema.get("required", [])
        if not isinstance(properties, Mapping):
            raise UserError(f"{_place(where)}: properties must be an object")
        if not isinstance(required, list) or not all(name in properties for name in required):
            raise UserError(f"{_place(where)}: required must be a list of names that are among the properties")
        if not properties:
            return self._free_object(schema.get("additionalProperties", True), where, depth)
        # From the last member back: what follows a member depends on whether one stands before it.
        end = Bytes(b"}")
        after = first = self._rules.rule((end,))
        for name in reversed(properties):
            rule = self.value(properties[name], f"{where}.properties.{name}", depth + 1)
            key = self._spelled(name, where, ": ")
            skipped = () if name in required else (True,)
            # `first` before `after`, which it is made of.
            first = self._rules.rule((key, rule, after), *((first,) for _ in skipped))
            after = self._rules.rule((Bytes(b", "), key, rule, after), *((after,) for _ in skipped))
        return self._rules.rule((Bytes(b"{"), first))

    def _free_object(self, additional: Any, where: str, depth: int) -> Rule:
        """An object whose members nobody named."""
        if additional is False:
            return self._rules.rule((Bytes(b"{}"),))
        value = self.value(additional, f"{where}.additionalProperties", depth + 1)
        member = self._rules.rule((*self._text(), Bytes(b": "), value))
        more = self._rules.rule()
        self._rules.define(more, (Bytes(b"}"),), (Bytes(b", "), member, more))
        return self._rules.rule((Bytes(b"{}"),), (Bytes(b"{"), member, more))

    def _array(self, schema: Mapping[str, Any], where: str, depth: int) -> Rule:
        low = _whole_number(schema, "minItems", where, MOST_ITEMS) or 0
        high = _whole_number(schema, "maxItems", where, MOST_ITEMS)
        first = schema.get("prefixItems", [])
        if not isinstance(first, list):
            raise UserError(f"{_place(where)}: prefixItems must be a list")
        items = [self.value(one, f"{where}.prefixItems.{number}", depth + 1) for number, one in enumerate(first)]
        further = schema.get("items", True)
        if further is False:
            high = len(items) if high is None else min(high, len(items))
        if high is not None and low > high:
            raise UserError(f"{_place(where)}: minItems is more than there can be")
        other = None if further is False else self.value(further, f"{where}.items", depth + 1)
        counted = high if high is not None else max(low, len(items), 1)
        end = Bytes(b"]")
        after = self._rules.rule((end,))
        if high is None:
            assert other is not None
            self._rules.define(after, (end,), (Bytes(b", "), other, after))
        for number in reversed(range(counted)):
            item = items[number] if number < len(items) else other
            assert item is not None
            comma = Bytes(b", " if number else b"")
            after = self._rules.rule((comma, item, after), *([(end,)] if number >= low else []))
        return self._rules.rule((Bytes(b"["), after))


def _place(where: str) -> str:
    return f"schema{where}"


def _check_keywords(schema: Mapping[str, Any], known: set[str] | frozenset[str], where: str) -> None:
    for keyword in schema:
        if keyword not in known and keyword not in _NOTES:
            raise UserError(f"{_place(where)}: the keyword '{keyword}' cannot be enforced here")


def _whole_number(schema: Mapping[str, Any], keyword: str, where: str, most: int | None = None) -> int | None:
    value = schema.get(keyword)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < 0 or (most is not None and value > most):
        raise UserError(f"{_place(where)}: {keyword} must be a whole number{f' up to {most}' if most else ''}")
    return value


def _number(schema: Mapping[str, Any], places: int, where: str) -> Decimal:
    """A number between the bounds; those that do not belong to it are moved by the smallest step there is."""
    step = Fraction(1, 10**places)
    most = Fraction(10**DIGITS - 1)
    lows = [-most, *_bounds(schema, "minimum", Fraction(0), where), *_bounds(schema, "exclusiveMinimum", step, where)]
    highs = [most, *_bounds(schema, "maximum", Fraction(0), where), *_bounds(schema, "exclusiveMaximum", -step, where)]
    return Decimal(max(lows), min(highs), places)


def _bounds(schema: Mapping[str, Any], keyword: str, moved: Fraction, where: str) -> Iterator[Fraction]:
    value = schema.get(keyword)
    if value is None:
        return
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise UserError(f"{_place(where)}: {keyword} must be a number")
    yield Fraction(str(value)) + moved


def _is_of(value: Any, kinds: Sequence[str]) -> bool:
    match value:
        case None:
            return "null" in kinds
        case bool():
            return "boolean" in kinds
        case int():
            return "integer" in kinds or "number" in kinds
        case float():
            return "number" in kinds
        case str():
            return "string" in kinds
    return ("object" if isinstance(value, Mapping) else "array") in kinds
