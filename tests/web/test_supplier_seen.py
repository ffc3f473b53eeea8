"""A supplier's page with several forms, in a real browser: what was typed into one is not lost by saving another."""

import pytest
from playwright.sync_api import Dialog, Page, expect

from tests.payments.provider import provider, provider_process  # noqa: F401
from tests.web.market import Market
from tests.web.test_journey import House, cluster, house, market  # noqa: F401
from yunju.catalog.models import Offer, Variant

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


def save_price(page: Page, *, and_answer: bool | None) -> None:
    """Press the button of the price; a question is answered, and without an answer none may come."""
    asked: list[str] = []

    def answer(dialog: Dialog) -> None:
        asked.append(dialog.message)
        (dialog.accept if and_answer else dialog.dismiss)()

    page.once("dialog", answer)
    page.get_by_role("button", name="Save price and stock").click()
    assert len(asked) == (0 if and_answer is None else 1)
    if not asked:
        page.remove_listener("dialog", answer)


def test_another_form_that_was_changed_is_asked_about(house: House, market: Market):  # noqa: F811
    offer = market.offers[0]
    variant = offer.variants.get()
    page = house.sign_in(market.owner())
    page.goto(f"{house.address}/m/{market.suppliers[0].code}/offers/{offer.code}")
    page.fill(f"#id_{variant.pk}_price", "77.00")
    page.fill("#id_title", "Another name")
    save_price(page, and_answer=False)
    assert Variant.objects.get(pk=variant.pk).price_minor == variant.price_minor
    expect(page.locator("#id_title")).to_have_value("Another name")
    save_price(page, and_answer=True)
    expect(page.locator("main")).to_contain_text("Saved.")
    assert Variant.objects.get(pk=variant.pk).price_minor == 7_700
    assert Offer.objects.get(pk=offer.pk).title == offer.title
    page.fill(f"#id_{variant.pk}_price", "78.00")
    save_price(page, and_answer=None)
    expect(page.locator("main")).to_contain_text("Saved.")
    assert Variant.objects.get(pk=variant.pk).price_minor == 7_800
