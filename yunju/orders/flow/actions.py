"""The one way in which fulfilment states change: `start` when an order is paid, `move` ever after, disputes as overlay."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from yunju.fulfilment import registry
from yunju.fulfilment.contract import Step, Who
from yunju.fulfilment.flow import next_step, timers_of
from yunju.kernel import clock, locks, outbox, sql
from yunju.kernel.actor import Actor
from yunju.kernel.errors import Invalid, NotFound, Refused, YunjuError
from yunju.orders.flow import effects, rows
from yunju.orders.flow.policy import refusal
from yunju.orders.flow.rows import SQL, Change, Decided, Locked, Note

START = "start"
_CODE = re.compile(r"[a-z0-9_.:-]{0,60}", re.ASCII)
Params = Mapping[str, str | int | bool | None]


@dataclass(frozen=True, slots=True)
class Moved:
    """An order that took a step."""

    order_id: int
    version: int
    event: str
    before: str
    after: str


def start(cluster_id: int, order_ids: Sequence[int], at: datetime, by: Actor) -> None:
    """The orders are paid: each enters its flow. Inside the caller's transaction, which has settled the payment.

    Orders already started are passed over: twice is once. The timers of a presale begin with the day it is sold for.
    """
    locked = rows.lock_orders(cluster_id, order_ids, at)
    change = Change(cluster_id=cluster_id, who=Who.SYSTEM, by=by, at=at, params={})
    begins = rows.sent_from(cluster_id, list(locked))
    decided = [
        Decided(order, _first_step(order, max(at, begins.get(order.id, at))))
        for order in locked.values()
        if not order.standing.state
    ]
    _carry_out(change, START, decided, topic="order.opened")


def _first_step(order: Locked, at: datetime) -> Step:
    flow = registry.mode(order.mode).flow
    state = flow.states[flow.initial]
    return Step(START, "", flow.initial, timers_of(state, order.standing, at), state.effects)


def move(
    *,
    cluster_id: int,
    order_ids: Sequence[int],
    event: str,
    who: Who,
    by: Actor,
    params: Params | None = None,
) -> list[Moved | YunjuError]:
    """Cause `event` on each order as `who`; the answers stand in the order of `order_ids`.

    One transaction, the same number of statements for any number of orders. Each order succeeds or fails on its own:
    a refusal (`order.unknown`, `flow.not_yours`, `flow.needs_more`, what `next_step` refuses) is its answer and changes
    nothing of it. `params` are codes for the event row, never personal data: Invalid `flow.reason` for others. Raises
    Busy when locks are not to be had.
    """
    fault = _fault(params or {})
    if fault:
        return [fault for _ in order_ids]
    at = clock.now()
    change = Change(cluster_id=cluster_id, who=who, by=by, at=at, params=params or {})
    try:
        answers = locks.with_retries(lambda: _move(change, order_ids, event))
    except YunjuError as error:
        if error.retryable or len(set(order_ids)) == 1:
            raise
        # An effect refused for the whole batch: one by one, only the guilty order fails.
        answers = {}
        for order_id in sorted(set(order_ids)):
            answers |= _move_alone(change, order_id, event)
    return [answers[order_id] for order_id in order_ids]


def _move_alone(change: Change, order_id: int, event: str) -> dict[int, Moved | YunjuError]:
    try:
        return locks.with_retries(lambda: _move(change, [order_id], event))
    except YunjuError as error:
        return {order_id: error}


def _move(change: Change, order_ids: Sequence[int], event: str) -> dict[int, Moved | YunjuError]:
    with locks.transaction_with_timeout(locks.BATCH_MS if len(order_ids) > 1 else locks.ALONE_MS):
        locked = rows.lock_orders(change.cluster_id, order_ids, change.at)
        refused = {
            order_id: error
            for order_id, order in locked.items()
            if (error := _asks_more(change, order, event)) is not None
        }
        rest = [order_id for order_id in order_ids if order_id not in refused]
        return move_locked(change, locked, rest, event) | refused


def _fault(params: Params) -> Invalid | None:
    wrong = [key for key, value in params.items() if isinstance(value, str) and not _CODE.fullmatch(value)]
    return Invalid("flow.reason", field=wrong[0]) if wrong else None


def _asks_more(change: Change, order: Locked, event: str) -> YunjuError | None:
    """What a person may not cause by the event's name alone, or not for this reason. The software may."""
    state = registry.mode(order.mode).flow.states.get(order.standing.state)
    move = state.moves.get(event) if state else None
    if change.by.kind == "system" or move is None or change.who not in move.who:
        return None
    if refused := refusal(change.by, order.parties, change.who, event):
        return refused
    if move.own:
        return Refused("flow.needs_more", event=event)
    reason = change.params.get("reason")
    return Invalid("flow.reason", field="reason") if reason and reason not in move.reasons else None


