"""Papers of members: handed in with a picture, looked at by the operator, valid until a day."""

import datetime as dt
from dataclasses import dataclass
from typing import BinaryIO

from django.core.files.base import ContentFile

from yunju.kernel import clock
from yunju.kernel.actor import Actor
from yunju.kernel.errors import Invalid, NotFound, Refused
from yunju.kernel.ids import public_code
from yunju.kernel.pictures import rewritten
from yunju.members import inputs, policy
from yunju.members.actions.steps import action, lock_member, note
from yunju.members.models import Cluster, Licence, private_papers
from yunju.members.words import LicenceKind, LicenceRefusal, Permission

WAITING_MOST = 20


@dataclass(frozen=True, slots=True)
class LicenceDraft:
    """What a paper says. `valid_until` empty: it has no end."""

    kind: str
    number: str
    valid_from: dt.date
    valid_until: dt.date | None = None


def hand_in_licence(*, member_id: int, draft: LicenceDraft, file: BinaryIO, by: Actor) -> Licence:
    """Give the operator a paper to look at, with its picture."""
    policy.for_member_or_cluster(by, member_id, Permission.MEMBER_EDIT, Permission.CLUSTER_ADMIT)
    draft = _checked(draft)
    store = private_papers()
    name = store.save(f"licences/{public_code()}.webp", ContentFile(rewritten(file)))
    try:
        return _hand_in(member_id, draft, name, by)
    except BaseException:
        store.delete(name)
        raise


@action
def _hand_in(member_id: int, draft: LicenceDraft, name: str, by: Actor) -> Licence:
    lock_member(by.cluster_id, member_id)
    waiting = Licence.objects.filter(member_id=member_id, state="waiting")
    if waiting.count() >= WAITING_MOST:
        raise Refused("licence.too_many_waiting", most=WAITING_MOST)
    made = Licence.objects.create(
        cluster_id=by.cluster_id,
        member_id=member_id,
        kind=draft.kind,
        number=draft.number,
        picture=name,
        valid_from=draft.valid_from,
        valid_until=draft.valid_until,
        handed_at=clock.now(),
        handed_by_id=by.user_id,
    )
    note(by, "licence.handed_in", member_id, licence=draft.kind, licence_id=made.pk)
    return made


@action
def check_licence(*, licence_id: int, reason: str = "", by: Actor) -> Licence:
    """The operator has compared the paper with its register: it holds, or not for a `reason` that the member reads."""
    policy.for_cluster(by, Permission.CLUSTER_ADMIT)
    if reason:
        reason = inputs.choice(reason, field="reason", words=[word.value for word in LicenceRefusal])
    paper = _locked(licence_id, by)
    if paper.state != "waiting":
        raise Refused("licence.checked_already")
    today = _today(by)
    if not reason and paper.valid_until is not None and paper.valid_until < today:
        raise Refused("licence.over", field="reason")
    now = clock.now()
    if not reason:
        older = Licence.objects.filter(member_id=paper.member_id, kind=paper.kind, state="valid")
        if paper.kind != LicenceKind.OTHER and paper.valid_from <= today:
            older.update(state="replaced")
    paper.state, paper.reason = ("refused", reason) if reason else ("valid", "")
    paper.checked_at, paper.checked_by_id = now, by.user_id
    paper.save(update_fields=["state", "reason", "checked_at", "checked_by"])
    what = "licence.refused" if reason else "licence.accepted"
    note(
        by,
        what,
        paper.member_id,
        licence=paper.kind,
        licence_id=paper.pk,
        **({"reason": reason} if reason else {}),
    )
    return paper


@action
def end_licence(*, licence_id: int, by: Actor) -> Licence:
    """A checked paper that turned out to be void: from now on it counts no more."""
    policy.for_cluster(by, Permission.CLUSTER_ADMIT)
    paper = _locked(licence_id, by)
    if paper.state != "valid":
        raise Refused("licence.not_valid")
    paper.state = "replaced"
    paper.save(update_fields=["state"])
    note(by, "licence.ended", paper.member_id, licence=paper.kind, licence_id=paper.pk)
    return paper


def _locked(licence_id: int, by: Actor) -> Licence:
    """Under the member's lock, so that two papers of one kind are checked one after the other."""
    found = Licence.objects.filter(cluster_id=by.cluster_id, pk=licence_id).first()
    if found is None:
        raise NotFound("licence.unknown")
    lock_member(by.cluster_id, found.member_id, closed_too=True)
    found.refresh_from_db()
    return found


def _today(by: Actor) -> dt.date:
    zone = Cluster.objects.values_list("timezone", flat=True).get(pk=by.cluster_id)
    return clock.local_day(clock.now(), zone)


def _checked(draft: LicenceDraft) -> LicenceDraft:
    with inputs.Faults() as check:
        kind = check(inputs.choice, draft.kind, field="kind", words=[word.value for word in LicenceKind])
        number = check(inputs.text, draft.number, field="number", most=60, least=4)
        until = check(_end, draft)
    return LicenceDraft(kind, number, draft.valid_from, until)


def _end(draft: LicenceDraft) -> dt.date | None:
    if draft.valid_until is not None and draft.valid_until < draft.valid_from:
        raise Invalid("licence.ends_before", field="valid_until")
    return draft.valid_until
