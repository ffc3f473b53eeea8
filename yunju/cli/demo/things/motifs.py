"""Patterns that a style is known by: a flower, a cloud, a weave. Each within a circle, in one colour."""

import math

from yunju.cli.demo.drawing import PAPER, Colour, Point, around, mixed
from yunju.cli.demo.things.brush import Brush


def _petals(b: Brush, at: Point, size: float, fill: Colour, count: int) -> None:
    for n in range(count):
        x, y = around(*at, size * 0.6, 360 / count * n - 90)
        b.oval(x, y, size * (1.9 / count), size * (1.9 / count), fill)


def none(b: Brush, at: Point, size: float, fill: Colour) -> None:
    """Plain ware: nothing but a thin ring."""
    b.ring(*at, (size * 0.5, size * 0.5), fill, max(5, size * 0.09))


def blossom(b: Brush, at: Point, size: float, fill: Colour) -> None:
    _petals(b, at, size, fill, 5)
    b.oval(*at, size * 0.2, size * 0.2, fill)


def peony(b: Brush, at: Point, size: float, fill: Colour) -> None:
    _petals(b, at, size, fill, 7)
    b.oval(*at, size * 0.6, size * 0.6, fill)
    for part in (0.62, 0.36):
        b.ring(*at, (size * part, size * part), b.thing, max(4, size * 0.08))


def leaf(b: Brush, foot: Point, tip: Point, fill: Colour, wide: float = 0.24) -> None:
    """A pointed leaf from its foot to its tip."""
    (x, y), (to_x, to_y) = foot, tip
    side = (-(to_y - y) * wide, (to_x - x) * wide)
    middle = ((x + to_x) / 2, (y + to_y) / 2)
    one = (middle[0] + side[0], middle[1] + side[1])
    two = (middle[0] - side[0], middle[1] - side[1])
    b.blob([foot, one, tip, two], fill)


def lotus(b: Brush, at: Point, size: float, fill: Colour) -> None:
    foot = (at[0], at[1] + size * 0.6)
    for turn, long in ((-155, 1.05), (-25, 1.05), (-125, 1.25), (-55, 1.25), (-90, 1.4)):
        leaf(b, foot, around(*foot, size * long, turn), fill, 0.2)
    b.line(
        [(foot[0] - size * 0.5, foot[1] + 6), (foot[0] + size * 0.5, foot[1] + 6)], fill, max(5, size * 0.1)
    )


def magnolia(b: Brush, at: Point, size: float, fill: Colour) -> None:
    x, y = at
    b.swung([(x - size * 0.7, y + size), (x - size * 0.1, y + size * 0.5), (x, y)], fill, max(6, size * 0.1))
    for turn in (-118, -90, -62):
        leaf(b, (x, y + size * 0.15), around(x, y + size * 0.15, size * 1.1, turn), fill)
    leaf(b, (x - size * 0.3, y + size * 0.7), around(x - size * 0.3, y + size * 0.7, size * 0.6, 165), fill)


def bird(b: Brush, at: Point, size: float, fill: Colour) -> None:
    x, y = at
    body = [(-0.6, -0.05), (-0.35, -0.5), (0.1, -0.35), (0.55, 0.2), (0.1, 0.45), (-0.4, 0.35)]
    b.blob([(x + size * one, y + size * two) for one, two in body], fill)
    b.poly(
        [(x + size * 0.3, y + size * 0.1), (x + size, y + size * 0.3), (x + size * 0.4, y + size * 0.4)], fill
    )
    b.poly(
        [
            (x - size * 0.5, y - size * 0.3),
            (x - size * 0.85, y - size * 0.18),
            (x - size * 0.52, y - size * 0.05),
        ],
        fill,
    )
    b.line([(x - size, y + size * 0.62), (x + size, y + size * 0.5)], fill, max(5, size * 0.09))


def butterfly(b: Brush, at: Point, size: float, fill: Colour) -> None:
    x, y = at
    for side in (-1, 1):
        b.oval(x + side * size * 0.45, y - size * 0.25, size * 0.42, size * 0.4, fill)
        b.oval(x + side * size * 0.36, y + size * 0.38, size * 0.28, size * 0.32, fill)
        b.swung(
            [(x, y - size * 0.3), (x + side * size * 0.2, y - size * 0.8), (x + side * size * 0.4, y - size)],
            fill,
            5,
        )


def fish(b: Brush, at: Point, size: float, fill: Colour) -> None:
    x, y = at
    leaf(b, (x - size * 0.9, y), (x + size * 0.45, y), fill, 0.34)
    b.poly([(x + size * 0.3, y), (x + size * 0.95, y - size * 0.5), (x + size * 0.95, y + size * 0.5)], fill)
    b.oval(x - size * 0.5, y - size * 0.1, size * 0.08, size * 0.08, b.thing)


