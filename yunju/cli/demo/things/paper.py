"""Of paper and ribs: lanterns, fans, umbrellas."""

import math

from yunju.cli.demo.drawing import PAPER, around
from yunju.cli.demo.things.brush import Brush
from yunju.cli.demo.things.motifs import blossom, leaf

GLOW = "#f6d98c"


def paper_lamp(b: Brush) -> None:
    """A lamp for the table: paper in a frame of wood, lit."""
    wide = b.chance.randint(136, 156)
    b.shadow(180, 272)
    for side in (-1, 1):
        b.line([(side * (wide + 14), -220), (side * (wide + 14), 256)], b.dark, 20)
    b.bar((0, 10, wide, 196), GLOW, 20)
    b.oval(0, 30, wide * 0.66, 130, "#fdf0c4")
    for y in (-186, -60, 70, 206):
        b.bar((0, y, wide + 14, 7), b.thing)
    b.adorn(0, 4, 92, b.thing)
    b.bar((0, -226, wide + 40, 16), b.dark, 8)
    b.bar((0, 250, wide + 52, 20), b.dark, 10)


def folding_fan(b: Brush) -> None:
    """折扇: open, leaf of paper on ribs."""
    foot = 210
    for turn in range(-164, -15, 12):
        b.line([(0, foot), around(0, foot, 400, turn)], b.dark, 10)
    ring = [around(0, foot, 420, turn) for turn in range(-166, -13, 2)]
    inner = [around(0, foot, 190, turn) for turn in range(-14, -167, -2)]
    b.poly([*ring, *inner], b.thing)
    for n, turn in enumerate(range(-166, -14, 12)):
        if n % 2:
            sector = [
                around(0, foot, 420, turn),
                around(0, foot, 420, turn + 12),
                around(0, foot, 190, turn + 12),
                around(0, foot, 190, turn),
            ]
            b.poly(sector, b.light)
    b.line(ring, b.dark, 9)
    b.adorn(*around(0, foot, 306, -90), 84, PAPER)
    for turn in (-140, -40):
        b.adorn(*around(0, foot, 306, turn), 50, PAPER)
    for turn in (-166, -14):
        b.line([(0, foot), around(0, foot, 422, turn)], b.dark, 24)
    b.oval(0, foot, 24, 24, b.trim)
    b.tassel(0, foot + 26, 80)


def umbrella(b: Brush) -> None:
    """油纸伞: open, its ribs seen through the paper."""
    b.line([(0, -200), (0, 280)], "#7a5230", 19)
    b.arc((24, 276, 24, 30), (0, 180), "#7a5230", 15)
    rim = [
        (310 * math.cos(math.radians(turn)), 40 - 260 * math.sin(math.radians(turn)))
        for turn in range(0, 181, 4)
    ]
    edge = [(-310 + 620 * n / 32, 40 + 22 * abs(math.sin(math.pi * n / 4))) for n in range(33)]
    b.poly([*rim, *edge], b.thing)
    for n in range(-3, 4):
        b.swung([(0, -218), (n * 62, -120), (n * 78, 52)], b.light, 6)
    for part, y in ((0.62, -84), (0.9, 6)):
        b.swung(
            [(-310 * part, y + 24), (-150 * part, y + 4), (0, y), (150 * part, y + 4), (310 * part, y + 24)],
            b.light,
            6,
        )
    b.adorn(0, -40, 66)
    for x in (-170, 170):
        b.adorn(x, -20, 44)
    b.poly([(-36, -206), (36, -206), (16, -262), (-16, -262)], b.dark)


def pop_up_card(b: Brush) -> None:
    """立体卡: opened, a house and trees stand up from its fold."""
    b.shadow(290, 270)
    b.poly([(-252, -240), (252, -240), (252, 120), (-252, 120)], b.dark)
    b.poly([(-238, -226), (238, -226), (238, 120), (-238, 120)], b.pale)
    b.oval(150, -150, 46, 46, b.trim)
    b.poly([(-252, 120), (252, 120), (316, 262), (-316, 262)], b.dark)
    b.poly([(-238, 120), (238, 120), (296, 250), (-296, 250)], b.light)
    b.adorn(0, 206, 34, b.dark)
    for x, tall in ((-170, 190), (180, 160), (-110, 120)):
        b.line([(x, 160), (x, 160 - tall * 0.5)], "#7a5230", 15)
        b.oval(x, 160 - tall * 0.85, 48, 70, "#6f8f63")
    b.bar((20, 90, 94, 76), PAPER)
    b.frame((20, 90, 94, 76), b.dark, 7)
    b.bar((20, 120, 26, 46), b.dark)
    for y, wide in ((20, 156), (-76, 108)):
        eaves = [
            (-wide, y + 8),
            (-wide * 0.5, y - 40),
            (0, y - 66),
            (wide * 0.5, y - 40),
            (wide, y + 8),
            (0, y + 14),
        ]
        b.blob([(20 + x, at) for x, at in eaves], b.thing)
    b.bar((20, -30, 66, 36), PAPER)
    b.adorn(20, -30, 25, b.thing)


