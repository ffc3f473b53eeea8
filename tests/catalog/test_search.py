"""Finding offers: how texts are cut, what is found by what, in which order; hostile queries; words kept in step."""

import importlib.metadata
from datetime import timedelta

import pytest
from django.db import connection

from tests.catalog.looking import titles
from tests.factories.catalog import make_freight, make_offer, make_variant
from tests.factories.members import acts_for, make_cluster, make_member, operator
from yunju.catalog import finding, fronts, search, segments
from yunju.catalog.actions import categories, indexing, offers
from yunju.catalog.actions.categories import CategoryFields
from yunju.catalog.actions.offers import NewOffer, OfferFields, VariantFields
from yunju.catalog.finding import Wanted, find
from yunju.catalog.models import Category, Offer, Presale, ShelfEntry, Stock
from yunju.kernel import clock
from yunju.members.words import CapacityKind


def test_the_version_of_the_words_names_the_dictionary():
    """Another rjieba cuts otherwise: then SEG_VERSION is raised, and this line with it."""
    assert (segments.SEG_VERSION, importlib.metadata.version("rjieba")) == (2, "0.2.2")


def test_a_text_is_cut_into_words_and_fragments():
    assert segments.words_of("手工陶瓷茶杯 WH-1000XM4 500ml Café") == {
        *(
            "手工",
            "陶瓷",
            "茶杯",
            "wh-1000xm4",
            "wh1000xm4",
            "wh",
            "1000",
            "xm",
            "4",
            "500ml",
            "500",
            "ml",
            "cafe",
        ),
    }
    assert segments.words_of("连衣裙") == {"连衣", "衣裙", "连衣裙"}
    assert segments.fragments_of("茶杯。垫") == {"茶", "杯", "茶杯", "垫"}
    assert segments.folded("ＡＢＣ Straße\0Ä") == "abc strassea"


@pytest.fixture
def supplier(db_app):
    return make_member(make_cluster(), capacities=[CapacityKind.SUPPLIER], province="浙江省")


@pytest.mark.parametrize(
    ("title", "queries"),
    [
        ("夏季新款碎花连衣裙女", ("连衣裙", "碎花 连衣裙", "花连衣", "裙", "碎花连衣裙夏季", "女 新款")),
        ("Blue celadon cups, set of 2", ("celadon", "CUP", "cups blue", "set of", "2")),
        (
            "索尼 Sony WH-1000XM4 降噪耳机",
            ("wh-1000xm4", "WH1000XM4", "1000xm4", "sony耳机", "索尼wh-1000", "降噪"),
        ),
        ("景德镇 Ｔｅａ 盖碗 150ml", ("tea盖碗", "150 ml", "150ml", "ｔｅａ", "盖碗tea")),
        ("O'Reilly C++ / .NET \\ 手册", ("o'reilly", "oreilly", "手册 c++", "net")),
        ("かな漢字 ノート", ("かな", "ノート", "漢字")),
    ],
)
def test_what_is_found_by_what(supplier, title, queries):
    make_offer(supplier, title=title)
    make_offer(supplier, title="竹编果篮 bamboo basket")
    for words in queries:
        assert titles(supplier, words) == [title], words


@pytest.mark.parametrize(
    "words",
    [
        "'",
        "''",
        "\\",
        "':*",
        ":*",
        "a:*",
        "!a",
        "& |",
        "((",
        "<->",
        "a <-> b",
        "'; DROP TABLE x; --",
        "%",
        "_",
        "\0",
        "@1",
        "a\\'b",
        "'@1'",
        "茶" * 10_000,
        "a" * 10_000,
        "x " * 5_000,
        "\ud7ff\uffff",
        "🍵",
    ],
)
def test_hostile_queries_are_words(supplier, words):
    make_offer(supplier, title="Something plain")
    for is_typing in (False, True):
        assert titles(supplier, words, is_typing=is_typing) == []
    assert finding.near(supplier.cluster_id, words, 8) == []
    assert finding.suggest(supplier.cluster_id, words).offers == ()


def test_words_with_the_signs_of_the_query_language_are_kept(supplier):
    make_offer(supplier, title="it's 5'11 a\\b & c|d !e (f) <g> h:*")
    assert len(titles(supplier, "it's 5'11")) == 1
    assert len(titles(supplier, "a\\b h:*")) == 1


