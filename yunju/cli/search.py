"""`yunju search recall DIR`: whether product names that people marked in real titles find those titles."""

import argparse
import time
from functools import cache
from pathlib import Path

from django.db import transaction

from yunju.catalog import finding, recall
from yunju.catalog.actions import indexing
from yunju.catalog.models import Offer
from yunju.catalog.recall import Marked, Recall
from yunju.cli.say import Stop, say
from yunju.kernel import clock, sql
from yunju.kernel.ids import public_code
from yunju.members.models import Capacity, Cluster, Member
from yunju.members.words import CapacityKind

CHUNK = 500


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Takes the titles of DIR/taobao_ner_*.conll.gz, in which people marked the products (HCCX), onto a shelf of their"
        " own, searches for each marked product, and leaves nothing behind: all of it is one transaction that is undone."
    )
    parser.add_argument("what", choices=["recall"])
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument("--most", type=int, default=None, help="only so many titles")
    parser.add_argument(
        "--missed", type=int, default=10, help="how many that were not found to print (default: 10)"
    )


def run(args: argparse.Namespace) -> int:
    titles = recall.read(args.folder)[: args.most]
    if not titles:
        raise Stop(f"{args.folder} has no titles: taobao_ner_*.conll.gz is looked for.")
    begun = time.perf_counter()
    told = measured(titles)
    for line in lines(told, args.missed):
        say(line)
    say(f"seconds: {time.perf_counter() - begun:.0f}")
    return 0


class _Undone(Exception):
    """Ends the scratch market."""


def measured(titles: list[Marked]) -> Recall:
    """Recall of a shelf with these titles and no other words, in a market that never was."""
    told: list[Recall] = []
    try:
        with transaction.atomic():
            sql.execute("SET LOCAL statement_timeout = '60s'")
            cluster_id, numbers = _shelf(titles)

            @cache
            def found(words: str) -> list[int]:
                return [numbers[pk] for pk in finding.ids(cluster_id, words)]

            told.append(recall.measure(titles, found))
            raise _Undone
    except _Undone:
        return told[0]


def _shelf(titles: list[Marked]) -> tuple[int, dict[int, int]]:
    """The scratch cluster, and which offer has which title."""
    cluster = Cluster.objects.create(
        code=f"recall-{public_code(8)}", name_zh="检索", name_en="Recall", host="recall.invalid"
    )
    now = clock.now()
    supplier = Member.objects.create(cluster=cluster, kind="organisation", name="Recall", created_at=now)
    Capacity.objects.create(member=supplier, kind=CapacityKind.SUPPLIER, asked_at=now, admitted_at=now)
    numbers: dict[int, int] = {}
    for begin in range(0, len(titles), CHUNK):
        made = Offer.objects.bulk_create(
            Offer(cluster=cluster, supplier=supplier, title=one.title[:200], created_at=now, listed_at=now)
            for one in titles[begin : begin + CHUNK]
        )
        indexing.index(made)
        numbers |= {offer.pk: begin + place for place, offer in enumerate(made)}
    return cluster.pk, numbers


def lines(told: Recall, missed: int) -> list[str]:
    """What was measured, `name: value` lines."""
    share = 100 / max(told.searched, 1)
    head = [
        f"titles: {told.titles:,}",
        f"products searched: {told.searched:,}",
        f"find their own title: {told.found:,} ({told.found * share:.2f} %)",
        f"among the first {recall.FIRST}: {told.found_first:,} ({told.found_first * share:.2f} %)",
        f"products that find {recall.FIRST} titles or fewer: {told.rare:,} ({told.rare * share:.2f} %)",
        f"titles found by a product on average: {told.hits:.1f}",
    ]
    return head + [f"not found: {span} in {title}" for span, title in told.missed[:missed]]
