"""Fees and rules: public to read, the operator's to change."""

from datetime import timedelta

import pytest

from tests.factories.members import make_cluster, make_user, operator, owner_of
from tests.web.conftest import Browser
from tests.web.market import make_market
from yunju.catalog import queries as catalog
from yunju.catalog.models import FeeRule
from yunju.kernel import clock
from yunju.members.models import Cluster, MemberEvent, User
from yunju.members.words import RoleKind
from yunju.web.rules import RULES

FEES = {
    "platform_bp": "2.5",
    "platform_floor_minor": "",
    "platform_cap_minor": "50",
    "park_bp": "1",
    "park_floor_minor": "",
    "park_cap_minor": "",
    "from_day": "",
}
RULE = {
    "attribution_days": "14",
    "self_purchase": "discount",
    "unpaid_minutes": "30",
    "unpaid_limit": "3",
    "reserve_bp": "5",
    "after_sale_days": "10",
    "payout_min_minor": "20.00",
    "shortage_tolerance_minor": "0.05",
}


@pytest.fixture
def runner(cluster) -> User:
    return User.objects.get(pk=operator(cluster).user_id)


def test_only_those_who_make_the_rules(browser: Browser, cluster):
    assert browser().get("/operator/rules")["Location"].startswith("/sign-in")
    assert browser(make_user()).get("/operator/rules").status_code == 404
    assert (
        browser(User.objects.get(pk=operator(make_cluster()).user_id)).get("/operator/rules").status_code
        == 404
    )
    staff = User.objects.get(pk=operator(cluster, RoleKind.STAFF).user_id)
    assert browser(staff).get("/operator/rules").status_code == 403
    assert browser(staff).post("/operator/rules?form=fees", FEES).status_code == 403
    assert not FeeRule.objects.filter(cluster=cluster).exists()


def test_the_next_version_of_the_fees_is_public_at_once(browser: Browser, cluster, runner):
    assert "take nothing" in browser().get("/fees").content.decode()
    client = browser(runner)
    assert client.post("/operator/rules?form=fees", FEES).status_code == 302
    held = catalog.fees(cluster.pk, clock.now())
    assert (held.version, held.platform.bp, held.platform.cap_minor, held.park.bp) == (1, 250, 5_000, 100)
    page = browser().get("/fees").content.decode()
    assert "2.5% of the price, at most ¥50.00" in page
    assert "价格的 2.5%，最高 ¥50.00" in browser(language="zh-hans").get("/fees").content.decode()
    later = (clock.local_day(clock.now(), cluster.timezone) + timedelta(days=3)).isoformat()
    client.post("/operator/rules?form=fees", FEES | {"platform_bp": "4", "from_day": later})
    assert [(one.fees.version, one.state) for one in catalog.fee_versions(cluster.pk, clock.now())] == [
        (2, "announced"),
        (1, "now"),
    ]
    shown = browser().get("/fees").content.decode()
    assert "Announced" in shown
    assert "4% of the price" in shown
    with clock.at(clock.now() + timedelta(days=4)):
        states = [one.state for one in catalog.fee_versions(cluster.pk, clock.now())]
    assert states == ["now", "past"]


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("platform_bp", "50.01"),
        ("platform_bp", ""),
        ("park_bp", "-1"),
        ("platform_cap_minor", "lots"),
        ("park_floor_minor", "-1"),
        ("from_day", "2001-01-01"),
        ("from_day", "soon"),
    ],
)
def test_wrong_fees_are_told_at_the_field(browser: Browser, cluster, runner, field: str, typed: str):
    answer = browser(runner).post("/operator/rules?form=fees", FEES | {field: typed})
    assert (answer.status_code, list(answer.context["fees_form"].errors)) == (422, [field])
    assert not FeeRule.objects.filter(cluster=cluster).exists()


def test_a_least_above_the_most_is_told_at_its_part(browser: Browser, cluster, runner):
    wrong = FEES | {"park_floor_minor": "3", "park_cap_minor": "2"}
    answer = browser(runner).post("/operator/rules?form=fees", wrong)
    assert list(answer.context["fees_form"].errors) == ["park_bp"]


def test_fees_that_offers_cannot_bear_are_refused(browser: Browser, cluster, runner):
    make_market(cluster)
    answer = browser(runner).post("/operator/rules?form=fees", FEES | {"platform_floor_minor": "11.00"})
    assert answer.status_code == 422
    assert "could not bear these fees" in answer.content.decode()
    assert not FeeRule.objects.filter(cluster=cluster).exists()


def test_rules_are_kept_and_on_record(browser: Browser, cluster, runner):
    assert browser(runner).post("/operator/rules?form=rules", RULE).status_code == 302
    kept = Cluster.objects.filter(pk=cluster.pk).values(*RULES).get()
    assert kept == {
        "attribution_days": 14,
        "self_purchase": "discount",
        "unpaid_minutes": 30,
        "unpaid_limit": 3,
        "reserve_bp": 500,
        "after_sale_days": 10,
        "payout_min_minor": 2_000,
        "shortage_tolerance_minor": 5,
    }
    noted = MemberEvent.objects.filter(cluster_id=cluster.pk, what="cluster.rule_changed")
    assert {one.params["rule"] for one in noted} == set(RULES)
    assert {one.by_user_id for one in noted} == {runner.pk}


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("attribution_days", "31"),
        ("self_purchase", "both"),
        ("unpaid_minutes", "4"),
        ("unpaid_limit", "0"),
        ("reserve_bp", "100.01"),
        ("after_sale_days", "91"),
        ("payout_min_minor", "0"),
        ("payout_min_minor", "100000.01"),
        ("shortage_tolerance_minor", "101"),
        ("after_sale_days", ""),
    ],
)
def test_wrong_rules_are_told_at_the_field(browser: Browser, cluster, runner, field: str, typed: str):
    before = Cluster.objects.filter(pk=cluster.pk).values(*RULES).get()
    answer = browser(runner).post("/operator/rules?form=rules", RULE | {field: typed})
    assert (answer.status_code, list(answer.context["rules_form"].errors)) == (422, [field])
    assert Cluster.objects.filter(pk=cluster.pk).values(*RULES).get() == before


def test_a_supplier_sees_the_fees_and_no_form(browser: Browser, cluster):
    market = make_market(cluster)
    client = browser(owner_of(market.suppliers[0]))
    assert client.get("/fees").status_code == 200
    assert client.post("/operator/rules?form=rules", RULE).status_code == 404
