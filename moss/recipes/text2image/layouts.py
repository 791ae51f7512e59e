"""Where the things of a scene go: the teacher's rules, with chance in them.

The picture is the square from -1 to 1, y down. The painter learns the distribution of these layouts, not the rules.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace

from ...tools.scenes import KINDS, Scene, Thing

MARGIN = 0.94
"""Everything is within this distance of the middle."""

_HALF = {"small": 0.19, "medium": 0.29, "big": 0.42}
_CROWDING = {1: 1.3, 2: 1.0, 3: 0.82}
_OUTDOORS = {"grass", "sea", "beach", "snow", "sunset"}


@dataclass(frozen=True, slots=True)
class Placement:
    """One item: its middle and half of its side."""

    x: float
    y: float
    half: float


@dataclass(frozen=True, slots=True)
class _Group:
    """The items of one `Thing`, side by side around a middle."""

    thing: Thing
    half: float
    x: float = 0.0
    y: float = 0.0

    @property
    def wide(self) -> float:
        return self.half * (1.08 * self.thing.count - 0.08)

    def overlaps(self, other: _Group) -> bool:
        return abs(self.x - other.x) < 0.97 * (self.wide + other.wide) and abs(self.y - other.y) < 0.97 * (
            self.half + other.half
        )


def place(scene: Scene, rng: random.Random) -> list[Placement]:
    """A placement for every item, in the order of the description."""
    groups = _chained(scene, rng)
    left, right = min(g.x - g.wide for g in groups), max(g.x + g.wide for g in groups)
    top, bottom = min(g.y - g.half for g in groups), max(g.y + g.half for g in groups)
    scale = min(1.0, 2 * MARGIN / (right - left), 2 * MARGIN / (bottom - top))
    slack_x, slack_y = MARGIN - scale * (right - left) / 2, MARGIN - scale * (bottom - top) / 2
    x = rng.uniform(-0.7, 0.7) * slack_x - scale * (left + right) / 2
    y = _wanted_y(scene, groups, scale, rng)
    middle = scale * (top + bottom) / 2
    y = max(-slack_y, min(slack_y, y + middle)) - middle
    return [item for group in groups for item in _items(group, scale, x, y)]


def _chained(scene: Scene, rng: random.Random) -> list[_Group]:
    """The groups, each placed by its relation to the next; the last is in the middle."""
    crowding = _CROWDING[sum(thing.count for thing in scene.things)]
    groups = [_Group(thing, _HALF[thing.size] * crowding * rng.uniform(0.92, 1.08)) for thing in scene.things]
    for index in range(len(groups) - 2, -1, -1):
        relation = scene.relations[index]
        anchor = groups[index + 1]
        group, step = _RELATIONS[relation](groups[index], anchor, rng)
        if relation == "and" and scene.background in _OUTDOORS:
            group = _at_its_height(group, anchor, rng)
        if relation not in ("inside", "in front of"):  # which overlap by nature
            while any(group.overlaps(other) for other in groups[index + 1 :]):
                group = replace(group, x=group.x + 0.05 * step[0], y=group.y + 0.05 * step[1])
        groups[index] = group
    return groups


Step = tuple[float, float]


def _vertical(sign: int, low: float, high: float) -> Callable[[_Group, _Group, random.Random], tuple[_Group, Step]]:
    def related(group: _Group, anchor: _Group, rng: random.Random) -> tuple[_Group, Step]:
        distance = (group.half + anchor.half) * rng.uniform(low, high)
        return replace(group, x=anchor.x + rng.uniform(-0.08, 0.08), y=anchor.y + sign * distance), (0, sign)

    return related


def _beside(sign: int | None) -> Callable[[_Group, _Group, random.Random], tuple[_Group, Step]]:
    def related(group: _Group, anchor: _Group, rng: random.Random) -> tuple[_Group, Step]:
        side = sign or rng.choice((-1, 1))
        distance = (group.wide + anchor.wide) * rng.uniform(1.03, 1.2)
        # Things beside each other stand on the same ground.
        return replace(group, x=anchor.x + side * distance, y=anchor.y + anchor.half - group.half), (side, 0)

    return related


def _in_front(group: _Group, anchor: _Group, rng: random.Random) -> tuple[_Group, Step]:
    half = min(group.half, 0.75 * anchor.half)
    side = rng.choice((-1, 1))
    x, y = anchor.x + side * 0.5 * anchor.wide, anchor.y + anchor.half - 0.75 * half
    return replace(group, half=half, x=x, y=y), (0, 0)


def _inside(group: _Group, anchor: _Group, rng: random.Random) -> tuple[_Group, Step]:
    half = min(group.half, 0.45 * anchor.half / group.thing.count**0.5)
    return replace(group, half=half, x=anchor.x, y=anchor.y + 0.1 * anchor.half), (0, 0)


_RELATIONS: dict[str, Callable[[_Group, _Group, random.Random], tuple[_Group, Step]]] = {
    "above": _vertical(-1, 1.06, 1.25),
    "below": _vertical(1, 1.06, 1.25),
    "on top of": _vertical(-1, 0.97, 0.98),
    "left of": _beside(-1),
    "right of": _beside(1),
    "next to": _beside(None),
    "and": _beside(None),
    "in front of": _in_front,
    "inside": _inside,
}


def _at_its_height(group: _Group, anchor: _Group, rng: random.Random) -> _Group:
    """Outdoors, things of the sky are higher than things of the ground, when no relation says otherwise."""
    above = KINDS[anchor.thing.kind].place == "sky"
    if (KINDS[group.thing.kind].place == "sky") == above:
        return group
    return replace(group, y=anchor.y + rng.uniform(0.5, 0.8) * (1 if above else -1))


def _wanted_y(scene: Scene, groups: list[_Group], scale: float, rng: random.Random) -> float:
    """How far down the whole chain should be, before it is kept inside the picture."""
    if scene.background not in _OUTDOORS:
        return rng.uniform(-0.35, 0.35)
    for group in groups:
        if KINDS[group.thing.kind].place in ("ground", "water"):
            return rng.uniform(0.6, 0.85) - scale * (group.y + group.half)
    if all(KINDS[group.thing.kind].place == "sky" for group in groups):
        return rng.uniform(-0.7, -0.4)
    return rng.uniform(0.1, 0.4)


def _items(group: _Group, scale: float, x: float, y: float) -> list[Placement]:
    middle = (group.thing.count - 1) / 2
    return [
        Placement(x + scale * (group.x + (i - middle) * 2.16 * group.half), y + scale * group.y, scale * group.half)
        for i in range(group.thing.count)
    ]
