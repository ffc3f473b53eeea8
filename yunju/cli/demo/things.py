"""What the pictures of the demonstration show: one drawing for each trade."""

import math
import random
from collections.abc import Callable, Mapping

from PIL import ImageDraw

from yunju.cli.demo.drawing import MIDDLE, PAPER, Palette, around, box


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
            box(MIDDLE, MIDDLE + 30 + 36 * n, belly * (0.8 - n * 0.08), 40),
            20,
            160,
            fill=colours.ornament,
            width=9,
        )


def _basket(draw: ImageDraw.ImageDraw, colours: Palette, chance: random.Random) -> None:
    top, foot = 220, chance.randint(150, 190)
    body = [(MIDDLE - top, 560), (MIDDLE + top, 560), (MIDDLE + foot, 820), (MIDDLE - foot, 820)]
    draw.arc(box(MIDDLE, 560, top - 30, 230), 180, 360, fill=colours.thing, width=24)
    draw.polygon(body, fill=colours.thing)
    for row, y in enumerate(range(585, 815, 34)):
        for x in range(MIDDLE - foot + 10 + (row % 2) * 22, MIDDLE + foot - 30, 44):
            draw.rectangle((x, y, x + 24, y + 14), fill=colours.ornament)


def _flower(draw: ImageDraw.ImageDraw, colours: Palette, chance: random.Random) -> None:
    draw.rectangle(box(MIDDLE, MIDDLE, 210, 260), outline=colours.thing, width=20)
    petals = chance.choice((5, 6, 8))
    for n in range(petals):
        x, y = around(MIDDLE, MIDDLE, 100, 360 / petals * n)
        draw.ellipse(box(x, y, 62, 62), fill=colours.thing)
    draw.ellipse(box(MIDDLE, MIDDLE, 66, 66), fill=colours.ornament)


def _type(draw: ImageDraw.ImageDraw, colours: Palette, chance: random.Random) -> None:
    for row in range(3):
        for column in range(3):
            x, y = MIDDLE - 190 + column * 190, MIDDLE - 190 + row * 190
            is_set = chance.random() < 0.3
            draw.rounded_rectangle(
                box(x, y, 80, 80), radius=10, fill=colours.ornament if is_set else colours.thing
            )
            for stroke in range(chance.randint(2, 4)):
                height = y - 40 + stroke * 27
                draw.line((x - 42, height, x + 42, height), fill=PAPER, width=10)
            draw.line((x, y - 48, x, y + 50), fill=PAPER, width=10)


def _bangle(draw: ImageDraw.ImageDraw, colours: Palette, chance: random.Random) -> None:
    draw.arc(box(MIDDLE, MIDDLE, 230, 230), 110, 430, fill=colours.thing, width=58)
    beads = chance.randint(9, 14)
    for n in range(beads):
        x, y = around(MIDDLE, MIDDLE, 202, 122 + 296 / (beads - 1) * n)
        draw.ellipse(box(x, y, 16, 16), fill=colours.ornament)


def _teapot(draw: ImageDraw.ImageDraw, colours: Palette, chance: random.Random) -> None:
    wide, high = chance.randint(180, 215), chance.randint(130, 165)
    draw.arc(box(MIDDLE - wide, MIDDLE + 30, 95, 100), 70, 290, fill=colours.thing, width=34)
    spout = [(wide - 40, 80), (wide + 120, -80), (wide + 150, -60), (wide - 10, 140)]
    draw.polygon([(MIDDLE + x, MIDDLE + y) for x, y in spout], fill=colours.thing)
    draw.ellipse(box(MIDDLE, MIDDLE + 50, wide, high), fill=colours.thing)
    draw.ellipse(box(MIDDLE, MIDDLE + 40 - high, wide * 0.55, 36), fill=colours.ornament)
    draw.ellipse(box(MIDDLE, MIDDLE - high - 10, 34, 34), fill=colours.thing)


def _cloth(draw: ImageDraw.ImageDraw, colours: Palette, chance: random.Random) -> None:
    draw.rounded_rectangle(box(MIDDLE, MIDDLE, 240, 220), radius=24, fill=colours.thing)
    across = chance.choice((3, 4))
    gap = 420 / across
    for row in range(across):
        for column in range(across):
            x, y = MIDDLE - 210 + gap * (column + 0.5), MIDDLE - 190 + gap * 0.9 * (row + 0.5)
            for n in range(4):
                draw.ellipse(
                    box(*around(x, y, gap * 0.2, 90 * n + 45), gap * 0.15, gap * 0.15),
                    fill=colours.ornament,
                )


