"""Buying over the API: cart, purchase, payment told by the provider, dispatch, receipt, case, money."""

import secrets

import pytest

from tests.api.conftest import Caller, problem
from tests.factories.markets import make_market
from tests.factories.members import make_user, operator, owner_of
from tests.factories.shops import make_shop
from yunju.catalog.models import Stock
from yunju.kernel import clock
from yunju.members.models import User
from yunju.orders.models import Line, Order, Purchase, Refund, Share
from yunju.payments.models import Attempt, Notification
from yunju.shops.attribution import make_token

CONTACT = {
    "name": "李四",
    "phone": "13800138000",
    "province": "浙江",
    "city": "杭州",
    "street": "文三路 1 号",
}


@pytest.fixture
def market(db_app):
    return make_market()


@pytest.fixture
def buyer(market):
    return Caller(market.cluster.host, make_user())


def key():
    return secrets.token_hex(16)


def wanted(market, counts=None, **line):
    variants = market.variants
    return {
        "lines": [
            {"variant": variants[n].code, "quantity": count, "shown_minor": variants[n].price_minor} | line
            for n, count in (counts or {0: 1}).items()
        ],
        "contact": CONTACT,
    }


def place(market, caller, counts=None, idempotency_key=None, **line):
    return caller.post(
        "/purchases", wanted(market, counts, **line), **{"Idempotency-Key": idempotency_key or key()}
    )


def hook(body, headers):
    return Caller("127.0.0.1").client.post(
        "/hooks/gateways/simulated", body, content_type="application/json", headers=headers
    )


def pay(buyer, code, provider):
    started = buyer.post(f"/purchases/{code}/payments", {"kind": "redirect"})
    assert started.status_code == 201, started.content
    out_no = started.json()["out_no"]
    provider.pay(out_no)
    return provider.hears(out_no)[0]


def test_a_purchase_of_two_suppliers_is_placed_once_per_key(market, buyer):
    same = key()
    first = place(market, buyer, {0: 2, 1: 1}, same)
    assert first.status_code == 201, first.content
    told = first.json()
    assert (told["total_minor"], told["currency"], len(told["orders"])) == (2 * 9_999 + 5_000, "CNY", 2)
    again = place(market, buyer, {0: 2, 1: 1}, same)
    assert again.json() == told
    assert (first.headers.get("Idempotent-Replay"), again["Idempotent-Replay"]) == (None, "true")
    assert problem(place(market, buyer, {0: 1}, same))[:2] == (422, "idempotency.conflict")
    assert Purchase.objects.filter(cluster_id=market.cluster.pk).count() == 1
    shown = buyer.get(f"/purchases/{told['code']}").json()
    assert (shown["payment_state"], shown["paid_at"]) == ("unpaid", None)
    assert {one["code"] for one in shown["orders"]} == {one["code"] for one in told["orders"]}
    assert buyer.get("/purchases").json()["items"] == [shown]


@pytest.mark.parametrize("bad", ["", "short", "with space and 16 chars", "x" * 256])
def test_a_purchase_needs_a_key_of_its_form(market, buyer, bad):
    answer = buyer.post("/purchases", wanted(market), **({"Idempotency-Key": bad} if bad else {}))
    assert problem(answer)[0] == 422
    assert not Purchase.objects.filter(cluster_id=market.cluster.pk).exists()


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"shown_minor": 1}, "price.changed", "lines.0"),
        ({"shown_minor": "9999"}, "input.not_integer", "lines.0.shown_minor"),
        ({"shown_minor": -1}, "api.too_small", "lines.0.shown_minor"),
        ({"quantity": 0}, "api.too_small", "lines.0.quantity"),
        ({"quantity": -1}, "api.too_small", "lines.0.quantity"),
        ({"quantity": 1.5}, "input.not_integer", "lines.0.quantity"),
        ({"quantity": 10**9}, "api.too_large", "lines.0.quantity"),
        ({"quantity": True}, "input.not_integer", "lines.0.quantity"),
        ({"variant": "NOSUCH"}, "offer.unknown", "lines.0.variant"),
        ({"price_minor": 1}, "api.unknown_key", "lines.0.price_minor"),
        ({"shop_id": 1}, "api.unknown_key", "lines.0.shop_id"),
        ({"context": "<b>"}, "input.range", "lines.0"),
    ],
)
def test_a_tampered_line_is_refused_at_its_place_and_nothing_is_reserved(market, buyer, change, code, field):
    assert problem(place(market, buyer, **change)) == (422, code, field)
    assert not Purchase.objects.filter(cluster_id=market.cluster.pk).exists()
    assert Stock.objects.get(variant=market.variants[0]).reserved == 0


