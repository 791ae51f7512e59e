"""The network that paints: from the words of a description and chance to a picture.

Three parts, trained together (moss/recipes/text2image):

- the reader, a small transformer over words that ends in a vector for each item and one for the background;
- the planner, which turns noise into places and sizes of the items by following a learned velocity field (flow
  matching, Lipman et al. 2023, arXiv:2210.02747);
- the brush, a coordinate network: for a point in an item's own square (or in the whole picture, for the background)
  and the item's vector it gives colour and opacity. It knows no grid: pictures have any size.

Items are laid over each other, the first of the description on top. It can paint what scenes.py can describe.
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn import functional

from ..errors import UserError
from .scenes import BACKGROUNDS, COLOURS, KINDS, MAX_ITEMS, RELATIONS, SIZES, Scene, describe, plural

MAX_WORDS = 40
HALF_CENTRE, HALF_SPREAD = -1.35, 0.45
"""Mean and spread of the logarithm of half an item's side, over the teacher's layouts."""

PLACE_SPREAD = 0.5
"""Spread of items' x and y."""


@dataclass(frozen=True, slots=True)
class PainterConfig:
    """Sizes of the network."""

    hidden_size: int = 96
    """Width of words, items and layouts."""
    num_heads: int = 4
    reader_layers: int = 3
    planner_layers: int = 2
    brush_size: int = 112
    """Width of the coordinate network."""
    brush_layers: int = 3
    frequencies: int = 48
    """Waves that a point is described by."""
    palette: int = 6
    """Colours that one item is mixed from."""


def vocabulary() -> list[str]:
    """Every word that `scenes.describe` writes, in a fixed order; index 0 is the empty word."""
    phrases = [*KINDS, *map(plural, KINDS), *COLOURS, *SIZES, *RELATIONS, "to the", "a", "an", "two", "three"]
    phrases += [background.en for background in BACKGROUNDS.values()]
    return ["", *sorted({word for phrase in phrases for word in phrase.split()})]


