import io
from datetime import timedelta

import pytest
from PIL import Image

from tests.factories.members import make_cluster, make_member, make_user, operator, owner_of
from tests.orders.test_money_path import release_all
from tests.web.conftest import Browser
from tests.web.market import Market, make_market, make_paid, place, put_in_cart, variant_of
from yunju.catalog.models import FreightRule, Offer, Stock
from yunju.kernel import clock
from yunju.members.models import Capacity, Member, Payee, Role, User
from yunju.members.words import CONSENT_VERSION, CapacityKind, RoleKind
from yunju.orders.models import Case, Order
from yunju.shops.attribution import make_token
from yunju.shops.models import Listing
from yunju.ui import messages
from yunju.web import shopkeeper


@pytest.fixture
def market(cluster) -> Market:
    return make_market(cluster)


def runner(cluster) -> User:
    return User.objects.get(pk=operator(cluster).user_id)


SUPPLIER_PAGES = (
    "orders",
    "offers",
    "offers/new",
    "import",
    "freight",
    "cases",
    "earnings",
    "statement",
    "payee",
)
OPERATOR_PAGES = ("", "/admissions", "/payouts", "/refunds", "/disputes", "/alarms", "/rules", "/ledger")


@pytest.mark.parametrize("page", SUPPLIER_PAGES)
def test_a_members_pages_are_its_own_peoples(browser: Browser, market: Market, page: str):
    address = f"/m/{market.suppliers[0].code}/{page}"
    assert browser(market.owner()).get(address).status_code == 200
    assert browser(market.owner(1)).get(address).status_code == 404
    assert browser(make_user()).get(address).status_code == 404
    assert browser().get(address)["Location"].startswith("/sign-in")


@pytest.mark.parametrize("page", OPERATOR_PAGES)
def test_the_operators_pages_are_the_operators(browser: Browser, market: Market, page: str):
    assert browser(runner(market.cluster)).get(f"/operator{page}").status_code == 200
    assert browser(market.owner()).get(f"/operator{page}").status_code == 404
    assert browser(runner(make_cluster())).get(f"/operator{page}").status_code == 404
    assert browser().get(f"/operator{page}").status_code == 302


def test_a_cashier_sees_orders_and_no_money(browser: Browser, market: Market):
    user = make_user()
    Role.objects.create(
        user=user,
        member=market.suppliers[0],
        kind=RoleKind.CASHIER,
        granted_at=market.suppliers[0].created_at,
    )
    client = browser(user)
    assert client.get(f"/m/{market.suppliers[0].code}/orders").status_code == 200
    assert client.get(f"/m/{market.suppliers[0].code}/earnings").status_code == 403


def test_a_strangers_shop_cannot_be_arranged(browser: Browser, market: Market):
    client = browser(market.owner())
    listing = Listing.objects.filter(shop=market.shop).earliest("id")
    assert client.get(f"/shops/{market.shop.code}/arrange").status_code == 404
    assert client.post(f"/shops/{market.shop.code}/picks/{listing.pk}/drop").status_code == 404
    assert client.post("/pick", {"shop": market.shop.code, "offer": market.offers[0].code}).status_code == 404
    assert Listing.objects.get(pk=listing.pk).ended_at is None


def test_an_offer_is_made_priced_pictured_and_withdrawn(browser: Browser, market: Market):
    member, client = market.suppliers[0], browser(market.owner())
    base = f"/m/{member.code}/offers"
    form = {
        "title": "Bowl",
        "body_html": "One.\n\nTwo <b>",
        "price": "38.00",
        "count": "5",
        "shop_bp": "12.5",
        "listed": "on",
    }
    assert client.post(f"{base}/new", form | {"price": "free"}).status_code == 422
    assert client.post(f"{base}/new", form).status_code == 302
    offer = Offer.objects.get(supplier=member, title="Bowl")
    assert (offer.on_shelf, offer.rules.get().shop_bp) == (True, 1_250)
    variant = variant_of(offer)
    address = f"{base}/{offer.code}/{variant.code}/price"
    assert client.post(address, {"price": "0", "count": "7"}).status_code == 422
    client.post(address, {"price": "40", "compare_at": "", "count": "7"})
    variant.refresh_from_db()
    assert (variant.price_minor, Stock.objects.get(variant=variant).remaining) == (4_000, 7)
    drawn = io.BytesIO()
    Image.new("RGB", (20, 20), "red").save(drawn, "PNG")
    drawn.seek(0)
    drawn.name = "p.png"
    client.post(f"{base}/{offer.code}/pictures", {"file": drawn, "alt": "red"})
    picture = offer.pictures.get()
    served = client.get(f"/media/{picture.file.name}")
    assert (served["Content-Type"], b"".join(served.streaming_content)[8:12]) == ("image/webp", b"WEBP")
    served.close()
    client.post(f"{base}/{offer.code}/rule", {"shop_bp": "20", "shop_floor_minor": "", "shop_cap_minor": ""})
    assert offer.rules.latest("version").shop_bp == 2_000
    client.post(f"{base}/{offer.code}/shelf", {"what": "withdraw"})
    offer.refresh_from_db()
    assert not offer.on_shelf
    assert (
        browser(market.owner(1)).get(f"/m/{market.suppliers[1].code}/offers/{offer.code}").status_code == 404
    )


