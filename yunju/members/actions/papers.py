"""Papers of the site and its agreements: set by the operator, agreed to by people."""

import datetime as dt
import re
from collections.abc import Collection
from dataclasses import dataclass, fields, replace
from typing import BinaryIO
from zoneinfo import available_timezones

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from yunju.kernel import clock
from yunju.kernel.actor import Actor
from yunju.kernel.errors import Invalid, Refused
from yunju.kernel.ids import public_code
from yunju.kernel.pictures import rewritten
from yunju.members import identity, inputs, papers, policy
from yunju.members.actions.steps import action, lock_cluster, note
from yunju.members.models import AGREEMENTS, Acceptance, Agreement, Cluster, ClusterPapers
from yunju.members.words import IdKind, Permission

BODY_MOST = 100_000
BLANK = "【请填写】"
"""What a draft says where a name is not known yet: nobody publishes that."""

ICP = re.compile(r"[\u4e00-\u9fff]{1,2}ICP(备|证)[0-9A-Z]{4,20}号(-[0-9]{1,4})?")
POLICE = re.compile(r"[\u4e00-\u9fff]{1,2}公网安备\s?[0-9]{10,20}号?")


@dataclass(frozen=True, slots=True)
class PapersDraft:
    """What stands in the footer and on the page about who runs the site. None leaves a text as it is."""

    firm: str | None = None
    credit_code: str | None = None
    icp_no: str | None = None
    police_no: str | None = None
    telecom_no: str | None = None
    other_nos: str | None = None
    address: str | None = None
    complaint_phone: str | None = None
    complaint_email: str | None = None
    backup_note: str | None = None


@dataclass(frozen=True, slots=True)
class ClusterFace:
    """What the cluster is called, and the zone in which its days are cut."""

    name_zh: str
    name_en: str
    timezone: str


@dataclass(frozen=True, slots=True)
class AgreementDraft:
    """The next version of an agreement, in Chinese and, where wanted, in English."""

    kind: str
    body_zh: str
    body_en: str = ""
    summary: str = ""
    effective_at: dt.datetime | None = None


@action
def set_papers(*, draft: PapersDraft, by: Actor) -> ClusterPapers:
    """Change the papers of the actor's cluster."""
    policy.for_cluster(by, Permission.CLUSTER_RULES)
    wanted = _checked(draft)
    kept = _locked(by)
    changed = [name for name, value in wanted.items() if getattr(kept, name) != value]
    for name in changed:
        setattr(kept, name, wanted[name])
    if changed:
        kept.save(update_fields=changed)
        note(by, "papers.set", None, fields=changed)
    return kept


def set_papers_picture(*, file: BinaryIO, by: Actor) -> ClusterPapers:
    """The public picture of the operator's licence."""
    policy.for_cluster(by, Permission.CLUSTER_RULES)
    name = default_storage.save(f"papers/{public_code()}.webp", ContentFile(rewritten(file)))
    try:
        return _show_picture(name, by)
    except BaseException:
        default_storage.delete(name)
        raise


@action
def _show_picture(name: str, by: Actor) -> ClusterPapers:
    kept = _locked(by)
    before, kept.licence = kept.licence.name, name
    kept.save(update_fields=["licence"])
    note(by, "papers.set", None, fields=["licence"])
    if before:
        transaction.on_commit(lambda: default_storage.delete(before))
    return kept


@action
def set_face(*, face: ClusterFace, by: Actor) -> Cluster:
    """Names and zone. The zone stays once the cluster is live: days that were counted would be cut anew."""
    policy.for_cluster(by, Permission.CLUSTER_RULES)
    with inputs.Faults() as check:
        face = ClusterFace(
            name_zh=check(inputs.text, face.name_zh, field="name_zh", most=80),
            name_en=check(inputs.text, face.name_en, field="name_en", most=80),
            timezone=check(inputs.choice, face.timezone, field="timezone", words=available_timezones()),
        )
    kept, cluster = _locked(by), lock_cluster(by.cluster_id)
    changed = [one.name for one in fields(face) if getattr(cluster, one.name) != getattr(face, one.name)]
    if "timezone" in changed and kept.live_at is not None:
        raise Refused("papers.timezone_fixed", field="timezone")
    for name in changed:
        note(
            by,
            "cluster.rule_changed",
            None,
            rule=name,
            before=getattr(cluster, name),
            after=getattr(face, name),
        )
        setattr(cluster, name, getattr(face, name))
    if changed:
        cluster.save(update_fields=changed)
    return cluster


