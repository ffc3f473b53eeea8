"""Lists of the operator's people and settings: members, admissions, licences, invitations, forms, rules, who looked."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.translation import gettext as _

from yunju.filings import queries as filings
from yunju.filings.queries import RoundRow
from yunju.filings.words import Quarter
from yunju.insight import roll as members_roll
from yunju.members import actions
from yunju.members import queries as members
from yunju.members.models import AGREEMENTS, Agreement, Member, Unmasking, Visit
from yunju.members.words import CapacityKind, Permission
from yunju.ui import messages
from yunju.web import invitations, operator, provinces, rules
from yunju.web.listed.base import Field, Found, Listed, of_operator
from yunju.web.listed.buyers import visit_fields
from yunju.web.listed.people import licence_fields
from yunju.web.operating import licences, shelves
from yunju.web.operating.roll import FindForm
from yunju.web.request import Request

# --- people ------------------------------------------------------------------------------------------------------------


def _members(request: Request, _of: Any) -> Found:
    return members_roll.find(request.actor, FindForm(request.GET).wanted())


def _member_rows(_request: Request, _of: Any, found: list[Member]) -> Iterable[Any]:
    return members_roll.rows(found)


def _phones_taken(request: Request) -> None:
    """The file holds telephone numbers: whoever takes it away is on record."""
    actions.unmask(what="member.phone", noun_id=None, reason=_("list of members as a file"), by=request.actor)


def _member_fields(_request: Request, _of: Any) -> Sequence[Field]:
    return [
        Field(_("Member code"), lambda row: row.member.code, width=14),
        Field(_("Name"), lambda row: row.member.name, width=34),
        Field(_("Capacities"), _capacities, width=24),
        Field(_("Phone"), lambda row: row.member.phone, width=18),
        Field(_("Province and city"), lambda row: _place(row.member), width=22),
        Field(_("Seat"), lambda row: " ".join(_seat(seat) for seat in row.seats), width=22),
        Field(_("Member since"), lambda row: row.member.created_at, "moment", 18),
        Field(_("Licence ends"), lambda row: row.licence_ends, "day", 14),
        Field(_("Offers on sale"), lambda row: row.offers, "number", 10),
        Field(_("Closed on"), lambda row: row.member.closed_at, "moment", 18),
    ]


def _capacities(row: members_roll.Row) -> str:
    return " ".join(messages.word("capacity", one.kind) for one in row.capacities)


def _place(member: Member) -> str:
    province = provinces.shown(member.province) if member.province else ""
    return f"{province} {member.city}".strip()


def _seat(seat: Any) -> str:
    return f"{seat.park.name} {seat.site.name if seat.site else messages.word('seat', 'cloud')}"


def _asking_fields(_request: Request, _of: Any) -> Sequence[Field]:
    def lacking(one: Any) -> str:
        codes = members.missing_for_admission(one.member, CapacityKind(one.kind))
        return " ".join(messages.sentence(code) for code in codes)

    return [
        Field(_("Name"), lambda one: one.member.name, width=34),
        Field(_("Asks to join as"), lambda one: messages.word("capacity", one.kind), width=18),
        Field(_("Phone"), lambda one: one.member.phone, width=18),
        Field(_("Province and city"), lambda one: _place(one.member), width=22),
        Field(_("Asked"), lambda one: one.asked_at, "moment", 18),
        Field(_("Still missing"), lacking, width=50),
    ]


def _licence_fields(request: Request, of: Any) -> Sequence[Field]:
    return [
        Field(_("Member"), lambda one: one.member.name, width=34),
        *licence_fields(request, of),
        Field(_("Handed in"), lambda one: one.handed_at, "moment", 18),
        Field(_("Checked"), lambda one: one.checked_at, "moment", 18),
        Field(_("Checked by"), lambda one: one.checked_by.name if one.checked_by else ""),
    ]


def _invitation_fields(_request: Request, _of: Any) -> Sequence[Field]:
    return [
        Field(_("Firm"), lambda one: one.invitation.member.name, width=32),
        Field(_("Contact"), lambda one: one.invitation.contact),
        Field(_("State"), lambda one: messages.word("invitation.state", one.state)),
        Field(_("Invited"), lambda one: one.invitation.sent_at, "moment", 18),
        Field(
            _("Valid until"),
            lambda one: one.invitation.expires_at if one.invitation.sent_at else None,
            "moment",
            18,
        ),
        Field(_("Joined"), lambda one: one.invitation.joined_at, "moment", 18),
    ]


def _round_fields(_request: Request, _of: Any) -> Sequence[Field]:
    return [
        Field(_("Form"), lambda row: row.round.form.name, width=32),
        Field(_("Quarter"), lambda row: str(Quarter.of(row.round.period_from)), width=12),
        Field(_("Asked"), lambda row: row.asked, "number", 10),
        Field(_("Handed in"), lambda row: row.handed_in, "number", 10),
        Field(_("To be handed in by"), lambda row: row.round.due_at, "moment", 18),
        Field(_("State"), _round_state),
    ]


def _round_state(row: RoundRow) -> str:
    if row.round.closed_at:
        return _("Closed")
    if row.is_late and row.missing:
        return _("%(number)s late") % {"number": row.missing}
    return _("Being filled in")


# --- settings ----------------------------------------------------------------------------------------------------------


def _category_fields(_request: Request, _of: Any) -> Sequence[Field]:
    return [
        Field(_("Short name in addresses"), lambda one: one.code, width=24),
        Field(_("Name in Chinese"), lambda one: one.name_zh, width=24),
        Field(_("Name in English"), lambda one: one.name_en, width=24),
        Field(
            _("Demands"),
            lambda one: " ".join(messages.word("licence", demand.kind) for demand in one.demands.all()),
            width=40,
        ),
        Field(_("Offers on the shelf"), lambda one: one.offers, "number"),
    ]


def _agreements(request: Request, _of: Any) -> Found:
    """Every version of each, the newest first."""
    here = Agreement.objects.filter(cluster_id=request.cluster.pk, kind__in=AGREEMENTS)
    return here.order_by("kind", "-version")


def _agreement_fields(_request: Request, _of: Any) -> Sequence[Field]:
    return [
        Field(_("Agreement"), lambda one: messages.word("agreement", one.kind), width=28),
        Field(_("Version"), lambda one: one.version, "number", 10),
        Field(_("In force from"), lambda one: one.effective_at, "moment", 18),
        Field(_("Published"), lambda one: one.published_at, "moment", 18),
        Field(_("What is new"), lambda one: one.summary, width=50),
        Field(_("Text in Chinese"), lambda one: one.body_zh, width=60),
        Field(_("Text in English"), lambda one: one.body_en, width=60),
    ]


def _fee_fields(_request: Request, _of: Any) -> Sequence[Field]:
    return [
        Field(_("Version"), lambda one: one.number, "number", 10),
        Field(_("From"), lambda one: one.effective_at, "moment", 18),
        Field(_("Platform"), lambda one: one.platform, width=40),
        Field(_("Park"), lambda one: one.park, width=40),
        Field(_("State"), lambda one: messages.word("fees.state", one.state)),
    ]


def _visits(request: Request, _of: Any) -> Found:
    here = Visit.objects.filter(cluster_id=request.cluster.pk)
    return here.select_related("by_user", "as_user").order_by("-pk")


def _visit_fields(request: Request, of: Any) -> Sequence[Field]:
    when, who, *rest = visit_fields(request, of)
    whom = Field(_("As"), lambda one: one.as_user.name or str(one.as_user.email), width=24)
    return [when, who, whom, *rest]


def _looks(request: Request, _of: Any) -> Found:
    return Unmasking.objects.filter(cluster_id=request.cluster.pk).order_by("-pk")


def _look_rows(_request: Request, _of: Any, found: list[Unmasking]) -> Iterable[Any]:
    people = members.names_of({row.by_user_id for row in found if row.by_user_id})
    return [(row, people.get(row.by_user_id or 0, "")) for row in found]


def _look_fields(_request: Request, _of: Any) -> Sequence[Field]:
    return [
        Field(_("When"), lambda row: row[0].at, "moment", 18),
        Field(_("Who"), lambda row: row[1], width=24),
        Field(_("What it is"), lambda row: messages.word("unmask", row[0].what), width=30),
        Field(_("Reason"), lambda row: row[0].reason, width=50),
    ]


P = Permission
LISTS = (
    Listed(
        "members",
        "members_roll",
        of_operator(P.CLUSTER_ADMIT),
        _members,
        _member_fields,
        _member_rows,
        noted=_phones_taken,
    ),
    Listed(
        "admissions",
        "admissions",
        of_operator(P.CLUSTER_ADMIT),
        lambda r, _of: operator.asking(r.cluster.pk),
        _asking_fields,
    ),
    Listed(
        "licences",
        "licences",
        of_operator(P.CLUSTER_ADMIT),
        lambda r, _of: licences.wanted(r),
        _licence_fields,
    ),
    Listed(
        "invitations",
        "invitations",
        of_operator(P.CLUSTER_ADMIT),
        lambda r, _of: invitations.standing(r, r.GET.get("state", "")),
        _invitation_fields,
    ),
    Listed(
        "filing_rounds",
        "filings",
        of_operator(P.CLUSTER_ADMIT),
        lambda r, _of: filings.rounds(r.actor),
        _round_fields,
        seen="rounds",
    ),
    Listed(
        "categories",
        "categories",
        of_operator(P.CLUSTER_RULES),
        lambda r, _of: shelves.counted(r),
        _category_fields,
        seen="rows",
    ),
    Listed(
        "agreements",
        "agreements",
        of_operator(P.CLUSTER_RULES),
        _agreements,
        _agreement_fields,
        seen="written",
    ),
    Listed(
        "fees",
        "rules",
        of_operator(P.CLUSTER_RULES),
        lambda r, _of: rules.versions_of(r.cluster),
        _fee_fields,
        seen="versions",
    ),
    Listed("visits", "looks", of_operator(P.CLUSTER_RULES), _visits, _visit_fields, seen="visits"),
    Listed("looks", "looks", of_operator(P.CLUSTER_RULES), _looks, _look_fields, _look_rows, seen="seen"),
)
