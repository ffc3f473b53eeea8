"""The shelf: what may be bought and picked."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

from django.conf import settings
from django.db.models import Q
from ninja import Query, Router, Schema
from pydantic import ConfigDict, Field

from yunju.api.auth import ApiRequest, needs
from yunju.api.scopes import Scope
from yunju.api.shapes import Page, Paging, Text, cursor, read_cursor
from yunju.catalog import finding, sales
from yunju.catalog import queries as catalog
from yunju.catalog.finding import Wanted
from yunju.catalog.models import Category, Offer, Picture
from yunju.catalog.queries import ShelfItem
from yunju.kernel.money import MAX_MINOR

router = Router(tags=["shelf"])
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Seller(Schema):
    """The member who supplies."""

    code: str
    name: str


class OnSaleShape(Schema):
    """A flash sale that runs: until then the `variant` costs `price_minor` instead of `list_minor`, for `left` pieces."""

    variant: str
    price_minor: int
    list_minor: int
    ends_at: datetime
    left: int
    per_buyer: int | None


class ShelfRow(Schema):
    """An offer as a shelf shows it. `shop_bp`: what a shop earns of it, in basis points. Prices are those without a sale;
    `sale` is the cheapest that runs of its variants."""

    code: str
    title: str
    supplier: Seller
    mode: str
    price_minor: int
    price_to_minor: int
    currency: str
    remaining: int
    shop_bp: int
    picture: str
    picture_alt: str
    category: str
    sale: OnSaleShape | None


class ShelfQuery(Paging):
    """Words that must all be found, and a category's code."""

    q: Annotated[Text, Field(max_length=100)] = ""
    category: Annotated[Text, Field(max_length=60)] = ""


class CategoryRow(Schema):
    """A label of the shelf."""

    code: str
    name_zh: str
    name_en: str


@router.get("/shelf", response=Page[ShelfRow], auth=needs(Scope.PUBLIC))
def list_shelf(request: ApiRequest, filters: Query[ShelfQuery]) -> dict[str, object]:
    """Offers on the shelf, newest first."""
    actor = request.auth
    found = catalog.found_by(catalog.on_shelf(actor.cluster_id), filters.q, cluster_id=actor.cluster_id)
    if filters.category:
        found = found.filter(category__code=filters.category)
    after = read_cursor(filters.cursor, 2)
    if after is not None:
        moment = _EPOCH + timedelta(microseconds=min(max(after[0], 0), 10**16))
        found = found.filter(Q(listed_at__lt=moment) | Q(listed_at=moment, pk__lt=after[1]))
    newest = found.select_related("supplier", "category").order_by("-listed_at", "-pk")
    items = catalog.shelf_items(newest[: filters.limit + 1])
    shown, currency = items[: filters.limit], request.cluster.currency
    return {
        "items": _rows(shown, currency),
        "next_cursor": _next(shown[-1]) if len(items) > filters.limit else None,
    }


class SearchQuery(Schema):
    """What the shelf's own page can be narrowed to. `province`: a key such as `浙江`; `sort`: best, new, sold, cheap or dear."""

    model_config = ConfigDict(extra="forbid")
    q: Annotated[Text, Field(max_length=80)] = ""
    category: Annotated[Text, Field(max_length=60)] = ""
    least_minor: Annotated[int, Field(ge=0, le=MAX_MINOR)] | None = None
    most_minor: Annotated[int, Field(ge=0, le=MAX_MINOR)] | None = None
    province: Annotated[Text, Field(max_length=20)] = ""
    in_stock: bool = False
    free_freight: bool = False
    new: bool = False
    presale: bool = False
    sort: Literal["", "best", "new", "sold", "cheap", "dear"] = ""
    page: Annotated[int, Field(ge=1, le=100_000)] = 1


class FoundShape(Schema):
    """A page of what was found. `total` is counted up to a limit: with `is_capped` there are more."""

    items: list[ShelfRow]
    page: int
    pages: int
    total: int
    is_capped: bool


class OfferName(Schema):
    """An offer in few words."""

    code: str
    title: str


class SuggestionShape(Schema):
    """What the words typed so far may mean."""

    offers: list[OfferName]
    categories: list[CategoryRow]
    studios: list[Seller]


@router.get("/shelf/search", response=FoundShape, auth=needs(Scope.PUBLIC))
def search_shelf(request: ApiRequest, filters: Query[SearchQuery]) -> dict[str, object]:
    """The shelf as its page finds it: by words and filters, page by page; a page beyond the last is the last."""
    given = filters.dict(exclude={"q", "page"})
    wanted = Wanted(words=" ".join(filters.q.split()), **given)
    found = finding.find(request.auth.cluster_id, wanted, page=filters.page)
    names = ("page", "pages", "total", "is_capped")
    told = {name: getattr(found, name) for name in names}
    return told | {"items": rows(found.offers, request.cluster.currency)}


@router.get("/shelf/suggestions", response=SuggestionShape, auth=needs(Scope.PUBLIC))
def suggest(request: ApiRequest, q: Annotated[Text, Field(max_length=80)] = "") -> finding.Suggestions:
    """While somebody types: up to five offers, three categories, three studios."""
    return finding.suggest(request.auth.cluster_id, " ".join(q.split()))


@router.get("/categories", response=list[CategoryRow], auth=needs(Scope.PUBLIC))
def list_categories(request: ApiRequest) -> list[Category]:
    """The labels of the shelf, in their order."""
    return list(Category.objects.filter(cluster_id=request.auth.cluster_id).order_by("position", "id"))


def picture_url(picture: Picture | None) -> str:
    """Where a stored picture is; empty when it has no file."""
    return file_url(picture.file.name or "") if picture is not None and picture.file else ""


def file_url(name: str) -> str:
    return f"{settings.MEDIA_URL}{name}" if name else ""


def rows(offers: Iterable[Offer], currency: str) -> list[dict[str, object]]:
    """Offers as a shelf shows them, in the order given."""
    return _rows(catalog.shelf_items(offers), currency)


def _rows(items: Sequence[ShelfItem], currency: str) -> list[dict[str, object]]:
    ids = [item.offer.pk for item in items]
    reduced = sales.reduced(items[0].offer.cluster_id, ids) if items else {}
    return [_row(item, reduced.get(item.offer.pk), currency) for item in items]


def _row(item: ShelfItem, reduced: sales.Reduced | None, currency: str) -> dict[str, object]:
    offer = item.offer
    return {
        "code": offer.code,
        "title": offer.title,
        "supplier": offer.supplier,
        "mode": offer.mode,
        "price_minor": item.lowest_minor,
        "price_to_minor": item.highest_minor,
        "currency": currency,
        "remaining": item.remaining,
        "shop_bp": item.shop_bp,
        "picture": picture_url(item.picture),
        "picture_alt": item.picture.alt if item.picture else "",
        "category": offer.category.code if offer.category else "",
        "sale": reduced and reduced.sale,
    }


def _next(item: ShelfItem) -> str:
    listed = item.offer.listed_at or _EPOCH
    return cursor([(listed - _EPOCH) // timedelta(microseconds=1), item.offer.pk])
