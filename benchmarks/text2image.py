"""How well the packaged painter paints: its pictures against the teacher's drawings, for scenes it never saw.

    python benchmarks/text2image.py [SCENES]

For random scenes, once with pairings of kind and colour from training and once with at least one held-out pairing:

- kind: share of items that look most like the teacher's drawing of their kind, among all kinds, in the same place;
- colour: the same among all colours;
- error: mean distance (0 to 1) of the item's pixels from the teacher's drawing;
- background: share of pictures whose background is nearest to the right one;
- relation: share of relations of place that hold between the items as placed;
- seconds a picture.

Judged are items that nothing covers.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import torch

from moss.recipes.text2image.sprites import background, sprite
from moss.recipes.text2image.training import held_out, training_scene
from moss.tools.painter import MAX_ITEMS, Painter
from moss.tools.scenes import BACKGROUNDS, COLOURS, KINDS, Scene, Thing, random_scene
from moss.tools.text2image import IMAGE_SIZE, packaged_painter

SPRITE = 64
"""Items are compared at this size."""


@dataclass
class Score:
    """Sums over pictures."""

    items: int = 0
    kinds: int = 0
    colours: int = 0
    error: float = 0.0
    pictures: int = 0
    backgrounds: int = 0
    relations: int = 0
    held: int = 0
    seconds: float = 0.0
    wrong: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"kind {self.kinds / self.items:.3f}  colour {self.colours / self.items:.3f}  "
            f"error {self.error / self.items:.3f}  background {self.backgrounds / self.pictures:.3f}  "
            f"relation {self.held / max(1, self.relations):.3f}  {self.seconds / self.pictures:.2f} s a picture  "
            f"({self.pictures} pictures, {self.items} items, {self.relations} relations)"
        )


def things_of(scene: Scene) -> list[Thing]:
    """One entry an item."""
    return [thing for thing in scene.things for _ in range(thing.count)]


def judge(painter: Painter, scene: Scene, seed: int, score: Score) -> None:
    """Paints one scene with a neutral style and adds what is right about it to the score."""
    things = things_of(scene)
    start = time.perf_counter()
    with torch.inference_mode():
        slots = painter.read(painter.tokens([scene]))[0]
        layout = painter.plan(slots, len(things), torch.Generator().manual_seed(seed))
        neutral, facing = torch.zeros(MAX_ITEMS + 1), torch.ones(MAX_ITEMS + 1)
        picture = painter.compose(slots, layout, neutral, facing, IMAGE_SIZE).numpy()
    score.seconds += time.perf_counter() - start
    score.pictures += 1
    boxes = [tuple(float(v) for v in row) for row in layout]
    for index, (thing, box) in enumerate(zip(things, boxes, strict=True)):
        if not any(overlap(box, other) for other in boxes[:index]):
            judge_item(picture, thing, box, score)
    empty = np.ones(picture.shape[:2], bool)
    for box in boxes:
        rows, columns = window(box)
        empty[rows, columns] = False
    distances = {name: np.abs(picture - drawn)[empty].mean() for name, drawn in backgrounds().items()}
    score.backgrounds += min(distances, key=lambda name: distances[name]) == scene.background
    for holds in relations_held(scene, boxes):
        score.relations += 1
        score.held += holds


Box = tuple[float, ...]


def overlap(one: Box, other: Box) -> bool:
    """Whether two items' squares share more than a little."""
    return all(abs(one[i] - other[i]) < 0.85 * (one[2] + other[2]) for i in (0, 1))


def window(box: Box) -> tuple[slice, slice]:
    """Rows and columns of an item's square."""
    low = [round((box[i] - box[2] + 1) / 2 * IMAGE_SIZE) for i in (1, 0)]
    high = [round((box[i] + box[2] + 1) / 2 * IMAGE_SIZE) for i in (1, 0)]
    return slice(max(0, low[0]), max(1, high[0])), slice(max(0, low[1]), max(1, high[1]))


