"""The door says what the route behind it says, word for word, and leaves to it what it does not take."""

import asyncio
import json
from datetime import timedelta

import pytest

from tests.api.conftest import Caller
from tests.api.test_buying import CONTACT, key, wanted
from tests.factories.markets import make_market
from tests.factories.members import make_member, make_user
from tests.factories.shops import make_listing, make_shop
from yunju.api import door, limits, tokens
from yunju.api.models import ApiToken
from yunju.kernel import clock
from yunju.kernel.errors import Busy
from yunju.members.models import Cluster
from yunju.members.queries import actor_for
from yunju.orders.actions import gathering
from yunju.orders.models import Line, Purchase
from yunju.shops.actions import attributions
from yunju.shops.attribution import Attribution, make_token, read_token

SAME_HEADERS = ("content-type", "retry-after", "www-authenticate", "idempotent-replay", "content-language")
SAFE_HEADERS = ("x-content-type-options", "referrer-policy", "cross-origin-opener-policy", "x-frame-options")


@pytest.fixture(autouse=True)
def hosts(settings):
    settings.ALLOWED_HOSTS = ["*"]
    limits.reset()


@pytest.fixture
def market(db_app):
    return make_market()


@pytest.fixture
def secret(market):
    return token_of(make_user(), market.cluster)


def may_hold_many(*markets):
    Cluster.objects.filter(pk__in=[one.cluster.pk for one in markets]).update(unpaid_limit=100)


def token_of(user, cluster, scopes=("purchase:write",)):
    return tokens.make_token(name="till", scopes=list(scopes), days=30, by=actor_for(user, cluster))[1]


