"""Reading the flow: what happened to an order, what may happen next, and when silence decides."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from yunju.fulfilment import registry
from yunju.fulfilment.contract import AWARD, NO_LABEL, Flow, Label, Move, TimerDue, Who
from yunju.fulfilment.flow import Standing, moves_for
from yunju.kernel import clock
from yunju.kernel.actor import Actor
from yunju.kernel.errors import NotFound
from yunju.members.models import Cluster
from yunju.orders.flow.policy import Parties, may_see, whos_of
from yunju.orders.models import Contact, Event, FlowTimer, Order

BESIDE_THE_FLOW = {
    AWARD: Label("已选定服务方", "Awarded to a supplier"),
    "dispute": Label("申请介入，计时暂停", "Disputed: the clocks stand still"),
    "settle": Label("争议已处理，计时继续", "The dispute is settled: the clocks go on"),
}


@dataclass(frozen=True, slots=True)
class Button:
    """A move that somebody may make now."""

    event: str
    who: Who
    move: Move


@dataclass(frozen=True, slots=True)
class Awaited:
    """What silence means: `event` happens at `due_at`; None while a dispute holds the clock."""

    event: str
    label: Label
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class Happening:
    """One row of a timeline. `state` is empty where the state did not change."""

    at: datetime
    event: str
    who: str
    label: Label
    state: str
    params: dict[str, object]


@dataclass(frozen=True, slots=True)
class View:
    """An order's flow as one person sees it."""

    state: str
    label: Label
    is_disputed: bool
    buttons: tuple[Button, ...]
    awaited: tuple[Awaited, ...]


def visible_order(actor: Actor, order_id: int) -> Order:
    """The order, if the actor may see it. Raises NotFound (`order.unknown`)."""
    here = Order.objects.filter(cluster_id=actor.cluster_id, purchase__cluster_id=actor.cluster_id)
    order = here.select_related("purchase").filter(pk=order_id).first()
    if order is None or not may_see(actor, parties_of(order)):
        raise NotFound("order.unknown")
    return order


def parties_of(order: Order) -> Parties:
    return Parties(
        order.cluster_id, order.purchase.user_id, order.purchase.holder, order.supplier_id, order.purchase_id
    )


def view(actor: Actor, order: Order) -> View:
    """State, buttons and deadlines of an order that the actor may see. Four queries."""
    flow = registry.mode(order.mode).flow
    timers = list(
        FlowTimer.objects.filter(cluster_id=order.cluster_id, noun="order", noun_id=order.pk).order_by(
            "due_at"
        )
    )
    standing = _standing(order, timers)
    state = flow.states.get(order.fulfilment_state)
    moves = state.moves if state else {}
    buttons = [
        Button(event, who, moves[event])
        for who in (Who.BUYER, Who.SUPPLIER, Who.OPERATOR)
        if who in whos_of(actor, parties_of(order))
        for event in moves_for(flow, standing, who, clock.now())
    ]
    return View(
        state=order.fulfilment_state,
        label=state.label if state else Label("待付款", "Waiting for payment"),
        is_disputed=standing.is_disputed,
        buttons=tuple(buttons),
        awaited=tuple(
            Awaited(t.event, _timer_label(flow, order.fulfilment_state, t), t.due_at) for t in timers
        ),
    )


def _standing(order: Order, timers: Sequence[FlowTimer]) -> Standing:
    now = clock.now()
    events = Event.objects.filter(
        cluster_id=order.cluster_id, noun="order", noun_id=order.pk, axis="fulfilment"
    )
    home = Cluster.objects.filter(pk=order.cluster_id).values("country")
    contacts = Contact.objects.filter(cluster_id=order.cluster_id, order_id=order.pk)
    return Standing(
        state=order.fulfilment_state,
        timers=tuple(
            TimerDue(t.key, t.event, t.due_at or now + timedelta(seconds=t.left_seconds or 0)) for t in timers
        ),
        happened=frozenset(events.values_list("event", flat=True)),
        waits={"after_sale": timedelta(days=order.after_sale_days)},
        is_abroad=contacts.exclude(country__in=home).exists(),
        is_disputed=order.disputed_at is not None,
    )


def happenings(order: Order) -> list[Happening]:
    """Every fulfilment and dispute event of an order, oldest first. One query."""
    flow = registry.mode(order.mode).flow
    events = Event.objects.filter(
        cluster_id=order.cluster_id, noun="order", noun_id=order.pk, axis__in=("fulfilment", "dispute")
    ).order_by("version")
    return [
        Happening(
            at=event.at,
            event=event.event,
            who=event.who,
            label=BESIDE_THE_FLOW.get(event.event) or _event_label(flow, event.before, event.event),
            state=event.after if event.axis == "fulfilment" and event.after != event.before else "",
            params=event.params,
        )
        for event in events
    ]


def _timer_label(flow: Flow, state: str, running: FlowTimer) -> Label:
    """What silence will mean, in the timer's own words: of this state, or of one before whose timers went on.

    A timer without words, or that a later table no longer knows, is told in the words of its event.
    """
    own = [flow.states[state]] if state in flow.states else []
    for known in (timer for one in (*own, *flow.states.values()) for timer in one.timers):
        if known.key == running.key and known.label != NO_LABEL:
            return known.label
    return _event_label(flow, state, running.event)


def _event_label(flow: Flow, before: str, event: str) -> Label:
    state = flow.states.get(before)
    move = state.moves.get(event) if state else None
    return move.label if move else flow.start
