"""How a run goes: its row, its crash, its bounds."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.catalog.shopify_files import BOWL, HEADER, written
from tests.catalog.taking import counted, remarks, take
from tests.factories.catalog import make_fees
from tests.factories.members import make_cluster, make_member
from yunju.catalog import search
from yunju.catalog.actions import imports
from yunju.catalog.models import ImportRun, Offer, Place, Stock
from yunju.kernel import clock
from yunju.members.words import CapacityKind


@pytest.fixture
def supplier(db_app):
    return make_member(make_cluster(), capacities=[CapacityKind.SUPPLIER])


def test_what_was_kept_before_a_crash_stays_and_the_same_file_finishes_it(supplier, monkeypatch):
    monkeypatch.setattr(imports, "CHUNK_PRODUCTS", 2)
    rows = [BOWL | {"Handle": f"bowl-{n}", "Title": f"Bowl {n}"} for n in range(5)]
    write, done = imports.Chunk.write, []

    def breaks(chunk):
        write(chunk)
        done.append(chunk)
        if len(done) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(imports.Chunk, "write", breaks)
    with pytest.raises(KeyboardInterrupt):
        take(supplier, written(rows))
    run = ImportRun.objects.get(supplier=supplier)
    assert (run.state, run.rows, run.rows_done, run.made) == ("stopped", 5, 2, 2)
    assert Offer.objects.filter(supplier=supplier).count() == 2
    monkeypatch.setattr(imports.Chunk, "write", write)
    report = take(supplier, written(rows))
    assert counted(report, "offers_made", "offers_unchanged", "rows") == (3, 2, 5)


def test_remarks_are_bounded_and_all_counted(supplier):
    rows = [BOWL | {"Handle": f"b{n}", "Variant Price": "x"} for n in range(1_200)]
    report = take(supplier, written(rows), dry_run=True)
    assert (len(report.remarks), report.remarks_left_out, report.faults) == (1_000, 200, 1_200)
    assert report.remarks_by_code == {"import.amount": 1_200}


def test_many_notes_hide_no_fault(supplier):
    rows = [BOWL | {"Handle": f"b{n}", "Variant Compare At Price": "1"} for n in range(1_100)]
    report = take(supplier, written([*rows, BOWL | {"Handle": "last", "Variant Price": "x"}]), dry_run=True)
    assert remarks(report, fault=True) == [("import.amount", 1_102)]
    assert (report.faults, len(remarks(report, fault=False))) == (1, 1_000)


def test_a_place_is_made_once_even_when_the_first_product_fails(supplier):
    make_fees(supplier.cluster, platform_bp=100, platform_floor_minor=1_100)
    rows = [
        BOWL,
        BOWL | {"Handle": "dear", "Variant Price": "99"},
        BOWL | {"Handle": "dearer", "Variant Price": "199"},
    ]
    report = take(supplier, written(rows))
    assert counted(report, "offers_made", "offers_refused") == (2, 1)
    assert Place.objects.filter(supplier=supplier).count() == 1
    assert Stock.objects.filter(cluster_id=supplier.cluster_id).count() == 2


def test_what_the_database_refuses_is_one_product(supplier, monkeypatch):
    vector = search.vector
    # PostgreSQL keeps no NUL: the one way left to make it refuse a checked product.
    monkeypatch.setattr(search, "vector", lambda texts: "\x00" if texts.title == "B1" else vector(texts))
    rows = [BOWL | {"Handle": f"b{n}", "Title": f"B{n}"} for n in range(3)]
    report = take(supplier, written(rows))
    assert remarks(report, fault=True) == [("import.database", 3)]
    assert counted(report, "offers_made", "offers_refused", "rows_variant", "rows_refused") == (2, 1, 2, 1)
    assert list(Offer.objects.filter(supplier=supplier).order_by("pk").values_list("title", flat=True)) == [
        "B0",
        "B2",
    ]
    assert Stock.objects.filter(cluster_id=supplier.cluster_id).count() == 2


def test_a_chunk_of_any_size_is_the_same_number_of_statements(supplier):
    def cost(count, content) -> int:
        with CaptureQueriesContext(connection) as asked:
            report = take(supplier, content)
        assert report.counts["rows"] == count
        return len(asked)

    def rows(count, kind):
        return written(
            [BOWL | {"Handle": f"{kind}{n}", "Image Src": f"https://a.example/{n}"} for n in range(count)]
        )

    take(supplier, rows(1, "first"))
    assert cost(2, rows(2, "a")) == cost(90, rows(90, "b"))
    assert cost(2, rows(2, "a")) == cost(90, rows(90, "b"))


def test_the_clock_is_the_house_clock(supplier):
    moment = clock.now().replace(year=2030)
    with clock.at(moment):
        take(supplier, written([BOWL]))
    assert Offer.objects.get(supplier=supplier).created_at == moment
    assert len(HEADER) == len(set(HEADER))