def judge_item(picture: np.ndarray, thing: Thing, box: Box, score: Score) -> None:
    """Compares the item with the teacher's drawings in the same place, where those are opaque."""
    axis = (np.arange(SPRITE) + 0.5) / SPRITE * 2 - 1
    columns = ((box[0] + axis * box[2] + 1) / 2 * IMAGE_SIZE).astype(int).clip(0, IMAGE_SIZE - 1)
    rows = ((box[1] + axis * box[2] + 1) / 2 * IMAGE_SIZE).astype(int).clip(0, IMAGE_SIZE - 1)
    seen = picture[np.ix_(rows, columns)]
    surroundings = np.median(np.concatenate([seen[0], seen[-1], seen[:, 0], seen[:, -1]]), axis=0)
    right = thing.colour or KINDS[thing.kind].colour
    by_kind = {kind: distance(seen, kind, right, surroundings) for kind in KINDS}
    by_colour = {colour: distance(seen, thing.kind, colour, surroundings) for colour in COLOURS}
    kind, colour = min(by_kind, key=lambda k: by_kind[k]), min(by_colour, key=lambda c: by_colour[c])
    score.items += 1
    score.kinds += kind == thing.kind
    score.colours += colour == right
    score.error += by_kind[thing.kind]
    if (kind, colour) != (thing.kind, right):
        score.wrong.append(f"{right} {thing.kind} -> {colour} {kind}")


def distance(seen: np.ndarray, kind: str, colour: str, surroundings: np.ndarray) -> float:
    """Mean absolute difference from the teacher's drawing laid over the surroundings."""
    drawn = drawing(kind, colour)
    opacity = drawn[..., 3:]
    return float(np.abs(seen - (drawn[..., :3] * opacity + surroundings * (1 - opacity))).mean())


_DRAWINGS: dict[tuple[str, str], np.ndarray] = {}


def drawing(kind: str, colour: str) -> np.ndarray:
    """The teacher's drawing in a neutral style, (SPRITE, SPRITE, 4), 0 to 1."""
    if (kind, colour) not in _DRAWINGS:
        _DRAWINGS[kind, colour] = sprite(kind, colour, 0.0, SPRITE).astype(np.float32) / 255
    return _DRAWINGS[kind, colour]


_BACKGROUND_DRAWINGS: dict[str, np.ndarray] = {}


def backgrounds() -> dict[str, np.ndarray]:
    """The teacher's backgrounds in a neutral style."""
    if not _BACKGROUND_DRAWINGS:
        for name in BACKGROUNDS:
            _BACKGROUND_DRAWINGS[name] = background(name, 0.0, IMAGE_SIZE).astype(np.float32) / 255
    return _BACKGROUND_DRAWINGS


def relations_held(scene: Scene, boxes: list[Box]) -> Iterator[bool]:
    """Whether each relation holds between the middles of its things."""
    ends = np.cumsum([0, *(thing.count for thing in scene.things)])
    groups = [np.mean(boxes[a:b], axis=0) for a, b in pairwise(ends)]
    for relation, one, other in zip(scene.relations, groups, groups[1:], strict=False):
        x, y, reach = one[0] - other[0], one[1] - other[1], one[2] + other[2]
        yield {
            "above": y < -0.8 * reach,
            "below": y > 0.8 * reach,
            "on top of": y < -0.75 * reach,
            "left of": x < -0.8 * reach,
            "right of": x > 0.8 * reach,
            "next to": abs(x) > 0.8 * reach,
            "and": abs(x) > 0.8 * reach,
            "in front of": bool(np.hypot(x, y) < 1.5 * reach and one[2] < other[2]),
            "inside": bool(np.hypot(x, y) < 0.5 * other[2] and one[2] < 0.7 * other[2]),
        }[relation]


def scenes(rng: random.Random, with_held_out: bool, number: int) -> Iterator[Scene]:
    """Random scenes, of training pairings only or with at least one held-out pairing each."""
    while number:
        scene = random_scene(rng) if with_held_out else training_scene(rng)
        if any(map(held_out, scene.things)) == with_held_out:
            number -= 1
            yield scene


def main() -> None:
    """Prints a line for seen pairings and one for held-out ones."""
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    for label, with_held_out in (("seen pairings", False), ("held-out pairings", True)):
        score = Score()
        for seed, scene in enumerate(scenes(random.Random(12345), with_held_out, number)):
            judge(packaged_painter(), scene, seed, score)
        print(f"{label:18} {score}")
        print(f"{'':18} taken for others: {', '.join(score.wrong[:12]) or 'none'}")


if __name__ == "__main__":
    main()
