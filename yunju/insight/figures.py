"""Figures of a cluster by day, week and month, counted by a loop, read in one statement.

A page never counts orders: it reads at most `MOST` rows. What each figure means stands in `ui`, as `figure.<name>` and
`figure.<name>.means`. A period is counted again until two days after its end, when nothing in it changes any more.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from yunju.insight.models import UNITS, Figures
from yunju.kernel import clock, sql
from yunju.kernel.actor import Actor
from yunju.members import policy
from yunju.members.models import Cluster
from yunju.members.words import Permission

SQL = sql.queries(Path(__file__).with_name("sql") / "figures.sql")
NAMES = (
    "gmv_minor",
    "orders",
    "paid_minor",
    "paid_orders",
    "refunded_minor",
    "take_bp",
    "commission_minor",
    "active_shops",
    "new_members",
)
SHOWN = {"day": 30, "week": 26, "month": 24}
"""How many periods a page shows unless it is asked for others."""

MOST = 400
BATCH = 60
EVERY_SECONDS = 300
SETTLED_AFTER = dt.timedelta(days=2)
FIRST = dt.timedelta(days=3 * 366)
"""How far back periods are counted."""


@dataclass(frozen=True, slots=True)
class Period:
    """Figures of one period. One that has not been counted yet is all zero."""

    unit: str
    starts_on: dt.date
    orders: int = 0
    gmv_minor: int = 0
    paid_orders: int = 0
    paid_minor: int = 0
    refunded_minor: int = 0
    fees_minor: int = 0
    commission_minor: int = 0
    active_shops: int = 0
    new_members: int = 0
    counted_at: dt.datetime | None = None

    @property
    def take_bp(self) -> int:
        """Fees of platform and park in basis points of what was paid."""
        return self.fees_minor * 10_000 // self.paid_minor if self.paid_minor else 0


def start_of(unit: str, day: dt.date) -> dt.date:
    """The first day of the week (Monday) or month in which `day` lies, or the day itself."""
    if unit == "week":
        return day - dt.timedelta(days=day.weekday())
    return day.replace(day=1) if unit == "month" else day


def next_start(unit: str, start: dt.date) -> dt.date:
    if unit == "month":
        return dt.date(start.year + start.month // 12, start.month % 12 + 1, 1)
    return start + dt.timedelta(days=7 if unit == "week" else 1)


def _starts(unit: str, since: dt.date, until: dt.date) -> Iterator[dt.date]:
    start = start_of(unit, since)
    while start <= until:
        yield start
        start = next_start(unit, start)


def periods(actor: Actor, cluster: Cluster, unit: str, since: dt.date | None = None) -> list[Period]:
    """The periods up to today, oldest first, without gaps. One statement."""
    policy.for_cluster(actor, Permission.CLUSTER_MONEY)
    today = clock.local_day(clock.now(), cluster.timezone)
    if since is None:
        wanted = SHOWN[unit]
        days = {"day": 1, "week": 7, "month": 31}[unit]
        since = today - dt.timedelta(days=days * (wanted - 1))
    starts = list(_starts(unit, since, today))[-MOST:]
    if not starts:
        return []
    names = [one for one in Period.__dataclass_fields__ if one != "unit"]
    rows = Figures.objects.filter(cluster_id=cluster.pk, unit=unit, starts_on__gte=starts[0]).values_list(
        *names
    )
    known = {row[0]: Period(unit, *row) for row in rows}
    return [known.get(start, Period(unit, start)) for start in starts]


def recount() -> int:
    """Count what is due in every open cluster; at most BATCH periods, so that the loop asks again while there are more."""
    done = 0
    for cluster in Cluster.objects.filter(closed_at=None).order_by("pk"):
        for unit, start in _due(cluster):
            if done >= BATCH:
                return done
            count(cluster, unit, start)
            done += 1
    return done


def _due(cluster: Cluster) -> Iterator[tuple[str, dt.date]]:
    """Periods that were never counted, and those that may have changed since, the newest first."""
    now = clock.now()
    began = sql.fetch(SQL["begins"], {"cluster": cluster.pk})[0][0]
    if began is None:
        return
    today = clock.local_day(now, cluster.timezone)
    first = max(clock.local_day(began, cluster.timezone), today - FIRST)
    kept = {
        (unit, start): at
        for unit, start, at in Figures.objects.filter(cluster_id=cluster.pk).values_list(
            "unit", "starts_on", "counted_at"
        )
    }
    for unit in UNITS:
        for start in reversed(list(_starts(unit, first, today))):
            at = kept.get((unit, start))
            settled = clock.at_local(next_start(unit, start), 0, cluster.timezone) + SETTLED_AFTER
            fresh = at is not None and (at >= settled or now - at < dt.timedelta(seconds=EVERY_SECONDS))
            if not fresh:
                yield unit, start


def count(cluster: Cluster, unit: str, start: dt.date) -> None:
    """Count one period and keep it. One statement."""
    params = {
        "cluster": cluster.pk,
        "unit": unit,
        "starts_on": start,
        "since": clock.at_local(start, 0, cluster.timezone),
        "until": clock.at_local(next_start(unit, start), 0, cluster.timezone),
        "now": clock.now(),
    }
    sql.execute(SQL["count"], params)
