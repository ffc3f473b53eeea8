"""When a parcel will arrive: pure days, and what was learned from parcels that really did."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.factories.markets import buy, make_market
from yunju.kernel import clock
from yunju.modes.ship import deliveries, promise
from yunju.modes.ship.models import Parcel
from yunju.orders.models import Contact, Order

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)  # noon in Shanghai
SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("way", "expected"),
    [
        (("浙江", "浙江"), "same"),
        (("浙江", "上海"), "near"),
        (("浙江", "北京"), "land"),
        (("浙江", "新疆"), "far"),
        (("西藏", "四川"), "far"),
        (("浙江", "香港"), "outside"),
        (("", "浙江"), "land"),
    ],
)
def test_the_class_of_a_way(way, expected):
    assert promise.distance(*way) == expected


def test_without_enough_parcels_the_usual_days_count():
    found = promise.promise(now=NOON, zone=SHANGHAI, way=("浙江", "上海"), learned=[9.0] * 4)
    assert found == promise.Promise(date(2026, 3, 4), date(2026, 3, 7), 0, "near")


def test_five_parcels_are_a_habit_and_one_stray_is_not():
    assert promise.days_on_the_way(
        "浙江", "上海", [1.0, 1.2, 1.1, 1.4, 20.0, 1.3, 1.2, 1.0, 1.1, 1.2, 1.0]
    ) == (1, 2)
    assert promise.days_on_the_way("浙江", "上海", [3.2, 3.4, 3.1, 3.3, 4.1]) == (3, 5)
    found = promise.promise(now=NOON, zone=SHANGHAI, way=("浙江", "上海"), learned=[3.2, 3.4, 3.1, 3.3, 4.1])
    assert (found.first, found.last, found.parcels) == (date(2026, 3, 5), date(2026, 3, 9), 5)


def test_a_late_evening_and_a_presale_move_the_days():
    late = NOON + timedelta(hours=11)  # 23:00 there: what is packed in four hours leaves tomorrow
    assert promise.promise(now=late, zone=SHANGHAI, way=("浙江", "浙江")).first == date(2026, 3, 4)
    ahead = promise.promise(now=NOON, zone=SHANGHAI, way=("浙江", "浙江"), ship_from=date(2026, 4, 1))
    assert (ahead.first, ahead.last) == (date(2026, 4, 2), date(2026, 4, 5))


def test_only_what_was_delivered_there_is_learned(db_app):
    market = make_market(stock=50)
    supplier = market.suppliers[0]

    def sent(days: float | None, province: str = "浙江") -> None:
        order = Order.objects.get(purchase_id=buy(market, {0: 1}).purchase_id)
        left = clock.now() - timedelta(days=20)
        Order.objects.filter(pk=order.pk).update(dispatched_at=left)
        Contact.objects.filter(order_id=order.pk).update(province=province)
        parcel, _ = Parcel.objects.get_or_create(
            order=order, defaults={"cluster_id": order.cluster_id, "opened_at": left}
        )
        if days is not None:
            parcel.scans.create(
                cluster_id=order.cluster_id,
                code="delivered.signed",
                happened_at=left + timedelta(days=days),
                received_at=clock.now(),
            )

    sent(2.0)
    sent(3.5, "浙江省")
    sent(None)
    sent(9.0, "北京")
    assert sorted(deliveries.transit_days(market.cluster.pk, supplier.pk, "浙江")) == [2.0, 3.5]
    assert deliveries.transit_days(market.cluster.pk, market.suppliers[1].pk, "浙江") == []
    assert deliveries.transit_days(market.cluster.pk + 1, supplier.pk, "浙江") == []
