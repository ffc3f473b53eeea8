"""One cluster with somebody of every kind, for the who-may tables."""

from dataclasses import dataclass

from tests.factories import members as make
from yunju.kernel import clock
from yunju.kernel.actor import Actor, system
from yunju.members import actions, queries
from yunju.members.models import (
    Capacity,
    Cluster,
    Member,
    MemberEvent,
    Park,
    Payee,
    PayoutAccount,
    Role,
    Seat,
    Site,
    User,
)
from yunju.members.words import CONSENT_VERSION, CapacityKind, RoleKind

RESIDENT = "11010519491231002X"
CREDIT_CODE = "91350100M000100Y43"


@dataclass(frozen=True)
class Scene:
    """`member` is a complete firm that waits to be a supplier and sits in `park`; `victim` is its cashier."""

    cluster: Cluster
    member: Member
    park: Park
    free_park: Park
    seat: Seat
    victim: User
    newcomer: User
    account: PayoutAccount
    actors: dict[str, Actor]


def payee_draft(**changes: str) -> actions.PayeeDraft:
    values = {
        "real_name": "福州云聚文化有限公司",
        "id_kind": "credit_code",
        "id_number": CREDIT_CODE,
        "licence_no": CREDIT_CODE,
        "exemption": "",
        "consent_version": CONSENT_VERSION,
    }
    return actions.PayeeDraft(**(values | changes))


def account_draft(**changes: str) -> actions.AccountDraft:
    values = {
        "channel": "bank",
        "holder": "福州云聚文化有限公司",
        "bank": "中国银行",
        "number": "6222020200112233445",
    }
    return actions.AccountDraft(**(values | changes))


def set_up() -> Scene:
    cluster = make.make_cluster()
    victim = make.make_user()
    member = make.make_member(
        cluster, roles={victim: RoleKind.CASHIER}, phone="+8613800138000", province="福建省", city="福州市"
    )
    Capacity.objects.create(member=member, kind=CapacityKind.SUPPLIER, asked_at=clock.now())
    park, free_park = make.make_park(cluster), make.make_park(cluster)
    make.make_member(cluster, capacities=[CapacityKind.PARK], name="Park to be")
    seat = make.make_seat(member, park)
    owner = make.acts_for(member)
    actions.set_payee(member_id=member.pk, draft=payee_draft(), by=owner)
    account = actions.set_payout_account(member_id=member.pk, draft=account_draft(), by=owner)
    actors = {
        "anonymous": queries.anonymous(cluster.pk, "secret"),
        "buyer": make.buyer(cluster),
        "stranger": make.acts_for(make.make_member(cluster, capacities=[CapacityKind.SUPPLIER])),
        "park owner": make.acts_for(park.member),
        "free park owner": make.acts_for(free_park.member),
        "foreign operator": make.operator(make.make_cluster()),
        "system": system(cluster.pk, "test"),
        "owner": owner,
    }
    actors |= {kind.value: make.acts_for(member, kind) for kind in RoleKind if kind is not RoleKind.OWNER}
    actors |= {f"operator {kind.value}": make.operator(cluster, kind) for kind in RoleKind}
    return Scene(
        cluster=cluster,
        member=member,
        park=park,
        free_park=free_park,
        seat=seat,
        victim=victim,
        newcomer=make.make_user(),
        account=account,
        actors=actors,
    )


def everything(cluster: Cluster) -> dict[str, list[tuple[object, ...]]]:
    """All rows of a cluster, and the epochs and passwords of the users that have roles in it."""
    roles = Role.objects.filter(member__cluster=cluster)
    users = User.objects.filter(pk__in=roles.values("user_id"))
    tables = {
        "cluster": Cluster.objects.filter(pk=cluster.pk),
        "member": Member.objects.filter(cluster=cluster),
        "capacity": Capacity.objects.filter(member__cluster=cluster),
        "role": roles,
        "park": Park.objects.filter(cluster=cluster),
        "site": Site.objects.filter(park__cluster=cluster),
        "seat": Seat.objects.filter(park__cluster=cluster),
        "payee": Payee.objects.filter(member__cluster=cluster),
        "account": PayoutAccount.objects.filter(member__cluster=cluster),
        "event": MemberEvent.objects.filter(cluster_id=cluster.pk),
    }
    rows = {
        name: [tuple(_plain(row)) for row in table.order_by("pk").values_list()]
        for name, table in tables.items()
    }
    rows["user"] = list(users.order_by("pk").values_list("pk", "session_epoch", "password", "name", "phone"))
    return rows


def _plain(row: tuple[object, ...]) -> list[object]:
    return [bytes(value) if isinstance(value, memoryview) else value for value in row]
