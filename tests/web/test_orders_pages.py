"""The page of an order and what hangs on it: the door, the claim, threads, reviews, cards, the list."""

import io
import re
import secrets
from dataclasses import dataclass

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image
from python_calamine import CalamineWorkbook

from tests.factories.catalog import make_offer
from tests.factories.members import acts_for, make_user, operator
from tests.web.conftest import Browser
from tests.web.entrances import quiet_phones, texted
from tests.web.market import Market, make_market, make_paid, place, put_in_cart
from yunju.fulfilment.contract import Who
from yunju.kernel import clock, pictures
from yunju.members.actions import codes
from yunju.members.models import PhoneCode, Role, User
from yunju.members.queries import actor_for
from yunju.members.words import RoleKind
from yunju.modes.ship import actions as ship
from yunju.orders.flow import actions as flow
from yunju.orders.models import Case, CasePhoto, Order
from yunju.shops.attribution import make_token
from yunju.talks.models import Message, Review, ServiceCard, Thread


@dataclass
class Bought:
    """An order of a browser without account, paid."""

    market: Market
    client: Client
    order: Order
    phone: str

    @property
    def page(self) -> str:
        return f"/orders/{self.order.code}"

    def receive(self) -> None:
        by = acts_for(self.market.suppliers[0])
        cluster_id = self.market.cluster.pk
        ship.pack(
            cluster_id=cluster_id, order_id=self.order.pk, carrier="sf", tracking_no="SF1234567890123", by=by
        )
        flow.move(
            cluster_id=cluster_id,
            order_ids=[self.order.pk],
            event="confirm",
            who=Who.OPERATOR,
            by=operator(self.market.cluster),
        )


@pytest.fixture
def bought(cluster, browser: Browser) -> Bought:
    market = make_market(cluster)
    client = browser()
    put_in_cart(client, market.offers[0], 2, s=make_token(market.shop.pk, "link"))
    phone = f"139{secrets.randbelow(10**4):04}4321"
    return Bought(market, client, make_paid(place(client, phone=phone))[0], phone)


def text(answer) -> str:
    return answer.content.decode()


def photo(colour: str = "teal") -> SimpleUploadedFile:
    written = io.BytesIO()
    Image.new("RGB", (64, 48), colour).save(written, "JPEG")
    return SimpleUploadedFile("p.jpg", written.getvalue(), "image/jpeg")


def runner(bought: Bought) -> User:
    return User.objects.get(pk=operator(bought.market.cluster).user_id)


def test_a_shop_sees_the_lines_that_it_brought(browser: Browser, cluster):
    market, client = make_market(cluster), browser()
    other = make_offer(market.suppliers[0], title="Bought without the shop", price_minor=4_321)
    put_in_cart(client, market.offers[0], s=make_token(market.shop.pk, "link"))
    put_in_cart(client, other)
    order = make_paid(place(client))[0]
    page = text(browser(market.keeper).get(f"/orders/{order.code}"))
    assert market.offers[0].title in page
    assert other.title not in page
    assert "43.21" not in page
    assert other.title in text(browser(market.owner()).get(f"/orders/{order.code}"))


# --- the door -----------------------------------------------------------------------------------------------------


def door_of(bought: Bought) -> str:
    return bought.client.get(bought.page).context["link"].split(bought.market.cluster.host)[1]


def test_the_link_and_four_digits_open_the_order_in_a_fresh_browser(bought: Bought, browser: Browser):
    door, fresh = door_of(bought), browser()
    assert fresh.get(bought.page).status_code == 404
    asked = fresh.get(door)
    assert "Last four digits" in text(asked)
    assert bought.order.number not in text(asked), "the link by itself says nothing of the order"
    assert bought.phone not in text(asked)
    assert fresh.post(door, {"digits": "1234"}).status_code == 422
    assert fresh.post(door, {"digits": "4321"})["Location"] == bought.page
    page = fresh.get(bought.page)
    assert "Road 1" in text(page)
    assert fresh.get(door)["Location"] == bought.page, "remembered"
    assert [order.pk for order, _ in fresh.get("/orders").context["rows"]] == [bought.order.pk]
    assert browser().get(bought.page).status_code == 404, "for that browser alone"


