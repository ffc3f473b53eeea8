"""Contrast of the colours in the style sheet, computed from the file itself: what /design prints and a test asserts. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

_DARK = re.compile(r"@media \(prefers-color-scheme: dark\) \{(.*?)\n\}", re.DOTALL)
_TOKEN = re.compile(r"--([a-z-]+):\s*(#[0-9a-fA-F]{6})\s*;")
TEXT, CONTROL = 4.5, 3.0
"""What WCAG 2.2 AA asks of text, and of the border of a control and what else has to be made out."""

GROUNDS = ("ground", "raised", "sunk")
WORDS = ("ink", "soft", "accent", "accent-deep", "info", "done", "wait")
ON_WASH = {
    "wash-accent": ("ink", "soft", "accent-deep", "info"),
    "wash-info": ("ink", "soft", "info"),
    "wash-done": ("ink", "soft", "done", "info"),
    "wash-wait": ("ink", "soft", "wait", "info"),
}
"""Which words stand on which washed ground. Accent itself does not stand on its wash: the deeper one does."""

Scheme = Mapping[str, str]


@dataclass(frozen=True)
class Pair:
    """`front` on `back`: the figure must be `least` or more."""

    front: str
    back: str
    least: float
    ratio: float

    @property
    def holds(self) -> bool:
        return self.ratio >= self.least


def luminance(colour: str) -> float:
    """Relative luminance of `#rrggbb`, as WCAG defines it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def ratio(one: str, other: str) -> float:
    """From 1 (the same) to 21 (black on white)."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def schemes(sheet: str) -> dict[str, Scheme]:
    """The colour tokens of `tokens.css` in light and in dark, where those of the light that dark leaves alone stay."""
    found = _DARK.search(sheet)
    dark = dict(_TOKEN.findall(found[1])) if found else {}
    light = dict(_TOKEN.findall(_DARK.sub("", sheet)))
    return {"light": light, "dark": light | dark}


def pairs(scheme: Scheme) -> list[Pair]:
    """Every pair that stands on a page."""
    wanted = [(word, back, TEXT) for back in GROUNDS for word in WORDS]
    wanted += [(word, back, TEXT) for back, words in ON_WASH.items() for word in words]
    wanted += [("on-accent", "accent", TEXT), ("on-accent", "accent-deep", TEXT)]
    wanted += [(edge, back, CONTROL) for edge in ("soft", "edge") for back in ("ground", "raised")]
    wanted += [
        ("info", back, CONTROL) for back in ("ground", "raised", *ON_WASH)
    ]  # the ring of what has the focus
    return [Pair(front, back, least, ratio(scheme[front], scheme[back])) for front, back, least in wanted]
