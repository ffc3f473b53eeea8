"""For tea: pots, bowls, and what stands beside them."""

from yunju.cli.demo.drawing import around
from yunju.cli.demo.things.brush import TEA, Brush


def tea_bowl(b: Brush) -> None:
    """茶盏: a wide cone on a small foot, glaze running down to a bare edge."""
    wide, top = b.chance.randint(220, 240), -10
    b.shadow(130)
    b.turned([(70, 190), (62, 242)], "#5b4234", edges=True)
    side = b.turned([(wide, top), (wide - 26, top + 42), (wide * 0.56, 140), (74, 200)], "#6d5040")
    edge = [(wide * (n / 6 - 1) * 0.98, top) for n in (0, 12)]
    drip = [
        (x, 118 + 26 * ((n * 7) % 5 - 2) / 2 + 36 * (1 - abs(x) / 130))
        for n, x in enumerate(range(-126, 127, 28))
    ]
    flank = [(wide - 26, top + 42)]
    b.blob([edge[0], *((-x, y) for x, y in flank), *drip, *flank, edge[1]], b.thing)
    b.shine(side, top + 54, 120)
    b.mouth(top, wide, 60, b.dark)
    b.oval(0, top + 22, wide * 0.62, 32, TEA)
    b.adorn(20, top + 104, 46)


def tasting_cup(b: Brush) -> None:
    """品茗杯: two that are smaller still, one behind the other."""
    for x, y, size in ((114, 40, 1.14), (-100, 132, 1.36)):
        wide, high = 122 * size, 150 * size
        rim = y - high * 0.5
        b.shadow(wide * 0.8, y + high * 0.52, x)
        b.bar((x, y + high * 0.46, wide * 0.5, 14), b.dark, 6)
        sides = [
            (wide, rim),
            (wide * 0.95, rim + high * 0.4),
            (wide * 0.7, rim + high * 0.8),
            (wide * 0.5, rim + high * 0.97),
        ]
        b.blob([*((x + w, h) for w, h in sides), *((x - w, h) for w, h in reversed(sides))], b.thing)
        b.oval(x, rim, wide, 28 * size, b.light)
        b.oval(x, rim + 3, wide - 10, 28 * size - 7, TEA)
        b.adorn(x, rim + high * 0.55, 36 * size)


def teapot(b: Brush) -> None:
    wide, high = b.chance.randint(176, 200), b.chance.randint(124, 140)
    b.shadow(170, 252)
    b.ring(-wide - 12, 80, (80, 92), b.thing, 30)
    spout = [
        (wide - 60, 30),
        (wide + 50, 10),
        (wide + 96, -66),
        (wide + 128, -58),
        (wide + 90, 60),
        (wide - 40, 150),
    ]
    b.blob(spout, b.thing)
    _body_of_pot(b, wide, high)
    b.adorn(10, 110, 62)


def _body_of_pot(b: Brush, wide: float, high: float) -> None:
    b.bar((0, 236, wide * 0.52, 16), b.dark, 8)
    side = b.turned(
        [
            (wide * 0.5, 100 - high),
            (wide * 0.86, 120 - high),
            (wide, 110),
            (wide * 0.84, 200),
            (wide * 0.5, 238),
        ]
    )
    b.shine(side, 50, 190)
    lid = b.turned([(30, 34 - high), (wide * 0.4, 54 - high), (wide * 0.56, 100 - high)])
    b.band(lid, 84 - high, 95 - high, b.trim)
    b.oval(0, 20 - high, 34, 30, b.dark)


def stone_pot(b: Brush) -> None:
    """石瓢: straight sides that widen to the foot, on three feet."""
    b.shadow(190, 256)
    handle = [(-110, -40), (-250, -50), (-160, 160), (-150, 110), (-206, -10), (-110, 0)]
    b.poly(handle, b.thing)
    b.poly([(110, 60), (262, -70), (290, -52), (150, 190)], b.thing)
    for x in (-130, 0, 130):
        b.oval(x, 232, 30, 24, b.dark)
    side = b.turned([(112, -50), (118, -30), (200, 170), (196, 214), (150, 234)], edges=True)
    b.shine(side, 0, 170)
    b.turned([(40, -116), (96, -92), (116, -50)], b.light)
    b.blob([(-50, -112), (-36, -150), (36, -150), (50, -112), (22, -126), (-22, -126)], b.dark)
    b.adorn(6, 96, 64)


