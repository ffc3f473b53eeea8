"""From blocks and scissors: prints, cuts, and what they are printed on."""

from yunju.cli.demo.drawing import PAPER, around, mixed
from yunju.cli.demo.things.brush import Brush
from yunju.cli.demo.things.motifs import blossom, cloud, leaf
from yunju.cli.demo.things.sheets import GOLD, RED, SHEET, laid, tilted


def framed_print(b: Brush) -> None:
    wide, high = 206, b.chance.randint(240, 256)
    b.bar((10, 12, wide, high), b.light, 6)
    b.bar((0, 0, wide, high), b.thing, 6)
    b.bar((0, 0, wide - 24, high - 24), SHEET)
    b.bar((0, 0, wide - 62, high - 62), b.pale)
    b.frame((0, 0, wide - 62, high - 62), b.thing, 6)
    b.adorn(0, -10, 112, b.thing)
    b.oval(0, -10, 20, 20, b.trim)
    for x in (-112, 112):
        blossom(b, (x, high - 100), 26, b.trim)
        blossom(b, (x, 100 - high), 26, b.trim)
    b.bar((0, high - 94, 36, 11), RED, 4)


def harmony_print(b: Brush) -> None:
    """一团和气: a round smiling child holding a scroll."""
    b.bar((10, 12, 226, 256), b.light, 4)
    b.bar((0, 0, 226, 256), SHEET, 4)
    b.frame((0, 0, 206, 236), b.thing, 9)
    b.oval(0, 46, 178, 172, b.thing)
    for x, y in ((-116, 0), (116, 0), (-120, 110), (120, 110)):
        blossom(b, (x, y), 34, b.trim)
    b.oval(0, -60, 96, 88, "#f3d3b4")
    b.blob([(-98, -70), (-84, -136), (0, -168), (84, -136), (98, -70), (40, -112), (-40, -112)], "#2f2a28")
    for side in (-1, 1):
        b.oval(side * 104, -150, 34, 30, "#2f2a28")
        b.oval(side * 92, -128, 15, 11, b.trim)
        b.arc((side * 36, -60, 18, 14), (180, 360), "#2f2a28", 8)
        b.oval(side * 54, -34, 17, 13, "#e59a80")
    b.arc((0, -36, 24, 18), (10, 170), RED, 8)
    b.bar((0, 110, 120, 42), SHEET, 6)
    b.bar((-128, 110, 14, 54), b.trim, 8)
    b.bar((128, 110, 14, 54), b.trim, 8)
    cloud(b, (0, 112), 34, RED)


def four_panels(b: Brush) -> None:
    """条屏: four narrow sheets for the four seasons."""
    for n, x in enumerate((-201, -67, 67, 201)):
        b.bar((x + 6, 8, 57, 268), b.light)
        b.bar((x, 0, 57, 268), SHEET)
        b.bar((x, -254, 57, 14), b.thing)
        b.bar((x, 254, 57, 14), b.thing)
        b.swung([(x - 24, 190), (x + 10, 40), (x - 12, -60), (x + 14, -170)], b.thing, 10)
        for row, y in enumerate((-150, -70, 20, 110)):
            side = 1 if (row + n) % 2 else -1
            if n == 0:
                blossom(b, (x + side * 18, y), 28, "#c8676b")
            elif n == 1:
                leaf(b, (x, y + 30), (x + side * 44, y - 50), "#5d7f5a", 0.14)
            elif n == 2:
                leaf(b, (x, y + 20), (x + side * 44, y + 50), "#5d7f5a", 0.2)
            else:
                b.oval(x + side * 16, y, 23, 23, b.trim)
                b.ring(x + side * 16, y, (23, 23), RED, 5)
        b.bar((x + 30, 214, 12, 12), RED, 3)


def window_print(b: Brush) -> None:
    """窗花: cut out of red paper, a square on its point."""
    ink = mixed(b.thing, RED, 0.25)
    b.poly([around(0, 0, 330, 90 * n) for n in range(4)], ink)
    b.poly([around(0, 0, 288, 90 * n) for n in range(4)], PAPER)
    b.poly([around(0, 0, 268, 90 * n) for n in range(4)], ink)
    for n in range(4):
        x, y = around(0, 0, 196, 90 * n)
        b.oval(x, y, 32, 32, PAPER)
        b.oval(x, y, 15, 15, ink)
        for side in (-32, 32):
            leaf(b, around(0, 0, 150, 90 * n + side), around(0, 0, 222, 90 * n + side * 0.7), PAPER, 0.2)
    b.oval(0, 0, 126, 126, PAPER)
    for n in range(24):
        b.poly([around(0, 0, 130, 15 * n - 6), around(0, 0, 108, 15 * n), around(0, 0, 130, 15 * n + 6)], ink)
    b.adorn(0, 0, 84, ink)


def paper_cut(b: Brush) -> None:
    """剪纸团花: round, eight times folded."""
    ink = mixed(b.thing, RED, 0.25)
    b.oval(0, 0, 286, 286, ink)
    for n in range(16):
        b.oval(*around(0, 0, 284, 22.5 * n + 11), 40, 40, ink)
        b.oval(*around(0, 0, 292, 22.5 * n + 11), 17, 17, PAPER)
        b.oval(*around(0, 0, 254, 22.5 * n), 13, 13, PAPER)
    for n in range(8):
        leaf(b, around(0, 0, 132, 45 * n), around(0, 0, 236, 45 * n), PAPER, 0.26)
        leaf(b, around(0, 0, 158, 45 * n), around(0, 0, 212, 45 * n), ink, 0.22)
        x, y = around(0, 0, 176, 45 * n + 22.5)
        b.oval(x, y, 17, 17, PAPER)
    b.oval(0, 0, 116, 116, PAPER)
    b.adorn(0, 0, 88, ink)


