"""Why each line of a payee's earnings is what it is: when it can be taken, and what was taken back, when and why."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, OuterRef, QuerySet, Subquery

from yunju.kernel.actor import Actor
from yunju.orders.models import Line, Order, RefundPart, Share
from yunju.orders.queries.statement import Earning, earning_of, require_money

STATES = ("expected", "waiting", "released", "returned", "deducted")
"""Of what is asked for. `deducted` cuts across the others: whatever a refund took something of."""


@dataclass(frozen=True, slots=True)
class Deduction:
    """A refund took `cents` of this share: on which day, for which reason of the refund."""

    at: datetime
    why: str
    minor: int


@dataclass(frozen=True, slots=True)
class Explained:
    """An earning with every deduction from it."""

    earning: Earning
    deductions: tuple[Deduction, ...]


def explained(
    *, member_id: int, by: Actor, state: str = "", before_id: int | None = None, limit: int = 50
) -> list[Explained]:
    """The newest shares of paid orders, of one state or of all. Four statements. Raises NotFound for a stranger's."""
    shares = shares_of(member_id=member_id, by=by, state=state)
    if before_id is not None:
        shares = shares.filter(pk__lt=before_id)
    page = list(shares[:limit])
    lines = {
        line.pk: line
        for line in Line.objects.filter(
            cluster_id=by.cluster_id, pk__in=[share.line_id for share in page]
        ).select_related("order")
    }
    why = _deductions(by.cluster_id, [share.pk for share in page])
    return [Explained(earning_of(share, lines[share.line_id]), tuple(why[share.pk])) for share in page]


def shares_of(*, member_id: int, by: Actor, state: str = "") -> QuerySet[Share]:
    """The shares that `explained` explains, all of them. Raises NotFound for a stranger's."""
    require_money(by, member_id)
    paid = Order.objects.filter(cluster_id=by.cluster_id, purchase__payment_state="paid")
    mine = Share.objects.filter(cluster_id=by.cluster_id, payee_id=member_id, order_id__in=paid.values("pk"))
    return _in_state(mine.order_by("-pk"), by.cluster_id, state)


def _in_state(shares: QuerySet[Share], cluster_id: int, state: str) -> QuerySet[Share]:
    """The same states as `earning_of` gives, as conditions."""
    if state not in STATES:
        return shares
    if state == "deducted":
        return shares.exclude(refunded_minor=0, reclaimed_minor=0)
    line = Line.objects.filter(cluster_id=cluster_id, pk=OuterRef("line_id"))
    shares = shares.annotate(
        due=Subquery(line.values("release_due_at")), let_go=Subquery(line.values("released_at"))
    )
    is_returned = {"amount_minor": F("refunded_minor") + F("reclaimed_minor")}
    if state == "returned":
        return shares.filter(**is_returned)
    shares = shares.exclude(**is_returned)
    if state == "released":
        return shares.filter(let_go__isnull=False)
    return shares.filter(let_go__isnull=True, due__isnull=state == "expected")


def _deductions(cluster_id: int, share_ids: Sequence[int]) -> dict[int, list[Deduction]]:
    found: dict[int, list[Deduction]] = defaultdict(list)
    parts = RefundPart.objects.filter(cluster_id=cluster_id, share_id__in=share_ids).select_related("refund")
    for part in parts.order_by("pk"):
        cents = part.from_pending_minor + part.from_released_minor
        if cents:
            found[part.share_id].append(Deduction(part.refund.decided_at, part.refund.reason, cents))
    return found