def cloud(b: Brush, at: Point, size: float, fill: Colour) -> None:
    x, y = at
    width = max(5, size * 0.14)
    for side in (-1, 1):
        b.arc(
            (x + side * size * 0.48, y - size * 0.05, size * 0.4, size * 0.4),
            (90 if side < 0 else 180, 360 if side < 0 else 450),
            fill,
            width,
        )
    b.arc((x, y - size * 0.3, size * 0.42, size * 0.45), (180, 360), fill, width)
    b.line([(x - size * 0.5, y + size * 0.34), (x + size * 0.5, y + size * 0.34)], fill, width)


def waves(b: Brush, at: Point, size: float, fill: Colour) -> None:
    for row in range(3):
        for n in range(-1, 2):
            shift = size * 0.33 * (row % 2 * 2 - 1) * 0.5
            for part in (0.34, 0.18):
                place = (
                    at[0] + n * size * 0.66 + shift,
                    at[1] - size * 0.4 + row * size * 0.45,
                    size * part,
                    size * part,
                )
                b.arc(place, (180, 360), fill, max(4, size * 0.07))


def vine(b: Brush, at: Point, size: float, fill: Colour) -> None:
    x, y = at
    turns = [(x - size + 2 * size * n / 6, y + size * 0.22 * (n % 2 * 2 - 1)) for n in range(7)]
    b.swung(turns, fill, max(5, size * 0.09))
    for n, place in enumerate(turns[1:-1]):
        up = -1 if n % 2 else 1
        leaf(b, place, (place[0] + size * 0.16, place[1] + up * size * 0.55), fill, 0.3)


def crackle(b: Brush, at: Point, size: float, fill: Colour) -> None:
    x, y = at
    for turn in range(0, 360, 60):
        bend = around(x, y, size * 0.45, turn + b.chance.uniform(-18, 18))
        b.line([at, bend, around(x, y, size, turn + b.chance.uniform(-20, 20))], fill, max(4, size * 0.06))
        b.line([bend, around(x, y, size * 0.8, turn + 34)], fill, max(4, size * 0.06))


def spiral(b: Brush, at: Point, size: float, fill: Colour) -> None:
    b.line([around(*at, size * n / 44, n * 22) for n in range(4, 42)], fill, max(5, size * 0.1))


def hexagon(b: Brush, at: Point, size: float, fill: Colour) -> None:
    for part in (0.9, 0.5):
        b.line([around(*at, size * part, 60 * n + 30) for n in range(7)], fill, max(5, size * 0.1))


def chevrons(b: Brush, at: Point, size: float, fill: Colour) -> None:
    x, y = at
    for row in (-0.6, -0.15, 0.3):
        ends = ((-0.7, 0.4), (-0.35, 0), (0, 0.4), (0.35, 0), (0.7, 0.4))
        b.line([(x + size * one, y + size * (row + two)) for one, two in ends], fill, max(5, size * 0.1))


def fortune(b: Brush, at: Point, size: float, fill: Colour) -> None:
    """方胜: two squares on their points, linked, for luck."""
    for shift in (-0.32, 0.32):
        b.line(
            [around(at[0] + shift * size, at[1], size * 0.58, 90 * n) for n in range(5)],
            fill,
            max(5, size * 0.12),
        )


def stripes(b: Brush, at: Point, size: float, fill: Colour) -> None:
    for n in (-1, 0, 1):
        y = at[1] + n * size * 0.42
        b.line([(at[0] - size * 0.75, y), (at[0] + size * 0.75, y)], fill, max(5, size * 0.12))


def rhombs(b: Brush, at: Point, size: float, fill: Colour) -> None:
    for part in (0.95, 0.55):
        b.line([around(*at, size * part, 90 * n) for n in range(5)], fill, max(5, size * 0.1))
    b.poly([around(*at, size * 0.22, 90 * n) for n in range(4)], fill)


def wheat(b: Brush, at: Point, size: float, fill: Colour) -> None:
    x, y = at
    b.line([(x, y + size), (x, y - size * 0.6)], fill, max(5, size * 0.08))
    for n in range(4):
        foot = (x, y + size * (0.5 - n * 0.36))
        for side in (-1, 1):
            leaf(b, foot, (x + side * size * 0.42, foot[1] - size * 0.42), fill, 0.26)
    leaf(b, (x, y - size * 0.5), (x, y - size), fill, 0.26)


