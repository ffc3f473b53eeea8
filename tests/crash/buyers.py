"""Buyers as careful programs are: a key per wish, the same key again after a broken connection, and payment at the provider.

Some go away without an answer, some ask again although they were answered, some never pay.
"""

import http.client
import json
import random
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from tests.crash.journal import Journal
from tests.crash.stack import HOST

PATIENCE_SECONDS = 10
AGAIN_SECONDS = 0.2
ENOUGH_TRIES = 300
CONTACT = {
    "name": "李四",
    "phone": "13800138000",
    "province": "浙江",
    "city": "杭州",
    "street": "文三路 1 号",
}
Broken = (OSError, http.client.HTTPException)


@dataclass
class Scene:
    """What all buyers share."""

    seed: int
    port: int
    gateway_port: int
    market: Mapping[str, Any]
    journal: Journal
    over: threading.Event = field(default_factory=threading.Event)


class Line:
    """A connection that is kept, and made anew after it broke."""

    def __init__(self, port: int) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)

    def post(self, path: str, body: object, **headers: str) -> tuple[int, Mapping[str, str], Any]:
        """Raises one of Broken when there is no whole answer."""
        try:
            sent = {"Content-Type": "application/json"} | headers
            self.connection.request("POST", path, json.dumps(body), sent)
            answer = self.connection.getresponse()
            content = answer.read()
        except Broken:
            self.connection.close()
            raise
        told = {}
        with suppress(ValueError):
            told = json.loads(content)
        return answer.status, {name.lower(): value for name, value in answer.headers.items()}, told


class Buyer(threading.Thread):
    """Many people, one after another, each with a wish of their own."""

    def __init__(self, scene: Scene, number: int) -> None:
        super().__init__(name=f"buyer {number}", daemon=True)
        self.scene, self.number, self.wishes = scene, number, 0
        self.dice = random.Random(f"{scene.seed} {number}")
        self.shop, self.gateway = Line(scene.port), Line(scene.gateway_port)

    def run(self) -> None:
        while not self.scene.over.is_set():
            self.wishes += 1
            self.buy(f"crash-{self.scene.seed}-{self.number:02}-{self.wishes:06}")

    def buy(self, key: str) -> None:
        market, dice = self.scene.market, self.dice
        is_greedy = dice.random() < 0.1
        token = dice.choice(market["greedy"] if is_greedy else market["buyers"])
        wish = {"lines": self._lines(), "contact": CONTACT | {"note": key}}
        purchase = self._place(token, key, wish, loses_patience=dice.random() < 0.2)
        if not purchase:
            return
        if dice.random() < 0.1:
            self._place(token, key, wish)
        if not is_greedy and dice.random() < 0.6:
            self._pay(token, purchase["code"])

    def _lines(self) -> Sequence[Mapping[str, Any]]:
        """Half of all want what there is little of."""
        goods, few = self.scene.market["goods"], self.scene.market["goods"][:1]
        wanted = few if self.dice.random() < 0.3 else self.dice.sample(goods, self.dice.choice((1, 1, 2)))
        return [
            {"variant": one["code"], "quantity": self.dice.choice((1, 1, 2)), "shown_minor": one["minor"]}
            for one in wanted
        ]

    def _place(
        self, token: str, key: str, wish: Mapping[str, Any], *, loses_patience: bool = False
    ) -> dict[str, Any] | None:
        """The purchase as it was acknowledged; None when it was refused, or the buyer went away."""
        headers = {"Host": HOST, "Authorization": f"Bearer {token}", "Idempotency-Key": key}
        journal = self.scene.journal
        for tries in range(ENOUGH_TRIES):
            try:
                status, head, told = self.shop.post("/api/v1/purchases", wish, **headers)
            except Broken:
                status, head, told = 0, {}, {}
            if status == 201:
                journal.acknowledge(key, told)
                if tries and "idempotent-replay" in head:
                    journal.count("placed, though the answer was lost")
                return told
            if 400 <= status < 500 and not told.get("retryable"):
                journal.count(f"refused: {told.get('code', status)}")
                return None
            journal.count(f"no answer ({status})" if status else "broken connections")
            if loses_patience or self.scene.over.is_set():
                break
            self.scene.over.wait(AGAIN_SECONDS * self.dice.random())
        journal.leave(key)
        return None

    def _pay(self, token: str, code: str) -> None:
        """Whoever cannot begin to pay goes away; what the provider has taken is owed an effect."""
        headers = {"Host": HOST, "Authorization": f"Bearer {token}"}
        with suppress(*Broken):
            status, _, told = self.shop.post(
                f"/api/v1/purchases/{code}/payments", {"kind": "redirect"}, **headers
            )
            if status != 201:
                return
            paying = {"do": "pay", "out_no": told["out_no"]}
            if self.gateway.post("/control.json", paying)[0] == 200:
                self.scene.journal.paid(told["out_no"], told["amount_minor"])
            if self.dice.random() < 0.2:
                self.gateway.post("/control.json", {"do": "send", "out_no": told["out_no"], "times": 2})
