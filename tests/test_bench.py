"""`make bench` still runs: every measurement, tiny. How long anything takes is asserted nowhere."""

import re

import pytest

from bench import __main__ as whole
from bench import bare, intake, market
from yunju.orders.models import Order, Purchase

pytestmark = [pytest.mark.timeout(400), pytest.mark.usefixtures("db_app")]
TINY = {"orders": 2, "payments": 64, "lines": 40, "payees": 12, "transfers": 4, "suppliers": 2, "rounds": 1}


def test_every_figure_is_printed():
    lines = list(whole.run(whole.parse([f"--{name}={size}" for name, size in TINY.items()])))
    names = [line.partition(": ")[0] for line in lines]
    assert len(set(names)) == len(names)
    assert {name for name in names if name.startswith("ratio ")} >= {
        "ratio placed, batches of 1, 1 writer",
        "ratio placed, batches of 64, 2 writers",
        "ratio placed hot, batches of 64, 2 writers",
        "ratio paid, batches of 64, 1 writer",
    }
    assert {"released", "posted, 64 to a transaction", "payout of 12, whole"} <= set(names)
    assert all(re.search(r"[0-9]", line.partition(": ")[2]) for line in lines)
    assert lines[-1] == "invariants broken: 0"


def test_what_is_sent_bare_is_what_the_intake_would_have_written():
    stage = market.make(suppliers=2, offers=2, shops=1)
    batch = market.requests(stage, 3)
    recorded = bare.record(lambda: intake.place_batch(batch))
    assert not Purchase.objects.filter(cluster_id=stage.cluster.pk).exists()
    bare.send([recorded])
    bare.hang_up()
    through = market.requests(stage, 3)
    intake.place_batch(through)
    assert Purchase.objects.filter(cluster_id=stage.cluster.pk).count() == 6
    assert Order.objects.filter(purchase__holder__in=[one.by.holder for one in batch]).count() >= 3
    assert whole.broken(stage) == 0
