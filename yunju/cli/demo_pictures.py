"""Pictures of the demonstration, drawn here: a moon gate in a lattice window (窗棂), and what is sold behind it."""

import io
import math
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PIL import Image, ImageDraw

SIDE = 1_200  # drawn larger than shown, so that edges come out smooth
SHOWN = 480
MIDDLE = SIDE // 2
GATE = 400
PAPER = "#f7f2e6"
Colour = str
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Palette:
    """Ground and bars of the window, the thing behind it, and its ornament."""

    ground: Colour
    bars: Colour
    thing: Colour
    ornament: Colour


PALETTES: Mapping[str, Palette] = {
    "ceramics": Palette("#dfe8ee", "#2f5d8a", "#2f5d8a", "#eef4f7"),
    "bamboo": Palette("#e8ecd7", "#5b7a3a", "#8a7a3f", "#e9dfae"),
    "prints": Palette("#f6e3d3", "#b5452f", "#b5452f", "#f2c14e"),
    "letterpress": Palette("#e6e4df", "#4a4a4a", "#3a3a3a", "#c9483b"),
    "silver": Palette("#e4e2ea", "#5a5673", "#8b8a99", "#f5f5fa"),
    "teaware": Palette("#efe2d6", "#7a4a32", "#7a4a32", "#d9b48f"),
    "textile": Palette("#dde3f0", "#26407a", "#26407a", "#dfe8ff"),
    "toys": Palette("#f3ead2", "#a3702c", "#c8923f", "#7a4f1d"),
}


def picture(category: str, seed: int) -> bytes:
    """A PNG; the same category and seed always give the same one."""
    colours, chance = PALETTES[category], random.Random(f"{category} {seed}")  # noqa: S311 - a pattern, no secret
    image = Image.new("RGB", (SIDE, SIDE), colours.ground)
    draw = ImageDraw.Draw(image)
    LATTICES[seed % len(LATTICES)](draw, colours.bars, chance)
    _ring(draw, GATE + 34, colours.bars)
    _ring(draw, GATE + 14, colours.ground)
    _ring(draw, GATE, PAPER)
    THINGS[category](draw, colours, chance)
    draw.rectangle((0, 0, SIDE - 1, SIDE - 1), outline=colours.bars, width=28)
    out = io.BytesIO()
    image.resize((SHOWN, SHOWN), Image.Resampling.BOX).save(out, "PNG", compress_level=1)
    return out.getvalue()


def _ring(draw: ImageDraw.ImageDraw, radius: int, colour: Colour) -> None:
    draw.ellipse(_box(MIDDLE, MIDDLE, radius, radius), fill=colour)


def _box(x: float, y: float, wide: float, high: float) -> tuple[float, float, float, float]:
    return x - wide, y - high, x + wide, y + high


# --- lattices -------------------------------------------------------------------------------------------------------


def _steps(draw: ImageDraw.ImageDraw, colour: Colour, chance: random.Random) -> None:
    """步步锦: frames within frames, tied by short bars."""
    gap = chance.choice((75, 100))
    for inset in range(0, MIDDLE, gap):
        draw.rectangle((inset, inset, SIDE - inset, SIDE - inset), outline=colour, width=12)
    for n, place in enumerate(range(gap, SIDE, gap)):
        first = (n % 2) * gap
        for start in range(first, SIDE, 2 * gap):
            draw.line((place, start, place, start + gap), fill=colour, width=10)


def _tortoise(draw: ImageDraw.ImageDraw, colour: Colour, chance: random.Random) -> None:
    """龟背锦: hexagons."""
    radius = chance.choice((70, 90))
    step = radius * math.sqrt(3)
    for row in range(-1, int(SIDE / (radius * 1.5)) + 2):
        for column in range(-1, int(SIDE / step) + 2):
            x, y = column * step + (row % 2) * step / 2, row * radius * 1.5
            corners = [_around(x, y, radius, 60 * n + 30) for n in range(7)]
            draw.line(corners, fill=colour, width=10)


def _around(x: float, y: float, radius: float, degrees: float) -> Point:
    turn = math.radians(degrees)
    return x + radius * math.cos(turn), y + radius * math.sin(turn)


