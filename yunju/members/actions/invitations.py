"""Members that come in from a list, and the links by which their people join.

The operator uploads rows (read by the page), sees every fault first, then takes them: members are made, each with an
invitation. A link is good for 14 days and once; who opens it shows by a code that the number of the list is theirs, and
is the owner then. The link's token is derived, so that it can be printed and sent again without being stored.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta

from django.utils.crypto import constant_time_compare, salted_hmac

from yunju.kernel import clock, outbox
from yunju.kernel.actor import Actor, system
from yunju.kernel.errors import Invalid, InvalidMany, NotFound, Refused
from yunju.kernel.ids import public_code
from yunju.members import crypto, identity, inputs, policy
from yunju.members.actions.capacities import ask
from yunju.members.actions.steps import action, lock_cluster, lock_user, note
from yunju.members.models import Capacity, Invitation, Member, MemberImport, Role, User
from yunju.members.words import ASKED, Permission, RoleKind

TOPIC = "invitation.sent"
VALID = timedelta(days=14)
ROWS_MOST = 2_000
KEPT = timedelta(days=1)
ABOUT = "invitation"
LIST_ABOUT = "member-list"
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "firm": ("单位名称", "企业名称", "公司名称", "商户名称", "入驻单位", "名称", "firm", "company", "name"),
    "credit_code": ("统一社会信用代码", "信用代码", "社会信用代码", "税号", "credit code", "creditcode"),
    "contact": ("联系人", "负责人", "法人", "姓名", "contact", "contact person"),
    "trade": ("行业", "业态", "类别", "经营范围", "trade", "industry"),
    "phone": ("手机号", "手机", "联系电话", "联系方式", "电话", "phone", "mobile"),
}
NEEDED = ("firm", "contact", "phone")


@dataclass(frozen=True, slots=True)
class Row:
    """One firm of a list, cleaned. `number` is its row in the file."""

    number: int
    firm: str
    credit_code: str
    contact: str
    trade: str
    phone: str


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in a row: a code with parameters, as everywhere."""

    row: int
    field: str
    code: str
    params: dict[str, object]


@action
def keep_list(
    *, file_name: str, table: Sequence[tuple[int, Sequence[str]]], capacity: str, by: Actor
) -> MemberImport:
    """Read a list without changing anything: `table` has (row number, cells), the head first. Rows are kept sealed."""
    policy.for_cluster(by, Permission.CLUSTER_ADMIT)
    capacity = inputs.choice(capacity, field="capacity", words=[word.value for word in ASKED])
    places = _places(table)
    rows, faults = _read([one for one in table[1:] if any(cell.strip() for cell in one[1])], places)
    faults += _clashes(rows, by.cluster_id)
    wrong = {fault.row for fault in faults}
    good = [row for row in rows if row.number not in wrong]
    sealed = _sealed(good, table)
    return MemberImport.objects.create(
        cluster_id=by.cluster_id,
        code=public_code(),
        file_name=file_name[:200],
        rows=[asdict(fault) for fault in sorted(faults, key=lambda one: (one.row, one.field))],
        rows_cipher=sealed,
        capacity=capacity,
        count=len(good),
        faults=len(wrong),
        by_user_id=policy.person(by),
        made_at=clock.now(),
    )


