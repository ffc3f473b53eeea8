"""Reading the catalog. What people see starts from `visible_to(actor)`; what orders need comes set-based."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.postgres.search import SearchQueryField
from django.db.models import (
    BooleanField,
    Exists,
    F,
    Func,
    Max,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Sum,
    Value,
)
from django.db.models.functions import Cast

from yunju.catalog import policy, search
from yunju.catalog.freight import FreightTerms
from yunju.catalog.models import (
    CommissionRule,
    FeeRule,
    FreightRule,
    ImportRun,
    Offer,
    Picture,
    Place,
    Stock,
    Variant,
)
from yunju.catalog.terms import Fees, RoleTerms, Selling, Terms
from yunju.kernel import sql
from yunju.kernel.actor import Actor
from yunju.kernel.binding import KeptText
from yunju.kernel.errors import NotFound
from yunju.kernel.prepared import prepared
from yunju.members.queries import live_capacities
from yunju.members.words import CapacityKind

__all__ = ["Fees", "FreightTerms", "RoleTerms", "Selling", "Terms"]
PAGE = 24
"""Offers on a page of the shelf."""


def admitted_supplier(member: str) -> Exists:
    """True where the member is a supplier that the operator admitted."""
    return Exists(live_capacities(CapacityKind.SUPPLIER).filter(member_id=OuterRef(member)))


def on_shelf(cluster_id: int) -> QuerySet[Offer]:
    """Offers that anybody may see and buy: listed, of a supplier that is open and admitted."""
    return Offer.objects.filter(
        admitted_supplier("supplier_id"),
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


@dataclass(frozen=True, slots=True)
class ShelfItem:
    """An offer as a shelf shows it. `shop_bp` is what a shop earns of it, before floor and cap."""

    offer: Offer
    lowest_minor: int
    highest_minor: int
    remaining: int
    shop_bp: int
    picture: Picture | None


@dataclass(frozen=True, slots=True)
class Shelf:
    """One page of the shelf."""

    items: tuple[ShelfItem, ...]
    page: int
    pages: int
    total: int


def shelf(actor: Actor, *, words: str = "", category: str = "", page: int = 1) -> Shelf:
    """The shelf of the actor's cluster, newest first: every word must be found in title, brand, tags or body.

    Five queries for a page of any size. A page beyond the last is the last.
    """
    found = found_by(on_shelf(actor.cluster_id), words, cluster_id=actor.cluster_id)
    if category:
        found = found.filter(category__code=category, category__cluster_id=actor.cluster_id)
    total = found.count()
    pages = max(-(-total // PAGE), 1)
    page = min(max(page, 1), pages)
    newest = found.select_related("supplier", "category").order_by("-listed_at", "-pk")
    return Shelf(tuple(shelf_items(newest[(page - 1) * PAGE : page * PAGE])), page, pages, total)


def found_by(offers: QuerySet[Offer], words: str, *, cluster_id: int | None = None) -> QuerySet[Offer]:
    """Those of the offers that are found by every word of a person's query; all of them without a query.

    `cluster_id` lets the index keep the clusters apart where the offers are those of a whole cluster.
    """
    if not words.strip():
        return offers
    asked = search.query(cluster_id, words)
    return matched(offers, asked) if asked else offers.none()


def matched(offers: QuerySet[Offer], asked: search.Query) -> QuerySet[Offer]:
    """The offers whose words fit the query, which is cut already: no parser of the database may touch it."""
    wanted = Cast(Value(asked.match), SearchQueryField())
    return offers.filter(
        Func(
            F("shelf_entry__words"),
            wanted,
            template="%(expressions)s",
            arg_joiner=" @@ ",
            output_field=BooleanField(),
        )
    )


def shelf_items(offers: Iterable[Offer]) -> list[ShelfItem]:
    """What a shelf shows of these offers, in their order: four queries whatever their number."""
    rows = list(offers)
    ids = [offer.pk for offer in rows]
    prices = {
        offer_id: (lowest, highest)
        for offer_id, lowest, highest in Variant.objects.filter(offer_id__in=ids, closed_at=None)
        .values("offer_id")
        .annotate(lowest=Min("price_minor"), highest=Max("price_minor"))
        .values_list("offer_id", "lowest", "highest")
    }
    left = dict(
        Stock.objects.filter(variant__offer_id__in=ids, variant__closed_at=None, place__closed_at=None)
        .values("variant__offer_id")
        .annotate(left=Sum("remaining"))
        .values_list("variant__offer_id", "left")
    )
    pictures = first_pictures(ids)
    rules = {rule.offer_id: rule.shop_bp for rule in _newest(ids)}
    return [
        ShelfItem(
            offer=offer,
            lowest_minor=prices.get(offer.pk, (0, 0))[0],
            highest_minor=prices.get(offer.pk, (0, 0))[1],
            remaining=left.get(offer.pk, 0),
            shop_bp=rules.get(offer.pk, 0),
            picture=pictures.get(offer.pk),
        )
        for offer in rows
    ]


def first_pictures(offer_ids: Collection[int]) -> dict[int, Picture]:
    """The picture that stands for each offer."""
    ordered = Picture.objects.filter(offer_id__in=offer_ids).order_by("offer_id", "position", "pk")
    return {picture.offer_id: picture for picture in ordered.distinct("offer_id")}


@dataclass(frozen=True, slots=True)
class OfferPage:
    """All that the page of an offer shows. `freight` None: sending is free."""

    offer: Offer
    variants: tuple[tuple[Variant, int], ...]
    pictures: tuple[Picture, ...]
    shop: Terms
    roles: tuple[RoleTerms, ...]
    freight: FreightTerms | None


def offer_by_code(actor: Actor, code: str) -> Offer:
    """The offer of that public code, or NotFound: also where the actor may not see it."""
    if policy.sees_all(actor) or policy.suppliers_of(actor):
        found = visible_to(actor).filter(code=code).select_related("supplier", "category").first()
    else:
        found = next(iter(_shown.rows(cluster_id=actor.cluster_id, code=code)), None)
    if found is None:
        raise NotFound("offer.unknown")
    return found


@prepared(cluster_id=int, code=str)
def _shown(cluster_id: int, code: str) -> QuerySet[Offer]:
    return on_shelf(cluster_id).filter(code=code).select_related("supplier", "category")


def offer_page(actor: Actor, code: str) -> OfferPage:
    """An offer with its open variants and what remains of each, its pictures, its terms and its freight."""
    offer = offer_by_code(actor, code)
    open_places = Q(stock__place__closed_at=None, stock__cluster_id=actor.cluster_id)
    variants = (
        offer.variants.filter(closed_at=None)
        .select_related("picture")
        .annotate(left=Sum("stock__remaining", filter=open_places))
        .order_by("position", "pk")
    )
    rule = newest_rules([offer.pk]).get(offer.pk)
    return OfferPage(
        offer=offer,
        variants=tuple((variant, variant.left or 0) for variant in variants),
        pictures=tuple(offer.pictures.all()),
        shop=shop_terms(rule),
        roles=role_terms(rule),
        freight=freight_rules([offer.supplier_id]).get(offer.supplier_id),
    )


def runs_visible_to(actor: Actor) -> QuerySet[ImportRun]:
    """Imports of the actor's own suppliers; the operator's and the system's view is the whole cluster."""
    runs = ImportRun.objects.filter(cluster_id=actor.cluster_id)
    return runs if policy.sees_all(actor) else runs.filter(supplier_id__in=policy.suppliers_of(actor))


