"""For the desk: books, letters, cards, calendars."""

from yunju.cli.demo.drawing import PAPER
from yunju.cli.demo.things.brush import Brush
from yunju.cli.demo.things.motifs import border
from yunju.cli.demo.things.sheets import GOLD, RED, SHEET, laid, tilted


def journal(b: Brush) -> None:
    """手账本: bound in cloth, with a ribbon and an elastic."""
    wide = b.chance.randint(180, 196)
    b.bar((16, 16, wide, 250), b.light, 14)
    b.bar((10, 6, wide, 250), SHEET, 10)
    for n in range(3):
        b.line([(wide + 4 + n * 3, -236), (wide + 4 + n * 3, 240)], "#d9cfb4", 3)
    b.bar((0, 0, wide, 250), b.thing, 14)
    b.bar((24 - wide, 0, 24, 250), b.dark, 8)
    b.bar((26, -60, 104, 104), b.pale, 6)
    b.frame((26, -60, 90, 90), b.trim, 6)
    b.adorn(26, -60, 62, b.thing)
    b.line([(-60, 110), (112, 110)], b.trim, 9)
    b.line([(-20, 138), (72, 138)], b.trim, 7)
    b.line([(wide - 34, -248), (wide - 34, 248)], b.dark, 12)
    b.poly([(60, 248), (86, 248), (86, 306), (73, 290), (60, 306)], RED)


def lined_book(b: Brush) -> None:
    """An open notebook, lines on both pages, its cover beneath."""
    b.poly([(-290, -150), (0, -120), (290, -150), (290, 190), (0, 216), (-290, 190)], b.thing)
    for side in (-1, 1):
        page = [
            (0, -110),
            (side * 140, -164),
            (side * 270, -150),
            (side * 270, 170),
            (side * 140, 160),
            (0, 200),
        ]
        b.poly(page, SHEET)
        for n in range(8):
            y = -108 + n * 33
            b.line([(side * 36, y + 12), (side * 140, y - 16), (side * 244, y - 8)], b.light, 5)
    b.line([(0, -108), (0, 200)], b.light, 8)
    b.adorn(150, 40, 66, b.trim)
    b.line([(-240, 230), (150, 268)], b.dark, 22)
    b.poly([(150, 256), (196, 272), (150, 280)], b.trim)


def letter_set(b: Brush) -> None:
    """A sheet that comes out of its envelope."""
    b.bar((8, -86, 176, 190), b.light)
    b.bar((0, -94, 176, 190), SHEET)
    b.adorn(0, -214, 44, b.thing)
    for n in range(5):
        b.line([(-130, -136 + n * 34), (130, -136 + n * 34)], b.light, 6)
    b.poly([(-250, -10), (0, -120), (250, -10)], b.dark)
    b.bar((0, -94, 176, 150), SHEET)
    for n in range(3):
        b.line([(-130, -136 + n * 34), (130, -136 + n * 34)], b.light, 6)
    b.adorn(0, -204, 34, b.thing)
    b.poly([(-250, -10), (0, 110), (250, -10), (250, 240), (-250, 240)], b.thing)
    b.line([(-250, 236), (0, 80), (250, 236)], b.dark, 8)
    b.oval(0, 96, 52, 50, RED)
    b.adorn(0, 96, 28, "#f0c9b0")


def card(b: Brush) -> None:
    """贺卡: folded, it stands."""
    b.shadow(230, 250)
    b.poly([(-40, -230), (220, -190), (220, 236), (-40, 250)], b.light)
    b.poly([(-230, -196), (-40, -236), (-40, 254), (-230, 240)], b.dark)
    b.poly([(-170, -210), (170, -230), (170, 246), (-170, 246)], SHEET)
    b.frame((0, 8, 142, 210), b.thing, 9)
    b.adorn(0, -46, 98, b.thing)
    b.line([(-74, 110), (74, 110)], b.trim, 12)
    b.line([(-44, 150), (44, 150)], b.trim, 9)


def invitation(b: Brush) -> None:
    """请柬: two leaves that open like a door, double happiness on both."""
    b.shadow(250, 240)
    for side in (-1, 1):
        b.poly([(side * 8, -210), (side * 250, -180), (side * 250, 210), (side * 8, 240)], RED)
        b.poly([(side * 26, -186), (side * 232, -160), (side * 232, 190), (side * 26, 216)], GOLD)
        b.poly([(side * 36, -174), (side * 222, -150), (side * 222, 180), (side * 36, 204)], RED)
    b.oval(0, 14, 118, 118, GOLD)
    b.oval(0, 14, 102, 102, SHEET)
    for x in (-34, 34):
        for y, wide in ((-42, 30), (-16, 20), (30, 28), (74, 26)):
            b.line([(x - wide, y), (x + wide, y)], RED, 11)
        b.line([(x, -60), (x, -16)], RED, 11)
        b.frame((x, 7, 18, 14), RED, 9)
        b.frame((x, 56, 22, 17), RED, 9)


