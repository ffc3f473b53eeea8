"""Reading the book of a batch: a constant number of queries however many requests it has."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import QuerySet

from yunju.catalog import queries as catalog
from yunju.catalog.selling import selling
from yunju.fulfilment import registry
from yunju.fulfilment.contract import Quote
from yunju.kernel import clock
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

    @property
    def cluster_id(self) -> int:
        return self.pricing.cluster_id


def read(cluster_id: int, requests: Sequence[PlaceRequest]) -> CheckedBook:
    """Read all that the requests name: variants, rules, fees, shops, listings, parks, gateways."""
    cluster = _cluster.rows(cluster_id=cluster_id)[0]
    lines = [line for request in requests for line in request.lines]
    sold = selling(cluster_id, {line.variant_id for line in lines})
    shop_ids = sorted({line.shop_id for line in lines if line.shop_id is not None})
    pairs = sorted(
        {
            (line.shop_id, sold[line.variant_id].offer_id)
            for line in lines
            if line.shop_id is not None and line.variant_id in sold
        }
    )
    codes = {request.gateway for request in requests}
    known = {code: gateway for code, gateway in gateways.all_gateways().items() if code in codes}
    return CheckedBook(
        pricing=pricing.Book(
            cluster_id=cluster_id,
            currency=cluster.currency,
            country=cluster.country,
            after_sale_days=cluster.after_sale_days,
            self_purchase=cluster.self_purchase,
            operator_id=members.operator_of(cluster_id),
            selling=sold,
            fees=catalog.fees(cluster_id, clock.now()),
            shops=shops.terms(cluster_id, shop_ids),
            listed=frozenset(shops.lists(cluster_id, pairs)),
            parks=members.parks_of(cluster_id, sorted({one.supplier_id for one in sold.values()})),
        ),
        timezone=cluster.timezone,
        unpaid_limit=cluster.unpaid_limit,
        unpaid_for=timedelta(minutes=cluster.unpaid_minutes),
        caps={code: gateway.cap_bp for code, gateway in known.items()},
        max_parts={code: gateway.max_parts for code, gateway in known.items()},
    )


@prepared(cluster_id=int)
def _cluster(cluster_id: int) -> QuerySet[Cluster]:
    return Cluster.objects.filter(pk=cluster_id)


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
