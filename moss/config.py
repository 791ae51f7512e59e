"""Configuration: dataclass <-> dict <-> JSON, and `--set name.of.field=text` by the field's own type.

A configuration is a plain (possibly nested) dataclass that sits beside its user, with a line of documentation as a
string literal under each field and its checks in `__post_init__`. There is no registry, no file format of its own and
no environment lookup here.
"""

from __future__ import annotations

import dataclasses
import json
import types
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from .counts import counted
from .errors import UserError, unknown_name

T = TypeVar("T")

_BOOLEANS = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}
_NONE_WORDS = ("none", "null")


def to_dict(config: Any) -> dict[str, Any]:
    """The JSON form of a dataclass: nested dataclasses become objects, tuples lists, paths text."""
    return {field.name: _plain(getattr(config, field.name)) for field in dataclasses.fields(config)}


def from_dict(cls: type[T], data: Mapping[str, Any]) -> T:
    """The inverse of `to_dict`; missing keys take their defaults.

    Raises UserError for an unknown key (with near names), a missing one without default, a value of another type, and
    whatever the class's own checks refuse.
    """
    return _build(cls, data, path="")


def override(config: T, assignments: Iterable[str]) -> T:
    """A copy with `["optim.lr=1e-5", ...]` applied, each text read as its field's type; the checks see all of them.

    Lists are written `a,b,c` or as JSON; `none` empties an optional field. Raises UserError like `from_dict`.
    """
    data = to_dict(config)
    for assignment in assignments:
        path, equals, text = assignment.partition("=")
        path = path.strip()
        if path not in set(paths(config)):
            raise unknown_name("setting", path, paths(config))
        if not equals:
            raise UserError(f"setting '{path}' has no value: write {path}=value")
        *parents, name = path.split(".")
        owner, place = config, data
        for parent in parents:
            owner, place = getattr(owner, parent), place[parent]
        place[name] = _read(get_type_hints(type(owner))[name], text.strip())
    return from_dict(type(config), data)


def paths(config: Any) -> Iterator[str]:
    """The dotted name of every field that can be set, in order."""
    for field in dataclasses.fields(config):
        value = getattr(config, field.name)
        if _is_config(value):
            yield from (f"{field.name}.{path}" for path in paths(value))
        else:
            yield field.name


def _build(cls: type[T], data: Any, path: str) -> T:
    if not isinstance(data, Mapping):
        raise UserError(f"{path or cls.__name__}: must be an object, not {type(data).__name__}")
    known = {field.name: field for field in dataclasses.fields(cls)}  # type: ignore[arg-type]
    hints = get_type_hints(cls)
    values = {}
    for key, value in data.items():
        if key not in known:
            raise unknown_name("setting", _join(path, key), (_join(path, name) for name in known))
        values[key] = _convert(hints[key], value, _join(path, key))
    for name, field in known.items():
        required = field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
        if required and name not in values:
            raise UserError(f"{_join(path, name)}: missing")
    try:
        return cls(**values)
    except UserError:
        raise
    except ValueError as error:  # the class's own check: say which setting it speaks of
        raise UserError(f"{path or cls.__name__}: {error}") from None


def _convert(annotation: Any, value: Any, path: str) -> Any:
    """A JSON value as the annotated type; raises UserError naming the setting."""
    origin = get_origin(annotation)
    if annotation is Any:
        return value
    if origin in (Union, types.UnionType):
        return _convert_union(get_args(annotation), value, path)
    if origin is Literal:
        if value not in get_args(annotation):
            raise UserError(f"{path}: must be one of {', '.join(map(str, get_args(annotation)))}, not {value!r}")
        return value
    if origin in (tuple, list):
        return _convert_sequence(annotation, value, path)
    if origin is dict or annotation is dict:
        return _convert_mapping(annotation, value, path)
    if dataclasses.is_dataclass(annotation):
        return value if isinstance(value, annotation) else _build(annotation, value, path)  # type: ignore[arg-type]
    return _convert_scalar(annotation, value, path)