class Painter(nn.Module):
    """The network; `paint` draws one scene."""

    def __init__(self, config: PainterConfig = PainterConfig(), words: list[str] | None = None) -> None:
        super().__init__()
        self.config = config
        self.words = words or vocabulary()
        self._ids = {word: index for index, word in enumerate(self.words)}
        width = config.hidden_size
        self.embedding = nn.Embedding(len(self.words), width)
        self.positions = nn.Parameter(0.1 * torch.randn(MAX_WORDS, width))
        self.questions = nn.Parameter(torch.randn(MAX_ITEMS + 1, width))
        self.reader = _transformer(width, config.num_heads, config.reader_layers)
        self.planner = _Planner(width, config.num_heads, config.planner_layers)
        self.item_brush = _ItemBrush(config)
        self.background_brush = _BackgroundBrush(config)

    def tokens(self, scenes: list[Scene]) -> Tensor:
        """Word numbers of the scenes' descriptions, filled up with 0: (scenes, words), words <= MAX_WORDS."""
        rows = [torch.tensor([self._ids[word] for word in describe(scene).split()]) for scene in scenes]
        return nn.utils.rnn.pad_sequence(rows, batch_first=True)

    def read(self, tokens: Tensor) -> Tensor:
        """(rows, words) -> (rows, MAX_ITEMS + 1, hidden_size): the items in order, then the background."""
        words = self.embedding(tokens) + self.positions[: tokens.shape[1]]
        asked = torch.cat([self.questions.expand(len(tokens), -1, -1), words], dim=1)
        empty = functional.pad(tokens == 0, (MAX_ITEMS + 1, 0), value=False)
        return self.reader(asked, src_key_padding_mask=empty)[:, : MAX_ITEMS + 1]

    @torch.inference_mode()
    def paint(self, scene: Scene, seed: int, size: int) -> Tensor:
        """One picture, (size, size, 3) from 0 to 1; the same scene, seed and size give the same picture."""
        generator = torch.Generator().manual_seed(seed)
        slots = self.read(self.tokens([scene]))[0]
        items = sum(thing.count for thing in scene.things)
        layout = self.plan(slots, items, generator)
        chance = torch.rand(MAX_ITEMS + 1, 2, generator=generator) * 2 - 1
        return self.compose(slots, layout, chance[:, 0], chance[:, 1].sign(), size)

    @torch.inference_mode()
    def plan(self, slots: Tensor, items: int, generator: torch.Generator, steps: int = 32) -> Tensor:
        """Places for the items of one scene: (items, 3), x, y and half of the side."""
        state = torch.randn(1, MAX_ITEMS, 3, generator=generator)
        present = (torch.arange(MAX_ITEMS) < items)[None]
        for step in range(steps):
            time = torch.full((1, 1), (step + 0.5) / steps)
            state = state + self.planner(slots[None], state, time, present) / steps
        return denormalised(state[0, :items])

    @torch.inference_mode()
    def compose(self, slots: Tensor, layout: Tensor, styles: Tensor, facing: Tensor, size: int) -> Tensor:
        """Paints background and items, the last item first: (size, size, 3).

        `styles` and `facing` (1 or -1, mirrored) have an entry for each of MAX_ITEMS and one for the background.
        """
        axis = (torch.arange(size) + 0.5) / size * 2 - 1
        y, x = torch.meshgrid(axis, axis, indexing="ij")
        points = torch.stack([x, y], -1)
        flat = points.reshape(-1, 2)
        picture = _painted(self.background_brush, slots[-1], styles[-1], flat).reshape(size, size, 3)
        for item in range(len(layout) - 1, -1, -1):
            centre, half = layout[item, :2], layout[item, 2]
            inside = ((points - centre).abs() <= half).all(-1)
            local = (points[inside] - centre) / half * torch.stack([facing[item], torch.ones(())])
            painted = _painted(self.item_brush, slots[item], styles[item], local)
            colour, opacity = painted[:, :3], painted[:, 3:]
            picture[inside] = picture[inside] * (1 - opacity) + colour * opacity
        return picture

    def save(self, path: str | Path) -> None:
        """Writes the weights as fp16 with the configuration and the words."""
        weights = {name: tensor.half().contiguous() for name, tensor in self.state_dict().items()}
        metadata = {"config": json.dumps(asdict(self.config)), "words": json.dumps(self.words)}
        save_file(weights, path, metadata)

    @classmethod
    def load(cls, path: str | Path) -> Painter:
        """Reads what `save` wrote; UserError when the file is missing or damaged."""
        try:
            with safe_open(path, framework="pt") as file:
                metadata = file.metadata()
                painter = cls(PainterConfig(**json.loads(metadata["config"])), json.loads(metadata["words"]))
                painter.load_state_dict({name: file.get_tensor(name).float() for name in file.keys()})  # noqa: SIM118
        except (OSError, SafetensorError, KeyError, TypeError, ValueError, RuntimeError) as error:
            raise UserError(f"{path} is not an image model, or a damaged one: {error}") from None
        return painter.eval()


def normalised(layout: Tensor) -> Tensor:
    """(..., 3) x, y, half -> numbers of about unit spread, as the planner works with."""
    return torch.cat([layout[..., :2] / PLACE_SPREAD, (layout[..., 2:].log() - HALF_CENTRE) / HALF_SPREAD], -1)


def denormalised(state: Tensor) -> Tensor:
    """Inverse of `normalised`."""
    return torch.cat([state[..., :2] * PLACE_SPREAD, (state[..., 2:] * HALF_SPREAD + HALF_CENTRE).exp()], -1)


def _painted(brush: _Brush, slot: Tensor, style: Tensor, points: Tensor) -> Tensor:
    """One thing's points (points, 2) -> (points, 3 or 4)."""
    # In parts that stay in the processor's cache: four times as fast as all at once.
    return torch.cat([brush(slot[None], style[None], part[None])[0] for part in points.split(4096)])


def _transformer(width: int, num_heads: int, num_layers: int) -> nn.TransformerEncoder:
    layer = nn.TransformerEncoderLayer(
        width, num_heads, 2 * width, dropout=0.0, activation="gelu", batch_first=True, norm_first=True
    )
    return nn.TransformerEncoder(layer, num_layers, norm=nn.LayerNorm(width), enable_nested_tensor=False)


