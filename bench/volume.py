"""What an order leaves: bytes of WAL and of files, step by step. `python -m bench --only volume`.

Each step is measured twice: as it comes, and begun with a checkpoint, after which every page that is touched goes into
the WAL whole, once. What a running market writes lies between both.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta

import psycopg

import bench.house  # noqa: F401 - before any room
from bench import market, paying
from bench.intake import place_batch
from tests.factories.members import acts_for
from yunju.fulfilment.contract import Who
from yunju.kernel import clock, outbox, sql
from yunju.kernel.actor import system
from yunju.members.models import Member
from yunju.modes.ship.actions import Packing, Report, pack_many, record_scans
from yunju.orders.actions import release
from yunju.orders.flow import actions as flow
from yunju.orders.models import Order, Purchase

BATCH = 64
OWNER, ADMIN = "YUNJU_BENCH_OWNER_URL", "YUNJU_BENCH_ADMIN_URL"
PATTERN = "^(orders|ledger|ship|payments|notices)_"
"""Tables whose rows stay for good; the outbox and the keys of requests go after days."""
SIZE = "pg_total_relation_size(oid)"
_TABLES = (
    "SELECT oid::regclass::text FROM pg_class"
    " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname ~ %s"
)


def measure(count: int) -> Iterator[str]:
    """The life of `count` purchases, of an order each, in markets of their own; twice where a checkpoint can be asked for."""
    before, lives = _files(), 0
    for is_fresh in (False, True) if os.environ.get(ADMIN) else (False,):
        after, whole = ", begun with a checkpoint" if is_fresh else "", 0
        for step, used in _life(count, is_fresh=is_fresh):
            whole += used
            yield f"WAL of an order, {step}{after}: {used / 1_000:.1f} kB"
        yield f"WAL of an order, all of it{after}: {whole / 1_000:.1f} kB"
        lives += count
    yield f"files of an order, as they grew: {(_files() - before) / lives / 1_000:.1f} kB"
    if _rewrite():
        yield f"files of an order, kept for good: {(_files() - before) / lives / 1_000:.1f} kB"


def _life(count: int, *, is_fresh: bool) -> Iterator[tuple[str, int]]:
    stage = market.make()
    for step, work in _steps(stage, count):
        if is_fresh:
            run_as(ADMIN, ["CHECKPOINT"])
        begun = _written()
        work()
        yield step, (_written() - begun) // count


def _steps(stage: market.Market, count: int) -> Sequence[tuple[str, Callable[[], object]]]:
    cluster_id = stage.cluster.pk
    machine = system(cluster_id)
    return (
        ("placed", lambda: [place_batch(market.requests(stage, BATCH)) for _ in range(count // BATCH)]),
        ("paid", lambda: _pay(cluster_id)),
        ("told", _tell),
        ("packed", lambda: _pack(cluster_id)),
        ("in transit and delivered", lambda: _scan(cluster_id)),
        ("received", lambda: [_move(cluster_id, part, machine) for part in _parts(cluster_id)]),
        ("released", _release),
        ("told of that", _tell),
    )


def _pay(cluster_id: int) -> None:
    purchases = list(Purchase.objects.filter(cluster_id=cluster_id).order_by("pk"))
    for start in range(0, len(purchases), BATCH):
        paying.pay_batch(paying.arrive(purchases[start : start + BATCH]))


def _tell() -> None:
    with clock.at(clock.now() + timedelta(seconds=1)):
        while outbox.drain():
            pass


def _parts(cluster_id: int) -> Iterator[list[int]]:
    found = list(Order.objects.filter(cluster_id=cluster_id).order_by("pk").values_list("pk", flat=True))
    return (found[start : start + 200] for start in range(0, len(found), 200))


def _pack(cluster_id: int) -> None:
    for supplier in Member.objects.filter(cluster_id=cluster_id, capacities__kind="supplier"):
        orders = Order.objects.filter(cluster_id=cluster_id, supplier_id=supplier.pk).order_by("pk")
        items = [Packing(pk, "sf", f"SF{pk:010d}") for pk in orders.values_list("pk", flat=True)]
        pack_many(cluster_id=cluster_id, items=items, by=acts_for(supplier))


def _scan(cluster_id: int) -> None:
    for code in ("in_transit", "delivered"):
        for part in _parts(cluster_id):
            reports = [Report(code, clock.now(), order_id=pk) for pk in part]
            record_scans(cluster_id=cluster_id, reports=reports, by=system(cluster_id), who=Who.CARRIER)


def _move(cluster_id: int, order_ids: Sequence[int], by: object) -> None:
    flow.move(cluster_id=cluster_id, order_ids=order_ids, event="confirm", who=Who.BUYER, by=by)


def _release() -> None:
    with clock.at(clock.now() + timedelta(days=30)):
        while release.release_due():
            pass


def _written() -> int:
    return int(sql.fetch("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn")[0][0])


def _files() -> int:
    """Bytes of the tables that are kept for good, with their indexes."""
    return sum(size for (size,) in sql.fetch(_TABLES.replace("oid::regclass::text", SIZE), [PATTERN]))


def _rewrite() -> bool:
    """Take out of the files what updates left behind; False where the owner cannot be asked."""
    return run_as(OWNER, [f"VACUUM (FULL) {name}" for (name,) in sql.fetch(_TABLES, [PATTERN])])


def take_statistics() -> None:
    """Of all tables that hold rows, as the database does by itself within a minute.

    Of an empty one it takes none: they would say that it stays empty, and whatever way leads through it is as good as any.
    """
    rows = sql.fetch(
        "SELECT relid::regclass::text FROM pg_stat_user_tables WHERE pg_relation_size(relid) > 0 ORDER BY 1"
    )
    run_as(OWNER, [f"ANALYZE {name}" for (name,) in rows])


def run_as(address: str, statements: Sequence[str]) -> bool:
    """Statements of the owner or the superuser, whose address stands in that variable; False where it does not."""
    url = os.environ.get(address, "")
    if url:
        with psycopg.connect(url, autocommit=True) as session:
            for statement in statements:
                session.execute(statement.encode())
    return bool(url)
