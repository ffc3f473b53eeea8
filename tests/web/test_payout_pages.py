"""A payout run as its people read it: who could not be paid stands first, with what happens next."""

import pytest

from tests.factories.members import make_member, operator
from tests.factories.payments import give, make_payee
from tests.payments.bank import answered, sent
from tests.web.conftest import Browser
from yunju.members.models import User
from yunju.members.words import RoleKind
from yunju.payments import payouts


@pytest.fixture
def house(cluster):
    """The cluster of the browsers, two of its people who pay out, and three payees."""
    payees = [make_member(cluster, name=f"{cluster.code} {n}") for n in range(3)]
    for payee in payees:
        make_payee(payee)
    give(cluster, dict(zip([one.pk for one in payees], [1_234, 5_678, 10_000], strict=True)))
    return cluster, operator(cluster), operator(cluster, RoleKind.MANAGER), payees


def page_of(browser: Browser, house, results: list[str]) -> str:
    _cluster, maker, _, _ = house
    run, content = sent(house)
    payouts.read_results(run_id=run.pk, content=answered(content, results), by=maker)
    client = browser(User.objects.get(pk=maker.user_id))
    return client.get(f"/operator/payouts/{run.pk}").content.decode()


def test_a_payee_whom_the_bank_could_not_pay_stands_first(browser: Browser, house):
    _, _, _, payees = house
    page = page_of(browser, house, ["成功", "失败", "成功"])
    assert "Done, 1 failed" in page
    assert "The bank could not pay 1 payee (¥56.78)." in page
    places = [page.index(one.name) for one in payees]
    assert places[1] < places[0] < places[2]


def test_a_run_that_paid_all_says_nothing_of_failing(browser: Browser, house):
    _, _, _, payees = house
    page = page_of(browser, house, ["成功", "成功", "成功"])
    assert "could not pay" not in page
    assert "state done" in page
    places = [page.index(one.name) for one in payees]
    assert places == sorted(places)
