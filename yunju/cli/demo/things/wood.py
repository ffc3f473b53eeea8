"""Of wood and lacquer: toys, boxes, trays."""

from yunju.cli.demo.drawing import PAPER, around
from yunju.cli.demo.things.brush import WOODS, Brush
from yunju.cli.demo.things.motifs import leaf

PAINTS = ("#b5583a", "#5f7f6a", "#d8a441", "#4f6f9c")


def puzzle(b: Brush) -> None:
    """Four by three pieces, one not in its place."""
    b.bar((0, 10, 262, 232), b.dark, 22)
    b.bar((0, 4, 240, 208), b.pale, 10)
    gone = b.chance.choice((2, 3, 7))
    for n in range(12):
        x, y = -174 + n % 4 * 116, -132 + n // 4 * 136
        fill = b.thing if (n + n // 4) % 2 else b.light
        if n == gone:
            continue
        b.bar((x, y, 57, 67), fill, 6)
        if n % 4 < 3 and n + 1 != gone:
            b.oval(x + 58, y, 21, 21, fill)
        if n > 3 and n - 4 != gone:
            b.oval(x, y - 68, 21, 21, fill)
    b.adorn(0, 10, 150)
    x, y = 190, 200
    b.bar((x + 6, y + 8, 60, 68), b.dark, 8)
    b.bar((x, y, 58, 66), b.trim, 8)
    b.oval(x - 58, y, 22, 22, b.trim)
    b.oval(x, y - 66, 22, 22, b.trim)


def toy_car(b: Brush) -> None:
    b.shadow(240, 234)
    b.blob([(-150, 20), (-120, -130), (60, -140), (150, 20)], b.thing)
    for x, wide in ((-62, 52), (54, 42)):
        b.poly([(x - wide, 10), (x - wide + 16, -92), (x + wide - 22, -92), (x + wide, 10)], "#dfe8e6")
    b.bar((0, 90, 280, 92), b.thing, 64)
    b.bar((0, 120, 280, 14), b.trim)
    b.oval(240, 60, 24, 24, "#f2d489")
    b.adorn(0, 60, 40)
    for x in (-150, 150):
        b.oval(x, 170, 80, 80, "#4a3526")
        b.oval(x, 170, 54, 54, b.trim)
        b.oval(x, 170, 17, 17, "#4a3526")


def spinning_top(b: Brush) -> None:
    lean = b.chance.choice((-1, 1)) * 20
    b.shadow(120, 282)
    for wide in (180, 130):
        b.arc((0, 250, wide, 34), (200, 340), b.light, 6)
    b.line([(lean, -260), (0, -100)], b.dark, 32)
    b.oval(lean, -266, 34, 26, b.dark)
    side = b.turned([(40, -130), (190, -70), (244, 10), (190, 100), (70, 210), (0, 280)])
    b.band(side, -6, 26, b.trim)
    b.band(side, 60, 76, b.light)
    b.band(side, 128, 144, b.trim)
    b.shine(side, -56, 4)
    b.adorn(0, -54, 36)


def blocks(b: Brush) -> None:
    """A gate of blocks: pillars, an arch, a roof."""
    first, second, third, fourth = b.chance.sample(PAINTS, 4)
    b.shadow(240, 256)
    for x in (-180, 180):
        b.bar((x, 160, 58, 88), b.thing, 12)
        b.adorn(x, 160, 38)
    b.bar((0, 200, 110, 48), second, 10)
    b.oval(0, 96, 54, 54, third)
    b.bar((0, 26, 244, 40), first, 12)
    b.poly([(-238, -18), (-120, -18), (-179, -120)], fourth)
    b.poly([(238, -18), (120, -18), (179, -120)], fourth)
    b.bar((0, -64, 78, 46), b.trim, 10)
    b.adorn(0, -64, 32, b.thing)
    b.poly([(-110, -112), (110, -112), (0, -226)], b.thing)


def rattle(b: Brush) -> None:
    """摇铃: a drum on a stick, its beads on cords (拨浪鼓)."""
    b.line([(0, 60), (0, 310)], b.dark, 32)
    b.bar((0, 296, 30, 18), b.trim, 10)
    for side in (-1, 1):
        b.swung([(side * 190, -70), (side * 250, -40), (side * 262, 50)], b.dark, 8)
        b.oval(side * 262, 66, 30, 30, PAINTS[0])
    b.oval(0, -70, 206, 206, b.thing)
    b.oval(0, -70, 174, 174, b.pale)
    for turn in range(0, 360, 20):
        b.oval(*around(0, -70, 190, turn), 9, 9, b.trim)
    b.adorn(0, -70, 110, PAINTS[0])


def joinery(b: Brush) -> None:
    """榫卯: a bracket set of a roof, its parts on each other (斗拱)."""
    b.shadow(160, 262)
    b.bar((0, 208, 62, 50), b.dark, 6)
    b.poly([(-90, 100), (90, 100), (70, 162), (-70, 162)], b.thing)
    for y, wide in ((70, 170), (-40, 262)):
        b.poly(
            [
                (-wide, y - 26),
                (wide, y - 26),
                (wide, y),
                (wide - 40, y + 28),
                (40 - wide, y + 28),
                (-wide, y),
            ],
            b.light if y > 0 else b.thing,
        )
        for x in (1 - wide + 44, 0, wide - 44):
            b.poly(
                [(x - 46, y - 72), (x + 46, y - 72), (x + 34, y - 26), (x - 34, y - 26)],
                b.dark if y > 0 else b.trim,
            )
    b.bar((0, -138, 290, 26), b.dark, 6)
    b.poly([(-300, -166), (300, -166), (256, -232), (-256, -232)], b.thing)
    for x in range(-220, 221, 88):
        b.adorn(x, -200, 22)


def burr(b: Brush) -> None:
    """鲁班锁: sticks through each other, three ways."""
    one, two, three = WOODS[0], WOODS[1], WOODS[2]
    b.shadow(150, 262)
    b.bar((0, 0, 62, 256), one, 8)
    b.line([(0, -250), (0, 250)], b.dark, 6)
    b.poly([(-270, -30), (-270, -120), (270, 20), (270, 110)], two)
    b.line([(-268, -76), (268, 64)], b.dark, 6)
    b.poly([(-250, 150), (-250, 60), (250, -150), (250, -60)], three)
    b.line([(-248, 104), (248, -106)], b.dark, 6)
    b.poly([(-62, -64), (62, -64), (62, -180), (-62, -180)], one)
    b.line([(0, -66), (0, -180)], b.dark, 6)
    b.poly([(-62, 60), (-62, 8), (62, -44), (62, 40)], two)
    b.poly([(0, -190), (62, -222), (62, -256), (-62, -256), (-62, -222)], "#efd7a6")


def duck(b: Brush) -> None:
    b.poly([(-320, 290), (320, 290), (320, 250), (-320, 190)], b.light)
    for x in (-60, 60):
        b.line([(x, 150), (x + 10, 216)], "#d9772f", 24)
        b.blob([(x - 26, 236), (x + 10, 208), (x + 62, 240), (x + 10, 250)], "#d9772f")
    b.blob(
        [
            (-270, -30),
            (-180, 40),
            (-40, 20),
            (80, -50),
            (190, 30),
            (170, 130),
            (40, 190),
            (-140, 170),
            (-230, 90),
        ],
        b.thing,
    )
    b.blob([(60, 40), (56, -90), (120, -190), (210, -170), (230, -80), (190, 40)], b.thing)
    b.blob([(210, -130), (290, -116), (306, -90), (220, -74)], "#d9772f")
    b.oval(170, -120, 17, 17, "#2f2a28")
    b.blob([(-160, 50), (-30, 40), (70, 70), (-10, 140), (-110, 130)], b.dark)
    b.adorn(-40, 90, 36)
    b.bar((134, 14, 60, 12), PAINTS[0], 8)


def animals(b: Brush) -> None:
    """Standing on each other: elephant, tortoise, fox, bird."""
    b.shadow(230, 266)
    elephant = [
        (-190, 250),
        (-200, 90),
        (-100, 40),
        (90, 40),
        (180, 60),
        (230, 110),
        (236, 220),
        (200, 226),
        (190, 150),
        (150, 160),
        (130, 250),
        (70, 250),
        (60, 190),
        (-70, 190),
        (-90, 250),
    ]
    b.poly(elephant, b.thing)
    b.oval(96, 96, 50, 58, b.dark)
    b.oval(164, 96, 9, 9, PAPER)
    b.oval(-10, 8, 150, 66, "#5f7f6a")
    b.bar((-10, 44, 156, 22), PAINTS[2], 14)
    b.oval(156, 26, 40, 32, PAINTS[2])
    b.oval(168, 20, 7, 7, "#2f2a28")
    b.adorn(-10, -4, 40, "#e6dfc0")
    fox = [
        (-110, -60),
        (-120, -140),
        (-80, -180),
        (30, -180),
        (50, -230),
        (80, -190),
        (130, -220),
        (140, -160),
        (110, -120),
        (70, -116),
        (60, -60),
        (20, -60),
        (10, -100),
        (-60, -100),
        (-70, -60),
    ]
    b.poly(fox, PAINTS[0])
    b.oval(96, -166, 9, 9, "#2f2a28")
    b.blob([(-70, -210), (-20, -260), (40, -236), (30, -196), (-30, -184)], PAINTS[3])
    b.poly([(36, -244), (76, -232), (38, -218)], PAINTS[2])
    b.oval(14, -238, 7, 7, PAPER)


def type_blocks(b: Brush) -> None:
    """Characters on cubes of wood, in three rows."""
    for row in range(3):
        for column in range(3):
            x, y = -176 + column * 176, -176 + row * 176
            red = b.chance.random() < 0.3
            b.bar((x + 8, y + 9, 78, 78), b.dark, 12)
            b.bar((x, y, 78, 78), PAINTS[0] if red else b.thing, 12)
            b.bar((x, y, 62, 62), "#f3e3bd", 8)
            strokes = b.chance.randint(2, 4)
            for n in range(strokes):
                wide = b.chance.choice((24, 34, 42))
                line = y - 36 + n * 72 / (strokes - 1)
                b.line([(x - wide, line), (x + wide, line)], "#3a2a20", 10)
            b.line([(x, y - 46), (x, y + 46)], "#3a2a20", 10)


def music_box(b: Brush) -> None:
    b.shadow(200, 252)
    b.line([(200, 120), (280, 120), (280, 40)], "#8c8f8a", 17)
    b.oval(280, 30, 30, 26, PAINTS[0])
    b.poly([(-220, 10), (-190, -60), (210, -60), (200, 10)], b.light)
    b.bar((-10, 130, 210, 118), b.thing, 14)
    b.bar((-10, 130, 184, 92), b.dark, 8)
    b.bar((-10, 130, 176, 84), b.thing, 6)
    for turn in range(-90, 270, 72):
        leaf(b, (-10, 130), around(-10, 130, 74, turn), b.pale, 0.26)
    b.oval(-10, 130, 17, 17, b.trim)
    for x, y in ((-130, -150), (-20, -210), (110, -160)):
        b.oval(x, y, 26, 20, b.dark)
        b.line([(x + 22, y), (x + 22, y - 80), (x + 58, y - 60)], b.dark, 10)


# --- lacquer --------------------------------------------------------------------------------------------------------


def jewel_box(b: Brush) -> None:
    wide = b.chance.randint(216, 240)
    b.shadow(200, 256)
    for x in (40 - wide, wide - 40):
        b.bar((x, 240, 32, 14), b.dark, 6)
    b.bar((0, 130, wide, 102), b.thing, 22)
    b.frame((0, 130, wide - 20, 82), b.trim, 6, 14)
    b.bar((0, -30, wide + 8, 64), b.thing, 30)
    b.bar((0, 28, wide + 8, 13), b.dark, 8)
    b.frame((0, -36, wide - 16, 42), b.trim, 6, 18)
    b.oval(0, 38, 38, 38, b.trim)
    b.oval(0, 38, 22, 22, b.dark)
    for side in (-1, 1):
        b.adorn(side * wide * 0.6, 132, 46)
        b.adorn(side * wide * 0.48, -36, 26)
    b.adorn(0, 142, 38)


def tea_tray(b: Brush) -> None:
    """Seen from above, with its two grips, a pot and cups on it."""
    b.shadow(280, 208)
    for side in (-1, 1):
        b.ring(side * 278, 0, (36, 74), b.dark, 19)
    b.bar((0, 12, 284, 190), b.dark, 44)
    b.bar((0, 0, 284, 190), b.thing, 44)
    b.frame((0, 0, 256, 162), b.trim, 7, 30)
    for x in (-206, 206):
        for y in (-112, 112):
            b.adorn(x, y, 30)
    b.ring(-150, -10, (42, 42), PAPER, 15)
    b.poly([(10, -30), (70, -66), (84, -46), (20, 10)], PAPER)
    b.oval(-60, -10, 92, 92, PAPER)
    b.oval(-60, -10, 46, 46, b.light)
    b.oval(-60, -10, 15, 15, b.dark)
    for x, y in ((140, -60), (140, 66)):
        b.oval(x, y, 50, 50, PAPER)
        b.oval(x, y, 39, 39, "#a9682f")


def chopsticks(b: Brush) -> None:
    """Two pairs on a rest."""
    b.shadow(170, 224, 60)
    b.bar((70, 122, 220, 40), b.light, 34)
    b.bar((70, 116, 220, 36), b.pale, 30)
    for x in (-90, 230):
        b.adorn(x, 116, 24, b.thing)
    for n, fill in enumerate((b.thing, b.thing, b.dark, b.dark)):
        shift = n * 62 - 80 + (24 if n > 1 else 0)
        b.poly([(shift - 168, -262), (shift - 136, -282), (shift + 160, 226), (shift + 146, 232)], fill)
        for part in (0.0, 0.07, 0.28):
            left, top = shift - 152 + 304 * part, -272 + 500 * part
            b.line([(left, top), (left + 11, top + 18)], b.trim, 31 - 16 * part)


def sweets_box(b: Brush) -> None:
    """果盒: two tiers, a domed lid, a knob."""
    wide = b.chance.randint(216, 234)
    b.shadow(190)
    b.bar((0, 238, wide - 50, 14), b.dark, 6)
    for y in (166, 54):
        b.bar((0, y, wide, 54), b.thing, 20)
        b.bar((0, y - 48, wide + 7, 9), b.trim, 6)
        for n in range(-2, 3):
            b.adorn(n * wide * 0.4, y + 4, 29)
    lid = b.turned([(40, -150), (wide * 0.6, -124), (wide + 4, -40), (wide + 8, 4)])
    b.band(lid, -30, -20, b.trim)
    b.shine(lid, -96, -44)
    b.oval(0, -158, 42, 30, b.dark)
    b.oval(0, -166, 24, 13, b.trim)
    b.adorn(0, -82, 38)