def test_a_changed_price_is_told_with_both_prices(market, buyer):
    told = place(market, buyer, shown_minor=9_000).json()
    assert (told["params"]["shown"], told["params"]["now"]) == (9_000, 9_999)


def test_a_bad_address_is_told_field_by_field(market, buyer):
    body = wanted(market) | {"contact": CONTACT | {"name": "", "phone": "abc"}}
    told = buyer.post("/purchases", body, **{"Idempotency-Key": key()}).json()
    assert {one["field"] for one in told["errors"]} == {"contact.name", "contact.phone"}


def test_the_share_token_names_the_shop_and_the_buyer_may_leave_it_out(market, buyer):
    token = make_token(market.shop.pk, "poster")
    made = place(market, buyer, share=token).json()
    line = Line.objects.get(order__code=made["orders"][0]["code"])
    assert (line.shop_id, line.source) == (market.shop.pk, "poster")
    assert Share.objects.get(line_id=line.pk, role="shop").payee_id == market.shop.member_id
    for share in ("", "garbage", None):
        made = place(market, buyer, share=share).json()
        assert Line.objects.get(order__code=made["orders"][0]["code"]).shop_id is None


def test_a_shop_that_does_not_list_the_offer_earns_nothing(market, buyer):
    stranger_shop = make_shop(market.roles.get("x") or market.park)
    made = place(market, buyer, share=make_token(stranger_shop.pk, "link")).json()
    assert Line.objects.get(order__code=made["orders"][0]["code"]).shop_id is None


def test_nobody_in_particular_cannot_buy_without_a_browsers_secret(market):
    nobody = Caller(market.cluster.host)
    assert problem(place(market, nobody)) == (401, "buyer.unknown", None)
    with_browser = Caller(market.cluster.host)
    with_browser.client.cookies["yunju_browser"] = secrets.token_urlsafe(32)
    made = place(market, with_browser)
    assert made.status_code == 201, made.content
    assert with_browser.get(f"/purchases/{made.json()['code']}").status_code == 200
    assert problem(nobody.get(f"/purchases/{made.json()['code']}"))[0] == 404


def test_a_purchase_given_up_returns_its_pieces(market, buyer):
    code = place(market, buyer, {0: 3}).json()["code"]
    assert Stock.objects.get(variant=market.variants[0]).reserved == 3
    assert buyer.delete(f"/purchases/{code}").status_code == 204
    assert buyer.delete(f"/purchases/{code}").status_code == 204
    assert Stock.objects.get(variant=market.variants[0]).reserved == 0
    assert problem(buyer.post(f"/purchases/{code}/payments"))[:2] == (409, "purchase.ended")


def test_a_cart_is_filled_changed_and_bought(market, buyer):
    variant = market.variants[0].code
    added = buyer.post(
        "/cart/lines", {"variant": variant, "quantity": 2, "share": make_token(market.shop.pk, "link")}
    )
    assert added.status_code == 201
    (line,) = added.json()["lines"]
    assert (line["quantity"], line["price_minor"], line["shop"]) == (2, 9_999, market.shop.name)
    assert buyer.put(f"/cart/lines/{variant}", {"quantity": 5}).json()["lines"][0]["quantity"] == 5
    assert buyer.delete(f"/cart/lines/{variant}/shop").json()["lines"][0]["shop"] is None
    assert problem(buyer.put(f"/cart/lines/{variant}", {"quantity": -1}))[::2] == (422, "quantity")
    assert buyer.put(f"/cart/lines/{variant}", {"quantity": 0}).json()["lines"] == []
    assert problem(buyer.put(f"/cart/lines/{variant}", {"quantity": 1}))[:2] == (404, "cart.no_line")


