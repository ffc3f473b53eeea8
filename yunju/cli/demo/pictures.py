"""Pictures of the demonstration, drawn here: a moon gate in a lattice window (窗棂), and what is sold behind it."""

import io
import math
import random
from collections.abc import Callable, Mapping

from PIL import Image, ImageDraw

from yunju.cli.demo.drawing import (
    GATE,
    MIDDLE,
    PAPER,
    SHOWN,
    SIDE,
    Colour,
    Palette,
    Point,
    around,
    box,
    mixed,
)
from yunju.cli.demo.things import Brush, drawn_as

SCENES_FROM = 1_000
"""Seeds of the crowd; the small demonstration keeps its pictures."""


PALETTES: Mapping[str, Palette] = {
    "ceramics": Palette("#dfe8ee", "#2f5d8a", "#2f5d8a", "#eef4f7"),
    "bamboo": Palette("#e8ecd7", "#5b7a3a", "#8a7a3f", "#e9dfae"),
    "prints": Palette("#f6e3d3", "#b5452f", "#b5452f", "#f2c14e"),
    "letterpress": Palette("#e6e4df", "#4a4a4a", "#3a3a3a", "#c9483b"),
    "silver": Palette("#e4e2ea", "#5a5673", "#8b8a99", "#f5f5fa"),
    "teaware": Palette("#efe2d6", "#7a4a32", "#7a4a32", "#d9b48f"),
    "textile": Palette("#dde3f0", "#26407a", "#26407a", "#dfe8ff"),
    "toys": Palette("#f3ead2", "#a3702c", "#c8923f", "#7a4f1d"),
    "lacquer": Palette("#f0dcd2", "#7c1f1a", "#7c1f1a", "#d8a441"),
    "paper": Palette("#f7ead0", "#c2572b", "#d9703a", "#fbe3b0"),
    "incense": Palette("#e3e6df", "#56635a", "#6b5a45", "#b9a98a"),
    "leather": Palette("#ecdfcd", "#6b4423", "#8a5a2e", "#d9bd93"),
}
INKS = ("#2f4f7f", "#4f7350", "#8a5a3a", "#4a4e69", "#8c3b3b", "#7d713a", "#7a5672", "#2f6f7a")
"""靛, 竹青, 赭, 黛, 绛, 秋香, 藕荷, 石青: in which the further styles of a trade are drawn."""

GLAZES: Mapping[str, tuple[tuple[Colour, Colour], ...]] = {
    "ceramics": (
        ("#ccd6d8", "#8ba0a8"),
        ("#6f9a76", "#dbe8d3"),
        ("#7aa7b5", "#e3f0f0"),
        ("#97a58c", "#5f6b57"),
        ("#93ad78", "#eef3dc"),
        ("#b4c6d2", "#6f8798"),
        ("#3c6690", "#e8f0f4"),
        ("#9b7f9c", "#fbf1f6"),
        ("#9c3f45", "#e9b9a6"),
    ),
    "bamboo": (
        ("#b08a45", "#f3e2b4"),
        ("#8a7a3f", "#ece0ae"),
        ("#5b7a3a", "#dfe6b8"),
        ("#a8553a", "#f3d5a6"),
        ("#6b4a30", "#d8b88c"),
        ("#7d8f45", "#3f4a2a"),
    ),
    "silver": (
        ("#8b8a99", "#f5f5fa"),
        ("#7488a0", "#eef3f8"),
        ("#a09a8e", "#f8f4ea"),
        ("#9a858c", "#f8eff2"),
        ("#7d938e", "#eef5f2"),
        ("#8a80a3", "#f3f0fa"),
    ),
    "teaware": (
        ("#4a3a3a", "#c79a5a"),
        ("#2f3a4a", "#b9c4cf"),
        ("#a8523a", "#eac3a4"),
        ("#9a7a5c", "#ead9bf"),
        ("#5f7f84", "#e3efee"),
        ("#7d8a6a", "#f1f0dc"),
    ),
    "toys": (
        ("#c8923f", "#7a4f1d"),
        ("#a85f42", "#f1d0a8"),
        ("#b9864a", "#5a3a22"),
        ("#b5583a", "#f3d8a0"),
        ("#3f7a8a", "#e2efe6"),
        ("#7a5a3a", "#e3c48c"),
    ),
    "lacquer": (
        ("#2f2a2c", "#d8a441"),
        ("#a03028", "#e7a48a"),
        ("#2f4a52", "#bfe0d6"),
        ("#7d4a22", "#e5b35a"),
        ("#3a3338", "#9c8f8a"),
        ("#4f5f3a", "#c9b25a"),
    ),
    "leather": (
        ("#c4935c", "#f4e2c4"),
        ("#8f5a35", "#e9c99c"),
        ("#7a4a34", "#dfb489"),
        ("#8a4f26", "#f0cf9c"),
        ("#3f5f4c", "#d9c48c"),
        ("#5f5348", "#d9a35f"),
    ),
}
"""Of trades whose styles are told by their colour: that of each style, and of its ornament."""