def places_visible_to(actor: Actor) -> QuerySet[Place]:
    """Open places of the actor's own suppliers; of all for operator and system."""
    places = Place.objects.filter(cluster_id=actor.cluster_id, closed_at=None).order_by("position", "pk")
    return places if policy.sees_all(actor) else places.filter(supplier_id__in=policy.suppliers_of(actor))


def newest_rules(offer_ids: Collection[int]) -> dict[int, CommissionRule]:
    """The commission rule in force of each offer, with its service roles, in two queries."""
    return {rule.offer_id: rule for rule in _newest(offer_ids).prefetch_related("service_roles")}


def _newest(offer_ids: Collection[int]) -> QuerySet[CommissionRule]:
    rules = CommissionRule.objects.filter(offer_id__in=offer_ids)
    return rules.order_by("offer_id", "-version").distinct("offer_id")


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


def variants_by_code(cluster_id: int, codes: Collection[str]) -> dict[str, int]:
    """The ids of variants of this cluster by their public codes; unknown codes are absent."""
    return sql.answer(variants_asked(cluster_id, codes))


def variants_asked(cluster_id: int, codes: Collection[str]) -> sql.Asked[dict[str, int]]:
    """The same, to be asked with other things."""
    return sql.Asked(
        KeptText("SELECT code, id FROM catalog_variant WHERE cluster_id = %s AND code = ANY(%s::text[])"),
        [cluster_id, list(codes)],
        dict,
    )


