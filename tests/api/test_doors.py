"""Who is let in, how bodies are read, how refusals are told, and what the document says of it all."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.api.conftest import Caller, problem
from tests.factories.catalog import make_offer
from tests.factories.members import make_cluster, make_member, make_user
from yunju.api import limits, tokens
from yunju.api.models import ApiToken
from yunju.api.scopes import GRANTABLE
from yunju.catalog.models import Offer
from yunju.kernel import clock
from yunju.members.models import User
from yunju.members.queries import actor_for
from yunju.shops.models import Shop

ROOT = Path(__file__).resolve().parents[2]
SHOP = {"name": "Shop", "phone": "13800138000"}


def make_token(cluster, user, scopes=("shop:write",), days=90):
    return tokens.make_token(name="test", scopes=list(scopes), days=days, by=actor_for(user, cluster))


def test_a_token_acts_for_its_user_within_its_scopes(cluster):
    user = make_user()
    _, secret = make_token(cluster, user)
    caller = Caller(cluster.host, token=secret)
    assert caller.post("/shops", SHOP).status_code == 201
    assert Shop.objects.get(cluster=cluster).member.roles.get().user == user
    assert problem(caller.get("/orders")) == (403, "api.scope_missing", None)
    assert caller.get("/shelf").status_code == 200
    assert ApiToken.objects.get(user=user).last_used_at is not None


@pytest.mark.parametrize("end", ["ended", "epoch", "inactive", "expired", "cluster", "garbled"])
def test_a_dead_token_opens_nothing(cluster, end):
    user = make_user()
    token, secret = make_token(cluster, user, days=1)
    host = cluster.host
    if end == "ended":
        tokens.end_token(code=token.code, by=actor_for(user, cluster))
    elif end == "epoch":
        User.objects.filter(pk=user.pk).update(session_epoch=user.session_epoch + 1)
    elif end == "inactive":
        User.objects.filter(pk=user.pk).update(is_active=False)
    elif end == "expired":
        ApiToken.objects.filter(pk=token.pk).update(expires_at=clock.now() - timedelta(seconds=1))
    elif end == "cluster":
        host = make_cluster().host
    else:
        secret = secret[:-1] + ("A" if secret[-1] != "A" else "B")
    caller = Caller(host, token=secret)
    assert problem(caller.get("/shelf")) == (401, "api.token_unknown", None)
    assert problem(caller.post("/shops", SHOP)) == (401, "api.token_unknown", None)
    assert not Shop.objects.filter(member__roles__user=user).exists()


def test_tokens_are_made_in_a_session_and_shown_once(cluster):
    user = make_user()
    caller = Caller(cluster.host, user)
    made = caller.post("/tokens", {"name": "till", "scopes": ["order:read"], "days": 7})
    assert made.status_code == 201
    secret, code = made.json()["secret"], made.json()["code"]
    assert "secret" not in caller.get("/tokens").json()[0]
    assert secret not in str(ApiToken.objects.filter(code=code).values().get())
    by_token = Caller(cluster.host, token=secret)
    assert problem(by_token.post("/tokens", {"name": "x", "scopes": ["order:read"]}))[:2] == (
        403,
        "api.scope_missing",
    )
    assert problem(caller.post("/tokens", {"name": "x", "scopes": ["-"]})) == (422, "api.scopes", "scopes")
    assert problem(caller.post("/tokens", {"name": "x", "scopes": []})) == (422, "api.scopes", "scopes")
    assert problem(caller.post("/tokens", {"name": "x", "scopes": ["order:read"], "days": 9999}))[2] == "days"
    assert problem(Caller(cluster.host, make_user()).delete(f"/tokens/{code}")) == (404, "api.no_token", None)
    assert caller.delete(f"/tokens/{code}").status_code == 204
    assert caller.get("/tokens").json() == []
    assert by_token.get("/shelf").status_code == 401


def test_there_are_only_so_many_tokens(cluster, monkeypatch):
    monkeypatch.setattr(tokens, "MOST_TOKENS", 1)
    caller = Caller(cluster.host, make_user())
    assert caller.post("/tokens", {"name": "a", "scopes": ["order:read"]}).status_code == 201
    assert problem(caller.post("/tokens", {"name": "b", "scopes": ["order:read"]}))[:2] == (
        409,
        "api.too_many_tokens",
    )


def test_a_session_needs_the_csrf_token_to_change_something_and_a_bearer_does_not(cluster):
    user = make_user()
    caller = Caller(cluster.host, user, enforce_csrf_checks=True)
    assert problem(caller.post("/shops", SHOP)) == (403, "api.csrf", None)
    assert caller.get("/me").status_code == 200
    assert not Shop.objects.filter(cluster=cluster).exists()
    _, secret = make_token(cluster, user)
    bearer = Caller(cluster.host, token=secret, enforce_csrf_checks=True)
    assert bearer.post("/shops", SHOP).status_code == 201


def test_a_caller_is_slowed_down_alone(cluster, nobody, monkeypatch):
    monkeypatch.setattr(limits, "PER_MINUTE", 3)
    assert [nobody.get("/shelf").status_code for _ in range(4)] == [200, 200, 200, 429]
    refused = nobody.get("/shelf")
    assert problem(refused)[:2] == (429, "api.too_many")
    assert 1 <= int(refused["Retry-After"]) <= 60
    assert Caller(cluster.host, make_user()).get("/me").status_code == 200


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ("", 422, "input.required"),
        ("nope", 400, "api.body_unreadable"),
        ("[1]", 400, "api.body_unreadable"),
        ('{"name": NaN}', 400, "api.body_unreadable"),
        ('{"name": "a", "name": "b", "phone": "13800138000"}', 400, "api.body_unreadable"),
        ("[" * 100_000, 400, "api.body_unreadable"),
        ("{}", 422, "input.invalid"),
        ('{"name": "a"}', 422, "input.required"),
        ('{"name": 1, "phone": "13800138000"}', 422, "input.not_text"),
        ('{"name": "a", "phone": "13800138000", "is_staff": true}', 422, "api.unknown_key"),
        ('{"name": "a", "phone": "13800138000", "closed_at": null}', 422, "api.unknown_key"),
        ('{"name": "a\\u0000b", "phone": "13800138000"}', 422, "input.control_characters"),
        ('{"name": "<b>", "phone": "13800138000"}', 422, "shops.text_html"),
        ('{"name": "\\ud800", "phone": "13800138000"}', 422, "input.control_characters"),
    ],
)
def test_bad_bodies_are_refused_in_words_and_change_nothing(cluster, body, status, code):
    user = make_user()
    caller = Caller(cluster.host, user)
    assert problem(caller.post("/shops", body))[:2] == (status, code)
    assert not Shop.objects.filter(member__roles__user=user).exists()


def test_all_faults_of_a_body_are_told_with_their_fields(cluster):
    told = Caller(cluster.host, make_user()).post("/shops", {"name": 5, "x": 1}).json()
    assert {(one["code"], one["field"]) for one in told["errors"]} == {
        ("input.not_text", "name"),
        ("input.required", "phone"),
        ("api.unknown_key", "x"),
    }


def test_a_refusal_speaks_the_callers_language(nobody):
    chinese = nobody.call("GET", "/nothing", **{"Accept-Language": "zh-hans"})
    english = nobody.call("GET", "/nothing", **{"Accept-Language": "en"})
    for told in (chinese, english):
        assert problem(told) == (404, "api.no_route", None)
        assert told.json()["detail"]


@pytest.mark.parametrize(
    "path", ["/offers/%00", "/offers/NOSUCH", "/shops/a%27b", "/orders/NOSUCH", "/nothing", "/"]
)
def test_what_is_not_there_is_a_problem_of_404(nobody, path):
    assert problem(nobody.get(path))[0] == 404


@pytest.mark.parametrize("cursor", ["x", "WzFd", "WyJhIiwgImIiXQ", "W10", "bnVsbA", "A" * 300, "%00"])
def test_a_cursor_is_ours_or_refused(nobody, cursor):
    status, _, field = problem(nobody.get(f"/shelf?cursor={cursor}"))
    assert (status, field) == (422, "cursor")


@pytest.mark.parametrize("limit", ["0", "101", "x", "1.5", "-1", ""])
def test_a_page_has_one_to_a_hundred_rows(nobody, limit):
    assert problem(nobody.get(f"/shelf?limit={limit}"))[::2] == (422, "limit")


def test_pages_follow_each_other_without_gap_or_repeat(cluster, nobody):
    supplier = make_member(cluster, capacities=("supplier",))
    moment = clock.now()
    offers = [make_offer(supplier) for _ in range(7)]
    Offer.objects.filter(pk__in=[one.pk for one in offers[2:5]]).update(listed_at=moment)
    seen, cursor = [], ""
    while cursor is not None:
        page = nobody.get(f"/shelf?limit=2&cursor={cursor}").json()
        assert len(page["items"]) <= 2
        seen += [one["code"] for one in page["items"]]
        cursor = page["next_cursor"]
    assert sorted(seen) == sorted(one.code for one in offers)


def test_an_unexpected_fault_tells_nothing(nobody, monkeypatch):
    def broken(*_: object) -> None:
        raise RuntimeError("the password is swordfish")

    monkeypatch.setattr("yunju.catalog.queries.on_shelf", broken)
    nobody.client.raise_request_exception = False
    answer = nobody.get("/shelf")
    assert problem(answer)[:2] == (500, "api.failed")
    assert b"swordfish" not in answer.content


def test_the_document_is_openapi_31_and_names_every_route_once(nobody):
    document = nobody.get("/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    ids = [one["operationId"] for path in document["paths"].values() for one in path.values()]
    assert len(ids) == len(set(ids)) > 40
    assert document["components"]["securitySchemes"] == {"Token": {"type": "http", "scheme": "bearer"}}
    for word in ("shelf", "offers", "shops", "purchases", "orders", "balances"):
        assert any(word in path for path in document["paths"])


def test_every_scope_is_documented():
    text = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    assert [scope for scope in GRANTABLE if f"`{scope}`" not in text] == []
