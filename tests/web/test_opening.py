"""A shop in three steps: for somebody who is signed in, and for a stranger who signs in on the way."""

import pytest

from tests.factories.catalog import add_stock, make_offer
from tests.factories.members import make_member, make_user
from tests.web.conftest import Browser
from yunju.catalog.models import ShelfEntry, Stock
from yunju.kernel import clock
from yunju.members.models import Member
from yunju.shops.models import Listing, Shop
from yunju.shops.starting import starting_picks

PHONE = "+8613800138000"


@pytest.fixture
def suppliers(cluster):
    return [make_member(cluster, capacities=("supplier",)) for _ in range(5)]


@pytest.fixture
def offers(suppliers):
    """Five of each of five suppliers; the first supplier's sell best of all."""
    made = [
        make_offer(supplier, shop_bp=1_000, price_minor=1_000) for supplier in suppliers for _ in range(5)
    ]
    for n, offer in enumerate(made[:5]):
        ShelfEntry.objects.filter(offer=offer).update(sold=50 - n)
    return made


def test_what_a_shop_begins_with(cluster, suppliers, offers, django_assert_num_queries):
    Stock.objects.filter(variant__offer=offers[0]).update(remaining=0, received=0)
    with django_assert_num_queries(2):
        picks = starting_picks(cluster.pk)
    assert picks[:3] == [
        offers[1].pk,
        offers[2].pk,
        offers[3].pk,
    ]  # the best sold is sold out, the fifth is one too many
    assert len(picks) == 12
    owners = [Member.objects.get(offers=pk).pk for pk in picks]
    assert max(owners.count(one.pk) for one in suppliers) == 3
    assert picks[3:] == [offer.pk for offer in reversed(offers[5:]) if offer.pk in picks]


def test_what_cannot_be_bought_is_no_beginning(cluster, suppliers):
    make_offer(suppliers[0], stock=0)
    make_offer(suppliers[0], listed=False)
    closed = make_offer(suppliers[0])
    closed.variants.update(closed_at=clock.now())
    assert starting_picks(cluster.pk) == []
    back = make_offer(suppliers[0], stock=None)
    add_stock(back.variants.get(), closed.variants.get().stock.get().place, 1)
    assert starting_picks(cluster.pk) == [back.pk]


def test_three_steps_to_a_shop(browser: Browser, cluster, offers):
    user = make_user(phone=PHONE)
    client = browser(user)
    assert client.get("/open-shop").status_code == 200
    assert client.get("/open-shop/picks")["Location"] == "/open-shop"
    assert client.post("/open-shop", {"name": "Tea & me"})["Location"] == "/open-shop/picks"
    page = client.get("/open-shop/picks")
    shown = [card.offer.code for card in page.context["cards"]]
    assert page.context["chosen"] == shown
    assert len(shown) == 12
    assert "phone" not in page.context["form"].fields
    answer = client.post("/open-shop/picks", {"offers": shown[1:]})
    shop = Shop.objects.get(name="Tea & me", cluster=cluster)
    assert answer["Location"] == f"/shops/{shop.code}/opened"
    picked = Listing.objects.filter(shop=shop).order_by("position").values_list("offer__code", flat=True)
    assert list(picked) == shown[1:]
    assert shop.member.phone == PHONE
    done = client.get(answer["Location"])
    assert done.context["share"].startswith(f"http://{cluster.host}/shops/{shop.code}?s=")
    assert f"/shops/{shop.code}/poster.png" in done.content.decode()
    for again in ("/open-shop", "/open-shop/picks"):
        assert client.get(again)["Location"] == f"/shops/{shop.code}/today"
    assert Shop.objects.filter(member=shop.member).count() == 1


def test_a_stranger_gives_the_name_and_comes_back_with_it(browser: Browser, offers):
    client = browser()
    answer = client.post("/open-shop", {"name": "小铺"})
    assert answer["Location"] == "/sign-in?next=%2Fopen-shop%2Fpicks"
    assert client.get("/open-shop/picks")["Location"].startswith("/sign-in")
    client.force_login(make_user(), backend="django.contrib.auth.backends.ModelBackend")
    page = client.get("/open-shop/picks")
    assert page.context["name"] == "小铺"
    assert "phone" in page.context["form"].fields
    refused = client.post("/open-shop/picks", {"phone": "12", "offers": page.context["chosen"][:2]})
    assert (refused.status_code, list(refused.context["form"].errors)) == (422, ["phone"])
    assert refused.context["chosen"] == page.context["chosen"][:2]
    client.post("/open-shop/picks", {"phone": "13800138000"})
    shop = Shop.objects.get(name="小铺", member__phone=PHONE)
    assert not Listing.objects.filter(shop=shop).exists()


@pytest.mark.parametrize("name", ["", "  ", "<b>", "躺赚小店", "月 入·过 万", "x" * 61])
def test_a_name_that_cannot_be_is_refused_at_the_first_step(browser: Browser, cluster, name: str):
    client = browser(make_user(phone=PHONE))
    answer = client.post("/open-shop", {"name": name})
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["name"])
    assert client.get("/open-shop/picks")["Location"] == "/open-shop"
    assert not Shop.objects.filter(cluster=cluster).exists()


def test_an_empty_shelf_opens_an_empty_shop(browser: Browser, cluster):
    client = browser(make_user(phone=PHONE))
    client.post("/open-shop", {"name": "Early"})
    assert "Nothing is on the shelf yet" in client.get("/open-shop/picks").content.decode()
    code = client.post("/open-shop/picks", {})["Location"].split("/")[2]
    page = client.get(f"/shops/{code}/today").content.decode()
    assert "Your shop is empty" in page
    assert client.get(f"/shops/{code}/poster.png").status_code == 200


def test_what_is_no_pick_of_the_page_cannot_be_smuggled_in(browser: Browser, cluster, suppliers, offers):
    hidden = make_offer(suppliers[0], listed=False)
    client = browser(make_user(phone=PHONE))
    client.post("/open-shop", {"name": "Mine"})
    assert client.post("/open-shop/picks", {"offers": [hidden.code]}).status_code == 422
    assert not Shop.objects.filter(cluster=cluster).exists()
