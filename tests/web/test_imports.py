"""The pages of an import: the upload, the progress, the report, the real one after the trial."""

import io
import zipfile
from pathlib import Path

import pytest
import xlsxwriter
from django.conf import settings
from django.core.files.storage import default_storage
from python_calamine import CalamineWorkbook

from tests.catalog.export_files import YOUZAN, table
from tests.catalog.test_hostile_files import picture
from tests.factories.jobs import forget_jobs, work_jobs
from tests.factories.members import make_user
from tests.web.conftest import Browser
from tests.web.market import Market, make_market
from yunju.catalog.models import ImportRun, Offer, private_files
from yunju.web import imports

HEAD = "Handle,Title,Option1 Name,Option1 Value,Variant Price,Variant Inventory Qty\n"
CUP = "cup,Cup,Title,Default Title,12.00,3\n"
BAD = "pot,Pot,Title,Default Title,dear,3\n"


@pytest.fixture
def market(cluster) -> Market:
    forget_jobs()
    return make_market(cluster)


def upload(client, market: Market, text: str | bytes = HEAD + CUP, what: str = "try", **more: object):
    file = io.BytesIO(text if isinstance(text, bytes) else text.encode())
    file.name = "products.csv"
    form = {"file": file, "what": what, "shop_bp": ""} | more
    return client.post(f"/m/{market.suppliers[0].code}/import", form)


def cups(market: Market) -> int:
    return Offer.objects.filter(supplier=market.suppliers[0], title="Cup").count()


def test_a_file_is_tried_watched_and_taken_for_real(browser: Browser, market: Market):
    client = browser(market.owner())
    page = upload(client, market, HEAD + CUP + BAD)["Location"]
    waiting = client.get(page)
    assert (waiting.status_code, waiting["Cache-Control"]) == (200, "no-store")
    text = waiting.content.decode()
    assert '<noscript><meta http-equiv="refresh" content="3"></noscript>' in text
    assert f'data-poll="{page}/state"' in text
    state = client.get(f"{page}/state").json()
    assert state == {"state": "waiting", "rows": 2, "rows_done": 0, "go": ""}
    work_jobs()
    assert client.get(f"{page}/state").json() == {"state": "done", "rows": 2, "rows_done": 2, "go": page}
    report = client.get(page).content.decode()
    assert "refresh" not in report
    assert "is no amount" in report
    assert "This was a trial" in report
    assert cups(market) == 0
    real = client.post(f"{page}/again")["Location"]
    work_jobs()
    assert cups(market) == 1
    done = client.get(real).content.decode()
    assert "Import this file for real" not in done
    assert "is no amount" in done
    listed = client.get(f"/m/{market.suppliers[0].code}/import").content.decode()
    assert listed.count("products.csv") == 2
    again = client.post(f"{page}/again", follow=True).content.decode()
    assert "The file is no longer kept here: choose it again." in again


def test_bad_uploads_are_told_at_the_field_and_keep_nothing(browser: Browser, market: Market, monkeypatch):
    client = browser(market.owner())
    address = f"/m/{market.suppliers[0].code}/import"
    assert client.post(address, {"what": "try"}).context["form"].errors["file"]
    assert upload(client, market, "<html><table>").context["form"].errors["file"]
    zipped = {"pictures": io.BytesIO(b"no archive")}
    assert upload(client, market, **zipped).context["form"].errors["pictures"]
    assert upload(client, market, "").context["form"].errors["file"]
    assert upload(client, market, shop_bp="much").context["form"].errors["shop_bp"]
    monkeypatch.setattr(imports, "MOST_BYTES", 10)
    assert "too large" in upload(client, market).context["form"].errors["file"][0]
    assert not ImportRun.objects.filter(supplier=market.suppliers[0]).exists()


def test_a_second_file_waits_for_the_first(browser: Browser, market: Market):
    client = browser(market.owner())
    assert upload(client, market).status_code == 302
    second = upload(client, market)
    assert (second.status_code, ImportRun.objects.filter(supplier=market.suppliers[0]).count()) == (422, 1)
    assert "still under way" in second.content.decode()


def test_a_run_is_its_suppliers_own(browser: Browser, market: Market):
    page = upload(browser(market.owner()), market)["Location"]
    run_id = page.rsplit("/", 1)[1]
    other = browser(market.owner(1))
    for address in (page, f"{page}/state", f"/m/{market.suppliers[1].code}/import/{run_id}"):
        assert other.get(address).status_code == 404
        assert browser(make_user()).get(address).status_code == 404
    assert other.post(f"{page}/again").status_code == 404
    assert browser().get(page)["Location"].startswith("/sign-in")