@action
def publish_agreement(*, draft: AgreementDraft, by: Actor) -> Agreement:
    """The next version, public from now on, in force from `effective_at` (now when not given)."""
    policy.for_cluster(by, Permission.CLUSTER_RULES)
    draft = _checked_agreement(draft)
    lock_cluster(by.cluster_id)
    last = Agreement.objects.filter(cluster_id=by.cluster_id, kind=draft.kind).order_by("-version").first()
    if last and (last.body_zh, last.body_en) == (draft.body_zh, draft.body_en):
        raise Refused("agreement.same", field="body_zh")
    now = clock.now()
    effective_at = draft.effective_at or now
    if effective_at < now:
        raise Invalid("agreement.past", field="effective_at")
    if last and effective_at < last.effective_at:
        raise Invalid("agreement.before_last", field="effective_at", starts_at=last.effective_at.isoformat())
    made = Agreement.objects.create(
        cluster_id=by.cluster_id,
        kind=draft.kind,
        version=last.version + 1 if last else 1,
        body_zh=draft.body_zh,
        body_en=draft.body_en,
        summary=draft.summary,
        effective_at=effective_at,
        published_at=now,
        published_by=by.user_id,
    )
    kept = _locked(by)
    if draft.kind not in kept.published:
        kept.published = sorted({*kept.published, draft.kind}, key=AGREEMENTS.index)
        kept.save(update_fields=["published"])
    note(by, "agreement.published", None, agreement=draft.kind, version=made.version)
    return made


AT_SIGN_UP = ("terms", "privacy")


def accept(*, kinds: Collection[str], at_step: str, by: Actor) -> int:
    """Keep that this person agrees to these kinds as they hold now. Says how many were new. Joins a transaction.

    Called by sign-up, checkout, opening a shop, asking to be a supplier, in the same transaction. A kind of which no
    version is in force asks for nothing; who has agreed already agrees once.
    """
    if by.user_id is None and not by.holder:
        return 0
    now = clock.now()
    rows = [
        Acceptance(
            cluster_id=by.cluster_id,
            agreement=one,
            user_id=by.user_id,
            holder="" if by.user_id is not None else by.holder,
            at_step=at_step[:20],
            accepted_at=now,
        )
        for one in papers.to_accept(by, kinds)
    ]
    Acceptance.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


@action
def note_trial(*, what: str, by: Actor) -> None:
    """Keep that a trial went well just now: `tried` (an order) or `texted` (a message)."""
    policy.for_cluster(by, Permission.CLUSTER_RULES)
    kept = _locked(by)
    field = {"tried": "tried_at", "texted": "texted_at"}[what]
    setattr(kept, field, clock.now())
    kept.save(update_fields=[field])
    note(by, "cluster.trial_passed", None, trial=what)


@action
def set_live(*, live: bool, by: Actor) -> ClusterPapers:
    """Open the market for real, or take it back to trial. The checks before it are `insight.readiness.go_live`'s."""
    policy.for_cluster(by, Permission.CLUSTER_RULES)
    kept = _locked(by)
    if live == (kept.live_at is not None):
        return kept
    kept.live_at, kept.live_by = (clock.now(), by.user_id) if live else (None, None)
    kept.save(update_fields=["live_at", "live_by"])
    note(by, "cluster.live" if live else "cluster.trial", None)
    return kept


def _locked(by: Actor) -> ClusterPapers:
    """The one row of the cluster, made when first needed, under the cluster's lock."""
    lock_cluster(by.cluster_id)
    return ClusterPapers.objects.get_or_create(cluster_id=by.cluster_id)[0]


def _checked(draft: PapersDraft) -> dict[str, str]:
    given = {one.name: getattr(draft, one.name) for one in fields(draft)}
    with inputs.Faults() as check:
        return {name: check(_checked_text, name, value) for name, value in given.items() if value is not None}


LENGTHS = {"firm": 120, "credit_code": 30, "address": 200, "other_nos": 1_000, "backup_note": 500}
FORMS = {"icp_no": (ICP, "papers.icp_form"), "police_no": (POLICE, "papers.police_form")}


def _checked_text(name: str, value: str) -> str:
    if name == "complaint_phone":
        return _service_phone(value)
    if name == "complaint_email":
        return inputs.email(value, field=name) if value.strip() else ""
    found = inputs.text(value, field=name, most=LENGTHS.get(name, 60), least=0, lines=name == "other_nos")
    if name == "credit_code" and found:
        return identity.checked_number(
            IdKind.CREDIT_CODE, found, today=clock.now().date(), field="credit_code"
        )
    if found and name in FORMS and not FORMS[name][0].fullmatch(found):
        raise Invalid(FORMS[name][1], field=name)
    return found


def _service_phone(value: str) -> str:
    """A line that people call: mobile, landline with area code, 400 or a number abroad. Shown as it was typed."""
    found = inputs.text(value, field="complaint_phone", most=20, least=0)
    digits = re.sub(r"[ ()+-]", "", found)
    if found and not (digits.isascii() and digits.isdigit() and 7 <= len(digits) <= 15):
        raise Invalid("papers.phone_form", field="complaint_phone")
    return found


def _checked_agreement(draft: AgreementDraft) -> AgreementDraft:
    with inputs.Faults() as check:
        check(_filled_in, draft)
        return replace(
            draft,
            kind=check(inputs.choice, draft.kind, field="kind", words=AGREEMENTS),
            body_zh=check(inputs.text, draft.body_zh, field="body_zh", most=BODY_MOST, least=50, lines=True),
            body_en=check(inputs.text, draft.body_en, field="body_en", most=BODY_MOST, least=0, lines=True),
            summary=check(inputs.text, draft.summary, field="summary", most=300, least=0),
        )


def _filled_in(draft: AgreementDraft) -> None:
    if BLANK in draft.body_zh:
        raise Invalid("agreement.blank", field="body_zh")
