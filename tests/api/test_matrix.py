"""Every route x every kind of stranger x somebody else's objects: nothing is shown, nothing is changed.

The routes come from the API itself: a new one without its case here fails the first test.
"""

import re
import secrets
from dataclasses import dataclass, field

import pytest
from django.apps import apps
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import connection

from tests.api.conftest import Caller
from tests.factories.markets import arrive, make_market, place
from tests.factories.materials import make_material
from tests.factories.members import acts_for, buyer, make_cluster, make_member, make_user, operator
from yunju.api import tokens
from yunju.api.scopes import GRANTABLE
from yunju.api.urls import api
from yunju.catalog.actions import bulk
from yunju.catalog.models import ImportRun, Picture
from yunju.kernel import clock, pictures
from yunju.kernel.ids import public_code
from yunju.kernel.models import Job
from yunju.members.models import Cluster, Member, User
from yunju.members.queries import actor_for
from yunju.members.words import CapacityKind, RoleKind
from yunju.modes.ship.actions import make_wave
from yunju.orders.actions import cases, pay
from yunju.orders.after_sale import Claim
from yunju.orders.models import Line, Order
from yunju.payments.models import PayoutRun
from yunju.shops import actions as shops
from yunju.talks.models import Review

PUBLIC = {
    "GET /shelf",
    "GET /shelf/search",
    "GET /shelf/suggestions",
    "GET /categories",
    "GET /sales",
    "GET /offers/{code}",
    "GET /offers/{code}/materials",
    "GET /offers/{code}/reviews",
    "GET /shops/{code}",
    "GET /shops/{code}/listings",
}
"""Anybody may read these; the objects in them are open to all."""

OWN = {
    "GET /me", "GET /shops", "GET /cart", "GET /purchases", "GET /orders", "GET /cases", "GET /tokens", "GET /favourites", "GET /jobs",
    "GET /payout-runs", "POST /shops", "POST /tokens", "POST /cart/lines", "PUT /cart/lines/{variant}",
    "DELETE /cart/lines/{variant}/shop", "POST /purchases", "POST /payout-runs",
}  # fmt: skip
"""About the caller's own things: no foreign object is named. What they answer must name none either."""

BODIES = {
    "POST /offers": {"supplier": "{member}", "offer": {"title": "x"}, "variants": [{"price_minor": 100}]},
    "PUT /offers/{code}": {"title": "taken over"},
    "PUT /offers/{code}/rule": {"shop": {"bp": 1}},
    "POST /offers/{code}/variants": {"price_minor": 100},
    "PUT /variants/{code}/price": {"price_minor": 1},
    "PUT /variants/{code}/stock": {"count": 0},
    "PATCH /shops/{code}": {"name": "taken over"},
    "POST /shops/{code}/links": {},
    "POST /shops/{code}/posts": {"material": "{material}"},
    "POST /shops/{code}/share-codes": {},
    "POST /shops/{code}/listings": {"offers": ["{offer}"]},
    "PATCH /shops/{code}/listings/{offer}": {"title": "taken over"},
    "PUT /shops/{code}/order": {"offers": ["{offer}"]},
    "POST /purchases/{code}/payments": {"kind": "redirect"},
    "POST /orders/{code}/moves": {"event": "cancel", "who": "supplier"},
    "PUT /orders/{code}/parcel": {"carrier": "sf", "tracking_no": "SF1234567890"},
    "POST /orders/{code}/refunds": {"lines": [{"line": 1, "amount_minor": 1}]},
    "POST /orders/{code}/cases": {
        "kind": "refund",
        "reason": "not_needed",
        "lines": [{"line": 1, "quantity": 1}],
    },
    "POST /orders/{code}/messages": {"words": "x"},
    "POST /orders/{code}/reviews": {"line": 1, "stars": 5},
    "PUT /reviews/{code}": {"stars": 1},
    "POST /reviews/{code}/answers": {"words": "x"},
    "POST /cases/{code}/answers": {"event": "agree", "who": "supplier"},
    "POST /members/{code}/trackings": {
        "rows": [{"number": "x", "carrier": "sf", "tracking_no": "SF1234567890"}]
    },
    "POST /members/{code}/edits": {"edits": [{"field": "price", "code": "{variant}", "value": 1}]},
    "POST /variants/{code}/receipts": {"quantity": 1},
}
"""What is sent: right in form, so that only the person is wrong."""