def _ice(draw: ImageDraw.ImageDraw, colour: Colour, chance: random.Random) -> None:
    """冰裂纹: cracked ice, each piece cracked again until it is small."""
    pieces: list[list[Point]] = [[(0, 0), (SIDE, 0), (SIDE, SIDE), (0, SIDE)]]
    while pieces:
        piece = pieces.pop()
        sides = [math.dist(piece[n], piece[n - 1]) for n in range(len(piece))]
        if sum(sides) < 620:
            draw.line([*piece, piece[0]], fill=colour, width=9)
            continue
        longest = max(range(len(piece)), key=sides.__getitem__)
        other = (longest + len(piece) // 2) % len(piece)
        pieces += _cracked(piece, sorted((longest, other)), chance)


def _cracked(piece: list[Point], cuts: list[int], chance: random.Random) -> list[list[Point]]:
    """The two parts of a polygon that is cut through the sides that end at the two corners."""
    first, second = cuts
    one, two = (_between(piece[n - 1], piece[n], chance.uniform(0.36, 0.64)) for n in cuts)
    return [[one, *piece[first:second], two], [two, *piece[second:], *piece[:first], one]]


def _between(one: Point, two: Point, part: float) -> Point:
    return one[0] + (two[0] - one[0]) * part, one[1] + (two[1] - one[1]) * part


def _coins(draw: ImageDraw.ImageDraw, colour: Colour, chance: random.Random) -> None:
    """古钱: circles that overlap into petals."""
    radius = chance.choice((80, 100))
    for x in range(0, SIDE + radius, radius):
        for y in range(0, SIDE + radius, radius):
            if (x // radius + y // radius) % 2 == 0:
                draw.ellipse(_box(x, y, radius, radius), outline=colour, width=10)


def _rhombs(draw: ImageDraw.ImageDraw, colour: Colour, chance: random.Random) -> None:
    """斜方格: slanting bars with a small square where they cross."""
    gap = chance.choice((120, 150))
    for place in range(-SIDE, 2 * SIDE, gap):
        draw.line((place, 0, place + SIDE, SIDE), fill=colour, width=10)
        draw.line((place, SIDE, place + SIDE, 0), fill=colour, width=10)
    for x in range(0, SIDE + 1, gap):
        for y in range(0, SIDE + 1, gap):
            draw.rectangle(_box(x, y, 16, 16), fill=colour)


def _lanterns(draw: ImageDraw.ImageDraw, colour: Colour, chance: random.Random) -> None:
    """灯笼锦: a lantern in each field, tied to its neighbours."""
    gap = chance.choice((150, 200))
    for x in range(gap // 2, SIDE, gap):
        for y in range(gap // 2, SIDE, gap):
            draw.rounded_rectangle(
                _box(x, y, gap * 0.3, gap * 0.36), radius=gap // 6, outline=colour, width=10
            )
            draw.line((x, y - gap / 2, x, y - gap * 0.36), fill=colour, width=10)
            draw.line((x, y + gap * 0.36, x, y + gap / 2), fill=colour, width=10)
            draw.line((x - gap / 2, y, x - gap * 0.3, y), fill=colour, width=10)
            draw.line((x + gap * 0.3, y, x + gap / 2, y), fill=colour, width=10)


Lattice = Callable[[ImageDraw.ImageDraw, Colour, random.Random], None]
LATTICES: tuple[Lattice, ...] = (_ice, _tortoise, _steps, _coins, _lanterns, _rhombs)


# --- things ---------------------------------------------------------------------------------------------------------


def _vase(draw: ImageDraw.ImageDraw, colours: Palette, chance: random.Random) -> None:
    belly, neck = chance.randint(130, 190), chance.randint(45, 70)
    profile = [
        (neck + 22, -250),
        (neck, -200),
        (neck, -130),
        (belly, 20),
        (belly * 0.92, 120),
        (belly * 0.5, 250),
    ]
    right = [(MIDDLE + x, MIDDLE + y) for x, y in profile]
    draw.polygon(right + [(2 * MIDDLE - x, y) for x, y in reversed(right)], fill=colours.thing)
    for n in range(3):
        draw.arc(
            _box(MIDDLE, MIDDLE + 30 + 36 * n, belly * (0.8 - n * 0.08), 40),
            20,
            160,
            fill=colours.ornament,
            width=9,
        )


def _basket(draw: ImageDraw.ImageDraw, colours: Palette, chance: random.Random) -> None:
    top, foot = 220, chance.randint(150, 190)
    body = [(MIDDLE - top, 560), (MIDDLE + top, 560), (MIDDLE + foot, 820), (MIDDLE - foot, 820)]
    draw.arc(_box(MIDDLE, 560, top - 30, 230), 180, 360, fill=colours.thing, width=24)
    draw.polygon(body, fill=colours.thing)
    for row, y in enumerate(range(585, 815, 34)):
        for x in range(MIDDLE - foot + 10 + (row % 2) * 22, MIDDLE + foot - 30, 44):
            draw.rectangle((x, y, x + 24, y + 14), fill=colours.ornament)


def _flower(draw: ImageDraw.ImageDraw, colours: Palette, chance: random.Random) -> None:
    draw.rectangle(_box(MIDDLE, MIDDLE, 210, 260), outline=colours.thing, width=20)
    petals = chance.choice((5, 6, 8))
    for n in range(petals):
        x, y = _around(MIDDLE, MIDDLE, 100, 360 / petals * n)
        draw.ellipse(_box(x, y, 62, 62), fill=colours.thing)
    draw.ellipse(_box(MIDDLE, MIDDLE, 66, 66), fill=colours.ornament)


def _type(draw: ImageDraw.ImageDraw, colours: Palette, chance: random.Random) -> None:
    for row in range(3):
        for column in range(3):
            x, y = MIDDLE - 190 + column * 190, MIDDLE - 190 + row * 190
            is_set = chance.random() < 0.3
            draw.rounded_rectangle(
                _box(x, y, 80, 80), radius=10, fill=colours.ornament if is_set else colours.thing
            )
            for stroke in range(chance.randint(2, 4)):
                height = y - 40 + stroke * 27
                draw.line((x - 42, height, x + 42, height), fill=PAPER, width=10)
            draw.line((x, y - 48, x, y + 50), fill=PAPER, width=10)


def _bangle(draw: ImageDraw.ImageDraw, colours: Palette, chance: random.Random) -> None:
    draw.arc(_box(MIDDLE, MIDDLE, 230, 230), 110, 430, fill=colours.thing, width=58)
    beads = chance.randint(9, 14)
    for n in range(beads):
        x, y = _around(MIDDLE, MIDDLE, 202, 122 + 296 / (beads - 1) * n)
        draw.ellipse(_box(x, y, 16, 16), fill=colours.ornament)


def _teapot(draw: ImageDraw.ImageDraw, colours: Palette, chance: random.Random) -> None:
    wide, high = chance.randint(180, 215), chance.randint(130, 165)
    draw.arc(_box(MIDDLE - wide, MIDDLE + 30, 95, 100), 70, 290, fill=colours.thing, width=34)
    spout = [(wide - 40, 80), (wide + 120, -80), (wide + 150, -60), (wide - 10, 140)]
    draw.polygon([(MIDDLE + x, MIDDLE + y) for x, y in spout], fill=colours.thing)
    draw.ellipse(_box(MIDDLE, MIDDLE + 50, wide, high), fill=colours.thing)
    draw.ellipse(_box(MIDDLE, MIDDLE + 40 - high, wide * 0.55, 36), fill=colours.ornament)
    draw.ellipse(_box(MIDDLE, MIDDLE - high - 10, 34, 34), fill=colours.thing)


def _cloth(draw: ImageDraw.ImageDraw, colours: Palette, chance: random.Random) -> None:
    draw.rounded_rectangle(_box(MIDDLE, MIDDLE, 240, 220), radius=24, fill=colours.thing)
    across = chance.choice((3, 4))
    gap = 420 / across
    for row in range(across):
        for column in range(across):
            x, y = MIDDLE - 210 + gap * (column + 0.5), MIDDLE - 190 + gap * 0.9 * (row + 0.5)
            for n in range(4):
                draw.ellipse(
                    _box(*_around(x, y, gap * 0.2, 90 * n + 45), gap * 0.15, gap * 0.15),
                    fill=colours.ornament,
                )


def _blocks(draw: ImageDraw.ImageDraw, colours: Palette, chance: random.Random) -> None:
    for row, count in enumerate((3, 2, 1)):
        for n in range(count):
            x, y = MIDDLE + (n - (count - 1) / 2) * 170, MIDDLE + 170 - row * 165
            fill = chance.choice((colours.thing, colours.ornament, "#b5583a", "#5f7f6a"))
            if chance.random() < 0.3:
                draw.ellipse(_box(x, y, 76, 76), fill=fill)
            else:
                draw.rounded_rectangle(_box(x, y, 76, 76), radius=16, fill=fill)


Thing = Callable[[ImageDraw.ImageDraw, Palette, random.Random], None]
THINGS: Mapping[str, Thing] = {
    "ceramics": _vase,
    "bamboo": _basket,
    "prints": _flower,
    "letterpress": _type,
    "silver": _bangle,
    "teaware": _teapot,
    "textile": _cloth,
    "toys": _blocks,
}
