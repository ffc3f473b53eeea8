"""Of bamboo: baskets, fans, shades."""

import math
from collections.abc import Sequence

from yunju.cli.demo.drawing import Point, around
from yunju.cli.demo.things.brush import Brush
from yunju.cli.demo.things.motifs import leaf


def _weave(b: Brush, side: Sequence[Point], top: float, foot: float) -> None:
    """Splints over and under each other, within what was turned."""
    for row, y in enumerate(range(round(top), round(foot) - 14, 28)):
        wide = min(x for x, at in side if abs(at - y) < 46) - 16
        count = max(3, round(wide / 24))
        for n in range(count):
            x = -wide + (2 * wide) * (n + 0.5 * (row % 2) + 0.25) / count
            if x + 14 < wide:
                b.bar((x, y + 8, 13, 6), b.trim, 3)


def bread_basket(b: Brush) -> None:
    """Low and wide, with three loaves."""
    wide = b.chance.randint(250, 270)
    b.shadow(210)
    for x, y, turn in ((-130, 20, -14), (130, 14, 14), (0, -34, 0)):
        _loaf(b, x, y, turn)
    side = b.turned([(wide, 50), (wide - 14, 130), (wide - 50, 220), (wide - 76, 244)])
    _weave(b, side, 92, 236)
    b.bar((0, 60, wide + 8, 20), b.dark, 18)
    b.stitches([(-wide, 60), (wide, 60)], b.trim, 46)


def _loaf(b: Brush, x: float, y: float, turn: float) -> None:
    rise = math.tan(math.radians(turn))
    ends = [(-112, 34), (-96, -44), (0, -78), (96, -44), (112, 34), (0, 60)]
    b.blob([(x + one, y + two + one * rise) for one, two in ends], "#c98b48")
    for n in (-50, 0, 50):
        b.swung(
            [(x + n - 16, y - 48 + n * rise), (x + n + 6, y - 30 + n * rise), (x + n + 12, y + 2 + n * rise)],
            "#f0d3a0",
            13,
        )


def fruit_basket(b: Brush) -> None:
    """Round, with a high handle and apples."""
    wide = b.chance.randint(204, 226)
    b.shadow(180)
    b.arc((0, 20, wide - 20, 270), (180, 360), b.thing, 24)
    b.arc((0, 20, wide - 26, 262), (180, 360), b.trim, 6)
    for x, y, colour in ((-110, -4, "#c4523c"), (104, -8, "#d99a3a"), (0, -40, "#b8443a")):
        b.oval(x, y, 76, 70, colour)
        b.line([(x, y - 62), (x + 8, y - 94)], "#5b4a34", 9)
        leaf(b, (x + 6, y - 76), (x + 58, y - 98), "#66804a", 0.28)
    side = b.turned([(wide, 30), (wide + 4, 110), (wide - 30, 210), (wide - 66, 244)])
    _weave(b, side, 70, 236)
    b.bar((0, 38, wide + 10, 19), b.dark, 18)


def tea_basket(b: Brush) -> None:
    """A round box with a lid under one high handle."""
    wide = b.chance.randint(190, 206)
    b.shadow(190)
    b.line([(-wide - 14, 190), (-wide - 14, -150)], b.dark, 24)
    b.line([(wide + 14, 190), (wide + 14, -150)], b.dark, 24)
    b.arc((0, -150, wide + 26, 120), (180, 360), b.dark, 24)
    side = b.turned([(wide, 20), (wide + 4, 130), (wide - 8, 244)])
    _weave(b, side, 50, 236)
    lid = b.turned([(30, -84), (wide * 0.7, -60), (wide + 8, -4), (wide + 8, 30)])
    b.band(lid, 6, 20, b.trim)
    b.oval(0, -88, 28, 18, b.dark)
    b.adorn(0, -26, 30)


def nested_baskets(b: Brush) -> None:
    """Three of them, from large to small, in a pile."""
    b.shadow(230)
    for y, wide, tall in ((160, 250, 84), (24, 190, 66), (-84, 130, 56)):
        side = b.turned([(wide, y - tall), (wide - 6, y), (wide - 24, y + tall)])
        _weave(b, side, y - tall + 34, y + tall - 4)
        b.bar((0, y - tall + 8, wide + 8, 16), b.dark, 14)
        b.arc((0, y - tall + 8, 50, 34), (180, 360), b.dark, 13)


