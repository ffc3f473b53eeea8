"""Who knocks at the door: buyers with tokens, their requests as they go over the wire, and the payments told of them."""

import json
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings

from bench import market
from bench.market import DICE, HOME, Market
from tests.factories.members import make_user
from yunju.api import tokens
from yunju.api.models import ApiToken
from yunju.catalog.models import Variant
from yunju.kernel import clock
from yunju.kernel.ids import public_code
from yunju.members.models import User
from yunju.payments.contract import VerifiedEvent
from yunju.payments.simulator import signing
from yunju.shops.attribution import make_token

BUYERS = 2_000
SUPPLIERS = 200
MANY = 30_000
"""The unpaid purchases a buyer may hold here: the same buyers come again and again."""


@dataclass(frozen=True, slots=True)
class Crowd:
    """A market, the codes of its variants, its shops' links, and the tokens of its buyers."""

    market: Market
    codes: dict[int, str]
    links: Sequence[str]
    tokens: Sequence[str]

    @property
    def host(self) -> str:
        return self.market.cluster.host


def make(suppliers: int = SUPPLIERS, buyers: int = BUYERS) -> Crowd:
    """`suppliers` of ten things each; every thing is listed by ten shops."""
    stage = market.make(suppliers=suppliers)
    stage.cluster.unpaid_limit = MANY
    stage.cluster.save(update_fields=["unpaid_limit"])
    return Crowd(
        market=stage,
        codes=dict(Variant.objects.filter(cluster=stage.cluster).values_list("id", "code")),
        links=[make_token(shop, "link") for shop in stage.shops],
        tokens=_tokens(stage, buyers),
    )


def _tokens(stage: Market, count: int) -> list[str]:
    """As `api.tokens.make_token` makes them, many at once."""
    pattern, now = make_user(), clock.now()
    users = User.objects.bulk_create(
        [
            User(
                email=f"{public_code().lower()}@buyers.example",
                password=pattern.password,
                name="买家",
                joined_at=now,
            )
            for _ in range(count)
        ]
    )
    found = [tokens.PREFIX + secrets.token_urlsafe(32) for _ in users]
    ApiToken.objects.bulk_create(
        ApiToken(
            cluster=stage.cluster,
            user=user,
            name="bench",
            code=public_code(),
            hash=tokens.digest(secret),
            scopes=["purchase:write"],
            session_epoch=user.session_epoch,
            made_at=now,
            expires_at=now + timedelta(days=1),
        )
        for user, secret in zip(users, found, strict=True)
    )
    return found


def purchases(crowd: Crowd, keys: Sequence[str], *, hot: bool) -> Iterator[bytes]:
    """One request a key: one to three things of one supplier, by a shop's link; `hot`: one piece of the same thing."""
    for n, key in enumerate(keys):
        wanted = crowd.market.goods[0][:1] if hot else market.some(crowd.market)
        link = DICE.choice(crowd.links)
        body = {
            "lines": [
                {"variant": crowd.codes[variant], "quantity": 1, "shown_minor": price, "share": link}
                for variant, price in wanted
            ],
            "contact": {
                name: getattr(HOME, name) for name in ("name", "phone", "province", "city", "street")
            },
        }
        token = crowd.tokens[n % len(crowd.tokens)]
        head = {"Authorization": f"Bearer {token}", "Idempotency-Key": key}
        yield _post(crowd.host, "/api/v1/purchases", head, json.dumps(body, ensure_ascii=False).encode())


def payments(crowd: Crowd, events: Sequence[VerifiedEvent]) -> Iterator[bytes]:
    """What the simulated provider would say of these payments."""
    secret = signing.load_secret(settings.YUNJU_GATEWAY_HOME)
    for event in events:
        fact = {
            "merchant": signing.MERCHANT,
            "event_id": event.event_id,
            "kind": event.kind,
            "out_no": event.out_no,
            "provider_no": event.provider_no,
            "amount_minor": event.amount_minor,
            "currency": event.currency,
            "at": event.at.isoformat(),
            "refund_no": "",
            "reason": "",
        }
        body = json.dumps(fact).encode()
        headers = signing.signed_headers(secret, signing.NOTIFICATION, body)
        yield _post(crowd.host, f"/hooks/gateways/{event.gateway}", headers, body)


def _post(host: str, path: str, headers: dict[str, str], body: bytes) -> bytes:
    fields = {"Host": host, "Content-Type": "application/json", "Content-Length": str(len(body))} | headers
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"POST {path} HTTP/1.1\r\n{head}\r\n".encode() + body
