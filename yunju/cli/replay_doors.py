"""The two doors through which the source speaks in a replay: its own payment gateway, and its own freight.

Both exist in the process of the replay only, for as long as it runs. Behind them everything is what the web uses.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from typing import ClassVar

from yunju.cli.replay_source import ZONE
from yunju.fulfilment import registry as modes
from yunju.fulfilment.contract import OrderDraft, Quote
from yunju.kernel import clock
from yunju.modes.ship.mode import ShipMode
from yunju.payments import registry as gateways
from yunju.payments.contract import Answer, Bill, Redirect, RefundOrder, StartRequest, VerifiedEvent
from yunju.payments.errors import Forged, GatewayRefused

DraftKey = tuple[int, tuple[tuple[int, int], ...], str, str]
"""A supplier, its (variant, pieces), the buyer's state and city: what a freight is asked for."""


class ReplayGateway:
    """Money that the source says arrived. Nobody can pay here: payments come out of the source's file alone."""

    code: ClassVar[str] = "replay"
    max_parts: ClassVar[int] = 50
    cap_bp: ClassVar[int | None] = None
    timezone: ClassVar[str] = ZONE

    def start(self, request: StartRequest) -> Answer:
        """There is no cashier to lead anybody to."""
        return Redirect(url=f"replay:{request.out_no}")

    def read(self, headers: Mapping[str, str], body: bytes) -> VerifiedEvent:  # noqa: ARG002 - the contract's form
        """The source sends no notifications: whoever does is somebody else."""
        raise Forged("payments.forged")

    verify = read

    def query(self, out_no: str) -> VerifiedEvent | None:  # noqa: ARG002 - the contract's form
        """The source is not asked: it says by itself what was paid."""
        return None

    def refund(self, order: RefundOrder) -> VerifiedEvent:
        """Confirmed at once: the source does not know what became of money sent back."""
        return VerifiedEvent(
            gateway=self.code,
            event_id=f"refund {order.refund_no}",
            kind="refunded",
            out_no=order.out_no,
            provider_no=order.refund_no,
            amount_minor=order.amount_minor,
            currency=order.currency,
            at=clock.now(),
            refund_no=order.refund_no,
        )

    def query_refund(self, refund_no: str) -> VerifiedEvent | None:  # noqa: ARG002 - the contract's form
        """Nothing stays under way."""
        return None

    def close(self, out_no: str) -> None:
        """Nobody can pay it anyhow."""

    def bill(self, day: date) -> Bill:
        """The source has no provider's bills."""
        raise GatewayRefused("payments.gateway_refused", reason="no_bill", day=day.isoformat())


class ReplayShip(ShipMode):
    """Ship, with the freight that the source's carrier really took. What the table does not name is quoted as ever."""

    def __init__(self, cluster_id: int) -> None:
        self.cluster_id = cluster_id
        self.freights: dict[DraftKey, int] = {}

    def quote(self, drafts: Sequence[OrderDraft]) -> list[Quote]:
        """The source's freight where it has one, in one look-up each."""
        known = [self._known(draft) for draft in drafts]
        asked = iter(
            super().quote([draft for draft, cost in zip(drafts, known, strict=True) if cost is None])
        )
        return [next(asked) if cost is None else Quote(freight_minor=cost) for cost in known]

    def _known(self, draft: OrderDraft) -> int | None:
        if draft.cluster_id != self.cluster_id:
            return None
        lines = sorted((line.variant_id, line.quantity) for line in draft.lines)
        place = draft.answers.get("province", ""), draft.answers.get("city", "")
        return self.freights.get((draft.supplier_id, tuple(lines), *place))


@contextmanager
def opened(cluster_id: int) -> Iterator[ReplayShip]:
    """Both doors stand open inside the block, for this process alone; afterwards all is as before."""
    ship, before = ReplayShip(cluster_id), modes.mode("ship")
    gateways.register(ReplayGateway())
    modes.register({"ship": ship})
    try:
        yield ship
    finally:
        modes.register({"ship": before})
        gateways.forget(ReplayGateway.code)