def picture(category: str, seed: int, piece: str, style: int | None = None) -> bytes:
    """A PNG; the same arguments always give the same one.

    What is sold is told by `piece` and `style`, from whichever window it is seen; `seed` chooses the window. A piece that
    comes in no style of its trade is one that `things` knows by its title.
    """
    chance = random.Random(f"{category} {seed}")  # noqa: S311 - a pattern, no secret
    colours = _inked(category, style)
    image = Image.new("RGB", (SIDE, SIDE), colours.ground)
    draw = ImageDraw.Draw(image)
    LATTICES[seed % len(LATTICES)](draw, colours.bars, chance)
    _ring(draw, GATE + 34, colours.bars)
    _ring(draw, GATE + 14, colours.ground)
    _ring(draw, GATE, PAPER)
    if seed >= SCENES_FROM and seed % 3:
        _scene(image, colours, chance)
    shape, ornament = drawn_as(category, piece, style)
    form = random.Random(f"{category} {piece} {style}")  # noqa: S311 - a pattern, no secret
    shape(Brush(draw, colours, form, ornament))
    draw.rectangle((0, 0, SIDE - 1, SIDE - 1), outline=colours.bars, width=28)
    out = io.BytesIO()
    image.resize((SHOWN, SHOWN), Image.Resampling.BOX).save(out, "PNG", compress_level=4)
    return out.getvalue()


def _inked(category: str, style: int | None) -> Palette:
    """The trade's own palette; for one of its styles the colour of its glaze, or else one ink and its tints."""
    own = PALETTES[category]
    if style is None:
        return own
    glazes = GLAZES.get(category)
    if glazes is not None:
        glaze, trim = glazes[style]
        return Palette(mixed(glaze, PAPER, 0.2), mixed(glaze, "#2a323a", 0.68), glaze, trim)
    if not style:
        return own
    ink = INKS[(style + list(PALETTES).index(category)) % len(INKS)]
    return Palette(mixed(ink, PAPER, 0.16), mixed(ink, PAPER, 0.86), ink, mixed(own.ornament, PAPER, 0.8))


def _scene(image: Image.Image, colours: Palette, chance: random.Random) -> None:
    """Behind the thing, inside the gate: a moon and two or three ridges of hills in thinner and thinner ink."""
    scene = Image.new("RGB", (SIDE, SIDE), PAPER)
    draw = ImageDraw.Draw(scene)
    moon = chance.choice((-1, 1)) * chance.randint(120, 230)
    draw.ellipse(box(MIDDLE + moon, 430, 74, 74), fill=mixed(colours.ornament, PAPER, 0.45))
    for ridge, part in enumerate((0.14, 0.22, 0.32)[: chance.choice((2, 3))]):
        draw.polygon(_ridge(640 + 90 * ridge, chance), fill=mixed(colours.thing, PAPER, part))
    mask = Image.new("L", (SIDE, SIDE), 0)
    ImageDraw.Draw(mask).ellipse(box(MIDDLE, MIDDLE, GATE, GATE), fill=255)
    image.paste(scene, (0, 0), mask)


def _ridge(height: int, chance: random.Random) -> list[Point]:
    """A skyline made of three waves, closed along the bottom."""
    waves = [(chance.uniform(20, 70), chance.uniform(0.004, 0.016), chance.uniform(0, 6)) for _ in range(3)]
    line: list[Point] = [
        (x, height - sum(tall * math.sin(x * often + begin) for tall, often, begin in waves))
        for x in range(0, SIDE + 1, 12)
    ]
    return [*line, (SIDE, SIDE), (0, SIDE)]


def _ring(draw: ImageDraw.ImageDraw, radius: int, colour: Colour) -> None:
    draw.ellipse(box(MIDDLE, MIDDLE, radius, radius), fill=colour)


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
            corners = [around(x, y, radius, 60 * n + 30) for n in range(7)]
            draw.line(corners, fill=colour, width=10)


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
                draw.ellipse(box(x, y, radius, radius), outline=colour, width=10)


def _rhombs(draw: ImageDraw.ImageDraw, colour: Colour, chance: random.Random) -> None:
    """斜方格: slanting bars with a small square where they cross."""
    gap = chance.choice((120, 150))
    for place in range(-SIDE, 2 * SIDE, gap):
        draw.line((place, 0, place + SIDE, SIDE), fill=colour, width=10)
        draw.line((place, SIDE, place + SIDE, 0), fill=colour, width=10)
    for x in range(0, SIDE + 1, gap):
        for y in range(0, SIDE + 1, gap):
            draw.rectangle(box(x, y, 16, 16), fill=colour)


def _lanterns(draw: ImageDraw.ImageDraw, colour: Colour, chance: random.Random) -> None:
    """灯笼锦: a lantern in each field, tied to its neighbours."""
    gap = chance.choice((150, 200))
    for x in range(gap // 2, SIDE, gap):
        for y in range(gap // 2, SIDE, gap):
            draw.rounded_rectangle(
                box(x, y, gap * 0.3, gap * 0.36), radius=gap // 6, outline=colour, width=10
            )
            draw.line((x, y - gap / 2, x, y - gap * 0.36), fill=colour, width=10)
            draw.line((x, y + gap * 0.36, x, y + gap / 2), fill=colour, width=10)
            draw.line((x - gap / 2, y, x - gap * 0.3, y), fill=colour, width=10)
            draw.line((x + gap * 0.3, y, x + gap / 2, y), fill=colour, width=10)


Lattice = Callable[[ImageDraw.ImageDraw, Colour, random.Random], None]
LATTICES: tuple[Lattice, ...] = (_ice, _tortoise, _steps, _coins, _lanterns, _rhombs)
