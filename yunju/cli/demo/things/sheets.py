"""Sheets of paper, as they lie."""

from yunju.cli.demo.drawing import Point, around
from yunju.cli.demo.things.brush import Brush

SHEET = "#fffaf0"
RED = "#b5352a"
GOLD = "#e8b84f"


def laid(b: Brush, points: list[Point], fill: str = SHEET) -> None:
    """A sheet with the edge that lets it lie on paper of its own colour."""
    b.poly([(x + 7, y + 9) for x, y in points], b.light)
    b.poly(points, fill)


def tilted(at: Point, half: tuple[float, float], turn: float) -> list[Point]:
    x, y = at
    wide, high = half
    across, down = around(0, 0, 1, turn), around(0, 0, 1, turn + 90)
    return [
        (x + across[0] * one * wide + down[0] * two * high, y + across[1] * one * wide + down[1] * two * high)
        for one, two in ((-1, -1), (1, -1), (1, 1), (-1, 1))
    ]
