"""What a gateway is: the one door through which any payment provider is reached.

An adapter says what the provider said; it never decides money and never writes a row. Amounts are integer minor units
of `currency`. Every number that we make (`out_no`, `refund_no`) may be sent again: the provider takes the same number
for the same wish, so that after a silence the question is repeated, never the payment made anew.
No method may be called inside a database transaction, except `verify` when it is answered from the message alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar, Protocol


class AnswerKind(StrEnum):
    """How a buyer can be led to pay. `browsers.answer_kind` chooses by user agent; `form` comes on request."""

    JSAPI = "jsapi"
    REDIRECT = "redirect"
    FORM = "form"
    QR = "qr"


@dataclass(frozen=True, slots=True)
class Part:
    """What one receiving supplier gets of a payment (子单): the sum of that supplier's orders in the purchase.

    `supplier_id` is our member id and names the part in a refund; `merchant` is the sub-merchant's id at the provider
    (may be empty where the provider keeps none); `description` is what the buyer reads beside the amount.
    """

    supplier_id: int
    merchant: str
    amount_minor: int
    description: str


@dataclass(frozen=True, slots=True)
class Payable:
    """A purchase as it goes to a gateway. The parts name each supplier once and add up to `amount_minor`.

    `return_url`: where the buyer's browser comes back to; empty means the site's own page of the purchase.
    """

    cluster_id: int
    purchase_id: int
    purchase_code: str
    amount_minor: int
    currency: str
    parts: tuple[Part, ...]
    return_url: str = ""


@dataclass(frozen=True, slots=True)
class StartRequest:
    """One attempt as a gateway sees it. `out_no` is our number; `notify_url` gets the signed notifications."""

    out_no: str
    cluster_id: int
    purchase_code: str
    amount_minor: int
    currency: str
    parts: tuple[Part, ...]
    kind: AnswerKind
    return_url: str
    notify_url: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class Jsapi:
    """Parameters for the bridge of an in-app browser. A page may need no script where `params["url"]` opens the cashier."""

    params: dict[str, str]


@dataclass(frozen=True, slots=True)
class Redirect:
    """Send the browser to `url`."""

    url: str


@dataclass(frozen=True, slots=True)
class Form:
    """Let the browser post `fields` to `action`."""

    action: str
    fields: dict[str, str]


@dataclass(frozen=True, slots=True)
class Qr:
    """Show `text` as a QR code for another device, until `expires_at` (aware)."""

    text: str
    expires_at: datetime


Answer = Jsapi | Redirect | Form | Qr


@dataclass(frozen=True, slots=True)
class VerifiedEvent:
    """Something the provider really said. `kind` is `paid`, `refunded` or `refund_failed`.

    `event_id` is the same for the same fact, however and however often it was learned: a notification, its duplicate
    and the answer to a query carry one id. `amount_minor` is what moved: the sum paid, or the sum of this refund.
    `at` is the provider's time of the fact (aware); `refund_no` is ours, empty for a payment; `reason` is the provider's
    word for a failed refund. `out_no` is an attempt of ours, but the purchase may be paid, expired or cancelled by now:
    that is for `orders` to judge.
    """

    gateway: str
    event_id: str
    kind: str
    out_no: str
    provider_no: str
    amount_minor: int
    currency: str
    at: datetime
    refund_no: str = ""
    reason: str = ""
    body_sha256: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class RefundOrder:
    """Send back `amount_minor` of a payment. `part` is the `supplier_id` of the part it is taken from.

    None: from the payment as a whole (money that never belonged to a live purchase), part after part in their order.
    """

    out_no: str
    refund_no: str
    part: int | None
    amount_minor: int
    currency: str
    reason: str


@dataclass(frozen=True, slots=True)
class BillLine:
    """One movement on a provider's bill: `kind` paid or refunded, amounts positive."""

    kind: str
    out_no: str
    refund_no: str
    provider_no: str
    amount_minor: int
    currency: str
    at: datetime

    @property
    def reference(self) -> str:
        """Our number of the movement."""
        return self.refund_no or self.out_no


@dataclass(frozen=True, slots=True)
class Bill:
    """A provider's account of one day, whole: an adapter refuses a bill whose sums do not fit its lines."""

    gateway: str
    day: date
    lines: tuple[BillLine, ...] = field(default=())


class Gateway(Protocol):
    """A payment provider. One instance serves all threads; it keeps no state of its own.

    `code` is its word in our tables (at most 20 characters); `max_parts` how many receivers one payment may have;
    `cap_bp` the most that may be split away from the receiving supplier, in basis points of an order (None: no cap);
    `timezone` names the zone in which its bills cut days.
    """

    code: ClassVar[str]
    max_parts: ClassVar[int]
    cap_bp: ClassVar[int | None]
    timezone: ClassVar[str]

    def start(self, request: StartRequest) -> Answer:
        """Announce a payment and learn how the buyer can make it. The same request again gives the same answer.

        Raises GatewayRefused (too many parts, a closed or paid number, other content under a known number),
        GatewaySilent (no answer in time: call again with the same request).
        """

    def read(self, headers: Mapping[str, str], body: bytes) -> VerifiedEvent:
        """What a notification says, judged by itself: signature, time (±300 s), form, kind, merchant. Asks nobody.

        Good enough for a payment whose attempt says the same number, currency and amount; anything else needs `verify`.
        Raises Forged, Stale, Malformed, Foreign.
        """

    def verify(self, headers: Mapping[str, str], body: bytes) -> VerifiedEvent:
        """Judge a notification: signature, time (±300 s), kind, merchant, number, currency, amount.

        Header names are matched without regard to case. An amount that differs from the attempt's is believed only when
        the provider confirms it on a query (somebody really paid another sum); otherwise Foreign.
        Raises Forged, Stale, Malformed, Foreign, GatewaySilent (when it had to ask and got no answer).
        """

    def query(self, out_no: str) -> VerifiedEvent | None:
        """Ask whether an attempt was paid; None when it was not (yet). Raises GatewaySilent, Foreign."""

    def refund(self, order: RefundOrder) -> VerifiedEvent | None:
        """Order a refund; None when it was accepted and the outcome will be notified.

        Raises GatewayRefused (`reason`: `too_much`, `not_paid`, `unknown_part`, `conflict`), GatewaySilent. Sent again
        with the same `refund_no`, it is the same refund.
        """

    def query_refund(self, refund_no: str) -> VerifiedEvent | None:
        """Ask for the outcome of a refund; None while it is under way or unknown. Raises GatewaySilent."""

    def close(self, out_no: str) -> None:
        """End an attempt so that it can be paid no more; closing twice is once, an unknown number is closed as well.

        Raises GatewayRefused (`reason`: `paid`) when it was paid before: then `query` has the event. GatewaySilent.
        """

    def bill(self, day: date) -> Bill:
        """The bill of one day in `timezone`. Raises GatewayRefused (`reason`: `too_early`) before the day is over."""