def rabbit_lantern(b: Brush) -> None:
    """兔子灯: on wheels, with a light within."""
    b.shadow(210, 276)
    b.blob(
        [(-230, 90), (-200, -50), (-60, -110), (90, -60), (150, 60), (120, 180), (-60, 220), (-200, 190)],
        b.thing,
    )
    b.oval(-40, 70, 100, 92, GLOW)
    b.adorn(-40, 70, 66, b.thing)
    b.oval(150, -50, 92, 86, b.thing)
    for x, lean in ((110, -40), (170, 20)):
        leaf(b, (x, -110), (x + lean, -310), b.thing, 0.2)
        leaf(b, (x + lean * 0.1, -140), (x + lean * 0.9, -280), "#e9a79a", 0.14)
    b.oval(180, -62, 16, 16, PAPER)
    b.oval(183, -62, 9, 9, "#b5352a")
    b.oval(-240, 70, 38, 38, b.light)
    for x in (-140, 80):
        b.oval(x, 226, 54, 54, b.dark)
        b.oval(x, 226, 26, 26, b.trim)
    for n in range(4):
        b.arc((-40, 60, 186 - n * 4, 160), (200 + n * 20, 210 + n * 20), b.light, 9)
    b.swung([(130, 170), (230, 150), (320, 230)], "#b5483e", 8)


def fish_lantern(b: Brush) -> None:
    """鱼灯: a carp of paper scales, hung from a stick."""
    b.line([(-300, -270), (300, -250)], "#7a5230", 17)
    for x in (-90, 110):
        b.line([(x, -262), (x, -120)], b.dark, 6)
    b.poly([(180, 20), (310, -120), (280, 20), (310, 170)], b.trim)
    b.blob(
        [(-280, 20), (-200, -100), (-20, -140), (140, -70), (220, 20), (140, 110), (-20, 170), (-200, 130)],
        b.thing,
    )
    for column in range(5):
        for row in range(-1, 2):
            x, y = -40 + column * 50, 18 + row * 66 + (33 if column % 2 else 0)
            if abs(y - 18) < 100 - column * 16:
                b.arc((x, y, 32, 36), (270, 450), GLOW, 9)
    b.blob([(-280, 20), (-200, -100), (-110, -124), (-90, 20), (-110, 150), (-200, 130)], b.light)
    b.oval(-190, -10, 37, 37, PAPER)
    b.oval(-190, -10, 19, 19, "#2f2a28")
    b.poly([(-40, -136), (70, -210), (110, -86)], b.trim)
    b.poly([(-30, 166), (60, 240), (70, 140)], b.trim)
    b.tassel(-20, 190, 80)


def lantern(b: Brush) -> None:
    """宫灯: round, with ribs and a tassel."""
    wide, high = b.chance.randint(206, 232), b.chance.randint(176, 190)
    b.line([(0, -330), (0, -190)], b.dark, 10)
    b.oval(0, 0, wide, high, b.thing)
    for part in (0.8, 0.5):
        b.ring(0, 0, (wide * part, high), b.light, 6)
    b.oval(0, 0, wide * 0.42, high * 0.66, GLOW)
    b.adorn(0, 0, 66, b.thing)
    for y in (-high, high):
        b.bar((0, y, 84, 22), b.trim, 8)
    for n in range(-3, 4):
        b.line([(18 * n, high + 22), (18 * n, high + 110 + 14 * (n % 2))], b.thing, 8)


def lantern_kit(b: Brush) -> None:
    """材料包: a box with a lantern on its lid, sticks, paper and a brush."""
    for x, colour in ((-190, "#c9a36a"), (-160, "#b98a4c"), (-130, "#c9a36a")):
        b.line([(x, 60), (x - 20, -280)], colour, 13)
    b.poly([(120, 40), (90, -210), (250, -230), (270, 30)], b.trim)
    b.poly([(60, 40), (40, -170), (190, -180), (204, 30)], "#f3d3b4")
    b.line([(-50, 40), (-20, -250)], "#7a5230", 15)
    leaf(b, (-22, -230), (-14, -310), "#2f2a28", 0.2)
    b.shadow(250, 262)
    b.bar((0, 128, 270, 124), b.thing, 12)
    b.bar((0, 24, 278, 24), b.dark, 8)
    b.oval(-120, 150, 90, 80, PAPER)
    b.oval(-120, 150, 62, 54, b.thing)
    for part in (0.6, 0.25):
        b.ring(-120, 150, (62 * part, 54), GLOW, 5)
    b.bar((-120, 96, 24, 8), b.trim, 3)
    b.bar((-120, 204, 24, 8), b.trim, 3)
    b.adorn(110, 140, 70)
    for x, y in ((-30, 90), (220, 210)):
        blossom(b, (x, y), 18, b.trim)
