import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories.catalog import make_freight, make_offer, make_variant, only_variant
from tests.factories.members import acts_for, buyer, make_cluster, make_member, operator
from yunju.catalog import queries
from yunju.catalog.models import Category, Offer, Picture
from yunju.catalog.selling import selling
from yunju.kernel import clock
from yunju.kernel.actor import Actor, system
from yunju.kernel.errors import NotFound
from yunju.members.models import Capacity
from yunju.members.words import CapacityKind


@pytest.fixture
def supplier(db_app):
    return make_member(make_cluster(), capacities=[CapacityKind.SUPPLIER])


def seen(actor, words="") -> list[str]:
    return [item.offer.title for item in queries.shelf(actor, words=words).items]


def test_who_sees_what(supplier):
    cluster = supplier.cluster
    listed, hidden = make_offer(supplier), make_offer(supplier, listed=False)
    foreign = make_offer(make_member(make_cluster(), capacities=[CapacityKind.SUPPLIER]))
    other = make_member(cluster, capacities=[CapacityKind.SUPPLIER, CapacityKind.SHOPKEEPER])
    everyone = {
        "nobody": (Actor(cluster_id=cluster.pk), {listed.pk}),
        "buyer": (buyer(cluster), {listed.pk}),
        "another member": (acts_for(other), {listed.pk}),
        "its people": (acts_for(supplier), {listed.pk, hidden.pk}),
        "operator": (operator(cluster), {listed.pk, hidden.pk}),
        "system": (system(cluster.pk), {listed.pk, hidden.pk}),
    }
    for name, (actor, expected) in everyone.items():
        assert set(queries.visible_to(actor).values_list("pk", flat=True)) == expected, name
        for offer in (listed, hidden, foreign):
            if offer.pk in expected:
                assert queries.offer_by_code(actor, offer.code) == offer
            else:
                with pytest.raises(NotFound, match=r"offer\.unknown"):
                    queries.offer_by_code(actor, offer.code)
        assert [item.offer.pk for item in queries.shelf(actor).items] == [listed.pk], name


def test_only_admitted_and_open_suppliers_are_on_the_shelf(supplier):
    offer = make_offer(supplier)
    variant = only_variant(offer)
    admitted = Capacity.objects.get(member=supplier)

    def on_shelf() -> bool:
        sold = selling(offer.cluster_id, [variant.pk])[variant.pk].on_shelf
        assert sold == queries.on_shelf(offer.cluster_id).filter(pk=offer.pk).exists()
        return sold

    assert on_shelf()
    Capacity.objects.filter(pk=admitted.pk).update(admitted_at=None)
    assert not on_shelf()
    Capacity.objects.filter(pk=admitted.pk).update(admitted_at=clock.now(), ended_at=clock.now())
    assert not on_shelf()
    Capacity.objects.filter(pk=admitted.pk).update(ended_at=None)
    supplier.closed_at = clock.now()
    supplier.save()
    assert not on_shelf()


def test_every_word_must_be_found_in_chinese_and_in_english(supplier):
    make_offer(
        supplier,
        title="手工陶瓷茶杯",
        brand="景德镇",
        tags=["Gift", "tea"],
        body_html="<p>釉下<b>青花</b> &amp; span</p>",
    )
    make_offer(supplier, title="Wool scarf ＡＢＣ", body_html="<span>soft</span>")
    actor = buyer(supplier.cluster)
    assert seen(actor, "陶瓷") == seen(actor, "茶杯 景德") == seen(actor, "青花 GIFT") == ["手工陶瓷茶杯"]
    assert seen(actor, "wool abc") == seen(actor, "ＷＯＯＬ") == seen(actor, "Soft") == ["Wool scarf ＡＢＣ"]
    assert seen(actor, "span") == ["手工陶瓷茶杯"]
    assert seen(actor, "茶杯 wool") == seen(actor, "[") == seen(actor, "%") == []
    assert len(seen(actor, "")) == len(seen(actor, " 　")) == 2


def test_a_shelf_of_any_size_costs_the_same(supplier):
    actor, category = (
        buyer(supplier.cluster),
        Category.objects.create(cluster=supplier.cluster, code="c", name_zh="中", name_en="e"),
    )

    def cost() -> int:
        with CaptureQueriesContext(connection) as asked:
            for item in queries.shelf(actor, words="pot", category="c").items:
                assert (item.offer.supplier.name, item.offer.category.code) == (supplier.name, "c")
        return len(asked)

    def more(count):
        for _ in range(count):
            offer = make_offer(supplier, title="pot", category=category, shop_bp=700, price_minor=500)
            make_variant(offer, price_minor=900, stock=4)
            Picture.objects.create(offer=offer, source_url="https://a.example/2.jpg", position=2)
            Picture.objects.create(offer=offer, source_url="https://a.example/1.jpg", position=1)

    more(1)
    few = cost()
    more(25)
    assert cost() == few == 6
    first = queries.shelf(actor, category="c")
    assert (first.page, first.pages, first.total, len(first.items)) == (1, 2, 26, 24)
    item = first.items[0]
    assert (item.lowest_minor, item.highest_minor, item.remaining, item.shop_bp) == (500, 900, 14, 700)
    assert item.picture.source_url == "https://a.example/1.jpg"
    assert len(queries.shelf(actor, category="c", page=99).items) == 2
    assert queries.shelf(actor, category="c", page=-5).page == 1
    assert queries.shelf(actor, category="other").total == 0


def test_selling_asks_four_times_whatever_the_number(supplier):
    offers = [make_offer(supplier, shop_bp=100, roles=[("maker", supplier, 50)]) for _ in range(8)]
    variants = [only_variant(offer).pk for offer in offers]
    with CaptureQueriesContext(connection) as asked:
        sold = selling(supplier.cluster_id, variants)
    assert len(asked) == 4
    assert sorted(sold) == sorted(variants)
    assert {(one.shop.bp, one.roles[0].bp, one.supplier_name) for one in sold.values()} == {
        (100, 50, supplier.name)
    }
    assert selling(supplier.cluster_id + 1, variants) == {}


def test_the_page_of_an_offer(supplier):
    offer = make_offer(supplier, stock=3)
    make_variant(offer, stock=None, position=1)
    make_freight(supplier, kind="flat", flat_minor=600, not_served=["西藏"])
    page = queries.offer_page(buyer(supplier.cluster), offer.code)
    assert [left for _, left in page.variants] == [3, 0]
    assert (page.freight.flat_minor, page.freight.not_served) == (600, frozenset({"西藏"}))
    Offer.objects.filter(pk=offer.pk).update(withdrawn_at=clock.now())
    with pytest.raises(NotFound):
        queries.offer_page(buyer(supplier.cluster), offer.code)
