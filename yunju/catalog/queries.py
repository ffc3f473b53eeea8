"""Reading the catalog. What people see starts from `visible_to(actor)`; what orders need comes set-based."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from yunju.catalog import policy
from yunju.catalog.freight import FreightTerms
from yunju.catalog.models import CommissionRule, FeeRule, FreightRule, Offer, Variant
from yunju.catalog.terms import Fees, RoleTerms, Selling, Terms
from yunju.kernel.actor import Actor
from yunju.members.queries import live_capacities
from yunju.members.words import CapacityKind

__all__ = [
    "Fees",
    "RoleTerms",
    "Selling",
    "Terms",
    "fees",
    "freight_rules",
    "on_shelf",
    "selling",
    "visible_to",
]


def _admitted(member: str) -> Exists:
    return Exists(live_capacities(CapacityKind.SUPPLIER).filter(member_id=OuterRef(member)))


def on_shelf(cluster_id: int) -> QuerySet[Offer]:
    """Offers that anybody may see and buy: listed, of a supplier that is open and admitted."""
    return Offer.objects.filter(
        _admitted("supplier_id"),
        cluster_id=cluster_id,
        listed_at__isnull=False,
        withdrawn_at=None,
        closed_at=None,
        supplier__closed_at=None,
    )


def visible_to(actor: Actor) -> QuerySet[Offer]:
    """The shelf for everybody; a supplier's people see all of its offers too; the operator sees all of the cluster."""
    if policy.sees_all(actor):
        return Offer.objects.filter(cluster_id=actor.cluster_id)
    shelf = on_shelf(actor.cluster_id)
    own = policy.suppliers_of(actor)
    if not own:
        return shelf
    return Offer.objects.filter(
        Q(supplier_id__in=own) | Q(pk__in=shelf.values("pk")), cluster_id=actor.cluster_id
    )


def selling(cluster_id: int, variant_ids: Collection[int]) -> dict[int, Selling]:
    """Everything that placing an order freezes, for all variants in three queries. Unknown ids are absent."""
    variants = list(
        Variant.objects.filter(cluster_id=cluster_id, pk__in=set(variant_ids))
        .select_related("offer__supplier")
        .annotate(admitted=_admitted("offer__supplier_id"))
    )
    rules = newest_rules({variant.offer_id for variant in variants})
    return {variant.pk: _selling(variant, rules.get(variant.offer_id)) for variant in variants}


def _selling(variant: Variant, rule: CommissionRule | None) -> Selling:
    offer, supplier = variant.offer, variant.offer.supplier
    open_now = variant.closed_at is None and supplier.closed_at is None
    return Selling(
        variant_id=variant.pk,
        offer_id=offer.pk,
        supplier_id=supplier.pk,
        supplier_name=supplier.name,
        merchant=supplier.gateway_merchant,
        mode=offer.mode,
        title=offer.title,
        variant_title=variant.title,
        price_minor=variant.price_minor,
        weight_g=variant.weight_g,
        on_shelf=offer.on_shelf and open_now and bool(getattr(variant, "admitted", False)),
        returnable=offer.returnable,
        after_sale_days=offer.after_sale_days,
        rule_version=rule.version if rule else 0,
        shop=shop_terms(rule),
        roles=role_terms(rule),
    )


def newest_rules(offer_ids: Collection[int]) -> dict[int, CommissionRule]:
    """The commission rule in force of each offer, with its service roles, in two queries."""
    newest = (
        CommissionRule.objects.filter(offer_id__in=offer_ids)
        .order_by("offer_id", "-version")
        .distinct("offer_id")
        .prefetch_related("service_roles")
    )
    return {rule.offer_id: rule for rule in newest}


def shop_terms(rule: CommissionRule | None) -> Terms:
    if rule is None:
        return Terms()
    return Terms(bp=rule.shop_bp, floor_minor=rule.shop_floor_minor, cap_minor=rule.shop_cap_minor)


def role_terms(rule: CommissionRule | None) -> tuple[RoleTerms, ...]:
    """The service roles of a rule, in the order of their rows (which is the order ties are settled in)."""
    if rule is None:
        return ()
    roles = sorted(rule.service_roles.all(), key=lambda role: role.pk)
    return tuple(
        RoleTerms(
            role=role.role,
            member_id=role.member_id,
            bp=role.bp,
            floor_minor=role.floor_minor,
            cap_minor=role.cap_minor,
        )
        for role in roles
    )


def fees(cluster_id: int, at: datetime) -> Fees:
    """What platform and park take at that instant: the newest version that is in effect."""
    rule = FeeRule.objects.filter(cluster_id=cluster_id, effective_at__lte=at).order_by("-version").first()
    return fee_terms(rule) if rule else Fees()


def fee_terms(rule: FeeRule) -> Fees:
    return Fees(
        version=rule.version,
        platform=Terms(rule.platform_bp, rule.platform_floor_minor, rule.platform_cap_minor),
        park=Terms(rule.park_bp, rule.park_floor_minor, rule.park_cap_minor),
    )


def freight_rules(supplier_ids: Collection[int]) -> dict[int, FreightTerms]:
    """The freight terms of each supplier that has a rule; `freight.quote` takes None for one that has not: free."""
    return {
        rule.supplier_id: freight_terms(rule)
        for rule in FreightRule.objects.filter(supplier_id__in=supplier_ids)
    }


def freight_terms(rule: FreightRule) -> FreightTerms:
    return FreightTerms(
        kind=rule.kind,
        flat_minor=rule.flat_minor,
        first_g=rule.first_g,
        first_minor=rule.first_minor,
        next_g=rule.next_g,
        next_minor=rule.next_minor,
        free_over_minor=rule.free_over_minor,
        surcharges=dict(rule.surcharges),
        not_served=frozenset(rule.not_served),
    )
