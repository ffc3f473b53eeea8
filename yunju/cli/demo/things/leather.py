"""Of leather: cases, belts, bags, each with its seam."""

from collections.abc import Sequence

from yunju.cli.demo.drawing import Point
from yunju.cli.demo.things.brush import Brush

METAL = "#c9a34e"


def _hide(b: Brush, points: Sequence[Point], fill: str) -> None:
    """A cut piece with its seam a little within the edge."""
    b.poly(points, fill)
    x, y = (sum(point[n] for point in points) / len(points) for n in (0, 1))
    seam = [(x + (one - x) * 0.92, y + (two - y) * 0.9) for one, two in points]
    b.stitches([*seam, seam[0]])


def card_case(b: Brush) -> None:
    b.shadow(220, 220)
    for n, fill in enumerate(("#e9e2cf", "#9db0b5", "#d8b25f")):
        b.bar((n * 10 - 10, -110 + n * 34, 196, 90), fill, 16)
        b.line([(-150, -166 + n * 34), (-40, -166 + n * 34)], b.light, 6)
    _hide(
        b,
        [(-236, -30), (-90, -30), (-50, 12), (50, 12), (90, -30), (236, -30), (236, 214), (-236, 214)],
        b.thing,
    )
    b.adorn(0, 116, 62)


def long_wallet(b: Brush) -> None:
    """长夹: folded lengthwise, notes looking out."""
    b.shadow(280, 190)
    b.bar((14, -126, 262, 60), "#c9867a", 4)
    b.bar((4, -110, 268, 60), "#dcb5a4", 4)
    b.bar((6, 40, 294, 150), b.dark, 24)
    b.bar((0, 34, 290, 144), b.thing, 22)
    b.stitches([(-268, -92), (268, -92), (268, 158), (-268, 158), (-268, -92)])
    b.poly([(60, -110), (290, -110), (290, 178), (130, 178)], b.dark)
    b.oval(168, 34, 26, 26, METAL)
    b.oval(168, 34, 12, 12, b.dark)
    b.adorn(-110, 34, 78)


def belt(b: Brush) -> None:
    """Rolled up, its buckle in front."""
    b.oval(-10, 20, 258, 250, b.dark)
    b.oval(-10, 20, 240, 232, b.thing)
    for part in (196, 150, 104):
        b.ring(-10 - (196 - part) * 0.1, 20, (part, part * 0.96), b.dark, 13)
    b.oval(-18, 20, 62, 58, "#f7f2e6")
    b.bar((96, 212, 220, 46), b.thing, 12)
    b.stitches([(-104, 178), (170, 178)])
    b.stitches([(-104, 246), (170, 246)])
    for x in (-70, -20, 30):
        b.oval(x, 212, 9, 9, "#f7f2e6")
    b.frame((226, 212, 66, 74), METAL, 20, 16)
    b.line([(170, 212), (284, 212)], METAL, 15)
    b.adorn(104, 212, 27)


def key_ring(b: Brush) -> None:
    b.ring(0, -180, (104, 104), "#9a9a94", 17)
    b.ring(10, -176, (100, 100), "#bdbdb6", 10)
    key = "#8c8f8a"
    b.line([(96, -120), (190, 150)], key, 24)
    b.ring(84, -130, (52, 52), key, 20)
    for part in (0.72, 0.88):
        x, y = 96 + 94 * part, -120 + 270 * part
        b.line([(x, y), (x + 44, y - 18)], key, 17)
    strap = [(-50, -120), (50, -120), (96, 30), (96, 220), (0, 290), (-96, 220), (-96, 30)]
    b.poly([(x - 34, y) for x, y in strap], b.dark)
    _hide(b, [(x - 40, y - 6) for x, y in strap], b.thing)
    b.adorn(-40, 120, 68)
    b.oval(-40, -60, 22, 22, METAL)


def pencil_case(b: Brush) -> None:
    """A roll of leather with a zip, two pencils out of it."""
    for x, colour, tall in ((-170, "#d8a441", -190), (-110, "#5f7f6a", -230), (-50, "#b5583a", -170)):
        b.line([(x + 20, 0), (x, tall)], colour, 34)
        b.poly([(x - 17, tall - 6), (x + 17, tall - 6), (x - 6, tall - 60)], "#ead9b4")
        b.poly([(x - 10, tall - 40), (x + 2, tall - 40), (x - 6, tall - 60)], "#2f2a28")
    b.shadow(260, 176)
    b.bar((0, 66, 290, 106), b.dark, 66)
    b.bar((0, 58, 286, 102), b.thing, 64)
    b.line([(-236, -16), (236, -16)], b.dark, 24)
    b.stitches([(-236, -16), (236, -16)], METAL, 20)
    b.bar((206, 10, 15, 40), METAL, 8)
    b.stitches([(-230, 138), (230, 138)])
    b.adorn(0, 68, 58)


def leather_tote(b: Brush) -> None:
    """托特包: stiff, with rolled handles and a pendant."""
    b.shadow(230, 262)
    b.arc((0, -80, 112, 190), (180, 360), b.dark, 28)
    b.poly([(-256, -90), (256, -90), (218, 254), (-218, 254)], b.thing)
    b.poly([(-238, 70), (238, 70), (218, 254), (-218, 254)], b.dark)
    b.stitches([(-246, -68), (246, -68)])
    b.stitches([(-232, 92), (232, 92)])
    for x in (-98, 98):
        b.poly([(x - 28, -84), (x + 28, -84), (x + 18, 10), (x, 34), (x - 18, 10)], b.dark)
        b.oval(x, -50, 12, 12, METAL)
    b.adorn(0, 166, 60)
    b.line([(150, -70), (170, 20)], METAL, 7)
    b.poly([(150, 20), (192, 20), (206, 96), (136, 96)], b.trim)
