"""Shops, listings and offers over the API: exact answers, and refusals that change nothing."""

import io

import pytest
import zxingcpp
from PIL import Image

from tests.api.conftest import Caller, problem
from tests.factories.catalog import make_offer, only_variant
from tests.factories.markets import make_market
from tests.factories.materials import make_material
from tests.factories.members import acts_for, make_member, make_user, owner_of
from tests.factories.shops import make_listing, make_shop
from yunju.catalog.models import Offer, Picture, Stock
from yunju.kernel import clock
from yunju.members.models import User
from yunju.members.words import CapacityKind, RoleKind
from yunju.shops.attribution import make_token, read_token
from yunju.shops.models import Listing, MaterialPost, Shop


@pytest.fixture
def supplier(cluster):
    return make_member(cluster, capacities=(CapacityKind.SUPPLIER,))


@pytest.fixture
def shop(cluster):
    return make_shop(make_member(cluster, capacities=(CapacityKind.SHOPKEEPER,)), name="Old")


@pytest.fixture
def keeper(cluster, shop):
    return Caller(cluster.host, owner_of(shop.member))


def test_a_shop_is_opened_edited_and_closed(cluster):
    caller = Caller(cluster.host, make_user())
    made = caller.post("/shops", {"name": "小店", "phone": "138 0013 8000", "intro": "hi"})
    code = made.json()["code"]
    assert made.json() == {"code": code, "name": "小店", "intro": "hi", "is_open": True}
    assert caller.get("/shops").json() == [made.json()]
    assert caller.get("/me").json()["shops"] == [code]
    assert problem(caller.post("/shops", {"name": "x", "phone": "13800138000"}))[:2] == (
        409,
        "shops.already_open",
    )
    assert caller.patch(f"/shops/{code}", {"name": "新"}).json()["name"] == "新"
    assert problem(caller.patch(f"/shops/{code}", {"name": ""})) == (422, "input.required", "name")
    assert caller.delete(f"/shops/{code}").status_code == 204
    assert problem(Caller(cluster.host).get(f"/shops/{code}"))[0] == 404
    assert caller.get(f"/shops/{code}").json()["is_open"] is False


def test_picks_are_arranged_and_shown(cluster, nobody, supplier, shop, keeper):
    one, two = make_offer(supplier, title="one", price_minor=700), make_offer(supplier, title="two")
    assert keeper.post(f"/shops/{shop.code}/listings", {"offers": [one.code, two.code]}).json() == {
        "picked": 2
    }
    assert keeper.post(f"/shops/{shop.code}/listings", {"offers": [one.code]}).json() == {"picked": 0}
    picture = Picture.objects.create(offer=one, file="offers/1.jpg", alt="a")
    base = f"/shops/{shop.code}/listings"
    assert keeper.patch(f"{base}/{one.code}", {"title": "Mine", "picture": picture.pk}).status_code == 204
    assert keeper.put(f"/shops/{shop.code}/order", {"offers": [two.code]}).status_code == 204
    shown = nobody.get(base).json()
    assert [row["title"] for row in shown["items"]] == ["two", "Mine"]
    assert shown["items"][1] == {
        "offer": one.code,
        "title": "Mine",
        "supplier_name": supplier.name,
        "price_minor": 700,
        "price_to_minor": 700,
        "currency": "CNY",
        "remaining": 10,
        "picture": "/media/offers/1.jpg",
        "picture_alt": "a",
        "position": 1,
    }
    first = nobody.get(f"{base}?limit=1").json()
    second = nobody.get(f"{base}?limit=1&cursor={first['next_cursor']}").json()
    assert [first["items"][0]["title"], second["items"][0]["title"]] == ["two", "Mine"]
    assert second["next_cursor"] is None
    for wrong in ({"price_minor": 1}, {"stock": 5}, {"title": "<a>"}, {"picture": "1"}):
        assert problem(keeper.patch(f"{base}/{one.code}", wrong))[0] == 422
    assert keeper.delete(f"{base}/{one.code}").status_code == 204
    assert problem(keeper.delete(f"{base}/{one.code}")) == (404, "shops.no_listing", None)


def test_all_offers_of_a_pick_or_none(supplier, shop, keeper):
    good, hidden = make_offer(supplier), make_offer(supplier, listed=False)
    answer = keeper.post(f"/shops/{shop.code}/listings", {"offers": [good.code, hidden.code]})
    assert problem(answer) == (404, "shops.no_offer", "offers")
    assert not Listing.objects.filter(shop=shop).exists()


