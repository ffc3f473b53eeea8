import io
import struct
import zlib

import pytest
from django.core.files.storage import default_storage
from PIL import Image

from tests.factories.catalog import make_offer
from tests.factories.members import acts_for, buyer, make_cluster, make_member
from yunju.catalog.actions import pictures
from yunju.catalog.models import Picture
from yunju.kernel import pictures as kernel_pictures
from yunju.kernel.errors import Forbidden, Invalid, NotFound
from yunju.members.words import CapacityKind, RoleKind


@pytest.fixture
def supplier(db_app):
    return make_member(make_cluster(), capacities=[CapacityKind.SUPPLIER])


def drawn(kind="JPEG", size=(40, 20), mode="RGB", **saved) -> bytes:
    written = io.BytesIO()
    Image.new(mode, size, "red" if mode in {"RGB", "RGBA", "P"} else 1).save(written, kind, **saved)
    return written.getvalue()


def png_header(width: int, height: int) -> bytes:
    """A PNG that says it is huge and has no pixels: what a bomb looks like before it is opened."""

    def part(kind: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + part(b"IHDR", head)
        + part(b"IDAT", zlib.compress(b"\x00"))
        + part(b"IEND", b"")
    )


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


def test_what_is_kept_has_no_trace_of_where_it_was_taken():
    exif = Image.Exif()
    exif[0x0112] = 6  # held upright: turned by a quarter
    exif[0x010F] = "phone"
    exif.get_ifd(0x8825)[2] = (39.0, 54.0, 0.0)
    kept = opened(pictures.rewritten(io.BytesIO(drawn(exif=exif, comment=b"<script>"))))
    assert (kept.format, kept.size, dict(kept.getexif())) == ("WEBP", (20, 40), {})
    assert "comment" not in kept.info


@pytest.mark.parametrize(
    ("kind", "mode"),
    [("PNG", "RGBA"), ("PNG", "P"), ("GIF", "P"), ("WEBP", "RGB"), ("JPEG", "CMYK"), ("PNG", "1")],
)
def test_usual_pictures_are_taken(kind, mode):
    assert opened(pictures.rewritten(io.BytesIO(drawn(kind, mode=mode)))).format == "WEBP"


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P", "LA", "1", "I;16"])
def test_large_ones_do_not_lie_in_memory_together(mode):
    content = drawn("PNG", (2_600, 1_300), mode)
    assert kernel_pictures._read(io.BytesIO(content), "file").size == (2_000, 1_000)


def test_a_large_one_is_made_smaller():
    assert opened(pictures.rewritten(io.BytesIO(drawn(size=(4_000, 3_000))))).size == (2_000, 1_500)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "picture.unreadable"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "picture.unreadable"),
        (b"<html><script>alert(1)</script></html>", "picture.unreadable"),
        (b"%PDF-1.7", "picture.unreadable"),
        (drawn("TIFF"), "picture.unreadable"),
        (drawn("BMP"), "picture.unreadable"),
        (drawn()[:300], "picture.unreadable"),
        (drawn("PNG")[:60], "picture.unreadable"),
        (b"GIF89a/*<script>alert(1)</script>*/", "picture.unreadable"),
        (png_header(50_000, 50_000), "picture.too_many_pixels"),
        (png_header(9_000, 5_000), "picture.too_many_pixels"),
        (png_header(12_000, 8_000), "picture.too_many_pixels"),
        (b"\xff" * (kernel_pictures.MOST_BYTES + 1), "picture.too_large"),
    ],
    ids=lambda value: value if isinstance(value, str) else repr(value[:12]),
)
def test_what_is_no_picture_or_too_much_of_one_is_refused(content, code):
    with pytest.raises(Invalid) as caught:
        pictures.rewritten(io.BytesIO(content))
    assert (caught.value.code, caught.value.field) == (code, "file")


def test_a_polyglot_keeps_only_its_pixels():
    kept = pictures.rewritten(io.BytesIO(drawn("GIF", mode="P") + b"<script>alert(1)</script>"))
    assert b"<script" not in kept


def test_a_picture_is_added_and_removed_with_its_file(supplier):
    by, offer = acts_for(supplier), make_offer(supplier)
    picture = pictures.add_picture(offer_id=offer.pk, file=io.BytesIO(drawn()), alt="杯\n子", by=by)
    assert (picture.alt, picture.position) == ("杯 子", 1)
    assert default_storage.exists(picture.file.name)
    pictures.remove_picture(picture_id=picture.pk, by=by)
    assert not default_storage.exists(picture.file.name)
    assert not Picture.objects.filter(offer=offer).exists()


def test_who_may_not_leaves_no_file(supplier):
    offer = make_offer(supplier)
    before = set(default_storage.listdir("offers")[1]) if default_storage.exists("offers") else set()
    for by, error in ((buyer(supplier.cluster), NotFound), (acts_for(supplier, RoleKind.CASHIER), Forbidden)):
        with pytest.raises(error):
            pictures.add_picture(offer_id=offer.pk, file=io.BytesIO(drawn()), by=by)
    with pytest.raises(Invalid):
        pictures.add_picture(offer_id=offer.pk, file=io.BytesIO(b"<svg/>"), by=acts_for(supplier))
    after = set(default_storage.listdir("offers")[1]) if default_storage.exists("offers") else set()
    assert (after, Picture.objects.filter(offer=offer).count()) == (before, 0)
