"""Trains the painter on scenes that are invented as it goes."""

from __future__ import annotations

import random
import time
import zlib
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from ...tools.painter import Painter, normalised
from ...tools.scenes import BACKGROUNDS, COLOURS, KINDS, MAX_ITEMS, Scene, Thing, random_scene
from ...train.optim import Matrix, Muon, set_lr
from .layouts import place
from .sprites import background, sprite

SPRITE_SIZE = 96
BACKGROUND_SIZE = 128
STYLES = (-1.0, -0.5, 0.0, 0.5, 1.0)


@dataclass(frozen=True, slots=True)
class Text2ImageConfig:
    """How the image model is trained."""

    max_steps: int = 2000
    """The learning rate is constant for the first half and falls to 0 in the second."""
    scenes: int = 48
    """Scenes a step."""
    points: int = 96
    """Points of every item a step; as many of every background."""
    lr: float = 4e-3
    """Highest learning rate of AdamW, for embeddings, vectors and what gives out colours and places."""
    matrix_lr: float = 0.02
    """Highest learning rate of Muon, for all other matrices."""
    seed: int = 0


def held_out(thing: Thing) -> bool:
    """Whether a pairing of kind and colour is kept from training, to measure how the painter does on new ones."""
    return zlib.crc32(f"{thing.colour} {thing.kind}".encode()) % 10 == 0 and thing.colour is not None


def training_scene(rng: random.Random) -> Scene:
    """A random scene without held-out pairings."""
    while True:
        scene = random_scene(rng)
        if not any(map(held_out, scene.things)):
            return scene


@dataclass(frozen=True, slots=True)
class Lesson:
    """A batch: descriptions, layouts, and points with what is to be painted there."""

    tokens: Tensor  # (scenes, words)
    layouts: Tensor  # (scenes, MAX_ITEMS, 3) x, y, half
    present: Tensor  # (scenes, MAX_ITEMS) which items there are
    styles: Tensor  # (scenes, MAX_ITEMS + 1)
    points: Tensor  # (scenes, MAX_ITEMS + 1, points, 2), the background last
    targets: Tensor  # (scenes, MAX_ITEMS + 1, points, 4) colour and opacity


class Teacher:
    """Invents scenes and knows how they look."""

    def __init__(self) -> None:
        self._kinds, self._colours, self._backgrounds = list(KINDS), list(COLOURS), list(BACKGROUNDS)
        # (kinds, colours, styles, pixels, 4) and (backgrounds, styles, pixels, 4), uint8
        self.sprites = np.stack(
            [[[sprite(k, c, s, SPRITE_SIZE).reshape(-1, 4) for s in STYLES] for c in COLOURS] for k in KINDS]
        )
        opaque = np.full((BACKGROUND_SIZE**2, 1), 255, np.uint8)
        self.backgrounds = np.stack(
            [
                [np.hstack([background(b, s, BACKGROUND_SIZE).reshape(-1, 3), opaque]) for s in STYLES]
                for b in BACKGROUNDS
            ]
        )

    def lesson(self, painter: Painter, config: Text2ImageConfig, rng: random.Random) -> Lesson:
        """The next batch."""
        scenes = [training_scene(rng) for _ in range(config.scenes)]
        chance = np.random.default_rng(rng.getrandbits(32))
        layouts = torch.ones(config.scenes, MAX_ITEMS, 3)
        present = torch.zeros(config.scenes, MAX_ITEMS, dtype=torch.bool)
        styles = chance.integers(len(STYLES), size=(config.scenes, MAX_ITEMS + 1))
        points = np.zeros((config.scenes, MAX_ITEMS + 1, config.points, 2), np.float32)
        targets = np.zeros((config.scenes, MAX_ITEMS + 1, config.points, 4), np.uint8)
        for row, scene in enumerate(scenes):
            things = [thing for thing in scene.things for _ in range(thing.count)]
            for item, (thing, spot) in enumerate(zip(things, place(scene, rng), strict=True)):
                layouts[row, item] = torch.tensor([spot.x, spot.y, spot.half])
                present[row, item] = True
                pixels = self.sprites[self._kinds.index(thing.kind), self._colour(thing), styles[row, item]]
                points[row, item], targets[row, item] = _sample(pixels, SPRITE_SIZE, config.points, chance)
            pixels = self.backgrounds[self._backgrounds.index(scene.background), styles[row, -1]]
            points[row, -1], targets[row, -1] = _sample(pixels, BACKGROUND_SIZE, config.points, chance)
        return Lesson(
            painter.tokens(scenes),
            layouts,
            present,
            torch.tensor(STYLES)[torch.from_numpy(styles)],
            torch.from_numpy(points),
            torch.from_numpy(targets).float() / 255,
        )

    def _colour(self, thing: Thing) -> int:
        return self._colours.index(thing.colour or KINDS[thing.kind].colour)