def test_typing_finds_beginnings(supplier):
    make_offer(supplier, title="手工茶具套装")
    make_offer(supplier, title="Celadon bowl")
    assert titles(supplier, "茶具套", is_typing=True) == ["手工茶具套装"]
    assert titles(supplier, "茶", is_typing=True) == titles(supplier, "茶") == ["手工茶具套装"]
    assert titles(supplier, "cel") == titles(supplier, "cel", is_typing=True) == ["Celadon bowl"]
    assert titles(supplier, "eladon") == []
    found = finding.suggest(supplier.cluster_id, "Cela")
    assert [offer.title for offer in found.offers] == ["Celadon bowl"]
    named = finding.suggest(supplier.cluster_id, supplier.name[:5])
    assert supplier in named.studios


def test_the_title_comes_before_labels_and_those_before_the_description(supplier):
    make_offer(supplier, title="Plain one", body_html="<p>茶杯</p>")
    make_offer(supplier, title="Plain two", tags=["茶杯"])
    make_offer(supplier, title="茶杯")
    best = make_offer(supplier, title="茶杯 again")
    assert titles(supplier, "茶杯") == ["茶杯 again", "茶杯", "Plain two", "Plain one"], (
        "equals: the newer first"
    )
    indexing.set_sold(
        {Offer.objects.get(title="茶杯", supplier=supplier).pk: 5, best.pk: 2}, cluster_id=supplier.cluster_id
    )
    assert titles(supplier, "茶杯")[:2] == ["茶杯", "茶杯 again"], "equals: what sells better first"


def test_only_the_first_hits_are_ranked_and_counted(supplier, monkeypatch):
    for n in range(7):
        make_offer(supplier, title=f"cup {n}")
    monkeypatch.setattr(fronts, "RANKED", 5)
    monkeypatch.setattr(finding, "COUNTED", 4)
    monkeypatch.setattr(finding, "PAGE", 2)
    found = find(supplier.cluster_id, Wanted(words="cup"), page=99)
    assert (found.page, found.pages, found.total, found.is_capped, len(found.offers)) == (2, 2, 4, True, 2)


