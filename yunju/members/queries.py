"""Reads of members. Lists begin with what an actor may see; the rest answers questions of the rooms above."""

import hashlib
import unicodedata
from collections.abc import Collection, Sequence
from typing import Any, cast

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db.models import Case, Exists, OuterRef, Q, QuerySet, When

from yunju.kernel import clock, sql
from yunju.kernel.actor import Actor
from yunju.kernel.errors import NotFound
from yunju.kernel.prepared import prepared
from yunju.members import crypto
from yunju.members.models import (
    Address,
    Capacity,
    Cluster,
    Member,
    MemberEvent,
    Park,
    Payee,
    PayoutAccount,
    Role,
    RoleOffer,
    Seat,
    User,
)
from yunju.members.words import GRANTS, OPERATOR_GRANTS, SELF_SERVICE, CapacityKind, Permission, RoleKind

MISSING_PAYEE = ["members.missing_identity", "members.missing_licence", "members.missing_consent"]


def live_capacities(kind: CapacityKind | None = None) -> QuerySet[Capacity]:
    """Capacities admitted and not ended, of one kind or of all."""
    rows = Capacity.objects.filter(admitted_at__isnull=False, ended_at__isnull=True)
    return rows if kind is None else rows.filter(kind=kind)


def has_capacity(member_id: int, kind: CapacityKind) -> bool:
    return live_capacities(kind).filter(member_id=member_id).exists()


def actor_for(
    user: AbstractBaseUser | AnonymousUser | None, cluster: Cluster | int, *, holder: str = ""
) -> Actor:
    """The actor that a signed-in user is in a cluster, from live roles: one statement. Anybody else is anonymous.

    Nothing is cached between requests, so that a role taken away is gone with the next one.
    """
    cluster_id = cluster if isinstance(cluster, int) else cluster.pk
    if not isinstance(user, User) or not user.is_active:
        return Actor(cluster_id=cluster_id, holder=holder)
    roles = _roles.rows(user_id=user.pk, cluster_id=cluster_id)
    grants: dict[int, frozenset[str]] = {}
    is_operator = False
    for member_id, kind, operates in roles:
        grants[member_id] = frozenset(
            GRANTS[RoleKind(kind)] | (OPERATOR_GRANTS[RoleKind(kind)] if operates else frozenset())
        )
        is_operator = is_operator or bool(operates)
    return Actor(
        cluster_id=cluster_id,
        kind="user",
        user_id=user.pk,
        grants=grants,
        is_operator=is_operator,
        holder=holder,
        name=user.name[:60],
    )


@prepared(user_id=int, cluster_id=int)
def _roles(user_id: int, cluster_id: int) -> QuerySet[Role, Any]:
    runs_cluster = live_capacities(CapacityKind.OPERATOR).filter(
        member_id=OuterRef("member_id"), member__closed_at=None
    )
    return (
        Role.objects.filter(user_id=user_id, ended_at__isnull=True, member__cluster_id=cluster_id)
        .annotate(runs_cluster=Exists(runs_cluster))
        .values_list("member_id", "kind", "runs_cluster")
    )


def holder_hash(secret: str) -> str:
    """The holder of a browser session or signed link without an account: only its hash is ever stored."""
    return hashlib.sha256(f"yunju-holder:{secret}".encode()).hexdigest() if secret else ""


def anonymous(cluster_id: int, secret: str = "") -> Actor:
    """Nobody in particular; `secret` is what that browser alone knows."""
    return Actor(cluster_id=cluster_id, holder=holder_hash(secret))


def cluster_for_host(host: str) -> Cluster:
    """The open cluster whose pages are shown under `host` (a port is ignored), else the oldest that names no host."""
    name = host.rsplit(":", 1)[0] if host.rsplit(":", 1)[-1].isdigit() else host
    name = name.strip().lower().rstrip(".")
    found = _shown_under.rows(name=name or ".")  # a point alone is nobody's name
    if not found:
        raise NotFound("members.no_cluster_here")
    return cast("Cluster", found[0])


