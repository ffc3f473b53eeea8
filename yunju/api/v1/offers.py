"""Offers: their page for everybody; making, pricing, listing and withdrawing them for their supplier."""

from typing import Annotated, Literal

from ninja import Query, Router, Schema, Status
from pydantic import Field, StrictBool, StrictInt

from yunju.api.auth import ApiRequest, needs
from yunju.api.scopes import Scope
from yunju.api.shapes import Body, Code, Count, Minor, Page, Paging, Text, cursor, read_cursor
from yunju.api.v1.shelf import OnSaleShape, Seller, picture_url
from yunju.catalog import queries as catalog
from yunju.catalog import sales
from yunju.catalog.actions import offers as actions
from yunju.catalog.actions import rules, stock
from yunju.catalog.actions.checks import OfferFields, VariantFields
from yunju.catalog.actions.rules import RuleTerms
from yunju.catalog.models import Offer, Place, Variant
from yunju.catalog.terms import RoleTerms, Terms
from yunju.kernel.actor import Actor
from yunju.kernel.errors import NotFound
from yunju.members.models import Member
from yunju.members.queries import member_visible_to
from yunju.members.words import Permission

router = Router(tags=["offers"])


class VariantShape(Schema):
    """What is priced and stocked. `price_minor` is the price without a sale; while `sale` is there, a buyer pays the sale's."""

    code: str
    title: str
    options: list[str]
    price_minor: int
    compare_at_minor: int | None
    weight_g: int
    remaining: int
    sale: OnSaleShape | None


class PictureShape(Schema):
    """`id` is what a listing chooses by."""

    id: int
    url: str
    alt: str


class FreightShape(Schema):
    """What sending costs: free, flat per order, or first and next weight."""

    kind: str
    flat_minor: int
    first_g: int
    first_minor: int
    next_g: int
    next_minor: int
    free_over_minor: int | None
    surcharges: dict[str, int]
    not_served: list[str]


class OfferShape(Schema):
    """All that the page of an offer shows. `shop_*`: what a shop earns of a line."""

    code: str
    title: str
    body_html: str
    supplier: Seller
    mode: str
    brand: str
    tags: list[str]
    category: str
    option_names: list[str]
    returnable: bool
    after_sale_days: int | None
    on_shelf: bool
    currency: str
    shop_bp: int
    shop_floor_minor: int
    shop_cap_minor: int | None
    variants: list[VariantShape]
    pictures: list[PictureShape]
    freight: FreightShape | None


class OfferRow(Schema):
    """One of the supplier's own offers."""

    code: str
    title: str
    mode: str
    on_shelf: bool


class OfferBody(Body):
    """What a supplier says of an offer. `category` is a code."""

    title: Text
    body_html: Annotated[str, Field(max_length=100_000)] = ""
    category: Text = ""
    brand: Text = ""
    tags: Annotated[list[Text], Field(max_length=50)] = []
    option_names: Annotated[list[Text], Field(max_length=3)] = []
    returnable: StrictBool = True
    after_sale_days: StrictInt | None = None
    mode: Text = "ship"


class VariantBody(Body):
    """What a supplier says of a variant: one value per option name of the offer."""

    price_minor: Minor
    options: Annotated[list[Text], Field(max_length=3)] = []
    compare_at_minor: Minor | None = None
    sku: Text = ""
    barcode: Text = ""
    weight_g: StrictInt = 0
    length_mm: StrictInt = 0
    width_mm: StrictInt = 0
    height_mm: StrictInt = 0


class TermsBody(Body):
    """A part of a line: basis points, at least the floor, at most the cap."""

    bp: StrictInt = 0
    floor_minor: Minor = 0
    cap_minor: Minor | None = None


class RoleBody(TermsBody):
    """A service role of the offer and the member who has it."""

    role: Literal["maker", "designer", "provider"]
    member: Code


class RuleBody(Body):
    """What the offer pays its shop and its service roles."""

    shop: TermsBody = TermsBody()
    roles: Annotated[list[RoleBody], Field(max_length=20)] = []


class NewOfferBody(Body):
    """An offer with all it begins with; `counts` has the pieces of each variant."""

    supplier: Code
    offer: OfferBody
    variants: Annotated[list[VariantBody], Field(max_length=200)]
    rule: RuleBody = RuleBody()
    counts: Annotated[list[Count], Field(max_length=200)] = []
    listed: StrictBool = False


class PriceBody(Body):
    """The price of a variant, the same in every shop."""

    price_minor: Minor
    compare_at_minor: Minor | None = None


