"""The operator's alarms: where a bill and the book differ, and who may say why."""

import pytest

from tests.factories.members import make_cluster, operator, word
from tests.web.conftest import Browser
from yunju.kernel import clock
from yunju.members.models import User
from yunju.members.words import RoleKind
from yunju.payments.models import BillDay, BillDifference


@pytest.fixture
def difference(cluster) -> BillDifference:
    day, sums = clock.now().date(), dict.fromkeys(("paid_minor", "refunded_minor", "ours_minor"), 0)
    BillDay.objects.create(
        cluster_id=cluster.pk,
        gateway="simulated",
        day=day,
        lines=1,
        clearing_minor=0,
        compared_at=clock.now(),
        **sums,
    )
    return BillDifference.objects.create(
        cluster_id=cluster.pk, gateway="simulated", day=day, kind="missing_here", reference=f"A{word(20)}",
        theirs_minor=1_230, found_at=clock.now(),
    )  # fmt: skip


def person(cluster, kind: RoleKind = RoleKind.OWNER) -> User:
    return User.objects.get(pk=operator(cluster, kind).user_id)


def test_a_difference_is_explained_on_the_page(browser: Browser, cluster, difference: BillDifference):
    client, address = browser(person(cluster)), f"/operator/bills/{difference.pk}/explain"
    assert difference.reference in client.get("/operator/alarms").content.decode()
    refused = client.post(address, {"words": " "})
    assert refused.status_code == 422
    assert f'id="id_{difference.pk}_words_error"' in refused.content.decode()
    assert client.post(address, {"words": "paid twice, given back"}).status_code == 302
    told = client.get("/operator/alarms").content.decode()
    assert "paid twice, given back" in told
    assert address not in told
    again = client.post(address, {"words": "another"})
    assert "explained already" in again.content.decode()
    difference.refresh_from_db()
    assert difference.words == "paid twice, given back"


@pytest.mark.parametrize(
    ("kind", "sees", "answer"),
    [(RoleKind.AUDITOR, True, 403), (RoleKind.STAFF, False, 403), (RoleKind.MANAGER, True, 302)],
)
def test_who_explains(browser: Browser, cluster, difference: BillDifference, kind, sees, answer):
    client, address = browser(person(cluster, kind)), f"/operator/bills/{difference.pk}/explain"
    page = client.get("/operator/alarms").content.decode()
    assert (difference.reference in page) == sees
    assert (address in page) == (answer == 302)
    assert client.post(address, {"words": "why"}).status_code == answer
    difference.refresh_from_db()
    assert (difference.explained_at is not None) == (answer == 302)


def test_another_clusters_difference_is_not_there(browser: Browser, cluster, difference: BillDifference):
    BillDifference.objects.filter(pk=difference.pk).update(cluster_id=make_cluster().pk)
    client = browser(person(cluster))
    assert difference.reference not in client.get("/operator/alarms").content.decode()
    assert client.post(f"/operator/bills/{difference.pk}/explain", {"words": "x"}).status_code == 404