def test_pages_go_on_beyond_what_is_counted(supplier, monkeypatch):
    monkeypatch.setattr(finding, "COUNTED", 4)
    monkeypatch.setattr(finding, "PAGE", 2)
    for n in range(7):
        make_variant(make_offer(supplier, title=f"thing {n}", price_minor=100 + n // 2))
    for order in ("new", "cheap", "dear", "sold"):
        met, after = [], ""
        for _ in range(2):
            first = find(supplier.cluster_id, Wanted(sort=order), after=after)
            second = find(supplier.cluster_id, Wanted(sort=order), page=2, after=after)
            met += [offer.title for offer in (*first.offers, *(second.offers if second.page == 2 else ()))]
            after = second.after
        assert sorted(met) == [f"thing {n}" for n in range(7)], order
        assert after == "", "at the end there is nothing further"
    for broken in ("x", "1", "1.", ".1", "1.x", "9" * 30 + ".1", "-1.2", "１.２"):
        assert find(supplier.cluster_id, Wanted(sort="new"), after=broken).page == 1


def test_filters(supplier):
    label = Category.objects.create(cluster=supplier.cluster, code="tea", name_zh="茶器", name_en="Tea ware")
    far = make_member(supplier.cluster, capacities=[CapacityKind.SUPPLIER], province="Sichuan")
    make_freight(far, kind="flat", flat_minor=500)
    pot = make_offer(supplier, title="pot", category=label, price_minor=5_000)
    make_variant(pot, price_minor=9_000)
    make_offer(far, title="cup", price_minor=1_000, stock=0)
    old = make_offer(far, title="old", price_minor=2_000)
    Offer.objects.filter(pk=old.pk).update(listed_at=clock.now() - timedelta(days=40))
    later = make_offer(far, title="later", price_minor=3_000)
    Presale.objects.create(offer=later, ship_from=clock.now().date() + timedelta(days=9))
    expected = {
        "tea": ({"category": "tea"}, {"pot"}),
        "from 6,000": ({"least_minor": 6_000}, {"pot"}),
        "to 2,000": ({"most_minor": 2_000}, {"cup", "old"}),
        "between": ({"least_minor": 2_500, "most_minor": 4_000}, {"later"}),
        "in stock": ({"in_stock": True}, {"pot", "old", "later"}),
        "new": ({"new": True}, {"pot", "cup", "later"}),
        "free": ({"free_freight": True}, {"pot"}),
        "presale": ({"presale": True}, {"later"}),
        "from Zhejiang": ({"province": "浙江"}, {"pot"}),
        "from Sichuan": ({"province": "四川"}, {"cup", "old", "later"}),
        "from nowhere": ({"province": "北京"}, set()),
        "studio": ({"supplier_id": supplier.pk}, {"pot"}),
        "both": ({"province": "四川", "in_stock": True, "words": "o"}, set()),
    }
    for name, (wanted, there) in expected.items():
        assert set(titles(supplier, **wanted)) == there, name
    assert titles(supplier, sort="cheap") == ["cup", "old", "later", "pot"]
    assert titles(supplier, sort="dear") == ["pot", "later", "old", "cup"]
    assert titles(supplier, "cup", sort="cheap") == ["cup"]
    assert finding.provinces(supplier.cluster_id) == ["浙江", "四川"]


def test_search_stays_in_its_cluster_and_on_the_shelf(supplier):
    make_offer(supplier, title="secret cup", listed=False)
    stranger = make_member(make_cluster(), capacities=[CapacityKind.SUPPLIER])
    make_offer(stranger, title="foreign cup")
    make_offer(make_member(supplier.cluster), title="cup of nobody admitted")
    seen = make_offer(supplier, title="open cup")
    assert titles(supplier, "cup") == titles(supplier, "cup", sort="new") == ["open cup"]
    assert finding.near(supplier.cluster_id, "cupboard cup", 9) == [seen]


def test_what_found_nothing_is_answered_with_what_is_near(supplier):
    make_offer(supplier, title="手工茶杯")
    make_offer(supplier, title="Celadon bowl")
    assert [one.title for one in finding.near(supplier.cluster_id, "茶杯托盘架", 9)] == ["手工茶杯"]
    assert [one.title for one in finding.near(supplier.cluster_id, "celadom vase", 9)] == ["Celadon bowl"]
    assert finding.near(supplier.cluster_id, "zzz", 9) == []


def fields(**given) -> OfferFields:
    return OfferFields(**{"title": "旧名字", "body_html": "", "brand": ""} | given)


def test_words_and_prices_are_written_with_every_write(supplier):
    by = acts_for(supplier)
    new = NewOffer(fields=fields(), variants=(VariantFields(price_minor=700),), listed=True)
    offer = offers.make_offer(supplier_id=supplier.pk, new=new, by=by)
    assert titles(supplier, "旧名字") == ["旧名字"]
    offers.edit_offer(offer_id=offer.pk, fields=fields(title="新名字", brand="青禾窑"), by=by)
    assert titles(supplier, "旧") == []
    assert titles(supplier, "新名字 青禾窑") == ["新名字"]
    entry = ShelfEntry.objects.get(pk=offer.pk)
    assert (entry.least_minor, entry.most_minor, entry.seg_version) == (700, 700, segments.SEG_VERSION)
    variant = offer.variants.get()
    offers.set_price(variant_id=variant.pk, price_minor=900, by=by)
    make_variant(offer, price_minor=400, options=["x"])
    entry.refresh_from_db()
    assert (entry.least_minor, entry.most_minor) == (400, 900)
    offers.close_variant(variant_id=variant.pk, by=by)
    entry.refresh_from_db()
    assert (entry.least_minor, entry.most_minor) == (400, 400)


def test_a_write_that_forgets_is_mended_by_the_loop(supplier):
    kept, changed = make_offer(supplier, title="竹篮"), make_offer(supplier, title="竹编")
    while indexing.reindex():
        pass
    Offer.objects.filter(pk=changed.pk).update(title="陶罐")
    Offer.objects.filter(pk=kept.pk).update(withdrawn_at=None)
    bare = Offer.objects.create(
        cluster_id=supplier.cluster_id, supplier=supplier, title="漆盒", created_at=clock.now()
    )
    stale = ShelfEntry.objects.filter(cluster_id=supplier.cluster_id, seg_version=0)
    assert set(stale.values_list("pk", flat=True)) == {changed.pk, bare.pk}
    assert indexing.reindex() == 2
    assert titles(supplier, "陶罐") == ["陶罐"]
    assert indexing.reindex() == 0
    ShelfEntry.objects.filter(pk=kept.pk).update(words="", seg_version=0)
    assert titles(supplier, "竹篮") == []
    assert indexing.reindex() == 1
    assert titles(supplier, "竹篮") == ["竹篮"]


def test_a_category_that_is_renamed_is_found_by_its_new_name(supplier):
    by = operator(supplier.cluster)
    label = categories.make_category(fields=CategoryFields("tea", "茶器", "Tea ware"), by=by)
    make_offer(supplier, title="pot", category=label)
    assert titles(supplier, "茶器") == titles(supplier, "tea ware") == ["pot"]
    categories.edit_category(category_id=label.pk, fields=CategoryFields("tea", "茶具", "Tea ware"), by=by)
    while indexing.reindex():
        pass
    assert titles(supplier, "茶具") == ["pot"]
    assert titles(supplier, "茶器") == []


def test_long_and_odd_texts_are_indexed(supplier):
    odd = make_offer(supplier, title="\\'\" 'x' " + "长" * 180, body_html="<p>" + "ab'c\\ " * 20_000 + "</p>")
    Offer.objects.filter(pk=odd.pk).update(tags=["a'b\\", "{}", '"', "NULL"])
    assert indexing.reindex() >= 1
    assert len(titles(supplier, "长长长")) == 1


def test_the_words_are_found_by_the_index(supplier):
    make_offer(supplier, title="手工茶杯")
    asked = search.query(supplier.cluster_id, "茶杯")
    with connection.cursor() as cursor:
        cursor.execute("SET enable_seqscan = off")
        cursor.execute("EXPLAIN SELECT * FROM catalog_shelfentry WHERE words @@ %s::tsquery", [asked.match])
        plan = "\n".join(row[0] for row in cursor.fetchall())
        cursor.execute("RESET enable_seqscan")
    assert "shelf_entry_words" in plan


def test_stock_is_read_when_asked_not_stored(supplier):
    offer = make_offer(supplier, title="cup", stock=1)
    assert titles(supplier, in_stock=True) == ["cup"]
    Stock.objects.filter(variant__offer=offer).update(remaining=0, sold=1)
    assert titles(supplier, in_stock=True) == []


def test_what_leaves_the_shelf_is_gone_at_once_and_comes_back(supplier):
    gone, sold_out = (
        make_offer(supplier, title="cup gone"),
        make_offer(supplier, title="cup sold out", stock=0),
    )
    for name, value in (("withdrawn_at", clock.now()), ("closed_at", clock.now()), ("listed_at", None)):
        kept = getattr(gone, name)
        Offer.objects.filter(pk=gone.pk).update(**{name: value})
        for wanted in (
            {"words": "cup"},
            {"words": "cup", "sort": "cheap"},
            {"sort": "new"},
            {"sort": "sold"},
        ):
            assert titles(supplier, **wanted) == [sold_out.title], (name, wanted)
        Offer.objects.filter(pk=gone.pk).update(**{name: kept})
        assert set(titles(supplier, "cup")) == {gone.title, sold_out.title}
    supplier.closed_at = clock.now()
    supplier.save(update_fields=["closed_at"])
    assert titles(supplier, "cup") == titles(supplier) == []


def test_an_entry_is_marked_by_a_text_and_not_by_the_shelf(supplier):
    offer = make_offer(supplier, title="cup")
    while indexing.reindex():
        pass
    Offer.objects.filter(pk=offer.pk).update(withdrawn_at=clock.now())
    entry = ShelfEntry.objects.get(pk=offer.pk)
    assert (entry.listed_at, entry.seg_version, entry.supplier_id) == (
        None,
        segments.SEG_VERSION,
        supplier.pk,
    )
