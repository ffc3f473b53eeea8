"""The pure heart of the intake: which purchases of a batch succeed, and from which stock. Called under row locks.

Requests are served in the order given; each succeeds whole or is refused whole, and a refused one takes nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from msgspec import Struct

from yunju.catalog.sales import Had, SaleLeft
from yunju.catalog.terms import StockLeft
from yunju.kernel.errors import Invalid, Refused, YunjuError
from yunju.orders.draft import FixedLine, PricedLine, PricedOrder, PricedPurchase, Taken
from yunju.orders.shares import ShareDraft, fit_cap, fix


class Candidate(Struct, frozen=True, gc=False):
    """A priced purchase of a buyer who holds unpaid ones up to a limit. `cap_bp` is its gateway's cap on other payees."""

    purchase: PricedPurchase
    buyer: str
    cap_bp: int | None = None


class Accepted(Struct, frozen=True, gc=False):
    """The purchase with its lines fixed: places chosen, shares in cents. One tuple of lines per order."""

    purchase: PricedPurchase
    lines: tuple[tuple[FixedLine, ...], ...]


@dataclass(frozen=True, slots=True)
class Sales:
    """The locked sales of a batch, by id, and what its buyers took of them before."""

    left: Mapping[int, SaleLeft] = field(default_factory=dict)
    had: Had = field(default_factory=dict)


NO_SALES = Sales()


def decide(
    candidates: Sequence[Candidate],
    stock: Sequence[StockLeft],
    unpaid: Mapping[str, int],
    unpaid_limit: int,
    sales: Sales = NO_SALES,
) -> list[Accepted | YunjuError]:
    """Serve `candidates` in order from the locked `stock` and `sales`; `unpaid` counts what each buyer already holds."""
    counts = _Counts(sales)
    left = {row.id: row.remaining for row in stock}
    rows: dict[int, list[StockLeft]] = {}
    for row in sorted(stock, key=lambda row: (row.position, row.id)):
        rows.setdefault(row.variant_id, []).append(row)
    held = dict(unpaid)
    answers: list[Accepted | YunjuError] = []
    for candidate in candidates:
        try:
            if held.get(candidate.buyer, 0) >= unpaid_limit:
                raise Refused("purchase.too_many_unpaid", limit=unpaid_limit)
            counts.require(candidate)
            accepted, taken = _accept(candidate, rows, left)
        except YunjuError as refusal:
            answers.append(refusal)
            continue
        for part in taken:
            left[part.stock_id] -= part.quantity
        counts.take(candidate)
        held[candidate.buyer] = held.get(candidate.buyer, 0) + 1
        answers.append(accepted)
    return answers


class _Counts:
    """What is left of sales while a batch is served. A variant, so a sale, stands once in a purchase."""

    def __init__(self, sales: Sales) -> None:
        self._sales = sales.left
        self._left = {sale.id: sale.left for sale in sales.left.values()}
        self._had = dict(sales.had)

    def require(self, candidate: Candidate) -> None:
        """Raises Invalid `price.changed` for a sale that has ended, Refused `sale.sold_out`, `sale.per_buyer`."""
        for line, sale_id in sale_lines(candidate.purchase):
            where, sale = f"variant:{line.variant_id}", self._sales.get(sale_id)
            shown, usual = line.discounted_from or line.unit_minor, line.list_minor or 0
            if sale is None or sale.is_over:
                raise Invalid("price.changed", field=where, title=line.title, shown=shown, now=usual)
            if self._left[sale_id] < line.quantity:
                left = self._left[sale_id]
                raise Refused("sale.sold_out", field=where, title=line.title, left=left, list_minor=usual)
            had = self._had.get((sale_id, candidate.buyer), 0)
            if sale.per_buyer is not None and had + line.quantity > sale.per_buyer:
                raise Refused("sale.per_buyer", field=where, title=line.title, limit=sale.per_buyer, had=had)

    def take(self, candidate: Candidate) -> None:
        for line, sale_id in sale_lines(candidate.purchase):
            key = sale_id, candidate.buyer
            self._left[sale_id] -= line.quantity
            self._had[key] = self._had.get(key, 0) + line.quantity


def sale_lines(purchase: PricedPurchase) -> list[tuple[PricedLine, int]]:
    """The lines of a purchase that are in a sale, with its id."""
    return [
        (line, line.sale_id) for order in purchase.orders for line in order.lines if line.sale_id is not None
    ]


def _accept(
    candidate: Candidate, rows: Mapping[int, Sequence[StockLeft]], left: Mapping[int, int]
) -> tuple[Accepted, list[Taken]]:
    fixed, taken = [], []
    for order in candidate.purchase.orders:
        lines, parts = _fix_order(order, rows, left, candidate.cap_bp)
        fixed.append(lines)
        taken += parts
    return Accepted(candidate.purchase, tuple(fixed)), taken


def _fix_order(
    order: PricedOrder, rows: Mapping[int, Sequence[StockLeft]], left: Mapping[int, int], cap_bp: int | None
) -> tuple[tuple[FixedLine, ...], list[Taken]]:
    pieces: list[tuple[PricedLine, int, Taken | None]] = []
    for line in order.lines:
        if line.kind != "goods" or line.variant_id is None:
            pieces.append((line, line.quantity, None))
            continue
        pieces += [(line, part.quantity, part) for part in _take(line, rows.get(line.variant_id, ()), left)]
    shares = fit_cap([_shares(line, quantity) for line, quantity, _ in pieces], cap_bp)
    lines = tuple(
        FixedLine(
            line, quantity, part.place_id if part else None, part.stock_id if part else None, tuple(drafts)
        )
        for (line, quantity, part), drafts in zip(pieces, shares, strict=True)
    )
    return lines, [part for _, _, part in pieces if part]


def _take(line: PricedLine, rows: Sequence[StockLeft], left: Mapping[int, int]) -> list[Taken]:
    """From one place when one has it all, else from several in order of position. A variant stands once in a purchase."""
    for row in rows:
        if left[row.id] >= line.quantity:
            return [Taken(row.id, row.place_id, line.quantity)]
    missing, parts = line.quantity, []
    for row in rows:
        part = min(missing, left[row.id])
        if part > 0:
            parts.append(Taken(row.id, row.place_id, part))
            missing -= part
    if missing:
        raise Refused(
            "stock.sold_out",
            field=f"variant:{line.variant_id}",
            title=line.title,
            left=line.quantity - missing,
            variant_id=line.variant_id,
        )
    return parts


def _shares(line: PricedLine, quantity: int) -> list[ShareDraft]:
    """Shares of `quantity` pieces. With the own-shop discount the others keep what the list price gives them."""
    amount = line.unit_minor * quantity
    if line.discounted_from is None:
        return fix(amount, line.supplier_id, line.claimants)
    full = fix(line.discounted_from * quantity, line.supplier_id, line.claimants)
    others = [share for share in full[1:] if share.role != "shop"]
    rest = amount - sum(share.amount_minor for share in others)
    if rest < 0:
        raise Refused("shares.supplier_negative", amount=amount)
    return [ShareDraft("supplier", line.supplier_id, rest), *others]