@pytest.mark.parametrize("path", ["../config/settings.py", "x.py", "no.webp", "%2e%2e/x.webp"])
def test_only_stored_pictures_are_served(browser: Browser, path: str):
    assert browser().get(f"/media/{path}").status_code == 404


def test_freight_is_kept_and_bad_lines_are_told(browser: Browser, market: Market):
    client, address = browser(market.owner()), f"/m/{market.suppliers[0].code}/freight"
    form = {
        "kind": "flat",
        "flat_minor": "8",
        "province_0": "新疆",
        "more_0": "15.00",
        "province_2": "青海",
        "more_2": "8",
        "not_served": ["西藏"],
    }
    for fault, field in (
        ({"more_0": ""}, "more_0"),
        ({"more_0": "dear"}, "more_0"),
        ({"province_0": ""}, "province_0"),
        ({"province_2": "新疆"}, "province_2"),
        ({"province_0": "Atlantis"}, "province_0"),
    ):
        refused = client.post(address, form | fault)
        assert refused.status_code == 422
        assert field in refused.context["form"].errors
    assert client.post(address, form).status_code == 302
    rule = FreightRule.objects.get(supplier=market.suppliers[0])
    assert (rule.surcharges, rule.not_served) == ({"新疆": 1_500, "青海": 800}, ["西藏"])
    page = client.get(address)
    rows = [(one.value(), two.value()) for one, two in page.context["form"].surcharge_rows()]
    assert rows == [("新疆", "15.00"), ("青海", "8.00"), ("", None)]
    assert "You do not send to 1 province<" in page.content.decode()
    assert client.post(address, form | {"province_0": "", "more_0": ""}).status_code == 302
    rule.refresh_from_db()
    assert rule.surcharges == {"青海": 800}


def test_rows_of_surcharges_that_were_open_before_others_were_dropped_are_still_read(
    browser: Browser, market: Market
):
    client, address = browser(market.owner()), f"/m/{market.suppliers[0].code}/freight"
    assert len(client.get(address).context["form"].surcharge_rows()) == 1
    sent = {"kind": "free", "province_4": "青海", "more_4": "8"}
    assert client.post(address, sent).status_code == 302
    assert FreightRule.objects.get(supplier=market.suppliers[0]).surcharges == {"青海": 800}
    assert client.post(address, {"kind": "free", "province_99": "青海", "more_99": "8"}).status_code == 422


def test_a_surcharge_under_an_old_name_is_shown_and_kept(browser: Browser, market: Market):
    client, address = browser(market.owner()), f"/m/{market.suppliers[0].code}/freight"
    FreightRule.objects.create(
        supplier=market.suppliers[0], kind="free", surcharges={"新疆维吾尔自治区": 500}
    )
    first, *_rest = client.get(address).context["form"].surcharge_rows()
    assert (first[0].value(), first[1].value()) == ("新疆", "5.00")
    assert client.post(address, {"kind": "free", "province_0": "新疆", "more_0": "6"}).status_code == 302
    assert FreightRule.objects.get(supplier=market.suppliers[0]).surcharges == {"新疆": 600}


def paid_order(browser: Browser, market: Market, client) -> Order:
    put_in_cart(client, market.offers[0], 2)
    return make_paid(place(client))[0]


