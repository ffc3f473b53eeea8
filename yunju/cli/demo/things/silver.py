"""Worn: rings, bangles, chains; and what a silversmith makes beside them."""

import math

from yunju.cli.demo.drawing import Point, around
from yunju.cli.demo.things.brush import Brush
from yunju.cli.demo.things.motifs import blossom, butterfly, leaf

STONES = ("#4f8a7f", "#b5483e", "#4a6a9c", "#d9a441")


def bangle(b: Brush) -> None:
    """Open at the foot, chased all around."""
    b.arc((0, 0, 244, 244), (112, 428), b.dark, 66)
    b.arc((0, 0, 240, 240), (112, 428), b.thing, 54)
    for turn in range(132, 410, 31):
        x, y = around(0, 0, 213, turn)
        b.adorn(x, y, 25)
    for turn in (112, 68):
        b.oval(*around(0, 0, 213, turn), 34, 34, b.dark)
        b.oval(*around(0, 0, 213, turn), 18, 18, b.trim)


def lacquer_bangle(b: Brush) -> None:
    """A closed hoop, seen from the side and above."""
    wide = b.chance.randint(226, 246)
    b.shadow(220, 190)
    b.oval(0, 90, wide, 108, b.thing)
    b.bar((0, 20, wide, 70), b.thing)
    b.oval(0, -50, wide, 108, b.light)
    b.oval(0, -46, wide - 34, 84, b.dark)
    b.oval(0, -30, wide - 46, 66, b.pale)
    for n in range(-2, 3):
        x = n * wide * 0.36
        b.adorn(x, 126 - abs(n) * abs(n) * 13, 42)


def ring(b: Brush) -> None:
    stone = b.chance.choice(STONES)
    b.ring(0, 80, (168, 168), b.dark, 44)
    b.ring(-3, 77, (165, 165), b.thing, 34)
    b.arc((-3, 77, 156, 156), (190, 250), b.trim, 10)
    for side in (-1, 1):
        leaf(b, (side * 40, -76), (side * 142, -20), b.thing, 0.24)
    b.turned([(50, -150), (92, -106), (70, -66), (40, -56)], b.dark, edges=True)
    b.poly([(-74, -170), (74, -170), (108, -122), (0, -40), (-108, -122)], stone)
    b.poly([(-34, -122), (34, -122), (0, -40)], b.pale)
    b.line([(-108, -122), (108, -122)], b.pale, 5)
    for x, y in ((-190, -190), (190, -210), (210, -40)):
        _spark(b, (x, y), 34)


def _spark(b: Brush, at: Point, size: float) -> None:
    b.poly([around(*at, size if n % 2 == 0 else size * 0.26, 45 * n) for n in range(8)], b.light)


def ear_studs(b: Brush) -> None:
    """A pair on a card."""
    b.shadow(160, 262)
    b.bar((0, 0, 190, 250), b.pale, 22)
    b.frame((0, 0, 190, 250), b.light, 8, 22)
    b.oval(0, -206, 16, 16, b.light)
    b.line([(-90, -150), (90, -150)], b.light, 7)
    for x in (-84, 84):
        b.oval(x, 10, 76, 76, b.dark)
        b.oval(x - 2, 7, 72, 72, b.thing)
        b.adorn(x, 8, 50)
    b.line([(-70, 170), (70, 170)], b.light, 7)
    b.line([(-40, 200), (40, 200)], b.light, 7)


def ear_drops(b: Brush) -> None:
    """耳坠: hook, blossom, and three drops."""
    for x in (-120, 120):
        b.arc((x + 20, -210, 44, 62), (170, 400), b.thing, 13)
        b.line([(x - 22, -200), (x - 10, -110)], b.thing, 9)
        b.ring(x, 0, (92, 92), b.thing, 14)
        b.oval(x, 0, 66, 66, b.dark)
        b.adorn(x, 0, 50)
        for n in (-1, 0, 1):
            top = (x + n * 54, 92 - abs(n) * 16)
            b.line([top, (top[0], top[1] + 64)], b.thing, 7)
            leaf(b, (top[0], top[1] + 50), (top[0], top[1] + 146), b.dark if n else b.thing, 0.26)


def necklace(b: Brush) -> None:
    low = b.chance.randint(96, 120)
    chain = [(-210, -250), (-206, -120), (-140, 20), (0, low), (140, 20), (206, -120), (210, -250)]
    b.swung(chain, b.light, 7)
    for n in range(33):
        turn = math.pi * (0.02 + 0.96 * n / 32)
        b.oval(-208 * math.cos(turn), -190 + (low + 180) * math.sin(turn) ** 1.15, 13, 13, b.thing)
    b.ring(0, low + 26, (20, 24), b.thing, 9)
    b.oval(0, low + 128, 96, 96, b.dark)
    b.oval(-2, low + 124, 92, 92, b.thing)
    b.adorn(0, low + 124, 62)


