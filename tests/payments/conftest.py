"""The provider, for tests that need a gateway; a cluster that pays out, for tests of payouts."""

import pytest

from tests.factories.members import make_cluster, make_member, operator
from tests.factories.payments import give, make_payee
from tests.payments.provider import provider, provider_process  # noqa: F401
from yunju.members.words import RoleKind


@pytest.fixture
def house(db_app):
    """A cluster, two of its people who pay out, and three payees with 12.34, 56.78 and 100.00."""
    cluster = make_cluster()
    payees = [make_member(cluster, name=f"{cluster.code} {n}") for n in range(3)]
    for payee in payees:
        make_payee(payee)
    give(cluster, dict(zip([one.pk for one in payees], [1_234, 5_678, 10_000], strict=True)))
    return cluster, operator(cluster), operator(cluster, RoleKind.MANAGER), payees
