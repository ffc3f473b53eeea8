"""Marks that are drawn: a seal (印) out of a name, a lattice window (窗棂) out of a number. Pure: the same gives the same.

Colours come from the style sheet (`currentcolor` and classes), so that a mark follows the scheme of its page; only the
picture that stands for goods without one brings its own ground.
"""

import math
import random
import re
import zlib
from collections.abc import Callable, Iterator

from django.utils.html import escape

Point = tuple[float, float]
_HAN = re.compile(r"[\u3400-\u9fff]")
_WORDS = re.compile(r"[^\W_]+")
_OF_KIND = re.compile(r"(股份|有限|责任|公司|工作室|合作社|研究院|小铺|小店|商店|的店|[店铺坊社])")
THREE = 3
GROUNDS = (("#E9E2D3", "#B5341F"), ("#E4EAF0", "#274B73"), ("#E2ECE5", "#2B6B49"), ("#F0E8D6", "#7A5600"))


# --- seals ------------------------------------------------------------------------------------------------------------
def characters(name: str, most: int) -> str:
    """What is cut into the seal: what makes the name its own, without words such as 工作室; initials of others."""
    own = _OF_KIND.sub("", name.partition("的")[0]) or name
    han = _HAN.findall(own) or _HAN.findall(name)
    if han and most > 1 and len(han) == THREE:
        return "".join([*han, "印"])  # as seals have done for long, so that the square is full
    if han:
        count = next(size for size in (4, 2, 1) if size <= min(most, len(han)))
        return "".join(han[:count])
    letters = [word[0].upper() for word in _WORDS.findall(name)]
    return "".join(letters[: min(most, 2)]) or "印"


def seal(name: str, size: str = "") -> str:
    """An `svg` of the class `seal`. A large one has up to four characters, read from the right column down."""
    cut = characters(name, 4 if size == "large" else 1)
    dice = random.Random(zlib.crc32(name.encode()))  # noqa: S311  (a mark, not a secret)
    lined = dice.random() < 0.4
    edge = _worn_edge(dice)
    body = f'<path class="{"edge" if lined else "field"}" d="{edge}"/>'
    texts = "".join(
        f'<text x="{x:g}" y="{y:g}" font-size="{high:g}">{escape(text)}</text>'
        for text, x, y, high in _places(cut)
    )
    kinds = " ".join(filter(None, ("seal", "lined" if lined else "", size)))
    return f'<svg class="{kinds}" viewBox="0 0 40 40" width="40" height="40" aria-hidden="true" focusable="false">{body}{texts}</svg>'


def _worn_edge(dice: random.Random) -> str:
    """A square whose edges have been pressed on paper many times."""
    steps = (3.0, 12.0, 20.0, 28.0, 37.0)

    def worn(at: float) -> float:
        return round(at + dice.uniform(-0.7, 0.7), 1)

    points = [(step, worn(2.5)) for step in steps[:-1]]
    points += [(worn(37.5), step) for step in steps[:-1]]
    points += [(step, worn(37.5)) for step in reversed(steps[1:])]
    points += [(worn(2.5), step) for step in reversed(steps[1:])]
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in points) + "Z"


def _places(cut: str) -> list[tuple[str, float, float, float]]:
    if len(cut) == 1:
        return [(cut, 20, 28.2, 23)]
    if not _HAN.match(cut):
        return [(cut, 20, 26.5, 18)]
    if len(cut) == 2:
        return [(cut[0], 20, 18.2, 15), (cut[1], 20, 34.0, 15)]
    columns = ((28.0, 18.2), (28.0, 34.0), (12.0, 18.2), (12.0, 34.0))
    return [(one, x, y, 15) for one, (x, y) in zip(cut, columns, strict=True)]


# --- lattices ---------------------------------------------------------------------------------------------------------
def cracked_ice(dice: random.Random) -> str:
    """冰裂纹: panes broken again and again, never twice alike."""
    panes: list[list[Point]] = [[(0, 0), (240, 0), (240, 240), (0, 240)]]
    cuts = []
    for _ in range(26):
        largest = max(range(len(panes)), key=lambda place: _area(panes[place]))
        first, second, cut = _broken(panes.pop(largest), dice)
        panes += [first, second]
        cuts.append(cut)
    return "".join(f"M{a[0]:.0f} {a[1]:.0f}L{b[0]:.0f} {b[1]:.0f}" for a, b in cuts)


def _area(pane: list[Point]) -> float:
    pairs = zip(pane, [*pane[1:], pane[0]], strict=True)
    return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in pairs)) / 2