def test_no_page_serves_the_file(browser: Browser, market: Market):
    client = browser(market.owner())
    upload(client, market)
    run = ImportRun.objects.get(supplier=market.suppliers[0])
    for address in (f"/media/{run.file.name}", f"/media/private/{run.file.name}", f"/{run.file.name}"):
        assert client.get(address).status_code == 404
    assert private_files().exists(run.file.name)
    assert settings.MEDIA_ROOT not in Path(private_files().path(run.file.name)).parents


def test_a_run_that_broke_off_can_be_run_again(browser: Browser, market: Market):
    client = browser(market.owner())
    page = upload(client, market, what="import")["Location"]
    ImportRun.objects.filter(supplier=market.suppliers[0]).update(state="stopped")
    forget_jobs()
    assert "This run broke off after 0 of 1 rows." in client.get(page).content.decode()
    following = client.post(f"{page}/again")["Location"]
    work_jobs()
    assert cups(market) == 1
    assert ImportRun.objects.get(pk=following.rsplit("/", 1)[1]).dry_run is False


def test_what_is_refused_later_says_why(browser: Browser, market: Market):
    client = browser(market.owner(), "zh-hans")
    page = upload(client, market)["Location"]
    run = ImportRun.objects.get(supplier=market.suppliers[0])
    private_files().delete(run.file.name)
    work_jobs()
    assert "文件已不再保留" in client.get(page).content.decode()


# --- files of any origin ----------------------------------------------------------------------------------------------


def test_columns_that_nobody_knows_are_asked_for_and_remembered(browser: Browser, market: Market):
    client = browser(market.owner())
    rows = "甲,乙,丙\nx,Mug,12\n"
    asked = upload(client, market, rows)["Location"]
    assert asked.endswith("/columns")
    page = client.get(asked).content.decode()
    assert "Which column is what?" in page
    assert "Still to be assigned:" in page
    assert 'class="main wide"' not in page
    assert "Mug" in page
    assert Offer.objects.filter(supplier=market.suppliers[0], title="Mug").count() == 0
    wrong = client.post(asked, {"head": "1", "c1": "Title"})
    assert (wrong.status_code, wrong.context["columns"][1].chosen) == (422, "Title")
    assert wrong.context["lacking"] == [("price", "Price")]
    taken = client.post(asked, {"head": "1", "c1": "Title", "c2": "Variant Price"})["Location"]
    work_jobs()
    assert client.get(taken).context["counts"]["offers_made"] == 1
    assert (
        ImportRun.objects.filter(supplier=market.suppliers[0]).count() == 1
    )  # the question is answered, not kept
    again = upload(client, market, rows.replace("12", "13"), what="import", lists="on")["Location"]
    assert again.endswith("/columns") is False
    work_jobs()
    offer = Offer.objects.get(supplier=market.suppliers[0], title="Mug")
    assert (offer.on_shelf, offer.variants.get().price_minor) == (True, 1_300)
    other = upload(browser(market.owner(1)), market, rows)
    assert other.status_code == 404


def test_a_file_is_read_another_way(browser: Browser, market: Market):
    client = browser(market.owner())
    page = upload(client, market, table(*YOUZAN))["Location"]
    work_jobs()
    assert "read as: Youzan" in client.get(page).content.decode()
    other = client.post(f"{page}/format", {"format": "taobao"}, follow=True)
    assert "is missing" in other.content.decode()
    following = client.post(f"{page}/format", {"format": "table"})["Location"]
    work_jobs()
    assert client.get(following).context["run"].format == "table"
    assert client.get(f"{page}/columns").status_code == 302  # its file went on


def test_rows_at_fault_come_back_in_the_file(browser: Browser, market: Market):
    client = browser(market.owner())
    page = upload(client, market, HEAD + CUP + BAD, what="import")["Location"]
    work_jobs()
    assert "Download the file with the errors" in client.get(page).content.decode()
    answer = client.get(f"{page}/mend")
    assert (answer.status_code, answer["Cache-Control"]) == (200, "no-store")
    rows = CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()
    assert rows[0] == [*HEAD.strip().split(","), "Errors"]
    assert rows[1] == [*CUP.strip().split(","), ""]
    assert rows[2][:-1] == BAD.strip().split(",")
    assert rows[2][-1] == 'Variant Price: "dear" is no amount: digits with a point, for example 12.30.'
    assert browser(market.owner(1)).get(f"{page}/mend").status_code == 404
    mended = io.BytesIO()
    with xlsxwriter.Workbook(mended, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, ["15" if cell == "dear" else cell for cell in row])
    second = upload(client, market, mended.getvalue(), what="import")["Location"]
    work_jobs()
    counts = client.get(second).context["counts"]
    assert (counts["offers_made"], counts["offers_unchanged"], counts["rows_refused"]) == (1, 1, 0)
    assert client.get(f"{second}/mend").status_code == 302  # nothing to mend: nothing is kept


