import pytest

from tests.catalog.shopify_files import BOWL, CUP, FILE, LARGE, PICTURE, written
from tests.catalog.taking import counted, remarks, state_of, take
from tests.factories.catalog import make_fees
from tests.factories.members import acts_for, buyer, make_cluster, make_member, operator
from yunju.catalog import queries
from yunju.catalog.actions import offers
from yunju.catalog.models import (
    Category,
    ImportRun,
    Offer,
    OfferEvent,
    Place,
    Stock,
    Variant,
)
from yunju.catalog.selling import selling
from yunju.kernel.errors import Forbidden, Invalid, NotFound, Refused
from yunju.members.words import CapacityKind, RoleKind


@pytest.fixture
def supplier(db_app):
    return make_member(make_cluster(), capacities=[CapacityKind.SUPPLIER])


def test_a_file_becomes_offers(supplier):
    report = take(supplier, written(FILE), shop_bp=1_250)
    assert (report.state, report.faults, report.encoding) == ("done", 0, "utf-8-sig")
    assert counted(report, "rows", "rows_variant", "rows_picture", "rows_refused", "rows_blank") == (
        4,
        3,
        1,
        0,
        0,
    )
    assert counted(report, "offers_made", "variants_made", "pictures_made", "stock_set") == (2, 3, 2, 3)
    assert report.columns_unused == {"SEO Title": 1}
    cup = Offer.objects.get(supplier=supplier, import_key="shopify:cup")
    assert (cup.title, cup.brand, cup.tags, cup.on_shelf) == (
        "Tea cup 茶杯",
        "Kiln",
        ["tea", "cup", "Cups"],
        True,
    )
    assert cup.body_html == "<p>Hand made</p>"
    small, large = cup.variants.order_by("position")
    assert (small.options, small.price_minor, small.compare_at_minor, small.weight_g) == (
        ["Small"],
        1_230,
        1_500,
        227,
    )
    assert large.picture.source_url == "https://pictures.example/1.jpg?v=1"
    first, second = cup.pictures.all()
    assert (first.alt, first.position, second.position) == ("A cup", 1, 2)
    stock = {
        row.variant_id: (row.received, row.remaining) for row in Stock.objects.filter(variant__offer=cup)
    }
    assert stock == {small.pk: (5, 5), large.pk: (0, 0)}
    assert Place.objects.get(supplier=supplier).name.startswith(supplier.name)
    assert selling(cup.cluster_id, [small.pk])[small.pk].shop.bp == 1_250
    assert queries.shelf(buyer(supplier.cluster), words="茶杯 KILN").total == 1
    run = ImportRun.objects.get(pk=report.run_id)
    assert (run.state, run.rows, run.rows_done, run.made) == ("done", 4, 4, 2)
    assert run.report["counts"] == report.counts


def test_the_same_file_again_changes_nothing(supplier):
    take(supplier, written(FILE))
    before = state_of(supplier)
    report = take(supplier, written(FILE, encoding="gb18030", ending="\n"))
    assert state_of(supplier) == before
    assert counted(report, "offers_made", "offers_changed", "offers_unchanged", "offers_refused") == (
        0,
        0,
        2,
        0,
    )
    assert counted(report, "variants_made", "variants_changed", "variants_unchanged") == (0, 0, 3)
    assert counted(report, "pictures_made", "pictures_changed", "stock_set") == (0, 0, 0)


def test_a_dry_run_says_the_same_and_changes_nothing(supplier):
    rows = [CUP, LARGE, BOWL, BOWL | {"Handle": "broken", "Variant Price": "x"}]
    before = state_of(supplier)
    dry = take(supplier, written(rows), dry_run=True)
    assert state_of(supplier) == before
    real = take(supplier, written(rows))
    assert (dry.counts, dry.remarks, dry.columns_unused) == (real.counts, real.remarks, real.columns_unused)
    assert (dry.dry_run, real.dry_run) == (True, False)
    assert ImportRun.objects.get(pk=dry.run_id).rows_done == 4
    after = state_of(supplier)
    changed = [CUP | {"Title": "New"}, LARGE | {"Variant Price": "21"}, BOWL]
    dry = take(supplier, written(changed), dry_run=True)
    assert counted(dry, "offers_changed", "variants_changed") == (1, 1)
    assert state_of(supplier) == after


