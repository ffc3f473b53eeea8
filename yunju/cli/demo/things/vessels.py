"""Of clay: cups, bowls, plates, vases."""

from yunju.cli.demo.drawing import PAPER, around
from yunju.cli.demo.things.brush import TEA, Brush
from yunju.cli.demo.things.motifs import blossom, leaf


def cup(b: Brush) -> None:
    """主人杯: small, open, on a foot."""
    wide, high = b.chance.randint(214, 234), b.chance.randint(246, 270)
    foot = 196
    b.shadow(170, foot + 12)
    b.bar((0, foot - 12, 98, 22), b.dark, 8)
    side = b.turned(
        [(wide, foot - high), (wide - 16, foot - high * 0.55), (wide * 0.72, foot - 56), (100, foot - 18)]
    )
    b.band(side, foot - 58, foot - 46, b.trim)
    b.shine(side, foot - high + 66, foot - 84)
    b.mouth(foot - high, wide, 46, TEA)
    b.adorn(24, foot - high * 0.48, 68)


def mug(b: Brush) -> None:
    wide, top = b.chance.randint(140, 158), -150
    b.shadow(160)
    b.ring(wide + 8, 30, (92, 100), b.thing, 36)
    side = b.turned([(wide, top), (wide, 60), (wide, 190), (wide - 30, 236), (wide - 40, 240)])
    b.band(side, 176, 190, b.trim)
    b.shine(side, top + 60, 160)
    b.mouth(top, wide, 34)
    b.adorn(10, 30, 76)


def lidded_bowl(b: Brush) -> None:
    """盖碗: saucer, bowl, lid with a knob."""
    wide = b.chance.randint(186, 202)
    b.shadow(190, 256)
    b.bar((0, 244, 90, 14), b.dark, 8)
    b.oval(0, 222, 236, 34, b.thing)
    b.oval(0, 214, 190, 22, b.light)
    side = b.turned([(wide, -20), (wide - 22, 70), (wide * 0.66, 160), (84, 212)])
    b.band(side, 8, 20, b.trim)
    b.shine(side, 44, 150)
    b.adorn(20, 96, 56)
    b.oval(0, -20, wide + 6, 26, b.light)
    lid = b.turned([(44, -150), (100, -132), (150, -90), (wide - 20, -28)])
    b.band(lid, -56, -44, b.trim)
    b.bar((0, -164, 34, 22), b.thing, 10)
    b.oval(0, -186, 52, 15, b.dark)


def rice_bowl(b: Brush) -> None:
    wide, top = b.chance.randint(228, 246), b.chance.randint(-20, 0)
    b.shadow(180)
    b.turned([(88, 196), (80, 240)], b.dark, edges=True)
    side = b.turned([(wide, top), (wide - 20, top + 80), (wide * 0.66, 166), (86, 214)])
    for x, y, size in ((-96, 0, 52), (-20, -26, 64), (66, -14, 58), (120, 8, 40), (10, 0, 80)):
        b.oval(x, top + y * 0.9, size * 1.1, size * 0.8, "#fffdf5")
    for _ in range(16):
        grain, rise = b.chance.uniform(-130, 130), b.chance.uniform(-52, -6)
        b.line([(grain, top + rise), (grain + 12, top + rise - 5)], "#e6dcc2", 6)
    lip = [(-wide, top), (wide, top), (wide - 8, top + 34), (-wide + 8, top + 34)]
    b.poly(lip, b.light)
    b.band(side, top + 34, top + 46, b.trim)
    b.shine(side, top + 70, 170)
    for x in (-112, 0, 112):
        b.adorn(x, top + 104, 38)


def bowl(b: Brush) -> None:
    """An open bowl, seen a little from above."""
    wide, top = b.chance.randint(228, 248), 10
    b.shadow(180)
    b.turned([(92, 200), (82, 242)], b.dark, edges=True)
    side = b.turned([(wide, top), (wide - 14, top + 70), (wide * 0.7, 160), (88, 214)])
    b.shine(side, top + 76, 170)
    b.mouth(top, wide, 72, b.pale)
    b.oval(0, top + 28, wide * 0.55, 32, b.light)
    for x in (-84, 42):
        b.adorn(x, top + 136, 44)


def plate(b: Brush) -> None:
    """果盘: a wide dish on a foot, with persimmons on it."""
    wide = b.chance.randint(250, 268)
    b.shadow(150)
    b.turned([(44, 120), (58, 190), (110, 240)], b.dark)
    for x, y, size in ((-96, 6, 70), (92, 10, 66), (0, -52, 78)):
        b.oval(x, y, size, size * 0.84, "#d9772f")
        b.oval(x - size * 0.35, y - size * 0.25, size * 0.16, size * 0.2, "#efa968")
        for turn in (-160, -110, -70, -20):
            leaf(b, (x, y - size * 0.7), around(x, y - size * 0.7, size * 0.44, turn), "#5d7a4a", 0.3)
    side = b.turned([(wide, 40), (wide - 30, 84), (wide * 0.6, 122), (60, 140)])
    b.band(side, 40, 54, b.light)
    for x in (-120, 0, 120):
        b.adorn(x, 90, 28)


