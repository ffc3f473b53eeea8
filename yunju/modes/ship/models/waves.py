"""Waves: orders that are picked, printed and sent together; and how a supplier wants its files."""

from django.db import models

from yunju.kernel.ids import public_code


class Wave(models.Model):
    """Orders of one supplier that somebody works on as one. Its orders are rows of their own; it owns none of them."""

    cluster_id = models.BigIntegerField()
    supplier_id = models.BigIntegerField()
    code = models.CharField(max_length=16, unique=True, default=public_code)
    number = models.PositiveIntegerField(help_text="Counts up with each supplier")
    content = models.CharField(
        max_length=400, blank=True, help_text="What its orders hold; empty: several things"
    )
    orders = models.PositiveIntegerField()
    made_at = models.DateTimeField()
    made_by = models.BigIntegerField(null=True)
    exported_at = models.DateTimeField(null=True)
    printed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["cluster_id", "supplier_id", "number"], name="wave_number"),
        ]

    def __str__(self) -> str:
        return f"{self.supplier_id}/{self.number}"


class WaveOrder(models.Model):
    """That an order is in a wave: in one at most, so that nothing is picked twice."""

    cluster_id = models.BigIntegerField()
    wave = models.ForeignKey(Wave, on_delete=models.CASCADE, related_name="rows")
    order_id = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["cluster_id", "order_id"], name="wave_order_once")]

    def __str__(self) -> str:
        return f"{self.wave_id}: {self.order_id}"


class ExportLayout(models.Model):
    """The columns of a supplier's files, arranged once: [[column, heading], ...] in their order."""

    cluster_id = models.BigIntegerField()
    supplier_id = models.BigIntegerField()
    columns = models.JSONField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["cluster_id", "supplier_id"], name="layout_of_supplier")
        ]

    def __str__(self) -> str:
        return f"{self.supplier_id}: {len(self.columns)}"
