"""`python -m tests.crash.market`: makes what is bought from, as rows; prints goods and buyers as JSON."""

import json
import sys
from typing import Any

import tests.crash.setting  # noqa: F401 - before any room
from tests.crash.stack import HOST
from tests.factories.catalog import make_fees, make_offer, only_variant
from tests.factories.members import make_cluster, make_member, make_park, make_seat, make_user
from yunju.api import tokens
from yunju.members.models import Cluster
from yunju.members.queries import actor_for

SUPPLIERS, OFFERS = 6, 3
PLENTY, FEW = 100_000, 25
BUYERS, GREEDY = 120, 4
"""The greedy never pay: they run into the limit of unpaid purchases."""


def make() -> dict[str, Any]:
    cluster = make_cluster(host=HOST, code="crash")
    make_fees(cluster, platform_bp=300, park_bp=200)
    park = make_park(cluster)
    goods = []
    for supplier in (make_member(cluster, capacities=("supplier",)) for _ in range(SUPPLIERS)):
        make_seat(supplier, park)
        for n in range(OFFERS):
            stock = FEW if n == 0 else PLENTY
            variant = only_variant(make_offer(supplier, price_minor=990 + 500 * n, stock=stock))
            goods.append({"code": variant.code, "minor": variant.price_minor, "stock": stock})
    buyers = [_token(cluster) for _ in range(BUYERS)]
    return {"cluster": cluster.pk, "goods": goods, "buyers": buyers[GREEDY:], "greedy": buyers[:GREEDY]}


def _token(cluster: Cluster) -> str:
    by = actor_for(make_user(), cluster)
    return tokens.make_token(name="crash", scopes=["purchase:write", "purchase:read"], days=30, by=by)[1]


if __name__ == "__main__":
    json.dump(make(), sys.stdout)