def rooster(b: Brush, at: Point, size: float, fill: Colour) -> None:
    x, y = at
    body = [
        (-0.55, -0.55),
        (-0.3, -0.75),
        (-0.12, -0.3),
        (0.35, -0.1),
        (0.5, 0.2),
        (0.1, 0.55),
        (-0.4, 0.35),
        (-0.45, -0.2),
    ]
    b.blob([(x + size * one, y + size * two) for one, two in body], fill)
    for turn in (-75, -45, -15):
        leaf(
            b,
            (x + size * 0.3, y + size * 0.1),
            around(x + size * 0.3, y + size * 0.1, size * 0.85, turn),
            fill,
        )
    for n in range(3):
        b.oval(x - size * (0.55 - n * 0.14), y - size * 0.8, size * 0.11, size * 0.13, fill)
    b.line([(x - size * 0.05, y + size * 0.5), (x - size * 0.05, y + size * 0.95)], fill, max(4, size * 0.07))
    b.line([(x + size * 0.18, y + size * 0.5), (x + size * 0.18, y + size * 0.95)], fill, max(4, size * 0.07))


def melon(b: Brush, at: Point, size: float, fill: Colour) -> None:
    x, y = at
    b.oval(x, y + size * 0.2, size * 0.72, size * 0.62, fill)
    for wide in (0.2, 0.5):
        b.ring(x, y + size * 0.2, (size * wide, size * 0.62), b.thing, max(4, size * 0.06))
    b.swung(
        [(x, y - size * 0.4), (x + size * 0.05, y - size * 0.7), (x + size * 0.35, y - size * 0.85)],
        fill,
        max(5, size * 0.1),
    )
    leaf(b, (x, y - size * 0.5), (x - size * 0.7, y - size * 0.75), fill)


def drops(b: Brush, at: Point, size: float, fill: Colour) -> None:
    """油滴: spots of oil, close together."""
    for count, part in ((1, 0.0), (6, 0.45), (11, 0.86)):
        for n in range(count):
            spot = size * b.chance.uniform(0.08, 0.13)
            b.oval(*around(*at, size * part, 360 / count * n + 20), spot, spot, fill)


def hairs(b: Brush, at: Point, size: float, fill: Colour) -> None:
    """兔毫: fine streaks that run down."""
    for n in range(-5, 6):
        x = at[0] + n * size * 0.19
        b.line(
            [(x, at[1] - size * 0.8), (x * 0.97, at[1] + size * b.chance.uniform(0.1, 0.8))],
            fill,
            max(4, size * 0.05),
        )


def seam(b: Brush, at: Point, size: float, fill: Colour) -> None:
    """金缮: a crack that gold has closed."""
    x, y = at
    gold = mixed(fill, "#e0a030", 0.2)
    turns = [(-0.9, -0.7), (-0.4, -0.25), (-0.5, 0.1), (0.05, 0.2), (0.3, 0.7), (0.8, 0.85)]
    b.line([(x + size * one, y + size * two) for one, two in turns], gold, max(6, size * 0.12))
    b.line([(x + size * 0.05, y + size * 0.2), (x + size * 0.6, y - size * 0.3)], gold, max(5, size * 0.1))


def orchid(b: Brush, at: Point, size: float, fill: Colour) -> None:
    foot = (at[0], at[1] + size * 0.8)
    for turn, long in ((-150, 1.2), (-125, 1.6), (-98, 1.3), (-62, 1.7), (-35, 1.2)):
        tip = around(*foot, size * long, turn)
        b.swung([foot, around(*foot, size * long * 0.5, (turn - 90) / 2), tip], fill, max(5, size * 0.09))
    b.oval(at[0] - size * 0.05, at[1] - size * 0.6, size * 0.16, size * 0.16, fill)


def snow(b: Brush, at: Point, size: float, fill: Colour) -> None:
    for turn in range(-90, 270, 60):
        b.line([at, around(*at, size * 0.9, turn)], fill, max(5, size * 0.08))
        joint = around(*at, size * 0.55, turn)
        for side in (-50, 50):
            b.line([joint, around(*joint, size * 0.32, turn + side)], fill, max(4, size * 0.07))


def osmanthus(b: Brush, at: Point, size: float, fill: Colour) -> None:
    for x, y in ((-0.45, -0.35), (0.4, -0.45), (0.05, 0.15), (-0.5, 0.55), (0.55, 0.5)):
        place = (at[0] + x * size, at[1] + y * size)
        _petals(b, place, size * 0.3, fill, 4)


def hills(b: Brush, at: Point, size: float, fill: Colour) -> None:
    x, y = at
    for shift, tall in ((-0.45, 0.7), (0.15, 1.2), (0.6, 0.55)):
        top = (x + shift * size, y + size * (0.55 - tall))
        b.poly([(top[0] - size * 0.48, y + size * 0.55), top, (top[0] + size * 0.48, y + size * 0.55)], fill)
    b.oval(x - size * 0.6, y - size * 0.55, size * 0.16, size * 0.16, fill)