def postcards(b: Brush) -> None:
    for at, turn in (((-60, -40), -16), ((10, 6), -3)):
        laid(b, tilted(at, (226, 156), turn))
        b.poly(tilted(at, (204, 134), turn), b.light)
    face = tilted((50, 60), (226, 156), 9)
    laid(b, face)
    b.poly(tilted((50, 60), (204, 134), 9), b.thing)
    b.adorn(44, 60, 96)
    stamp = tilted((204, 0), (32, 40), 9)
    b.poly(stamp, SHEET)
    b.poly(tilted((204, 0), (22, 30), 9), RED)


def magnet(b: Brush) -> None:
    """冰箱贴: three little plates, one each round, square and like a gourd."""
    b.shadow(90, 260, 0)
    b.oval(-122, -90, 134, 134, b.light)
    b.oval(-128, -98, 132, 132, b.thing)
    b.ring(-128, -98, (112, 112), b.trim, 8)
    b.adorn(-128, -98, 76)
    b.bar((146, -70, 112, 112), b.light, 26)
    b.bar((140, -78, 110, 110), b.trim, 26)
    b.frame((140, -78, 92, 92), b.thing, 7, 18)
    b.adorn(140, -78, 64, b.thing)
    for size, y in ((92, 190), (62, 82)):
        b.oval(6, y + 6, size, size * 0.9, b.light)
        b.oval(0, y, size, size * 0.9, b.thing)
    b.line([(0, 40), (16, 6)], b.dark, 14)
    b.adorn(0, 192, 52)
    b.bar((0, 130, 54, 11), RED, 6)


def scroll(b: Brush) -> None:
    """挂轴: hanging on its cord, with rods above and below."""
    b.line([(-120, -250), (0, -330), (120, -250)], b.dark, 7)
    b.bar((0, 0, 152, 256), b.thing)
    b.bar((0, -10, 124, 196), SHEET)
    b.bar((0, -250, 164, 13), b.dark, 8)
    b.bar((0, 254, 168, 17), b.dark, 12)
    for side in (-1, 1):
        b.bar((side * 182, 254, 20, 21), b.trim, 8)
        b.bar((side * 60, -222, 9, 30), b.trim)
    b.adorn(0, -50, 92, b.thing)
    for n in range(3):
        b.line([(-70, 90 + n * 24), (40 - n * 24, 90 + n * 24)], b.light, 8)
    b.bar((82, 140, 18, 18), RED, 4)


def bookplates(b: Brush) -> None:
    """藏书票: small prints with a tooth edge, in a fan."""
    for at, turn in (((-150, 26), -18), ((150, 26), 18), ((0, -20), 0)):
        laid(b, tilted(at, (112, 162), turn))
        b.poly(tilted(at, (94, 144), turn), b.thing if turn == 0 else b.light)
    b.poly(tilted((0, -42), (78, 100), 0), SHEET)
    b.adorn(0, -48, 66, b.thing)
    b.line([(-54, 92), (54, 92)], b.trim, 11)
    for x, turn in ((-158, -18), (158, 18)):
        b.adorn(x, 10, 52, SHEET if turn else b.thing)


def red_envelopes(b: Brush) -> None:
    """红包: three, fanned, their flaps edged with gold."""
    for at, turn, fill in (
        ((-124, 0), -12, mixed(RED, "#1f2226", 0.75)),
        ((124, 0), 12, mixed(RED, SHEET, 0.8)),
        ((0, 16), 0, RED),
    ):
        laid(b, tilted(at, (122, 220), turn), fill)
        down = around(0, 0, 1, turn + 90)
        for part, half, colour in ((-168, 50, GOLD), (-174, 46, fill)):
            flap = tilted((at[0] + down[0] * part, at[1] + down[1] * part), (122, half), turn)
            tip = (at[0] + down[0] * (part + half + 46), at[1] + down[1] * (part + half + 46))
            b.poly([flap[0], flap[1], flap[2], tip, flap[3]], colour)
    b.oval(0, 96, 92, 92, GOLD)
    b.adorn(0, 96, 66, RED)
    b.oval(0, -112, 24, 24, GOLD)


def print_kit(b: Brush) -> None:
    """体验包: a carved block, a roller, and the first sheet."""
    laid(b, tilted((90, -90), (170, 190), 8))
    b.adorn(96, -90, 104, b.thing)
    b.shadow(180, 256, -70)
    b.poly([(-270, 60), (110, 60), (140, 110), (-240, 110)], "#d9b26f")
    b.bar((-50, 180, 190, 74), "#b98a4c", 8)
    b.bar((-50, 176, 176, 60), b.thing, 6)
    b.adorn(-50, 176, 50, "#ecd9ae")
    for side in (-1, 1):
        b.adorn(-50 + side * 120, 176, 36, "#ecd9ae")
    b.line([(210, 60), (250, -60)], "#7a5230", 24)
    b.line([(150, 200), (200, 60), (270, 90)], "#6b6b6b", 11)
    b.line([(130, 204), (262, 244)], "#2f2a28", 58)