@prepared(name=str)
def _shown_under(name: str) -> QuerySet[Cluster]:
    """Every request asks. The papers stand in the footer of every page."""
    shared = Q(wechat__share_host=name)
    by_name = Case(
        When(host=name, then=0), When(shared, then=1), default=2
    )  # a host of nobody else's comes last
    found = Cluster.objects.filter(Q(host=name) | Q(host="") | shared, closed_at=None)
    return found.select_related("papers").order_by(by_name, "id")[:1]


def find_admitted(cluster_id: int, kind: CapacityKind, words: str) -> list[Member]:
    """Open members admitted as `kind` that have this public code or exactly this name, at most two: one is meant."""
    admitted = live_capacities(kind).filter(member__cluster_id=cluster_id).values("member_id")
    here = Member.objects.filter(cluster_id=cluster_id, closed_at=None, pk__in=admitted)
    return list(here.filter(code=words)[:1]) or list(here.filter(name=words).order_by("pk")[:2])


def is_open(cluster_id: int) -> bool:
    return Cluster.objects.filter(pk=cluster_id, closed_at=None).exists()


def operator_of(cluster_id: int) -> int:
    """The member that runs the cluster and takes its fees: the oldest that is admitted as operator."""
    found = sql.answer(operator_asked(cluster_id))
    return found_operator(found)


def operator_asked(cluster_id: int) -> sql.Asked[int | None]:
    """The same, to be asked with other things; None where there is no operator."""
    return _operators.asked(lambda rows: rows[0][0] if rows else None, cluster_id=cluster_id)


def found_operator(member_id: int | None) -> int:
    """Raises NotFound where a cluster has nobody who runs it: it cannot sell."""
    if member_id is None:
        raise NotFound("members.no_operator")
    return member_id


@prepared(cluster_id=int)
def _operators(cluster_id: int) -> QuerySet[Capacity, Any]:
    rows = live_capacities(CapacityKind.OPERATOR).filter(
        member__cluster_id=cluster_id, member__closed_at=None
    )
    return rows.order_by("member_id").values_list("member_id", flat=True)[:1]


def parks_of(cluster_id: int, member_ids: Sequence[int]) -> dict[int, int]:
    """For each member with an open seat, the member that is its park (the lowest park when it sits in several)."""
    return sql.answer(parks_asked(cluster_id, member_ids))


def parks_asked(cluster_id: int, member_ids: Collection[int]) -> sql.Asked[dict[int, int]]:
    """The same, to be asked with other things."""
    return _seats.asked(dict, cluster_id=cluster_id, member_ids=set(member_ids))


@prepared(cluster_id=int, member_ids=list)
def _seats(cluster_id: int, member_ids: Collection[int]) -> QuerySet[Seat, Any]:
    """The lowest park of a member comes last, and stays."""
    seats = Seat.objects.filter(
        member__id__among=member_ids,
        until__isnull=True,
        park__cluster_id=cluster_id,
        park__member__closed_at=None,
    )
    return seats.order_by("member_id", "-park_id").values_list("member_id", "park__member_id")


def runs_cluster(actor: Actor) -> bool:
    """True for the system and for whoever admits members here."""
    return actor.kind == "system" or bool(actor.members_with(Permission.CLUSTER_ADMIT))


def members_visible_to(actor: Actor) -> QuerySet[Member]:
    """The directory: open members with an admitted capacity. Own ones always; the operator sees all of its cluster."""
    here = Member.objects.filter(cluster_id=actor.cluster_id)
    if runs_cluster(actor):
        return here
    listed = Q(closed_at=None) & Exists(live_capacities().filter(member_id=OuterRef("pk")))
    return here.filter(listed | Q(pk__in=list(actor.grants)))


def member_visible_to(actor: Actor, code: str) -> Member:
    """One member by its public code. A stranger's is not found."""
    member = members_visible_to(actor).filter(code=code).first()
    if member is None:
        raise NotFound("members.no_member")
    return member