def test_a_link_is_signed_for_the_shop_and_its_people(cluster, shop, keeper):
    made = keeper.post(f"/shops/{shop.code}/share-codes")
    code = made.json()["code"]
    assert made.status_code == 201
    assert keeper.get(f"/shops/{shop.code}/share-codes").json() == [made.json()]
    link = keeper.post(f"/shops/{shop.code}/links", {"source": "poster", "share_code": code}).json()
    found = read_token(link["token"], clock.now(), 7)
    assert (found.shop_id, found.source, found.share_code) == (shop.pk, "poster", code)
    assert link["url"] == f"http://{cluster.host}/shops/{shop.code}?s={link['token']}"
    assert problem(keeper.post(f"/shops/{shop.code}/links", {"share_code": "OTHER"}))[:2] == (
        404,
        "shops.no_share_code",
    )
    assert problem(keeper.post(f"/shops/{shop.code}/links", {"source": "none"}))[:2] == (422, "input.choice")
    assert keeper.delete(f"/share-codes/{code}").status_code == 204
    assert keeper.get(f"/shops/{shop.code}/share-codes").json() == []


def test_an_offer_is_made_priced_listed_and_withdrawn(cluster, nobody, supplier):
    caller = Caller(cluster.host, owner_of(supplier))
    designer = make_member(cluster, capacities=(CapacityKind.DESIGNER,))
    body = {
        "supplier": supplier.code,
        "offer": {"title": "Lamp", "body_html": "<p>ok</p><script>x</script>", "option_names": ["色"]},
        "variants": [{"price_minor": 1_000, "options": ["红"]}, {"price_minor": 1_200, "options": ["蓝"]}],
        "rule": {"shop": {"bp": 1_500}, "roles": [{"role": "designer", "member": designer.code, "bp": 500}]},
        "counts": [3, 4],
        "listed": True,
    }
    made = caller.post("/offers", body)
    assert made.status_code == 201, made.content
    shown = nobody.get(f"/offers/{made.json()['code']}").json()
    assert shown == made.json()
    assert (shown["shop_bp"], shown["on_shelf"], shown["currency"]) == (1_500, True, "CNY")
    assert "script" not in shown["body_html"]
    assert [(one["price_minor"], one["remaining"]) for one in shown["variants"]] == [(1_000, 3), (1_200, 4)]
    variant, code = shown["variants"][0]["code"], shown["code"]
    assert (
        caller.put(f"/variants/{variant}/price", {"price_minor": 900}).json()["variants"][0]["price_minor"]
        == 900
    )
    assert caller.put(f"/variants/{variant}/stock", {"count": 9}).json() == {"remaining": 9}
    assert Stock.objects.get(variant__code=variant).remaining == 9
    assert caller.put(f"/offers/{code}/rule", {"shop": {"bp": 2_000}}).json()["version"] == 2
    assert problem(caller.put(f"/offers/{code}/rule", {"shop": {"bp": 9_999}}))[0] == 422
    assert nobody.get(f"/offers/{code}").json()["shop_bp"] == 2_000
    assert caller.delete(f"/offers/{code}/shelf").json()["on_shelf"] is False
    assert problem(nobody.get(f"/offers/{code}")) == (404, "offer.unknown", None)
    assert caller.get(f"/offers?supplier={supplier.code}").json()["items"][0]["code"] == code
    assert caller.put(f"/offers/{code}/shelf").json()["on_shelf"] is True
    assert caller.delete(f"/offers/{code}").status_code == 204
    assert problem(nobody.get(f"/offers/{code}"))[0] == 404


@pytest.mark.parametrize("amount", [-1, "100", 1.0, True, None, 10**13, 1e400])
def test_a_price_is_a_whole_number_in_range(cluster, supplier, amount):
    offer = make_offer(supplier, price_minor=500)
    caller = Caller(cluster.host, owner_of(supplier))
    body = '{"price_minor": 1e400}' if amount == 1e400 else {"price_minor": amount}
    status, _, field = problem(caller.put(f"/variants/{only_variant(offer).code}/price", body))
    assert (status, field) == (422, "price_minor")
    assert only_variant(offer).price_minor == 500