def branch(b: Brush, at: Point, size: float, fill: Colour) -> None:
    """A twig with needles to both sides: cypress, bamboo."""
    x, y = at
    b.swung(
        [(x - size * 0.3, y + size), (x, y + size * 0.2), (x + size * 0.1, y - size)],
        fill,
        max(5, size * 0.08),
    )
    for n in range(4):
        foot = (x + size * 0.02 * n, y + size * (0.55 - n * 0.4))
        for side in (-1, 1):
            leaf(b, foot, (foot[0] + side * size * 0.55, foot[1] - size * 0.3), fill, 0.18)


def window(b: Brush, at: Point, size: float, fill: Colour) -> None:
    """花窗: a ring with a lattice."""
    b.ring(*at, (size * 0.95, size * 0.95), fill, max(6, size * 0.12))
    b.line([around(*at, size * 0.55, 90 * n) for n in range(5)], fill, max(5, size * 0.09))
    for n in range(4):
        b.line([around(*at, size * 0.55, 90 * n), around(*at, size * 0.9, 90 * n)], fill, max(5, size * 0.09))


def glyph(b: Brush, at: Point, size: float, fill: Colour) -> None:
    """A sign in type: four strokes and a stem."""
    x, y = at
    b.line([(x, y - size * 0.85), (x, y + size * 0.85)], fill, max(6, size * 0.15))
    for row, wide in ((-0.5, 0.5), (0.0, 0.75), (0.5, 0.95)):
        b.line(
            [(x - size * wide, y + size * row), (x + size * wide, y + size * row)], fill, max(6, size * 0.13)
        )


def seal(b: Brush, at: Point, size: float, fill: Colour) -> None:
    x, y = at
    b.bar((x, y, size * 0.75, size * 0.75), mixed(fill, "#b5352a", 0.08), size * 0.12)
    glyph(b, at, size * 0.48, PAPER)


def border(b: Brush, at: Point, size: float, fill: Colour) -> None:
    x, y = at
    b.frame((x, y, size * 0.85, size * 0.85), fill, max(5, size * 0.1))
    for n in range(4):
        b.oval(*around(x, y, size * 0.75, 90 * n + 45), size * 0.14, size * 0.14, fill)
    _petals(b, at, size * 0.42, fill, 4)


def crane(b: Brush, at: Point, size: float, fill: Colour) -> None:
    x, y = at
    b.swung(
        [
            (x - size, y - size * 0.35),
            (x - size * 0.5, y - size * 0.3),
            (x, y),
            (x + size * 0.6, y + size * 0.4),
        ],
        fill,
        max(6, size * 0.13),
    )
    leaf(b, (x, y + size * 0.05), (x + size * 0.25, y - size * 0.9), fill, 0.22)
    leaf(b, (x, y + size * 0.05), (x - size * 0.35, y + size * 0.85), fill, 0.22)
    b.line([(x + size * 0.5, y + size * 0.35), (x + size, y + size * 0.5)], fill, max(4, size * 0.06))


def sun(b: Brush, at: Point, size: float, fill: Colour) -> None:
    b.oval(*at, size * 0.42, size * 0.42, fill)
    for turn in range(0, 360, 30):
        b.line([around(*at, size * 0.6, turn), around(*at, size * 0.92, turn)], fill, max(5, size * 0.09))


def braid(b: Brush, at: Point, size: float, fill: Colour) -> None:
    for row in range(-1, 2):
        for column in range(-1, 2):
            x, y = at[0] + column * size * 0.55, at[1] + row * size * 0.55
            across = (size * 0.24, size * 0.09) if (row + column) % 2 else (size * 0.09, size * 0.24)
            b.bar((x, y, *across), fill, size * 0.06)


def roof(b: Brush, at: Point, size: float, fill: Colour) -> None:
    x, y = at
    for row, wide in ((-0.35, 0.6), (0.15, 0.9)):
        top = y + size * row
        b.blob(
            [
                (x - size * wide, top + size * 0.05),
                (x, top - size * 0.38),
                (x + size * wide, top + size * 0.05),
                (x, top + size * 0.1),
            ],
            fill,
        )
    for n in (-0.5, 0, 0.5):
        b.line([(x + size * n, y + size * 0.2), (x + size * n, y + size * 0.8)], fill, max(5, size * 0.1))


def ripples(b: Brush, at: Point, size: float, fill: Colour) -> None:
    for row in (-0.45, 0, 0.45):
        turns = [
            (at[0] + size * (n / 4 - 1), at[1] + size * (row + 0.1 * math.sin(n * 1.6))) for n in range(9)
        ]
        b.swung(turns, fill, max(5, size * 0.09))
