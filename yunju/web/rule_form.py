"""The form of an offer's commission rule: what a shop earns, and the designers, makers and providers paid with each sale."""

from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yunju.catalog import queries as catalog
from yunju.catalog.actions.rules import MOST_ROLES, RuleTerms
from yunju.catalog.models import ROLES, Offer
from yunju.catalog.terms import RoleTerms, Terms
from yunju.kernel.errors import InvalidMany, YunjuError
from yunju.members import queries as members
from yunju.members.models import Member
from yunju.members.words import CapacityKind
from yunju.ui import messages
from yunju.web.forms import Form, MoneyField, PercentField

EMPTY_ROWS = 3
PARTS = {"member": "member", "role": "role", "bp": "percent"}
"""What `rules.set_rule` calls the parts of a role, and what the fields of its row are called."""


class RuleForm(Form):
    """A row a payee, three empty ones below; a row that is emptied takes its payee out."""

    shop_bp = PercentField(label=gettext_lazy("Commission for shops, in per cent"))
    shop_floor_minor = MoneyField(label=gettext_lazy("At least, each"), required=False)
    shop_cap_minor = MoneyField(label=gettext_lazy("At most, each"), required=False)
    example = MoneyField(label=gettext_lazy("A sale of"), required=False, least=1)

    def __init__(self, data: Any = None, *, offer: Offer) -> None:
        held = catalog.newest_rules([offer.pk]).get(offer.pk)
        shop = catalog.shop_terms(held)
        self.held = catalog.role_terms(held)
        self.cluster_id = offer.cluster_id
        self.payees = Member.objects.in_bulk([role.member_id for role in self.held])
        initial: dict[str, object] = {
            "shop_bp": shop.bp,
            "shop_floor_minor": shop.floor_minor,
            "shop_cap_minor": shop.cap_minor,
        }
        for number, role in enumerate(self.held):
            shown = {"role": role.role, "member": self._shown(role), "percent": role.bp}
            initial |= {f"{name}_{number}": value for name, value in shown.items()}
        super().__init__(data, initial=initial)
        # What was typed may have been typed into as many rows as there are; the page shows fewer.
        self.rows = MOST_ROLES if data is not None else min(MOST_ROLES, len(self.held) + EMPTY_ROWS)
        choices = [("", _("None")), *((role, messages.word("capacity", role)) for role in ROLES)]
        for number in range(self.rows):
            self.fields |= {
                f"member_{number}": forms.CharField(label=_("Name or code"), max_length=80, required=False),
                f"role_{number}": forms.ChoiceField(label=_("Role"), choices=choices, required=False),
                f"percent_{number}": PercentField(label=_("Share, in per cent"), required=False),
            }

    def _shown(self, role: RoleTerms) -> str:
        """The name, or where others are called the same the code."""
        member = self.payees[role.member_id]
        alike = {
            one.pk for one in members.find_admitted(self.cluster_id, CapacityKind(role.role), member.name)
        }
        alike |= {one.pk for one in self.payees.values() if one.name == member.name}
        return member.name if alike == {member.pk} else member.code

    def shop_fields(self) -> list[BoundField]:
        return [self[name] for name in ("shop_bp", "shop_floor_minor", "shop_cap_minor")]

    def pays_others(self) -> bool:
        """Somebody else is paid already, or was just typed in: then their rows stand open."""
        return bool(self.held) or any(field.value() for row in self.role_rows() for field in row)

    def role_rows(self) -> list[list[BoundField]]:
        return [[self[f"{name}_{number}"] for name in PARTS.values()] for number in range(self.rows)]

    def clean(self) -> dict[str, Any]:
        """Reads the rows: each is empty, or whole and about one admitted member."""
        given = super().clean()
        self.roles: list[tuple[int, RoleTerms]] = []
        for number in range(self.rows):
            names = [f"{name}_{number}" for name in PARTS.values()]
            values = [given.get(name) for name in names]
            if any(name in self.errors for name in names) or not any(values):
                continue
            for name, value in zip(names, values, strict=True):
                if value in ("", None):
                    self.add_error(name, _("Please fill this in."))
            if not any(name in self.errors for name in names):
                self._read_row(number, given)
        return given

    def _read_row(self, number: int, given: dict[str, Any]) -> None:
        words, role, bp = (given[f"{name}_{number}"] for name in PARTS.values())
        for held in self.held:
            # Unchanged but perhaps for its share: its bounds stay, and so does a payee that is no longer admitted.
            payee = self.payees[held.member_id]
            if held.role == role and words in (payee.code, self._shown(held)):
                kept = RoleTerms(role, payee.pk, bp, held.floor_minor, held.cap_minor)
                self.roles.append((number, kept))
                return
        found = members.find_admitted(self.cluster_id, CapacityKind(role), words)
        if len(found) == 1:
            self.roles.append((number, RoleTerms(role, found[0].pk, bp)))
        else:
            code = "web.payee_ambiguous" if found else "web.payee_unknown"
            self.add_error(f"member_{number}", messages.sentence(code))

    def terms(self) -> RuleTerms:
        """What was typed into a valid form."""
        given = self.cleaned_data
        shop = Terms(
            bp=given["shop_bp"], floor_minor=given["shop_floor_minor"] or 0, cap_minor=given["shop_cap_minor"]
        )
        return RuleTerms(shop=shop, roles=tuple(role for _number, role in self.roles))

    def refuse(self, error: YunjuError) -> None:
        """Faults of `roles.N.part` stand at the row from which that role was read."""
        for fault in error.faults if isinstance(error, InvalidMany) else [error]:
            place = self._field_of(fault.field)
            self.add_error(place, messages.of(fault, currency=self.currency))

    def _field_of(self, place: str | None) -> str | None:
        room, _dot, rest = (place or "").partition(".")
        number, _dot, part = rest.partition(".")
        if room == "roles" and part in PARTS:
            return f"{PARTS[part]}_{self.roles[int(number)][0]}"
        return place if place in self.fields else None