class CountBody(Body):
    """Pieces that can still be sold, at a place by its id or at the supplier's first."""

    count: Count
    place: StrictInt | None = None


class RuleSetShape(Schema):
    """The version that holds from now on, and what the operator should look at (codes)."""

    version: int
    warnings: list[str]


class RemainingShape(Schema):
    """What remains to sell there now."""

    remaining: int


class OffersQuery(Paging):
    """Whose offers: a member's code."""

    supplier: Code


@router.get("/offers", response=Page[OfferRow], auth=needs(Scope.OFFER))
def list_offers(request: ApiRequest, filters: Query[OffersQuery]) -> dict[str, object]:
    """A supplier's own offers, on the shelf or not, newest first. For its people."""
    supplier = own_member(request.auth, filters.supplier, Permission.OFFER_EDIT)
    found = catalog.visible_to(request.auth).filter(supplier=supplier, closed_at__isnull=True)
    after = read_cursor(filters.cursor, 1)
    if after is not None:
        found = found.filter(pk__lt=after[0])
    rows = list(found.order_by("-pk")[: filters.limit + 1])
    shown = rows[: filters.limit]
    return {"items": shown, "next_cursor": cursor([shown[-1].pk]) if len(rows) > filters.limit else None}


@router.post("/offers", response={201: OfferShape}, auth=needs(Scope.OFFER))
def make_offer(request: ApiRequest, payload: NewOfferBody) -> Status[dict[str, object]]:
    """Make an offer."""
    actor = request.auth
    supplier = own_member(actor, payload.supplier, Permission.OFFER_EDIT)
    new = actions.NewOffer(
        fields=_offer_fields(payload.offer),
        variants=tuple(_variant_fields(variant) for variant in payload.variants),
        rule=_rule(actor, payload.rule),
        counts=tuple(payload.counts),
        listed=payload.listed,
    )
    made = actions.make_offer(supplier_id=supplier.pk, new=new, by=actor)
    return Status(201, _page(request, made.code))


@router.get("/offers/{code}", response=OfferShape, auth=needs(Scope.PUBLIC))
def show_offer(request: ApiRequest, code: Code) -> dict[str, object]:
    """One offer, to whom it is visible."""
    return _page(request, code)


@router.put("/offers/{code}", response=OfferShape, auth=needs(Scope.OFFER))
def edit_offer(request: ApiRequest, code: Code, payload: OfferBody) -> dict[str, object]:
    """Replace what an offer says."""
    offer = catalog.offer_by_code(request.auth, code)
    actions.edit_offer(offer_id=offer.pk, fields=_offer_fields(payload), by=request.auth)
    return _page(request, code)


@router.delete("/offers/{code}", response={204: None}, auth=needs(Scope.OFFER))
def close_offer(request: ApiRequest, code: Code) -> Status[None]:
    """Close an offer for good."""
    actions.close_offer(offer_id=catalog.offer_by_code(request.auth, code).pk, by=request.auth)
    return Status(204, None)


@router.put("/offers/{code}/shelf", response=OfferRow, auth=needs(Scope.OFFER))
def list_offer(request: ApiRequest, code: Code) -> Offer:
    """Put an offer on the shelf."""
    return actions.list_offer(offer_id=catalog.offer_by_code(request.auth, code).pk, by=request.auth)


@router.delete("/offers/{code}/shelf", response=OfferRow, auth=needs(Scope.OFFER))
def withdraw_offer(request: ApiRequest, code: Code) -> Offer:
    """Take an offer off the shelf and out of every shop."""
    return actions.withdraw_offer(offer_id=catalog.offer_by_code(request.auth, code).pk, by=request.auth)


@router.put("/offers/{code}/rule", response=RuleSetShape, auth=needs(Scope.OFFER))
def set_rule(request: ApiRequest, code: Code, payload: RuleBody) -> dict[str, object]:
    """A new version of what the offer pays; orders placed keep theirs."""
    offer = catalog.offer_by_code(request.auth, code)
    held = rules.set_rule(offer_id=offer.pk, terms=_rule(request.auth, payload), by=request.auth)
    return {"version": held.version, "warnings": [str(warning) for warning in held.warnings]}


@router.post("/offers/{code}/variants", response={201: OfferShape}, auth=needs(Scope.OFFER))
def add_variant(request: ApiRequest, code: Code, payload: VariantBody) -> Status[dict[str, object]]:
    """One more variant."""
    offer = catalog.offer_by_code(request.auth, code)
    actions.add_variant(offer_id=offer.pk, fields=_variant_fields(payload), by=request.auth)
    return Status(201, _page(request, code))


