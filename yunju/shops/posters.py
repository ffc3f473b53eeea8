"""A poster of a shop or of one offer, as PNG: what a shopkeeper keeps in her album and sends around.

Drawn on the server, because WeChat's browser saves an `<img>` by a long press and no canvas. The same words, pictures and
link give the same file: it is drawn once and kept for a month under the hash of what is on it.
"""

import hashlib
import io
import json
import logging
import random
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta

import segno
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage, storages
from PIL import Image, ImageDraw, ImageFont, ImageOps

from yunju.kernel import clock
from yunju.shops.lettering import drawable, sans, serif, wrap

log = logging.getLogger(__name__)
WIDTH, HEIGHT, MARGIN = 750, 1334, 56
INNER = WIDTH - 2 * MARGIN
GROUND, RAISED, INK, SOFT, LINE, ACCENT = "#F8F7F2", "#FFFFFF", "#1C1E21", "#575B60", "#DAD6CB", "#B5341F"
GROUNDS = (("#E9E2D3", "#B5341F"), ("#E4EAF0", "#274B73"), ("#E2ECE5", "#2B6B49"), ("#F0E8D6", "#7A5600"))
QR_WIDTH, QUIET = 236, 4
"""The code is as large as whole pixels a module allow within this width, with four modules of white around it."""

DRAWING = 1
"""Counts up when the drawing changes: older files are then no longer found."""

KEPT = timedelta(days=30)
FOLDER, DROPPED_AT_ONCE = "posters", 500


