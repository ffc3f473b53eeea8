"""Who is told what about talks. Buyers without an account see it on their order; the texts that leave by SMS are others."""

from yunju.kernel.actor import Actor
from yunju.members.words import Permission
from yunju.notices.actions import Draft, notify
from yunju.orders.models import Order


def supplier(order: Order, code: str, by: Actor, **params: object) -> None:
    """To the people who answer for the supplier, never to whoever did it."""
    if order.supplier_id is None:
        return
    draft = Draft(
        cluster_id=order.cluster_id,
        code=code,
        params={"number": order.number} | params,
        link=_page(order),
        member_id=order.supplier_id,
        permission=Permission.CASE_ANSWER,
    )
    notify(notices=[draft], by=by)


def buyer(order: Order, code: str, by: Actor, **params: object) -> None:
    """To the account that bought."""
    if order.purchase.user_id is None or order.purchase.user_id == by.user_id:
        return
    draft = Draft(
        cluster_id=order.cluster_id,
        code=code,
        params={"number": order.number} | params,
        link=_page(order),
        user_id=order.purchase.user_id,
    )
    notify(notices=[draft], by=by)


def _page(order: Order) -> str:
    return f"/orders/{order.code}#thread"
