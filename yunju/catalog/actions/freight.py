"""A supplier's freight rule: one row, replaced whole; an order freezes the amount it came to."""

from django.db import transaction

from yunju.catalog import policy
from yunju.catalog.actions import access, events
from yunju.catalog.freight import FreightTerms
from yunju.catalog.models import FreightRule
from yunju.catalog.provinces import PROVINCES, normalised
from yunju.kernel.actor import Actor
from yunju.kernel.errors import Invalid

KINDS = ("free", "flat", "weight")
MOST_MINOR, MOST_G = 10_000_000, 1_000_000


def set_freight(*, supplier_id: int, terms: FreightTerms, by: Actor) -> FreightTerms:
    """Set what sending costs with this supplier. Provinces may be written in any usual way; returns what is kept."""
    kept = _checked(terms)
    with transaction.atomic():
        access.supplier(supplier_id, by)
        policy.may_edit_rules(by, supplier_id)
        FreightRule.objects.update_or_create(
            supplier_id=supplier_id,
            defaults={
                "kind": kept.kind,
                "flat_minor": kept.flat_minor,
                "first_g": kept.first_g,
                "first_minor": kept.first_minor,
                "next_g": kept.next_g,
                "next_minor": kept.next_minor,
                "free_over_minor": kept.free_over_minor,
                "surcharges": dict(kept.surcharges),
                "not_served": sorted(kept.not_served),
            },
        )
        events.note([events.Change(0, "freight.set", {"supplier": supplier_id, "rule": kept.kind})], by)
    return kept


def _checked(terms: FreightTerms) -> FreightTerms:
    if terms.kind not in KINDS:
        raise Invalid("freight.kind", field="kind")
    for field in ("flat_minor", "first_minor", "next_minor"):
        _in_range(getattr(terms, field), field, 0, MOST_MINOR)
    for field in ("first_g", "next_g"):
        _in_range(getattr(terms, field), field, 1, MOST_G)
    if terms.free_over_minor is not None:
        _in_range(terms.free_over_minor, "free_over_minor", 0, MOST_MINOR * 100)
    surcharges = {}
    for name, amount in terms.surcharges.items():
        _in_range(amount, "surcharges", 0, MOST_MINOR)
        surcharges[_province(name, "surcharges")] = amount
    not_served = frozenset(_province(name, "not_served") for name in terms.not_served)
    if len(not_served) == len(PROVINCES):
        raise Invalid("freight.serves_nowhere", field="not_served")
    return FreightTerms(
        kind=terms.kind,
        flat_minor=terms.flat_minor,
        first_g=terms.first_g,
        first_minor=terms.first_minor,
        next_g=terms.next_g,
        next_minor=terms.next_minor,
        free_over_minor=terms.free_over_minor,
        surcharges=surcharges,
        not_served=not_served,
    )


def _in_range(value: int, field: str, least: int, most: int) -> None:
    if type(value) is not int or not least <= value <= most:
        raise Invalid("freight.range", field=field, least=least, most=most)


def _province(name: str, field: str) -> str:
    key = normalised(name)
    if key is None:
        raise Invalid("freight.province_unknown", field=field, province=name[:40])
    return key
