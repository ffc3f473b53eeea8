"""Presales, and when stock counts as low: what a supplier sets beside price and count."""

from datetime import date, timedelta

from django.db import transaction
from django.db.models import QuerySet

from yunju.catalog import policy
from yunju.catalog.actions import access, events
from yunju.catalog.models import Keeping, Offer, Presale
from yunju.kernel import clock
from yunju.kernel.actor import Actor
from yunju.kernel.errors import Invalid
from yunju.members.models import Cluster

MOST_DAYS_AHEAD = 180
MOST_LOW_STOCK = 100_000


def set_presale(
    *, offer_id: int, ship_from: date | None, variant_id: int | None = None, by: Actor
) -> Presale | None:
    """Sell now and send from that day on: the whole offer, or one variant of it. None ends the presale.

    Orders placed before keep the day they were placed under. Raises Invalid `presale.day`.
    """
    _check_day(ship_from, by.cluster_id)
    with transaction.atomic():
        offer = access.own_offer(offer_id, by)
        if variant_id is not None and access.own_variant(variant_id, by).offer_id != offer.pk:
            raise Invalid("variant.unknown", field="variant")
        held = _held(offer, variant_id).first()
        if (held.ship_from if held else None) == ship_from:
            return held
        before = held.ship_from.isoformat() if held else None
        if ship_from is None:
            _held(offer, variant_id).delete()
            made = None
        else:
            made = held or Presale(offer=offer, variant_id=variant_id)
            made.ship_from = ship_from
            made.save()
        after = ship_from.isoformat() if ship_from else None
        params = {"variant": variant_id, "before": before, "after": after}
        events.note([events.Change(offer.pk, "presale.set", params)], by)
        return made


def _held(offer: Offer, variant_id: int | None) -> QuerySet[Presale]:
    mine = Presale.objects.filter(offer=offer)
    return mine.filter(variant=None) if variant_id is None else mine.filter(variant_id=variant_id)


def _check_day(ship_from: date | None, cluster_id: int) -> None:
    if ship_from is None:
        return
    today = clock.local_day(
        clock.now(), Cluster.objects.values_list("timezone", flat=True).get(pk=cluster_id)
    )
    if not today < ship_from <= today + timedelta(days=MOST_DAYS_AHEAD):
        raise Invalid("presale.day", field="ship_from", most=MOST_DAYS_AHEAD)


def set_low_stock(*, supplier_id: int, low_stock: int, by: Actor) -> Keeping:
    """Mark what has so many pieces left, or fewer. 0 marks only what is sold out."""
    if not 0 <= low_stock <= MOST_LOW_STOCK:
        raise Invalid("keeping.low_stock", field="low_stock", most=MOST_LOW_STOCK)
    with transaction.atomic():
        supplier = access.supplier(supplier_id, by)
        policy.may_edit_stock(by, supplier_id)
        kept, _is_new = Keeping.objects.update_or_create(supplier=supplier, defaults={"low_stock": low_stock})
        events.note([events.Change(0, "keeping.set", {"supplier": supplier_id, "low_stock": low_stock})], by)
        return kept
