"""Every page, seen by those it is for. `make test` looks at each in one combination of language, width and scheme, in turn;
`make test-long` at all eight."""

from collections.abc import Iterator

import pytest
from django.urls import URLPattern, URLResolver
from playwright.sync_api import sync_playwright

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
@pytest.mark.parametrize("way", gates.ALL, ids=lambda way: way.name)
def test_every_page_passes_in_all_combinations(gate: gates.Gate, way: gates.Combination):
    faults = {f"{page.name} {way.name}": found for page in places.PAGES if (found := gate.faults(page, way))}
    assert faults == {}, listed(faults)


def listed(faults: dict[str, list[str]]) -> str:
    return "\n".join(f"{name}\n   {one}" for name, found in faults.items() for one in found)