@dataclass
class World:
    """Somebody's objects, and the people whose they are."""

    host: str
    codes: dict[str, str]
    people: dict[str, User]
    secrets: list[str] = field(default_factory=list)


@pytest.fixture
def world(db_app):
    market = make_market()
    member = market.suppliers[0]
    person = make_user()
    paid = place(market, by=buyer(market.cluster, person))
    assert pay.pay([arrive(paid)]) == ["paid"]
    unpaid = place(market, by=buyer(market.cluster, person))
    order = Order.objects.get(pk=paid.orders[0].id)
    by = acts_for(member)
    wave = make_wave(supplier_id=member.pk, by=by)
    line = Line.objects.get(order=order, kind="goods")
    claim = Claim("refund", {line.pk: 1}, "not_needed")
    case = cases.open_case(order_id=order.pk, claim=claim, by=buyer(market.cluster, person))
    seller = User.objects.get(pk=by.user_id)
    keeper = market.shopkeeper
    share = shops.make_share_code(
        shop_id=market.shop.pk, user_id=keeper.pk, by=actor_for(keeper, market.cluster)
    )
    Picture.objects.create(offer=market.offers[0], file="offers/x.jpg")
    run = make_run(market)
    edit = bulk.edit_many(
        supplier_id=member.pk, edits=[bulk.Edit("title", market.offers[0].code, "New title")], by=by
    )
    token, _ = tokens.make_token(
        name="t", scopes=["order:read"], days=1, by=actor_for(person, market.cluster)
    )
    month = clock.local_day(clock.now(), market.cluster.timezone).strftime("%Y-%m")
    codes = {
        "offer": market.offers[0].code,
        "variant": market.variants[0].code,
        "shop": market.shop.code,
        "share-code": share.code,
        "purchase": unpaid.code,
        "order": order.code,
        "case": case.code,
        "member": member.code,
        "payout-run": run.number,
        "token": token.code,
        "wave": wave.code,
        "job": make_job(market.cluster, person).code,
        "review": make_review(order, line).code,
        "edit": edit.code,
        "import": str(make_import(member).pk),
        "month": month,
        "material": make_material(market.offers[0]).code,
        "signed": pictures.private_link(make_photo(order), actor_for(person, market.cluster)),
    }
    operator_user = User.objects.get(pk=operator(market.cluster).user_id)
    people = {"offer": seller, "shop": keeper, "buyer": person, "operator": operator_user}
    hidden = [
        codes[name]
        for name in ("share-code", "purchase", "order", "case", "payout-run", "token", "wave", "job")
    ]
    return World(market.cluster.host, codes, people, [*hidden, paid.code, "文三路", "李四"])


def make_review(order: Order, line: Line) -> Review:
    """As it stands after receipt; its way there has its own tests."""
    return Review.objects.create(
        cluster_id=order.cluster_id,
        code=public_code(),
        order_id=order.pk,
        line_id=line.pk,
        offer_id=line.offer_id,
        supplier_id=order.supplier_id,
        stars=3,
        author="李*",
        at=clock.now(),
    )


def make_photo(order: Order) -> str:
    return storages["private"].save(f"cases/{order.code}/{public_code()}.webp", ContentFile(b"RIFF"))


def make_import(member: Member) -> ImportRun:
    return ImportRun.objects.create(
        cluster=member.cluster,
        supplier=member,
        file_name="secret.csv",
        sha256="0",
        dry_run=True,
        started_at=clock.now(),
        state="done",
    )


def make_job(cluster: Cluster, person: User) -> Job:
    return Job.objects.create(
        cluster_id=cluster.pk, kind="web.export", title="secret", by_user_id=person.pk, asked_at=clock.now()
    )


