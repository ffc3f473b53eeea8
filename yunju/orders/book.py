"""Reading the book of a batch: a constant number of queries however many requests it has."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, NamedTuple

from django.db.models import QuerySet

from yunju.catalog import queries as catalog
from yunju.catalog.actions.stock import stock_seen
from yunju.catalog.sales import running_asked
from yunju.catalog.selling import rules_asked, sold_asked, with_rules
from yunju.catalog.terms import StockLeft
from yunju.fulfilment import registry
from yunju.fulfilment.contract import Quote
from yunju.kernel import clock, sql
from yunju.kernel.errors import Invalid, Refused, YunjuError
from yunju.kernel.prepared import prepared
from yunju.members import queries as members
from yunju.members.models import Cluster
from yunju.orders import pricing
from yunju.orders.draft import Grouped, PlaceRequest, PricedPurchase
from yunju.payments import registry as gateways
from yunju.shops import queries as shops


@dataclass(frozen=True, slots=True)
class CheckedBook:
    """The pricing book with the rules of the cluster that the intake needs."""

    pricing: pricing.Book
    timezone: str
    unpaid_limit: int
    unpaid_for: timedelta
    caps: Mapping[
        str, int | None
    ]  # gateway -> basis points other payees than the supplier may get of an order
    max_parts: Mapping[str, int]
    stock: Sequence[StockLeft]  # as it was seen, locked by nobody

    @property
    def cluster_id(self) -> int:
        return self.pricing.cluster_id


def read(cluster_id: int, requests: Sequence[PlaceRequest]) -> CheckedBook:
    """Read all that the requests name: variants, rules, fees, shops, listings, parks, gateways. Two waits."""
    lines = [line for request in requests for line in request.lines]
    variants = {line.variant_id for line in lines}
    rules, sold, stock, sales, fees, operator, terms = sql.answers(
        _cluster.asked(lambda rows: _Rules(*rows[0]), cluster_id=cluster_id),
        sold_asked(cluster_id, variants),
        stock_seen(cluster_id, variants),
        running_asked(cluster_id, variants),
        catalog.fees_asked(cluster_id, clock.now()),
        members.operator_asked(cluster_id),
        shops.terms_asked(cluster_id, {line.shop_id for line in lines if line.shop_id is not None}),
    )
    offers = {one.pk: one.offer_id for one in sold}
    pairs = {
        (line.shop_id, offers[line.variant_id])
        for line in lines
        if line.shop_id is not None and line.variant_id in offers
    }
    suppliers = {one.offer__supplier_id for one in sold}
    *of_offers, parks, listed = sql.answers(
        *rules_asked(sold), members.parks_asked(cluster_id, suppliers), shops.lists_asked(cluster_id, pairs)
    )
    codes = {request.gateway for request in requests}
    known = {code: gateway for code, gateway in gateways.all_gateways().items() if code in codes}
    return CheckedBook(
        pricing=pricing.Book(
            cluster_id=cluster_id,
            currency=rules.currency,
            country=rules.country,
            after_sale_days=rules.after_sale_days,
            self_purchase=rules.self_purchase,
            operator_id=members.found_operator(operator),
            selling=with_rules(sold, sales, *of_offers),
            fees=fees,
            shops=terms,
            listed=frozenset(listed),
            parks=parks,
        ),
        timezone=rules.timezone,
        unpaid_limit=rules.unpaid_limit,
        unpaid_for=timedelta(minutes=rules.unpaid_minutes),
        caps={code: gateway.cap_bp for code, gateway in known.items()},
        max_parts={code: gateway.max_parts for code, gateway in known.items()},
        stock=stock,
    )


class _Rules(NamedTuple):
    """What a cluster says of its sales; the names are those of the columns."""

    currency: str
    country: str
    after_sale_days: int
    self_purchase: str
    timezone: str
    unpaid_limit: int
    unpaid_minutes: int


@prepared(cluster_id=int)
def _cluster(cluster_id: int) -> QuerySet[Cluster, Any]:
    return Cluster.objects.filter(pk=cluster_id).values_list(*_Rules._fields)


def price_all(book: CheckedBook, requests: Sequence[PlaceRequest]) -> list[PricedPurchase | YunjuError]:
    """Price each request, or say why not. Modes quote all drafts of the batch in one call each."""
    grouped: list[list[Grouped] | YunjuError] = []
    for request in requests:
        try:
            if request.gateway not in book.caps:
                raise Invalid("gateway.unknown", field="gateway", gateway=request.gateway)
            groups = pricing.group(book.pricing, request.lines, request.contact)
            receivers = len({found.supplier_id for found in groups})
            if receivers > book.max_parts[request.gateway]:
                raise Refused("cart.too_many_suppliers", limit=book.max_parts[request.gateway])
            grouped.append(groups)
        except YunjuError as refusal:
            grouped.append(refusal)
    quotes = _quotes(
        book, [found for groups in grouped if not isinstance(groups, YunjuError) for found in groups]
    )
    answers: list[PricedPurchase | YunjuError] = []
    for request, checked in zip(requests, grouped, strict=True):
        if isinstance(checked, YunjuError):
            answers.append(checked)
            continue
        try:
            own = [quotes[id(found)] for found in checked]
            answers.append(pricing.price(book.pricing, checked, own, request.by.user_id))
        except YunjuError as refusal:
            answers.append(refusal)
    return answers


def _quotes(book: CheckedBook, groups: Sequence[Grouped]) -> dict[int, Quote]:
    """One call per mode for all its drafts."""
    found: dict[int, Quote] = {}
    for code in sorted({group.mode for group in groups}):
        own = [group for group in groups if group.mode == code]
        quotes = registry.mode(code).quote(pricing.drafts(book.pricing, own))
        found.update((id(group), quote) for group, quote in zip(own, quotes, strict=True))
    return found
