"""The reads of orders. Lists begin with what an actor may see; the rest answers the actions and the rooms above."""

from yunju.orders.queries.buyers import as_replay, lock_buyers, placed, unpaid_counts, unpaid_within
from yunju.orders.queries.visible import (
    cases_visible_to,
    order_visible_to,
    orders_visible_to,
    purchase_visible_to,
    purchases_visible_to,
)

__all__ = [
    "as_replay",
    "cases_visible_to",
    "lock_buyers",
    "order_visible_to",
    "orders_visible_to",
    "placed",
    "purchase_visible_to",
    "purchases_visible_to",
    "unpaid_counts",
    "unpaid_within",
]
