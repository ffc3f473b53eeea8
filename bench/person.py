"""A whole purchase as a person makes it: shelf, offer, cart, checkout, cashier, thanks. Every page is fetched, forms are filled
in as a browser without JavaScript would, and the provider is a process of its own that tells our hook.
"""

import asyncio
import random
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import httpx
from django.conf import settings

from bench import figures, pages
from bench.crowd import Crowd
from bench.market import HOME
from bench.search import Times

PEOPLE = (8, 32)
ONWARD = frozenset({301, 302, 303})
PATIENCE = 60
PHONE = {"User-Agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X)"}
CONTACT = {name: getattr(HOME, name) for name in ("name", "phone", "city", "street")} | {"province": "浙江"}


@dataclass(slots=True)
class Form:
    """What a form would send: its fields as they stand, and its buttons with a name."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)


class _Forms(HTMLParser):
    """The forms of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Form] = []
        self._select = self._area = ""
        self._is_open = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.append(Form(given.get("action", "")))
            self._is_open = True
        elif self._is_open:
            self._take(tag, given)

    def _take(self, tag: str, given: Mapping[str, str]) -> None:
        form, name = self.found[-1], given.get("name", "")
        if tag == "select":
            self._select = name
        elif tag == "textarea":
            self._area = name
        elif tag == "option" and self._select and ("selected" in given or self._select not in form.fields):
            form.fields[self._select] = given.get("value", "")
        elif tag == "button" and name:
            form.buttons.append((name, given.get("value", "")))
        elif (
            tag == "input" and name and ("checked" in given or given.get("type") not in ("radio", "checkbox"))
        ):
            form.fields[name] = given.get("value", "")

    def handle_data(self, data: str) -> None:
        if self._area:
            self.found[-1].fields[self._area] = data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._is_open = False
        elif tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._area = ""


@dataclass(slots=True)
class Person:
    """Somebody with a browser and its cookies, at one address of the market."""

    client: httpx.AsyncClient
    address: str
    host: str
    at: str = ""
    text: str = ""
    asked: int = 0

    async def go(self, address: str) -> None:
        await self._ask("GET", urljoin(self.at or self.address, address), None)

    async def send(self, part: str, *, button: str = "", **filled: str) -> None:
        """Fill in the form whose action has `part`, and press the button of that value, or its first."""
        parser = _Forms()
        parser.feed(self.text)
        form = next(one for one in parser.found if part in urljoin(self.at, one.action))
        pressed = [one for one in form.buttons if button in ("", one[1])][:1]
        data = form.fields | filled | dict(pressed)
        await self._ask("POST", urljoin(self.at, form.action), data)

    async def _ask(self, method: str, address: str, data: Mapping[str, str] | None) -> None:
        """Follows on like a browser; our own pages are asked for by the market's name."""
        for _ in range(5):
            is_ours = urlsplit(address).netloc == urlsplit(self.address).netloc
            headers = {"Host": self.host, "Referer": self.address} if is_ours else {}
            found = await self.client.request(method, address, data=data, headers=headers)
            self.asked += 1
            if found.status_code not in ONWARD:
                break
            method, data = "GET", None
            address = urljoin(
                address,
                found.headers["Location"].replace(f"//{self.host}", f"//{urlsplit(self.address).netloc}"),
            )
        if found.status_code != httpx.codes.OK:
            raise RuntimeError(f"{method} {address} was answered {found.status_code}: {found.text[:300]}")
        self.at, self.text = address, found.text


async def buy(person: Person, dice: random.Random) -> None:
    """From the shelf to the thanks."""
    await person.go(f"{person.address}/shelf")
    offers = sorted(set(re.findall(r'href="(/offers/\w+)', person.text)))
    await person.go(dice.choice(offers))
    await person.send("/cart/add")
    await person.go("/cart")
    await person.go("/checkout")
    await person.send("/checkout", button="look", **CONTACT)
    await person.send("/checkout", button="place", **CONTACT)
    cashier = person.at
    await person.send("/purchases/")
    await person.send("")
    until = time.monotonic() + PATIENCE
    while True:
        await person.go(cashier)
        if 'http-equiv="refresh"' not in person.text:
            return
        if time.monotonic() > until:
            raise TimeoutError("the payment was not told")


@contextmanager
def provider() -> Iterator[str]:
    """The simulated provider beside; its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    home = Path(settings.YUNJU_GATEWAY_HOME)
    command = [sys.executable, "-m", "yunju.payments.simulator", "--home", str(home), "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=30)


def measure(people: Crowd, seconds: float) -> Iterator[tuple[str, str]]:
    """For 8 and for 32 people, name and words: purchases a second, how long one takes, what it costs."""
    with provider() as gateway, pages.server(5, people.host, gateway=gateway) as house:
        asyncio.run(_all(house, people, 2, min(seconds, 3)))
        for count in PEOPLE:
            watch, before = figures.Watch(), pages.used(house.process)
            taken, asked = asyncio.run(_all(house, people, count, seconds))
            figure = watch.stop(len(taken), pages.used(house.process) - before)
            yield f"whole purchases, {count} people", f"{figure.rate:.1f}"
            yield (
                f"whole purchases, {count} people, told",
                f"{figure.told('a purchase')}, {asked / len(taken):.1f} requests",
            )
            yield f"whole purchases, {count} people, one takes", Times(tuple(sorted(taken))).told()


async def _all(house: pages.Server, people: Crowd, count: int, seconds: float) -> tuple[list[float], int]:
    taken: list[float] = []
    until = time.monotonic() + seconds
    asked = await asyncio.gather(*(_buyer(house, people, n, until, taken) for n in range(count)))
    return taken, sum(asked)


async def _buyer(house: pages.Server, people: Crowd, n: int, until: float, taken: list[float]) -> int:
    """Stranger after stranger, each with a browser of their own."""
    dice, asked = random.Random(n), 0  # noqa: S311
    while True:
        async with httpx.AsyncClient(trust_env=False, timeout=PATIENCE, headers=PHONE) as client:
            client.cookies.set("django_language", "zh-hans")
            person = Person(client, f"http://127.0.0.1:{house.port}", people.host)
            begun = time.monotonic()
            await buy(person, dice)
            taken.append((time.monotonic() - begun) * 1_000)
            asked += person.asked
        if time.monotonic() > until:
            return asked
