"""Of the incense room: what burns, and what it burns in."""

from yunju.cli.demo.things.brush import Brush
from yunju.cli.demo.things.motifs import cloud

BRASS = "#b99a55"


def incense_sticks(b: Brush) -> None:
    """线香: a paper tube, and its sticks."""
    for n in range(9):
        x = -48 + n * 12
        b.line([(x, -20), (x * 1.5, -270 - 14 * (n * 5 % 4))], "#7d5a3a", 8)
    b.shadow(110, 268)
    side = b.turned([(92, -70), (92, 256)], edges=True)
    b.oval(0, 256, 92, 17, b.thing)
    b.mouth(-70, 92, 19)
    for n in range(5):
        x = -32 + n * 16
        b.line([(x, -72), (x * 1.4, -150)], "#7d5a3a", 8)
    b.band(side, -30, -20, b.trim)
    b.band(side, 214, 224, b.trim)
    b.bar((0, 90, 58, 96), b.pale, 6)
    b.frame((0, 90, 58, 96), b.trim, 5, 6)
    b.adorn(0, 66, 42, b.thing)
    b.line([(-30, 146), (30, 146)], b.light, 8)
    b.line([(190, 262), (254, -60)], "#7d5a3a", 8)
    b.oval(254, -62, 8, 10, "#d2542f")
    b.smoke(254, -76, 150)
    b.oval(190, 258, 60, 17, b.dark)


def incense_coil(b: Brush) -> None:
    """盘香: on its stand, burning at the outer end."""
    b.line([(0, -300), (0, -120)], b.light, 6)
    for size, y in ((250, 0), (204, -34), (158, -66), (112, -94), (66, -116)):
        b.ring(0, y, (size, size * 0.36), b.thing, 19)
    for side in (-1, 1):
        b.line([(0, -290), (side * 240, 4)], b.light, 4)
    b.oval(248, 10, 15, 15, "#d2542f")
    b.smoke(252, -10, 200)
    b.shadow(220, 262)
    b.turned([(230, 196), (210, 230), (120, 256)])
    b.oval(0, 196, 230, 42, b.light)
    b.oval(0, 200, 208, 32, b.dark)
    b.adorn(0, 200, 25)


def pellets(b: Brush) -> None:
    """香丸: in a little dish, more in the jar."""
    b.shadow(120, 226, -110)
    jar = [(56, -160), (70, -110), (130, -40), (130, 120), (90, 222)]
    b.blob([*((x - 110, y) for x, y in jar), *((-x - 110, y) for x, y in reversed(jar))], b.thing)
    b.bar((-110, -176, 72, 26), b.dark, 10)
    b.oval(-110, -206, 30, 17, b.dark)
    b.bar((-110, 40, 76, 70), b.pale, 8)
    b.adorn(-110, 40, 52, b.thing)
    b.shadow(140, 256, 120)
    for x, y in ((60, 150), (118, 156), (176, 150), (88, 112), (148, 112), (118, 74)):
        b.oval(x, y, 34, 34, "#4b3a2c")
        b.oval(x - 10, y - 11, 9, 8, "#8a7058")
    b.blob([(-40, 168), (280, 168), (230, 236), (120, 250), (10, 236)], b.light)
    b.line([(-30, 170), (270, 170)], b.trim, 11)


def scent_pendant(b: Brush) -> None:
    """香牌: a carved tablet on a cord."""
    b.swung([(-14, -170), (-90, -240), (0, -330), (90, -240), (14, -170)], "#b5483e", 11)
    b.oval(0, -168, 24, 22, b.trim)
    b.oval(0, -126, 18, 18, "#b5483e")
    shape = [(-110, -90), (0, -116), (110, -90), (136, 30), (116, 150), (0, 184), (-116, 150), (-136, 30)]
    b.blob([(x + 8, y + 9) for x, y in shape], b.dark)
    b.blob(shape, b.thing)
    b.blob([(x * 0.84, 34 + (y - 34) * 0.84) for x, y in shape], b.light)
    b.blob([(x * 0.79, 34 + (y - 34) * 0.79) for x, y in shape], b.thing)
    b.adorn(0, 34, 78)
    b.oval(0, 204, 19, 19, "#b5483e")
    b.tassel(0, 226, 96, "#b5483e")


def cones(b: Brush) -> None:
    """塔香: smoke that flows down from one of them (倒流香)."""
    b.smoke(0, -150, 150)
    b.shadow(230, 262)
    for x, y, size in ((-150, 190, 0.72), (150, 190, 0.72), (0, 150, 1.2)):
        top, foot = y - 230 * size, y + 36
        b.poly(
            [(x - 80 * size, foot), (x - 5, top), (x + 5, top), (x + 80 * size, foot)],
            b.thing if size > 1 else b.dark,
        )
        b.oval(x, foot, 80 * size, 17, b.thing if size > 1 else b.dark)
    b.oval(0, -126, 17, 13, "#d2542f")
    b.adorn(0, 100, 40)
    b.bar((0, 226, 276, 30), b.light, 24)
    for x in (-200, -100, 0, 100, 200):
        b.adorn(x, 226, 20, b.thing)


def powder(b: Brush) -> None:
    """香粉: pressed into a seal in a low dish, a spoon beside it."""
    b.shadow(250, 170, -20)
    b.oval(-30, 50, 256, 172, b.dark)
    b.oval(-30, 34, 256, 172, b.thing)
    b.oval(-30, 34, 214, 138, "#e6dccb")
    cloud(b, (-30, 40), 96, "#7d5a3a")
    b.ring(-30, 34, (150, 96), "#7d5a3a", 13)
    b.adorn(-222, 46, 22)
    b.adorn(162, 46, 22)
    b.adorn(-30, 190, 14)
    b.line([(60, 20), (290, -230)], BRASS, 17)
    b.blob([(70, 30), (10, 70), (20, 20), (50, -16), (90, -6)], BRASS)
    b.smoke(-120, -110, 140)
