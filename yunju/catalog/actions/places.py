"""Where a supplier's stock lies. The first stock of a supplier that named no place makes one at its own address."""

from dataclasses import dataclass

from django.db import IntegrityError, transaction

from yunju.catalog import policy
from yunju.catalog.actions import access, events
from yunju.catalog.models import Place, Stock
from yunju.catalog.provinces import normalised
from yunju.catalog.text import one_line
from yunju.kernel import clock
from yunju.kernel.actor import Actor
from yunju.kernel.errors import Invalid, NotFound, Refused
from yunju.members.models import Member


@dataclass(frozen=True, slots=True)
class PlaceFields:
    """What a supplier says of a place."""

    name: str
    province: str = ""
    city: str = ""
    address: str = ""
    position: int = 0


def make_place(*, supplier_id: int, fields: PlaceFields, by: Actor) -> Place:
    """One more place of the supplier."""
    kept = _checked(fields)
    try:
        with transaction.atomic():
            supplier = access.supplier(supplier_id, by)
            policy.may_edit_stock(by, supplier_id)
            place = Place.objects.create(
                cluster_id=supplier.cluster_id,
                supplier=supplier,
                name=kept.name,
                province=kept.province,
                city=kept.city,
                address=kept.address,
                position=kept.position,
            )
            events.note([events.Change(0, "place.made", {"place": place.pk, "supplier": supplier_id})], by)
            return place
    except IntegrityError as error:
        raise Invalid("place.name_taken", field="name", name=kept.name) from error


def close_place(*, place_id: int, by: Actor) -> None:
    """Nothing is taken from there any more. Refused while pieces are reserved or left there."""
    with transaction.atomic():
        place = (
            Place.objects.select_for_update(no_key=True)
            .filter(pk=place_id, cluster_id=by.cluster_id, closed_at=None)
            .first()
        )
        if place is None:
            raise NotFound("place.unknown")
        policy.own_or_unknown(by, place.supplier_id, "place.unknown")
        policy.may_edit_stock(by, place.supplier_id)
        rows = Stock.objects.select_for_update().filter(cluster_id=by.cluster_id, place=place).order_by("pk")
        if any(row.remaining or row.reserved for row in rows):
            raise Refused("place.not_empty", name=place.name)
        place.closed_at = clock.now()
        place.save(update_fields=["closed_at"])
        events.note(
            [events.Change(0, "place.closed", {"place": place.pk, "supplier": place.supplier_id})], by
        )


def first_place(supplier: Member) -> Place:
    """The open place that is taken from first; made at the supplier's own address where there is none."""
    place = Place.objects.filter(supplier=supplier, closed_at=None).order_by("position", "pk").first()
    if place is not None:
        return place
    name = f"{supplier.name[:60]} {supplier.code[:4]}"
    number = Place.objects.filter(supplier=supplier).count()
    return Place.objects.create(
        cluster_id=supplier.cluster_id,
        supplier=supplier,
        name=f"{name} {number + 1}" if number else name,
        province=supplier.province,
        city=supplier.city,
    )


def _checked(fields: PlaceFields) -> PlaceFields:
    name = one_line(fields.name)
    if not 1 <= len(name) <= 80:
        raise Invalid("place.name", field="name", most=80)
    province = normalised(fields.province) if fields.province.strip() else ""
    if province is None:
        raise Invalid("place.province_unknown", field="province")
    for field, most in (("city", 40), ("address", 200)):
        if len(getattr(fields, field)) > most:
            raise Invalid("offer.too_long", field=field, most=most)
    if not -1_000 <= fields.position <= 1_000:
        raise Invalid("place.position", field="position")
    return PlaceFields(name, province, one_line(fields.city), one_line(fields.address), fields.position)
