"""Flash sales as others read them: which runs now, what is left of it, which are to come."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

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
