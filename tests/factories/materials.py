"""Sets of material for tests, with pictures that lie nowhere unless they are drawn."""

import io

from PIL import Image

from yunju.catalog.models import Material, MaterialPicture, Offer
from yunju.kernel import clock


def make_material(offer: Offer, text: str = "好看又好用", *, pictures: int = 1, **fields) -> Material:
    made = Material.objects.create(offer=offer, text=text, **{"made_at": clock.now()} | fields)
    for n in range(pictures):
        MaterialPicture.objects.create(
            material=made, file=f"materials/{made.code}-{n}.jpg", width=30, height=20, position=n
        )
    return made


def drawn(kind: str = "PNG", size: tuple[int, int] = (30, 20), colour: str = "red") -> io.BytesIO:
    """A picture as a phone sends it."""
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, kind)
    file.seek(0)
    file.name = f"p.{kind.lower()}"
    return file