def test_after_too_many_wrong_digits_a_code_to_the_phone_opens_the_order(
    bought: Bought, browser: Browser, settings, tmp_path
):
    settings.YUNJU_HOME = tmp_path
    quiet_phones()
    door, thief, owner = door_of(bought), browser(), browser()
    for _ in range(5):
        assert thief.post(door, {"digits": "1234"}).status_code == 422
    assert thief.post(door, {"digits": "4321"}).status_code == 200, "the right ones come too late"
    asked = owner.get(door)
    assert "A code sent to the phone of the order opens it" in text(asked)
    assert "4321" not in text(asked)
    sent = owner.post(door, {"step": "send"})
    assert "4321" not in text(sent), "whoever has the link alone learns no digit of the phone"
    digits = texted(bought.market.cluster)
    assert thief.post(door, {"step": "check", "code": digits}).status_code == 422
    assert owner.post(door, {"step": "check", "code": digits})["Location"] == bought.page
    assert "Road 1" in text(owner.get(bought.page))
    assert thief.get(bought.page).status_code == 404


def test_the_opened_order_is_the_buyers_to_move(bought: Bought, browser: Browser):
    fresh = browser()
    fresh.post(door_of(bought), {"digits": "4321"})
    fresh.post(f"{bought.page}/move", {"event": "ask_cancel", "who": "buyer"})
    assert "Agree to cancel" in text(browser(bought.market.owner()).get(bought.page))


@pytest.mark.parametrize("path", ["/o/{code}", "/o/{code}.AAAA", "/o/AAAAAAAAAAAAAAAA.x", "/o/."])
def test_a_forged_link_is_no_door(bought: Bought, browser: Browser, path: str):
    assert browser().get(path.format(code=bought.order.code)).status_code == 404


def test_whoever_has_an_account_is_given_no_link(bought: Bought, browser: Browser):
    client = browser(make_user())
    put_in_cart(client, bought.market.offers[0])
    order = make_paid(place(client))[0]
    assert client.get(f"/orders/{order.code}").context["link"] == ""
    assert browser(bought.market.owner()).get(bought.page).context["link"] == ""


# --- money back ---------------------------------------------------------------------------------------------------


def prove(bought: Bought, client: Client) -> None:
    client.post(f"{bought.page}/after-sale", {"step": "send"})
    waiting = PhoneCode.objects.filter(cluster_id=bought.market.cluster.pk, told_at=None)
    digits = codes.make_digits(code_ids=[one.pk for one in waiting])[0].digits
    answer = client.post(f"{bought.page}/after-sale?kind=refund", {"code": digits, "step": "check"})
    assert answer["Location"] == f"{bought.page}/after-sale?kind=refund"


def test_a_claim_is_what_why_and_send_with_a_photo(bought: Bought):
    page = text(bought.client.get(bought.page))
    assert f"{bought.page}/after-sale?kind=refund" in page
    assert "kind=return" not in page, "nothing was sent yet"
    asked = bought.client.get(f"{bought.page}/after-sale?kind=refund")
    assert f"139 **** {bought.phone[-4:]}" in text(asked)
    assert bought.phone not in text(asked)
    wrong = bought.client.post(f"{bought.page}/after-sale", {"code": "000000", "step": "check"})
    assert wrong.status_code == 422
    prove(bought, bought.client)
    shown = bought.client.get(f"{bought.page}/after-sale?kind=refund")
    assert (bought.order.lines.get(kind="goods").title in text(shown), "¥20.00" in text(shown)) == (
        True,
        True,
    )
    form = shown.context["form"]
    assert [code for code, _words in form.fields["reason"].choices] == ["not_needed", "late", "other"]
    pieces = {field.html_name: field.value() for field in form.pieces_fields()}
    sent = bought.client.post(
        f"{bought.page}/after-sale?kind=refund",
        {"kind": "refund", "reason": "late", "photos": [photo(), photo("red")]} | pieces,
    )
    assert sent["Location"] == bought.page
    case = Case.objects.get(order_id=bought.order.pk)
    assert (case.kind, case.reason, case.amount_minor) == ("refund", "late", 2_000)
    assert CasePhoto.objects.filter(case=case).count() == 2
    told = bought.client.get(bought.page)
    assert "silence counts as yes" in text(told)
    assert told.context["case_due"] is not None


