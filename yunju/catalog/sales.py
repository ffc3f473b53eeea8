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