def test_the_whole_way_from_payment_to_the_payees(market, buyer, provider):
    placed = place(market, buyer, {0: 2}, share=make_token(market.shop.pk, "link")).json()
    heard = pay(buyer, placed["code"], provider)
    assert buyer.get(f"/purchases/{placed['code']}").json()["payment_state"] == "unpaid", (
        "only the provider's word counts"
    )
    assert hook(heard.body, heard.headers).json() == {"verdict": "paid"}
    assert hook(heard.body, heard.headers).json() == {"verdict": "duplicate"}
    assert buyer.get(f"/purchases/{placed['code']}").json()["payment_state"] == "paid"
    order = placed["orders"][0]["code"]
    seller = Caller(market.cluster.host, owner_of(market.suppliers[0]))
    (row,) = seller.get("/orders?role=supplier&state=to_pack").json()["items"]
    assert (row["code"], row["status"]) == (order, "order.to_pack")
    assert seller.get(f"/orders/{order}").json()["contact"]["name"] == "李四"
    desk = Caller(market.cluster.host, User.objects.get(pk=operator(market.cluster).user_id))
    assert desk.get(f"/orders/{order}").json()["contact"] is None, (
        "uncovered on the desk, with a reason, on record"
    )
    parcel = {"carrier": "sf", "tracking_no": "SF1234567890"}
    packed = seller.put(f"/orders/{order}/parcel", parcel)
    assert packed.status_code == 200, packed.content
    assert seller.put(f"/orders/{order}/parcel", parcel).status_code == 200
    moves = {one["event"] for one in buyer.get(f"/orders/{order}").json()["moves"]}
    assert {"confirm", "extend"} <= moves
    assert problem(seller.post(f"/orders/{order}/moves", {"event": "confirm", "who": "buyer"}))[0] == 403
    done = buyer.post(f"/orders/{order}/moves", {"event": "confirm", "who": "buyer"})
    assert done.json()["after"] == "received"
    assert problem(buyer.post(f"/orders/{order}/moves", {"event": "confirm", "who": "buyer"}))[0] == 409
    codes = [one["code"] for one in buyer.get(f"/orders/{order}/timeline").json()]
    assert codes[0] == "start"
    assert codes[-1] == "confirm"
    check_money(market, order)


def check_money(market, order):
    keeper = Caller(market.cluster.host, market.shopkeeper)
    member = market.shop.member.code
    balances = keeper.get(f"/members/{member}/balances").json()
    assert (balances["pending_minor"], balances["waiting_minor"], balances["available_minor"]) == (
        3_400,
        3_400,
        0,
    )
    (earning,) = keeper.get(f"/members/{member}/earnings").json()["items"]
    assert (earning["amount_minor"], earning["role"], earning["state"]) == (3_400, "shop", "waiting")
    assert earning["due_at"]
    month = clock.local_day(clock.now(), market.cluster.timezone).strftime("%Y-%m")
    statement = keeper.get(f"/members/{member}/statements/{month}").json()
    assert (statement["gross_minor"], statement["closing_minor"]) == (3_400, 3_400)
    assert problem(keeper.get(f"/members/{member}/statements/2026-13"))[0] == 422
    assert problem(keeper.get(f"/members/{market.suppliers[0].code}/balances"))[:2] == (
        404,
        "members.no_member",
    )
    seen = keeper.get(f"/orders/{order}").json()
    assert (seen["contact"], seen["moves"], seen["purchase"]) == (None, [], None), (
        "a shop sees the state alone"
    )
    assert problem(keeper.get(f"/orders/{order}/timeline"))[0] == 404


def test_a_refund_is_given_once_per_key(market, buyer, provider):
    placed = place(market, buyer, {0: 2}).json()
    heard = pay(buyer, placed["code"], provider)
    hook(heard.body, heard.headers)
    order = placed["orders"][0]["code"]
    seller = Caller(market.cluster.host, owner_of(market.suppliers[0]))
    body, same = {"lines": [{"line": 1, "amount_minor": 500}]}, key()
    for _ in range(2):
        answer = seller.post(f"/orders/{order}/refunds", body, **{"Idempotency-Key": same})
        assert answer.json() == {"done": True}, answer.content
    assert Refund.objects.get(order_id=Order.objects.get(code=order).pk).amount_minor == 500
    other = {"lines": [{"line": 1, "amount_minor": 501}]}
    refused = seller.post(f"/orders/{order}/refunds", other, **{"Idempotency-Key": same})
    assert problem(refused)[:2] == (422, "idempotency.conflict")
    too_much = {"lines": [{"line": 1, "amount_minor": 10**9}]}
    assert problem(seller.post(f"/orders/{order}/refunds", too_much, **{"Idempotency-Key": key()}))[0] == 409
    unknown = {"lines": [{"line": 9, "amount_minor": 1}]}
    assert problem(seller.post(f"/orders/{order}/refunds", unknown, **{"Idempotency-Key": key()}))[:2] == (
        422,
        "order.no_line",
    )
    assert problem(buyer.post(f"/orders/{order}/refunds", body, **{"Idempotency-Key": key()}))[0] == 403


