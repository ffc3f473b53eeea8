"""Starting to pay: an unpaid purchase goes to its gateway, one part per receiving supplier."""

from yunju.kernel import clock
from yunju.kernel.actor import Actor
from yunju.kernel.errors import Refused
from yunju.members.models import Member
from yunju.members.queries import operator_of
from yunju.orders import policy
from yunju.orders.models import Order, Purchase
from yunju.orders.queries import purchase_visible_to
from yunju.payments import actions as payments
from yunju.payments.contract import Answer, Part, Payable
from yunju.payments.models import Attempt


def start_payment(*, code: str, kind: str, by: Actor, return_url: str = "") -> tuple[Attempt, Answer]:
    """Ask the purchase's gateway how this browser can pay (`kind`, see payments.browsers). Not inside a transaction.

    Raises NotFound, Forbidden for anybody but the buyer, Refused (`purchase.ended` when it is no longer to be paid), GatewayRefused, GatewaySilent.
    """
    purchase = purchase_visible_to(by, code)
    policy.require_buyer(by, purchase)
    if purchase.payment_state != "unpaid" or purchase.expires_at <= clock.now():
        raise Refused("purchase.ended", state=purchase.payment_state)
    payable = Payable(
        cluster_id=purchase.cluster_id,
        purchase_id=purchase.pk,
        purchase_code=purchase.code,
        amount_minor=purchase.total_minor,
        currency=purchase.currency,
        parts=parts_of(purchase),
        return_url=return_url,
    )
    return payments.start_attempt(payable=payable, gateway=purchase.gateway, kind=kind, by=by)


def parts_of(purchase: Purchase) -> tuple[Part, ...]:
    """One part (子单) per receiving supplier: the sum of that supplier's orders, in the order of member ids.

    Orders in escrow have no supplier yet: the operator receives them (`receiver_of`).
    """
    orders = list(
        Order.objects.filter(cluster_id=purchase.cluster_id, purchase_id=purchase.pk, total_minor__gt=0)
    )
    receivers = {order.pk: receiver_of(order) for order in orders}
    suppliers = sorted(set(receivers.values()))
    merchants = dict(Member.objects.filter(pk__in=suppliers).values_list("pk", "gateway_merchant"))
    return tuple(
        Part(
            supplier_id=supplier,
            merchant=merchants[supplier],
            amount_minor=sum(order.total_minor for order in orders if receivers[order.pk] == supplier),
            description=" ".join(order.number for order in orders if receivers[order.pk] == supplier),
        )
        for supplier in suppliers
    )


def receiver_of(order: Order) -> int:
    """Whose part of the payment an order is, at the provider: its supplier's, or the operator's when it began in escrow.

    The same before and after an award, so that a refund names the part that was paid.
    """
    if order.escrowed or order.supplier_id is None:
        return operator_of(order.cluster_id)
    return order.supplier_id
