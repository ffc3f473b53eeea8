"""The tables of orders, by idea. What can change later is copied at placement.

Nothing here is deleted but carts, and the contact row, which is erased.
"""

from yunju.orders.models.carts import SOURCES, Cart, CartLine
from yunju.orders.models.cases import Case, CaseLine
from yunju.orders.models.changes import Event, FlowTimer
from yunju.orders.models.doors import PurchaseDoor, PurchaseKey
from yunju.orders.models.photos import CasePhoto
from yunju.orders.models.purchases import (
    AFTER_SALE_STATES,
    PAYMENT_STATES,
    STOCK_STATES,
    Contact,
    Line,
    Order,
    Purchase,
)
from yunju.orders.models.shares import SHARE_ROLES, Refund, RefundPart, Share

__all__ = [
    "AFTER_SALE_STATES",
    "PAYMENT_STATES",
    "SHARE_ROLES",
    "SOURCES",
    "STOCK_STATES",
    "Cart",
    "CartLine",
    "Case",
    "CaseLine",
    "CasePhoto",
    "Contact",
    "Event",
    "FlowTimer",
    "Line",
    "Order",
    "Purchase",
    "PurchaseDoor",
    "PurchaseKey",
    "Refund",
    "RefundPart",
    "Share",
]