def handbag(b: Brush) -> None:
    wide = b.chance.randint(224, 244)
    b.shadow(190)
    b.ring(0, -60, (116, 150), b.dark, 24)
    side = b.turned([(wide - 60, -50), (wide - 20, 60), (wide, 170), (wide - 34, 240)])
    _weave(b, side, 0, 236)
    b.bar((0, -48, wide - 46, 20), b.dark, 14)
    b.bar((0, -4, 40, 54), b.dark, 16)
    b.oval(0, 22, 13, 13, b.trim)


def round_fan(b: Brush) -> None:
    b.line([(0, 120), (0, 300)], b.dark, 24)
    b.oval(0, -50, 226, 226, b.thing)
    b.oval(0, -50, 204, 204, b.pale)
    for turn in range(-74, 75, 12):
        lean = math.radians(turn)
        b.line([(0, 150), (math.sin(lean) * 190, -50 - math.cos(lean) * 180)], b.light, 4)
    b.ring(0, -50, (226, 226), b.thing, 20)
    b.adorn(0, -62, 112, b.thing)
    b.bar((0, 160, 26, 30), b.thing, 12)
    b.tassel(0, 300, 80, b.trim if b.chance.random() < 0.5 else "#b5483e")


def coaster(b: Brush) -> None:
    """Three woven rounds, one on the other."""
    for at in ((-104, -96), (118, -70), (0, 100)):
        x, y = at
        b.oval(x + 7, y + 10, 184, 184, b.light)
        b.oval(x, y, 182, 182, b.dark)
        b.oval(x, y, 172, 172, b.thing)
        for part in (158, 132, 106):
            for turn in range(0, 360, 15):
                start = turn + (7 if part == 132 else 0)
                b.line([around(x, y, part, start), around(x, y, part, start + 1000 / part)], b.trim, 9)
        b.oval(x, y, 86, 86, b.dark)
        b.adorn(x, y, 60)


def lamp_shade(b: Brush) -> None:
    """Hanging, with its light falling out below."""
    wide = b.chance.randint(216, 244)
    b.poly([(-wide + 20, 110), (wide - 20, 110), (wide + 30, 270), (-wide - 30, 270)], "#f8e7b8")
    b.line([(0, -330), (0, -160)], b.dark, 11)
    b.oval(0, 110, 62, 66, "#f4cf6b")
    side = b.turned([(54, -150), (120, -110), (wide - 30, 10), (wide, 110)])
    for n in range(-5, 6):
        flank = [(x * n / 5.5, y) for x, y in side[:: max(1, len(side) // 6)]]
        b.line(flank, b.trim, 6)
    for y in (-96, -20, 60):
        b.band(side, y, y + 8, b.trim)
    b.bar((0, 108, wide + 6, 13), b.dark, 10)
    b.bar((0, -156, 60, 18), b.dark, 10)


def sheathed_cup(b: Brush) -> None:
    """竹丝扣瓷: porcelain whose outside is woven around."""
    wide = b.chance.randint(160, 178)
    b.shadow(150)
    b.bar((0, 230, 100, 18), b.pale, 8)
    b.turned([(wide, -60), (wide - 6, 60), (wide - 40, 180), (98, 230)], "#fdfbf4")
    side = b.turned([(wide - 1, 10), (wide - 8, 80), (wide - 40, 180), (100, 224)])
    _weave(b, side, 22, 212)
    b.oval(0, -60, wide, 36, "#fdfbf4")
    b.oval(0, -56, wide - 14, 28, "#b5793c")
    b.arc((0, -60, wide, 36), (0, 360), b.light, 5)


def dragonflies(b: Brush) -> None:
    """竹蜻蜓: blades on sticks, to be spun between the palms."""
    for x, y, lean in ((-134, 110, -26), (140, 120, 24), (0, -90, 4)):
        foot = (x + lean * -1.8, y + 230)
        b.line([(x, y - 50), foot], b.dark, 19)
        rise = lean * 1.2
        near = [
            (x + 30, y - 60),
            (x + 100, y - 72 + rise * 0.6),
            (x + 166, y - 56 + rise),
            (x + 90, y - 14 + rise * 0.5),
        ]
        far = [
            (x - 30, y - 40),
            (x - 100, y - 28 - rise * 0.6),
            (x - 166, y - 44 - rise),
            (x - 90, y - 88 - rise * 0.5),
        ]
        b.blob([(x, y - 50), *near], b.thing)
        b.blob([(x, y - 50), *far], b.light)
        b.oval(x, y - 52, 27, 22, b.dark)
        b.oval(x, y - 56, 13, 10, b.trim)