@dataclass(frozen=True, slots=True)
class Poster:
    """What stands on it. `pictures` are names in the public storage: one, or up to four for a shop; `seed` draws a
    lattice where there is none. `price` and `line` may be empty.
    """

    link: str
    shop: str
    cluster: str
    title: str
    hint: str
    seed: int
    price: str = ""
    line: str = ""
    pictures: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        said = json.dumps([DRAWING, asdict(self)], ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(said.encode()).hexdigest()[:40]


def png(poster: Poster) -> bytes:
    """The picture, drawn now or kept from an earlier time."""
    store, name = storages["private"], f"{FOLDER}/{poster.key}.png"
    if store.exists(name):
        with store.open(name) as kept:
            return bytes(kept.read())
    drawn = draw(poster, [found for name in poster.pictures if (found := _picture(name)) is not None])
    store.save(name, ContentFile(drawn))
    return drawn


def drop_old() -> int:
    """Posters that were drawn a month ago go; who wants one again has it drawn again."""
    store = storages["private"]
    if not store.exists(FOLDER):
        return 0
    names = [f"{FOLDER}/{name}" for name in store.listdir(FOLDER)[1]]
    old = [name for name in names if store.get_modified_time(name) < clock.now() - KEPT][:DROPPED_AT_ONCE]
    for name in old:
        store.delete(name)
    return len(old)


def draw(poster: Poster, pictures: Sequence[Image.Image]) -> bytes:
    """Head with the seal, pictures, words, and below them price and code."""
    sheet = Image.new("RGB", (WIDTH, HEIGHT), GROUND)
    pen = ImageDraw.Draw(sheet)
    pen.rectangle((20, 20, WIDTH - 21, HEIGHT - 21), outline=LINE, width=1)
    _head(pen, poster)
    _put_pictures(sheet, pictures or [lattice(poster.seed, INNER)])
    top = _code(sheet, poster.link)
    _words(pen, poster, top)
    written = io.BytesIO()
    sheet.save(written, "PNG", compress_level=6)
    return written.getvalue()


def _head(pen: ImageDraw.ImageDraw, poster: Poster) -> None:
    pen.rounded_rectangle((MARGIN, 48, MARGIN + 72, 120), radius=4, outline=ACCENT, width=4)
    seal = serif(42)
    mark = (drawable(poster.shop, seal) or "印")[0].upper()
    pen.text((MARGIN + 36, 84), mark, font=seal, fill=ACCENT, anchor="mm")
    _line(pen, (MARGIN + 92, 48), poster.shop, serif(34), INK)
    _line(pen, (MARGIN + 92, 92), poster.cluster, sans(22), SOFT)


def _line(
    pen: ImageDraw.ImageDraw, at: tuple[int, int], text: str, font: ImageFont.FreeTypeFont, fill: str
) -> None:
    """One line from `at` to the right margin."""
    kept = wrap(drawable(text, font), WIDTH - MARGIN - at[0], font.getlength, 1)
    pen.text(at, kept[0] if kept else "", font=font, fill=fill, anchor="la")


def _put_pictures(sheet: Image.Image, pictures: Sequence[Image.Image]) -> None:
    """One picture fills the square, four share it."""
    top, gap = 148, 10
    half = (INNER - gap) // 2
    places = [(MARGIN, top, INNER)]
    if len(pictures) >= 4:
        places = [(MARGIN + x * (half + gap), top + y * (half + gap), half) for y in (0, 1) for x in (0, 1)]
    for picture, (x, y, side) in zip(pictures, places, strict=False):
        sheet.paste(ImageOps.fit(picture, (side, side)), (x, y))
        ImageDraw.Draw(sheet).rectangle((x, y, x + side - 1, y + side - 1), outline=LINE, width=1)


def _code(sheet: Image.Image, link: str) -> int:
    """The QR code in the lower right corner, in whole pixels a module; the y where it begins."""
    code = segno.make(link, error="m", micro=False)
    modules = code.symbol_size(border=QUIET)[0]
    written = io.BytesIO()
    code.save(written, kind="png", scale=max(QR_WIDTH // modules, 4), border=QUIET, dark=INK, light=RAISED)
    with Image.open(written) as found:
        square = found.convert("RGB")
    x, y = WIDTH - MARGIN - square.width, HEIGHT - MARGIN - square.height
    sheet.paste(square, (x, y))
    return y


def _words(pen: ImageDraw.ImageDraw, poster: Poster, top_of_code: int) -> None:
    """Title and line over the whole width, price and hint beside the code."""
    y = 148 + INNER + 32
    title, small = serif(40), sans(26)
    for text in wrap(drawable(poster.title, title), INNER, title.getlength, 2):
        pen.text((MARGIN, y), text, font=title, fill=INK, anchor="la")
        y += 54
    y += 6
    room = max((top_of_code - 12 - y) // 38, 0)
    for text in wrap(drawable(poster.line, small), INNER, small.getlength, min(room, 3)) if room else ():
        pen.text((MARGIN, y), text, font=small, fill=SOFT, anchor="la")
        y += 38
    low = HEIGHT - MARGIN
    if poster.price:
        pen.text((MARGIN, low - 56), poster.price, font=serif(60), fill=ACCENT, anchor="ls")
    hint = sans(24)
    for n, text in enumerate(reversed(wrap(drawable(poster.hint, hint), 360, hint.getlength, 2))):
        pen.text((MARGIN, low - 34 * n), text, font=hint, fill=SOFT, anchor="ls")


def _picture(name: str) -> Image.Image | None:
    """A picture of the public storage, see-through parts on paper. None, and a word to the operator, when it is broken."""
    try:
        with default_storage.open(name) as file, Image.open(file) as found:
            glass = ImageOps.exif_transpose(found).convert("RGBA")
    except OSError as error:
        log.warning("a poster goes without the picture %s: %s", name, error)
        return None
    plain = Image.new("RGB", glass.size, RAISED)
    plain.paste(glass, mask=glass.getchannel("A"))
    return plain


def lattice(seed: int, side: int) -> Image.Image:
    """A lattice window (窗棂): what stands where there is no picture, the same for the same number."""
    dice = random.Random(seed)  # noqa: S311  (a pattern, not a secret)
    ground, ink = dice.choice(GROUNDS)
    sheet = Image.new("RGB", (side, side), ground)
    pen = ImageDraw.Draw(sheet)
    unit = side // 26
    steps = sorted(dice.sample(range(2, 11), 3))
    for step in steps:
        near, far, start = unit * (step + 1), side - unit * (step + 1), unit * dice.choice((1, 3, 5, 7))
        for at in (near, far):
            pen.line((at, start, at, side - start), fill=ink, width=8)
            pen.line((start, at, side - start, at), fill=ink, width=8)
    pen.rectangle((unit, unit, side - unit, side - unit), outline=ink, width=8)
    middle, reach = side // 2, unit * 4
    pen.ellipse(
        (middle - reach, middle - reach, middle + reach, middle + reach), fill=ground, outline=ink, width=8
    )
    return sheet
