"""Release: what was pending becomes withdrawable when nothing can come back any more. Set-based and resumable.

Each earning carries its date from the moment the goods were received. A line is released once; a dispute or an open
after-sale case keeps its order waiting.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from yunju.fulfilment import registry
from yunju.kernel import clock, locks, outbox, sql
from yunju.ledger import subjects
from yunju.ledger.actions import Leg, Posting, lock_balances, post
from yunju.ledger.kinds import Kind
from yunju.members.models import Cluster, Member
from yunju.orders import releasing
from yunju.orders.models import Line, Order
from yunju.orders.refunding import Balances

SQL = sql.queries(Path(__file__).resolve().parent.parent / "sql" / "release.sql")
LINES = 500


def date_release(*, cluster_id: int, order_ids: Sequence[int], at: datetime) -> None:
    """Freeze on every line of the orders, received at `at`, when its shares will be released. One update per batch.

    Lines that were dated before keep their date. Runs in the caller's transaction, which holds the orders.
    """
    zone = Cluster.objects.values_list("timezone", flat=True).get(pk=cluster_id)
    dated = [
        (order_id, releasing.due_at(at, days, registry.mode(mode).releases.at_hour, zone))
        for order_id, mode, days in Order.objects.filter(cluster_id=cluster_id, pk__in=order_ids).values_list(
            "pk", "mode", "after_sale_days"
        )
    ]
    if dated:
        sql.execute(
            SQL["date_lines"],
            {"c": cluster_id, "orders": [d[0] for d in dated], "dues": [d[1] for d in dated]},
        )


@dataclass(frozen=True, slots=True)
class _Open:
    """A share that is still pending, by `cents`."""

    share_id: int
    order_id: int
    line_id: int
    payee_id: int
    cents: int


def release_due(limit: int = LINES) -> int:
    """Release up to `limit` due lines of one cluster; returns how many. Called again while it finds some.

    A kill between two calls loses nothing: a line is either released whole, with its transfer, or still due.
    """
    return locks.with_retries(lambda: _release(limit))


def _release(limit: int) -> int:
    now = clock.now()
    with locks.transaction_with_timeout(locks.BATCH_MS):
        found = sql.fetch(SQL["claim_orders"], {"now": now, "limit": limit})
        if not found:
            return 0
        cluster_id, order_ids = found[0][0], sorted(row[1] for row in found if row[0] == found[0][0])
        lines = _due_lines(cluster_id, order_ids, now)
        shares = _open_shares(cluster_id, lines)
        _count(cluster_id, shares)
        post(_postings(cluster_id, shares, now))
        Line.objects.filter(cluster_id=cluster_id, pk__in=list(lines)).update(released_at=now)
        outbox.write(_finished(cluster_id, order_ids))
        return len(lines)


def _due_lines(cluster_id: int, order_ids: Sequence[int], now: datetime) -> dict[int, int]:
    rows = Line.objects.filter(
        cluster_id=cluster_id, order_id__in=order_ids, released_at__isnull=True, release_due_at__lte=now
    )
    return dict(rows.order_by("pk").values_list("pk", "order_id"))


def _open_shares(cluster_id: int, lines: Mapping[int, int]) -> list[_Open]:
    """Of lines and their orders."""
    asked = {"c": cluster_id, "lines": list(lines), "orders": list(lines.values())}
    rows = sql.fetch(SQL["lock_shares"], asked)
    return [_Open(*row) for row in rows]


def _count(cluster_id: int, shares: Sequence[_Open]) -> None:
    if shares:
        params = {"c": cluster_id, "ids": [s.share_id for s in shares], "cents": [s.cents for s in shares]}
        sql.execute(SQL["count_released"], params)


def _postings(cluster_id: int, shares: Sequence[_Open], now: datetime) -> list[Posting]:
    """One transfer per line: each payee's pending to debt, reserve and available."""
    if not shares:
        return []
    cluster = Cluster.objects.get(pk=cluster_id)
    payees = sorted({share.payee_id for share in shares})
    rates = {
        pk: cluster.reserve_bp if own is None else own
        for pk, own in Member.objects.filter(pk__in=payees).values_list("pk", "reserve_bp")
    }
    balances = _lock(cluster_id, cluster.currency, payees)
    legs: dict[int, list[Leg]] = defaultdict(list)
    for share in shares:
        legs[share.line_id] += releasing.legs(share.payee_id, share.cents, rates[share.payee_id], balances)
    return [
        Posting(cluster_id, "released", "line", line_id, cluster.currency, tuple(found), now)
        for line_id, found in legs.items()
    ]


def _lock(cluster_id: int, currency: str, payees: Sequence[int]) -> Balances:
    """Every cached account the entries will move, locked in one call so that the ids are taken in order."""
    kinds = (Kind.AVAILABLE, Kind.RESERVE, Kind.DEBT)
    return lock_balances(
        cluster_id, currency, [(subjects.member(payee), kind) for payee in payees for kind in kinds]
    )


def _finished(cluster_id: int, order_ids: Sequence[int]) -> list[outbox.Event]:
    """An event for each order of which every line is released now."""
    waiting = Line.objects.filter(cluster_id=cluster_id, order_id__in=order_ids, released_at__isnull=True)
    done = Order.objects.filter(cluster_id=cluster_id, pk__in=order_ids).exclude(
        pk__in=waiting.values("order_id")
    )
    return [
        outbox.Event(cluster_id, "order.released", pk, {"mode": mode, "supplier": supplier, "after": state})
        for pk, mode, supplier, state in done.values_list("pk", "mode", "supplier_id", "fulfilment_state")
    ]
