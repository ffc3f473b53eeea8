"""Pictures as people's phones make them."""

import io

import pytest
from PIL import Image


@pytest.fixture
def photo():
    """`photo()`: a JPEG of 640 x 480 that says where it was taken."""

    def made(colour: str = "teal") -> io.BytesIO:
        written = io.BytesIO()
        exif = Image.Exif()
        exif.get_ifd(0x8825)[2] = (30.0, 15.0, 0.0)
        Image.new("RGB", (640, 480), colour).save(written, "JPEG", exif=exif)
        written.seek(0)
        return written

    return made
