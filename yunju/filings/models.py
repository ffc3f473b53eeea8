"""Forms of the operator, their rounds, what members handed in, and what changed."""

from django.db import models
from django.db.models import F, Q

from yunju.filings.words import SCALES, ReturnState
from yunju.kernel.ids import public_code
from yunju.members.models import Cluster, Member

STATES = [state.value for state in ReturnState]


class FilingForm(models.Model):
    """What the operator asks for: columns, and the layout in which an authority wants them back.

    `columns` is a list of {code, name, kind, unit, required}; `layout` a list of {source, heading}, where a source is a
    word of OWN_SOURCES or the code of a column. A round copies both, so that a change touches later rounds only.
    """

    cluster = models.ForeignKey(Cluster, on_delete=models.PROTECT)
    code = models.CharField(max_length=16, unique=True, default=public_code)
    name = models.CharField(max_length=80)
    note = models.CharField(
        max_length=500, blank=True, help_text="Shown above the fields: who wants it, what for"
    )
    columns = models.JSONField(default=list)
    layout = models.JSONField(default=list)
    title = models.CharField(max_length=120, blank=True, help_text="First line of the exported sheet")
    scale = models.PositiveIntegerField(
        default=1, help_text="Units of money in one unit of the exported sheet"
    )
    version = models.PositiveIntegerField(default=1)
    made_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["cluster", "name"], condition=Q(closed_at=None), name="filing_form_name"
            ),
            models.CheckConstraint(condition=Q(scale__in=SCALES), name="filing_form_scale"),
        ]

    def __str__(self) -> str:
        return self.name


class Round(models.Model):
    """One quarter of a form: who is asked, until when. Columns and layout as they were when it opened."""

    cluster = models.ForeignKey(Cluster, on_delete=models.PROTECT)
    form = models.ForeignKey(FilingForm, on_delete=models.PROTECT, related_name="rounds")
    code = models.CharField(max_length=16, unique=True, default=public_code)
    period_from = models.DateField(help_text="First day of the quarter")
    period_to = models.DateField()
    due_at = models.DateTimeField()
    columns = models.JSONField()
    layout = models.JSONField()
    title = models.CharField(max_length=120, blank=True)
    scale = models.PositiveIntegerField(default=1)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["form", "period_from"], name="filing_round_once"),
            models.CheckConstraint(condition=Q(period_to__gt=F("period_from")), name="filing_round_period"),
            models.CheckConstraint(condition=Q(due_at__gt=F("opened_at")), name="filing_round_due"),
        ]

    def __str__(self) -> str:
        return f"{self.form_id} {self.period_from}"


class Return(models.Model):
    """What one member hands in for a round. `values` by the code of a column: minor units, a count, or a note."""

    cluster_id = models.BigIntegerField()
    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="returns")
    member = models.ForeignKey(Member, on_delete=models.PROTECT)
    state = models.CharField(max_length=10, default=ReturnState.ASKED.value)
    values = models.JSONField(default=dict)
    reminded = models.PositiveSmallIntegerField(
        default=0, help_text="The last reminder sent, in days; 0: none"
    )
    reminded_at = models.DateTimeField(null=True, blank=True)
    changed_at = models.DateTimeField(null=True, blank=True)
    handed_in_at = models.DateTimeField(null=True, blank=True)
    handed_in_by = models.BigIntegerField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["round", "member"], name="filing_return_once"),
            models.CheckConstraint(condition=Q(state__in=STATES), name="filing_return_state"),
            models.CheckConstraint(
                condition=Q(state="handed_in", handed_in_at__isnull=False)
                | Q(~Q(state="handed_in"), handed_in_at=None),
                name="filing_return_dated",
            ),
        ]
        indexes = [
            models.Index(
                fields=["cluster_id", "member"], name="filing_return_waiting", condition=~Q(state="handed_in")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.round_id} of {self.member_id}: {self.state}"


class FilingEvent(models.Model):
    """What changed about a form, a round or a return: what, who, when. Append-only."""

    cluster_id = models.BigIntegerField()
    form_id = models.BigIntegerField()
    round_id = models.BigIntegerField(null=True)
    member_id = models.BigIntegerField(null=True)
    what = models.CharField(max_length=40)
    params = models.JSONField(default=dict)
    by_user_id = models.BigIntegerField(null=True)
    by_name = models.CharField(max_length=60, blank=True)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["cluster_id", "form_id", "id"], name="filing_event_by_form")]

    def __str__(self) -> str:
        return f"{self.what} {self.form_id}"