def make_run(market) -> PayoutRun:
    return PayoutRun.objects.create(
        cluster=market.cluster,
        number=f"P{secrets.token_hex(6).upper()}",
        currency=market.cluster.currency,
        gateway="simulated",
        total_minor=100,
        count=1,
        made_at=clock.now(),
        made_by=None,
    )


def routes():
    """Every (method, path) of the API, as its document has it."""
    for path, methods in api.get_openapi_schema(path_prefix="")["paths"].items():
        for method in methods:
            yield f"{method.upper()} {path}"


NOUN = {
    "offers": "offer", "variants": "variant", "shops": "shop", "share-codes": "share-code", "purchases": "purchase",
    "orders": "order", "cases": "case", "members": "member", "payout-runs": "payout-run", "tokens": "token",
    "imports": "import", "waves": "wave", "edits": "edit", "reviews": "review", "pictures": "signed", "jobs": "job",
}  # fmt: skip


def addressed(route: str, world: World) -> tuple[str, str, object]:
    """Method, path with the codes of the world, and the body."""
    method, path = route.split(" ")
    noun = NOUN.get(path.split("/")[1], "")
    path = path.replace("{code}", world.codes.get(noun, "")).replace("{number}", world.codes.get(noun, ""))
    for name in ("offer", "variant", "month", "material", "signed"):
        path = path.replace(f"{{{name}}}", world.codes[name])
    if route == "GET /offers":
        path += f"?supplier={world.codes['member']}"
    body = fill(BODIES.get(route, {} if method == "POST" else None), world.codes)
    return method, path, body


def fill(body, codes):
    if isinstance(body, dict):
        return {name: fill(value, codes) for name, value in body.items()}
    if isinstance(body, list):
        return [fill(value, codes) for value in body]
    return codes[body[1:-1]] if isinstance(body, str) and body.startswith("{") else body


def call(caller: Caller, route: str, world: World):
    method, path, body = addressed(route, world)
    return caller.call(method, path, body, **{"Idempotency-Key": secrets.token_hex(16)})


def strangers(world: World) -> dict[str, Caller]:
    """Everybody who has nothing to do with these objects."""
    cluster = Member.objects.get(code=world.codes["member"]).cluster
    other_firm = make_member(cluster, capacities=(CapacityKind.SUPPLIER, CapacityKind.SHOPKEEPER))
    elsewhere = make_cluster()
    foreign_firm = make_member(elsewhere, capacities=(CapacityKind.SUPPLIER,))

    def user(actor):
        return User.objects.get(pk=actor.user_id)

    rival = user(acts_for(other_firm))
    _, secret = tokens.make_token(
        name="all", scopes=[scope.value for scope in GRANTABLE], days=1, by=actor_for(rival, cluster)
    )
    found = {
        "nobody": Caller(world.host),
        "somebody": Caller(world.host, make_user()),
        "owner of another firm": Caller(world.host, rival),
        "another firm's token with all scopes": Caller(world.host, token=secret),
        "cashier of another firm": Caller(world.host, user(acts_for(other_firm, RoleKind.CASHIER))),
        "auditor of another firm": Caller(world.host, user(acts_for(other_firm, RoleKind.AUDITOR))),
        "operator of another cluster, here": Caller(world.host, user(operator(elsewhere))),
        "operator of another cluster, there": Caller(elsewhere.host, user(operator(elsewhere))),
        "owner of a firm of another cluster, there": Caller(elsewhere.host, user(acts_for(foreign_firm))),
    }
    for name, person in world.people.items():
        found[f"the {name}'s own person on another cluster's host"] = Caller(elsewhere.host, person)
    return found


def fingerprint() -> dict[str, str]:
    """A hash of every table of ours. What a look may write (when a token was used, sessions) is left out."""
    prints = {}
    with connection.cursor() as cursor:
        for model in apps.get_models():
            if not model.__module__.startswith("yunju.") or model._meta.db_table == "api_token":
                continue
            table = model._meta.db_table
            cursor.execute(f"SELECT count(*), coalesce(sum(hashtextextended(t::text, 0)), 0) FROM {table} t")
            prints[table] = str(cursor.fetchone())
    return prints


