"""Flash sales in the intake: what they cost, how many there are, who gets them back; also by many buyers at once."""

from collections import Counter, defaultdict
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.factories.markets import arrive, make_market, place, request, stranger
from tests.factories.sales import make_sale
from tests.orders.test_parallel import at_once
from yunju.catalog.actions import sales
from yunju.catalog.models import Sale, SaleTake, Stock
from yunju.catalog.sales import SaleLeft
from yunju.kernel import clock
from yunju.kernel.actor import system
from yunju.kernel.errors import Invalid, InvalidMany, Refused
from yunju.orders import decide
from yunju.orders.actions import expire, intake, pay
from yunju.orders.draft import Placed, PricedLine, PricedOrder, PricedPurchase
from yunju.orders.models import Line, Purchase, Share

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("db_app")]


def wanted(market, pieces=1, shown=600, **fields):
    """A request for the first variant that saw the sale's price."""
    found = request(market, {0: pieces}, **fields)
    return replace(found, lines=(replace(found.lines[0], shown_minor=shown),))


def taken(sale: Sale) -> int:
    return Sale.objects.get(cluster_id=sale.cluster_id, pk=sale.pk).taken


def test_a_sale_is_sold_at_its_price_and_shares_are_of_it():
    market = make_market(prices=(1_000,))
    sale = make_sale(market.variants[0], quota=3)
    placed = intake.place_one(wanted(market, 2))
    assert placed.total_minor == 1_200
    line = Line.objects.get(cluster_id=market.cluster.pk)
    assert (line.unit_minor, line.amount_minor) == (600, 1_200)
    assert sum(Share.objects.filter(line_id=line.pk).values_list("amount_minor", flat=True)) == 1_200
    assert taken(sale) == 2
    took = SaleTake.objects.get(cluster_id=market.cluster.pk)
    assert (took.sale_id, took.purchase_id, took.pieces) == (sale.pk, placed.purchase_id, 2)


@pytest.mark.parametrize(
    "fields",
    [
        {"starts_in": 60},
        {"starts_in": -3_700},
        {"quota": 2, "taken": 2},
        {"ended_at": clock.now()},
        {"price_minor": 1_000},
    ],
)
def test_without_a_sale_that_runs_the_ordinary_price_holds(fields):
    market = make_market(prices=(1_000,))
    sale = make_sale(market.variants[0], **fields)
    with pytest.raises(InvalidMany) as refusal:
        intake.place_one(wanted(market, shown=601))
    (fault,) = refusal.value.faults
    assert (fault.code, fault.params["now"]) == ("price.changed", 1_000)
    assert place(market).total_minor == 1_000
    assert taken(sale) == fields.get("taken", 0)


def test_more_than_is_left_of_a_sale_is_refused_with_what_is_left_and_the_ordinary_price():
    market = make_market(prices=(1_000,))
    sale = make_sale(market.variants[0], quota=3)
    with pytest.raises(Refused, match=r"sale\.sold_out") as refusal:
        intake.place_one(wanted(market, 4))
    assert (refusal.value.params["left"], refusal.value.params["list_minor"]) == (3, 1_000)
    assert taken(sale) == 0
    assert Stock.objects.get(variant=market.variants[0]).reserved == 0


def test_a_buyer_takes_no_more_than_the_limit_over_all_purchases():
    market = make_market(prices=(1_000,))
    sale = make_sale(market.variants[0], per_buyer=2)
    by = stranger(market)
    first = intake.place([wanted(market, by=by), wanted(market, 2, by=by), wanted(market, by=by)])
    assert [type(answer) for answer in first] == [Placed, Refused, Placed]
    assert (first[1].code, first[1].params["limit"], first[1].params["had"]) == ("sale.per_buyer", 2, 1)
    with pytest.raises(Refused, match=r"sale\.per_buyer"):
        intake.place_one(wanted(market, by=by))
    assert isinstance(intake.place_one(wanted(market, 2)), Placed)  # somebody else
    assert taken(sale) == 4


def test_what_is_given_up_unpaid_goes_back_and_what_is_paid_does_not():
    market = make_market(prices=(1_000,))
    sale = make_sale(market.variants[0], quota=4, per_buyer=2)
    by = stranger(market)
    given_up = intake.place_one(wanted(market, 2, by=by))
    expire.cancel_purchase(code=given_up.code, by=by)
    assert taken(sale) == 0
    again = intake.place_one(wanted(market, 2, by=by))
    expire.cancel_purchase(code=given_up.code, by=by)  # twice is once
    assert taken(sale) == 2
    intake.place_one(wanted(market, 1))
    with clock.at(clock.now() + timedelta(days=2)):
        while expire.expire_due():
            pass
    assert taken(sale) == 0
    assert not SaleTake.objects.filter(cluster_id=market.cluster.pk).exists()
    assert Purchase.objects.get(pk=again.purchase_id).payment_state == "expired"


