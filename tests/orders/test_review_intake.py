"""The intake as a hostile reader tried it: poisoned batches, collisions, one member who is everybody."""

import pytest
from django.db import transaction
from msgspec.structs import replace

from tests.factories.catalog import make_fees, make_offer, make_variant
from tests.factories.markets import HOME, arrive, buy, make_market, place, request, stranger
from tests.factories.members import acts_for, make_cluster, make_member, make_seat, make_user
from tests.factories.shops import make_listing, make_shop
from tests.orders.proofs import proved
from yunju.catalog.models import Stock
from yunju.fulfilment.contract import Who
from yunju.kernel import clock, ids
from yunju.kernel.actor import system
from yunju.kernel.errors import Busy, Invalid, InvalidMany, NotFound, Refused
from yunju.ledger import verify as books
from yunju.ledger.kinds import Kind
from yunju.members.models import Capacity, Member, Park, Site
from yunju.members.queries import actor_for, operator_of
from yunju.orders.actions import carts, intake, pay, refunds
from yunju.orders.draft import Placed, WantedLine
from yunju.orders.flow import actions as flow
from yunju.orders.models import CartLine, Order

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("db_app")]
DEAREST = 10**9  # what a variant may cost at most


def test_a_number_drawn_twice_fails_nobody(monkeypatch):
    market = make_market(stock=50)
    taken = Order.objects.get(pk=place(market).orders[0].id).number
    real, drawn = ids.order_number, []

    def once(day, order_id):
        drawn.append(order_id)
        return taken if len(drawn) == 2 else real(day, order_id)

    monkeypatch.setattr(ids, "order_number", once)
    answers = intake.place([request(market) for _ in range(4)])
    assert all(isinstance(answer, Placed) for answer in answers), answers
    assert Stock.objects.get(variant=market.variants[0]).reserved == 5
    proved(market)


def test_only_the_guilty_purchase_of_a_batch_fails(monkeypatch):
    market = make_market(stock=50)
    taken = Order.objects.get(pk=place(market).orders[0].id).number
    guilty = request(market, {1: 1})
    real = intake.write._order

    def colliding(order, keys, day, rows):
        found = real(order, keys, day, rows)
        if order.supplier_id == market.suppliers[1].pk:
            rows.orders[-1] = (*rows.orders[-1][:2], taken, *rows.orders[-1][3:])
        return found

    monkeypatch.setattr(intake.write, "_order", colliding)
    answers = intake.place([request(market), guilty, request(market)])
    assert [type(answer) for answer in answers] == [Placed, Busy, Placed]
    monkeypatch.undo()
    assert isinstance(intake.place_one(guilty), Placed)  # its key was not used up
    proved(market)


BAD_TEXT = ["\ud800", "a\x00b", "x\udfff"]


@pytest.mark.parametrize("text", BAD_TEXT)
@pytest.mark.parametrize("where", ["name", "street", "note", "country"])
def test_text_that_no_database_takes_fails_its_own_purchase_alone(where, text):
    market = make_market()
    bad = request(market, contact=replace(HOME, **{where: text}))
    good = request(market)
    refused, placed = intake.place([bad, good])
    assert isinstance(refused, Invalid)
    assert isinstance(placed, Placed)


@pytest.mark.parametrize("text", ["\x00", "\ud800"])
def test_a_share_code_that_no_database_takes_is_refused_at_its_line(text):
    market = make_market()
    asked = request(market)
    bad = replace(asked, lines=(replace(asked.lines[0], share_code=text),))
    refused, placed = intake.place([bad, request(market)])
    assert isinstance(refused, InvalidMany)
    assert isinstance(placed, Placed)


@pytest.mark.parametrize("quantity", [0, -1, 10_000, 2**70, True, "1", "１", 1.0, None])
def test_a_quantity_that_is_none_is_refused(quantity):
    market = make_market()
    asked = request(market)
    bad = replace(asked, lines=(replace(asked.lines[0], quantity=quantity),))
    with pytest.raises(InvalidMany):
        intake.place_one(bad)


def test_the_dearest_thing_times_9999_is_refused_and_not_overflown():
    market = make_market(prices=(DEAREST,), stock=10_000)
    with pytest.raises(Refused, match=r"purchase\.total_range"):
        place(market, {0: 9_999})
    placed = buy(market, {0: 1})
    assert placed.total_minor == DEAREST
    proved(market)


def test_nothing_and_a_hundred_and_one_lines():
    market = make_market()
    with pytest.raises(InvalidMany):
        intake.place_one(replace(request(market), lines=()))
    line = request(market).lines[0]
    with pytest.raises(InvalidMany):
        intake.place_one(
            replace(request(market), lines=tuple(replace(line, variant_id=n) for n in range(1, 102)))
        )