@router.put("/variants/{code}/price", response=OfferShape, auth=needs(Scope.OFFER))
def set_price(request: ApiRequest, code: Code, payload: PriceBody) -> dict[str, object]:
    """The price from now on, in every shop."""
    variant = _variant(request.auth, code)
    actions.set_price(
        variant_id=variant.pk,
        price_minor=payload.price_minor,
        compare_at_minor=payload.compare_at_minor,
        by=request.auth,
    )
    return _page(request, variant.offer.code)


@router.put("/variants/{code}/stock", response=RemainingShape, auth=needs(Scope.OFFER))
def set_count(request: ApiRequest, code: Code, payload: CountBody) -> dict[str, object]:
    """Pieces that can still be sold there."""
    variant = _variant(request.auth, code)
    place = _place(request.auth, variant, payload.place)
    stock.set_count(variant_id=variant.pk, place_id=place.pk, count=payload.count, by=request.auth)
    return {"remaining": payload.count}


@router.delete("/variants/{code}", response={204: None}, auth=needs(Scope.OFFER))
def close_variant(request: ApiRequest, code: Code) -> Status[None]:
    """No longer sold."""
    actions.close_variant(variant_id=_variant(request.auth, code).pk, by=request.auth)
    return Status(204, None)


def own_member(actor: Actor, code: str, permission: Permission) -> Member:
    """A member for which the actor holds `permission`; anybody else's does not exist."""
    member = member_visible_to(actor, code)
    if not actor.holds(permission, member.pk):
        raise NotFound("members.no_member")
    return member


def _variant(actor: Actor, code: str) -> Variant:
    found = (
        Variant.objects.select_related("offer").filter(code=code, offer__in=catalog.visible_to(actor)).first()
    )
    if found is None:
        raise NotFound("offer.unknown")
    return found


def _place(actor: Actor, variant: Variant, place_id: int | None) -> Place:
    places = catalog.places_visible_to(actor).filter(supplier_id=variant.offer.supplier_id)
    found = (places if place_id is None else places.filter(pk=place_id)).first()
    if found is None:
        raise NotFound("place.unknown", field="place")
    return found


def _offer_fields(given: OfferBody) -> OfferFields:
    return OfferFields(
        title=given.title,
        body_html=given.body_html,
        category=given.category,
        brand=given.brand,
        tags=tuple(given.tags),
        option_names=tuple(given.option_names),
        returnable=given.returnable,
        after_sale_days=given.after_sale_days,
        mode=given.mode,
    )


def _variant_fields(given: VariantBody) -> VariantFields:
    return VariantFields(**given.model_dump() | {"options": tuple(given.options)})


def _rule(actor: Actor, given: RuleBody) -> RuleTerms:
    roles = tuple(
        RoleTerms(
            role.role, member_visible_to(actor, role.member).pk, role.bp, role.floor_minor, role.cap_minor
        )
        for role in given.roles
    )
    return RuleTerms(Terms(given.shop.bp, given.shop.floor_minor, given.shop.cap_minor), roles)


def _page(request: ApiRequest, code: str) -> dict[str, object]:
    page = catalog.offer_page(request.auth, code)
    offer = page.offer
    on_sale = sales.of_offer(offer.cluster_id, offer.pk)
    return {
        **{name: getattr(offer, name) for name in _COPIED},
        "category": offer.category.code if offer.category else "",
        "currency": request.cluster.currency,
        "shop_bp": page.shop.bp,
        "shop_floor_minor": page.shop.floor_minor,
        "shop_cap_minor": page.shop.cap_minor,
        "variants": [
            {name: getattr(variant, name) for name in _OF_VARIANT}
            | {"remaining": left, "sale": on_sale.get(variant.code)}
            for variant, left in page.variants
        ],
        "pictures": [{"id": one.pk, "url": picture_url(one), "alt": one.alt} for one in page.pictures],
        "freight": page.freight and _freight(page.freight),
    }


_COPIED = (
    "code", "title", "body_html", "supplier", "mode", "brand", "tags", "option_names", "returnable",
    "after_sale_days", "on_shelf",
)  # fmt: skip
_OF_VARIANT = ("code", "title", "options", "price_minor", "compare_at_minor", "weight_g")


def _freight(terms: catalog.FreightTerms) -> dict[str, object]:
    named = ("kind", "flat_minor", "first_g", "first_minor", "next_g", "next_minor", "free_over_minor")
    return {name: getattr(terms, name) for name in named} | {
        "surcharges": dict(terms.surcharges),
        "not_served": sorted(terms.not_served),
    }