def test_photos_open_by_links_that_expire_for_those_who_see_the_case(
    bought: Bought, browser: Browser, monkeypatch
):
    prove(bought, bought.client)
    line = bought.order.lines.get(kind="goods")
    bought.client.post(
        f"{bought.page}/after-sale",
        {"kind": "refund", "reason": "other", f"line:{line.pk}": "1", "photos": [photo()]},
    )
    owner = bought.market.owner()
    seller = browser(owner)
    small, whole = seller.get(bought.page).context["photos"][0]
    keeper = browser(bought.market.keeper).get(bought.page)
    assert "photos" not in keeper.context, "the shop sees the state, no photo"
    for address in (small, whole):
        got = seller.get(address)
        assert (got.status_code, got["Content-Type"]) == (200, "image/webp")
        assert "sandbox" in got["Content-Security-Policy"]
        assert got["Cache-Control"] == "private, no-store"
        assert b"".join(got.streaming_content)[:4] == b"RIFF"
        for other in (browser(), browser(bought.market.keeper), bought.client):
            assert other.get(address).status_code == 404, "passed on, the address opens nothing"
    own = bought.client.get(bought.page).context["photos"][0][0]
    assert b"".join(bought.client.get(own).streaming_content), "without an account the browser is the viewer"
    assert browser().get(own).status_code == 404
    roles = Role.objects.filter(user=owner)
    roles.update(ended_at=clock.now())
    assert seller.get(whole).status_code == 404, "with the role the link is gone"
    roles.update(ended_at=None)
    assert b"".join(seller.get(whole).streaming_content)
    monkeypatch.setattr(pictures, "LINK_SECONDS", -1)
    assert seller.get(whole).status_code == 404
    name = CasePhoto.objects.get(case__order_id=bought.order.pk).name
    for path in (f"/private/{name}", f"/media/{name}"):
        assert seller.get(path).status_code == 404


@pytest.mark.parametrize("name", ["keys/secret.webp", "cases/../../env.webp", "cases/x.html"])
def test_a_signed_name_outside_the_folders_is_not_there(bought: Bought, browser: Browser, name: str):
    owner = bought.market.owner()
    signed = pictures.private_link(name, actor_for(owner, bought.market.cluster))
    assert browser(owner).get(f"/private/{signed}").status_code == 404


def test_a_bad_photo_is_told_and_nothing_is_asked(bought: Bought):
    prove(bought, bought.client)
    line = bought.order.lines.get(kind="goods")
    answer = bought.client.post(
        f"{bought.page}/after-sale",
        {
            "kind": "refund",
            "reason": "other",
            f"line:{line.pk}": "1",
            "photos": [SimpleUploadedFile("p.jpg", b"<svg onload=alert(1)>", "image/jpeg")],
        },
    )
    assert answer.status_code == 422
    assert not Case.objects.filter(order_id=bought.order.pk).exists()


# --- talks --------------------------------------------------------------------------------------------------------


def test_buyer_and_supplier_talk_and_the_shop_sees_the_state(bought: Bought, browser: Browser):
    bought.client.post(f"{bought.page}/talk", {"words": "When?", "side": "buyer", "pictures": [photo()]})
    supplier = browser(bought.market.owner())
    listed = supplier.get(f"/m/{bought.market.suppliers[0].code}/talks")
    assert [state for _, _, state in listed.context["waiting"]] == ["waiting"]
    page = supplier.get(bought.page)
    assert "When?" in text(page)
    assert page.context["talk"].unread == 1
    assert supplier.get(bought.page).context["talk"].unread == 0, "looking is reading"
    shop = browser(bought.market.keeper).get(bought.page)
    assert "When?" not in text(shop)
    assert "Answer due" in text(shop)
    supplier.post(f"{bought.page}/talk", {"words": "Today", "side": "supplier"})
    assert "New message" in text(bought.client.get("/orders"))
    assert "Today" in text(bought.client.get(bought.page))
    assert "New message" not in text(bought.client.get("/orders"))
    assert Message.objects.filter(thread__order_id=bought.order.pk).count() == 2


def test_the_operator_joins_in_sight_of_both(bought: Bought, browser: Browser):
    bought.client.post(f"{bought.page}/talk", {"words": "Please help", "side": "buyer"})
    boss = browser(runner(bought))
    assert "Please help" not in text(boss.get(bought.page))
    boss.post(f"{bought.page}/talk/join")
    assert "Please help" in text(boss.get(bought.page))
    assert "The operator has joined" in text(bought.client.get(bought.page))


def test_strangers_say_nothing(bought: Bought, browser: Browser):
    for stranger in (browser(), browser(make_user()), browser(bought.market.owner(1))):
        assert stranger.post(f"{bought.page}/talk", {"words": "x"}).status_code == 404
        assert stranger.post(f"{bought.page}/talk/join").status_code == 404
    keeper = browser(bought.market.keeper)
    assert keeper.post(f"{bought.page}/talk", {"words": "x"}).status_code == 404
    assert not Thread.objects.filter(order_id=bought.order.pk).exists()
    code = bought.market.suppliers[0].code
    assert browser(bought.market.owner(1)).get(f"/m/{code}/talks").status_code == 404
    assert browser(bought.market.owner(1)).get(f"/m/{code}/reviews").status_code == 404
    assert browser(bought.market.owner(1)).get(f"/m/{code}/service").status_code == 404


