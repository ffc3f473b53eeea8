"""The contract of a mode, kept by every mode that an installation runs and by one that only tests know."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from django.apps import apps
from django.db import transaction

from tests.factories.members import buyer
from tests.factories.orders import Bought, make_paid_order
from tests.modes import commission
from tests.orders.moving import do, snapshot
from yunju.catalog.models import Stock
from yunju.config.modes import MODES
from yunju.fulfilment import registry
from yunju.fulfilment.contract import AWARD, STAYS, Effect, Flow, OrderRef, Who
from yunju.fulfilment.soundness import faults
from yunju.kernel import clock, outbox
from yunju.kernel.errors import Forbidden, NotFound, Refused
from yunju.kernel.models import OutboxEvent
from yunju.ledger import queries as ledger
from yunju.ledger.kinds import Kind
from yunju.ledger.verify import verify
from yunju.members.models import Cluster
from yunju.modes.ship.models import Parcel
from yunju.orders.actions.release import release_due
from yunju.orders.flow.actions import Moved
from yunju.orders.models import FlowTimer

pytestmark = pytest.mark.usefixtures("db_app")
ROOT = Path(__file__).resolve().parents[2]
TOPICS = ("order.opened", "order.moved", "order.released")


@dataclass(frozen=True)
class Scene:
    """How a mode is tried: a paid order, what must be done before an event, and how many things the mode keeps open."""

    make: Callable[[], Bought]
    kept_open: Callable[[Bought], int]
    before: dict[str, Callable[[Bought], None]] = field(default_factory=dict)


SCENES = {
    "ship": Scene(
        make_paid_order, lambda bought: Parcel.objects.filter(order=bought.order, closed_at=None).count()
    ),
    "commission": Scene(
        commission.make_paid_commission,
        lambda bought: int(commission.MODE.briefs.get(bought.order.pk) == "open"),
        {"begin": commission.give_to_supplier},
    ),
}
CODES = sorted({*MODES, "commission"})


def flow_of(code: str) -> Flow:
    return registry.mode(code).flow


def path_to(flow: Flow, goal: str) -> list[tuple[str, Who]]:
    """The shortest way to a state: events and who causes them, marks that a move needs included."""
    queue = deque([(flow.initial, frozenset({AWARD}), ())])
    seen = set()
    while queue:
        state, marks, way = queue.popleft()
        if state == goal:
            return list(way)
        if (state, marks) in seen:
            continue
        seen.add((state, marks))
        for event, move in flow.states[state].moves.items():
            if not move.needs or move.needs in marks:
                stays = move.to == STAYS
                step = (event, min(move.who - {Who.TIMER}, default=Who.TIMER))
                queue.append((state if stays else move.to, marks | {event} if stays else marks, (*way, step)))
    raise AssertionError(f"no way to {goal}")


def drive(code: str, goal: str) -> Bought:
    """A fresh paid order brought to a state."""
    scene = SCENES[code]
    bought = scene.make()
    tell(bought)
    for event, who in path_to(flow_of(code), goal):
        scene.before.get(event, lambda _: None)(bought)
        answer = do(bought, event, who, by=bought.buyer if who is Who.BUYER else None)
        assert isinstance(answer, Moved), (event, answer)
    assert bought.now.fulfilment_state == goal
    return bought


def tell(bought: Bought) -> None:
    """What the outbox has for the modes, told twice."""
    rows = OutboxEvent.objects.filter(
        cluster_id=bought.order.cluster_id, topic__in=TOPICS, done_at=None
    ).order_by("id")
    told = [outbox.Event(row.cluster_id, row.topic, row.noun_id, row.payload, row.pk) for row in rows]
    for topic in TOPICS:
        events = [event for event in told if event.topic == topic]
        for handler in outbox.handlers[topic] * 2 if events else ():
            with transaction.atomic():
                handler(events)


def states(*, ends_only: bool = False) -> list[tuple[str, str]]:
    every = [(code, name, state) for code in CODES for name, state in flow_of(code).states.items()]
    return [(code, name) for code, name, state in every if state.is_end or not ends_only]


@pytest.mark.parametrize("code", CODES)
def test_the_flow_is_sound(code):
    """Every state reaches an end, by timers alone when all keep silent; timers meet moves that they may cause."""
    assert faults(flow_of(code)) == []


@pytest.mark.parametrize("code", CODES)
def test_what_frees_the_money_is_an_end_that_dates_the_release(code):
    mode = registry.mode(code)
    state = mode.flow.states[mode.releases.state]
    assert state.is_end
    assert Effect.RECEIVED in state.effects
    for name, other in mode.flow.states.items():
        if other.is_end:
            assert other.effects & {Effect.RECEIVED, Effect.REFUND}, (
                f"the end {name} leaves the money where it is"
            )
        else:
            assert not other.effects & {Effect.RECEIVED, Effect.REFUND}, f"{name} settles money, but goes on"


@pytest.mark.parametrize("code", CODES)
def test_people_are_told_in_both_languages(code):
    mode = registry.mode(code)
    labels = [
        mode.label,
        *(ask.label for ask in mode.asks()),
        *(state.label for state in mode.flow.states.values()),
    ]
    labels += [move.label for state in mode.flow.states.values() for move in state.moves.values()]
    assert all(label.zh and label.en for label in labels)


def kept(code: str, bought: Bought) -> list:
    """Everything the mode keeps: its tables, or the memory of the mode for tests."""
    if code not in MODES:
        return [dict(commission.MODE.briefs)]
    return [list(model.objects.order_by("pk").values()) for model in apps.get_app_config(code).get_models()]


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("word", ["open", "cancel", "release", "fire"])
def test_twice_is_once(code, word):
    bought = SCENES[code].make()
    mode = registry.mode(code)
    ref = OrderRef(bought.order.pk, bought.order.cluster_id, bought.order.supplier_id, mode.flow.initial)
    timer = mode.flow.states[mode.flow.initial].timers[0].key
    mode.open([ref])
    arguments = ([ref], timer) if word == "fire" else ([ref],)
    getattr(mode, word)(*arguments)
    once = kept(code, bought)
    with clock.at(clock.now() + timedelta(hours=1)):
        getattr(mode, word)(*arguments)
    assert kept(code, bought) == once


@pytest.mark.parametrize("code", CODES)
def test_quoting_nothing_is_nothing(code):
    assert registry.mode(code).quote([]) == []


@pytest.mark.parametrize(("code", "end"), states(ends_only=True))
def test_every_end_leaves_nothing_pending(code, end):
    bought = drive(code, end)
    order, cluster = bought.now, Cluster.objects.get(pk=bought.order.cluster_id)
    assert SCENES[code].kept_open(bought) in {0, 1}
    if order.received_at:
        with clock.at(clock.now() + timedelta(days=order.after_sale_days + 2)):
            while release_due():
                pass
    tell(bought)
    assert not FlowTimer.objects.filter(cluster_id=cluster.pk, noun_id=order.pk).exists()
    assert ledger.total(cluster.pk, Kind.PENDING, cluster.currency) == 0
    assert ledger.total(cluster.pk, Kind.ESCROW, cluster.currency) == 0
    assert not Stock.objects.filter(cluster_id=cluster.pk, reserved__gt=0).exists()
    assert SCENES[code].kept_open(bought) == 0
    report = verify(cluster.pk, whole=True)
    assert not report.broken, report


@pytest.mark.parametrize(("code", "state"), states())
def test_forbidden_moves_change_nothing(code, state):
    """Every event the flow knows, where the state does not have it; every move, by everybody who may not."""
    bought = drive(code, state)
    flow = flow_of(code)
    before = snapshot(bought)
    moves = flow.states[state].moves
    for event in sorted(
        {event for other in flow.states.values() for event in other.moves} | {"start", "no such thing"}
    ):
        if event not in moves:
            assert do(bought, event, Who.SYSTEM) == Refused("flow.forbidden", event=event, state=state)
        else:
            for who in sorted(set(Who) - moves[event].who):
                answer = do(bought, event, who, by=bought.buyer if who is Who.BUYER else None)
                assert answer == Forbidden("flow.not_yours", event=event), (event, who)
            assert do(bought, event, Who.BUYER, by=buyer(bought.market.cluster)) == NotFound("order.unknown")
    assert snapshot(bought) == before


@pytest.mark.parametrize("code", sorted(MODES))
def test_the_page_of_a_mode_exists(code):
    text = (ROOT / "docs" / "modes" / f"{code}.md").read_text(encoding="utf-8")
    assert all(f"`{name}`" in text for name in flow_of(code).states)
