"""Picks: the offer's price and stock, the shop's own title, picture and order; and how an offer vanishes."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories.catalog import add_stock, make_offer, make_place, make_variant
from tests.factories.members import acts_for, buyer, make_cluster, make_member
from tests.factories.shops import make_listing, make_shop
from yunju.catalog.actions.offers import list_offer, withdraw_offer
from yunju.catalog.models import Picture, Stock
from yunju.kernel import clock
from yunju.kernel.errors import Invalid, NotFound, Refused
from yunju.members.models import Capacity, Member
from yunju.members.words import CapacityKind
from yunju.shops import actions, queries
from yunju.shops.actions import ListingChange, listings
from yunju.shops.models import Listing, Shop, ShopEvent

SHOPS = 10_000


@pytest.fixture
def cluster(db_app):
    return make_cluster()


@pytest.fixture
def supplier(cluster):
    return make_member(cluster, capacities=(CapacityKind.SUPPLIER,))


@pytest.fixture
def shop(cluster):
    return make_shop(make_member(cluster, capacities=(CapacityKind.SHOPKEEPER,)))


@pytest.fixture
def keeper(shop):
    return acts_for(shop.member)


def titles(shop):
    return [one.title for one in queries.shop_page(shop)]


def test_a_pick_is_free_and_once(cluster, supplier, shop, keeper):
    offer = make_offer(supplier)
    first = actions.pick(shop_id=shop.pk, offer_id=offer.pk, by=keeper)
    assert actions.pick(shop_id=shop.pk, offer_id=offer.pk, by=keeper) == first
    assert ShopEvent.objects.filter(shop_id=shop.pk, what="picked").count() == 1
    assert queries.lists(cluster.pk, [(shop.pk, offer.pk), (shop.pk, 1)]) == {(shop.pk, offer.pk)}


def test_what_is_not_on_the_shelf_cannot_be_picked(cluster, supplier, shop, keeper):
    good, hidden = make_offer(supplier), make_offer(supplier, listed=False)
    foreign = make_offer(make_member(make_cluster(), capacities=(CapacityKind.SUPPLIER,)))
    unadmitted = make_offer(make_member(cluster))
    for bad in (hidden.pk, foreign.pk, unadmitted.pk, 10**15):
        with pytest.raises(NotFound) as refused:
            actions.pick_many(shop_id=shop.pk, offer_ids=[good.pk, bad], by=keeper)
        assert refused.value.code == "shops.no_offer"
    assert not Listing.objects.filter(shop=shop).exists()


def test_many_picks_keep_their_order_in_few_statements(supplier, shop, keeper):
    offers = [make_offer(supplier, title=f"thing {n}") for n in range(12)]

    def statements(some):
        with CaptureQueriesContext(connection) as seen:
            assert actions.pick_many(
                shop_id=shop.pk, offer_ids=[offer.pk for offer in some], by=keeper
            ) == len(some)
        return len(seen)

    assert statements(offers[:2]) == statements(offers[2:])
    assert actions.pick_many(shop_id=shop.pk, offer_ids=[offers[0].pk], by=keeper) == 0
    assert titles(shop) == [f"thing {n}" for n in range(12)]


def test_a_shop_has_a_limit(supplier, shop, keeper, monkeypatch):
    monkeypatch.setattr(listings, "MOST_LISTINGS", 2)
    offers = [make_offer(supplier).pk for _ in range(3)]
    with pytest.raises(Invalid):
        actions.pick_many(shop_id=shop.pk, offer_ids=offers, by=keeper)
    actions.pick_many(shop_id=shop.pk, offer_ids=offers[:2], by=keeper)
    with pytest.raises(Refused):
        actions.pick_many(shop_id=shop.pk, offer_ids=offers[2:], by=keeper)
    assert Listing.objects.filter(shop=shop).count() == 2


def test_a_dropped_pick_may_come_again(cluster, supplier, shop, keeper):
    offer = make_offer(supplier)
    listing = actions.pick(shop_id=shop.pk, offer_id=offer.pk, by=keeper)
    actions.drop(listing_id=listing.pk, by=keeper)
    actions.drop(listing_id=listing.pk, by=keeper)
    assert queries.lists(cluster.pk, [(shop.pk, offer.pk)]) == set()
    with pytest.raises(NotFound):
        actions.edit_listing(listing_id=listing.pk, change=ListingChange(title="x"), by=keeper)
    assert actions.pick(shop_id=shop.pk, offer_id=offer.pk, by=keeper).pk != listing.pk
    assert ShopEvent.objects.filter(shop_id=shop.pk, what="dropped").count() == 1


def test_own_title_picture_and_place(supplier, shop, keeper):
    offer = make_offer(supplier, title="The offer's")
    first = Picture.objects.create(offer=offer, file="offers/1.jpg", alt="one")
    second = Picture.objects.create(offer=offer, file="offers/2.jpg", alt="two", position=1)
    foreign = Picture.objects.create(offer=make_offer(supplier), file="offers/3.jpg")
    listing = actions.pick(shop_id=shop.pk, offer_id=offer.pk, by=keeper)

    def shown():
        (one,) = queries.shop_page(shop)
        return one.title, one.picture, one.picture_alt, one.position

    assert shown() == ("The offer's", "offers/1.jpg", "one", 0)
    change = ListingChange(title="  Mine ", picture_id=second.pk, position=5)
    actions.edit_listing(listing_id=listing.pk, change=change, by=keeper)
    assert shown() == ("Mine", "offers/2.jpg", "two", 5)
    for wrong, refusal in (
        (ListingChange(picture_id=foreign.pk), NotFound),
        (ListingChange(title="<i>"), Invalid),
        (ListingChange(title="x" * 201), Invalid),
        (ListingChange(position=-1), Invalid),
        (ListingChange(position=actions.MOST_LISTINGS), Invalid),
    ):
        with pytest.raises(refusal):
            actions.edit_listing(listing_id=listing.pk, change=wrong, by=keeper)
    assert shown() == ("Mine", "offers/2.jpg", "two", 5)
    actions.edit_listing(listing_id=listing.pk, change=ListingChange(title="", picture_id=0), by=keeper)
    assert shown() == ("The offer's", "offers/1.jpg", "one", 5)
    assert first.offer_id == offer.pk


def test_a_strangers_pick_is_not_found(cluster, supplier, shop, keeper):
    listing = actions.pick(shop_id=shop.pk, offer_id=make_offer(supplier).pk, by=keeper)
    for actor in (buyer(cluster), acts_for(make_member(cluster)), acts_for(make_member(make_cluster()))):
        with pytest.raises(NotFound):
            actions.drop(listing_id=listing.pk, by=actor)
        with pytest.raises(NotFound):
            actions.edit_listing(listing_id=listing.pk, change=ListingChange(title="x"), by=actor)
    assert Listing.objects.get(pk=listing.pk).ended_at is None


def test_the_order_is_the_shops_own(supplier, shop, keeper):
    for name in "abcd":
        actions.pick(shop_id=shop.pk, offer_id=make_offer(supplier, title=name).pk, by=keeper)
    ids = {one.title: one.listing_id for one in queries.shop_page(shop)}
    actions.reorder(shop_id=shop.pk, listing_ids=[ids["d"], ids["b"]], by=keeper)
    assert titles(shop) == ["d", "b", "a", "c"]
    with pytest.raises(Invalid):
        actions.reorder(shop_id=shop.pk, listing_ids=[ids["a"], ids["a"]], by=keeper)
    with pytest.raises(NotFound):
        actions.reorder(shop_id=shop.pk, listing_ids=[ids["a"], 10**15], by=keeper)
    assert titles(shop) == ["d", "b", "a", "c"]
    with CaptureQueriesContext(connection) as seen:
        page = queries.shop_page(shop, limit=2)
        rest = queries.shop_page(shop, after=(page[-1].position, page[-1].listing_id))
    assert [one.title for one in [*page, *rest]] == ["d", "b", "a", "c"]
    assert len(seen) == 2


def test_price_and_stock_are_the_offers_at_this_moment(supplier, shop, keeper):
    offer = make_offer(supplier, price_minor=900, stock=3)
    dear = make_variant(offer, price_minor=1_500, stock=4)
    add_stock(dear, make_place(supplier), 5)
    make_variant(offer, price_minor=1, stock=100, closed_at=clock.now())
    add_stock(dear, make_place(supplier, closed_at=clock.now()), 1_000)
    actions.pick(shop_id=shop.pk, offer_id=offer.pk, by=keeper)
    (one,) = queries.shop_page(shop)
    assert (one.price_minor, one.price_to_minor, one.remaining) == (900, 1_500, 12)
    dear.price_minor = 1_200
    dear.save()
    Stock.objects.filter(variant=dear).update(remaining=0, sold=4, received=4)
    (one,) = queries.shop_page(shop)
    assert (one.price_minor, one.price_to_minor, one.remaining) == (900, 1_200, 3)
    assert only_statements(lambda: queries.shop_page(shop)) == 1


def only_statements(work):
    with CaptureQueriesContext(connection) as seen:
        work()
    return len(seen)


def test_nothing_of_a_closed_shop_or_supplier_is_shown(cluster, supplier, shop, keeper):
    offer = make_offer(supplier)
    actions.pick(shop_id=shop.pk, offer_id=offer.pk, by=keeper)
    Capacity.objects.filter(member=supplier).update(ended_at=clock.now())
    assert queries.shop_page(shop) == []
    Capacity.objects.filter(member=supplier).update(ended_at=None)
    assert len(queries.shop_page(shop)) == 1
    actions.close_shop(shop_id=shop.pk, by=keeper)
    assert queries.shop_page(shop) == []
    assert queries.lists(cluster.pk, [(shop.pk, offer.pk)]) == set()


def test_an_offer_withdrawn_vanishes_from_ten_thousand_shops_by_one_row(cluster, supplier):
    offer, other = make_offer(supplier), make_offer(supplier)
    now = clock.now()
    members = Member.objects.bulk_create(
        Member(cluster=cluster, kind="person", name=f"keeper {n}", created_at=now) for n in range(SHOPS)
    )
    shops = Shop.objects.bulk_create(
        Shop(cluster=cluster, member=member, name=member.name, opened_at=now) for member in members
    )
    Listing.objects.bulk_create(
        (
            Listing(cluster_id=cluster.pk, shop=shop, offer=picked, picked_at=now)
            for shop in shops
            for picked in (offer, other)
        ),
        batch_size=5_000,
    )
    shelf = queries.live_listings(cluster.pk).filter(offer__in=queries.on_shelf(cluster.pk))
    assert shelf.filter(offer=offer).count() == SHOPS
    seller, alone = acts_for(supplier), make_offer(supplier)
    in_no_shop = only_statements(lambda: withdraw_offer(offer_id=alone.pk, by=seller))
    with CaptureQueriesContext(connection) as seen:
        withdraw_offer(offer_id=offer.pk, by=seller)
    assert len(seen) == in_no_shop, "ten thousand shops cost no statement more than none"
    assert not [one["sql"] for one in seen if "shops_" in one["sql"]]
    assert not shelf.filter(offer=offer).exists()
    assert shelf.filter(offer=other).count() == SHOPS
    for shop in (shops[0], shops[SHOPS // 2], shops[-1]):
        assert [one.offer_id for one in queries.shop_page(shop)] == [other.pk]
    assert Listing.objects.filter(offer=offer, ended_at__isnull=True).count() == SHOPS, (
        "no shop's row was touched"
    )
    list_offer(offer_id=offer.pk, by=seller)
    assert len(queries.shop_page(shops[7])) == 2


def test_a_pick_seen_from_another_cluster_is_none(cluster, supplier, shop):
    listing = make_listing(shop, make_offer(supplier))
    pair = (shop.pk, listing.offer_id)
    assert queries.lists(cluster.pk, [pair]) == {pair}
    assert queries.lists(make_cluster().pk, [pair]) == set()