def test_packing_shipping_receiving(browser: Browser, market: Market):
    buyer, supplier = browser(), browser(market.owner())
    order = paid_order(browser, market, buyer)
    assert len(supplier.get(f"/m/{market.suppliers[0].code}/orders").context["rows"]) == 1
    faulty = supplier.post(f"/orders/{order.code}/pack", {"carrier": "sf", "tracking_no": ""})
    assert faulty.status_code == 422
    supplier.post(f"/orders/{order.code}/pack", {"carrier": "sf", "tracking_no": "SF1234567890"})
    order.refresh_from_db()
    assert order.fulfilment_state == "packed"
    assert "SF1234567890" in buyer.get(f"/orders/{order.code}").content.decode()
    buyer.post(f"/orders/{order.code}/move", {"event": "confirm", "who": "buyer"})
    order.refresh_from_db()
    assert order.fulfilment_state == "received"
    money = supplier.get(f"/m/{market.suppliers[0].code}/earnings").context
    assert money["waiting_minor"] == 2_000
    statement = supplier.get(f"/m/{market.suppliers[0].code}/statement")
    assert f'<span class="nowrap">{order.number}</span>' in statement.content.decode()


def test_a_long_statement_comes_in_pages_and_adds_up_on_each(
    browser: Browser, market: Market, monkeypatch: pytest.MonkeyPatch
):
    buyer, client = browser(), browser(market.owner())
    for _ in range(3):
        paid_order(browser, market, buyer)
    monkeypatch.setattr(shopkeeper, "LINES", 2)
    address = f"/m/{market.suppliers[0].code}/statement"
    first, second = client.get(address).context, client.get(f"{address}?page=2").context
    assert len(first["statement"].lines) > 2
    assert tuple(first["page"]) == first["statement"].lines[:2]
    assert tuple(second["page"]) == first["statement"].lines[2:4]
    assert first["totals"] == second["totals"]


def test_moves_between_own_pots_stand_in_a_statement_only_when_asked_for(browser: Browser, market: Market):
    order = paid_order(browser, market, browser())
    client = browser(market.owner())
    Order.objects.filter(pk=order.pk).update(fulfilment_state="received")
    due = clock.now() + timedelta(days=1)
    order.lines.update(release_due_at=due)
    release_all(due)
    address = (
        f"/m/{market.suppliers[0].code}/statement?month={clock.local_day(due, market.cluster.timezone):%Y-%m}"
    )
    quiet, told = client.get(address), client.get(f"{address}&moves=1")
    lines = quiet.context["statement"].lines
    assert [line.reason for line in lines if line.is_move] == ["released"]
    assert tuple(quiet.context["page"]) == tuple(line for line in lines if not line.is_move)
    assert tuple(told.context["page"]) == lines
    assert quiet.context["totals"] == told.context["totals"]
    assert "Show moves between own accounts (1)" in quiet.content.decode()
    assert "Hide moves between own accounts" in told.content.decode()


def test_freight_is_called_freight_and_not_a_sale():
    params = {"order": "261101-TFKPMR-3", "title": "-", "kind": "freight", "quantity": 1}
    assert messages.reason("earned.supplier", params) == "Freight, order 261101-TFKPMR-3"
    assert "Sale: Mug × 2" in messages.reason(
        "earned.supplier", params | {"kind": "goods", "title": "Mug", "quantity": 2}
    )


def test_the_supplier_cannot_confirm_for_the_buyer(browser: Browser, market: Market):
    order = paid_order(browser, market, browser())
    supplier = browser(market.owner())
    answer = supplier.post(f"/orders/{order.code}/move", {"event": "confirm", "who": "buyer"}, follow=True)
    assert answer.status_code == 200
    order.refresh_from_db()
    assert order.fulfilment_state == "to_pack"
    assert supplier.post(f"/orders/{order.code}/move", {"event": "pack", "who": "timer"}).status_code == 422


def test_an_after_sale_case_is_asked_and_answered(browser: Browser, market: Market):
    buyer, supplier = browser(make_user()), browser(market.owner())
    order = paid_order(browser, market, buyer)
    line = order.lines.get(kind="goods")
    address = f"/orders/{order.code}/after-sale"
    assert supplier.get(address).status_code == 404
    form = {"kind": "refund", "reason": "not_needed", "words": "", f"line:{line.pk}": "1"}
    assert buyer.post(address, form | {"reason": ""}).status_code == 422
    assert buyer.post(address, form | {f"line:{line.pk}": "3"}).status_code == 422
    buyer.post(address, form)
    assert Case.objects.get(order_id=order.pk).amount_minor == 1_000
    assert len(supplier.get(f"/m/{market.suppliers[0].code}/cases").context["rows"]) == 1
    assert buyer.post(f"/orders/{order.code}/case", {"event": "agree", "who": "supplier"}).status_code in (
        403,
        404,
    )
    supplier.post(f"/orders/{order.code}/case", {"event": "agree", "who": "supplier"})
    assert Case.objects.get(order_id=order.pk).state == "settled"
    assert "¥10.00 refunded" in buyer.get(f"/orders/{order.code}").content.decode()


