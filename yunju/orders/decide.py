"""The pure heart of the intake: which purchases of a batch succeed, and from which stock. Called under row locks.

Requests are served in the order given; each succeeds whole or is refused whole, and a refused one takes nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from yunju.kernel.errors import Refused, YunjuError
from yunju.orders.draft import FixedLine, PricedLine, PricedOrder, PricedPurchase, Taken
from yunju.orders.shares import ShareDraft, fit_cap, fix


@dataclass(frozen=True, slots=True)
class StockLeft:
    """A locked stock row: what remains of a variant at a place; lower `position` is taken from first."""

    id: int
    variant_id: int
    place_id: int
    remaining: int
    position: int = 0


@dataclass(frozen=True, slots=True)
class Candidate:
    """A priced purchase of a buyer who holds unpaid ones up to a limit. `cap_bp` is its gateway's cap on other payees."""

    purchase: PricedPurchase
    buyer: str
    cap_bp: int | None = None


@dataclass(frozen=True, slots=True)
class Accepted:
    """The purchase with its lines fixed: places chosen, shares in cents. One tuple of lines per order."""

    purchase: PricedPurchase
    lines: tuple[tuple[FixedLine, ...], ...]


def decide(
    candidates: Sequence[Candidate], stock: Sequence[StockLeft], unpaid: Mapping[str, int], unpaid_limit: int
) -> list[Accepted | YunjuError]:
    """Serve `candidates` in order from the locked `stock`; `unpaid` counts what each buyer already holds."""
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
            accepted, taken = _accept(candidate, rows, left)
        except YunjuError as refusal:
            answers.append(refusal)
            continue
        for part in taken:
            left[part.stock_id] -= part.quantity
        held[candidate.buyer] = held.get(candidate.buyer, 0) + 1
        answers.append(accepted)
    return answers


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
