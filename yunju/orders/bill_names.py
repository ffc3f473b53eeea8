"""How the transfers of orders are called on a provider's bill: by our numbers of payments and refunds."""

from collections.abc import Mapping, Sequence

from yunju.orders.models import Order, Purchase, Refund
from yunju.payments.bills import register_reference
from yunju.payments.models import Attempt


def register() -> None:
    """Called once at start-up; twice is once."""
    register_reference("paid", of_orders)
    register_reference("shortage", of_purchases)
    register_reference("unapplied", of_strays)
    register_reference("refund_confirmed", of_refunds)


def of_orders(cluster_id: int, order_ids: Sequence[int]) -> Mapping[int, str]:
    """Order id -> the number of the attempt that paid its purchase."""
    rows = Order.objects.filter(cluster_id=cluster_id, pk__in=order_ids, purchase__attempt_id__isnull=False)
    return _numbers(
        {pk: attempt for pk, attempt in rows.values_list("pk", "purchase__attempt_id") if attempt}
    )


def of_purchases(cluster_id: int, purchase_ids: Sequence[int]) -> Mapping[int, str]:
    """Purchase id -> the number of the attempt that paid it."""
    rows = Purchase.objects.filter(cluster_id=cluster_id, pk__in=purchase_ids, attempt_id__isnull=False)
    return _numbers({pk: attempt for pk, attempt in rows.values_list("pk", "attempt_id") if attempt})


def of_strays(cluster_id: int, refund_ids: Sequence[int]) -> Mapping[int, str]:
    """Refund id of money that paid nothing -> the number of the attempt it came by."""
    return _numbers(
        dict(Refund.objects.filter(cluster_id=cluster_id, pk__in=refund_ids).values_list("pk", "attempt_id"))
    )


def of_refunds(cluster_id: int, refund_ids: Sequence[int]) -> Mapping[int, str]:
    """Refund id -> its own number."""
    return dict(Refund.objects.filter(cluster_id=cluster_id, pk__in=refund_ids).values_list("pk", "out_no"))


def _numbers(attempts: Mapping[int, int]) -> dict[int, str]:
    found = dict(Attempt.objects.filter(pk__in=set(attempts.values())).values_list("pk", "out_no"))
    return {pk: found[attempt] for pk, attempt in attempts.items() if attempt in found}
