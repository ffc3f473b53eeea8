"""What can be told, to whom of a member, and how. Pure data; a code that is not here is told in the site and to robots."""

from dataclasses import dataclass
from enum import StrEnum

from yunju.members.words import Permission


class Channel(StrEnum):
    """Ways out of the house."""

    SMS = "sms"
    ROBOT = "robot"
    EMAIL = "email"


@dataclass(frozen=True, slots=True)
class Kind:
    """How one code is told. `permission`: who of a member reads it (None: everybody who acts for it).

    `folds`: many of them become one unread notice with a count. `waits`: quiet hours hold it back outside the site.
    """

    code: str
    permission: Permission | None = None
    by_sms: bool = False
    folds: bool = False
    waits: bool = True


KINDS = {
    kind.code: kind
    for kind in (
        Kind("order.new", Permission.ORDER_SHIP, by_sms=True, folds=True),
        Kind("case.asked", Permission.CASE_ANSWER, folds=True),
        Kind("case.deadline", Permission.CASE_ANSWER, by_sms=True),
        Kind("case.disputed", Permission.CLUSTER_CASES),
        Kind("case.answered"),
        Kind("payout.paid", Permission.MONEY_SEE, by_sms=True),
        Kind("payout.failed", Permission.MONEY_SEE, by_sms=True),
        Kind("licence.ends", Permission.MEMBER_EDIT),
        Kind("licence.ended", Permission.MEMBER_EDIT),
        Kind("licence.accepted", Permission.MEMBER_EDIT),
        Kind("licence.refused", Permission.MEMBER_EDIT),
        Kind("offer.unlicensed", Permission.OFFER_EDIT),
        Kind("payee.account_changed", Permission.PAYEE_EDIT, by_sms=True, waits=False),
        Kind("role.offered"),
        Kind("account.phone_changed", waits=False),
        Kind("account.password_set", by_sms=True, waits=False),
    )
}
SMS_CODE, SMS_INVITATION, SMS_PHONE_CHANGED = "sms.code", "sms.invitation", "sms.phone_changed"
SMS_CODES = frozenset(
    {SMS_CODE, SMS_INVITATION, SMS_PHONE_CHANGED, *(kind.code for kind in KINDS.values() if kind.by_sms)}
)


def kind_of(code: str) -> Kind:
    return KINDS.get(code) or Kind(code)