@action
def take_list(*, code: str, by: Actor) -> MemberImport:
    """Make the members of a kept list with their invitations, all or none. Twice is refused."""
    policy.for_cluster(by, Permission.CLUSTER_ADMIT)
    lock_cluster(by.cluster_id)
    kept = MemberImport.objects.select_for_update().filter(cluster_id=by.cluster_id, code=code).first()
    if kept is None:
        raise NotFound("members.list_unknown")
    if kept.taken_at is not None:
        raise Refused("members.list_taken")
    if not kept.rows_cipher or clock.now() - kept.made_at > KEPT:
        raise Refused("members.list_gone")
    rows, table = _unsealed(kept)
    clashing = {
        fault.row for fault in _clashes(rows, by.cluster_id)
    }  # somebody else may have taken one meanwhile
    for row in rows:
        if row.number not in clashing:
            _made(row, kept.capacity, by)
    wrong = {fault["row"] for fault in kept.rows}
    kept.taken_at, kept.made, kept.known = clock.now(), len(rows) - len(clashing), len(clashing)
    # Who is made is not kept twice; what is left to mend stays for the rest of the day.
    left = [table[0], *(one for one in table[1:] if one[0] in wrong)]
    kept.rows_cipher = _sealed([], left) if wrong else b""
    kept.save(update_fields=["taken_at", "made", "known", "rows_cipher"])
    note(by, "members.listed", made=kept.made)
    return kept


def to_mend(*, code: str, by: Actor) -> tuple[list[tuple[int, list[str]]], dict[int, list[Fault]]]:
    """The rows of a list as they were uploaded, the head first, and what is wrong with each; of a list that was taken,
    those with faults alone. Rows are numbered anew as they stand in the file that goes back."""
    policy.for_cluster(by, Permission.CLUSTER_ADMIT)
    kept = MemberImport.objects.filter(cluster_id=by.cluster_id, code=code).first()
    if kept is None:
        raise NotFound("members.list_unknown")
    if not kept.rows_cipher or clock.now() - kept.made_at > KEPT:
        raise Refused("members.list_gone")
    rows, faults = [], dict[int, list[Fault]]()
    for place, (number, cells) in enumerate(_unsealed(kept)[1], start=1):
        rows.append((place, cells))
        found = [Fault(**fault) for fault in kept.rows if fault["row"] == number]
        if found:
            faults[place] = found
    return rows, faults


@action
def renew(*, code: str, way: str, by: Actor) -> Invitation:
    """A link for 14 days from now, to be sent or printed; links before it are dead."""
    policy.for_cluster(by, Permission.CLUSTER_ADMIT)
    way = inputs.choice(way, field="way", words=("sms", "card"))
    invitation = _locked(code, by)
    if invitation.joined_at is not None:
        raise Refused("members.invitation_joined")
    at = clock.now()
    if invitation.sent_at is not None or invitation.revoked_at is not None:
        invitation.turn += 1
    invitation.way, invitation.sent_at, invitation.expires_at = way, at, at + VALID
    invitation.opened_at = invitation.revoked_at = None
    invitation.save()
    note(by, "invitation.sent", invitation.member_id, way=way)
    if way == "sms":
        outbox.write([outbox.Event(by.cluster_id, TOPIC, invitation.pk, {"turn": invitation.turn})])
    return invitation


@action
def revoke(*, code: str, by: Actor) -> Invitation:
    """The link is dead with the commit; a new one may be made."""
    policy.for_cluster(by, Permission.CLUSTER_ADMIT)
    invitation = _locked(code, by)
    if invitation.joined_at is not None:
        raise Refused("members.invitation_joined")
    invitation.revoked_at = clock.now()
    invitation.save(update_fields=["revoked_at"])
    note(by, "invitation.revoked", invitation.member_id)
    return invitation


def token_of(invitation: Invitation) -> str:
    """What the link of this turn ends in: whoever holds it may try to join with the phone of the list."""
    value = f"{invitation.pk}:{invitation.turn}"
    return f"{invitation.code}{salted_hmac('yunju.members.invitation', value, algorithm='sha256').hexdigest()[:24]}"


def phone_of(invitation: Invitation) -> str:
    """The number of the list, for the sender alone."""
    return crypto.unseal(invitation.phone_cipher, about=ABOUT)


@action
def opened(*, token: str, by: Actor) -> Invitation:
    """Somebody opened the link. A dead, late, used or wrong one is refused alike."""
    invitation = _by_token(token, by.cluster_id)
    if invitation.opened_at is None:
        invitation.opened_at = clock.now()
        invitation.save(update_fields=["opened_at"])
    return invitation


