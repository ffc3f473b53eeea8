"""Prices and payees of a request, from a book that was read beforehand. Pure: the same for the checkout page and the intake."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from yunju.catalog.queries import Fees, Selling, Terms
from yunju.fulfilment.contract import DraftLine, OrderDraft, Quote
from yunju.kernel.errors import Invalid, InvalidMany, Refused
from yunju.orders.draft import ContactDraft, Grouped, PricedLine, PricedOrder, PricedPurchase, WantedLine
from yunju.orders.shares import Claimant, fix
from yunju.shops.queries import ShopTerms

MAX_LINES = 100
MAX_QUANTITY = 9_999
MAX_TOTAL_MINOR = 10**11


@dataclass(frozen=True, slots=True)
class Book:
    """Everything a batch needs to price its requests, read with a constant number of queries."""

    cluster_id: int
    currency: str
    country: str  # the cluster's own
    after_sale_days: int
    self_purchase: str
    operator_id: int
    selling: Mapping[int, Selling]
    fees: Fees
    shops: Mapping[int, ShopTerms]
    listed: frozenset[tuple[int, int]]  # (shop, offer) pairs that are live listings
    parks: Mapping[int, int]  # supplier -> park's member


def group(book: Book, lines: Sequence[WantedLine], contact: ContactDraft) -> list[Grouped]:
    """Check the lines against the shelf and group them by (supplier, mode), in the order of first appearance.

    Raises InvalidMany with one fault per line (unknown, off the shelf, price changed with both prices).
    """
    faults: list[Invalid] = []
    groups: dict[tuple[int, str], list[WantedLine]] = {}
    for line in lines:
        fault = _fault(book, line)
        if fault is not None:
            faults.append(fault)
            continue
        sold = book.selling[line.variant_id]
        groups.setdefault((sold.supplier_id, sold.mode), []).append(line)
    if faults:
        raise InvalidMany(faults)
    answers = {
        "province": contact.province,
        "country": (contact.country or book.country).upper(),
        "city": contact.city,
    }
    return [Grouped(supplier, mode, tuple(found), answers) for (supplier, mode), found in groups.items()]


def _fault(book: Book, line: WantedLine) -> Invalid | None:
    sold = book.selling.get(line.variant_id)
    where = f"variant:{line.variant_id}"
    if sold is None:
        return Invalid("offer.unknown", field=where)
    if not sold.on_shelf or sold.price_minor <= 0:
        return Invalid("offer.off_shelf", field=where, title=sold.title)
    if sold.price_minor != line.shown_minor:
        return Invalid(
            "price.changed", field=where, title=sold.title, shown=line.shown_minor, now=sold.price_minor
        )
    return None


def drafts(book: Book, groups: Sequence[Grouped]) -> list[OrderDraft]:
    """What the modes are asked to quote, one draft per future order."""
    return [
        OrderDraft(
            cluster_id=book.cluster_id,
            supplier_id=found.supplier_id,
            lines=tuple(_draft_line(book.selling[line.variant_id], line.quantity) for line in found.lines),
            answers=found.answers,
        )
        for found in groups
    ]


def _draft_line(sold: Selling, quantity: int) -> DraftLine:
    return DraftLine(sold.offer_id, sold.variant_id, quantity, sold.price_minor, sold.weight_g)


def price(
    book: Book, groups: Sequence[Grouped], quotes: Sequence[Quote], buyer_user_id: int | None
) -> PricedPurchase:
    """The purchase with every price and claimant. Raises the first refusal of a quote, or `purchase.total_range`."""
    orders = []
    for found, quote in zip(groups, quotes, strict=True):
        if quote.refusal is not None:
            raise quote.refusal
        orders.append(_order(book, found, quote, buyer_user_id))
    purchase = PricedPurchase(tuple(orders), book.currency)
    if not 0 < purchase.total_minor <= MAX_TOTAL_MINOR:
        raise Refused("purchase.total_range", total=purchase.total_minor)
    return purchase


def _order(book: Book, found: Grouped, quote: Quote, buyer_user_id: int | None) -> PricedOrder:
    first = book.selling[found.lines[0].variant_id]
    lines = [_line(book, line, buyer_user_id) for line in found.lines]
    if quote.freight_minor:
        lines.append(
            PricedLine(
                kind="freight",
                offer_id=None,
                variant_id=None,
                title="",
                variant_title="",
                quantity=1,
                unit_minor=quote.freight_minor,
                supplier_id=found.supplier_id,
                fee_version=book.fees.version,
            )
        )
    days = [book.selling[line.variant_id].after_sale_days for line in found.lines]
    return PricedOrder(
        supplier_id=found.supplier_id,
        supplier_name=first.supplier_name,
        merchant=first.merchant,
        mode=found.mode,
        after_sale_days=max(book.after_sale_days if day is None else day for day in days),
        lines=tuple(lines),
    )


def _line(book: Book, wanted: WantedLine, buyer_user_id: int | None) -> PricedLine:
    sold = book.selling[wanted.variant_id]
    shop = _bringing_shop(book, wanted, sold)
    is_own = shop is not None and buyer_user_id is not None and buyer_user_id in shop.user_ids
    claimants = claimants_of(book, sold, shop)
    unit, discounted_from = sold.price_minor, None
    if is_own and book.self_purchase == "discount":
        unit, discounted_from = _discounted(sold, claimants), sold.price_minor
    elif is_own:
        claimants = tuple(claimant for claimant in claimants if claimant.role != "shop")
    return PricedLine(
        kind="goods",
        offer_id=sold.offer_id,
        variant_id=sold.variant_id,
        title=sold.title,
        variant_title=sold.variant_title,
        quantity=wanted.quantity,
        unit_minor=unit,
        supplier_id=sold.supplier_id,
        claimants=claimants,
        discounted_from=discounted_from,
        shop_id=shop.shop_id if shop else None,
        source=wanted.source,
        share_code=wanted.share_code,
        context=wanted.context,
        rule_version=sold.rule_version,
        fee_version=book.fees.version,
        returnable=sold.returnable,
        ship_from=sold.ship_from,
        sale_id=sold.sale.id if sold.sale else None,
        list_minor=sold.list_minor,
    )


def _bringing_shop(book: Book, wanted: WantedLine, sold: Selling) -> ShopTerms | None:
    """The shop that earns: open, and it lists the offer. A dead link earns nobody anything and stops no buyer."""
    if wanted.shop_id is None or (wanted.shop_id, sold.offer_id) not in book.listed:
        return None
    shop = book.shops.get(wanted.shop_id)
    return shop if shop is not None and shop.is_open else None


def claimants_of(book: Book, sold: Selling, shop: ShopTerms | None) -> tuple[Claimant, ...]:
    """Who else than the supplier has a part of a sale that `shop` brought, or nobody."""
    found = [
        Claimant(role.role, role.member_id, role.bp, role.floor_minor, role.cap_minor) for role in sold.roles
    ]
    if shop is not None and shop.member_id != sold.supplier_id:
        found.append(_claimant("shop", shop.member_id, sold.shop))
    park = book.parks.get(sold.supplier_id)
    if park is not None:
        found.append(_claimant("park", park, book.fees.park))
    found.append(_claimant("platform", book.operator_id, book.fees.platform))
    return tuple(claimant for claimant in found if claimant.bp or claimant.floor_minor)


def _claimant(role: str, payee_id: int, terms: Terms) -> Claimant:
    return Claimant(role, payee_id, terms.bp, terms.floor_minor, terms.cap_minor)


def _discounted(sold: Selling, claimants: Sequence[Claimant]) -> int:
    """The unit price less what the buyer's own shop would have earned of it."""
    shares = fix(sold.price_minor, sold.supplier_id, claimants)
    return sold.price_minor - sum(share.amount_minor for share in shares if share.role == "shop")
