"""A real browser whose every complaint counts: errors, refused content, broken answers, calls to strangers."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, Locator, Page, Request, Response, expect, sync_playwright

PATIENCE_MS = 15_000
WORKER_MS = 40_000
ROUND_MS = 1_000
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",  # containers have little of it
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
PHONE = {
    "viewport": {"width": 390, "height": 844},
    "user_agent": "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36",
    "is_mobile": True,
    "has_touch": True,
}
WECHAT = PHONE | {"user_agent": f"{PHONE['user_agent']} MicroMessenger/8.0.50"}
DESKTOP = {"viewport": {"width": 1280, "height": 900}}
TELL_OF_REFUSED_CONTENT = """
document.addEventListener("securitypolicyviolation", (found) =>
  console.error(`Content Security Policy: ${found.violatedDirective} refused ${found.blockedURI}`));
"""


class Eyes:
    """Opens browsers for people, keeps what they complain of, takes pictures."""

    def __init__(self, browser: Any, address: str, folder: Path) -> None:
        self.browser = browser
        self.address = address
        self.folder = folder
        self.complaints: list[str] = []
        self.pages: list[Page] = []
        self.signed_in: dict[str, Page] = {}
        self.wanted = os.environ.get("YUNJU_PICTURES", "")
        self.count = 0

    def person(self, device: dict[str, Any], *, language: str = "zh-CN", script: bool = True) -> Page:
        """Somebody with a browser of their own: no cookie of anybody else."""
        context = self.browser.new_context(**device, locale=language, java_script_enabled=script)
        context.set_default_timeout(PATIENCE_MS)
        self._listen(context)
        page = context.new_page()
        self.pages.append(page)
        return page

    def _listen(self, context: BrowserContext) -> None:
        context.add_init_script(TELL_OF_REFUSED_CONTENT)
        context.on(
            "console", lambda said: self.complaints.append(said.text) if said.type == "error" else None
        )
        context.on("weberror", lambda found: self.complaints.append(str(found.error)))
        context.on("request", self._watch_host)
        context.on("response", self._watch_answer)

    def _watch_host(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in {"data", "blob"} and parts.hostname != "127.0.0.1":
            self.complaints.append(f"a call to a stranger: {request.url}")

    def _watch_answer(self, response: Response) -> None:
        if response.status >= 400:
            self.complaints.append(f"{response.status} from {response.request.method} {response.url}")

    def show(self, page: Page, name: str) -> None:
        """A picture of a step for people, where YUNJU_PICTURES names a folder."""
        if self.wanted:
            self.count += 1
            page.screenshot(path=Path(self.wanted) / f"{self.count:02}-{name}.png", full_page=True)

    def last_seen(self) -> list[str]:
        """Pictures of every open page, for a failure."""
        found = []
        for number, page in enumerate(self.pages, start=1):
            path = self.folder / f"page-{number}.png"
            page.screenshot(path=path, full_page=True, timeout=PATIENCE_MS)
            found.append(f"{page.url}: {path}")
        return found

    def go(self, page: Page, path: str) -> None:
        page.goto(f"{self.address}{path}")

    def forget_outage(self) -> None:
        """The house was down for a moment, on purpose: open pages that ask how far something is were right to complain."""
        outage = ("htmx:sendError", "htmx:afterRequest", "net::ERR_CONNECTION_REFUSED")
        self.complaints[:] = [said for said in self.complaints if not any(word in said for word in outage)]

    def has_stayed_calm(self) -> None:
        assert self.complaints == []


@contextmanager
def opened(path: str, address: str, folder: Path) -> Iterator[Eyes]:
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=list(FLAGS))
        try:
            yield Eyes(browser, address, folder)
        finally:
            browser.close()


def sees(page: Page, *texts: str) -> None:
    """All of it stands on the page, now or in a moment."""
    for text in texts:
        expect(page.locator("main")).to_contain_text(text, timeout=PATIENCE_MS)


def sees_in_time(page: Page, wanted: Locator) -> None:
    """What a worker does: the page is loaded again until it is there."""
    for _ in range(WORKER_MS // ROUND_MS):
        page.reload()
        try:
            expect(wanted).to_be_visible(timeout=ROUND_MS)
        except AssertionError:
            continue
        return
    expect(wanted).to_be_visible()


def presses(page: Page, name: str) -> None:
    """A button or a link that carries just these words."""
    exact = re.compile(rf"^\s*{re.escape(name)}\s*$")
    main = page.locator("main")
    main.get_by_role("button", name=exact).or_(main.get_by_role("link", name=exact)).first.click()


def figure(page: Page, name: str) -> Locator:
    """The amount under one of the large words of a page of money."""
    return page.locator(".figure", has=page.locator("dt", has_text=re.compile(f"^{name}$"))).locator(".money")


def fact(page: Page, name: str) -> Locator:
    """What stands beside a word in a list of facts."""
    return page.locator(
        f"xpath=//main//dl[contains(@class,'facts')]/dt[normalize-space()='{name}']/following-sibling::dd[1]"
    )
