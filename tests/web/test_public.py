"""Pages kept in memory: only for strangers, with a token of their own, compressed, for seconds, bounded."""

import gzip
import re
from datetime import date

import pytest
from django.test import Client

from tests.factories import catalog
from tests.web.conftest import Browser
from tests.web.market import Market, make_market
from yunju.catalog.models import Offer, Picture, Place, Presale, Stock
from yunju.kernel import clock
from yunju.kernel.memory import values as kept_values
from yunju.members.models import Capacity, Member
from yunju.web import public

TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([A-Za-z0-9]{64})"')


@pytest.fixture
def market(cluster) -> Market:
    return make_market(cluster)


@pytest.fixture(autouse=True)
def memory(settings, monkeypatch):
    settings.YUNJU_PAGE_MEMORY = 5
    now = [100.0]
    monkeypatch.setattr(public.time, "monotonic", lambda: now[0])
    public.memory.clear()
    kept_values.clear()
    yield now
    public.memory.clear()
    kept_values.clear()


def test_strangers_share_a_page_and_no_token(browser: Browser, market: Market, django_assert_num_queries):
    address = f"/offers/{market.offers[0].code}"
    first = browser().get(address)
    with django_assert_num_queries(0):
        second = browser().get(address)
    assert TOKEN.sub("", second.content.decode()) == TOKEN.sub("", first.content.decode())
    tokens = set(TOKEN.findall(first.content.decode())), set(TOKEN.findall(second.content.decode()))
    assert len(tokens[0]) == len(tokens[1]) == 1
    assert tokens[0] != tokens[1]
    assert public.BROWSER_COOKIE not in second.cookies
    for name in ("Content-Type", "Content-Security-Policy", "X-Frame-Options", "Referrer-Policy"):
        assert first[name] == second[name]


def test_the_token_of_a_kept_page_is_good(cluster, market: Market):
    offer = market.offers[0]
    Client(headers={"host": cluster.host}).get(f"/offers/{offer.code}")
    client = Client(headers={"host": cluster.host}, enforce_csrf_checks=True)
    page = client.get(f"/offers/{offer.code}").content.decode()
    variant = offer.variants.get()
    given = {"variant": f"{variant.code}:{variant.price_minor}", "quantity": 1}
    token = TOKEN.search(page)[1]
    assert client.post("/cart/add", given | {"csrfmiddlewaretoken": token}).status_code == 302
    assert client.post("/cart/add", given | {"csrfmiddlewaretoken": "x" * 64}).status_code == 403
    assert client.cookies[public.BROWSER_COOKIE].value, "who has a cart is no stranger any more"
    assert offer.title in client.get("/cart").content.decode()


def test_whoever_is_known_gets_a_page_of_their_own(browser: Browser, market: Market, memory):
    offer = market.offers[0]
    address = f"/offers/{offer.code}"
    browser().get(address)
    Offer.objects.filter(pk=offer.pk).update(title="Another name")
    assert "Another name" not in browser().get(address).content.decode(), "a stranger: from memory"
    assert "Another name" in browser(market.keeper).get(address).content.decode()
    visitor = browser()
    visitor.cookies[public.BROWSER_COOKIE] = "x" * 43
    assert "Another name" in visitor.get(address).content.decode()
    assert "Another name" in browser().get(address, {"s": "x"}).content.decode()
    chinese = browser(language="zh-hans").get(address).content.decode()
    assert 'lang="zh-Hans"' in chinese
    assert "Another name" not in browser().get(address).content.decode()
    memory[0] += 6
    assert "Another name" in browser().get(address).content.decode(), "after its seconds it is made anew"


def test_one_makes_it_anew_and_the_others_do_not_wait(memory):
    kept = public.Kept((b"b",), {}, made=100.0, until=105.0)
    public.memory.put("key", kept)
    assert public.memory.get("key", 104.0) is kept
    assert public.memory.get("key", 106.0) is None
    assert public.memory.get("key", 106.0) is kept
    assert public.memory.get("key", 111.0) is None


def price(offer):
    offer.variants.update(price_minor=98_765)


def stock(offer):
    Stock.objects.filter(variant__offer=offer).update(received=3, remaining=3)


def place(offer):
    Place.objects.filter(supplier=offer.supplier).update(closed_at=clock.now())


def freight(offer):
    catalog.make_freight(offer.supplier, kind="flat", flat_minor=4_321)


def presale(offer):
    Presale.objects.create(offer=offer, ship_from=date(2027, 3, 4))


def picture(offer):
    Picture.objects.create(offer=offer, file="offers/new.webp", position=0)


def name(offer):
    Member.objects.filter(pk=offer.supplier_id).update(name="Another studio")


