"""Pictures that people send: read by their content, never by their name, and written anew, so that only pixels survive.

`rewritten` is pure. `kept` puts the new files of one action into a storage before its transaction (a picture may take a
second, a lock may not) and takes them away again when the action is refused.
"""

import hmac
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO

from django.core import signing
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.utils.crypto import salted_hmac
from PIL import Image, ImageOps, UnidentifiedImageError

from yunju.kernel.actor import Actor
from yunju.kernel.errors import Invalid
from yunju.kernel.ids import public_code

FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
MOST_BYTES, MOST_PIXELS, MOST_SIDE, SMALL_SIDE = 10_000_000, 40_000_000, 2_000, 320
SHRINKABLE = ("RGB", "RGBA", "L", "CMYK")
"""Modes that are made smaller as they are; a palette knows no colour between two."""

FOLDERS = ("cases/", "threads/")
"""What links may open; other private files have doors of their own."""

LINK_SALT, LINK_SECONDS = "yunju.web.files", 3600


@dataclass(frozen=True, slots=True)
class Kept:
    """Names in the storage: the picture, and the small one that lists show."""

    name: str
    small: str


def rewritten(file: BinaryIO, *, field: str = "file") -> bytes:
    """The picture as WebP, upright, at most 2,000 pixels a side, without metadata (a phone writes where it was taken)."""
    return _webp(_read(file, field))


@contextmanager
def kept(
    files: Sequence[BinaryIO],
    *,
    folder: str,
    storage: str = "private",
    most: int = 6,
    field: str = "pictures",
) -> Iterator[list[Kept]]:
    """The pictures, rewritten and stored; an error in the block removes them. Raises Invalid at `field`."""
    if len(files) > most:
        raise Invalid("picture.too_many", field=field, most=most)
    drawn = [_read(file, field) for file in files]
    store = storages[storage]
    written: list[Kept] = []
    try:
        for picture in drawn:
            code = public_code()
            name = store.save(f"{folder}/{code}.webp", ContentFile(_webp(picture)))
            written.append(Kept(name, ""))
            picture.thumbnail((SMALL_SIDE, SMALL_SIDE))
            small = store.save(f"{folder}/{code}-s.webp", ContentFile(_webp(picture)))
            written[-1] = Kept(name, small)
        yield written
    except BaseException:
        for one in written:
            for name in filter(None, (one.name, one.small)):
                store.delete(name)
        raise


def private_link(name: str, by: Actor) -> str:
    """What a private picture's address ends in, for the next hour and for `by` alone. Only who may show it asks for one."""
    return signing.dumps([name, viewer(by)], salt=LINK_SALT)


def name_in_link(signed: str, by: Actor) -> str:
    """The name again; empty when it was not signed here, the hour is over, or it was signed for somebody else."""
    try:
        name, whose = signing.loads(signed, salt=LINK_SALT, max_age=LINK_SECONDS)
    except (signing.BadSignature, ValueError):
        return ""
    if not str(name).startswith(FOLDERS) or ".." in name or not name.endswith(".webp"):
        return ""
    return str(name) if hmac.compare_digest(str(whose), viewer(by)) else ""


def viewer(by: Actor) -> str:
    """Who looks, and for which members: a role that is taken away takes its links along. Nobody's name is in it."""
    who = f"user {by.user_id}" if by.user_id is not None else f"browser {by.holder}"
    said = f"{by.cluster_id} {who} {sorted(by.grants)}"
    return salted_hmac("yunju.kernel.pictures.viewer", said, algorithm="sha256").hexdigest()[:32]


def _read(file: BinaryIO, field: str) -> Image.Image:
    """The picture upright, at most MOST_SIDE a side. Raises Invalid at `field`."""
    content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise Invalid("picture.too_large", field=field, most=MOST_BYTES // 1_000_000)
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as found:
            _small_enough(found, field)
            found.verify()
        with Image.open(io.BytesIO(content), formats=FORMATS) as found:
            # Small at once: six photos of 40 million pixels would else lie in memory together.
            plain = found if found.mode in SHRINKABLE else _coloured(found)
            plain.thumbnail((MOST_SIDE, MOST_SIDE))
            return _coloured(ImageOps.exif_transpose(plain))
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError) as error:
        raise Invalid("picture.unreadable", field=field) from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Invalid("picture.too_many_pixels", field=field, most=MOST_PIXELS // 1_000_000) from error


def _coloured(found: Image.Image) -> Image.Image:
    return found.convert("RGBA" if found.has_transparency_data else "RGB")


def _webp(plain: Image.Image) -> bytes:
    plain.info.clear()
    written = io.BytesIO()
    plain.save(written, "WEBP", quality=85)
    return written.getvalue()


def _small_enough(found: Image.Image, field: str) -> None:
    width, height = found.size
    if width * height > MOST_PIXELS:
        raise Invalid("picture.too_many_pixels", field=field, most=MOST_PIXELS // 1_000_000)
