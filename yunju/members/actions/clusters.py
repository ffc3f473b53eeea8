"""Clusters: made by the command line, ruled by their operator."""

import re
from dataclasses import dataclass, fields
from zoneinfo import available_timezones

from django.db import IntegrityError, transaction

from yunju.kernel import clock
from yunju.kernel.actor import Actor, system
from yunju.kernel.errors import Invalid, Refused
from yunju.kernel.money import EXPONENTS
from yunju.members import inputs, policy
from yunju.members.actions.steps import action, lock_cluster, lock_user, note
from yunju.members.models import Capacity, Cluster, Member, Role
from yunju.members.words import CapacityKind, Permission, RoleKind

COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)
CODE = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?", re.ASCII)
HOST = re.compile(
    r"(?=.{1,200}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*", re.ASCII
)


@dataclass(frozen=True, slots=True)
class ClusterDraft:
    """What a new cluster is called, where it is shown, in which days and money it counts, which country is its home."""

    code: str
    name_zh: str
    name_en: str
    host: str = ""
    timezone: str = "Asia/Shanghai"
    currency: str = "CNY"
    country: str = "CN"


@dataclass(frozen=True, slots=True)
class ClusterRules:
    """Rules that the operator may change. None leaves a rule as it is."""

    attribution_days: int | None = None
    self_purchase: str | None = None
    unpaid_minutes: int | None = None
    unpaid_limit: int | None = None
    reserve_bp: int | None = None
    after_sale_days: int | None = None
    payout_min_minor: int | None = None
    shortage_tolerance_minor: int | None = None


RANGES = {
    "attribution_days": (0, 30),
    "unpaid_minutes": (5, 24 * 60),
    "unpaid_limit": (1, 100),
    "reserve_bp": (0, 10_000),
    "after_sale_days": (0, 90),
    "payout_min_minor": (1, 10_000_000),
    "shortage_tolerance_minor": (0, 10_000),
}
SELF_PURCHASE = ("none", "discount")


def make_cluster(*, draft: ClusterDraft, owner_id: int, by: Actor) -> Cluster:
    """A cluster with its operator, a member of the same name whose owner is the user `owner_id`."""
    policy.software(by)
    return _make_cluster(_checked(draft), owner_id, by.name)


@action
def _make_cluster(draft: ClusterDraft, owner_id: int, name: str) -> Cluster:
    owner = lock_user(owner_id)
    cluster = _insert(draft)
    now, by = clock.now(), system(cluster.pk, name)
    member = Member.objects.create(
        cluster=cluster, kind="organisation", name=draft.name_zh, phone=owner.phone, created_at=now
    )
    Capacity.objects.create(member=member, kind=CapacityKind.OPERATOR, asked_at=now, admitted_at=now)
    Role.objects.create(user=owner, member=member, kind=RoleKind.OWNER, granted_at=now)
    note(by, "cluster.made", member.pk, code=draft.code, currency=draft.currency, owner_id=owner_id)
    return cluster


@action
def edit_cluster_rules(*, rules: ClusterRules, by: Actor) -> Cluster:
    """Change rules of the actor's cluster. Each holds from now on; what orders froze stays as it was."""
    policy.for_cluster(by, Permission.CLUSTER_RULES)
    wanted = _checked_rules(rules)
    cluster = lock_cluster(by.cluster_id)
    changed = {name: value for name, value in wanted.items() if getattr(cluster, name) != value}
    for name, value in changed.items():
        note(by, "cluster.rule_changed", None, rule=name, before=getattr(cluster, name), after=value)
        setattr(cluster, name, value)
    if changed:
        cluster.save(update_fields=sorted(changed))
    return cluster


def _checked_rules(rules: ClusterRules) -> dict[str, int | str]:
    given = {
        one.name: getattr(rules, one.name) for one in fields(rules) if getattr(rules, one.name) is not None
    }
    wanted: dict[str, int | str] = {}
    with inputs.Faults() as check:
        for name, value in given.items():
            if name == "self_purchase":
                wanted[name] = check(inputs.choice, value, field=name, words=SELF_PURCHASE)
            else:
                least, most = RANGES[name]
                wanted[name] = check(inputs.integer, value, field=name, least=least, most=most)
    return wanted


def _checked(draft: ClusterDraft) -> ClusterDraft:
    with inputs.Faults() as check:
        return ClusterDraft(
            code=check(_matching, draft.code, CODE, Invalid("members.cluster_code", field="code")),
            name_zh=check(inputs.text, draft.name_zh, field="name_zh", most=80),
            name_en=check(inputs.text, draft.name_en, field="name_en", most=80),
            host=check(
                _matching, draft.host.strip().lower(), HOST, Invalid("members.cluster_host", field="host")
            )
            if draft.host
            else "",
            timezone=check(inputs.choice, draft.timezone, field="timezone", words=available_timezones()),
            currency=check(inputs.choice, draft.currency, field="currency", words=EXPONENTS),
            country=check(
                _matching, draft.country.strip().upper(), COUNTRY, Invalid("input.country", field="country")
            ),
        )


def _matching(value: str, form: re.Pattern[str], fault: Invalid) -> str:
    if not form.fullmatch(value):
        raise fault
    return value


def _insert(draft: ClusterDraft) -> Cluster:
    """The database says whether code and host are free: two installers at once cannot both believe it."""
    cluster = Cluster(
        code=draft.code,
        host=draft.host,
        name_zh=draft.name_zh,
        name_en=draft.name_en,
        timezone=draft.timezone,
        currency=draft.currency,
        country=draft.country,
    )
    try:
        with transaction.atomic():
            cluster.save(force_insert=True)
    except IntegrityError as error:
        raise Refused("members.cluster_taken", field="code") from error
    return cluster