def test_a_case_is_opened_and_answered(market, buyer, provider):
    placed = place(market, buyer, {0: 2}).json()
    heard = pay(buyer, placed["code"], provider)
    hook(heard.body, heard.headers)
    order = placed["orders"][0]["code"]
    seller = Caller(market.cluster.host, owner_of(market.suppliers[0]))
    ask = {"kind": "refund", "reason": "not_needed", "lines": [{"line": 1, "quantity": 1}]}
    assert problem(seller.post(f"/orders/{order}/cases", ask))[:2] == (403, "flow.not_yours")
    opened = buyer.post(f"/orders/{order}/cases", ask)
    assert opened.status_code == 201, opened.content
    case = opened.json()
    assert (case["state"], case["lines"][0]["amount_minor"], case["order"]) == ("asked", 9_999, order)
    assert problem(buyer.post(f"/orders/{order}/cases", ask))[:2] == (409, "case.open_already")
    assert (
        problem(buyer.post(f"/cases/{case['code']}/answers", {"event": "agree", "who": "supplier"}))[0] == 403
    )
    agreed = seller.post(f"/cases/{case['code']}/answers", {"event": "agree", "who": "supplier"})
    assert agreed.json()["state"] == "settled", agreed.content
    assert buyer.get("/cases").json()["items"][0]["code"] == case["code"]


def test_a_forged_stale_or_unknown_notification_changes_nothing(market, buyer, provider):
    placed = place(market, buyer).json()
    heard = pay(buyer, placed["code"], provider)
    before = Notification.objects.count()
    forged = heard.body.replace(b'"paid"', b'"Paid"')
    assert problem(hook(forged, heard.headers)) == (401, "payments.forged", None)
    assert problem(hook(heard.body, {}))[:2] == (401, "payments.forged")
    assert problem(hook(b"", {}))[0] == 401
    client = Caller("127.0.0.1").client
    assert client.get("/hooks/gateways/simulated").status_code == 405
    assert problem(client.post("/hooks/gateways/nosuch", b"{}", content_type="application/json"))[0] == 404
    assert Notification.objects.count() == before
    assert Attempt.objects.get(purchase_id=Purchase.objects.get(code=placed["code"]).pk).state == "started"
    assert buyer.get(f"/purchases/{placed['code']}").json()["payment_state"] == "unpaid"


def test_the_way_of_paying_follows_the_browser(market, buyer, provider):
    code = place(market, buyer).json()["code"]
    for agent, kind in (("MicroMessenger", "jsapi"), ("iPhone", "redirect"), ("Desktop", "qr")):
        told = buyer.call("POST", f"/purchases/{code}/payments", {}, **{"User-Agent": agent}).json()
        assert (told["kind"], told["answer"]["kind"]) == (kind, kind)
    assert buyer.post(f"/purchases/{code}/payments", {"kind": "form"}).json()["answer"]["fields"]
    assert problem(buyer.post(f"/purchases/{code}/payments", {"kind": "cash"}))[::2] == (422, "kind")


def test_payout_runs_are_the_operators(market):
    owner = Caller(market.cluster.host, owner_of(market.operator))
    assert owner.get("/payout-runs").json()["items"] == []
    assert problem(owner.post("/payout-runs", {}))[:2] == (409, "payouts.nobody")
    seller = Caller(market.cluster.host, owner_of(market.suppliers[0]))
    assert seller.get("/payout-runs").json()["items"] == []
    assert problem(seller.post("/payout-runs", {}))[0] == 404
    member = market.suppliers[0].code
    assert problem(seller.post(f"/members/{member}/payouts"))[0] == 409
    assert seller.get(f"/members/{member}/payouts").json()["items"] == []
