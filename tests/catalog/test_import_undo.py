"""Taking an import back: what it made is closed, what it changed returns, what was sold or touched since stays and is told."""

import io
from datetime import timedelta

import pytest
from django.core.files.storage import default_storage

from tests.catalog.export_files import table
from tests.catalog.taking import take
from tests.catalog.test_hostile_files import archive, picture
from tests.factories.jobs import forget_jobs, work_jobs
from tests.factories.members import acts_for, make_cluster, make_member
from yunju.catalog.actions import import_undo, offers
from yunju.catalog.actions.imports import ImportOptions, import_offers
from yunju.catalog.models import ImportChange, ImportRun, Offer, OfferEvent, Picture, ShelfEntry, Stock
from yunju.kernel import clock
from yunju.kernel.errors import Forbidden, NotFound, Refused
from yunju.members.words import CapacityKind, RoleKind

HEAD = ("商家编码", "商品名称", "价格", "库存", "规格", "图片", "品牌")
FIRST = table(
    HEAD,
    ("A", "Cup", "10", "5", "红", "https://a.example/1.jpg", "Kiln"),
    ("A", "", "12", "3", "蓝", "", ""),
    ("B", "Bowl", "20", "7", "", "", ""),
)
SECOND = table(
    HEAD,
    ("A", "Tea cup", "11", "9", "红", "https://a.example/1.jpg;https://a.example/2.jpg", "Oven"),
    ("A", "", "12", "3", "蓝", "", ""),
    ("A", "", "15", "1", "绿", "", ""),
    ("B", "Bowl", "20", "7", "", "", ""),
    ("C", "Can", "5", "1", "", "", ""),
)


@pytest.fixture
def supplier(db_app):
    forget_jobs()
    return make_member(make_cluster(), capacities=[CapacityKind.SUPPLIER])


def taken(supplier, content: bytes, by, **options) -> ImportRun:
    return ImportRun.objects.get(pk=take(supplier, content, by=by, **options).run_id)


def undo(run: ImportRun, by) -> dict[str, int]:
    import_undo.undo_import(run_id=run.pk, by=by)
    work_jobs()
    run.refresh_from_db()
    return import_undo.outcomes(run)


def cup(supplier) -> dict:
    offer = Offer.objects.get(supplier=supplier, import_key="table:A")
    left = dict(Stock.objects.filter(variant__offer=offer).values_list("variant__title", "remaining"))
    return {
        "title": offer.title,
        "brand": offer.brand,
        "words": ShelfEntry.objects.filter(pk=offer.pk).values_list("words", flat=True).get(),
        "pictures": list(offer.pictures.values_list("source_url", flat=True)),
        "variants": [
            (one.title, one.price_minor, left[one.title])
            for one in offer.variants.filter(closed_at=None).order_by("position")
        ],
    }


def test_what_an_import_changed_returns_and_what_it_made_is_closed(supplier):
    by = acts_for(supplier)
    taken(supplier, FIRST, by)
    before = cup(supplier)
    second = taken(supplier, SECOND, by, sets_stock=True)
    changed = cup(supplier)
    assert (changed["title"], changed["variants"][0], len(changed["variants"])) == (
        "Tea cup",
        ("红", 1_100, 9),
        3,
    )
    assert ImportChange.objects.filter(run=second).count() == 2  # the bowl was the same and is no change
    assert undo(second, by) == {"closed": 1, "restored": 1}
    assert cup(supplier) == before
    can = Offer.objects.get(supplier=supplier, title="Can")
    assert (can.closed_at is not None, can.import_key) == (True, "")
    assert second.undone_at is not None
    told = OfferEvent.objects.filter(what="offer.import_undone", cluster_id=supplier.cluster_id)
    assert sorted(told.values_list("params__outcome", flat=True)) == ["closed", "restored"]
    with pytest.raises(Refused, match=r"import\.not_undone"):
        import_undo.undo_import(run_id=second.pk, by=by)
    report = take(supplier, SECOND, by=by, sets_stock=True)
    assert (report.counts["offers_made"], report.counts["offers_changed"]) == (1, 1)


def test_what_was_sold_or_changed_since_stays(supplier):
    by = acts_for(supplier)
    taken(supplier, FIRST, by)
    second = taken(supplier, SECOND, by, sets_stock=True)
    offer = Offer.objects.get(supplier=supplier, import_key="table:A")
    red = offer.variants.get(title="红")
    offers.set_price(variant_id=red.pk, price_minor=1_300, by=by)
    can = Offer.objects.get(supplier=supplier, title="Can")
    Stock.objects.filter(variant__offer=can).update(remaining=0, sold=1)
    assert undo(second, by) == {"withdrawn": 1, "partly": 1}
    red.refresh_from_db()
    offer.refresh_from_db()
    can.refresh_from_db()
    assert (red.price_minor, offer.title) == (1_300, "Cup")
    assert (can.closed_at, can.on_shelf, can.import_key) == (None, False, "table:C")


def test_sold_pieces_stay_sold(supplier):
    by = acts_for(supplier)
    taken(supplier, FIRST, by)
    second = taken(supplier, SECOND, by, sets_stock=True)
    red = Stock.objects.get(variant__title="红", variant__offer__supplier=supplier)
    Stock.objects.filter(pk=red.pk).update(remaining=7, reserved=2)  # 9 came, 2 are spoken for
    undo(second, by)
    red.refresh_from_db()
    assert (red.remaining, red.reserved, red.received) == (3, 2, 5)


def test_pictures_that_came_along_go_again(supplier):
    by = acts_for(supplier)
    taken(supplier, FIRST, by)
    zipped = archive({"A.jpg": picture("red")})
    options = ImportOptions(file_name="again.csv")
    report = import_offers(
        by=by, supplier_id=supplier.pk, file=io.BytesIO(FIRST), options=options, pictures=zipped
    )
    row = Picture.objects.exclude(file="").get(offer__supplier=supplier)
    assert (report.counts["pictures_made"], default_storage.exists(row.file.name)) == (1, True)
    undo(ImportRun.objects.get(pk=report.run_id), by)
    assert not Picture.objects.filter(pk=row.pk).exists()
    assert not default_storage.exists(row.file.name)


def test_a_week_a_trial_and_a_run_that_did_nothing(supplier):
    by = acts_for(supplier)
    run = taken(supplier, FIRST, by)
    trial = taken(supplier, SECOND, by, dry_run=True)
    same = taken(supplier, FIRST, by)
    assert [import_undo.may_be_undone(one) for one in (run, trial, same)] == [True, False, False]
    with clock.at(clock.now() + timedelta(days=7, minutes=1)), pytest.raises(Refused):
        import_undo.undo_import(run_id=run.pk, by=by)
    assert not ImportChange.objects.exclude(undone_at=None).filter(run=run).exists()


def test_who_may_undo(supplier):
    run = taken(supplier, FIRST, acts_for(supplier))
    stranger = acts_for(make_member(supplier.cluster, capacities=[CapacityKind.SUPPLIER]))
    foreign = acts_for(make_member(make_cluster(), capacities=[CapacityKind.SUPPLIER]))
    for by in (stranger, foreign):
        with pytest.raises(NotFound):
            import_undo.undo_import(run_id=run.pk, by=by)
    with pytest.raises(Forbidden):
        import_undo.undo_import(run_id=run.pk, by=acts_for(supplier, RoleKind.CASHIER))
    assert ImportRun.objects.get(pk=run.pk).undo_job == ""
    assert Offer.objects.filter(supplier=supplier, closed_at=None).count() == 2
