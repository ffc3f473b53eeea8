"""What the law and the bank ask before money leaves: who the payee is, and where the money goes."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from yunju.kernel import clock, outbox
from yunju.kernel.actor import Actor
from yunju.kernel.errors import Invalid, NotFound, Refused
from yunju.members import crypto, identity, inputs, policy, waking
from yunju.members.actions.steps import action, event, lock_member, note
from yunju.members.models import Member, MemberEvent, Payee, PayoutAccount, User
from yunju.members.words import CONSENT_VERSION, Channel, Exemption, IdKind, Permission

CHANGED_TOPIC = "payout_account.changed"
OPEN_ID = re.compile(r"[A-Za-z0-9_-]{20,64}", re.ASCII)
ALIPAY_ID = re.compile(r"2088[0-9]{12}", re.ASCII)
REASON = re.compile(r"[a-z][a-z_]{2,39}", re.ASCII)


@dataclass(frozen=True, slots=True)
class PayeeDraft:
    """What somebody types about the payee. Either a licence or the ground on which none is needed."""

    real_name: str
    id_kind: str
    id_number: str
    licence_no: str = ""
    exemption: str = ""
    consent_version: str = ""


@dataclass(frozen=True, slots=True)
class AccountDraft:
    """Where money goes: a bank account, or an account at WeChat Pay or Alipay."""

    channel: str
    holder: str
    number: str
    bank: str = ""


@action
def set_payee(*, member_id: int, draft: PayeeDraft, by: Actor) -> Payee:
    """Say who is paid, with consent to the text that the page showed. A later change replaces the former."""
    policy.for_member(by, member_id, Permission.PAYEE_EDIT)
    user_id = policy.person(by)
    _waited(by)
    member = lock_member(by.cluster_id, member_id, closed_too=True)
    draft = _checked_payee(draft, member)
    payee, is_new = Payee.objects.update_or_create(
        member=member,
        defaults={
            "real_name": draft.real_name,
            "id_kind": draft.id_kind,
            "id_cipher": crypto.seal(draft.id_number, about=f"payee:{member_id}"),
            "id_index": crypto.blind_index(draft.id_number),
            "id_last4": draft.id_number[-4:],
            "licence_no": draft.licence_no,
            "exemption": draft.exemption,
            "consent_version": draft.consent_version,
            "consented_at": clock.now(),
            "consented_by_id": user_id,
        },
    )
    note(
        by,
        "payee.set",
        member_id,
        is_new=is_new,
        id_kind=draft.id_kind,
        exemption=draft.exemption,
        consent=draft.consent_version,
    )
    return payee


@action
def set_payout_account(*, member_id: int, draft: AccountDraft, by: Actor) -> PayoutAccount:
    """Send the member's money there from now on. The former account ends and stays on record; the owners hear of a change."""
    policy.for_member(by, member_id, Permission.PAYEE_EDIT)
    _waited(by)
    draft = _checked_account(draft)
    lock_member(by.cluster_id, member_id, closed_too=True)
    now = clock.now()
    former = PayoutAccount.objects.filter(member_id=member_id, ended_at=None)
    before = former.values_list("pk", flat=True).first()
    former.update(ended_at=now)
    account = PayoutAccount.objects.create(
        member_id=member_id,
        channel=draft.channel,
        holder=draft.holder,
        bank=draft.bank,
        number_cipher=crypto.seal(draft.number, about=f"payout_account:{member_id}"),
        number_last4=draft.number[-4:],
        since=now,
    )
    note(by, "payout_account.set", member_id, account_id=account.pk, before=before, channel=draft.channel)
    if before is not None:
        outbox.write([outbox.Event(by.cluster_id, CHANGED_TOPIC, member_id, {})])
    return account


