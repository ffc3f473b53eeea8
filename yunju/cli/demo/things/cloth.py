"""Of cloth: runners, scarves, bags, pouches."""

from yunju.cli.demo.things.brush import Brush


def table_runner(b: Brush) -> None:
    """桌旗: over the edge of a table, pointed, with a tassel."""
    b.oval(0, -90, 310, 74, "#b98f5f")
    b.poly([(-310, -90), (310, -90), (310, -56), (-310, -56)], "#b98f5f")
    b.arc((0, -56, 310, 74), (0, 180), "#93693f", 26)
    b.line([(-250, 0), (-262, 270)], "#93693f", 26)
    b.line([(250, 0), (262, 270)], "#93693f", 26)
    b.poly([(-92, -158), (92, -158), (124, 14), (-124, 14)], b.light)
    cloth = [(-124, 14), (124, 14), (124, 150), (0, 230), (-124, 150)]
    b.poly(cloth, b.thing)
    b.line([(-104, 20), (-104, 142), (0, 208), (104, 142), (104, 20)], b.trim, 8)
    b.adorn(0, 92, 70)
    b.adorn(0, -76, 46, b.thing)
    b.tassel(0, 236, 66)


def tea_runner(b: Brush) -> None:
    """茶席: a long cloth, half rolled."""
    b.shadow(250, 208)
    b.poly([(-170, -180), (290, -180), (250, 190), (-210, 190)], b.thing)
    b.stitches([(270, -160), (232, 172)], b.trim)
    for x, y in ((-40, -90), (120, -90), (-60, 90), (100, 90), (30, 0)):
        b.adorn(x + 20, y, 46)
    b.line([(-186, -176), (-226, 186)], b.dark, 84)
    b.line([(-196, -176), (-236, 186)], b.thing, 62)
    b.oval(-226, 192, 40, 26, b.light)
    b.oval(-226, 192, 22, 13, b.dark)


def silk_scarf(b: Brush) -> None:
    """丝巾: long and light, falling in three folds."""
    b.shadow(190, 268)
    b.blob(
        [(150, -200), (262, -150), (250, -40), (150, 20), (-130, 40), (-220, -20), (-120, -110), (60, -120)],
        b.light,
    )
    b.blob(
        [
            (-130, -50),
            (-240, 10),
            (-262, 130),
            (-160, 200),
            (60, 236),
            (262, 190),
            (284, 60),
            (140, 30),
            (-60, 40),
        ],
        b.dark,
    )
    b.blob(
        [
            (-290, -270),
            (-100, -296),
            (110, -240),
            (262, -160),
            (240, -80),
            (60, -80),
            (-110, -110),
            (-262, -90),
            (-250, -180),
        ],
        b.thing,
    )
    b.blob(
        [
            (-252, 90),
            (-160, 60),
            (60, 76),
            (290, 40),
            (262, 140),
            (290, 226),
            (110, 252),
            (-120, 236),
            (-240, 190),
        ],
        b.thing,
    )
    for shift in (0, 20):
        b.swung([(-262 + shift, -262), (-226 + shift, -180), (-240 + shift, -98)], b.trim, 8)
        b.swung([(266 - shift, 52), (240 - shift, 140), (266 - shift, 222)], b.trim, 8)
    b.swung([(-110, -40), (-40, -30), (120, -56)], b.pale, 7)
    for x, y in ((-110, -196), (40, -168), (-110, 148), (20, 160), (146, 146)):
        b.adorn(x, y, 48)


def scarf(b: Brush) -> None:
    """围巾: hung over a rod, with fringes."""
    b.line([(-300, -250), (300, -250)], "#8a6238", 24)
    for x, foot, fill in ((76, 130, b.dark), (-70, 190, b.thing)):
        b.poly([(x - 108, -262), (x + 108, -262), (x + 116, foot), (x - 116, foot)], fill)
        for n in range(11):
            end = x - 110 + n * 22
            b.line([(end, foot), (end + b.chance.uniform(-6, 6), foot + 60)], fill, 7)
        b.line([(x - 112, foot - 26), (x + 112, foot - 26)], b.trim, 9)
        b.line([(x - 110, foot - 46), (x + 110, foot - 46)], b.trim, 5)
    for row in range(4):
        for column in (-1, 1):
            b.adorn(-70 + column * 52, -190 + row * 92, 37)


def pouch(b: Brush) -> None:
    """香囊: gathered above, a knot and a tassel below."""
    b.swung([(-40, -150), (-70, -240), (0, -310), (70, -240), (40, -150)], "#b5483e", 10)
    b.blob([(-70, -190), (-30, -170), (0, -200), (30, -170), (70, -190), (44, -120), (-44, -120)], b.light)
    side = b.turned([(40, -130), (120, -60), (178, 40), (120, 130), (0, 168)])
    b.bar((0, -124, 54, 15), "#b5483e", 10)
    b.shine(side, -30, 70)
    b.adorn(0, 30, 96)
    b.oval(0, 182, 20, 20, "#b5483e")
    b.tassel(0, 206, 100, "#b5483e")