def parks_visible_to(actor: Actor) -> QuerySet[Park]:
    """Parks are public as long as they are open; their own people and the operator see them afterwards too."""
    return Park.objects.filter(cluster_id=actor.cluster_id, member__in=members_visible_to(actor))


def seats_visible_to(actor: Actor) -> QuerySet[Seat]:
    """Open seats of the directory are public; past ones only to the member, its park and the operator."""
    here = Seat.objects.filter(park__cluster_id=actor.cluster_id)
    if runs_cluster(actor):
        return here
    own = Q(member_id__in=list(actor.grants)) | Q(park__member_id__in=list(actor.grants))
    return here.filter(own | Q(until=None, member__in=members_visible_to(actor)))


def capacities_visible_to(actor: Actor) -> QuerySet[Capacity]:
    """Admitted ones of the directory are public; what is asked or ended, only to the member and the operator."""
    here = Capacity.objects.filter(member__cluster_id=actor.cluster_id)
    if runs_cluster(actor):
        return here
    live = Q(admitted_at__isnull=False, ended_at=None, member__closed_at=None)
    return here.filter(live | Q(member_id__in=list(actor.grants)))


def roles_visible_to(actor: Actor) -> QuerySet[Role]:
    """Who acts for a member is seen by those who may change that, and by the operator."""
    here = Role.objects.filter(member__cluster_id=actor.cluster_id)
    return (
        here if runs_cluster(actor) else here.filter(member_id__in=actor.members_with(Permission.ROLES_EDIT))
    )


def events_visible_to(actor: Actor) -> QuerySet[MemberEvent]:
    """What happened to a member: its managers and the operator. Events of no member are the operator's."""
    here = MemberEvent.objects.filter(cluster_id=actor.cluster_id)
    return (
        here if runs_cluster(actor) else here.filter(member_id__in=actor.members_with(Permission.MEMBER_EDIT))
    )


def events_of_person(actor: Actor) -> QuerySet[MemberEvent]:
    """What was done in the person's own name here, the newest first."""
    here = MemberEvent.objects.filter(cluster_id=actor.cluster_id)
    return here.filter(by_user_id=actor.user_id or 0).order_by("-id")


def addresses_visible_to(actor: Actor) -> QuerySet[Address]:
    """A person's own address book, newest first; nobody else's, whoever asks."""
    return Address.objects.filter(user_id=actor.user_id or 0).order_by("-pk")


def payees_visible_to(actor: Actor) -> QuerySet[Payee]:
    """Names and last digits of payees: the owners of the member, and who pays out."""
    here = Payee.objects.filter(member__cluster_id=actor.cluster_id)
    if actor.kind == "system" or actor.members_with(Permission.CLUSTER_PAYOUT):
        return here
    return here.filter(member_id__in=actor.members_with(Permission.PAYEE_EDIT))


def payout_accounts_visible_to(actor: Actor) -> QuerySet[PayoutAccount]:
    """Where money goes, past accounts too: the owners of the member, and who pays out."""
    here = PayoutAccount.objects.filter(member__cluster_id=actor.cluster_id)
    if actor.kind == "system" or actor.members_with(Permission.CLUSTER_PAYOUT):
        return here
    return here.filter(member_id__in=actor.members_with(Permission.PAYEE_EDIT))


def working(cluster_id: int, member_ids: Sequence[int], kind: CapacityKind) -> set[int]:
    """Those of the members that are open and admitted as `kind`: one statement for any number."""
    rows = live_capacities(kind).filter(
        member_id__in=set(member_ids), member__cluster_id=cluster_id, member__closed_at=None
    )
    return set(rows.values_list("member_id", flat=True))


