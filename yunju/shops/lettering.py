"""Letters on pictures: which font draws Chinese here, and where Chinese lines may break.

A font of the system is taken when it is one of the Noto or Source Han families (they have a serif, and every character of
GB 18030); else WenQuanYi Micro Hei out of a package, so that a bare machine never prints boxes. docs/adr tells why.
"""

import unicodedata
from collections.abc import Callable, Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path

from PIL import ImageFont

FOLDERS = (
    Path("/usr/share/fonts"),
    Path("/usr/local/share/fonts"),
    Path.home() / ".local/share/fonts",
    Path.home() / ".fonts",
    Path("/System/Library/Fonts"),
    Path("/Library/Fonts"),
)
SERIF = (
    "NotoSerifCJK-Bold",
    "NotoSerifCJKsc-Bold",
    "NotoSerifSC-Bold",
    "SourceHanSerifSC-Bold",
    "SourceHanSerif-Bold",
)
SANS = (
    "NotoSansCJK-Regular",
    "NotoSansCJKsc-Regular",
    "NotoSansSC-Regular",
    "SourceHanSansSC-Regular",
    "SourceHanSans-Regular",
)
PACKAGED = "wqy-microhei.ttc"
_ENDINGS = (".ttc", ".otf", ".ttf")

NEVER_FIRST = frozenset("，。、；：？！）》」』】〕〉”’…—·％‰℃,.;:?!)]}%~～")
"""What no line begins with."""

NEVER_LAST = frozenset("（《「『【〔〈“‘([{¥￥$#")
"""What no line ends with."""


def serif(size: int) -> ImageFont.FreeTypeFont:
    """For titles; the sans where no serif is to be had."""
    return _font(SERIF, size)


def sans(size: int) -> ImageFont.FreeTypeFont:
    """For everything else."""
    return _font(SANS, size)


@cache
def _font(names: tuple[str, ...], size: int) -> ImageFont.FreeTypeFont:
    found = _installed(names)
    path, face = found or (str(files("paperang_p2_fonts_cjk").joinpath("fonts", PACKAGED)), 0)
    return ImageFont.truetype(path, size, index=face)


@cache
def _installed(names: tuple[str, ...]) -> tuple[str, int] | None:
    """The first of the families that is installed, and which face of its file is the simplified Chinese one."""
    for name in names:
        for folder in FOLDERS:
            for path in sorted(folder.rglob(f"{name}.*")) if folder.is_dir() else ():
                if path.suffix in _ENDINGS:
                    return str(path), _simplified(path)
    return None


def _simplified(path: Path) -> int:
    if path.suffix != ".ttc":
        return 0
    for face in range(10):
        try:
            family, _ = ImageFont.truetype(str(path), 12, index=face).getname()
        except OSError:
            break
        if family and family.endswith(" SC"):
            return face
    return 0


def drawable(text: str, font: ImageFont.FreeTypeFont) -> str:
    """The text without what the font has no glyph for (an emoji in a shop's name): a gap is better than a box."""
    return " ".join("".join(char for char in text if char.isspace() or _has_glyph(font, char)).split())


def _has_glyph(font: ImageFont.FreeTypeFont, char: str) -> bool:
    if unicodedata.category(char) in {"Cf", "Cn", "Co", "Cs", "Mn"}:
        return False
    return bytes(font.getmask(char)) != _box(font)


@cache
def _box(font: ImageFont.FreeTypeFont) -> bytes:
    """What the font draws for a character that no font has."""
    return bytes(font.getmask("\U0010fffd"))


def wrap(text: str, width: float, measure: Callable[[str], float], most: int) -> list[str]:
    """Lines no wider than `width`, at most `most` of them, the last with an ellipsis where something is left out.

    Chinese breaks anywhere but before a closing and after an opening sign; a word or number of Latin letters stays whole
    while it fits into a line at all.
    """
    lines: list[str] = []
    line = ""
    for piece in _pieces(text, width, measure):
        if line and measure((line + piece).rstrip()) > width:
            line, carried = _broken(line)
            lines.append(line.rstrip())
            line = (carried + piece).lstrip()
        else:
            line += piece
    if line.strip():
        lines.append(line.rstrip())
    if len(lines) > most:
        lines = [*lines[: most - 1], _shortened(lines[most - 1], width, measure)]
    return lines


def _pieces(text: str, width: float, measure: Callable[[str], float]) -> Iterator[str]:
    """What may not be divided: one Chinese character with the closing signs behind it, or a whole Latin word."""
    held = ""
    for char in text:
        joins = held and (
            char in NEVER_FIRST or (_is_latin(char) and _is_latin(held[-1]) and measure(held + char) <= width)
        )
        if joins:
            held += char
            continue
        if held:
            yield held
        held = char
    if held:
        yield held


def _broken(line: str) -> tuple[str, str]:
    """The line without opening signs at its end, which go to the next one."""
    end = len(line)
    while end > 1 and line[end - 1] in NEVER_LAST:
        end -= 1
    return line[:end], line[end:]


def _shortened(line: str, width: float, measure: Callable[[str], float]) -> str:
    while line and measure(f"{line}…") > width:
        line = line[:-1]
    return f"{line.rstrip('，。、；：,.;: ')}…"


def _is_latin(char: str) -> bool:
    return char.isascii() and (char.isalnum() or char in "-_'&@/+")