def test_no_field_of_a_table_can_be_assigned_from_outside(cluster, shop, keeper):
    """Mass assignment: every column of the tables behind these routes, one after another, is an unknown key."""
    offered = {"name", "intro"}
    for field in Shop._meta.concrete_fields:
        if field.name in offered:
            continue
        answer = keeper.patch(f"/shops/{shop.code}", {field.name: 1})
        assert problem(answer) == (422, "api.unknown_key", field.name)
    supplier = make_member(cluster, capacities=(CapacityKind.SUPPLIER,))
    offer = make_offer(supplier)
    caller = Caller(cluster.host, owner_of(supplier))
    for field in Offer._meta.concrete_fields:
        known = {
            "title",
            "body_html",
            "category",
            "brand",
            "tags",
            "option_names",
            "returnable",
            "after_sale_days",
            "mode",
        }
        if field.name not in known:
            answer = caller.put(f"/offers/{offer.code}", {"title": "x", field.name: 1})
            assert problem(answer) == (422, "api.unknown_key", field.name)
    assert Offer.objects.get(pk=offer.pk).title == offer.title


def test_staff_may_arrange_and_cashiers_may_not(cluster, shop):
    clerk, cashier = make_user(), make_user()
    for user, kind in ((clerk, RoleKind.STAFF), (cashier, RoleKind.CASHIER)):
        shop.member.roles.create(user=user, kind=kind, granted_at=clock.now())
    assert Caller(cluster.host, clerk).patch(f"/shops/{shop.code}", {"intro": "x"}).status_code == 200
    assert problem(Caller(cluster.host, cashier).patch(f"/shops/{shop.code}", {"intro": "y"}))[0] == 403
    assert Shop.objects.get(pk=shop.pk).intro == "x"


def test_the_shelf_is_found_by_words_and_category_of_this_cluster_alone(db_app):
    market, other = make_market(), make_market()
    market.offers[0].title = "唯一的灯"
    caller = Caller(market.cluster.host)
    codes = {one["code"] for one in caller.get("/shelf").json()["items"]}
    assert codes == {offer.code for offer in market.offers}
    assert problem(caller.get(f"/offers/{other.offers[0].code}"))[0] == 404
    assert caller.get("/shelf?q=nothing%20has%20these").json() == {"items": [], "next_cursor": None}
    assert caller.get("/shelf?category=none").json()["items"] == []


def test_material_is_read_and_marked_as_posted(cluster, nobody, supplier, shop, keeper):
    offer = make_offer(supplier)
    material = make_material(offer, "Two days for one cup", pictures=2)
    make_material(offer, ended_at=clock.now())
    (shown,) = nobody.get(f"/offers/{offer.code}/materials").json()
    assert (shown["code"], shown["text"]) == (material.code, "Two days for one cup")
    assert [one["url"] for one in shown["pictures"]] == [
        f"/media/materials/{material.code}-{n}.jpg" for n in (0, 1)
    ]
    posts = f"/shops/{shop.code}/posts"
    assert keeper.post(posts, {"material": material.code}).status_code == 204
    assert MaterialPost.objects.get(shop=shop).material == material
    assert problem(keeper.post(posts, {"material": "NOSUCH"})) == (404, "shops.no_material", "material")
    assert keeper.delete(f"{posts}/{material.code}").status_code == 204
    assert not MaterialPost.objects.filter(shop=shop).exists()


def test_the_day_in_figures_and_the_poster(cluster, supplier, shop, keeper):
    offer = make_offer(supplier)
    make_listing(shop, offer)
    told = keeper.get(f"/shops/{shop.code}/today").json()
    day = clock.local_day(clock.now(), cluster.timezone).isoformat()
    empty = {"views": 0, "visitors": 0, "orders_placed": 0, "orders_paid": 0, "earned_minor": 0}
    assert told["today"] == {"day": day, **empty}
    assert (told["available_minor"], told["next_due_at"]) == (0, None)
    found = keeper.get(f"/shops/{shop.code}/poster?offer={offer.code}")
    picture = Image.open(io.BytesIO(found.content)).convert("RGB")
    assert picture.size == (750, 1334)
    (code,) = zxingcpp.read_barcodes(picture)
    assert code.text == f"http://{cluster.host}/offers/{offer.code}?s={make_token(shop.pk, 'poster')}"
    assert problem(keeper.get(f"/shops/{shop.code}/poster?offer=NOSUCH"))[0] == 404
    staff = Caller(cluster.host, User.objects.get(pk=acts_for(shop.member, RoleKind.STAFF).user_id))
    hidden = staff.get(f"/shops/{shop.code}/today").json()
    assert (hidden["today"]["earned_minor"], hidden["available_minor"]) == (None, None)
