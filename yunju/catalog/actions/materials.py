"""素材: what a supplier writes and pictures for the shops that share an offer. Whole sets: five of an offer at most.

Pictures are read before the transaction, as for the offer itself, and kept as JPEG: an album takes that everywhere.
"""

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from PIL import Image

from yunju.catalog.actions import access, events
from yunju.catalog.models import Material, MaterialPicture, Offer
from yunju.catalog.models.materials import TEXT_LENGTH
from yunju.kernel import clock
from yunju.kernel.actor import Actor
from yunju.kernel.errors import Invalid, NotFound, Refused
from yunju.kernel.ids import public_code
from yunju.kernel.pictures import rewritten
from yunju.members import inputs
from yunju.members.wording import refuse_forbidden

MOST_SETS, MOST_PICTURES = 5, 9


@dataclass(frozen=True, slots=True)
class StoredPicture:
    """A picture that lies in the store and has no row yet."""

    name: str
    width: int
    height: int


def add_material(*, offer_id: int, text: str, files: Sequence[BinaryIO], by: Actor) -> Material:
    """One more set. Raises Invalid at `text` or `pictures`, Refused when the offer has five."""
    words = _words(text, by)
    if not 1 <= len(files) <= MOST_PICTURES:
        raise Invalid("material.pictures", field="pictures", most=MOST_PICTURES)
    with transaction.atomic():
        _room_for_a_set(access.own_offer(offer_id, by))  # refuse before any work on the files
    stored = _stored(files)
    try:
        with transaction.atomic():
            offer = access.own_offer(offer_id, by)
            _room_for_a_set(offer)
            material = Material.objects.create(offer=offer, text=words, made_at=clock.now())
            _insert(material, stored, 0)
            events.note([events.Change(offer.pk, "material.added", {"material": material.code})], by)
            return material
    except BaseException:
        _delete([one.name for one in stored])
        raise


def edit_material(*, material_id: int, text: str, files: Sequence[BinaryIO] = (), by: Actor) -> Material:
    """Another text, and pictures after those it has."""
    words = _words(text, by)
    with transaction.atomic():
        _room_for_pictures(_own(material_id, by), len(files))
    stored = _stored(files)
    try:
        with transaction.atomic():
            material = _own(material_id, by)
            count = _room_for_pictures(material, len(files))
            material.text = words
            material.save(update_fields=["text"])
            _insert(material, stored, count)
            events.note([_change(material, "material.edited")], by)
            return material
    except BaseException:
        _delete([one.name for one in stored])
        raise


def remove_material_picture(*, picture_id: int, by: Actor) -> None:
    """One picture less; the last one stays, for a set without pictures is none."""
    with transaction.atomic():
        found = MaterialPicture.objects.filter(
            pk=picture_id, material__offer__cluster_id=by.cluster_id
        ).first()
        if found is None:
            raise NotFound("picture.unknown")
        material = _own(found.material_id, by)
        if material.pictures.count() == 1:
            raise Refused("material.last_picture")
        name = str(found.file.name)
        found.delete()
        events.note([_change(material, "material.edited")], by)
        transaction.on_commit(lambda: _delete([name]))


def take_back_material(*, material_id: int, by: Actor) -> None:
    """Shops see the set no more. Its row stays, for it may have been posted; its pictures go."""
    with transaction.atomic():
        material = _own(material_id, by)
        material.ended_at = clock.now()
        material.save(update_fields=["ended_at"])
        gone = [str(picture.file.name) for picture in material.pictures.all()]
        material.pictures.all().delete()
        events.note([_change(material, "material.taken_back")], by)
        transaction.on_commit(lambda: _delete(gone))


def _words(text: str, by: Actor) -> str:
    words = inputs.text(text, field="text", most=TEXT_LENGTH, lines=True)
    refuse_forbidden(cluster_id=by.cluster_id, texts={"text": words})
    return re.sub(r"\n{3,}", "\n\n", words)


def _own(material_id: int, by: Actor) -> Material:
    """A living set with its offer locked, for somebody who may change the offer."""
    offer_id = (
        Material.objects.filter(pk=material_id, offer__cluster_id=by.cluster_id)
        .values_list("offer_id", flat=True)
        .first()
    )
    if offer_id is None:
        raise NotFound("material.unknown")
    access.own_offer(offer_id, by)
    material = Material.objects.filter(pk=material_id, ended_at=None).first()
    if material is None:
        raise NotFound("material.unknown")
    return material


def _room_for_a_set(offer: Offer) -> None:
    if offer.materials.filter(ended_at=None).count() >= MOST_SETS:
        raise Refused("material.too_many", most=MOST_SETS)


def _room_for_pictures(material: Material, more: int) -> int:
    count = material.pictures.count()
    if count + more > MOST_PICTURES:
        raise Invalid("material.pictures", field="pictures", most=MOST_PICTURES)
    return count


def _stored(files: Sequence[BinaryIO]) -> list[StoredPicture]:
    """All files in the store, or none of them."""
    stored: list[StoredPicture] = []
    try:
        for file in files:
            content, size = _as_jpeg(rewritten(file, field="pictures"))
            name = default_storage.save(f"materials/{public_code()}.jpg", ContentFile(content))
            stored.append(StoredPicture(name, *size))
    except BaseException:
        _delete([one.name for one in stored])
        raise
    return stored


def _as_jpeg(content: bytes) -> tuple[bytes, tuple[int, int]]:
    """On white where it was see-through: JPEG has no glass."""
    with Image.open(io.BytesIO(content)) as found:
        glass = found.convert("RGBA")
    plain = Image.new("RGB", glass.size, "white")
    plain.paste(glass, mask=glass.getchannel("A"))
    written = io.BytesIO()
    plain.save(written, "JPEG", quality=88, optimize=True)
    return written.getvalue(), plain.size


def _delete(names: Sequence[str]) -> None:
    for name in names:
        default_storage.delete(name)


def _insert(material: Material, stored: Sequence[StoredPicture], first: int) -> None:
    MaterialPicture.objects.bulk_create(
        MaterialPicture(
            material=material, file=one.name, width=one.width, height=one.height, position=first + n
        )
        for n, one in enumerate(stored)
    )


def _change(material: Material, what: str) -> events.Change:
    return events.Change(material.offer_id, what, {"material": material.code})
