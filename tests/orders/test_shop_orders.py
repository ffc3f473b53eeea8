"""What a shop sees of its orders and earnings: exact figures, three things of a buyer, a reason for each deduction."""

from datetime import timedelta

import pytest

from tests.factories.markets import arrive, buy, make_market, place, stranger
from tests.factories.members import acts_for, buyer, make_cluster, make_user, operator
from yunju.kernel import clock
from yunju.kernel.errors import NotFound
from yunju.members.queries import actor_for
from yunju.members.words import RoleKind
from yunju.orders.actions import cases, pay
from yunju.orders.models import Contact, Line, Order
from yunju.orders.queries import earnings, shop_orders
from yunju.orders.queries import statement as money
from yunju.orders.queries.shop_orders import Glimpse

ZONE = "Asia/Shanghai"


@pytest.fixture
def market(db_app):
    return make_market()


@pytest.fixture
def keeper(market):
    return actor_for(market.shopkeeper, market.cluster)


def today():
    return clock.local_day(clock.now(), ZONE)


def test_orders_of_a_day_and_what_they_earn(market, keeper):
    person = buyer(market.cluster)
    buy(market, {0: 1, 1: 2}, by=person)  # two suppliers: two orders
    place(market, {0: 1}, by=person)  # not paid
    buy(market, {0: 1}, shop_id=None)  # not through the shop
    found = shop_orders.takings(market.shop, last=today(), count=2, zone=ZONE, by=keeper)
    assert [(one.placed, one.paid, one.earned_minor) for one in found] == [(0, 0, 0), (3, 2, 1_700 + 1_700)]


def test_a_day_is_cut_in_the_zone_it_is_asked_for(market, keeper):
    midnight = clock.at_local(today(), 0, ZONE)
    for moment in (midnight - timedelta(seconds=1), midnight):
        placed = place(market, {0: 1})
        Order.objects.filter(purchase_id=placed.purchase_id).update(placed_at=moment)
    found = shop_orders.takings(market.shop, last=today(), count=2, zone=ZONE, by=keeper)
    assert [one.placed for one in found] == [1, 1]


def test_of_a_buyer_a_shop_learns_three_things(market, keeper):
    person = make_user(name="林小晚")
    buy(market, {0: 1}, by=buyer(market.cluster, person))
    buy(market, {0: 1}, by=stranger(market))
    guest, known = shop_orders.brought(market.shop, by=keeper)
    assert known.buyer == Glimpse("林", "杭州", "8000")
    assert guest.buyer == Glimpse("", "杭州", "8000")
    erased = {"city": "", "phone": "", "name": "", "erased_at": clock.now()}
    Contact.objects.filter(order_id=known.order.pk).update(**erased)
    assert shop_orders.brought(market.shop, by=keeper)[1].buyer == Glimpse("林", "", "")


def test_one_query_more_for_no_order_more(market, keeper, django_assert_num_queries):
    for _ in range(3):
        buy(market, {0: 1, 1: 1})
    with django_assert_num_queries(3):
        found = shop_orders.brought(market.shop, by=keeper)
    assert len(found) == 6
    assert [one.share_id for one in found] == sorted((one.share_id for one in found), reverse=True)
    older = shop_orders.brought(market.shop, by=keeper, before_id=found[3].share_id)
    assert [one.share_id for one in older] == [one.share_id for one in found[4:]]


def test_a_shops_orders_are_its_own_peoples(market, keeper):
    buy(market, {0: 1})
    for by in (
        stranger(market),
        buyer(market.cluster),
        acts_for(market.suppliers[0]),
        operator(make_cluster()),
    ):
        with pytest.raises(NotFound):
            shop_orders.brought(market.shop, by=by)
        with pytest.raises(NotFound):
            shop_orders.takings(market.shop, last=today(), count=1, zone=ZONE, by=by)
    cashier = acts_for(market.shop.member, RoleKind.CASHIER)
    assert len(shop_orders.brought(market.shop, by=cashier)) == 1


def give_back(market, placed, minor):
    order = Order.objects.get(pk=placed.orders[0].id)
    line = Line.objects.get(order=order, kind="goods")
    seller = acts_for(market.suppliers[0])
    cases.refund_by_supplier(order_id=order.pk, amounts={line.pk: minor}, words="", by=seller)


def test_every_deduction_has_its_day_and_reason(market, keeper):
    placed = buy(market, {0: 1})
    buy(market, {0: 1})
    give_back(market, placed, 5_000)
    whole, cut = earnings.explained(member_id=market.shop.member_id, by=keeper)
    assert whole.deductions == ()
    assert [(one.minor, one.why) for one in cut.deductions] == [(850, "goodwill")]
    assert clock.local_day(cut.deductions[0].at, ZONE) == today()
    assert cut.earning.left_minor == 1_700 - 850


def test_lines_are_found_by_their_state(market, keeper):
    placed = buy(market, {0: 1})
    kept, waiting, released = (buy(market, {0: 1}) for _ in range(3))
    give_back(market, placed, 9_999)
    due = clock.now() + timedelta(days=3)
    Line.objects.filter(order_id=waiting.orders[0].id).update(release_due_at=due)
    Line.objects.filter(order_id=released.orders[0].id).update(release_due_at=due, released_at=clock.now())
    member = market.shop.member_id
    orders = {"expected": kept, "waiting": waiting, "released": released, "returned": placed}
    for state, one in orders.items():
        found = earnings.explained(member_id=member, by=keeper, state=state)
        assert [row.earning.order.pk for row in found] == [one.orders[0].id], state
        assert [row.earning.state for row in found] == [state]
    (cut,) = earnings.explained(member_id=member, by=keeper, state="deducted")
    assert cut.earning.order.pk == placed.orders[0].id
    give_back(market, waiting, 1)  # too little to take a cent of the shop's
    give_back(market, released, 5_000)
    deducted = earnings.explained(member_id=member, by=keeper, state="deducted")
    assert [row.earning.order.pk for row in deducted] == [one.orders[0].id for one in (released, placed)]
    assert len(earnings.explained(member_id=member, by=keeper)) == 4
    assert len(earnings.explained(member_id=member, by=keeper, state="nonsense")) == 4
    assert money.next_due(member_id=member, by=keeper) == due


def test_nothing_waits_where_nothing_is_dated(market, keeper):
    arrived = place(market, {0: 1})
    assert pay.pay([arrive(arrived)]) == ["paid"]
    assert money.next_due(member_id=market.shop.member_id, by=keeper) is None
    with pytest.raises(NotFound):
        money.next_due(member_id=market.shop.member_id, by=buyer(market.cluster))
    with pytest.raises(NotFound):
        earnings.explained(member_id=market.shop.member_id, by=buyer(market.cluster))
