"""What every drawing of a thing is made with: a brush whose paper begins in the middle of the gate, y downwards."""

import itertools
import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PIL import ImageDraw

from yunju.cli.demo.drawing import MIDDLE, PAPER, Colour, Palette, Point, box, mixed

TEA = "#a9682f"
WOODS = ("#c8923f", "#a8683a", "#d9b26f")
CURVE = 6  # points between two of a smooth outline


@dataclass(frozen=True, slots=True)
class Brush:
    """Draws in the colours of one thing; `ornament` is the pattern that its style is known by."""

    draw: ImageDraw.ImageDraw
    colours: Palette
    chance: random.Random
    ornament: "Ornament"

    @property
    def thing(self) -> Colour:
        return self.colours.thing

    @property
    def trim(self) -> Colour:
        return self.colours.ornament

    @property
    def dark(self) -> Colour:
        return mixed(self.colours.thing, "#1f2226", 0.68)

    @property
    def light(self) -> Colour:
        return mixed(self.colours.thing, PAPER, 0.45)

    @property
    def pale(self) -> Colour:
        return mixed(self.colours.thing, PAPER, 0.16)

    # --- plain shapes -----------------------------------------------------------------------------------------------

    def oval(self, x: float, y: float, wide: float, high: float, fill: Colour) -> None:
        self.draw.ellipse(box(MIDDLE + x, MIDDLE + y, wide, high), fill=fill)

    def ring(self, x: float, y: float, size: tuple[float, float], fill: Colour, width: float = 10) -> None:
        self.draw.ellipse(box(MIDDLE + x, MIDDLE + y, *size), outline=fill, width=round(width))

    def arc(
        self, place: tuple[float, float, float, float], turn: tuple[float, float], fill: Colour, width: float
    ) -> None:
        x, y, wide, high = place
        self.draw.arc(box(MIDDLE + x, MIDDLE + y, wide, high), *turn, fill=fill, width=round(width))

    def bar(self, place: tuple[float, float, float, float], fill: Colour, round_by: float = 0) -> None:
        x, y, wide, high = place
        self.draw.rounded_rectangle(box(MIDDLE + x, MIDDLE + y, wide, high), radius=round_by, fill=fill)

    def frame(
        self, place: tuple[float, float, float, float], fill: Colour, width: float = 8, round_by: float = 0
    ) -> None:
        x, y, wide, high = place
        around = box(MIDDLE + x, MIDDLE + y, wide, high)
        self.draw.rounded_rectangle(around, radius=round_by, outline=fill, width=round(width))

    def poly(self, points: Sequence[Point], fill: Colour) -> None:
        self.draw.polygon([(MIDDLE + x, MIDDLE + y) for x, y in points], fill=fill)

    def line(self, points: Sequence[Point], fill: Colour, width: float = 10) -> None:
        """With round ends."""
        placed = [(MIDDLE + x, MIDDLE + y) for x, y in points]
        self.draw.line(placed, fill=fill, width=round(width), joint="curve")
        for x, y in (placed[0], placed[-1]):
            self.draw.ellipse(box(x, y, width / 2 - 1, width / 2 - 1), fill=fill)

    # --- curves -----------------------------------------------------------------------------------------------------

    def swung(self, points: Sequence[Point], fill: Colour, width: float = 10) -> None:
        """A line that swings through its points."""
        self.line(smooth(points), fill, width)

    def blob(self, points: Sequence[Point], fill: Colour) -> None:
        """A closed outline that swings through its points."""
        count = len(points)
        ring = [points[n % count] for n in range(-2, count + 3)]
        self.poly(smooth(ring)[2 * CURVE : -2 * CURVE], fill)

    def turned(
        self, profile: Sequence[Point], fill: Colour | None = None, *, edges: bool = False
    ) -> list[Point]:
        """As on a wheel: the right side of an outline, from top to foot, and its mirror; answers that side."""
        side = list(profile) if edges else smooth(profile)
        self.poly([*side, *((-x, y) for x, y in reversed(side))], fill or self.thing)
        return side

    def band(self, side: Sequence[Point], top: float, foot: float, fill: Colour) -> None:
        """A stripe around what was turned."""
        inner = [point for point in side if top < point[1] < foot]
        part = [(_width(side, top), top), *inner, (_width(side, foot), foot)]
        self.poly([*part, *((-x, y) for x, y in reversed(part))], fill)

    def shine(self, side: Sequence[Point], top: float, foot: float, fill: Colour | None = None) -> None:
        """Light on the left of what was turned."""
        steps = [top + (foot - top) * n / 14 for n in range(15)]
        lit = [(-0.78 * _width(side, y), y) for y in steps]
        self.swung(lit[::2], fill or self.light, 15)

    def mouth(self, y: float, wide: float, high: float, inside: Colour | None = None) -> None:
        """The opening of a vessel: its rim and what is seen within."""
        self.oval(0, y, wide, high, self.light)
        self.oval(0, y + 3, wide - 12, high - 8, inside or self.dark)

    # --- what many things have ----------------------------------------------------------------------------------------

    def shadow(self, wide: float, y: float = 250, x: float = 0) -> None:
        self.oval(x, y, wide, 20, mixed(self.colours.thing, PAPER, 0.3))

    def smoke(self, x: float, foot: float, tall: float) -> None:
        bend = self.chance.uniform(16, 30)
        turns = [(x + bend * math.sin(n / 2.6) * n / 16, foot - tall * n / 22) for n in range(23)]
        self.line(turns, self.light, 10)

    def stitches(self, points: Sequence[Point], fill: Colour | None = None, gap: float = 27) -> None:
        """A seam along straight lines."""
        for (x, y), (to_x, to_y) in itertools.pairwise(points):
            long = math.dist((x, y), (to_x, to_y))
            count = max(1, round(long / gap))
            step = ((to_x - x) / count, (to_y - y) / count)
            for n in range(count):
                begin = (x + step[0] * (n + 0.25), y + step[1] * (n + 0.25))
                self.line([begin, (begin[0] + step[0] * 0.5, begin[1] + step[1] * 0.5)], fill or self.trim, 6)

    def tassel(self, x: float, y: float, long: float = 110, fill: Colour | None = None) -> None:
        colour = fill or self.trim
        for n in range(-2, 3):
            self.line([(x + n * 3, y), (x + n * 9, y + long - abs(n) * 5)], colour, 8)
        self.oval(x, y, 15, 17, colour)

    def adorn(self, x: float, y: float, size: float, fill: Colour | None = None) -> None:
        """The pattern of the style, within a circle of this size."""
        self.ornament(self, (x, y), size, fill or self.trim)


Ornament = Callable[[Brush, Point, float, Colour], None]
"""A pattern around a point, within a radius, in a colour."""


def smooth(points: Sequence[Point]) -> list[Point]:
    """Through all the points without a corner (Catmull-Rom)."""
    padded = [points[0], *points, points[-1]]
    found: list[Point] = []
    for one, two, three, four in zip(padded, padded[1:], padded[2:], padded[3:], strict=False):
        for step in range(CURVE):
            part = step / CURVE
            x, y = (_between(part, one[n], two[n], three[n], four[n]) for n in (0, 1))
            found.append((x, y))
    return [*found, points[-1]]


def _between(part: float, one: float, two: float, three: float, four: float) -> float:
    return 0.5 * (
        2 * two
        + (three - one) * part
        + (2 * one - 5 * two + 4 * three - four) * part**2
        + (3 * two - one - 3 * three + four) * part**3
    )


def _width(side: Sequence[Point], y: float) -> float:
    """How far from the middle an outline is at a height."""
    for (x, above), (to_x, below) in itertools.pairwise(side):
        if above <= y <= below and below > above:
            return x + (to_x - x) * (y - above) / (below - above)
    return side[-1][0]
