"""Sheets as the printer gets them: a page a parcel of the size of its paper; a long pick list breaks between rows."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import sync_playwright

from tests.factories.catalog import make_offer, only_variant
from tests.factories.members import make_cluster, make_member, make_user
from tests.factories.parcels import many_to_ship
from yunju.members.models import Member, User
from yunju.members.words import RoleKind
from yunju.orders.models import Contact, Order

CSS = Path(__file__).resolve().parents[2] / "yunju" / "ui" / "static" / "ui" / "sheets.css"
A4, A6, LABEL = (595, 842), (298, 420), (215, 369)
"""Points; the label is 76 x 130 mm."""


@pytest.fixture
def sheets(db_app) -> dict[str, str]:
    """The pages of 24 parcels of 90 things in all, one of them to a long address with a long note, as HTML."""
    settings.ALLOWED_HOSTS = ["*"]
    settings.STATIC_ROOT.mkdir(exist_ok=True)
    owner = make_user()
    supplier = make_member(make_cluster(), capacities=("supplier",), roles={owner: RoleKind.OWNER})
    variants = [only_variant(make_offer(supplier, stock=1, title=f"青花茶杯 {n}")) for n in range(90)]
    many_to_ship(supplier, variants, 180)
    first = Contact.objects.filter(cluster_id=supplier.cluster_id).earliest("pk")
    Contact.objects.filter(pk=first.pk).update(street="友好北路" + "很长的地址" * 30, note="请放驿站" * 40)
    codes = Order.objects.filter(supplier_id=supplier.pk).order_by("pk").values_list("code", flat=True)
    few = "&".join(f"order={code}" for code in codes[:24])
    return {
        "pick": shown(supplier, owner, "print/pick"),
        "slips": shown(supplier, owner, f"print/slips?prices=1&{few}"),
        "labels": shown(supplier, owner, f"print/labels?{few}"),
    }


def shown(supplier: Member, owner: User, path: str) -> str:
    client = Client(headers={"host": supplier.cluster.host})
    client.force_login(owner, backend="django.contrib.auth.backends.ModelBackend")
    answer = client.get(f"/m/{supplier.code}/{path}")
    assert answer.status_code == 200
    html = re.sub(r"<(link|script)[^>]*>(</script>)?", "", answer.content.decode())
    return html.replace("</head>", f"<style>{CSS.read_text()}</style></head>")


def printed(pages: dict[str, str], chromium_path: str) -> dict[str, list[tuple[int, int]]]:
    """The sizes of the pages of each, in points."""
    found = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path, args=["--no-sandbox"])
        page = browser.new_page()
        for name, html in pages.items():
            page.set_content(html)
            pdf = page.pdf(prefer_css_page_size=True)
            boxes = re.findall(rb"/MediaBox\s*\[\s*0\s+0\s+([\d.]+)\s+([\d.]+)\s*\]", pdf)
            found[name] = [(round(float(width)), round(float(height))) for width, height in boxes]
        browser.close()
    return found


def test_each_sheet_has_its_paper_and_each_parcel_its_page(sheets: dict[str, str], chromium_path: str):
    found = printed(sheets, chromium_path)
    assert found["slips"] == [A6] * 24
    assert found["labels"] == [LABEL] * 24
    assert set(found["pick"]) == {A4}
    assert 3 <= len(found["pick"]) <= 5
