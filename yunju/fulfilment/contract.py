"""The contract of a mode: frozen dataclasses a mode is made of, and the Protocol it fulfils.

Adding a mode is one folder under `modes/` and one line in `config/modes.py`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from msgspec import Struct

from yunju.kernel.errors import YunjuError


class Who(StrEnum):
    """Who may move a flow."""

    BUYER = "buyer"
    SUPPLIER = "supplier"
    CARRIER = "carrier"
    OPERATOR = "operator"
    TIMER = "timer"
    SYSTEM = "system"


class Effect(StrEnum):
    """What entering a state does beyond the state itself. `orders.flow` carries them out in the same transaction."""

    TAKE_STOCK = "take_stock"  # reserved pieces leave the building
    GIVE_STOCK_BACK = "give_stock_back"  # pieces still reserved are free again
    PUT_STOCK_BACK = "put_stock_back"  # pieces that had left are back in the building
    DISPATCHED = "dispatched"  # freezes dispatched_at
    RECEIVED = "received"  # freezes received_at and dates the release of every open share
    REFUND = "refund"  # all that payees still hold of this order goes back to the buyer


@dataclass(frozen=True, slots=True)
class Label:
    """A word for people, in both languages."""

    zh: str
    en: str


NO_LABEL = Label("", "")
AWARD = "award"
"""An event of the heart that a move may need: the order has been given its supplier and its shares."""

STAYS = ""
"""The target of a move that changes no state: it leaves an event row and is a *mark*."""


@dataclass(frozen=True, slots=True)
class Move:
    """An event leads `to` a state, when one of `who` says so; to `STAYS` it only leaves a mark.

    `needs` names an event that must have happened to the order before. A dispute stops buyer, supplier and timers but
    for moves that are `in_dispute`: those that give the buyer everything. `own` moves belong to the mode's actions, which
    ask for more than the event (a tracking number): nobody causes them by their name alone. `reasons` are the codes that
    may be given with it, in words.
    """

    to: str
    who: frozenset[Who]
    label: Label
    needs: str = ""
    in_dispute: bool = False
    once: bool = False  # a mark that an order carries at most once
    keeps_timers: bool = False  # the running timers go on instead of those of the state entered
    extends: str = ""  # key of a timer that this mark moves by `extends_by`
    extends_by: timedelta = timedelta(0)
    own: bool = False
    reasons: Mapping[str, Label] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Timer:
    """Silence has a meaning: `after` the state was entered, `event` happens.

    `abroad` replaces `after` for a buyer in another country; `wait` names a frozen wait of the order instead of both.
    """

    key: str
    event: str
    after: timedelta = timedelta(0)
    abroad: timedelta | None = None
    wait: str = ""
    label: Label = NO_LABEL


@dataclass(frozen=True, slots=True)
class State:
    """One state: its moves by event, its timers, what entering it does, and whether it is an end."""

    label: Label
    moves: Mapping[str, Move] = field(default_factory=dict)
    timers: tuple[Timer, ...] = ()
    effects: frozenset[Effect] = frozenset()
    is_end: bool = False


@dataclass(frozen=True, slots=True)
class Flow:
    """A transition table as data. `start` is the word for entering `initial`, which paying does."""

    code: str
    initial: str
    states: Mapping[str, State]
    start: Label = Label("已付款", "Paid")


@dataclass(frozen=True, slots=True)
class Releases:
    """Which state makes a unit final, and which frozen wait then runs; release is due at `at_hour` of the next day."""

    state: str
    wait: str
    at_hour: int = 10


@dataclass(frozen=True, slots=True)
class Ask:
    """One thing a mode asks the buyer: the key of a checkout field, and whether it must be answered."""

    key: str
    label: Label
    required: bool = True
    max_length: int = 200


class DraftLine(Struct, frozen=True, gc=False):
    """What a mode sees of a line while quoting. Amounts in minor units, weight in grams per piece."""

    offer_id: int
    variant_id: int
    quantity: int
    unit_minor: int
    weight_g: int


class OrderDraft(Struct, frozen=True, gc=False):
    """One future order: one supplier's lines of one mode, with what the buyer answered (`province`, ...)."""

    cluster_id: int
    supplier_id: int
    lines: tuple[DraftLine, ...]
    answers: Mapping[str, str]


class Quote(Struct, frozen=True):
    """What delivering a draft costs the buyer, in minor units, or why it cannot be delivered."""

    freight_minor: int = 0
    refusal: YunjuError | None = None


@dataclass(frozen=True, slots=True)
class OrderRef:
    """What the heart hands a mode: the order and where it stands."""

    id: int
    cluster_id: int
    supplier_id: int | None
    state: str


class Mode(Protocol):
    """A way to deliver. Methods the heart calls take lists, run after the commit, and calling twice is once."""

    code: str
    label: Label
    flow: Flow
    releases: Releases

    def asks(self) -> tuple[Ask, ...]:
        """What the buyer must answer at checkout for an order of this mode."""

    def quote(self, drafts: Sequence[OrderDraft]) -> list[Quote]:
        """Freight or fee per draft, in the order given. A constant number of queries for any number of drafts."""

    def open(self, orders: Sequence[OrderRef]) -> None:
        """The orders are paid: make what the mode keeps for each (a shipment, a voucher, ...)."""

    def release(self, orders: Sequence[OrderRef]) -> None:
        """The money of these orders is free: close what the mode keeps open."""

    def cancel(self, orders: Sequence[OrderRef]) -> None:
        """The orders ended without delivery: take back what was made."""

    def fire(self, orders: Sequence[OrderRef], timer: str) -> None:
        """A timer of the mode fired for these orders, after the move it caused."""


@dataclass(frozen=True, slots=True)
class TimerDue:
    """A timer that runs: `event` happens at `due_at`."""

    key: str
    event: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Step:
    """What `next_step` decided: the state, all timers that run from now on, the effects."""

    event: str
    before: str
    after: str
    timers: tuple[TimerDue, ...]
    effects: frozenset[Effect] = frozenset()