def test_a_changed_price_changes_one_variant(supplier):
    take(supplier, written(FILE))
    before = state_of(supplier)
    report = take(supplier, written([CUP, LARGE | {"Variant Price": "21.50"}, PICTURE, BOWL]))
    assert counted(report, "offers_changed", "offers_unchanged") == (1, 1)
    assert counted(report, "variants_made", "variants_changed", "variants_unchanged") == (0, 1, 2)
    after = state_of(supplier)
    assert [after[n] == before[n] for n in (0, 2, 3, 4, 5)] == [True] * 5
    (changed,) = [(old, new) for old, new in zip(before[1], after[1], strict=True) if old != new]
    assert changed[1] == changed[0] | {"price_minor": 2_150}
    event = OfferEvent.objects.filter(cluster_id=supplier.cluster_id).order_by("-pk")[0]
    assert event.what == "offer.import_changed"
    assert event.params == {
        "run": report.run_id,
        "fields": [],
        "prices": {str(changed[0]["id"]): [2_000, 2_150]},
    }


def test_what_is_gone_from_the_file_is_told_and_kept(supplier):
    take(supplier, written(FILE))
    before = state_of(supplier)
    report = take(supplier, written([CUP, BOWL]))
    assert set(remarks(report, fault=False)) >= {
        ("import.variant_vanished", 2),
        ("import.pictures_vanished", 2),
    }
    assert state_of(supplier) == before


def test_stock_goes_on_from_ours_unless_told(supplier):
    take(supplier, written(FILE))
    bowl = Variant.objects.get(offer__supplier=supplier, offer__title="Bowl")
    Stock.objects.filter(variant=bowl).update(remaining=4, sold=3)
    report = take(supplier, written(FILE))
    assert remarks(report, fault=False)[-1] == ("import.stock_kept", 5)
    assert counted(report, "stock_set", "offers_changed") == (0, 0)
    assert Stock.objects.get(variant=bowl).remaining == 4
    report = take(supplier, written(FILE), sets_stock=True)
    assert counted(report, "stock_set", "variants_changed", "offers_changed") == (1, 1, 1)
    row = Stock.objects.get(variant=bowl)
    assert (row.received, row.sold, row.remaining) == (10, 3, 7)


def test_a_column_that_is_missing_says_nothing(supplier):
    take(supplier, written(FILE))
    before = state_of(supplier)
    kept = ("Handle", "Title", "Option1 Name", "Option1 Value", "Variant Price")
    report = take(supplier, written([CUP, LARGE, BOWL], header=kept))
    assert counted(report, "offers_unchanged", "variants_unchanged", "rows_refused") == (2, 3, 0)
    assert state_of(supplier) == before


def test_a_bad_product_holds_back_no_other(supplier):
    rows = [
        CUP,
        LARGE | {"Variant Price": "soon"},
        PICTURE,
        BOWL,
        BOWL | {"Handle": "plate", "Gift Card": "true"},
    ]
    report = take(supplier, written(rows))
    assert remarks(report, fault=True) == [("import.amount", 3), ("import.gift_card", 6)]
    assert counted(report, "offers_made", "offers_refused", "rows_variant", "rows_refused") == (1, 2, 1, 4)
    assert list(Offer.objects.filter(supplier=supplier).values_list("title", flat=True)) == ["Bowl"]


def test_under_strict_one_fault_refuses_the_file(supplier):
    before = state_of(supplier)
    report = take(supplier, written([BOWL, CUP | {"Title": ""}]), strict=True)
    assert (report.state, report.faults) == ("refused", 1)
    assert state_of(supplier) == before
    assert ImportRun.objects.get(pk=report.run_id).state == "refused"
    assert take(supplier, written([BOWL]), strict=True).state == "done"
    assert Offer.objects.filter(supplier=supplier).count() == 1


def test_a_product_the_rules_cannot_bear_is_a_fault_of_its_own(supplier):
    make_fees(supplier.cluster, platform_bp=100, platform_floor_minor=1_100)
    report = take(supplier, written([CUP | {"Variant Price": "12.00"}, LARGE, BOWL]))
    assert remarks(report, fault=True) == [("rule.supplier_negative", 4)]
    assert counted(report, "offers_made", "offers_refused", "rows_variant", "rows_refused") == (1, 1, 2, 1)


def test_closed_stays_closed(supplier):
    by = acts_for(supplier)
    take(supplier, written(FILE))
    large = Variant.objects.get(offer__supplier=supplier, title="Large")
    offers.close_variant(variant_id=large.pk, by=by)
    offers.close_offer(offer_id=Offer.objects.get(supplier=supplier, title="Bowl").pk, by=by)
    before = state_of(supplier)
    report = take(supplier, written(FILE))
    assert {code for code, _ in remarks(report, fault=False)} >= {
        "import.variant_closed",
        "import.offer_closed",
    }
    assert state_of(supplier) == before


