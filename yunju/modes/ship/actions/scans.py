"""What is said of parcels. Scans are recorded as heard; the fold over them decides what the order does."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from yunju.fulfilment.contract import Who
from yunju.kernel import clock, locks, outbox
from yunju.kernel.actor import Actor
from yunju.kernel.errors import Forbidden, Invalid, NotFound, Refused, YunjuError
from yunju.modes.ship.flow import SHIP
from yunju.modes.ship.fold import Heard, event_for, fold
from yunju.modes.ship.models import Parcel, Scan
from yunju.modes.ship.words import SUPPLIER_MAY_SAY, WORDS, printable, tracking_number
from yunju.orders.flow import rows
from yunju.orders.flow.actions import move_locked
from yunju.orders.flow.policy import refusal
from yunju.orders.flow.rows import Change, Locked

AHEAD = timedelta(minutes=10)
"""How far a carrier's clock may run ahead of ours: a scan from the far future would outweigh all to come."""

OLDEST = timedelta(days=365)
MAY_REPORT = frozenset({Who.CARRIER, Who.SYSTEM, Who.SUPPLIER})
PLACE_LENGTH, WORDS_LENGTH = 120, 300


@dataclass(frozen=True, slots=True)
class Report:
    """One scan as reported: of a carrier's number, or of one order. `code` is a word of ship.words.WORDS."""

    code: str
    happened_at: datetime
    carrier: str = ""
    tracking_no: str = ""
    order_id: int | None = None
    place: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class Recorded:
    """The report is on the timeline of these orders; `is_new` is false for a repeat."""

    order_ids: tuple[int, ...]
    is_new: bool


def record_scans(
    *, cluster_id: int, reports: Sequence[Report], by: Actor, who: Who = Who.CARRIER
) -> list[Recorded | YunjuError]:
    """Record reports by a carrier (or the system), or by the supplier typing them; answers in the order given.

    Out of order and repeated reports change nothing wrong: state is a fold by event time, a scan is unique. What comes
    after an end is recorded and changes no money; a parcel that turns up after all is told as `ship.late_scan`.
    A carrier's words are cut to what a row holds. Refusals: Invalid `ship.scan_code`, `ship.scan_time`, `ship.scan_words`; NotFound `ship.parcel_unknown`, `order.unknown`; Forbidden;
    Refused `ship.not_packed`, and `ship.carrier_spoke`, `flow.disputed` for a supplier.
    """
    if who not in MAY_REPORT:
        raise Forbidden("flow.not_yours", event="scan")
    change = Change(cluster_id=cluster_id, who=who, by=by, at=clock.now(), params={})
    return locks.with_retries(lambda: _Batch(change, reports).run())


@dataclass(slots=True)
class _Seen:
    """A parcel under the lock of its order, what was said of it before, and what is new."""

    parcel: Parcel
    order: Locked
    before: dict[str, set[Heard]]
    new: list[Scan]

    @property
    def carrier_spoke(self) -> bool:
        return bool(self.before["carrier"])