def _convert_union(choices: tuple[Any, ...], value: Any, path: str) -> Any:
    if value is None and type(None) in choices:
        return None
    problems = []
    for choice in choices:
        try:
            if choice is not type(None):
                return _convert(choice, value, path)
        except UserError as error:
            problems.append(error)
    raise problems[0]


def _convert_sequence(annotation: Any, value: Any, path: str) -> Any:
    if not isinstance(value, list | tuple):
        raise UserError(f"{path}: must be a list, not {type(value).__name__}")
    items = get_args(annotation)
    if get_origin(annotation) is list:
        return [_convert(items[0], item, path) for item in value]
    if len(items) == 2 and items[1] is Ellipsis:
        return tuple(_convert(items[0], item, path) for item in value)
    if len(value) != len(items):
        raise UserError(f"{path}: must have {counted(len(items), 'value')}, not {len(value)}")
    return tuple(_convert(kind, item, path) for kind, item in zip(items, value, strict=True))


def _convert_mapping(annotation: Any, value: Any, path: str) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise UserError(f"{path}: must be an object, not {type(value).__name__}")
    kind = get_args(annotation)[1] if get_args(annotation) else Any
    return {str(key): _convert(kind, item, _join(path, str(key))) for key, item in value.items()}


def _convert_scalar(annotation: Any, value: Any, path: str) -> Any:
    if annotation is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if annotation is Path and isinstance(value, str):
        return Path(value)
    if not isinstance(value, annotation) or (isinstance(value, bool) and annotation is not bool):
        raise UserError(f"{path}: must be {_NAMES.get(annotation, annotation.__name__)}, not {value!r}")
    return value


_NAMES = {int: "a whole number", float: "a number", bool: "true or false", str: "text", Path: "a path"}


def _read(annotation: Any, text: str) -> Any:
    """The JSON value that a command line's text means for this annotation; text that fits no type stays text."""
    origin = get_origin(annotation)
    if origin in (Union, types.UnionType):
        return _read_union(get_args(annotation), text)
    if origin is Literal:
        return next((choice for choice in get_args(annotation) if str(choice) == text), text)
    if origin in (tuple, list):
        return _read_sequence(annotation, text)
    if annotation is bool:
        return _BOOLEANS.get(text.lower(), text)
    if annotation in (int, float):
        return _read_number(annotation, text)
    if annotation in (str, Path):
        return text
    return _json_or(text, text)


def _read_union(choices: tuple[Any, ...], text: str) -> Any:
    """The reading by the first choice that does not leave the text as it is, text itself being the last resort."""
    if type(None) in choices and text.lower() in _NONE_WORDS:
        return None
    readings = (_read(choice, text) for choice in choices if choice is not type(None))
    return next((value for value in readings if value != text), text)


def _read_sequence(annotation: Any, text: str) -> Any:
    if text.startswith("["):
        return _json_or(text, text)
    kinds = get_args(annotation)
    words = [word.strip() for word in text.split(",")] if text else []
    uniform = get_origin(annotation) is list or (len(kinds) == 2 and kinds[1] is Ellipsis)
    if uniform:
        return [_read(kinds[0], word) for word in words]
    if len(words) != len(kinds):
        return words
    return [_read(kind, word) for kind, word in zip(kinds, words, strict=True)]


def _read_number(kind: type, text: str) -> Any:
    """`text` as int or float; a whole number may be written 1_000 or 2e6. Anything else stays text."""
    try:
        number = float(text)
    except ValueError:
        return text
    if kind is float:
        return number
    try:
        return int(text)
    except ValueError:
        return int(number) if number.is_integer() else text


def _json_or(text: str, default: Any) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return default


def _plain(value: Any) -> Any:
    if _is_config(value):
        return to_dict(value)
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return str(value) if isinstance(value, Path) else value


def _is_config(value: Any) -> bool:
    return dataclasses.is_dataclass(value) and not isinstance(value, type)


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
