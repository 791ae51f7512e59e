"""What each kind of thing and each background looks like: the teacher's drawings, made with Pillow and numpy.

A thing is drawn in its own square, x and y from -1 to 1 with y down. `style` (-1 to 1) varies its shape. Every part has
a darker outline, so that a white cup on a white background is still a cup.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from PIL import Image, ImageDraw

from ...tools.scenes import COLOURS, RGB

Points = Sequence[tuple[float, float]]

SUPERSAMPLING = 4
_OUTLINE = 0.05
_DARK: RGB = (60, 50, 48)
_WOOD: RGB = (128, 84, 48)
_LEAF: RGB = (70, 160, 70)
_GLASS: RGB = (205, 232, 250)


def sprite(kind: str, colour: str, style: float, size: int) -> np.ndarray:
    """One thing as (size, size, 4) uint8, red, green, blue and opacity."""
    pen = _Pen(size * SUPERSAMPLING, COLOURS[colour].rgb)
    _DRAWINGS[kind](pen, style)
    return np.asarray(pen.image.resize((size, size), Image.Resampling.BOX))


def shade(rgb: RGB, factor: float) -> RGB:
    """The colour made darker (factor < 1) or lighter (factor > 1, towards white)."""
    if factor <= 1:
        return (int(rgb[0] * factor), int(rgb[1] * factor), int(rgb[2] * factor))
    light = factor - 1
    return (
        int(rgb[0] + (255 - rgb[0]) * light),
        int(rgb[1] + (255 - rgb[1]) * light),
        int(rgb[2] + (255 - rgb[2]) * light),
    )


class _Pen:
    """Draws outlined shapes in coordinates from -1 to 1."""

    def __init__(self, size: int, colour: RGB) -> None:
        self.colour = colour
        # Black things get a lighter outline, or their parts could not be told apart.
        self.outline = shade(colour, 0.5) if sum(colour) > 200 else (120, 120, 128)
        # Transparent in the thing's own outline colour, so that shrinking does not mix in black at the edge.
        self.image = Image.new("RGBA", (size, size), (*self.outline, 0))
        self._draw = ImageDraw.Draw(self.image)
        self._size = size

    def polygon(self, points: Points, fill: RGB | None = None, line: RGB | None = None) -> None:
        fill, line = fill or self.colour, line or self.outline
        pixels = [self._pixel(*point) for point in points]
        self._draw.polygon(pixels, fill=fill)
        self._draw.line([*pixels, pixels[0], pixels[1]], fill=line, width=self._width(), joint="curve")

    def ellipse(
        self, x: float, y: float, rx: float, ry: float, fill: RGB | None = None, line: RGB | None = None
    ) -> None:
        corners = (*self._pixel(x - rx, y - ry), *self._pixel(x + rx, y + ry))
        self._draw.ellipse(corners, fill=fill or self.colour, outline=line or self.outline, width=self._width())

    def box(self, x0: float, y0: float, x1: float, y1: float, fill: RGB | None = None, line: RGB | None = None) -> None:
        self.polygon([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], fill, line)

    def stroke(self, points: Points, colour: RGB | None = None, width: float = _OUTLINE) -> None:
        pixels = [self._pixel(*point) for point in points]
        self._draw.line(pixels, fill=colour or self.outline, width=int(width * self._size / 2), joint="curve")

    def erase(self, x: float, y: float, rx: float, ry: float) -> None:
        corners = (*self._pixel(x - rx, y - ry), *self._pixel(x + rx, y + ry))
        self._draw.ellipse(corners, fill=(*self.outline, 0))

    def _pixel(self, x: float, y: float) -> tuple[float, float]:
        return ((x + 1) / 2 * self._size, (y + 1) / 2 * self._size)

    def _width(self) -> int:
        return int(_OUTLINE * self._size / 2) + 1


def _ring(
    count: int, radius: Callable[[int], float], turn: float = 0.0, x: float = 0.0, y: float = 0.0
) -> list[tuple[float, float]]:
    """Points around a centre; the first is on top."""
    angles = [turn - math.pi / 2 + 2 * math.pi * i / count for i in range(count)]
    return [(x + radius(i) * math.cos(a), y + radius(i) * math.sin(a)) for i, a in enumerate(angles)]


def _circle(pen: _Pen, style: float) -> None:
    pen.ellipse(0, 0, 0.9, 0.9)


def _square(pen: _Pen, style: float) -> None:
    pen.box(-0.82, -0.82, 0.82, 0.82)


def _triangle(pen: _Pen, style: float) -> None:
    pen.polygon([(0.2 * style, -0.85), (0.9, 0.8), (-0.9, 0.8)])


def _diamond(pen: _Pen, style: float) -> None:
    width = 0.68 + 0.12 * style
    pen.polygon([(0, -0.93), (width, 0), (0, 0.93), (-width, 0)])


def _heart(pen: _Pen, style: float) -> None:
    angles = [2 * math.pi * i / 90 for i in range(90)]
    height = 0.054 + 0.004 * style
    pen.polygon(
        [
            (
                0.055 * 16 * math.sin(a) ** 3,
                -height * (13 * math.cos(a) - 5 * math.cos(2 * a) - 2 * math.cos(3 * a) - math.cos(4 * a)) - 0.08,
            )
            for a in angles
        ]
    )


def _star(pen: _Pen, style: float) -> None:
    inner = 0.42 + 0.06 * style
    pen.polygon(_ring(10, lambda i: 0.95 if i % 2 == 0 else inner, y=0.05))


def _sun(pen: _Pen, style: float) -> None:
    pen.polygon(_ring(24, lambda i: 0.95 if i % 2 == 0 else 0.66), shade(pen.colour, 1.3))
    pen.ellipse(0, 0, 0.56 + 0.04 * style, 0.56 + 0.04 * style)


def _moon(pen: _Pen, style: float) -> None:
    # A crescent: the outer arc, and an inner arc that bends the same way.
    outer = [math.radians(a) for a in range(50, 311, 6)]
    depth = 0.35 + 0.1 * style
    inner = [
        (0.18 - depth * math.cos(t) + 0.37, 0.69 * math.sin(t)) for t in np.linspace(-math.pi / 2, math.pi / 2, 30)
    ]
    pen.polygon([(0.9 * math.cos(a) - 0.03, 0.9 * -math.sin(a)) for a in outer] + inner[::-1])


def _cloud(pen: _Pen, style: float) -> None:
    bumps = [
        (-0.52, 0.12, 0.36),
        (-0.1, -0.2 - 0.08 * style, 0.46),
        (0.4, -0.05 + 0.08 * style, 0.4),
        (0.62, 0.2, 0.28),
    ]
    for x, y, r in bumps:
        pen.ellipse(x, y, r, r)
    pen.box(-0.55, 0.1, 0.62, 0.48)
    for x, y, r in bumps:
        pen.ellipse(x, y, r - _OUTLINE, r - _OUTLINE, line=pen.colour)
    pen.box(-0.5, 0.0, 0.58, 0.42, line=pen.colour)


def _balloon(pen: _Pen, style: float) -> None:
    pen.stroke([(0, 0.5), (0.06 * style, 0.7), (-0.06 * style, 0.95)], (110, 110, 110))
    pen.polygon([(-0.12, 0.56), (0.12, 0.56), (0, 0.4)])
    pen.ellipse(0, -0.23, 0.58, 0.7)
    pen.ellipse(-0.2, -0.5, 0.1, 0.14, shade(pen.colour, 1.6), shade(pen.colour, 1.6))


def _bird(pen: _Pen, style: float) -> None:
    pen.polygon([(-0.55, 0.1), (-0.95, -0.12), (-0.92, 0.3)])
    pen.ellipse(-0.05, 0.15, 0.62, 0.4)
    pen.polygon([(0.72, -0.32), (0.97, -0.2), (0.7, -0.12)], COLOURS["orange"].rgb)
    pen.ellipse(0.5, -0.25, 0.3, 0.3)
    pen.polygon([(0.15, 0.05), (-0.35, -0.75 + 0.3 * style), (-0.4, 0.1)], shade(pen.colour, 0.78))
    pen.ellipse(0.58, -0.3, 0.06, 0.06, _DARK, _DARK)


def _rocket(pen: _Pen, style: float) -> None:
    pen.polygon([(-0.18, 0.55), (0, 0.97), (0.18, 0.55)], (255, 170, 40), (226, 96, 30))
    pen.polygon([(-0.3, 0.1), (-0.62, 0.68), (-0.25, 0.55)], shade(pen.colour, 0.7))
    pen.polygon([(0.3, 0.1), (0.62, 0.68), (0.25, 0.55)], shade(pen.colour, 0.7))
    side = 0.32 + 0.05 * style
    hull = [(0, -0.95), (0.2, -0.66), (side, -0.3), (side, 0.2), (0.24, 0.58)]
    pen.polygon(hull + [(-x, y) for x, y in hull[::-1]])
    pen.ellipse(0, -0.22, 0.15, 0.15, _GLASS)


def _house(pen: _Pen, style: float) -> None:
    pen.box(0.36, -0.72, 0.54, -0.2, shade(pen.colour, 0.6))
    pen.box(-0.68, -0.08, 0.68, 0.88)
    pen.polygon([(-0.9, -0.05), (0, -0.88 + 0.1 * style), (0.9, -0.05)], shade(pen.colour, 0.65))
    pen.box(-0.18, 0.32, 0.14, 0.88, _WOOD)
    pen.box(-0.54, 0.16, -0.3, 0.42, _GLASS)
    pen.box(0.28, 0.16, 0.54, 0.42, _GLASS)


def _tree(pen: _Pen, style: float) -> None:
    pen.box(-0.13, 0.3, 0.13, 0.93, _WOOD)
    crown = [(-0.36, 0.1, 0.4), (0.36, 0.1, 0.4), (0, -0.38 - 0.06 * style, 0.48)]
    for x, y, r in crown:
        pen.ellipse(x, y, r, r)
    for x, y, r in crown:
        pen.ellipse(x, y, r - _OUTLINE, r - _OUTLINE, line=pen.colour)


def _flower(pen: _Pen, style: float) -> None:
    pen.stroke([(0, 0), (0, 0.93)], _LEAF, 0.1)
    pen.polygon([(0, 0.75), (0.42, 0.42), (0.12, 0.78)], _LEAF, shade(_LEAF, 0.7))
    for x, y in _ring(6, lambda i: 0.4, turn=0.3 * style, y=-0.28):
        pen.ellipse(x, y, 0.26, 0.26)
    pen.ellipse(0, -0.28, 0.24, 0.24, (255, 214, 70), (190, 130, 30))


def _mushroom(pen: _Pen, style: float) -> None:
    stem = 0.24 + 0.05 * style
    pen.polygon([(-stem, 0.0), (stem, 0.0), (stem + 0.08, 0.9), (-stem - 0.08, 0.9)], (246, 236, 216), (150, 130, 100))
    cap = [(0.9 * math.cos(a), 0.12 - 0.95 * math.sin(a)) for a in np.linspace(0, math.pi, 40)]
    pen.polygon(cap)
    dots = shade(pen.colour, 1.75) if sum(pen.colour) < 640 else shade(pen.colour, 0.75)
    for x, y, r in ((-0.4, -0.2, 0.14), (0.1, -0.5, 0.15), (0.48, -0.12, 0.13)):
        pen.ellipse(x, y, r, r, dots, dots)


def _mountain(pen: _Pen, style: float) -> None:
    pen.polygon([(0.1, 0.8), (0.52, -0.2), (0.96, 0.8)], shade(pen.colour, 0.78))
    peak = (-0.2 + 0.1 * style, -0.85)
    pen.polygon([(-0.96, 0.8), peak, (0.62, 0.8)])
    snow = [(peak[0] - 0.2, -0.4), peak, (peak[0] + 0.22, -0.4), (peak[0] + 0.08, -0.52), (peak[0] - 0.04, -0.36)]
    pen.polygon(snow, (255, 255, 255))


def _car(pen: _Pen, style: float) -> None:
    roof = 0.45 + 0.08 * style
    pen.polygon([(-0.6, -0.02), (-0.38, -0.5), (roof - 0.1, -0.5), (roof + 0.22, -0.02)])
    pen.polygon([(-0.42, -0.06), (-0.28, -0.38), (-0.04, -0.38), (-0.04, -0.06)], _GLASS)
    pen.polygon([(0.06, -0.06), (0.06, -0.38), (roof - 0.16, -0.38), (roof + 0.04, -0.06)], _GLASS)
    pen.polygon([(-0.93, 0.0), (0.8, 0.0), (0.95, 0.16), (0.95, 0.42), (-0.93, 0.42)])
    for x in (-0.5, 0.52):
        pen.ellipse(x, 0.42, 0.24, 0.24, (50, 50, 56), (20, 20, 24))
        pen.ellipse(x, 0.42, 0.1, 0.1, (205, 205, 210), (120, 120, 126))


def _cat(pen: _Pen, style: float) -> None:
    tail = [(0.5, 0.75), (0.85, 0.5), (0.8, 0.1 - 0.15 * style)]
    pen.stroke(tail, pen.outline, 0.2)
    pen.stroke(tail, pen.colour, 0.12)
    pen.ellipse(0.05, 0.52, 0.5, 0.42)
    for side in (-1, 1):
        pen.polygon([(-0.1 + side * 0.5, -0.25), (-0.1 + side * 0.42, -0.93), (-0.1 + side * 0.08, -0.55)])
    pen.ellipse(-0.1, -0.2, 0.54, 0.46)
    for side in (-1, 1):
        pen.ellipse(-0.1 + side * 0.22, -0.26, 0.08, 0.1, (255, 255, 255), _DARK)
        pen.ellipse(-0.1 + side * 0.22, -0.26, 0.03, 0.07, _DARK, _DARK)
    pen.polygon([(-0.17, -0.08), (-0.03, -0.08), (-0.1, 0.0)], (240, 130, 150), (170, 80, 100))


def _apple(pen: _Pen, style: float) -> None:
    for x in (-0.3, 0.3):
        pen.ellipse(x, 0.18, 0.56, 0.7)
    for x in (-0.3, 0.3):
        pen.ellipse(x, 0.18, 0.56 - _OUTLINE, 0.7 - _OUTLINE, line=pen.colour)
    pen.stroke([(0, -0.4), (0.06 + 0.05 * style, -0.9)], _WOOD, 0.1)
    pen.polygon([(0.06, -0.55), (0.3, -0.85), (0.6, -0.78), (0.36, -0.52)], _LEAF, shade(_LEAF, 0.6))


def _umbrella(pen: _Pen, style: float) -> None:
    pen.stroke([(0, -0.9), (0, 0.7), (0.06, 0.85), (0.2, 0.85), (0.26, 0.68)], _DARK, 0.08)
    top = [(0.93 * math.cos(a), 0.05 - (0.84 + 0.06 * style) * math.sin(a)) for a in np.linspace(0, math.pi, 40)]
    rim = [
        (-0.93 + 0.62 * (i + t), 0.05 - 0.14 * math.sin(math.pi * t)) for i in range(3) for t in np.linspace(0, 1, 8)
    ]
    pen.polygon(top + rim)
    for x in (-0.31, 0.31):
        pen.stroke([(0, -0.8), (x * 0.8, -0.4), (x, 0.05)])


def _cup(pen: _Pen, style: float) -> None:
    pen.ellipse(0.56, 0.1, 0.34, 0.36)
    pen.erase(0.56, 0.1, 0.18, 0.2)
    pen.ellipse(0.56, 0.1, 0.19, 0.21, (0, 0, 0, 0), pen.outline)  # type: ignore[arg-type]
    foot = 0.48 + 0.08 * style
    pen.polygon([(-0.7, -0.55), (0.6, -0.55), (foot, 0.78), (-foot - 0.08, 0.78)])
    pen.ellipse(-0.05, -0.55, 0.65, 0.16, shade(pen.colour, 0.72))


def _fish(pen: _Pen, style: float) -> None:
    pen.polygon([(-0.42, 0), (-0.95, -0.45), (-0.8, 0), (-0.95, 0.45)], shade(pen.colour, 0.8))
    pen.polygon([(-0.2, -0.3), (0.1, -0.72 - 0.1 * style), (0.35, -0.3)], shade(pen.colour, 0.8))
    pen.ellipse(0.18, 0, 0.72, 0.44 + 0.04 * style)
    pen.ellipse(0.58, -0.12, 0.11, 0.11, (255, 255, 255), _DARK)
    pen.ellipse(0.61, -0.12, 0.05, 0.05, _DARK, _DARK)
    pen.stroke([(0.22, -0.22), (0.1, 0), (0.22, 0.22)])


def _boat(pen: _Pen, style: float) -> None:
    pen.box(-0.05, -0.92, 0.03, 0.4, _WOOD, shade(_WOOD, 0.6))
    pen.polygon([(0.08, -0.85), (0.72 + 0.1 * style, 0.26), (0.08, 0.26)], (248, 248, 244), (130, 130, 130))
    pen.polygon([(-0.1, -0.6), (-0.1, 0.26), (-0.6, 0.26)], (248, 248, 244), (130, 130, 130))
    pen.polygon([(-0.95, 0.36), (0.95, 0.36), (0.62, 0.86), (-0.62, 0.86)])


_DRAWINGS: dict[str, Callable[[_Pen, float], None]] = {
    "circle": _circle, "square": _square, "triangle": _triangle, "diamond": _diamond, "heart": _heart, "star": _star,
    "sun": _sun, "moon": _moon, "cloud": _cloud, "balloon": _balloon, "bird": _bird, "rocket": _rocket,
    "house": _house, "tree": _tree, "flower": _flower, "mushroom": _mushroom, "mountain": _mountain, "car": _car,
    "cat": _cat, "apple": _apple, "umbrella": _umbrella, "cup": _cup, "fish": _fish, "boat": _boat,
}  # fmt: skip


def background(name: str, style: float, size: int) -> np.ndarray:
    """A whole background as (size, size, 3) uint8; `style` (-1 to 1) moves the horizon or the stars."""
    axis = (np.arange(size) + 0.5) / size * 2 - 1
    x, y = np.meshgrid(axis, axis)
    return np.clip(_BACKGROUNDS[name](x, y, style), 0, 255).astype(np.uint8)


Field = Callable[[np.ndarray, np.ndarray, float], np.ndarray]


def _plain(rgb: RGB) -> Field:
    return lambda x, y, style: np.broadcast_to(np.array(rgb, float), (*x.shape, 3))


def _gradient(t: np.ndarray, *colours: RGB) -> np.ndarray:
    """Colours from top (t = 0) to bottom (t = 1), evenly spaced."""
    stops = np.linspace(0, 1, len(colours))
    return np.stack([np.interp(t, stops, [c[i] for c in colours]) for i in range(3)], -1)


def _below(y: np.ndarray, horizon: np.ndarray | float, upper: np.ndarray, lower: np.ndarray) -> np.ndarray:
    """`lower` under the horizon, `upper` over it, soft over about a hundredth of the picture."""
    share = np.clip((y - horizon) / 0.02 + 0.5, 0, 1)[..., None]
    return upper * (1 - share) + lower * share


def _blue_sky(y: np.ndarray) -> np.ndarray:
    return _gradient((y + 1) / 2, (120, 186, 245), (214, 238, 255))


def _sky(x: np.ndarray, y: np.ndarray, style: float) -> np.ndarray:
    return _gradient((y + 1) / 2, (96 + int(14 * style), 170, 240), (206, 234, 255))


def _night(x: np.ndarray, y: np.ndarray, style: float) -> np.ndarray:
    picture = _gradient((y + 1) / 2, (16, 20, 58), (46, 50, 110))
    for star in range(14):
        # A low-discrepancy sequence spreads the stars; the style shifts them.
        sx = (star * 0.618 + 0.05 * style + 0.1) % 1 * 1.9 - 0.95
        sy = (star * 0.755 + 0.03 * style) % 1 * 1.9 - 0.95
        glow = np.clip(1.6 - np.hypot(x - sx, y - sy) / 0.02, 0, 1)[..., None]
        picture = picture * (1 - glow) + np.array((255, 250, 215)) * glow
    return picture


def _grass(x: np.ndarray, y: np.ndarray, style: float) -> np.ndarray:
    meadow = _gradient((y + 1) / 2, (130, 200, 96), (116, 190, 84), (84, 160, 62))
    return _below(y, 0.12 + 0.1 * style + 0.04 * np.sin(2.5 * x), _blue_sky(y), meadow)


def _sea(x: np.ndarray, y: np.ndarray, style: float) -> np.ndarray:
    water = _gradient((y + 1) / 2, (70, 160, 220), (52, 140, 210), (24, 90, 165))
    return _below(y, -0.2 + 0.1 * style + 0.025 * np.sin(11 * x), _blue_sky(y), water)


def _beach(x: np.ndarray, y: np.ndarray, style: float) -> np.ndarray:
    water = _plain((64, 150, 215))(x, y, style)
    sand = _gradient((y + 1) / 2, (246, 222, 160), (240, 212, 150), (226, 194, 128))
    shore = 0.3 + 0.08 * style + 0.04 * np.sin(3 * x)
    return _below(y, shore, _below(y, -0.05, _blue_sky(y), water), sand)


def _snow(x: np.ndarray, y: np.ndarray, style: float) -> np.ndarray:
    ground = _gradient((y + 1) / 2, (250, 252, 255), (244, 248, 255), (222, 232, 246))
    heaven = _gradient((y + 1) / 2, (160, 180, 205), (204, 216, 230))
    return _below(y, 0.15 + 0.1 * style + 0.06 * np.sin(2 * x + 1), heaven, ground)


def _sunset(x: np.ndarray, y: np.ndarray, style: float) -> np.ndarray:
    heaven = _gradient((y + 1) / 2, (92, 60, 130), (226, 100, 110), (255, 176, 92), (255, 206, 120))
    return _below(y, 0.4 + 0.08 * style + 0.03 * np.sin(3 * x), heaven, _plain((82, 58, 84))(x, y, style))


_BACKGROUNDS: dict[str, Field] = {
    "white": _plain((252, 252, 250)), "black": _plain((20, 20, 24)), "sky": _sky, "night": _night, "grass": _grass,
    "sea": _sea, "beach": _beach, "snow": _snow, "sunset": _sunset,
}  # fmt: skip
