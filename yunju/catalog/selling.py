"""What placing an order freezes of the catalog, for all variants of a batch in four statements that are written once.

Rows come as plain tuples: of a batch of 64 orders the models alone took longer to make than PostgreSQL to answer.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date
from typing import Any, NamedTuple

from django.db.models import BooleanField, ExpressionWrapper, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from yunju.catalog.models import CommissionRule, Presale, ServiceRole, Variant
from yunju.catalog.queries import admitted_supplier
from yunju.catalog.sales import Running, running_asked
from yunju.catalog.terms import NOTHING, RoleTerms, Selling, Terms
from yunju.kernel import clock, sql
from yunju.kernel.prepared import prepared


class Sold(NamedTuple):
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
    is_open: bool
    is_listed: bool
    admitted: bool
    sent_from: date | None
    zone: str


class Rule(NamedTuple):
    """The commission rule in force of an offer."""

    pk: int
    offer_id: int
    version: int
    shop_bp: int
    shop_floor_minor: int
    shop_cap_minor: int | None


Roles = Mapping[int, tuple[RoleTerms, ...]]
"""The service roles of a rule, by its id."""


def selling(cluster_id: int, variant_ids: Collection[int]) -> dict[int, Selling]:
    """Everything that placing an order freezes, by variant. Unknown and foreign ids are absent."""
    sold, sales = sql.answers(sold_asked(cluster_id, variant_ids), running_asked(cluster_id, variant_ids))
    return with_rules(sold, sales, *sql.answers(*rules_asked(sold)))


def sold_asked(cluster_id: int, variant_ids: Collection[int]) -> sql.Asked[list[Sold]]:
    """The first half of `selling`, to be asked with `running_asked` and other things; `rules_asked` is the second."""
    return _sold.asked(_read_sold, cluster_id=cluster_id, variant_ids=set(variant_ids))


def rules_asked(sold: Collection[Sold]) -> tuple[sql.Asked[dict[int, Rule]], sql.Asked[Roles]]:
    """The rules of their offers, and the roles of those rules."""
    offers = {one.offer_id for one in sold}
    return _rules.asked(_read_rules, offer_ids=offers), _roles.asked(_read_roles, offer_ids=offers)


def with_rules(
    sold: Collection[Sold], sales: Mapping[int, Running], rules: Mapping[int, Rule], roles: Roles
) -> dict[int, Selling]:
    """By variant, what may be sold and on which terms."""
    now = clock.now()
    days: dict[str, date] = {}
    for one in sold:
        if one.zone not in days:
            days[one.zone] = clock.local_day(now, one.zone)
    return {
        one.pk: _selling(one, rules.get(one.offer_id), roles, days[one.zone], sales.get(one.pk))
        for one in sold
    }


def _selling(sold: Sold, rule: Rule | None, roles: Roles, today: date, sale: Running | None) -> Selling:
    if sale is not None and sale.price_minor >= sold.price_minor:  # the list price fell below it meanwhile
        sale = None
    return Selling(
        variant_id=sold.pk,
        offer_id=sold.offer_id,
        supplier_id=sold.offer__supplier_id,
        supplier_name=sold.offer__supplier__name,
        merchant=sold.offer__supplier__gateway_merchant,
        mode=sold.offer__mode,
        title=sold.offer__title,
        variant_title=sold.title,
        price_minor=sale.price_minor if sale else sold.price_minor,
        weight_g=sold.weight_g,
        on_shelf=sold.is_open and sold.is_listed and sold.admitted,
        returnable=sold.offer__returnable,
        after_sale_days=sold.offer__after_sale_days,
        rule_version=rule.version if rule else 0,
        shop=Terms(rule.shop_bp, rule.shop_floor_minor, rule.shop_cap_minor) if rule else NOTHING,
        roles=roles.get(rule.pk, ()) if rule else (),
        ship_from=sold.sent_from if sold.sent_from is not None and sold.sent_from > today else None,
        sale=sale,
        list_minor=sold.price_minor if sale else None,
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
        is_open=_holds(Q(closed_at=None, offer__closed_at=None, offer__supplier__closed_at=None)),
        is_listed=_holds(Q(offer__listed_at__isnull=False, offer__withdrawn_at=None)),
        admitted=admitted_supplier("offer__supplier_id"),
        sent_from=sent_from("pk", "offer_id"),
        zone=F("cluster__timezone"),
    )
    return found.values_list(*Sold._fields)


def _holds(condition: Q) -> Any:
    """A truth for each row: cheaper to read than the moments that it is made of."""
    return ExpressionWrapper(condition, output_field=BooleanField())


@prepared(offer_ids=list)
def _rules(offer_ids: Collection[int]) -> QuerySet[CommissionRule, Any]:
    newest = CommissionRule.objects.filter(offer__id__among=offer_ids).order_by("offer_id", "-version")
    return newest.distinct("offer_id").values_list(*Rule._fields)


@prepared(offer_ids=list)
def _roles(offer_ids: Collection[int]) -> QuerySet[ServiceRole, Any]:
    """Without members that have closed: their part is the supplier's, nobody pays into the void."""
    newest = CommissionRule.objects.filter(offer_id=OuterRef("rule__offer_id")).order_by("-version")
    found = ServiceRole.objects.filter(
        rule__offer__id__among=offer_ids, rule_id=Subquery(newest.values("pk")[:1]), member__closed_at=None
    )
    columns = ("rule_id", "role", "member_id", "bp", "floor_minor", "cap_minor")
    return found.order_by("pk").values_list(*columns)


def _read_sold(rows: list[tuple[Any, ...]]) -> list[Sold]:
    return [Sold._make(row) for row in rows]


def _read_rules(rows: list[tuple[Any, ...]]) -> dict[int, Rule]:
    return {row[1]: Rule._make(row) for row in rows}


def _read_roles(rows: list[tuple[Any, ...]]) -> Roles:
    """In the order of their rows, which is the order ties are settled in."""
    found: dict[int, list[RoleTerms]] = defaultdict(list)
    for rule_id, *terms in rows:
        found[rule_id].append(RoleTerms(*terms))
    return {rule_id: tuple(roles) for rule_id, roles in found.items()}