def _blocks(draw: ImageDraw.ImageDraw, colours: Palette, chance: random.Random) -> None:
    for row, count in enumerate((3, 2, 1)):
        for n in range(count):
            x, y = MIDDLE + (n - (count - 1) / 2) * 170, MIDDLE + 170 - row * 165
            fill = chance.choice((colours.thing, colours.ornament, "#b5583a", "#5f7f6a"))
            if chance.random() < 0.3:
                draw.ellipse(box(x, y, 76, 76), fill=fill)
            else:
                draw.rounded_rectangle(box(x, y, 76, 76), radius=16, fill=fill)


def _chest(draw: ImageDraw.ImageDraw, colours: Palette, chance: random.Random) -> None:
    wide = chance.randint(200, 240)
    for top, high in ((470, 110), (600, 220)):
        draw.rounded_rectangle((MIDDLE - wide, top, MIDDLE + wide, top + high), radius=28, fill=colours.thing)
        inset = (MIDDLE - wide + 24, top + 22, MIDDLE + wide - 24, top + high - 22)
        draw.rounded_rectangle(inset, radius=16, outline=colours.ornament, width=8)
    petals = chance.choice((5, 6, 8))
    for n in range(petals):
        x, y = around(MIDDLE, 710, 44, 360 / petals * n)
        draw.ellipse(box(x, y, 24, 24), fill=colours.ornament)
    draw.ellipse(box(MIDDLE, 592, 22, 22), fill=colours.ornament)


def _lantern(draw: ImageDraw.ImageDraw, colours: Palette, chance: random.Random) -> None:
    wide, high = chance.randint(170, 220), chance.randint(190, 220)
    draw.line((MIDDLE, 270, MIDDLE, 400), fill=colours.thing, width=12)
    draw.ellipse(box(MIDDLE, MIDDLE, wide, high), fill=colours.thing)
    for part in (0.66, 0.33):
        draw.ellipse(box(MIDDLE, MIDDLE, wide * part, high), outline=colours.ornament, width=9)
    for y in (MIDDLE - high, MIDDLE + high):
        draw.rounded_rectangle(box(MIDDLE, y, 74, 22), radius=8, fill=colours.ornament)
    for n in range(-3, 4):
        foot = MIDDLE + high + 110 + 16 * (n % 2)
        draw.line((MIDDLE + 16 * n, MIDDLE + high + 20, MIDDLE + 16 * n, foot), fill=colours.thing, width=7)


def _burner(draw: ImageDraw.ImageDraw, colours: Palette, chance: random.Random) -> None:
    for leg in (-120, 0, 120):
        draw.polygon(
            [
                (MIDDLE + leg - 26, 740),
                (MIDDLE + leg + 26, 740),
                (MIDDLE + leg + 8, 850),
                (MIDDLE + leg - 8, 850),
            ],
            fill=colours.thing,
        )
    draw.chord(box(MIDDLE, 640, 210, 150), 0, 180, fill=colours.thing)
    draw.rounded_rectangle(box(MIDDLE, 632, 226, 26), radius=20, fill=colours.ornament)
    for side in (-1, 1):
        draw.arc(box(MIDDLE + side * 220, 600, 40, 70), 0, 360, fill=colours.thing, width=18)
    bend = chance.randint(40, 70)
    for n in range(2):
        smoke = [
            (MIDDLE - 30 + 60 * n + bend * math.sin(step / 3 + n * 2) * step / 22, 600 - 13 * step)
            for step in range(22)
        ]
        draw.line(smoke, fill=colours.ornament, width=11, joint="curve")


def _satchel(draw: ImageDraw.ImageDraw, colours: Palette, chance: random.Random) -> None:
    draw.arc(box(MIDDLE, 480, 130, 150), 180, 360, fill=colours.thing, width=26)
    draw.rounded_rectangle((MIDDLE - 230, 470, MIDDLE + 230, 810), radius=44, fill=colours.thing)
    draw.rounded_rectangle((MIDDLE - 230, 470, MIDDLE + 230, 650), radius=44, fill=colours.ornament)
    for x in range(MIDDLE - 200, MIDDLE + 201, 28):
        draw.line((x, 632, x + 12, 632), fill=colours.thing, width=6)
        draw.line((x, 790, x + 12, 790), fill=colours.ornament, width=6)
    for side in (-1, 1)[: chance.choice((1, 2))]:
        draw.rounded_rectangle(box(MIDDLE + side * 110, 660, 22, 46), radius=10, fill=colours.thing)
        draw.ellipse(box(MIDDLE + side * 110, 676, 9, 9), fill=colours.ornament)


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
    "lacquer": _chest,
    "paper": _lantern,
    "incense": _burner,
    "leather": _satchel,
}
