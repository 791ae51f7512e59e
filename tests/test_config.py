"""Configuration: what goes out comes back, settings are read by their type, and mistakes are named."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pytest

from moss.config import from_dict, override, paths, to_dict
from moss.errors import UserError


@dataclass(frozen=True)
class Inner:
    lr: float = 1e-3
    betas: tuple[float, float] = (0.9, 0.95)
    kind: Literal["muon", "adamw"] = "muon"

    def __post_init__(self) -> None:
        if self.lr <= 0:
            raise ValueError(f"lr must be positive, not {self.lr}")


@dataclass(frozen=True)
class Outer:
    steps: int = 10
    shuffle: bool = True
    name: str | None = None
    limit: int | None = 3
    folders: tuple[Path, ...] = ()
    words: list[str] = field(default_factory=list)
    inner: Inner = field(default_factory=Inner)
    parts: tuple[Inner, ...] = ()


@dataclass(frozen=True)
class Required:
    size: int
    scale: float = 1.0


def test_from_dict_is_the_inverse_of_to_dict_through_json() -> None:
    config = Outer(
        steps=3,
        name="x",
        folders=(Path("a"), Path("b/c")),
        words=["p", "q"],
        inner=Inner(lr=0.5),
        parts=(Inner(kind="adamw"),),
    )
    assert from_dict(Outer, json.loads(json.dumps(to_dict(config)))) == config


def test_missing_keys_take_their_defaults() -> None:
    assert from_dict(Outer, {"inner": {"lr": 2}}) == Outer(inner=Inner(lr=2.0))


@pytest.mark.parametrize(
    ("assignment", "path", "value"),
    [
        ("steps=1_000", "steps", 1000),
        ("steps=2e3", "steps", 2000),
        ("shuffle=off", "shuffle", False),
        ("shuffle=TRUE", "shuffle", True),
        ("name=12", "name", "12"),
        ("name=none", "name", None),
        ("name=a=b", "name", "a=b"),
        ("limit=7", "limit", 7),
        ("limit=null", "limit", None),
        ("folders=a,b/c", "folders", (Path("a"), Path("b/c"))),
        ("folders=", "folders", ()),
        ('words=["x, y", "z"]', "words", ["x, y", "z"]),
        ("inner.lr=1e-5", "inner.lr", 1e-5),
        ("inner.lr=3", "inner.lr", 3.0),
        ("inner.betas=0.8,0.9", "inner.betas", (0.8, 0.9)),
        ("inner.kind=adamw", "inner.kind", "adamw"),
    ],
)
def test_override_reads_text_by_the_type_of_the_field(assignment: str, path: str, value: object) -> None:
    found: object = override(Outer(), [assignment])
    for name in path.split("."):
        found = getattr(found, name)
    assert found == value
    assert type(found) is type(value)


def test_overrides_apply_in_order_and_leave_the_original_alone() -> None:
    config = Outer()
    assert override(config, ["steps=1", "inner.lr=2", "steps=3"]) == Outer(steps=3, inner=Inner(lr=2.0))
    assert config == Outer()


@pytest.mark.parametrize(
    ("assignment", "message"),
    [
        ("step=3", "unknown setting 'step'. Did you mean steps"),
        ("iner.lr=3", "unknown setting 'iner.lr'. Did you mean inner.lr"),
        ("inner.rl=3", "inner.lr"),
        ("inner=3", "unknown setting 'inner'"),
        ("steps", "setting 'steps' has no value: write steps=value"),
        ("steps=ten", "steps: must be a whole number, not 'ten'"),
        ("steps=1.5", "steps: must be a whole number"),
        ("shuffle=maybe", "shuffle: must be true or false"),
        ("inner.lr=fast", "inner.lr: must be a number"),
        ("inner.lr=-1", "inner: lr must be positive"),
        ("inner.betas=0.9", "inner.betas: must have 2 values, not 1"),
        ("inner.kind=sgd", "inner.kind: must be one of muon, adamw"),
        ("limit=many", "limit: must be a whole number"),
    ],
)
def test_override_names_the_mistake(assignment: str, message: str) -> None:
    with pytest.raises(UserError) as raised:
        override(Outer(), [assignment])
    assert message in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"step": 1}, "unknown setting 'step'. Did you mean steps"),
        ({"inner": {"lrr": 1}}, "inner.lr"),
        ({"inner": 3}, "inner: must be an object"),
        ({"steps": True}, "steps: must be a whole number"),
        ({"steps": "3"}, "steps: must be a whole number"),
        ({"words": "abc"}, "words: must be a list"),
        ({"words": [1]}, "words: must be text"),
        ({"parts": [{"lr": -1.0}]}, "lr must be positive"),
    ],
)
def test_from_dict_names_the_mistake(data: dict[str, object], message: str) -> None:
    with pytest.raises(UserError, match=message.replace("(", r"\(")):
        from_dict(Outer, data)


def test_a_field_without_default_must_be_there() -> None:
    with pytest.raises(UserError, match="size: missing"):
        from_dict(Required, {"scale": 2.0})


def test_paths_lists_what_can_be_set() -> None:
    assert list(paths(Outer()))[-4:] == ["inner.lr", "inner.betas", "inner.kind", "parts"]