def test_an_import_is_undone_on_its_page(browser: Browser, market: Market):
    client = browser(market.owner())
    page = upload(client, market, what="import")["Location"]
    work_jobs()
    assert cups(market) == 1
    assert browser(market.owner(1)).post(f"{page}/undo").status_code == 404
    job = client.post(f"{page}/undo")["Location"]
    work_jobs()
    assert "1 offers that it had made were closed." in client.get(job).content.decode()
    shown = client.get(page).content.decode()
    assert "1 offers that it had made were closed." in shown
    assert "Undo it" not in shown
    assert Offer.objects.get(supplier=market.suppliers[0], title="Cup").closed_at is not None
    refused = client.post(f"{page}/undo", follow=True).content.decode()
    assert "can no longer be undone" in refused
    upload(client, market, what="import")
    work_jobs()
    assert cups(market) == 2  # made anew, under its old key


def test_the_table_to_fill_in_passes_as_it_is(browser: Browser, market: Market):
    for language, head in (("en", "Product code"), ("zh-hans", "商家编码")):
        client = browser(market.owner(), language)
        made = client.get(f"/m/{market.suppliers[0].code}/import/template.xlsx")
        assert made["Content-Type"].endswith("spreadsheetml.sheet")
        rows = CalamineWorkbook.from_filelike(io.BytesIO(made.content)).get_sheet_by_index(0).to_python()
        assert head in rows[0]
        page = upload(client, market, made.content)["Location"]
        work_jobs()
        run = client.get(page).context["run"]
        counts = run.report["counts"]
        assert (run.format, counts["offers_made"], counts["variants_made"], run.report["faults"]) == (
            "table",
            2,
            3,
            0,
        )


def test_pictures_come_along_in_a_zip_and_in_cells(browser: Browser, market: Market):
    client = browser(market.owner())
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr("A1.jpg", picture("red"))
        archive.writestr("A1_2.jpg", picture("blue"))
        archive.writestr("A2.jpg", b"no picture at all")
        archive.writestr("nobody.jpg", picture("green"))
    zipped.seek(0)
    zipped.name = "p.zip"
    rows = table(("商家编码", "商品名称", "价格"), ("A1", "Cup", "1"), ("A2", "Pot", "2"))
    page = upload(client, market, rows, what="import", pictures=zipped, lists="on")["Location"]
    work_jobs()
    cup = Offer.objects.get(supplier=market.suppliers[0], title="Cup")
    stored = [one.file.name for one in cup.pictures.all()]
    assert [name.rsplit(".", 1)[1] for name in stored] == ["webp", "webp"]
    assert all(default_storage.exists(name) for name in stored)
    assert not Offer.objects.get(supplier=market.suppliers[0], title="Pot").pictures.exists()
    run = client.get(page).context["run"]
    assert run.report["remarks_by_code"] == {"import.pictures_unused": 1, "picture.unreadable": 1}
    zipped.seek(0)
    upload(client, market, rows, what="import", pictures=zipped)
    work_jobs()
    assert [one.file.name for one in cup.pictures.all()] == stored  # known by content: not brought twice


def test_pictures_in_the_cells_of_a_workbook(browser: Browser, market: Market):
    client = browser(market.owner())
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["商品名称", "价格", "图片"])
        sheet.write_row(1, 0, ["Anchored", "1"])
        sheet.write_row(2, 0, ["Embedded", "2"])
        sheet.write_row(3, 0, ["Bare", "3"])
        sheet.insert_image(1, 2, "a.png", {"image_data": io.BytesIO(picture("red"))})
        sheet.embed_image(2, 2, "b.png", {"image_data": io.BytesIO(picture("blue"))})
    upload(client, market, buffer.getvalue(), what="import")
    work_jobs()
    found = {
        offer.title: offer.pictures.exclude(file="").count()
        for offer in Offer.objects.filter(
            supplier=market.suppliers[0], title__in=["Anchored", "Embedded", "Bare"]
        )
    }
    assert found == {"Anchored": 1, "Embedded": 1, "Bare": 0}


def test_who_may_not_import_may_nothing_of_it(browser: Browser, market: Market):
    code = market.suppliers[0].code
    page = upload(browser(market.owner()), market)["Location"]
    work_jobs()
    for client in (browser(make_user()), browser(market.owner(1))):
        for address in (f"/m/{code}/import/template.xlsx", f"{page}/columns", f"{page}/mend"):
            assert client.get(address).status_code == 404
        for address in (f"{page}/undo", f"{page}/format", f"{page}/again", f"{page}/columns"):
            assert client.post(address).status_code == 404
    assert ImportRun.objects.filter(supplier=market.suppliers[0]).count() == 1
