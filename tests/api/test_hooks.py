"""Payments that gateways tell of at once: at the door and at the route, each booked once, the odd ones by themselves."""

import asyncio
import json

import pytest

from tests.api.conftest import Caller, problem
from tests.api.test_buying import place
from tests.factories.markets import make_market
from tests.factories.members import make_user
from yunju.api import door
from yunju.kernel.ids import public_code
from yunju.members.models import Cluster
from yunju.orders.actions import gathering, pay
from yunju.orders.models import Purchase
from yunju.payments.models import Attempt, Notification
from yunju.payments.simulator import signing

PATH = "/hooks/gateways/simulated"


@pytest.fixture
def market(db_app):
    found = make_market()
    Cluster.objects.filter(pk=found.cluster.pk).update(unpaid_limit=100)
    return found


@pytest.fixture
def buyer(market):
    return Caller(market.cluster.host, make_user())


@pytest.fixture
def secret(settings, provider):
    return signing.read_secret(settings.YUNJU_GATEWAY_HOME)


def attempts(market, buyer, count):
    """Purchases that somebody has begun to pay."""
    found = []
    for _ in range(count):
        code = place(market, buyer).json()["code"]
        out_no = buyer.post(f"/purchases/{code}/payments", {"kind": "redirect"}).json()["out_no"]
        found.append(Attempt.objects.get(out_no=out_no))
    return found


def told(attempt, **other):
    """What the provider says of a paid attempt."""
    fact = {
        "merchant": signing.MERCHANT,
        "event_id": public_code(20),
        "kind": "paid",
        "out_no": attempt.out_no,
        "provider_no": public_code(20),
        "amount_minor": attempt.amount_minor,
        "currency": attempt.currency,
        "at": attempt.started_at.isoformat(),
        "refund_no": "",
        "reason": "",
    }
    return json.dumps(fact | other).encode()


def sent(secret, body, **other):
    """The headers of a signed message, as a server names them."""
    headers = signing.signed_headers(secret, signing.NOTIFICATION, body)
    plain = {"host": "127.0.0.1", "content-length": str(len(body)), "content-type": "application/json"}
    return plain | {name.lower(): value for name, value in headers.items()} | other


def at_the_door(secret, *bodies, **other):
    """What each is answered, all of them at once; None where it is left to the route."""

    async def all_at_once():
        return await asyncio.gather(
            *(door.answer(PATH, sent(secret, body, **other), body) for body in bodies)
        )

    assert door.is_for("POST", PATH, sent(secret, bodies[0]))
    return [found and (found[0], json.loads(found[2])["verdict"]) for found in asyncio.run(all_at_once())]


def at_the_route(secret, body):
    headers = signing.signed_headers(secret, signing.NOTIFICATION, body)
    return Caller("127.0.0.1").client.post(PATH, body, content_type="application/json", headers=headers)


def states(found):
    rows = Purchase.objects.filter(pk__in=[one.purchase_id for one in found]).order_by("pk")
    return list(rows.values_list("payment_state", flat=True))


def test_many_at_once_are_booked_together_and_once_each(market, buyer, secret, monkeypatch):
    found, sizes = attempts(market, buyer, 6), []

    def counted(events):
        sizes.append(len(events))
        return pay.pay_announced(events)

    monkeypatch.setattr(gathering.payments, "_work", counted)
    bodies = [told(one) for one in found]
    assert at_the_door(secret, *bodies, *bodies[:3]).count((200, "paid")) == 6
    assert sum(sizes) == 9
    assert len(sizes) < 9, "they were booked together"
    assert at_the_door(secret, *bodies) == [(200, "duplicate")] * 6
    assert states(found) == ["paid"] * 6
    assert at_the_route(secret, bodies[0]).json() == {"verdict": "duplicate"}


def test_the_route_books_what_the_door_would(market, buyer, secret):
    (one,) = attempts(market, buyer, 1)
    assert at_the_route(secret, told(one)).json() == {"verdict": "paid"}
    assert states([one]) == ["paid"]


def test_what_is_no_plain_payment_is_left_to_the_route_and_nothing_is_booked(market, buyer, secret):
    """Another amount is believed only when the provider says so itself; it knows of no payment here."""
    one, good = attempts(market, buyer, 2)
    odd = {
        "payments.other_amount": told(one, amount_minor=one.amount_minor - 1),
        "payments.other_currency": told(one, currency="USD"),
        "payments.unknown_payment": told(one, out_no="A-nobody"),
        "payments.other_merchant": told(one, merchant="other"),
        "payments.malformed": told(one, amount_minor="1"),
    }
    before = Notification.objects.count()
    assert at_the_door(secret, *odd.values()) == [None] * len(odd)
    for code, body in odd.items():
        assert problem(at_the_route(secret, body))[1] == code
    assert at_the_door(b"x" * 32, told(one)) == [None], "forged"
    assert at_the_door(secret, told(one), host="evil example") == [None]
    assert Notification.objects.count() == before
    assert states([one]) == ["unpaid"]
    mixed = at_the_door(secret, odd["payments.other_amount"], told(good), odd["payments.other_currency"])
    assert mixed == [None, (200, "paid"), None]
    assert states([one, good]) == ["unpaid", "paid"]