def test_a_shop_sees_the_state_of_an_order_and_no_address(browser: Browser, market: Market):
    buyer = browser()
    buyer.get(f"/shops/{market.shop.code}", {"s": make_token(market.shop.pk, "link")})
    order = paid_order(browser, market, buyer)
    page = browser(market.keeper).get(f"/orders/{order.code}")
    assert page.status_code == 200
    assert "Road 1" not in page.content.decode()


def test_joining_and_being_admitted(browser: Browser, market: Market):
    user, boss = make_user(), runner(market.cluster)
    client = browser(user)
    form = {
        "capacity": "supplier",
        "kind": "person",
        "name": "Lao Zhou",
        "phone": "13800138000",
        "province": "浙江",
        "city": "龙泉",
    }
    assert client.post("/join", form | {"phone": "x"}).status_code == 422
    assert client.post("/join", form).status_code == 302
    member = Member.objects.get(name="Lao Zhou", cluster=market.cluster)
    assert "something is missing" in client.get("/work").content.decode()
    capacity = Capacity.objects.get(member=member)
    operators = browser(boss)
    operators.post(f"/operator/admissions/{capacity.pk}", {"what": "admit", "merchant": "sub-1"})
    capacity.refresh_from_db()
    assert capacity.admitted_at is None, "its papers are missing"
    payee = {
        "real_name": "周大年",
        "id_kind": "resident",
        "id_number": "11010519491231002X",
        "exemption": "handicraft",
        "consent": "on",
    }
    address = f"/m/{member.code}/payee?form=payee"
    assert client.post(address, payee | {"id_number": "1"}).context["payee_form"].errors["id_number"]
    assert client.post(address, payee | {"consent": ""}).context["payee_form"].errors["consent"]
    assert client.post(address, payee).status_code == 302
    assert Payee.objects.get(member=member).consent_version == CONSENT_VERSION
    assert "11010519491231002X" not in client.get(f"/m/{member.code}/payee").content.decode()
    operators.post(f"/operator/admissions/{capacity.pk}", {"what": "admit", "merchant": "sub-1"})
    capacity.refresh_from_db()
    assert capacity.admitted_at is not None


def test_nobody_else_admits(browser: Browser, market: Market):
    asking = make_member(market.cluster)
    capacity = Capacity.objects.create(member=asking, kind=CapacityKind.MAKER, asked_at=asking.created_at)
    assert (
        browser(owner_of(asking)).post(f"/operator/admissions/{capacity.pk}", {"what": "admit"}).status_code
        == 404
    )
    assert browser(runner(make_cluster())).post(f"/operator/admissions/{capacity.pk}", {}).status_code == 404
    capacity.refresh_from_db()
    assert capacity.admitted_at is None


def test_the_proof_runs_on_the_page(browser: Browser, market: Market):
    paid_order(browser, market, browser())
    client = browser(runner(market.cluster))
    assert "Not checked yet." in client.get("/operator/ledger").content.decode()
    assert "Every invariant holds." in client.post("/operator/ledger").content.decode()
    assert "has been checked: every rule held." in client.get("/operator/ledger").content.decode()


def test_asking_for_a_payout_says_why_not(browser: Browser, market: Market):
    client = browser(market.owner())
    page = client.post(f"/m/{market.suppliers[0].code}/payout", follow=True).content.decode()
    assert "notice error" in page
    assert (
        browser(runner(market.cluster))
        .post("/operator/payouts/make", {"channel": "bank"}, follow=True)
        .status_code
        == 200
    )


def test_money_is_given_back_without_a_case(browser: Browser, market: Market):
    buyer, supplier = browser(), browser(market.owner())
    order = paid_order(browser, market, buyer)
    line, address = order.lines.get(kind="goods"), f"/orders/{order.code}/refund"
    assert buyer.get(address).status_code == 404
    assert browser(market.keeper).get(address).status_code == 404
    assert supplier.post(address, {f"line:{line.pk}": "20.01", "words": ""}).status_code == 422
    assert supplier.post(address, {f"line:{line.pk}": "-1", "words": ""}).status_code == 422
    page = supplier.get(address).content.decode()
    key = page.split('name="key" value="')[1].split('"')[0]
    for _ in range(2):  # pressed twice
        supplier.post(address, {f"line:{line.pk}": "3.33", "words": "", "key": key})
    line.refresh_from_db()
    assert line.refunded_minor == 333
