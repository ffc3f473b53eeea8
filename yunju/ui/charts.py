"""Charts as SVG from the server: bars, a line with its area, a spark beside a figure. Pure.

Positions across are per cent and heights are pixels, so that letters keep their size from a phone to a desk; colours and
strokes are classes of the style sheet and follow the scheme. Each chart carries its numbers as a table for those who
cannot see it or want them exactly (`ui/chart.html`).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

HEIGHT, TOP, FOOT = 208, 20, 180
"""Of the drawing, of the highest line, of the axis, in pixels."""
MOST_LABELS = 5
SCALE_GAP = 8
"""Between the labels of the scale and the drawing, in pixels."""
WIDE_FROM = 0x2E7F
STEPS = (1, 2, 5, 10)


@dataclass(frozen=True)
class Spot:
    """One value: `label` is short and stands below the axis, `name` is whole and stands in the table."""

    label: str
    name: str
    value: int


@dataclass(frozen=True)
class Chart:
    """`key` tells charts of one page apart; `show` writes a value out, `short` writes it for the axis."""

    key: str
    title: str
    spots: Sequence[Spot]
    show: Callable[[int], str]
    short: Callable[[int], str]
    kind: str = "bars"  # bars | line

    @property
    def latest(self) -> str:
        return self.show(self.spots[-1].value) if self.spots else ""

    @property
    def latest_name(self) -> str:
        return self.spots[-1].name if self.spots else ""

    @property
    def rows(self) -> list[tuple[str, str]]:
        """The table twin, the newest first."""
        return [(spot.name, self.show(spot.value)) for spot in reversed(self.spots)]

    @property
    def summary(self) -> str:
        """What somebody who sees the chart knows after a glance."""
        if not self.spots:
            return _("Nothing to draw yet.")
        high, low = max(self.spots, key=_value), min(self.spots, key=_value)
        return _(
            "From %(first)s to %(last)s. Highest: %(high)s on %(high_at)s. Lowest: %(low)s on %(low_at)s."
        ) % {
            "first": self.spots[0].name,
            "last": self.spots[-1].name,
            "high": self.show(high.value),
            "high_at": high.name,
            "low": self.show(low.value),
            "low_at": low.name,
        }

    @property
    def svg(self) -> SafeString:
        """The drawing; empty where there is nothing to draw."""
        if not self.spots:
            return SafeString("")
        marks = ticks(max(spot.value for spot in self.spots))
        drawn = _bars(self, marks[-1]) if self.kind == "bars" else _curve(self, marks[-1])
        body = _lines(marks) + drawn
        return format_html(
            '<svg width="100%" height="{}" role="img" aria-labelledby="{}-title {}-desc">'
            '<title id="{}-title">{}</title><desc id="{}-desc">{}</desc>{}{}</svg>',
            HEIGHT,
            self.key,
            self.key,
            self.key,
            self.title,
            self.key,
            self.summary,
            mark_safe(body),  # noqa: S308  (numbers, and texts escaped where they are put in)
            mark_safe(_below(self.spots)),  # noqa: S308
        )

    @property
    def scale(self) -> SafeString:
        """What the lines mean, in a column of its own: no bar and no curve runs through a number."""
        if not self.spots:
            return SafeString("")
        marks = ticks(max(spot.value for spot in self.spots))
        texts = [(self.short(mark), _y(mark, marks[-1]) + 4) for mark in marks]
        width = SCALE_GAP + max(_width(text) for text, _height in texts)
        shown = format_html_join(
            "",
            '<text class="scale" x="{}" y="{}" text-anchor="end">{}</text>',
            [(width - SCALE_GAP, f"{y:g}", text) for text, y in texts],
        )
        return format_html('<svg width="{}" height="{}" aria-hidden="true">{}</svg>', width, HEIGHT, shown)


def _width(text: str) -> int:
    """About how many pixels a label takes: a Chinese character is twice as wide as a figure."""
    return sum(13 if ord(letter) > WIDE_FROM else 8 for letter in text)


def _lines(marks: Sequence[int]) -> str:
    heights = [(_y(mark, marks[-1]), "grid-line" if mark else "axis") for mark in marks]
    return "".join(f'<line class="{kind}" x1="0" x2="100%" y1="{y}" y2="{y}"/>' for y, kind in heights)


def ticks(most: int) -> list[int]:
    """Zero and two to four round values above it, the last at or above `most`: 1, 2 or 5 with noughts."""
    if most <= 1:
        return [0, 1]
    step = next(
        scale * base
        for scale in (10**power for power in range(len(str(most)) + 1))
        for base in STEPS
        if scale * base * 4 >= most
    )
    count = -(-most // step)
    return [step * number for number in range(count + 1)]


def spark(values: Sequence[int], label: str) -> SafeString:
    """A small line that goes with a figure; it has no axis, the figure says what it counts."""
    if len(values) < 2:
        return SafeString("")
    most, least = max(values), min(values)
    span = (most - least) or 1
    points = [
        (2 + 88 * place / (len(values) - 1), 24 - 20 * (value - least) / span)
        for place, value in enumerate(values)
    ]
    path = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    x, y = points[-1]
    return format_html(
        '<svg class="spark" viewBox="0 0 96 28" width="96" height="28" role="img" aria-label="{}">'
        '<path class="curve" d="{}"/><circle class="dot" cx="{}" cy="{}" r="2.5"/></svg>',
        label,
        path,
        f"{x:.1f}",
        f"{y:.1f}",
    )


def _value(spot: Spot) -> int:
    return spot.value


def _y(value: int, most: int) -> float:
    return round(FOOT - (FOOT - TOP) * max(value, 0) / most, 1)


def _says(chart: Chart, spot: Spot) -> str:
    return escape(f"{spot.name}: {chart.show(spot.value)}")


def _bars(chart: Chart, most: int) -> str:
    width = 100 / len(chart.spots)
    out = []
    for place, spot in enumerate(chart.spots):
        y = _y(spot.value, most)
        last = " is-last" if place == len(chart.spots) - 1 else ""
        out.append(
            f'<rect class="bar-shape{last}" x="{(place + 0.14) * width:.3f}%" y="{y:g}" width="{0.72 * width:.3f}%"'
            f' height="{FOOT - y:g}"><title>{_says(chart, spot)}</title></rect>'
        )
    return "".join(out)


def _curve(chart: Chart, most: int) -> str:
    """The line is stretched to the width; strokes are not (`vector-effect` in the style sheet)."""
    count = max(len(chart.spots) - 1, 1)
    points = [(1000 * place / count, _y(spot.value, most)) for place, spot in enumerate(chart.spots)]
    path = "L".join(f"{x:.1f} {y:g}" for x, y in points)
    width = 100 / len(chart.spots)
    touch = "".join(
        f'<rect class="touch" x="{place * width:.3f}%" y="{TOP}" width="{width:.3f}%" height="{FOOT - TOP}">'
        f"<title>{_says(chart, spot)}</title></rect>"
        for place, spot in enumerate(chart.spots)
    )
    return (
        f'<svg width="100%" height="{HEIGHT}" viewBox="0 0 1000 {HEIGHT}" preserveAspectRatio="none">'
        f'<path class="area" d="M{points[0][0]:.1f} {FOOT}L{path}L{points[-1][0]:.1f} {FOOT}Z"/>'
        f'<path class="curve" d="M{path}"/></svg>'
        f'<circle class="dot" cx="100%" cy="{points[-1][1]:g}" r="4"/>{touch}'
    )


def _below(spots: Sequence[Spot]) -> str:
    """At most five labels: the first, the last, and some evenly between them."""
    count = len(spots)
    wanted = min(MOST_LABELS, count)
    places = sorted({round(number * (count - 1) / max(wanted - 1, 1)) for number in range(wanted)})
    out = []
    for place in places:
        anchor = (
            "start" if place == 0 and count > 1 else "end" if place == count - 1 and count > 1 else "middle"
        )
        across = 0 if anchor == "start" else 100 if anchor == "end" else (place + 0.5) * 100 / count
        out.append(
            f'<text x="{across:.2f}%" y="{FOOT + 20}" text-anchor="{anchor}">{escape(spots[place].label)}</text>'
        )
    return "".join(out)