def _broken(pane: list[Point], dice: random.Random) -> tuple[list[Point], list[Point], tuple[Point, Point]]:
    """Across from the longest side to the one that lies opposite."""
    count = len(pane)
    sides = [math.dist(pane[n], pane[(n + 1) % count]) for n in range(count)]
    one = sides.index(max(sides))
    other = (one + count // 2) % count
    a, b = _between(pane, one, dice), _between(pane, other, dice)
    low, high, first, last = (one, other, a, b) if one < other else (other, one, b, a)
    return (
        [*pane[: low + 1], first, last, *pane[high + 1 :]],
        [first, *pane[low + 1 : high + 1], last],
        (a, b),
    )


def _between(pane: list[Point], side: int, dice: random.Random) -> Point:
    (ax, ay), (bx, by) = pane[side], pane[(side + 1) % len(pane)]
    part = dice.uniform(0.32, 0.68)
    return ax + (bx - ax) * part, ay + (by - ay) * part


def tortoise(dice: random.Random) -> str:
    """龟背锦: six-sided cells."""
    side = dice.choice((20, 24, 30))
    high = side * math.sqrt(3)
    out = []
    for column in range(-1, 240 // int(1.5 * side) + 2):
        for line in range(-1, int(240 / high) + 2):
            x, y = column * 1.5 * side, line * high + (high / 2 if column % 2 else 0)
            points = [
                (x + side * math.cos(n * math.pi / 3), y + side * math.sin(n * math.pi / 3)) for n in range(4)
            ]
            out.append("M" + "L".join(f"{px:.0f} {py:.0f}" for px, py in points))
    return "".join(out)


def steps(dice: random.Random) -> str:
    """步步锦: frames within frames, held by short bars."""
    step = dice.choice((20, 24, 30))
    out = []
    for near in range(step, 120, step):
        far = 240 - near
        out.append(f"M{near} {near}H{far}V{far}H{near}Z")
        shift = (near // step % 2) * step
        for at in {120 - shift, 120 + shift}:
            out.append(
                f"M{at} {near - step}V{near}M{at} {far}V{far + step}M{near - step} {at}H{near}M{far} {at}H{far + step}"
            )
    return "".join(out)


def coins(dice: random.Random) -> str:
    """套钱纹: rings that hold each other."""
    radius = dice.choice((20, 24, 30))
    rings = range(0, 241, 2 * radius)
    out = [_ring(x, y, radius) for x in rings for y in rings]
    out += [_ring(x + radius, y + radius, radius) for x in rings for y in rings]
    return "".join(out)


def _ring(x: float, y: float, radius: float) -> str:
    return f"M{x - radius:g} {y:g}a{radius} {radius} 0 1 0 {2 * radius} 0a{radius} {radius} 0 1 0 {-2 * radius} 0"


def key_fret(dice: random.Random) -> str:
    """回纹: lines that turn in on themselves."""
    unit = dice.choice((5, 6))
    out = []
    for x in range(0, 240, 8 * unit):
        for y in range(0, 240, 8 * unit):
            turns = ((0, 8), (0, 0), (6, 0), (6, 5), (2, 5), (2, 2.5), (4, 2.5))
            flip = (x + y) // (8 * unit) % 2
            points = [((8 - px if flip else px) * unit + x, py * unit + y) for px, py in turns]
            out.append("M" + "L".join(f"{px:g} {py:g}" for px, py in points))
    return "".join(out)


def lanterns(dice: random.Random) -> str:
    """灯笼锦: eight-sided panes with squares between."""
    side = dice.choice((40, 48, 60))
    cut = side * 0.3
    out = []
    for x in range(0, 240, side):
        for y in range(0, 240, side):
            out.append(
                f"M{x + cut:g} {y}H{x + side - cut:g}L{x + side} {y + cut:g}V{y + side - cut:g}L{x + side - cut:g} {y + side}"
                f"H{x + cut:g}L{x} {y + side - cut:g}V{y + cut:g}Z"
                f"M{x + side / 2:g} {y + cut:g}L{x + side - cut:g} {y + side / 2:g}L{x + side / 2:g} {y + side - cut:g}L{x + cut:g} {y + side / 2:g}Z"
            )
    return "".join(out)


PATTERNS: tuple[Callable[[random.Random], str], ...] = (
    cracked_ice,
    tortoise,
    steps,
    coins,
    key_fret,
    lanterns,
)


def window(seed: int) -> Iterator[str]:
    """What a window is drawn of in a box of 280: the double frame, and the lattice cut to it."""
    dice = random.Random(seed)  # noqa: S311  (a pattern, not a secret)
    path = dice.choice(PATTERNS)(dice)
    yield '<path d="M3 3H277V277H3ZM15 15H265V265H15Z"/>'
    yield f'<svg x="20" y="20" width="240" height="240" viewBox="0 0 240 240"><path d="{path}"/></svg>'
    yield '<path d="M20 20H260V260H20Z"/>'


def lattice(seed: int) -> str:
    """A window in the colour of the text around it: for pages on which there is nothing yet."""
    inside = "".join(window(seed))
    return f'<svg class="lattice" viewBox="0 0 280 280" width="120" height="120" aria-hidden="true" focusable="false">{inside}</svg>'


def picture(seed: int) -> str:
    """A window on a coloured ground, as an image of its own: what goods without a picture show."""
    ground, ink = GROUNDS[zlib.crc32(str(seed).encode()) % len(GROUNDS)]
    inside = "".join(window(seed))
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 400" width="400" height="400">'
        f'<rect width="400" height="400" fill="{ground}"/>'
        f'<svg x="60" y="60" width="280" height="280" viewBox="0 0 280 280" fill="none" stroke="{ink}" stroke-width="3" stroke-opacity=".8">{inside}</svg></svg>'
    )
