"""Flash sales: making, changing before the start, ending; and what the intake takes of them and gives back."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from yunju.catalog import policy
from yunju.catalog.actions import access, events, rules
from yunju.catalog.models import Sale, Variant
from yunju.kernel import clock, sql
from yunju.kernel.actor import Actor
from yunju.kernel.errors import Invalid, NotFound, Refused

MOST_DAYS = 92
MOST_PIECES = 1_000_000
Take = tuple[int, int, str, int]
"""(sale, purchase, buyer, pieces)."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a sale is: the price, from when until when, for how many pieces, and how many a buyer may take."""

    price_minor: int
    starts_at: datetime
    ends_at: datetime
    quota: int
    per_buyer: int | None = None


def make(*, variant_id: int, terms: Terms, by: Actor) -> Sale:
    """A sale of one variant. Raises Invalid (`sale.price`, `sale.times`, `sale.quota`, `sale.each`), Refused `sale.overlap`."""
    with transaction.atomic():
        variant = access.own_variant(variant_id, by)
        _check(variant, terms)
        made = Sale.objects.create(
            cluster_id=by.cluster_id, variant=variant, made_at=clock.now(), **_columns(terms)
        )
        _note(made, "sale.made", by)
        return made


def change(*, sale_id: int, terms: Terms, by: Actor) -> Sale:
    """Other terms, before the start alone: afterwards buyers rely on them. Raises what `make` does, Refused `sale.begun`."""
    with transaction.atomic():
        found = _of_cluster(sale_id, by)
        variant = access.own_variant(found.variant_id, by)
        held = _locked(found)
        if held.ended_at is not None or held.starts_at <= clock.now():
            raise Refused("sale.begun")
        _check(variant, terms, but=held)
        for name, value in _columns(terms).items():
            setattr(held, name, value)
        held.save(update_fields=list(_columns(terms)))
        _note(held, "sale.changed", by)
        return held


def end(*, sale_id: int, by: Actor) -> Sale:
    """The sale is over from now on, for the supplier or the operator to say. Ending twice is once.

    What was placed keeps its price. Raises NotFound, Forbidden, Refused `sale.over` when its time has passed.
    """
    with transaction.atomic():
        found = _of_cluster(sale_id, by)
        policy.may_withdraw(by, found.variant.offer.supplier_id)
        held = _locked(found)
        if held.ended_at is not None:
            return held
        if held.ends_at <= clock.now():
            raise Refused("sale.over")
        held.ended_at = clock.now()
        held.save(update_fields=["ended_at"])
        _note(held, "sale.ended", by)
        return held


def _of_cluster(sale_id: int, by: Actor) -> Sale:
    mine = Sale.objects.filter(cluster_id=by.cluster_id, pk=sale_id).select_related("variant__offer")
    found = mine.first()
    if found is None:
        raise NotFound("sale.unknown")
    policy.own_or_unknown(by, found.variant.offer.supplier_id, "sale.unknown")
    return found


def _locked(sale: Sale) -> Sale:
    return Sale.objects.select_for_update().get(cluster_id=sale.cluster_id, pk=sale.pk)


def _columns(terms: Terms) -> dict[str, object]:
    return {
        "price_minor": terms.price_minor,
        "starts_at": terms.starts_at,
        "ends_at": terms.ends_at,
        "quota": terms.quota,
        "per_buyer": terms.per_buyer,
    }


def _check(variant: Variant, terms: Terms, but: Sale | None = None) -> None:
    """Under the lock of the variant's offer, so that two sales that overlap cannot both be found alone."""
    if not 1 <= terms.price_minor < variant.price_minor:
        raise Invalid("sale.price", field="price", list_minor=variant.price_minor)
    if not terms.starts_at < terms.ends_at <= terms.starts_at + timedelta(days=MOST_DAYS):
        raise Invalid("sale.times", field="ends_at", most=MOST_DAYS)
    if terms.ends_at <= clock.now():
        raise Invalid("sale.past", field="ends_at")
    if not 1 <= terms.quota <= MOST_PIECES:
        raise Invalid("sale.quota", field="quota", most=MOST_PIECES)
    if terms.per_buyer is not None and not 1 <= terms.per_buyer <= terms.quota:
        raise Invalid("sale.each", field="per_buyer")
    rules.require_price_whole(variant.offer, terms.price_minor)
    others = Sale.objects.filter(
        cluster_id=variant.cluster_id,
        variant=variant,
        ended_at=None,
        starts_at__lt=terms.ends_at,
        ends_at__gt=terms.starts_at,
    )
    if others.exclude(pk=but.pk if but else 0).exists():
        raise Invalid("sale.overlap", field="starts_at")


def _note(sale: Sale, what: str, by: Actor) -> None:
    params = {
        "sale": sale.pk,
        "variant": sale.variant_id,
        "price_minor": sale.price_minor,
        "quota": sale.quota,
    }
    events.note([events.Change(sale.variant.offer_id, what, params)], by)


def take(cluster_id: int, takes: Sequence[Take]) -> None:
    """Write what purchases took of sales that are locked, in two statements for any number; nothing asks nothing."""
    if not takes:
        return
    pieces: dict[int, int] = defaultdict(int)
    for sale_id, _purchase, _buyer, count in takes:
        pieces[sale_id] += count
    columns = {"sale_id": "bigint", "purchase_id": "bigint", "buyer": "text", "pieces": "int"}
    sql.insert_rows("catalog_saletake", columns, takes, {"cluster_id": ("bigint", cluster_id)})
    touched = sql.execute(
        "UPDATE catalog_sale s SET taken = s.taken + w.q FROM unnest(%s::bigint[], %s::bigint[]) AS w(id, q)"
        " WHERE s.cluster_id = %s AND s.id = w.id",
        [list(pieces), list(pieces.values()), cluster_id],
    )
    if touched != len(pieces):
        raise Refused("sale.over")


def give_back(cluster_id: int, purchase_ids: Collection[int]) -> None:
    """Purchases that were given up unpaid give back what they took, to the sale and to their buyers' limits."""
    sql.execute(
        "WITH gone AS (DELETE FROM catalog_saletake WHERE cluster_id = %s AND purchase_id = ANY(%s)"
        "  RETURNING sale_id, pieces),"
        " wanted AS (SELECT sale_id, sum(pieces)::int AS q FROM gone GROUP BY sale_id),"
        " locked AS (SELECT s.id, w.q FROM catalog_sale s JOIN wanted w ON s.id = w.sale_id"
        "  WHERE s.cluster_id = %s ORDER BY s.id FOR UPDATE OF s)"
        " UPDATE catalog_sale s SET taken = s.taken - l.q FROM locked l WHERE s.cluster_id = %s AND s.id = l.id",
        [cluster_id, sorted(purchase_ids), cluster_id, cluster_id],
    )
