"""Every page, seen by those it is for. `make test` looks at each in one combination of language, width and scheme, in turn;
`make test-long` at all eight."""

import re
from collections.abc import Iterator

import pytest
from django.urls import URLPattern, URLResolver
from playwright.sync_api import expect, sync_playwright

from tests.browser import gates, places
from tests.browser.furnish import PEOPLE, furnish, launched
from tests.house import House
from yunju.web import urls

IDS = [page.name for page in places.PAGES]


def names(patterns: list[URLPattern | URLResolver]) -> set[str]:
    return {
        name
        for one in patterns
        for name in ([one.name] if isinstance(one, URLPattern) else names(one.url_patterns))
    }


def test_every_address_is_a_page_in_the_list_or_says_why_not():
    listed = {page.route for page in places.PAGES}
    assert names(urls.urlpatterns) == listed | set(places.NO_PAGES)
    assert not listed & set(places.NO_PAGES)
    assert {page.person for page in places.PAGES} == set(PEOPLE)
    assert len(IDS) == len(set(IDS))


@pytest.fixture(scope="module")
def gate(house: House, chromium_path: str) -> Iterator[gates.Gate]:
    with sync_playwright() as driver:
        browser = launched(driver, chromium_path)
        try:
            made = gates.Gate(browser, furnish(house, browser))
            yield made
            made.close()
        finally:
            browser.close()


@pytest.mark.browser
@pytest.mark.timeout(600)
def test_every_page_passes_in_one_combination(gate: gates.Gate):
    faults = {
        f"{page.name} {way.name}": found
        for number, page in enumerate(places.PAGES)
        if (found := gate.faults(page, way := gates.ALL[number % len(gates.ALL)]))
    }
    assert faults == {}, listed(faults)


@pytest.mark.browser
@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.parametrize("way", gates.ALL, ids=lambda way: way.name)
def test_every_page_passes_in_all_combinations(gate: gates.Gate, way: gates.Combination):
    faults = {f"{page.name} {way.name}": found for page in places.PAGES if (found := gate.faults(page, way))}
    assert faults == {}, listed(faults)


@pytest.mark.browser
@pytest.mark.timeout(300)
def test_a_statement_on_paper_is_its_content_on_a4(gate: gates.Gate):
    statement = next(page for page in places.PAGES if page.route == "statement")
    tab = gate.open(statement, gates.Combination("zh-hans", 1280, "dark"))
    tab.emulate_media(media="print", color_scheme="light")
    for frame in (".head", ".rail", ".bar", ".foot", ".ribbon", "main button"):
        assert not tab.locator(frame).first.is_visible(), frame
    expect(tab.locator("main table")).to_be_visible()
    expect(tab.locator("main .facts")).to_be_visible()
    assert tab.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
    boxes = set(re.findall(rb"/MediaBox \[([\d. ]+)\]", tab.pdf(prefer_css_page_size=True)))
    assert [[round(float(one)) for one in box.split()] for box in boxes] == [[0, 0, 595, 842]]
    tab.emulate_media(media="screen", color_scheme="dark")


def listed(faults: dict[str, list[str]]) -> str:
    return "\n".join(f"{name}\n   {one}" for name, found in faults.items() for one in found)
