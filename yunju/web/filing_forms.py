"""The fields of filings: a form's columns and sheet for the operator, a return's figures for a member."""

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from yunju.filings.actions import FormDraft
from yunju.filings.models import FilingForm, Return
from yunju.filings.reading import usual_layout
from yunju.filings.words import OWN_SOURCES, SCALES, ColumnKind, Quarter
from yunju.kernel import clock
from yunju.kernel.money import decimal_text
from yunju.members.words import ASKED, CapacityKind
from yunju.ui import formats, messages
from yunju.web.forms import CountField, Form

SPARE_ROWS = 3
DUE_DAYS = 14
USUAL = (
    {"code": "revenue", "name": "营业收入", "kind": "money", "unit": "元", "required": True},
    {"code": "tax", "name": "税收", "kind": "money", "unit": "元", "required": True},
    {"code": "staff", "name": "从业人数", "kind": "count", "unit": "人", "required": True},
)
"""What nearly every authority asks for; a new form begins with it."""


class AskForm(Form):
    """A form of the operator: its name, its columns row by row, and the sheet it becomes."""

    name = forms.CharField(label=_("Name of the form"), max_length=80)
    note = forms.CharField(
        label=_("What members read above it"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    title = forms.CharField(label=_("First line of the sheet"), max_length=120, required=False)
    scale = forms.ChoiceField(label=_("Money in the sheet"))

    def __init__(self, *args: Any, kept: FilingForm | None = None, **kwargs: Any) -> None:
        columns = list(kept.columns if kept else USUAL)
        layout = list(kept.layout) if kept else []
        if kept:
            names = {"name": kept.name, "note": kept.note, "title": kept.title, "scale": str(kept.scale)}
            kwargs.setdefault("initial", names)
        super().__init__(*args, **kwargs)
        words = {1: _("In its unit (yuan)"), 1_000: _("In thousands"), 10_000: _("In ten thousands (万元)")}
        self.fields["scale"].choices = [(str(one), words[one]) for one in SCALES]  # type: ignore[attr-defined]
        self.columns = columns
        self.count = len(columns) + SPARE_ROWS
        kinds = [("", "—"), *((kind.value, messages.word("column", kind.value)) for kind in ColumnKind)]
        for row in range(self.count):
            self._add_row(row, columns[row] if row < len(columns) else {}, kinds)
        self.sources = self._sources() if kept else []
        headings = {one["source"]: (place, one["heading"]) for place, one in enumerate(layout, start=1)}
        for source, word in self.sources:
            self._add_source(source, word, headings.get(source))

    def _add_row(self, row: int, column: Mapping[str, Any], kinds: Sequence[tuple[str, Any]]) -> None:
        label = {"number": row + 1}
        fields = {
            "name": forms.CharField(label=_("Column %(number)s") % label, max_length=40, required=False),
            "kind": forms.ChoiceField(
                label=_("Kind of column %(number)s") % label, choices=kinds, required=False
            ),
            "unit": forms.CharField(
                label=_("Unit of column %(number)s") % label, max_length=10, required=False
            ),
            "required": forms.BooleanField(
                label=_("Column %(number)s must be filled") % label, required=False
            ),
        }
        for name, made in fields.items():
            made.initial = column.get(name)
            self.fields[f"{name}_{row}"] = made

    def _sources(self) -> list[tuple[str, str]]:
        own = [(source, messages.word("source", source)) for source in OWN_SOURCES]
        return own + [(column["code"], column["name"]) for column in self.columns]

    def _add_source(self, source: str, word: str, known: tuple[int, str] | None) -> None:
        place = CountField(label=_("Place of “%(name)s”") % {"name": word}, required=False, least=1, most=99)
        heading = forms.CharField(
            label=_("Heading of “%(name)s”") % {"name": word}, max_length=60, required=False
        )
        place.initial, heading.initial = known or (None, "")
        self.fields[f"place_{source}"], self.fields[f"heading_{source}"] = place, heading

    @property
    def rows(self) -> list[dict[str, forms.BoundField]]:
        """Those with a column in it, also with one that was typed just now."""
        return [row for row in self._rows() if row["name"].value() or row["name"].errors]

    @property
    def spare_rows(self) -> list[dict[str, forms.BoundField]]:
        """Those for another column."""
        return [row for row in self._rows() if not (row["name"].value() or row["name"].errors)]

    def _rows(self) -> list[dict[str, forms.BoundField]]:
        names = ("name", "kind", "unit", "required")
        return [{name: self[f"{name}_{row}"] for name in names} for row in range(self.count)]

    @property
    def head(self) -> list[forms.BoundField]:
        return [self[name] for name in ("name", "note", "title", "scale")]

    @property
    def sheet(self) -> list[tuple[str, forms.BoundField, forms.BoundField]]:
        return [(word, self[f"place_{source}"], self[f"heading_{source}"]) for source, word in self.sources]

    def draft(self) -> FormDraft:
        """What was typed. A row without a name is no column; a source without a place is not in the sheet."""
        typed = self.cleaned_data
        columns = []
        for row in range(self.count):
            if typed.get(f"name_{row}"):
                code = self.columns[row]["code"] if row < len(self.columns) else self._free_code(row)
                columns.append(
                    {"code": code}
                    | {name: typed[f"{name}_{row}"] for name in ("name", "kind", "unit", "required")}
                )
        kept = {column["code"] for column in columns}
        placed = sorted(
            (typed[f"place_{source}"], source)
            for source, _word in self.sources
            if typed.get(f"place_{source}") and (source in OWN_SOURCES or source in kept)
        )
        layout = [
            {"source": source, "heading": typed[f"heading_{source}"] or dict(self.sources)[source]}
            for _place, source in placed
        ]
        fresh = [c for c in columns if c["code"] not in {code for code, _word in self.sources}]
        if layout:  # a column that is new here joins the sheet at its end
            layout += [one for one in usual_layout(fresh) if one["source"] in {c["code"] for c in fresh}]
        return FormDraft(
            name=typed["name"],
            note=typed["note"],
            title=typed["title"],
            scale=int(typed["scale"]),
            columns=columns,
            layout=layout,
        )

    def _free_code(self, row: int) -> str:
        taken = {column["code"] for column in self.columns}
        return next(f"column_{n}" for n in range(row + 1, 10_000) if f"column_{n}" not in taken)


class OpenForm(Form):
    """Which quarter is asked about, until when, and whom."""

    quarter = forms.ChoiceField(label=_("Quarter"))
    due_on = forms.DateField(
        label=_("To be handed in by"),
        widget=forms.DateInput(
            attrs={"type": "date"}, format="%Y-%m-%d"
        ),  # the browser shows no other form of it
    )
    kinds = forms.MultipleChoiceField(
        label=_("Only these members"),
        help_text=_("None chosen: every admitted member."),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, kept: FilingForm, **kwargs: Any) -> None:
        today = timezone.localtime(clock.now()).date()
        quarter = Quarter.of(today)
        # The last whole quarter, or the present one where that was asked about already.
        is_asked = kept.rounds.filter(period_from=quarter.before().first_day).exists()
        wanted = quarter if is_asked else quarter.before()
        kwargs.setdefault("initial", {"quarter": str(wanted), "due_on": today + timedelta(days=DUE_DAYS)})
        choices = []
        for _number in range(8):
            choices.append((str(quarter), formats.quarter(quarter.year, quarter.number)))
            quarter = quarter.before()
        super().__init__(*args, **kwargs)
        self.fields["quarter"].choices = choices  # type: ignore[attr-defined]  # a ChoiceField
        kinds = [
            (kind.value, messages.word("capacity", kind.value)) for kind in CapacityKind if kind in ASKED
        ]
        self.fields["kinds"].choices = kinds  # type: ignore[attr-defined]

    def due_at(self) -> datetime:
        """The end of that day where the cluster is."""
        return timezone.make_aware(datetime.combine(self.cleaned_data["due_on"], time(23, 59, 59)))


class ReturnForm(Form):
    """A member's figures, each with its unit and what it was a quarter before."""

    def __init__(
        self, *args: Any, row: Return, before: Mapping[str, int | str], currency: str, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.currency = currency
        for column in row.round.columns:
            self._add(column, row.values.get(column["code"]), before.get(column["code"]))

    def _add(self, column: Mapping[str, Any], value: int | str | None, before: int | str | None) -> None:
        label = f"{column['name']}（{column['unit']}）" if column["unit"] else column["name"]
        mode = {"money": "decimal", "count": "numeric"}.get(column["kind"], "text")
        made = forms.CharField(
            label=label if column["required"] else _("%(label)s (may stay empty)") % {"label": label},
            required=False,
            max_length=200,
            widget=forms.TextInput(attrs={"inputmode": mode, "autocomplete": "off"}),
        )
        made.initial = self._text(column, value)
        if before is not None:
            made.help_text = _("The quarter before: %(value)s") % {"value": self._text(column, before)}
        self.fields[column["code"]] = made

    def _text(self, column: Mapping[str, Any], value: int | str | None) -> str:
        if value is None:
            return ""
        return decimal_text(int(value), self.currency) if column["kind"] == "money" else str(value)
