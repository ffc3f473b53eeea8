"""Listings: what a shop has picked, under its own title, picture and order."""

from typing import Annotated

from ninja import Query, Router, Schema, Status
from pydantic import Field, StrictInt

from yunju.api.auth import ApiRequest, needs
from yunju.api.scopes import Scope
from yunju.api.shapes import Body, Code, Page, Paging, Text, cursor, read_cursor
from yunju.api.v1.shelf import file_url
from yunju.catalog import queries as catalog
from yunju.kernel.actor import Actor
from yunju.kernel.errors import NotFound
from yunju.shops import actions, queries
from yunju.shops.models import Listing
from yunju.shops.queries import ListedOffer

router = Router(tags=["listings"])


class ListingShape(Schema):
    """A pick as a visitor sees it. Price and stock are the offer's, read now."""

    offer: str
    title: str
    supplier_name: str
    price_minor: int
    price_to_minor: int
    currency: str
    remaining: int
    picture: str
    picture_alt: str
    position: int


class PicksBody(Body):
    """Codes of offers, in the order they are to stand."""

    offers: Annotated[list[Code], Field(min_length=1, max_length=200)]


class PickedShape(Schema):
    """How many of them were not in the shop before."""

    picked: int


class ListingBody(Body):
    """What is left out stays; an empty title or picture 0 takes the offer's again."""

    title: Text | None = None
    picture: StrictInt | None = None
    position: StrictInt | None = None


class OrderBody(Body):
    """Codes of offers that come first, in this order."""

    offers: Annotated[list[Code], Field(max_length=actions.MOST_LISTINGS)]


@router.get("/shops/{code}/listings", response=Page[ListingShape], auth=needs(Scope.PUBLIC))
def list_listings(request: ApiRequest, code: Code, paging: Query[Paging]) -> dict[str, object]:
    """The picks that are on the shelf, in the shop's order."""
    shop = queries.shop_visible_to(request.auth, code)
    after = read_cursor(paging.cursor, 2)
    rows = queries.shop_page(shop, after=(after[0], after[1]) if after else None, limit=paging.limit + 1)
    shown = rows[: paging.limit]
    more = len(rows) > paging.limit
    return {
        "items": [_row(one, request.cluster.currency) for one in shown],
        "next_cursor": cursor([shown[-1].position, shown[-1].listing_id]) if more else None,
    }


@router.post("/shops/{code}/listings", response=PickedShape, auth=needs(Scope.SHOP))
def pick(request: ApiRequest, code: Code, payload: PicksBody) -> dict[str, int]:
    """Put offers into the shop, all or none; picking twice is once."""
    shop = queries.shop_visible_to(request.auth, code)
    found = dict(catalog.visible_to(request.auth).filter(code__in=payload.offers).values_list("code", "id"))
    if not found.keys() >= set(payload.offers):
        raise NotFound("shops.no_offer", field="offers")
    ids = [found[offer] for offer in payload.offers]
    return {"picked": actions.pick_many(shop_id=shop.pk, offer_ids=ids, by=request.auth)}


@router.patch("/shops/{code}/listings/{offer}", response={204: None}, auth=needs(Scope.SHOP))
def edit_listing(request: ApiRequest, code: Code, offer: Code, payload: ListingBody) -> Status[None]:
    """Own title, own choice among the offer's pictures, own position."""
    listing = _listing(request.auth, code, offer)
    change = actions.ListingChange(payload.title, payload.picture, payload.position)
    actions.edit_listing(listing_id=listing.pk, change=change, by=request.auth)
    return Status(204, None)


@router.delete("/shops/{code}/listings/{offer}", response={204: None}, auth=needs(Scope.SHOP))
def drop(request: ApiRequest, code: Code, offer: Code) -> Status[None]:
    """Take a pick out of the shop."""
    actions.drop(listing_id=_listing(request.auth, code, offer).pk, by=request.auth)
    return Status(204, None)


@router.put("/shops/{code}/order", response={204: None}, auth=needs(Scope.SHOP))
def reorder(request: ApiRequest, code: Code, payload: OrderBody) -> Status[None]:
    """The picks named come first, the others follow as they stood."""
    shop = queries.shop_visible_to(request.auth, code)
    live = queries.live_listings(shop.cluster_id).filter(shop=shop, offer__code__in=payload.offers)
    found = dict(live.values_list("offer__code", "id"))
    if not found.keys() >= set(payload.offers):
        raise NotFound("shops.no_listing", field="offers")
    actions.reorder(shop_id=shop.pk, listing_ids=[found[code] for code in payload.offers], by=request.auth)
    return Status(204, None)


def _listing(actor: Actor, shop_code: str, offer_code: str) -> Listing:
    shop = queries.shop_visible_to(actor, shop_code)
    found = queries.live_listings(shop.cluster_id).filter(shop=shop, offer__code=offer_code).first()
    if found is None:
        raise NotFound("shops.no_listing")
    return found


def _row(one: ListedOffer, currency: str) -> dict[str, object]:
    copied = (
        "title",
        "supplier_name",
        "price_minor",
        "price_to_minor",
        "remaining",
        "picture_alt",
        "position",
    )
    return {name: getattr(one, name) for name in copied} | {
        "offer": one.offer_code,
        "currency": currency,
        "picture": file_url(one.picture),
    }