def move_locked(
    change: Change, locked: Mapping[int, Locked], order_ids: Sequence[int], event: str
) -> dict[int, Moved | YunjuError]:
    """Decide each order, then write all that move. For who already holds the locks."""
    answers: dict[int, Moved | YunjuError] = {}
    decided = []
    for order_id in sorted(set(order_ids)):
        verdict = _decide(change, locked.get(order_id), event)
        if isinstance(verdict, YunjuError):
            answers[order_id] = verdict
        else:
            decided.append(verdict)
            answers[order_id] = _moved(verdict)
    _carry_out(change, event, decided, topic="order.moved")
    return answers


def _decide(change: Change, order: Locked | None, event: str) -> Decided | YunjuError:
    if order is None:
        return NotFound("order.unknown")
    refused = refusal(change.by, order.parties, change.who, event)
    if refused is not None:
        return refused
    try:
        step = next_step(registry.mode(order.mode).flow, order.standing, event, change.who, change.at)
    except YunjuError as error:
        return error
    return Decided(order, step)


def _moved(one: Decided) -> Moved:
    return Moved(one.order.id, one.order.version + 1, one.step.event, one.step.before, one.step.after)


def _carry_out(change: Change, event: str, decided: Sequence[Decided], *, topic: str) -> None:
    """The writes of a batch of steps, each one statement for all of them."""
    if not decided:
        return
    rows.write_states(change, decided)
    rows.write_events(
        change,
        [Note(m.order_id, m.version, "fulfilment", m.event, m.before, m.after) for m in map(_moved, decided)],
    )
    rows.replace_timers(change, decided)
    effects.run(change, event, decided)
    outbox.write([_told(change, one, topic) for one in decided])


def _told(change: Change, one: Decided, topic: str) -> outbox.Event:
    fired = (
        next((t.key for t in one.order.standing.timers if t.event == one.step.event), "")
        if change.who is Who.TIMER
        else ""
    )
    payload = {
        "mode": one.order.mode,
        "supplier": one.order.parties.supplier_id,
        "event": one.step.event,
        "before": one.step.before,
        "after": one.step.after,
        "who": change.who.value,
        "timer": fired,
    }
    return outbox.Event(change.cluster_id, topic, one.order.id, payload)


def dispute(*, cluster_id: int, order_id: int, by: Actor, reason: str = "", who: Who = Who.BUYER) -> None:
    """Lay a dispute over a paid order: its timers stand still, the state below stays.

    Raises NotFound, Forbidden, Invalid (`flow.reason`), or Refused (`flow.not_open` before payment, `flow.disputed` when there is one already).
    """
    fault = _fault({"reason": reason})
    if fault:
        raise fault
    _overlay(Change(cluster_id, who, by, clock.now(), {"reason": reason}), order_id, opens=True)


def settle_dispute(*, cluster_id: int, order_id: int, by: Actor, who: Who = Who.OPERATOR) -> None:
    """Take the dispute off: timers go on with what was left. Raises Refused (`flow.not_disputed`) when there is none."""
    _overlay(Change(cluster_id, who, by, clock.now(), {}), order_id, opens=False)


def _overlay(change: Change, order_id: int, *, opens: bool) -> None:
    with locks.transaction_with_timeout(locks.ALONE_MS):
        order = rows.lock_orders(change.cluster_id, [order_id], change.at).get(order_id)
        event = "dispute" if opens else "settle"
        if order is None:
            raise NotFound("order.unknown")
        if refused := refusal(change.by, order.parties, change.who, event):
            raise refused
        _check_overlay(order, opens=opens)
        names = {"cluster_id": change.cluster_id, "id": order_id, "now": change.at}
        disputed_at = change.at if opens else None
        sql.execute(SQL["overlay_dispute"], names | {"disputed_at": disputed_at, "version": order.version})
        sql.execute(SQL["freeze_timers" if opens else "thaw_timers"], names)
        before, after = ("", "disputed") if opens else ("disputed", "")
        rows.write_events(change, [Note(order_id, order.version + 1, "dispute", event, before, after)])
        outbox.write([outbox.Event(change.cluster_id, f"order.{event}", order_id, {"mode": order.mode})])


def _check_overlay(order: Locked, *, opens: bool) -> None:
    if not order.standing.state:
        raise Refused("flow.not_open")
    if opens and order.standing.is_disputed:
        raise Refused("flow.disputed")
    if not opens and not order.standing.is_disputed:
        raise Refused("flow.not_disputed")