def test_a_hundred_lines_are_placed_paid_and_given_back():
    market = make_market(prices=(1_000,))

    by = stranger(market)
    asked = request(market, by=by)
    variants = [make_variant(market.offers[0], price_minor=n + 1, stock=5) for n in range(100)]
    lines = tuple(WantedLine(v.pk, 5, v.price_minor, shop_id=market.shop.pk, source="link") for v in variants)
    placed = intake.place_one(replace(asked, lines=lines))
    assert pay.pay([arrive(placed)]) == ["paid"]
    flow.move(
        cluster_id=market.cluster.pk,
        order_ids=[placed.orders[0].id],
        event="cancel",
        who=Who.SUPPLIER,
        by=acts_for(market.suppliers[0]),
    )
    assert market.gateway(Kind.REFUND_DUE) == placed.total_minor
    proved(market)


def test_a_cluster_without_operator_fails_alone():
    market = make_market()
    bare = make_market()
    bare.operator.capacities.update(ended_at=clock.now())
    refused, placed = intake.place([request(bare), request(market)])
    assert isinstance(refused, NotFound)
    assert isinstance(placed, Placed)


def test_one_key_of_two_buyers_is_two_purchases():
    market = make_market()
    asked = request(market)
    other = replace(asked, by=stranger(market))
    answers = intake.place([asked, other])
    assert len({answer.code for answer in answers}) == 2


def test_supplier_shop_park_and_operator_in_one_member():
    cluster = make_cluster()
    make_fees(cluster, platform_bp=300, park_bp=200)

    one = Member.objects.get(pk=operator_of(cluster.pk))
    for kind in ("supplier", "park", "shopkeeper", "designer"):
        Capacity.objects.create(member=one, kind=kind, asked_at=clock.now(), admitted_at=clock.now())
    park = Park.objects.create(cluster=cluster, member=one, name="P")
    Site.objects.create(park=park, name="Site", province="北京市", city="北京市")
    make_seat(one, park)
    offer = make_offer(one, price_minor=1, shop_bp=1_700, roles=[("designer", one, 800), ("maker", one, 1)])
    shop = make_shop(one)
    make_listing(shop, offer)
    line = WantedLine(offer.variants.get().pk, 3, 1, shop_id=shop.pk)
    by = actor_for(make_user(), cluster.pk)
    placed = intake.place_one(
        intake.PlaceRequest(by=by, key=f"test-{ids.public_code(16)}", lines=(line,), contact=HOME)
    )
    assert pay.pay([arrive(placed)]) == ["paid"]
    with transaction.atomic():
        refunds.refund_rest(
            cluster_id=cluster.pk, order_ids=[placed.orders[0].id], reason="cancel", by=system(cluster.pk)
        )
    assert books.verify(cluster.pk, whole=True).broken == 0


def test_a_cluster_that_counts_in_yen_without_fees_or_park():
    cluster = make_cluster(currency="JPY")
    supplier = make_member(cluster, capacities=("supplier",))
    offer = make_offer(supplier, price_minor=1)
    line = WantedLine(offer.variants.get().pk, 1, 1)
    by = actor_for(make_user(), cluster.pk)
    placed = intake.place_one(
        intake.PlaceRequest(by=by, key=f"test-{ids.public_code(16)}", lines=(line,), contact=HOME)
    )
    assert placed.currency == "JPY"
    assert pay.pay([arrive(placed)]) == ["paid"]
    assert books.verify(cluster.pk, whole=True).broken == 0


def test_two_carts_become_one_that_can_still_be_placed():
    market = make_market(prices=(1_000,))

    browser, account = stranger(market), actor_for(make_user(), market.cluster.pk)
    variants = [make_variant(market.offers[0], price_minor=100) for _ in range(120)]
    for by, own in ((account, variants[:60]), (browser, variants[60:])):
        for variant in own:
            carts.add(wanted=WantedLine(variant.pk, 1, 100), by=by)
    carts.take_over(holder=browser.holder, by=account)
    assert CartLine.objects.filter(cart__user_id=account.user_id).count() == 100


def test_a_refusal_under_a_key_stays_that_refusal_even_when_stock_came():
    market = make_market(stock=0)
    asked = request(market)
    with pytest.raises(Refused) as first:
        intake.place_one(asked)
    Stock.objects.filter(variant=market.variants[0]).update(received=5, remaining=5)
    with pytest.raises(Refused) as again:
        intake.place_one(asked)
    assert again.value == first.value
    assert (again.value.code, again.value.params["left"]) == ("stock.sold_out", 0)
    assert isinstance(intake.place_one(request(market)), Placed)


def test_a_refused_form_gives_its_key_back_for_the_corrected_one():
    market = make_market()
    asked = request(market)
    dearer = replace(asked, lines=(replace(asked.lines[0], shown_minor=1),))
    unknown = replace(asked, gateway="nobody's")
    for wrong in (dearer, unknown):
        with pytest.raises(Invalid):
            intake.place_one(wrong)
    assert isinstance(intake.place_one(asked), Placed)


def test_what_left_the_shelf_and_what_never_was():
    market = make_market()
    asked = request(market)
    market.offers[0].listed_at = None
    market.offers[0].save(update_fields=["listed_at"])
    nothing = replace(request(market, {1: 1}), lines=(replace(asked.lines[0], variant_id=2**50),))
    found = intake.place([asked, nothing])
    assert [[fault.code for fault in refused.faults] for refused in found] == [
        ["offer.off_shelf"],
        ["offer.unknown"],
    ]
