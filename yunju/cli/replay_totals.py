"""What a replay came to, read back from the database: orders, lines, refunds, ledger. The source's file is only compared."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Count, Sum

from yunju.cli.replay_course import total_minor
from yunju.cli.replay_doors import ReplayGateway
from yunju.cli.replay_market import TOLERANCE_MINOR
from yunju.cli.replay_source import CURRENCY, Source
from yunju.kernel.money import decimal_text
from yunju.ledger import queries as ledger
from yunju.ledger import verify
from yunju.ledger.kinds import Kind
from yunju.members.models import Cluster
from yunju.orders.models import Line, Order, Purchase, Refund
from yunju.payments.models import Attempt

HELD = (Kind.PENDING, Kind.ESCROW, Kind.UNAPPLIED)
RELEASED = (Kind.AVAILABLE, Kind.RESERVE, Kind.PAYING_OUT, Kind.DEBT)


@dataclass(frozen=True, slots=True)
class Totals:
    """Counts, and amounts in minor units. `released` is net of what payees owe back."""

    orders: int
    lines: int
    sellers: int
    items: int
    freight: int
    payments: int
    differences: int
    refunded: int
    held: int
    released: int
    shortage: int
    refund_due: int
    ledger_sum: int
    broken: int

    def named(self) -> Iterator[tuple[str, str]]:
        """The lines that are printed, by their fixed names."""
        yield "orders", str(self.orders)
        yield "lines", str(self.lines)
        yield "sellers", str(self.sellers)
        yield "items total", money(self.items)
        yield "freight total", money(self.freight)
        yield "payments total", money(self.payments)
        yield "booked differences", money(self.differences)
        yield "refunded", money(self.refunded)
        yield "held", money(self.held)
        yield "released", money(self.released)
        yield "ledger sum", money(self.ledger_sum)
        yield "invariants broken", str(self.broken)

    @property
    def unexplained(self) -> int:
        """Money that came in and is nowhere: zero, or the book is wrong."""
        there = self.refunded + self.refund_due + self.held + self.released
        return self.payments + self.shortage - there


def money(minor: int) -> str:
    return decimal_text(minor, CURRENCY)


def read(cluster: Cluster) -> Totals:
    """All totals of the cluster, and its whole book proved."""
    goods = Line.objects.filter(cluster_id=cluster.pk, kind="goods")
    paid = Attempt.objects.filter(cluster_id=cluster.pk, gateway=ReplayGateway.code, state="paid")
    refunds = Refund.objects.filter(cluster_id=cluster.pk)
    shortage = -ledger.total(cluster.pk, Kind.LOSS, CURRENCY)
    return Totals(
        orders=Purchase.objects.filter(cluster_id=cluster.pk).count() + paid.filter(purchase_id=0).count(),
        lines=goods.aggregate(n=Sum("quantity"))["n"] or 0,
        sellers=Order.objects.filter(cluster_id=cluster.pk).values("supplier_id").distinct().count(),
        items=goods.aggregate(n=Sum("amount_minor"))["n"] or 0,
        freight=Line.objects.filter(cluster_id=cluster.pk, kind="freight").aggregate(n=Sum("amount_minor"))[
            "n"
        ]
        or 0,
        payments=paid.aggregate(n=Sum("paid_minor"))["n"] or 0,
        differences=_differences(cluster.pk, shortage),
        refunded=refunds.filter(state="confirmed").aggregate(n=Sum("amount_minor"))["n"] or 0,
        held=_sum(cluster.pk, HELD),
        released=_sum(cluster.pk, RELEASED),
        shortage=shortage,
        refund_due=_sum(cluster.pk, (Kind.REFUND_DUE,)),
        ledger_sum=_sum(cluster.pk, tuple(Kind)),
        broken=verify.verify(cluster.pk, whole=True).broken,
    )


def _sum(cluster_id: int, kinds: tuple[Kind, ...]) -> int:
    return sum(ledger.total(cluster_id, kind, CURRENCY) for kind in kinds)


def _differences(cluster_id: int, shortage: int) -> int:
    """What was paid beyond the purchases that it paid, less what they were short of."""
    excess = Refund.objects.filter(cluster_id=cluster_id, kind="unapplied", reason="overpaid")
    return (excess.aggregate(n=Sum("amount_minor"))["n"] or 0) - shortage


def faults(totals: Totals, source: Source) -> list[str]:
    """Where the book and the source differ, in words. Orders of an earlier, longer replay are no fault."""
    found = []
    if totals.ledger_sum:
        found.append(f"The ledger sums to {money(totals.ledger_sum)}, not to zero.")
    if totals.unexplained:
        found.append(
            f"Of the payments, {money(totals.unexplained)} is neither held nor released nor sent back."
        )
    if totals.refund_due:
        found.append(f"Refunds of {money(totals.refund_due)} are still under way.")
    replayed = [order for order in source.orders if order.items or order.paid_minor]
    if totals.orders > len(replayed):
        return found
    items = [item for order in replayed for item in order.items]
    expected = {
        "orders": (totals.orders, len(replayed)),
        "lines": (totals.lines, len(items)),
        "sellers": (totals.sellers, len({item.seller for item in items})),
        "items total": (totals.items, sum(item.price_minor for item in items)),
        "freight total": (totals.freight, sum(item.freight_minor for item in items)),
        "payments total": (totals.payments, sum(order.paid_minor for order in replayed)),
        "booked differences": (totals.differences, _expected_differences(source)),
    }
    found += [
        f"{name}: the book has {book} and the source {wanted} (amounts in minor units)."
        for name, (book, wanted) in expected.items()
        if book != wanted
    ]
    return found


def _expected_differences(source: Source) -> int:
    paid = [order for order in source.orders if order.items and order.paid_minor]
    more = [order.paid_minor - total_minor(order) for order in paid]
    return sum(cents for cents in more if cents >= -TOLERANCE_MINOR)


def ends(cluster: Cluster) -> dict[str, int]:
    """How many supplier orders stand in each state at the end."""
    rows = (
        Order.objects.filter(cluster_id=cluster.pk)
        .order_by("fulfilment_state")
        .values_list("fulfilment_state")
    )
    return {state or "unpaid": count for state, count in rows.annotate(count=Count("pk"))}