def test_the_shelf_is_decided_here_after_the_first_time(supplier):
    by = acts_for(supplier)
    take(supplier, written([CUP, BOWL | {"Status": "draft"}]))
    cup, bowl = (Offer.objects.get(supplier=supplier, import_key=f"shopify:{key}") for key in ("cup", "bowl"))
    assert (cup.on_shelf, bowl.on_shelf) == (True, False)
    offers.withdraw_offer(offer_id=cup.pk, by=by)
    offers.list_offer(offer_id=bowl.pk, by=by)
    report = take(supplier, written([CUP, BOWL | {"Status": "draft"}]))
    assert [code for code, _ in remarks(report, fault=False)].count("import.status_kept") == 2
    cup.refresh_from_db()
    bowl.refresh_from_db()
    assert (cup.on_shelf, bowl.on_shelf) == (False, True)


def test_a_type_that_is_a_category_is_one(supplier):
    cups = Category.objects.create(cluster=supplier.cluster, code="tea", name_zh="茶杯", name_en="cups")
    report = take(supplier, written([CUP, BOWL | {"Type": "Bowls"}]))
    assert ("import.category_unknown", 3) in remarks(report, fault=False)
    cup, bowl = (Offer.objects.get(supplier=supplier, import_key=f"shopify:{key}") for key in ("cup", "bowl"))
    assert (cup.category, cup.tags, bowl.category, bowl.tags) == (cups, ["tea", "cup"], None, ["Bowls"])


def test_other_option_names_are_taken_but_not_another_number(supplier):
    take(supplier, written([CUP, LARGE]))
    report = take(supplier, written([CUP | {"Option1 Name": "Grösse"}, LARGE]))
    assert counted(report, "offers_changed", "variants_unchanged") == (1, 2)
    before = state_of(supplier)
    report = take(supplier, written([CUP | {"Option2 Name": "Colour", "Option2 Value": "Red"}]))
    assert remarks(report, fault=True) == [("import.options_changed", 2)]
    assert state_of(supplier) == before


def test_two_suppliers_may_have_the_same_handle(supplier):
    other = make_member(supplier.cluster, capacities=[CapacityKind.SUPPLIER])
    take(supplier, written([BOWL]))
    before = state_of(supplier)[:3]
    assert counted(take(other, written([BOWL])), "offers_made") == (1,)
    assert state_of(supplier)[:3] == before


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"currency": "USD"}, "import.currency"),
        ({"shop_bp": 9_001}, "rule.bp_range"),
        ({"shop_bp": -1}, "rule.bp_range"),
    ],
)
def test_options_that_cannot_be_are_refused(supplier, options, code):
    with pytest.raises(Invalid) as caught:
        take(supplier, written(FILE), **options)
    assert caught.value.code == code
    assert not ImportRun.objects.filter(supplier=supplier).exists()


def test_a_file_that_breaks_off_changes_nothing(supplier):
    broken = written(FILE) + b'plate,"never closed\r\n'
    with pytest.raises(Invalid, match=r"import\.csv"):
        take(supplier, broken)
    with pytest.raises(Invalid, match=r"import\.no_rows"):
        take(supplier, written([]))
    assert not Offer.objects.filter(supplier=supplier).exists()
    assert not ImportRun.objects.filter(supplier=supplier).exists()


def test_who_may_not_import_changes_nothing(supplier):
    cluster = supplier.cluster
    refused = {
        "buyer": (buyer(cluster), NotFound),
        "another supplier": (acts_for(make_member(cluster, capacities=[CapacityKind.SUPPLIER])), NotFound),
        "another cluster": (operator(make_cluster()), NotFound),
        "cashier": (acts_for(supplier, RoleKind.CASHIER), Forbidden),
        "operator": (operator(cluster), Forbidden),
    }
    for by, error in refused.values():
        with pytest.raises(error):
            take(supplier, written(FILE), by=by)
    shopkeeper = make_member(cluster, capacities=[CapacityKind.SHOPKEEPER])
    with pytest.raises(Refused, match=r"supplier\.not_one"):
        take(shopkeeper, written(FILE))
    assert not ImportRun.objects.filter(cluster_id=cluster.pk).exists()
    assert not Offer.objects.filter(cluster_id=cluster.pk).exists()
    run = take(supplier, written(FILE), by=acts_for(supplier, RoleKind.STAFF)).run_id
    assert list(queries.runs_visible_to(acts_for(supplier)).values_list("pk", flat=True)) == [run]
    assert not queries.runs_visible_to(buyer(cluster)).exists()