def fees(cluster_id: int, at: datetime) -> Fees:
    """What platform and park take at that instant: the newest version that is in effect."""
    return sql.answer(fees_asked(cluster_id, at))


def fees_asked(cluster_id: int, at: datetime) -> sql.Asked[Fees]:
    """The same, to be asked with other things."""
    return _fees.asked(_read_fees, cluster_id=cluster_id, at=at)


def _read_fees(rows: list[tuple[Any, ...]]) -> Fees:
    return Fees(rows[0][0], Terms(*rows[0][1:4]), Terms(*rows[0][4:])) if rows else Fees()


@prepared(cluster_id=int, at=datetime)
def _fees(cluster_id: int, at: datetime) -> QuerySet[FeeRule, Any]:
    parts = [f"{who}_{what}" for who in ("platform", "park") for what in ("bp", "floor_minor", "cap_minor")]
    rules = FeeRule.objects.filter(cluster_id=cluster_id, effective_at__lte=at)
    return rules.order_by("-version").values_list("version", *parts)[:1]


@dataclass(frozen=True, slots=True)
class FeeVersion:
    """One version of the fees. `state`: now (it holds), announced, or past (it held, or was overtaken before it did)."""

    fees: Fees
    effective_at: datetime
    state: str


def fee_versions(cluster_id: int, at: datetime) -> list[FeeVersion]:
    """All versions of the fees, the newest first; anybody may see them."""
    rules = list(FeeRule.objects.filter(cluster_id=cluster_id).order_by("-version"))
    held = next((rule.version for rule in rules if rule.effective_at <= at), 0)
    states = {True: "announced", False: "past"}
    return [
        FeeVersion(
            fees=fee_terms(rule),
            effective_at=rule.effective_at,
            state="now" if rule.version == held else states[rule.version > held],
        )
        for rule in rules
    ]


def fee_terms(rule: FeeRule) -> Fees:
    return Fees(
        version=rule.version,
        platform=Terms(rule.platform_bp, rule.platform_floor_minor, rule.platform_cap_minor),
        park=Terms(rule.park_bp, rule.park_floor_minor, rule.park_cap_minor),
    )


def freight_rules(supplier_ids: Collection[int]) -> dict[int, FreightTerms]:
    """The freight terms of each supplier that has a rule; `freight.quote` takes None for one that has not: free."""
    return {rule.supplier_id: freight_terms(rule) for rule in _freight_rules.rows(supplier_ids=supplier_ids)}


@prepared(supplier_ids=list)
def _freight_rules(supplier_ids: Collection[int]) -> QuerySet[FreightRule]:
    return FreightRule.objects.filter(supplier__id__among=supplier_ids)


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
