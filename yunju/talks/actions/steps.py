"""The steps that all actions of talks share."""

from yunju.kernel import clock
from yunju.kernel.actor import Actor
from yunju.kernel.errors import NotFound
from yunju.orders.models import Order
from yunju.talks.models import TalkEvent


def order_of(by: Actor, order_id: int) -> Order:
    """The order with its purchase; one of another cluster does not exist."""
    found = Order.objects.select_related("purchase").filter(cluster_id=by.cluster_id, pk=order_id).first()
    if found is None:
        raise NotFound("order.unknown")
    return found


def note(by: Actor, noun: str, noun_id: int, what: str, **params: object) -> None:
    """Write what happened, beside it. Codes and ids, never words."""
    TalkEvent.objects.create(
        cluster_id=by.cluster_id,
        noun=noun,
        noun_id=noun_id,
        what=what,
        by_user_id=by.user_id,
        by_name="" if by.kind == "user" else by.name[:60],
        params=params,
        at=clock.now(),
    )
