"""Lists of a member about itself: who acts for it, its licences, what it has handed in."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from yunju.filings import queries as filings
from yunju.filings.words import Quarter
from yunju.members import papers
from yunju.members.models import Licence, Member, Role
from yunju.members.words import Permission
from yunju.ui import messages
from yunju.web.listed.base import Field, Found, Listed, of_member
from yunju.web.request import Request


def _roles(_request: Request, member: Member) -> Found:
    return Role.objects.filter(member=member, ended_at=None).select_related("user").order_by("pk")


def _role_fields(_request: Request, _of: Any) -> Sequence[Field]:
    return [
        Field(_("Name"), lambda role: role.user.name or str(role.user.email), width=28),
        Field(_("Role"), lambda role: messages.word("role", role.kind)),
        Field(_("Role since"), lambda role: role.granted_at, "moment", 18),
    ]


def licence_fields(_request: Request, _of: Any) -> list[Field]:
    """What pages say of a licence."""
    return [
        Field(_("Licence"), lambda one: messages.word("licence", one.kind), width=24),
        Field(_("Number on it"), lambda one: one.number, width=24),
        Field(_("Valid from"), lambda one: one.valid_from, "day", 14),
        Field(_("Valid until"), lambda one: one.valid_until, "day", 14),
        Field(_("State"), lambda one: messages.word("licence.state", one.state)),
        Field(_("Not accepted because"), _refusal, width=30),
    ]


def _refusal(one: Licence) -> str:
    return messages.word("licence.refusal", one.reason) if one.state == "refused" else ""


def _papers(request: Request, member: Member) -> Found:
    return papers.licences_visible_to(request.actor).filter(member=member).order_by("-pk")


def _returns(request: Request, member: Member) -> Found:
    found = filings.returns_visible_to(request.actor).filter(member=member)
    return found.select_related("round__form").order_by("-round__period_from", "-pk")


def _return_fields(_request: Request, _of: Any) -> Sequence[Field]:
    return [
        Field(_("Form"), lambda row: row.round.form.name, width=32),
        Field(_("Quarter"), lambda row: str(Quarter.of(row.round.period_from)), width=12),
        Field(_("State"), lambda row: messages.word("state", f"filing_{row.state}")),
        Field(_("To be handed in by"), lambda row: row.round.due_at, "moment", 18),
        Field(_("Handed in"), lambda row: row.handed_in_at, "moment", 18),
    ]


LISTS = (
    Listed("roles", "roles", of_member(Permission.ROLES_EDIT), _roles, _role_fields, seen="rows"),
    Listed(
        "own_papers", "own_papers", of_member(Permission.MEMBER_EDIT), _papers, licence_fields, seen="rows"
    ),
    Listed(
        "own_filings", "own_filings", of_member(Permission.MEMBER_EDIT), _returns, _return_fields, seen="rows"
    ),
)
