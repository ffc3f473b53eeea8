"""Pictures of offers. How a file becomes a picture that is safe to show stands in `kernel.pictures`.

The work on a file is done before the transaction: a picture may take a second, a lock may not. A file whose row could
not be written is removed; the file of a removed row goes after the commit.
"""

from typing import BinaryIO

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from yunju.catalog.actions import access, events
from yunju.catalog.actions.checks import line
from yunju.catalog.models import Picture
from yunju.kernel.actor import Actor
from yunju.kernel.errors import Invalid, NotFound
from yunju.kernel.ids import public_code
from yunju.kernel.pictures import rewritten

MOST_PICTURES = 250


def add_picture(*, offer_id: int, file: BinaryIO, alt: str = "", by: Actor) -> Picture:
    """Add a picture to the end of an offer's. Raises Invalid for what is no JPEG, PNG, WebP or GIF, or is too large."""
    words = line(alt, "alt", 300)
    with transaction.atomic():
        access.own_offer(offer_id, by)  # refuse before any work on the file
    name = default_storage.save(f"offers/{public_code()}.webp", ContentFile(rewritten(file)))
    try:
        with transaction.atomic():
            offer = access.own_offer(offer_id, by)
            count = offer.pictures.count()
            if count >= MOST_PICTURES:
                raise Invalid("picture.too_many", field="file", most=MOST_PICTURES)
            picture = Picture.objects.create(offer=offer, file=name, alt=words, position=count + 1)
            events.note([events.Change(offer.pk, "picture.added", {"picture": picture.pk})], by)
            return picture
    except BaseException:
        default_storage.delete(name)
        raise


def remove_picture(*, picture_id: int, by: Actor) -> None:
    """Take a picture away; shops and variants that showed it show the offer's first instead."""
    with transaction.atomic():
        picture = Picture.objects.filter(pk=picture_id, offer__cluster_id=by.cluster_id).first()
        if picture is None:
            raise NotFound("picture.unknown")
        access.own_offer(picture.offer_id, by)
        name = picture.file.name
        events.note([events.Change(picture.offer_id, "picture.removed", {"picture": picture.pk})], by)
        picture.delete()
        if name:
            transaction.on_commit(lambda: default_storage.delete(name))
