"""How buyers without an account get back to their order: keys that browsers hold, and the door that counts wrong tries."""

from django.db import models


class PurchaseKey(models.Model):
    """This browser opened the purchase by its signed link and the last four digits of the phone."""

    cluster_id = models.BigIntegerField()
    purchase_id = models.BigIntegerField()
    holder = models.CharField(max_length=64, help_text="Hash of the browser's secret")
    opened_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["cluster_id", "holder", "purchase_id"], name="purchase_key_once")
        ]

    def __str__(self) -> str:
        return f"key to {self.purchase_id}"


class PurchaseDoor(models.Model):
    """Wrong tries since `since`, of a day and of all days, and when the phone of a purchase without account was proved."""

    cluster_id = models.BigIntegerField()
    purchase_id = models.BigIntegerField(unique=True)
    wrong = models.PositiveSmallIntegerField(default=0)
    since = models.DateTimeField()
    wrong_of_day = models.PositiveSmallIntegerField(default=0)
    day_since = models.DateTimeField(null=True)
    wrong_in_all = models.PositiveSmallIntegerField(default=0)
    phone_proved_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"door of {self.purchase_id}"
