"""How a supplier keeps its goods: presales with a day, edits of many rows at once, when stock counts as low."""

from django.db import models
from django.db.models import Q

from yunju.catalog.models.shelf import Offer, Variant
from yunju.kernel.ids import public_code
from yunju.members.models import Member


class Presale(models.Model):
    """Goods that are sold now and sent later: of a whole offer, or of one variant (which then counts instead)."""

    offer = models.ForeignKey(Offer, on_delete=models.PROTECT, related_name="presales")
    variant = models.OneToOneField(
        Variant, null=True, blank=True, on_delete=models.PROTECT, related_name="presale"
    )
    ship_from = models.DateField(help_text="A day in the cluster's time zone")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["offer"], condition=Q(variant__isnull=True), name="presale_of_offer_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.offer_id} from {self.ship_from}"


class BulkEdit(models.Model):
    """One edit of many rows: every value that was changed, before and after, so that it can be taken back."""

    cluster_id = models.BigIntegerField()
    supplier = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    code = models.CharField(max_length=16, unique=True, default=public_code)
    changes = models.JSONField(help_text="List of [field, id, place id or null, before, after]")
    made_at = models.DateTimeField()
    by_user_id = models.BigIntegerField(null=True)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["supplier", "-id"], name="bulk_edit_by_supplier")]

    def __str__(self) -> str:
        return f"{self.supplier_id} {self.made_at:%F %T}"


class Keeping(models.Model):
    """What a supplier wants to be told of: stock at or below `low_stock` is marked."""

    supplier = models.OneToOneField(Member, on_delete=models.PROTECT, related_name="keeping")
    low_stock = models.PositiveIntegerField(default=5)

    def __str__(self) -> str:
        return f"{self.supplier_id}: {self.low_stock}"
