"""`yunju ledger verify`: every invariant of the books, one line each, with how many rows were looked at."""

import argparse

from yunju.cli.say import Stop, say
from yunju.ledger import verify
from yunju.members.models import Cluster


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.description = "Exit code 0 when no invariant is broken, 1 when one is."
    parser.add_argument("what", choices=["verify"])
    parser.add_argument(
        "--all", action="store_true", help="the whole book, not only what came since the last time"
    )
    parser.add_argument("--cluster", metavar="CODE", help="one cluster only")


def run(args: argparse.Namespace) -> int:
    codes = dict(Cluster.objects.order_by("id").values_list("id", "code"))
    chosen = [cluster_id for cluster_id, code in codes.items() if args.cluster in (None, code)]
    if args.cluster and not chosen:
        raise Stop(f"There is no cluster {args.cluster!r}.")
    if not args.cluster:
        chosen += [cluster_id for cluster_id in verify.clusters() if cluster_id not in codes]
    broken = 0
    for cluster_id in chosen:
        report = verify.verify(cluster_id, whole=args.all)
        say(f"cluster {codes.get(cluster_id, cluster_id)}, {_from(report, whole=args.all)}")
        for line in lines(report):
            say(line)
        broken += report.broken
    say(f"invariants broken: {broken}")
    return 1 if broken else 0


def _from(report: verify.Report, *, whole: bool) -> str:
    return "the whole book" if whole or not report.since else f"since entry {report.since}"


def lines(report: verify.Report) -> list[str]:
    """One line for each invariant, and under it the broken rows."""
    found = []
    for check, result in report.results:
        found.append(
            f"  {check.code:4} {check.title:60} looked at {result.looked_at:9,}   broken {len(result.breaches)}"
        )
        found += [f"         {breach}" for breach in result.breaches]
    return found