def withdrawal(offer):
    Offer.objects.filter(pk=offer.pk).update(listed_at=None)


def end_of_admission(offer):
    Capacity.objects.filter(member=offer.supplier).update(ended_at=clock.now())


@pytest.mark.parametrize(
    ("write", "seen"),
    [
        (price, "987.65"),
        (stock, "Only 3 left"),
        (place, "Sold out"),
        (freight, "43.21"),
        (presale, "Presale"),
        (picture, "offers/new.webp"),
        (name, "Another studio"),
        (withdrawal, None),
        (end_of_admission, None),
    ],
)
def test_an_old_page_is_looked_at_and_lasts_while_nothing_was_written(
    browser: Browser, market: Market, memory, django_assert_num_queries, write, seen
):
    offer = market.offers[0]

    def look():
        stranger = browser()
        stranger.cookies[public.PROVINCE_COOKIE] = "浙江".encode().hex()
        return stranger.get(f"/offers/{offer.code}")

    before = look().content.decode()
    for _ in range(3):
        memory[0] += 6
        with django_assert_num_queries(1):
            again = look().content.decode()
        assert TOKEN.sub("", again) == TOKEN.sub("", before)
    with django_assert_num_queries(0):
        look()
    write(offer)
    assert look().status_code == 200, "for some seconds it is what it was"
    memory[0] += 6
    after = look()
    if seen is None:
        assert after.status_code == 404
        assert look().status_code == 404, "and the old page does not come back"
    else:
        assert seen not in before
        assert seen in after.content.decode()


def test_no_page_outlasts_its_five_minutes(browser: Browser, market: Market, memory):
    address = f"/offers/{market.offers[0].code}"
    browser().get(address)
    (kept,) = public.memory.pages.values()
    for _ in range(49):
        memory[0] += 6
        browser().get(address)
    assert list(public.memory.pages.values()) == [kept]
    memory[0] += 7
    browser().get(address)
    (other,) = public.memory.pages.values()
    assert other is not kept


def test_what_is_asked_for_stays_when_room_is_short(browser: Browser, market: Market, monkeypatch):
    monkeypatch.setattr(public, "MOST_BYTES", 30_000)
    address = f"/offers/{market.offers[0].code}"
    browser().get(address)
    for n in range(12):
        browser().get("/shelf", {"q": f"word {n}"})
        browser().get(address)
    assert len(public.memory.pages) < 12
    assert any(address in key for key in public.memory.pages)


def test_private_pages_are_never_kept(browser: Browser, market: Market):
    for address in ("/cart", "/favourites", "/orders", "/sign-in"):
        browser().get(address)
    assert not public.memory.pages
    assert browser().get("/offers/nothing").status_code == 404
    assert not public.memory.pages


def test_a_kept_page_is_compressed_around_its_token(browser: Browser, market: Market):
    address = f"/offers/{market.offers[0].code}"
    browser().get(address)
    answer = browser().get(address, headers={"accept-encoding": "gzip, br"})
    assert answer["Content-Encoding"] == "gzip"
    text = gzip.decompress(answer.content).decode()
    token = TOKEN.search(text)[1]
    assert token.encode() in answer.content, "it never meets the compressor"
    assert TOKEN.sub("", text) == TOKEN.sub("", browser().get(address).content.decode())


def test_memory_is_bounded(browser: Browser, market: Market, monkeypatch):
    monkeypatch.setattr(public, "MOST_BYTES", 20_000)
    for n in range(12):
        browser().get("/shelf", {"q": f"word {n}"})
    assert 0 < len(public.memory.pages) < 12
    assert public.memory.size == sum(kept.size for kept in public.memory.pages.values()) <= 20_000


PAGE_BYTES = 150_000


def test_pages_are_light(browser: Browser, market: Market, settings):
    """Page, styles and scripts compressed, as a browser fetches them on its first visit; pictures come after."""
    for n in range(24):
        catalog.make_offer(
            market.suppliers[0],
            title=f"手工茶杯 {n}",
            body_html="<p>" + "釉下青花 hand made. " * 200 + "</p>",
        )
    client = browser(language="zh-hans")
    for address in ("/", "/shelf", f"/offers/{market.offers[0].code}", f"/shops/{market.shop.code}"):
        page = client.get(address, headers={"accept-encoding": "gzip"})
        text = gzip.decompress(page.content).decode()
        weight = len(page.content)
        for asset in set(re.findall(r'(?:href|src)="(/static/[^"]+\.(?:css|js))"', text)):
            content = b"".join(client.get(asset).streaming_content)
            weight += len(gzip.compress(content))
        assert 5_000 < weight <= PAGE_BYTES, address
