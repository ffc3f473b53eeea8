"""Waves: made of orders that are ready, taken apart again, printed; and the layout of a supplier's files."""

from collections.abc import Sequence

from yunju.kernel import clock, locks, sql
from yunju.kernel.actor import Actor
from yunju.kernel.errors import Invalid, NotFound, Refused
from yunju.members import policy
from yunju.members.models import Member
from yunju.members.words import Permission
from yunju.modes.ship import columns
from yunju.modes.ship.models import ExportLayout, Wave, WaveOrder
from yunju.modes.ship.waves import SQL, day_of
from yunju.orders.models import Order

MOST_ORDERS = 100_000


def make_wave(
    *,
    supplier_id: int,
    by: Actor,
    content: str = "",
    order_ids: Sequence[int] | None = None,
    limit: int = MOST_ORDERS,
) -> Wave:
    """The oldest ready orders of one `content` (none: of any) become a wave; `order_ids` limits it to those.

    An order is in one wave at most. Raises Refused `ship.wave_empty` when nothing is ready.
    """
    policy.for_member(by, supplier_id, Permission.ORDER_SHIP)
    if not 1 <= limit <= MOST_ORDERS:
        raise Invalid("ship.wave_limit", field="limit", most=MOST_ORDERS)
    with locks.transaction_with_timeout(locks.ALONE_MS):
        supplier = (
            Member.objects.select_for_update(no_key=True)
            .filter(pk=supplier_id, cluster_id=by.cluster_id)
            .first()
        )
        if supplier is None:
            raise NotFound("members.no_member")
        newest = (
            Wave.objects.filter(cluster_id=by.cluster_id, supplier_id=supplier_id).order_by("-number").first()
        )
        wave = Wave.objects.create(
            cluster_id=by.cluster_id,
            supplier_id=supplier_id,
            number=newest.number + 1 if newest else 1,
            content=content[:400],
            orders=0,
            made_at=clock.now(),
            made_by=by.user_id,
        )
        wave.orders = sql.execute(
            SQL["fill"],
            {
                "cluster_id": by.cluster_id,
                "supplier_id": supplier_id,
                "ids": None if order_ids is None else sorted(set(order_ids)),
                "today": day_of(by.cluster_id),
                "wave_id": wave.pk,
                "content": content,
                "limit": limit,
            },
        )
        if not wave.orders:
            raise Refused("ship.wave_empty")
        wave.save(update_fields=["orders"])
        return wave


def own_wave(code: str, by: Actor) -> Wave:
    """A wave of a supplier for whom the actor ships. Raises NotFound for anybody else's."""
    wave = Wave.objects.filter(
        cluster_id=by.cluster_id, code=code, supplier_id__in=by.members_with(Permission.ORDER_SHIP)
    ).first()
    if wave is None:
        raise NotFound("ship.wave_unknown")
    return wave


def dissolve_wave(*, code: str, by: Actor) -> int:
    """What is not sent yet goes back among the ready orders; returns how many. A wave of which nothing is left is gone."""
    with locks.transaction_with_timeout(locks.ALONE_MS):
        wave = Wave.objects.select_for_update().get(pk=own_wave(code, by).pk)
        waiting = Order.objects.filter(cluster_id=by.cluster_id, fulfilment_state="to_pack").values("pk")
        gone, _by_table = WaveOrder.objects.filter(wave=wave, order_id__in=waiting).delete()
        left = WaveOrder.objects.filter(wave=wave).count()
        if left:
            wave.orders = left
            wave.save(update_fields=["orders"])
        else:
            wave.delete()
        return gone


def mark_printed(*, code: str, by: Actor) -> None:
    """Its slips went to a printer."""
    Wave.objects.filter(pk=own_wave(code, by).pk).update(printed_at=clock.now())


def set_layout(*, supplier_id: int, layout: Sequence[tuple[str, str]], by: Actor) -> columns.Layout:
    """How this supplier's files look from now on. Raises Invalid `ship.layout_...`."""
    policy.for_member(by, supplier_id, Permission.ORDER_SHIP)
    kept = columns.checked(layout)
    with locks.transaction_with_timeout(locks.ALONE_MS):
        ExportLayout.objects.update_or_create(
            cluster_id=by.cluster_id,
            supplier_id=supplier_id,
            defaults={"columns": [list(one) for one in kept], "changed_at": clock.now()},
        )
    return kept
