"""`yunju cluster`: make a cluster with its operator, set its fees and rules. For installations without the demonstration."""

import argparse
import getpass
import re
import sys
from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from django.db import transaction
from django.utils import translation

from yunju.catalog.actions.rules import set_fees
from yunju.catalog.terms import Terms
from yunju.cli.importing import find_cluster
from yunju.cli.say import Stop, say
from yunju.kernel import clock
from yunju.kernel.actor import system
from yunju.kernel.errors import InvalidMany, YunjuError
from yunju.members import actions
from yunju.members.models import Cluster, User
from yunju.ui import messages

NAME = "command line"  # as whom it acts, in event rows
NO_CLUSTER = 0
RULES = tuple(one.name for one in fields(actions.ClusterRules))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    wishes = parser.add_subparsers(dest="wish", required=True)
    make = wishes.add_parser("make", help="a new cluster and its operator")
    make.add_argument("--code", required=True, help="its short name: lower-case letters, digits, -")
    make.add_argument("--name-zh", required=True, help="its name in Chinese, the face of the site")
    make.add_argument("--name-en", required=True, help="its name in English")
    make.add_argument(
        "--operator-email",
        required=True,
        help="who runs it; a new address gets an account, whose password is asked for",
    )
    make.add_argument("--operator-name", default="", help="the name of a new account")
    make.add_argument("--host", default="", help="the host name that shows it; none shows it everywhere")
    make.add_argument("--currency", default="CNY", help="of its prices and its book (default: %(default)s)")
    make.add_argument("--timezone", default="Asia/Shanghai", help="cuts its days (default: %(default)s)")
    make.add_argument(
        "--country", default="CN", help="its home; what goes elsewhere goes abroad (default: %(default)s)"
    )
    fees = wishes.add_parser("fees", help="what platform and park take of goods, from now on")
    for part in (make, fees):
        part.add_argument("--platform", default="0", help="percent of goods for the operator, such as 3")
        part.add_argument("--park", default="0", help="percent of goods for the park of the supplier's seat")
    rules = wishes.add_parser("rules", help="change rules of a cluster: NAME=VALUE ...")
    rules.add_argument("rules", nargs="+", metavar="NAME=VALUE", help="of: " + ", ".join(RULES))
    for part in (fees, rules):
        part.add_argument("--cluster", default="", help="its code; not needed where there is only one")
    for part in (make, fees, rules):
        part.add_argument("--language", default="en", choices=("en", "zh-hans"), help="of what is printed")


def run(args: argparse.Namespace) -> int:
    work = {"make": _make, "fees": _fees, "rules": _rules}[args.wish]
    with translation.override(args.language):
        try:
            with transaction.atomic():  # all of it or nothing: a cluster without fees or operator is none
                say(work(args))
        except YunjuError as refusal:
            raise Stop(_sentences(refusal)) from refusal
    return 0


def _sentences(refusal: YunjuError) -> str:
    if not isinstance(refusal, InvalidMany):
        return messages.of(refusal)
    return "\n".join(f"{one.field}: {messages.of(one)}" for one in refusal.faults)


def _make(args: argparse.Namespace) -> str:
    owner = _owner(args.operator_email, args.operator_name)
    draft = actions.ClusterDraft(
        code=args.code,
        name_zh=args.name_zh,
        name_en=args.name_en,
        host=args.host,
        timezone=args.timezone,
        currency=args.currency.upper(),
        country=args.country,
    )
    cluster = actions.make_cluster(draft=draft, owner_id=owner.pk, by=system(NO_CLUSTER, NAME))
    _set_fees(cluster, args)
    return f"{cluster.code}: {cluster.name_zh} / {cluster.name_en}. Its operator signs in as {owner.email}."


def _owner(email: str, name: str) -> User:
    """Whoever has the address, or a new account."""
    known = User.objects.filter(email=email.strip().lower(), is_active=True).first()
    if known is not None:
        return known
    draft = actions.UserDraft(email=email, password=_password(), name=name)
    return actions.make_user(draft=draft, by=system(NO_CLUSTER, NAME))


def _password() -> str:
    """Typed twice at a terminal, else the first line of what is piped in: never an argument, which others can read."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    first = getpass.getpass("Password of the operator: ")
    if getpass.getpass("Once more: ") != first:
        raise Stop("The two passwords differ; nothing was made.")
    return first


def _fees(args: argparse.Namespace) -> str:
    cluster = find_cluster(args.cluster)
    version = _set_fees(cluster, args)
    return f"{cluster.code}: fees version {version}: platform {args.platform} %, park {args.park} %."


def _set_fees(cluster: Cluster, args: argparse.Namespace) -> int:
    shares = {part: Terms(bp=_basis_points(part, getattr(args, part))) for part in ("platform", "park")}
    return set_fees(**shares, effective_at=clock.now(), by=system(cluster.pk, NAME))


def _basis_points(name: str, percent: str) -> int:
    found = re.fullmatch(r"(\d{1,2})(?:\.(\d{1,2}))?", percent, re.ASCII)
    if not found:
        raise Stop(f"--{name} is a percentage such as 3 or 2.5.")
    return int(found[1]) * 100 + int((found[2] or "").ljust(2, "0"))


def _rules(args: argparse.Namespace) -> str:
    cluster = find_cluster(args.cluster)
    rules = actions.ClusterRules(**_wanted(args.rules))
    actions.edit_cluster_rules(rules=rules, by=system(cluster.pk, NAME))
    cluster.refresh_from_db()
    return f"{cluster.code}: " + ", ".join(f"{name}={getattr(cluster, name)}" for name in RULES)


def _wanted(words: Sequence[str]) -> dict[str, Any]:
    wanted: dict[str, Any] = {}
    for word in words:
        name, is_given, value = word.partition("=")
        if name not in RULES or not is_given:
            raise Stop(f"{word!r} is no rule: write NAME=VALUE, the names are {', '.join(RULES)}.")
        wanted[name] = int(value) if value.isascii() and value.isdigit() else value
    return wanted