def bookmarks(b: Brush) -> None:
    """Three strips with tassels, spread."""
    for x, turn, fill in ((-150, -10, b.thing), (150, 10, b.trim), (0, 0, SHEET)):
        laid(b, tilted((x, 40), (62, 226), turn), fill)
        top = (x + turn * 3.4, -150)
        b.oval(*top, 15, 15, PAPER)
        b.swung([top, (top[0] + 16, top[1] - 60), (top[0] - 4, top[1] - 90)], b.dark, 7)
        b.tassel(top[0] - 4, top[1] - 96, 70, RED if fill == SHEET else b.dark)
        ink = SHEET if fill == b.thing else b.thing
        b.adorn(x, 40, 46, ink)
        b.adorn(x - turn * 1.9, 160, 30, ink)
    b.frame((0, 40, 48, 212), b.thing, 6)


def desk_calendar(b: Brush) -> None:
    b.shadow(250, 252)
    b.poly([(-200, -160), (200, -160), (264, 244), (-264, 244)], b.dark)
    b.poly([(-214, -176), (214, -176), (240, 206), (-240, 206)], SHEET)
    b.poly([(-214, -176), (214, -176), (221, -66), (-221, -66)], b.thing)
    b.adorn(0, -120, 42)
    marked = b.chance.randint(6, 20)
    for n in range(28):
        x, y = -174 + n % 7 * 58, -20 + n // 7 * 58
        if n == marked:
            b.oval(x, y, 25, 25, RED)
        b.bar((x, y, 11, 11), SHEET if n == marked else b.light if n % 7 < 5 else b.trim, 4)
    for x in range(-180, 181, 60):
        b.ring(x, -186, (13, 24), b.dark, 8)


def wall_calendar(b: Brush) -> None:
    """万年历: a board with type that is set anew each day."""
    b.line([(-70, -230), (0, -310), (70, -230)], b.dark, 9)
    b.bar((8, 24, 206, 250), b.light, 16)
    b.bar((0, 16, 206, 250), "#c9a36a", 16)
    b.bar((0, -140, 170, 70), SHEET, 8)
    b.adorn(0, -140, 50, b.thing)
    for row in range(3):
        for column in range(3):
            x, y = -116 + column * 116, -4 + row * 98
            lit = row == 1 and column == 1
            b.bar((x, y, 46, 42), b.trim if lit else b.thing, 8)
            for n in range(b.chance.randint(2, 3)):
                b.line([(x - 22, y - 18 + n * 17), (x + 22, y - 18 + n * 17)], PAPER, 6)
            b.line([(x, y - 24), (x, y + 24)], PAPER, 6)


def note_pad(b: Brush) -> None:
    for n in range(4, -1, -1):
        b.poly(tilted((n * 7, 20 + n * 9), (200, 214), 2), b.light if n % 2 else SHEET)
    b.poly(tilted((0, 16), (200, 214), 2), SHEET)
    b.poly(tilted((6, -164), (200, 36), 2), b.thing)
    b.adorn(6, -164, 26)
    for n in range(5):
        b.line([(-150, -70 + n * 56), (150, -62 + n * 56)], b.light, 6)
    b.poly([(196, 232), (90, 232), (200, 130)], b.light)
    b.line([(250, -120), (96, 150)], b.trim, 26)
    b.poly([(84, 142), (110, 156), (82, 188)], "#2f2a28")
    b.adorn(-70, 150, 44, b.thing)


def stamp(b: Brush) -> None:
    """藏书章: a handle of wood, and what it printed."""
    laid(b, tilted((110, 130), (170, 110), -6))
    b.poly(tilted((110, 130), (92, 78), -6), RED)
    border(b, (110, 130), 66, SHEET)
    b.shadow(110, 196, -130)
    b.bar((-130, 150, 92, 50), b.dark, 8)
    b.bar((-130, 198, 84, 16), RED, 4)
    handle = [(44, -190), (62, -140), (38, -60), (46, 20), (92, 104)]
    b.blob([*((x - 130, y) for x, y in handle), *((-x - 130, y) for x, y in reversed(handle))], b.thing)
    b.bar((-130, 84, 74, 15), b.trim, 7)
    b.line([(-156, -140), (-148, -60)], b.light, 12)