@action
def accept(*, token: str, phone: str, user_id: int, by: Actor) -> Member:
    """`user_id` has just shown that `phone` is theirs (`codes`): the owner of the member, if it is the invited number."""
    invitation = _by_token(token, by.cluster_id)
    number = phone_of(invitation)
    if not constant_time_compare(number, inputs.phone(phone)):
        raise Invalid("members.invitation_number", field="phone", last4=number[-4:])
    user = lock_user(user_id)
    if user.phone != number or user.phone_verified_at is None:
        raise Invalid("members.invitation_number", field="phone", last4=number[-4:])
    at = clock.now()
    if not user.name and invitation.contact:
        User.objects.filter(pk=user.pk).update(name=invitation.contact)
    Role.objects.get_or_create(
        user_id=user_id,
        member_id=invitation.member_id,
        ended_at=None,
        defaults={"kind": RoleKind.OWNER, "granted_at": at, "granted_by_id": invitation.made_by_id},
    )
    invitation.joined_at, invitation.joined_by = at, user
    invitation.save(update_fields=["joined_at", "joined_by"])
    note(by, "invitation.joined", invitation.member_id, user_id=user_id)
    return invitation.member


def state_of(invitation: Invitation) -> str:
    """made | sent | opened | joined | over | revoked: where an invitation stands."""
    if invitation.joined_at is not None:
        return "joined"
    if invitation.revoked_at is not None:
        return "revoked"
    if invitation.sent_at is None:
        return "made"
    if invitation.expires_at <= clock.now():
        return "over"
    return "opened" if invitation.opened_at is not None else "sent"


def forget_lists() -> int:
    """What was uploaded and not taken within a day."""
    old = MemberImport.objects.filter(made_at__lt=clock.now() - KEPT).exclude(rows_cipher=b"")
    return old.update(rows_cipher=b"")


def _sealed(rows: Sequence[Row], table: Sequence[tuple[int, Sequence[str]]]) -> bytes:
    kept = {
        "rows": [asdict(row) for row in rows],
        "table": [[number, list(cells)] for number, cells in table],
    }
    return crypto.seal(json.dumps(kept), about=LIST_ABOUT)


def _unsealed(kept: MemberImport) -> tuple[list[Row], list[tuple[int, list[str]]]]:
    found = json.loads(crypto.unseal(kept.rows_cipher, about=LIST_ABOUT))
    return [Row(**row) for row in found["rows"]], [(number, cells) for number, cells in found["table"]]


def _places(table: Sequence[tuple[int, Sequence[str]]]) -> dict[str, int]:
    """Where each column stands, by any of its names."""
    if len(table) < 2:
        raise Invalid("members.list_empty", field="file")
    if len(table) > ROWS_MOST + 1:
        raise Invalid("members.list_long", field="file", most=ROWS_MOST)
    heads = ["".join(cell.split()).strip("*＊").casefold() for cell in table[0][1]]
    places = {}
    for name, aliases in COLUMNS.items():
        known = {"".join(alias.split()).casefold() for alias in aliases}
        found = next((place for place, head in enumerate(heads) if head in known), None)
        if found is not None:
            places[name] = found
    missing = [COLUMNS[name][0] for name in NEEDED if name not in places]
    if missing:
        raise Invalid("members.list_columns", field="file", missing="、".join(missing))
    return places


def _read(
    table: Sequence[tuple[int, Sequence[str]]], places: Mapping[str, int]
) -> tuple[list[Row], list[Fault]]:
    rows, faults = [], []
    for number, cells in table:
        given = {name: cells[place] if place < len(cells) else "" for name, place in places.items()}
        try:
            rows.append(_row(number, given))
        except InvalidMany as many:
            faults += [Fault(number, one.field or "", one.code, dict(one.params)) for one in many.faults]
        except Invalid as one:
            faults.append(Fault(number, one.field or "", one.code, dict(one.params)))
    return rows, faults


