"""What every page must pass: no fault found by axe, no complaint of the browser, no sideways scroll, no jump while it loads."""

from dataclasses import dataclass
from itertools import product
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext
from playwright.sync_api import Page as Tab

from tests.browser.eyes import DESKTOP, PHONE, TELL_OF_REFUSED_CONTENT
from tests.browser.furnish import Furnished, look
from tests.browser.places import Page

RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
NARROW = {"width": 320, "height": 800}
ZOOMED = {"width": 640, "height": 450}
"""A window of 1280 pixels at 200 %."""

MOST_JUMP = 0.05
WATCH_JUMPS = """
window.jumps = [];
new PerformanceObserver((list) => {
  for (const one of list.getEntries()) if (!one.hadRecentInput) window.jumps.push(one.value);
}).observe({type: "layout-shift", buffered: true});
"""
WIDER_THAN_THE_WINDOW = """() => {
  const room = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= room) return [];
  const inside = (one) => {
    for (let up = one.parentElement; up; up = up.parentElement)
      if (["auto", "scroll", "hidden"].includes(getComputedStyle(up).overflowX)) return true;
    return false;
  };
  return [...document.body.querySelectorAll("*")]
    .filter((one) => one.getBoundingClientRect().right > room + 1 && !inside(one))
    .slice(0, 3).map((one) => `${one.tagName}.${one.getAttribute("class") || ""}: ${one.textContent.trim().slice(0, 40)}`);
}"""
PICTURES_WITHOUT_ROOM = """() => [...document.querySelectorAll("main img")]
  .filter((one) => !(one.getAttribute("width") && one.getAttribute("height"))).map((one) => one.outerHTML.slice(0, 120))"""


@dataclass(frozen=True)
class Combination:
    """How somebody looks at a page."""

    language: str
    width: int
    scheme: str

    @property
    def name(self) -> str:
        return f"{'en' if self.language == 'en' else 'zh'}-{self.width}-{self.scheme}"

    @property
    def device(self) -> dict[str, Any]:
        return (PHONE if self.width < 720 else DESKTOP) | {"color_scheme": self.scheme}


ALL = [Combination(*one) for one in product(("zh-hans", "en"), (390, 1280), ("light", "dark"))]


MOST_OPEN = 8
"""Browsers of people at a time: each takes its memory."""


class Gate:
    """Opens pages as the people of the demonstration do; keeps a browser for each person and combination."""

    def __init__(self, browser: Browser, found: Furnished) -> None:
        self.browser = browser
        self.found = found
        self.axe = Axe()
        self.tabs: dict[tuple[str, Combination], Tab] = {}
        self.said: list[str] = []

    def tab(self, person: str, way: Combination) -> Tab:
        if (person, way) not in self.tabs:
            if len(self.tabs) == MOST_OPEN:
                self.tabs.pop(next(iter(self.tabs))).context.close()
            context = look(self.browser, self.found, person, way.device, way.language)
            self._listen(context)
            self.tabs[person, way] = context.new_page()
        return self.tabs[person, way]

    def _listen(self, context: BrowserContext) -> None:
        context.add_init_script(TELL_OF_REFUSED_CONTENT + WATCH_JUMPS)
        context.on("console", lambda said: self.said.append(said.text) if said.type == "error" else None)
        context.on("weberror", lambda fault: self.said.append(str(fault.error)))

    def open(self, page: Page, way: Combination) -> Tab:
        """The page as it stands when it has loaded."""
        tab = self.tab(page.person, way)
        tab.set_viewport_size(way.device["viewport"])
        answer = tab.goto(self.found.address + self.found.path(page.path), wait_until="load")
        assert answer is not None
        assert answer.status == page.status, f"{answer.status} at {answer.url}"
        assert answer.request.redirected_from is None, f"it went on to {answer.url}"
        return tab

    def faults(self, page: Page, way: Combination) -> list[str]:
        """Everything that is wrong with it, in words."""
        self.said.clear()
        tab = self.open(page, way)
        found = [f"jumps by {jump:.3f}" for jump in tab.evaluate("window.jumps") if jump > MOST_JUMP]
        found += [f"a picture without room: {one}" for one in tab.evaluate(PICTURES_WITHOUT_ROOM)]
        found += [f"axe: {one}" for one in self._axe(tab)]
        for size in (way.device["viewport"], NARROW, ZOOMED):
            tab.set_viewport_size(size)
            found += [f"wider than {size['width']}: {one}" for one in tab.evaluate(WIDER_THAN_THE_WINDOW)]
        expected = "404 (Not Found)" if page.status != 200 else "-"
        return found + [f"the browser said: {one}" for one in self.said if expected not in one]

    def _axe(self, tab: Tab) -> list[str]:
        faults = self.axe.run(tab, options=RULES).response["violations"]
        return [
            f"{fault['id']} ({fault['help']}): {fault['nodes'][0]['html'][:160]} {fault['nodes'][0]['any'][:1] and fault['nodes'][0]['any'][0]['message']}"
            for fault in faults
        ]

    def close(self) -> None:
        for tab in self.tabs.values():
            tab.context.close()
