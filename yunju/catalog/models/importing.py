"""What an import leaves behind beside its run: what it changed, so that it can be undone, and what columns were said to be."""

from django.db import models

from yunju.catalog.models.imports import ImportRun
from yunju.catalog.models.shelf import Offer
from yunju.members.models import Cluster, Member


class ImportChange(models.Model):
    """What one run did to one offer. `was`: of each changed field what it was and what it became, by kind of row."""

    cluster = models.ForeignKey(Cluster, on_delete=models.PROTECT)
    run = models.ForeignKey(ImportRun, on_delete=models.PROTECT, related_name="changes")
    offer = models.ForeignKey(Offer, on_delete=models.PROTECT, related_name="+")
    is_new = models.BooleanField(help_text="The run made the offer")
    was = models.JSONField(default=dict)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "offer"], name="import_change_once")]

    def __str__(self) -> str:
        return f"run {self.run_id}, offer {self.offer_id}"


class ImportColumns(models.Model):
    """What a supplier's people said that the columns of a file are: the same heads again need no second answer."""

    cluster = models.ForeignKey(Cluster, on_delete=models.PROTECT)
    supplier = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    signature = models.CharField(max_length=64)
    columns = models.JSONField(default=list)
    head = models.PositiveSmallIntegerField(default=1, help_text="The row of the heads; 0: there are none")
    said_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["supplier", "signature"], name="import_columns_once")]

    def __str__(self) -> str:
        return f"{self.supplier_id} {self.signature[:8]}"