def _row(number: int, given: Mapping[str, str]) -> Row:
    with inputs.Faults() as check:
        return Row(
            number=number,
            firm=check(inputs.text, given.get("firm", ""), field="firm", most=120),
            credit_code=check(_credit_code, given.get("credit_code", "")),
            contact=check(inputs.text, given.get("contact", ""), field="contact", most=80),
            trade=check(inputs.text, given.get("trade", ""), field="trade", most=80, least=0),
            phone=check(inputs.phone, given.get("phone", "").removesuffix(".0")),
        )


def _credit_code(value: str) -> str:
    """Empty, or right by form and check character."""
    text = "".join(value.split()).upper()
    return identity.checked_licence(text, field="credit_code") if text else ""


def _clashes(rows: Sequence[Row], cluster_id: int) -> list[Fault]:
    """Twice in the list, or here already: by number invited, and by name of an open member."""
    faults, seen = [], dict[tuple[str, str], int]()
    names = set(
        Member.objects.filter(
            cluster_id=cluster_id, closed_at=None, name__in=[row.firm for row in rows]
        ).values_list("name", flat=True)
    )
    invited = {
        bytes(index)
        for index in Invitation.objects.filter(cluster_id=cluster_id, revoked_at=None).values_list(
            "phone_index", flat=True
        )
    }
    for row in rows:
        for field, value in (("phone", row.phone), ("firm", row.firm), ("credit_code", row.credit_code)):
            before = seen.setdefault((field, value), row.number) if value else row.number
            if before != row.number:
                faults.append(Fault(row.number, field, "members.list_twice", {"row": before}))
        if row.firm in names:
            faults.append(Fault(row.number, "firm", "members.list_known", {}))
        if invited & set(crypto.blind_indexes(row.phone)):
            faults.append(Fault(row.number, "phone", "members.list_known_phone", {}))
    return faults


def _made(row: Row, capacity: str, by: Actor) -> None:
    """A member for nobody yet, asked to be admitted; what the list says of its trade stands in its story."""
    at = clock.now()
    member = Member.objects.create(
        cluster_id=by.cluster_id,
        kind="organisation",
        name=row.firm,
        phone=row.phone,
        story=row.trade,
        created_at=at,
    )
    note(by, "member.opened", member.pk, kind="organisation", owner_id=None)
    if not Capacity.objects.filter(member=member, kind=capacity, ended_at=None).exists():
        ask(member.pk, capacity, system(by.cluster_id, "list"))
    Invitation.objects.create(
        cluster_id=by.cluster_id,
        code=public_code(),
        member=member,
        phone_cipher=crypto.seal(row.phone, about=ABOUT),
        phone_index=crypto.blind_index(row.phone),
        contact=row.contact,
        credit_code=row.credit_code,
        made_by_id=by.user_id,
        made_at=at,
        expires_at=at + VALID,
    )
    note(by, "invitation.made", member.pk)


def _locked(code: str, by: Actor) -> Invitation:
    invitation = (
        Invitation.objects.select_for_update(of=("self",))
        .select_related("member")
        .filter(cluster_id=by.cluster_id, code=code)
        .first()
    )
    if invitation is None:
        raise NotFound("members.invitation_unknown")
    return invitation


def _by_token(token: str, cluster_id: int) -> Invitation:
    invitation = (
        Invitation.objects.select_for_update(of=("self",))
        .select_related("member")
        .filter(cluster_id=cluster_id, code=token[:16])
        .first()
    )
    expected = token_of(invitation or Invitation(pk=0, code="?"))
    fits = constant_time_compare(expected.encode(), token.encode())
    if invitation is None or not fits or state_of(invitation) not in ("sent", "opened"):
        raise Refused("members.invitation_over")
    return invitation