@action
def reveal_account_numbers(*, account_ids: Sequence[int], reason: str, by: Actor) -> dict[int, str]:
    """The full numbers, for a bank file. Each reading is an event with its reason; two statements for any number."""
    policy.for_cluster(by, Permission.CLUSTER_PAYOUT)
    if not REASON.fullmatch(reason):
        raise Invalid("input.choice", field="reason")
    wanted = set(account_ids)
    accounts = list(
        PayoutAccount.objects.filter(pk__in=wanted, member__cluster_id=by.cluster_id).order_by("pk")
    )
    if len(accounts) != len(wanted):
        raise NotFound("members.no_account")
    MemberEvent.objects.bulk_create(
        [
            event(by, "payout_account.read", one.member_id, {"account_id": one.pk, "reason": reason})
            for one in accounts
        ]
    )
    return {
        one.pk: crypto.unseal(one.number_cipher, about=f"payout_account:{one.member_id}") for one in accounts
    }


def _waited(by: Actor) -> None:
    """Not within a day of a change of one's number: whoever took over the number has to wait, and the old one was told."""
    changed = User.objects.filter(pk=by.user_id or 0).values_list("phone_changed_at", flat=True).first()
    left = changed + waking.WAIT - clock.now() if changed else timedelta(0)
    if left > timedelta(0):
        raise Refused("members.wait_after_phone", hours=math.ceil(left / timedelta(hours=1)))


def _checked_payee(draft: PayeeDraft, member: Member) -> PayeeDraft:
    with inputs.Faults() as check:
        real_name = check(inputs.text, draft.real_name, field="real_name", most=120, least=2)
        number = check(_id_number, draft, member)
        ground = check(_licence, draft, member)
        consent = check(_consent, draft.consent_version)
    return PayeeDraft(
        real_name=real_name,
        id_kind=draft.id_kind,
        id_number=number,
        licence_no=ground[0],
        exemption=ground[1],
        consent_version=consent,
    )


def _id_number(draft: PayeeDraft, member: Member) -> str:
    kind = IdKind(inputs.choice(draft.id_kind, field="id_kind", words=[word.value for word in IdKind]))
    if member.kind == "organisation" and kind is not IdKind.CREDIT_CODE:
        raise Invalid("members.firm_needs_credit_code", field="id_kind")
    number = inputs.text(draft.id_number, field="id_number", most=40)
    return identity.checked_number(kind, number, today=clock.now().date())


def _licence(draft: PayeeDraft, member: Member) -> tuple[str, str]:
    """(licence, ground of exemption): exactly one of them. A firm has a licence: its grounds are for natural persons."""
    licence_no = inputs.text(draft.licence_no, field="licence_no", most=40, least=0)
    exemption = inputs.choice(draft.exemption, field="exemption", words=[word.value for word in Exemption])
    if member.kind == "organisation" and exemption:
        raise Invalid("members.firm_needs_licence", field="exemption")
    if not licence_no and not exemption:
        raise Invalid("members.licence_or_ground", field="licence_no")
    if licence_no and exemption:
        raise Invalid("members.licence_and_ground", field="exemption")
    return (identity.checked_licence(licence_no) if licence_no else "", exemption)


def _consent(version: str) -> str:
    if not version:
        raise Invalid("members.consent_needed", field="consent_version")
    if version != CONSENT_VERSION:
        raise Invalid("members.consent_old", field="consent_version")
    return version


def _checked_account(draft: AccountDraft) -> AccountDraft:
    with inputs.Faults() as check:
        channel = check(inputs.choice, draft.channel, field="channel", words=[word.value for word in Channel])
        holder = check(inputs.text, draft.holder, field="holder", most=120, least=2)
        bank = check(
            inputs.text, draft.bank, field="bank", most=80, least=1 if channel == Channel.BANK else 0
        )
        number = check(_account_number, channel, draft.number) if channel else ""
    return AccountDraft(channel=channel, holder=holder, number=number, bank=bank)


def _account_number(channel: str, number: str) -> str:
    if channel == Channel.BANK:
        return inputs.digits(number, field="number", least=8, most=32)
    found = inputs.text(number, field="number", most=254)
    if channel == Channel.WECHAT:
        if not OPEN_ID.fullmatch(found):
            raise Invalid("members.wechat_account", field="number")
        return found
    if ALIPAY_ID.fullmatch(found):
        return found
    try:
        return inputs.email(found, field="number") if "@" in found else inputs.phone(found, field="number")
    except Invalid as error:
        raise Invalid("members.alipay_account", field="number") from error
