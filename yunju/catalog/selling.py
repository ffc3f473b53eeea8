"""What placing an order freezes of the catalog, for all variants of a batch in three statements that are written once.

Rows come as plain tuples: of a batch of 64 orders the models alone took longer to make than PostgreSQL to answer.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db.models import F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from yunju.catalog.models import CommissionRule, Presale, ServiceRole, Variant
from yunju.catalog.queries import admitted_supplier
from yunju.catalog.terms import NOTHING, RoleTerms, Selling, Terms
from yunju.kernel import clock
from yunju.kernel.prepared import prepared


class _Sold(NamedTuple):
    """A variant with what is read of its offer and supplier; the names are those of the columns."""

    pk: int
    offer_id: int
    offer__supplier_id: int
    offer__supplier__name: str
    offer__supplier__gateway_merchant: str
    offer__mode: str
    offer__title: str
    title: str
    price_minor: int
    weight_g: int
    offer__returnable: bool
    offer__after_sale_days: int | None
    closed_at: datetime | None
    offer__supplier__closed_at: datetime | None
    offer__listed_at: datetime | None
    offer__withdrawn_at: datetime | None
    offer__closed_at: datetime | None
    admitted: bool
    sent_from: date | None
    zone: str


class _Rule(NamedTuple):
    """The commission rule in force of an offer."""

    pk: int
    offer_id: int
    version: int
    shop_bp: int
    shop_floor_minor: int
    shop_cap_minor: int | None


def selling(cluster_id: int, variant_ids: Collection[int]) -> dict[int, Selling]:
    """Everything that placing an order freezes, by variant. Unknown and foreign ids are absent."""
    sold = [_Sold._make(row) for row in _sold.rows(cluster_id=cluster_id, variant_ids=set(variant_ids))]
    rules = {row[1]: _Rule._make(row) for row in _rules.rows(offer_ids={one.offer_id for one in sold})}
    roles = _roles_by_rule([rule.pk for rule in rules.values()])
    now = clock.now()
    days: dict[str, date] = {}
    for one in sold:
        if one.zone not in days:
            days[one.zone] = clock.local_day(now, one.zone)
    return {one.pk: _selling(one, rules.get(one.offer_id), roles, days[one.zone]) for one in sold}


def _selling(
    sold: _Sold, rule: _Rule | None, roles: Mapping[int, tuple[RoleTerms, ...]], today: date
) -> Selling:
    is_open = sold.closed_at is None and sold.offer__supplier__closed_at is None and sold.admitted
    is_listed = sold.offer__listed_at is not None and sold.offer__withdrawn_at is None
    return Selling(
        variant_id=sold.pk,
        offer_id=sold.offer_id,
        supplier_id=sold.offer__supplier_id,
        supplier_name=sold.offer__supplier__name,
        merchant=sold.offer__supplier__gateway_merchant,
        mode=sold.offer__mode,
        title=sold.offer__title,
        variant_title=sold.title,
        price_minor=sold.price_minor,
        weight_g=sold.weight_g,
        on_shelf=is_open and is_listed and sold.offer__closed_at is None,
        returnable=sold.offer__returnable,
        after_sale_days=sold.offer__after_sale_days,
        rule_version=rule.version if rule else 0,
        shop=Terms(rule.shop_bp, rule.shop_floor_minor, rule.shop_cap_minor) if rule else NOTHING,
        roles=roles.get(rule.pk, ()) if rule else (),
        ship_from=sold.sent_from if sold.sent_from is not None and sold.sent_from > today else None,
    )


def sent_from(variant: str, offer: str) -> Coalesce:
    """The presale day of a variant: its own, else its offer's; of days that are over too."""
    own = Presale.objects.filter(variant_id=OuterRef(variant))
    whole = Presale.objects.filter(offer_id=OuterRef(offer), variant__isnull=True)
    return Coalesce(Subquery(own.values("ship_from")[:1]), Subquery(whole.values("ship_from")[:1]))


@prepared(cluster_id=int, variant_ids=list)
def _sold(cluster_id: int, variant_ids: Collection[int]) -> QuerySet[Variant, Any]:
    """Not the long descriptions, which a batch of orders would fetch for nothing."""
    found = Variant.objects.filter(cluster_id=cluster_id, id__among=variant_ids).annotate(
        admitted=admitted_supplier("offer__supplier_id"),
        sent_from=sent_from("pk", "offer_id"),
        zone=F("cluster__timezone"),
    )
    return found.values_list(*_Sold._fields)


@prepared(offer_ids=list)
def _rules(offer_ids: Collection[int]) -> QuerySet[CommissionRule, Any]:
    newest = CommissionRule.objects.filter(offer__id__among=offer_ids).order_by("offer_id", "-version")
    return newest.distinct("offer_id").values_list(*_Rule._fields)


@prepared(rule_ids=list)
def _roles(rule_ids: Collection[int]) -> QuerySet[ServiceRole, Any]:
    """Without members that have closed: their part is the supplier's, nobody pays into the void."""
    found = ServiceRole.objects.filter(rule__id__among=rule_ids, member__closed_at=None).order_by("pk")
    return found.values_list("rule_id", "role", "member_id", "bp", "floor_minor", "cap_minor")


def _roles_by_rule(rule_ids: Collection[int]) -> dict[int, tuple[RoleTerms, ...]]:
    """In the order of their rows, which is the order ties are settled in."""
    found: dict[int, list[RoleTerms]] = defaultdict(list)
    for rule_id, *terms in _roles.rows(rule_ids=rule_ids):
        found[rule_id].append(RoleTerms(*terms))
    return {rule_id: tuple(roles) for rule_id, roles in found.items()}