def pitcher(b: Brush) -> None:
    """公道杯: a lip to one side, a handle to the other."""
    wide = b.chance.randint(136, 154)
    b.shadow(150)
    b.ring(-wide - 4, 50, (84, 104), b.thing, 30)
    side = b.turned([(wide - 24, -130), (wide - 40, -70), (wide, 80), (wide - 8, 170), (wide - 60, 240)])
    b.poly([(wide - 70, -122), (wide + 52, -164), (wide - 40, -40)], b.thing)
    b.band(side, 176, 188, b.trim)
    b.oval(0, -130, wide - 24, 28, b.light)
    b.poly([(wide - 74, -150), (wide + 52, -164), (wide - 56, -110)], b.light)
    b.oval(-4, -127, wide - 40, 20, TEA)
    b.shine(side, 0, 160)
    b.adorn(10, 78, 62)


def travel_set(b: Brush) -> None:
    """快客杯: a pot whose lid is a cup, and one more beside it."""
    b.shadow(150, 252, -60)
    b.blob([(40, 60), (112, 30), (150, -6), (166, 6), (140, 90), (50, 150)], b.thing)
    sides = [(120, 20), (140, 100), (120, 190), (80, 240)]
    b.blob([*((x - 70, y) for x, y in sides), *((-x - 70, y) for x, y in reversed(sides))], b.thing)
    b.bar((-70, 18, 126, 14), b.trim, 7)
    b.poly([(-180, 8), (40, 8), (0, -120), (-140, -120)], b.light)
    b.bar((-70, -126, 56, 14), b.dark, 7)
    b.adorn(-70, 128, 52)
    b.shadow(90, 252, 176)
    b.poly([(90, 130), (262, 130), (232, 236), (120, 236)], b.thing)
    b.bar((176, 242, 46, 12), b.dark, 6)
    b.oval(176, 130, 86, 20, b.light)
    b.oval(176, 132, 74, 14, TEA)


def scoop(b: Brush) -> None:
    """茶则: a split of bamboo, with leaves of tea."""
    b.shadow(220, 140)
    half = [(-296, -60), (-256, 70), (-120, 130), (120, 92), (290, -50), (252, -114), (60, -64), (-180, -56)]
    b.blob(half, b.thing)
    b.blob([(-266, -48), (-228, 24), (-110, 62), (110, 30), (252, -64), (60, -26), (-160, -24)], b.light)
    for _ in range(26):
        x, y = b.chance.uniform(-210, 60), b.chance.uniform(-4, 32)
        b.swung([(x, y), (x + 22, y - 16), (x + 46, y - 6)], "#4b4a33", 13)
    b.adorn(-30, 86, 25)
    for x, top in ((-150, 66), (110, 36)):
        b.line([(x, top), (x + 4, top + 50)], b.dark, 7)


def pot_stand(b: Brush) -> None:
    """壶承: a round stand that takes up what is spilt, a little pot on it."""
    wide = b.chance.randint(240, 262)
    b.shadow(210, 258)
    b.turned([(wide, 150), (wide - 6, 200), (wide - 40, 240)], edges=True)
    b.oval(0, 150, wide, 66, b.light)
    b.oval(0, 152, wide - 20, 54, b.thing)
    for turn in range(0, 360, 30):
        x, y = around(0, 0, 1, turn)
        b.oval(x * (wide - 70), 152 + y * 34, 14, 6, b.dark)
    for x in (-130, 0, 130):
        b.adorn(x, 226 - abs(x) * 0.06, 17)
    b.ring(-104, 40, (44, 52), b.dark, 18)
    b.blob([(70, 50), (130, 10), (166, -34), (180, -26), (150, 70), (80, 110)], b.dark)
    b.turned([(60, -40), (112, 0), (118, 70), (90, 130), (60, 144)], b.dark)
    b.turned([(16, -72), (48, -60), (66, -38)], b.light)
    b.oval(0, -80, 18, 17, b.dark)
