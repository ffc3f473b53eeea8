"""Who sees which purchases, orders and cases. A stranger's object does not exist."""

from django.db.models import Exists, OuterRef, Q, QuerySet

from yunju.kernel.actor import Actor
from yunju.kernel.errors import NotFound
from yunju.members.words import Permission
from yunju.orders.models import Case, Line, Order, Purchase
from yunju.shops.models import Shop


def _is_buyer(by: Actor, prefix: str = "") -> Q:
    """The buyer: the account, or a browser that holds the secret of a purchase without account or a key to it."""
    found = Q(pk__in=[])
    if by.user_id is not None:
        found |= Q(**{f"{prefix}user_id": by.user_id})
    if by.holder:
        found |= Q(**{f"{prefix}holder": by.holder})
    if by.keys:
        found |= Q(**{f"{prefix}pk__in": by.keys, f"{prefix}user_id": None})
    return found


def purchases_visible_to(by: Actor) -> QuerySet[Purchase]:
    """The buyer's own; the operator's cluster. Suppliers and shops see orders, never whole purchases."""
    here = Purchase.objects.filter(cluster_id=by.cluster_id)
    if by.kind == "system" or by.members_with(Permission.CLUSTER_ORDERS):
        return here
    return here.filter(_is_buyer(by))


def orders_visible_to(by: Actor) -> QuerySet[Order]:
    """The buyer's, the supplier's (once paid), the operator's; a shop sees those with a line it brought (state only)."""
    here = Order.objects.filter(cluster_id=by.cluster_id)
    if by.kind == "system" or by.members_with(Permission.CLUSTER_ORDERS):
        return here
    suppliers = by.members_with(Permission.ORDER_SEE)
    supplied = Q(supplier_id__in=suppliers) & ~Q(fulfilment_state="")
    brought = Line.objects.filter(
        order_id=OuterRef("pk"), shop_id__in=Shop.objects.filter(member_id__in=suppliers).values("pk")
    )
    return here.filter(_is_buyer(by, "purchase__") | supplied | (Exists(brought) & ~Q(fulfilment_state="")))


def cases_visible_to(by: Actor) -> QuerySet[Case]:
    """The cases of orders that the buyer placed or the supplier owes; the operator's cluster."""
    here = Case.objects.filter(cluster_id=by.cluster_id)
    if by.kind == "system" or by.members_with(Permission.CLUSTER_CASES):
        return here
    mine = Order.objects.filter(cluster_id=by.cluster_id).filter(
        _is_buyer(by, "purchase__") | Q(supplier_id__in=by.members_with(Permission.ORDER_SEE))
    )
    return here.filter(order_id__in=mine.values("pk"))


def purchase_visible_to(by: Actor, code: str) -> Purchase:
    """One purchase by its public code. Raises NotFound for a stranger's."""
    found = purchases_visible_to(by).filter(code=code).first()
    if found is None:
        raise NotFound("purchase.unknown")
    return found


def order_visible_to(by: Actor, code: str) -> Order:
    """One order by its public code. Raises NotFound for a stranger's."""
    mine = orders_visible_to(by).select_related("purchase")
    found = mine.filter(purchase__cluster_id=by.cluster_id, code=code).first()
    if found is None:
        raise NotFound("order.unknown")
    return found


def is_buyer_of(by: Actor, purchase: Purchase) -> bool:
    """True for the account that bought, or the browser that holds the secret."""
    if by.user_id is not None and by.user_id == purchase.user_id:
        return True
    if purchase.user_id is None and purchase.pk in by.keys:
        return True
    return bool(by.holder) and by.holder == purchase.holder