def test_a_review_is_written_answered_and_shown(bought: Bought, browser: Browser):
    line = bought.order.lines.get(kind="goods")
    address = f"{bought.page}/review/{line.seq}"
    assert "Write a review" not in text(bought.client.get(bought.page))
    bought.receive()
    assert address in text(bought.client.get(bought.page))
    assert bought.client.post(address, {"words": "no stars"}).status_code == 422
    bought.client.post(address, {"stars": "2", "words": "It chips", "pictures": [photo()]})
    review = Review.objects.get(order_id=bought.order.pk)
    assert (review.stars, review.author) == (2, "C*")
    code = bought.market.suppliers[0].code
    supplier = browser(bought.market.owner())
    assert "It chips" in text(supplier.get(f"/m/{code}/reviews"))
    supplier.post(f"/m/{code}/reviews/{review.code}/answer", {"words": "We send another"})
    page = text(bought.client.get(bought.page))
    assert "We send another" in page
    assert "Change the review" in page
    supplier.post(f"/reviews/{review.code}/hide", {"reason": "insult"})
    review.refresh_from_db()
    assert review.hidden_at is None
    browser(runner(bought)).post(f"/reviews/{review.code}/hide", {"reason": "insult"})
    review.refresh_from_db()
    assert review.hidden_for == "insult"


def test_supplier_and_shop_set_how_they_are_reached(bought: Bought, browser: Browser):
    code = bought.market.suppliers[0].code
    supplier = browser(bought.market.owner())
    supplier.post(f"/m/{code}/service", {"phone": "0571-8888", "hours": "9-18", "picture": photo()})
    browser(bought.market.keeper).post(
        f"/shops/{bought.market.shop.code}/edit?form=service", {"phone": "13700137000", "hours": "9-21"}
    )
    assert ServiceCard.objects.filter(cluster_id=bought.market.cluster.pk).count() == 2
    assert ServiceCard.objects.get(shop_id=bought.market.shop.pk).hours == "9-21"
    assert "0571-8888" in text(bought.client.get(bought.page))
    bad = supplier.post(f"/m/{code}/service", {"phone": "abc", "hours": ""})
    assert bad.status_code == 422
    cashier = make_user()
    bought.market.suppliers[0].roles.create(user=cashier, kind=RoleKind.CASHIER, granted_at=clock.now())
    assert browser(cashier).get(f"/m/{code}/service").status_code == 403
    assert browser(bought.market.owner()).get(f"/shops/{bought.market.shop.code}/edit").status_code == 404


# --- the list -----------------------------------------------------------------------------------------------------


def test_orders_are_found_by_words_and_state_and_exported(cluster, browser: Browser):
    market, user = make_market(cluster), make_user()
    client = browser(user)
    for offer in market.offers:
        put_in_cart(client, offer)
    first, second = make_paid(place(client))
    put_in_cart(client, market.offers[0])
    place(client)

    def found(**query: str) -> set[int]:
        return {order.pk for order, _ in client.get("/orders", query).context["rows"]}

    assert len(found()) == 3
    assert found(q=first.number) == {first.pk}
    assert found(q=market.offers[1].title) == {second.pk}
    assert found(q=second.supplier_name) == {second.pk}
    assert found(state="to_send") == {first.pk, second.pk}
    assert len(found(state="to_pay")) == 1
    assert found(state="received") == set()
    assert "No matching orders" in text(client.get("/orders", {"state": "received"}))
    assert found(state="nonsense", q="%") == set()
    sheet = client.get("/export/my_orders", {"state": "to_send"})
    rows = CalamineWorkbook.from_filelike(io.BytesIO(sheet.content)).get_sheet_by_index(0).to_python()
    assert {row[0] for row in rows[1:]} == {first.number, second.number}
    assert browser().get("/export/my_orders").status_code == 302


def test_an_order_page_asks_a_fixed_number_of_questions(bought: Bought, django_assert_max_num_queries):
    for number in range(5):
        bought.client.post(f"{bought.page}/talk", {"words": str(number), "side": "buyer"})
    with django_assert_max_num_queries(32):
        page = bought.client.get(bought.page)
    assert len(re.findall("said", text(page))) >= 5
