"""The pages of an import: the upload, the progress, the report, the real one after the trial."""

import io
from pathlib import Path

import pytest
from django.conf import settings

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


def upload(client, market: Market, text: str = HEAD + CUP, what: str = "try", **more: str):
    file = io.BytesIO(text.encode())
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
    assert upload(client, market, "Colour\nred\n").context["form"].errors["file"]
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
