"""Presale: a day frozen on the line, from which the supplier's deadline runs."""

from datetime import timedelta

import pytest

from tests.factories.orders import make_market, make_paid_order, make_paid_orders
from yunju.catalog.actions.keeping import set_presale
from yunju.kernel import clock
from yunju.kernel.errors import Invalid
from yunju.modes.ship import waves
from yunju.orders.models import Line, Order

pytestmark = pytest.mark.usefixtures("db_app")


def test_deadlines_begin_with_the_payment_or_with_the_day_of_a_presale():
    market = make_market()
    plain = make_paid_order(market).order
    day = waves.day_of(market.cluster.pk) + timedelta(days=10)
    set_presale(offer_id=market.offer.pk, ship_from=day, by=market.seller)
    late = make_paid_orders(market, 1)[0].order
    assert list(Line.objects.filter(order=late, kind="goods").values_list("ship_from", flat=True)) == [day]
    begins = clock.at_local(day, 0, market.cluster.timezone)
    ends = waves.deadlines(market.cluster.pk, [plain.pk, late.pk])
    paid = Order.objects.select_related("purchase").get(pk=plain.pk).purchase.paid_at
    assert abs(ends[plain.pk] - paid - timedelta(hours=48)) < timedelta(seconds=5)
    assert ends[late.pk] == begins + timedelta(hours=48)
    args = market.cluster.pk, market.supplier.pk
    assert list(waves.ready(*args)) == [plain]
    with clock.at(begins + timedelta(hours=47)):
        assert set(waves.ready(*args)) == {plain, late}
        assert list(waves.late(waves.ready(*args), market.cluster.pk)) == [plain]
    with clock.at(begins + timedelta(hours=49)):
        assert set(waves.late(waves.ready(*args), market.cluster.pk)) == {plain, late}


def test_the_presale_of_a_variant_counts_before_that_of_its_offer_and_ends_with_its_day():
    market = make_market()
    today = waves.day_of(market.cluster.pk)
    variant = market.offer.variants.get()
    set_presale(offer_id=market.offer.pk, ship_from=today + timedelta(days=20), by=market.seller)
    set_presale(
        offer_id=market.offer.pk, variant_id=variant.pk, ship_from=today + timedelta(days=5), by=market.seller
    )
    order = make_paid_order(market).order
    assert Line.objects.get(order=order).ship_from == today + timedelta(days=5)
    with clock.at(clock.now() + timedelta(days=6)):
        assert Line.objects.get(order=make_paid_order(market).order).ship_from is None
    for day in (today, today + timedelta(days=181)):
        with pytest.raises(Invalid, match=r"presale\.day"):
            set_presale(offer_id=market.offer.pk, ship_from=day, by=market.seller)
    set_presale(offer_id=market.offer.pk, ship_from=None, by=market.seller)
    set_presale(offer_id=market.offer.pk, variant_id=variant.pk, ship_from=None, by=market.seller)
    assert Line.objects.get(order=make_paid_order(market).order).ship_from is None
    assert Line.objects.get(order=order).ship_from == today + timedelta(days=5)