def bracelet(b: Brush) -> None:
    """A braided cord with a silver clasp."""
    for n in range(60):
        x, y = around(0, 0, 1, 6 * n)
        b.oval(x * 226, -10 + y * 180, 27, 22, b.dark if n % 2 else "#2f4f7f")
    for turn in (240, 300, 180, 0):
        x, y = around(0, 0, 1, turn)
        b.oval(x * 226, -10 + y * 180, 36, 34, b.thing)
    b.oval(0, -190, 44, 42, b.thing)
    b.bar((0, 172, 106, 58), b.dark, 28)
    b.bar((-2, 168, 102, 54), b.thing, 26)
    b.adorn(0, 168, 42)
    for x in (-46, 46):
        b.tassel(x, 226, 60, "#2f4f7f")


def hairpin(b: Brush) -> None:
    """发簪: one long pin, a flower at its head, beads that hang."""
    b.line([(-60, -110), (190, 270)], b.dark, 24)
    b.line([(-62, -112), (186, 264)], b.thing, 16)
    b.oval(-90, -150, 112, 112, b.pale)
    blossom(b, (-90, -150), 112, b.thing)
    b.oval(-90, -150, 44, 44, b.chance.choice(STONES))
    for x, long in ((-170, 150), (-116, 200), (-62, 160)):
        top = -84
        b.line([(x, top), (x, top + long)], b.light, 6)
        for n in range(3):
            b.oval(x, top + long * (n + 1) / 3 - 12, 14, 14, b.thing if n < 2 else b.chance.choice(STONES))
    b.adorn(52, 60, 26)


def spoon(b: Brush) -> None:
    """茶匙: two, crossed."""
    for side in (1, -1):
        b.line([(side * 120, 260), (side * -80, -90)], b.dark if side > 0 else b.thing, 26)
        bowl = [(-60, -80), (-74, -190), (-130, -262), (-196, -250), (-206, -170), (-150, -100)]
        b.blob([(side * x * 0.92, y) for x, y in bowl], b.dark if side > 0 else b.thing)
        inner = [(-92, -120), (-96, -186), (-136, -236), (-180, -226), (-184, -170), (-146, -124)]
        b.blob([(side * x * 0.94 - side * 2, y) for x, y in inner], b.light)
        b.oval(side * 122, 258, 36, 36, b.dark if side > 0 else b.thing)
        b.adorn(side * 122, 258, 22)


def lock_pendant(b: Brush) -> None:
    """长命锁: a ruyi-shaped lock on a cord, bells below."""
    b.swung([(-110, 0), (-180, -140), (-120, -300)], "#b5483e", 15)
    b.swung([(110, 0), (180, -140), (120, -300)], "#b5483e", 15)
    cloud = [
        (-130, -40),
        (-200, 20),
        (-190, 110),
        (-90, 140),
        (0, 176),
        (90, 140),
        (190, 110),
        (200, 20),
        (130, -40),
        (60, -24),
        (0, -56),
        (-60, -24),
    ]
    b.blob([(x, y + 6) for x, y in cloud], b.dark)
    b.blob(cloud, b.thing)
    b.blob([(x * 0.84, 52 + (y - 52) * 0.82) for x, y in cloud], b.light)
    b.adorn(0, 54, 64, b.dark)
    for x in (-116, 116):
        b.adorn(x, 62, 28, b.dark)
    for x in (-120, -42, 42, 120):
        y = 158 + 22 * (abs(x) < 60)
        b.line([(x, y - 10), (x, y + 50)], b.light, 7)
        b.oval(x, y + 66, 24, 24, b.thing)
        b.line([(x - 10, y + 72), (x + 10, y + 72)], b.dark, 6)


def metal_bookmark(b: Brush) -> None:
    """A thin silver leaf, pierced, in a book."""
    b.shadow(240, 252)
    b.bar((0, 150, 250, 90), "#f1e9d3", 10)
    for y in range(84, 230, 22):
        b.line([(-240, y), (240, y)], "#d9cfb4", 4)
    b.bar((-250, 150, 22, 98), "#7d4a3a", 10)
    b.bar((0, 66, 262, 16), "#7d4a3a", 8)
    b.bar((0, 238, 262, 14), "#7d4a3a", 8)
    strip = [(-64, 60), (-64, -220), (0, -270), (64, -220), (64, 60)]
    b.poly(strip, b.dark)
    b.poly([(x - 3, y - 3) for x, y in strip], b.thing)
    b.ring(0, -216, (20, 20), b.trim, 8)
    b.swung([(0, 30), (-16, -50), (14, -120), (0, -180)], b.trim, 9)
    for x, y in ((-30, -30), (30, -90), (-24, -140), (24, 10)):
        blossom(b, (x, y), 24, b.trim)
    b.tassel(0, -200, 0.5)


def chased_bangle(b: Brush) -> None:
    """苗银: wide, with butterflies."""
    b.arc((0, 0, 252, 252), (118, 422), b.dark, 96)
    b.arc((0, 0, 248, 248), (118, 422), b.thing, 86)
    for part in (242, 176):
        b.arc((0, 0, part, part), (120, 420), b.light, 8)
    for turn in (150, 195, 240, 300, 345, 390):
        blossom(b, around(0, 0, 206, turn), 28, b.trim)
    butterfly(b, around(0, 0, 206, 270), 42, b.trim)
    for turn in (116, 64):
        b.oval(*around(0, 0, 206, turn), 50, 50, b.dark)
        b.oval(*around(0, 0, 206, turn), 26, 26, b.light)
