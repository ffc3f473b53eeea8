"""`yunju doctor`: looks over an installation and says, line by line, what is well and what is not."""

import argparse
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.db import DatabaseError, connection

from yunju.cli import environment
from yunju.cli.say import say
from yunju.insight import readiness
from yunju.kernel import guards, loops
from yunju.members.models import Cluster
from yunju.ui import messages

DISK_BYTES_MIN = 2_000_000_000
PYTHON_MIN = (3, 11)
MUST_BE_ON = ("fsync", "full_page_writes", "synchronous_commit")


@dataclass(frozen=True)
class Finding:
    """`hint` says what to do when it is not well."""

    text: str
    hint: str = ""
    well: bool = False


def fine(text: str) -> Finding:
    return Finding(text, well=True)


def judged(text: str, hint: str, *, well: bool) -> Finding:
    return Finding(text, hint, well)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.description = "Exit code 0 when all is well, 1 when something is not."


def run(_args: argparse.Namespace) -> int:
    # A database that is away is the finding of several checks, and said once.
    findings = dict.fromkeys(finding for check in CHECKS for finding in examined(check))
    for finding in findings:
        say(f"{'ok   ' if finding.well else 'WRONG'}  {finding.text}")
        if not finding.well and finding.hint:
            say(f"       {finding.hint}")
    return 0 if all(finding.well for finding in findings) else 1


def examined(check: Callable[[], list[Finding]]) -> list[Finding]:
    """A database that is away is a finding like another."""
    try:
        return check()
    except DatabaseError as error:
        reason = str(error).strip().splitlines()[-1]
        return [Finding(f"database: {reason}", "Start `yunju up`, or look at DATABASE_URL.")]


def python() -> list[Finding]:
    version = sys.version.split()[0]
    return [judged(f"Python {version}", "Yunju needs 3.11 or newer.", well=sys.version_info >= PYTHON_MIN)]


def disk() -> list[Finding]:
    home = settings.YUNJU_HOME
    if not home.exists():
        return [Finding(f"home {home} does not exist", "`yunju up` makes it.")]
    free = shutil.disk_usage(home).free
    return [judged(f"{free / 1e9:.1f} GB free in {home}", "2 GB are needed.", well=free >= DISK_BYTES_MIN)]


def keys() -> list[Finding]:
    hint = "Set {}, or run `yunju up` once."
    has_key = "YUNJU_SECRET_KEY" not in environment.made_up
    findings = [
        judged("key that signs", hint.format("YUNJU_SECRET_KEY"), well=has_key),
        judged("key that encrypts", hint.format("YUNJU_DATA_KEYS"), well=bool(settings.YUNJU_DATA_KEYS)),
    ]
    path = settings.YUNJU_HOME / "secrets.json"
    if path.exists():
        closed = not path.stat().st_mode & 0o077
        findings.append(judged(f"{path} is closed to others", f"chmod 600 {path}", well=closed))
    return findings


def server() -> list[Finding]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, setting FROM pg_settings WHERE name = ANY(%s)", [[*MUST_BE_ON, "jit"]])
        found = dict(cursor.fetchall())
        cursor.execute("SHOW server_version")
        version = cursor.fetchone()[0]
    lost = "Acknowledged orders could be lost: turn it on."
    slow = "It took the order path from 11,000 to 4,300 a second: ALTER DATABASE ... SET jit = off."
    return [
        fine(f"PostgreSQL {version}"),
        *(judged(f"{name} = {found[name]}", lost, well=found[name] == "on") for name in MUST_BE_ON),
        judged(f"jit = {found['jit']}", slow, well=found["jit"] == "off"),
    ]


def guard() -> list[Finding]:
    faults = guards.find_missing()
    if not faults:
        return [fine("the database's guards are in place, the role is neither owner nor superuser")]
    return [Finding(f"guard: {fault}", "Run `yunju migrate` as the owner.") for fault in faults]


def time() -> list[Finding]:
    hours = settings.YUNJU_CLOCK_SHIFT_HOURS
    if not hours:
        return [fine("the clock is the machine's")]
    return [
        Finding(f"the clock is {hours} hours ahead", "For trying out only: unset YUNJU_CLOCK_SHIFT_HOURS.")
    ]


def heartbeat() -> list[Finding]:
    late = loops.late(at_once=True)
    if not late:
        return [fine("the worker's loops are in time")]
    return [
        Finding(
            f"{beat.name}: last ran {beat.ran_at:%Y-%m-%d %H:%M} UTC"
            if beat.pk
            else f"{beat.name}: never ran",
            beat.error or "Start `yunju worker`.",
        )
        for beat in late
    ]


def live() -> list[Finding]:
    """A market that is live is asked what it was asked before it went live."""
    findings = []
    for cluster in Cluster.objects.filter(closed_at=None, papers__live_at__isnull=False).order_by("pk"):
        wrong = [one for one in (check(cluster) for check in readiness.QUICK) if not one.is_well]
        if not wrong:
            findings.append(fine(f"{cluster.code} is live, and its checks are well"))
        findings += [
            Finding(
                f"{cluster.code}: {messages.sentence(f'check.{one.code}.wrong', one.params)}",
                "See /operator/setup.",
            )
            for one in wrong
        ]
    return findings


CHECKS = (python, disk, keys, time, server, guard, heartbeat, live)