class _Planner(nn.Module):
    """The velocity field of layouts: at time 0 they are noise, at time 1 places."""

    def __init__(self, width: int, num_heads: int, num_layers: int) -> None:
        super().__init__()
        self.state = nn.Linear(3, width)
        self.slot = nn.Linear(width, width)
        self.time = nn.Sequential(nn.Linear(16, width), nn.GELU(), nn.Linear(width, width))
        self.body = _transformer(width, num_heads, num_layers)
        self.velocity = nn.Linear(width, 3)

    def forward(self, slots: Tensor, state: Tensor, time: Tensor, present: Tensor) -> Tensor:
        """slots (rows, MAX_ITEMS + 1, width), state (rows, MAX_ITEMS, 3), time (rows, 1) -> like state."""
        waves = time * math.pi * 2.0 ** torch.arange(-1, 7)
        moment = self.time(torch.cat([waves.sin(), waves.cos()], -1))[:, None]
        items = self.slot(slots) + moment
        items = items + functional.pad(self.state(state), (0, 0, 0, 1))
        absent = functional.pad(~present, (0, 1), value=False)
        return self.velocity(self.body(items, src_key_padding_mask=absent)[:, :MAX_ITEMS])


class _Brush(nn.Module):
    """A coordinate network whose layers are scaled and shifted by what is painted (FiLM, arXiv:1709.07871)."""

    def __init__(self, config: PainterConfig, outputs: int) -> None:
        super().__init__()
        size, layers = config.brush_size, config.brush_layers
        # Fixed waves of random directions; short ones give crisp edges, long ones smooth areas.
        length = torch.logspace(math.log10(0.5), math.log10(7.0), config.frequencies)
        angle = torch.rand(config.frequencies) * math.pi
        self.waves: Tensor
        self.register_buffer("waves", torch.stack([angle.cos(), angle.sin()]) * length * math.pi)
        self.first = nn.Linear(2 * config.frequencies + 2, size)
        self.rest = nn.ModuleList(nn.Linear(size, size) for _ in range(layers))
        self.condition = nn.Sequential(nn.Linear(config.hidden_size + 1, config.hidden_size), nn.GELU())
        self.modulation = nn.Linear(config.hidden_size, 2 * size * (layers + 1))
        self.last = nn.Linear(size, outputs)

    def outputs(self, condition: Tensor, points: Tensor) -> Tensor:
        """condition (rows, width), points (rows, points, 2) -> (rows, points, outputs)."""
        film = self.modulation(condition)[:, None].chunk(2 * (len(self.rest) + 1), -1)
        waves = points @ self.waves
        hidden = self.first(torch.cat([points, waves.sin(), waves.cos()], -1))
        hidden = functional.gelu(hidden * (1 + film[0]) + film[1])
        for index, layer in enumerate(self.rest, start=1):
            hidden = hidden + functional.gelu(layer(hidden) * (1 + film[2 * index]) + film[2 * index + 1])
        return self.last(hidden)


class _ItemBrush(_Brush):
    """Paints an item: opacity, and a mixture of a few colours that belong to the item as a whole."""

    def __init__(self, config: PainterConfig) -> None:
        super().__init__(config, outputs=config.palette + 1)
        self.colours = nn.Linear(config.hidden_size, 3 * config.palette)

    def forward(self, slots: Tensor, styles: Tensor, points: Tensor) -> Tensor:
        """slots (rows, width), styles (rows,), points (rows, points, 2) -> (rows, points, 4) colour and opacity."""
        condition = self.condition(torch.cat([slots, styles[:, None]], -1))
        mixed = self.outputs(condition, points)
        palette = self.colours(condition).sigmoid().reshape(len(slots), -1, 3)
        return torch.cat([mixed[..., 1:].softmax(-1) @ palette, mixed[..., :1].sigmoid()], -1)


class _BackgroundBrush(_Brush):
    """Paints a background: a colour for every point. (With a palette its softmax got stuck in one colour.)"""

    def __init__(self, config: PainterConfig) -> None:
        super().__init__(config, outputs=3)

    def forward(self, slots: Tensor, styles: Tensor, points: Tensor) -> Tensor:
        """slots (rows, width), styles (rows,), points (rows, points, 2) -> (rows, points, 3) colour."""
        return self.outputs(self.condition(torch.cat([slots, styles[:, None]], -1)), points).sigmoid()
