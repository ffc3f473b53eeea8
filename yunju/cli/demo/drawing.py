"""What every picture of the demonstration shares: its sides, its colours, its geometry."""

import math
from dataclasses import dataclass

SIDE = 1_200  # drawn larger than shown, so that edges come out smooth
SHOWN = 480
MIDDLE = SIDE // 2
GATE = 400
PAPER = "#f7f2e6"
Colour = str
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Palette:
    """Ground and bars of the window, the thing behind it, and its ornament."""

    ground: Colour
    bars: Colour
    thing: Colour
    ornament: Colour


def box(x: float, y: float, wide: float, high: float) -> tuple[float, float, float, float]:
    return x - wide, y - high, x + wide, y + high


def around(x: float, y: float, radius: float, degrees: float) -> Point:
    turn = math.radians(degrees)
    return x + radius * math.cos(turn), y + radius * math.sin(turn)


def mixed(colour: Colour, ground: Colour, part: float) -> Colour:
    """So much of the colour on that ground."""
    pairs = ((int(colour[n : n + 2], 16), int(ground[n : n + 2], 16)) for n in (1, 3, 5))
    return "#" + "".join(f"{round(one * part + other * (1 - part)):02x}" for one, other in pairs)