def knock(market, secret, body, *, idempotency_key=None, language="en", host=None):
    """Status, headers and what was told; None where the door leaves it to the route."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {
        "host": market.cluster.host if host is None else host,
        "authorization": f"Bearer {secret}",
        "idempotency-key": idempotency_key or key(),
        "accept-language": language,
        "content-length": str(len(content)),
    }
    assert door.is_for("POST", door.PATH, headers)
    found = asyncio.run(door.answer(door.PATH, headers, content))
    return found and (found[0], dict(found[1]), json.loads(found[2]))


def route(market, secret, body, *, idempotency_key=None, language="en"):
    caller = Caller(market.cluster.host, token=secret)
    headers = {"Idempotency-Key": idempotency_key or key(), "Accept-Language": language}
    found = caller.post("/purchases", body, **headers)
    return found.status_code, {name.lower(): value for name, value in found.headers.items()}, found.json()


def same(by_door, by_route):
    """Status, body and the headers that say something of this answer; those of every answer are there too."""
    assert by_door[0] == by_route[0]
    assert by_door[2] == by_route[2]
    for name in SAME_HEADERS:
        assert by_door[1].get(name, "").lower() == by_route[1].get(name, "").lower(), name
    for name in SAFE_HEADERS:
        assert by_door[1][name] == by_route[1][name], name


def test_a_purchase_through_the_door_is_one_and_the_route_replays_it(market, secret):
    once = key()
    status, headers, told = knock(market, secret, wanted(market, {0: 1, 1: 2}), idempotency_key=once)
    assert (status, headers["content-type"], set(told)) == (
        201,
        "application/json; charset=utf-8",
        {"code", "currency", "total_minor", "orders"},
    )
    purchase = Purchase.objects.get(code=told["code"])
    assert (purchase.total_minor, purchase.payment_state) == (told["total_minor"], "unpaid")
    again = knock(market, secret, wanted(market, {0: 1, 1: 2}), idempotency_key=once)
    behind = route(market, secret, wanted(market, {0: 1, 1: 2}), idempotency_key=once)
    same(again, behind)
    assert (again[2], again[1]["idempotent-replay"]) == (told, "true")
    assert Purchase.objects.filter(cluster_id=market.cluster.pk).count() == 1


@pytest.mark.parametrize("language", ["en", "zh-CN,zh;q=0.9", "", "xx,*", "de;q=0.5,en;q=0.4"])
def test_refusals_are_told_in_the_same_words(market, secret, language):
    dear = wanted(market, shown_minor=1)
    too_many = wanted(market, {0: 9_999})
    unknown = wanted(market, variant="NOSUCHVARIANT234")
    no_phone = wanted(market) | {"contact": CONTACT | {"phone": "none"}}
    for body in (dear, too_many, unknown, no_phone, wanted(market) | {"gateway": "none"}):
        by_door = knock(market, secret, body, language=language)
        assert by_door[0] in (409, 422)
        same(by_door, route(market, secret, body, language=language))
    assert not Purchase.objects.filter(cluster_id=market.cluster.pk).exists()


def test_another_payload_under_the_key_is_told_in_the_same_words(market, secret):
    once = key()
    assert knock(market, secret, wanted(market), idempotency_key=once)[0] == 201
    other = wanted(market, {0: 2})
    by_door = knock(market, secret, other, idempotency_key=once)
    assert by_door[0] == 422
    same(by_door, route(market, secret, other, idempotency_key=once))


def test_tokens_that_are_none_open_nothing(market, secret):
    user = make_user()
    narrow = token_of(user, market.cluster, ["purchase:read"])
    elsewhere = token_of(user, make_market().cluster)
    ended, old, asleep, gone = (token_of(make_user(), market.cluster) for _ in range(4))
    told = {one: ApiToken.objects.get(hash=tokens._hash(one)) for one in (ended, old, asleep, gone)}
    ApiToken.objects.filter(pk=told[ended].pk).update(ended_at=clock.now())
    ApiToken.objects.filter(pk=told[old].pk).update(expires_at=clock.now() - timedelta(seconds=1))
    ApiToken.objects.filter(pk=told[asleep].pk).update(session_epoch=99)
    told[gone].user.is_active = False
    told[gone].user.save()
    for bad in (
        narrow,
        elsewhere,
        ended,
        old,
        asleep,
        gone,
        "yj_unknown",
        "other",
        f"yj_{'x' * 200}",
        "yj_\xff\xfe",
    ):
        by_door = knock(market, bad, wanted(market))
        assert by_door[0] in (401, 403)
        same(by_door, route(market, bad, wanted(market)))
    assert knock(market, secret, wanted(market))[0] == 201
    assert Purchase.objects.filter(cluster_id=market.cluster.pk).count() == 1


def test_the_use_of_a_token_is_noted_once_a_minute(market, secret):
    knock(market, secret, wanted(market))
    first = ApiToken.objects.get(hash=tokens._hash(secret)).last_used_at
    knock(market, secret, wanted(market))
    assert ApiToken.objects.get(hash=tokens._hash(secret)).last_used_at == first
    clock.shift(timedelta(minutes=2))
    knock(market, secret, wanted(market))
    assert ApiToken.objects.get(hash=tokens._hash(secret)).last_used_at > first


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'{"lines": []}',
        b"\xff",
        json.dumps(
            {"lines": [{"variant": "x" * 50, "quantity": 1, "shown_minor": 1}], "contact": CONTACT}
        ).encode(),
        json.dumps(
            {"lines": [{"variant": "X", "quantity": "1", "shown_minor": 1}], "contact": CONTACT}
        ).encode(),
        json.dumps(
            {"lines": [{"variant": "X", "quantity": 1, "shown_minor": 1}], "contact": CONTACT, "a": 1}
        ).encode(),
        json.dumps(
            {
                "lines": [{"variant": "X", "quantity": 1, "shown_minor": 1}],
                "contact": CONTACT | {"name": "a\0"},
            }
        ).encode(),
    ],
)
def test_faults_of_form_are_the_routes(market, secret, body):
    assert knock(market, secret, body) is None


def test_a_host_that_is_not_ours_is_the_routes(market, secret, settings):
    settings.ALLOWED_HOSTS = [market.cluster.host]
    assert knock(market, secret, wanted(market), host="evil.example") is None
    assert knock(market, secret, wanted(market), host="") is None
    assert knock(market, secret, wanted(market))[0] == 201


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("GET", door.PATH, {}),
        ("POST", "/api/v1/purchases/", {}),
        ("POST", door.PATH, {"authorization": ""}),
        ("POST", door.PATH, {"authorization": "Basic x"}),
        ("POST", door.PATH, {"idempotency-key": ""}),
        ("POST", door.PATH, {"content-length": ""}),
        ("POST", door.PATH, {"content-length": "70000"}),
        ("POST", door.PATH, {"content-length": "-1"}),
        ("POST", door.PATH, {"content-length": "9" * 5_000}),
        ("POST", door.PATH, {"content-length": "１"}),
    ],
)
def test_what_the_door_does_not_take(method, path, headers):
    full = {"authorization": "Bearer x", "idempotency-key": "k", "content-length": "2"}
    assert door.is_for("POST", door.PATH, full)
    assert not door.is_for(method, path, full | headers)


def test_the_shop_that_brought_the_buyer_earns_by_link_and_by_account(market):
    may_hold_many(market)
    by_link, by_account = (make_shop(keeper) for keeper in keepers(market))
    for shop in (by_link, by_account):
        make_listing(shop, market.offers[0])
    user = make_user()
    secret = token_of(user, market.cluster)
    kept = Attribution(by_account.pk, "poster", "", clock.now())
    attributions.remember(found=kept, by=actor_for(user, market.cluster))
    link = make_token(by_link.pk, "link")
    asked = {"none": "", "account": None, "link": link, "forged": link[:-2] + "AA"}
    found = {}
    for name, share in asked.items():
        told = knock(market, secret, wanted(market, share=share))
        line = Line.objects.get(order__purchase__code=told[2]["code"], kind="goods")
        found[name] = (line.shop_id, line.source)
        behind = route(market, secret, wanted(market, share=share))
        line = Line.objects.get(order__purchase__code=behind[2]["code"], kind="goods")
        assert (line.shop_id, line.source) == found[name], name
    account, linked = (by_account.pk, "poster"), (by_link.pk, "link")
    assert found == {"none": (None, "none"), "account": account, "link": linked, "forged": account}
    assert read_token(link, clock.now(), 15)


def keepers(market):
    roles = [{make_user(): "owner"} for _ in range(2)]
    return [make_member(market.cluster, capacities=("shopkeeper",), roles=one) for one in roles]


def test_too_many_calls_and_too_many_waiting_are_told_with_when_to_come_again(market, secret, monkeypatch):
    monkeypatch.setattr(limits, "PER_MINUTE", 1)
    assert knock(market, secret, wanted(market))[0] == 201
    status, headers, told = knock(market, secret, wanted(market))
    assert (status, told["code"], int(headers["retry-after"]) > 0) == (429, "api.too_many", True)
    monkeypatch.undo()

    def full(*_args, **_more):
        raise Busy("busy.too_many")

    monkeypatch.setattr(gathering.purchases, "ask", full)
    status, headers, told = knock(market, secret, wanted(market))
    assert (status, told["code"], headers["retry-after"]) == (503, "busy.too_many", "2")
    assert Purchase.objects.filter(cluster_id=market.cluster.pk).count() == 1


def test_many_at_once_are_read_together_whoever_they_are(market, secret, monkeypatch):
    """Strangers, forgers and buyers of two clusters in one batch: each gets what is theirs."""
    other = make_market()
    theirs = token_of(make_user(), other.cluster)
    bodies = {place.cluster.host: json.dumps(wanted(place)).encode() for place in (market, other)}
    sizes = []
    real = door.read_batch

    def read(wishes):
        sizes.append(len(wishes))
        return real(wishes)

    monkeypatch.setattr(door, "read_batch", read)

    async def all_at_once():
        asked = [
            (market, secret),
            (market, "yj_none"),
            (other, theirs),
            (other, secret),
            (market, secret),
        ] * 4
        return await asyncio.gather(*(one(place, token) for place, token in asked))

    async def one(place, token):
        content = bodies[place.cluster.host]
        headers = {
            "host": place.cluster.host,
            "authorization": f"Bearer {token}",
            "idempotency-key": key(),
            "content-length": str(len(content)),
        }
        return (await door.answer(door.PATH, headers, content))[0]

    may_hold_many(market, other)
    assert asyncio.run(all_at_once()) == [201, 401, 201, 401, 201] * 4
    assert Purchase.objects.filter(cluster_id=market.cluster.pk).count() == 8
    assert Purchase.objects.filter(cluster_id=other.cluster.pk).count() == 4
    assert sum(sizes) == 20
    assert len(sizes) < 20, "they were read together"
