"""Flash sales as others read them: which runs now, what is left of it, which are to come."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from yunju.kernel import clock, sql


@dataclass(frozen=True, slots=True)
class Running:
    """The sale that a variant is in at this moment, as read without locks. `list_minor`: the price without it."""

    id: int
    price_minor: int
    left: int
    per_buyer: int | None
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class SaleLeft:
    """A locked sale: the pieces left of it, none once it `is_over`."""

    id: int
    left: int
    per_buyer: int | None
    is_over: bool = False


Had = Mapping[tuple[int, str], int]
"""(sale, buyer) -> the pieces that this buyer took of it."""


def running_asked(cluster_id: int, variant_ids: Collection[int]) -> sql.Asked[dict[int, Running]]:
    """By variant, the sale that runs now and has pieces left. At most one does.

    Planned each time: a plan kept from a market without sales would read the whole table later.
    """
    now = clock.now()
    return sql.Asked(
        "SELECT variant_id, id, price_minor, quota - taken, per_buyer, ends_at FROM catalog_sale"
        " WHERE cluster_id = %s AND variant_id = ANY(%s) AND ended_at IS NULL AND starts_at <= %s AND ends_at > %s"
        " AND taken < quota",
        [cluster_id, sorted(set(variant_ids)), now, now],
        lambda rows: {row[0]: Running(*row[1:]) for row in rows},
    )


def locked_asked(cluster_id: int, sale_ids: Collection[int]) -> sql.Asked[dict[int, SaleLeft]]:
    """Lock sales in id order, behind stock; what is left of each."""
    now = clock.now()
    return sql.Asked(
        "SELECT id, quota - taken, per_buyer, ended_at IS NOT NULL OR ends_at <= %s FROM catalog_sale"
        " WHERE cluster_id = %s AND id = ANY(%s) ORDER BY id FOR UPDATE",
        [now, cluster_id, sorted(set(sale_ids))],
        lambda rows: {row[0]: SaleLeft(*row) for row in rows},
    )


def had_asked(cluster_id: int, sale_ids: Collection[int], buyers: Collection[str]) -> sql.Asked[Had]:
    """What each buyer took of each sale so far; exact for buyers whose placements are locked."""
    return sql.Asked(
        "SELECT sale_id, buyer, sum(pieces)::bigint FROM catalog_saletake"
        " WHERE cluster_id = %s AND sale_id = ANY(%s) AND buyer = ANY(%s) GROUP BY sale_id, buyer",
        [cluster_id, sorted(set(sale_ids)), sorted(set(buyers))],
        lambda rows: {(row[0], row[1]): row[2] for row in rows},
    )


@dataclass(frozen=True, slots=True)
class Shown:
    """A sale as a page shows it: to come, running, or with nothing left of it."""

    price_minor: int
    starts_at: datetime
    ends_at: datetime
    quota: int
    taken: int
    per_buyer: int | None

    @property
    def is_coming(self) -> bool:
        return clock.now() < self.starts_at

    @property
    def is_gone(self) -> bool:
        return self.taken >= self.quota

    @property
    def is_running(self) -> bool:
        return self.starts_at <= clock.now() < self.ends_at and not self.is_gone


def shown(cluster_id: int, variant_ids: Collection[int]) -> dict[int, Shown]:
    """By variant, the sale that is on or comes next. One statement; a sale not below the price is none."""
    rows = sql.fetch(
        "SELECT DISTINCT ON (s.variant_id) s.variant_id, s.price_minor, s.starts_at, s.ends_at, s.quota, s.taken,"
        " s.per_buyer FROM catalog_sale s JOIN catalog_variant v ON v.id = s.variant_id"
        " WHERE s.cluster_id = %s AND v.cluster_id = %s AND s.variant_id = ANY(%s) AND s.ended_at IS NULL"
        " AND s.ends_at > %s AND s.price_minor < v.price_minor ORDER BY s.variant_id, s.starts_at",
        [cluster_id, cluster_id, sorted(set(variant_ids)), clock.now()],
    )
    return {row[0]: Shown(*row[1:]) for row in rows}


class OnSale(NamedTuple):
    """A variant whose sale runs now; `list_minor` is what it costs without."""

    variant: str
    price_minor: int
    list_minor: int
    ends_at: datetime
    left: int
    per_buyer: int | None


@dataclass(frozen=True, slots=True)
class Reduced:
    """What an offer costs while a sale of one of its variants runs: from the least to the most, `sale` the cheapest one."""

    least_minor: int
    most_minor: int
    sale: OnSale

    @property
    def list_minor(self) -> int | None:
        """What the cheapest piece costs without the sale; None where another variant is cheaper still."""
        return self.sale.list_minor if self.sale.price_minor == self.least_minor else None


_REDUCED = """
SELECT v.offer_id, v.code, s.price_minor, v.price_minor, s.ends_at, s.quota - s.taken, s.per_buyer
FROM catalog_variant AS v
LEFT JOIN catalog_sale AS s ON s.cluster_id = %(cluster)s AND s.variant_id = v.id AND s.ended_at IS NULL
  AND s.starts_at <= %(now)s AND s.ends_at > %(now)s AND s.taken < s.quota AND s.price_minor < v.price_minor
WHERE v.cluster_id = %(cluster)s AND v.closed_at IS NULL AND v.offer_id IN (
  SELECT x.offer_id FROM catalog_sale AS r JOIN catalog_variant AS x ON x.id = r.variant_id
  WHERE r.cluster_id = %(cluster)s AND x.cluster_id = %(cluster)s AND x.offer_id = ANY(%(offers)s)
    AND r.ended_at IS NULL AND r.starts_at <= %(now)s AND r.ends_at > %(now)s AND r.taken < r.quota)
ORDER BY v.offer_id, s.price_minor, v.id
"""


def reduced(cluster_id: int, offer_ids: Collection[int]) -> dict[int, Reduced]:
    """By offer, what it costs while a sale of it runs; offers without one are absent. One statement."""
    prices: dict[int, list[int]] = defaultdict(list)
    first: dict[int, OnSale] = {}
    for offer_id, row in _priced(cluster_id, offer_ids):
        prices[offer_id].append(row[2] if row[1] is None else row[1])
        if row[1] is not None:
            first.setdefault(offer_id, OnSale._make(row))
    return {pk: Reduced(min(prices[pk]), max(prices[pk]), sale) for pk, sale in first.items()}


def of_offer(cluster_id: int, offer_id: int) -> dict[str, OnSale]:
    """By the code of a variant, the sale of it that runs."""
    rows = [OnSale._make(row) for _offer, row in _priced(cluster_id, [offer_id]) if row[1] is not None]
    return {one.variant: one for one in rows}


def _priced(cluster_id: int, offer_ids: Collection[int]) -> list[tuple[int, list[Any]]]:
    """The open variants of those offers that have a sale which runs, the cheapest sale of an offer first."""
    if not offer_ids:
        return []
    asked = {"cluster": cluster_id, "offers": sorted(set(offer_ids)), "now": clock.now()}
    return [(offer_id, row) for offer_id, *row in sql.fetch(_REDUCED, asked)]