def _sample(pixels: np.ndarray, size: int, count: int, chance: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Random pixels of a square picture: where they are (-1 to 1), and what they show."""
    chosen = chance.integers(size * size, size=count)
    return np.stack([chosen % size, chosen // size], -1) * (2 / size) + (1 / size - 1), pixels[chosen]


def losses(painter: Painter, lesson: Lesson) -> tuple[Tensor, Tensor, Tensor]:
    """How wrong items, backgrounds and places are."""
    slots = painter.read(lesson.tokens)
    here = lesson.present
    painted = painter.item_brush(slots[:, :-1][here], lesson.styles[:, :-1][here], lesson.points[:, :-1][here])
    wanted = lesson.targets[:, :-1][here]
    opacity = functional.binary_cross_entropy(painted[..., 3].clamp(1e-5, 1 - 1e-5), wanted[..., 3])
    items = opacity + 4 * ((painted[..., :3] - wanted[..., :3]).abs().mean(-1) * wanted[..., 3]).mean()
    whole = painter.background_brush(slots[:, -1], lesson.styles[:, -1], lesson.points[:, -1])
    backgrounds = (whole - lesson.targets[:, -1, :, :3]).abs().mean()
    return items, backgrounds, _flow_loss(painter, slots, lesson)


def _flow_loss(painter: Painter, slots: Tensor, lesson: Lesson, repeats: int = 8) -> Tensor:
    """Flow matching: on the straight way from noise to the layout, the velocity is their difference."""
    slots, here = slots.repeat(repeats, 1, 1), lesson.present.repeat(repeats, 1)
    goal = normalised(lesson.layouts).repeat(repeats, 1, 1)
    noise = torch.randn_like(goal)
    moment = torch.rand(len(goal), 1)
    state = noise + moment[..., None] * (goal - noise)
    velocity = painter.planner(slots, state, moment, here)
    return ((velocity - (goal - noise)) ** 2)[here].mean()


def train(config: Text2ImageConfig) -> Painter:
    """The whole training; prints a line every 100 steps."""
    torch.manual_seed(config.seed)
    rng = random.Random(config.seed)
    painter, teacher = Painter(), Teacher()
    optimizers = _optimizers(painter, config)
    start = time.monotonic()
    for step in range(config.max_steps):
        set_lr(optimizers, min(1, (step + 1) / 50, 2 * (1 - step / config.max_steps)))
        items, backgrounds, places = losses(painter, teacher.lesson(painter, config, rng))
        painter.zero_grad(set_to_none=True)
        (items + 4 * backgrounds + places).backward()
        torch.nn.utils.clip_grad_norm_(painter.parameters(), 1.0)
        for optimizer in optimizers:
            optimizer.step()
        if step % 100 == 0:
            print(
                f"step {step:5}  items {items.item():.4f}  backgrounds {backgrounds.item():.4f}  "
                f"places {places.item():.3f}  {time.monotonic() - start:.0f} s",
                flush=True,
            )
    return painter.eval()


def _optimizers(painter: Painter, config: Text2ImageConfig) -> list[torch.optim.Optimizer]:
    """Muon for the matrices between hidden layers, AdamW for the rest."""
    matrices: list[Matrix] = []
    rest = []
    for name, parameter in painter.named_parameters():
        if parameter.dim() < 2 or name in _NOT_HIDDEN or name.endswith(("colours.weight", "last.weight")):
            rest.append(parameter)
        else:
            stacked = 3 if name.endswith("in_proj_weight") else 1
            matrices.append((parameter, (len(parameter) // stacked,) * stacked))
    optimizers = [
        Muon(matrices, config.matrix_lr, momentum=0.95, weight_decay=0.0, dtype=torch.float32),
        torch.optim.AdamW(rest, lr=config.lr, betas=(0.9, 0.98), weight_decay=0.0),
    ]
    for optimizer in optimizers:
        for group in optimizer.param_groups:
            group["initial_lr"] = group["lr"]
    return optimizers


_NOT_HIDDEN = ("embedding.weight", "positions", "questions", "planner.state.weight", "planner.velocity.weight")
