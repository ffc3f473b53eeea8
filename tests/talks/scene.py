"""One paid order, received where wanted, and everybody around it."""

from datetime import UTC, datetime, timedelta

from tests.factories.markets import buy, make_market, operator, stranger
from tests.factories.members import acts_for, buyer, owner_of
from yunju.fulfilment.contract import Who
from yunju.kernel import clock
from yunju.kernel.actor import Actor
from yunju.members.queries import actor_for
from yunju.modes.ship import actions as ship
from yunju.orders.flow import actions as flow
from yunju.orders.models import Line, Order

START = datetime(2027, 3, 2, 4, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class Scene:
    """Bought at START by a browser without account, through a shop."""

    def __init__(self, *, by: Actor | None = None) -> None:
        self.market = make_market()
        self.buyer = by or stranger(self.market)
        with clock.at(START):
            placed = buy(self.market, {0: 2}, by=self.buyer)
        self.order_id = placed.orders[0].id
        self.supplier = acts_for(self.market.suppliers[0])
        self.cashier = acts_for(self.market.suppliers[0], "cashier")
        self.other_supplier = acts_for(self.market.suppliers[1])
        self.keeper = actor_for(owner_of(self.market.shop.member), self.market.cluster)
        self.operator = operator(self.market.cluster)
        self.somebody = buyer(self.market.cluster)

    @property
    def order(self) -> Order:
        return Order.objects.select_related("purchase").get(pk=self.order_id)

    @property
    def line(self) -> Line:
        return Line.objects.get(order_id=self.order_id, kind="goods")

    def receive(self, at: datetime = START) -> None:
        """Packed by the supplier, confirmed by the buyer."""
        with clock.at(at):
            ship.pack(
                cluster_id=self.market.cluster.pk,
                order_id=self.order_id,
                carrier="sf",
                tracking_no="SF1234567890123",
                by=self.supplier,
            )
            answers = flow.move(
                cluster_id=self.market.cluster.pk,
                order_ids=[self.order_id],
                event="confirm",
                who=Who.BUYER,
                by=self.buyer,
            )
        assert not [one for one in answers if isinstance(one, Exception)]
