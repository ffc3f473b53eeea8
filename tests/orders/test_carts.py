"""Carts, the words of a purchase, and forms: what is refused, what is kept."""

import pytest
from msgspec.structs import replace

from tests.factories.catalog import make_offer
from tests.factories.markets import HOME, make_market, stranger
from tests.factories.members import buyer
from yunju.catalog.models import Variant
from yunju.kernel.actor import Actor
from yunju.kernel.errors import Invalid, NotFound, SignInNeeded
from yunju.orders import checks
from yunju.orders.actions import carts
from yunju.orders.draft import PricedPurchase, WantedLine
from yunju.orders.queries.carts import lines_of, preview, rows_of, wanted
from yunju.orders.words import LineCount, status_word

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("db_app")]


def test_a_cart_adds_up_keeps_its_shop_and_learns_prices():
    market = make_market(stock=5)
    by, variant = stranger(market), market.variants[0]
    carts.add(wanted=WantedLine(variant.pk, 2, 0, market.shop.pk, "link", "CODE", "project:7"), by=by)
    carts.add(wanted=WantedLine(variant.pk, 1, 0), by=by)
    [row] = rows_of(by)
    assert (row.line.quantity, row.line.shown_minor, row.line.shop_id, row.line.source) == (
        3,
        9_999,
        market.shop.pk,
        "link",
    )
    assert (row.amount_minor, row.left, row.can_be_bought, row.is_changed) == (29_997, 5, True, False)
    Variant.objects.filter(pk=variant.pk).update(price_minor=8_000)
    assert rows_of(by)[0].is_changed
    assert isinstance(preview(by, wanted(lines_of(by)), HOME), Exception)
    carts.accept_prices(by=by)
    carts.remove_shop(variant_id=variant.pk, by=by)
    [row] = rows_of(by)
    assert (row.line.shop_id, row.line.source, row.line.share_code, row.is_changed) == (
        None,
        "none",
        "",
        False,
    )
    priced = preview(by, wanted(lines_of(by)), HOME)
    assert isinstance(priced, PricedPurchase)
    assert priced.total_minor == 24_000
    carts.change(variant_id=variant.pk, quantity=6, by=by)
    assert not rows_of(by)[0].can_be_bought
    carts.change(variant_id=variant.pk, quantity=0, by=by)
    assert rows_of(by) == []


@pytest.mark.parametrize("quantity", [0, -1, 10_000, 2**70, "2", 1.5])
def test_pieces_out_of_range_change_nothing(quantity):
    market = make_market()
    by, variant = stranger(market), market.variants[0]
    carts.add(wanted=WantedLine(variant.pk, 1, 0), by=by)
    if quantity != 0:
        with pytest.raises(Invalid):
            carts.change(variant_id=variant.pk, quantity=quantity, by=by)
    with pytest.raises(Invalid):
        carts.add(wanted=WantedLine(variant.pk, quantity, 0), by=by)
    assert lines_of(by)[0].quantity == 1


def test_what_cannot_be_put_in_a_cart():
    market = make_market()
    by = stranger(market)
    hidden = make_offer(market.suppliers[0], listed=False).variants.get()
    for variant_id in (hidden.pk, 2**40):
        with pytest.raises(Invalid):
            carts.add(wanted=WantedLine(variant_id, 1, 0), by=by)
    with pytest.raises(NotFound):
        carts.change(variant_id=hidden.pk, quantity=1, by=by)
    nobody = Actor(cluster_id=market.cluster.pk)
    with pytest.raises(SignInNeeded):
        carts.add(wanted=WantedLine(market.variants[0].pk, 1, 0), by=nobody)
    assert lines_of(nobody) == []


def test_signing_in_joins_the_carts_and_the_account_keeps_its_own():
    market = make_market()
    browser, account = stranger(market), buyer(market.cluster)
    one, two = market.variants
    carts.add(wanted=WantedLine(one.pk, 1, 0), by=account)
    carts.add(wanted=WantedLine(one.pk, 5, 0), by=browser)
    carts.add(wanted=WantedLine(two.pk, 2, 0, source="nonsense"), by=browser)
    carts.take_over(holder="", by=account)
    carts.take_over(holder=stranger(market).holder, by=account)
    carts.take_over(holder=browser.holder, by=browser)
    for _ in range(2):
        carts.take_over(holder=browser.holder, by=account)
    assert {line.variant_id: line.quantity for line in lines_of(account)} == {one.pk: 1, two.pk: 2}
    assert lines_of(browser) == []
    carts.empty(variant_ids=[one.pk], by=account)
    assert [line.variant_id for line in lines_of(account)] == [two.pk]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": " "}, "name"), ({"name": "x" * 61}, "name"), ({"street": "a\nb"}, "street"), ({"phone": "１３８００１３８０００"}, "phone"),
        ({"phone": "123"}, "phone"), ({"country": "C1"}, "country"), ({"country": "中国"}, "country"), ({"note": "x" * 201}, "note"),
    ],
)  # fmt: skip
def test_an_address_is_refused_at_its_field(fields, field):
    assert [fault.field for fault in checks.contact_faults(replace(HOME, **fields))] == [field]


def test_an_address_that_is_right():
    assert checks.contact_faults(replace(HOME, phone="+55 11 91234-5678", country="BR", note="后门")) == []


@pytest.mark.parametrize(
    ("told", "word"),
    [
        (("unpaid", "", "none", []), "unpaid"), (("expired", "", "none", []), "expired"),
        (("paid", "to_pack", "open", [LineCount(1, 0)]), "after_sale"), (("paid", "lost", "none", [LineCount(2, 2)]), "refunded"),
        (("paid", "received", "none", [LineCount(2, 1)]), "partly_refunded"), (("paid", "packed", "none", [LineCount(2, 1)]), "order.packed"),
        (("paid", "received", "none", []), "order.received"),
    ],
)  # fmt: skip
def test_the_word_a_buyer_reads(told, word):
    assert status_word(*told) == word
    if told[0] == "paid":
        assert status_word(*told, is_disputed=True) == "disputed"