def missing_for_admission(member: Member, kind: CapacityKind) -> list[str]:
    """Codes of what the operator needs before admitting; the member's page lists them. A shopkeeper needs nothing."""
    if kind in SELF_SERVICE or kind is CapacityKind.OPERATOR:
        return []
    missing = [] if member.phone else ["members.missing_phone"]
    if not (member.province and member.city):
        missing.append("members.missing_place")
    if not Payee.objects.filter(member=member).exists():
        missing += MISSING_PAYEE
    if kind is CapacityKind.SUPPLIER and not member.gateway_merchant:
        missing.append("members.missing_merchant")
    return missing


def what_is_missing_for_payout(member_id: int) -> list[str]:
    """Codes of what a member still has to give before its first payout; empty when it is ready."""
    return missing_for_payout([member_id])[member_id]


def missing_for_payout(member_ids: Sequence[int]) -> dict[int, list[str]]:
    """The same for a whole run, in two statements. The account must be in the payee's own name."""
    payees = dict(Payee.objects.filter(member_id__in=set(member_ids)).values_list("member_id", "real_name"))
    accounts = PayoutAccount.objects.filter(member_id__in=set(member_ids), ended_at=None)
    holders = dict(accounts.values_list("member_id", "holder"))
    return {member_id: _missing(payees.get(member_id), holders.get(member_id)) for member_id in member_ids}


def _missing(real_name: str | None, holder: str | None) -> list[str]:
    missing = MISSING_PAYEE if real_name is None else []
    if holder is None:
        return [*missing, "members.missing_account"]
    if real_name is not None and _plain(real_name) != _plain(holder):
        return [*missing, "members.missing_own_account"]
    return list(missing)


def _plain(name: str) -> str:
    """Names as banks compare them: width, case, spaces and the form of brackets do not count."""
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())


def members_of_same_payee(member_id: int) -> set[int]:
    """Other members of the cluster whose payee has the same identity number, whichever key they were written under."""
    own = Payee.objects.select_related("member").filter(member_id=member_id).first()
    if own is None:
        return set()
    number = crypto.unseal(own.id_cipher, about=f"payee:{member_id}")
    rows = Payee.objects.filter(
        id_index__in=crypto.blind_indexes(number), member__cluster_id=own.member.cluster_id
    )
    return set(rows.exclude(member_id=member_id).values_list("member_id", flat=True))


def offers_to(actor: Actor) -> QuerySet[RoleOffer]:
    """Roles that wait for this person: offered to their address after they had the account, not over."""
    user = User.objects.filter(pk=actor.user_id or 0, is_active=True).first()
    rows = RoleOffer.objects.filter(
        member__cluster_id=actor.cluster_id, member__closed_at=None, ended_at=None, expires_at__gt=clock.now()
    )
    if user is None or not user.email:
        return rows.none()
    return (
        rows.filter(email=user.email, offered_at__gte=user.joined_at).select_related("member").order_by("pk")
    )


def offers_waiting(member_id: int) -> QuerySet[RoleOffer]:
    """What a member offered and nobody has taken up yet. Alike for addresses with and without an account."""
    rows = RoleOffer.objects.filter(member_id=member_id, ended_at=None, expires_at__gt=clock.now())
    return rows.order_by("pk")


def readers_of_offers(offer_ids: Collection[int]) -> list[tuple[int, RoleOffer]]:
    """(user, offer) for the offers whose address had an account when they were made."""
    offers = list(RoleOffer.objects.filter(pk__in=offer_ids, ended_at=None).select_related("member"))
    users = User.objects.filter(email__in={one.email for one in offers}, is_active=True)
    known = {user.email: user for user in users}
    found = [(known[one.email], one) for one in offers if one.email in known]
    return [(user.pk, one) for user, one in found if user.joined_at <= one.offered_at]


def names_of(user_ids: Collection[int]) -> dict[int, str]:
    """Names of accounts for a log; the address of an account without a name. One statement."""
    rows = User.objects.filter(pk__in=set(user_ids)).values_list("pk", "name", "email")
    return {pk: name or email or str(pk) for pk, name, email in rows}