def test_every_route_has_its_case():
    known = set(routes())
    needing_body = {one for one in known - OWN - PUBLIC if re.match("PUT|PATCH", one)}
    without = {"PUT /offers/{code}/shelf", "PUT /payout-runs/{number}/approval"}
    assert needing_body - without == set(BODIES) & {one for one in known if re.match("PUT|PATCH", one)}
    assert set(BODIES) | OWN | PUBLIC <= known
    for route in known:
        assert route.split(" ")[1].split("/")[1] in {
            *NOUN,
            "shelf",
            "sales",
            "categories",
            "me",
            "cart",
            "favourites",
        }


def test_no_stranger_sees_or_changes_anything(world):
    leaks = []
    for who, caller in strangers(world).items():
        before = fingerprint()
        for route in sorted(set(routes()) - PUBLIC - OWN):
            answer = call(caller, route, world)
            shown = answer.content.decode(errors="replace")
            told = [one for one in world.secrets if one in shown]
            if answer.status_code not in {401, 403, 404} or told:
                leaks.append(f"{who}: {route} -> {answer.status_code} {shown[:200]}")
        after = fingerprint()
        leaks += [f"{who}: changed {table}" for table in after if after[table] != before[table]]
    assert leaks == []


def test_own_lists_name_nothing_of_others(world):
    leaks = []
    for who, caller in strangers(world).items():
        for route in sorted(one for one in OWN if one.startswith("GET") and "{" not in one):
            if "own person" in who and "another cluster" not in who:
                continue
            shown = call(caller, route, world).content.decode()
            leaks += [f"{who}: {route} shows {one}" for one in world.secrets if one in shown]
    assert leaks == []


RIGHTFUL = {
    "offers": "offer", "variants": "offer", "shops": "shop", "share-codes": "shop", "purchases": "buyer", "orders": "buyer",
    "cases": "buyer", "members": "offer", "payout-runs": "operator", "tokens": "buyer", "waves": "offer", "edits": "offer",
    "reviews": "buyer", "imports": "offer", "pictures": "buyer",
}  # fmt: skip
SELLERS = {
    "POST /orders/{code}/moves",
    "PUT /orders/{code}/parcel",
    "POST /orders/{code}/refunds",
    "POST /cases/{code}/answers",
    "POST /reviews/{code}/answers",
}


def test_the_rightful_person_is_let_in(world):
    """The other side of the matrix: with the same codes and bodies, whose objects they are meet no closed door."""
    callers = {name: Caller(world.host, person) for name, person in world.people.items()}
    ordered = sorted(set(routes()) - OWN, key=lambda one: ("DELETE" in one, "{code}/" not in one, one))
    closed = []
    for route in ordered:
        noun = route.split(" ")[1].split("/")[1]
        name = "offer" if route in SELLERS else RIGHTFUL.get(noun, "buyer")
        answer = call(callers[name], route, world)
        if answer.status_code in {401, 403, 404, 500}:
            closed.append(f"{route} as {name}: {answer.status_code} {answer.content.decode()[:160]}")
    assert closed == []


def test_rights_are_asked_again_with_every_request(world):
    """A role that ends closes the door at the next request, for sessions and tokens alike."""
    member = Member.objects.get(code=world.codes["member"])
    seller = world.people["offer"]
    _, secret = tokens.make_token(
        name="t", scopes=["money:read"], days=1, by=actor_for(seller, member.cluster)
    )
    caller, program = Caller(world.host, seller), Caller(world.host, token=secret)
    path = f"/members/{member.code}/balances"
    assert (caller.get(path).status_code, program.get(path).status_code) == (200, 200)
    seller.roles.update(ended_at=clock.now())
    assert (caller.get(path).status_code, program.get(path).status_code) == (404, 404)
