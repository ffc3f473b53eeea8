"""Tracking numbers read back: order number, carrier, number, a row each. What is right is sent, what is not is told by row.

A row stands for itself. Read in twice, a list sends nothing twice: what went exactly so before counts as done.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from yunju.kernel import sql
from yunju.kernel.actor import Actor
from yunju.kernel.errors import Invalid, NotFound, Refused, YunjuError
from yunju.members import policy
from yunju.members.words import Permission
from yunju.modes.ship import columns, sheet
from yunju.modes.ship.actions.parcels import CHUNK, Packing, pack_many
from yunju.modes.ship.waves import SQL
from yunju.orders.flow.actions import Moved


@dataclass(frozen=True, slots=True)
class Given:
    """One row as it was written."""

    number: str
    carrier: str
    tracking_no: str


@dataclass(slots=True)
class Verdict:
    """What became of a row: sent (`fault` None; `is_repeat` where it had gone exactly so), or why not."""

    fault: YunjuError | None = None
    is_repeat: bool = False


@dataclass(slots=True)
class Outcome:
    """The rows of a list, in its order."""

    verdicts: list[Verdict] = field(default_factory=list)

    @property
    def sent(self) -> int:
        return sum(1 for one in self.verdicts if one.fault is None and not one.is_repeat)

    @property
    def repeated(self) -> int:
        return sum(1 for one in self.verdicts if one.is_repeat)

    @property
    def refused(self) -> int:
        return sum(1 for one in self.verdicts if one.fault is not None)


def header_places(header: Sequence[str], own: columns.Layout) -> dict[str, int]:
    """Where a file keeps what. Raises Invalid `ship.file_no_number`, `ship.file_no_tracking_no`."""
    places = columns.places_of(header, own)
    for needed in ("number", "tracking_no"):
        if needed not in places:
            raise Invalid(f"ship.file_no_{needed}", field="file")
    return places


def given(row: Sequence[str], places: dict[str, int], carrier: str) -> Given | None:
    """What a row says; None for an empty one. Where it names no carrier, `carrier` is meant."""
    cells = {name: row[place].strip() if place < len(row) else "" for name, place in places.items()}
    if not any(cells.values()):
        return None
    return Given(cells["number"].upper(), cells.get("carrier") or carrier, cells["tracking_no"])


def send_all(
    *,
    supplier_id: int,
    rows: Iterable[Given],
    by: Actor,
    told: Callable[[int], None] = lambda _done: None,
) -> Outcome:
    """Send every order that a row names with its number: chunks of 1,000, the same statements for each chunk."""
    policy.for_member(by, supplier_id, Permission.ORDER_SHIP)
    outcome, seen = Outcome(), set[str]()
    for chunk in _chunks(rows):
        outcome.verdicts += _send(supplier_id, chunk, seen, by)
        told(len(outcome.verdicts))
    return outcome


def _chunks(rows: Iterable[Given]) -> Iterator[list[Given]]:
    chunk: list[Given] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


@dataclass(frozen=True, slots=True)
class _Named:
    id: int
    state: str
    after_sale: str
    is_disputed: bool


def _send(supplier_id: int, rows: Sequence[Given], seen: set[str], by: Actor) -> list[Verdict]:
    names = {
        "cluster_id": by.cluster_id,
        "supplier_id": supplier_id,
        "numbers": sorted({row.number for row in rows if 0 < len(row.number) <= 16}),
    }
    known = {number: _Named(*rest) for number, *rest in sql.fetch(SQL["named"], names)}
    verdicts: list[Verdict] = []
    packings: list[tuple[int, _Named, Packing]] = []
    for place, row in enumerate(rows):
        fault = _fault(row, known.get(row.number), seen)
        seen.add(row.number)
        verdicts.append(Verdict(fault))
        if fault is None:
            order = known[row.number]
            code = columns.carrier_code(row.carrier) or row.carrier
            packings.append((place, order, Packing(order.id, code, row.tracking_no)))
    answers = pack_many(cluster_id=by.cluster_id, items=[one for _, _, one in packings], by=by)
    for (place, order, _packing), answer in zip(packings, answers, strict=True):
        if isinstance(answer, Moved):
            verdicts[place].is_repeat = answer.before == answer.after
        else:
            verdicts[place].fault = _said(answer, order)
    return verdicts


def _fault(row: Given, order: _Named | None, seen: set[str]) -> YunjuError | None:
    if not row.number:
        return Invalid("ship.number_missing", field="number")
    if order is None:
        return NotFound("ship.order_unknown", field="number", number=row.number[:40])
    if row.number in seen:
        return Invalid("ship.packed_twice", field="number")
    if row.tracking_no.startswith(sheet.CUT):
        return Invalid("ship.number_cut", field="tracking_no")
    if not row.carrier:
        return Invalid("ship.carrier_missing", field="carrier")
    if order.state == "to_pack" and order.after_sale == "open":
        return Refused("ship.case_open")
    return None


def _said(answer: YunjuError, order: _Named) -> YunjuError:
    """A refusal of the flow in the words of a list: the row is about a parcel, not about a state."""
    if answer.code != "flow.forbidden":
        return answer
    return Refused("ship.cancelled" if order.state == "cancelled" else "ship.sent_already")