def drawstring(b: Brush) -> None:
    """束口袋: of patches, pulled together by a cord."""
    b.shadow(170)
    b.blob([(-150, -220), (-70, -196), (0, -224), (80, -196), (150, -220), (96, -120), (-96, -120)], b.light)
    b.blob(
        [(-90, -120), (-190, 60), (-200, 190), (-120, 250), (120, 250), (200, 190), (190, 60), (90, -120)],
        b.thing,
    )
    b.poly([(-186, 60), (-20, 60), (-20, 200), (-200, 200)], b.dark)
    b.poly([(20, -20), (152, -20), (186, 80), (20, 80)], b.light)
    b.stitches([(-186, 60), (-20, 60), (-20, 200), (-190, 200)])
    b.stitches([(20, -20), (20, 80), (180, 80)], b.dark)
    b.adorn(90, 160, 52)
    b.adorn(-100, 128, 46)
    b.bar((0, -122, 104, 16), b.trim, 10)
    for side in (-1, 1):
        b.swung([(side * 96, -122), (side * 190, -60), (side * 176, 20)], b.trim, 10)
        b.oval(side * 176, 30, 17, 20, b.dark)


def cup_sleeve(b: Brush) -> None:
    """杯套: a padded sleeve around a paper cup."""
    b.shadow(130)
    b.poly([(-160, -190), (160, -190), (112, 246), (-112, 246)], "#fffaf0")
    b.poly([(-150, -110), (150, -110), (122, 150), (-122, 150)], b.thing)
    b.stitches([(-140, -92), (140, -92)])
    b.stitches([(-116, 132), (116, 132)])
    b.adorn(0, 20, 86)
    b.bar((0, -206, 176, 22), b.dark, 12)
    b.poly([(-140, -228), (140, -228), (120, -262), (-120, -262)], b.dark)
    b.smoke(0, -270, 60)


def tote(b: Brush) -> None:
    """Two handles, a large print."""
    b.shadow(210, 258)
    for x in (14, 0):
        b.arc((x, -90, 100, 200), (180, 360), b.dark if x else b.thing, 22)
    b.poly([(-214, -100), (214, -100), (240, 250), (-240, 250)], b.thing)
    b.poly([(-214, -100), (214, -100), (217, -58), (-217, -58)], b.dark)
    for x in (-89, 89):
        b.bar((x, -50, 15, 48), b.dark, 4)
        b.line([(x - 8, -20), (x + 8, -4)], b.trim, 5)
    b.adorn(0, 104, 112)


def canvas_bag(b: Brush) -> None:
    """帆布袋: light cloth, long straps, the print in a square."""
    b.shadow(180, 272)
    for x in (20, 0):
        b.arc((x, -60, 84, 260), (180, 360), b.light if x else b.dark, 20)
    bag = [(-196, -80), (196, -80), (206, 264), (-206, 264)]
    b.poly(bag, b.light)
    b.poly([(-190, -74), (190, -74), (199, 258), (-199, 258)], "#f4ead2")
    b.stitches([(-186, -48), (186, -48)], b.light)
    b.bar((0, 104, 126, 126), b.thing, 10)
    b.frame((0, 104, 108, 108), b.trim, 6)
    b.adorn(0, 104, 84)


def apron(b: Brush) -> None:
    b.swung([(-96, -180), (-70, -300), (70, -300), (96, -180)], b.dark, 16)
    for side in (-1, 1):
        b.swung([(side * 180, 10), (side * 270, 30), (side * 286, 140)], b.dark, 14)
    shape = [
        (-100, -190),
        (100, -190),
        (112, -90),
        (196, 10),
        (204, 264),
        (-204, 264),
        (-196, 10),
        (-112, -90),
    ]
    b.poly(shape, b.thing)
    b.stitches([(-94, -168), (94, -168)])
    b.adorn(0, -76, 58)
    b.poly([(-124, 60), (124, 60), (124, 190), (84, 214), (-84, 214), (-124, 190)], b.dark)
    b.line([(0, 60), (0, 212)], b.thing, 6)
    b.stitches([(-120, 78), (120, 78)])
    b.stitches([(-196, 244), (196, 244)])


def cushion(b: Brush) -> None:
    b.shadow(230, 236)
    shape = [(-252, -220), (0, -196), (252, -220), (226, 0), (252, 220), (0, 204), (-252, 220), (-226, 0)]
    b.blob(shape, b.thing)
    b.blob([(x * 0.82, y * 0.82) for x, y in shape], b.dark)
    b.blob([(x * 0.79, y * 0.79) for x, y in shape], b.thing)
    b.adorn(0, 0, 116)
    for x in (-130, 130):
        for y in (-116, 116):
            b.adorn(x, y, 30)


def handkerchiefs(b: Brush) -> None:
    """手帕: three, folded, each of another plant's colour."""
    for n, fill in enumerate(("#d9b04a", "#b5655a", b.thing)):
        x, y = -70 + n * 64, -90 + n * 76
        b.bar((x + 8, y + 10, 186, 150), b.light, 16)
        b.bar((x, y, 186, 150), fill, 16)
        b.frame((x, y, 168, 132), "#f7f2e6", 6, 10)
        b.poly([(x + 186, y - 20), (x + 186, y + 150), (x + 16, y + 150)], b.pale if n == 2 else "#f1e2c4")
        b.adorn(x - 66, y - 44, 58, "#f7f2e6")