def dishes(b: Brush) -> None:
    """小碟: four of them from above."""
    for n in range(4):
        x, y = around(0, 0, 172, 90 * n + 45)
        b.oval(x, y + 8, 116, 116, b.light)
        b.oval(x, y, 114, 114, b.thing)
        b.oval(x, y, 92, 92, PAPER)
        b.ring(x, y, (80, 80), b.light, 5)
        b.adorn(x, y, 50, b.thing if n % 2 else "#b5483e")


def vase(b: Brush) -> None:
    belly, neck = b.chance.randint(136, 168), b.chance.randint(40, 52)
    b.shadow(120)
    side = b.turned(
        [
            (neck + 28, -250),
            (neck, -204),
            (neck, -130),
            (belly * 0.8, -30),
            (belly, 60),
            (belly * 0.8, 160),
            (80, 240),
        ]
    )
    b.band(side, -146, -134, b.trim)
    b.band(side, 186, 198, b.trim)
    b.shine(side, -10, 160)
    b.mouth(-250, neck + 28, 13)
    b.adorn(8, 62, 78)


def flower_holder(b: Brush) -> None:
    """花插: a round low vase with a branch in bloom."""
    belly, lean = b.chance.randint(132, 152), b.chance.choice((-1, 1))
    twig = [(0, 30), (lean * 20, -70), (lean * -30, -160), (lean * 60, -270)]
    b.shadow(130)
    b.swung(twig, "#6b4f3c", 15)
    b.swung([(lean * -14, -110), (lean * -90, -170), (lean * -130, -250)], "#6b4f3c", 11)
    b.swung([(lean * 6, -70), (lean * 90, -120), (lean * 150, -130)], "#6b4f3c", 10)
    for x, y, size in (
        (60, -270, 40),
        (-24, -176, 36),
        (-130, -250, 34),
        (150, -130, 36),
        (-86, -160, 24),
        (84, -118, 24),
    ):
        blossom(b, (lean * x, y), size, "#c8676b" if size > 30 else "#dd9a96")
        b.oval(lean * x, y, size * 0.22, size * 0.22, "#f2d489")
    side = b.turned([(48, 20), (38, 46), (60, 76), (belly, 150), (belly * 0.86, 216), (76, 244)])
    b.mouth(20, 48, 12)
    b.shine(side, 116, 200)
    b.adorn(10, 156, 52)


def incense_stand(b: Brush) -> None:
    """香插: a little dish, a ball in it, one stick that smokes."""
    wide = b.chance.randint(196, 222)
    b.smoke(30, -150, 150)
    b.line([(0, 170), (30, -140)], "#8a6a4a", 12)
    b.oval(30, -142, 8, 10, "#d2542f")
    b.shadow(170, 258)
    b.turned([(wide, 196), (wide - 20, 222), (wide * 0.6, 244), (90, 250)])
    b.oval(0, 196, wide, 42, b.light)
    b.oval(0, 202, wide - 18, 32, b.dark)
    b.oval(0, 176, 62, 52, b.thing)
    b.adorn(0, 180, 34)


def caddy(b: Brush) -> None:
    """茶叶罐: round shoulders and a lid that goes over the neck."""
    wide = b.chance.randint(158, 180)
    b.shadow(160)
    side = b.turned(
        [(92, -130), (wide - 26, -104), (wide, -30), (wide, 100), (wide - 24, 200), (wide - 60, 240)]
    )
    b.band(side, -40, -28, b.trim)
    b.band(side, 176, 188, b.trim)
    b.shine(side, -10, 150)
    lid = b.turned([(60, -232), (104, -216), (108, -170), (108, -120)])
    b.band(lid, -140, -128, b.trim)
    b.oval(0, -236, 62, 14, b.light)
    b.bar((0, -248, 26, 18), b.dark, 10)
    paper = (0, 70, 84, 84)
    b.bar(paper, b.pale, 14)
    b.frame(paper, b.trim, 6, 14)
    b.adorn(0, 70, 58, b.thing)


def brush_pot(b: Brush) -> None:
    wide = b.chance.randint(128, 144)
    for x, tip, wood in ((-70, -250, "#8a5a33"), (-10, -290, "#3f3a36"), (62, -236, "#a8763f")):
        b.line([(x * 0.6, 0), (x, tip)], wood, 15)
        leaf(b, (x * 0.98, tip + 14), (x * 1.08, tip - 84), "#33302d", 0.2)
        b.bar((x * 0.99, tip + 8, 11, 12), "#d2b26a", 4)
    b.shadow(140)
    side = b.turned([(wide + 6, -70), (wide, -40), (wide, 200), (wide + 6, 240)], edges=True)
    for y in (-44, 200):
        b.band(side, y, y + 14, b.trim)
    b.shine(side, -10, 180)
    b.adorn(6, 84, 92)
    b.arc((0, -70, wide + 6, 26), (0, 180), b.light, 9)
