"""Flash sales as anybody may see them. Setting, changing and ending one is done on pages."""

from datetime import UTC, datetime, timedelta
from typing import Literal

from django.db.models import Q
from ninja import Query, Router, Schema

from yunju.api.auth import ApiRequest, needs
from yunju.api.scopes import Scope
from yunju.api.shapes import Page, Paging, cursor, read_cursor
from yunju.api.v1.shelf import OfferName, Seller
from yunju.catalog import on_sale
from yunju.catalog.models import Sale

router = Router(tags=["sales"])
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class SoldVariant(Schema):
    """The variant that is on sale."""

    code: str
    title: str


class SaleRow(Schema):
    """A flash sale that runs or is to come. `left`: pieces of it that nobody has ordered; `per_buyer` null: no limit."""

    code: str
    state: Literal["running", "coming"]
    offer: OfferName
    variant: SoldVariant
    supplier: Seller
    price_minor: int
    list_minor: int
    currency: str
    starts_at: datetime
    ends_at: datetime
    left: int
    per_buyer: int | None


@router.get("/sales", response=Page[SaleRow], auth=needs(Scope.PUBLIC))
def list_sales(request: ApiRequest, filters: Query[Paging]) -> dict[str, object]:
    """Flash sales with pieces left: those that run, the next to end first; then those to come, the next to start first."""
    found = on_sale.listed(request.auth.cluster_id)
    after = read_cursor(filters.cursor, 3)
    if after is not None:
        is_later, moment, pk = after[0], _EPOCH + min(max(after[1], 0), 10**16) * _MICROSECOND, after[2]
        further = Q(turns_at__gt=moment) | Q(turns_at=moment, pk__gt=pk)
        found = found.filter(Q(is_later__gt=is_later) | Q(is_later=is_later) & further)
    rows = list(found[: filters.limit + 1])
    shown = rows[: filters.limit]
    return {
        "items": [_row(sale, request.cluster.currency) for sale in shown],
        "next_cursor": _next(shown[-1]) if len(rows) > filters.limit else None,
    }


def _row(sale: Sale, currency: str) -> dict[str, object]:
    same = ("code", "price_minor", "starts_at", "ends_at", "per_buyer")
    return {name: getattr(sale, name) for name in same} | {
        "state": "coming" if sale.is_later else "running",  # type: ignore[attr-defined]  # annotated
        "offer": sale.variant.offer,
        "variant": sale.variant,
        "supplier": sale.variant.offer.supplier,
        "list_minor": sale.variant.price_minor,
        "currency": currency,
        "left": sale.quota - sale.taken,
    }


def _next(sale: Sale) -> str:
    turns = (sale.turns_at - _EPOCH) // _MICROSECOND  # type: ignore[attr-defined]  # annotated
    return cursor([sale.is_later, turns, sale.pk])  # type: ignore[attr-defined]  # annotated