class _Batch:
    """One transaction over many reports, in a number of statements that does not grow with them."""

    def __init__(self, change: Change, reports: Sequence[Report]) -> None:
        self.change = change
        self.reports = reports
        self.voice = "supplier" if change.who is Who.SUPPLIER else "carrier"

    def run(self) -> list[Recorded | YunjuError]:
        with locks.transaction_with_timeout(locks.BATCH_MS):
            seen = self._lock()
            index = _index(seen)
            answers = [self._answer(report, index.get(_target(report), [])) for report in self.reports]
            Scan.objects.bulk_create([scan for one in seen for scan in one.new])
            self._move([one for one in seen if one.new])
            return answers

    def _lock(self) -> list[_Seen]:
        """The orders are locked before the scans are read, so that two batches fold one after the other."""
        order_ids = [parcel.order_id for parcel in self._parcels()]
        locked = rows.lock_orders(self.change.cluster_id, order_ids, self.change.at)
        seen = [
            _Seen(parcel, locked[parcel.order_id], defaultdict(set), [])
            for parcel in self._parcels()
            if parcel.order_id in locked
        ]
        of_parcel = {one.parcel.pk: one for one in seen}
        said = Scan.objects.filter(cluster_id=self.change.cluster_id, parcel_id__in=of_parcel)
        for parcel_id, at, code, voice in said.values_list("parcel_id", "happened_at", "code", "said_by"):
            of_parcel[parcel_id].before[voice].add(Heard(at, code))
        return seen

    def _parcels(self) -> list[Parcel]:
        mine = Parcel.objects.filter(cluster_id=self.change.cluster_id)
        targets = {_target(report) for report in self.reports}
        numbers = [target[1] for target in targets if isinstance(target, tuple) and target[1]]
        order_ids = [
            target for target in targets if isinstance(target, int) and 0 < target <= rows.LARGEST_ID
        ]
        return list(mine.filter(Q(tracking_no__in=numbers) | Q(order_id__in=order_ids)).order_by("order_id"))

    def _answer(self, report: Report, seen: Sequence[_Seen]) -> Recorded | YunjuError:
        fault = self._fault(report)
        if fault:
            return fault
        if not seen:
            return NotFound("ship.parcel_unknown", field="tracking_no")
        for one in seen:
            refused = self._refused(one)
            if refused:
                return refused
        added = [self._add(report, one) for one in seen]
        return Recorded(tuple(one.order.id for one in seen), is_new=any(added))

    def _fault(self, report: Report) -> Invalid | None:
        word = WORDS.get(report.code)
        if word is None or (self.voice == "supplier" and word.state not in SUPPLIER_MAY_SAY):
            return Invalid("ship.scan_code", field="code", code=report.code[:30])
        at = report.happened_at
        if at.tzinfo is None or not self.change.at - OLDEST <= at <= self.change.at + AHEAD:
            return Invalid("ship.scan_time", field="happened_at")
        if self.voice == "supplier" and (
            len(report.place) > PLACE_LENGTH or len(report.words) > WORDS_LENGTH
        ):
            return Invalid("ship.scan_words", field="words", most=WORDS_LENGTH)
        return None

    def _refused(self, one: _Seen) -> YunjuError | None:
        refused = refusal(self.change.by, one.order.parties, self.change.who, "scan")
        if refused:
            return refused
        if not one.parcel.tracking_no:
            return Refused("ship.not_packed")
        if self.voice == "carrier":
            return None
        if one.carrier_spoke:
            return Refused("ship.carrier_spoke")
        return Refused("flow.disputed", event="scan") if one.order.standing.is_disputed else None

    def _add(self, report: Report, one: _Seen) -> bool:
        heard = Heard(report.happened_at, report.code)
        if heard in one.before[self.voice] or any(_heard(scan) == heard for scan in one.new):
            return False
        one.new.append(
            Scan(
                cluster_id=self.change.cluster_id,
                parcel=one.parcel,
                code=report.code,
                said_by=self.voice,
                place=printable(report.place, PLACE_LENGTH),
                words=printable(report.words, WORDS_LENGTH),
                happened_at=report.happened_at,
                received_at=self.change.at,
            )
        )
        return True

    def _move(self, seen: Sequence[_Seen]) -> None:
        """At most one move an order; orders of one event move together."""
        groups: dict[str, list[int]] = defaultdict(list)
        late = []
        prefix = "say" if self.voice == "supplier" else "scan"
        for one in seen:
            state = one.order.standing.state
            target = event_for(fold(one.before[self.voice]), fold(_all(one, self.voice)), state)
            if not target:
                continue
            if f"{prefix}_{target}" in SHIP.states[state].moves:
                groups[f"{prefix}_{target}"].append(one.order.id)
            elif state != "received":
                late.append(
                    outbox.Event(
                        self.change.cluster_id,
                        "ship.late_scan",
                        one.order.id,
                        {"state": state, "said": target},
                    )
                )
        locked = {one.order.id: one.order for one in seen}
        for event, order_ids in sorted(groups.items()):
            move_locked(self.change, locked, order_ids, event)
        outbox.write(late)


Target = int | tuple[str, str]
"""What a report names: an order, or a carrier's number."""


def _target(report: Report) -> Target:
    if report.order_id is not None:
        return report.order_id
    return report.carrier, tracking_number(report.tracking_no)


def _index(seen: Sequence[_Seen]) -> dict[Target, list[_Seen]]:
    """Several parcels may travel under one number."""
    index: dict[Target, list[_Seen]] = defaultdict(list)
    for one in seen:
        index[one.parcel.order_id].append(one)
        if one.parcel.tracking_no:
            index[one.parcel.carrier, one.parcel.tracking_no].append(one)
    return index


def _heard(scan: Scan) -> Heard:
    return Heard(scan.happened_at, scan.code)


def _all(one: _Seen, voice: str) -> set[Heard]:
    return one.before[voice] | {_heard(scan) for scan in one.new}