def test_paid_pieces_stay_taken():
    market = make_market(prices=(1_000,))
    sale = make_sale(market.variants[0])
    placed = intake.place_one(wanted(market))
    assert pay.pay([arrive(placed)]) == ["paid"]
    with clock.at(clock.now() + timedelta(days=2)):
        expire.expire_due()
    assert taken(sale) == 1


def test_a_sale_that_ends_while_somebody_waits_for_its_lock_sells_nothing_more():
    market = make_market(prices=(1_000,))
    sale = make_sale(market.variants[0])
    one = wanted(market)
    job = intake._Job(one)
    book = intake._prepare(market.cluster.pk, [job])
    sales.end(sale_id=sale.pk, by=system(market.cluster.pk, "test"))
    intake._commit_alone(book, job)
    assert isinstance(job.answer, Invalid)
    assert (job.answer.params["shown"], job.answer.params["now"]) == (600, 1_000)
    assert (
        intake.place_one(replace(one, lines=(replace(one.lines[0], shown_minor=1_000),))).total_minor == 1_000
    )


def test_200_buyers_for_a_sale_of_50_pieces_buy_exactly_50():
    market = make_market(prices=(1_000,), stock=500)
    sale = make_sale(market.variants[0], quota=50)
    answers = at_once(intake.place_one, [wanted(market) for _ in range(200)])
    assert sum(isinstance(answer, Placed) for answer in answers) == 50
    assert Counter(type(answer) for answer in answers if not isinstance(answer, Placed)).total() == 150
    assert taken(sale) == 50
    assert Line.objects.filter(cluster_id=market.cluster.pk, unit_minor=600).count() == 50


def test_a_swarm_of_one_buyer_takes_its_limit_and_a_key_takes_once():
    market = make_market(prices=(1_000,), stock=500, unpaid_limit=50)
    sale = make_sale(market.variants[0], quota=50, per_buyer=3)
    by = stranger(market)
    answers = at_once(intake.place_one, [wanted(market, by=by) for _ in range(30)])
    assert sum(isinstance(answer, Placed) for answer in answers) == 3
    once = wanted(market)
    assert len({answer.code for answer in at_once(intake.place_one, [once] * 30)}) == 1
    assert taken(sale) == 4


def test_pieces_that_come_back_while_others_buy_are_counted_exactly():
    market = make_market(prices=(1_000,), stock=500)
    sale = make_sale(market.variants[0], quota=20)
    buyers = [stranger(market) for _ in range(20)]
    placed = [intake.place_one(wanted(market, by=by)) for by in buyers]

    def either(one):
        if isinstance(one, tuple):
            return expire.cancel_purchase(code=one[0].code, by=one[1])
        return intake.place_one(wanted(market))

    back = list(zip(placed, buyers, strict=True))
    answers = at_once(either, [thing for pair in zip(back, range(20), strict=True) for thing in pair])
    new = sum(isinstance(answer, Placed) for answer in answers)
    assert taken(sale) == new == SaleTake.objects.filter(cluster_id=market.cluster.pk).count()


def _candidate(buyer: str, pieces: int) -> decide.Candidate:
    line = PricedLine("goods", 1, 1, "cup", "", pieces, 600, 1, sale_id=1, list_minor=1_000)
    return decide.Candidate(PricedPurchase((PricedOrder(1, "", "", "ship", 7, (line,)),), "CNY"), buyer)


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 4)), max_size=12),
    st.integers(0, 12),
    st.integers(0, 12),
    st.none() | st.integers(1, 5),
    st.dictionaries(st.sampled_from("abc"), st.integers(0, 5)),
)
def test_decide_serves_sales_as_a_plain_count_does(asked, left, stock, each, before):
    candidates = [_candidate(buyer, pieces) for buyer, pieces in asked]
    held = decide.Sales({1: SaleLeft(1, left, each)}, {(1, buyer): had for buyer, had in before.items()})
    answers = decide.decide(candidates, [decide.StockLeft(1, 1, 1, stock)], {}, 100, held)
    had = defaultdict(int, before)
    for (buyer, pieces), answer in zip(asked, answers, strict=True):
        if pieces > left:
            code = "sale.sold_out"
        elif each is not None and had[buyer] + pieces > each:
            code = "sale.per_buyer"
        elif pieces > stock:
            code = "stock.sold_out"
        else:
            assert isinstance(answer, decide.Accepted)
            left, stock = left - pieces, stock - pieces
            had[buyer] += pieces
            continue
        assert answer.code == code
